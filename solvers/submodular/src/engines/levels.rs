//! What every engine that works for one guess of the optimum does.

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::constraint::Constraint;
use crate::counted::Counted;
use crate::error::OracleFault;
use crate::oracle::LevelOracle;
use crate::work::Work;

/// What an engine is told about its guess.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    /// Number of the guess.
    pub(crate) guess: i32,
    /// The least gain that counts.
    pub(crate) threshold: f64,
    pub(crate) constraint: Constraint,
    /// The size of a largest feasible set, or a bound on it.
    pub(crate) most: usize,
    pub(crate) eps: f64,
    /// How many trials an estimate takes.
    pub(crate) trials: u32,
    pub(crate) seed: u64,
}

/// A feasible set of live elements, with its value where that is known without asking.
pub(crate) type Offer = (Vec<u32>, Option<f64>);

/// An engine for one guess: candidates come and go, and a feasible set of them is kept whose value is large if the guess is right.
///
/// Elements that are offered reach the threshold alone.
pub(crate) trait Levels<O: LevelOracle>: Send + Sync + Sized {
    /// All that cannot be computed again from the function.
    type State: Serialize + DeserializeOwned;

    /// An engine without candidates.
    fn new(oracle: &Counted<O>, frame: Arc<Frame>) -> Self;

    /// Takes `elements` as its candidates, whatever it had before.
    fn load(&mut self, elements: Vec<u32>) -> Result<(), OracleFault>;

    fn insert(&mut self, element: u32) -> Result<(), OracleFault>;

    /// Takes out a candidate; nothing happens where it is none.
    fn delete(&mut self, element: u32) -> Result<(), OracleFault>;

    /// Number of candidates.
    fn len(&self) -> usize;

    /// Feasible sets of live elements, each with its value where that is known without asking; one of them has the value that the guarantee speaks of.
    fn offers(&mut self) -> Result<Vec<Offer>, OracleFault>;

    /// Whether which guesses are kept must not depend on draws: an [`Anchor`](crate::anchor::Anchor) decides then, not [`known_value`](Self::known_value).
    const ANCHORED: bool = false;

    /// The value of a feasible set of live elements, known without asking, that may decide which guesses are kept.
    fn known_value(&self) -> Option<f64>;

    /// `f(G)` of a set `G` against which no candidate gains the threshold; `None` while there may be such a candidate.
    fn exhausted_value(&self) -> Option<f64>;

    /// What was asked of the function so far.
    fn work(&self) -> Work;

    fn save(&self) -> Self::State;

    /// The engine in a saved state; `None` where the state is damaged.
    fn restore(oracle: &Counted<O>, frame: Arc<Frame>, state: Self::State) -> Option<Self>;
}

/// Whether every element lies in the ground set and none stands twice.
pub(crate) fn sound(stack: &[u32], elements: usize) -> bool {
    let mut sorted = stack.to_vec();
    sorted.sort_unstable();
    sorted.windows(2).all(|pair| pair[0] < pair[1]) && sorted.last().is_none_or(|&last| (last as usize) < elements)
}
