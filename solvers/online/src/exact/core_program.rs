//! Dynamic programming over a core that grows around the break item.

use fathom_opt_core::{Counters, Limit, Run, Stop};

use super::incumbent::Incumbent;
use super::number::Number;
use super::program::Program;

/// A set of decisions about the items of the core; outside it, items before the core are in and items after it are out.
#[derive(Debug, Clone, Copy)]
struct State<N> {
    value: N,
    weight: N,
    /// The last item whose decision was turned: an index into the log, or [`NONE`].
    turned: u32,
}

/// A turned decision and the one before it.
#[derive(Debug, Clone, Copy)]
struct Turn {
    before: u32,
    item: u32,
}

const NONE: u32 = u32::MAX;

/// How many states pass between two looks at the clock: some milliseconds.
const STRIDE: usize = 1 << 17;

/// The dynamic program: states sorted by weight, none dominated by another, all with a bound above the best packing.
pub(super) struct CoreProgram<'a, N> {
    program: &'a Program<N>,
    /// The core is `from..to`.
    from: usize,
    to: usize,
    states: Vec<State<N>>,
    log: Vec<Turn>,
    /// Turns that were alive when dead ones were last dropped.
    alive: usize,
    most_bytes: usize,
    since_look: usize,
}

impl<'a, N: Number> CoreProgram<'a, N> {
    /// The program with an empty core: one state, the break solution. It may use `memory` MiB.
    pub(super) fn new(program: &'a Program<N>, memory: u64) -> Self {
        let (mut weight, mut value, mut at) = (N::default(), N::default(), 0);
        while at < program.items.len() && program.items[at].weight <= program.capacity - weight {
            weight += program.items[at].weight;
            value += program.items[at].value;
            at += 1;
        }
        let most_bytes = usize::try_from(memory.saturating_mul(1 << 20)).unwrap_or(usize::MAX);
        Self {
            program,
            from: at,
            to: at,
            states: vec![State { value, weight, turned: NONE }],
            log: Vec::new(),
            alive: 0,
            most_bytes,
            since_look: 0,
        }
    }

    /// Grows the core until no state can beat the best packing. At a limit, `search.upper` is a bound over the states that are left.
    pub(super) fn run(mut self, search: &mut Incumbent<N>, run: &Run, counters: &mut Counters) -> Option<Stop> {
        let count = self.program.items.len();
        let mut forward = true;
        self.prune(search);
        while search.best < search.upper && !self.states.is_empty() && (self.from > 0 || self.to < count) {
            if self.next_bytes() > self.most_bytes / 2 && self.log.len() > 2 * self.alive {
                self.forget_dead_turns();
            }
            if self.next_bytes() > self.most_bytes || self.log.len() + self.states.len() >= NONE as usize {
                self.bound(search);
                return Some(Stop::Limit(Limit::Memory));
            }
            // Turn about: an item behind the core may come in, an item before it may go out.
            let enters = self.to < count && (forward || self.from == 0);
            if enters {
                self.extend(self.to, true);
                self.to += 1;
            } else {
                self.from -= 1;
                self.extend(self.from, false);
            }
            forward = !forward;
            self.prune(search);
            counters.iterations += 1;
            counters.add("states", self.states.len() as u64);
            self.since_look += self.states.len();
            if self.since_look > STRIDE || counters.iterations.is_multiple_of(256) {
                self.since_look = 0;
                if let Some(stop) = run.should_stop(counters) {
                    self.bound(search);
                    return Some(stop);
                }
            }
        }
        // A full core leaves states whose bound is their own value; none of them beat the best packing, or they would be it.
        search.upper = search.best;
        None
    }

    /// The most memory that the next step may hold at a time: two generations of states, the new one twice as large as the old, and the log, which may
    /// be moved while it grows by a quarter.
    fn next_bytes(&self) -> usize {
        let states = (self.states.capacity() + 2 * self.states.len()).saturating_mul(size_of::<State<N>>());
        let turns = (self.log.len() + self.states.len()).saturating_mul(size_of::<Turn>());
        states.saturating_add(turns.saturating_mul(9) / 4)
    }

