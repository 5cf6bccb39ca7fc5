//! Nash welfare compared exactly.

use std::cmp::Ordering;

use num_bigint::BigUint;

use crate::fairness::utilities;
use crate::valuations::Valuations;

/// What maximum Nash welfare maximises: first the number of agents with positive utility, then the product of their utilities, each to the power of its
/// weight.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct NashScore {
    /// Agents with positive utility.
    pub(crate) positive: usize,
    /// The product over them.
    pub(crate) product: BigUint,
}

impl NashScore {
    pub(crate) fn of(valuations: &Valuations<'_>, weights: &[u32], owner: &[usize]) -> Self {
        let mut positive = 0;
        let mut product = BigUint::from(1_u8);
        for (utility, &weight) in utilities(valuations, owner).into_iter().zip(weights) {
            if let Ok(utility) = u128::try_from(utility)
                && utility > 0
            {
                positive += 1;
                product *= BigUint::from(utility).pow(weight);
            }
        }
        Self { positive, product }
    }
}

/// The best allocation so far.
#[derive(Debug, Clone)]
pub(crate) struct Incumbent {
    pub(crate) owner: Vec<usize>,
    pub(crate) score: NashScore,
}

impl Incumbent {
    pub(crate) fn new(valuations: &Valuations<'_>, weights: &[u32], owner: Vec<usize>) -> Self {
        let score = NashScore::of(valuations, weights, &owner);
        Self { owner, score }
    }

    /// Takes `owner` instead when it is better; whether it was.
    pub(crate) fn offer(&mut self, valuations: &Valuations<'_>, weights: &[u32], owner: &[usize]) -> bool {
        let score = NashScore::of(valuations, weights, owner);
        let better = score.cmp(&self.score) == Ordering::Greater;
        if better {
            *self = Self { owner: owner.to_vec(), score };
        }
        better
    }
}
