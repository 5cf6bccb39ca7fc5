//! Generated models of which something is known by construction: what the solver `nlp` may say of them, and what it must not.

use fathom_opt_core::{Run, Solver, Status};
use fathom_opt_nlp::InteriorPoint;
use fathom_opt_problems::nonlinear::{ExpressionNlp, Nlp, Nonlinear, NonlinearData};
use fathom_opt_problems::{InlineOnly, Problem};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

fn program(data: serde_json::Value) -> Nonlinear {
    let data: NonlinearData = serde_json::from_value(data).unwrap();
    Nonlinear::from_data(data, &mut InlineOnly).unwrap()
}

/// A number of two decimals in `[-size, size]`, in parentheses.
fn number(rng: &mut ChaCha8Rng, size: f64) -> String {
    format!("({:.2})", size * (2.0 * rng.random::<f64>() - 1.0))
}

/// A smooth function of a few of the variables `x0 ..`, defined everywhere.
fn function(rng: &mut ChaCha8Rng, variables: usize) -> String {
    let terms = rng.random_range(1..=4);
    let mut sum = vec![number(rng, 1.0)];
    for _ in 0..terms {
        let (a, b) = (rng.random_range(0..variables), rng.random_range(0..variables));
        let weight = number(rng, 3.0);
        sum.push(match rng.random_range(0..6) {
            0 => format!("{weight}*x{a}"),
            1 => format!("{weight}*x{a}*x{b}"),
            2 => format!("{weight}*x{a}^2"),
            3 => format!("{weight}*sin(x{a} + x{b})"),
            4 => format!("{weight}*exp(0.3*x{a})"),
            _ => format!("{weight}*x{a}^3"),
        });
    }
    sum.join(" + ")
}

/// Variables with starts and, for most, bounds around a hidden point.
fn variables(rng: &mut ChaCha8Rng, hidden: &[f64]) -> Vec<serde_json::Value> {
    let variable = |rng: &mut ChaCha8Rng, (j, x): (usize, &f64)| {
        let mut variable = serde_json::json!({"name": format!("x{j}"), "start": 4.0 * rng.random::<f64>() - 2.0});
        if rng.random::<f64>() < 0.6 {
            variable["lower"] = (x - 2.0 * rng.random::<f64>()).into();
        }
        if rng.random::<f64>() < 0.6 {
            variable["upper"] = (x + 2.0 * rng.random::<f64>()).into();
        }
        variable
    };
    hidden.iter().enumerate().map(|one| variable(rng, one)).collect()
}

/// A sum of squares that keeps every variable, and some function.
fn objective(rng: &mut ChaCha8Rng, variables: usize) -> String {
    let squares: Vec<String> = (0..variables).map(|j| format!("(x{j} - {})^2 + 0.01*x{j}^4", number(rng, 2.0))).collect();
    format!("{} + sin(x0) + 0.1*x0*x{}", squares.join(" + "), variables - 1)
}

/// A model that `hidden` satisfies.
fn feasible(rng: &mut ChaCha8Rng) -> Nonlinear {
    let n = rng.random_range(2..=7);
    let hidden: Vec<f64> = (0..n).map(|_| 3.0 * rng.random::<f64>() - 1.5).collect();
    let variables = variables(rng, &hidden);
    let rows: Vec<String> = (0..rng.random_range(0..n)).map(|_| function(rng, n)).collect();
    let bare: Vec<_> = rows.iter().map(|row| serde_json::json!({"expression": row})).collect();
    let objective = serde_json::json!({"sense": "minimize", "expression": objective(rng, n)});
    let unsided = program(serde_json::json!({"variables": variables, "objective": objective, "constraints": bare}));
    let mut values = vec![0.0; rows.len()];
    ExpressionNlp::new(&unsided).constraint_values(&hidden, &mut values).unwrap();
    let mut side = |(row, value): (&String, &f64)| {
        let mut constraint = serde_json::json!({"expression": row});
        match rng.random_range(0..4) {
            0 => {
                constraint["lower"] = (*value).into();
                constraint["upper"] = (*value).into();
            }
            1 => constraint["lower"] = (value - rng.random::<f64>()).into(),
            2 => constraint["upper"] = (value + rng.random::<f64>()).into(),
            _ => {
                constraint["lower"] = (value - rng.random::<f64>()).into();
                constraint["upper"] = (value + rng.random::<f64>()).into();
            }
        }
        constraint
    };
    let constraints: Vec<_> = rows.iter().zip(&values).map(&mut side).collect();
    program(serde_json::json!({"variables": variables, "objective": objective, "constraints": constraints}))
}

