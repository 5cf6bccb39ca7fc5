//! Levels with one uniform sample each, after Banihashem et al., "Dynamic Algorithms for Matroid Submodular Maximization" (SODA 2024).
//!
//! Level `i` has candidates `R_i` and one of them, `e_i`; with `G_i = {e_1, ..., e_i}` the next candidates are those of `R_i` that pass the gate after `G_i`.
//! The levels end when there are no candidates left or nothing more may be chosen. `e_i` is uniform in `R_i` given `e_1, ..., e_{i-1}`, so a deletion (which an
//! oblivious adversary fixed in advance) hits it with probability `1 / |R_i|`, and rebuilding from there costs `|R_i| log k`.
//! The specialisation to a plain threshold is our own.

use std::sync::Arc;

use rand::RngExt;
use rand::seq::SliceRandom;
use serde::{Deserialize, Serialize};

use super::gate::Gate;
use super::levels::{Frame, Levels, Offer, sound};
use crate::counted::Counted;
use crate::depth_lists::DepthLists;
use crate::draws::Draws;
use crate::error::OracleFault;
use crate::oracle::LevelOracle;
use crate::work::Work;

/// The levels of one guess. The depth of a candidate is the last level it is a candidate of; that of `e_i` is `i`.
pub(crate) struct SampleLevels<O, G> {
    oracle: Counted<O>,
    gate: G,
    state: SampleState,
}

/// All that is drawn and not computed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SampleState {
    /// `e_1, e_2, ...`
    chosen: Vec<u32>,
    candidates: DepthLists,
    draws: Draws,
    work: Work,
}

impl<O: LevelOracle, G: Gate> SampleLevels<O, G> {
    /// `e_1, e_2, ...`
    pub(crate) fn chosen(&self) -> &[u32] {
        &self.state.chosen
    }

    pub(crate) fn is_full(&self) -> bool {
        self.gate.is_full(self.state.chosen.len())
    }

    /// `f` of all chosen.
    pub(crate) fn value(&self) -> f64 {
        self.oracle.value()
    }

    fn choose(&mut self, element: u32) {
        self.gate.choose(&mut self.oracle, element);
        self.state.chosen.push(element);
        self.state.candidates.insert(element, self.state.chosen.len());
    }

    /// Builds the levels from `level` on anew from their candidates, of which `first` is chosen at once if it is given. All of them pass `G_{level-1}`.
    fn construct(&mut self, level: usize, first: Option<u32>) -> Result<(), OracleFault> {
        let mut candidates = self.state.candidates.drain_from(level);
        self.state.chosen.truncate(level - 1);
        self.oracle.truncate(level - 1);
        self.gate.truncate(level - 1);
        if let Some(first) = first {
            self.choose(first);
        }
        candidates.shuffle(&mut self.state.draws.rng);
        for element in candidates {
            let height = self.state.chosen.len();
            if self.gate.is_full(height) {
                let depth = self.gate.deepest(&mut self.oracle, element, level - 1, height - 1)? + 1;
                self.state.candidates.insert(element, depth);
            } else if height == level - 1 || self.gate.passes(&mut self.oracle, element, height)? {
                self.choose(element);
            } else {
                let depth = self.gate.deepest(&mut self.oracle, element, level - 1, height - 1)? + 1;
                self.state.candidates.insert(element, depth);
            }
        }
        Ok(())
    }

    /// The first level at which the newcomer takes the sample's place, if any: at level `j` that happens with probability `1 / |R_j|`, the newcomer counted.
    /// One uniform number decides all these independent trials.
    fn level_taken(&mut self, depth: usize) -> Option<usize> {
        let uniform: f64 = self.state.draws.rng.random();
        let mut size = self.state.candidates.len() + 1;
        let mut missed = 1.0;
        for level in 1..=depth {
            missed *= 1.0 - 1.0 / size as f64;
            if uniform >= missed {
                return Some(level);
            }
            size -= self.state.candidates.at(level);
        }
        None
    }
}

impl<O: LevelOracle, G: Gate> Levels<O> for SampleLevels<O, G> {
    type State = SampleState;

    fn new(oracle: &Counted<O>, frame: Arc<Frame>) -> Self {
        let draws = Draws::new(frame.seed, frame.guess, 0);
        let state = SampleState { chosen: Vec::new(), candidates: DepthLists::default(), draws, work: Work::default() };
        Self { oracle: oracle.fresh(), gate: G::new(&frame), state }
    }

    fn load(&mut self, elements: Vec<u32>) -> Result<(), OracleFault> {
        self.state.candidates.drain_from(1);
        for element in elements {
            self.state.candidates.insert(element, 1);
        }
        self.construct(1, None)
    }

    fn insert(&mut self, element: u32) -> Result<(), OracleFault> {
        let height = self.state.chosen.len();
        let full = self.gate.is_full(height);
        let last = if full { height - 1 } else { height };
        let depth = self.gate.deepest(&mut self.oracle, element, 0, last)? + 1;
        if let Some(level) = self.level_taken(depth.min(height)) {
            return self.construct(level, Some(element));
        }
        if depth > height {
            self.choose(element);
        } else {
            self.state.candidates.insert(element, depth);
        }
        Ok(())
    }

    fn delete(&mut self, element: u32) -> Result<(), OracleFault> {
        let depth = self.state.candidates.remove(element);
        if depth > 0 && self.state.chosen.get(depth - 1) == Some(&element) {
            self.construct(depth, None)?;
        }
        Ok(())
    }

    fn len(&self) -> usize {
        self.state.candidates.len()
    }

    fn offers(&mut self) -> Result<Vec<Offer>, OracleFault> {
        let kept = self.gate.kept(&self.state.chosen);
        let value = (kept.len() == self.state.chosen.len()).then(|| self.oracle.value());
        Ok(vec![(kept, value)])
    }

    fn known_value(&self) -> Option<f64> {
        self.gate.failing_is_gaining_less().then(|| self.oracle.value())
    }

    fn exhausted_value(&self) -> Option<f64> {
        (self.gate.failing_is_gaining_less() && !self.is_full()).then(|| self.oracle.value())
    }

    fn work(&self) -> Work {
        self.oracle.work()
    }

    fn save(&self) -> SampleState {
        SampleState { work: self.oracle.work(), ..self.state.clone() }
    }

    fn restore(oracle: &Counted<O>, frame: Arc<Frame>, state: SampleState) -> Option<Self> {
        let mut levels = Self::new(oracle, frame);
        if !sound(&state.chosen, oracle.oracle().elements())
            || !sound(&state.candidates.elements_from(1).collect::<Vec<_>>(), oracle.oracle().elements())
        {
            return None;
        }
        for (position, &element) in state.chosen.iter().enumerate() {
            if state.candidates.depth(element) != position + 1 {
                return None;
            }
            levels.gate.choose(&mut levels.oracle, element);
        }
        levels.oracle.set_work(state.work);
        levels.state = state;
        Some(levels)
    }
}

#[cfg(test)]
#[path = "sample_levels_tests.rs"]
mod tests;
