//! Second-order evidence on small programs: the eigenvalues of the Lagrangian's Hessian on the directions that keep active constraints active.

/// The largest number of variables for which it is computed.
pub(super) const MOST_VARIABLES: usize = 60;

/// Eigenvalues (increasing) and the direction of the smallest one.
pub(super) struct Curvatures {
    pub eigenvalues: Vec<f64>,
    pub lowest_direction: Vec<f64>,
    /// Largest entry of the Hessian in magnitude.
    pub size: f64,
}

/// Curvatures of the function with this gradient at `x`, by central differences, on the null space of `active` (dense rows).
/// `None` where the gradient is undefined near the point.
pub(super) fn curvatures(x: &[f64], mut gradient: impl FnMut(&[f64]) -> Vec<f64>, active: &[Vec<f64>]) -> Option<Curvatures> {
    let n = x.len();
    let mut hessian = vec![vec![0.0; n]; n];
    for j in 0..n {
        let step = f64::EPSILON.cbrt() * x[j].abs().max(1.0);
        let mut moved = x.to_vec();
        moved[j] = x[j] + step;
        let above = gradient(&moved);
        let width = moved[j] - (x[j] - step);
        moved[j] = x[j] - step;
        let below = gradient(&moved);
        for (row, (above, below)) in hessian.iter_mut().zip(above.iter().zip(&below)) {
            row[j] = (above - below) / width;
        }
    }
    for i in 0..n {
        let (above, rest) = hessian.split_at_mut(i);
        for (row, entry) in above.iter_mut().zip(&mut rest[0]) {
            let mean = 0.5 * (row[i] + *entry);
            (row[i], *entry) = (mean, mean);
        }
    }
    if hessian.iter().flatten().any(|h| !h.is_finite()) {
        return None;
    }
    let size = hessian.iter().flatten().fold(0.0, |most: f64, h| most.max(h.abs()));
    let basis = null_space(active, n);
    let images: Vec<Vec<f64>> = basis.iter().map(|z| hessian.iter().map(|row| dot(row, z)).collect()).collect();
    let reduced: Vec<Vec<f64>> = basis.iter().map(|z| images.iter().map(|image| dot(z, image)).collect()).collect();
    let (eigenvalues, vectors) = symmetric_eigen(reduced);
    let lowest = (0..eigenvalues.len()).min_by(|&a, &b| eigenvalues[a].total_cmp(&eigenvalues[b]));
    let direction = lowest.map_or_else(Vec::new, |k| {
        let mut sum = vec![0.0; n];
        for (z, weight) in basis.iter().zip(vectors.iter().map(|row| row[k])) {
            sum.iter_mut().zip(z).for_each(|(s, z)| *s += weight * z);
        }
        sum
    });
    let mut eigenvalues = eigenvalues;
    eigenvalues.sort_by(f64::total_cmp);
    Some(Curvatures { eigenvalues, lowest_direction: direction, size })
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// A vector made orthogonal to an orthonormal set, twice for the rounding; `None` where little is left of it.
fn orthogonal(mut vector: Vec<f64>, basis: &[Vec<f64>]) -> Option<Vec<f64>> {
    let length = dot(&vector, &vector).sqrt();
    if length == 0.0 || !length.is_finite() {
        return None;
    }
    for v in &mut vector {
        *v /= length;
    }
    for _ in 0..2 {
        for q in basis {
            let share = dot(&vector, q);
            vector.iter_mut().zip(q).for_each(|(v, q)| *v -= share * q);
        }
    }
    let left = dot(&vector, &vector).sqrt();
    (left > 1e-7).then(|| vector.into_iter().map(|v| v / left).collect())
}

/// An orthonormal basis of the vectors orthogonal to `rows`.
fn null_space(rows: &[Vec<f64>], n: usize) -> Vec<Vec<f64>> {
    let mut basis: Vec<Vec<f64>> = Vec::new();
    for row in rows {
        if let Some(q) = orthogonal(row.clone(), &basis) {
            basis.push(q);
        }
    }
    let rank = basis.len();
    for j in 0..n {
        if basis.len() == n {
            break;
        }
        let mut unit = vec![0.0; n];
        unit[j] = 1.0;
        if let Some(q) = orthogonal(unit, &basis) {
            basis.push(q);
        }
    }
    basis.split_off(rank)
}

/// Sweeps of rotations; the method converges quadratically, and ten are plenty for these sizes.
const SWEEPS: usize = 30;

/// Eigenvalues and eigenvectors (columns) of a symmetric matrix by Jacobi's rotations.
fn symmetric_eigen(mut a: Vec<Vec<f64>>) -> (Vec<f64>, Vec<Vec<f64>>) {
    let n = a.len();
    let mut vectors: Vec<Vec<f64>> = (0..n).map(|i| (0..n).map(|j| if i == j { 1.0 } else { 0.0 }).collect()).collect();
    for _ in 0..SWEEPS {
        let off: f64 = (0..n).flat_map(|i| (0..i).map(move |j| (i, j))).map(|(i, j)| a[i][j] * a[i][j]).sum();
        let all: f64 = a.iter().flatten().map(|v| v * v).sum();
        if off <= 1e-30 * all {
            break;
        }
        for p in 0..n {
            for q in p + 1..n {
                if a[p][q] == 0.0 {
                    continue;
                }
                let theta = (a[q][q] - a[p][p]) / (2.0 * a[p][q]);
                let t = theta.signum() / (theta.abs() + (theta * theta + 1.0).sqrt());
                let c = (t * t + 1.0).sqrt().recip();
                let s = t * c;
                for row in &mut a {
                    (row[p], row[q]) = (c * row[p] - s * row[q], s * row[p] + c * row[q]);
                }
                let (head, tail) = a.split_at_mut(q);
                for (x, y) in head[p].iter_mut().zip(&mut tail[0]) {
                    (*x, *y) = (c * *x - s * *y, s * *x + c * *y);
                }
                for row in &mut vectors {
                    (row[p], row[q]) = (c * row[p] - s * row[q], s * row[p] + c * row[q]);
                }
            }
        }
    }
    ((0..n).map(|k| a[k][k]).collect(), vectors)
}
