//! Moves of nodes in an order: which are allowed, and what was found about them.

use super::super::graph::positions;
use super::super::knowledge::Knowledge;

/// The best move of one kind: its gain in units of the score, and the nodes that stand at the ends of what it touches.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Best {
    pub(super) gain: f64,
    pub(super) first: usize,
    pub(super) last: usize,
    /// Whether some gain was no number, so that the best is not known.
    pub(super) undefined: bool,
}

impl Best {
    pub(super) fn see(&mut self, gain: f64, first: usize, last: usize) {
        self.undefined |= gain.is_nan() || gain == f64::INFINITY;
        if gain > self.gain {
            (self.gain, self.first, self.last) = (gain, first, last);
        }
    }
}

/// What was found about the moves of one kind.
#[derive(Debug, Clone)]
pub(super) enum Found {
    /// The best of all moves.
    All(Best),
    /// The best of those seen; whether others are better is open, for this reason.
    Some(Best, String),
    /// Nothing, for this reason.
    Nothing(String),
}

impl Found {
    /// Nothing about either kind.
    pub(super) fn nothing(why: &str) -> [Self; 2] {
        [Self::Nothing(why.to_owned()), Self::Nothing(why.to_owned())]
    }

    /// The same finding with `more` said where it is open for the reason `why`.
    pub(super) fn because(self, why: &str, more: impl FnOnce() -> Option<String>) -> Self {
        let said = |reason: String, more: Option<String>| more.map_or_else(|| reason.clone(), |more| format!("{reason}: {more}"));
        match self {
            Self::Some(best, reason) if reason == why => Self::Some(best, said(reason, more())),
            Self::Nothing(reason) if reason == why => Self::Nothing(said(reason, more())),
            other => other,
        }
    }

    /// The same finding where not every alternative could be computed.
    pub(super) fn but_open(self, why: &str) -> Self {
        match self {
            Self::All(best) => Self::Some(best, why.to_owned()),
            other => other,
        }
    }
}

/// Which positions have to stand before which: `before[b * d + a]` whether knowledge asks that the node at position `a` stands before the one at `b`.
pub(super) struct Before {
    d: usize,
    matrix: Vec<bool>,
}

impl Before {
    /// What `knowledge` prescribes about `order`, with the sequence of tiers where `by_tiers`.
    pub(super) fn of(knowledge: &Knowledge, order: &[usize], by_tiers: bool) -> Self {
        let d = order.len();
        let position = positions(order);
        let tier_of = knowledge.tier_of(d);
        let mut matrix = vec![false; d * d];
        for &(from, to) in knowledge.required() {
            matrix[position[to] * d + position[from]] = true;
        }
        if by_tiers {
            for a in 0..d {
                for b in 0..d {
                    if let (Some(early), Some(late)) = (tier_of[order[a]], tier_of[order[b]])
                        && early < late
                    {
                        matrix[b * d + a] = true;
                    }
                }
            }
        }
        Self { d, matrix }
    }

    fn is(&self, a: usize, b: usize) -> bool {
        self.matrix[b * self.d + a]
    }

    /// The first position that the node at `p` may move to.
    pub(super) fn lowest(&self, p: usize) -> usize {
        (0..p).rev().find(|&k| self.is(k, p)).map_or(0, |k| k + 1)
    }

    /// The last position that the node at `p` may move to.
    pub(super) fn highest(&self, p: usize) -> usize {
        (p + 1..self.d).find(|&k| self.is(p, k)).map_or(self.d - 1, |k| k - 1)
    }
}
