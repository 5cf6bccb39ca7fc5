//! All small instances of a class, and the test that a rule keeps its promises on one.

use fathom_opt_core::{Run, Solver};
use fathom_opt_problems::Problem;
use fathom_opt_problems::fair_division::{Allocation, FairDivision, Notion};

/// Every instance whose columns are among `columns` (the utilities of one item for all agents), `items` of them, up to the order of the columns.
///
/// Returns how many there are.
pub fn every_instance_of(columns: &[Vec<i64>], items: usize, mut visit: impl FnMut(&FairDivision)) -> usize {
    let mut chosen = vec![0; items];
    let mut count = 0;
    loop {
        let rows = (0..columns[0].len()).map(|a| chosen.iter().map(|&k: &usize| columns[k][a]).collect()).collect();
        visit(&FairDivision::new(rows).unwrap());
        count += 1;
        // The next multiset of columns: the last column that can grow does, the later ones follow it.
        let Some(position) = chosen.iter().rposition(|&k| k + 1 < columns.len()) else { return count };
        let next = chosen[position] + 1;
        chosen[position..].fill(next);
    }
}

/// All columns for `agents` agents with utilities among `values`.
pub fn every_column(agents: usize, values: &[i64]) -> Vec<Vec<i64>> {
    let count = values.len().pow(u32::try_from(agents).unwrap());
    let digit = |code: usize, a: usize| code / values.len().pow(u32::try_from(a).unwrap()) % values.len();
    (0..count).map(|code| (0..agents).map(|a| values[digit(code, a)]).collect()).collect()
}

/// All instances with utilities from `-2` to `2`, up to the order of the columns. With an instance come those with its agents in another order.
pub fn every_instance(agents: usize, items: usize, visit: impl FnMut(&FairDivision)) -> usize {
    every_instance_of(&every_column(agents, &[-2, -1, 0, 1, 2]), items, visit)
}

fn notion(name: &str) -> Notion {
    Notion::ALL.into_iter().find(|notion| notion.name() == name).unwrap()
}

/// Solves, and checks every promise, those on efficiency by the full check.
pub fn promises_hold<S: Solver<FairDivision>>(solver: &S, problem: &FairDivision) -> Allocation {
    let outcome = solver.solve(problem, &Run::default()).unwrap();
    let allocation = outcome.solution.unwrap();
    for name in &outcome.promised {
        if let Some(holds) = problem.holds(notion(name), &allocation).unwrap() {
            assert!(holds, "{name} fails for {:?} with {allocation:?}", problem.utilities());
        }
    }
    if outcome.promised.iter().any(|name| !notion(name).is_per_agent()) {
        let verdict = problem.check(&allocation).unwrap();
        for name in &outcome.promised {
            let holds = verdict.property(name).unwrap().holds;
            assert_eq!(holds, Some(true), "{name} for {:?} with {allocation:?}", problem.utilities());
        }
    }
    allocation
}
