//! The offline optimum, exactly.

mod branch_and_bound;
mod cardinality;
mod core_program;
mod program;

use fathom_opt_core::{Counters, Outcome, Run, SolveError, Solver, Status, Stop};
use fathom_opt_problems::online_knapsack::{OnlineKnapsack, Packing};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use branch_and_bound::branch_and_bound;
use core_program::CoreProgram;
use program::{Program, Search};

/// The best packing of all items known, in exact integers: Dantzig's bound and the greedy packing, a short depth-first branch and bound, a bound on the number of items (Martello and Toth 1997), then a dynamic program over a core that grows around the break item and whose states are dropped by their bounds (after Pisinger, "A Minimal
/// Algorithm for the 0-1 Knapsack Problem", 1997). At a limit: the best packing so far, and a bound that no packing exceeds.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct KnapsackExact {
    /// Nodes of the branch and bound before the dynamic program starts.
    pub nodes: u64,
    /// Memory for the dynamic program, in MiB.
    pub memory: u64,
}

impl Default for KnapsackExact {
    fn default() -> Self {
        Self { nodes: 300_000, memory: 400 }
    }
}

impl Solver<OnlineKnapsack> for KnapsackExact {
    const NAME: &'static str = "knapsack-exact";
    const SUMMARY: &'static str = "the best packing in hindsight, proved: branch and bound and dynamic programming over a core";

    fn accepts(&self, problem: &OnlineKnapsack) -> Result<(), SolveError> {
        one_dimensional(problem, Self::NAME)
    }

    fn solve_accepted(&self, problem: &OnlineKnapsack, run: &Run) -> Result<Outcome<Packing>, SolveError> {
        let program = Program::of(problem);
        let mut counters = Counters::default();
        let mut search = Search::greedy(&program);
        let mut stopped: Option<Stop> = None;
        if search.best < search.upper {
            stopped = branch_and_bound(&program, &mut search, self.nodes, run, &mut counters);
        }
        if search.best < search.upper && stopped.is_none() {
            cardinality::tighten(&program, &mut search, run, &counters);
            stopped = CoreProgram::new(&program, self.memory).run(&mut search, run, &mut counters);
        }
        let mut accepted: Vec<u64> = program.always.iter().map(|&k| problem.items()[k].id).collect();
        accepted.extend(search.chosen.iter().map(|&k| problem.items()[program.items[k].position].id));
        accepted.sort_unstable();
        let packing = Packing::whole(accepted);
        let proved = search.best >= search.upper;
        let status = match stopped {
            Some(stop) if !proved => stop.into(),
            _ if proved && program.exact => Status::Optimal,
            _ => Status::Feasible,
        };
        let value = Program::value_of(&packing, problem);
        let mut outcome = Outcome::new(status).with_solution(packing, Some(value));
        outcome.bound = Some(program.bound(search.upper).max(value));
        outcome.counters = counters;
        if proved && !program.exact {
            outcome.notes.push("values are no decimal numbers of up to 12 places: optimal but for their rounding, see the bound".into());
        }
        Ok(outcome)
    }
}

/// # Errors
/// When `problem` has several dimensions.
pub(crate) fn one_dimensional(problem: &OnlineKnapsack, solver: &'static str) -> Result<(), SolveError> {
    match problem.capacity().dimensions() {
        1 => Ok(()),
        several => Err(SolveError::Unsupported { solver, why: format!("it has {several} dimensions, expected one") }),
    }
}
