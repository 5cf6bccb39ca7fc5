//! One solver of a suite.

use serde_json::{Map, Value};

use super::command::Command;

/// One solver of a suite.
#[derive(Debug, Clone, PartialEq)]
pub struct SolverChoice {
    /// The solver's name in the registry; of somebody else's program, any other.
    pub name: String,
    /// What tables call it.
    pub label: String,
    /// The only kind of instances it runs on, if it is restricted to one.
    pub kind: Option<String>,
    /// Its options; the rest have their defaults.
    pub options: Map<String, Value>,
    /// How it is started, where it is somebody else's program.
    pub command: Option<Command>,
}

impl SolverChoice {
    /// The solver `name` with default options, on every kind it takes.
    pub fn named(name: &str) -> Self {
        Self { name: name.to_owned(), label: name.to_owned(), kind: None, options: Map::new(), command: None }
    }
}
