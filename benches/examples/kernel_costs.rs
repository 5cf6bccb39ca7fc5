//! What the kernels cost per unknown and per entry: the figures behind the constants of the cost model.
//!
//!     cargo run --release -p fathom-opt-bench --example kernel_costs
//!
//! Nanoseconds, the least of several repetitions; the last columns are what the model predicts.

use std::ops::ControlFlow;
use std::path::Path;
use std::time::Instant;

use fathom_opt_linalg::{EisenstatCg, Goal, LevelCg, LevelMatrix, Pivots, RelaxationFactor, SparseCholesky};
use fathom_opt_problems::linear_sequence::LinearSequence;
use fathom_opt_problems::sparse::SparseMatrix;
use serde_json::json;

fn generated(family: &str, parameters: &serde_json::Value) -> SparseMatrix {
    let instance = fathom_opt_instances::generate(family, parameters.as_object().unwrap(), 1).unwrap();
    instance.problem.downcast::<LinearSequence>().unwrap().base().clone()
}

fn shared(name: &str) -> Option<SparseMatrix> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/matrix-market").join(name);
    let bytes = std::fs::read(path).ok()?;
    let mut text = Vec::new();
    let text =
        if std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(bytes.as_slice()), &mut text).is_ok() { text } else { bytes };
    fathom_opt_instances::matrix_market::read(&text).ok()?.to_csr().ok()
}

/// Least nanoseconds of one call.
fn least(repetitions: usize, mut call: impl FnMut()) -> f64 {
    let mut best = f64::INFINITY;
    for _ in 0..repetitions {
        let started = Instant::now();
        call();
        best = best.min(started.elapsed().as_secs_f64() * 1e9);
    }
    best
}

fn measure(name: &str, matrix: &SparseMatrix) {
    let (n, nonzeros) = (matrix.rows(), matrix.nnz());
    let mut level = LevelMatrix::from_rows(n, &matrix.indptr().to_proper(), matrix.indices(), matrix.data()).unwrap();
    let b: Vec<f64> = (0..n).map(|i| (i as f64).sin()).collect();
    let mut x = vec![0.0; n];
    let iterations = |count: u64| Goal { residual: 0.0, max_iterations: count };
    let go_on = |_: u64, _: f64| ControlFlow::Continue(());
    let mut eisenstat = EisenstatCg::new();
    let omega = |omega: f64| Pivots::Relaxed(RelaxationFactor::new(omega).unwrap());
    level.prepare(omega(1.1));
    let mut timed = |count: u64| {
        least(9, || {
            x.fill(0.0);
            eisenstat.solve(&level, &b, &mut x, &iterations(count), go_on);
        })
    };
    let (few, many) = (timed(2), timed(12));
    let iteration = (many - few) / 10.0;
    let overhead = few - 2.0 * iteration;
    let mut flip = false;
    let scaling = least(9, || {
        flip = !flip;
        level.prepare(omega(if flip { 1.2 } else { 1.3 }));
    });
    let pivots = least(9, || {
        flip = !flip;
        level.prepare(Pivots::Incomplete { modification: if flip { 0.9 } else { 0.8 } });
    });
    let mut cg = LevelCg::new();
    let incomplete = least(5, || {
        cg.factor_incomplete(&level);
    });
    let mut timed = |count: u64| {
        least(9, || {
            x.fill(0.0);
            cg.solve_incomplete(&mut level, &b, &mut x, &iterations(count), go_on);
        })
    };
    let (few, many) = (timed(2), timed(12));
    let full = (many - few) / 10.0;
    let analysis = least(2, || drop(SparseCholesky::analyse(&level, usize::MAX)));
    let mut cholesky = SparseCholesky::analyse(&level, usize::MAX).unwrap();
    let factor = least(3, || cholesky.factor(&level).unwrap());
    let solve = least(5, || cholesky.solve(&level, &b, &mut x));
    let off = (nonzeros - n) as f64;
    let (n, entries, operations) = (n as f64, cholesky.factor_entries() as f64, cholesky.operations());
    println!(
        "{name:22} n {n:7.0} off {:5.1}/row groups {:5.3}/row merge {:6.1}/row ({:5.2} ns) | per unknown: iteration {:7.2} overhead {:7.2} scaling {:6.2} pivots {:6.2} ic0 {:8.2} ic0-iteration {:7.2} | analysis {:9.1} us, factor {:10.1} us, solve {:9.1} us, entries {:5.1}/row, {:8.1} op/entry, {:6.3} ns/op, solve {:5.2} ns/entry",
        off / n,
        level.row_groups() as f64 / n,
        level.incomplete_operations() / n,
        incomplete / level.incomplete_operations(),
        iteration / n,
        overhead / n,
        scaling / n,
        pivots / n,
        incomplete / n,
        full / n,
        analysis / 1e3,
        factor / 1e3,
        solve / 1e3,
        entries / n,
        operations / entries,
        factor / operations,
        solve / entries,
    );
}

fn main() {
    for (grid, dimension) in [(20, 2), (50, 2), (100, 2), (200, 2), (317, 2), (12, 3), (20, 3), (30, 3)] {
        measure(
            &format!("diffusion {dimension}-D {grid}"),
            &generated("diffusion", &json!({ "grid": grid, "dimension": dimension, "systems": 1 })),
        );
    }
    for name in [
        "494_bus.mtx",
        "662_bus.mtx",
        "1138_bus.mtx",
        "gr_30_30.mtx",
        "nos3.mtx.gz",
        "bcsstk01.mtx",
        "bcsstk13.mtx.gz",
        "bcsstk16.mtx.gz",
        "bcsstk25.mtx.gz",
        "pyamg_airfoil.mtx",
        "pyamg_bar.mtx.gz",
        "pyamg_local_disc_galerkin_diffusion.mtx.gz",
    ] {
        match shared(name) {
            Some(matrix) => measure(name, &matrix),
            None => println!("skipped: no {name} in the shared folder"),
        }
    }
}
