//! EXP3 for a bandit in which one loss is known without being drawn.

use crate::hedge::Hedge;

/// Exponential weights on importance-weighted losses (Auer, Cesa-Bianchi, Freund and Schapire 2002), every loss counted from a known one.
///
/// Some bandits have an arm whose loss is known each round whoever is drawn: doing nothing, the status quo. That loss `s` is a control variate. An arm
/// drawn with probability `p` has the estimate `(loss - s) / p`, whose second moment is `(loss - s)^2 / p` instead of `loss^2 / p`: arms that differ
/// little are told apart with little noise. Where `p` is below the rate, `loss / p - s` takes its place, so that no estimate falls below `-1 / rate`.
/// Both are unbiased for `loss - s`, and what all arms have in common changes no regret.
///
/// The rate is `sqrt(ln K / (K t))` in round `t`: no horizon has to be known, and what matters early is learned early. With the standard argument
/// (`exp(x) <= 1 + x + x^2` for `x <= 1`, second moments at most `K + 1` in sum) the expected regret is at most `4 sqrt(K T ln K)` against any losses in
/// `[0, 1]` that do not depend on the draw of their own round.
#[derive(Debug, Clone, PartialEq)]
pub struct AnchoredExp3 {
    /// Cumulative estimates, relative to the known losses.
    losses: Vec<f64>,
    rounds: u64,
    weights: Vec<f64>,
    total: f64,
}

impl AnchoredExp3 {
    /// Over so many arms (at least 1), before the first round.
    pub fn new(arms: usize) -> Self {
        Self::resume(vec![0.0; arms.max(1)], 0)
    }

    /// Goes on from the [estimates](Self::losses) and the number of [rounds](Self::rounds) of another learner.
    pub fn resume(losses: Vec<f64>, rounds: u64) -> Self {
        let losses = if losses.is_empty() { vec![0.0] } else { losses };
        let mut learner = Self { weights: vec![1.0; losses.len()], total: losses.len() as f64, losses, rounds };
        learner.weigh();
        learner
    }

    /// The cumulative estimate of each arm's loss, relative to the known ones.
    pub fn losses(&self) -> &[f64] {
        &self.losses
    }

    /// How many losses it has taken in.
    pub fn rounds(&self) -> u64 {
        self.rounds
    }

    /// The most that the expected regret can be after `rounds` rounds over `arms` arms.
    pub fn regret_bound(arms: usize, rounds: u64) -> f64 {
        let arms = arms.max(2) as f64;
        4.0 * (arms * rounds as f64 * arms.ln()).sqrt()
    }

    /// The learning rate of the round that comes.
    fn rate(&self) -> f64 {
        let arms = self.losses.len().max(2) as f64;
        (arms.ln() / (arms * (self.rounds as f64 + 1.0))).sqrt()
    }

    /// The probability of `arm`.
    pub fn probability(&self, arm: usize) -> f64 {
        self.weights.get(arm).map_or(0.0, |weight| weight / self.total)
    }

    /// The arm whose share of the weights contains `uniform`, a draw from `[0, 1)`.
    pub fn draw(&self, uniform: f64) -> usize {
        Hedge::share_of(&self.weights, uniform * self.total)
    }

    /// Takes in the loss of the arm that was drawn, and the known loss of the round; both in `[0, 1]`.
    pub fn update(&mut self, arm: usize, loss: f64, known: f64) {
        if !(loss.is_finite() && known.is_finite()) {
            return;
        }
        let rate = self.rate();
        for (k, (estimate, weight)) in self.losses.iter_mut().zip(&self.weights).enumerate() {
            let probability = weight / self.total;
            let likely = probability >= rate;
            if k == arm && probability > 0.0 {
                *estimate += (loss - if likely { known } else { 0.0 }) / probability;
            }
            if !likely {
                *estimate -= known;
            }
        }
        self.rounds += 1;
        self.weigh();
    }

