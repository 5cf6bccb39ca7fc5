//! When a kept factor is renewed.

/// What solves have cost since the factor at hand was made. An old factor is a preconditioner that gets worse from system to system, so that every solve costs more than the
/// one before. The average cost of a solve, the factorization included, is least when the factor is renewed as soon as the next solve would cost more than the average so far.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Cycle {
    /// Cost of the factorization and the solve of its own system.
    fresh: f64,
    /// Cost of all solves with this factor, and their number.
    total: f64,
    solves: f64,
    /// Cost of the first solve of a later system, and of the last one so far; 0 while there was none.
    first_stale: f64,
    last_stale: f64,
    /// How much more one such solve costs than the one before, where that was seen.
    growth: f64,
    /// Average cost of a solve with earlier factors; the latest weighs most.
    earlier: Option<f64>,
}

/// How much more each solve with an old factor is assumed to cost than the one before, relative to the first, until it is seen.
const GUESSED_GROWTH: f64 = 0.2;
/// What was seen of old factors counts this much less with every new factor, so that old factors are tried again some day.
const FADING: f64 = 0.99;
/// The largest number of solves with one factor that is planned for.
const MOST_SOLVES: u32 = 200;

impl Cycle {
    /// A new factor: it and the solve of its own system cost so much.
    pub(crate) fn begin(&mut self, cost: f64) {
        // A factor that was never used for a later system says nothing about old factors.
        if self.solves > 0.0 && self.first_stale > 0.0 {
            let average = self.total / self.solves;
            self.earlier = Some(self.earlier.map_or(average, |earlier| 0.5 * (earlier + average)));
        }
        self.first_stale *= FADING;
        self.fresh = cost;
        self.total = cost;
        self.solves = 1.0;
        self.last_stale = 0.0;
    }

    /// A later system was solved with it at this cost.
    pub(crate) fn push(&mut self, cost: f64) {
        self.total += cost;
        self.solves += 1.0;
        if self.last_stale == 0.0 {
            self.first_stale = cost;
        } else {
            self.growth = ((cost - self.first_stale) / (self.solves - 2.0)).max(0.0);
        }
        self.last_stale = cost;
    }

    /// A solve with the old factor was given up after this cost, because a new factor would have cost no more.
    pub(crate) fn fail(&mut self, cost: f64, fresh: f64) {
        self.total += cost;
        self.first_stale = cost.max(fresh);
        self.last_stale = cost.max(fresh);
    }

    /// What the next solve with this factor is expected to cost.
    fn next(&self) -> f64 {
        if self.last_stale == 0.0 { self.first_stale } else { self.last_stale + self.growth }
    }

    /// Whether the factor should be renewed.
    pub(crate) fn is_over(&self) -> bool {
        self.next() > self.total / self.solves.max(1.0)
    }

    /// Average cost of a solve with earlier factors. Before there are any: the least average that any time of renewal would give if costs grow evenly.
    pub(crate) fn rate(&self) -> Option<f64> {
        if self.first_stale == 0.0 || self.earlier.is_some() {
            return self.earlier;
        }
        let growth = if self.growth > 0.0 { self.growth } else { GUESSED_GROWTH * self.first_stale };
        let mut total = self.fresh;
        let mut best = total;
        for stale in 0..MOST_SOLVES {
            total += self.first_stale + growth * f64::from(stale);
            best = best.min(total / f64::from(stale + 2));
        }
        Some(best)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_factor_is_renewed_when_the_next_solve_would_raise_the_average() {
        let mut cycle = Cycle::default();
        cycle.begin(10.0);
        assert!(!cycle.is_over());
        let mut lives = 0;
        for stale in 0..100 {
            if cycle.is_over() {
                break;
            }
            cycle.push(1.0 + f64::from(stale));
            lives = stale + 1;
        }
        // Averages: 10, 11/2, 13/3, 16/4 = 4, and a fourth stale solve of 4 does not raise it; the fifth would.
        assert_eq!(lives, 4);
        assert_eq!(cycle.rate(), Some(4.0));
        cycle.begin(10.0);
        assert_eq!(cycle.rate(), Some(4.0));
    }

    #[test]
    fn where_stale_solves_cost_as_much_as_fresh_ones_every_system_gets_a_factor() {
        let mut cycle = Cycle::default();
        cycle.begin(10.0);
        cycle.fail(12.0, 10.0);
        for _ in 0..10 {
            cycle.begin(10.0);
            assert!(cycle.is_over());
        }
        assert!((cycle.rate().unwrap() - 10.0).abs() < 0.1);
    }
}
