//! How a document is told from other files.

use crate::file_format::{Head, Recognition};

/// The name of the format.
pub(crate) const NAME: &str = "document";

/// What a document's name may end in, for it to be told by its name.
pub(crate) const ENDING: &str = ".json";

/// What is cut off a document's name to name its instance.
pub(crate) const STEM_ENDINGS: [&str; 2] = [".fathom.json", ENDING];

/// The version of the document format that this build reads and writes.
pub(crate) const VERSION: u32 = 1;

/// How surely a file that begins like this is a document.
pub(crate) fn recognizes(head: &Head<'_>) -> Recognition {
    let first = head.first_line();
    if !first.starts_with(b"{") {
        return Recognition::No;
    }
    let mark = b"\"fathom\"";
    if head.bytes.windows(mark.len()).any(|window| window == mark) { Recognition::Certain } else { Recognition::Possible }
}
