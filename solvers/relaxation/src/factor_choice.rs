//! When a sparse factor is thought of, and when it takes over.

#[cfg(feature = "cholesky")]
use crate::arm::Arm;
use crate::solve_sequence::SolveSequence;

impl SolveSequence {
    /// Finds out what a sparse factor costs, if that is not known and such an arm is there.
    pub(crate) fn analyse_factor(&mut self) {
        #[cfg(feature = "cholesky")]
        {
            let wanted = self.portfolio.arms.iter().any(Arm::is_direct);
            if wanted && !self.direct.is_analysed() {
                self.direct.analyse(&self.matrix, self.settings.most_factor_entries);
            }
            self.announce_factor();
        }
    }

    /// Tells the portfolio what a sparse factor costs once that is known.
    pub(crate) fn announce_factor(&mut self) {
        #[cfg(feature = "cholesky")]
        {
            if self.announced || !self.direct.is_analysed() {
                return;
            }
            self.announced = true;
            let price = self.direct.price(&self.costs, self.state, self.solves_of_state);
            for arm in [Arm::Cholesky, Arm::KeptCholesky] {
                let Some(position) = self.portfolio.position(arm) else { continue };
                match price {
                    None => self.portfolio.retire(position),
                    Some(_) if arm == Arm::Cholesky => {
                        self.portfolio.set_price(position, price, 0.0);
                        self.portfolio.inform(position, 1.0);
                    }
                    Some(_) => {}
                }
            }
        }
    }

    /// What an iterative arm may spend on one system before a sparse factor should be thought of: as much as that would cost, so that no system costs more than about
    /// twice the better of the two, whatever it is like (the ski-rental rule); but an arm that is known to be cheaper may take half as long again as expected. The other
    /// number is the price of the next step towards a factor.
    pub(crate) fn ski_rental_limit(&self, arm: usize, cost: f64) -> (f64, f64) {
        #[cfg(feature = "cholesky")]
        {
            let Some(cholesky) = self.portfolio.position(Arm::Cholesky) else { return (f64::INFINITY, 0.0) };
            if self.direct.is_analysed() {
                let usual = self.portfolio.expected(arm).map_or(0.0, |expected| PATIENCE * expected);
                return self.portfolio.expected(cholesky).map_or((f64::INFINITY, 0.0), |price| (price.max(usual) - cost, price));
            }
            let analysis = self.costs.analysis();
            let many = BEYOND_DOUBT * MANY_ITERATIONS * (self.matrix.dimension() as f64).sqrt() * self.costs.iteration();
            (many.max(FACTOR_AFTER * analysis - self.spent) - cost, WITH_FACTOR * analysis)
        }
        #[cfg(not(feature = "cholesky"))]
        {
            let _ = (arm, cost);
            (f64::INFINITY, 0.0)
        }
    }

    /// When solves have cost many times what the analysis for a sparse factor would, that is made in any case; the sooner, the more iterations a solve takes. Asked
    /// before a system, so that a lone one never pays for it.
    pub(crate) fn consider_factor_at_leisure(&mut self) {
        #[cfg(feature = "cholesky")]
        {
            let unlikely = MANY_ITERATIONS * (self.matrix.dimension() as f64).sqrt() / self.last_iterations.max(1) as f64;
            // A matrix that stays as it is needs one factor only.
            let patience = if self.solves_of_state >= CONSTANT { 1.0 } else { (FACTOR_AT_LEISURE * unlikely.powi(2)).max(1.0) };
            if self.spent >= patience * self.costs.analysis() {
                self.analyse_factor();
            }
        }
    }
}

/// An arm that is known to be cheaper than a factor may take so many times its expected cost.
#[cfg(feature = "cholesky")]
const PATIENCE: f64 = 1.5;
/// On a plane grid a factor costs about as much as this times the square root of the unknowns in iterations; with more, a factor is worth a thought.
#[cfg(feature = "cholesky")]
const MANY_ITERATIONS: f64 = 1.6;
/// With so many times as many it is worth one before the system is solved.
#[cfg(feature = "cholesky")]
const BEYOND_DOUBT: f64 = 1.7;
/// An analysis and the first factor after it cost at least so many times the analysis alone.
#[cfg(feature = "cholesky")]
const WITH_FACTOR: f64 = 1.5;
/// And solves have to have cost this part of the analysis first.
#[cfg(feature = "cholesky")]
const FACTOR_AFTER: f64 = 0.5;
/// A matrix that was the same for so many systems in a row is taken as constant.
#[cfg(feature = "cholesky")]
const CONSTANT: u64 = 3;
/// Solves have to have cost so many times the analysis before it is made anyway, times the square of how many more iterations would call for it early.
#[cfg(feature = "cholesky")]
const FACTOR_AT_LEISURE: f64 = 4.0;
