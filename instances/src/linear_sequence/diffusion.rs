//! Implicit steps of diffusion with coefficients that vary in space and time.

use fathom_opt_problems::linear_sequence::{Change, LinearSequence, RelativeTo, Start, System};
use fathom_opt_problems::sparse::SparseMatrix;
use rand::distr::Distribution;
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sprs::TriMatI;

use super::size_limit::MOST_UNKNOWNS;
use crate::generator::Generator;
use crate::parameter_error::ParameterError;

/// `(mass I + K_t) x = b_t` on a square or cube with zero boundary values, where `K_t` is the finite-volume stencil (5 or 7 points, harmonic means at the faces) of
/// coefficients `exp(ln(contrast) * smooth noise / 2)` that drift in time. All systems have one pattern and values of their own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Diffusion {
    /// Points per side, 2 to 1024 in the plane and 2 to 128 in space.
    pub grid: usize,
    /// 2 or 3.
    pub dimension: usize,
    /// Number of systems, at least 1.
    pub systems: usize,
    /// Ratio of large to small coefficients, at least 1.
    pub contrast: f64,
    /// Coefficients along the last axis are this many times the others, above 0.
    pub anisotropy: f64,
    /// What is added to the diagonal, at least 0: `h^2` over the time step.
    pub mass: f64,
    /// How far the noise turns from system to system, in radians.
    pub drift: f64,
    /// The first system with contrast `switch-contrast`; 0 for none.
    pub switch_at: usize,
    /// Contrast after the switch, at least 1.
    pub switch_contrast: f64,
    /// Relative tolerance, in (0, 1).
    pub tolerance: f64,
}

impl Default for Diffusion {
    fn default() -> Self {
        Self {
            grid: 40,
            dimension: 2,
            systems: 50,
            contrast: 1e4,
            anisotropy: 1.0,
            mass: 1e-3,
            drift: 0.05,
            switch_at: 0,
            switch_contrast: 1.0,
            tolerance: 1e-8,
        }
    }
}

impl Generator for Diffusion {
    const NAME: &'static str = "diffusion";
    const SUMMARY: &'static str = "implicit diffusion steps with drifting, heterogeneous, perhaps anisotropic coefficients in 2-D or 3-D";
    const CITATION: &'static str =
        "Five- and seven-point finite volumes with harmonic means (Samarskii, The Theory of Difference Schemes, 2001).";
    type Problem = LinearSequence;

    fn generate(&self, rng: &mut ChaCha8Rng) -> Result<LinearSequence, ParameterError> {
        self.check()?;
        let noise = &[Noise::new(self.dimension, rng), Noise::new(self.dimension, rng)];
        let field = |t: usize| {
            let contrast = if self.switch_at > 0 && t >= self.switch_at { self.switch_contrast } else { self.contrast };
            // Turning from one noise towards the other keeps its strength.
            let angle = self.drift * t as f64;
            move |place: &[f64]| {
                (contrast.ln() / 2.0 * (angle.cos() * noise[0].at(place) + angle.sin() * noise[1].at(place)).clamp(-1.0, 1.0)).exp()
            }
        };
        let base = self.matrix(&field(0));
        let mut steps = Vec::with_capacity(self.systems);
        for t in 0..self.systems {
            let change = if t == 0 { Change::None } else { Change::Values(self.matrix(&field(t)).data().to_vec()) };
            // A smooth source that moves, with some noise.
            let rhs = (0..base.rows()).map(|at| {
                let place = self.place(at);
                let normal: f64 = StandardNormal.sample(rng);
                (place.iter().sum::<f64>() * 3.0 + 0.1 * t as f64).sin() + 0.1 * normal
            });
            steps.push(System { change, rhs: rhs.collect() });
        }
        Ok(LinearSequence::new(base, steps, self.tolerance, RelativeTo::Rhs, Start::Previous)?)
    }
}

