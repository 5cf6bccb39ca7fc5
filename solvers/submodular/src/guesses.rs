//! An engine for every guess that is needed.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::ThreadPool;
use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, IntoParallelRefMutIterator, ParallelIterator};
use serde::{Deserialize, Serialize};

use crate::anchor::{Anchor, AnchorState};
use crate::counted::Counted;
use crate::engines::{Frame, Levels, Offer};
use crate::error::OracleFault;
use crate::grid::Grid;
use crate::live::Live;
use crate::oracle::LevelOracle;
use crate::work::Work;

/// An insertion or a deletion, with the element's value alone.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Change {
    pub(crate) element: u32,
    pub(crate) inserted: bool,
    pub(crate) single: f64,
}

/// One guess.
struct Guess<L> {
    threshold: f64,
    levels: L,
    /// The number of the update after which the guess was no longer needed.
    unneeded_since: Option<u64>,
}

/// The guesses that are kept, by number.
///
/// A guess that is no longer needed is kept up to date for as many updates as it has candidates, so that an element of great value that comes and goes does not
/// make everything be rebuilt each time; then it is parked: nothing is kept of it, and it is built from the live elements when it is needed again. At no time are
/// more than twice as many kept as are needed. Which guesses are kept depends on the stream alone.
pub(crate) struct Guesses<O, L> {
    oracle: Counted<O>,
    frame: Frame,
    grid: Grid,
    kept: BTreeMap<i32, Guess<L>>,
    /// The guesses needed by the largest value alone.
    window: Option<(i32, i32)>,
    updates: u64,
    /// Work of guesses that are parked.
    past: Work,
    /// What decides which guesses are too low, where their own values must not.
    anchor: Option<Anchor<O>>,
    pending: Vec<Change>,
    /// Threads that share the guesses among them.
    pool: Option<Arc<ThreadPool>>,
}

/// What is saved of [`Guesses`].
#[derive(Serialize, Deserialize)]
pub(crate) struct GuessesState<S> {
    kept: Vec<(i32, S, Option<u64>)>,
    window: Option<(i32, i32)>,
    updates: u64,
    past: Work,
    anchor: Option<AnchorState>,
}

/// Which guesses are needed is looked at every so many updates, and at every answer.
const LOOK_INTERVAL: u64 = 64;

/// Guesses are kept down to this share of the least that can be right: what engines know of the optimum goes up and down with their draws.
const MARGIN: f64 = 0.9;

impl<O: LevelOracle, L: Levels<O>> Guesses<O, L> {
    /// No guesses yet. `frame` is the frame of each, but for guess and threshold.
    pub(crate) fn new(oracle: &Counted<O>, frame: Frame, grid: Grid, pool: Option<Arc<ThreadPool>>) -> Self {
        Self {
            oracle: oracle.fresh(),
            anchor: L::ANCHORED.then(|| Anchor::new(oracle, frame.constraint.clone(), frame.most)),
            frame,
            grid,
            kept: BTreeMap::new(),
            window: None,
            updates: 0,
            past: Work::default(),
            pending: Vec::new(),
            pool,
        }
    }

    /// Takes in a change; `live` is as it is after it. Returns the evaluations of each change that was worked off, the oldest first: guesses work in batches where
    /// there are several threads.
    pub(crate) fn update(&mut self, change: Change, live: &Live) -> Result<Vec<u64>, OracleFault> {
        self.pending.push(change);
        let number = self.updates + self.pending.len() as u64;
        if self.grid.needed(live.largest()) != self.window || number.is_multiple_of(LOOK_INTERVAL) {
            let mut work = self.flush()?;
            let before = self.work();
            self.turn(live)?;
            if let Some(last) = work.last_mut() {
                *last += (self.work() - before).evaluations;
            }
            return Ok(work);
        }
        if self.pool.is_none() { self.flush() } else { Ok(Vec::new()) }
    }

