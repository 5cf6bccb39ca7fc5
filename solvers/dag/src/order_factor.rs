//! The Cholesky factor of the covariance in the sequence of an order, with its inverse, kept up to date while nodes move.

use std::ops::Range;

use rayon::prelude::*;

use crate::clock::Clock;
use crate::moments::Moments;
use crate::order_change::{Gain, OrderChange};
use crate::products::dot;
use crate::threads::{SHARED, WIDTH, by_columns};

/// An order with `L` (lower triangular, `L L' = Sigma` permuted) and `M = L^-1`, both row by row, every variable in its own unit.
///
/// `D_k = L_kk^2` times the square of the unit is the variance of the node at position `k` given all earlier ones, and half their sum is the least-squares score of the order.
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

/// Rows that are factored one after another before the rest follows.
const PANEL: usize = 32;

/// Factoring afresh is cheaper than rotations over more than this share of `d^2` places: by counting, `2/3 d^3` operations, against 16 per place and variable.
const ROTATED: usize = 24;

/// Rotations lose about a digit per thousand moves; refactoring that often costs little beside the moves themselves.
const REFACTOR_AFTER: usize = 100;

/// The entries of `row` in these columns, given the earlier ones: the covariances less what the earlier columns account for.
fn eliminate(covariance: &[f64], order: &[usize], row: &mut [f64], head: &[f64], columns: Range<usize>) {
    let d = row.len();
    for j in columns {
        let other = &head[j * d..=j * d + j];
        row[j] = (covariance[order[j]] - dot(&row[..j], &other[..j])) / other[j];
    }
}

impl<'a> OrderFactor<'a> {
    /// The factor of `order`, which holds every variable once.
    pub fn new(moments: &'a Moments, order: Vec<usize>) -> Self {
        let mut factor = Self::empty(moments, order);
        factor.refactor();
        factor
    }

    /// The same; `None` where there is no time for it.
    pub(crate) fn within(moments: &'a Moments, order: Vec<usize>, clock: &Clock<'_>) -> Option<Self> {
        let mut factor = Self::empty(moments, order);
        (factor.factor(Some(clock)) && clock.may_go_on()).then(|| {
            factor.invert();
            factor
        })
    }

    fn empty(moments: &'a Moments, order: Vec<usize>) -> Self {
        let d = moments.variables();
        Self { moments, d, order, l: vec![0.0; d * d], m: vec![0.0; d * d], updates: 0, rotations: Vec::new() }
    }

    /// The order.
    pub fn order(&self) -> &[usize] {
        &self.order
    }

    /// Number of variables.
    pub fn variables(&self) -> usize {
        self.d
    }

    /// What a variance of the node at position `k` in its unit has to be multiplied by.
    pub(crate) fn square(&self, k: usize) -> f64 {
        self.moments.square(self.order[k])
    }

    /// Row `k` of `L`: its first `k + 1` entries, in the unit of the node there.
    pub(crate) fn row(&self, k: usize) -> &[f64] {
        &self.l[k * self.d..=k * self.d + k]
    }

    /// Row `k` of `M`: its first `k + 1` entries, each in the inverse unit of its column's node.
    pub(crate) fn inverse_row(&self, k: usize) -> &[f64] {
        &self.m[k * self.d..=k * self.d + k]
    }

    /// The residual variance at each position, in the data's units.
    pub fn residual_variances(&self) -> Vec<f64> {
        (0..self.d).map(|k| self.l[k * self.d + k].powi(2) * self.square(k)).collect()
    }

    /// Half the sum of the residual variances: the least-squares score of the order.
    pub fn score(&self) -> f64 {
        0.5 * (0..self.d).map(|k| self.l[k * self.d + k].powi(2) * self.square(k)).sum::<f64>()
    }

    /// The regression weights of the node at position `k` on all earlier positions: `-M_kj / M_kk`.
    pub(crate) fn weights(&self, k: usize) -> Vec<f64> {
        let row = self.inverse_row(k);
        let unit = |k: usize| self.moments.unit(self.order[k]);
        row[..k].iter().enumerate().map(|(j, entry)| -entry / row[k] * (unit(k) / unit(j))).collect()
    }

    /// Puts another order in place and factors afresh.
    pub fn reset(&mut self, order: Vec<usize>) {
        self.order = order;
        self.refactor();
    }

    /// Takes disjoint steps: by rotations, or by factoring afresh where so many nodes move so far that this is less work.
    pub(crate) fn apply(&mut self, steps: &[Gain]) {
        let distance: usize = steps.iter().map(|step| step.step.distance()).sum();
        if distance * ROTATED > self.d * self.d {
            for step in steps {
                step.step.rearrange(&mut self.order);
            }
            self.refactor();
        } else {
            for step in steps {
                self.take(&step.step);
            }
        }
    }