/// The sum of the violations of rows at `x`, which is brought into its bounds first.
fn violation(problem: &Nonlinear, x: &[f64]) -> f64 {
    let x: Vec<f64> = x.iter().zip(problem.variables()).map(|(x, variable)| x.max(variable.lower).min(variable.upper)).collect();
    let mut values = vec![0.0; problem.constraints().len()];
    if ExpressionNlp::new(problem).constraint_values(&x, &mut values).is_err() {
        return f64::INFINITY;
    }
    values.iter().zip(problem.constraints()).map(|(c, row)| (row.lower - c).max(c - row.upper).max(0.0)).sum()
}

#[test]
fn feasible_models_are_never_called_infeasible_and_what_is_claimed_is_confirmed() {
    let mut rng = ChaCha8Rng::seed_from_u64(20);
    let (mut solved, mut locally_infeasible) = (0, 0);
    for model in 0..400 {
        let problem = feasible(&mut rng);
        let outcome = InteriorPoint::default().solve(&problem, &Run::new(1)).unwrap();
        assert_ne!(outcome.status, Status::Infeasible, "model {model}: {:?}", outcome.notes);
        let solution = outcome.solution.expect("a point");
        let verdict = problem.check(&solution).unwrap();
        match outcome.status {
            Status::Optimal | Status::LocallyOptimal => {
                solved += 1;
                assert!(verdict.violations.is_empty(), "model {model}");
                assert_eq!(verdict.property("KKT conditions").unwrap().holds, Some(true), "model {model}");
                if let Some(bound) = outcome.bound {
                    assert!(bound <= outcome.objective.unwrap(), "model {model}");
                }
            }
            Status::LocallyInfeasible => {
                locally_infeasible += 1;
                let here = violation(&problem, &solution.x);
                for _ in 0..200 {
                    let near: Vec<f64> = solution.x.iter().map(|x| x + 1e-4 * (2.0 * rng.random::<f64>() - 1.0)).collect();
                    assert!(violation(&problem, &near) > here - 1e-5 * here.max(1e-3), "model {model}: a small change helps");
                }
            }
            _ => {}
        }
    }
    assert!(locally_infeasible <= 8, "{locally_infeasible} of 400 ended locally infeasible");
    assert!(solved >= 390, "{solved} of 400 solved");
}

#[test]
fn infeasible_models_are_never_called_solved() {
    let mut rng = ChaCha8Rng::seed_from_u64(21);
    for model in 0..100 {
        let n = rng.random_range(2..=5);
        let hidden: Vec<f64> = (0..n).map(|_| rng.random::<f64>()).collect();
        let squares: Vec<String> = (0..n).map(|j| format!("x{j}^2")).collect();
        let sum: Vec<String> = (0..n).map(|j| format!("x{j}")).collect();
        let radius = 0.2 + rng.random::<f64>();
        // On the ball of this radius the sum is at most radius * sqrt(n).
        let beyond = radius * (n as f64).sqrt() + 0.01 + rng.random::<f64>();
        let other = function(&mut rng, n);
        let constraints = serde_json::json!([
            {"name": "ball", "expression": squares.join(" + "), "upper": radius * radius},
            {"name": "beyond", "expression": sum.join(" + "), "lower": beyond},
            {"name": "other", "expression": other, "upper": 50.0}]);
        let problem = program(serde_json::json!({
            "variables": variables(&mut rng, &hidden),
            "objective": {"sense": "minimize", "expression": objective(&mut rng, n)},
            "constraints": constraints}));
        let outcome = InteriorPoint::default().solve(&problem, &Run::new(1)).unwrap();
        assert!(!outcome.status.claims_feasibility(), "model {model}: {:?}", outcome.status);
        assert_ne!(outcome.status, Status::Unbounded, "model {model}");
    }
}

#[test]
fn unbounded_models_are_never_called_solved_nor_proven_unbounded() {
    let mut rng = ChaCha8Rng::seed_from_u64(22);
    let mut diverging = 0;
    for model in 0..30 {
        let slope = 0.1 + rng.random::<f64>();
        let power = rng.random_range(1..=3);
        let problem = program(serde_json::json!({
            "variables": [{"name": "x", "start": 1.0, "lower": 0.0}, {"name": "y", "start": 0.5}],
            "objective": {"sense": "minimize", "expression": format!("-{slope:.3}*x^{power} + y^2")},
            "constraints": [{"expression": "x - y", "lower": -1.0}]}));
        let outcome = InteriorPoint::default().solve(&problem, &Run::new(1)).unwrap();
        assert!(
            !matches!(outcome.status, Status::Optimal | Status::LocallyOptimal | Status::Unbounded),
            "model {model}: {:?}",
            outcome.status
        );
        diverging += u32::from(outcome.status == Status::Diverging);
    }
    assert!(diverging >= 25, "{diverging} of 30 diverge");
}
