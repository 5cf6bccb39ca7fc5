//! Expressions: text, derivatives, structure, limits.

use proptest::prelude::*;

use super::infix::{MAX_DEPTH, Meaning, Names, Printer, parse};
use super::*;

fn variable(name: &str) -> Option<Meaning> {
    name.strip_prefix('x')?.parse().ok().map(Meaning::Variable)
}

/// The functions that `texts` describe, in variables x0, x1, ...
fn compiled(variables: usize, texts: &[&str]) -> Functions {
    let mut graph = Graph::new();
    let functions: Vec<Function> =
        texts.iter().map(|text| Function { nonlinear: Some(parse(text, &mut graph, variable).unwrap()), ..Function::default() }).collect();
    Functions::compile(variables, &graph, &functions.iter().collect::<Vec<_>>(), &[])
}

fn value(text: &str, x: &[f64]) -> f64 {
    let mut out = [0.0];
    match Evaluator::new(&compiled(x.len(), &[text])).values(0, x, &mut out) {
        Ok(()) => out[0],
        Err(EvaluationError::NotFinite { value, .. }) => value,
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn operators_bind_as_the_documentation_says() {
    for (text, expected) in [
        ("-x0^2", -9.0),
        ("2^-1^2", 0.5),
        ("2^3^2", 512.0),
        ("10-4-3", 3.0),
        ("2*x0/3*5", 10.0),
        ("-x0*-2", 6.0),
        ("1 < 2 && !1", f64::NAN),
        ("if(x0 >= 3, 1, 2) + min(4, x0, 7) + max(1, 2)", 6.0),
        ("`x0`*2", 6.0),
        ("100*(x1-x0^2)^2 + (1-x0)^2", 100.0 * 49.0 + 4.0),
        ("1e3 + .5 + 2.", 1002.5),
        ("atan2(0, 1) + mod(7, 4) + intdiv(-7, 2) + copysign(-3, 0)", 3.0),
    ] {
        if expected.is_nan() {
            let mut graph = Graph::new();
            assert_eq!(parse(text, &mut graph, variable).unwrap_err().found, "`!`");
        } else {
            assert!((value(text, &[3.0, 2.0]) - expected).abs() < 1e-12, "{text}");
        }
    }
}

#[test]
fn faults_in_text_name_their_place() {
    for (text, message) in [
        ("", "found the end, expected a number, a name, a sign or `(`, at character 1"),
        ("1 +", "found the end, expected a number, a name, a sign or `(`, at character 4"),
        ("(1", "found the end, expected `)`, at character 3"),
        ("1)", "found `)`, expected an operator or the end (no parenthesis is open), at character 2"),
        ("x0 x1", "found `x1`, expected an operator, `)` or the end, at character 4"),
        ("y", "found `y`, expected the name of a variable, at character 1"),
        ("sine(1)", "found `sine(`, expected a function"),
        ("sin(1, 2)", "found 2 arguments, expected one argument"),
        ("if(1, 2)", "expected three arguments"),
        ("min(1)", "found 1 argument, expected two or more arguments"),
        ("1, 2", "found `,`, expected an operator (commas"),
        ("1e999", "found `1e999`, expected a number within the range"),
        ("`x0", "found an unclosed back quote"),
        ("x0 # 1", "found `#`, expected an operator"),
        ("x0 = 1", "found `=`, expected an operator"),
        ("()", "found `)`, expected a number"),
    ] {
        let error = parse(text, &mut Graph::new(), variable).unwrap_err().to_string();
        assert!(error.contains(message), "{text}: {error}");
    }
}

#[test]
fn a_chain_of_a_million_additions_is_read_and_evaluated() {
    let mut text = String::from("x0^2");
    for _ in 0..1_000_000 {
        text.push_str("+x1");
    }
    assert_eq!(value(&text, &[2.0, 0.5]), 500_004.0);
    let functions = compiled(2, &[&text]);
    assert_eq!(functions.linear(0), &[(1, 1e6)]);
}

#[test]
fn nesting_beyond_the_limit_is_refused_with_the_limit_named() {
    let deep = |depth: usize| format!("{}x0{}", "sin(".repeat(depth), ")".repeat(depth));
    assert!(value(&deep(100_000), &[0.5]).abs() < 0.01);
    let error = parse(&"(".repeat(MAX_DEPTH + 2), &mut Graph::new(), variable).unwrap_err();
    assert!(error.expected.contains(&MAX_DEPTH.to_string()), "{error}");
    assert!(!deep(1).is_empty());
}

#[test]
fn equal_parts_are_computed_once_and_constants_folded() {
    let functions = compiled(2, &["exp(x0*x1) + 2*3", "sin(exp(x1*x0)) + log(exp(0))"]);
    assert_eq!(functions.tape().program.instructions.len(), 3);
    assert_eq!(functions.constant(0), 6.0);
}

#[test]
fn undefined_values_name_their_function() {
    let functions = compiled(1, &["x0", "log(x0)", "sqrt(x0)"]);
    let mut evaluator = Evaluator::new(&functions);
    let error = evaluator.values(0, &[-1.0], &mut [0.0; 3]).unwrap_err();
    assert!(error.to_string().starts_with("the value of function 1 is NaN"), "{error}");
    assert!(evaluator.values(0, &[0.0], &mut [0.0; 3]).is_err());
    let error = Evaluator::new(&compiled(1, &["sqrt(x0)"])).jacobian(0, &[0.0], &mut [0.0]).unwrap_err();
    assert_eq!(error.to_string(), "the gradient of function 0 is inf");
}

#[test]
fn a_branch_not_taken_may_be_undefined() {
    let functions = compiled(1, &["if(x0 > 0, log(x0), x0^2)"]);
    let mut evaluator = Evaluator::new(&functions);
    let mut out = [0.0];
    evaluator.jacobian(0, &[-2.0], &mut out).unwrap();
    assert_eq!(out, [-4.0]);
    evaluator.weighted_hessian(&[-2.0], &[1.0], &mut out).unwrap();
    assert_eq!(out, [2.0]);
}

#[test]
fn kinks_have_the_documented_derivatives() {
    for (text, slope) in
        [("abs(x0)", 1.0), ("min(x0, 2*x0)", 1.0), ("max(x0, 2*x0)", 1.0), ("if(x0 >= 0, 3*x0, x0)", 3.0), ("floor(x0)", 0.0)]
    {
        let functions = compiled(1, &[text]);
        let mut out = [0.0];
        Evaluator::new(&functions).weighted_gradient(&[0.0], &[1.0], &mut out).unwrap();
        assert_eq!(out, [slope], "{text}");
    }
}

#[test]
fn groups_give_outer_products_and_sums_stay_sparse() {
    let functions = compiled(4, &["softplus(x0 + 2*x1) + softplus(x2 - x3)"]);
    assert_eq!(functions.hessian().unwrap().entries(), 6);
    let functions = compiled(4, &["(x0 + x1^2 + x2)^2 + 3*x3"]);
    assert_eq!(functions.hessian().unwrap().entries(), 6);
}

#[test]
fn rules_tell_degree_and_curvature() {
    let cases = [
        ("3", Degree::Constant, Curvature::Affine),
        ("x0 - 2*x1 + 1", Degree::Linear, Curvature::Affine),
        ("x0^2 + (x1 - 1)^2", Degree::Quadratic, Curvature::Convex),
        ("x0*x1", Degree::Quadratic, Curvature::Unknown),
        ("x0^3*x1", Degree::Polynomial(4), Curvature::Unknown),
        ("exp(x0) - log(x1)", Degree::General, Curvature::Convex),
        ("sqrt(x0) - exp(x1)", Degree::General, Curvature::Concave),
        ("x1^3", Degree::Polynomial(3), Curvature::Convex),
        ("x0^3", Degree::Polynomial(3), Curvature::Unknown),
        ("1/x1", Degree::General, Curvature::Convex),
        ("max(x0, x0^2)", Degree::General, Curvature::Convex),
        ("exp(-(x0^2))", Degree::General, Curvature::Unknown),
        ("softplus(x0^2)", Degree::General, Curvature::Convex),
        ("(x0^2 + 1)^2", Degree::Polynomial(4), Curvature::Convex),
        ("(x0^2 - 1)^2", Degree::Polynomial(4), Curvature::Unknown),
    ];
    for (text, degree, curvature) in cases {
        let functions = compiled(2, &[text]);
        assert_eq!(functions.degrees(), [degree], "{text}");
        assert_eq!(functions.curvatures(&[f64::NEG_INFINITY, 0.5], &[f64::INFINITY, 9.0]), [curvature], "{text}");
    }
}

/// Random expressions in x0, x1, x2 that are smooth where the variables lie between 0.4 and 1.6.
fn smooth() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![Just("x0".to_owned()), Just("x1".to_owned()), Just("x2".to_owned()), (1_u8..9).prop_map(|k| format!("{k}.5"))];
    leaf.prop_recursive(5, 40, 3, |inner| {
        let pair = (inner.clone(), inner.clone());
        prop_oneof![
            (pair.clone(), prop_oneof![Just("+"), Just("-"), Just("*")]).prop_map(|((a, b), op)| format!("({a}){op}({b})")),
            pair.clone().prop_map(|(a, b)| format!("({a})/(2 + cos({b}))")),
            pair.prop_map(|(a, b)| format!("(1.5 + sin({a}))^(cos({b}))")),
            inner.clone().prop_map(|a| format!("sin({a})")),
            inner.clone().prop_map(|a| format!("-({a})^2")),
            inner.clone().prop_map(|a| format!("sqrt(2 + sin({a}))")),
            inner.clone().prop_map(|a| format!("atan({a})*tanh({a})")),
            inner.clone().prop_map(|a| format!("softplus(-({a}))")),
            inner.clone().prop_map(|a| format!("if(x0 > 1, {a}, x1*({a}))")),
            (inner.clone(), inner.clone(), inner).prop_map(|(a, b, c)| format!("2*({a}) - 3*({b}) + ({c})*4 - 1")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn derivatives_agree_with_differences(texts in prop::collection::vec(smooth(), 3), x in prop::array::uniform3(0.4..1.6)) {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let functions = compiled(3, &texts);
        let mut evaluator = Evaluator::new(&functions);
        let weights = [0.7, -1.3, 2.1];
        let mut gradient = [0.0; 3];
        let away: f64 = x[0] - 1.0;
        prop_assume!(away.abs() > 1e-3);
        evaluator.weighted_gradient(&x, &weights, &mut gradient).unwrap();
        prop_assume!(gradient.iter().all(|g| g.abs() < 1e5));
        let pattern = functions.jacobian(0).clone();
        let mut entries = vec![0.0; pattern.entries()];
        evaluator.jacobian(0, &x, &mut entries).unwrap();
        let mut from_rows = [0.0; 3];
        for (row, weight) in weights.iter().enumerate() {
            for k in pattern.range(row) {
                from_rows[pattern.columns()[k] as usize] += weight * entries[k];
            }
        }
        let lower = functions.hessian().unwrap().clone();
        let mut hessian = vec![0.0; lower.entries()];
        evaluator.weighted_hessian(&x, &weights, &mut hessian).unwrap();
        let mut full = [[0.0; 3]; 3];
        let rows = (0..3).flat_map(|row| lower.range(row).map(move |k| (row, k)));
        for (row, k) in rows {
            let column = lower.columns()[k] as usize;
            full[row][column] = hessian[k];
            full[column][row] = hessian[k];
        }
        for j in 0..3 {
            let scale = gradient.iter().fold(1.0_f64, |most, g| most.max(g.abs()));
            prop_assert!((gradient[j] - from_rows[j]).abs() <= 1e-12 * scale);
            let h = 1e-5;
            let moved = |by: f64| { let mut y = x; y[j] += by; y };
            let value = |y: &[f64; 3]| -> f64 {
                let mut out = [0.0; 3];
                Evaluator::new(&functions).values(0, y, &mut out).unwrap();
                out.iter().zip(weights).map(|(v, w)| v * w).sum()
            };
            let (up, down) = (moved(h), moved(-h));
            prop_assert!(((value(&up) - value(&down)) / (2.0 * h) - gradient[j]).abs() <= 1e-5 * scale * scale);
            let (mut above, mut below) = ([0.0; 3], [0.0; 3]);
            evaluator.weighted_gradient(&up, &weights, &mut above).unwrap();
            evaluator.weighted_gradient(&down, &weights, &mut below).unwrap();
            let mut direction = [0.0; 3];
            direction[j] = 1.0;
            let mut product = [0.0; 3];
            evaluator.weighted_hessian_product(&x, &weights, &direction, &mut product).unwrap();
            let size = full.iter().flatten().fold(scale, |most, h| most.max(h.abs()));
            for i in 0..3 {
                prop_assert!((product[i] - full[i][j]).abs() <= 1e-11 * size, "{} {}", product[i], full[i][j]);
                prop_assert!(((above[i] - below[i]) / (2.0 * h) - full[i][j]).abs() <= 1e-4 * size * size);
            }
        }
    }

    #[test]
    fn printed_text_reads_back_to_the_same_values(text in smooth(), x in prop::array::uniform3(0.4..1.6)) {
        let mut graph = Graph::new();
        let root = parse(&text, &mut graph, variable).unwrap();
        let names = Names { variables: (0..3).map(|k| format!("x{k}")).collect(), ..Names::default() };
        let printed = Printer { graph: &graph, names: &names, max_length: 1 << 20 }.expression(root).unwrap();
        prop_assert_eq!(value(&text, &x).to_bits(), value(&printed, &x).to_bits(), "{} {}", text, printed);
    }
}

#[test]
fn the_root_of_a_square_keeps_its_digits_near_0() {
    let functions = compiled(1, &["sqrt(x0^2) + 3*x0^2"]);
    let mut evaluator = Evaluator::new(&functions);
    let mut hessian = vec![0.0; functions.hessian().unwrap().entries()];
    for x in [-2.0, -1e-30, 0.0, 1e-200] {
        let mut gradient = [0.0];
        evaluator.weighted_gradient(&[x], &[1.0], &mut gradient).unwrap();
        assert_eq!(gradient[0], 6.0 * x + if x < 0.0 { -1.0 } else { 1.0 });
        evaluator.weighted_hessian(&[x], &[1.0], &mut hessian).unwrap();
        assert_eq!(hessian, [6.0]);
    }
    assert_eq!(value("sqrt(x0^2)", &[-1e200]), 1e200);
}
