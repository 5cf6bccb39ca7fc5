//! Two-sided greedy: goods to the poorest who like them, chores to the richest.

use fathom_opt_core::{Outcome, Run, SolveError, Solver};
use fathom_opt_problems::fair_division::{Allocation, FairDivision, Notion};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::assignment::outcome;
use crate::instance_class::InstanceClass;
use crate::valuations::Valuations;

/// Two-sided greedy (algorithm A2 of Aleksandrov and Walsh 2020).
///
/// Items by decreasing `|max_a u_a(o)|`: a liked item to the agent with the least utility so far among those who like it, an item that everybody
/// dislikes to the agent with the most, an item whose largest utility is zero to an agent who values it at zero. `O(m log m + n m)`.
///
/// EFX and Pareto optimal when agents agree up to signs, and when all utilities are `-alpha`, 0 or `beta`; otherwise it promises nothing. The key matters:
/// ordered by `max_a |u_a(o)|` instead, three agents with `[-2, 1, 1]`, `[-2, 0, 1]`, `[-2, -2, -2]` can end without EFX.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TwoSidedGreedy {}

impl Solver<FairDivision> for TwoSidedGreedy {
    const NAME: &'static str = "two-sided-greedy";
    const SUMMARY: &'static str =
        "large items first, goods to the poorest, chores to the richest: EFX and PO where agents agree up to signs";

    fn accepts(&self, problem: &FairDivision) -> Result<(), SolveError> {
        Valuations::cardinal(problem, Self::NAME).map(|_| ())
    }

    fn solve_accepted(&self, problem: &FairDivision, _: &Run) -> Result<Outcome<Allocation>, SolveError> {
        let valuations = Valuations::cardinal(problem, Self::NAME)?;
        let class = InstanceClass::of(&valuations);
        let promised: &[Notion] = if class.absolute_identical || class.ternary { &[Notion::Ef1, Notion::Efx, Notion::Po] } else { &[] };
        Ok(outcome(problem, two_sided_greedy(&valuations), promised))
    }
}

pub(crate) fn two_sided_greedy(valuations: &Valuations<'_>) -> Vec<usize> {
    let largest = valuations.largest();
    let mut order: Vec<usize> = (0..valuations.items()).collect();
    order.sort_by_key(|&item| (std::cmp::Reverse(largest[item].unsigned_abs()), item));
    let mut utilities = vec![0_i128; valuations.agents()];
    let mut owner = vec![0; valuations.items()];
    for item in order {
        let agents = || 0..valuations.agents();
        let agent = match largest[item].signum() {
            1 => agents().filter(|&a| valuations.value(a, item) > 0).min_by_key(|&a| utilities[a]),
            0 => agents().find(|&a| valuations.value(a, item) == 0),
            // The first of the richest.
            _ => agents().rev().max_by_key(|&a| utilities[a]),
        };
        let agent = agent.unwrap_or(0);
        utilities[agent] += i128::from(valuations.value(agent, item));
        owner[item] = agent;
    }
    owner
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_item_order_keeps_efx_where_the_literal_one_loses_it() {
        let rows = [vec![-2, 1, 1], vec![-2, 0, 1], vec![-2, -2, -2]];
        let owner = two_sided_greedy(&Valuations::from_rows(&rows));
        let problem = FairDivision::new(rows.to_vec()).unwrap();
        assert_eq!(problem.holds(Notion::Efx, &Allocation::new(owner)).unwrap(), Some(true));
        // The allocation that the literal key leads to.
        assert_eq!(problem.holds(Notion::Efx, &Allocation::new(vec![0, 0, 1])).unwrap(), Some(false));
    }
}
