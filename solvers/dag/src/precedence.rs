//! Which node has to stand before which.

use fathom_opt_problems::dag_learning::Knowledge;

/// The pairs of nodes whose sequence is prescribed: by required edges, by tiers where every node is in one, and by chains of both.
///
/// Tiers speak of edges. Where they hold every node, each graph that they allow follows some order that takes one tier after another, so that only such
/// orders need be looked at. Where they leave a node out, a later tier may act on an earlier one through it, and they prescribe no sequence.
#[derive(Debug, Clone)]
pub struct Precedence {
    d: usize,
    /// `before[b * d + a]`: `a` stands before `b`.
    before: Vec<bool>,
}

impl Precedence {
    /// What `knowledge` prescribes for `d` nodes, if it prescribes anything.
    pub fn of(knowledge: &Knowledge, d: usize) -> Option<Self> {
        let layered = knowledge.is_layered(d);
        if knowledge.required().is_empty() && !layered {
            return None;
        }
        let mut before = vec![false; d * d];
        for &(from, to) in knowledge.required() {
            before[to * d + from] = true;
        }
        let tier_of = knowledge.tier_of(d);
        for a in 0..d {
            for b in 0..d {
                if let (true, Some(early), Some(late)) = (layered, tier_of[a], tier_of[b])
                    && early < late
                {
                    before[b * d + a] = true;
                }
            }
        }
        // Warshall's closure.
        for middle in 0..d {
            let via: Vec<bool> = before[middle * d..(middle + 1) * d].to_vec();
            for late in 0..d {
                if before[late * d + middle] {
                    for (entry, &reached) in before[late * d..(late + 1) * d].iter_mut().zip(&via) {
                        *entry |= reached;
                    }
                }
            }
        }
        Some(Self { d, before })
    }

    /// The same with the variable `numbers[k]` as node `k`.
    pub(crate) fn renumbered(&self, numbers: &[usize]) -> Self {
        let before = numbers.iter().flat_map(|&late| numbers.iter().map(move |&early| self.is_before(early, late))).collect();
        Self { d: self.d, before }
    }

    /// Whether `a` has to stand before `b`.
    pub fn is_before(&self, a: usize, b: usize) -> bool {
        self.before[b * self.d + a]
    }

    /// For every position of `order` (which respects the precedence) the first and the last position that its node may move to.
    pub fn ranges(&self, order: &[usize]) -> Vec<(usize, usize)> {
        (0..order.len()).map(|p| self.range(order, p)).collect()
    }

    /// The first and the last position that the node at position `p` of `order` may move to.
    pub fn range(&self, order: &[usize], p: usize) -> (usize, usize) {
        let node = order[p];
        let lowest = (0..p).rev().find(|&k| self.is_before(order[k], node)).map_or(0, |k| k + 1);
        let highest = (p + 1..order.len()).find(|&k| self.is_before(node, order[k])).map_or(order.len() - 1, |k| k - 1);
        (lowest, highest)
    }

    /// The first and the last position that the run of `length` nodes from position `from` on may cover, moved as a whole.
    pub(crate) fn range_of_block(&self, order: &[usize], from: usize, length: usize) -> (usize, usize) {
        let (run, end) = (&order[from..from + length], from + length);
        let lowest = (0..from).rev().find(|&k| run.iter().any(|&node| self.is_before(order[k], node))).map_or(0, |k| k + 1);
        let highest =
            (end..order.len()).find(|&k| run.iter().any(|&node| self.is_before(node, order[k]))).map_or(order.len() - 1, |k| k - 1);
        (lowest, highest)
    }

    /// The order closest to `order` that respects the precedence: nodes come in its sequence, each as soon as it may.
    pub fn repair(&self, order: &[usize]) -> Vec<usize> {
        let mut left: Vec<usize> = order.to_vec();
        let mut repaired = Vec::with_capacity(order.len());
        while !left.is_empty() {
            // Consistent knowledge always leaves a node that may come next.
            let next = left.iter().position(|&node| left.iter().all(|&other| !self.is_before(other, node))).unwrap_or(0);
            repaired.push(left.remove(next));
        }
        repaired
    }
}
