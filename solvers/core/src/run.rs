//! What a solve is allowed and asked.

use std::any::Any;
use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use fathom_opt_problems::AnySolution;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use serde::Serialize;

use crate::counters::Counters;
use crate::progress::{Observer, Progress};
use crate::status::{Limit, Stop};

/// A flag that another thread (or a signal handler) raises to stop a run.
#[derive(Debug, Clone, Default)]
pub struct CancelFlag(Arc<AtomicBool>);

impl CancelFlag {
    /// A flag that is down.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks the run to stop.
    pub fn raise(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether somebody asked.
    pub fn is_raised(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// What one solve is allowed (deadline, budgets, threads) and asked (seed), and how it is watched and stopped.
///
/// The default run has seed 0, one thread and no limits.
#[derive(Clone)]
pub struct Run {
    seed: u64,
    started: Instant,
    deadline: Option<Instant>,
    most_iterations: Option<u64>,
    most_oracle_calls: Option<u64>,
    threads: usize,
    cancel: CancelFlag,
    observer: Option<Arc<dyn Observer>>,
    start: Option<AnySolution>,
}

impl Default for Run {
    fn default() -> Self {
        Self::new(0)
    }
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Run")
            .field("seed", &self.seed)
            .field("remaining", &self.remaining())
            .field("most_iterations", &self.most_iterations)
            .field("most_oracle_calls", &self.most_oracle_calls)
            .field("threads", &self.threads)
            .field("has_start", &self.has_start())
            .finish_non_exhaustive()
    }
}

impl Run {
    /// A run that starts now, with this seed, one thread and no limits.
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            started: Instant::now(),
            deadline: None,
            most_iterations: None,
            most_oracle_calls: None,
            threads: 1,
            cancel: CancelFlag::new(),
            observer: None,
            start: None,
        }
    }

    /// Stops when `limit` has passed since the run started.
    #[must_use]
    pub fn with_time_limit(mut self, limit: Duration) -> Self {
        // A limit beyond what the clock can express is no limit.
        self.deadline = self.started.checked_add(limit);
        self
    }

    /// Stops after this many iterations of the solver's main loop.
    #[must_use]
    pub fn with_iteration_limit(mut self, most: u64) -> Self {
        self.most_iterations = Some(most);
        self
    }

    /// Stops after this many oracle calls.
    #[must_use]
    pub fn with_oracle_limit(mut self, most: u64) -> Self {
        self.most_oracle_calls = Some(most);
        self
    }

    /// Allows this many threads: at least one, and at most as many as the machine runs at once, because more only wait for each other.
    #[must_use]
    pub fn with_threads(mut self, threads: usize) -> Self {
        // A machine that does not tell has one that is sure.
        let most = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        self.threads = threads.clamp(1, most);
        self
    }

    /// Stops when `cancel` is raised.
    #[must_use]
    pub fn with_cancel(mut self, cancel: CancelFlag) -> Self {
        self.cancel = cancel;
        self
    }

    /// Reports progress to `observer`.
    #[must_use]
    pub fn with_observer(mut self, observer: Arc<dyn Observer>) -> Self {
        self.observer = Some(observer);
        self
    }

    /// Starts from `solution`, if the solver can ([`WarmStart`](crate::WarmStart)); one that cannot refuses the run.
    #[must_use]
    pub fn with_start<S: Serialize + Any + Send + Sync>(self, solution: S) -> Self {
        self.with_any_start(AnySolution::new(solution))
    }

    /// [`with_start`](Run::with_start) for a solution whose class is known only at run time.
    #[must_use]
    pub fn with_any_start(mut self, solution: AnySolution) -> Self {
        self.start = Some(solution);
        self
    }

    /// The same run without a start, for a part of the work that has to begin elsewhere.
    #[must_use]
    pub fn without_start(&self) -> Self {
        Self { start: None, ..self.clone() }
    }

