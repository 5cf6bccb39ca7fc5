//! Hedge: exponential weights over experts whose losses are all seen (Freund and Schapire 1997).

/// Exponential weights over `n` experts.
#[derive(Debug, Clone, PartialEq)]
pub struct Hedge {
    /// Negative cumulative losses times the learning rate, the largest kept at 0.
    exponents: Vec<f64>,
    weights: Vec<f64>,
    total: f64,
    rate: f64,
}

impl Hedge {
    /// Equal weights on `experts` (at least one), learning rate `rate`.
    pub fn new(experts: usize, rate: f64) -> Self {
        let experts = experts.max(1);
        Self { exponents: vec![0.0; experts], weights: vec![1.0; experts], total: experts as f64, rate }
    }

    /// The rate `sqrt(8 ln n / T)` for losses in `[0, 1]` over `rounds` rounds, with regret at most `sqrt(T ln n / 2)` (Cesa-Bianchi and Lugosi 2006,
    /// theorem 2.2).
    pub fn for_horizon(experts: usize, rounds: u64) -> Self {
        let rate = (8.0 * (experts.max(2) as f64).ln() / rounds.max(1) as f64).sqrt();
        Self::new(experts, rate)
    }

    /// The probability of `expert`.
    pub fn probability(&self, expert: usize) -> f64 {
        self.weights.get(expert).map_or(0.0, |weight| weight / self.total)
    }

    /// The expert whose share of the weights contains `uniform`, a draw from `[0, 1)`.
    pub fn draw(&self, uniform: f64) -> usize {
        Self::share_of(&self.weights, uniform * self.total)
    }

    /// The position in `weights` at which their running sum passes `mark`.
    pub(crate) fn share_of(weights: &[f64], mark: f64) -> usize {
        let mut left = mark;
        for (k, weight) in weights.iter().enumerate() {
            left -= weight;
            if left < 0.0 {
                return k;
            }
        }
        weights.len().saturating_sub(1)
    }

    /// The exponents of the weights, the largest 0: all that a learner with the same rate needs to [go on](Self::resume).
    pub fn exponents(&self) -> &[f64] {
        &self.exponents
    }

    /// Takes the place of a learner with these exponents; missing ones count as 0.
    pub fn resume(&mut self, exponents: &[f64]) {
        for (k, own) in self.exponents.iter_mut().enumerate() {
            *own = exponents.get(k).copied().filter(|exponent| !exponent.is_nan()).unwrap_or(0.0);
        }
        self.normalise();
    }

    /// Takes in the loss of every expert, in their order. A loss that is missing or no number counts as 0.
    pub fn update(&mut self, losses: impl IntoIterator<Item = f64>) {
        for (exponent, loss) in self.exponents.iter_mut().zip(losses) {
            if loss.is_finite() {
                *exponent -= self.rate * loss;
            }
        }
        self.normalise();
    }

    /// Takes in the loss of one expert alone; the others count as 0.
    pub fn update_one(&mut self, expert: usize, loss: f64) {
        if let Some(exponent) = self.exponents.get_mut(expert).filter(|_| loss.is_finite()) {
            *exponent -= self.rate * loss;
        }
        self.normalise();
    }

    fn normalise(&mut self) {
        let most = self.exponents.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        self.total = 0.0;
        for (exponent, weight) in self.exponents.iter_mut().zip(&mut self.weights) {
            *exponent -= most;
            *weight = exponent.exp();
            self.total += *weight;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regret_stays_below_its_bound_on_switching_losses() {
        let rounds = 2000_u64;
        let mut hedge = Hedge::for_horizon(3, rounds);
        let (mut own, mut sums) = (0.0, [0.0; 3]);
        for t in 0..rounds {
            let losses = if (t / 100) % 2 == 0 { [0.0, 1.0, 0.6] } else { [1.0, 0.0, 0.5] };
            own += (0..3).map(|k| hedge.probability(k) * losses[k]).sum::<f64>();
            for (sum, loss) in sums.iter_mut().zip(losses) {
                *sum += loss;
            }
            hedge.update(losses);
        }
        let best = sums.iter().copied().fold(f64::INFINITY, f64::min);
        assert!(own - best <= (rounds as f64 * 3_f64.ln() / 2.0).sqrt());
    }

    #[test]
    fn draws_follow_the_weights_and_survive_extremes() {
        let mut hedge = Hedge::new(3, 1.0);
        hedge.update([0.0, 2.0, f64::NAN]);
        assert_eq!(hedge.draw(0.0), 0);
        assert_eq!(hedge.draw(0.999_999), 2);
        hedge.update([1e300, 0.0, 1e300]);
        assert_eq!((hedge.draw(0.5), hedge.probability(1)), (1, 1.0));
        assert_eq!(hedge.draw(1.0), 2);
    }
}
