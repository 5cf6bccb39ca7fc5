//! Where an instance comes from.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Where an instance comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum InstanceSource {
    /// A document or a foreign file.
    File(PathBuf),
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

impl fmt::Display for InstanceSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
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
