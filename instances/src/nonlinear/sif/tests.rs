//! The decoder on small files, on what is malformed, and against the reference table of the shared data.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use fathom_opt_problems::expression::Evaluator;
use fathom_opt_problems::nonlinear::Nonlinear;

use super::*;

fn read_text(text: &str) -> Result<Sif, Fault> {
    read(text.as_bytes(), &SifOptions::default())
}

/// The shared SIF files, if they are there.
fn shared() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/sif");
    if folder.join("REFERENCE.csv").exists() {
        return Some(folder);
    }
    println!("skipped: the shared data folder `{}` is not there", folder.display());
    None
}

/// f, norm 1 and 2 of c, norm of the gradient, Frobenius norms of J and H (all multipliers 1), at the start.
fn figures(problem: &Nonlinear) -> [f64; 6] {
    let functions = problem.compiled().clone();
    let mut evaluator = Evaluator::new(&functions);
    let x = problem.start();
    let m = problem.constraints().len();
    let norm = |values: &[f64]| values.iter().map(|v| v * v).sum::<f64>().sqrt();
    let (mut f, mut c) = ([0.0], vec![0.0; m]);
    let mut gradient = vec![0.0; x.len()];
    let mut jacobian = vec![0.0; functions.jacobian(1).entries()];
    let pattern = functions.hessian().unwrap().clone();
    let mut hessian = vec![0.0; pattern.entries()];
    let mut weights = vec![0.0; m + 1];
    weights[0] = 1.0;
    let result = (|| {
        evaluator.values(0, &x, &mut f)?;
        evaluator.values(1, &x, &mut c)?;
        evaluator.weighted_gradient(&x, &weights, &mut gradient)?;
        evaluator.jacobian(1, &x, &mut jacobian)?;
        weights.fill(1.0);
        evaluator.weighted_hessian(&x, &weights, &mut hessian)
    })();
    if let Err(error) = result {
        println!("{error}");
    }
    let mut square = 0.0;
    for row in 0..pattern.rows() {
        for k in pattern.range(row) {
            square += hessian[k] * hessian[k] * if pattern.columns()[k] as usize == row { 1.0 } else { 2.0 };
        }
    }
    [f[0], c.iter().map(|v| v.abs()).sum(), norm(&c), norm(&gradient), norm(&jacobian), square.sqrt()]
}

/// Files whose functions are Fortran code that is no expression: how often its loop runs depends on the variables.
const EXTERNAL: [&str; 1] = ["HS67"];

/// Files in which the reference's derivatives are not those of the file's functions, with the reason: it takes the derivatives that the file states on its cards
/// G and H. Values agree.
const STATED: [(&str, &str); 17] = [
    ("DALLASS", "exponents 0.85, 1.85 and 2.85 are rounded to single precision each by itself, so that the stated powers are others"),
    ("ECKERLE4", "the stated second derivative by V3 halves one of its terms"),
    ("EQC", "below 1e-10 the group is constant, and what is stated there is a derivative of about 1e10"),
    ("GULF", "the stated second derivative by V1 and V3 lacks a factor 1 - 1/A"),
    ("GULFNE", "as GULF"),
    ("HIMMELBB", "the stated second derivative by X has once what stands twice"),
    ("HIMMELBFNE", "the stated second derivative by XC and XD has A where A^2 belongs"),
    ("HS62", "the square of 0.13 is stated as 0.0169, rounded to single precision"),
    ("HS70", "stated second derivatives by V2 and V3 have the exponent V1 - 1 where V1 - 2 belongs"),
    ("INDEFM", "100 times 0.01 in single precision is stated as 1"),
    ("LUKVLE5", "exponents 7/3 and 4/3 are rounded to single precision each by itself"),
    ("LUKVLE6", "as LUKVLE5"),
    ("LUKVLI5", "as LUKVLE5"),
    ("LUKVLI6", "as LUKVLE5"),
    ("POWELLSQLS", "10 times 0.1 in single precision is stated as 1"),
    ("WATSON", "stated second derivatives by V9 have the factor of V8"),
    ("WATSONNE", "as WATSON"),
];

