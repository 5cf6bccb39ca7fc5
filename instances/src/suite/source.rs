//! Where an instance comes from.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::format::ReadOptions;

/// Where an instance comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum InstanceSource {
    /// A document or a foreign file.
    File(PathBuf),
    /// A file that needs to be told how to be read.
    Read {
        /// The file.
        file: PathBuf,
        /// How.
        options: Box<ReadOptions>,
    },
    /// An instance that Fathom ships, by name.
    Library(String),
    /// A generated instance.
    Generated {
        /// The generator family.
        family: String,
        /// Its parameters; the rest have their defaults.
        parameters: Map<String, Value>,
        /// The seed.
        seed: u64,
    },
}

impl InstanceSource {
    /// `file`, read as `options` say.
    pub fn read(file: PathBuf, options: ReadOptions) -> Self {
        if options == ReadOptions::default() { Self::File(file) } else { Self::Read { file, options: Box::new(options) } }
    }
}

impl fmt::Display for InstanceSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Read { file, options } => {
                write!(f, "{}", file.display())?;
                options.select.iter().try_for_each(|(column, value)| write!(f, ", {column} = {value}"))
            }
            Self::Library(name) => write!(f, "library:{name}"),
            Self::Generated { family, parameters, seed } => {
                write!(f, "{family}(")?;
                for (name, value) in parameters {
                    write!(f, "{name} = {value}, ")?;
                }
                write!(f, "seed = {seed})")
            }
        }
    }
}
