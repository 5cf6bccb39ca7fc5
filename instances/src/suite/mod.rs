//! Suites: which solvers run on which instances, under which limits and seeds.
//!
//! A suite is a TOML file:
//!
//! ```toml
//! name = "example"
//! description = "what it is for"
//! seeds = [1, 2]                       # of the solvers; [1] when not given
//!
//! [limits]                             # each has a default
//! time = 10.0                          # seconds for one solve
//! memory = 1024                        # MiB for one solve
//! threads = 1
//!
//! [[entries]]                          # each names instances in one way
//! file = "instances/a.fathom.json"     # relative to the suite file
//! [[entries]]
//! glob = "instances/*.mtx"
//! [[entries]]
//! file = "items.csv"                   # a table that has to be told how to be read: the options of the command line
//! read = { problem = "online-knapsack", capacity = 100, bounds = [1, 50], select = { trace = [1, 2] } }   # one instance per trace
//! [[entries]]
//! file = "instances/big.mtx"
//! optional = true                      # left out, with the reason in the report, where there is no such file
//! [[entries]]
//! data = "online/trace.csv.gz"         # in the data folder of whoever runs the suite (`bench run --data FOLDER`); always optional
//! [[entries]]
//! library = "name"                     # an instance that Fathom ships
//! [[entries]]
//! generator = "poisson-sequence"
//! parameters = { side = 50 }
//! seeds = [1, 2, 3]                    # of the generator; [1] when not given
//!
//! [[solvers]]                          # no such table: every solver there is, with default options
//! name = "sor-fixed"
//! kind = "linear-sequence"             # only on instances of this kind
//! label = "SOR, omega 1.5"             # the name when not given
//! options = { omega = 1.5 }
//! ```
//!
//! Unknown keys are refused, and every refusal names the line.

mod document;
mod error;
mod shipped;
mod source;

use std::path::{Path, PathBuf};

pub use error::SuiteError;
pub use source::InstanceSource;

use serde_json::{Map, Value};

use crate::format::ReadOptions;

/// What one run of a suite is allowed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Seconds for one solve.
    pub time: f64,
    /// MiB that one solve may allocate.
    pub memory: u64,
    /// Threads of one solve.
    pub threads: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { time: 60.0, memory: 4096, threads: 1 }
    }
}

/// One solver of a suite.
#[derive(Debug, Clone, PartialEq)]
pub struct SolverChoice {
    /// The solver's name in the registry.
    pub name: String,
    /// What tables call it.
    pub label: String,
    /// The only kind of instances it runs on, if it is restricted to one.
    pub kind: Option<String>,
    /// Its options; the rest have their defaults.
    pub options: Map<String, Value>,
}

impl SolverChoice {
    /// The solver `name` with default options, on every kind it takes.
    pub fn named(name: &str) -> Self {
        Self { name: name.to_owned(), label: name.to_owned(), kind: None, options: Map::new() }
    }
}

/// A file of the data folder that somebody who runs the suite may have.
#[derive(Debug, Clone, PartialEq)]
pub struct DataFile {
    /// Its path within the folder.
    pub path: PathBuf,
    /// How it is read, one instance each.
    pub options: Vec<ReadOptions>,
}

/// An entry that is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// The entry.
    pub entry: String,
    /// Why.
    pub reason: String,
}

/// Which solvers run on which instances, under which limits and seeds.
#[derive(Debug, Clone, PartialEq)]
pub struct Suite {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// The instances, in order.
    pub entries: Vec<InstanceSource>,
    /// Files of a data folder, until [`Suite::with_data`] says where that is.
    pub data: Vec<DataFile>,
    /// Optional entries that are not there.
    pub skipped: Vec<Skipped>,
    /// The solvers, in order; `None` means every solver there is, with default options.
    pub solvers: Option<Vec<SolverChoice>>,
    /// What each run is allowed.
    pub limits: Limits,
    /// Seeds of the solvers.
    pub seeds: Vec<u64>,
}

impl Suite {
    /// The suite in the file `path`; instance files are looked up relative to it.
    ///
    /// # Errors
    /// A file that cannot be read or is not a suite (with the line), an instance file that does not exist, a glob without a match.
    pub fn read(path: &Path) -> Result<Self, SuiteError> {
        let bytes = std::fs::read(path).map_err(|source| SuiteError::Read { path: path.to_path_buf(), source })?;
        let shown = path.display().to_string();
        let text = match std::str::from_utf8(&bytes) {
            Ok(text) => text,
            Err(error) => {
                let valid = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
                return Err(SuiteError::at(&shown, &valid, valid.len(), "bytes that are not UTF-8", "text in UTF-8"));
            }
        };
        document::parse(&shown, text, path.parent())
    }

    /// The suite in `text`; `shown` names it in errors. Instance files are looked up relative to `folder`, and refused when there is none.
    ///
    /// # Errors
    /// As [`Suite::read`].
    pub fn parse(shown: &str, text: &str, folder: Option<&Path>) -> Result<Self, SuiteError> {
        document::parse(shown, text, folder)
    }

    /// The suite that Fathom ships as `name`.
    ///
    /// # Errors
    /// When it ships none of that name.
    pub fn named(name: &str) -> Result<Self, SuiteError> {
        shipped::named(name)
    }

    /// The suite in the file `argument` if there is such a file, otherwise the one shipped under that name.
    ///
    /// # Errors
    /// As [`Suite::read`] and [`Suite::named`].
    pub fn find(argument: &str) -> Result<Self, SuiteError> {
        let path = Path::new(argument);
        if path.is_file() || argument.contains(['/', '\\']) || path.extension().is_some() {
            Self::read(path)
        } else {
            Self::named(argument)
        }
    }

    /// The suite with the files of the data folder `folder` among its entries; those that are not there, or all where there is no folder, are skipped with
    /// the reason.
    #[must_use]
    pub fn with_data(mut self, folder: Option<&Path>) -> Self {
        for file in std::mem::take(&mut self.data) {
            let skip = |reason| Skipped { entry: file.path.display().to_string(), reason };
            let Some(folder) = folder else {
                self.skipped.push(skip("it belongs into a data folder, and none was named".into()));
                continue;
            };
            let path = folder.join(&file.path);
            if path.is_file() {
                self.entries.extend(file.options.into_iter().map(|options| InstanceSource::read(path.clone(), options)));
            } else {
                self.skipped.push(skip(format!("there is no file {}", path.display())));
            }
        }
        self
    }

    /// Names of the suites that Fathom ships.
    pub fn shipped() -> impl Iterator<Item = &'static str> {
        shipped::names()
    }
}

#[cfg(test)]
mod tests;
