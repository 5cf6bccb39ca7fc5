//! Options that several solvers of the crate have.

use fathom_opt_core::OptionError;
use fathom_opt_linalg::RelaxationFactor;

/// The option `name` as a relaxation factor.
pub(crate) fn relaxation_factor(name: &str, omega: f64) -> Result<RelaxationFactor, OptionError> {
    RelaxationFactor::new(omega).map_err(|_| OptionError::new(name, omega, "a number above 0 and below 2"))
}
