//! The functions and exact derivatives of a SIF or `.nl` file at its start, as JSON: `evaluate_model FILE [double]`.
//!
//! `benches/peers/models` compares them with an independent decoder's. With `double`, numbers of SIF files keep all their digits.

use std::error::Error;
use std::io::Write as _;
use std::time::Instant;

use fathom_opt_instances::nonlinear::nl::{self, NlNames};
use fathom_opt_instances::nonlinear::sif::{self, Precision, SifOptions};
use fathom_opt_problems::expression::Evaluator;
use serde_json::json;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let file = arguments.next().ok_or("usage: evaluate_model FILE [double]")?;
    let precision = if arguments.next().as_deref() == Some("double") { Precision::Double } else { Precision::Reference };
    let bytes = std::fs::read(&file)?;
    let before = Instant::now();
    let problem = if std::path::Path::new(&file).extension().is_some_and(|ending| ending == "nl") {
        nl::read(&bytes, &NlNames::default(), 0)?.problem
    } else {
        sif::read(&bytes, &SifOptions { precision, ..SifOptions::default() })?.problem
    };
    let read = before.elapsed().as_secs_f64();
    let functions = problem.compiled().clone();
    let compiled = before.elapsed().as_secs_f64() - read;
    let mut evaluator = Evaluator::new(&functions);
    let (x, m) = (problem.start(), problem.constraints().len());
    let (mut f, mut c) = ([0.0], vec![0.0; m]);
    let mut weights = vec![0.0; m + 1];
    weights[0] = 1.0;
    evaluator.values(0, &x, &mut f)?;
    evaluator.values(1, &x, &mut c)?;
    let mut gradient = vec![0.0; x.len()];
    evaluator.weighted_gradient(&x, &weights, &mut gradient)?;
    let pattern = functions.jacobian(1);
    let mut entries = vec![0.0; pattern.entries()];
    evaluator.jacobian(1, &x, &mut entries)?;
    let jacobian: Vec<(usize, u32, f64)> = (0..pattern.rows())
        .flat_map(|row| pattern.range(row).map(move |k| (row, k)))
        .map(|(row, k)| (row, pattern.columns()[k], entries[k]))
        .collect();
    let lower = functions.hessian().ok_or("the Hessian is too dense")?;
    let mut entries = vec![0.0; lower.entries()];
    weights.fill(1.0);
    evaluator.weighted_hessian(&x, &weights, &mut entries)?;
    let hessian: Vec<(usize, u32, f64)> = (0..lower.rows())
        .flat_map(|row| lower.range(row).map(move |k| (row, k)))
        .map(|(row, k)| (row, lower.columns()[k], entries[k]))
        .collect();
    let names = |count: usize, name: &dyn Fn(usize) -> String| (0..count).map(name).collect::<Vec<_>>();
    let found = json!({
        "variables": names(x.len(), &|j| problem.variable_name(j).into_owned()),
        "constraints": names(m, &|i| problem.constraint_name(i).into_owned()),
        "f": f[0], "gradient": gradient, "c": c, "jacobian": jacobian, "hessian": hessian,
        "seconds": { "read": read, "compile": compiled },
    });
    writeln!(std::io::stdout(), "{found}")?;
    Ok(())
}
