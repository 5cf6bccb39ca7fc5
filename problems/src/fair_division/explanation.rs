//! An allocation explained to the agents, a sentence each.

use super::amount::{Amount, Table};
use super::check::well_formed;
use super::instance::{FairDivision, TableWork};
use super::solution::Allocation;
use super::view::View;

/// Items that a sentence names.
const MOST_NAMED: usize = 12;

/// A line per agent: what it gets, what that is worth to it, and how it compares with the bundle it values most among the others'.
pub(super) fn explain(problem: &FairDivision, allocation: &Allocation) -> Vec<String> {
    struct Explain<'a>(&'a FairDivision, &'a Allocation);
    impl TableWork for Explain<'_> {
        type Output = Vec<String>;

        fn on<T: Table>(self, table: &T) -> Vec<String> {
            let bundles = self.1.bundles(self.0.agents());
            let line = |(agent, bundle): (usize, &Vec<usize>)| sentence(self.0, &View::of(table, &self.1.owner, agent), bundle);
            bundles.iter().enumerate().map(line).collect()
        }
    }
    if well_formed(problem, allocation).is_err() {
        return Vec::new();
    }
    problem.with_table(Explain(problem, allocation))
}

fn sentence<A: Amount>(problem: &FairDivision, view: &View<A>, bundle: &[usize]) -> String {
    let own = view.own();
    let worth = |amount: &A| problem.display_utility(amount);
    let start = format!("{} gets {}, worth {} to it", problem.agent_name(view.agent), listed(problem, bundle), worth(&own.value));
    // The first of the most valued bundles.
    let most = view.others().reduce(|most, other| if other.1.value > most.1.value { other } else { most });
    let Some((other, theirs)) = most else { return start };
    let name = problem.agent_name(other);
    if theirs.value <= own.value {
        return format!("{start}; it envies nobody (the next best bundle, of {name}, would be worth {})", worth(&theirs.value));
    }
    let envy = format!("{start}; the bundle of {name} would be worth {}", worth(&theirs.value));
    let after_other = theirs.best.get().filter(|best| best.is_positive()).map(|best| theirs.value.minus(best));
    let after_own = own.worst.get().filter(|worst| worst.is_negative()).map(|worst| own.value.minus(worst));
    let ends = |mine: &A, other: &A| if mine >= other { "but" } else { "and still" };
    match (after_other, after_own) {
        (Some(left), after_own) if left <= own.value || after_own.is_none() => {
            format!("{envy}, {} {} without {}", ends(&own.value, &left), worth(&left), problem.item_name(theirs.best.item))
        }
        (_, Some(left)) => {
            let but = if left >= theirs.value { "but" } else { "and even" };
            format!("{envy}, {but} its own {} without {}", worth(&left), problem.item_name(own.worst.item))
        }
        _ => envy,
    }
}

fn listed(problem: &FairDivision, items: &[usize]) -> String {
    if items.is_empty() {
        return "nothing".into();
    }
    let names: Vec<String> = items.iter().take(MOST_NAMED).map(|&item| problem.item_name(item)).collect();
    match items.len().checked_sub(MOST_NAMED) {
        Some(more) if more > 0 => format!("{} and {more} more", names.join(", ")),
        _ => names.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Problem;

    fn problem() -> FairDivision {
        let names = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        FairDivision::new(vec![vec![430, 90, 410, -20], vec![1, 2, 3, -1]])
            .unwrap()
            .with_agent_names(names(&["Ann", "Bob"]))
            .unwrap()
            .with_item_names(names(&["car", "dog, old", "boat", "lawn"]))
            .unwrap()
    }

    #[test]
    fn every_agent_is_told_why() {
        let lines = problem().present(&Allocation::new(vec![0, 1, 1, 0]));
        assert_eq!(lines[0], "Ann gets car, lawn, worth 410 to it; the bundle of Bob would be worth 500, but 90 without boat");
        assert_eq!(lines[1], "Bob gets dog, old, boat, worth 5 to it; it envies nobody (the next best bundle, of Ann, would be worth 0)");
        let lines = problem().present(&Allocation::new(vec![1, 1, 1, 0]));
        assert_eq!(lines[0], "Ann gets lawn, worth -20 to it; the bundle of Bob would be worth 930, and even its own 0 without lawn");
        assert!(problem().present(&Allocation::new(vec![0])).is_empty());
    }
}
