//! EXP3-IX: a bandit with implicit exploration, whose regret is small with high probability (Neu, "Explore no more", 2015).

use crate::hedge::Hedge;

/// Exponential weights on importance-weighted losses `loss / (p + gamma)`, with `gamma = eta / 2`.
#[derive(Debug, Clone, PartialEq)]
pub struct Exp3Ix {
    hedge: Hedge,
    exploration: f64,
}

impl Exp3Ix {
    /// `arms` arms over `rounds` rounds, `eta = sqrt(2 ln K / (K T))`.
    pub fn for_horizon(arms: usize, rounds: u64) -> Self {
        let count = arms.max(2) as f64;
        let rate = (2.0 * count.ln() / (count * rounds.max(1) as f64)).sqrt();
        Self { hedge: Hedge::new(arms, rate), exploration: rate / 2.0 }
    }

    /// The arm whose share of the weights contains `uniform`, a draw from `[0, 1)`.
    pub fn draw(&self, uniform: f64) -> usize {
        self.hedge.draw(uniform)
    }

    /// The exponents of the weights, for [`Exp3Ix::resume`].
    pub fn exponents(&self) -> &[f64] {
        self.hedge.exponents()
    }

    /// Takes the place of a learner over as many arms and rounds with these exponents.
    pub fn resume(&mut self, exponents: &[f64]) {
        self.hedge.resume(exponents);
    }

    /// Takes in the loss (in `[0, 1]`) of the arm that was played.
    pub fn update(&mut self, arm: usize, loss: f64) {
        let estimate = loss / (self.hedge.probability(arm) + self.exploration);
        self.hedge.update_one(arm, estimate);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_finds_the_better_arm() {
        let mut bandit = Exp3Ix::for_horizon(2, 5000);
        let mut good = 0;
        for t in 0..5000_u32 {
            // A low-discrepancy sequence stands in for random draws.
            let arm = bandit.draw((f64::from(t) * 0.618_033_988_749_895).fract());
            good += u32::from(arm == 1);
            bandit.update(arm, if arm == 1 { 0.3 } else { 0.6 });
        }
        assert!(good > 4000, "{good}");
    }
}