    /// Works off all pending changes.
    pub(crate) fn flush(&mut self) -> Result<Vec<u64>, OracleFault> {
        let changes = std::mem::take(&mut self.pending);
        self.updates += changes.len() as u64;
        let (grid, constraint) = (self.grid, &self.frame.constraint);
        let work_off = |guess: &mut Guess<L>| -> Result<Vec<u64>, OracleFault> {
            let mut work = Vec::with_capacity(changes.len());
            for change in &changes {
                let before = guess.levels.work().evaluations;
                if grid.matters(change.single, guess.threshold) && constraint.can_add(&[], change.element) {
                    if change.inserted {
                        guess.levels.insert(change.element)?;
                    } else {
                        guess.levels.delete(change.element)?;
                    }
                }
                work.push(guess.levels.work().evaluations - before);
            }
            Ok(work)
        };
        let mut guesses: Vec<&mut Guess<L>> = self.kept.values_mut().collect();
        let worked: Vec<Result<Vec<u64>, OracleFault>> = match &self.pool {
            Some(pool) => pool.install(|| guesses.par_iter_mut().with_max_len(1).map(|guess| work_off(guess)).collect()),
            None => guesses.into_iter().map(work_off).collect(),
        };
        let mut total = vec![0; changes.len()];
        for work in worked {
            for (total, work) in total.iter_mut().zip(work?) {
                *total += work;
            }
        }
        Ok(total)
    }

    /// Wakes the guesses that are needed and parks those that have not been for long.
    ///
    /// Of the window that the largest value alone opens, the part below what any feasible set known is worth is not needed: the optimum is worth that, too.
    pub(crate) fn turn(&mut self, live: &Live) -> Result<(), OracleFault> {
        self.window = self.grid.needed(live.largest());
        let known = match &mut self.anchor {
            Some(anchor) => Some(anchor.value(live, self.updates)?),
            None => self.kept.values().filter_map(|guess| guess.levels.known_value()).max_by(f64::total_cmp),
        };
        let margin = if self.anchor.is_some() { 1.0 } else { MARGIN };
        let least = known.and_then(|value| self.grid.least(margin * value)).unwrap_or(i32::MIN);
        let needed = self.window.map(|(first, last)| (first.max(least).min(last), last));
        let is_needed = |guess: i32| needed.is_some_and(|(first, last)| (first..=last).contains(&guess));
        for (&number, guess) in &mut self.kept {
            if is_needed(number) {
                guess.unneeded_since = None;
            } else {
                guess.unneeded_since.get_or_insert(self.updates);
            }
        }
        let updates = self.updates;
        let over = |guess: &Guess<L>| guess.unneeded_since.is_some_and(|since| updates - since >= guess.levels.len() as u64);
        let mut parked: Vec<i32> = self.kept.iter().filter(|(_, guess)| over(guess)).map(|(&number, _)| number).collect();
        let wanted = needed.map_or(0, |(first, last)| (last - first + 1).max(0) as usize);
        let mut idle: Vec<(u64, i32)> =
            self.kept.iter().filter_map(|(&number, guess)| guess.unneeded_since.map(|since| (since, number))).collect();
        idle.sort_unstable();
        let excess = idle.len().saturating_sub(wanted.max(1));
        parked.extend(idle.into_iter().take(excess).map(|(_, number)| number));
        for number in parked {
            if let Some(guess) = self.kept.remove(&number) {
                self.past += guess.levels.work();
            }
        }
        let Some((first, last)) = needed else { return Ok(()) };
        let asleep: Vec<i32> = (first..=last).filter(|number| !self.kept.contains_key(number)).collect();
        self.wake(asleep, live)
    }

    /// Builds these guesses from the live elements.
    fn wake(&mut self, numbers: Vec<i32>, live: &Live) -> Result<(), OracleFault> {
        let build = |number: i32| -> Result<(i32, Guess<L>), OracleFault> {
            let threshold = self.grid.threshold(number);
            let mut levels = L::new(&self.oracle, self.frame_of(number));
            // Sorted by element, so that it does not matter in which order values were found equal.
            let offered =
                |&element: &u32| self.grid.matters(live.single(element), threshold) && self.frame.constraint.can_add(&[], element);
            let mut elements: Vec<u32> = live.descending().filter(offered).collect();
            elements.sort_unstable();
            levels.load(elements)?;
            Ok((number, Guess { threshold, levels, unneeded_since: None }))
        };
        let built: Vec<Result<(i32, Guess<L>), OracleFault>> = match &self.pool {
            Some(pool) => pool.install(|| numbers.into_par_iter().with_max_len(1).map(build).collect()),
            None => numbers.into_iter().map(build).collect(),
        };
        for guess in built {
            let (number, guess) = guess?;
            self.kept.insert(number, guess);
        }
        Ok(())
    }