impl Diffusion {
    fn check(&self) -> Result<(), ParameterError> {
        let most = match self.dimension {
            2 => 1024,
            3 => 128,
            _ => return Err(ParameterError::range("dimension", self.dimension, "2 or 3")),
        };
        if self.grid < 2 || self.grid > most {
            return Err(ParameterError::range("grid", self.grid, "2 to 1024 in the plane, 2 to 128 in space"));
        }
        // Each system has about ten numbers per unknown.
        if self.systems == 0 || self.systems.saturating_mul(10 * self.unknowns()) > MOST_UNKNOWNS {
            return Err(ParameterError::range("systems", self.systems, "at least 1, and at most 2^30 numbers over all systems"));
        }
        for (name, value) in [("contrast", self.contrast), ("switch-contrast", self.switch_contrast)] {
            if !(1.0..=1e12).contains(&value) {
                return Err(ParameterError::range(name, value, "1 to 1e12"));
            }
        }
        if !(1e-6..=1e6).contains(&self.anisotropy) {
            return Err(ParameterError::range("anisotropy", self.anisotropy, "1e-6 to 1e6"));
        }
        if !(0.0..=1e12).contains(&self.mass) {
            return Err(ParameterError::range("mass", self.mass, "0 to 1e12"));
        }
        if !self.drift.is_finite() {
            return Err(ParameterError::range("drift", self.drift, "a finite number"));
        }
        Ok(())
    }

    fn unknowns(&self) -> usize {
        self.grid.saturating_pow(if self.dimension == 2 { 2 } else { 3 })
    }

    /// Coordinates of a point in (0, 1).
    fn place(&self, at: usize) -> Vec<f64> {
        let step = 1.0 / (self.grid + 1) as f64;
        (0..self.dimension).map(|axis| (at / self.grid.pow(u32::try_from(axis).unwrap_or(0)) % self.grid + 1) as f64 * step).collect()
    }

    fn matrix(&self, coefficient: &dyn Fn(&[f64]) -> f64) -> SparseMatrix {
        let n = self.unknowns();
        let values: Vec<f64> = (0..n).map(|at| coefficient(&self.place(at))).collect();
        let mut triplets: TriMatI<f64, u32> = TriMatI::with_capacity((n, n), (2 * self.dimension + 1) * n);
        for at in 0..n {
            let mut diagonal = self.mass;
            for axis in 0..self.dimension {
                let stride = self.grid.pow(u32::try_from(axis).unwrap_or(0));
                let position = at / stride % self.grid;
                let stretch = if axis + 1 == self.dimension { self.anisotropy } else { 1.0 };
                for (inside, neighbour) in [(position > 0, at.wrapping_sub(stride)), (position + 1 < self.grid, at + stride)] {
                    let face = if inside { 2.0 / (1.0 / values[at] + 1.0 / values[neighbour]) } else { values[at] };
                    diagonal += stretch * face;
                    if inside {
                        triplets.add_triplet(at, neighbour, -stretch * face);
                    }
                }
            }
            triplets.add_triplet(at, at, diagonal);
        }
        triplets.to_csr()
    }
}

/// A sum of waves with random directions and phases, of size about 1.
struct Noise {
    waves: Vec<(Vec<f64>, f64)>,
}

const WAVES: usize = 12;

impl Noise {
    fn new(dimension: usize, rng: &mut ChaCha8Rng) -> Self {
        let mut normal = || -> f64 { StandardNormal.sample(rng) };
        let waves = (0..WAVES).map(|_| ((0..dimension).map(|_| 12.0 * normal()).collect(), std::f64::consts::TAU * normal())).collect();
        Self { waves }
    }

    fn at(&self, place: &[f64]) -> f64 {
        let sum: f64 = self.waves.iter().map(|(wave, phase)| (wave.iter().zip(place).map(|(k, x)| k * x).sum::<f64>() + phase).sin()).sum();
        sum / (WAVES as f64 / 4.0).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::rand_core::SeedableRng;

    #[test]
    fn every_matrix_is_symmetric_and_diagonally_dominant() {
        for dimension in [2, 3] {
            let generator = Diffusion { grid: 6, dimension, systems: 3, anisotropy: 0.01, switch_at: 2, ..Diffusion::default() };
            let problem = generator.generate(&mut ChaCha8Rng::seed_from_u64(1)).unwrap();
            for t in 0..3 {
                let matrix = problem.matrix(t);
                for (row, entries) in matrix.outer_iterator().enumerate() {
                    let sum: f64 = entries.data().iter().sum();
                    assert!(sum >= 0.999 * generator.mass, "row {row}: {sum}");
                    for (col, value) in entries.iter() {
                        assert!((matrix.get(col, row).unwrap() - value).abs() <= 1e-14 * value.abs());
                    }
                }
            }
            assert_eq!(problem.base().nnz(), problem.matrix(2).nnz());
        }
    }
}
