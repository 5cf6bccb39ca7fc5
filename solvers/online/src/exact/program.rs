//! The knapsack problem in whole numbers, its items in order of density.

use std::cmp::Ordering;

use fathom_opt_problems::online_knapsack::{OnlineKnapsack, Packing};

use super::number::Number;
use super::units::{Unit, whole_units};
use crate::ledger::PreciseSum;

/// An item that fits, with its value in whole units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Item<N> {
    pub(super) value: N,
    pub(super) weight: N,
    /// Position in the instance.
    pub(super) position: usize,
}

/// Maximise the value of items whose weights sum up to the capacity at most; items by falling density.
#[derive(Debug, Clone)]
pub(super) struct Program<N> {
    pub(super) items: Vec<Item<N>>,
    pub(super) capacity: N,
    /// Positions of the items of positive value that weigh nothing: they are in every packing.
    pub(super) always: Vec<usize>,
    unit: Unit,
    /// Units of the items in `always`.
    weightless: i128,
    /// Items of positive value that fit.
    counted: usize,
}

/// A program in as few bits as it needs.
pub(super) enum AnyProgram {
    Narrow(Program<i64>),
    Wide(Program<i128>),
}

/// Sums in a narrow program stay below this.
const NARROW: i128 = 1 << 61;

impl AnyProgram {
    pub(super) fn of(problem: &OnlineKnapsack) -> Self {
        let capacity = problem.capacity().first();
        let kept: Vec<usize> = (0..problem.items().len())
            .filter(|&k| problem.items()[k].value > 0.0 && problem.items()[k].weight.first() <= capacity)
            .collect();
        let values: Vec<f64> = kept.iter().map(|&k| problem.items()[k].value).collect();
        let (unit, units) = whole_units(&values);
        let (mut items, mut always, mut weightless) = (Vec::with_capacity(kept.len()), Vec::new(), 0);
        for (&position, value) in kept.iter().zip(units) {
            let weight = i128::from(problem.items()[position].weight.first());
            if weight == 0 {
                always.push(position);
                weightless += value;
            } else {
                items.push(Item { value, weight, position });
            }
        }
        let sum = |part: fn(&Item<i128>) -> i128| items.iter().map(part).sum::<i128>();
        let (value, weight) = (sum(|item| item.value), sum(|item| item.weight));
        let capacity = i128::from(capacity).min(weight);
        let wide = Program { items, capacity, always, unit, weightless, counted: kept.len() };
        match wide.narrow().filter(|_| value < NARROW && weight < NARROW) {
            Some(narrow) => Self::Narrow(narrow.sorted()),
            None => Self::Wide(wide.sorted()),
        }
    }
}

impl Program<i128> {
    /// The same in 64 bits, if all numbers fit.
    fn narrow(&self) -> Option<Program<i64>> {
        let item = |item: &Item<i128>| Some(Item { value: i64::of(item.value)?, weight: i64::of(item.weight)?, position: item.position });
        Some(Program {
            items: self.items.iter().map(item).collect::<Option<Vec<_>>>()?,
            capacity: i64::of(self.capacity)?,
            always: self.always.clone(),
            unit: self.unit,
            weightless: self.weightless,
            counted: self.counted,
        })
    }
}

impl<N: Number> Program<N> {
    fn sorted(mut self) -> Self {
        self.items.sort_by(denser_first);
        self
    }

    /// Whether an optimum in whole units is the optimum (in decimal ones: to the last bit).
    pub(super) fn is_exact(&self) -> bool {
        self.unit.is_exact()
    }

    /// The value of a packing, from the instance's own numbers.
    pub(super) fn value_of(packing: &Packing, problem: &OnlineKnapsack) -> f64 {
        let mut ids = packing.accepted.iter().peekable();
        let mut sum = PreciseSum::default();
        for item in problem.items().iter().filter(|item| ids.next_if(|&&id| id == item.id).is_some()) {
            sum.add(item.value);
        }
        sum.value()
    }

    /// A number that no packing exceeds whose value, but for the weightless items, is at most `upper` units.
    pub(super) fn bound(&self, upper: N) -> f64 {
        self.unit.at_most(upper.wide().saturating_add(self.weightless), self.counted)
    }

    /// Dantzig's bound on what the items from `from` on add to `value` with `room` left, in whole units.
    #[inline]
    pub(super) fn linear_bound(&self, from: usize, value: N, room: N) -> N {
        match self.items.get(from) {
            Some(item) => value.saturating_plus(room.scaled(item.value, item.weight)),
            None => value,
        }
    }
}

/// By falling density; among equals heavier first, then in the instance's order.
fn denser_first<N: Number>(a: &Item<N>, b: &Item<N>) -> Ordering {
    N::compare_products(b.value, a.weight, a.value, b.weight).then(b.weight.cmp(&a.weight)).then(a.position.cmp(&b.position))
}
