//! Residual variances that keep their own digits.

use super::super::diagnostics::PERFECT;
use super::super::moments::Moments;
use super::super::observed::Observed;
use super::super::products::{add_scaled, dot};

/// Regressions on covariances, or on the data themselves where columns depend on each other nearly.
pub(super) struct Regressions<'a> {
    moments: &'a Moments,
    /// None where covariances will do.
    near: Option<Near>,
}

/// Columns that depend on each other nearly, as vectors.
struct Near {
    /// Vectors with the covariances as inner products, short ones.
    vectors: Vec<Vec<f64>>,
    /// So many directions the observations have: what comes after is an exact combination.
    rank: usize,
    /// By column the first one that is the same or its negative, in a unit that is a power of two.
    first: Vec<usize>,
}

/// What of a parent the others do not explain, as a share of its length: below this it may be rounding or a variable of its own, which nobody can tell.
const DEPENDENT: f64 = 1e-7;

/// Relative errors of a residual variance that do not hide an improvement.
const ACCURATE: f64 = 1e-9;

impl<'a> Regressions<'a> {
    /// `None` where nearly dependent columns would take more than `work` multiply-adds to shorten.
    ///
    /// Covariances will do where the others leave at least `regular` of every variable's variance.
    pub(super) fn new(moments: &'a Moments, observed: &Observed<'_>, regular: f64, work: f64) -> Option<Self> {
        if moments.leave(regular) {
            return Some(Self { moments, near: None });
        }
        let rank = if observed.is_table() { moments.observations().saturating_sub(1) } else { usize::MAX };
        let first = first_of_equals(observed.vectors());
        let (length, d) = (observed.vectors().first().map_or(0, Vec::len), moments.variables());
        if 2.0 * length as f64 * (d * d) as f64 > work {
            return None;
        }
        let root = observed.divisor().sqrt();
        let scaled: Vec<Vec<f64>> = observed.vectors().iter().map(|vector| vector.iter().map(|value| value / root).collect()).collect();
        let vectors = if length > d { shortened(scaled) } else { scaled };
        Some(Self { moments, near: Some(Near { vectors, rank, first }) })
    }

    pub(super) fn moments(&self) -> &'a Moments {
        self.moments
    }

    /// Multiply-adds of one regression on so many parents.
    pub(super) fn work(&self, parents: f64) -> f64 {
        match &self.near {
            None => parents.powi(3) / 3.0 + parents.powi(2) + 20.0,
            Some(near) => 4.0 * (parents + 1.0).powi(2) * near.vectors.len() as f64,
        }
    }

    /// The variance of `node` given `parents`, in the node's unit; `None` where it does not come out accurately.
    pub(super) fn residual_variance(&self, node: usize, parents: &[usize]) -> Option<f64> {
        match &self.near {
            None => Some(eliminated(self.moments, node, parents)),
            Some(near) => near.residual(node, parents),
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

/// By vector the first one that equals it or its negative, to the last digit.
fn first_of_equals(vectors: &[Vec<f64>]) -> Vec<usize> {
    let same = |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(x, y)| x == y) || a.iter().zip(b).all(|(x, y)| *x == -y);
    (0..vectors.len()).map(|j| (0..j).find(|&i| same(&vectors[i], &vectors[j])).unwrap_or(j)).collect()
}

impl Near {
    /// The squared length of what is left of a vector outside the span of others, by orthogonalising twice (Gram-Schmidt); `None` where rounding decides what
    /// that span is, or leaves too few digits.
    fn residual(&self, node: usize, parents: &[usize]) -> Option<f64> {
        let vectors = &self.vectors;
        let mut basis: Vec<Vec<f64>> = Vec::with_capacity(parents.len());
        // The smallest share of its length that a parent kept: what divides its rounding.
        let mut smallest: f64 = 1.0;
        for (k, &parent) in parents.iter().enumerate() {
            let length = dot(&vectors[parent], &vectors[parent]).sqrt();
            let is_repeated = parents[..k].iter().any(|&earlier| self.first[earlier] == self.first[parent]);
            if length == 0.0 || is_repeated || basis.len() >= self.rank {
                continue;
            }
            let mut left = vectors[parent].clone();
            project_out(&mut left, &basis);
            let kept = dot(&left, &left).sqrt();
            if kept <= DEPENDENT * length {
                return None;
            }
            for value in &mut left {
                *value /= kept;
            }
            basis.push(left);
            smallest = smallest.min(kept / length);
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