#[test]
fn the_reference_table_agrees_except_where_files_iterate_or_state_other_derivatives() {
    let Some(folder) = shared() else { return };
    let table = std::fs::read_to_string(folder.join("REFERENCE.csv")).unwrap();
    let mut lines = table.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    let column = |name: &str| header.iter().position(|h| *h == name).unwrap();
    let wanted = ["f_x0", "c_x0_norm1", "c_x0_norm2", "gradf_x0_norm2", "jac_x0_fro", "hessL_y1_x0_fro"].map(column);
    let (mut rows, mut agreed, mut report) = (0, 0, String::new());
    for line in lines {
        let fields: Vec<&str> = line.split(',').collect();
        rows += 1;
        let name = fields[0];
        let bytes = std::fs::read(folder.join(format!("{name}.SIF"))).unwrap();
        let sif = match read(&bytes, &SifOptions::default()) {
            Ok(sif) => sif,
            Err(fault) => {
                assert!(EXTERNAL.contains(&name) && fault.to_string().contains("the external function `HS67`"), "{name}: {fault}");
                continue;
            }
        };
        assert_eq!(sif.problem.variables().len().to_string(), fields[column("n")], "{name}");
        assert_eq!(sif.problem.constraints().len().to_string(), fields[column("m")], "{name}");
        let found = figures(&sif.problem);
        let mut wrong = String::new();
        // Figures that are nothing but rounding errors are compared with the smallest that are more.
        let floor = 2e-3;
        for (k, at) in wanted.into_iter().enumerate() {
            let Ok(expected) = fields[at].parse::<f64>() else { continue };
            let tolerance = if k == 5 { 1e-8 } else { 1e-10 };
            let close = (found[k] - expected).abs() <= tolerance * expected.abs().max(floor) || found[k] == expected;
            let stated = STATED.iter().find(|(known, _)| *known == name);
            if let Some((_, reason)) = stated.filter(|_| !close && expected.is_finite()) {
                println!("{name} {}: {} where the file's cards make it {expected}: {reason}", header[at], found[k]);
            }
            // Values (the first three) agree in every file.
            if !close && expected.is_finite() && (k < 3 || stated.is_none()) {
                write!(wrong, " {}: {} instead of {expected}", header[at], found[k]).unwrap();
            }
        }
        if wrong.is_empty() {
            agreed += usize::from(STATED.iter().all(|(known, _)| *known != name));
        } else {
            writeln!(report, "{name}:{wrong}").unwrap();
        }
    }
    println!("{agreed} of {rows} agree in all figures, {} more in their values", STATED.len());
    assert!(report.is_empty(), "{report}");
    assert_eq!(agreed + STATED.len() + EXTERNAL.len(), rows);
}

/// A small file: each piece can be replaced by a test.
fn file(problem: &str, functions: &str) -> String {
    format!("NAME          TINY\n{problem}ENDATA\n{functions}")
}

const VARIABLES: &str = "VARIABLES\n    X\n    Y\n";
const GROUPS: &str = "GROUPS\n N  OBJ       X         1.0            Y         2.0\n L  C         X         1.0\n";

