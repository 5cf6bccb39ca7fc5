//! The solver `nlp` on problems with known solutions, on problems that have none, and its promises.

use fathom_opt_core::{Limit, Run, SolveError, Solver, Status};
use fathom_opt_nlp::InteriorPoint;
use fathom_opt_problems::nonlinear::{Nonlinear, NonlinearData, NonlinearSolution};
use fathom_opt_problems::{InlineOnly, Problem};

fn program(data: serde_json::Value) -> Nonlinear {
    let data: NonlinearData = serde_json::from_value(data).unwrap();
    Nonlinear::from_data(data, &mut InlineOnly).unwrap()
}

fn hs71() -> Nonlinear {
    let x = |name: &str, start: f64| serde_json::json!({"name": name, "lower": 1.0, "upper": 5.0, "start": start});
    program(serde_json::json!({
    "variables": [x("a", 1.0), x("b", 5.0), x("c", 5.0), x("d", 1.0)],
    "objective": {"sense": "minimize", "expression": "a*d*(a + b + c) + c"},
    "constraints": [
        {"name": "product", "expression": "a*b*c*d", "lower": 25.0},
        {"name": "norm", "expression": "a^2 + b^2 + c^2 + d^2", "lower": 40.0, "upper": 40.0},
    ]}))
}

/// Solves and lets the checker judge what is claimed.
fn solved(problem: &Nonlinear) -> (Status, f64, NonlinearSolution) {
    let outcome = InteriorPoint::default().solve(problem, &Run::new(1)).unwrap();
    let solution = outcome.solution.clone().unwrap();
    let verdict = problem.check(&solution).unwrap();
    assert!(matches!(outcome.status, Status::Optimal | Status::LocallyOptimal), "{:?} {:?}", outcome.status, outcome.notes);
    assert!(verdict.holds(), "{verdict:?}");
    assert_eq!(verdict.property("KKT conditions").unwrap().holds, Some(true));
    assert_eq!(verdict.objective.unwrap().value, outcome.objective.unwrap());
    (outcome.status, outcome.objective.unwrap(), solution)
}

#[test]
fn bounds_equations_and_inequalities_together() {
    let (status, objective, solution) = solved(&hs71());
    assert_eq!(status, Status::LocallyOptimal);
    assert!((objective - 17.014_017_3).abs() < 1e-6, "{objective}");
    assert!((solution.x[0] - 1.0).abs() < 1e-6);
    let multipliers = solution.multipliers.unwrap();
    assert!(multipliers.constraints[0] < 0.0, "the multiplier at a lower side is negative");
    assert!((multipliers.lower[0] - 1.087_871).abs() < 1e-4, "{:?}", multipliers.lower);
}

#[test]
fn a_convex_program_with_bounded_variables_is_proven_optimal_and_its_bound_is_below_the_objective() {
    let problem = program(serde_json::json!({
        "variables": [{"name": "x", "lower": -5, "upper": 5}, {"name": "y", "lower": -5, "upper": 5}],
        "objective": {"sense": "minimize", "expression": "x^2 + exp(y) - y"},
        "constraints": [{"expression": "x + y", "lower": 1.0}]}));
    let outcome = InteriorPoint::default().solve(&problem, &Run::new(1)).unwrap();
    assert_eq!(outcome.status, Status::Optimal, "{:?}", outcome.notes);
    let (bound, objective) = (outcome.bound.unwrap(), outcome.objective.unwrap());
    assert!(bound <= objective && objective - bound < 1e-6, "{bound} {objective}");
}

#[test]
fn a_concave_maximisation_has_its_bound_above() {
    let problem = program(serde_json::json!({
        "variables": [{"name": "x", "lower": 0, "upper": 10}],
        "objective": {"sense": "maximize", "expression": "log(1 + x) - x/3"}}));
    let outcome = InteriorPoint::default().solve(&problem, &Run::new(1)).unwrap();
    assert_eq!(outcome.status, Status::Optimal);
    assert!((outcome.solution.unwrap().x[0] - 2.0).abs() < 1e-5);
    assert!(outcome.bound.unwrap() >= outcome.objective.unwrap());
}

