//! Leximin: the poorest as well off as possible, then the next poorest, and so on.

use fathom_opt_core::{Outcome, Run, SolveError, Solver, Status};
use fathom_opt_problems::fair_division::{Allocation, FairDivision, Notion, Welfare};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::assignment::outcome;
use crate::double_round_robin::{Form, double_round_robin};
use crate::fairness::utilities;
use crate::floor_search::{FloorSearch, Goal};
use crate::two_sided_greedy::two_sided_greedy;
use crate::valuations::Valuations;
use crate::watch::Watch;

/// The leximin allocation: the sorted vector of utilities is lexicographically largest.
///
/// Local search, then branch and bound: every allocation that is better gives everybody at least what the poorest has now. The result is Pareto optimal;
/// utilities are compared across agents as they stand, so nothing is promised about envy.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Leximin {}

impl Solver<FairDivision> for Leximin {
    const NAME: &'static str = "leximin";
    const SUMMARY: &'static str = "the poorest as well off as possible, then the next poorest: Pareto optimal, proven";

    fn accepts(&self, problem: &FairDivision) -> Result<(), SolveError> {
        Valuations::searchable(problem, Self::NAME).map(|_| ())
    }

    fn solve_accepted(&self, problem: &FairDivision, run: &Run) -> Result<Outcome<Allocation>, SolveError> {
        let valuations = Valuations::searchable(problem, Self::NAME)?;
        let mut watch = Watch::new(run);
        let mut best = Best::start(&valuations, &mut watch);
        let mut search = FloorSearch::new(&valuations, best.floors());
        let finished = search.run(&mut best, &mut watch);
        let promised: &[Notion] = if finished { &[Notion::Po] } else { &[] };
        let mut result = outcome(problem, best.owner, promised);
        if finished {
            result.notes.push("proven leximin: the search was finished".into());
            if problem.welfare() == Welfare::Egalitarian {
                result.status = Status::Optimal;
                result.bound = result.objective;
            }
        } else {
            result.status = watch.stopped().unwrap_or(Status::Interrupted);
        }
        result.counters = watch.counters;
        Ok(result)
    }
}

/// The best allocation so far.
struct Best {
    owner: Vec<usize>,
    /// Utilities in increasing order.
    sorted: Vec<i128>,
    floors: Vec<i128>,
}

impl Best {
    fn start(valuations: &Valuations<'_>, watch: &mut Watch<'_>) -> Self {
        let order: Vec<usize> = (0..valuations.agents()).collect();
        let starts = [two_sided_greedy(valuations), double_round_robin(valuations, Form::Modified, &order)];
        let mut best = Self { owner: Vec::new(), sorted: Vec::new(), floors: Vec::new() };
        for owner in starts {
            best.climb(valuations, owner, watch);
        }
        best
    }

    /// Transfers and swaps while they improve.
    fn climb(&mut self, valuations: &Valuations<'_>, mut owner: Vec<usize>, watch: &mut Watch<'_>) {
        let mut current = sorted(&utilities(valuations, &owner));
        let mut improved = true;
        while improved {
            improved = false;
            for item in 0..owner.len() {
                if !watch.goes_on() {
                    break;
                }
                let mut candidates: Vec<Vec<usize>> = Vec::new();
                for a in 0..valuations.agents() {
                    let mut moved = owner.clone();
                    moved[item] = a;
                    candidates.push(moved);
                }
                for other in 0..item {
                    let mut swapped = owner.clone();
                    swapped.swap(item, other);
                    candidates.push(swapped);
                }
                for candidate in candidates {
                    let vector = sorted(&utilities(valuations, &candidate));
                    if vector > current {
                        current = vector;
                        owner = candidate;
                        improved = true;
                    }
                }
            }
        }
        self.take(owner, current);
    }

    fn take(&mut self, owner: Vec<usize>, sorted: Vec<i128>) {
        if sorted > self.sorted {
            self.floors = vec![sorted[0]; sorted.len()];
            self.owner = owner;
            self.sorted = sorted;
        }
    }
}

fn sorted(utilities: &[i128]) -> Vec<i128> {
    let mut sorted = utilities.to_vec();
    sorted.sort_unstable();
    sorted
}

impl Goal for Best {
    fn floors(&self) -> &[i128] {
        &self.floors
    }

    fn found(&mut self, owner: &[usize], utilities: &[i128]) {
        self.take(owner.to_vec(), sorted(utilities));
    }

    fn hopeful(&self, optimistic: &[i128]) -> bool {
        sorted(optimistic) > self.sorted
    }
}
