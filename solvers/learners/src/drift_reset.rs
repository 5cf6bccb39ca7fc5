//! Starting again when the world has changed.

use rand_chacha::ChaCha8Rng;

use crate::bandit::{Bandit, Draw};

/// Resets a learner when the mean of the latest losses exceeds the forecast, the mean of all since the last reset, by two deviations.
#[derive(Debug, Clone)]
pub struct DriftReset<B> {
    learner: B,
    /// The latest losses, a ring.
    recent: Vec<f64>,
    at: usize,
    count: f64,
    mean: f64,
    squares: f64,
    resets: u64,
}

/// Losses whose mean is compared with the forecast.
const WINDOW: usize = 30;
/// Losses before a forecast counts.
const SETTLED: f64 = 300.0;
/// Deviations of single losses above the forecast that the window's mean may reach; for independent losses that is eleven deviations of the mean.
const TOLERATED: f64 = 2.0;

impl<B: Bandit> DriftReset<B> {
    /// Around this learner.
    pub fn new(learner: B) -> Self {
        Self { learner, recent: Vec::with_capacity(WINDOW), at: 0, count: 0.0, mean: 0.0, squares: 0.0, resets: 0 }
    }

    /// How often it started again.
    pub fn resets(&self) -> u64 {
        self.resets
    }

    fn forget(&mut self) {
        self.recent.clear();
        self.at = 0;
        (self.count, self.mean, self.squares) = (0.0, 0.0, 0.0);
    }
}

impl<B: Bandit> Bandit for DriftReset<B> {
    fn arms(&self) -> usize {
        self.learner.arms()
    }

    fn draw(&mut self, context: f64, rng: &mut ChaCha8Rng) -> Draw {
        self.learner.draw(context, rng)
    }

    fn observe(&mut self, context: f64, draw: Draw, loss: f64) {
        self.learner.observe(context, draw, loss);
        if !loss.is_finite() {
            return;
        }
        // A loss enters the forecast only when it leaves the window, so that drift does not forecast itself.
        if self.recent.len() < WINDOW {
            self.recent.push(loss);
            return;
        }
        let old = std::mem::replace(&mut self.recent[self.at], loss);
        self.at = (self.at + 1) % WINDOW;
        self.count += 1.0;
        let before = old - self.mean;
        self.mean += before / self.count;
        self.squares += before * (old - self.mean);
        let deviation = (self.squares / self.count).sqrt();
        let latest = self.recent.iter().sum::<f64>() / WINDOW as f64;
        if self.count >= SETTLED && latest > self.mean + TOLERATED * deviation.max(1e-3 * self.mean.abs()) {
            self.learner.reset();
            self.forget();
            self.resets += 1;
        }
    }

    fn probabilities(&self) -> &[f64] {
        self.learner.probabilities()
    }

    fn reset(&mut self) {
        self.learner.reset();
        self.forget();
    }
}
