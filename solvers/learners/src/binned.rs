//! One learner per bin of the context.

use rand_chacha::ChaCha8Rng;

use crate::bandit::{Bandit, Draw};

/// Splits a scalar context's range into equal bins with a learner each (Tsallis-INF-CB of the source paper). Contexts outside belong to the nearest bin.
#[derive(Debug, Clone)]
pub struct Binned<B> {
    from: f64,
    to: f64,
    bins: Vec<B>,
    /// Whose turn it was last.
    last: usize,
}

impl<B: Bandit + Clone> Binned<B> {
    /// So many bins (at least 1) of the range, each with a copy of `learner`.
    pub fn new(range: (f64, f64), bins: usize, learner: &B) -> Self {
        Self { from: range.0, to: range.1, bins: vec![learner.clone(); bins.max(1)], last: 0 }
    }

    fn bin(&mut self, context: f64) -> &mut B {
        let width = (self.to - self.from) / self.bins.len() as f64;
        let last = self.bins.len() - 1;
        // The first bin takes what is not above its upper edge, NaN included.
        let bin = (1..=last).rev().find(|&bin| context >= self.from + width * bin as f64).unwrap_or(0);
        self.last = bin;
        &mut self.bins[bin]
    }
}

impl<B: Bandit + Clone> Bandit for Binned<B> {
    fn arms(&self) -> usize {
        self.bins[0].arms()
    }

    fn draw(&mut self, context: f64, rng: &mut ChaCha8Rng) -> Draw {
        self.bin(context).draw(context, rng)
    }

    fn observe(&mut self, context: f64, draw: Draw, loss: f64) {
        self.bin(context).observe(context, draw, loss);
    }

    fn probabilities(&self) -> &[f64] {
        self.bins[self.last].probabilities()
    }

    fn reset(&mut self) {
        self.bins.iter_mut().for_each(Bandit::reset);
    }
}
