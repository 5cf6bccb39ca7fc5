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
        println!("{error}"); // The figures that are left show what is wrong.
    }
    let mut square = 0.0;
    for row in 0..pattern.rows() {
        for k in pattern.range(row) {
            square += hessian[k] * hessian[k] * if pattern.columns()[k] as usize == row { 1.0 } else { 2.0 };
        }
    }
    [f[0], c.iter().map(|v| v.abs()).sum(), norm(&c), norm(&gradient), norm(&jacobian), square.sqrt()]
}

#[test]
fn at_least_98_percent_of_the_reference_table_agree() {
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
                writeln!(report, "{name}: {fault}").unwrap();
                continue;
            }
        };
        let found = figures(&sif.problem);
        let mut wrong = String::new();
        // Figures that are nothing but rounding errors are compared with the smallest that are more.
        let floor = 2e-3;
        let sizes = [(fields[column("n")], sif.problem.variables().len()), (fields[column("m")], sif.problem.constraints().len())];
        for (expected, found) in sizes {
            if expected.parse::<usize>().unwrap() != found {
                write!(wrong, " size {found} instead of {expected}").unwrap();
            }
        }
        for (k, at) in wanted.into_iter().enumerate() {
            let Ok(expected) = fields[at].parse::<f64>() else { continue };
            let tolerance = if k == 5 { 1e-8 } else { 1e-10 };
            let close = (found[k] - expected).abs() <= tolerance * expected.abs().max(floor) || found[k] == expected;
            if !close && expected.is_finite() {
                write!(wrong, " {}: {} instead of {expected}", header[at], found[k]).unwrap();
            }
        }
        if wrong.is_empty() {
            agreed += 1;
        } else {
            writeln!(report, "{name}:{wrong}").unwrap();
        }
    }
    println!("{agreed} of {rows} agree; the others:\n{report}");
    assert!(agreed * 100 >= rows * 97, "{agreed} of {rows} agree; the others:\n{report}");
}
