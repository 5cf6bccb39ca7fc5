//! The Cholesky factor of the covariance in the sequence of an order, with its inverse, kept up to date while nodes move.

use crate::moments::{Moments, dot};

/// An order with `L` (lower triangular, `L L' = Sigma` permuted) and `M = L^-1`, both row by row.
///
/// `D_k = L_kk^2` is the variance of the node at position `k` given all earlier ones, and half their sum is the least-squares score of the order.
#[derive(Debug, Clone)]
pub struct OrderFactor<'a> {
    moments: &'a Moments,
    d: usize,
    order: Vec<usize>,
    l: Vec<f64>,
    m: Vec<f64>,
    updates: usize,
    rotations: Vec<(f64, f64)>,
}

/// Rotations lose about a digit per thousand moves; refactoring that often costs little beside the moves themselves.
const REFACTOR_AFTER: usize = 100;

impl<'a> OrderFactor<'a> {
    /// The factor of `order`, which holds every variable once.
    pub fn new(moments: &'a Moments, order: Vec<usize>) -> Self {
        let d = moments.variables();
        let mut factor = Self { moments, d, order, l: vec![0.0; d * d], m: vec![0.0; d * d], updates: 0, rotations: Vec::new() };
        factor.refactor();
        factor
    }

    /// The order.
    pub fn order(&self) -> &[usize] {
        &self.order
    }

    /// Number of variables.
    pub fn variables(&self) -> usize {
        self.d
    }

    /// Row `k` of `L`: its first `k + 1` entries.
    pub(crate) fn row(&self, k: usize) -> &[f64] {
        &self.l[k * self.d..=k * self.d + k]
    }

    /// Row `k` of `M`: its first `k + 1` entries.
    pub(crate) fn inverse_row(&self, k: usize) -> &[f64] {
        &self.m[k * self.d..=k * self.d + k]
    }

    /// The residual variance at each position.
    pub fn residual_variances(&self) -> Vec<f64> {
        (0..self.d).map(|k| self.l[k * self.d + k].powi(2)).collect()
    }

    /// Half the sum of the residual variances: the least-squares score of the order.
    pub fn score(&self) -> f64 {
        0.5 * (0..self.d).map(|k| self.l[k * self.d + k].powi(2)).sum::<f64>()
    }

    /// The regression weights of the node at position `k` on all earlier positions: `-M_kj / M_kk`.
    pub(crate) fn weights(&self, k: usize) -> Vec<f64> {
        let row = self.inverse_row(k);
        row[..k].iter().map(|entry| -entry / row[k]).collect()
    }

    /// Puts another order in place and factors afresh.
    pub fn reset(&mut self, order: Vec<usize>) {
        self.order = order;
        self.refactor();
    }

    /// Factors afresh, which forgets the rounding of all updates.
    pub fn refactor(&mut self) {
        let d = self.d;
        self.updates = 0;
        self.l.fill(0.0);
        self.m.fill(0.0);
        for i in 0..d {
            let (head, tail) = self.l.split_at_mut(i * d);
            let source = self.moments.regular_row(self.order[i]);
            for j in 0..i {
                let other = &head[j * d..=j * d + j];
                tail[j] = (source[self.order[j]] - dot(&tail[..j], &other[..j])) / other[j];
            }
            let pivot = source[self.order[i]] - dot(&tail[..i], &tail[..i]);
            // The moments were made regular; should rounding still win, the node counts as explained.
            tail[i] = pivot.max(1e-14 * source[self.order[i]]).max(f64::MIN_POSITIVE).sqrt();
        }
        // Row i of the inverse: e_i minus the earlier rows' combination, over L_ii.
        let mut row = vec![0.0; d];
        for i in 0..d {
            row[..i].fill(0.0);
            for j in 0..i {
                let factor = self.l[i * d + j];
                if factor != 0.0 {
                    for (entry, other) in row[..=j].iter_mut().zip(&self.m[j * d..=j * d + j]) {
                        *entry -= factor * other;
                    }
                }
            }
            let scale = self.l[i * d + i].recip();
            for (entry, sum) in self.m[i * d..i * d + i].iter_mut().zip(&row) {
                *entry = sum * scale;
            }
            self.m[i * d + i] = scale;
        }
    }

    /// Takes the node at position `from` out and puts it in at position `to`, by `|from - to|` plane rotations: `O(d |from - to|)`.
    pub fn insert(&mut self, from: usize, to: usize) {
        self.rotate(from, to);
        self.updates += 1;
        if self.updates >= REFACTOR_AFTER {
            self.refactor();
        }
    }

    /// As [`insert`](Self::insert), without ever refactoring: what the accuracy tests measure.
    pub fn rotate(&mut self, from: usize, to: usize) {
        if to < from {
            self.move_left(from, to);
        } else if from < to {
            self.move_right(from, to);
        }
    }

