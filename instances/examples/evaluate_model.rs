//! The functions and exact derivatives of a nonlinear program at its start, as JSON: `evaluate_model MODEL [double] [write=FILE.nl]`.
//!
//! MODEL is a SIF or `.nl` file, or `optimal-control:INTERVALS` or `pde-control:GRID` for a generated program. With `double`, numbers of SIF files keep all
//! their digits. With `write=`, the program is written as an `.nl` file, and nothing is evaluated. `benches/peers/models` compares the figures with those of
//! independent readers.

use std::error::Error;
use std::io::Write as _;
use std::time::Instant;

use fathom_opt_instances::Generator;
use fathom_opt_instances::nonlinear::nl::{self, NlNames};
use fathom_opt_instances::nonlinear::sif::{self, Precision, SifOptions};
use fathom_opt_instances::nonlinear::{OptimalControl, PdeControl};
use fathom_opt_problems::expression::Evaluator;
use fathom_opt_problems::nonlinear::Nonlinear;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use serde_json::json;

/// The program, and the seconds that reading it from memory took.
fn read(model: &str, precision: Precision) -> Result<(Nonlinear, f64), Box<dyn Error>> {
    let mut rng = ChaCha8Rng::seed_from_u64(0);
    if let Some(intervals) = model.strip_prefix("optimal-control:") {
        return Ok((OptimalControl { intervals: intervals.parse()?, ..OptimalControl::default() }.generate(&mut rng)?, 0.0));
    }
    if let Some(grid) = model.strip_prefix("pde-control:") {
        return Ok((PdeControl { grid: grid.parse()?, ..PdeControl::default() }.generate(&mut rng)?, 0.0));
    }
    let bytes = std::fs::read(model)?;
    let before = Instant::now();
    let problem = if std::path::Path::new(model).extension().is_some_and(|ending| ending == "nl") {
        nl::read(&bytes, &NlNames::default(), 0)?.problem
    } else {
        sif::read(&bytes, &SifOptions { precision, ..SifOptions::default() })?.problem
    };
    Ok((problem, before.elapsed().as_secs_f64()))
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let model = arguments.first().ok_or("usage: evaluate_model MODEL [double] [write=FILE.nl]")?;
    let precision = if arguments.iter().any(|word| word == "double") { Precision::Double } else { Precision::Reference };
    let (problem, read) = read(model, precision)?;
    if let Some(file) = arguments.iter().find_map(|word| word.strip_prefix("write=")) {
        let mut bytes = Vec::new();
        nl::write(&problem, false, &mut bytes)?;
        std::fs::write(file, bytes)?;
        return Ok(());
    }
    let before = Instant::now();
    let functions = problem.compiled().clone();
    let compiled = before.elapsed().as_secs_f64();
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
        "x": x, "f": f[0], "gradient": gradient, "c": c, "jacobian": jacobian, "hessian": hessian,
        "seconds": { "read": read, "compile": compiled },
    });
    writeln!(std::io::stdout(), "{found}")?;
    Ok(())
}
