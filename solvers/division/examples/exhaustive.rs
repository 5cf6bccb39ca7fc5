//! Every promise of every rule on all small instances, with several orders of the agents, decided by the independent checker: the first violation ends the
//! program with its instance. `cargo run --release -p fathom-opt-division --example exhaustive`.
#[path = "../tests/small_instances/mod.rs"]
mod small_instances;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use fathom_opt_division::{
    AdjustedWinner, Auto, DoubleRoundRobin, EfxSearch, EnvyCycle, Form, ItemOrder, RoundRobin, Turns, TwoSidedGreedy,
};
use fathom_opt_problems::fair_division::FairDivision;
use small_instances::{every_column, every_instance, every_instance_of, promises_hold};

/// The cyclic orders of the agents, each agent once in front; for two agents these are all.
fn orders(agents: usize) -> Vec<Vec<usize>> {
    (0..agents).map(|first| (0..agents).map(|turn| (first + turn) % agents).collect()).collect()
}

/// The rules that take an order, in each order; the others once, since every order of the agents is an instance of its own.
fn all_rules(problem: &FairDivision) {
    for order in orders(problem.agents()) {
        for form in [Form::Modified, Form::Original] {
            promises_hold(&DoubleRoundRobin { form, order: order.clone() }, problem);
        }
        for turns in [Turns::Cyclic, Turns::Bidirectional, Turns::Weighted] {
            promises_hold(&RoundRobin { turns, order: order.clone() }, problem);
        }
    }
    promises_hold(&TwoSidedGreedy::default(), problem);
    promises_hold(&EnvyCycle::default(), problem);
    promises_hold(&EnvyCycle { item_order: ItemOrder::Given }, problem);
    promises_hold(&EfxSearch::default(), problem);
    promises_hold(&Auto::default(), problem);
    if problem.agents() == 2 {
        promises_hold(&AdjustedWinner::default(), problem);
    }
}

fn class_rules(problem: &FairDivision) {
    promises_hold(&TwoSidedGreedy::default(), problem);
    for order in orders(problem.agents()) {
        promises_hold(&DoubleRoundRobin { form: Form::Modified, order }, problem);
    }
}

type Job = (&'static str, Box<dyn Fn() -> usize + Sync>);

fn jobs() -> Vec<Job> {
    let mut jobs: Vec<Job> = vec![("all rules, utilities -2..2, 3 x 3", Box::new(|| every_instance(3, 3, all_rules)))];
    jobs.push(("all rules, utilities -2..2, 2 x 1 to 2 x 4", Box::new(|| (1..=4).map(|items| every_instance(2, items, all_rules)).sum())));
    jobs.push(("all rules, utilities -2..2, 3 x 1 and 3 x 2", Box::new(|| (1..=2).map(|items| every_instance(3, items, all_rules)).sum())));
    for (alpha, beta) in [(1, 1), (1, 2), (2, 1), (1, 3), (3, 1), (2, 3), (3, 2)] {
        jobs.push((
            "A1 and A2, ternary, 2 x 6, 3 x 3, 3 x 4 and 4 x 3",
            Box::new(move || {
                [(2, 6), (3, 3), (3, 4), (4, 3)]
                    .into_iter()
                    .map(|(agents, items)| every_instance_of(&every_column(agents, &[-alpha, 0, beta]), items, class_rules))
                    .sum()
            }),
        ));
    }
    jobs.push((
        "A1 and A2, absolute identical, 2 x 6, 3 x 3, 3 x 4 and 4 x 3",
        Box::new(|| {
            [(2, 6), (3, 3), (3, 4), (4, 3)]
                .into_iter()
                .map(|(agents, items)| {
                    let signs = |magnitude: i64| every_column(agents, &[magnitude, -magnitude]);
                    let columns: Vec<Vec<i64>> = (1..=3).flat_map(signs).chain([vec![0; agents]]).collect();
                    every_instance_of(&columns, items, class_rules)
                })
                .sum()
        }),
    ));
    jobs
}

fn main() {
    let (jobs, next, start) = (jobs(), AtomicUsize::new(0), Instant::now());
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some((name, job)) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let start = Instant::now();
                    println!("{name}: {} instances, no violation, {:.1?}", job(), start.elapsed());
                }
            });
        }
    });
    println!("all promises hold; {:.1?} on {threads} threads", start.elapsed());
}
