//! An agent's items in the order in which it would pick them.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Items by decreasing utility, equal ones by increasing index, sorted only as far as they are asked for.
///
/// Built in `O(m)`; each item that is looked at costs `O(log m)`. A picking sequence looks at few of them unless the agents agree.
#[derive(Debug)]
pub(crate) struct PreferenceQueue {
    heap: BinaryHeap<(i64, Reverse<usize>)>,
}

impl PreferenceQueue {
    /// `items` with the utilities that `row` has for them.
    pub(crate) fn new(row: &[i64], items: &[usize]) -> Self {
        Self { heap: items.iter().map(|&item| (row[item], Reverse(item))).collect() }
    }

    /// The best item that `is_free`, and its utility. Items before it are dropped: an item that was taken does not come back.
    pub(crate) fn best(&mut self, is_free: impl Fn(usize) -> bool) -> Option<(usize, i64)> {
        while let Some(&(value, Reverse(item))) = self.heap.peek() {
            if is_free(item) {
                return Some((item, value));
            }
            self.heap.pop();
        }
        None
    }
}