    /// Takes one step by rotations.
    pub(crate) fn take(&mut self, step: &OrderChange) {
        match *step {
            OrderChange::Insert { from, to } => self.insert(from, to),
            OrderChange::Exchange { first, second } => self.exchange(first, second),
            OrderChange::Block { from, length, to } if to < from => (0..length).for_each(|k| self.insert(from + k, to + k)),
            // The first node passes all others of the run as well, and they follow one by one.
            OrderChange::Block { from, length, to } => (0..length).for_each(|_| self.insert(from, to + length - 1)),
        }
    }

    /// Factors afresh, which forgets the rounding of all updates.
    pub fn refactor(&mut self) {
        self.updates = 0;
        self.factor(None);
        self.invert();
    }

    /// `L`, panel by panel: the rows of a panel one after another, then all later rows, each alone. Every entry is the same sum whatever the threads.
    /// Whether there was time for it.
    fn factor(&mut self, clock: Option<&Clock<'_>>) -> bool {
        let (d, moments, order) = (self.d, self.moments, &self.order);
        let own = |i: usize| moments.regular_row(order[i])[order[i]];
        for start in (0..d).step_by(PANEL) {
            if clock.is_some_and(|clock| !clock.may_go_on()) {
                return false;
            }
            let end = (start + PANEL).min(d);
            for i in start..end {
                let (head, tail) = self.l.split_at_mut(i * d);
                eliminate(moments.regular_row(order[i]), order, &mut tail[..d], head, start..i);
                let row = &mut tail[..d];
                let pivot = own(i) - dot(&row[..i], &row[..i]);
                // The moments were made regular; should rounding still win, the node counts as explained.
                row[i] = pivot.max(1e-14 * own(i)).max(f64::MIN_POSITIVE).sqrt();
                row[i + 1..].fill(0.0);
            }
            let (head, tail) = self.l.split_at_mut(end * d);
            let later = |(k, row): (usize, &mut [f64])| eliminate(moments.regular_row(order[end + k]), order, row, head, start..end);
            if d >= SHARED {
                tail.par_chunks_exact_mut(d).enumerate().with_min_len(8).for_each(later);
            } else {
                tail.chunks_exact_mut(d).enumerate().for_each(later);
            }
        }
        true
    }

    /// `M`: columns do not depend on each other, so that runs of them are computed alone.
    fn invert(&mut self) {
        let (d, l) = (self.d, &self.l);
        let runs = by_columns(d, |columns| {
            let (start, width) = (columns.start, columns.len());
            // Rows from `start` on: the others are 0 here.
            let mut run = vec![0.0; (d - start) * width];
            for i in start..d {
                let (head, tail) = run.split_at_mut((i - start) * width);
                let row = &mut tail[..width];
                for (earlier, &factor) in head.chunks_exact(width).zip(&l[i * d + start..i * d + i]) {
                    for (entry, other) in row.iter_mut().zip(earlier) {
                        *entry -= factor * other;
                    }
                }
                let scale = l[i * d + i].recip();
                for entry in row.iter_mut() {
                    *entry *= scale;
                }
                if i < columns.end {
                    row[i - start] = scale;
                }
            }
            run
        });
        self.m.fill(0.0);
        for (k, run) in runs.iter().enumerate() {
            let start = k * WIDTH;
            let width = WIDTH.min(d - start);
            for (row, values) in self.m[start * d..].chunks_exact_mut(d).zip(run.chunks_exact(width)) {
                row[start..start + width].copy_from_slice(values);
            }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_on_a_factor_is_the_step_on_its_order_whichever_way_it_is_taken() {
        let d = 12;
        let entry = |i: usize, j: usize| if i == j { 3.0 + i as f64 } else { 1.0 / (1 + i + j) as f64 };
        let moments = Moments::from_covariance((0..d * d).map(|k| entry(k / d, k % d)).collect(), d, 100);
        let order: Vec<usize> = (0..d).map(|k| k * 5 % d).collect();
        let steps = [
            OrderChange::Insert { from: 9, to: 2 },
            OrderChange::Insert { from: 1, to: 10 },
            OrderChange::Exchange { first: 3, second: 8 },
            OrderChange::Block { from: 6, length: 3, to: 1 },
            OrderChange::Block { from: 2, length: 4, to: 7 },
        ];
        for step in steps {
            let mut expected = order.clone();
            step.rearrange(&mut expected);
            let afresh = OrderFactor::new(&moments, expected.clone());
            let mut stepped = OrderFactor::new(&moments, order.clone());
            stepped.take(&step);
            assert_eq!(stepped.order(), expected, "{step:?}");
            assert!((stepped.score() - afresh.score()).abs() < 1e-12);
            let (first, last) = step.interval();
            assert!(
                (0..d).all(|k| (first..=last).contains(&k) || order[k] == expected[k])
                    && order[first] != expected[first]
                    && order[last] != expected[last]
            );
            // Many steps at once are taken by factoring afresh.
            let mut batch = OrderFactor::new(&moments, order.clone());
            batch.apply(&[Gain { step, gain: 0.0 }]);
            assert_eq!(batch.order(), expected);
            assert!((batch.score() - afresh.score()).abs() < 1e-12);
        }
    }
}
