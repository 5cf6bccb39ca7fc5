//! Updates and answers.

use serde::{Deserialize, Serialize};

use crate::guarantee::Guarantee;

/// An insertion or a deletion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Update {
    /// The element becomes live.
    Insert(u32),
    /// The live element goes.
    Delete(u32),
}

impl Update {
    /// The element that comes or goes.
    pub fn element(self) -> u32 {
        match self {
            Self::Insert(element) | Self::Delete(element) => element,
        }
    }
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Solution {
    /// The chosen elements: live, distinct, and allowed by the constraint.
    pub chosen: Vec<u32>,
    /// Their value.
    pub value: f64,
    /// A proven upper bound on the value of every feasible set of live elements, if the function is as it says (submodular, and monotone where it says so).
    pub upper_bound: f64,
    /// What is proved about the value; nothing for comparators and for functions that may be negative.
    pub guarantee: Option<Guarantee>,
    /// Whether a greedy pass over the choices of all guesses found something better than any of them.
    pub polished: bool,
}

impl Solution {
    /// The empty set, where nothing is known.
    pub(crate) fn nothing() -> Self {
        Self { chosen: Vec::new(), value: 0.0, upper_bound: 0.0, guarantee: None, polished: false }
    }
}
