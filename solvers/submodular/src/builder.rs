//! Preparing a maximizer.

use std::sync::Arc;

use rayon::ThreadPoolBuilder;

use crate::constraint::{Constraint, Matroid};
use crate::counted::Counted;
use crate::error::MaximizeError;
use crate::maximizer::DynamicMaximizer;
use crate::oracle::LevelOracle;
use crate::settings::{Engine, Settings};

/// Prepares a [`DynamicMaximizer`].
pub struct Builder<O> {
    oracle: O,
    constraint: Constraint,
    settings: Settings,
    interrupt: Option<Arc<dyn Fn() -> bool + Send + Sync>>,
}

impl<O: LevelOracle> Builder<O> {
    /// At most `k` elements may be chosen.
    #[must_use]
    pub fn k(mut self, k: usize) -> Self {
        self.constraint = Constraint::Cardinality(k);
        self
    }

    /// Independent sets of `matroid` may be chosen.
    #[must_use]
    pub fn matroid(mut self, matroid: impl Matroid + 'static) -> Self {
        self.constraint = Constraint::Matroid(Arc::new(matroid));
        self
    }

    /// What `constraint` allows may be chosen.
    #[must_use]
    pub fn constraint(mut self, constraint: Constraint) -> Self {
        self.constraint = constraint;
        self
    }

    /// Which engine keeps the answer.
    #[must_use]
    pub fn engine(mut self, engine: Engine) -> Self {
        self.settings.engine = engine;
        self
    }

    /// The distance of guesses; see [`Settings::eps`].
    #[must_use]
    pub fn eps(mut self, eps: f64) -> Self {
        self.settings.eps = eps;
        self
    }

    /// The seed of every random draw. Against people who choose updates by the answers it should be secret.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.settings.seed = seed;
        self
    }

    /// Threads that share the guesses; answers do not depend on it.
    #[must_use]
    pub fn threads(mut self, threads: usize) -> Self {
        self.settings.threads = threads;
        self
    }

    /// All settings at once.
    #[must_use]
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// Stops with [`crate::OracleFault::Interrupted`] when `interrupt`, asked now and then, says so.
    #[must_use]
    pub fn interrupt(mut self, interrupt: Arc<dyn Fn() -> bool + Send + Sync>) -> Self {
        self.interrupt = Some(interrupt);
        self
    }

    /// The maximizer, with no live element.
    ///
    /// # Errors
    /// A setting out of range, `k = 0` among them; an engine that does not take the function or the constraint.
    pub fn build(self) -> Result<DynamicMaximizer<O>, MaximizeError> {
        self.settings.validate()?;
        let elements = self.oracle.elements();
        if u32::try_from(elements).is_err() {
            let expected = "fewer than 2^32";
            return Err(MaximizeError::Setting { setting: "elements", found: elements.to_string(), expected });
        }
        let constraint = self.constraint.checked(elements)?;
        let threads = self.settings.threads;
        let pool = (threads > 1).then(|| ThreadPoolBuilder::new().num_threads(threads).build()).transpose();
        let pool = pool.map_err(|_| MaximizeError::Setting {
            setting: "threads",
            found: threads.to_string(),
            expected: "threads that can be had",
        })?;
        let mut empty = Counted::new(&self.oracle);
        if let Some(interrupt) = self.interrupt {
            empty.set_interrupt(interrupt);
        }
        DynamicMaximizer::new(empty, constraint, self.settings, pool.map(Arc::new))
    }
}

impl<O: LevelOracle> DynamicMaximizer<O> {
    /// Prepares a maximizer of `oracle`. Say at least how many elements may be chosen; it is 1 otherwise.
    pub fn builder(oracle: O) -> Builder<O> {
        Builder { oracle, constraint: Constraint::Cardinality(1), settings: Settings::default(), interrupt: None }
    }
}