    fn weigh(&mut self) {
        let rate = self.rate();
        let least = self.losses.iter().copied().fold(f64::INFINITY, f64::min);
        self.total = 0.0;
        for (loss, weight) in self.losses.iter().zip(&mut self.weights) {
            *weight = (rate * (least - loss)).exp();
            self.total += *weight;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exp3_ix::Exp3Ix;

    /// A low-discrepancy sequence that stands in for random draws.
    fn uniform(round: u64) -> f64 {
        (round as f64 * 0.618_033_988_749_895).fract()
    }

    #[test]
    fn estimates_are_unbiased_in_both_branches() {
        // Rates around the middle probability: one arm is likely, one is not.
        let start = AnchoredExp3::resume(vec![0.0, 9.0, 30.0], 40);
        let (losses, known) = ([0.3, 0.7, 0.2], 0.45);
        let (mut means, mut likely) = ([0.0; 3], 0);
        for (arm, loss) in losses.iter().enumerate() {
            let mut drawn = start.clone();
            drawn.update(arm, *loss, known);
            likely += usize::from(start.probability(arm) >= start.rate());
            for (k, mean) in means.iter_mut().enumerate() {
                *mean += start.probability(arm) * (drawn.losses[k] - start.losses[k]);
            }
        }
        assert_eq!(likely, 2, "two arms are in the one branch, one is in the other");
        for (mean, loss) in means.iter().zip(losses) {
            assert!((mean - (loss - known)).abs() < 1e-12, "{mean} {loss}");
        }
    }

    #[test]
    fn small_differences_beside_a_large_common_loss_are_learned_sooner_than_by_implicit_exploration() {
        let rounds = 20_000;
        let (mut anchored, mut plain) = (AnchoredExp3::new(4), Exp3Ix::for_horizon(4, rounds));
        let losses = [0.80, 0.70, 0.90, 0.82];
        let (mut own, mut other) = (0.0, 0.0);
        for round in 0..rounds {
            let arm = anchored.draw(uniform(round));
            own += losses[arm];
            anchored.update(arm, losses[arm], losses[3]);
            let arm = plain.draw(uniform(round));
            other += losses[arm];
            plain.update(arm, losses[arm]);
        }
        let best = 0.70 * rounds as f64;
        assert!(own - best < 0.5 * (other - best), "{} {}", own - best, other - best);
    }

    #[test]
    fn regret_stays_below_its_bound_when_the_best_arm_changes() {
        let rounds = 20_000_u64;
        let mut learner = AnchoredExp3::new(3);
        let (mut own, mut sums) = (0.0, [0.0; 3]);
        for t in 0..rounds {
            let losses = if t < rounds / 2 { [0.0, 1.0, 0.5] } else { [1.0, 0.0, 0.5] };
            let arm = learner.draw(uniform(t));
            own += losses[arm];
            sums.iter_mut().zip(losses).for_each(|(sum, loss)| *sum += loss);
            learner.update(arm, losses[arm], losses[2]);
        }
        let best = sums.iter().copied().fold(f64::INFINITY, f64::min);
        assert!(own - best <= AnchoredExp3::regret_bound(3, rounds), "{}", own - best);
    }

    #[test]
    fn a_resumed_learner_goes_on_bit_for_bit() {
        let mut learner = AnchoredExp3::new(3);
        for t in 0..100 {
            learner.update(learner.draw(uniform(t)), 0.1 * (t % 7) as f64, 0.4);
        }
        assert_eq!(AnchoredExp3::resume(learner.losses().to_vec(), learner.rounds()), learner);
        // Whatever it is told, there is a distribution to draw from.
        for losses in [vec![], vec![f64::MAX, 0.0], vec![-1e300, 1e300, 0.0]] {
            let odd = AnchoredExp3::resume(losses, u64::MAX);
            assert!(odd.draw(0.999) < odd.losses().len());
        }
    }
}
