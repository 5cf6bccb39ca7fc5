//! Seconds per rule and per check on uniform goods (1..1000) and on mixed items, by size.
use std::time::Instant;

use fathom_core::{Run, Solver};
use fathom_division::DoubleRoundRobin;
use fathom_problems::Problem;
use fathom_problems::fair_division::FairDivision;

fn main() {
    for (n, m) in [(10, 100), (50, 500), (200, 2000)] {
        for (low, high) in [(1, 1000), (-500, 500)] {
            let mut state = 12345_u64;
            let mut draw = || {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                low + i64::try_from(state >> 33).unwrap_or(0) % (high - low + 1)
            };
            let rows = (0..n).map(|_| (0..m).map(|_| draw()).collect()).collect();
            let problem = FairDivision::new(rows).expect("a matrix");
            let start = Instant::now();
            let outcome = DoubleRoundRobin::default().solve(&problem, &Run::default()).expect("any matrix is taken");
            let solved = start.elapsed();
            let start = Instant::now();
            let verdict = problem.check(&outcome.solution.expect("always one")).expect("well formed");
            println!("{n}x{m} {low}..{high}: solve {solved:?}, check {:?}", start.elapsed());
            for property in verdict.properties {
                print!("{} {:?} ", property.name, property.holds);
            }
            println!();
        }
    }
}
