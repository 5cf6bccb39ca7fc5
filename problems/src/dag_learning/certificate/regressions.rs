//! Residual variances that keep their own digits.

use super::super::diagnostics::PERFECT;
use super::super::moments::Moments;
use super::super::observed::Observed;
use super::super::products::{add_scaled, dot};

/// Regressions on covariances, or on the data themselves where columns depend on each other nearly.
pub(super) struct Regressions<'a> {
    moments: &'a Moments,
    /// Vectors with the covariances as inner products, short ones; none where covariances will do.
    vectors: Option<Vec<Vec<f64>>>,
}

/// What of a parent the others do not explain, as a share of its length: below this it says nothing new.
const DEPENDENT: f64 = 1e-7;

/// Relative errors of a residual variance that do not hide an improvement.
const ACCURATE: f64 = 1e-9;

impl<'a> Regressions<'a> {
    /// `None` where nearly dependent columns would take more than `work` multiply-adds to shorten.
    pub(super) fn new(moments: &'a Moments, observed: &Observed<'_>, work: f64) -> Option<Self> {
        if moments.is_regular() {
            return Some(Self { moments, vectors: None });
        }
        let (length, d) = (observed.vectors().first().map_or(0, Vec::len), moments.variables());
        if 2.0 * length as f64 * (d * d) as f64 > work {
            return None;
        }
        let root = observed.divisor().sqrt();
        let scaled: Vec<Vec<f64>> = observed.vectors().iter().map(|vector| vector.iter().map(|value| value / root).collect()).collect();
        Some(Self { moments, vectors: Some(if length > d { shortened(scaled) } else { scaled }) })
    }

    pub(super) fn moments(&self) -> &'a Moments {
        self.moments
    }

    /// Multiply-adds of one regression on so many parents.
    pub(super) fn work(&self, parents: f64) -> f64 {
        match &self.vectors {
            None => parents.powi(3) / 3.0 + parents.powi(2) + 20.0,
            Some(vectors) => 4.0 * (parents + 1.0).powi(2) * vectors.len() as f64,
        }
    }

    /// The variance of `node` given `parents`, in the node's unit; `None` where it does not come out accurately.
    pub(super) fn residual_variance(&self, node: usize, parents: &[usize]) -> Option<f64> {
        match &self.vectors {
            None => Some(eliminated(self.moments, node, parents)),
            Some(vectors) => residual(vectors, node, parents),
        }
    }
}

/// The variance of `node` given `parents`, by eliminating them; a parent that the others explain adds nothing.
pub(super) fn eliminated(moments: &Moments, node: usize, parents: &[usize]) -> f64 {
    let all: Vec<usize> = parents.iter().copied().chain([node]).collect();
    let w = all.len();
    let mut a: Vec<f64> = all.iter().flat_map(|&i| all.iter().map(move |&j| moments.at(i, j))).collect();
    for k in 0..w - 1 {
        let pivot = a[k * w + k];
        if pivot <= 1e-12 * moments.at(all[k], all[k]) {
            continue;
        }
        for i in k + 1..w {
            let factor = a[i * w + k] / pivot;
            for j in k + 1..w {
                a[i * w + j] -= factor * a[k * w + j];
            }
        }
    }
    a[w * w - 1].max(0.0)
}

/// The squared length of what is left of a vector outside the span of others, by orthogonalising twice (Gram-Schmidt).
fn residual(vectors: &[Vec<f64>], node: usize, parents: &[usize]) -> Option<f64> {
    let mut basis: Vec<Vec<f64>> = Vec::with_capacity(parents.len());
    // The smallest share of its length that a parent kept: what divides its rounding.
    let mut smallest: f64 = 1.0;
    for &parent in parents {
        let length = dot(&vectors[parent], &vectors[parent]).sqrt();
        let mut left = vectors[parent].clone();
        project_out(&mut left, &basis);
        let kept = dot(&left, &left).sqrt();
        if kept > DEPENDENT * length {
            for value in &mut left {
                *value /= kept;
            }
            basis.push(left);
            smallest = smallest.min(kept / length);
        }
    }
    let mut left = vectors[node].clone();
    let before: Vec<f64> = basis.iter().map(|unit| dot(unit, &left)).collect();
    project_out(&mut left, &basis);
    let (rest, length) = (dot(&left, &left), dot(&vectors[node], &vectors[node]));
    // Directions are right to rounding over the share kept; what the node has along them is lost from the residual at that rate.
    let along = before.iter().map(|value| value.abs()).fold(0.0, f64::max);
    let error = f64::EPSILON * (length.sqrt() + along / smallest);
    let seen = rest.max(PERFECT * length);
    (2.0 * error * seen.sqrt() <= ACCURATE * seen || length == 0.0).then_some(rest)
}

fn project_out(vector: &mut [f64], basis: &[Vec<f64>]) {
    for _ in 0..2 {
        for unit in basis {
            let along = dot(unit, vector);
            add_scaled(vector, -along, unit);
        }
    }
}

/// The same inner products by vectors no longer than they are many: the triangular factor of Householder's method.
fn shortened(mut vectors: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    let d = vectors.len();
    for k in 0..d {
        let (done, rest) = vectors.split_at_mut(k + 1);
        let own = &mut done[k];
        let length = dot(&own[k..], &own[k..]).sqrt();
        if length == 0.0 {
            continue;
        }
        let end = if own[k] > 0.0 { -length } else { length };
        let mut mirror = own[k..].to_vec();
        mirror[0] -= end;
        let square = dot(&mirror, &mirror);
        own[k] = end;
        own[k + 1..].fill(0.0);
        for vector in rest {
            let along = dot(&mirror, &vector[k..]);
            add_scaled(&mut vector[k..], -2.0 * along / square, &mirror);
        }
    }
    for vector in &mut vectors {
        vector.truncate(d);
    }
    vectors
}
