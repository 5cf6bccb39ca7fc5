//! The rule with the strongest promise for the instance at hand.

use fathom_opt_core::{Limit, Outcome, Run, SolveError, Solver, Status};
use fathom_opt_problems::fair_division::{Allocation, FairDivision, Notion, Welfare};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::adjusted_winner::AdjustedWinner;
use crate::double_round_robin::DoubleRoundRobin;
use crate::instance_class::InstanceClass;
use crate::leximin::Leximin;
use crate::nash::MaxNashWelfare;
use crate::round_robin::RoundRobin;
use crate::two_sided_greedy::TwoSidedGreedy;
use crate::valuations::Valuations;

/// Nodes of the search tree after which the proof of maximum Nash welfare is given up. The best allocation that was found is then the result.
const MAX_NODES: u64 = 50;

/// Chooses a rule by what the instance is, and runs it. The rule is the first in this table whose line describes the instance:
///
/// | instance | rule | promises |
/// |---|---|---|
/// | a utility is beyond 64 bits | `double-round-robin` | EF1, EF1^3 |
/// | goods, no entitlements, at most `max-nash-size` utilities | `max-nash-welfare` | EF1, and PO with the proof |
/// | objective `egalitarian`, at most `max-leximin-size` utilities | `leximin` | PO, the best minimum |
/// | goods, entitlements | `round-robin` (weighted) | WEF1 |
/// | each agent has only utilities `-alpha`, 0, `alpha`, with an `alpha` of its own | `double-round-robin` | EFX^3, PO |
/// | all agents have the same utilities up to sign, or all utilities are `-alpha`, 0 or `beta` | `two-sided-greedy` | EFX, PO |
/// | two agents | `adjusted-winner` | EF1, fPO |
/// | anything else | `double-round-robin` | EF1, EF1^3 |
///
/// If the search for maximum Nash welfare is stopped at an allocation that is not EF1, the next rule is taken instead.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Auto {
    /// Largest number of utilities (agents times items) for which goods are divided by maximum Nash welfare. With more of them the proof may take long.
    pub max_nash_size: usize,
    /// Largest number of utilities for which leximin is computed. Its search takes time that grows exponentially with the number of items.
    pub max_leximin_size: usize,
}

impl Default for Auto {
    fn default() -> Self {
        Self { max_nash_size: 7500, max_leximin_size: 40 }
    }
}

impl Solver<FairDivision> for Auto {
    const NAME: &'static str = "auto";
    const SUMMARY: &'static str = "the rule with the strongest promise for the instance's class";

    fn solve_accepted(&self, problem: &FairDivision, run: &Run) -> Result<Outcome<Allocation>, SolveError> {
        let Ok(valuations) = Valuations::cardinal(problem, Self::NAME) else {
            return chosen(&DoubleRoundRobin::default(), "a utility is beyond 64 bits", problem, run);
        };
        let class = InstanceClass::of(&valuations);
        let size = problem.agents() * problem.items();
        let nash = MaxNashWelfare { max_nodes: MAX_NODES, ..MaxNashWelfare::default() };
        if class.goods && size <= self.max_nash_size && problem.entitlements().is_none() {
            match chosen(&nash, "everything is a good", problem, run) {
                Ok(mut outcome) => {
                    if outcome.status == Status::Limit(Limit::Iterations) && run.should_stop(&outcome.counters).is_none() {
                        // The limit on nodes is a choice of this solver's, not a limit that the run was given.
                        outcome.status = Status::Feasible;
                    }
                    if outcome.promised.iter().any(|name| name == Notion::Ef1.name()) {
                        return Ok(outcome);
                    }
                }
                Err(SolveError::Unsupported { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        if problem.welfare() == Welfare::Egalitarian && size <= self.max_leximin_size {
            return chosen(&Leximin::default(), "the objective is the least utility", problem, run);
        }
        if class.goods && problem.entitlements().is_some() {
            return chosen(&RoundRobin::default(), "everything is a good, and agents have entitlements", problem, run);
        }
        if class.symmetric_ternary {
            return chosen(&DoubleRoundRobin::default(), "each agent has utilities of one magnitude", problem, run);
        }
        if class.absolute_identical || class.ternary {
            return chosen(
                &TwoSidedGreedy::default(),
                "all agents have the same utilities up to sign, or there are only two utilities besides 0",
                problem,
                run,
            );
        }
        if problem.agents() == 2 {
            return chosen(&AdjustedWinner::default(), "there are two agents", problem, run);
        }
        chosen(&DoubleRoundRobin::default(), "the instance is in none of the classes for which another rule promises more", problem, run)
    }
}

fn chosen<S: Solver<FairDivision>>(solver: &S, why: &str, problem: &FairDivision, run: &Run) -> Result<Outcome<Allocation>, SolveError> {
    let mut outcome = solver.solve(problem, run)?;
    outcome.notes.insert(0, format!("chose {}: {why}", S::NAME));
    Ok(outcome)
}
