//! Asking a run whether to stop, without asking the clock at every node.

use fathom_opt_core::{Counters, Run, Status};

/// Counts the nodes of a search and asks the run every so often.
pub(crate) struct Watch<'a> {
    run: &'a Run,
    pub(crate) counters: Counters,
    stopped: Option<Status>,
}

/// Nodes between two looks at the clock.
const INTERVAL: u64 = 256;

impl<'a> Watch<'a> {
    pub(crate) fn new(run: &'a Run) -> Self {
        Self { run, counters: Counters::default(), stopped: None }
    }

    /// Counts one node; whether the search may go on.
    pub(crate) fn goes_on(&mut self) -> bool {
        if self.counters.iterations.is_multiple_of(INTERVAL) && self.stopped.is_none() {
            self.stopped = self.run.should_stop(&self.counters).map(Status::from);
        }
        self.counters.iterations += 1;
        self.stopped.is_none()
    }

    /// Why the search was stopped, if it was.
    pub(crate) fn stopped(&self) -> Option<Status> {
        self.stopped.clone()
    }

    /// The run that is asked.
    pub(crate) fn run(&self) -> &'a Run {
        self.run
    }
}
