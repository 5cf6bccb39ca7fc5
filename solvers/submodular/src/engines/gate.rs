//! Which candidates a level lets through.

use serde::{Deserialize, Serialize};

use super::levels::Frame;
use crate::counted::{Counted, Levels};
use crate::error::OracleFault;
use crate::oracle::LevelOracle;

/// The test that candidates pass at a level, and what it has to remember of the elements chosen. A candidate that fails at a level fails at all later ones.
pub(crate) trait Gate: Send + Sync {
    fn new(frame: &Frame) -> Self;

    /// Whether `element` passes after `level` elements were chosen.
    fn passes<O: LevelOracle>(&self, oracle: &mut Counted<O>, element: u32, level: usize) -> Result<bool, OracleFault>;

    /// The last level from `first`, which `element` is known to pass, to `last` that it passes.
    fn deepest<O: LevelOracle>(&self, oracle: &mut Counted<O>, element: u32, first: usize, last: usize) -> Result<usize, OracleFault>;

    /// Chooses `element`: puts it on the oracle's stack.
    fn choose<O: LevelOracle>(&mut self, oracle: &mut Counted<O>, element: u32);

    /// Forgets all but the first `height` elements chosen.
    fn truncate(&mut self, height: usize);

    /// Whether nothing more may be chosen after `height` elements.
    fn is_full(&self, height: usize) -> bool;

    /// Whether a candidate that fails is known to gain less than the threshold.
    fn failing_is_gaining_less(&self) -> bool;

    /// The feasible set that the chosen elements `stack` leave.
    fn kept(&self, stack: &[u32]) -> Vec<u32>;
}

/// A gain of at least the threshold, and at most so many elements.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ThresholdGate {
    threshold: f64,
    most: usize,
}

impl Gate for ThresholdGate {
    fn new(frame: &Frame) -> Self {
        Self { threshold: frame.threshold, most: frame.most }
    }

    fn passes<O: LevelOracle>(&self, oracle: &mut Counted<O>, element: u32, level: usize) -> Result<bool, OracleFault> {
        oracle.reaches(element, level, self.threshold)
    }

    fn deepest<O: LevelOracle>(&self, oracle: &mut Counted<O>, element: u32, first: usize, last: usize) -> Result<usize, OracleFault> {
        Ok(first + oracle.deepest(element, self.threshold, Levels::Every(first, last))?)
    }

    fn choose<O: LevelOracle>(&mut self, oracle: &mut Counted<O>, element: u32) {
        oracle.push(element);
    }

    fn truncate(&mut self, _: usize) {}

    fn is_full(&self, height: usize) -> bool {
        height >= self.most
    }

    fn failing_is_gaining_less(&self) -> bool {
        true
    }

    fn kept(&self, stack: &[u32]) -> Vec<u32> {
        stack.to_vec()
    }
}
