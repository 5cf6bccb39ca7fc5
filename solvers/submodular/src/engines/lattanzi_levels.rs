//! A comparator: levels with buffers of insertions, after Lattanzi, Mitrovic, Norouzi-Fard, Tarnawski, Zadimoghaddam (`NeurIPS` 2020), in the simple form of the
//! authors' published experiments. Nothing is claimed for it: the analysis is said to have gaps (ICML 2023).

use std::collections::BTreeSet;
use std::sync::Arc;

use rand::seq::SliceRandom;
use serde::{Deserialize, Serialize};

use super::levels::{Frame, Levels, Offer, sound};
use crate::counted::Counted;
use crate::draws::Draws;
use crate::error::OracleFault;
use crate::oracle::{LevelOracle, reaches};
use crate::work::Work;

/// The levels of one guess. Level `l` of `0..=T` builds on `2^(T-l)` candidates at least and buffers up to as many insertions.
pub(crate) struct LattanziLevels<O> {
    oracle: Counted<O>,
    scratch: Counted<O>,
    frame: Arc<Frame>,
    state: LattanziState,
}

/// All that is drawn and not computed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct LattanziState {
    candidates: Vec<BTreeSet<u32>>,
    buffers: Vec<BTreeSet<u32>>,
    /// The solution's parts.
    parts: Vec<Vec<u32>>,
    members: BTreeSet<u32>,
    draws: Draws,
    work: Work,
}

impl<O: LevelOracle> LattanziLevels<O> {
    fn levels(&self) -> usize {
        self.state.parts.len()
    }

    fn capacity(&self, level: usize) -> usize {
        1 << (self.levels() - 1 - level)
    }

    /// The solution on the oracle's stack.
    fn stand(&mut self) {
        self.oracle.truncate(0);
        for part in &self.state.parts {
            for &element in part {
                self.oracle.push(element);
            }
        }
    }

    fn size(&self) -> usize {
        self.state.parts.iter().map(Vec::len).sum()
    }

    /// Builds the levels from `level` on anew from its candidates and its buffer.
    fn construct(&mut self, level: usize) -> Result<(), OracleFault> {
        let mut current: Vec<u32> = self.state.candidates[level].union(&self.state.buffers[level]).copied().collect();
        for later in level..self.levels() {
            self.state.candidates[later].clear();
            self.state.buffers[later].clear();
            self.state.parts[later].clear();
        }
        self.stand();
        current.shuffle(&mut self.state.draws.rng);
        self.filter(&mut current)?;
        for later in level..self.levels() {
            if self.size() >= self.frame.most {
                break;
            }
            self.state.candidates[later] = current.iter().copied().collect();
            while current.len() >= self.capacity(later) && self.size() < self.frame.most {
                let Some(element) = current.pop() else { break };
                self.oracle.push(element);
                self.state.parts[later].push(element);
                self.filter(&mut current)?;
            }
        }
        Ok(())
    }

    fn filter(&mut self, current: &mut Vec<u32>) -> Result<(), OracleFault> {
        let height = self.oracle.height();
        let mut kept = Vec::with_capacity(current.len());
        for element in current.drain(..) {
            if self.oracle.reaches(element, height, self.frame.threshold)? {
                kept.push(element);
            }
        }
        *current = kept;
        Ok(())
    }
}

impl<O: LevelOracle> Levels<O> for LattanziLevels<O> {
    type State = LattanziState;

    fn new(oracle: &Counted<O>, frame: Arc<Frame>) -> Self {
        // T = ceil(log2 n) for a ground set of n elements, as in the paper.
        let levels = oracle.oracle().elements().max(2).next_power_of_two().ilog2() as usize + 1;
        let state = LattanziState {
            candidates: vec![BTreeSet::new(); levels],
            buffers: vec![BTreeSet::new(); levels],
            parts: vec![Vec::new(); levels],
            members: BTreeSet::new(),
            draws: Draws::new(frame.seed, frame.guess, 0),
            work: Work::default(),
        };
        Self { oracle: oracle.fresh(), scratch: oracle.fresh(), frame, state }
    }

    fn load(&mut self, elements: Vec<u32>) -> Result<(), OracleFault> {
        self.state.members = elements.iter().copied().collect();
        self.state.candidates[0].clone_from(&self.state.members);
        self.state.buffers[0].clear();
        self.construct(0)
    }

    fn insert(&mut self, element: u32) -> Result<(), OracleFault> {
        self.state.members.insert(element);
        for buffer in &mut self.state.buffers {
            buffer.insert(element);
        }
        if self.size() >= self.frame.most {
            return Ok(());
        }
        match (0..self.levels()).find(|&level| self.state.buffers[level].len() >= self.capacity(level)) {
            Some(level) => self.construct(level),
            None => Ok(()),
        }
    }

    fn delete(&mut self, element: u32) -> Result<(), OracleFault> {
        if !self.state.members.remove(&element) {
            return Ok(());
        }
        for set in self.state.candidates.iter_mut().chain(&mut self.state.buffers) {
            set.remove(&element);
        }
        let Some(level) = self.state.parts.iter().position(|part| part.contains(&element)) else { return Ok(()) };
        self.state.parts[level].retain(|&other| other != element);
        self.stand();
        let wanted = (1.0 - self.frame.eps) * self.frame.threshold * self.frame.most as f64;
        if reaches(self.oracle.value(), wanted) { Ok(()) } else { self.construct(level) }
    }

    fn len(&self) -> usize {
        self.state.members.len()
    }

    fn offers(&mut self) -> Result<Vec<Offer>, OracleFault> {
        let chosen = self.state.parts.concat();
        let value = self.scratch.value_of(&chosen);
        Ok(vec![(chosen, Some(value))])
    }

    fn known_value(&self) -> Option<f64> {
        Some(self.oracle.value())
    }

    fn exhausted_value(&self) -> Option<f64> {
        None
    }

    fn work(&self) -> Work {
        self.oracle.work() + self.scratch.work()
    }

    fn save(&self) -> LattanziState {
        LattanziState { work: self.work(), ..self.state.clone() }
    }

    fn restore(oracle: &Counted<O>, frame: Arc<Frame>, state: LattanziState) -> Option<Self> {
        let mut levels = Self::new(oracle, frame);
        let same = [state.candidates.len(), state.buffers.len(), state.parts.len()].iter().all(|&len| len == levels.levels());
        let members: Vec<u32> = state.members.iter().copied().collect();
        let chosen = state.parts.concat();
        let inside =
            chosen.iter().chain(state.candidates.iter().flatten()).chain(state.buffers.iter().flatten()).all(|e| state.members.contains(e));
        if !same || !inside || !sound(&members, oracle.oracle().elements()) || !sound(&chosen, oracle.oracle().elements()) {
            return None;
        }
        levels.oracle.set_work(state.work);
        levels.state = state;
        levels.oracle.truncate(0);
        for &element in &chosen {
            levels.oracle.push(element);
        }
        levels.oracle.set_work(levels.state.work);
        Some(levels)
    }
}
