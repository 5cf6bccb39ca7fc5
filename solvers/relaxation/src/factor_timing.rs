//! When a sparse factor is thought of, and when it takes over.
//!
//! Finding the pattern of a factor costs as much as several iterative solves, and many sequences never need one. The rules here see to it that no sequence pays much for
//! a factor that it does not use, and none goes on for long without one that would help.

use crate::arm::Arm;
use crate::factor::Factor;
use crate::portfolio::Portfolio;
use crate::workbench::Workbench;

/// An arm that is known to be cheaper than a factor may take so many times its expected cost before the factor takes over.
const PATIENCE: f64 = 1.5;
/// On a plane grid a factor costs about as much as this times the square root of the number of unknowns in iterations; an arm that takes more is worth a factor.
const MANY_ITERATIONS: f64 = 1.6;
/// With so many times as many iterations a factor is analysed while the system at hand is being solved.
const BEYOND_DOUBT: f64 = 1.7;
/// An analysis and the first factorization after it cost at least so many times the analysis alone.
const WITH_FACTOR: f64 = 1.5;
/// While a system is being solved, a factor is analysed only if solves have cost this part of the analysis.
const FACTOR_AFTER: f64 = 0.5;
/// A matrix that was the same for so many systems in a row is taken as constant.
const CONSTANT: u64 = 3;
/// Between two systems, a factor is analysed when solves have cost so many times the analysis; sooner, by the square of their excess, where solves take many iterations.
const FACTOR_AT_LEISURE: f64 = 4.0;

/// Decides when the workbench analyses a factor, and tells the portfolio what it costs.
#[derive(Debug, Default)]
pub(crate) struct FactorTiming {
    /// Whether the portfolio knows what a factor costs.
    announced: bool,
}

impl FactorTiming {
    /// Has the factor analysed, if there is an arm that would use it.
    pub(crate) fn analyse(&mut self, bench: &mut Workbench, portfolio: &mut Portfolio) {
        let wanted = portfolio.arms().iter().any(Arm::is_direct);
        if wanted && !bench.knows_factor() {
            bench.analyse_factor();
        }
        self.announce(bench, portfolio);
    }

    /// Tells the portfolio what a sparse factor costs once that is known.
    pub(crate) fn announce(&mut self, bench: &Workbench, portfolio: &mut Portfolio) {
        if !Factor::AVAILABLE || self.announced || !bench.knows_factor() {
            return;
        }
        self.announced = true;
        let price = bench.factor_price();
        for arm in [Arm::Cholesky, Arm::KeptCholesky] {
            let Some(position) = portfolio.position(arm) else { continue };
            match price {
                None => portfolio.retire(position),
                Some(_) if arm == Arm::Cholesky => {
                    portfolio.set_price(position, price, 0.0);
                    portfolio.inform(position, 1.0);
                }
                Some(_) => {}
            }
        }
    }

    /// What an iterative arm may spend on one system, which has cost `cost` already, before it is asked whether a factor should take over: as much as the factor would cost.
    /// Then no system costs more than about twice the better of the two, whatever it is like (the ski-rental rule). An arm that is known to be cheaper may take half as
    /// long again as expected. The other number is the price of the next step towards a factor.
    pub(crate) fn ski_rental_limit(bench: &Workbench, portfolio: &Portfolio, arm: usize, cost: f64, spent: f64) -> (f64, f64) {
        const NEVER: (f64, f64) = (f64::INFINITY, 0.0);
        let Some(cholesky) = portfolio.position(Arm::Cholesky).filter(|_| Factor::AVAILABLE) else { return NEVER };
        if bench.knows_factor() {
            let usual = portfolio.expected(arm).map_or(0.0, |expected| PATIENCE * expected);
            return portfolio.expected(cholesky).map_or(NEVER, |price| (price.max(usual) - cost, price));
        }
        let analysis = bench.costs().analysis();
        let many = BEYOND_DOUBT * MANY_ITERATIONS * (bench.dimension() as f64).sqrt() * bench.costs().iteration();
        (many.max(FACTOR_AFTER * analysis - spent) - cost, WITH_FACTOR * analysis)
    }

    /// Between two systems: has the factor analysed when solves have cost many times the analysis. Asked before a system, so that a lone one never pays for it.
    pub(crate) fn consider_at_leisure(&mut self, bench: &mut Workbench, portfolio: &mut Portfolio, spent: f64, last_iterations: u64) {
        let unlikely = MANY_ITERATIONS * (bench.dimension() as f64).sqrt() / last_iterations.max(1) as f64;
        // A matrix that stays as it is needs one factor only.
        let patience = if bench.solves_of_matrix() >= CONSTANT { 1.0 } else { (FACTOR_AT_LEISURE * unlikely.powi(2)).max(1.0) };
        if spent >= patience * bench.costs().analysis() {
            self.analyse(bench, portfolio);
        }
    }
}
