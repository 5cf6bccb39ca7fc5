//! Models of the shared data, text against binary, signs of duals, malformed files.

use std::path::{Path, PathBuf};

use fathom_opt_problems::nonlinear::{ExpressionNlp, Multipliers, Nlp, Nonlinear, NonlinearSolution};
use fathom_opt_problems::{InlineOnly, Problem};

use super::*;
use crate::nonlinear::Fault;

/// The shared models, if they are there.
fn shared() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/nl");
    if folder.join("REFERENCE.csv").exists() {
        return Some(folder);
    }
    println!("skipped: the shared data folder `{}` is not there", folder.display());
    None
}

fn read_text(text: &str) -> Result<NlModel, Fault> {
    read(text.as_bytes(), &NlNames::default(), 0)
}

/// Objective and constraints at a point.
fn values(problem: &Nonlinear, x: &[f64]) -> Vec<f64> {
    let mut nlp = ExpressionNlp::new(problem);
    let mut values = vec![0.0; problem.constraints().len()];
    if let Err(error) = nlp.constraint_values(x, &mut values) {
        println!("{error}");
    }
    values.push(nlp.objective(x).unwrap());
    values
}

#[test]
fn the_shared_models_have_their_reference_values() {
    let Some(folder) = shared() else { return };
    let table = std::fs::read_to_string(folder.join("REFERENCE.csv")).unwrap();
    for line in table.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let bytes = std::fs::read(folder.join(fields[0])).unwrap();
        let model = read(&bytes, &NlNames::default(), 0).unwrap();
        let problem = &model.problem;
        assert_eq!(problem.variables().len().to_string(), fields[1], "{line}");
        assert_eq!(problem.constraints().len().to_string(), fields[2], "{line}");
        let mut found = values(problem, &problem.start());
        let f = found.pop().unwrap() * ExpressionNlp::new(problem).objective_sign();
        let close = |found: f64, expected: f64| (found - expected).abs() <= 1e-10 * expected.abs().max(1e-3);
        assert!(close(f, fields[3].parse().unwrap()), "{line}: {f}");
        if let Ok(expected) = fields[4].parse() {
            assert!(close(found.iter().map(|c| c.abs()).sum(), expected), "{line}: {found:?}");
        }
        // What we write reads back, as text and as binary, to the same values.
        for binary in [false, true] {
            let mut bytes = Vec::new();
            let (variables, rows) = write(problem, binary, &mut bytes).unwrap();
            let again = read(&bytes, &NlNames::default(), 0).unwrap().problem;
            let x: Vec<f64> = problem.start().iter().map(|x| x + 0.1).collect();
            let moved: Vec<f64> = variables.iter().map(|&j| x[j]).collect();
            let (there, here) = (values(&again, &moved), values(problem, &x));
            assert!(close(there[rows.len()], here[rows.len()]), "{line}");
            for (at, &row) in rows.iter().enumerate() {
                assert!(close(there[at], here[row]), "{line}: {} {}", there[at], here[row]);
                assert_eq!(again.constraints()[at].lower, problem.constraints()[row].lower);
            }
        }
    }
}

#[test]
fn names_suffixes_and_duals_are_read() {
    let Some(folder) = shared() else { return };
    let read_file = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    let (text, col, row) = (read_file("pyo_hs71_suffix_labels.nl"), read_file("pyo_hs71_suffix_labels.col"), read_file("pyo_hs71_suffix_labels.row"));
    let names = NlNames { variables: Some(&col), constraints: Some(&row) };
    let model = read(text.as_bytes(), &names, 0).unwrap();
    assert_eq!(model.problem.variable_name(0), col.lines().next().unwrap());
    assert_eq!(model.problem.constraint_name(1), row.lines().nth(1).unwrap());
    assert!(model.suffixes.iter().any(|suffix| suffix.name == "scaling_factor"), "{:?}", model.suffixes);
    assert!(model.problem.constraints().iter().any(|constraint| constraint.multiplier.is_some()));
    let short = NlNames { variables: Some("a\nb\n"), constraints: None };
    assert!(read(text.as_bytes(), &short, 0).unwrap_err().to_string().contains("2 names in the .col file"));
}

