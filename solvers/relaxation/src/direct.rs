//! The direct arms: a sparse Cholesky factor with refinement, and one kept as a preconditioner for later systems.

use std::ops::ControlFlow;

use fathom_opt_linalg::{Ending, Goal, LevelCg, LevelMatrix, Solved, SparseCholesky, norm};

use crate::cost_model::CostModel;

/// A sparse factor, analysed when the portfolio asks for it.
#[derive(Debug, Default)]
pub(crate) struct Direct {
    cholesky: Option<SparseCholesky>,
    tried: bool,
    /// Which state of the matrix the factor belongs to.
    state: Option<u64>,
    cycle: Cycle,
    residual: Vec<f64>,
    correction: Vec<f64>,
}

/// Refinements with one factor; each gains many digits or none.
const MOST_REFINEMENTS: u64 = 10;

/// What a solve has to do, apart from the matrix.
pub(crate) struct Task<'a> {
    pub(crate) b: &'a [f64],
    pub(crate) x: &'a mut [f64],
    pub(crate) goal: &'a Goal,
    pub(crate) costs: &'a CostModel,
}

impl Direct {
    pub(crate) fn is_analysed(&self) -> bool {
        self.tried
    }

    /// Finds the pattern of the factor, which may hold so many numbers; there is none afterwards when it would hold more.
    pub(crate) fn analyse(&mut self, matrix: &LevelMatrix, most_entries: usize) {
        self.tried = true;
        self.cholesky = SparseCholesky::analyse(matrix, most_entries).ok();
    }

    /// What a solve with a fresh factor costs for the matrix in this state, once that is known. A state that has lasted for some solves is expected to last for as many
    /// more, which share the price of the factor.
    pub(crate) fn price(&self, costs: &CostModel, state: u64, solves: u64) -> Option<f64> {
        let cholesky = self.cholesky.as_ref()?;
        let factorization = if self.state == Some(state) { 0.0 } else { costs.factorization(cholesky) / (solves + 1) as f64 };
        Some(factorization + refinement(costs, cholesky) + costs.product())
    }

    /// The least that a solve with a kept factor can cost.
    pub(crate) fn least_kept(&self, costs: &CostModel) -> Option<f64> {
        self.cholesky.as_ref().map(|cholesky| refinement(costs, cholesky) + costs.frame())
    }

    /// What a solve costs on average when factors are renewed at the best times, as far as that can be foreseen.
    pub(crate) fn kept_rate(&self) -> Option<f64> {
        self.cycle.rate()
    }

    /// Factors and refines, from and into `x`; `cost` grows by what that costs.
    pub(crate) fn solve_fresh(&mut self, matrix: &LevelMatrix, state: u64, task: &mut Task, cost: &mut f64) -> Solved {
        let Task { b, x, goal, costs } = task;
        self.residual.resize(b.len(), 0.0);
        self.correction.resize(b.len(), 0.0);
        matrix.residual(x, b, &mut self.residual);
        let mut residual = norm(&self.residual);
        *cost += costs.product();
        let ended = |iterations, residual, ending| Solved { iterations, residual, ending };
        let Some(cholesky) = self.cholesky.as_mut() else { return ended(0, residual, Ending::IndefinitePreconditioner) };
        if residual <= goal.residual {
            return ended(0, residual, Ending::Converged);
        }
        let mut own = 0.0;
        if self.state != Some(state) {
            self.state = None;
            own += costs.factorization(cholesky);
            if cholesky.factor(matrix).is_err() {
                *cost += own;
                return ended(0, residual, Ending::IndefiniteMatrix);
            }
            self.state = Some(state);
        }
        let mut solved = ended(MOST_REFINEMENTS, residual, Ending::Stagnated);
        for refinement_number in 1..=MOST_REFINEMENTS {
            own += refinement(costs, cholesky);
            cholesky.solve(matrix, &self.residual, &mut self.correction);
            for (x, correction) in x.iter_mut().zip(&self.correction) {
                *x += correction;
            }
            matrix.residual(x, b, &mut self.residual);
            let next = norm(&self.residual);
            solved = ended(refinement_number, next, Ending::Stagnated);
            if next <= goal.residual {
                solved.ending = Ending::Converged;
                break;
            }
            if next.is_nan() || next > 0.5 * residual {
                break;
            }
            residual = next;
        }
        *cost += own;
        self.cycle.begin(own);
        solved
    }

