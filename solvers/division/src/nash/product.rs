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
        Self::of_utilities(&utilities(valuations, owner), weights)
    }

    pub(crate) fn of_utilities(utilities: &[i128], weights: &[u32]) -> Self {
        let positive = utilities.iter().filter(|&&utility| utility > 0).count();
        Self { positive, product: product(utilities.iter().copied().zip(weights.iter().copied())) }
    }
}

/// The product of the positive ones among these utilities, each to the power of its weight.
fn product(factors: impl Iterator<Item = (i128, u32)>) -> BigUint {
    // Multiplied in one machine word for as long as it fits.
    let mut product = BigUint::from(1_u8);
    let mut word = 1_u128;
    for (utility, weight) in factors {
        let Some(utility) = u128::try_from(utility).ok().filter(|&utility| utility > 0) else { continue };
        if let Some(longer) = utility.checked_pow(weight).and_then(|power| word.checked_mul(power)) {
            word = longer;
        } else {
            product *= word;
            word = 1;
            product *= BigUint::from(utility).pow(weight);
        }
    }
    product * word
}

/// How the products of two lists of positive utilities with their weights compare.
pub(crate) fn compare_products(left: &[(i128, u32)], right: &[(i128, u32)]) -> Ordering {
    let word = |factors: &[(i128, u32)]| {
        factors.iter().try_fold(1_u128, |product, &(utility, weight)| {
            let power =
                u128::try_from(utility).ok().filter(|&utility| utility > 0).map_or(Some(1), |utility| utility.checked_pow(weight))?;
            product.checked_mul(power)
        })
    };
    match (word(left), word(right)) {
        (Some(left), Some(right)) => left.cmp(&right),
        _ => product(left.iter().copied()).cmp(&product(right.iter().copied())),
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
        let better = score > self.score;
        if better {
            *self = Self { owner: owner.to_vec(), score };
        }
        better
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_beyond_a_word_are_compared_exactly() {
        let large = i128::MAX / 3;
        assert_eq!(compare_products(&[(large, 1), (large + 2, 1)], &[(large + 1, 2)]), Ordering::Less);
        assert_eq!(compare_products(&[(large + 1, 2), (7, 1)], &[(large + 1, 1), (7, 1), (large + 1, 1)]), Ordering::Equal);
        assert_eq!(compare_products(&[(5, 3), (-4, 1)], &[(124, 1), (0, 9)]), Ordering::Greater);
        let utilities = [large, 3, -1, large];
        let score = NashScore::of_utilities(&utilities, &[1, 2, 1, 1]);
        assert_eq!((score.positive, score.product), (3, BigUint::from(large.unsigned_abs()).pow(2) * 9_u8));
    }
}