/// max 3x + 5y (x <= 4, 2y <= 12, 3x + 2y <= 18), or min -3x - 5y.
fn production(maximize: bool) -> Nonlinear {
    let (sense, objective) = if maximize { ("maximize", "3*x + 5*y") } else { ("minimize", "-3*x - 5*y") };
    let text = format!(
        r#"{{"variables": [{{"name": "x", "lower": 0}}, {{"name": "y", "lower": 0}}], "objective": {{"sense": "{sense}", "expression": "{objective}"}},
            "constraints": [{{"expression": "x", "upper": 4}}, {{"expression": "2*y", "upper": 12}}, {{"expression": "3*x + 2*y", "upper": 18}}]}}"#
    );
    Nonlinear::from_data(serde_json::from_str(&text).unwrap(), &mut InlineOnly).unwrap()
}

#[test]
fn duals_and_bound_multipliers_have_the_signs_of_ampl() {
    for (maximize, sign) in [(true, 1.0), (false, -1.0)] {
        let problem = production(maximize);
        // At (2, 6) the duals are the changes of the objective with the sides: 0, 3/2, 1 for the maximum and their negatives for the minimum.
        let multipliers = Multipliers { constraints: vec![0.0, 1.5, 1.0], lower: vec![0.25, 0.0], upper: vec![0.0, 0.5] };
        let solution = NonlinearSolution { x: vec![2.0, 6.0], multipliers: Some(multipliers) };
        let file = SolFile::of(&problem, 3, &[3.0, 1.0, 1.0, 0.0], "solved", 0, Some(&solution));
        assert_eq!(file.duals, [0.0, 1.5 * sign, sign]);
        let suffix = |name: &str| file.suffixes.iter().find(|suffix| suffix.name == name).unwrap().values.clone();
        // Ipopt writes z_L and -z_U for a minimum, -z_L and z_U for a maximum.
        assert_eq!(suffix("ipopt_zL_out"), [(0, 0.25 * -sign)]);
        assert_eq!(suffix("ipopt_zU_out"), [(1, 0.5 * sign)]);
        let again = read_sol(file.text().as_bytes()).unwrap();
        assert_eq!(again, file);
        assert_eq!(again.solution(&problem).unwrap(), solution);
    }
}

#[test]
fn a_sol_file_stands_as_ampl_expects_it() {
    let solution = NonlinearSolution { x: vec![2.0, 6.0], multipliers: None };
    let text = SolFile::of(&production(true), 3, &[3.0, 1.0, 1.0, 0.0], "fathom: solved\n\nin a trice", 0, Some(&solution)).text();
    assert_eq!(text, "fathom: solved\nin a trice\n\nOptions\n3\n1\n1\n0\n3\n0\n2\n2\n2\n6\nobjno 0 0\n");
    let text = SolFile::of(&production(true), 3, &[3.0, 1.0, 1.0, 0.0], "", 200, None).text();
    assert!(text.starts_with(" \n\nOptions\n") && text.ends_with("3\n0\n2\n0\nobjno 0 200\n"), "{text}");
}

#[test]
fn a_chain_of_a_million_additions_is_read_and_evaluated() {
    let header = "g3 1 1 0\n 1 0 1 0 0\n 0 1\n 0 0\n 0 1 0\n 0 0 0 1\n 0 0 0 0 0\n 0 1\n 0 0\n 0 0 0 0 0\n";
    let nested = format!("{header}O0 0\n{}{}n2\nb\n3\nx1\n0 0.5\n", "o0\n".repeat(1_000_000), "v0\n".repeat(1_000_000));
    let model = read_text(&nested).unwrap();
    assert_eq!(values(&model.problem, &[0.5]), [500_002.0]);
    let deep = format!("{header}O0 0\n{}v0\n", "o16\n".repeat(2_000_001));
    let fault = read_text(&deep).unwrap_err();
    assert!(fault.expected.contains("at most 2000000 deep"), "{fault}");
}
