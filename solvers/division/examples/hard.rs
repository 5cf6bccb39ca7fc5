//! How the proofs of the optimal rules fare on instances of other shapes: correlated, small values, few agents.
use std::time::{Duration, Instant};

use fathom_core::{Run, Solver};
use fathom_division::{Leximin, MaxNashWelfare, MaximinShare};
use fathom_problems::fair_division::{FairDivision, Welfare};

fn main() {
    for (n, m) in [(3, 12), (5, 15), (5, 30), (10, 30), (10, 60), (20, 60), (10, 100)] {
        for (name, common, own) in [("uniform", 0, 1000), ("correlated", 800, 200), ("small", 0, 5), ("identical", 1000, 0)] {
            let mut state = 12345_u64;
            let mut draw = |most: i64| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                i64::try_from(state >> 33).unwrap_or(0) % (most + 1)
            };
            let base: Vec<i64> = (0..m).map(|_| draw(common)).collect();
            let rows: Vec<Vec<i64>> = (0..n).map(|_| base.iter().map(|value| value + draw(own)).collect()).collect();
            let problem = FairDivision::new(rows).expect("a matrix");
            let run = || Run::new(1).with_time_limit(Duration::from_secs(5));
            let start = Instant::now();
            let nash = MaxNashWelfare::default().solve(&problem.clone().with_welfare(Welfare::Nash), &run()).expect("goods");
            let nash_time = start.elapsed();
            let start = Instant::now();
            let leximin = Leximin::default().solve(&problem.clone().with_welfare(Welfare::Egalitarian), &run()).expect("goods");
            let leximin_time = start.elapsed();
            let start = Instant::now();
            let mms = MaximinShare::default().solve(&problem, &run()).expect("goods");
            println!(
                "{n}x{m} {name}: nash {} {nash_time:?} {:?} {:?} {:?}; leximin {} {leximin_time:?}; mms {} {:?}",
                nash.status,
                nash.objective,
                nash.bound,
                nash.counters.others.get("nodes"),
                leximin.status,
                mms.status,
                start.elapsed()
            );
        }
    }
}
