//! The sparse Cholesky factor of the workbench: made for the system at hand and refined with, or kept as a preconditioner for later systems.

use std::ops::ControlFlow;

use fathom_opt_linalg::{Ending, LevelCg, LevelMatrix, ResidualNorm, Solved, SparseCholesky};

use crate::cost_model::CostModel;
use crate::cycle::Cycle;
use crate::task::Task;

/// A sparse factor, analysed when that is asked for.
#[derive(Debug, Default)]
pub(crate) struct Factor {
    cholesky: Option<SparseCholesky>,
    analysed: bool,
    /// The number of the matrix that was factored last, if there is a factor.
    factored: Option<u64>,
    cycle: Cycle,
    residual: Vec<f64>,
    correction: Vec<f64>,
}

/// Refinements with one factor; each gains many digits or none.
const MOST_REFINEMENTS: u64 = 10;

/// What the factor has to be told about the matrix at hand.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terms {
    /// Its number: another matrix has another one.
    pub(crate) number: u64,
    /// What working on it costs.
    pub(crate) costs: CostModel,
    /// What a step may cost that cannot be interrupted.
    pub(crate) max_uninterrupted: f64,
}

/// How a solve with the factor went.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Direct {
    pub(crate) solved: Solved,
    pub(crate) cost: f64,
    /// Whether it was given up because it cost as much as it may.
    pub(crate) given_up: bool,
}

impl Factor {
    /// Whether this build has sparse factors.
    pub(crate) const AVAILABLE: bool = true;

    /// Whether order and pattern of the factor were looked for; there is none when it would be too large.
    pub(crate) fn is_analysed(&self) -> bool {
        self.analysed
    }

    /// Finds order and pattern of the factor, which may hold so many numbers.
    pub(crate) fn analyse(&mut self, matrix: &LevelMatrix, terms: &Terms, max_entries: usize) {
        self.analysed = true;
        if terms.costs.analysis() <= terms.max_uninterrupted {
            self.cholesky = SparseCholesky::analyse(matrix, max_entries).ok();
        }
    }

    /// What a solve with a factor of the matrix at hand costs, if there can be one. A matrix that has stayed for `solves` systems is expected to stay for as many more, which
    /// share the price of the factorization.
    pub(crate) fn price(&self, terms: &Terms, solves: u64) -> Option<f64> {
        let cholesky = self.cholesky.as_ref()?;
        let own = if self.factored == Some(terms.number) { 0.0 } else { allowed_factorization(cholesky, terms)? };
        Some(own / (solves + 1) as f64 + refinement(&terms.costs, cholesky) + terms.costs.product())
    }

    /// The least that a solve with a kept factor can cost.
    pub(crate) fn least_kept(&self, costs: &CostModel) -> Option<f64> {
        self.cholesky.as_ref().map(|cholesky| refinement(costs, cholesky) + costs.frame())
    }

    /// What a solve costs on average when factors are renewed at the best times, as far as that can be foreseen.
    pub(crate) fn kept_rate(&self) -> Option<f64> {
        self.cycle.rate()
    }

    /// Factors the matrix, if it is not the one that was factored last, and refines.
    pub(crate) fn solve_fresh(&mut self, matrix: &LevelMatrix, terms: &Terms, task: &mut Task<'_>) -> Direct {
        self.residual.resize(task.b.len(), 0.0);
        self.correction.resize(task.b.len(), 0.0);
        let mut found = matrix.accurate_residual(task.x, task.b, &mut self.residual);
        let frame = terms.costs.product();
        let ended = |iterations, found: ResidualNorm, cost, ending| Direct {
            solved: Solved { iterations, residual: found.norm, ending },
            cost,
            given_up: false,
        };
        if task.goal.is_met_by(found) {
            return ended(0, found, frame, Ending::Converged);
        }
        if (task.watch)(0, found.norm).is_break() {
            return ended(0, found, frame, Ending::Stopped);
        }
        let mut own = 0.0;
        let Some(cholesky) = self.cholesky.as_mut() else { return ended(0, found, frame, Ending::NoFactor) };
        if self.factored != Some(terms.number) {
            let Some(price) = allowed_factorization(cholesky, terms) else { return ended(0, found, frame, Ending::NoFactor) };
            self.factored = None;
            own += price;
            if cholesky.factor(matrix).is_err() {
                return ended(0, found, frame + own, Ending::IndefiniteMatrix);
            }
            self.factored = Some(terms.number);
        }
        let mut iterations = 0;
        let ending = loop {
            if iterations > 0 && (task.watch)(iterations, found.norm).is_break() {
                break Ending::Stopped;
            }
            if iterations == MOST_REFINEMENTS {
                break Ending::Stagnated;
            }
            iterations += 1;
            own += refinement(&terms.costs, cholesky);
            cholesky.solve(matrix, &self.residual, &mut self.correction);
            for (correction, x) in self.correction.iter_mut().zip(task.x.iter()) {
                *correction += x;
            }
            let next = matrix.accurate_residual(&self.correction, task.b, &mut self.residual);
            let halved = next.norm <= 0.5 * found.norm;
            if next.norm < found.norm {
                task.x.copy_from_slice(&self.correction);
                found = next;
            }
            if task.goal.is_met_by(found) {
                break Ending::Converged;
            }
            if !halved {
                break Ending::Stagnated;
            }
        };
        self.cycle.begin(own);
        ended(iterations, found, frame + own, ending)
    }

