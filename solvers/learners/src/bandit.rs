//! What all learners do.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// An arm that was drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Draw {
    /// Which arm, from 0.
    pub arm: usize,
    /// The probability it was drawn with; NaN where the method does not know it.
    pub probability: f64,
}

/// A learner that is told the losses of the arms it draws. Contexts are scalars; learners without context ignore them.
pub trait Bandit {
    /// Number of arms, at least 1.
    fn arms(&self) -> usize;

    /// Draws an arm.
    fn draw(&mut self, context: f64, rng: &mut ChaCha8Rng) -> Draw;

    /// Learns that the arm drawn for `context` cost `loss` (at least 0; the best imaginable is 1 where losses are iteration counts).
    fn observe(&mut self, context: f64, draw: Draw, loss: f64);

    /// The distribution that the last draw was from, an entry per arm; empty where the method does not know it.
    fn probabilities(&self) -> &[f64] {
        &[]
    }

    /// Forgets everything.
    fn reset(&mut self);
}

impl Bandit for Box<dyn Bandit + Send> {
    fn arms(&self) -> usize {
        self.as_ref().arms()
    }

    fn draw(&mut self, context: f64, rng: &mut ChaCha8Rng) -> Draw {
        self.as_mut().draw(context, rng)
    }

    fn observe(&mut self, context: f64, draw: Draw, loss: f64) {
        self.as_mut().observe(context, draw, loss);
    }

    fn probabilities(&self) -> &[f64] {
        self.as_ref().probabilities()
    }

    fn reset(&mut self) {
        self.as_mut().reset();
    }
}

/// Draws from `probabilities`, which sum to 1 up to rounding.
pub(crate) fn draw_from(probabilities: &[f64], rng: &mut ChaCha8Rng) -> Draw {
    let mut left: f64 = rng.random();
    for (arm, &probability) in probabilities.iter().enumerate() {
        if left < probability {
            return Draw { arm, probability };
        }
        left -= probability;
    }
    // Rounding left a crumb: the last arm that can be drawn.
    let arm = probabilities.iter().rposition(|&probability| probability > 0.0).unwrap_or(0);
    Draw { arm, probability: probabilities.get(arm).copied().unwrap_or(1.0) }
}

/// Every arm alike, always.
#[derive(Debug, Clone, PartialEq)]
pub struct Uniform {
    probabilities: Vec<f64>,
}

impl Uniform {
    /// Over so many arms (at least 1).
    pub fn new(arms: usize) -> Self {
        let arms = arms.max(1);
        Self { probabilities: vec![1.0 / arms as f64; arms] }
    }
}

impl Bandit for Uniform {
    fn arms(&self) -> usize {
        self.probabilities.len()
    }

    fn draw(&mut self, _: f64, rng: &mut ChaCha8Rng) -> Draw {
        let arm = rng.random_range(0..self.probabilities.len());
        Draw { arm, probability: self.probabilities[arm] }
    }

    fn observe(&mut self, _: f64, _: Draw, _: f64) {}

    fn probabilities(&self) -> &[f64] {
        &self.probabilities
    }

    fn reset(&mut self) {}
}
