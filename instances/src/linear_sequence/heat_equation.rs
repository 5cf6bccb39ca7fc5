//! The heat equation with a diffusivity that changes in time: the paper's sequence of related systems.

use std::f64::consts::TAU;

use fathom_opt_problems::linear_sequence::{Change, LinearSequence, RelativeTo, Start, System};
use rand_chacha::ChaCha8Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::grid::{SineBasis, laplacian};
use super::size_limit::MOST_UNKNOWNS;
use crate::generator::Generator;
use crate::parameter_error::ParameterError;

/// Crank-Nicolson steps of `u_t = kappa(t) Laplace(u) + f` on the unit square with zero boundary values, as in Khodak, Chow, Balcan and Talwalkar,
/// "Learning to Relax" (ICLR 2024), section 5: `kappa(t) = max(0.1 sin 2 pi t, -10 sin 2 pi t)`, a source that circles the centre, a bump at the start.
///
/// Each step is divided by `kappa dt / (2 h^2)`, which leaves the solution and the relative residual unchanged and makes every matrix `A + c_t I`
/// with the five-point Laplacian `A` and `c_t = 2 h^2 / (kappa dt)`. Right-hand sides follow from exact solutions (by sine transform), so that
/// they do not depend on any solver.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct HeatEquation {
    /// Grid intervals per side; there are `(intervals - 1)^2` unknowns. 2 to 4097.
    pub intervals: usize,
    /// Number of time steps, at least 1.
    pub steps: usize,
    /// Length of a time step.
    pub dt: f64,
    /// Every how many time steps a system is kept (1: all). The steps between are taken, but not part of the instance.
    pub stride: usize,
    /// Relative tolerance, in (0, 1).
    pub tolerance: f64,
}

impl Default for HeatEquation {
    fn default() -> Self {
        Self { intervals: 25, steps: 100, dt: 1e-3, stride: 1, tolerance: 1e-8 }
    }
}

impl Generator for HeatEquation {
    const NAME: &'static str = "heat-equation";
    const SUMMARY: &'static str = "Crank-Nicolson steps of the heat equation with varying diffusivity: shifted Laplacians";
    const CITATION: &'static str = "M. Khodak, E. Chow, M.-F. Balcan, A. Talwalkar, Learning to Relax, ICLR 2024.";
    type Problem = LinearSequence;

    fn generate(&self, _rng: &mut ChaCha8Rng) -> Result<LinearSequence, ParameterError> {
        if self.intervals < 2 {
            return Err(ParameterError::range("intervals", self.intervals, "2 to 4097"));
        }
        let side = self.intervals - 1;
        let matrix = laplacian("intervals", side)?;
        if !(self.dt > 0.0 && self.dt.is_finite()) {
            return Err(ParameterError::range("dt", self.dt, "a number above 0"));
        }
        if self.stride == 0 {
            return Err(ParameterError::range("stride", 0, "at least 1"));
        }
        if self.steps == 0 || (self.steps / self.stride).saturating_mul(side * side) > MOST_UNKNOWNS {
            return Err(ParameterError::range("steps", self.steps, "at least 1, and at most 2^30 unknowns over all kept systems"));
        }
        let steps = self.integrate(side)?;
        Ok(LinearSequence::new(matrix, steps, self.tolerance, RelativeTo::Rhs, Start::Previous)?)
    }
}

