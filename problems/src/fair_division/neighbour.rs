//! Better allocations one step away: one item given to somebody else, or two items exchanged.

use std::cmp::Ordering;

use num_bigint::BigInt;
use serde_json::json;

use super::amount::{Amount, Table};
use super::instance::FairDivision;
use super::welfare::{self, Welfare};
use crate::verdict::{Improvement, Witness};

/// Largest entitlement for which powers of utilities are compared.
const LARGEST_EXPONENT: u64 = 1000;

/// What an agent's utility becomes by a step.
type Change<A> = (usize, A);

/// For each measure of welfare the first step that raises it, if there is one among the first `work` steps: all transfers, then all exchanges. The
/// instance's own objective is named as such as well.
pub(super) fn improvements<T: Table>(
    problem: &FairDivision,
    table: &T,
    owner: &[usize],
    utilities: &[T::Amount],
    work: u64,
) -> Vec<Improvement> {
    let mut found = Vec::new();
    for welfare in [Welfare::Utilitarian, Welfare::Egalitarian, Welfare::Nash] {
        let judge = Judge::new(welfare, utilities, problem.entitlements());
        let Some((step, changes)) = first_step(table, owner, utilities, &judge, work) else { continue };
        let mut after = utilities.to_vec();
        for (agent, utility) in changes {
            after[agent] = utility;
        }
        let value = welfare::objective(welfare, &after, problem.entitlements(), problem.scale_digits()).value;
        let improvement = Improvement::nearby(Some(value), step.witness(problem, owner));
        if welfare == problem.welfare() {
            found.push(improvement.clone());
        }
        found.push(improvement.of_measure(welfare.measure()));
    }
    found
}

/// One step.
#[derive(Debug, Clone, Copy)]
enum Step {
    Transfer { item: usize, to: usize },
    Exchange { item: usize, other: usize },
}

impl Step {
    fn witness(self, problem: &FairDivision, owner: &[usize]) -> Witness {
        let mut better = owner.to_vec();
        let text = match self {
            Self::Transfer { item, to } => {
                better[item] = to;
                format!("give {} to {}", problem.item_name(item), problem.agent_name(to))
            }
            Self::Exchange { item, other } => {
                better.swap(item, other);
                format!("exchange {} and {}", problem.item_name(item), problem.item_name(other))
            }
        };
        Witness::new(text, json!({ "owner": better }))
    }
}

fn first_step<T: Table>(
    table: &T,
    owner: &[usize],
    utilities: &[T::Amount],
    judge: &Judge<'_, T::Amount>,
    work: u64,
) -> Option<(Step, [Change<T::Amount>; 2])> {
    let transfers = (0..owner.len()).flat_map(|item| (0..table.agents()).map(move |to| Step::Transfer { item, to }));
    let exchanges = (0..owner.len()).flat_map(|item| (0..item).map(move |other| Step::Exchange { item, other }));
    for step in transfers.chain(exchanges).take(usize::try_from(work).unwrap_or(usize::MAX)) {
        let (a, b, for_a, for_b) = match step {
            Step::Transfer { item, to } => {
                let from = owner[item];
                if from == to {
                    continue;
                }
                (from, to, utilities[from].minus(&table.value(from, item)), utilities[to].plus(&table.value(to, item)))
            }
            Step::Exchange { item, other } => {
                let (a, b) = (owner[item], owner[other]);
                if a == b {
                    continue;
                }
                let for_a = utilities[a].minus(&table.value(a, item)).plus(&table.value(a, other));
                (a, b, for_a, utilities[b].minus(&table.value(b, other)).plus(&table.value(b, item)))
            }
        };
        let changes = [(a, for_a), (b, for_b)];
        if judge.prefers(&changes) {
            return Some((step, changes));
        }
    }
    None
}

/// Whether a step raises a measure of welfare, exactly.
struct Judge<'a, A> {
    welfare: Welfare,
    utilities: &'a [A],
    entitlements: Option<&'a [u64]>,
    /// The least utility and how many agents have it.
    least: A,
    poorest: usize,
    /// Agents without positive utility.
    without: usize,
    /// Logarithms of the utilities, where they are positive.
    logs: Vec<f64>,
}

