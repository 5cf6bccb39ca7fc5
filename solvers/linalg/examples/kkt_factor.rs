//! How long the indefinite factor takes on KKT matrices of control problems:
//!
//! ```sh
//! cargo run --release -p fathom-opt-linalg --features indefinite --example kkt_factor
//! ```
//!
//! `benches/peers/nlp/factor.py` has the same problems solved by Ipopt with MUMPS, whose timing output gives seconds per factorization.

use std::time::Instant;

use fathom_opt_linalg::{LdlError, LdlOptions, SparseLdl, SymmetricPattern};

type Entries = Vec<(u32, u32, f64)>;

/// Elliptic control: state `w` and control `z` on a `side` x `side` grid, `1/2 |w - w_d|^2 + 0.05 |z|^2`, five-point Laplacian of `w` plus `z` equal to zero.
fn pde_control(side: u32) -> (usize, Entries) {
    let states = side * side;
    let h2 = f64::from(side + 1).powi(2);
    let mut entries = Vec::new();
    for i in 0..states {
        entries.push((i, i, 1.0));
        entries.push((states + i, states + i, 0.1));
        let row = 2 * states + i;
        entries.push((row, i, -4.0 * h2));
        entries.push((row, states + i, 1.0));
        let (x, y) = (i % side, i / side);
        for (neighbour, inside) in
            [(i.wrapping_sub(1), x > 0), (i + 1, x + 1 < side), (i.wrapping_sub(side), y > 0), (i + side, y + 1 < side)]
        {
            if inside {
                entries.push((row, neighbour, h2));
            }
        }
        entries.push((row, row, 0.0));
    }
    ((3 * states) as usize, entries)
}

/// Optimal control: `stages` steps of four states and two controls, dense dynamics between them.
fn optimal_control(stages: u32) -> (usize, Entries) {
    let (states, controls) = (4, 2);
    let per_stage = states + controls;
    let variables = stages * per_stage;
    let mut entries = Vec::new();
    for stage in 0..stages {
        for i in 0..per_stage {
            let variable = stage * per_stage + i;
            entries.push((variable, variable, if i < states { 1e-3 } else { 1.0 + f64::from(stage % 3) }));
        }
        if stage + 1 < stages {
            for i in 0..states {
                let row = variables + stage * states + i;
                entries.push((row, (stage + 1) * per_stage + i, -1.0));
                for j in 0..per_stage {
                    entries.push((
                        row,
                        stage * per_stage + j,
                        0.02 * f64::from((i * 7 + j * 3 + stage) % 11) + if i == j { 1.0 } else { 0.0 },
                    ));
                }
                entries.push((row, row, 0.0));
            }
        }
    }
    ((variables + (stages - 1) * states) as usize, entries)
}

fn main() -> Result<(), LdlError> {
    println!(
        "{:<24} {:>8} {:>10} {:>10} {:>10} {:>9} {:>9} {:>9} {:>8} {:>9}",
        "problem", "rows", "entries", "factor", "Mflop", "analyse", "factor", "solve", "delayed", "error"
    );
    for (name, (n, entries)) in [
        ("pde-control 40", pde_control(40)),
        ("pde-control 80", pde_control(80)),
        ("pde-control 150", pde_control(150)),
        ("optimal-control 2000", optimal_control(2000)),
        ("optimal-control 20000", optimal_control(20_000)),
    ] {
        let places: Vec<(u32, u32)> = entries.iter().map(|&(i, j, _)| (i, j)).collect();
        let (pattern, positions) = SymmetricPattern::from_entries(n, &places)?;
        let mut values = vec![0.0; pattern.entries()];
        for (position, &(_, _, value)) in positions.into_iter().zip(&entries) {
            values[position] += value;
        }
        let nonzeros = pattern.entries();
        let start = Instant::now();
        let mut ldl = SparseLdl::analyse(pattern, &values, LdlOptions::default())?;
        let analysed = start.elapsed();
        let mut best = f64::INFINITY;
        let mut inertia = ldl.factor(&values, &|| false)?;
        for _ in 0..5 {
            let start = Instant::now();
            inertia = ldl.factor(&values, &|| false)?;
            best = best.min(start.elapsed().as_secs_f64());
        }
        let b: Vec<f64> = (0..n).map(|i| ((i * 37) % 101) as f64 / 101.0 - 0.5).collect();
        let mut x = vec![0.0; n];
        let start = Instant::now();
        ldl.solve(&b, &mut x);
        let solved = start.elapsed();
        let refined = ldl.solve_refined(&b, &mut x);
        println!(
            "{name:<24} {n:>8} {nonzeros:>10} {:>10} {:>10.1} {:>7.1}ms {:>7.1}ms {:>7.1}ms {:>8} {:>9.1e}  {inertia:?}",
            ldl.factor_entries(),
            ldl.operations() / 1e6,
            analysed.as_secs_f64() * 1e3,
            best * 1e3,
            solved.as_secs_f64() * 1e3,
            ldl.delayed_pivots(),
            refined.backward_error,
        );
    }
    Ok(())
}
