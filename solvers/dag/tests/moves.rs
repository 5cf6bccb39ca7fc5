//! Predicted gains against scores recomputed from nothing, fresh and after a thousand accumulated moves.

use fathom_opt_dag::gains::{LONGEST_BLOCK, all_blocks, all_exchanges, all_insertions};
use fathom_opt_dag::{Moments, OrderFactor};
use proptest::prelude::*;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// A covariance with condition number about `condition`: a product of `d` random plane rotations around geometrically spaced eigenvalues.
fn moments(d: usize, condition: f64, seed: u64) -> Moments {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut a = vec![0.0; d * d];
    for k in 0..d {
        a[k * d + k] = condition.powf(-(k as f64) / (d - 1).max(1) as f64);
    }
    for _ in 0..6 * d {
        let (i, j) = (rng.random_range(0..d), rng.random_range(0..d));
        if i == j {
            continue;
        }
        let (s, c) = rng.random_range(0.0..std::f64::consts::TAU).sin_cos();
        for k in 0..d {
            let (x, y) = (a[i * d + k], a[j * d + k]);
            (a[i * d + k], a[j * d + k]) = (c * x + s * y, c * y - s * x);
        }
        for k in 0..d {
            let (x, y) = (a[k * d + i], a[k * d + j]);
            (a[k * d + i], a[k * d + j]) = (c * x + s * y, c * y - s * x);
        }
    }
    let symmetric = (0..d * d).map(|k| 0.5 * (a[k] + a[(k % d) * d + k / d])).collect();
    Moments::from_covariance(symmetric, d, 10 * d)
}

/// Half the sum of the residual variances of `order`, by elimination of the covariance: nothing shared with the factor.
fn score(moments: &Moments, order: &[usize]) -> f64 {
    let d = order.len();
    let mut a: Vec<f64> = order.iter().flat_map(|&i| order.iter().map(move |&j| moments.covariance(i, j))).collect();
    let mut sum = 0.0;
    for k in 0..d {
        let pivot = a[k * d + k];
        sum += pivot;
        for i in k + 1..d {
            let factor = a[i * d + k] / pivot;
            for j in k + 1..d {
                a[i * d + j] -= factor * a[k * d + j];
            }
        }
    }
    0.5 * sum
}

fn shuffled(d: usize, rng: &mut ChaCha8Rng) -> Vec<usize> {
    let mut order: Vec<usize> = (0..d).collect();
    for k in (1..d).rev() {
        order.swap(k, rng.random_range(0..=k));
    }
    order
}

/// The largest difference between predicted and recomputed gains of `sampled` moves of each kind, relative to the score.
fn worst(moments: &Moments, factor: &OrderFactor<'_>, sampled: usize, rng: &mut ChaCha8Rng) -> f64 {
    let d = factor.variables();
    let base = score(moments, factor.order());
    let mut insertion = vec![f64::NAN; d * d];
    all_insertions(factor, |from, to, gain| insertion[from * d + to] = gain);
    let mut exchange = vec![f64::NAN; d * d];
    all_exchanges(factor, |first, second, gain| exchange[first * d + second] = gain);
    let mut worst: f64 = 0.0;
    for trial in 0..sampled.min(d * d) {
        let (from, to) = if d * d <= sampled { (trial / d, trial % d) } else { (rng.random_range(0..d), rng.random_range(0..d)) };
        if from == to {
            continue;
        }
        let mut order = factor.order().to_vec();
        let node = order.remove(from);
        order.insert(to, node);
        worst = worst.max((insertion[from * d + to] - (base - score(moments, &order))).abs() / base);
        let mut order = factor.order().to_vec();
        order.swap(from, to);
        worst = worst.max((exchange[from.min(to) * d + from.max(to)] - (base - score(moments, &order))).abs() / base);
    }
    worst.max(worst_block(moments, factor, sampled, rng))
}

/// The same for runs of nodes.
fn worst_block(moments: &Moments, factor: &OrderFactor<'_>, sampled: usize, rng: &mut ChaCha8Rng) -> f64 {
    let d = factor.variables();
    let base = score(moments, factor.order());
    let mut moves = Vec::new();
    all_blocks(factor, |from, length, to, gain| moves.push((from, length, to, gain)));
    // Every run that is not already at the target, to every target: counted, so that none is missing.
    let expected: usize = (2..=LONGEST_BLOCK.min(d)).map(|length| (d - length + 1) * (d - length)).sum();
    assert_eq!(moves.len(), expected);
    let mut worst: f64 = 0.0;
    for trial in 0..sampled.min(moves.len()) {
        let (from, length, to, gain) = moves[if moves.len() <= sampled { trial } else { rng.random_range(0..moves.len()) }];
        let mut order = factor.order().to_vec();
        let run: Vec<usize> = order.drain(from..from + length).collect();
        order.splice(to..to, run);
        worst = worst.max((gain - (base - score(moments, &order))).abs() / base);
    }
    worst
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn predicted_gains_are_the_recomputed_ones(d in 2_usize..=60, digits in 0.0..8.0_f64, seed in any::<u64>()) {
        let moments = moments(d, 10_f64.powf(digits), seed);
        prop_assume!(moments.ridge() == 0.0);
        let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 1);
        let factor = OrderFactor::new(&moments, shuffled(d, &mut rng));
        let worst = worst(&moments, &factor, 60, &mut rng);
        prop_assert!(worst <= 1e-9, "relative error {worst:e}");
    }

    #[test]
    fn predicted_gains_survive_a_thousand_updates(d in 2_usize..=60, digits in 0.0..8.0_f64, seed in any::<u64>(), refactoring in any::<bool>()) {
        let moments = moments(d, 10_f64.powf(digits), seed);
        prop_assume!(moments.ridge() == 0.0);
        let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 2);
        let mut factor = OrderFactor::new(&moments, shuffled(d, &mut rng));
        for _ in 0..1000 {
            let (from, to) = (rng.random_range(0..d), rng.random_range(0..d));
            if refactoring { factor.insert(from, to) } else { factor.rotate(from, to) }
        }
        prop_assert!((factor.score() - score(&moments, factor.order())).abs() <= 1e-9 * factor.score());
        let worst = worst(&moments, &factor, 40, &mut rng);
        prop_assert!(worst <= 1e-9, "relative error {worst:e}");
    }
}

#[test]
fn every_move_of_a_small_order_is_predicted() {
    for d in 2..=9 {
        let moments = moments(d, 1e3, d as u64);
        let mut rng = ChaCha8Rng::seed_from_u64(9);
        let factor = OrderFactor::new(&moments, shuffled(d, &mut rng));
        let worst = worst(&moments, &factor, d * d, &mut rng);
        assert!(worst <= 1e-13, "d = {d}: {worst:e}");
    }
}
