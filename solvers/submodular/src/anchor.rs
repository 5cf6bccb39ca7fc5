//! A lower bound on the optimum that depends on the stream alone.

use serde::{Deserialize, Serialize};

use crate::constraint::Constraint;
use crate::counted::Counted;
use crate::error::OracleFault;
use crate::greedy::greedy_over;
use crate::live::Live;
use crate::oracle::LevelOracle;
use crate::work::Work;

/// Even among few live elements no new set is looked for before so many updates have passed.
const LEAST_AGE: u64 = 64;

/// A greedy set that is looked for now and then; what is left of it is worth no more than the optimum.
///
/// It tells which guesses are too low to be right, for engines whose own values must not: where a proof needs the draws of a guess to be uniform as long as the guess
/// is kept, the guess must not be dropped because of what was drawn. A new set is looked for after four times as many updates as there were live elements when it was
/// found, or after an eighth as many when a fifth of its value is gone or half as many elements again are live; and within a budget of `1 + log2(most)` evaluations
/// per live element. So it costs every update a number of evaluations that is logarithmic in `most`.
pub(crate) struct Anchor<O> {
    oracle: Counted<O>,
    constraint: Constraint,
    most: usize,
    state: AnchorState,
}

/// All of it that is saved.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct AnchorState {
    chosen: Vec<u32>,
    /// Its value when it was found.
    found: f64,
    /// Those of it that are live, and their value.
    left: Vec<u32>,
    value: f64,
    /// After how many updates it was found, among how many live elements.
    made: Option<(u64, u64)>,
    work: Work,
}

impl<O: LevelOracle> Anchor<O> {
    pub(crate) fn new(oracle: &Counted<O>, constraint: Constraint, most: usize) -> Self {
        Self { oracle: oracle.fresh(), constraint, most, state: AnchorState::default() }
    }

    /// The value of a feasible set of live elements, after `updates` updates.
    pub(crate) fn value(&mut self, live: &Live, updates: u64) -> Result<f64, OracleFault> {
        self.look_again(live);
        if self.is_due(live.len(), updates) {
            let budget = (live.len() as f64 * (1.0 + (self.most as f64).log2())) as u64;
            let pool: Vec<u32> = live.descending().collect();
            let (chosen, value) = greedy_over(&mut self.oracle, &self.constraint, &pool, live, budget)?;
            let state = &mut self.state;
            (state.chosen, state.found) = (chosen, value);
            (state.left, state.value) = (state.chosen.clone(), value);
            state.made = Some((updates, live.len() as u64));
        }
        Ok(self.state.value)
    }

    fn is_due(&self, live: usize, updates: u64) -> bool {
        let Some((made, size)) = self.state.made else { return true };
        let worn = self.state.value < 0.8 * self.state.found;
        let grown = live as u64 >= size + size / 2;
        let age = if worn || grown { size / 8 } else { 4 * size };
        updates.saturating_sub(made) >= age.max(LEAST_AGE)
    }

    /// Computes the value of what is left of the set, where that changed.
    fn look_again(&mut self, live: &Live) {
        let left: Vec<u32> = self.state.chosen.iter().copied().filter(|&element| live.is_live(element)).collect();
        if left != self.state.left {
            self.state.value = self.oracle.value_of(&left);
            self.state.left = left;
        }
    }

    /// What is left of the set.
    pub(crate) fn left(&self) -> &[u32] {
        &self.state.left
    }

    /// Forgets when the set was found, so that a new one is looked for at the next question.
    pub(crate) fn forget(&mut self) {
        self.state.made = None;
    }

    pub(crate) fn work(&self) -> Work {
        self.oracle.work()
    }

    pub(crate) fn save(&self) -> AnchorState {
        AnchorState { work: self.oracle.work(), ..self.state.clone() }
    }

    /// Continues from a saved state; `None` where it is damaged.
    pub(crate) fn restore(&mut self, state: AnchorState) -> Option<()> {
        let elements = self.oracle.oracle().elements();
        if !state.chosen.iter().all(|&element| (element as usize) < elements) {
            return None;
        }
        self.oracle.set_work(state.work);
        self.state = state;
        Some(())
    }
}
