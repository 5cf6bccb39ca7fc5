//! Inner products.

/// The inner product, in eight sums side by side so that the compiler can use vector instructions.
pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    let (a_chunks, b_chunks) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f64 = a_chunks.remainder().iter().zip(b_chunks.remainder()).map(|(x, y)| x * y).sum();
    for (x, y) in a_chunks.zip(b_chunks) {
        for k in 0..8 {
            sums[k] += x[k] * y[k];
        }
    }
    sums.iter().sum::<f64>() + rest
}

/// Adds `factor` times `source` to `target`.
pub(super) fn add_scaled(target: &mut [f64], factor: f64, source: &[f64]) {
    for (value, entry) in target.iter_mut().zip(source) {
        *value += factor * entry;
    }
}
