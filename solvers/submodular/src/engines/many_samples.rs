//! A comparator: many uniform samples per level, after Monemizadeh (`NeurIPS` 2020) as later papers describe it. Nothing is claimed for it.

use std::sync::Arc;

use rand::RngExt;
use serde::{Deserialize, Serialize};

use super::levels::{Frame, Levels, Offer, sound};
use crate::counted::{self, Counted};
use crate::depth_lists::DepthLists;
use crate::draws::Draws;
use crate::error::OracleFault;
use crate::oracle::LevelOracle;
use crate::work::Work;

/// A level: `ceil(eps^-2 ln n)` samples of its candidates, of which the one that gains most is chosen.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Level {
    chosen: u32,
    samples: Vec<u32>,
    built: usize,
}

/// The levels of one guess. A level is rebuilt when one of its samples is deleted or the number of its candidates changed by an eps share.
pub(crate) struct ManySamples<O> {
    oracle: Counted<O>,
    frame: Arc<Frame>,
    state: ManyState,
}

/// All that is drawn and not computed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ManyState {
    levels: Vec<Level>,
    candidates: DepthLists,
    draws: Draws,
    work: Work,
}

impl<O: LevelOracle> ManySamples<O> {
    fn rebuild(&mut self, level: usize) -> Result<(), OracleFault> {
        let mut current = self.state.candidates.drain_from(level);
        self.state.levels.truncate(level - 1);
        self.oracle.truncate(level - 1);
        let samples = (self.oracle.oracle().elements().max(2) as f64).ln() / (self.frame.eps * self.frame.eps);
        let samples = samples.ceil() as usize;
        while !current.is_empty() && self.state.levels.len() < self.frame.most {
            let height = self.state.levels.len();
            let mut best = (f64::NEG_INFINITY, current[0]);
            let mut drawn = Vec::with_capacity(samples);
            for _ in 0..samples {
                let element = current[self.state.draws.rng.random_range(0..current.len())];
                drawn.push(element);
            }
            drawn.sort_unstable();
            drawn.dedup();
            for &element in &drawn {
                let gain = self.oracle.gain(element, height)?;
                if gain > best.0 {
                    best = (gain, element);
                }
            }
            let built = current.len();
            self.oracle.push(best.1);
            self.state.levels.push(Level { chosen: best.1, samples: drawn, built });
            let mut next = Vec::with_capacity(built);
            for element in current {
                if element != best.1 && self.oracle.reaches(element, height + 1, self.frame.threshold)? {
                    next.push(element);
                } else {
                    self.state.candidates.insert(element, height + 1);
                }
            }
            current = next;
        }
        let depth = self.state.levels.len();
        for element in current {
            self.state.candidates.insert(element, depth);
        }
        Ok(())
    }

    /// The first level up to `depth` whose number of candidates is off by an eps share.
    fn drifted(&self, depth: usize) -> Option<usize> {
        let mut size = self.state.candidates.len();
        for (index, level) in self.state.levels.iter().enumerate().take(depth) {
            if (size as f64 - level.built as f64).abs() >= (self.frame.eps * level.built as f64).max(1.0) {
                return Some(index + 1);
            }
            size -= self.state.candidates.at(index + 1);
        }
        None
    }
}

impl<O: LevelOracle> Levels<O> for ManySamples<O> {
    type State = ManyState;

    fn new(oracle: &Counted<O>, frame: Arc<Frame>) -> Self {
        let draws = Draws::new(frame.seed, frame.guess, 0);
        let state = ManyState { levels: Vec::new(), candidates: DepthLists::default(), draws, work: Work::default() };
        Self { oracle: oracle.fresh(), frame, state }
    }

    fn load(&mut self, elements: Vec<u32>) -> Result<(), OracleFault> {
        self.state.candidates.drain_from(1);
        for element in elements {
            self.state.candidates.insert(element, 1);
        }
        self.rebuild(1)
    }

    fn insert(&mut self, element: u32) -> Result<(), OracleFault> {
        let height = self.state.levels.len();
        let last = if height == self.frame.most { height - 1 } else { height };
        let depth = self.oracle.deepest(element, self.frame.threshold, counted::Levels::Every(0, last))? + 1;
        self.state.candidates.insert(element, depth);
        match self.drifted(depth) {
            Some(level) => self.rebuild(level),
            None if depth > height => self.rebuild(depth),
            None => Ok(()),
        }
    }

    fn delete(&mut self, element: u32) -> Result<(), OracleFault> {
        let depth = self.state.candidates.remove(element);
        if depth == 0 {
            return Ok(());
        }
        let hit = self.state.levels.iter().position(|level| level.chosen == element || level.samples.binary_search(&element).is_ok());
        match [hit.map(|index| index + 1), self.drifted(depth)].into_iter().flatten().min() {
            Some(level) => self.rebuild(level),
            None => Ok(()),
        }
    }

    fn len(&self) -> usize {
        self.state.candidates.len()
    }

    fn offers(&mut self) -> Result<Vec<Offer>, OracleFault> {
        Ok(vec![(self.state.levels.iter().map(|level| level.chosen).collect(), Some(self.oracle.value()))])
    }

    fn known_value(&self) -> Option<f64> {
        Some(self.oracle.value())
    }

    fn exhausted_value(&self) -> Option<f64> {
        None
    }

    fn work(&self) -> Work {
        self.oracle.work()
    }

    fn save(&self) -> ManyState {
        ManyState { work: self.oracle.work(), ..self.state.clone() }
    }

    fn restore(oracle: &Counted<O>, frame: Arc<Frame>, state: ManyState) -> Option<Self> {
        let mut levels = Self::new(oracle, frame);
        let chosen: Vec<u32> = state.levels.iter().map(|level| level.chosen).collect();
        let candidates: Vec<u32> = state.candidates.elements_from(1).collect();
        let here = chosen.iter().all(|&element| state.candidates.depth(element) > 0);
        let deep = (chosen.len() + 1..=state.candidates.deepest()).any(|depth| state.candidates.at(depth) > 0);
        if !here
            || deep
            || chosen.len() > levels.frame.most
            || !sound(&chosen, oracle.oracle().elements())
            || !sound(&candidates, oracle.oracle().elements())
        {
            return None;
        }
        for &element in &chosen {
            levels.oracle.push(element);
        }
        levels.oracle.set_work(state.work);
        levels.state = state;
        Some(levels)
    }
}
