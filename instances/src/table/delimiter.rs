//! What stands between the cells of a row.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::input_file::has_ending;

/// What stands between the cells of a row, as a reading option.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Delimiter {
    /// `,`
    Comma,
    /// `;`
    Semicolon,
    /// A tab.
    Tab,
    /// `|`
    Pipe,
    /// Any number of spaces and tabs.
    Space,
}

impl Delimiter {
    /// All, those first that win where two fit equally well.
    pub(super) const ALL: [Self; 5] = [Self::Comma, Self::Tab, Self::Semicolon, Self::Pipe, Self::Space];

    /// The character; of any space, a space.
    pub(crate) fn character(self) -> char {
        match self {
            Self::Comma => ',',
            Self::Semicolon => ';',
            Self::Tab => '\t',
            Self::Pipe => '|',
            Self::Space => ' ',
        }
    }

    /// The byte that separates cells in a file called `name` that is written.
    pub(super) fn written(name: &str) -> u8 {
        if has_ending(name, ".tsv") { b'\t' } else { b',' }
    }
}
