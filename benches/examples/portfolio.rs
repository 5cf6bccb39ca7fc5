//! The portfolio against every single configuration in hindsight, on heterogeneous diffusion and on power networks with a drifting diagonal:
//!
//!     cargo run --release -p fathom-opt-bench --example portfolio
//!
//! Interleaved rounds; the table shows medians in milliseconds per system and the portfolio's ratio to the best and to SSOR with factor 1. With the argument `wide` many
//! more sequences, one line each, in milliseconds of the cost model: no clock, so it tells what the choices are worth even on a busy machine.

use std::io::Read;
use std::path::Path;
use std::time::Instant;

use fathom_opt_problems::linear_sequence::{Change, LinearSequence};
use fathom_opt_problems::sparse::SparseMatrix;
use fathom_opt_relaxation::{Arm, Loss, NextMatrix, SequenceSettings, SolveSequence};
use serde_json::json;

/// A sequence of systems over one pattern.
struct Sequence {
    name: String,
    base: SparseMatrix,
    systems: Vec<(Change, Vec<f64>)>,
    warm: bool,
}

fn diffusion(parameters: &serde_json::Value) -> Sequence {
    let instance = fathom_opt_instances::generate("diffusion", parameters.as_object().unwrap(), 1).unwrap();
    let problem = instance.problem.downcast::<LinearSequence>().unwrap();
    let systems =
        problem.steps().iter().enumerate().map(|(t, step)| (Change::Values(problem.matrix(t).data().to_vec()), step.rhs.clone())).collect();
    Sequence { name: format!("diffusion {parameters}"), base: problem.base().clone(), systems, warm: true }
}

/// `A + c_t D` with the matrix of a file and its diagonal `D`, where `c_t` swings between 0 and `2 amplitude`.
fn network(name: &str, amplitude: f64, count: u32) -> Option<Sequence> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/matrix-market").join(name);
    let bytes = std::fs::read(path).ok()?;
    let mut text = Vec::new();
    let text = if flate2::read::GzDecoder::new(bytes.as_slice()).read_to_end(&mut text).is_ok() { text } else { bytes };
    let base = fathom_opt_instances::matrix_market::read(&text).ok()?.to_csr().ok()?;
    let diagonal: Vec<f64> = (0..base.rows()).map(|row| base.get(row, row).copied().unwrap_or(0.0)).collect();
    let systems = (0..count).map(|t| {
        let c = amplitude * (1.01 + (f64::from(t) * 0.05).sin());
        let rhs = (0..base.rows()).map(|i| ((i as f64) * 0.7 + f64::from(t)).sin()).collect();
        (Change::Diagonal(diagonal.iter().map(|d| c * d).collect()), rhs)
    });
    let systems = systems.collect();
    Some(Sequence { name: format!("{name} + c_t D, c_t up to {:e}", 2.0 * amplitude), base, systems, warm: false })
}

/// The sequences of the acceptance check.
fn usual() -> Vec<Sequence> {
    let mut sequences: Vec<Sequence> = [
        json!({ "grid": 100, "contrast": 1e4, "systems": 60 }),
        json!({ "grid": 100, "contrast": 10.0, "systems": 60 }),
        json!({ "grid": 20, "dimension": 3, "contrast": 100.0, "systems": 60 }),
    ]
    .iter()
    .map(diffusion)
    .collect();
    sequences.extend(["494_bus.mtx", "662_bus.mtx", "1138_bus.mtx"].iter().filter_map(|name| network(name, 1e-4, 150)));
    sequences
}

/// Sequences of many kinds, to see what the choice is worth elsewhere.
fn wide() -> Vec<Sequence> {
    let mut sequences = Vec::new();
    for contrast in [1.0, 100.0, 1e6] {
        for (grid, dimension) in [(40, 2), (150, 2), (14, 3), (30, 3)] {
            for mass in [1e-3, 0.1] {
                sequences
                    .push(diffusion(&json!({ "grid": grid, "dimension": dimension, "contrast": contrast, "mass": mass, "systems": 60 })));
            }
        }
        sequences.push(diffusion(&json!({ "grid": 80, "contrast": contrast, "anisotropy": 0.01, "systems": 60 })));
        sequences.push(diffusion(&json!({ "grid": 80, "contrast": contrast, "drift": 0.005, "systems": 60 })));
    }
    for name in [
        "494_bus.mtx",
        "1138_bus.mtx",
        "gr_30_30.mtx",
        "nos3.mtx.gz",
        "bcsstk01.mtx",
        "bcsstk13.mtx.gz",
        "bcsstk16.mtx.gz",
        "pyamg_airfoil.mtx",
    ] {
        for amplitude in [1e-6, 1e-2, 0.5] {
            sequences.extend(network(name, amplitude, 60));
        }
    }
    for name in ["poisson4009.mtx.gz", "anisotropic3d7816.mtx.gz"] {
        for amplitude in [1e-3, 0.1] {
            sequences.extend(network(name, amplitude, 60));
        }
    }
    sequences
}

