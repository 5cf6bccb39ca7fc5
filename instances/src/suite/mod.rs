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
//! file = "items.csv"                   # told how to be read: `problem` and `format`, if need be, and the reading options of the format
//! read = { format = "item-table", capacity = 100, select = { trace = [1, 2] } }   # one instance per trace
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
//! [[entries]]
//! generator = "matrix-drift"
//! parameters = { matrix = "data:matrices/A.mtx" }   # of the data folder, and skipped without it; otherwise relative to the suite file
//!
//! [[solvers]]                          # no such table: every solver there is, with default options
//! name = "sor-fixed"
//! kind = "linear-sequence"             # only on instances of this kind
//! label = "SOR, omega 1.5"             # the name when not given
//! options = { omega = 1.5 }
//! [[solvers]]                          # somebody else's program: started without a shell, checked as all are
//! name = "theirs"
//! command = "python3 theirs.py {instance} {solution} {time_limit} {seed}"   # or a list of words; files beside the suite are part of the program
//! reads = ".fathom.json"               # the ending says the format of the instance's file; this one when not given
//! writes = ".json"                     # the ending says the form of the solution's file; this one when not given
//! version = "python3 theirs.py --version"   # part of the run's key, as the content of the program is
//! optional = true                      # left out, with the reason in the report, where there is no such program
//! [[solvers]]
//! name = "one-function"
//! python = "method.py:solve"           # called with the document's data as arrays
//! ```
//!
//! Unknown keys are refused, and every refusal names the line. `SUITES.md` in the harness's folder has the whole format, with examples.

mod command;
mod document;
mod error;
mod shipped;
mod solver_choice;
mod solver_entry;
mod suite_text;

use std::path::Path;

pub use command::{Command, Placeholder};
pub use error::SuiteError;
pub use solver_choice::SolverChoice;

use serde_json::Value;

use crate::classes::Classes;
pub use crate::instance_source::InstanceSource;

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
    /// The instances, in order. Files of a data folder are looked up by [`Suite::with_data`].
    pub entries: Vec<InstanceSource>,
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
    pub fn read(path: &Path, classes: &Classes) -> Result<Self, SuiteError> {
        let bytes = std::fs::read(path).map_err(|source| SuiteError::Read { path: path.to_path_buf(), source })?;
        let shown = path.display().to_string();
        let text = match std::str::from_utf8(&bytes) {
            Ok(text) => text,
            Err(error) => {
                let valid = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
                return Err(SuiteError::at(&shown, &valid, valid.len(), "bytes that are not UTF-8", "text in UTF-8"));
            }
        };
        document::parse(&shown, text, path.parent(), classes)
    }

    /// The suite in `text`; `shown` names it in errors. Instance files are looked up relative to `folder`, and refused when there is none.
    ///
    /// # Errors
    /// As [`Suite::read`].
    pub fn parse(shown: &str, text: &str, folder: Option<&Path>, classes: &Classes) -> Result<Self, SuiteError> {
        document::parse(shown, text, folder, classes)
    }

    /// The suite that Fathom ships as `name`.
    ///
    /// # Errors
    /// When it ships none of that name.
    pub fn named(name: &str, classes: &Classes) -> Result<Self, SuiteError> {
        shipped::named(name, classes)
    }

    /// The suite in the file `argument` if there is such a file, otherwise the one shipped under that name.
    ///
    /// # Errors
    /// As [`Suite::read`] and [`Suite::named`].
    pub fn find(argument: &str, classes: &Classes) -> Result<Self, SuiteError> {
        let path = Path::new(argument);
        if path.is_file() || argument.contains(['/', '\\']) || path.extension().is_some() {
            Self::read(path, classes)
        } else {
            Self::named(argument, classes)
        }
    }

    /// The suite with the files of the data folder `folder` among its entries; those that are not there, or all where there is no folder, are skipped with
    /// the reason.
    #[must_use]
    pub fn with_data(mut self, folder: Option<&Path>) -> Self {
        for source in std::mem::take(&mut self.entries) {
            let entry = match &source {
                InstanceSource::Data { path, .. } => path.display().to_string(),
                other => other.to_string(),
            };
            match source.in_data_folder(folder) {
                Ok(source) => self.entries.push(source),
                // One file may be read in many ways; that it is not there is said once.
                Err(reason) if self.skipped.iter().any(|skipped| skipped.entry == entry && skipped.reason == reason) => {}
                Err(reason) => self.skipped.push(Skipped { entry, reason }),
            }
        }
        self
    }

    /// JSON Schema of suites.
    pub fn schema() -> Value {
        schemars::schema_for!(document::SuiteDocument).to_value()
    }

    /// Names of the suites that Fathom ships.
    pub fn shipped() -> impl Iterator<Item = &'static str> {
        shipped::names()
    }
}

#[cfg(test)]
mod tests;