#[test]
fn contradictions_are_proven_or_found_stationary_and_never_called_solved() {
    let proven = program(serde_json::json!({
        "variables": [{"name": "x", "lower": 0, "upper": 1}, {"name": "y", "lower": 0, "upper": 1}],
        "objective": {"sense": "minimize", "expression": "x"},
        "constraints": [{"name": "sum", "expression": "x + y", "lower": 3.0}]}));
    let outcome = InteriorPoint::default().solve(&proven, &Run::new(1)).unwrap();
    assert_eq!(outcome.status, Status::Infeasible);
    assert!(outcome.notes[0].contains("sum"), "{:?}", outcome.notes);
    let curved = program(serde_json::json!({
        "variables": [{"name": "x", "start": 3}, {"name": "y", "start": 1}],
        "objective": {"sense": "minimize", "expression": "x + y"},
        "constraints": [{"name": "disc", "expression": "x^2 + y^2", "upper": 1.0}, {"name": "far", "expression": "x + y", "lower": 4.0}]}));
    let outcome = InteriorPoint::default().solve(&curved, &Run::new(1)).unwrap();
    assert_eq!(outcome.status, Status::LocallyInfeasible, "{:?}", outcome.notes);
    assert!(outcome.notes.iter().any(|note| note.contains("far")), "{:?}", outcome.notes);
}

#[test]
fn unbounded_objectives_diverge() {
    for expression in ["-x^3", "x", "-exp(x)"] {
        let problem = program(serde_json::json!({
            "variables": [{"name": "x", "start": 1.0}], "objective": {"sense": "minimize", "expression": expression}}));
        let outcome = InteriorPoint::default().solve(&problem, &Run::new(1)).unwrap();
        assert!(!outcome.status.claims_feasibility() || outcome.status == Status::Feasible, "{expression}: {:?}", outcome.status);
        assert!(!outcome.status.is_proof(), "{expression}: {:?}", outcome.status);
    }
    let cubic = program(serde_json::json!({
        "variables": [{"name": "x", "start": 1.0}], "objective": {"sense": "minimize", "expression": "-x^3"}}));
    assert_eq!(InteriorPoint::default().solve(&cubic, &Run::new(1)).unwrap().status, Status::Diverging);
}

#[test]
fn an_objective_in_tiny_units_is_minimised_all_the_same() {
    let scaled = |unit: f64| {
        program(serde_json::json!({
            "variables": [{"name": "x", "start": -1.2}, {"name": "y", "start": 1.0}],
            "objective": {"sense": "minimize", "expression": format!("{unit:e}*(100*(y - x^2)^2 + (1 - x)^2)")}}))
    };
    for unit in [1e-12, 1.0, 1e12] {
        let (_, _, solution) = solved(&scaled(unit));
        assert!((solution.x[0] - 1.0).abs() < 1e-3 && (solution.x[1] - 1.0).abs() < 1e-3, "{unit}: {:?}", solution.x);
    }
}

#[test]
fn fixed_variables_and_redundant_rows_come_back_with_multipliers() {
    let problem = program(serde_json::json!({
        "variables": [{"name": "x", "lower": 0, "upper": 10, "start": 5}, {"name": "y", "lower": 2, "upper": 2}, {"name": "z", "lower": 0, "upper": 1}],
        "objective": {"sense": "minimize", "expression": "(x - y)^2 + x*z + z"},
        "constraints": [
            {"name": "loose", "expression": "x + z", "upper": 1000.0},
            {"name": "no sides", "expression": "x*z"},
            {"name": "tight", "expression": "x*y", "lower": 6.0}]}));
    let (_, objective, solution) = solved(&problem);
    assert!((objective - 1.0).abs() < 1e-6, "{objective}");
    assert_eq!(solution.x[1], 2.0);
    let multipliers = solution.multipliers.unwrap();
    assert_eq!((multipliers.constraints[0], multipliers.constraints[1]), (0.0, 0.0));
    assert!(multipliers.lower[1].max(multipliers.upper[1]) > 0.0, "the fixed variable has a reduced cost");
}

