//! Functions that are not monotone: one run of levels over all candidates, a second one over what the first did not choose, and a double greedy within the first
//! choice.
//!
//! Let `S1`, `S2` be the two choices, `D` the result of the double greedy within `S1`, `O` an optimum. A gain below the threshold `t` ends a run that is not full, so
//! `f(S1 + O) <= f(S1) + k t` and `f(S2 + (O - S1)) <= f(S2) + k t`; by submodularity and `f >= 0` the left sides add up to at least `f(O - S1)`; and
//! `f(O in S1) <= 3 f(D)` (Buchbinder, Feldman, Naor, Schwartz, FOCS 2012, the deterministic algorithm). So
//!
//! ```text
//! OPT <= f(O in S1) + f(O - S1) <= 3 f(D) + f(S1) + f(S2) + 2 k t <= 5 best + 2 k t
//! ```
//!
//! and a run that is full has a value of at least `k t`. The idea is that of the literature on streams; this proof is our own.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::gate::ThresholdGate;
use super::levels::{Frame, Levels, Offer};
use super::sample_levels::{SampleLevels, SampleState};
use crate::counted::Counted;
use crate::error::OracleFault;
use crate::oracle::LevelOracle;
use crate::work::Work;

/// The two runs of one guess.
pub(crate) struct TwoRuns<O> {
    first: SampleLevels<O, ThresholdGate>,
    second: SampleLevels<O, ThresholdGate>,
    scratch: Counted<O>,
    /// The first choice that the double greedy last worked on, and what it kept.
    thinned: Option<(Vec<u32>, Vec<u32>)>,
}

/// All that is drawn and not computed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct TwoStates {
    first: SampleState,
    second: SampleState,
    thinned: Option<(Vec<u32>, Vec<u32>)>,
    scratch: Work,
}

impl<O: LevelOracle> TwoRuns<O> {
    /// Brings the second run's candidates up to date after the first choice changed from `before`; `gone` was deleted meanwhile.
    fn follow(&mut self, before: &[u32], gone: Option<u32>) -> Result<(), OracleFault> {
        let now = self.first.chosen().to_vec();
        for &element in now.iter().filter(|element| !before.contains(element)) {
            self.second.delete(element)?;
        }
        for &element in before.iter().filter(|&element| !now.contains(element) && Some(*element) != gone) {
            self.second.insert(element)?;
        }
        Ok(())
    }

    /// The deterministic double greedy within `set`: each element goes in or out, whichever changes the value more.
    fn double_greedy(&mut self, set: &[u32]) -> Result<Vec<u32>, OracleFault> {
        let mut kept: Vec<u32> = Vec::new();
        for (position, &element) in set.iter().enumerate() {
            self.scratch.truncate(0);
            for &other in &kept {
                self.scratch.push(other);
            }
            let height = self.scratch.height();
            let coming_in = self.scratch.gain(element, height)?;
            for &other in &set[position + 1..] {
                self.scratch.push(other);
            }
            let height = self.scratch.height();
            let going_out = -self.scratch.gain(element, height)?;
            if coming_in >= going_out {
                kept.push(element);
            }
        }
        self.scratch.truncate(0);
        Ok(kept)
    }
}

impl<O: LevelOracle> Levels<O> for TwoRuns<O> {
    type State = TwoStates;

    fn new(oracle: &Counted<O>, frame: Arc<Frame>) -> Self {
        let other = Arc::new(Frame { seed: frame.seed ^ 0x5bd1_e995_9d1b_a5f3, ..(*frame).clone() });
        Self { first: SampleLevels::new(oracle, frame), second: SampleLevels::new(oracle, other), scratch: oracle.fresh(), thinned: None }
    }

    fn load(&mut self, elements: Vec<u32>) -> Result<(), OracleFault> {
        self.first.load(elements.clone())?;
        let rest = elements.into_iter().filter(|element| !self.first.chosen().contains(element)).collect();
        self.second.load(rest)
    }

    fn insert(&mut self, element: u32) -> Result<(), OracleFault> {
        let before = self.first.chosen().to_vec();
        self.first.insert(element)?;
        self.follow(&before, None)?;
        if self.first.chosen().contains(&element) { Ok(()) } else { self.second.insert(element) }
    }

    fn delete(&mut self, element: u32) -> Result<(), OracleFault> {
        let before = self.first.chosen().to_vec();
        self.first.delete(element)?;
        self.second.delete(element)?;
        self.follow(&before, Some(element))
    }

    fn len(&self) -> usize {
        self.first.len()
    }

    fn offers(&mut self) -> Result<Vec<Offer>, OracleFault> {
        let chosen = self.first.chosen().to_vec();
        let thinned = match self.thinned.take() {
            Some((of, kept)) if of == chosen => kept,
            _ => self.double_greedy(&chosen)?,
        };
        self.thinned = Some((chosen.clone(), thinned.clone()));
        Ok(vec![(chosen, Some(self.first.value())), (self.second.chosen().to_vec(), Some(self.second.value())), (thinned, None)])
    }

    fn known_value(&self) -> Option<f64> {
        Some(self.first.value().max(self.second.value()))
    }

    fn exhausted_value(&self) -> Option<f64> {
        None
    }

    fn work(&self) -> Work {
        self.first.work() + self.second.work() + self.scratch.work()
    }

    fn save(&self) -> TwoStates {
        TwoStates { first: self.first.save(), second: self.second.save(), thinned: self.thinned.clone(), scratch: self.scratch.work() }
    }

    fn restore(oracle: &Counted<O>, frame: Arc<Frame>, state: TwoStates) -> Option<Self> {
        let fresh = Self::new(oracle, Arc::clone(&frame));
        let other = Arc::new(Frame { seed: frame.seed ^ 0x5bd1_e995_9d1b_a5f3, ..(*frame).clone() });
        let mut runs = Self {
            first: SampleLevels::restore(oracle, frame, state.first)?,
            second: SampleLevels::restore(oracle, other, state.second)?,
            thinned: state.thinned,
            ..fresh
        };
        runs.scratch.set_work(state.scratch);
        Some(runs)
    }
}
