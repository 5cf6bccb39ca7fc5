//! The live elements, in the order of their values alone.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::counted::Counted;
use crate::error::OracleFault;
use crate::oracle::LevelOracle;

/// A key that sorts values from the largest to the smallest; equal ones are then sorted by element.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Descending(u64);

impl Descending {
    pub(crate) fn of(value: f64) -> Self {
        // `total_cmp` order as unsigned numbers, reversed; -0 counts as 0.
        let bits = (value + 0.0).to_bits();
        let ordered = if bits >> 63 == 1 { !bits } else { bits | 1 << 63 };
        Self(!ordered)
    }
}

/// Which elements are live, what each is worth alone, and their order by that.
///
/// The value of an element alone is asked for once and remembered, also when the element is deleted and comes back.
#[derive(Debug, Clone, Default)]
pub(crate) struct Live {
    /// NaN for an element that was never asked about.
    singles: Vec<f64>,
    present: Vec<bool>,
    order: BTreeSet<(Descending, u32)>,
}

/// What is saved of [`Live`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct LiveState {
    singles: Vec<f64>,
    live: Vec<u32>,
}

impl Live {
    pub(crate) fn new(elements: usize) -> Self {
        Self { singles: vec![f64::NAN; elements], present: vec![false; elements], order: BTreeSet::new() }
    }

    pub(crate) fn is_live(&self, element: u32) -> bool {
        self.present.get(element as usize).copied().unwrap_or(false)
    }

    pub(crate) fn len(&self) -> usize {
        self.order.len()
    }

    /// The value of `element` alone; NaN if it was never live.
    pub(crate) fn single(&self, element: u32) -> f64 {
        self.singles[element as usize]
    }

    /// What elements are known to be worth alone.
    pub(crate) fn known_singles(&self) -> impl Iterator<Item = (u32, f64)> + '_ {
        (0_u32..).zip(self.singles.iter().copied()).filter(|(_, single)| !single.is_nan())
    }

    /// Makes `element`, which is not live, live.
    pub(crate) fn insert<O: LevelOracle>(&mut self, empty: &mut Counted<O>, element: u32) -> Result<(), OracleFault> {
        let index = element as usize;
        if self.singles[index].is_nan() {
            self.singles[index] = empty.gain(element, 0)?;
        }
        self.present[index] = true;
        self.order.insert((Descending::of(self.singles[index]), element));
        Ok(())
    }

    /// Makes `element`, which is live, no longer so.
    pub(crate) fn delete(&mut self, element: u32) {
        let index = element as usize;
        self.present[index] = false;
        self.order.remove(&(Descending::of(self.singles[index]), element));
    }

    /// The largest value of a live element alone, 0 where there is none.
    pub(crate) fn largest(&self) -> f64 {
        self.order.first().map_or(0.0, |&(_, element)| self.single(element).max(0.0))
    }

    /// The live elements, from the largest value alone to the smallest.
    pub(crate) fn descending(&self) -> impl Iterator<Item = u32> + '_ {
        self.order.iter().map(|&(_, element)| element)
    }

    pub(crate) fn save(&self) -> LiveState {
        LiveState { singles: self.singles.clone(), live: self.order.iter().map(|&(_, element)| element).collect() }
    }

    /// The saved state; `None` where it is damaged.
    pub(crate) fn restore(state: LiveState, elements: usize) -> Option<Self> {
        let mut live = Self { singles: state.singles, ..Self::new(elements) };
        if live.singles.len() != elements {
            return None;
        }
        for element in state.live {
            let index = element as usize;
            let single = live.singles.get(index).copied().filter(|single| single.is_finite())?;
            if std::mem::replace(&mut live.present[index], true) {
                return None;
            }
            live.order.insert((Descending::of(single), element));
        }
        Some(live)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_sort_from_the_largest_value_to_the_smallest() {
        let values = [f64::INFINITY, 1e300, 2.0, 1.0, 1e-300, 0.0, -1e-300, -1.0, f64::NEG_INFINITY];
        assert!(values.windows(2).all(|pair| Descending::of(pair[0]) < Descending::of(pair[1])));
        assert_eq!(Descending::of(0.0), Descending::of(-0.0));
    }
}
