//! Tsallis-INF.

use rand_chacha::ChaCha8Rng;

use crate::bandit::{Bandit, Draw, draw_from};
use crate::loss_scale::{LossHistory, LossScale};

/// How the losses of arms that were not drawn are estimated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Estimator {
    /// `(loss - 1) / p` for the drawn arm, learning rate `2 / sqrt(t)`.
    #[default]
    ImportanceWeighted,
    /// Losses are estimated from one half where an arm is likely enough (Zimmert and Seldin 2021, section 3.2), learning rate `4 / sqrt(t)`.
    ReducedVariance,
}

/// Follow the regularised leader with the 1/2-Tsallis entropy (Zimmert and Seldin 2021): near-optimal for adversarial and for stochastic losses, without tuning.
#[derive(Debug, Clone)]
pub struct TsallisInf {
    estimator: Estimator,
    scale: LossScale,
    rounds: f64,
    /// Cumulative loss estimates, unscaled.
    losses: Vec<f64>,
    /// Shifts of the reduced-variance estimator, in scaled units.
    shifts: Vec<f64>,
    history: LossHistory,
    scaled: Vec<f64>,
    probabilities: Vec<f64>,
}

impl TsallisInf {
    /// Over so many arms (at least 1).
    pub fn new(arms: usize, estimator: Estimator, scale: LossScale) -> Self {
        let arms = arms.max(1);
        Self {
            estimator,
            scale,
            rounds: 0.0,
            losses: vec![0.0; arms],
            shifts: vec![0.0; arms],
            history: LossHistory::default(),
            scaled: vec![0.0; arms],
            probabilities: vec![1.0 / arms as f64; arms],
        }
    }

    /// Smallest loss: importance-weighted losses are counted from the best possible count, 1.
    fn offset(&self) -> f64 {
        match self.estimator {
            Estimator::ImportanceWeighted => 1.0,
            Estimator::ReducedVariance => 0.0,
        }
    }

    fn learning_rate(&self) -> f64 {
        let numerator = match self.estimator {
            Estimator::ImportanceWeighted => 2.0,
            Estimator::ReducedVariance => 4.0,
        };
        numerator / (self.rounds + 1.0).sqrt()
    }
}

impl Bandit for TsallisInf {
    fn arms(&self) -> usize {
        self.losses.len()
    }

    fn draw(&mut self, _: f64, rng: &mut ChaCha8Rng) -> Draw {
        let scale = self.history.scale(self.scale, self.offset());
        for ((scaled, loss), shift) in self.scaled.iter_mut().zip(&self.losses).zip(&self.shifts) {
            *scaled = loss / scale + shift;
        }
        tsallis_distribution(&self.scaled, self.learning_rate(), &mut self.probabilities);
        draw_from(&self.probabilities, rng)
    }

    fn observe(&mut self, _: f64, draw: Draw, loss: f64) {
        if !loss.is_finite() || draw.arm >= self.losses.len() || draw.probability.is_nan() || draw.probability <= 0.0 {
            return;
        }
        let rate = self.learning_rate();
        self.rounds += 1.0;
        self.history.push(loss);
        self.losses[draw.arm] += (loss - self.offset()).max(0.0) / draw.probability;
        if self.estimator == Estimator::ReducedVariance && self.rounds >= 16.0 {
            for (arm, (shift, &probability)) in self.shifts.iter_mut().zip(&self.probabilities).enumerate() {
                if probability >= rate * rate {
                    *shift += 0.5;
                    if arm == draw.arm {
                        *shift -= 0.5 / draw.probability;
                    }
                }
            }
        }
    }

    fn probabilities(&self) -> &[f64] {
        &self.probabilities
    }

    fn reset(&mut self) {
        *self = Self::new(self.losses.len(), self.estimator, self.scale);
    }
}

