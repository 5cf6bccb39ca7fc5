//! Double round-robin: chores in one direction, goods in the other.

use fathom_opt_core::{Outcome, Run, SolveError, Solver};
use fathom_opt_problems::fair_division::{Allocation, FairDivision, Notion};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::agent_order::agent_order;
use crate::assignment::{Assignment, outcome};
use crate::instance_class::InstanceClass;
use crate::preference_queue::PreferenceQueue;
use crate::valuations::Valuations;

/// Which items the chore phase deals out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// Items that nobody likes and somebody does not mind go to such an agent first; the chore phase deals out what everybody dislikes
    /// (algorithm A1 of Aleksandrov and Walsh 2020). Never less efficient than the original, and Pareto optimal on some classes.
    #[default]
    Modified,
    /// The chore phase deals out everything that nobody likes (Aziz, Caragiannis, Igarashi, Walsh 2022).
    Original,
}

/// Double round-robin.
///
/// Items that nobody likes are picked in turns in one order of the agents, after dummies that make their number a multiple of `n`; then liked items
/// are picked in the reverse order, each agent taking its best item of positive utility and passing when there is none left.
/// `O(n m log m)`. The allocation is EF1 for additive utilities of any sign, and EF1 again within the goods and within the chores of each agent.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DoubleRoundRobin {
    /// Which items the chore phase deals out.
    pub form: Form,
    /// The agents in the order of the chore phase (empty: by index). Who picks first in a phase has the better of it.
    pub order: Vec<usize>,
}

impl Solver<FairDivision> for DoubleRoundRobin {
    const NAME: &'static str = "double-round-robin";
    const SUMMARY: &'static str = "turns in one order for chores, in the reverse order for goods: EF1 for mixed items";

    fn solve_accepted(&self, problem: &FairDivision, _: &Run) -> Result<Outcome<Allocation>, SolveError> {
        let order = agent_order(&self.order, problem.agents())?;
        let valuations = Valuations::ordinal(problem);
        let owner = double_round_robin(&valuations, self.form, &order);
        let mut promised = vec![Notion::Ef1, Notion::Ef1Three];
        if self.form == Form::Modified
            && let Ok(cardinal) = Valuations::cardinal(problem, Self::NAME)
        {
            promised.extend(class_promises(InstanceClass::of(&cardinal)));
        }
        Ok(outcome(problem, owner, &promised))
    }
}

/// What the modified form guarantees beyond EF1^3 on special classes (theorems 2, 4 and 6 of Aleksandrov and Walsh 2020; that agents may each have an
/// `alpha` of their own in theorem 6 was found by exhaustive search).
fn class_promises(class: InstanceClass) -> Vec<Notion> {
    let mut promised = Vec::new();
    if class.symmetric_ternary {
        promised.extend([Notion::Efx, Notion::EfxThree]);
    }
    if class.absolute_identical || class.ternary || class.symmetric_ternary {
        promised.push(Notion::Po);
    }
    promised
}

pub(crate) fn double_round_robin(valuations: &Valuations<'_>, form: Form, order: &[usize]) -> Vec<usize> {
    let largest = valuations.largest();
    let mut assignment = Assignment::empty(valuations.items());
    let liked: Vec<usize> = (0..valuations.items()).filter(|&item| largest[item] > 0).collect();
    let disliked: Vec<usize> = match form {
        Form::Original => (0..valuations.items()).filter(|&item| largest[item] <= 0).collect(),
        Form::Modified => {
            give_to_the_indifferent(valuations, &largest, &mut assignment);
            (0..valuations.items()).filter(|&item| largest[item] < 0).collect()
        }
    };
    pick_chores(valuations, &disliked, order, &mut assignment);
    pick_goods(valuations, &liked, order, &mut assignment);
    assignment.into_owner()
}

/// Step (i) of A1: an item whose largest utility is zero goes to an agent who values it at zero.
fn give_to_the_indifferent(valuations: &Valuations<'_>, largest: &[i64], assignment: &mut Assignment) {
    for item in (0..valuations.items()).filter(|&item| largest[item] == 0) {
        if let Some(agent) = (0..valuations.agents()).find(|&agent| valuations.value(agent, item) == 0) {
            assignment.give(item, agent);
        }
    }
}

