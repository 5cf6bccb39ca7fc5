//! Weighted coverage.

use super::super::rows::{Rows, amount};
use crate::malformed::{Malformed, Place};

/// `f(S) = sum of w_i over the items i that lie in the set of some element of S`: monotone and submodular.
#[derive(Debug, Clone, PartialEq)]
pub struct Coverage {
    weights: Vec<f64>,
    sets: Rows<u32>,
}

impl Coverage {
    /// Elements with these sets of items. Without `weights` every item weighs 1 and there are as many items as the sets mention.
    ///
    /// # Errors
    /// A weight that is negative or not finite; an item without a weight; an item twice in one set.
    pub fn new(weights: Option<Vec<f64>>, sets: Rows<u32>) -> Result<Self, Malformed> {
        let most = sets.iter().flatten().max().map_or(0, |&item| item as usize + 1);
        let weights = weights.unwrap_or_else(|| vec![1.0; most]);
        for (item, &weight) in weights.iter().enumerate() {
            amount(weight, || Place::root().field("weights").index(item))?;
        }
        let mut last_seen = vec![usize::MAX; weights.len()];
        for (element, set) in sets.iter().enumerate() {
            for (position, &item) in set.iter().enumerate() {
                let place = || Place::root().field("sets").index(element).index(position);
                let Some(seen) = last_seen.get_mut(item as usize) else {
                    return Err(Malformed::new(place(), item.to_string(), format!("an item below {}", weights.len())));
                };
                if std::mem::replace(seen, element) == element {
                    return Err(Malformed::new(place(), format!("{item} again"), "each item once in a set"));
                }
            }
        }
        Ok(Self { weights, sets })
    }

    /// The weight of each item.
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// The items that each element covers.
    pub fn sets(&self) -> &Rows<u32> {
        &self.sets
    }

    pub(super) fn value(&self, chosen: &[usize]) -> f64 {
        let covered = self.covered(chosen);
        self.weights.iter().zip(covered).filter(|(_, covered)| *covered).map(|(weight, _)| weight).sum()
    }

    pub(super) fn gains(&self, chosen: &[usize], candidates: &[usize]) -> Vec<f64> {
        let covered = self.covered(chosen);
        let gain = |&element: &usize| {
            let fresh = self.sets.row(element).iter().filter(|&&item| !covered[item as usize]);
            fresh.map(|&item| self.weights[item as usize]).sum()
        };
        candidates.iter().map(gain).collect()
    }

    fn covered(&self, chosen: &[usize]) -> Vec<bool> {
        let mut covered = vec![false; self.weights.len()];
        for &element in chosen {
            self.sets.row(element).iter().for_each(|&item| covered[item as usize] = true);
        }
        covered
    }
}
