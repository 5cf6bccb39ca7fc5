//! How far a suite is.

/// A report on a suite that is running.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Progress {
    /// Runs finished by this call.
    pub done: usize,
    /// Runs that this call has to do.
    pub total: usize,
    /// Runs that the results file had already.
    pub recorded_before: usize,
    /// What is being done now: `solver on instance`.
    pub running: Vec<String>,
    /// Seconds left, from the finished runs' durations relative to their limits.
    pub seconds_left: Option<f64>,
}

/// Somebody who watches a suite run. Called from the harness's threads, one at a time: return quickly.
pub trait Watch: Send {
    /// A run has started or finished.
    fn observe(&mut self, progress: &Progress);
}

impl<F: FnMut(&Progress) + Send> Watch for F {
    fn observe(&mut self, progress: &Progress) {
        self(progress);
    }
}

/// Estimates the time left: the finished runs took some fraction of their limits, and the rest will take the same.
#[derive(Debug, Default)]
pub(crate) struct Estimate {
    taken: f64,
    allowed: f64,
    ahead: f64,
}

impl Estimate {
    /// Nothing finished yet; the limits of all runs ahead sum to `ahead` seconds.
    pub fn new(ahead: f64) -> Self {
        Self { ahead, ..Self::default() }
    }

    /// A run with this limit took this long.
    pub fn finished(&mut self, seconds: f64, limit: f64) {
        self.taken += seconds;
        self.allowed += limit;
        self.ahead = (self.ahead - limit).max(0.0);
    }

    /// Seconds left with this many slots.
    pub fn seconds_left(&self, slots: usize) -> Option<f64> {
        (self.allowed > 0.0).then(|| self.taken / self.allowed * self.ahead / slots.max(1) as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_estimate_weighs_runs_by_their_limits() {
        let mut estimate = Estimate::new(100.0);
        assert_eq!(estimate.seconds_left(1), None);
        estimate.finished(5.0, 20.0);
        assert_eq!(estimate.seconds_left(1), Some(20.0));
        assert_eq!(estimate.seconds_left(2), Some(10.0));
        estimate.finished(80.0, 80.0);
        assert_eq!(estimate.seconds_left(1), Some(0.0));
    }
}
