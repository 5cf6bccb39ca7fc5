//! The two kernels of the search: all insertion gains of an order, and one move of a node.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use fathom_opt_dag::gains::{all_exchanges, all_insertions};
use fathom_opt_dag::{Moments, OrderFactor};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// A covariance `B B' + I` with random `B`.
fn moments(d: usize) -> Moments {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let b: Vec<f64> = (0..d * d).map(|_| rng.random_range(-1.0..1.0)).collect();
    let mut covariance = vec![0.0; d * d];
    for i in 0..d {
        for j in 0..d {
            covariance[i * d + j] = (0..d).map(|k| b[i * d + k] * b[j * d + k]).sum::<f64>() + f64::from(u8::from(i == j));
        }
    }
    Moments::from_covariance(covariance, d, 10 * d)
}

fn moves(criterion: &mut Criterion) {
    for d in [20, 100, 300] {
        let moments = moments(d);
        let mut factor = OrderFactor::new(&moments, (0..d).collect());
        criterion.bench_with_input(BenchmarkId::new("all insertion gains", d), &d, |bench, _| {
            bench.iter(|| {
                let mut best = 0.0;
                all_insertions(&factor, |_, _, gain| best = f64::max(best, gain));
                black_box(best)
            });
        });
        criterion.bench_with_input(BenchmarkId::new("refactoring", d), &d, |bench, _| bench.iter(|| factor.clone().refactor()));
        criterion.bench_with_input(BenchmarkId::new("a move across half the order, and back", d), &d, |bench, _| {
            bench.iter(|| {
                factor.rotate(3 * d / 4, d / 4);
                factor.rotate(d / 4, 3 * d / 4);
            });
        });
        if d <= 100 {
            factor.refactor();
            criterion.bench_with_input(BenchmarkId::new("all exchange gains", d), &d, |bench, _| {
                bench.iter(|| {
                    let mut best = 0.0;
                    all_exchanges(&factor, |_, _, gain| best = f64::max(best, gain));
                    black_box(best)
                });
            });
        }
    }
}

criterion_group!(benches, moves);
criterion_main!(benches);
