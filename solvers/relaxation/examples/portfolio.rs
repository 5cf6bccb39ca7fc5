//! The portfolio against every single configuration in hindsight, on heterogeneous diffusion and on power networks with a drifting diagonal:
//!
//!     cargo run --release -p fathom-relaxation --example portfolio
//!
//! Interleaved rounds; the table shows medians in milliseconds per system and the portfolio's ratio to the best and to SSOR with factor 1.

use std::path::Path;
use std::time::Instant;

use fathom_problems::linear_sequence::{Change, LinearSequence};
use fathom_problems::sparse::SparseMatrix;
use fathom_relaxation::{Arm, Loss, NextMatrix, SequenceSettings, SolveSequence};
use serde_json::json;

/// A sequence of systems over one pattern.
struct Sequence {
    name: String,
    base: SparseMatrix,
    systems: Vec<(Change, Vec<f64>)>,
    warm: bool,
}

fn diffusion(contrast: f64, dimension: usize, grid: usize) -> Sequence {
    let parameters = json!({ "grid": grid, "dimension": dimension, "systems": 60, "contrast": contrast });
    let instance = fathom_instances::generate("diffusion", parameters.as_object().unwrap(), 1).unwrap();
    let problem = instance.problem.downcast::<LinearSequence>().unwrap();
    let systems =
        problem.steps().iter().enumerate().map(|(t, step)| (Change::Values(problem.matrix(t).data().to_vec()), step.rhs.clone())).collect();
    Sequence { name: format!("diffusion {dimension}-D, contrast {contrast}"), base: problem.base().clone(), systems, warm: true }
}

fn network(name: &str) -> Option<Sequence> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/matrix-market").join(name);
    let base = fathom_instances::matrix_market::read(&std::fs::read(path).ok()?).ok()?.to_csr().ok()?;
    let diagonal: Vec<f64> = (0..base.rows()).map(|row| base.get(row, row).copied().unwrap_or(0.0)).collect();
    let systems = (0..150_u32).map(|t| {
        let c = 1e-4 * (1.0 + (f64::from(t) * 0.05).sin());
        let rhs = (0..base.rows()).map(|i| ((i as f64) * 0.7 + f64::from(t)).sin()).collect();
        (Change::Diagonal(diagonal.iter().map(|d| c * d).collect()), rhs)
    });
    let systems = systems.collect();
    Some(Sequence { name: name.to_owned(), base, systems, warm: false })
}

/// Milliseconds per system, and how many systems each arm solved.
fn timed(sequence: &Sequence, arms: Option<Vec<Arm>>) -> (f64, Vec<(String, usize)>) {
    let settings = SequenceSettings { loss: Loss::Flops, arms, most_iterations: 50_000, ..SequenceSettings::default() };
    let mut x = vec![0.0; sequence.base.rows()];
    let mut plays: Vec<(String, usize)> = Vec::new();
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
        assert!(report.relative_residual <= 1.01e-8, "{report:?}");
        let name = report.arm.name();
        match plays.iter_mut().find(|(known, _)| *known == name) {
            Some((_, count)) => *count += 1,
            None => plays.push((name, 1)),
        }
    }
    (1e3 * started.elapsed().as_secs_f64() / sequence.systems.len() as f64, plays)
}

fn main() {
    let mut singles: Vec<Arm> = vec![Arm::Ssor { distance: 1.0 }, Arm::Cholesky];
    singles.extend([1.0, 1.25, 1.5, 1.75, 1.9].map(|omega| Arm::SsorAt { omega }));
    singles.extend([0.0, 0.95, 0.97, 1.0].map(|modification| Arm::Incomplete { modification }));
    let mut sequences = vec![diffusion(1e4, 2, 100), diffusion(10.0, 2, 100), diffusion(100.0, 3, 20)];
    sequences.extend(["494_bus.mtx", "662_bus.mtx", "1138_bus.mtx"].iter().filter_map(|name| network(name)));
    for sequence in &sequences {
        let mut times = vec![Vec::new(); singles.len() + 1];
        let mut plays = Vec::new();
        for _ in 0..3 {
            let (time, counts) = timed(sequence, None);
            times[0].push(time);
            plays = counts;
            for (arm, times) in singles.iter().zip(&mut times[1..]) {
                times.push(timed(sequence, Some(vec![*arm])).0);
            }
        }
        let medians: Vec<f64> = times
            .iter_mut()
            .map(|times| {
                times.sort_by(f64::total_cmp);
                times[times.len() / 2]
            })
            .collect();
        println!("{}: portfolio {:.3} ms per system, {plays:?}", sequence.name, medians[0]);
        let mut best = f64::INFINITY;
        let mut gauss_seidel = f64::NAN;
        for (arm, median) in singles.iter().zip(&medians[1..]) {
            println!("    {:16} {median:9.3} ms", arm.name());
            best = best.min(*median);
            if *arm == (Arm::SsorAt { omega: 1.0 }) {
                gauss_seidel = *median;
            }
        }
        println!(
            "    portfolio / best single {:.3} (goal 1.10), portfolio / SSOR(1) {:.3} (goal 0.70)\n",
            medians[0] / best,
            medians[0] / gauss_seidel
        );
    }
}
