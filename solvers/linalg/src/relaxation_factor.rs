//! The relaxation factor of SOR and SSOR.

/// `omega`, a number in (0, 2): outside of it neither SOR converges nor is the SSOR preconditioner positive definite (Kahan 1958).
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct RelaxationFactor(f64);

/// A number that is no relaxation factor.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("found relaxation factor {0}, expected a number above 0 and below 2")]
pub struct RelaxationFactorError(pub f64);

impl RelaxationFactor {
    /// `omega = 1`: Gauss-Seidel.
    pub const GAUSS_SEIDEL: Self = Self(1.0);

    /// The factor `omega`.
    ///
    /// # Errors
    /// When it is not in (0, 2).
    pub fn new(omega: f64) -> Result<Self, RelaxationFactorError> {
        if omega > 0.0 && omega < 2.0 { Ok(Self(omega)) } else { Err(RelaxationFactorError(omega)) }
    }

    /// Young's optimal factor `2 / (1 + sqrt(1 - beta^2))` for a consistently ordered matrix whose Jacobi iteration has spectral radius
    /// `beta` (Young 1954). Nothing when `beta` is not in [0, 1): the formula has no meaning there.
    pub fn optimal(beta: f64) -> Option<Self> {
        if (0.0..1.0).contains(&beta) { Self::new(2.0 / (1.0 + (1.0 - beta * beta).sqrt())).ok() } else { None }
    }

    /// The number.
    pub fn get(self) -> f64 {
        self.0
    }

    /// The factor that symmetric sweeps use in its place: up to a scalar, which conjugate gradients do not notice, SSOR with a smaller factor than this is Jacobi to twelve
    /// digits, and so it is with this one, whose products do not underflow.
    pub(crate) fn in_symmetric_sweeps(self) -> f64 {
        self.0.max(1e-12)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_numbers_between_zero_and_two_are_factors() {
        for bad in [0.0, 2.0, -1.0, 3.0, f64::NAN, f64::INFINITY] {
            assert!(RelaxationFactor::new(bad).is_err());
        }
        assert_eq!(RelaxationFactor::new(1.5).unwrap().get(), 1.5);
    }

    #[test]
    fn youngs_factor_on_the_square_is_the_closed_form() {
        for (points, known) in [(10, 1.560_387_921_3), (15, 1.673_513_677_7), (31, 1.821_465_190_8), (63, 1.906_454_701_6)] {
            let step = std::f64::consts::PI / f64::from(points + 1);
            let omega = RelaxationFactor::optimal(step.cos()).unwrap().get();
            assert!((omega - known).abs() < 1e-10);
            assert!((omega - 2.0 / (1.0 + step.sin())).abs() < 1e-12);
        }
        assert_eq!(RelaxationFactor::optimal(1.0), None);
        assert_eq!(RelaxationFactor::optimal(f64::NAN), None);
    }
}
