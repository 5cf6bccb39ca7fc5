//! One agent's view of an allocation: what it thinks of each bundle.

use super::amount::{Amount, Table};

/// No item.
pub(super) const NONE: usize = usize::MAX;

/// What one agent thinks of one bundle: its value, and the items that the fairness notions may remove.
#[derive(Debug, Clone)]
pub(super) struct Bundle<A> {
    /// Value of the bundle.
    pub(super) value: A,
    /// Value of its items that the agent values positively.
    pub(super) positive: A,
    /// Value of its items that the agent values negatively.
    pub(super) negative: A,
    /// The most valuable item.
    pub(super) best: Extreme<A>,
    /// The least valuable item.
    pub(super) worst: Extreme<A>,
    /// The least valuable item among those of positive value.
    pub(super) least_positive: Extreme<A>,
    /// The least bad item among those of negative value.
    pub(super) mildest_negative: Extreme<A>,
    /// An item of value zero.
    pub(super) zero: usize,
}

/// An item of a bundle that is extreme in some sense, or [`NONE`].
#[derive(Debug, Clone)]
pub(super) struct Extreme<A> {
    pub(super) item: usize,
    pub(super) value: A,
}

impl<A: Amount> Extreme<A> {
    fn none() -> Self {
        Self { item: NONE, value: A::zero() }
    }

    fn raise(&mut self, item: usize, value: &A) {
        if self.item == NONE || *value > self.value {
            *self = Self { item, value: value.clone() };
        }
    }

    fn lower(&mut self, item: usize, value: &A) {
        if self.item == NONE || *value < self.value {
            *self = Self { item, value: value.clone() };
        }
    }

    /// The item's value, when there is an item.
    pub(super) fn get(&self) -> Option<&A> {
        (self.item != NONE).then_some(&self.value)
    }
}

/// Agent `agent`'s view of all bundles.
pub(super) struct View<A> {
    pub(super) agent: usize,
    /// Value of all items together.
    pub(super) total: A,
    pub(super) bundles: Vec<Bundle<A>>,
}

impl<A: Amount> View<A> {
    pub(super) fn of<T: Table<Amount = A>>(table: &T, owner: &[usize], agent: usize) -> Self {
        let empty = Bundle {
            value: A::zero(),
            positive: A::zero(),
            negative: A::zero(),
            best: Extreme::none(),
            worst: Extreme::none(),
            least_positive: Extreme::none(),
            mildest_negative: Extreme::none(),
            zero: NONE,
        };
        let mut bundles = vec![empty; table.agents()];
        for (item, &holder) in owner.iter().enumerate() {
            let bundle = &mut bundles[holder];
            let value = table.value(agent, item);
            match table.sign(agent, item) {
                1 => {
                    bundle.positive = bundle.positive.plus(&value);
                    bundle.least_positive.lower(item, &value);
                }
                -1 => {
                    bundle.negative = bundle.negative.plus(&value);
                    bundle.mildest_negative.raise(item, &value);
                }
                _ => bundle.zero = item,
            }
            bundle.best.raise(item, &value);
            bundle.worst.lower(item, &value);
        }
        let mut total = A::zero();
        for bundle in &mut bundles {
            bundle.value = bundle.positive.plus(&bundle.negative);
            total = total.plus(&bundle.value);
        }
        Self { agent, total, bundles }
    }

    pub(super) fn own(&self) -> &Bundle<A> {
        &self.bundles[self.agent]
    }

    /// The other agents and what this one thinks of their bundles.
    pub(super) fn others(&self) -> impl Iterator<Item = (usize, &Bundle<A>)> {
        self.bundles.iter().enumerate().filter(move |(other, _)| *other != self.agent)
    }
}
