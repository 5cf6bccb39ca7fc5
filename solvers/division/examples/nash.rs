//! Proves maximum Nash welfare on `mnw_medium.json` (the path is the argument) and prints the time of each instance.
use std::time::{Duration, Instant};

use fathom_opt_core::{Run, Solver};
use fathom_opt_division::MaxNashWelfare;
use fathom_opt_problems::Problem;
use fathom_opt_problems::fair_division::{FairDivision, Welfare};
use serde::Deserialize;

#[derive(Deserialize)]
struct Instance {
    n: usize,
    m: usize,
    seed: u64,
    values: Vec<Vec<i64>>,
    product: String,
}

fn main() {
    let path = std::env::args().nth(1).expect("the path of mnw_medium.json");
    let text = std::fs::read_to_string(path).expect("a readable file");
    let instances: Vec<Instance> = serde_json::from_str(&text).expect("the file's format");
    for instance in instances {
        let problem = FairDivision::new(instance.values).expect("a matrix").with_welfare(Welfare::Nash);
        for prove in [false, true] {
            let start = Instant::now();
            let run = Run::new(1).with_time_limit(Duration::from_secs(120));
            let outcome = MaxNashWelfare { prove, ..MaxNashWelfare::default() }.solve(&problem, &run).expect("goods are taken");
            let seconds = start.elapsed();
            let verdict = problem.check(&outcome.solution.expect("always one")).expect("well formed");
            let exact = verdict.objective.and_then(|objective| objective.exact).unwrap_or_default();
            println!(
                "{}x{} seed {} prove {prove}: {:?} {} in {seconds:?}, best known: {}, bound {:?} {:?}",
                instance.n,
                instance.m,
                instance.seed,
                outcome.objective,
                outcome.status,
                exact.ends_with(&format!("product {}", instance.product)),
                outcome.bound,
                outcome.counters
            );
        }
    }
}
