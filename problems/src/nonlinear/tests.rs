//! The class: documents, evaluation, checker.

use super::*;
use crate::bulk::{Bulk, InlineOnly};
use crate::expression::EvaluationError;

/// HS71 of Hock and Schittkowski, whose solution and multipliers are published.
const HS71: &str = r#"{
    "variables": [
        {"name": "x1", "lower": 1, "upper": 5, "start": 1}, {"name": "x2", "lower": 1, "upper": 5, "start": 5},
        {"name": "x3", "lower": 1, "upper": 5, "start": 5}, {"name": "x4", "lower": 1, "upper": 5, "start": 1}],
    "objective": {"sense": "minimize", "expression": "x1*x4*(x1 + x2 + x3) + x3"},
    "constraints": [
        {"name": "product", "expression": "x1*x2*x3*x4", "lower": 25},
        {"name": "sphere", "expression": "x1^2 + x2^2 + x3^2 + x4^2", "lower": 40, "upper": 40}]}"#;

fn read(json: &str) -> Nonlinear {
    let data: NonlinearData = serde_json::from_str(json).unwrap();
    Nonlinear::from_data(data, &mut InlineOnly).unwrap()
}

fn fault(json: &str) -> String {
    match serde_json::from_str::<NonlinearData>(json) {
        Ok(data) => Nonlinear::from_data(data, &mut InlineOnly).unwrap_err().to_string(),
        Err(error) => error.to_string(),
    }
}

fn optimum() -> NonlinearSolution {
    NonlinearSolution {
        x: vec![1.0, 4.742_999_643_66, 3.821_149_978_9, 1.379_408_293_1],
        multipliers: Some(Multipliers {
            constraints: vec![-0.552_293_659, 0.161_468_564],
            lower: vec![1.087_871_2, 0.0, 0.0, 0.0],
            upper: vec![0.0; 4],
        }),
    }
}

#[test]
fn the_published_solution_of_hs71_holds_with_its_multipliers() {
    let problem = read(HS71);
    let verdict = problem.check(&optimum()).unwrap();
    assert!(verdict.holds(), "{verdict:?}");
    assert!((verdict.objective.as_ref().unwrap().value - 17.014_017_3).abs() < 1e-6);
    assert_eq!(verdict.property(check::STATIONARY).unwrap().holds, Some(true), "{verdict:?}");
    assert_eq!(verdict.property(check::SECOND_ORDER).unwrap().holds, Some(true), "{verdict:?}");
}

#[test]
fn a_point_alone_is_checked_with_least_squares_multipliers() {
    let problem = read(HS71);
    let verdict = problem.check(&NonlinearSolution { multipliers: None, ..optimum() }).unwrap();
    assert_eq!(verdict.property(check::STATIONARY).unwrap().holds, Some(true), "{verdict:?}");
    let verdict = problem.check(&NonlinearSolution { x: vec![1.0, 5.0, 5.0, 1.0], multipliers: None }).unwrap();
    assert_eq!(verdict.violations.len(), 1);
    assert_eq!(verdict.violations[0].place, "constraint sphere");
    assert_eq!(verdict.violations[0].amount, 12.0);
}

#[test]
fn multipliers_of_a_wrong_sign_or_at_an_inactive_side_are_found() {
    let problem = read(HS71);
    let with = |change: fn(&mut Multipliers)| {
        let mut solution = optimum();
        change(solution.multipliers.as_mut().unwrap());
        problem.check(&solution).unwrap().property(check::STATIONARY).unwrap().holds
    };
    assert_eq!(with(|m| m.constraints[0] = 0.552_293_659), Some(false));
    assert_eq!(with(|m| m.lower[0] = -1.0), Some(false));
    assert_eq!(with(|m| m.constraints[1] = 0.0), Some(false));
    assert_eq!(
        with(|m| {
            m.lower[1] = 1.0;
            m.upper[1] = 1.0;
        }),
        Some(false)
    );
}