    /// Iterates with the kept factor, and renews it when there is none, when that is due, or when it pays at once. A trial may spend `most_cost` on a factor that is there;
    /// the other result tells whether it was given up for that.
    #[expect(clippy::too_many_arguments, reason = "one system and what may be done to it")]
    pub(crate) fn solve_kept(
        &mut self,
        cg: &mut LevelCg,
        matrix: &mut LevelMatrix,
        state: u64,
        task: &mut Task,
        cost: &mut f64,
        most_cost: f64,
        watch: &mut dyn FnMut(u64, f64) -> ControlFlow<()>,
    ) -> (Solved, bool) {
        let (Some(fresh), Some(cholesky)) = (self.price(task.costs, state, 0), self.cholesky.as_mut()) else {
            return (self.solve_fresh(matrix, state, task, cost), false);
        };
        if self.state.is_none() || (self.state != Some(state) && self.cycle.is_over()) {
            return (self.solve_fresh(matrix, state, task, cost), false);
        }
        let iteration = refinement(task.costs, cholesky);
        let frame = task.costs.frame();
        let mut late = false;
        let mut limited = |iterations: u64, residual: f64| {
            late = frame + (iterations + 1) as f64 * iteration > fresh.min(most_cost) && iterations > 0;
            if late { ControlFlow::Break(()) } else { watch(iterations, residual) }
        };
        let solved = cg.solve_with_factor(matrix, cholesky, task.b, task.x, task.goal, &mut limited);
        let own = frame + solved.iterations as f64 * iteration;
        *cost += own;
        if late && most_cost < fresh {
            self.cycle.fail(own, fresh);
            return (solved, true);
        }
        if late || matches!(solved.ending, Ending::Stagnated | Ending::Diverged | Ending::IndefinitePreconditioner) {
            if !task.x.iter().all(|value| value.is_finite()) {
                task.x.fill(0.0);
            }
            self.cycle.fail(own, fresh);
            let again = self.solve_fresh(matrix, state, task, cost);
            return (Solved { iterations: solved.iterations + again.iterations, ..again }, false);
        }
        self.cycle.push(own);
        (solved, false)
    }
}

/// One solve with a factor and the residual after it.
fn refinement(costs: &CostModel, cholesky: &SparseCholesky) -> f64 {
    costs.factor_solve(cholesky) + costs.product()
}

/// The costs since the factor was made. A factor that ages makes every solve dearer than the one before; it is best renewed as soon as the next solve would cost
/// more than the average over its life, its making included.
#[derive(Debug, Clone, Copy, Default)]
struct Cycle {
    fresh: f64,
    total: f64,
    solves: f64,
    first_stale: f64,
    last_stale: f64,
    /// Growth of the stale solves from one to the next, where it was seen.
    growth: f64,
    /// Average cost over earlier lives, the latest weighing most.
    earlier: Option<f64>,
}

/// Growth of a stale solve's cost taken for granted until it is seen, relative to the first.
const GUESSED_GROWTH: f64 = 0.2;
/// What a new factor leaves of the old one's lessons.
const FADING: f64 = 0.99;
/// The longest life that is planned for.
const LONGEST: u32 = 200;

impl Cycle {
    fn begin(&mut self, cost: f64) {
        // Lives that were never put to the test tell nothing.
        if self.solves > 0.0 && self.first_stale > 0.0 {
            let average = self.total / self.solves;
            self.earlier = Some(self.earlier.map_or(average, |earlier| 0.5 * (earlier + average)));
        }
        // What the last life taught of stale solves stays, but fades, so that they are tried again some day.
        self.first_stale *= FADING;
        self.fresh = cost;
        self.total = cost;
        self.solves = 1.0;
        self.last_stale = 0.0;
    }

    fn push(&mut self, cost: f64) {
        self.total += cost;
        self.solves += 1.0;
        if self.last_stale == 0.0 {
            self.first_stale = cost;
        } else {
            self.growth = ((cost - self.first_stale) / (self.solves - 2.0)).max(0.0);
        }
        self.last_stale = cost;
    }

    /// A stale solve was given up after this cost, as dear as a fresh one.
    fn fail(&mut self, cost: f64, fresh: f64) {
        self.total += cost;
        self.first_stale = cost.max(fresh);
        self.last_stale = cost.max(fresh);
    }

    fn next(&self) -> f64 {
        if self.last_stale == 0.0 { self.first_stale } else { self.last_stale + self.growth }
    }

    fn is_over(&self) -> bool {
        self.next() > self.total / self.solves.max(1.0)
    }

    /// Average cost over earlier lives; before there are any, the least average over lives of all lengths, when stale costs grow evenly.
    fn rate(&self) -> Option<f64> {
        if self.first_stale == 0.0 || self.earlier.is_some() {
            return self.earlier;
        }
        let growth = if self.growth > 0.0 { self.growth } else { GUESSED_GROWTH * self.first_stale };
        let mut total = self.fresh;
        let mut best = total;
        for stale in 0..LONGEST {
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
