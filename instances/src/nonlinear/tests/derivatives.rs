//! Derivatives of SIF problems against central differences.

use std::path::{Path, PathBuf};

use fathom_opt_problems::nonlinear::{DerivativeCheck, ExpressionNlp, Nlp};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use crate::nonlinear::sif::{SifOptions, read};

/// The shared SIF files with their names, if they are there.
fn shared() -> Option<Vec<(String, PathBuf)>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/sif");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        println!("skipped: the shared data folder `{}` is not there", folder.display());
        return None;
    };
    let paths = entries.filter_map(|entry| entry.ok().map(|entry| entry.path()));
    let mut files: Vec<(String, PathBuf)> = paths
        .filter(|path| path.extension().is_some_and(|ending| ending == "SIF"))
        .map(|path| (path.file_stem().unwrap_or_default().to_string_lossy().into_owned(), path))
        .collect();
    files.sort();
    Some(files)
}

/// At most so many variables and operations: what is larger would take the test too long, and larger files repeat the same elements.
const MOST_VARIABLES: usize = 12;
const MOST_OPERATIONS: usize = 3000;
const PROBLEMS: usize = 120;
const POINTS: usize = 100;

#[test]
fn derivatives_agree_with_central_differences_at_a_hundred_random_points_of_a_hundred_problems() {
    let Some(files) = shared() else { return };
    let mut rng = ChaCha8Rng::seed_from_u64(14);
    let (mut problems, mut wrong) = (0, Vec::new());
    for (name, path) in files {
        if problems == PROBLEMS {
            break;
        }
        let Ok(sif) = read(&std::fs::read(path).unwrap(), &SifOptions::default()) else { continue };
        if sif.problem.variables().len() > MOST_VARIABLES || sif.problem.compiled().operations() > MOST_OPERATIONS {
            continue;
        }
        let mut nlp = ExpressionNlp::new(&sif.problem);
        let start = sif.problem.start();
        let (mut points, mut worst) = (0, 0.0_f64);
        // Some functions have a value in a part of the space alone.
        for _ in 0..10 * POINTS {
            if points == POINTS {
                break;
            }
            let draw = |rng: &mut ChaCha8Rng| rng.random_range(-1.0..1.0);
            let x: Vec<f64> = start.iter().map(|x| x + 0.5 * x.abs().max(0.5) * draw(&mut rng)).collect();
            let direction: Vec<f64> = x.iter().map(|x| x.abs().max(0.1) * draw(&mut rng)).collect();
            let multipliers: Vec<f64> = (0..nlp.constraints()).map(|_| draw(&mut rng)).collect();
            if let Ok(check) = DerivativeCheck::at(&mut nlp, &x, &direction, 1.0, &multipliers) {
                points += 1;
                worst = worst.max(check.worst());
                if check.worst() > 1e-6 {
                    wrong.push(format!("{name}: {check:?} at {x:?}"));
                    break;
                }
            }
        }
        if points == POINTS {
            problems += 1;
        }
    }
    println!("{problems} problems with {POINTS} points each");
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
    assert!(problems >= 100, "{problems}");
}
