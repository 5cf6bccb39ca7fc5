//! How elements come and go, and when it is asked.

use std::cmp::Reverse;
use std::collections::{BTreeSet, VecDeque};

use fathom_opt_problems::submodular_stream::{Action, Step};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::parameter_error::ParameterError;

/// Streams are made in memory.
const MOST_UPDATES: usize = 100_000_000;

/// How elements come and go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StreamKind {
    /// Elements come in order; each goes when `window` more have come. The order begins anew where more updates are wanted.
    #[default]
    Window,
    /// All come; then the live one of largest value alone goes again and again, and comes back `window` deletions later. It takes the greedy solution's first
    /// element each time, yet it is fixed in advance.
    Killer,
    /// All come, then all go, from the largest value alone to the smallest.
    LargestFirst,
    /// All come; then the `window` elements of largest value alone go and come back in turn.
    Churn,
}

/// A stream over elements in order of appearance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Churning {
    /// How elements come and go.
    pub kind: StreamKind,
    /// The number of elements that the kind speaks of; half of all elements where it is not given (200 for killer and churn).
    pub window: Option<usize>,
    /// At most so many updates; as many as make every element come and go once where it is not given.
    pub updates: Option<usize>,
    /// A query after every so many updates, at least 1, and one at the end.
    pub every: usize,
}

impl Churning {
    /// The steps over elements with these ids and these values alone, in the order in which they first come.
    ///
    /// # Errors
    /// No element, a window or a distance of queries of 0, no updates.
    pub fn steps(&self, ids: &[u64], singles: &[f64]) -> Result<Vec<Step>, ParameterError> {
        let n = ids.len();
        let small = matches!(self.kind, StreamKind::Killer | StreamKind::Churn);
        let window = self.window.unwrap_or(if small { 200.min(n / 2).max(1) } else { (n / 2).max(1) });
        if window == 0 || window > n {
            return Err(ParameterError::range("window", window, "at least 1, and at most the number of elements"));
        }
        if self.every == 0 {
            return Err(ParameterError::range("every", 0, "at least 1"));
        }
        if self.updates == Some(0) {
            return Err(ParameterError::range("updates", 0, "at least 1"));
        }
        if let Some(updates) = self.updates.filter(|&updates| updates > MOST_UPDATES) {
            return Err(ParameterError::range("updates", updates, "at most 100000000: the stream is made in memory"));
        }
        let most = self.updates.unwrap_or(2 * n);
        let mut steps = Vec::with_capacity(most + most / self.every + 1);
        let mut updates = 0;
        for (insert, element) in self.updates_of(singles, window, most) {
            let action = if insert { Action::Insert } else { Action::Delete };
            steps.push(Step::new(action, Some(ids[element])));
            updates += 1;
            if updates % self.every == 0 {
                steps.push(Step::new(Action::Query, None));
            }
        }
        if updates % self.every != 0 {
            steps.push(Step::new(Action::Query, None));
        }
        Ok(steps)
    }

    /// At most `most` insertions (true) and deletions of positions.
    fn updates_of(&self, singles: &[f64], window: usize, most: usize) -> Vec<(bool, usize)> {
        let n = singles.len();
        let rank = |element: usize| (Reverse(singles[element].to_bits()), element);
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_by_key(|&element| rank(element));
        let all = (0..n).map(|element| (true, element));
        match self.kind {
            StreamKind::Window if window == n => all.clone().chain((0..n).map(|element| (false, element))).take(most).collect(),
            StreamKind::Window => {
                let pairs = (0..).flat_map(|time: usize| {
                    let leaves = time.checked_sub(window).map(|old| (false, old % n));
                    leaves.into_iter().chain(std::iter::once((true, time % n)))
                });
                pairs.take(most).collect()
            }
            StreamKind::LargestFirst => all.chain(order.into_iter().map(|element| (false, element))).take(most).collect(),
            StreamKind::Churn => {
                let turns = order[..window].iter().copied().cycle();
                all.chain(turns.flat_map(|element| [(false, element), (true, element)])).take(most).collect()
            }
            StreamKind::Killer => {
                let mut stream: Vec<(bool, usize)> = all.collect();
                let mut live: BTreeSet<_> = (0..n).map(rank).collect();
                let mut gone = VecDeque::new();
                while stream.len() < most {
                    let Some(first) = live.pop_first() else { break };
                    stream.push((false, first.1));
                    gone.push_back(first);
                    if gone.len() > window
                        && let Some(back) = gone.pop_front()
                    {
                        stream.push((true, back.1));
                        live.insert(back);
                    }
                }
                stream.truncate(most);
                stream
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_a_stream() {
        let singles = [3.0, 1.0, 5.0, 2.0, 4.0];
        for kind in [StreamKind::Window, StreamKind::Killer, StreamKind::LargestFirst, StreamKind::Churn] {
            for (window, updates) in [(None, None), (Some(2), Some(40)), (Some(5), Some(9)), (Some(1), Some(1))] {
                let churning = Churning { kind, window, updates, every: 3 };
                let steps = churning.steps(&[0, 1, 2, 3, 4], &singles).unwrap();
                let mut live = [false; 5];
                for step in &steps {
                    if let Some(id) = step.id {
                        let insert = step.action == Action::Insert;
                        assert_ne!(live[id as usize], insert, "{kind:?} {window:?}");
                        live[id as usize] = insert;
                    }
                }
                assert_eq!(steps.last().map(|step| step.action), Some(Action::Query));
            }
        }
        let killer = Churning { kind: StreamKind::Killer, window: Some(1), updates: Some(9), every: 100 };
        let ids: Vec<Option<u64>> = killer.steps(&[0, 1, 2, 3, 4], &singles).unwrap()[5..9].iter().map(|step| step.id).collect();
        assert_eq!(ids, [Some(2), Some(4), Some(2), Some(2)]);
    }
}