    /// The solution to start from, if there is one and it is an `S`. Within [`Solver::solve_accepted`](crate::Solver::solve_accepted) it has the form of a
    /// solution of the instance.
    pub fn start<S: Any>(&self) -> Option<&S> {
        self.start.as_ref()?.downcast()
    }

    /// Whether there is a solution to start from, of whatever class.
    pub fn has_start(&self) -> bool {
        self.start.is_some()
    }

    /// The flag that stops the run, for work that cannot ask [`should_stop`](Run::should_stop): another library's callback, another thread.
    pub fn cancel_flag(&self) -> CancelFlag {
        self.cancel.clone()
    }

    /// The seed that every random draw of the run follows from.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Threads the solver may use.
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// Time since the run started.
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// Time left until the deadline, if there is one.
    pub fn remaining(&self) -> Option<Duration> {
        self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()))
    }

    /// The random stream called `name`.
    ///
    /// Each name has a stream of its own (`ChaCha8`, the stream number is the FNV-1a hash of the name), so that drawing more in one place never
    /// shifts the draws in another, and restarts or threads can each have theirs.
    pub fn stream(&self, name: &str) -> ChaCha8Rng {
        stream(self.seed, name)
    }

    /// Whether the solver has to stop now, given what it has spent.
    pub fn should_stop(&self, spent: &Counters) -> Option<Stop> {
        if self.cancel.is_raised() {
            return Some(Stop::Interrupted);
        }
        if self.most_iterations.is_some_and(|most| spent.iterations >= most) {
            return Some(Stop::Limit(Limit::Iterations));
        }
        if self.most_oracle_calls.is_some_and(|most| spent.oracle_calls >= most) {
            return Some(Stop::Limit(Limit::OracleCalls));
        }
        if self.deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            return Some(Stop::Limit(Limit::Time));
        }
        None
    }

    /// Tells the observer, if there is one.
    pub fn report(&self, progress: &Progress) {
        if let Some(observer) = &self.observer {
            observer.observe(progress);
        }
    }
}

/// The random stream called `name` of `seed`; see [`Run::stream`].
pub(crate) fn stream(seed: u64, name: &str) -> ChaCha8Rng {
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(hash);
    rng
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::RngExt;

    #[test]
    fn streams_are_reproducible_and_differ_by_name_and_seed() {
        let draw = |seed, name: &str| -> u64 { Run::new(seed).stream(name).random() };
        assert_eq!(draw(1, "arms"), draw(1, "arms"));
        assert_ne!(draw(1, "arms"), draw(1, "start"));
        assert_ne!(draw(1, "arms"), draw(2, "arms"));
    }

    #[test]
    fn each_limit_stops_the_run_under_its_own_name() {
        let mut spent = Counters::default();
        let free = Run::default();
        assert_eq!(free.should_stop(&spent), None);
        let timed = Run::default().with_time_limit(Duration::ZERO);
        assert_eq!(timed.should_stop(&spent), Some(Stop::Limit(Limit::Time)));
        spent.iterations = 5;
        spent.oracle_calls = 7;
        assert_eq!(Run::default().with_iteration_limit(5).should_stop(&spent), Some(Stop::Limit(Limit::Iterations)));
        assert_eq!(Run::default().with_oracle_limit(7).should_stop(&spent), Some(Stop::Limit(Limit::OracleCalls)));
        let cancel = CancelFlag::new();
        let watched = Run::default().with_cancel(cancel.clone());
        assert_eq!(watched.should_stop(&spent), None);
        cancel.raise();
        assert_eq!(watched.should_stop(&spent), Some(Stop::Interrupted));
    }

    #[test]
    fn threads_are_at_most_those_of_the_machine() {
        let most = Run::default().with_threads(100_000).threads();
        assert!(most >= 1 && most <= std::thread::available_parallelism().unwrap().get());
        assert_eq!(Run::default().with_threads(0).threads(), 1);
    }

    #[test]
    fn an_absurd_time_limit_is_no_limit() {
        let run = Run::default().with_time_limit(Duration::MAX);
        assert_eq!(run.should_stop(&Counters::default()), None);
    }
}
