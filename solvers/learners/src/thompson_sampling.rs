//! Thompson sampling.

use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use crate::bandit::{Bandit, Draw};

/// Gaussian Thompson sampling: an arm's mean loss is drawn from a normal around what was seen, its width the pooled deviation over the root of the plays; the arm with the lowest
/// draw is played. Every arm is played once first.
#[derive(Debug, Clone)]
pub struct ThompsonSampling {
    plays: Vec<f64>,
    means: Vec<f64>,
    /// Sum of squared deviations within arms.
    spread: f64,
    rounds: f64,
}

impl ThompsonSampling {
    /// Over so many arms (at least 1).
    pub fn new(arms: usize) -> Self {
        let arms = arms.max(1);
        Self { plays: vec![0.0; arms], means: vec![0.0; arms], spread: 0.0, rounds: 0.0 }
    }
}

impl Bandit for ThompsonSampling {
    fn arms(&self) -> usize {
        self.plays.len()
    }

    fn draw(&mut self, _: f64, rng: &mut ChaCha8Rng) -> Draw {
        if let Some(arm) = self.plays.iter().position(|&plays| plays == 0.0) {
            return Draw { arm, probability: 1.0 };
        }
        let degrees = (self.rounds - self.plays.len() as f64).max(1.0);
        // Before arms were repeated nothing is known of the spread: as much as the losses themselves.
        let mean = self.means.iter().sum::<f64>() / self.means.len() as f64;
        let deviation = if self.rounds < 2.0 * self.plays.len() as f64 { mean.abs() } else { (self.spread / degrees).sqrt() };
        let mut best = (0, f64::INFINITY);
        for (arm, (mean, plays)) in self.means.iter().zip(&self.plays).enumerate() {
            let normal: f64 = StandardNormal.sample(rng);
            let sample = mean + deviation * normal / plays.sqrt();
            if sample < best.1 {
                best = (arm, sample);
            }
        }
        Draw { arm: best.0, probability: f64::NAN }
    }

    fn observe(&mut self, _: f64, draw: Draw, loss: f64) {
        if !loss.is_finite() || draw.arm >= self.plays.len() {
            return;
        }
        self.rounds += 1.0;
        self.plays[draw.arm] += 1.0;
        let before = loss - self.means[draw.arm];
        self.means[draw.arm] += before / self.plays[draw.arm];
        self.spread += before * (loss - self.means[draw.arm]);
    }

    fn reset(&mut self) {
        *self = Self::new(self.plays.len());
    }
}
