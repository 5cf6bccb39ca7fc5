//! Guesses of the optimum, a constant ratio apart.

/// Thresholds `ratio^g` for all whole `g`, which elements matter to each, and which of them are needed.
///
/// Let `D` be the largest value of a live element alone. One of the needed thresholds is right for the optimum, wherever in `[D, most D]` that lies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Grid {
    ratio: f64,
    /// An element matters to a threshold `t` when its value alone lies in `[t, reach t]`.
    reach: f64,
    /// A threshold `t` is needed when it lies in `[low D, high D]`.
    low: f64,
    high: f64,
}

/// Rounding must not lose the right guess.
const SLACK: f64 = 1e-9;

impl Grid {
    /// For engines that choose at most `most` elements and whose value is at least `share` of the optimum when the threshold `t` has
    /// `most t` in `[share OPT, (1 + eps) share OPT]`. The proofs need thresholds up to `(1 + eps) share D`. Those up to twice that have few candidates and are kept,
    /// too: they choose well where many elements are worth about the same.
    pub(crate) fn thresholds(most: usize, eps: f64, share: f64) -> Self {
        let most = most as f64;
        Self { ratio: 1.0 + eps, reach: most / share, low: share / most, high: 2.0 * (1.0 + eps) * share }
    }

    /// For the matroid engine: floors within a factor 2 of `eps D / (2 most)`, at most that.
    pub(crate) fn floors(most: usize, eps: f64) -> Self {
        let most = most as f64;
        Self { ratio: 2.0, reach: 4.0 * most / eps, low: eps / (4.0 * most), high: eps / (2.0 * most) }
    }

    pub(crate) fn threshold(&self, guess: i32) -> f64 {
        self.ratio.powi(guess)
    }

    /// Whether an element of this value alone matters to `threshold`. Those above cannot be live while the guess is right, those below gain too little.
    pub(crate) fn matters(&self, single: f64, threshold: f64) -> bool {
        crate::oracle::reaches(single, threshold) && self.is_within(single, threshold)
    }

    /// Whether an element of this value alone is not too large for `threshold`.
    pub(crate) fn is_within(&self, single: f64, threshold: f64) -> bool {
        single <= self.reach * threshold * (1.0 + SLACK)
    }

    /// The least guess that can be right when a feasible set has `value`: the threshold `t` that is right for the optimum has `t >= low OPT >= low value`.
    pub(crate) fn least(&self, value: f64) -> Option<i32> {
        let number = (self.low * value).ln() / self.ratio.ln();
        number.is_finite().then_some((number - SLACK).ceil() as i32)
    }

    /// The first and the last guess needed when the largest value alone is `largest`; `None` where nothing has a value, or none that guesses can express.
    pub(crate) fn needed(&self, largest: f64) -> Option<(i32, i32)> {
        let number = |threshold: f64| threshold.ln() / self.ratio.ln();
        let (low, high) = (number(self.low * largest), number(self.high * largest));
        if !(low.is_finite() && high.is_finite()) {
            return None;
        }
        Some(((low - SLACK).ceil() as i32, (high + SLACK).floor() as i32))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_needed_threshold_is_right_for_every_optimum() {
        for (most, eps) in [(1, 0.1), (5, 0.2), (50, 0.2), (200, 0.5)] {
            let share = 1.0 / (2.0 + eps);
            let grid = Grid::thresholds(most, eps, share);
            for largest in [1e-6, 0.37, 1.0, 12.5, 1e9] {
                let (first, last) = grid.needed(largest).unwrap();
                for step in 0..=40 {
                    let optimum = largest * (1.0 + (most as f64 - 1.0) * f64::from(step) / 40.0);
                    let right = (first..=last).any(|guess| {
                        let reached = most as f64 * grid.threshold(guess);
                        reached >= share * optimum * (1.0 - 1e-8) && reached <= (1.0 + eps) * share * optimum * (1.0 + 1e-8)
                    });
                    assert!(right, "{most} {eps} {largest} {optimum}");
                }
                assert!((first..=last).all(|guess| grid.is_within(largest, grid.threshold(guess))));
            }
        }
        assert_eq!(Grid::thresholds(5, 0.2, 0.4).needed(0.0), None);
    }
}
