//! The default solver and the library type beneath it.

use fathom_opt_core::{Outcome, Run, Solver, Status};
use fathom_opt_problems::Problem;
use fathom_opt_problems::linear_sequence::{Change, LinearSequence, LinearSequenceSolution, RelativeTo, Start, System};
use fathom_opt_relaxation::{Arm, Auto, SequenceSettings, SolveSequence, SsorCgFixed};
use serde_json::{Value, json};

fn generated(family: &str, parameters: Value) -> LinearSequence {
    let Value::Object(parameters) = parameters else { unreachable!("literal objects only") };
    let instance = fathom_opt_instances::generate(family, &parameters, 1).unwrap();
    instance.problem.downcast::<LinearSequence>().unwrap().clone()
}

fn solved(solver: &impl Solver<LinearSequence>, problem: &LinearSequence) -> Outcome<LinearSequenceSolution> {
    let outcome = solver.solve(problem, &Run::new(7)).unwrap();
    assert_eq!(outcome.status, Status::Feasible);
    let verdict = problem.check(outcome.solution.as_ref().unwrap()).unwrap();
    assert!(verdict.violations.is_empty(), "{verdict:?}");
    outcome
}

/// The paper's heat equation: the factor that follows from the spectrum beats every fixed one.
#[test]
fn the_estimated_factor_beats_the_best_fixed_one_on_the_heat_equation() {
    let problem = generated("heat-equation", json!({ "intervals": 50, "steps": 500, "stride": 1 }));
    let ours = solved(&Auto { explore: false, extrapolate: false, ..Auto::default() }, &problem).counters.iterations;
    let best =
        [1.0, 1.3, 1.5, 1.6, 1.75].map(|omega| solved(&SsorCgFixed { omega, ..SsorCgFixed::default() }, &problem).counters.iterations);
    let best = best.into_iter().min().unwrap();
    assert!(ours < best, "{ours} iterations, best fixed factor {best}");
}

#[test]
fn extrapolation_saves_iterations_on_the_heat_equation() {
    let problem = generated("heat-equation", json!({ "intervals": 50, "steps": 300, "stride": 1 }));
    let plain = solved(&Auto { explore: false, extrapolate: false, ..Auto::default() }, &problem).counters.iterations;
    let guessed = solved(&Auto { explore: false, ..Auto::default() }, &problem).counters.iterations;
    assert!(guessed < plain, "{guessed} with, {plain} without");
}

#[test]
fn the_same_seed_gives_the_same_choices_iterates_and_log() {
    let problem = generated("heat-equation", json!({ "intervals": 20, "steps": 400 }));
    let run = || {
        let mut outcome = solved(&Auto::default(), &problem);
        let seconds = outcome.trace.as_ref().unwrap().columns().iter().position(|name| name == "seconds").unwrap();
        let log: Vec<Vec<u64>> = outcome
            .trace
            .take()
            .unwrap()
            .rows()
            .map(|row| row.iter().enumerate().filter(|(column, _)| *column != seconds).map(|(_, value)| value.to_bits()).collect())
            .collect();
        (outcome.solution, log)
    };
    assert!(run() == run());
}

#[test]
fn the_trace_has_the_probability_of_every_arm() {
    let problem = generated("diffusion", json!({ "grid": 12, "systems": 80 }));
    let outcome = solved(&Auto::default(), &problem);
    let trace = outcome.trace.unwrap();
    let arms: Vec<usize> = (0..trace.columns().len()).filter(|&column| trace.columns()[column].starts_with("p:")).collect();
    assert!(arms.len() > 15);
    let column = |name: &str| trace.columns().iter().position(|known| known == name).unwrap();
    let mut drawn = std::collections::BTreeSet::new();
    for row in trace.rows() {
        assert!((arms.iter().map(|&arm| row[arm]).sum::<f64>() - 1.0).abs() < 1e-12);
        let arm = (0..100_u32).position(|arm| f64::from(arm) == row[column("arm")]).unwrap();
        assert_eq!(row[column("probability")], row[arms[arm]]);
        drawn.insert(arm);
    }
    assert!(drawn.len() > 2, "{drawn:?}");
}

/// Values given anew but not changed are the same matrix: one factor serves them all.
#[test]
fn a_constant_matrix_is_factored_once() {
    let base = generated("poisson", json!({ "grid": 30 })).base().clone();
    let n = base.rows();
    let mut sequence = SolveSequence::from_sprs(&base, SequenceSettings::default()).unwrap();
    let mut arms = Vec::new();
    for step in 0..60 {
        let b: Vec<f64> = (0..n).map(|i| ((i * 31 + step * 17) % 23) as f64 - 11.0).collect();
        let mut x = vec![0.0; n];
        let report = sequence.solve_next(base.data(), &b, &mut x).unwrap();
        assert!(report.relative_residual <= 1.01e-8);
        arms.push(report.arm);
    }
    let direct = |arm: &&Arm| matches!(arm, Arm::Cholesky | Arm::KeptCholesky);
    assert!(arms[50..].iter().filter(direct).count() >= 9, "{arms:?}");
}