impl HeatEquation {
    fn integrate(&self, side: usize) -> Result<Vec<System>, ParameterError> {
        let h = 1.0 / self.intervals as f64;
        let basis = SineBasis::new(side);
        let eigenvalues: Vec<f64> = (0..side * side).map(|at| basis.eigenvalue(at)).collect();
        let on_grid = |value: &dyn Fn(f64, f64) -> f64| -> Vec<f64> {
            (0..side * side).map(|at| value((at % side + 1) as f64 * h, (at / side + 1) as f64 * h)).collect()
        };
        // All in the sine basis, where a Crank-Nicolson step is one division per coefficient.
        let mut u = basis.transform(&on_grid(&|x, y| bump(x - 0.5, y - 0.5, 0.25)));
        let mut steps = Vec::with_capacity(self.steps / self.stride + 1);
        for step in 0..self.steps {
            let middle = (step as f64 + 0.5) * self.dt;
            let kappa = diffusivity(middle);
            let shift = 2.0 * h * h / (kappa * self.dt);
            if !(shift.is_finite() && shift > 0.0) {
                return Err(ParameterError::range("dt", self.dt, "a step whose midpoints avoid the zeros of the diffusivity"));
            }
            let angle = 8.0 * TAU * middle;
            let source = on_grid(&|x, y| 32.0 * bump(x - 0.5 - 0.25 * angle.cos(), y - 0.5 - 0.25 * angle.sin(), 0.125));
            let source = basis.transform(&source);
            // (c I + A) u+ = (c I - A) u + c dt f
            let rhs: Vec<f64> = u
                .iter()
                .zip(&source)
                .zip(&eigenvalues)
                .map(|((&u, &f), &eigenvalue)| (shift - eigenvalue) * u + shift * self.dt * f)
                .collect();
            if step % self.stride == 0 {
                steps.push(System { change: Change::Shift(shift), rhs: basis.transform(&rhs) });
            }
            for ((u, b), eigenvalue) in u.iter_mut().zip(&rhs).zip(&eigenvalues) {
                *u = b / (shift + eigenvalue);
            }
        }
        Ok(steps)
    }
}

/// `kappa(t)`: weak for half a period, a hundred times stronger for the other half.
fn diffusivity(t: f64) -> f64 {
    let sine = (TAU * t).sin();
    (0.1 * sine).max(-10.0 * sine)
}

/// A smooth bump of height 1 and this radius.
fn bump(dx: f64, dy: f64, radius: f64) -> f64 {
    let squared = (dx * dx + dy * dy) / (radius * radius);
    if squared < 1.0 { (1.0 - 1.0 / (1.0 - squared)).exp() } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fathom_opt_problems::Problem;
    use fathom_opt_problems::linear_sequence::{KeptSolution, LinearSequenceSolution};
    use rand_chacha::rand_core::SeedableRng;

    /// The right-hand sides must continue the time stepping: solve each system in the sine basis and rebuild the next right-hand side with the matrix.
    #[test]
    fn each_right_hand_side_follows_from_the_previous_solution() {
        let generator = HeatEquation { intervals: 9, steps: 12, ..HeatEquation::default() };
        let problem = generator.generate(&mut ChaCha8Rng::seed_from_u64(0)).unwrap();
        let basis = SineBasis::new(8);
        let solutions: Vec<Vec<f64>> = problem
            .steps()
            .iter()
            .map(|step| {
                let Change::Shift(shift) = step.change else { panic!("a shift") };
                let coefficients = basis.transform(&step.rhs);
                let solved: Vec<f64> = coefficients.iter().enumerate().map(|(at, b)| b / (shift + basis.eigenvalue(at))).collect();
                basis.transform(&solved)
            })
            .collect();
        let claim = LinearSequenceSolution {
            residuals: vec![1e-12; 12],
            iterations: vec![1; 12],
            x: solutions.iter().cloned().enumerate().map(|(system, values)| KeptSolution { system, values }).collect(),
        };
        let verdict = problem.check(&claim).unwrap();
        assert!(verdict.holds(), "{verdict:?}");
        assert!(verdict.objective.unwrap().value < 1e-12);

        let h = 1.0 / 9.0;
        for t in 1..12 {
            let Change::Shift(shift) = problem.steps()[t].change else { panic!("a shift") };
            let middle = (t as f64 + 0.5) * generator.dt;
            let angle = 8.0 * TAU * middle;
            for (row, entries) in problem.base().outer_iterator().enumerate() {
                let product: f64 = entries.iter().map(|(col, value)| value * solutions[t - 1][col]).sum();
                let (x, y) = ((row % 8 + 1) as f64 * h, (row / 8 + 1) as f64 * h);
                let source = 32.0 * bump(x - 0.5 - 0.25 * angle.cos(), y - 0.5 - 0.25 * angle.sin(), 0.125);
                let expected = shift * solutions[t - 1][row] - product + shift * generator.dt * source;
                let scale = shift.max(1.0);
                assert!((problem.steps()[t].rhs[row] - expected).abs() < 1e-11 * scale, "step {t}, row {row}");
            }
        }
    }
}
