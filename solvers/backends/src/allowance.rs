//! What a run allows one solve of HiGHS.

use fathom_opt_core::{CancelFlag, Run};
use rand::Rng;

/// What a run allows one solve of HiGHS, in HiGHS's terms.
#[derive(Debug, Clone)]
pub(crate) struct Allowance {
    /// Wall-clock seconds, building HiGHS's copy of the model included; infinite for no limit.
    pub seconds: f64,
    /// At least 1, and at most as many as HiGHS can count.
    pub threads: i32,
    /// Of HiGHS's random choices, from 0.
    pub seed: i32,
    /// Stops it.
    pub cancel: CancelFlag,
}

impl Allowance {
    /// The time left until the run's deadline, its threads, a seed drawn from its stream `highs`, and its cancel flag.
    pub fn of(run: &Run) -> Self {
        Self {
            seconds: run.remaining().map_or(f64::INFINITY, |left| left.as_secs_f64()),
            threads: i32::try_from(run.threads()).unwrap_or(i32::MAX),
            seed: (run.stream("highs").next_u32() >> 1).cast_signed(),
            cancel: run.cancel_flag(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_run_hands_its_limits_on() {
        let free = Allowance::of(&Run::new(3));
        assert_eq!((free.seconds, free.threads), (f64::INFINITY, 1));
        assert!(free.seed >= 0 && free.seed != Allowance::of(&Run::new(4)).seed);
        let bounded = Allowance::of(&Run::new(3).with_threads(2).with_time_limit(Duration::ZERO));
        let threads = i32::try_from(Run::default().with_threads(2).threads()).unwrap();
        assert_eq!((bounded.seconds, bounded.threads, bounded.seed), (0.0, threads, free.seed));
    }
}