/// Step (ii): with dummies up to a multiple of `n`, in turns, dummies first. The dummies are the first turns, which nobody uses: padding is what makes
/// every agent's number of turns equal.
fn pick_chores(valuations: &Valuations<'_>, chores: &[usize], order: &[usize], assignment: &mut Assignment) {
    let agents = order.len();
    let mut queues: Vec<PreferenceQueue> = order.iter().map(|&agent| PreferenceQueue::new(valuations.row(agent), chores)).collect();
    let dummies = (agents - chores.len() % agents) % agents;
    for turn in dummies..dummies + chores.len() {
        let position = turn % agents;
        if let Some((item, _)) = queues[position].best(|item| assignment.is_free(item)) {
            assignment.give(item, order[position]);
        }
    }
}

/// Step (iii): in turns in the reverse order, the best item of positive utility; an agent without one passes from then on.
fn pick_goods(valuations: &Valuations<'_>, goods: &[usize], order: &[usize], assignment: &mut Assignment) {
    let mut turns: Vec<(usize, PreferenceQueue)> =
        order.iter().rev().map(|&agent| (agent, PreferenceQueue::new(valuations.row(agent), goods))).collect();
    // Without the count every agent would look through all its items in vain once everything is taken.
    let mut left = goods.len();
    while left > 0 && !turns.is_empty() {
        turns.retain_mut(|(agent, queue)| {
            if left == 0 {
                return false;
            }
            match queue.best(|item| assignment.is_free(item)) {
                Some((item, value)) if value > 0 => {
                    assignment.give(item, *agent);
                    left -= 1;
                    true
                }
                _ => false,
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(rows: &[Vec<i64>], form: Form) -> Vec<usize> {
        let order: Vec<usize> = (0..rows.len()).collect();
        double_round_robin(&Valuations::from_rows(rows), form, &order)
    }

    #[test]
    fn dummies_give_the_first_turns_away() {
        // One chore for two agents: the dummy is agent 0's turn, so agent 1 has the chore, and picks the good first.
        assert_eq!(run(&[vec![-2, 1], vec![-2, 1]], Form::Modified), [1, 1]);
    }

    #[test]
    fn agents_pass_when_nothing_they_like_is_left() {
        // Plain round-robin makes somebody pick a chore too early here.
        let rows = vec![vec![2, -3, -3, -3]; 2];
        let owner = run(&rows, Form::Modified);
        let chores = |agent: usize| owner[1..].iter().filter(|&&holder| holder == agent).count();
        assert_eq!((chores(0), chores(1)), (1, 2));
        assert_eq!(owner[0], 1);
    }

    #[test]
    fn the_modified_form_gives_unliked_items_to_whom_they_do_not_hurt() {
        let rows = [vec![-1, 0], vec![0, -1]];
        assert_eq!(run(&rows, Form::Modified), [1, 0]);
    }

    #[test]
    fn an_order_that_is_no_permutation_is_refused() {
        let problem = FairDivision::new(vec![vec![1], vec![1]]).unwrap();
        let solver = DoubleRoundRobin { order: vec![0, 0], ..DoubleRoundRobin::default() };
        let error = solver.solve(&problem, &Run::default()).unwrap_err();
        assert_eq!(error.to_string(), "option `order`: found [0, 0], expected each of the agents 0 to 1 once");
    }

    #[test]
    fn utilities_of_any_size_are_divided() {
        let rows = vec![vec!["100000000000000000000000", "-1"], vec!["1", "-100000000000000000000000"]];
        let problem = FairDivision::from_decimal_rows(None, None, &rows).unwrap();
        let outcome = DoubleRoundRobin::default().solve(&problem, &Run::default()).unwrap();
        assert_eq!(outcome.solution.unwrap().owner, [1, 1]);
        assert_eq!(outcome.objective, Some(-1e23));
    }
}