/// `p_i = 4 / (eta (k_i - x))^2` with `x` such that they sum to 1: the minimiser of `<k, p> - (4 / eta) sum sqrt(p_i)`. Returns the number of Newton steps.
///
/// With `y = min k - x` the root lies in `[2 / eta, 2 sqrt(d) / eta]`. Newton's iteration is applied to (sum p_i)^(-1/2) = 1, whose left side is increasing and concave in
/// `y` (a power mean) and linear where all losses are equal: from the left end it climbs monotonically, so it can neither leave the bracket nor meet the pole.
pub fn tsallis_distribution(losses: &[f64], learning_rate: f64, probabilities: &mut [f64]) -> u32 {
    /// Relative size of a step that is not worth taking.
    const PRECISION: f64 = 1e-15;
    const MOST_STEPS: u32 = 50;
    let least = losses.iter().copied().fold(f64::INFINITY, f64::min);
    let mut y = 2.0 / learning_rate;
    let mut steps = 0;
    while steps < MOST_STEPS {
        steps += 1;
        let (mut squares, mut cubes) = (0.0, 0.0);
        for loss in losses {
            let weight = 2.0 / (learning_rate * (loss - least + y));
            squares += weight * weight;
            cubes += weight * weight * weight;
        }
        let step = 2.0 * (squares.powf(1.5) - squares) / (learning_rate * cubes);
        y += step;
        if step.is_nan() || step <= PRECISION * y {
            break;
        }
    }
    let mut sum = 0.0;
    for (probability, loss) in probabilities.iter_mut().zip(losses) {
        let weight = 2.0 / (learning_rate * (loss - least + y));
        *probability = weight * weight;
        sum += *probability;
    }
    for probability in probabilities.iter_mut() {
        *probability /= sum;
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand::RngExt;
    use rand::SeedableRng;

    proptest! {
        #[test]
        fn newton_finds_a_distribution_in_few_steps(
            arms in prop_oneof![Just(1_usize), Just(2), Just(20), Just(1000)],
            log_rounds in 0.0..7.0_f64,
            spread in 0.0..6.0_f64,
            seed: u64,
        ) {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            let losses: Vec<f64> = (0..arms).map(|_| 10.0_f64.powf(spread) * rng.random::<f64>()).collect();
            let rate = 2.0 / 10.0_f64.powf(log_rounds).sqrt();
            let mut probabilities = vec![0.0; arms];
            let steps = tsallis_distribution(&losses, rate, &mut probabilities);
            prop_assert!(steps <= 12, "{} steps", steps);
            let sum: f64 = probabilities.iter().sum();
            prop_assert!((sum - 1.0).abs() < 1e-12);
            prop_assert!(probabilities.iter().all(|p| *p > 0.0));
            // The optimality condition: p_i^-1/2 - eta k_i / 2 is the same for all arms.
            let level = |arm: usize| probabilities[arm].powf(-0.5) - 0.5 * rate * losses[arm];
            for (arm, probability) in probabilities.iter().enumerate() {
                prop_assert!((level(arm) - level(0)).abs() <= 1e-9 * (1.0 + probability.powf(-0.5)));
            }
        }
    }

    #[test]
    fn extreme_loss_histories_leave_a_distribution() {
        for estimator in [Estimator::ImportanceWeighted, Estimator::ReducedVariance] {
            for loss in [|_: usize| 0.0, |_: usize| 1.0, |_: usize| 7.0, |arm: usize| if arm == 3 { 1e4 } else { 1.0 }] {
                let mut learner = TsallisInf::new(20, estimator, LossScale::RunningMean);
                let mut rng = ChaCha8Rng::seed_from_u64(1);
                for _ in 0..2000 {
                    let draw = learner.draw(0.0, &mut rng);
                    learner.observe(0.0, draw, loss(draw.arm));
                    let sum: f64 = learner.probabilities().iter().sum();
                    assert!((sum - 1.0).abs() < 1e-12);
                }
            }
        }
    }

    #[test]
    fn a_million_rounds_leave_a_distribution_that_knows_the_best_arm() {
        let mut learner = TsallisInf::new(20, Estimator::ImportanceWeighted, LossScale::RunningMean);
        let mut rng = ChaCha8Rng::seed_from_u64(2);
        for _ in 0..1_000_000 {
            let draw = learner.draw(0.0, &mut rng);
            let loss = (100.0 + 10.0 * draw.arm as f64) * rng.random_range(0.5..1.5);
            learner.observe(0.0, draw, loss);
        }
        let sum: f64 = learner.probabilities().iter().sum();
        assert!((sum - 1.0).abs() < 1e-12);
        assert!(learner.probabilities()[0] > 0.9);
    }

    /// Estimates of one round's losses, over many draws from one fixed distribution: mean and variance of arm 1's.
    fn estimates(reduced: bool) -> (f64, f64) {
        let probabilities = [0.6, 0.3, 0.1];
        let losses = [0.4, 0.7, 0.9];
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let (mut sum, mut squares) = (0.0, 0.0);
        let rounds = 100_000;
        for _ in 0..rounds {
            let draw = draw_from(&probabilities, &mut rng);
            let base = if reduced { 0.5 } else { 0.0 };
            let estimate = base + if draw.arm == 1 { (losses[1] - base) / draw.probability } else { 0.0 };
            sum += estimate;
            squares += estimate * estimate;
        }
        let mean = sum / f64::from(rounds);
        (mean, squares / f64::from(rounds) - mean * mean)
    }

    #[test]
    fn both_estimators_are_unbiased_and_reduced_variance_is_what_it_says() {
        let (plain, reduced) = (estimates(false), estimates(true));
        for (mean, variance) in [plain, reduced] {
            assert!((mean - 0.7).abs() < 4.0 * (variance / 1e5).sqrt());
        }
        assert!(reduced.1 < 0.5 * plain.1, "{plain:?} {reduced:?}");
    }

    /// The learner's own sums, not a formula beside it: with fixed probabilities the expected increments are the losses.
    #[test]
    fn what_the_learner_adds_up_is_unbiased() {
        for estimator in [Estimator::ImportanceWeighted, Estimator::ReducedVariance] {
            let losses = [3.0, 5.0];
            let (mut sums, mut squares) = ([0.0; 2], [0.0; 2]);
            let rounds = 100_000;
            let mut rng = ChaCha8Rng::seed_from_u64(4);
            for _ in 0..rounds {
                let mut learner = TsallisInf::new(2, estimator, LossScale::WorstCase(10.0));
                learner.rounds = 100.0;
                let draw = draw_from(&[0.5, 0.5], &mut rng);
                learner.observe(0.0, draw, losses[draw.arm]);
                let scale = learner.history.scale(learner.scale, learner.offset());
                for arm in 0..2 {
                    let estimate = learner.losses[arm] / scale + learner.shifts[arm];
                    sums[arm] += estimate;
                    squares[arm] += estimate * estimate;
                }
            }
            for arm in 0..2 {
                let learner = TsallisInf::new(2, estimator, LossScale::WorstCase(10.0));
                let expected = (losses[arm] - learner.offset()) / (10.0 - learner.offset());
                let mean = sums[arm] / f64::from(rounds);
                let deviation = (squares[arm] / f64::from(rounds) - mean * mean).max(0.0).sqrt();
                assert!((mean - expected).abs() <= 4.0 * deviation / f64::from(rounds).sqrt() + 1e-12, "{estimator:?} {mean} {expected}");
            }
        }
    }
}
