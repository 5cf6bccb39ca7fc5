//! What harness and worker say to each other: one job as a JSON line in, messages as JSON lines out.

use std::path::{Path, PathBuf};

use fathom_opt_core::Report;
use fathom_opt_instances::suite::InstanceSource;
use fathom_opt_problems::{Criterion, Sense, Size};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::course::Course;

/// What a worker process is for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Job {
    /// The instance.
    pub source: InstanceSource,
    /// MiB that reading and solving may allocate.
    pub memory_limit: u64,
    /// What to do with the instance.
    pub task: Task,
}

impl Job {
    /// The folder of a command's run.
    pub fn scratch(&self) -> Option<&Path> {
        match &self.task {
            Task::Command(task) => Some(&task.scratch),
            Task::Describe | Task::Solve(_) => None,
        }
    }
}

/// What to do with an instance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Task {
    /// Say what it is.
    Describe,
    /// Solve it and check the outcome.
    Solve(SolveTask),
    /// Have somebody else's program solve it, and check what it answers.
    Command(CommandTask),
}

/// One solve.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct SolveTask {
    pub solver: String,
    pub options: Map<String, Value>,
    pub seed: u64,
    /// Seconds.
    pub time_limit: f64,
    pub threads: usize,
}

/// One run of somebody else's program.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct CommandTask {
    /// The program and its arguments, with placeholders.
    pub words: Vec<String>,
    /// Ending of the instance's file.
    pub reads: String,
    /// Ending of the solution's file.
    pub writes: String,
    pub seed: u64,
    /// Seconds.
    pub time_limit: f64,
    /// Seconds after which it is killed.
    pub kill_after: f64,
    pub threads: usize,
    /// The folder of the run's own; it does not exist yet.
    pub scratch: PathBuf,
}

/// Begins every line that a worker means for the harness; whatever else a solver prints is kept with its diagnostics.
pub(crate) const LINE_START: &str = "{\"fathom-worker\":";

/// One line of a worker.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Line {
    #[serde(rename = "fathom-worker")]
    pub message: Message,
}

/// What a worker says.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Message {
    /// The instance is there; solving starts now.
    Solving,
    /// The solver returned; checking starts now.
    Checking,
    /// Final: the instance.
    Described(Description),
    /// Final: the outcome and what the checker found.
    Solved(Box<Solved>),
    /// Final: the solver does not take instances like this one, for this reason.
    Unsupported(String),
    /// Final: it could not be done, for this reason.
    Refused(String),
}

/// What an instance is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Description {
    pub name: String,
    pub sha256: String,
    pub kind: String,
    pub sense: Sense,
    pub objective_tolerance: f64,
    /// The magnitude of the numbers that the objective is made of.
    pub objective_scale: f64,
    /// The measures that solvers may optimise instead of the objective.
    pub criteria: Vec<Criterion>,
    /// Whether a better objective makes a better solution.
    pub ranks_by_objective: bool,
    /// Objective of the best solution known.
    pub known: Option<f64>,
    pub sizes: Vec<Size>,
}

/// A finished solve.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Solved {
    /// Without the solution.
    pub report: Report,
    /// Bytes, after solving and before checking.
    pub peak_memory: Option<u64>,
    /// CSV.
    pub trace: Option<String>,
    #[serde(default)]
    pub course: Course,
}