#[test]
fn a_maximisation_has_the_multipliers_that_the_convention_says() {
    // max 3x + 5y, x <= 4, 2y <= 12, 3x + 2y <= 18: duals 0, 3/2, 1.
    let lp = |sense: &str, objective: &str| {
        read(&format!(
            r#"{{"variables": [{{"name": "x", "lower": 0}}, {{"name": "y", "lower": 0}}],
                "objective": {{"sense": "{sense}", "expression": "{objective}"}},
                "constraints": [{{"expression": "x", "upper": 4}}, {{"expression": "2*y", "upper": 12}}, {{"expression": "3*x + 2*y", "upper": 18}}]}}"#
        ))
    };
    let multipliers = Multipliers { constraints: vec![0.0, 1.5, 1.0], lower: vec![0.0; 2], upper: vec![0.0; 2] };
    let solution = NonlinearSolution { x: vec![2.0, 6.0], multipliers: Some(multipliers) };
    for problem in [lp("maximize", "3*x + 5*y"), lp("minimize", "-3*x - 5*y")] {
        let verdict = problem.check(&solution).unwrap();
        assert_eq!(verdict.property(check::STATIONARY).unwrap().holds, Some(true), "{verdict:?}");
        assert_eq!(verdict.measure("KKT residual"), Some(0.0));
    }
}

#[test]
fn tiny_units_do_not_make_every_point_stationary() {
    let problem = read(r#"{"variables": [{"name": "x", "start": 5}], "objective": {"sense": "minimize", "expression": "1e-9*(x - 1)^2"}}"#);
    let at = |x: f64| problem.check(&NonlinearSolution { x: vec![x], multipliers: None }).unwrap();
    assert_eq!(at(5.0).property(check::STATIONARY).unwrap().holds, None);
    assert_eq!(at(1.0).property(check::STATIONARY).unwrap().holds, Some(true));
    let problem = read(
        r#"{"variables": [{"name": "x"}], "objective": {"sense": "minimize", "expression": "x"},
            "constraints": [{"expression": "1e-9*x - 1e-9", "lower": 0, "upper": 0}]}"#,
    );
    assert!(!problem.check(&NonlinearSolution { x: vec![0.0], multipliers: None }).unwrap().holds());
}

#[test]
fn a_saddle_point_fails_the_second_order_condition() {
    let problem = read(
        r#"{"variables": [{"name": "x", "start": 1}, {"name": "y", "start": 1}], "objective": {"sense": "minimize", "expression": "x^2 - y^2"}}"#,
    );
    let verdict = problem.check(&NonlinearSolution { x: vec![0.0, 0.0], multipliers: None }).unwrap();
    assert_eq!(verdict.property(check::STATIONARY).unwrap().holds, Some(true));
    assert_eq!(verdict.property(check::SECOND_ORDER).unwrap().holds, Some(false));
}

#[test]
fn an_undefined_value_is_a_violation_with_its_row() {
    let problem = read(
        r#"{"variables": [{"name": "x"}], "objective": {"sense": "minimize", "expression": "x"}, "constraints": [{"expression": "log(x)", "lower": 0}]}"#,
    );
    let verdict = problem.check(&NonlinearSolution { x: vec![-1.0], multipliers: None }).unwrap();
    assert_eq!(verdict.violations[0].place, "constraint c0");
}

#[test]
fn documents_come_back_as_they_were() {
    let shared = r#"{
        "variables": [{"name": "d"}, {"name": "a b", "start": 2}],
        "definitions": [{"name": "u", "expression": "exp(d) + `a b`"}],
        "objective": {"sense": "maximize", "expression": "u^2 - 3*u + 1e-7"},
        "constraints": [{"expression": "u", "lower": -1, "multiplier": 0.5}, {"name": "n", "expression": "-d*-2", "upper": 1e300}]}"#;
    for text in [HS71, shared] {
        let problem = read(text);
        let data = problem.to_data(&mut InlineOnly).unwrap();
        let again = Nonlinear::from_data(data.clone(), &mut InlineOnly).unwrap();
        assert_eq!(again.to_data(&mut InlineOnly).unwrap(), data);
        let (mut a, mut b) = (ExpressionNlp::new(&problem), ExpressionNlp::new(&again));
        let x: Vec<f64> = problem.start().iter().map(|x| x + 0.3).collect();
        assert_eq!(a.objective(&x).unwrap().to_bits(), b.objective(&x).unwrap().to_bits());
    }
    let Bulk::Inline(model) = read(shared).to_data(&mut InlineOnly).unwrap() else { panic!("inline data") };
    assert_eq!(model.definitions.len(), 1);
}

