//! Least squares in a box, for a handful of variables.

/// Number of variables: Chebyshev polynomials of degree 0 to 5, as in the source experiments.
pub(crate) const FEATURES: usize = 6;

/// Normal equations that grow by one observation at a time.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct NormalEquations {
    gram: [[f64; FEATURES]; FEATURES],
    moment: [f64; FEATURES],
    /// Sum of squared targets.
    target: f64,
    pub(crate) count: f64,
}

impl NormalEquations {
    pub(crate) fn push(&mut self, features: &[f64; FEATURES], target: f64) {
        for (row, a) in self.gram.iter_mut().zip(features) {
            for (entry, b) in row.iter_mut().zip(features) {
                *entry += a * b;
            }
        }
        for (moment, a) in self.moment.iter_mut().zip(features) {
            *moment += a * target;
        }
        self.target += target * target;
        self.count += 1.0;
    }

    /// Sum of squared residuals at `theta`.
    pub(crate) fn residual(&self, theta: &[f64; FEATURES]) -> f64 {
        let mut sum = self.target;
        for i in 0..FEATURES {
            let product: f64 = (0..FEATURES).map(|j| self.gram[i][j] * theta[j]).sum();
            sum += theta[i] * (product - 2.0 * self.moment[i]);
        }
        sum.max(0.0)
    }

    /// The least-squares solution with `|theta_j| <= bounds_j`: free if that fits, otherwise by coordinate descent from the clipped free solution. A slight
    /// ridge makes the solution unique, near the one of least norm.
    pub(crate) fn solve(&self, bounds: &[f64; FEATURES]) -> [f64; FEATURES] {
        const SWEEPS: usize = 100;
        let ridge = 1e-8 * self.count.max(1.0);
        let mut theta = self.free_solution(ridge);
        if theta.iter().zip(bounds).all(|(value, bound)| value.abs() <= *bound) {
            return theta;
        }
        for (value, bound) in theta.iter_mut().zip(bounds) {
            *value = value.clamp(-bound, *bound);
        }
        for _ in 0..SWEEPS {
            let mut moved = 0.0_f64;
            for i in 0..FEATURES {
                let others: f64 = (0..FEATURES).filter(|&j| j != i).map(|j| self.gram[i][j] * theta[j]).sum();
                let value = ((self.moment[i] - others) / (self.gram[i][i] + ridge)).clamp(-bounds[i], bounds[i]);
                moved = moved.max((value - theta[i]).abs());
                theta[i] = value;
            }
            if moved <= 1e-9 * bounds[0] {
                break;
            }
        }
        theta
    }

    /// By Cholesky factors of the ridged normal equations; they are positive definite.
    fn free_solution(&self, ridge: f64) -> [f64; FEATURES] {
        let mut factor = self.gram;
        for i in 0..FEATURES {
            factor[i][i] += ridge;
            for j in 0..=i {
                let sum: f64 = (0..j).map(|k| factor[i][k] * factor[j][k]).sum();
                factor[i][j] = if i == j { (factor[i][i] - sum).max(ridge * 1e-3).sqrt() } else { (factor[i][j] - sum) / factor[j][j] };
            }
        }
        let mut theta = self.moment;
        for i in 0..FEATURES {
            let sum: f64 = (0..i).map(|k| factor[i][k] * theta[k]).sum();
            theta[i] = (theta[i] - sum) / factor[i][i];
        }
        for i in (0..FEATURES).rev() {
            let sum: f64 = (i + 1..FEATURES).map(|k| factor[k][i] * theta[k]).sum();
            theta[i] = (theta[i] - sum) / factor[i][i];
        }
        theta
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// No point of the box near the solution is better.
        #[test]
        fn the_solution_is_best_in_its_box(
            rows in proptest::collection::vec((proptest::array::uniform6(-1.0..1.0_f64), -3.0..3.0_f64), 8..30),
            bound in 0.05..2.0_f64,
            moves in proptest::collection::vec((0..FEATURES, -0.1..0.1_f64), 20),
        ) {
            let mut equations = NormalEquations::default();
            for (features, target) in &rows {
                equations.push(features, *target);
            }
            let bounds = [bound; FEATURES];
            let theta = equations.solve(&bounds);
            prop_assert!(theta.iter().all(|value| value.abs() <= bound + 1e-12));
            let best = equations.residual(&theta);
            for (feature, step) in moves {
                let mut other = theta;
                other[feature] = (other[feature] + step).clamp(-bound, bound);
                prop_assert!(equations.residual(&other) >= best - 1e-4 * (1.0 + best));
            }
        }
    }
}