#[test]
fn parameters_loops_and_default_bounds_work() {
    let text = file(
        " IE N                   3              $-PARAMETER\n IE 1                   1\n RE H                   0.5\n\
VARIABLES\n DO I         1                        N\n X  X(I)\n ND\n\
GROUPS\n DO I         1                        N\n XN OBJ       X(I)      1.0\n ZE C(I)      X(I)                     H\n ND\n\
CONSTANTS\n    TINY      C2        4.0\n\
BOUNDS\n UP TINY      X1        0.0\n MI TINY      X2\n\
START POINT\n X  TINY      'DEFAULT' 7.0\n",
        "",
    );
    let problem = read_text(&text).unwrap().problem;
    assert_eq!((problem.variables().len(), problem.constraints().len()), (3, 3));
    let bounds: Vec<(f64, f64)> = problem.variables().iter().map(|x| (x.lower, x.upper)).collect();
    assert_eq!(bounds, [(f64::NEG_INFINITY, 0.0), (f64::NEG_INFINITY, 0.0), (0.0, f64::INFINITY)]);
    let mut c = [0.0; 3];
    Evaluator::new(problem.compiled()).values(1, &problem.start(), &mut c).unwrap();
    assert_eq!(c, [3.5, -0.5, 3.5]);
    let options = SifOptions { parameters: [("N".to_owned(), 5.0)].into(), ..SifOptions::default() };
    assert_eq!(read(text.as_bytes(), &options).unwrap().problem.variables().len(), 5);
    let options = SifOptions { parameters: [("M".to_owned(), 5.0)].into(), ..SifOptions::default() };
    assert_eq!(read(text.as_bytes(), &options).unwrap_err().to_string(), "found a value for the parameter `M`, expected one of N");
}

