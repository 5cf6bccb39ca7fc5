//! What a solver tells while it works.

/// A report from a running solver.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Progress {
    /// Iterations (or systems, arrivals, nodes) done.
    pub done: u64,
    /// How many there are to do, when that is known.
    pub total: Option<u64>,
    /// Objective of the best solution so far.
    pub objective: Option<f64>,
    /// Best proven bound so far.
    pub bound: Option<f64>,
}

/// Somebody who watches. Called from the solving thread: return quickly.
pub trait Observer: Send + Sync {
    /// A report arrived.
    fn observe(&self, progress: &Progress);
}

impl<F: Fn(&Progress) + Send + Sync> Observer for F {
    fn observe(&self, progress: &Progress) {
        self(progress);
    }
}
