//! The knapsack problem in whole numbers, its items in order of density, and the state of a search.

use std::cmp::Ordering;

use fathom_opt_problems::online_knapsack::{OnlineKnapsack, Packing};

use crate::ledger::PreciseSum;

/// An item that fits, with its value in whole units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) value: i64,
    pub(super) weight: i64,
    /// Position in the instance.
    pub(super) position: usize,
}

/// Maximise the value of items whose weights sum up to the capacity at most; items by falling density.
#[derive(Debug, Clone)]
pub(super) struct Program {
    pub(super) items: Vec<Item>,
    pub(super) capacity: i64,
    /// Positions of the items of positive value that weigh nothing: they are in every packing.
    pub(super) always: Vec<usize>,
    /// Whether whole units times `unit` are the values.
    pub(super) exact: bool,
    unit: Unit,
    /// Value of the items in `always`.
    weightless: f64,
}

/// What one whole unit of value is.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Unit {
    /// `1 / 10^k`, the divisor: values were decimal numbers.
    Decimal(f64),
    /// This number; values were rounded down to multiples of it.
    Binary(f64),
}

/// Sums of values stay below this, so that no product with a weight overflows 128 bits and no sum 64.
const MOST: f64 = (1_u64 << 60) as f64;

impl Program {
    pub(super) fn of(problem: &OnlineKnapsack) -> Self {
        // A capacity beyond 2^62 exceeds every sum of weights that is looked at.
        let fits = |weight: u64| weight <= problem.capacity().first() && i64::try_from(weight).is_ok();
        let kept: Vec<usize> = (0..problem.items().len())
            .filter(|&k| {
                let item = &problem.items()[k];
                item.value > 0.0 && item.weight.first() > 0 && fits(item.weight.first())
            })
            .collect();
        let values: Vec<f64> = kept.iter().map(|&k| problem.items()[k].value).collect();
        let (unit, units) = whole_units(&values);
        let mut items: Vec<Item> = kept
            .iter()
            .zip(units)
            .map(|(&position, value)| Item {
                value,
                weight: i64::try_from(problem.items()[position].weight.first()).unwrap_or(i64::MAX),
                position,
            })
            .filter(|item| item.value > 0)
            .collect();
        items.sort_by(denser_first);
        let always: Vec<usize> =
            (0..problem.items().len()).filter(|&k| problem.items()[k].weight.first() == 0 && problem.items()[k].value > 0.0).collect();
        let total = items.iter().fold(0_i64, |sum, item| sum.saturating_add(item.weight));
        let capacity = i64::try_from(problem.capacity().first()).unwrap_or(i64::MAX).min(total);
        let weightless = sum(always.iter().map(|&k| problem.items()[k].value));
        Self { items, capacity, always, exact: matches!(unit, Unit::Decimal(_)), unit, weightless }
    }

    /// The value of a packing, from the instance's own numbers.
    pub(super) fn value_of(packing: &Packing, problem: &OnlineKnapsack) -> f64 {
        let mut ids = packing.accepted.iter().peekable();
        sum(problem.items().iter().filter(|item| ids.next_if(|&&id| id == item.id).is_some()).map(|item| item.value))
    }

    /// A number that no packing exceeds whose value is at most `upper` units.
    pub(super) fn bound(&self, upper: i64) -> f64 {
        let value = match self.unit {
            Unit::Decimal(divisor) => upper as f64 / divisor,
            // Each value was rounded down by less than a unit.
            Unit::Binary(unit) => (upper as f64 + self.items.len() as f64) * unit,
        };
        value + self.weightless
    }

    /// Dantzig's bound on what the items from `from` on add to `value` with `room` left, in whole units.
    pub(super) fn linear_bound(&self, from: usize, value: i64, room: i64) -> i64 {
        match self.items.get(from) {
            Some(item) => value.saturating_add(scaled(room, item.value, item.weight)),
            None => value,
        }
    }
}

/// `floor(amount * value / weight)`; `weight` is positive.
pub(super) fn scaled(amount: i64, value: i64, weight: i64) -> i64 {
    let product = i128::from(amount) * i128::from(value);
    i64::try_from(product.div_euclid(i128::from(weight))).unwrap_or(if product > 0 { i64::MAX } else { i64::MIN })
}

/// By falling density; among equals heavier first, then in the instance's order.
fn denser_first(a: &Item, b: &Item) -> Ordering {
    let (left, right) = (i128::from(a.value) * i128::from(b.weight), i128::from(b.value) * i128::from(a.weight));
    right.cmp(&left).then(b.weight.cmp(&a.weight)).then(a.position.cmp(&b.position))
}

fn sum(terms: impl Iterator<Item = f64>) -> f64 {
    let mut sum = PreciseSum::default();
    terms.for_each(|term| sum.add(term));
    sum.value()
}

/// `values` in whole units: exactly where they are decimal numbers of few places (each the double nearest to one), else rounded down.
fn whole_units(values: &[f64]) -> (Unit, Vec<i64>) {
    let total: f64 = values.iter().sum();
    let mut divisor = 1.0_f64;
    while divisor <= 1e12 && total * divisor < MOST {
        let whole = values.iter().map(|value| decimal(*value, divisor)).collect::<Option<Vec<i64>>>();
        if let Some(whole) = whole {
            return (Unit::Decimal(divisor), whole);
        }
        divisor *= 10.0;
    }
    // The smallest power of two above total / MOST; scaling by it is exact.
    let mut unit = f64::MIN_POSITIVE;
    if total > 0.0 {
        #[expect(clippy::cast_possible_truncation, reason = "the logarithm of a double")]
        let power = (total / MOST).log2().ceil() as i32;
        unit = 2.0_f64.powi(power.max(-1020));
    }
    #[expect(clippy::cast_possible_truncation, reason = "below 2^61 by the choice of the unit")]
    let whole = values.iter().map(|value| (value / unit).floor() as i64).collect();
    (Unit::Binary(unit), whole)
}

/// The whole number `n` for which `value` is the double nearest to `n / divisor`, if there is one that doubles hold exactly.
fn decimal(value: f64, divisor: f64) -> Option<i64> {
    let whole = (value * divisor).round();
    #[expect(clippy::cast_possible_truncation, reason = "below 2^53, a whole number")]
    let exact = (whole < 9_007_199_254_740_992.0 && whole / divisor == value).then_some(whole as i64);
    exact
}

/// The best packing so far and what no packing exceeds, in whole units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Search {
    /// Value of the best packing.
    pub(super) best: i64,
    /// Its items, as positions in the program.
    pub(super) chosen: Vec<usize>,
    /// No packing has a larger value.
    pub(super) upper: i64,
}

impl Search {
    /// The greedy packing by density and Dantzig's bound.
    pub(super) fn greedy(program: &Program) -> Self {
        let (mut room, mut best, mut upper) = (program.capacity, 0_i64, None);
        let mut chosen = Vec::new();
        for (k, item) in program.items.iter().enumerate() {
            if item.weight <= room {
                room -= item.weight;
                best += item.value;
                chosen.push(k);
            } else if upper.is_none() {
                upper = Some(program.linear_bound(k, best, room));
            }
        }
        let upper = upper.unwrap_or(best);
        let dearest = (0..program.items.len()).max_by_key(|&k| program.items[k].value);
        if let Some(k) = dearest.filter(|&k| program.items[k].value > best) {
            (best, chosen) = (program.items[k].value, vec![k]);
        }
        Self { best, chosen, upper }
    }
}
