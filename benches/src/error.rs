//! Why the harness could not do its work.

use std::io;
use std::path::PathBuf;

use fathom_opt_core::{RegistryError, SolveError};

/// Why the harness could not do its work. A run that fails is a record, not an error.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// Another process is writing the results file.
    #[error("{}: another `bench run` is writing this results file", path.display())]
    Busy {
        /// The results file.
        path: PathBuf,
    },
    /// A file of the harness cannot be opened or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The results file exists but was not written by this harness.
    #[error("{}: found {found}, expected a results file of `bench run`", path.display())]
    NotResults {
        /// The file.
        path: PathBuf,
        /// What it is.
        found: String,
    },
    /// The database refused.
    #[error("{}: {source}", path.display())]
    Database {
        /// The results file.
        path: PathBuf,
        /// Why.
        source: rusqlite::Error,
    },
    /// A suite names a solver that takes none of its instances' kinds.
    #[error("suite {suite}: {source}")]
    UnknownSolver {
        /// The suite.
        suite: String,
        /// The name and those there are.
        source: RegistryError,
    },
    /// A suite gives a solver options that it does not take.
    #[error("suite {suite}: solver `{solver}`: {source}")]
    Options {
        /// The suite.
        suite: String,
        /// The solver's label.
        solver: String,
        /// What is wrong.
        source: Box<SolveError>,
    },
    /// Somebody else's program cannot take part.
    #[error("suite {suite}: solver `{solver}`: found {found}, expected {expected}")]
    Program {
        /// The suite.
        suite: String,
        /// The solver's label.
        solver: String,
        /// What is wrong with it.
        found: String,
        /// What it should be.
        expected: &'static str,
    },
    /// A number of the request is out of its range.
    #[error("{what}: found {found}, expected {expected}")]
    Request {
        /// The number's name.
        what: &'static str,
        /// Its value.
        found: String,
        /// What it should be.
        expected: &'static str,
    },
    /// The worker process cannot be started.
    #[error("the worker process {} cannot be started: {source}", program.display())]
    Worker {
        /// The program.
        program: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A job cannot be written as JSON (a path that is not UTF-8).
    #[error("the job for {instance} cannot be sent to a worker: {source}")]
    Job {
        /// The instance.
        instance: String,
        /// Why not.
        source: serde_json::Error,
    },
    /// Exported records cannot be written.
    #[error("writing records: {0}")]
    Export(#[from] io::Error),
}