#[test]
fn a_start_from_the_own_optimum_takes_at_most_two_iterations_and_no_start_makes_it_worse() {
    let problem = hs71();
    let (_, objective, solution) = solved(&problem);
    let again = InteriorPoint::default().solve(&problem, &Run::new(1).with_start(solution)).unwrap();
    assert!(again.counters.iterations <= 2, "{}", again.counters.iterations);
    assert!((again.objective.unwrap() - objective).abs() < 1e-9);
    let start = NonlinearSolution { x: vec![1.0, 4.743, 3.8212, 1.3795], multipliers: None };
    let outcome = InteriorPoint::default().solve(&problem, &Run::new(1).with_start(start)).unwrap();
    assert!(outcome.objective.unwrap() < 17.02);
}

#[test]
fn a_start_outside_the_domain_is_moved_into_it() {
    let problem = program(serde_json::json!({
        "variables": [{"name": "x", "start": -1.0}],
        "objective": {"sense": "minimize", "expression": "x - log(x)"}}));
    let outcome = InteriorPoint::default().solve(&problem, &Run::new(3)).unwrap();
    assert_eq!(outcome.status, Status::LocallyOptimal, "{:?}", outcome.notes);
    assert!((outcome.solution.unwrap().x[0] - 1.0).abs() < 1e-6);
}

#[test]
fn dependent_equations_and_complementarity_are_solved() {
    let dependent = program(serde_json::json!({
        "variables": [{"name": "x", "start": 3}, {"name": "y"}],
        "objective": {"sense": "minimize", "expression": "x^2 + y^2"},
        "constraints": [
            {"expression": "x + y", "lower": 2, "upper": 2},
            {"expression": "2*x + 2*y", "lower": 4, "upper": 4}]}));
    let (_, objective, _) = solved(&dependent);
    assert!((objective - 2.0).abs() < 1e-6, "{objective}");
}

#[test]
fn more_equations_than_variables_end_as_least_squares_and_say_so() {
    let problem = program(serde_json::json!({
        "variables": [{"name": "x", "start": 1}],
        "objective": {"sense": "minimize", "expression": "0"},
        "constraints": [{"expression": "x", "lower": 1, "upper": 1}, {"expression": "x", "lower": 2, "upper": 2}]}));
    let outcome = InteriorPoint::default().solve(&problem, &Run::new(1)).unwrap();
    assert_eq!(outcome.status, Status::LocallyInfeasible);
    assert!((outcome.solution.unwrap().x[0] - 1.5).abs() < 1e-6);
    assert!(outcome.notes.iter().any(|note| note.contains("2 equations in 1 variables")), "{:?}", outcome.notes);
}

#[test]
fn limits_return_what_there_is_and_options_out_of_range_are_errors() {
    let outcome = InteriorPoint { max_iterations: 2, ..InteriorPoint::default() }.solve(&hs71(), &Run::new(1)).unwrap();
    assert_eq!(outcome.status, Status::Limit(Limit::Iterations));
    assert!(outcome.solution.is_some());
    assert_eq!(outcome.trace.unwrap().len(), 2);
    for (solver, option) in [
        (InteriorPoint { tolerance: 0.0, ..InteriorPoint::default() }, "tolerance"),
        (InteriorPoint { push: 0.7, ..InteriorPoint::default() }, "push"),
        (InteriorPoint { barrier: f64::INFINITY, ..InteriorPoint::default() }, "barrier"),
    ] {
        let refused = solver.solve(&hs71(), &Run::new(1)).unwrap_err();
        assert!(matches!(&refused, SolveError::Option(error) if error.option == option), "{option}: {refused}");
    }
}

#[test]
fn the_same_run_gives_the_same_bits() {
    let x = || InteriorPoint::default().solve(&hs71(), &Run::new(1)).unwrap().solution.unwrap();
    assert_eq!(x(), x());
}
