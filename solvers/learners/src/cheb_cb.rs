//! `ChebCB`.

use std::f64::consts::PI;

use rand_chacha::ChaCha8Rng;

use crate::bandit::{Bandit, Draw, draw_from};
use crate::box_least_squares::{FEATURES, NormalEquations};

/// Inverse-gap weighting (`SquareCB`, Foster and Rakhlin 2020) with one Chebyshev polynomial of degree 5 per arm in a scalar context: `ChebCB` of the source paper,
/// with the constants of its experiments. Regression targets stay unscaled, so that a new scale needs no new fit, and each round costs one solve with 6 variables.
#[derive(Debug, Clone)]
pub struct ChebCb {
    from: f64,
    to: f64,
    fits: Vec<Fit>,
    rounds: f64,
    largest: f64,
    smallest: f64,
    /// Sum over past rounds of squared differences of prediction and loss.
    surprise: f64,
    probabilities: Vec<f64>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Fit {
    equations: NormalEquations,
    theta: [f64; FEATURES],
    residual: f64,
}

impl ChebCb {
    /// Over so many arms (at least 1), for contexts in this range.
    pub fn new(arms: usize, range: (f64, f64)) -> Self {
        let arms = arms.max(1);
        Self {
            from: range.0,
            to: range.1,
            fits: vec![Fit::default(); arms],
            rounds: 0.0,
            largest: 0.0,
            smallest: f64::INFINITY,
            surprise: 0.0,
            probabilities: vec![1.0 / arms as f64; arms],
        }
    }

    /// `T_0 .. T_5` of the context, moved to [-1, 1].
    fn features(&self, context: f64) -> [f64; FEATURES] {
        let width = self.to - self.from;
        let moved = if width > 0.0 { (2.0 * (context - self.from) / width - 1.0).clamp(-1.0, 1.0) } else { 0.0 };
        let mut features = [1.0, moved, 0.0, 0.0, 0.0, 0.0];
        for k in 2..FEATURES {
            features[k] = 2.0 * moved * features[k - 1] - features[k - 2];
        }
        features
    }

    /// `(max - min loss)`, the observed variation over the range: Lipschitz constant times width.
    fn variation(&self) -> f64 {
        (self.largest - self.smallest).max(0.0)
    }

    /// `K N`: what losses are divided by so that all predictions stay below 1.
    fn scale(&self) -> f64 {
        let features = FEATURES as f64;
        2.0 * self.largest.max(1.0) + 4.0 * self.variation() * (1.0 + features.ln())
    }

    fn bounds(&self) -> [f64; FEATURES] {
        let mut bounds = [self.largest.max(1.0); FEATURES];
        for (degree, bound) in bounds.iter_mut().enumerate().skip(1) {
            *bound = 2.0 * self.variation() / degree as f64;
        }
        bounds
    }

    /// How sharply gaps are weighted, times `t` as in the experiments, so that exploration falls like `1 / t`.
    fn sharpness(&self) -> f64 {
        let features = FEATURES as f64;
        let (arms, t, scale) = (self.fits.len() as f64, self.rounds + 1.0, self.scale());
        let approximation = (PI + (2.0 / PI) * (2.0 * features + 1.0).ln()) / (2.0 * scale * (features + 1.0)) * self.variation();
        let fitted: f64 = self.fits.iter().map(|fit| fit.residual).sum();
        let regret = ((self.surprise - fitted) / (scale * scale)).max(0.0) + 2.0 * approximation * approximation * t;
        if regret > 0.0 { 2.0 * t * (arms * t / regret).sqrt() } else { 0.0 }
    }
}

impl Bandit for ChebCb {
    fn arms(&self) -> usize {
        self.fits.len()
    }

    fn draw(&mut self, context: f64, rng: &mut ChaCha8Rng) -> Draw {
        let features = self.features(context);
        let scale = self.scale();
        for (prediction, fit) in self.probabilities.iter_mut().zip(&self.fits) {
            *prediction = dot(&fit.theta, &features) / scale;
        }
        let sharpness = self.sharpness();
        inverse_gap_weights(&mut self.probabilities, sharpness);
        draw_from(&self.probabilities, rng)
    }

    fn observe(&mut self, context: f64, draw: Draw, loss: f64) {
        if !loss.is_finite() || draw.arm >= self.fits.len() {
            return;
        }
        let features = self.features(context);
        self.rounds += 1.0;
        let target = (loss - 1.0).max(0.0);
        self.surprise += (dot(&self.fits[draw.arm].theta, &features) - target).powi(2);
        let wider = loss > self.largest || loss < self.smallest;
        self.largest = self.largest.max(loss);
        self.smallest = self.smallest.min(loss);
        self.fits[draw.arm].equations.push(&features, target);
        let bounds = self.bounds();
        for (arm, fit) in self.fits.iter_mut().enumerate() {
            // Wider bounds concern every arm.
            if arm == draw.arm || (wider && fit.equations.count > 0.0) {
                fit.theta = fit.equations.solve(&bounds);
                fit.residual = fit.equations.residual(&fit.theta);
            }
        }
    }

    fn probabilities(&self) -> &[f64] {
        &self.probabilities
    }

    fn reset(&mut self) {
        *self = Self::new(self.fits.len(), (self.from, self.to));
    }
}

fn dot(a: &[f64; FEATURES], b: &[f64; FEATURES]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Turns predictions into probabilities: `1 / (d + sharpness * gap)` for each of the `d` arms but the best, which gets the rest (Abe and Long 1999).
pub fn inverse_gap_weights(predictions: &mut [f64], sharpness: f64) {
    let arms = predictions.len() as f64;
    let Some((best, &least)) = predictions.iter().enumerate().min_by(|a, b| a.1.total_cmp(b.1)) else { return };
    let mut rest = 1.0;
    for (arm, prediction) in predictions.iter_mut().enumerate() {
        if arm != best {
            *prediction = 1.0 / (arms + sharpness * (*prediction - least));
            rest -= *prediction;
        }
    }
    predictions[best] = rest;
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};

    #[test]
    fn weights_are_a_distribution_that_favours_the_best() {
        let mut weights = [0.3, 0.1, 0.2];
        inverse_gap_weights(&mut weights, 100.0);
        assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-15);
        assert!((weights[0] - 1.0 / 23.0).abs() < 1e-15 && weights[1] > 0.8);
    }

    /// The best arm changes with the context; a learner without context cannot win here.
    #[test]
    fn the_arm_follows_the_context() {
        let mut learner = ChebCb::new(3, (0.0, 1.0));
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        let mut late = 0.0;
        for round in 0..3000 {
            let context: f64 = rng.random();
            let draw = learner.draw(context, &mut rng);
            let best = [0.0, 0.5, 1.0][draw.arm];
            let loss = 10.0 + 100.0 * (context - best).abs() + rng.random::<f64>();
            learner.observe(context, draw, loss);
            if round >= 2000 {
                late += loss / 1000.0;
            }
        }
        // The best arm of each context costs 10.5 + 12.5 on average, the best fixed one 10.5 + 25.
        assert!(late < 27.0, "{late}");
    }
}