    /// Every state with and without `item` turned (it comes in or goes out), merged by weight; of two states the one that is heavier and not
    /// worth more is dropped.
    fn extend(&mut self, item: usize, enters: bool) {
        let (value, weight) = (self.program.items[item].value, self.program.items[item].weight);
        let (value, weight) = if enters { (value, weight) } else { (-value, -weight) };
        let item = u32::try_from(item).unwrap_or(NONE);
        let mut merged: Vec<State<N>> = Vec::with_capacity(self.states.len() * 2);
        if self.log.capacity() - self.log.len() < self.states.len() {
            self.log.reserve_exact(self.states.len().max(self.log.len() / 4));
        }
        let (mut kept, mut turned) = (0, 0);
        let mut best = N::LEAST;
        loop {
            let as_is = self.states.get(kept);
            let changed = self.states.get(turned).map(|state| (state.weight + weight, state.value + value, state.turned));
            let take_kept = match (as_is, changed) {
                (None, None) => break,
                (Some(_), None) => true,
                (None, Some(_)) => false,
                (Some(state), Some((weight, value, _))) => (state.weight, -state.value) <= (weight, -value),
            };
            if take_kept {
                if let Some(state) = as_is
                    && state.value > best
                {
                    best = state.value;
                    merged.push(*state);
                }
                kept += 1;
            } else {
                if let Some((weight, value, before)) = changed
                    && value > best
                {
                    best = value;
                    let at = u32::try_from(self.log.len()).unwrap_or(NONE);
                    self.log.push(Turn { before, item });
                    merged.push(State { value, weight, turned: at });
                }
                turned += 1;
            }
        }
        self.states = merged;
    }

    /// Takes a better packing from the states, and drops the states that cannot lead to a better one.
    fn prune(&mut self, search: &mut Incumbent<N>) {
        let capacity = self.program.capacity;
        let best = self.states.iter().take_while(|state| state.weight <= capacity).last().copied();
        if let Some(state) = best.filter(|state| state.value > search.best) {
            search.best = state.value;
            search.chosen = self.chosen(&state);
        }
        let incumbent = search.best;
        let frame = self.frame();
        self.states.retain(|state| frame.bound(state) > incumbent);
    }

    fn frame(&self) -> Frame<N> {
        let items = &self.program.items;
        let density = |at: Option<usize>| at.and_then(|at| items.get(at)).map(|item| (item.value, item.weight));
        Frame { capacity: self.program.capacity, entering: density(Some(self.to)), leaving: density(self.from.checked_sub(1)) }
    }

    /// Sets `search.upper` from the states that are left.
    fn bound(&self, search: &mut Incumbent<N>) {
        let frame = self.frame();
        let most = self.states.iter().map(|state| frame.bound(state)).max().unwrap_or(search.best);
        search.upper = search.upper.min(most.max(search.best));
    }

    /// The items in the packing of `state`.
    fn chosen(&self, state: &State<N>) -> Vec<usize> {
        let mut inside = vec![false; self.program.items.len()];
        let (mut weight, mut at) = (N::default(), 0);
        while at < self.program.items.len() && self.program.items[at].weight <= self.program.capacity - weight {
            weight += self.program.items[at].weight;
            inside[at] = true;
            at += 1;
        }
        let mut turned = state.turned;
        while let Some(turn) = self.log.get(turned as usize) {
            inside[turn.item as usize] = !inside[turn.item as usize];
            turned = turn.before;
        }
        (0..inside.len()).filter(|&k| inside[k]).collect()
    }

    /// Drops the turns that no state leads to.
    fn forget_dead_turns(&mut self) {
        let mut alive = vec![false; self.log.len()];
        for state in &self.states {
            let mut turned = state.turned;
            while let Some(flag) = alive.get_mut(turned as usize).filter(|flag| !**flag) {
                *flag = true;
                turned = self.log[turned as usize].before;
            }
        }
        // A turn comes after the one before it, so that one pass moves them all.
        let mut moved = vec![NONE; self.log.len()];
        let mut kept: Vec<Turn> = Vec::with_capacity(self.log.len() / 4);
        for (at, turn) in self.log.iter().enumerate().filter(|(at, _)| alive[*at]) {
            moved[at] = u32::try_from(kept.len()).unwrap_or(NONE);
            kept.push(Turn { before: moved.get(turn.before as usize).copied().unwrap_or(NONE), item: turn.item });
        }
        for state in &mut self.states {
            state.turned = moved.get(state.turned as usize).copied().unwrap_or(NONE);
        }
        self.alive = kept.len();
        self.log = kept;
    }
}

/// The densest item that may still enter and the least dense that may still leave, as (value, weight).
struct Frame<N> {
    capacity: N,
    entering: Option<(N, N)>,
    leaving: Option<(N, N)>,
}

impl<N: Number> Frame<N> {
    /// No packing that follows from `state` is worth more.
    fn bound(&self, state: &State<N>) -> N {
        let room = self.capacity - state.weight;
        if room >= N::default() {
            self.entering.map_or(state.value, |(value, weight)| state.value.saturating_plus(room.scaled(value, weight)))
        } else {
            self.leaving.map_or(N::LEAST, |(value, weight)| state.value.saturating_plus(room.scaled(value, weight)))
        }
    }
}
