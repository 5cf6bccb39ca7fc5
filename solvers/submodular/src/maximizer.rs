//! The maximizer: elements come and go, and a large feasible set is there whenever it is wanted.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use rayon::ThreadPool;

use crate::constraint::Constraint;
use crate::counted::Counted;
use crate::engines::Offer;
use crate::error::{MaximizeError, OracleFault};
use crate::greedy::greedy_over;
use crate::guarantee::Guarantee;
use crate::guesses::Change;
use crate::live::Live;
use crate::machine::{Found, Machine};
use crate::oracle::LevelOracle;
use crate::settings::Settings;
use crate::solution::{Solution, Update};
use crate::stats::Stats;
use crate::work::Work;

/// A set function over elements that come and go; see the [crate](crate).
pub struct DynamicMaximizer<O> {
    pub(crate) settings: Settings,
    constraint: Constraint,
    /// An oracle with an empty stack, for the values of elements alone, and one for all else that no engine does.
    pub(crate) empty: Counted<O>,
    scratch: Counted<O>,
    pub(crate) live: Live,
    pub(crate) machine: Machine<O>,
    pool: Option<Arc<ThreadPool>>,
    pub(crate) stats: Stats,
    /// Work of machines that are gone.
    pub(crate) past: Work,
    /// Evaluations of the changes that the machine has not worked off yet.
    waiting: VecDeque<u64>,
    /// Evaluations up to the last time the machine settled.
    pub(crate) settled: u64,
    pub(crate) last: Vec<u32>,
    /// The answer, as long as nothing changed since it was given.
    pub(crate) current: Option<Solution>,
    broken: Option<OracleFault>,
}

impl<O: LevelOracle> DynamicMaximizer<O> {
    /// A maximizer with no live element. `empty` has nothing on its stack, and `constraint` fits its ground set.
    pub(crate) fn new(
        empty: Counted<O>,
        constraint: Constraint,
        settings: Settings,
        pool: Option<Arc<ThreadPool>>,
    ) -> Result<Self, MaximizeError> {
        Ok(Self {
            machine: Machine::new(&empty, &constraint, &settings, pool.clone())?,
            scratch: empty.fresh(),
            live: Live::new(empty.oracle().elements()),
            empty,
            constraint,
            settings,
            pool,
            stats: Stats::default(),
            past: Work::default(),
            waiting: VecDeque::new(),
            settled: 0,
            last: Vec::new(),
            current: None,
            broken: None,
        })
    }

    /// `element` becomes live.
    ///
    /// # Errors
    /// An element beyond the ground set or live already; an answer of the function that no submodular function gives.
    pub fn insert(&mut self, element: u32) -> Result<(), MaximizeError> {
        self.update(Update::Insert(element))
    }

    /// `element` is live no longer.
    ///
    /// # Errors
    /// An element that is not live; an answer of the function that no submodular function gives.
    pub fn delete(&mut self, element: u32) -> Result<(), MaximizeError> {
        self.update(Update::Delete(element))
    }

    /// Takes in one update.
    ///
    /// # Errors
    /// As [`insert`](Self::insert) and [`delete`](Self::delete).
    pub fn update(&mut self, update: Update) -> Result<(), MaximizeError> {
        self.sound()?;
        let element = update.element();
        self.allowed(update, |live| live.is_live(element))?;
        let result = self.take_in(update);
        self.kept(result)
    }

    /// Takes in a batch. All of it is checked before any of it is taken in. A batch that changes much of what is live is taken in at once: every guess is built
    /// once, from the elements that are live in the end, with the same guarantee as one by one but other draws.
    ///
    /// # Errors
    /// As [`insert`](Self::insert) and [`delete`](Self::delete); nothing is taken in then, unless the function is at fault.
    pub fn apply(&mut self, updates: &[Update]) -> Result<(), MaximizeError> {
        self.sound()?;
        let mut changed: HashMap<u32, bool> = HashMap::new();
        for &update in updates {
            let element = update.element();
            self.allowed(update, |live| changed.get(&element).copied().unwrap_or_else(|| live.is_live(element)))?;
            changed.insert(element, matches!(update, Update::Insert(_)));
        }
        let result = if 2 * updates.len() > self.live.len() {
            self.take_in_at_once(updates)
        } else {
            updates.iter().try_for_each(|&update| self.take_in(update))
        };
        self.kept(result)
    }

    /// The answer of the moment.
    ///
    /// # Errors
    /// An answer of the function that no submodular function gives.
    pub fn solution(&mut self) -> Result<Solution, MaximizeError> {
        self.sound()?;
        if self.current.is_none() {
            let result = self.answer();
            let solution = self.kept(result)?;
            self.current = Some(solution);
        }
        let solution = self.current.clone().unwrap_or_else(Solution::nothing);
        self.stats.queries += 1;
        let kept = solution.chosen.iter().filter(|element| self.last.contains(element)).count();
        self.stats.recourse += (self.last.len() + solution.chosen.len() - 2 * kept) as u64;
        self.last.clone_from(&solution.chosen);
        Ok(solution)
    }

