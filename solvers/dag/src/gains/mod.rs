//! What every move would gain, in closed form from the Cholesky factor and its inverse.
//!
//! With tail sums `T[p,k] = sum_{m=k..p} L_pm^2` (variance of the node at `p` given the first `k - 1`) and head sums
//! `S[k,p] = sum_{m=p..k} M_mp^2` (precision of the node at `p` given all others up to `k`), a re-insertion changes the residual variances as follows:
//!
//! ```text
//! p to the left, to q:   moved node T[p,q];   passed node k:  D_k T[p,k+1] / T[p,k]
//! p to the right, to q:  moved node 1/S[q,p]; passed node k:  D_k S[k,p] / S[k-1,p]
//! ```
//!
//! so one running sum per node gives all its targets. Runs of nodes change the same way, with determinants in the place of `T` and `S`; exchanges take a
//! walk between the two nodes. Gains are in units of the score (half the sum of the variances).

mod blocks;
mod disjoint;
mod exchanges;
mod insertions;

pub use blocks::{LONGEST_BLOCK, all_blocks};
pub use exchanges::all_exchanges;
pub use insertions::all_insertions;

pub(crate) use blocks::best_blocks;
pub(crate) use disjoint::best_disjoint;
pub(crate) use exchanges::best_exchanges;
pub(crate) use insertions::best_insertions;

use crate::order_factor::OrderFactor;

/// A change of the order, by positions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The node at `from` comes to stand at `to`.
    Insert {
        /// Its position before.
        from: usize,
        /// Its position afterwards.
        to: usize,
    },
    /// Two nodes change places.
    Exchange {
        /// The earlier position.
        first: usize,
        /// The later one.
        second: usize,
    },
    /// A run of nodes comes to stand elsewhere, in its own sequence.
    Block {
        /// Where its first node is.
        from: usize,
        /// How many nodes it has.
        length: usize,
        /// Where its first node is afterwards.
        to: usize,
    },
}

impl Step {
    /// First and last position that the step touches.
    pub fn interval(&self) -> (usize, usize) {
        match *self {
            Self::Insert { from, to } => (from.min(to), from.max(to)),
            Self::Exchange { first, second } => (first, second),
            Self::Block { from, length, to } => (from.min(to), from.max(to) + length - 1),
        }
    }

    /// The steps of one place that it takes nodes over, in all: what updating a factor costs.
    pub(crate) fn distance(&self) -> usize {
        match *self {
            Self::Insert { from, to } => from.abs_diff(to),
            Self::Exchange { first, second } => 2 * (second - first),
            Self::Block { from, length, to } => length * from.abs_diff(to),
        }
    }

    /// Takes the step on an order alone.
    pub(crate) fn rearrange(&self, order: &mut [usize]) {
        match *self {
            Self::Insert { from, to } if to < from => order[to..=from].rotate_right(1),
            Self::Insert { from, to } => order[from..=to].rotate_left(1),
            Self::Exchange { first, second } => order.swap(first, second),
            Self::Block { from, length, to } if to < from => order[to..from + length].rotate_right(length),
            Self::Block { from, length, to } => order[from..to + length].rotate_left(length),
        }
    }

    /// Takes the step.
    pub(crate) fn apply(&self, factor: &mut OrderFactor<'_>) {
        match *self {
            Self::Insert { from, to } => factor.insert(from, to),
            Self::Exchange { first, second } => factor.exchange(first, second),
            Self::Block { from, length, to } if to < from => (0..length).for_each(|k| factor.insert(from + k, to + k)),
            // The first node passes all others of the run as well, and they follow one by one.
            Self::Block { from, length, to } => (0..length).for_each(|_| factor.insert(from, to + length - 1)),
        }
    }
}

/// A step with its gain.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Gain {
    pub(crate) step: Step,
    /// By how much the score falls.
    pub(crate) gain: f64,
}

impl Gain {
    /// Puts `step` in the place of what is known if it gains more.
    fn improve(best: &mut Option<Self>, least: f64, gain: f64, step: impl FnOnce() -> Step) {
        if gain > best.map_or(least, |best| best.gain) {
            *best = Some(Self { step: step(), gain });
        }
    }
}

/// The inverse factor column by column: entry `p * d + k` is `M_kp`, so that walks down a column run along memory.
fn columns_of_inverse(factor: &OrderFactor<'_>) -> Vec<f64> {
    let d = factor.variables();
    let mut columns = vec![0.0; d * d];
    for k in 0..d {
        for (p, &entry) in factor.inverse_row(k).iter().enumerate() {
            columns[p * d + k] = entry;
        }
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::moments::Moments;

    #[test]
    fn a_step_on_a_factor_is_the_step_on_its_order_whichever_way_it_is_taken() {
        let d = 12;
        let entry = |i: usize, j: usize| if i == j { 3.0 + i as f64 } else { 1.0 / (1 + i + j) as f64 };
        let moments = Moments::from_covariance((0..d * d).map(|k| entry(k / d, k % d)).collect(), d, 100);
        let order: Vec<usize> = (0..d).map(|k| k * 5 % d).collect();
        let steps = [
            Step::Insert { from: 9, to: 2 },
            Step::Insert { from: 1, to: 10 },
            Step::Exchange { first: 3, second: 8 },
            Step::Block { from: 6, length: 3, to: 1 },
            Step::Block { from: 2, length: 4, to: 7 },
        ];
        for step in steps {
            let mut expected = order.clone();
            step.rearrange(&mut expected);
            let afresh = OrderFactor::new(&moments, expected.clone());
            let mut stepped = OrderFactor::new(&moments, order.clone());
            step.apply(&mut stepped);
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
