//! Identical items and identical agents, so that a search tries each essentially different allocation once.

use std::collections::HashMap;
use std::ops::ControlFlow;

use crate::valuations::Valuations;

/// The items grouped into kinds that every agent values alike, and for each agent the agent before it with the same utilities.
#[derive(Debug)]
pub(crate) struct Kinds {
    /// The items of each kind, kinds of large utilities first.
    items: Vec<Vec<usize>>,
    twin: Vec<Option<usize>>,
}

impl Kinds {
    /// Agents are identical when they have the same utilities and the same entitlements (all 1 where there are none).
    pub(crate) fn of(valuations: &Valuations<'_>, entitlements: &[u64]) -> Self {
        let (agents, count) = (valuations.agents(), valuations.items());
        let mut by_column: HashMap<Vec<i64>, usize> = HashMap::new();
        let mut items: Vec<Vec<usize>> = Vec::new();
        for item in 0..count {
            let column: Vec<i64> = (0..agents).map(|a| valuations.value(a, item)).collect();
            let kind = *by_column.entry(column).or_insert_with(|| {
                items.push(Vec::new());
                items.len() - 1
            });
            items[kind].push(item);
        }
        let magnitude = |kind: &Vec<usize>| -> u128 { (0..agents).map(|a| u128::from(valuations.value(a, kind[0]).unsigned_abs())).sum() };
        items.sort_by_key(|kind| (std::cmp::Reverse(magnitude(kind)), kind[0]));
        let mut last: HashMap<(&[i64], u64), usize> = HashMap::new();
        let twin = (0..agents).map(|a| last.insert((valuations.row(a), entitlements[a]), a)).collect();
        Self { items, twin }
    }
}

/// A walk through all allocations, up to exchanging items of one kind and agents with the same utilities.
pub(crate) struct Walk<'a, F> {
    valuations: &'a Valuations<'a>,
    kinds: &'a Kinds,
    /// Least utility that each agent must end with.
    floors: Vec<i128>,
    /// `hopes[k][a]`: what agent `a` could still gain from the kinds `k` and later.
    hopes: Vec<Vec<i128>>,
    utilities: Vec<i128>,
    owner: Vec<usize>,
    /// `counts[k][a]`: how many of kind `k` agent `a` has.
    counts: Vec<Vec<usize>>,
    visit: F,
}

/// What a visitor is shown.
pub(crate) enum Visit<'a> {
    /// A node within the tree.
    Node,
    /// A complete allocation.
    Allocation(&'a [usize]),
}

impl<'a, B, F: FnMut(Visit<'_>) -> ControlFlow<B>> Walk<'a, F> {
    /// A walk that leaves out allocations in which some agent has less than its floor.
    pub(crate) fn new(valuations: &'a Valuations<'a>, kinds: &'a Kinds, floors: Vec<i128>, visit: F) -> Self {
        let agents = valuations.agents();
        let mut hopes = vec![vec![0; agents]; kinds.items.len() + 1];
        for (k, items) in kinds.items.iter().enumerate().rev() {
            let count = i128::try_from(items.len()).unwrap_or(i128::MAX);
            hopes[k] = (0..agents).map(|a| hopes[k + 1][a] + count * i128::from(valuations.value(a, items[0]).max(0))).collect();
        }
        Self {
            valuations,
            kinds,
            floors,
            hopes,
            utilities: vec![0; agents],
            owner: vec![0; valuations.items()],
            counts: vec![vec![0; agents]; kinds.items.len()],
            visit,
        }
    }

    /// Shows every allocation to the visitor until it breaks.
    pub(crate) fn run(&mut self) -> ControlFlow<B> {
        self.kind(0)
    }

    fn kind(&mut self, k: usize) -> ControlFlow<B> {
        (self.visit)(Visit::Node)?;
        let hopeless = (0..self.utilities.len()).any(|a| self.utilities[a] + self.hopes[k][a] < self.floors[a]);
        if hopeless {
            return ControlFlow::Continue(());
        }
        if k == self.kinds.items.len() {
            return (self.visit)(Visit::Allocation(&self.owner));
        }
        self.share(k, 0, 0)
    }

    /// Gives the items of kind `k` from position `given` on to agents `a` and later.
    fn share(&mut self, k: usize, a: usize, given: usize) -> ControlFlow<B> {
        let left = self.kinds.items[k].len() - given;
        if a + 1 == self.utilities.len() {
            return if left <= self.most(k, a) { self.give(k, a, given, left) } else { ControlFlow::Continue(()) };
        }
        for count in (0..=left.min(self.most(k, a))).rev() {
            self.give(k, a, given, count)?;
        }
        ControlFlow::Continue(())
    }

    /// An agent never has more of a kind than its twin while the two have had the same so far.
    fn most(&self, k: usize, a: usize) -> usize {
        match self.kinds.twin[a] {
            Some(twin) if self.counts[..k].iter().all(|counts| counts[a] == counts[twin]) => self.counts[k][twin],
            _ => usize::MAX,
        }
    }

    fn give(&mut self, k: usize, a: usize, given: usize, count: usize) -> ControlFlow<B> {
        for position in given..given + count {
            self.owner[self.kinds.items[k][position]] = a;
        }
        let value = i128::from(self.valuations.value(a, self.kinds.items[k][0])) * i128::try_from(count).unwrap_or(i128::MAX);
        self.utilities[a] += value;
        self.counts[k][a] = count;
        let flow = if a + 1 == self.utilities.len() { self.kind(k + 1) } else { self.share(k, a + 1, given + count) };
        self.utilities[a] -= value;
        self.counts[k][a] = 0;
        flow
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allocations(rows: &[Vec<i64>]) -> usize {
        let valuations = Valuations::from_rows(rows);
        let kinds = Kinds::of(&valuations, &vec![1; rows.len()]);
        let mut count = 0;
        let floors = vec![i128::MIN / 2; rows.len()];
        let flow: ControlFlow<()> = Walk::new(&valuations, &kinds, floors, |visit| {
            count += usize::from(matches!(visit, Visit::Allocation(_)));
            ControlFlow::Continue(())
        })
        .run();
        assert!(flow.is_continue());
        count
    }

    #[test]
    fn identical_items_and_agents_are_tried_once() {
        assert_eq!(allocations(&[vec![1, 2, 3], vec![3, 2, 1]]), 8);
        assert_eq!(allocations(&[vec![1, 1, 1], vec![2, 2, 2]]), 4);
        assert_eq!(allocations(&[vec![1, 1, 1], vec![1, 1, 1]]), 2);
        assert_eq!(allocations(&[vec![1, 2], vec![1, 2], vec![1, 2]]), 2);
        // Chores of three kinds 5, 5, 3 for four different agents: 56 * 56 * 20 splits.
        let row = |a: i64| [vec![-a; 5], vec![-2 * a - 1; 5], vec![-3; 3]].concat();
        assert_eq!(allocations(&[row(1), row(2), row(3), row(4)]), 62_720);
    }
}