    /// Iterates with the kept factor. A new one is made when there is none, when the old one is due for renewal, and when the iteration comes to cost as much as a new one
    /// would; a trial that may cost `max_cost` only is given up then.
    pub(crate) fn solve_kept(
        &mut self,
        cg: &mut LevelCg,
        matrix: &mut LevelMatrix,
        terms: &Terms,
        task: &mut Task<'_>,
        max_cost: f64,
    ) -> Direct {
        let (Some(fresh), Some(cholesky)) = (self.price(terms, 0), self.cholesky.as_mut()) else {
            return self.solve_fresh(matrix, terms, task);
        };
        if self.factored.is_none() || (self.factored != Some(terms.number) && self.cycle.is_over()) {
            return self.solve_fresh(matrix, terms, task);
        }
        let iteration = refinement(&terms.costs, cholesky);
        let frame = terms.costs.frame();
        let mut late = false;
        let Task { b, x, goal, watch } = task;
        let mut limited = |iterations: u64, residual: f64| {
            late = frame + (iterations + 1) as f64 * iteration > fresh.min(max_cost) && iterations > 0;
            if late { ControlFlow::Break(()) } else { watch(iterations, residual) }
        };
        let solved = cg.solve_with_factor(matrix, cholesky, b, x, goal, &mut limited);
        let cost = frame + solved.iterations as f64 * iteration;
        // The iteration may have converged just when it was to be given up.
        let late = late && solved.ending == Ending::Stopped;
        if late && max_cost < fresh {
            self.cycle.fail(cost, fresh);
            return Direct { solved, cost, given_up: true };
        }
        let failed = !matches!(solved.ending, Ending::Converged | Ending::Capped | Ending::Stopped);
        if !(late || failed) {
            self.cycle.push(cost);
            return Direct { solved, cost, given_up: false };
        }
        self.cycle.fail(cost, fresh);
        let again = self.solve_fresh(matrix, terms, task);
        let solved = Solved { iterations: solved.iterations + again.solved.iterations, ..again.solved };
        Direct { solved, cost: cost + again.cost, given_up: false }
    }
}

/// What the numeric factorization costs, if that is not more than a step may that cannot be interrupted.
fn allowed_factorization(cholesky: &SparseCholesky, terms: &Terms) -> Option<f64> {
    Some(factorization(&terms.costs, cholesky)).filter(|price| *price <= terms.max_uninterrupted)
}

/// The numbers of this sparse factor.
fn factorization(costs: &CostModel, factor: &SparseCholesky) -> f64 {
    if factor.is_supernodal() {
        250.0 * costs.unknowns() + 9.0 * factor.factor_entries() as f64 + 0.03 * factor.operations()
    } else {
        80.0 * costs.unknowns() + 0.55 * factor.operations()
    }
}

/// Two triangular solves with this sparse factor and the residual after them.
fn refinement(costs: &CostModel, factor: &SparseCholesky) -> f64 {
    let solves = if factor.is_supernodal() {
        40.0 * costs.unknowns() + 1.5 * factor.factor_entries() as f64
    } else {
        10.0 * costs.unknowns() + 1.7 * factor.factor_entries() as f64
    };
    solves + costs.product()
}
