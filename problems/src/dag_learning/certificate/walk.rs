//! Moves under any score that splits into a cost per node, walking each node through the order.

use super::moves::{Before, Best, Found};

/// What a node costs with the best parents among those before it.
pub(super) trait NodeCost {
    /// The cost of `node` after the nodes `before`; `None` where it could not be computed.
    fn cost(&self, node: usize, before: &[usize]) -> Option<f64>;

    /// About how many multiply-adds one cost takes with so many nodes before.
    fn work(&self, before: usize) -> f64;
}

/// The best re-insertion and the best exchange. `standing[k]` is what the node at position `k` costs where it stands; by default what `cost` says.
/// Each kind may take `allowed` multiply-adds.
pub(super) fn moves(cost: &dyn NodeCost, order: &[usize], before: &Before, standing: Option<Vec<f64>>, allowed: f64) -> [Found; 2] {
    let d = order.len();
    let work: f64 = (0..d).map(|k| cost.work(k)).sum();
    let standing: Option<Vec<f64>> = match standing {
        Some(standing) => Some(standing),
        None if work > allowed => return Found::nothing(SLOW),
        None => (0..d).map(|k| cost.cost(order[k], &order[..k])).collect(),
    };
    let Some(standing) = standing else { return Found::nothing(UNSURE) };
    let walk = Walk { cost, order, before, standing };
    let mean = work / d.max(1) as f64;
    [
        if 2.0 * mean * (d * d) as f64 > allowed { Found::Nothing(SLOW.into()) } else { walk.insertions() },
        if mean * (d * d * d) as f64 / 6.0 > allowed { Found::Nothing(SLOW.into()) } else { walk.exchanges() },
    ]
}

const SLOW: &str = "too much work to look at every move";

/// Why something is left open where regressions lose their digits.
pub(super) const UNSURE: &str = "the regressions do not come out accurately enough to tell";

struct Walk<'a> {
    cost: &'a dyn NodeCost,
    order: &'a [usize],
    before: &'a Before,
    standing: Vec<f64>,
}

fn decided(best: Option<Best>) -> Found {
    best.map_or_else(|| Found::Nothing(UNSURE.into()), Found::All)
}

impl Walk<'_> {
    fn insertions(&self) -> Found {
        let mut best = Best::default();
        decided((0..self.order.len()).try_for_each(|p| self.insertions_of(p, &mut best)).map(|()| best))
    }

    fn insertions_of(&self, p: usize, best: &mut Best) -> Option<()> {
        let order = self.order;
        let moved = order[p];
        // Where it stands it may have chosen better parents.
        best.see(self.standing[p] - self.cost.cost(moved, &order[..p])?, moved, moved);
        let (mut old, mut new) = (self.standing[p], 0.0);
        for k in (self.before.lowest(p)..p).rev() {
            old += self.standing[k];
            let mut with: Vec<usize> = order[..k].to_vec();
            let there = self.cost.cost(moved, &with)?;
            with.push(moved);
            new += self.cost.cost(order[k], &with)?;
            best.see(old - new - there, moved, order[k]);
        }
        let (mut old, mut new) = (self.standing[p], 0.0);
        let mut without: Vec<usize> = order[..p].to_vec();
        for (&node, standing) in order.iter().zip(&self.standing).take(self.before.highest(p) + 1).skip(p + 1) {
            old += standing;
            new += self.cost.cost(node, &without)?;
            without.push(node);
            best.see(old - new - self.cost.cost(moved, &without)?, moved, node);
        }
        Some(())
    }

    fn exchanges(&self) -> Found {
        let d = self.order.len();
        let mut best = Best::default();
        for p in 0..d {
            for q in p + 1..=self.before.highest(p) {
                if self.before.lowest(q) <= p && self.exchange(p, q, &mut best).is_none() {
                    return Found::Nothing(UNSURE.into());
                }
            }
        }
        Found::All(best)
    }

    fn exchange(&self, p: usize, q: usize, best: &mut Best) -> Option<()> {
        let order = self.order;
        let mut before: Vec<usize> = order[..p].to_vec();
        let mut new = 0.0;
        for k in p..=q {
            let node = if k == p {
                order[q]
            } else if k == q {
                order[p]
            } else {
                order[k]
            };
            new += self.cost.cost(node, &before)?;
            before.push(node);
        }
        let old: f64 = self.standing[p..=q].iter().sum();
        best.see(old - new, order[p], order[q]);
        Some(())
    }
}
