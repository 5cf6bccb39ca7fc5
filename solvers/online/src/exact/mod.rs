//! The offline optimum, exactly.

mod branch_and_bound;
mod cardinality;
mod core_program;
mod incumbent;
mod number;
mod program;
mod units;

use fathom_opt_core::{Counters, Outcome, Run, SolveError, Solver, Status, Stop, WarmStart};
use fathom_opt_problems::online_knapsack::{OnlineKnapsack, Packing};
use fathom_opt_problems::{Malformed, Place};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use branch_and_bound::branch_and_bound;
use core_program::CoreProgram;
use incumbent::Incumbent;
use number::Number;
use program::{AnyProgram, Program};

/// The best packing of all items known: Dantzig's bound and the greedy packing, a short depth-first branch and bound, a bound on the number of items
/// (Martello and Toth 1997), then a dynamic program over a core that grows around the break item and whose states are dropped by their bounds (after Pisinger,
/// "A Minimal Algorithm for the 0-1 Knapsack Problem", 1997). At a limit: the best packing so far, and a bound that no packing exceeds.
///
/// Everything is computed in whole numbers of up to 128 bits. Values that are decimal numbers of up to 12 places are taken as such (a packing that is optimal
/// for those is optimal to the last bit of a double); any others are multiples of a power of two and exact, unless they span more than 124 bits: then the
/// bound says how far the packing may be from the best.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct KnapsackExact {
    /// Nodes of the branch and bound before the dynamic program starts.
    pub max_nodes: u64,
    /// Memory for the dynamic program, in MiB.
    pub max_memory: u64,
}

impl Default for KnapsackExact {
    fn default() -> Self {
        Self { max_nodes: 300_000, max_memory: 400 }
    }
}

impl Solver<OnlineKnapsack> for KnapsackExact {
    const NAME: &'static str = "knapsack-exact";
    const SUMMARY: &'static str = "the best packing in hindsight, proved: branch and bound and dynamic programming over a core";

    fn accepts(&self, problem: &OnlineKnapsack) -> Result<(), SolveError> {
        one_dimensional(problem, Self::NAME)
    }

    fn warm_start(&self) -> Option<&dyn WarmStart<OnlineKnapsack>> {
        Some(self)
    }

    fn solve_accepted(&self, problem: &OnlineKnapsack, run: &Run) -> Result<Outcome<Packing>, SolveError> {
        let start = run.start::<Packing>();
        Ok(match AnyProgram::of(problem) {
            AnyProgram::Narrow(program) => self.search(problem, &program, start, run),
            AnyProgram::Wide(program) => self.search(problem, &program, start, run),
        })
    }
}

impl WarmStart<OnlineKnapsack> for KnapsackExact {
    fn accepts_start(&self, problem: &OnlineKnapsack, start: &Packing) -> Result<(), SolveError> {
        let place = || Place::root().field("accepted");
        if start.shares.is_some() {
            return Err(SolveError::Start(Malformed::new(Place::root().field("shares"), "parts of items", "whole items alone")));
        }
        let weights = start.accepted.iter().filter_map(|id| problem.item(*id)).map(|item| u128::from(item.weight.first()));
        let (weight, capacity) = (weights.sum::<u128>(), problem.capacity().first());
        if weight > u128::from(capacity) {
            let expected = format!("items that weigh at most {capacity} together");
            return Err(SolveError::Start(Malformed::new(place(), format!("items that weigh {weight}"), expected)));
        }
        Ok(())
    }
}

impl KnapsackExact {
    fn search<N: Number>(&self, problem: &OnlineKnapsack, program: &Program<N>, start: Option<&Packing>, run: &Run) -> Outcome<Packing> {
        let mut counters = Counters::default();
        let mut search = Incumbent::greedy(program);
        if let Some(start) = start {
            let mut ids = start.accepted.iter().peekable();
            let inside: Vec<bool> = problem.items().iter().map(|item| ids.next_if(|id| **id == item.id).is_some()).collect();
            search.improve(program, &inside);
        }
        let mut stopped: Option<Stop> = None;
        if search.best < search.upper {
            stopped = branch_and_bound(program, &mut search, self.max_nodes, run, &mut counters);
        }
        if search.best < search.upper && stopped.is_none() {
            cardinality::tighten(program, &mut search, run, &counters);
            stopped = CoreProgram::new(program, self.max_memory).run(&mut search, run, &mut counters);
        }
        let mut accepted: Vec<u64> = program.always.iter().map(|&k| problem.items()[k].id).collect();
        accepted.extend(search.chosen.iter().map(|&k| problem.items()[program.items[k].position].id));
        accepted.sort_unstable();
        let mut packing = Packing::whole(accepted);
        let mut value = Program::<N>::value_of(&packing, problem);
        // Of two packings of as many units the start may be worth a little more.
        if let Some(start) = start {
            let of_start = Program::<N>::value_of(start, problem);
            if of_start > value {
                (packing, value) = (start.clone(), of_start);
            }
        }
        let proved = search.best >= search.upper;
        let status = match stopped {
            Some(stop) if !proved => stop.into(),
            _ if proved && program.is_exact() => Status::Optimal,
            _ => Status::Feasible,
        };
        let mut outcome = Outcome::new(status).with_solution(packing, Some(value));
        outcome.bound = Some(program.bound(search.upper).max(value));
        outcome.counters = counters;
        if proved && !program.is_exact() {
            outcome.notes.push("values span more than 124 bits: optimal but for those far below the largest, see the bound".into());
        }
        outcome
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