/// Each kind of arm on its own: it solves every system of a sequence whose values drift, whatever the pattern.
#[test]
fn every_arm_solves_every_system() {
    let arms = [
        Arm::Ssor { distance: 1.0 },
        Arm::Ssor { distance: 0.65 },
        Arm::SsorAt { omega: 0.6 },
        Arm::SsorAt { omega: 1.95 },
        Arm::Incomplete { modification: 0.0 },
        Arm::Incomplete { modification: 1.0 },
        Arm::IncompleteCholesky,
        Arm::Cholesky,
        Arm::KeptCholesky,
    ];
    let grid = generated("diffusion", json!({ "grid": 15, "systems": 12, "contrast": 100.0 }));
    let chain = fathom_opt_instances::library::read("spring-chain-60").unwrap();
    let chain = chain.problem.downcast::<LinearSequence>().unwrap();
    for problem in [&grid, chain] {
        for arm in arms {
            let settings = SequenceSettings { arms: Some(vec![arm]), ..SequenceSettings::default() };
            let mut sequence = SolveSequence::from_sprs(&problem.matrix(0), settings).unwrap();
            let mut x = vec![0.0; problem.dimension()];
            for (t, step) in problem.steps().iter().enumerate() {
                let report = sequence.solve_next(problem.matrix(t).data(), &step.rhs, &mut x).unwrap();
                assert_eq!((report.arm, report.probability), (arm, 1.0));
                let matrix = problem.matrix(t);
                let product = matrix.outer_iterator().map(|row| row.iter().map(|(col, value)| value * x[col]).sum::<f64>());
                let residual: f64 = product.zip(&step.rhs).map(|(p, b)| (b - p).powi(2)).sum::<f64>().sqrt();
                let size: f64 = step.rhs.iter().map(|b| b * b).sum::<f64>().sqrt();
                assert!(residual <= 1.02e-8 * size, "{arm:?}, system {t}: {report:?}");
            }
        }
    }
}

/// On slowly drifting values an old factor is a good preconditioner: few systems need a new one.
#[test]
fn a_kept_factor_saves_most_factorizations() {
    let problem = generated("diffusion", json!({ "grid": 25, "systems": 40, "contrast": 10.0, "drift": 0.002 }));
    let settings = |arm| SequenceSettings { arms: Some(vec![arm]), ..SequenceSettings::default() };
    let cost = |arm| {
        let mut sequence = SolveSequence::from_sprs(problem.base(), settings(arm)).unwrap();
        let mut x = vec![0.0; problem.dimension()];
        let solve = |(t, step): (usize, &System)| sequence.solve_next(problem.matrix(t).data(), &step.rhs, &mut x).unwrap().cost;
        problem.steps().iter().enumerate().map(solve).sum::<f64>()
    };
    let (fresh, kept) = (cost(Arm::Cholesky), cost(Arm::KeptCholesky));
    assert!(kept < 0.8 * fresh, "kept {kept}, fresh {fresh}");
}

#[test]
fn every_kind_of_change_is_solved_in_any_order() {
    let base = generated("poisson", json!({ "grid": 6 })).base().clone();
    let n = base.rows();
    let doubled: Vec<f64> = base.data().iter().map(|value| 2.0 * value).collect();
    let rhs: Vec<f64> = (0..n).map(|i| (i as f64).sin()).collect();
    let other = generated("poisson", json!({ "grid": 6 })).base().map(|value| 3.0 * value);
    let changes = [
        Change::Shift(1.0),
        Change::Values(doubled.clone()),
        Change::None,
        Change::Diagonal((0..n).map(|i| i as f64 / 10.0).collect()),
        Change::Matrix(other),
        Change::Values(doubled),
        Change::Shift(0.5),
    ];
    let steps: Vec<System> = changes.iter().map(|change| System { change: change.clone(), rhs: rhs.clone() }).collect();
    for start in [Start::Zero, Start::Previous] {
        for relative_to in [RelativeTo::Rhs, RelativeTo::InitialResidual] {
            solved(&Auto::default(), &LinearSequence::new(base.clone(), steps.clone(), 1e-8, relative_to, start).unwrap());
        }
    }
}

#[test]
fn a_caller_may_change_the_vector_between_solves() {
    let base = generated("poisson", json!({ "grid": 12 })).base().clone();
    let mut sequence = SolveSequence::from_sprs(&base, SequenceSettings::default()).unwrap();
    let mut x = vec![0.0; 144];
    for step in 0..20 {
        let b: Vec<f64> = (0..144).map(|i| f64::from(i + step).cos()).collect();
        let report = sequence.solve_shifted(0.01 * f64::from(step), &b, &mut x).unwrap();
        assert!(report.relative_residual <= 1.01e-8);
        if step % 3 == 0 {
            x.fill(0.5);
        }
    }
}

#[test]
fn wrong_lengths_and_asymmetric_values_are_errors_and_the_sequence_goes_on() {
    let base = generated("poisson", json!({ "grid": 3 })).base().clone();
    let mut sequence = SolveSequence::from_sprs(&base, SequenceSettings::default()).unwrap();
    let b = vec![1.0; 9];
    let mut x = vec![0.0; 9];
    assert!(sequence.solve_next(base.data(), &b[1..], &mut x).is_err());
    assert!(sequence.solve_next(&base.data()[1..], &b, &mut x).is_err());
    let mut values = base.data().to_vec();
    values[1] = 5.0;
    assert!(sequence.solve_next(&values, &b, &mut x).is_err());
    assert!(sequence.solve_next(base.data(), &b, &mut x).unwrap().relative_residual <= 1.01e-8);
}
