//! Every promise of every rule on every small instance, decided by the independent checker.

use fathom_core::{Run, Solver};
use fathom_division::{AdjustedWinner, DoubleRoundRobin, EfxSearch, EnvyCycle, Form, ItemOrder, RoundRobin, Turns, TwoSidedGreedy};
use fathom_problems::Problem;
use fathom_problems::fair_division::{Allocation, FairDivision, Notion};

/// All instances with `n` agents and `m` items with utilities from `-2` to `2`, up to the order of the columns.
fn every_instance(n: usize, m: usize, mut visit: impl FnMut(&FairDivision)) -> usize {
    let kinds = 5_usize.pow(u32::try_from(n).unwrap());
    let mut columns = vec![0; m];
    let mut count = 0;
    loop {
        let rows = (0..n)
            .map(|a| {
                columns.iter().map(|&code: &usize| i64::try_from(code / 5_usize.pow(u32::try_from(a).unwrap()) % 5).unwrap() - 2).collect()
            })
            .collect();
        visit(&FairDivision::new(rows).unwrap());
        count += 1;
        // The next multiset of columns: the last column that can grow does, the later ones follow it.
        let Some(position) = columns.iter().rposition(|&code| code + 1 < kinds) else { return count };
        let next = columns[position] + 1;
        columns[position..].fill(next);
    }
}

fn notion(name: &str) -> Notion {
    Notion::ALL.into_iter().find(|notion| notion.name() == name).unwrap()
}

/// Solves, and checks every promise, those on efficiency by the full check.
fn promises_hold<S: Solver<FairDivision>>(solver: &S, problem: &FairDivision) -> Allocation {
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

#[test]
fn double_round_robin_keeps_its_promises_on_all_small_instances() {
    for form in [Form::Modified, Form::Original] {
        let forward = DoubleRoundRobin { form, order: Vec::new() };
        let mut count = 0;
        for m in 1..=4 {
            for order in [vec![0, 1], vec![1, 0]] {
                let solver = DoubleRoundRobin { form, order };
                count += every_instance(2, m, |problem| {
                    promises_hold(&solver, problem);
                });
            }
        }
        assert_eq!(count, 2 * (25 + 325 + 2925 + 20_475));
        for m in 1..=2 {
            for order in [vec![0, 1, 2], vec![2, 0, 1], vec![1, 2, 0]] {
                let solver = DoubleRoundRobin { form, order };
                every_instance(3, m, |problem| {
                    promises_hold(&solver, problem);
                });
            }
        }
        let count = every_instance(3, 3, |problem| {
            promises_hold(&forward, problem);
        });
        assert_eq!(count, 333_375);
    }
}

#[test]
fn the_other_rules_keep_their_promises_on_all_small_instances() {
    for m in 1..=4 {
        every_instance(2, m, |problem| {
            promises_hold(&TwoSidedGreedy::default(), problem);
            promises_hold(&AdjustedWinner::default(), problem);
            promises_hold(&EfxSearch::default(), problem);
            promises_hold(&EnvyCycle::default(), problem);
            promises_hold(&EnvyCycle { item_order: ItemOrder::Given }, problem);
            for turns in [Turns::Cyclic, Turns::Bidirectional, Turns::Weighted] {
                promises_hold(&RoundRobin { turns, order: vec![1, 0] }, problem);
            }
        });
    }
    for m in 1..=3 {
        every_instance(3, m, |problem| {
            promises_hold(&TwoSidedGreedy::default(), problem);
            promises_hold(&EnvyCycle::default(), problem);
            promises_hold(&EfxSearch::default(), problem);
            promises_hold(&RoundRobin::default(), problem);
        });
    }
}

#[test]
fn picking_by_entitlements_is_fair_by_entitlements() {
    let outcomes = every_instance(2, 3, |problem| {
        for weights in [vec![1, 2], vec![3, 1], vec![2, 3]] {
            let weighted = problem.clone().with_entitlements(weights).unwrap();
            promises_hold(&RoundRobin::default(), &weighted);
        }
    });
    assert_eq!(outcomes, 2925);
}
