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

/// Nodes that the proof of maximum Nash welfare may take before its best allocation is taken without.
const MOST_NODES: u64 = 50;

/// Looks at the instance and takes the rule that promises most for it:
///
/// | instance | rule | promises |
/// |---|---|---|
/// | goods, not too many | `max-nash-welfare` | EF1, and PO with the proof |
/// | objective `egalitarian`, small | `leximin` | PO, the best minimum |
/// | entitlements, goods | `round-robin` (weighted) | WEF1 |
/// | each agent `-alpha`, 0, `alpha` | `double-round-robin` | EFX^3, PO |
/// | agents agree up to signs, or all utilities `-alpha`, 0, `beta` | `two-sided-greedy` | EFX, PO |
/// | two agents | `adjusted-winner` | EF1, fPO |
/// | anything else | `double-round-robin` | EF1, EF1^3 |
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Auto {
    /// Goods are divided by maximum Nash welfare up to this many utilities (agents times items); beyond it the proof may take long.
    pub most_for_nash: usize,
    /// The same for leximin.
    pub most_for_leximin: usize,
}

impl Default for Auto {
    fn default() -> Self {
        Self { most_for_nash: 7500, most_for_leximin: 40 }
    }
}

impl Solver<FairDivision> for Auto {
    const NAME: &'static str = "auto";
    const SUMMARY: &'static str = "the rule with the strongest promise for the instance's class";

    fn solve_accepted(&self, problem: &FairDivision, run: &Run) -> Result<Outcome<Allocation>, SolveError> {
        let Ok(valuations) = Valuations::cardinal(problem, Self::NAME) else {
            return chosen(&DoubleRoundRobin::default(), "utilities are beyond 64 bits", problem, run);
        };
        let class = InstanceClass::of(&valuations);
        let size = problem.agents() * problem.items();
        let nash = MaxNashWelfare { most_nodes: MOST_NODES, ..MaxNashWelfare::default() };
        if class.goods && size <= self.most_for_nash && problem.entitlements().is_none() {
            match chosen(&nash, "everything is a good", problem, run) {
                Ok(mut outcome) => {
                    if outcome.status == Status::Limit(Limit::Iterations) && run.should_stop(&outcome.counters).is_none() {
                        // The limit was this rule's own, and it asks for no optimum.
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
        if problem.welfare() == Welfare::Egalitarian && size <= self.most_for_leximin {
            return chosen(&Leximin::default(), "the objective is the least utility", problem, run);
        }
        if class.goods && problem.entitlements().is_some() {
            return chosen(&RoundRobin::default(), "everything is a good, and agents have entitlements", problem, run);
        }
        if class.symmetric_ternary {
            return chosen(&DoubleRoundRobin::default(), "each agent has one magnitude of utility", problem, run);
        }
        if class.absolute_identical || class.ternary {
            return chosen(&TwoSidedGreedy::default(), "agents agree up to signs, or there are two utilities", problem, run);
        }
        if problem.agents() == 2 {
            return chosen(&AdjustedWinner::default(), "there are two agents", problem, run);
        }
        chosen(&DoubleRoundRobin::default(), "agents and signs are of no special kind", problem, run)
    }
}

fn chosen<S: Solver<FairDivision>>(solver: &S, why: &str, problem: &FairDivision, run: &Run) -> Result<Outcome<Allocation>, SolveError> {
    let mut outcome = solver.solve(problem, run)?;
    outcome.notes.insert(0, format!("chose {}: {why}", S::NAME));
    Ok(outcome)
}
