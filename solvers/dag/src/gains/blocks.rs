//! Re-insertions of runs of two to five nodes: `O(d^2)` for all of them.
//!
//! The formulas for one node hold with matrices in the place of numbers. To the left, with `T[k]` the covariance of the run given the nodes before `k`, a
//! passed node keeps `D_k det T[k+1] / det T[k]`, and the run's own variances are the pivots of `T[q]`, first node first. To the right, with `S[k]` the
//! precision of the run given all others up to `k`, a passed node keeps `D_k det S[k] / det S[k-1]`, and the run's own variances are the inverse pivots of
//! `S[q]`, last node first. Pivots of a shorter run are the first pivots of a longer one, so that one elimination serves every length.

use super::columns::columns_of_inverse;
use crate::order_change::{Gain, OrderChange};
use crate::order_factor::OrderFactor;
use crate::precedence::Precedence;
use crate::threads::by_rows;

/// The longest run that is moved.
pub const LONGEST_BLOCK: usize = 5;

/// A symmetric matrix over at most [`LONGEST_BLOCK`] nodes; the lower triangle.
#[derive(Clone, Copy, Default)]
struct Small([[f64; LONGEST_BLOCK]; LONGEST_BLOCK]);

impl Small {
    /// Adds the outer product of `vector`, of which the first `width` entries count.
    fn add(&mut self, vector: &[f64; LONGEST_BLOCK], width: usize) {
        for i in 0..width {
            for j in 0..=i {
                self.0[i][j] += vector[i] * vector[j];
            }
        }
    }

    /// The pivots of elimination, in sequence.
    fn pivots(&self, width: usize) -> [f64; LONGEST_BLOCK] {
        let mut left = self.0;
        let mut pivots = [1.0; LONGEST_BLOCK];
        for k in 0..width {
            pivots[k] = left[k][k];
            for i in k + 1..width {
                let factor = left[i][k] / left[k][k];
                let column: [f64; LONGEST_BLOCK] = std::array::from_fn(|j| left[j][k]);
                for (entry, other) in left[i][k + 1..=i].iter_mut().zip(&column[k + 1..=i]) {
                    *entry -= factor * other;
                }
            }
        }
        pivots
    }
}

/// Running determinants and gains by length; index `b` is the run of `b + 1` nodes.
struct Running {
    determinants: [f64; LONGEST_BLOCK],
    passed: [f64; LONGEST_BLOCK],
}

impl Running {
    fn new(pivots: &[f64; LONGEST_BLOCK]) -> Self {
        Self { determinants: products(pivots), passed: [0.0; LONGEST_BLOCK] }
    }

    /// Takes note of a passed node of this variance; `ratio(before, after)` is the share of it that stays.
    fn pass(&mut self, variance: f64, pivots: &[f64; LONGEST_BLOCK], ratio: impl Fn(f64, f64) -> f64) {
        let after = products(pivots);
        for (passed, (old, new)) in self.passed.iter_mut().zip(self.determinants.iter().zip(&after)) {
            *passed += variance * (1.0 - ratio(*old, *new));
        }
        self.determinants = after;
    }
}

fn products(pivots: &[f64; LONGEST_BLOCK]) -> [f64; LONGEST_BLOCK] {
    let mut product = 1.0;
    pivots.map(|pivot| {
        product *= pivot;
        product
    })
}

/// What all runs are computed from.
struct Blocks<'a> {
    factor: &'a OrderFactor<'a>,
    variances: Vec<f64>,
    columns: Vec<f64>,
}

impl<'a> Blocks<'a> {
    fn new(factor: &'a OrderFactor<'a>) -> Self {
        Self { factor, variances: factor.residual_variances(), columns: columns_of_inverse(factor) }
    }