/// Milliseconds per system, of the clock or of the cost model, and how many systems each arm solved.
fn timed(sequence: &Sequence, arms: Option<Vec<Arm>>, by_model: bool) -> (f64, Vec<(String, usize)>) {
    let settings = SequenceSettings { loss: Loss::Flops, arms, max_iterations: 50_000, ..SequenceSettings::default() };
    let mut x = vec![0.0; sequence.base.rows()];
    let mut plays: Vec<(String, usize)> = Vec::new();
    let mut modelled = 0.0;
    let started = Instant::now();
    let mut solver = SolveSequence::from_sprs(&sequence.base, settings).unwrap();
    for (change, rhs) in &sequence.systems {
        if !sequence.warm {
            x.fill(0.0);
        }
        let next = match change {
            Change::Values(values) => NextMatrix::Values(values),
            Change::Diagonal(added) => NextMatrix::Diagonal(added),
            _ => NextMatrix::Shift(0.0),
        };
        let report = solver.solve_watched(next, rhs, &mut x, &mut |_, _| std::ops::ControlFlow::Continue(())).unwrap();
        if report.relative_residual > 1.01e-8 {
            // This configuration alone cannot solve the sequence.
            return (f64::INFINITY, plays);
        }
        modelled += report.cost * 1e-9;
        let name = report.arm.name();
        match plays.iter_mut().find(|(known, _)| *known == name) {
            Some((_, count)) => *count += 1,
            None => plays.push((name, 1)),
        }
    }
    let seconds = if by_model { modelled } else { started.elapsed().as_secs_f64() };
    (1e3 * seconds / sequence.systems.len() as f64, plays)
}

fn main() {
    let mut singles: Vec<Arm> = vec![Arm::Ssor { distance: 1.0 }, Arm::Cholesky, Arm::KeptCholesky, Arm::IncompleteCholesky];
    singles.extend([1.0, 1.25, 1.5, 1.75, 1.9].map(|omega| Arm::SsorAt { omega }));
    singles.extend([0.0, 0.95, 0.97, 1.0].map(|modification| Arm::Incomplete { modification }));
    let is_wide = std::env::args().any(|argument| argument == "wide");
    let (sequences, rounds) = if is_wide { (wide(), 1) } else { (usual(), 5) };
    for sequence in &sequences {
        let mut times = vec![Vec::new(); singles.len() + 1];
        let mut plays = Vec::new();
        for _ in 0..rounds {
            let (time, counts) = timed(sequence, None, is_wide);
            times[0].push(time);
            plays = counts;
            for (arm, times) in singles.iter().zip(&mut times[1..]) {
                times.push(timed(sequence, Some(vec![*arm]), is_wide).0);
            }
        }
        let medians: Vec<f64> = times
            .iter_mut()
            .map(|times| {
                times.sort_by(f64::total_cmp);
                times[times.len() / 2]
            })
            .collect();
        let best = (0..singles.len()).min_by(|&a, &b| medians[a + 1].total_cmp(&medians[b + 1])).unwrap();
        let gauss_seidel = singles.iter().position(|arm| *arm == Arm::SsorAt { omega: 1.0 }).unwrap();
        let (to_best, to_gauss_seidel) = (medians[0] / medians[best + 1], medians[0] / medians[gauss_seidel + 1]);
        if is_wide {
            let best = singles[best].name();
            println!(
                "{to_best:.3} of the best ({best}), {to_gauss_seidel:.3} of SSOR(1): {} {:.3} ms {plays:?}",
                sequence.name, medians[0]
            );
            continue;
        }
        println!("{}: portfolio {:.3} ms per system, {plays:?}", sequence.name, medians[0]);
        for (arm, median) in singles.iter().zip(&medians[1..]) {
            println!("    {:16} {median:9.3} ms", arm.name());
        }
        println!("    portfolio / best single {to_best:.3} (goal 1.10), portfolio / SSOR(1) {to_gauss_seidel:.3} (goal 0.70)\n");
    }
}
