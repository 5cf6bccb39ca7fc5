//! Seconds per rule and per check on uniform goods (1..1000) and on mixed items, by size.
use std::time::Instant;

use fathom_opt_core::{Registry, Run};
use fathom_opt_problems::Problem;
use fathom_opt_problems::fair_division::FairDivision;
use serde_json::Map;

fn main() {
    let mut registry = Registry::new();
    fathom_opt_division::register(&mut registry);
    for (n, m) in [(10, 100), (50, 500), (200, 2000)] {
        for (low, high) in [(1, 1000), (-500, 500)] {
            let mut state = 12345_u64;
            let mut draw = || {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                low + i64::try_from(state >> 33).unwrap_or(0) % (high - low + 1)
            };
            let rows = (0..n).map(|_| (0..m).map(|_| draw()).collect()).collect();
            let problem = FairDivision::new(rows).expect("a matrix");
            for solver in ["double-round-robin", "round-robin", "two-sided-greedy", "envy-cycle"] {
                let configured =
                    registry.find(FairDivision::KIND, Some(solver)).expect("a solver").configure(&Map::new()).expect("defaults");
                let start = Instant::now();
                let outcome = configured.solve(&problem, &Run::default()).expect("any matrix is taken");
                let solved = start.elapsed();
                let solution = outcome.solution.expect("always one");
                let start = Instant::now();
                let verdict = problem.check(solution.downcast().expect("of this class")).expect("well formed");
                let checked = start.elapsed();
                let failed = verdict.properties.iter().filter(|property| property.holds == Some(false)).count();
                println!("{n}x{m} {low}..{high} {solver}: solve {solved:.2?}, check {checked:.2?}, {failed} properties fail");
            }
        }
    }
}
