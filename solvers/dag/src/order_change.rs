//! Changes of an order.

/// A change of the order, by positions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderChange {
    /// The node at `from` comes to stand at `to`.
    Insert {
        /// Its position before.
        from: usize,
        /// Its position afterwards.
        to: usize,
    },
    /// Two nodes change places.
    Exchange {
        /// The earlier position.
        first: usize,
        /// The later one.
        second: usize,
    },
    /// A run of nodes comes to stand elsewhere, in its own sequence.
    Block {
        /// Where its first node is.
        from: usize,
        /// How many nodes it has.
        length: usize,
        /// Where its first node is afterwards.
        to: usize,
    },
}

impl OrderChange {
    /// First and last position that the step touches.
    pub fn interval(&self) -> (usize, usize) {
        match *self {
            Self::Insert { from, to } => (from.min(to), from.max(to)),
            Self::Exchange { first, second } => (first, second),
            Self::Block { from, length, to } => (from.min(to), from.max(to) + length - 1),
        }
    }

    /// The steps of one place that it takes nodes over, in all: what updating a factor costs.
    pub(crate) fn distance(&self) -> usize {
        match *self {
            Self::Insert { from, to } => from.abs_diff(to),
            Self::Exchange { first, second } => 2 * (second - first),
            Self::Block { from, length, to } => length * from.abs_diff(to),
        }
    }

    /// Takes the step on an order alone.
    pub(crate) fn rearrange(&self, order: &mut [usize]) {
        match *self {
            Self::Insert { from, to } if to < from => order[to..=from].rotate_right(1),
            Self::Insert { from, to } => order[from..=to].rotate_left(1),
            Self::Exchange { first, second } => order.swap(first, second),
            Self::Block { from, length, to } if to < from => order[to..from + length].rotate_right(length),
            Self::Block { from, length, to } => order[from..to + length].rotate_left(length),
        }
    }
}

/// A step with its gain.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Gain {
    pub(crate) step: OrderChange,
    /// By how much the score falls.
    pub(crate) gain: f64,
}

impl Gain {
    /// Puts `step` in the place of what is known if it gains more.
    pub(crate) fn improve(best: &mut Option<Self>, least: f64, gain: f64, step: impl FnOnce() -> OrderChange) {
        if gain > best.map_or(least, |best| best.gain) {
            *best = Some(Self { step: step(), gain });
        }
    }
}