    /// Allows `k` elements from now on; everything is built anew from the live elements.
    ///
    /// # Errors
    /// `k = 0`; a maximizer under a matroid; an answer of the function that no submodular function gives.
    pub fn set_k(&mut self, k: usize) -> Result<(), MaximizeError> {
        self.sound()?;
        if matches!(self.constraint, Constraint::Matroid(_)) {
            return Err(MaximizeError::Unsupported { engine: self.settings.engine.name(), what: "a cardinality beside a matroid" });
        }
        let constraint = Constraint::Cardinality(k).checked(self.live_capacity())?;
        let mut machine = Machine::new(&self.empty, &constraint, &self.settings, self.pool.clone())?;
        let result = machine.load(&self.live, 0);
        self.past += self.machine.work();
        self.constraint = constraint;
        self.machine = machine;
        self.waiting.clear();
        self.current = None;
        self.kept(result)
    }

    /// What is proved about an answer now.
    pub fn guarantee(&self) -> Option<Guarantee> {
        self.machine.guarantee(self.empty.oracle(), &self.settings, &self.constraint)
    }

    /// Whether `element` is live.
    pub fn is_live(&self, element: u32) -> bool {
        self.live.is_live(element)
    }

    /// Number of live elements.
    pub fn len(&self) -> usize {
        self.live.len()
    }

    /// Whether no element is live.
    pub fn is_empty(&self) -> bool {
        self.live.len() == 0
    }

    /// Gains evaluated so far.
    pub fn evaluations(&self) -> u64 {
        self.work().evaluations
    }

    /// What was done so far.
    pub fn stats(&self) -> Stats {
        Stats { work: self.work(), guesses: self.machine.kept_guesses(), turns: self.machine.turns(), ..self.stats.clone() }
    }

    /// A bound on how many elements may be chosen.
    pub(crate) fn most_elements(&self) -> usize {
        self.constraint.most(self.live_capacity())
    }

    fn live_capacity(&self) -> usize {
        self.empty.oracle().elements()
    }

    fn work(&self) -> Work {
        self.past + self.machine.work() + self.empty.work() + self.scratch.work()
    }

    fn sound(&self) -> Result<(), MaximizeError> {
        self.broken.clone().map_or(Ok(()), |fault| Err(fault.into()))
    }

    fn kept<T>(&mut self, result: Result<T, OracleFault>) -> Result<T, MaximizeError> {
        result.map_err(|fault| {
            self.broken = Some(fault.clone());
            fault.into()
        })
    }

    fn allowed(&self, update: Update, is_live: impl FnOnce(&Live) -> bool) -> Result<(), MaximizeError> {
        let (element, elements) = (update.element(), self.live_capacity());
        if element as usize >= elements {
            return Err(MaximizeError::Unknown { element, elements });
        }
        match (update, is_live(&self.live)) {
            (Update::Insert(_), true) => Err(MaximizeError::AlreadyLive(element)),
            (Update::Delete(_), false) => Err(MaximizeError::NotLive(element)),
            _ => Ok(()),
        }
    }

    fn take_in(&mut self, update: Update) -> Result<(), OracleFault> {
        self.current = None;
        self.stats.updates += 1;
        let before = self.empty.work().evaluations;
        let element = update.element();
        let inserted = matches!(update, Update::Insert(_));
        if inserted {
            self.live.insert(&mut self.empty, element)?;
        } else {
            self.live.delete(element);
        }
        self.waiting.push_back(self.empty.work().evaluations - before);
        let change = Change { element, inserted, single: self.live.single(element) };
        let worked = self.machine.update(change, &self.live)?;
        self.book(worked);
        Ok(())
    }

    fn take_in_at_once(&mut self, updates: &[Update]) -> Result<(), OracleFault> {
        self.current = None;
        let worked = self.machine.flush()?;
        self.book(worked);
        let before = self.work().evaluations;
        self.stats.updates += updates.len() as u64;
        for update in updates {
            match *update {
                Update::Insert(element) => self.live.insert(&mut self.empty, element)?,
                Update::Delete(element) => self.live.delete(element),
            }
        }
        self.machine.load(&self.live, updates.len() as u64)?;
        self.stats.batch_work += self.work().evaluations - before;
        Ok(())
    }

    /// Books the evaluations of the changes waiting longest.
    fn book(&mut self, worked: Vec<u64>) {
        for evaluations in worked {
            let alone = self.waiting.pop_front().unwrap_or(0);
            self.stats.update_work.add(alone + evaluations);
        }
    }