#[test]
#[allow(clippy::too_many_lines)] // A table of inputs.
fn malformed_files_name_line_and_card() {
    let elements = "ELEMENT TYPE\n EV SQ        V\nELEMENT USES\n T  E         SQ\n V  E         V                        X\nGROUP USES\n E  OBJ       E\n";
    let individuals = |cards: &str| format!("ELEMENTS      TINY\nINDIVIDUALS\n T  SQ\n{cards}ENDATA\n");
    let body = format!("{VARIABLES}{GROUPS}");
    let cases: Vec<(String, &str)> = vec![
        (String::new(), "found the end of the file, expected ENDATA"),
        ("GROUPS\n".into(), "line 1, column 1: found `GROUPS`, expected NAME first"),
        ("NAME\nBOGUS\n".into(), "line 2, column 1: found the section `BOGUS`"),
        ("NAME\n".into(), "line 1: found the end of the file, expected ENDATA"),
        (file("VARIABLES\n    X\nGROUPS\n Q  OBJ\n", ""), "line 5, column 2: found `Q` (field 1 of card `Q`), expected N, E, L or G"),
        (
            file("VARIABLES\n    X\nGROUPS\n N  OBJ       Z         1.0\n", ""),
            "line 5, column 15: found `Z` (field 3 of card `N`), expected the name of a variable",
        ),
        (
            file("VARIABLES\n    X\nGROUPS\n N  OBJ       X         one\n", ""),
            "line 5, column 25: found `one` (field 4 of card `N`), expected a number",
        ),
        (file("VARIABLES\n    X\nGROUPS\n N  OBJ       X\n", ""), "line 5, column 25: found nothing (field 4"),
        (file("VARIABLES\n    X\nGROUPS\n N\n", ""), "line 5, column 5: found nothing (field 2"),
        (file("VARIABLES\n    X\nGROUPS\n N  OBJ       'SCALE'   0.0\n", ""), "found a scale 0 (field 4"),
        (
            file("VARIABLES\n    X         G         1.0\n", ""),
            "line 3, column 15: found `G` (field 3 of card ``), expected the name of a group",
        ),
        (file(" IE N                   1.5\n", ""), "line 2, column 25: found `1.5` (field 4 of card `IE`), expected an integer"),
        (
            file(" IA N         M         1\n", ""),
            "line 2, column 15: found `M` (field 3 of card `IA`), expected the name of an integer parameter",
        ),
        (
            file(" RA H         K         1.0\n", ""),
            "line 2, column 15: found `K` (field 3 of card `RA`), expected the name of a real parameter",
        ),
        (
            file(" IE                     1\n", ""),
            "line 2, column 5: found nothing (field 2 of card `IE`), expected the name of a parameter",
        ),
        (file(" IE Z                   0\n I/ N         Z                        Z\n", ""), "line 3, column 40: found a divisor 0"),
        (file(" RF H         GAMMA     1.0\n", ""), "found the function `GAMMA` (field 3 of card `RF`), expected ABS, SQRT"),
        (file(" RF H         LOG       -1.0\n", ""), "found `H` = NaN (field 2 of card `RF`), expected a finite value"),
        (file(" IE N                   9000000000000000\n I* N         N                        N\n", ""), "found a result beyond 64 bits"),
        (file(" DO I         1                        N\n", ""), "line 2, column 15: found `1` (field 3 of card `DO`)"),
        (
            file(" IE 1                   1\n DO I         1                        1\nVARIABLES\n", ""),
            "line 4, column 1: found `VARIABLES` inside the loop over I, expected OD or ND",
        ),
        (file(" OD I\n", ""), "line 2, column 2: found OD (field 1 of card `OD`), expected a loop to close"),
        (file(" ND\n", ""), "line 2, column 2: found ND (field 1 of card `ND`), expected a loop to close"),
        (file(" DI I         1\n", ""), "found DI (field 1"),
        (
            file(
                " IE 1                   1\n IE 0                   0\n DO I         1                        1\n DI I         0\n ND\n",
                "",
            ),
            "found a step 0",
        ),
        (file("VARIABLES\n X  X(I)\n", ""), "line 3, column 5: found `I` (field 2 of card `X`), expected the name of an integer parameter"),
        (file("VARIABLES\n X  X(I\n", ""), "found `X(I` (field 2 of card `X`), expected `)` after the indices"),
        (
            file(&format!("{body}BOUNDS\n ZZ TINY      X         1.0\n"), ""),
            "line 9, column 2: found `ZZ` (field 1 of card `ZZ`), expected LO, UP",
        ),
        (
            file(&format!("{body}BOUNDS\n UP TINY      Q         1.0\n"), ""),
            "found `Q` (field 3 of card `UP`), expected the name of a variable",
        ),
        (
            file(&format!("{body}CONSTANTS\n    TINY      Q         1.0\n"), ""),
            "found `Q` (field 3 of card ``), expected the name of a group",
        ),
        (
            file(&format!("{body}START POINT\n V  TINY      C         1.0\n"), ""),
            "found `C` (field 3 of card `V`), expected the name of a variable",
        ),
        (
            file(&format!("{body}START POINT\n Q  TINY      X         1.0\n"), ""),
            "found `Q` (field 1 of card `Q`), expected V, M or nothing",
        ),
        (file(&format!("{body}ELEMENT TYPE\n XX SQ        V\n"), ""), "found `XX` (field 1 of card `XX`), expected EV, IV or EP"),
        (file(&format!("{body}GROUP USES\n E  OBJ       E\n"), ""), "found `E` (field 3 of card `E`), expected the name of an element"),
        (file(&format!("{body}GROUP TYPE\n EV L2        G\n"), ""), "found `EV` (field 1 of card `EV`), expected GV or GP"),
        (file(&format!("{body}GROUP USES\n T  OBJ       L2\n"), ""), "found the type `L2` of group `OBJ`"),
        (file(&format!("{body}{elements}"), ""), "found the type `SQ` without a function (element `E`)"),
        (
            file(&format!("{body}ELEMENT USES\n V  E         V                        X\nGROUP USES\n E  OBJ       E\n"), ""),
            "found an element without a type (element `E`)",
        ),
        (
            file(&format!("{body}{elements}"), &individuals(" F                      W * V\n")),
            "line 19, column 25: found `W` in the expression of card `F`",
        ),
        (
            file(&format!("{body}{elements}"), &individuals(" F                      V *\n")),
            "found the end of the expression in the expression of card `F`",
        ),
        (
            file(&format!("{body}{elements}"), &individuals(" G  V                   V\n")),
            "line 18, column 2: found a type without a card `F`",
        ),
        (
            file(&format!("{body}{elements}"), &individuals(" A  W                   V\n")),
            "found `W` (field 2 of card `A`), expected a declared name",
        ),
        (
            file(
                &format!("{body}{elements}"),
                "ELEMENTS      TINY\nTEMPORARIES\n R  W\nINDIVIDUALS\n T  SQ\n F                      W\nENDATA\n",
            ),
            "found `W`, which has no value here",
        ),
        (
            file(
                &format!("{body}{elements}"),
                "ELEMENTS      TINY\nTEMPORARIES\n F  EXTFUN\nINDIVIDUALS\n T  SQ\n F                      EXTFUN( V )\nENDATA\n",
            ),
            "found the external function `EXTFUN`",
        ),
        (
            file(&format!("{body}{elements}"), "ELEMENTS      TINY\nINDIVIDUALS\n T  CUBE\nENDATA\n"),
            "line 18, column 5: found `CUBE` (field 2 of card `T`), expected a type declared before",
        ),
        (
            file(&format!("{body}{elements}"), "ELEMENTS      TINY\nINDIVIDUALS\n"),
            "line 16: found `ELEMENTS` without an end, expected ENDATA",
        ),
        (
            file(&format!("{body}{elements}"), &individuals(" F                      V\n G+                     V\n")),
            "found `G+` (field 1 of card `G+`), expected a card `G` right before it",
        ),
    ];
    assert!(cases.len() >= 40);
    let mut wrong = Vec::new();
    for (text, message) in cases {
        let Err(fault) = read_text(&text).map_err(|fault| fault.to_string()) else {
            wrong.push(format!("no fault\n    instead of {message}"));
            continue;
        };
        if !fault.contains(message) {
            wrong.push(format!("{fault}\n    instead of {message}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_endless_loop_ends_with_the_limit_named() {
    let text =
        file(" IE 1                   1\n IE N                   1000000000000\n DO I         1                        N\n ND\n", "");
    let fault = read_text(&text).unwrap_err();
    assert!(fault.expected.contains("at most 30000000"), "{fault}");
}

#[test]
fn derivatives_agree_with_the_cards_of_the_files() {
    let Some(folder) = shared() else { return };
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let (mut compared, mut different) = (0, Vec::new());
    for path in files.iter().filter(|path| path.extension().is_some_and(|ending| ending == "SIF")) {
        let Ok(types) = derivative_cards(&std::fs::read(path).unwrap()) else { continue };
        for kind in types {
            let n = kind.variables.len();
            let functions: Vec<&fathom_opt_problems::expression::Function> =
                std::iter::once(&kind.value).chain(kind.derivatives.iter().map(|(_, stated)| stated)).collect();
            let compiled = fathom_opt_problems::expression::Functions::compile(n, &kind.graph, &functions, &[1]);
            let mut evaluator = Evaluator::new(&compiled);
            // A point with no special values, in the domain of logarithms and roots.
            let x: Vec<f64> = (0..n).map(|k| 0.613 + 0.171 * k as f64 % 1.07).collect();
            let mut weights = vec![0.0; functions.len()];
            weights[0] = 1.0;
            let (mut gradient, mut stated) = (vec![0.0; n], vec![0.0; kind.derivatives.len()]);
            if evaluator.weighted_gradient(&x, &weights, &mut gradient).is_err() || evaluator.values(1, &x, &mut stated).is_err() {
                continue;
            }
            for ((by, _), stated) in kind.derivatives.iter().zip(stated) {
                let mut direction = vec![0.0; n];
                direction[by[0]] = 1.0;
                let mut column = vec![0.0; n];
                let ours = match by[..] {
                    [j] => gradient[j],
                    [_, i] => {
                        if evaluator.weighted_hessian_product(&x, &weights, &direction, &mut column).is_err() {
                            continue;
                        }
                        column[i]
                    }
                    _ => continue,
                };
                compared += 1;
                // Constants of single precision make the stated derivatives differ by as much.
                if (ours - stated).abs() > 1e-5 * stated.abs().max(1.0) {
                    different.push(format!("{} {} {by:?}: {ours} against {stated}", path.file_stem().unwrap().display(), kind.kind));
                }
            }
        }
    }
    println!("{compared} derivative cards compared, {} differ:\n{}", different.len(), different.join("\n"));
    assert!(compared > 3000 && different.len() * 100 < compared * 2, "{}", different.join("\n"));
}