impl<'a, A: Amount> Judge<'a, A> {
    fn new(welfare: Welfare, utilities: &'a [A], entitlements: Option<&'a [u64]>) -> Self {
        let least = utilities.iter().min().cloned().unwrap_or_else(A::zero);
        let poorest = utilities.iter().filter(|utility| **utility == least).count();
        let without = utilities.iter().filter(|utility| !utility.is_positive()).count();
        let logs = utilities.iter().map(|utility| if utility.is_positive() { utility.ln() } else { 0.0 }).collect();
        Self { welfare, utilities, entitlements, least, poorest, without, logs }
    }

    fn prefers(&self, changes: &[Change<A>; 2]) -> bool {
        let [(a, for_a), (b, for_b)] = changes;
        let (from_a, from_b) = (&self.utilities[*a], &self.utilities[*b]);
        match self.welfare {
            Welfare::Utilitarian => for_a.plus(for_b) > from_a.plus(from_b),
            Welfare::Egalitarian => {
                let relieved = [from_a, from_b].into_iter().filter(|utility| **utility == self.least).count();
                relieved == self.poorest && *for_a > self.least && *for_b > self.least
            }
            Welfare::Nash => {
                // The measure is positive only when everybody has something.
                let relieved = [from_a, from_b].into_iter().filter(|utility| !utility.is_positive()).count();
                let everybody = relieved == self.without && for_a.is_positive() && for_b.is_positive();
                everybody && (self.without > 0 || self.raises_product(changes))
            }
        }
    }

    /// Whether the product of positive utilities to the power of their entitlements rises.
    fn raises_product(&self, changes: &[Change<A>; 2]) -> bool {
        let weight = |agent: usize| self.entitlements.map_or(1, |weights| weights[agent]);
        let (mut gain, mut size) = (0.0, 0.0);
        for (agent, utility) in changes {
            let (log, weight) = (utility.ln(), weight(*agent) as f64);
            gain += weight * (log - self.logs[*agent]);
            size += weight * (1.0 + log.abs() + self.logs[*agent].abs());
        }
        // What rounding may decide is decided in integers.
        if gain.abs() > 16.0 * f64::EPSILON * size {
            return gain > 0.0;
        }
        if changes.iter().any(|(agent, _)| weight(*agent) > LARGEST_EXPONENT) {
            return false;
        }
        let product = |utility: &dyn Fn(&Change<A>) -> BigInt| {
            changes
                .iter()
                .fold(BigInt::from(1), |product, change| product * utility(change).pow(u32::try_from(weight(change.0)).unwrap_or(u32::MAX)))
        };
        product(&|(_, utility)| utility.to_big()).cmp(&product(&|(agent, _)| self.utilities[*agent].to_big())) == Ordering::Greater
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Allocation, Notion};
    use super::*;
    use crate::Problem;

    fn better(problem: &FairDivision, owner: &[usize]) -> Vec<(Option<String>, Option<f64>, String)> {
        let verdict = problem.check(&Allocation::new(owner.to_vec())).unwrap();
        verdict.improvements.into_iter().map(|found| (found.criterion, found.value, found.witness.text)).collect()
    }

    #[test]
    fn a_step_is_found_for_each_measure_that_has_one() {
        let problem = FairDivision::new(vec![vec![4, 3, 1], vec![3, 4, 1]]).unwrap().with_welfare(Welfare::Nash);
        // (4, 5), (5, 4): the sum is as large as it can be, and so is the product.
        assert_eq!(better(&problem, &[0, 1, 1]), []);
        let steps = better(&problem, &[1, 0, 0]);
        assert_eq!(steps[0], (Some("utilitarian".into()), Some(8.0), "give item 0 to agent 0".into()));
        assert_eq!(steps[1], (Some("egalitarian".into()), Some(4.0), "exchange item 0 and item 1".replace("0 and item 1", "1 and item 0")));
        assert_eq!(steps[2].0, None);
        assert_eq!((steps[3].0.as_deref(), steps[3].1), (Some("nash"), steps[2].1));
        assert!(problem.holds(Notion::Ef1, &Allocation::new(vec![1, 0, 0])).unwrap().unwrap());
    }

    #[test]
    fn a_product_better_by_less_than_rounding_is_better() {
        let base = 1_i64 << 40;
        let problem = FairDivision::new(vec![vec![base - 1, base, 1, 1, 1]; 2]).unwrap();
        let nash = |owner: &[usize]| better(&problem, owner).into_iter().any(|(name, ..)| name.as_deref() == Some("nash"));
        // 2^40 (2^40 + 2) against (2^40 + 1)^2.
        assert!(nash(&[0, 1, 0, 1, 1]));
        assert!(!nash(&[0, 1, 0, 0, 1]));
    }
}