    /// Builds every needed guess from the live elements, whatever there was: the way to take in many changes at once.
    pub(crate) fn load(&mut self, live: &Live, changes: u64) -> Result<(), OracleFault> {
        self.park();
        self.updates += changes;
        if let Some(anchor) = &mut self.anchor {
            anchor.forget();
        }
        self.turn(live)
    }

    /// Parks every guess.
    pub(crate) fn park(&mut self) {
        self.pending.clear();
        self.window = None;
        for guess in std::mem::take(&mut self.kept).into_values() {
            self.past += guess.levels.work();
        }
    }

    fn frame_of(&self, guess: i32) -> Arc<Frame> {
        Arc::new(Frame { guess, threshold: self.grid.threshold(guess), ..self.frame.clone() })
    }

    /// Feasible sets of all guesses that are needed, each with its value where that is known.
    pub(crate) fn offers(&mut self) -> Result<Vec<Offer>, OracleFault> {
        let mut offers = Vec::new();
        for guess in self.kept.values_mut().filter(|guess| guess.unneeded_since.is_none()) {
            offers.extend(guess.levels.offers()?);
        }
        Ok(offers)
    }

    /// Live elements that no guess offers, but that are worth looking at beside what guesses offer.
    pub(crate) fn aside(&self) -> &[u32] {
        self.anchor.as_ref().map_or(&[], Anchor::left)
    }

    /// The least of the bounds `f(G) + most t` on the optimum that guesses give whose levels are exhausted, for a monotone function: whoever is not in `G` gains less
    /// than the threshold `t`. `largest` is the largest value of a live element alone: a guess that leaves out large elements says nothing.
    pub(crate) fn upper_bound(&self, largest: f64) -> Option<f64> {
        let bound = |guess: &Guess<L>| {
            let value = guess.levels.exhausted_value().filter(|_| self.grid.is_within(largest, guess.threshold))?;
            Some(value + self.frame.most as f64 * guess.threshold)
        };
        self.kept.values().filter(|guess| guess.unneeded_since.is_none()).filter_map(bound).min_by(f64::total_cmp)
    }

    /// How many guesses are kept.
    pub(crate) fn kept(&self) -> usize {
        self.kept.len()
    }

    pub(crate) fn work(&self) -> Work {
        let past = self.anchor.as_ref().map_or(self.past, |anchor| self.past + anchor.work());
        self.kept.values().fold(past, |work, guess| work + guess.levels.work())
    }

    /// The state, with nothing pending.
    pub(crate) fn save(&self) -> GuessesState<L::State> {
        let kept = self.kept.iter().map(|(&number, guess)| (number, guess.levels.save(), guess.unneeded_since)).collect();
        GuessesState { kept, window: self.window, updates: self.updates, past: self.past, anchor: self.anchor.as_ref().map(Anchor::save) }
    }

    /// Continues from a saved state; `None` where it is damaged.
    pub(crate) fn restore(&mut self, state: GuessesState<L::State>) -> Option<()> {
        self.kept.clear();
        self.pending.clear();
        for (number, saved, unneeded_since) in state.kept {
            let levels = L::restore(&self.oracle, self.frame_of(number), saved)?;
            self.kept.insert(number, Guess { threshold: self.grid.threshold(number), levels, unneeded_since });
        }
        match (&mut self.anchor, state.anchor) {
            (Some(anchor), Some(state)) => anchor.restore(state)?,
            (None, None) => {}
            _ => return None,
        }
        (self.window, self.updates, self.past) = (state.window, state.updates, state.past);
        Some(())
    }
}