    fn answer(&mut self) -> Result<Solution, OracleFault> {
        let worked = self.machine.flush()?;
        self.book(worked);
        let before = self.work().evaluations;
        let monotone = self.empty.oracle().is_monotone();
        let found = self.machine.find(&self.live)?;
        let guarantee = self.guarantee();
        let mut bounds = vec![self.most(Live::single)];
        let mut solution = Solution { guarantee, ..Solution::nothing() };
        let raw = match found {
            Found::Greedy(chosen, value, bound) => {
                (solution.chosen, solution.value) = (chosen, value);
                bounds.extend(monotone.then_some(bound));
                value
            }
            Found::Offers(offers, aside, bound) => {
                bounds.extend(bound.filter(|_| monotone));
                self.best(offers, aside, &mut solution)?
            }
        };
        if let Some(Guarantee { factor, sure: true, .. }) = guarantee {
            bounds.push(raw / factor);
        }
        if self.settings.tight_bound && monotone {
            bounds.push(solution.value + self.gains_beyond(&solution.chosen)?);
        }
        // Rounding must not put the bound below a value that is there.
        solution.upper_bound = bounds.into_iter().fold(f64::INFINITY, f64::min).max(solution.value);
        let spent = self.work().evaluations;
        self.stats.query_work.add(spent - before);
        self.machine.settle(spent - self.settled, &self.live)?;
        self.stats.batch_work += self.work().evaluations - spent;
        self.settled = self.work().evaluations;
        Ok(solution)
    }

    /// Puts the best of `offers` into `solution`, or what a greedy pass over all of them, the elements `aside` and those of largest value alone finds, if that is
    /// better; the best value offered.
    fn best(&mut self, offers: Vec<Offer>, aside: Vec<u32>, solution: &mut Solution) -> Result<f64, OracleFault> {
        let mut pool = aside;
        for (chosen, value) in offers {
            let value = value.unwrap_or_else(|| self.scratch.value_of(&chosen));
            if self.settings.polish {
                pool.extend_from_slice(&chosen);
            }
            if value > solution.value {
                (solution.chosen, solution.value) = (chosen, value);
            }
        }
        let raw = solution.value;
        if self.settings.polish {
            // Values alone are known anyway: whoever is worth most alone is looked at, too.
            let most = self.constraint.most(self.live_capacity());
            pool.extend(self.live.descending().take(most));
            pool.sort_unstable();
            pool.dedup();
            let (chosen, value) = greedy_over(&mut self.scratch, &self.constraint, &pool, &self.live, u64::MAX)?;
            if value > solution.value {
                (solution.chosen, solution.value, solution.polished) = (chosen, value, true);
            }
        }
        Ok(raw)
    }

    /// The largest sum over a feasible set of live elements of what `value` says of each: greedy, which is exact.
    fn most(&self, value: impl Fn(&Live, u32) -> f64) -> f64 {
        let most = self.constraint.most(self.live_capacity());
        match &self.constraint {
            Constraint::Cardinality(_) => {
                let singles = self.live.descending().take(most).map(|element| value(&self.live, element));
                singles.filter(|&value| value > 0.0).sum()
            }
            Constraint::Matroid(_) => {
                let descending = self.live.descending().map(|element| (value(&self.live, element), element)).collect();
                self.most_independent(descending)
            }
        }
    }

    /// The largest sum over a feasible set of these values, sorted from the largest to the smallest.
    fn most_independent(&self, descending: Vec<(f64, u32)>) -> f64 {
        let most = self.constraint.most(self.live_capacity());
        let (mut chosen, mut sum) = (Vec::new(), 0.0);
        for (value, element) in descending.into_iter().take_while(|(value, _)| *value > 0.0) {
            if chosen.len() == most {
                break;
            }
            if self.constraint.can_add(&chosen, element) {
                chosen.push(element);
                sum += value;
            }
        }
        sum
    }

    /// The largest sum of gains on top of `chosen` over a feasible set: a gain of every live element is evaluated.
    fn gains_beyond(&mut self, chosen: &[u32]) -> Result<f64, OracleFault> {
        self.scratch.truncate(0);
        for &element in chosen {
            self.scratch.push(element);
        }
        let mut gains = Vec::with_capacity(self.live.len());
        for element in self.live.descending() {
            gains.push((self.scratch.gain(element, chosen.len())?, element));
        }
        self.scratch.truncate(0);
        gains.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        Ok(self.most_independent(gains))
    }

    pub(crate) fn scratch_work(&self) -> Work {
        self.scratch.work()
    }

    pub(crate) fn set_works(&mut self, empty: Work, scratch: Work) {
        self.empty.set_work(empty);
        self.scratch.set_work(scratch);
    }

    /// Works off what is pending, so that the state can be saved.
    pub(crate) fn rest(&mut self) -> Result<(), MaximizeError> {
        self.sound()?;
        let result = self.machine.flush();
        let worked = self.kept(result)?;
        self.book(worked);
        Ok(())
    }
}
