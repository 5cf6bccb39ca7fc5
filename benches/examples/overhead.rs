//! What choosing and learning cost per system, against a solve of 2,500 unknowns:
//!
//!     cargo run --release -p fathom-opt-bench --example overhead
//!
//! The choice does not depend on the size of the system, so it is timed on systems so small that nothing else counts, with the portfolio and with its first arm alone.

use std::time::Instant;

use fathom_opt_problems::linear_sequence::{Change, LinearSequence};
use fathom_opt_relaxation::{SequenceSettings, SolveSequence};
use serde_json::json;

fn generated(family: &str, parameters: &serde_json::Value) -> LinearSequence {
    let instance = fathom_opt_instances::generate(family, parameters.as_object().unwrap(), 1).unwrap();
    instance.problem.downcast::<LinearSequence>().unwrap().clone()
}

/// Microseconds per system, over so many rounds of the sequence.
fn timed(problem: &LinearSequence, explore: bool, rounds: usize) -> f64 {
    let settings = SequenceSettings { explore, extrapolate: false, max_factor_entries: 0, ..SequenceSettings::default() };
    let mut sequence = SolveSequence::from_sprs(problem.base(), settings).unwrap();
    let started = Instant::now();
    let mut x = vec![0.0; problem.dimension()];
    for _ in 0..rounds {
        for step in problem.steps() {
            let Change::Shift(shift) = step.change else { continue };
            sequence.solve_shifted(shift, &step.rhs, &mut x).unwrap();
        }
    }
    1e6 * started.elapsed().as_secs_f64() / (rounds * problem.steps().len()) as f64
}

fn main() {
    let tiny = generated("heat-equation", &json!({ "intervals": 3, "steps": 500 }));
    let large = generated("heat-equation", &json!({ "intervals": 51, "steps": 500 }));
    let mut differences = Vec::new();
    let mut solves = Vec::new();
    for _ in 0..9 {
        differences.push(timed(&tiny, true, 100) - timed(&tiny, false, 100));
        solves.push(timed(&large, false, 2));
    }
    for values in [&mut differences, &mut solves] {
        values.sort_by(f64::total_cmp);
    }
    let (choice, solve) = (differences[4], solves[4]);
    println!(
        "choice and learning {choice:.3} us per system; a solve of 2500 unknowns {solve:.1} us; ratio {:.4} (goal 0.02)",
        choice / solve
    );
}
