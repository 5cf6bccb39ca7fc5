//! The default solver on one system at a time, against CG with SSOR of factor 1, on every symmetric positive definite file of the shared folder:
//!
//!     cargo run --release -p fathom-opt-bench --example lone_systems
//!
//! `A x = A (1, ..., 1)` to 1e-8 of the right-hand side, everything included from the compressed rows on; medians of interleaved rounds. SSOR(1) once in Eisenstat's form
//! on the same level-ordered kernel (the faster one) and once as the solver `ssor-cg-fixed` runs it.

use std::io::Read;
use std::path::Path;
use std::time::Instant;

use fathom_opt_core::{Run, Solver, Status};
use fathom_opt_problems::linear_sequence::LinearSequence;
use fathom_opt_relaxation::{Arm, SequenceSettings, SolveSequence, SsorCgFixed};

const FILES: [&str; 16] = [
    "LFAT5.mtx",
    "bcsstk01.mtx",
    "bcsstk02.mtx",
    "bcsstk03.mtx",
    "pyamg_knot.mtx",
    "pyamg_airfoil.mtx",
    "494_bus.mtx",
    "662_bus.mtx",
    "1138_bus.mtx",
    "gr_30_30.mtx",
    "nos3.mtx.gz",
    "pyamg_bar.mtx.gz",
    "pyamg_local_disc_galerkin_diffusion.mtx.gz",
    "bcsstk13.mtx.gz",
    "bcsstk16.mtx.gz",
    "bcsstk25.mtx.gz",
];

fn problem(name: &str) -> Option<LinearSequence> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/matrix-market").join(name);
    let bytes = std::fs::read(path).ok()?;
    let mut text = Vec::new();
    let text = if flate2::read::GzDecoder::new(bytes.as_slice()).read_to_end(&mut text).is_ok() { text } else { bytes };
    let matrix = fathom_opt_instances::matrix_market::read(&text).ok()?.to_csr().ok()?;
    let rhs = matrix.outer_iterator().map(|row| row.data().iter().sum()).collect();
    LinearSequence::single(matrix, rhs, 1e-8).ok()
}

/// Seconds, iterations and whether it was solved.
fn by_sequence(problem: &LinearSequence, arms: Option<Vec<Arm>>) -> (f64, u64, bool) {
    let started = Instant::now();
    let settings = SequenceSettings { arms, ..SequenceSettings::default() };
    let mut sequence = SolveSequence::from_sprs(problem.base(), settings).unwrap();
    let mut x = vec![0.0; problem.dimension()];
    let report = sequence.solve_next(problem.base().data(), &problem.steps()[0].rhs, &mut x).unwrap();
    (started.elapsed().as_secs_f64(), report.iterations, report.relative_residual <= 1.01e-8)
}

fn by_fixed(problem: &LinearSequence) -> (f64, u64, bool) {
    let started = Instant::now();
    let outcome = SsorCgFixed { omega: 1.0, ..SsorCgFixed::default() }.solve(problem, &Run::default()).unwrap();
    (started.elapsed().as_secs_f64(), outcome.counters.iterations, outcome.status == Status::Feasible)
}

fn main() {
    for name in FILES {
        let Some(problem) = problem(name) else {
            println!("skipped: no {name} in the shared folder");
            continue;
        };
        let slow = name.starts_with("bcsstk25");
        let mut times = [Vec::new(), Vec::new(), Vec::new()];
        let mut last = [(0.0, 0, false); 3];
        for _ in 0..if slow { 1 } else { 15 } {
            last = [by_sequence(&problem, None), by_sequence(&problem, Some(vec![Arm::SsorAt { omega: 1.0 }])), by_fixed(&problem)];
            for (times, (seconds, ..)) in times.iter_mut().zip(&last) {
                times.push(*seconds);
            }
        }
        let [ours, eisenstat, fixed] = times.map(|mut times| {
            times.sort_by(f64::total_cmp);
            1e3 * times[times.len() / 2]
        });
        let solved = last.map(|(_, iterations, solved)| format!("{iterations}{}", if solved { "" } else { " unsolved" }));
        println!(
            "{name:44} default {ours:9.3} ms ({}), SSOR(1) {eisenstat:9.3} ms ({}), ssor-cg-fixed {fixed:9.3} ms ({}): {:.3} and {:.3} (goal 1.5)",
            solved[0],
            solved[1],
            solved[2],
            ours / eisenstat,
            ours / fixed
        );
    }
}
