//! Counting the work of a search and asking the run whether to stop, without asking the clock at every node.

use std::cell::Cell;

use fathom_opt_core::{Counters, Progress, Run, Status};

/// Counts the nodes of a search and asks the run every so often.
pub(crate) struct WorkMeter<'a> {
    run: &'a Run,
    pub(crate) counters: Counters,
    stopped: Option<Status>,
    /// Work since the clock was last looked at.
    since: u64,
    /// How often it was looked at.
    looks: u32,
    /// The objective and the bound that were last reported.
    reported: Cell<(Option<f64>, Option<f64>)>,
}

/// Elementary operations (a comparison, an addition, a look at one utility) between two looks at the clock: some tens of microseconds. A node counts as
/// [`NODE`] of them.
const INTERVAL: u64 = 16_384;
const NODE: u64 = 64;

/// Looks at the clock between two reports of how far the search has come, when nothing else is reported.
const QUIET: u32 = 256;

impl<'a> WorkMeter<'a> {
    pub(crate) fn new(run: &'a Run) -> Self {
        Self { run, counters: Counters::default(), stopped: None, since: INTERVAL, looks: 0, reported: Cell::new((None, None)) }
    }

    /// Counts one node of little work; whether the search may go on.
    pub(crate) fn goes_on(&mut self) -> bool {
        self.goes_on_after(0)
    }

    /// Counts one node and the elementary operations it takes besides; whether the search may go on.
    pub(crate) fn goes_on_after(&mut self, work: u64) -> bool {
        let goes_on = self.spends(NODE + work);
        self.counters.iterations += 1;
        goes_on
    }

    /// Counts elementary operations within a node; whether the search may go on.
    pub(crate) fn spends(&mut self, work: u64) -> bool {
        self.since = self.since.saturating_add(work);
        if self.since >= INTERVAL && self.stopped.is_none() {
            self.stopped = self.run.should_stop(&self.counters).map(Status::from);
            self.since = 0;
            self.looks = self.looks.wrapping_add(1);
            if self.looks.is_multiple_of(QUIET) {
                let (objective, bound) = self.reported.get();
                self.report(objective, bound);
            }
        }
        self.stopped.is_none()
    }

    /// Why the search was stopped, if it was.
    pub(crate) fn stopped(&self) -> Option<Status> {
        self.stopped.clone()
    }

    /// Why the search has to stop now, whatever was asked last.
    pub(crate) fn must_stop(&mut self) -> bool {
        !self.spends(INTERVAL)
    }

    /// Tells whoever watches the run about the best objective and the best bound so far.
    pub(crate) fn report(&self, objective: Option<f64>, bound: Option<f64>) {
        self.reported.set((objective, bound));
        self.run.report(&Progress { done: self.counters.iterations, objective, bound, ..Progress::default() });
    }

    /// The run that is asked.
    pub(crate) fn run(&self) -> &'a Run {
        self.run
    }
}
