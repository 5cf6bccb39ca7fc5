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
    let (text, col, row) =
        (read_file("pyo_hs71_suffix_labels.nl"), read_file("pyo_hs71_suffix_labels.col"), read_file("pyo_hs71_suffix_labels.row"));
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

/// Little-endian pieces of a binary file.
fn bytes(pieces: &[Piece]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Text(text) => bytes.extend_from_slice(text.as_bytes()),
            Piece::Int(value) => bytes.extend_from_slice(&value.to_le_bytes()),
            Piece::Short(value) => bytes.extend_from_slice(&value.to_le_bytes()),
            Piece::Real(value) => bytes.extend_from_slice(&value.to_le_bytes()),
            Piece::BigInt(value) => bytes.extend_from_slice(&value.to_be_bytes()),
            Piece::BigReal(value) => bytes.extend_from_slice(&value.to_be_bytes()),
        }
    }
    bytes
}

enum Piece {
    Text(&'static str),
    Int(i32),
    Short(i16),
    Real(f64),
    BigInt(i32),
    BigReal(f64),
}

#[test]
#[allow(clippy::too_many_lines)] // A table of bytes.
fn binary_files_made_byte_by_byte_are_read() {
    use Piece::{BigInt, BigReal, Int, Real, Short, Text};
    // minimise x0^2 * x1 subject to 1 <= sin(x0) + 3 x1 <= 2, 0 <= x0 <= 1, x1 free.
    let first = bytes(&[
        Text("b3 1 1 0\n 2 1 1 1 0\n 1 1\n 0 0\n 1 2 1\n 0 0 1 1\n 0 0 0 0 0\n 2 2\n 0 0\n 0 0 0 0 0\n"),
        Text("C"),
        Int(0),
        Text("o"),
        Int(41),
        Text("v"),
        Int(0),
        Text("O"),
        Int(0),
        Int(0),
        Text("o"),
        Int(2),
        Text("o"),
        Int(77),
        Text("v"),
        Int(0),
        Text("v"),
        Int(1),
        Text("x"),
        Int(1),
        Int(1),
        Real(0.5),
        Text("r0"),
        Real(1.0),
        Real(2.0),
        Text("b0"),
        Real(0.0),
        Real(1.0),
        Text("3"),
        Text("k"),
        Int(1),
        Int(1),
        Text("J"),
        Int(0),
        Int(2),
        Int(0),
        Real(0.0),
        Int(1),
        Real(3.0),
        Text("G"),
        Int(0),
        Int(2),
        Int(0),
        Real(0.0),
        Int(1),
        Real(0.0),
    ]);
    let problem = read(&first, &NlNames::default(), 0).unwrap().problem;
    assert_eq!(values(&problem, &[0.5, 2.0]), [0.5_f64.sin() + 6.0, 0.5]);
    assert_eq!((problem.constraints()[0].lower, problem.constraints()[0].upper), (1.0, 2.0));
    assert_eq!((problem.variables()[0].upper, problem.variables()[1].upper, problem.start()[1]), (1.0, f64::INFINITY, 0.5));
    // The same with a defined variable, a short and a long integer, a suffix with its name's length, and a sum of three.
    let second = bytes(&[
        Text("b3 1 1 0\n 1 0 1 0 0\n 0 1\n 0 0\n 0 1 0\n 0 0 1 1\n 0 0 0 0 0\n 0 1\n 0 0\n 1 0 0 0 0\n"),
        Text("S"),
        Int(4),
        Int(1),
        Int(5),
        Text("scale"),
        Int(0),
        Real(2.5),
        Text("V"),
        Int(1),
        Int(1),
        Int(0),
        Int(0),
        Real(2.0),
        Text("s"),
        Short(-3),
        Text("O"),
        Int(0),
        Int(1),
        Text("o"),
        Int(54),
        Int(3),
        Text("v"),
        Int(1),
        Text("l"),
        Int(10),
        Text("n"),
        Real(0.25),
        Text("b2"),
        Real(-1.0),
    ]);
    let model = read(&second, &NlNames::default(), 0).unwrap();
    assert_eq!(values(&model.problem, &[4.0]), [-(2.0 * 4.0 - 3.0 + 10.0 + 0.25)]);
    assert_eq!(model.suffixes[0], Suffix { name: "scale".into(), of: SuffixOf::Variables, real: true, values: vec![(0, 2.5)] });
    // Big-endian numbers.
    let third = bytes(&[
        Text("b3 1 1 0\n 1 0 1 0 0\n 0 1\n 0 0\n 0 1 0\n 0 0 2 1\n 0 0 0 0 0\n 0 1\n 0 0\n 0 0 0 0 0\n"),
        Text("O"),
        BigInt(0),
        BigInt(0),
        Text("o"),
        BigInt(0),
        Text("v"),
        BigInt(0),
        Text("n"),
        BigReal(1.5),
        Text("b4"),
        BigReal(7.0),
    ]);
    assert_eq!(values(&read(&third, &NlNames::default(), 0).unwrap().problem, &[7.0]), [8.5]);
}

#[test]
#[allow(clippy::too_many_lines)] // A table of inputs.
fn malformed_models_name_line_and_column() {
    let header = "g3 1 1 0\n 2 1 1 0 0\n 1 1\n 0 0\n 2 2 2\n 0 0 0 1\n 0 0 0 0 0\n 2 2\n 0 0\n 0 0 0 0 0\n";
    let with = |body: &str| format!("{header}{body}");
    let changed = |line: usize, text: &str| {
        let mut lines: Vec<&str> = header.lines().collect();
        lines[line - 1] = text;
        lines.join("\n") + "\n"
    };
    let cases = [
        (String::new(), "line 1, column 1: found ``, expected `g` (text) or `b` (binary)"),
        ("MPS\n".into(), "line 1, column 1: found `M`"),
        ("g3 x\n".into(), "line 1: found `x`, expected AMPL's options"),
        ("g3 1 1 0\n".into(), "line 2: found the end of the file, expected header line 2"),
        (changed(2, " 2"), "line 2: found 1 numbers, expected the number of constraints"),
        (changed(2, " -2 1 1"), "line 2: found -2, expected the number of variables"),
        (changed(2, " 2 x 1"), "line 2: found `x`, expected header line 2"),
        (changed(2, " 99999999 1 1"), "found 99999999 variables in 0 bytes"),
        (changed(3, " 1 1 2"), "line 3: found 2 complementarity conditions, expected none"),
        (changed(4, " 1 0"), "line 4: found 1 network constraints, expected none"),
        (changed(6, " 0 1 0 1"), "line 6: found 1 imported functions"),
        (changed(7, " 0 3 0 0 0"), "line 7: found 3 integer variables, expected none (integer variables are not supported)"),
        (with("Q0\n"), "line 11, column 1: found `Q`, expected a segment"),
        (with("C7\n"), "line 11, column 2: found 7, expected a constraint below 1, from 0"),
        (with("C0\n"), "found the end of the file, expected an expression"),
        (with("C0\no99\n"), "found the operator 99, expected"),
        (with("C0\no64\n"), "found the operator 64 (piecewise-linear term), which is not supported"),
        (with("C0\no0\nv0\n"), "found the end of the file, expected an expression"),
        (with("C0\nv9\n"), "line 12, column 2: found 9, expected a variable below 2"),
        (with("C0\nnabc\n"), "line 12, column 2: found `abc`, expected a number"),
        (with("C0\nf0 1\n"), "found an imported function"),
        (with("C0\nh3:abc\n"), "found a string"),
        (with("C0\no54\n0\n"), "found a list of no arguments"),
        (with("C0\no54\n5000\n"), "expected a number of arguments below"),
        (with("C0\no57\nv0\nn3\n"), "found rounding to a number of digits"),
        (with("O0 2\nn0\n"), "found 2, expected a sense below 2"),
        (with("O5 0\nn0\n"), "found 5, expected an objective below 1"),
        (with("r\n9\n"), "line 12, column 1: found `9`, expected the code of a side of a constraint: 0 to 4"),
        (with("r\n5 1 1\n"), "found a complementarity condition"),
        (with("r\n1\n"), "found the end of the file, expected side of a constraint"),
        (with("b\n0 1 2\n"), "found the end of the file, expected the code of a bound of a variable"),
        (with("b\n2 1e400\n3\n"), "sides that leave room for a number"),
        (with("x1\n5 1\n"), "found 5, expected a variable below 2"),
        (with("x1\n0 y\n"), "line 12, column 3: found `y`, expected a number"),
        (with("d1\n1 1\n"), "found 1, expected a constraint below 1"),
        (with("J0 1\n2 1\n"), "found 2, expected a variable below 2"),
        (with("J0 1\n0 1e999\n"), "found inf, expected a finite number"),
        (with("V2 0 0\nn1\n"), "found 2, expected a defined variable below 2"),
        (with("S9 1 a\n"), "found 9, expected a kind of suffix below 8"),
        (with("S0 1 a\n7 1\n"), "found 7, expected an index of a suffix below 2"),
        (with("F0 1 1 f\n"), "found a segment F"),
        (with("L0\nn1\n"), "expected a logical constraint below 0"),
    ];
    assert!(cases.len() >= 40);
    let mut wrong = Vec::new();
    for (text, message) in cases {
        match read_text(&text) {
            Ok(_) => wrong.push(format!("no fault\n    instead of {message}")),
            Err(fault) if fault.to_string().contains(message) => {}
            Err(fault) => wrong.push(format!("{fault}\n    instead of {message}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for (text, message) in [
        ("hello\n", "found the end of the file, expected `Options`"),
        ("a\n\nOptions\n3\n1\n1\n0\n2\n0\n2\n1\n", "found 1 values, expected 2, or none"),
        ("a\n\nOptions\n3\n1\n1\n0\n0\n0\n1\n1\nnan\n", "found NaN, expected the value of a variable, finite"),
        ("a\n\nOptions\n99\n", "line 4: found 99, expected 3 to 9 options"),
    ] {
        let fault = read_sol(text.as_bytes()).unwrap_err().to_string();
        assert!(fault.contains(message), "{text}\n{fault}");
    }
}
