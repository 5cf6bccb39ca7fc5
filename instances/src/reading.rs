//! How a file is to be read.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// How a file is to be read, where its name and its content do not say enough.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Reading {
    /// The problem class, where a file can be read as several (`--problem`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// The name of the format, where the file's ending does not tell (`--format`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// The format's reading options (`--read key=value`).
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub options: Map<String, Value>,
}

impl Reading {
    /// As an instance of the class `kind`.
    pub fn as_problem(kind: &str) -> Self {
        Self { problem: Some(kind.to_owned()), ..Self::default() }
    }

    /// With the reading option `key`.
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.options.insert(key.to_owned(), value.into());
        self
    }
}
