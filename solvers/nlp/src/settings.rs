//! What the methods for bounds and inequalities have in common.

use fathom_opt_core::OptionError;

/// Which method comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    InteriorPoint,
    AugmentedLagrangian,
}

/// The options of a solve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Settings {
    pub method: Method,
    /// The scaled errors of the optimality conditions that are asked for.
    pub tolerance: f64,
    /// Iterations in all.
    pub max_iterations: u64,
    /// The barrier parameter at the start.
    pub barrier: f64,
    /// How far the start is moved from its bounds, relative to their size or distance.
    pub push: f64,
}

impl Settings {
    /// Whether each lies in its range.
    pub fn check(&self) -> Result<(), OptionError> {
        for (name, value) in [("tolerance", self.tolerance), ("barrier", self.barrier), ("push", self.push)] {
            if !(value > 0.0 && value.is_finite()) {
                return Err(OptionError::new(name, value, "a positive number"));
            }
        }
        if self.push >= 0.5 {
            return Err(OptionError::new("push", self.push, "a number below 1/2"));
        }
        Ok(())
    }
}