#[test]
fn deeply_shared_expressions_stay_short_in_documents() {
    let mut definitions = vec![r#"{"name": "u0", "expression": "x + 1"}"#.to_owned()];
    for k in 1..60 {
        definitions.push(format!(r#"{{"name": "u{k}", "expression": "sin(u{0}) * u{0}"}}"#, k - 1));
    }
    let text = format!(
        r#"{{"variables": [{{"name": "x"}}], "definitions": [{}], "objective": {{"sense": "minimize", "expression": "u59"}}}}"#,
        definitions.join(", ")
    );
    let problem = read(&text);
    let written = serde_json::to_string(&problem.to_data(&mut InlineOnly).unwrap()).unwrap();
    assert!(written.len() < 6000, "{}", written.len());
    problem.check(&NonlinearSolution { x: vec![0.5], multipliers: None }).unwrap();
}

#[test]
fn faults_in_documents_name_their_place() {
    let model = |variables: &str, objective: &str, constraints: &str| {
        format!(
            r#"{{"variables": [{variables}], "objective": {{"sense": "minimize", "expression": "{objective}"}}, "constraints": [{constraints}]}}"#
        )
    };
    let x = r#"{"name": "x"}"#;
    for (text, message) in [
        (model(x, "x +", ""), "objective.expression: found the end at character 4 of `x +`, expected a number"),
        (model(x, "y", ""), "objective.expression: found `y` at character 1 of `y`, expected the name of a variable"),
        (model(&format!("{x}, {x}"), "x", ""), "variables[1].name: found `x` for the second time"),
        (model(r#"{"name": ""}"#, "1", ""), "variables[0].name: found an empty name"),
        (model(x, "x", r#"{"expression": "x x"}"#), "constraints[0].expression: found `x` at character 3"),
        (model(x, "x", r#"{"expression": "x", "name": "c"}, {"expression": "x", "name": "c"}"#), "constraints[1].name: found `c`"),
        (model(r#"{"name": "x", "loewr": 1}"#, "x", ""), "unknown field `loewr`"),
        (r#"{"file": "a.nl", "sha256": "00"}"#.into(), "found a reference to the file `a.nl`"),
    ] {
        assert!(fault(&text).contains(message), "{text}: {}", fault(&text));
    }
}

#[test]
fn an_evaluator_minimises_whatever_the_sense() {
    let problem = read(r#"{"variables": [{"name": "x", "start": 2}], "objective": {"sense": "maximize", "expression": "x^3"}}"#);
    let mut nlp = ExpressionNlp::new(&problem);
    let mut out = [0.0];
    assert_eq!(nlp.objective(&[2.0]).unwrap(), -8.0);
    nlp.gradient(&[2.0], &mut out).unwrap();
    assert_eq!(out, [-12.0]);
    nlp.hessian(&[2.0], 0.5, &[], &mut out).unwrap();
    assert_eq!(out, [-6.0]);
    nlp.hessian_product(&[2.0], 1.0, &[], &[2.0], &mut out).unwrap();
    assert_eq!(out, [-24.0]);
    assert!(matches!(nlp.objective(&[1.0, 2.0]), Err(EvaluationError::Length { .. })));
    std::thread::spawn(move || drop(nlp)).join().unwrap();
}

#[test]
fn rules_find_convex_programs() {
    assert!(!read(HS71).is_convex());
    assert!(
        read(
            r#"{"variables": [{"name": "x", "lower": 0}, {"name": "y"}], "objective": {"sense": "maximize", "expression": "sqrt(x) - y^2"},
                "constraints": [{"expression": "exp(y) + x", "upper": 3}, {"expression": "x - y", "lower": 0, "upper": 0}]}"#
        )
        .is_convex()
    );
}
