//! One finished run.

use fathom_opt_core::Report;

use crate::course::Course;
use crate::key::RunKey;

/// The status of a run that did not start, because the solver does not take the instance.
pub(crate) const UNSUPPORTED: &str = "unsupported";

/// One finished run, as the results file keeps it.
#[derive(Debug, Clone)]
pub struct Record {
    /// What makes it this run and no other.
    pub key: RunKey,
    /// The suite it was first run for.
    pub suite: String,
    /// The instance's name.
    pub instance: String,
    /// Where the instance came from.
    pub source: String,
    /// The instance's kind.
    pub kind: String,
    /// Objective of the best solution known when it ran.
    pub known_objective: Option<f64>,
    /// What the suite calls the solver.
    pub label: String,
    /// The solver's options, defaults included, as JSON.
    pub options: String,
    /// The machine, as JSON.
    pub machine: String,
    /// When it started, in seconds since 1970 (UTC).
    pub started: f64,
    /// The solver does not take the instance; the report's status then says why.
    pub unsupported: bool,
    /// What solver and checker said, without the solution; for a run that did not answer, why, and the seconds of the whole process.
    pub report: Report,
    /// The most memory the process had in RAM until the solver returned, in bytes.
    pub peak_memory: Option<u64>,
    /// What it had over time, where it told.
    pub course: Course,
    /// The end of what the process wrote to its standard error.
    pub stderr: String,
}

impl Record {
    /// How it ended: [`fathom_opt_core::Status::name`], or `unsupported` when the solver does not take the instance.
    pub fn status(&self) -> &str {
        if self.unsupported { UNSUPPORTED } else { self.report.status.name() }
    }
}
