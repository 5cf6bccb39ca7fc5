//! How far each method goes beyond its time limit on large instances, and how long the checker takes:
//! `cargo run --release -p fathom-opt-division --example limits -- AGENTS ITEMS LIMIT`.
use std::time::{Duration, Instant};

use fathom_opt_core::{Run, Solver};
use fathom_opt_division::{AdjustedWinner, Auto, DoubleRoundRobin, EfxSearch, EnvyCycle, MaxNashWelfare, RoundRobin, TwoSidedGreedy};
use fathom_opt_problems::Problem;
use fathom_opt_problems::fair_division::{FairDivision, Welfare};
use rand::RngExt;

fn show<S: Solver<FairDivision>>(solver: &S, problem: &FairDivision, limit: Duration) {
    let start = Instant::now();
    let outcome = match solver.solve(problem, &Run::new(1).with_time_limit(limit)) {
        Ok(outcome) => outcome,
        Err(error) => return println!("{}: {error}", S::NAME),
    };
    println!("{}: {} after {:?}", S::NAME, outcome.status, start.elapsed());
    if let Some(solution) = &outcome.solution {
        let start = Instant::now();
        let verdict = problem.check(solution).expect("an allocation");
        let undecided = verdict.properties.iter().filter(|property| property.holds.is_none()).count();
        println!("    checked in {:?}, {undecided} properties undecided", start.elapsed());
    }
}

fn main() {
    let argument = |position: usize, default: &str| std::env::args().nth(position).unwrap_or_else(|| default.into());
    let agents: usize = argument(1, "1000").parse().expect("a number of agents");
    let items: usize = argument(2, "5000").parse().expect("a number of items");
    let limit = Duration::from_secs_f64(argument(3, "0.01").parse().expect("seconds"));
    for least in [0, -1000] {
        let mut random = Run::new(1).stream("limits");
        let rows = (0..agents).map(|_| (0..items).map(|_| random.random_range(least..1000)).collect()).collect();
        let problem = FairDivision::new(rows).expect("a matrix").with_welfare(Welfare::Nash);
        println!("{agents} x {items}, utilities from {least}, limit {limit:?}");
        show(&Auto::default(), &problem, limit);
        show(&DoubleRoundRobin::default(), &problem, limit);
        show(&RoundRobin::default(), &problem, limit);
        show(&TwoSidedGreedy::default(), &problem, limit);
        show(&EnvyCycle::default(), &problem, limit);
        show(&AdjustedWinner::default(), &problem, limit);
        show(&EfxSearch::default(), &problem, limit);
        show(&MaxNashWelfare::default(), &problem, limit);
    }
}