    /// Calls `see(length, to, gain)` for all left targets of the runs that start at `p`, from the nearest on.
    fn to_the_left(&self, p: usize, mut see: impl FnMut(usize, usize, f64)) {
        let d = self.variances.len();
        let width = LONGEST_BLOCK.min(d - p);
        let rows: [&[f64]; LONGEST_BLOCK] = std::array::from_fn(|i| if i < width { self.factor.row(p + i) } else { &[] });
        let entries = |k: usize| -> [f64; LONGEST_BLOCK] { std::array::from_fn(|i| rows[i].get(k).copied().unwrap_or(0.0)) };
        let mut covariance = Small::default();
        for k in p..p + width {
            covariance.add(&entries(k), width);
        }
        let mut running = Running::new(&covariance.pivots(width));
        for k in (0..p).rev() {
            covariance.add(&entries(k), width);
            let pivots = covariance.pivots(width);
            running.pass(self.variances[k], &pivots, |before, after| before / after);
            let mut own = 0.0;
            for (b, pivot) in pivots.iter().enumerate().take(width) {
                own += self.variances[p + b] - pivot * self.factor.square(p + b);
                if b > 0 {
                    see(b + 1, k, 0.5 * (running.passed[b] + own));
                }
            }
        }
    }

    /// Calls `see(length, to, gain)` for all right targets of the runs that end at `e`, from the nearest on.
    fn to_the_right(&self, e: usize, mut see: impl FnMut(usize, usize, f64)) {
        let d = self.variances.len();
        let width = LONGEST_BLOCK.min(e + 1);
        // Last node first.
        let columns: [&[f64]; LONGEST_BLOCK] =
            std::array::from_fn(|i| if i < width { &self.columns[(e - i) * d..(e - i + 1) * d] } else { &[] });
        let entries = |k: usize| -> [f64; LONGEST_BLOCK] { std::array::from_fn(|i| columns[i].get(k).copied().unwrap_or(0.0)) };
        let mut precision = Small::default();
        for k in e + 1 - width..=e {
            precision.add(&entries(k), width);
        }
        let mut running = Running::new(&precision.pivots(width));
        for k in e + 1..d {
            precision.add(&entries(k), width);
            let pivots = precision.pivots(width);
            running.pass(self.variances[k], &pivots, |before, after| after / before);
            let mut own = 0.0;
            for (b, pivot) in pivots.iter().enumerate().take(width) {
                own += self.variances[e - b] - self.factor.square(e - b) / pivot;
                if b > 0 {
                    see(b + 1, k - b, 0.5 * (running.passed[b] + own));
                }
            }
        }
    }
}

/// Calls `see(from, length, to, gain)` for every re-insertion of every run of 2 to [`LONGEST_BLOCK`] nodes; `from` and `to` are positions of its first node.
pub fn all_blocks(factor: &OrderFactor<'_>, mut see: impl FnMut(usize, usize, usize, f64)) {
    let blocks = Blocks::new(factor);
    for p in 0..factor.variables() {
        blocks.to_the_left(p, |length, to, gain| see(p, length, to, gain));
        blocks.to_the_right(p, |length, to, gain| see(p + 1 - length, length, to, gain));
    }
}

/// The best left move of every run of nodes by its first node, and the best right move by its last, that gain more than `least`.
pub(crate) fn best_blocks(factor: &OrderFactor<'_>, precedence: Option<&Precedence>, least: f64) -> Vec<Gain> {
    let blocks = Blocks::new(factor);
    let order = factor.order();
    let found = by_rows(factor.variables(), |p| {
        let range = |from, length| precedence.map(|precedence| precedence.range_of_block(order, from, length));
        let (mut left, mut right) = (None, None);
        let lefts: [_; LONGEST_BLOCK + 1] =
            std::array::from_fn(|length| if length > 1 && p + length <= order.len() { range(p, length) } else { None });
        let rights: [_; LONGEST_BLOCK + 1] =
            std::array::from_fn(|length| if length > 1 && p + 1 >= length { range(p + 1 - length, length) } else { None });
        blocks.to_the_left(p, |length, to, gain| {
            if lefts[length].is_none_or(|(lowest, _)| to >= lowest) {
                Gain::improve(&mut left, least, gain, || OrderChange::Block { from: p, length, to });
            }
        });
        blocks.to_the_right(p, |length, to, gain| {
            if rights[length].is_none_or(|(_, highest)| to + length - 1 <= highest) {
                Gain::improve(&mut right, least, gain, || OrderChange::Block { from: p + 1 - length, length, to });
            }
        });
        [left, right]
    });
    found.into_iter().flatten().flatten().collect()
}
