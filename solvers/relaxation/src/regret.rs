//! What learning cost.

/// Iterations of the learner against those of every factor, from the same initial guesses.
#[derive(Debug)]
pub(crate) struct Regret {
    /// Where the other factors' solutions go.
    pub(crate) x: Vec<f64>,
    /// Iterations of each factor on the system at hand.
    pub(crate) iterations: Vec<f64>,
    /// Of all systems so far, by factor.
    totals: Vec<f64>,
    own: f64,
    /// Of the best factor of each system.
    best_of_each: f64,
}

impl Regret {
    pub(crate) fn new(arms: usize, unknowns: usize) -> Self {
        Self { x: vec![0.0; unknowns], iterations: vec![0.0; arms], totals: vec![0.0; arms], own: 0.0, best_of_each: 0.0 }
    }

    /// The learner drew `arm` and took so many iterations.
    pub(crate) fn push(&mut self, arm: usize, iterations: f64) {
        self.iterations[arm] = iterations;
        self.own += iterations;
        self.best_of_each += self.iterations.iter().copied().fold(f64::INFINITY, f64::min);
        for (total, iterations) in self.totals.iter_mut().zip(&self.iterations) {
            *total += iterations;
        }
    }

    /// Iterations beyond those of the factor that would have been best so far, had it been used throughout.
    pub(crate) fn against_fixed(&self) -> f64 {
        self.own - self.totals.iter().copied().fold(f64::INFINITY, f64::min)
    }

    /// Iterations beyond those of the best factor of each system.
    pub(crate) fn against_each(&self) -> f64 {
        self.own - self.best_of_each
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regret_is_counted_against_the_best_factor_so_far_and_of_each_system() {
        let mut regret = Regret::new(2, 1);
        regret.iterations = vec![10.0, 4.0];
        regret.push(0, 10.0);
        assert_eq!((regret.against_fixed(), regret.against_each()), (6.0, 6.0));
        regret.iterations = vec![3.0, 20.0];
        regret.push(0, 3.0);
        assert_eq!((regret.against_fixed(), regret.against_each()), (0.0, 6.0));
    }
}
