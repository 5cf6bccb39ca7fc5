//! Whether a solve may go on, and how long its last pass may still take.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use fathom_opt_core::{Counters, Limit, Progress, Run, Stop};

/// Watches the deadline and the cancel flag of a run. Budgets of iterations and oracle calls are asked of the run itself, by who counts them.
pub(crate) struct Clock<'a> {
    run: &'a Run,
    /// The time limit, counted from the start of the run.
    limit: Option<Duration>,
    /// Whether the search has ended and a graph is made of what it found.
    last_pass: AtomicBool,
    /// When that began, in nanoseconds since the start of the run: a search that could not end in time loses nothing of what it found.
    began: AtomicU64,
    /// When somebody first asked to stop, in nanoseconds since the start of the run; the largest number for never.
    asked: AtomicU64,
    /// When progress was last reported, likewise.
    reported: AtomicU64,
}

/// A time limit is kept to 5 % or 0.2 s; the last pass may take this much of it.
const GRACE: (f64, Duration) = (0.03, Duration::from_millis(120));

/// After an interrupt the last pass may take this long.
const PATIENCE: Duration = Duration::from_millis(700);

/// Reports come no closer than this.
const BETWEEN_REPORTS: Duration = Duration::from_millis(100);

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

impl<'a> Clock<'a> {
    pub(crate) fn new(run: &'a Run) -> Self {
        Self {
            run,
            limit: run.remaining().map(|remaining| run.elapsed() + remaining),
            last_pass: AtomicBool::new(false),
            began: AtomicU64::new(0),
            asked: AtomicU64::new(u64::MAX),
            reported: AtomicU64::new(0),
        }
    }

    pub(crate) fn run(&self) -> &'a Run {
        self.run
    }

    /// Why the search has to end, if it has to.
    pub(crate) fn stop(&self) -> Option<Stop> {
        self.run.should_stop(&Counters::default())
    }

    /// From here on a graph is made of what was found: a little more time is allowed.
    pub(crate) fn begin_last_pass(&self) {
        self.began.store(nanoseconds(self.run.elapsed()), Ordering::Relaxed);
        self.last_pass.store(true, Ordering::Relaxed);
    }

    /// Whether work may go on: in the search until somebody asks to stop, in the last pass a little longer.
    pub(crate) fn may_go_on(&self) -> bool {
        let Some(stop) = self.stop() else { return true };
        if !self.last_pass.load(Ordering::Relaxed) {
            return false;
        }
        match stop {
            Stop::Limit(Limit::Time) => {
                let began = Duration::from_nanos(self.began.load(Ordering::Relaxed));
                let grace = |limit: Duration| limit.max(began) + limit.mul_f64(GRACE.0).max(GRACE.1);
                self.limit.is_none_or(|limit| self.run.elapsed() < grace(limit))
            }
            Stop::Interrupted => {
                let now = self.run.elapsed();
                let first = self.asked.fetch_min(nanoseconds(now), Ordering::Relaxed).min(nanoseconds(now));
                now < Duration::from_nanos(first) + PATIENCE
            }
            Stop::Limit(_) => true,
        }
    }

    /// Tells whoever watches, though not too often.
    pub(crate) fn report(&self, progress: impl FnOnce() -> Progress) {
        let now = nanoseconds(self.run.elapsed()).max(1);
        let before = self.reported.load(Ordering::Relaxed);
        let is_due = before == 0 || now >= before.saturating_add(nanoseconds(BETWEEN_REPORTS));
        if is_due && self.reported.compare_exchange(before, now, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            self.run.report(&progress());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fathom_opt_core::CancelFlag;

    #[test]
    fn the_last_pass_has_a_little_more_time_than_the_search() {
        let run = Run::new(1).with_time_limit(Duration::ZERO);
        let clock = Clock::new(&run);
        assert!(!clock.may_go_on());
        clock.begin_last_pass();
        assert!(clock.may_go_on());
        std::thread::sleep(GRACE.1 + Duration::from_millis(5));
        assert!(!clock.may_go_on());
        let cancel = CancelFlag::new();
        let run = Run::new(1).with_cancel(cancel.clone());
        let clock = Clock::new(&run);
        assert!(clock.may_go_on());
        cancel.raise();
        assert!(!clock.may_go_on());
        clock.begin_last_pass();
        assert!(clock.may_go_on());
    }
}
