//! What `bench run` is asked.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use fathom_opt_core::CancelFlag;
use fathom_opt_instances::suite::Suite;
use fathom_opt_instances::{Classes, classes};

use crate::error::BenchError;
use crate::grace::Grace;
use crate::process::WorkerCommand;

/// What `bench run` is asked.
#[derive(Debug, Clone)]
pub struct RunRequest {
    /// The suites, in order.
    pub suites: Vec<Suite>,
    /// The results file; created when it does not exist.
    pub results: PathBuf,
    /// The problem classes that the suites' instances may be of; a worker has to know the same.
    pub classes: Classes,
    /// How a worker process is started.
    pub worker: WorkerCommand,
    /// Worker processes at a time.
    pub jobs: NonZeroUsize,
    /// Only these solvers (names or labels); one that a suite does not list runs with default options.
    pub solvers: Option<Vec<String>>,
    /// Seconds per solve, instead of the suite's.
    pub time_limit: Option<f64>,
    /// MiB per solve, instead of the suite's.
    pub memory_limit: Option<u64>,
    /// Seeds, instead of the suite's.
    pub seeds: Option<Vec<u64>>,
    /// Whether runs that are recorded already run again; a new record then takes the place of the old one.
    pub rerun: bool,
    /// How long a worker may take beyond its limit.
    pub grace: Grace,
    /// Raised to stop: no further run is started, running ones are killed and not recorded.
    pub cancel: CancelFlag,
}

impl RunRequest {
    /// These suites into this results file, one run at a time, with the classes that are shipped, all else as the suites say.
    pub fn new(suites: Vec<Suite>, results: PathBuf, worker: WorkerCommand) -> Self {
        Self {
            suites,
            results,
            classes: classes(),
            worker,
            jobs: NonZeroUsize::MIN,
            solvers: None,
            time_limit: None,
            memory_limit: None,
            seeds: None,
            rerun: false,
            grace: Grace::default(),
            cancel: CancelFlag::new(),
        }
    }

    pub(crate) fn validate(&self) -> Result<(), BenchError> {
        let refuse = |what, found: String, expected| Err(BenchError::Request { what, found, expected });
        if let Some(time) = self.time_limit.filter(|&time| !(time.is_finite() && time > 0.0)) {
            return refuse("time limit", time.to_string(), "seconds above 0");
        }
        if self.memory_limit == Some(0) {
            return refuse("memory limit", "0".into(), "MiB, at least 1");
        }
        if self.seeds.as_ref().is_some_and(Vec::is_empty) {
            return refuse("seeds", "none".into(), "at least one");
        }
        let seeds = self.suites.iter().flat_map(|suite| &suite.seeds).chain(self.seeds.iter().flatten());
        if let Some(seed) = seeds.into_iter().find(|&&seed| i64::try_from(seed).is_err()) {
            return refuse("seed", seed.to_string(), "a number below 2^63");
        }
        if self.solvers.as_ref().is_some_and(Vec::is_empty) {
            return refuse("solvers", "none".into(), "at least one");
        }
        Ok(())
    }
}
