//! Leximin: the poorest as well off as possible, then the next poorest, and so on.

use fathom_opt_core::{Outcome, Run, SolveError, Solver, Status, Trace, WarmStart};
use fathom_opt_problems::fair_division::{Allocation, FairDivision, Welfare};
use num_bigint::BigInt;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::assignment::{add_pareto_optimality, outcome_in};
use crate::double_round_robin::{Form, double_round_robin};
use crate::fairness::utilities;
use crate::floor_search::{FloorSearch, Goal};
use crate::two_sided_greedy::two_sided_greedy;
use crate::valuations::Valuations;
use crate::welfare::decimal;
use crate::work_meter::WorkMeter;

/// The leximin allocation: the sorted vector of utilities is lexicographically largest.
///
/// Local search, then branch and bound: every allocation that is better gives everybody at least what the poorest has now. The result is Pareto optimal;
/// utilities are compared across agents as they stand, so nothing is promised about envy.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Leximin {}

impl Solver<FairDivision> for Leximin {
    const NAME: &'static str = "leximin";
    const SUMMARY: &'static str = "the poorest as well off as possible, then the next poorest: Pareto optimal, proven";

    fn accepts(&self, problem: &FairDivision) -> Result<(), SolveError> {
        Valuations::searchable(problem, Self::NAME).map(|_| ())
    }

    fn warm_start(&self) -> Option<&dyn WarmStart<FairDivision>> {
        Some(self)
    }

    fn solve_accepted(&self, problem: &FairDivision, run: &Run) -> Result<Outcome<Allocation>, SolveError> {
        let valuations = Valuations::searchable(problem, Self::NAME)?;
        let mut meter = WorkMeter::new(run);
        let mut best = Best::start(problem, &valuations, run.start(), &mut meter);
        let mut search = FloorSearch::new(&valuations, &best.floors);
        // The poorest has at most a weighted average, whatever the weights.
        let ceiling = search.least_utility_at_most();
        best.ceiling = Some(ceiling);
        let finished = search.run(&mut best, &mut meter);
        let mut result = outcome_in(problem, Welfare::Egalitarian, best.owner, &[]);
        if finished {
            add_pareto_optimality(&mut result, problem, "it is proven leximin");
            result.notes.push("proven leximin: the search was finished".into());
            result.status = Status::Optimal;
            result.bound = result.objective;
        } else {
            result.status = meter.stopped().unwrap_or(Status::Interrupted);
            result.bound = Some(decimal(problem, &BigInt::from(ceiling)));
        }
        result.trace = (!best.trace.is_empty()).then_some(best.trace);
        result.counters = meter.counters;
        Ok(result)
    }
}

impl WarmStart<FairDivision> for Leximin {}

/// The best allocation so far.
struct Best<'a> {
    problem: &'a FairDivision,
    owner: Vec<usize>,
    /// Utilities in increasing order.
    sorted: Vec<i128>,
    floors: Vec<i128>,
    /// The poorest has at most this.
    ceiling: Option<i128>,
    trace: Trace,
}

impl<'a> Best<'a> {
    fn start(problem: &'a FairDivision, valuations: &Valuations<'_>, start: Option<&Allocation>, meter: &mut WorkMeter<'_>) -> Self {
        let order: Vec<usize> = (0..valuations.agents()).collect();
        let mut starts = vec![two_sided_greedy(valuations), double_round_robin(valuations, Form::Modified, &order)];
        starts.extend(start.map(|start| start.owner.clone()));
        let trace = Trace::new(["iteration", "objective", "bound"]);
        let mut best = Self { problem, owner: Vec::new(), sorted: Vec::new(), floors: Vec::new(), ceiling: None, trace };
        for owner in starts {
            let owner = climb(valuations, owner, meter);
            let sorted = sorted(&utilities(valuations, &owner));
            best.take(owner, sorted, meter);
        }
        best
    }

    fn take(&mut self, owner: Vec<usize>, sorted: Vec<i128>, meter: &WorkMeter<'_>) {
        if sorted > self.sorted {
            let objective = decimal(self.problem, &BigInt::from(sorted[0]));
            let bound = self.ceiling.map(|ceiling| decimal(self.problem, &BigInt::from(ceiling)));
            meter.report(Some(objective), bound);
            self.trace.push(&[meter.counters.iterations as f64, objective, bound.unwrap_or(f64::NAN)]);
            self.floors = vec![sorted[0]; sorted.len()];
            self.owner = owner;
            self.sorted = sorted;
        }
    }
}

/// Transfers and swaps while they improve. Each is an improvement of the sorted vector of all utilities if it is one of the two that change: the order is
/// the same whatever the others have. The vector rises with every move, so the climb ends.
fn climb(valuations: &Valuations<'_>, mut owner: Vec<usize>, meter: &mut WorkMeter<'_>) -> Vec<usize> {
    let mut utilities = utilities(valuations, &owner);
    let value = |agent: usize, item: usize| i128::from(valuations.value(agent, item));
    let pair = |a: i128, b: i128| (a.min(b), a.max(b));
    let mut improved = true;
    while improved {
        improved = false;
        for item in 0..owner.len() {
            if !meter.goes_on_after((valuations.agents() + item) as u64) {
                return owner;
            }
            for to in 0..valuations.agents() {
                let from = owner[item];
                let (left, gained) = (utilities[from] - value(from, item), utilities[to] + value(to, item));
                if to != from && pair(left, gained) > pair(utilities[from], utilities[to]) {
                    (utilities[from], utilities[to]) = (left, gained);
                    owner[item] = to;
                    improved = true;
                }
            }
            for other in 0..item {
                let (a, b) = (owner[item], owner[other]);
                let for_a = utilities[a] - value(a, item) + value(a, other);
                let for_b = utilities[b] - value(b, other) + value(b, item);
                if a != b && pair(for_a, for_b) > pair(utilities[a], utilities[b]) {
                    (utilities[a], utilities[b]) = (for_a, for_b);
                    owner.swap(item, other);
                    improved = true;
                }
            }
        }
    }
    owner
}

fn sorted(utilities: &[i128]) -> Vec<i128> {
    let mut sorted = utilities.to_vec();
    sorted.sort_unstable();
    sorted
}

impl Goal for Best<'_> {
    fn floors(&self) -> &[i128] {
        &self.floors
    }

    fn found(&mut self, owner: &[usize], utilities: &[i128], meter: &WorkMeter<'_>) {
        self.take(owner.to_vec(), sorted(utilities), meter);
    }

    fn hopeful(&self, optimistic: &[i128]) -> bool {
        sorted(optimistic) > self.sorted
    }
}
