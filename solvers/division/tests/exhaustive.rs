//! Every promise of every rule on every small instance, decided by the independent checker. With more orders of the agents and all instances of the special
//! classes: `cargo run --release -p fathom-opt-division --example exhaustive`.

mod small_instances;

use fathom_opt_division::{AdjustedWinner, DoubleRoundRobin, EfxSearch, EnvyCycle, Form, ItemOrder, RoundRobin, Turns, TwoSidedGreedy};
use small_instances::{every_column, every_instance, every_instance_of, promises_hold};

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

#[test]
fn rules_keep_their_stronger_promises_on_all_small_instances_of_their_class() {
    for (agents, items) in [(2, 5), (3, 3)] {
        for (alpha, beta) in [(1, 1), (1, 2), (2, 1), (2, 3)] {
            every_instance_of(&every_column(agents, &[-alpha, 0, beta]), items, |problem| {
                promises_hold(&TwoSidedGreedy::default(), problem);
                promises_hold(&DoubleRoundRobin::default(), problem);
            });
        }
        let signs = |magnitude: i64| every_column(agents, &[magnitude, -magnitude]);
        let columns: Vec<Vec<i64>> = (1..=3).flat_map(signs).chain([vec![0; agents]]).collect();
        every_instance_of(&columns, items, |problem| {
            promises_hold(&TwoSidedGreedy::default(), problem);
            promises_hold(&DoubleRoundRobin::default(), problem);
        });
    }
}
