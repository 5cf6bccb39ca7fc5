//! The learning solvers on generated sequences.

use fathom_opt_core::{Registry, Run, Solver, Status};
use fathom_opt_problems::Problem;
use fathom_opt_problems::linear_sequence::LinearSequence;
use fathom_opt_relaxation::{BySor, BySsorCg, OmegaBandit, OmegaContextual, Preset, SsorCgFixed};
use serde_json::{Value, json};

fn generated(family: &str, parameters: Value) -> LinearSequence {
    let Value::Object(parameters) = parameters else { unreachable!("literal objects only") };
    let instance = fathom_opt_instances::generate(family, &parameters, 1).unwrap();
    instance.problem.downcast::<LinearSequence>().unwrap().clone()
}

fn iterations(solver: &impl Solver<LinearSequence>, problem: &LinearSequence, seed: u64) -> u64 {
    let outcome = solver.solve(problem, &Run::new(seed)).unwrap();
    assert_eq!(outcome.status, Status::Feasible);
    assert!(problem.check(outcome.solution.as_ref().unwrap()).unwrap().violations.is_empty());
    assert_eq!(outcome.trace.unwrap().len(), problem.steps().len());
    outcome.counters.iterations
}

#[test]
fn learners_beat_gauss_seidel_on_the_heat_equation() {
    let problem = generated("heat-equation", json!({ "intervals": 25, "steps": 2000 }));
    let gauss_seidel = iterations(&SsorCgFixed { omega: 1.0, ..SsorCgFixed::default() }, &problem, 1);
    let contextual =
        iterations(&OmegaContextual::<BySsorCg> { preset: Some(Preset::PaperHeat), ..OmegaContextual::default() }, &problem, 1);
    assert!(contextual < gauss_seidel, "{contextual} {gauss_seidel}");
}

#[test]
fn all_four_solve_every_system_and_repeat_themselves() {
    let problem = generated("poisson", json!({ "grid": 8, "systems": 60, "shift-from": 0.0, "shift-to": 0.5 }));
    let sor = OmegaBandit::<BySor> { preset: Some(Preset::PaperSor), ..OmegaBandit::default() };
    assert_eq!(iterations(&sor, &problem, 3), iterations(&sor, &problem, 3));
    assert_ne!(iterations(&sor, &problem, 3), iterations(&sor, &problem, 4));
    let contextual = OmegaContextual::<BySor> { preset: Some(Preset::PaperSor), ..OmegaContextual::default() };
    assert_eq!(iterations(&contextual, &problem, 3), iterations(&contextual, &problem, 3));
    iterations(&OmegaBandit::<BySsorCg> { drift_reset: true, ..OmegaBandit::default() }, &problem, 3);
    iterations(&OmegaContextual::<BySsorCg>::default(), &problem, 3);
}

/// The trace tells what learning cost and how the distribution over factors went.
#[test]
fn traces_show_regret_and_probabilities() {
    let problem = generated("shifted-laplacians", json!({ "grid": 6, "systems": 300 }));
    let solver = OmegaBandit::<BySor> { regret: true, arms: 5, ..OmegaBandit::default() };
    let outcome = solver.solve(&problem, &Run::new(2)).unwrap();
    let trace = outcome.trace.unwrap();
    let column = |name: &str| trace.columns().iter().position(|known| known == name).unwrap_or_else(|| panic!("no {name}"));
    let probabilities = ["p:1.0000", "p:1.2375", "p:1.4750", "p:1.7125", "p:1.9500"].map(column);
    let totals: Vec<u64> = [1.0, 1.2375, 1.475, 1.7125, 1.95]
        .map(|omega| iterations(&fathom_opt_relaxation::SorFixed { omega, ..fathom_opt_relaxation::SorFixed::default() }, &problem, 1))
        .to_vec();
    let mut last = &[][..];
    for row in trace.rows() {
        let sum: f64 = probabilities.iter().map(|&column| row[column]).sum();
        assert!((sum - 1.0).abs() < 1e-9);
        let arm = (0..5_u32).position(|arm| f64::from(arm) == row[column("arm")]).unwrap();
        assert_eq!(row[column("probability")], row[probabilities[arm]]);
        assert!(row[column("regret-instance")] >= row[column("regret-fixed")]);
        last = row;
    }
    // Every system starts at zero, so that the fixed factors can be run for themselves.
    let best = totals.into_iter().min().unwrap();
    assert_eq!(last[column("regret-fixed")], outcome.counters.iterations as f64 - best as f64);
    // The iterations of the other factors are not the learner's.
    assert_eq!(outcome.counters.iterations, iterations(&OmegaBandit { regret: false, ..solver }, &problem, 2));
}

#[test]
fn options_outside_their_range_are_refused() {
    assert!(OmegaBandit::<BySor> { arms: 0, ..OmegaBandit::default() }.validate().is_err());
    assert!(OmegaBandit::<BySor> { omega_to: 2.0, ..OmegaBandit::default() }.validate().is_err());
    assert!(OmegaContextual::<BySsorCg> { omega_from: 1.9, omega_to: 1.1, ..OmegaContextual::default() }.validate().is_err());
    assert!(OmegaContextual::<BySsorCg> { bins: 0, ..OmegaContextual::default() }.validate().is_err());
}

#[test]
fn every_solver_is_registered_with_auto_first() {
    let mut registry = Registry::new();
    fathom_opt_relaxation::register(&mut registry);
    let names: Vec<&str> = registry.entries().map(fathom_opt_core::AnySolverEntry::name).collect();
    assert_eq!(names, ["auto", "ssor-cg-fixed", "ssor-cg-contextual", "ssor-cg-bandit", "sor-fixed", "sor-contextual", "sor-bandit"]);
    for entry in registry.entries() {
        assert!(entry.options_schema().to_string().contains("max-iterations"));
        entry.configure(&serde_json::Map::new()).unwrap();
    }
}
