//! Round-robin and its relatives: agents pick in turns.

use fathom_opt_core::{Outcome, Run, SolveError, Solver};
use fathom_opt_problems::fair_division::{Allocation, FairDivision, Notion};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::agent_order::agent_order;
use crate::assignment::{Assignment, outcome};
use crate::instance_class::InstanceClass;
use crate::preference_queue::PreferenceQueue;
use crate::valuations::Valuations;

/// Whose turn it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Turns {
    /// In the same order again and again; by entitlements where the instance has them.
    #[default]
    Cyclic,
    /// In one order, then in the reverse order, and so on.
    Bidirectional,
    /// The agent with the smallest number of picks per entitlement (Chakraborty, Igarashi, Suksompong, Zick 2021).
    Weighted,
}

/// Round-robin: agents pick their best remaining item in turns. `O(n m log m)`.
///
/// EF1 for goods, in cyclic order also for chores; with weighted turns WEF1 for goods. For mixed items it promises nothing: an agent may have to pick a
/// chore too early (use `double-round-robin`).
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RoundRobin {
    /// Whose turn it is.
    pub turns: Turns,
    /// The agents in the order of the first round (empty: by index).
    pub order: Vec<usize>,
}

impl Solver<FairDivision> for RoundRobin {
    const NAME: &'static str = "round-robin";
    const SUMMARY: &'static str = "agents pick in turns: EF1 for goods, and for chores";

    fn solve_accepted(&self, problem: &FairDivision, _: &Run) -> Result<Outcome<Allocation>, SolveError> {
        let order = agent_order(&self.order, problem.agents())?;
        let valuations = Valuations::ordinal(problem);
        let weighted = self.turns == Turns::Weighted || (self.turns == Turns::Cyclic && problem.entitlements().is_some());
        let equal = vec![1; problem.agents()];
        let sequence = if weighted {
            weighted_turns(problem.entitlements().unwrap_or(&equal), &order, problem.items())
        } else {
            unweighted_turns(self.turns, &order, problem.items())
        };
        let class = InstanceClass::of(&valuations);
        let promised: &[Notion] = match (weighted && problem.entitlements().is_some(), class.goods, class.chores) {
            (true, true, _) => &[Notion::Wef1],
            (false, true, _) => &[Notion::Ef1],
            (false, false, true) if self.turns != Turns::Bidirectional => &[Notion::Ef1],
            _ => &[],
        };
        Ok(outcome(problem, pick(&valuations, &sequence), promised))
    }
}

fn unweighted_turns(turns: Turns, order: &[usize], items: usize) -> Vec<usize> {
    let n = order.len();
    (0..items)
        .map(|turn| match turns {
            Turns::Bidirectional if turn / n % 2 == 1 => order[n - 1 - turn % n],
            _ => order[turn % n],
        })
        .collect()
}

/// Next is the agent with the smallest picks per entitlement, earlier in `order` among equal ones.
fn weighted_turns(weights: &[u64], order: &[usize], items: usize) -> Vec<usize> {
    let mut picks = vec![0_u128; order.len()];
    (0..items)
        .map(|_| {
            let mut next = order[0];
            for &agent in order {
                if picks[agent] * u128::from(weights[next]) < picks[next] * u128::from(weights[agent]) {
                    next = agent;
                }
            }
            picks[next] += 1;
            next
        })
        .collect()
}

fn pick(valuations: &Valuations<'_>, sequence: &[usize]) -> Vec<usize> {
    let items: Vec<usize> = (0..valuations.items()).collect();
    let mut queues: Vec<PreferenceQueue> = (0..valuations.agents()).map(|a| PreferenceQueue::new(valuations.row(a), &items)).collect();
    let mut assignment = Assignment::empty(valuations.items());
    for &agent in sequence {
        if let Some((item, _)) = queues[agent].best(|item| assignment.is_free(item)) {
            assignment.give(item, agent);
        }
    }
    assignment.into_owner()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_run_as_their_names_say() {
        assert_eq!(unweighted_turns(Turns::Cyclic, &[1, 0], 5), [1, 0, 1, 0, 1]);
        assert_eq!(unweighted_turns(Turns::Bidirectional, &[0, 1], 5), [0, 1, 1, 0, 0]);
        assert_eq!(weighted_turns(&[1, 2], &[0, 1], 6), [0, 1, 1, 0, 1, 1]);
    }

    #[test]
    fn mixed_items_get_no_promise() {
        let problem = FairDivision::new(vec![vec![2, -3, -3, -3]; 2]).unwrap();
        let outcome = RoundRobin::default().solve(&problem, &Run::default()).unwrap();
        assert!(outcome.promised.is_empty());
        assert_eq!(problem.holds(Notion::Ef1, &outcome.solution.unwrap()).unwrap(), Some(false));
    }
}