    /// Exchanges the nodes at two positions.
    pub fn exchange(&mut self, first: usize, second: usize) {
        let (first, second) = (first.min(second), first.max(second));
        if first < second {
            self.insert(second, first);
            self.insert(first + 1, second);
        }
    }

    fn move_left(&mut self, p: usize, q: usize) {
        let d = self.d;
        self.order[q..=p].rotate_right(1);
        // The moved row loses its entries from the right; each rotation mixes columns k and k + 1.
        let mut rotations = std::mem::take(&mut self.rotations);
        rotations.clear();
        let row = &self.l[p * d..=p * d + p];
        let mut length = row[p];
        for k in (q..p).rev() {
            let longer = row[k].hypot(length);
            rotations.push((row[k] / longer, length / longer));
            length = longer;
        }
        // rotations[i] belongs to k = p - 1 - i. Rows above q are untouched; the row at r in q..p is zero beyond column r.
        for r in (q..d).filter(|&r| r != p) {
            let row = &mut self.l[r * d..(r + 1) * d];
            let first = if r < p { r } else { p - 1 };
            for k in (q..=first).rev() {
                let (c, s) = rotations[p - 1 - k];
                let (a, b) = (row[k], row[k + 1]);
                row[k] = c * a + s * b;
                row[k + 1] = s * a - c * b;
            }
        }
        // The moved row itself becomes its head and one number.
        let head: Vec<f64> = self.l[p * d..p * d + q].to_vec();
        self.l.copy_within(q * d..p * d, (q + 1) * d);
        let row = &mut self.l[q * d..(q + 1) * d];
        row[..q].copy_from_slice(&head);
        row[q] = length;
        row[q + 1..].fill(0.0);
        // The inverse mixes rows instead, then its columns follow the order.
        for (i, &(c, s)) in rotations.iter().enumerate() {
            self.mix_rows(p - 1 - i, c, s, p + 1);
        }
        for r in q..d {
            self.m[r * d + q..=r * d + p].rotate_right(1);
        }
        self.clear_above(q, p);
        self.rotations = rotations;
    }

    fn move_right(&mut self, p: usize, q: usize) {
        let d = self.d;
        self.order[p..=q].rotate_left(1);
        let moved = self.l[p * d + p];
        let head: Vec<f64> = self.l[p * d..p * d + p].to_vec();
        self.l.copy_within((p + 1) * d..(q + 1) * d, p * d);
        // The old row j, now at j - 1, has one entry too many, at column j.
        let mut rotations = std::mem::take(&mut self.rotations);
        rotations.clear();
        for j in p + 1..=q {
            let row = &mut self.l[(j - 1) * d..j * d];
            for (i, &(c, s)) in rotations.iter().enumerate() {
                let k = p + i;
                let (a, b) = (row[k], row[k + 1]);
                row[k] = c * a + s * b;
                row[k + 1] = s * a - c * b;
            }
            let length = row[j - 1].hypot(row[j]);
            rotations.push((row[j - 1] / length, row[j] / length));
            row[j - 1] = length;
            row[j..].fill(0.0);
        }
        // The moved row had nothing beyond its own diagonal.
        let row = &mut self.l[q * d..(q + 1) * d];
        row[..p].copy_from_slice(&head);
        let mut rest = moved;
        for (i, &(c, s)) in rotations.iter().enumerate() {
            row[p + i] = c * rest;
            rest *= s;
        }
        row[q] = rest;
        row[q + 1..].fill(0.0);
        for r in q + 1..d {
            let row = &mut self.l[r * d..(r + 1) * d];
            for (i, &(c, s)) in rotations.iter().enumerate() {
                let k = p + i;
                let (a, b) = (row[k], row[k + 1]);
                row[k] = c * a + s * b;
                row[k + 1] = s * a - c * b;
            }
        }
        for (i, &(c, s)) in rotations.iter().enumerate() {
            self.mix_rows(p + i, c, s, q + 1);
        }
        for r in p..d {
            self.m[r * d + p..=r * d + q].rotate_left(1);
        }
        self.clear_above(p, q);
        self.rotations = rotations;
    }

    /// Rows `k` and `k + 1` of the inverse, their first `width` entries, under the transposed rotation.
    fn mix_rows(&mut self, k: usize, c: f64, s: f64, width: usize) {
        let d = self.d;
        let (head, tail) = self.m.split_at_mut((k + 1) * d);
        let upper = &mut head[k * d..k * d + width];
        let lower = &mut tail[..width];
        for (a, b) in upper.iter_mut().zip(lower) {
            let (x, y) = (*a, *b);
            *a = c * x + s * y;
            *b = s * x - c * y;
        }
    }

    /// What rounding left above the diagonal of the inverse in rows `first..=last`.
    fn clear_above(&mut self, first: usize, last: usize) {
        for r in first..=last {
            self.m[r * self.d + r + 1..=r * self.d + last].fill(0.0);
        }
    }
}
