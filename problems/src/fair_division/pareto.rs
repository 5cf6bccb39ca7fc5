//! Pareto optimality by search: is there an allocation that is at least as good for all and better for one?

use super::amount::{Amount, Table};

/// The finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Dominance {
    /// No allocation dominates; the search was finished.
    None,
    /// This one does.
    Dominated(Vec<usize>),
    /// The work ran out first.
    Undecided,
}

/// Weights are integers up to this, so that weighted sums still fit.
pub(super) const LARGEST_WEIGHT: u64 = 1 << 16;

/// The search goes as deep as there are items, and keeps a sum per item and agent; instances beyond these sizes would not be decided anyway.
const MOST_ITEMS: usize = 4000;
const MOST_UTILITIES: usize = 2_000_000;

/// Looks for a dominating allocation with at most `work` candidates examined.
///
/// For any weights `lambda > 0` a dominating allocation has a larger weighted sum than this one, so over all items it loses less than the gap between
/// `sum_o max_a lambda_a u_a(o)` and this allocation's weighted sum. With weights near those of the fractional optimum the gap is small, and few
/// owners of each item are left to try.
pub(super) fn decide<T: Table>(table: &T, owner: &[usize], work: u64) -> Dominance {
    if let Some(better) = exchange(table, owner, work) {
        return Dominance::Dominated(better);
    }
    let (n, m) = (table.agents(), table.items());
    if m > MOST_ITEMS || n.saturating_mul(m) > MOST_UTILITIES {
        return Dominance::Undecided;
    }
    let weights = weights(table, owner, work);
    let weighted = |a: usize, o: usize| table.value(a, o).times(weights[a]);
    let mut targets = vec![T::Amount::zero(); n];
    let mut gap = T::Amount::zero();
    let mut candidates: Vec<Vec<(T::Amount, usize)>> = Vec::with_capacity(m);
    let mut importance: Vec<(T::Amount, usize)> = Vec::with_capacity(m);
    for (o, &holder) in owner.iter().enumerate() {
        targets[holder] = targets[holder].plus(&table.value(holder, o));
        let mut losses: Vec<(T::Amount, usize)> = (0..n).map(|a| (weighted(a, o), a)).collect();
        // Largest weighted value first; the order among equals keeps the search reproducible.
        losses.sort_unstable_by(|x, y| y.0.cmp(&x.0).then(x.1.cmp(&y.1)));
        let (best, worst) = (losses[0].0.clone(), losses[n - 1].0.clone());
        gap = gap.plus(&best.minus(&weighted(holder, o)));
        importance.push((worst.minus(&best), o));
        for (loss, _) in &mut losses {
            *loss = best.minus(loss);
        }
        candidates.push(losses);
    }
    importance.sort_unstable();
    let order: Vec<usize> = importance.into_iter().map(|(_, o)| o).collect();
    // What each agent can still gain from the items at positions k and later.
    let mut hopes = vec![vec![T::Amount::zero(); n]; m + 1];
    for (k, &o) in order.iter().enumerate().rev() {
        hopes[k] =
            (0..n).map(|a| if table.sign(a, o) > 0 { hopes[k + 1][a].plus(&table.value(a, o)) } else { hopes[k + 1][a].clone() }).collect();
    }
    let mut search = Search { table, targets, candidates, order, hopes, values: vec![T::Amount::zero(); n], chosen: vec![0; m], work };
    match search.descend(0, &gap) {
        Some(true) => Dominance::Dominated(search.chosen),
        Some(false) => Dominance::None,
        None => Dominance::Undecided,
    }
}

struct Search<'a, T: Table> {
    table: &'a T,
    /// What each agent has now.
    targets: Vec<T::Amount>,
    /// For each item its possible owners by increasing loss of weighted value.
    candidates: Vec<Vec<(T::Amount, usize)>>,
    order: Vec<usize>,
    hopes: Vec<Vec<T::Amount>>,
    values: Vec<T::Amount>,
    chosen: Vec<usize>,
    work: u64,
}

impl<T: Table> Search<'_, T> {
    /// Whether the items from position `k` on can be given out so that the allocation dominates, losing less than `gap`; `None` when work ran out.
    fn descend(&mut self, k: usize, gap: &T::Amount) -> Option<bool> {
        if k == self.order.len() {
            let better = self.values.iter().zip(&self.targets).any(|(value, target)| value > target);
            return Some(better);
        }
        let o = self.order[k];
        for choice in 0..self.candidates[o].len() {
            // One candidate is a look at every agent; what that takes beyond a few dozen agents counts as well.
            self.work = self.work.checked_sub(1 + self.values.len() as u64 / 64)?;
            let (loss, agent) = self.candidates[o][choice].clone();
            // The weighted sum has to grow, so the whole gap may not be lost.
            let left = gap.minus(&loss);
            if !left.is_positive() {
                break;
            }
            let value = self.table.value(agent, o);
            self.values[agent] = self.values[agent].plus(&value);
            self.chosen[o] = agent;
            let hopeful = (0..self.values.len()).all(|a| self.values[a].plus(&self.hopes[k + 1][a]) >= self.targets[a]);
            if hopeful && self.descend(k + 1, &left)? {
                return Some(true);
            }
            self.values[agent] = self.values[agent].minus(&value);
        }
        Some(false)
    }
}

/// Positive integer weights for which the gap is small: a multiplicative subgradient method in floating point. Any weights are valid; these only make
/// the search short.
fn weights<T: Table>(table: &T, owner: &[usize], work: u64) -> Vec<u64> {
    let (n, m) = (table.agents(), table.items());
    let size = (n * m) as u64;
    let rounds = (work * 4 / size.max(1)).clamp(1, 200);
    let values: Vec<f64> = (0..n).flat_map(|a| (0..m).map(move |o| (a, o))).map(|(a, o)| table.value(a, o).to_f64()).collect();
    let scale: Vec<f64> =
        values.chunks_exact(m).map(|row| row.iter().map(|value| value.abs()).sum::<f64>().max(f64::MIN_POSITIVE)).collect();
    let mut targets = vec![0.0; n];
    for (o, &holder) in owner.iter().enumerate() {
        targets[holder] += values[holder * m + o];
    }
    let mut lambda: Vec<f64> = scale.iter().map(|scale| 1.0 / scale).collect();
    let mut best = (f64::INFINITY, lambda.clone());
    for round in 0..rounds {
        let mut attained = vec![0.0; n];
        let mut sum = 0.0;
        for o in 0..m {
            let mut holder = 0;
            for a in 1..n {
                if lambda[a] * values[a * m + o] > lambda[holder] * values[holder * m + o] {
                    holder = a;
                }
            }
            attained[holder] += values[holder * m + o];
            sum += lambda[holder] * values[holder * m + o];
        }
        let size: f64 = lambda.iter().zip(&scale).map(|(weight, scale)| weight * scale).sum();
        let own: f64 = lambda.iter().zip(&targets).map(|(weight, target)| weight * target).sum();
        let gap = (sum - own) / size;
        if gap < best.0 {
            best = (gap, lambda.clone());
        }
        let step = 1.0 / (2.0 + round as f64 / 4.0);
        for a in 0..n {
            let excess = ((attained[a] - targets[a]) / scale[a]).clamp(-1.0, 1.0);
            lambda[a] *= (1.0 - step * excess).max(0.1);
        }
    }
    let largest = best.1.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    best.1
        .iter()
        .map(|weight| {
            let rounded = (weight / largest * LARGEST_WEIGHT as f64).round().clamp(1.0, LARGEST_WEIGHT as f64);
            integer(rounded)
        })
        .collect()
}

/// The integer that `weight`, between 1 and [`LARGEST_WEIGHT`], is; 1 for what is not a number.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and 65536, and NaN becomes 0")]
fn integer(weight: f64) -> u64 {
    (weight as u64).max(1)
}

/// Two items that two agents gladly exchange, each for the other, as the allocation after the exchange; at most `work` pairs are looked at.
fn exchange<T: Table>(table: &T, owner: &[usize], work: u64) -> Option<Vec<usize>> {
    let pairs = (0..owner.len()).flat_map(|o| (0..o).map(move |p| (o, p)));
    for (o, p) in pairs.take(usize::try_from(work).unwrap_or(usize::MAX)) {
        let (a, b) = (owner[o], owner[p]);
        if a == b {
            continue;
        }
        let (for_a, for_b) = (table.value(a, p).cmp(&table.value(a, o)), table.value(b, o).cmp(&table.value(b, p)));
        if for_a.is_ge() && for_b.is_ge() && (for_a.is_gt() || for_b.is_gt()) {
            let mut better = owner.to_vec();
            better.swap(o, p);
            return Some(better);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::amount::SmallTable;
    use super::*;

    fn dominates(rows: &[Vec<i64>], better: &[usize], than: &[usize]) -> bool {
        let value = |owner: &[usize], a: usize| -> i64 { (0..owner.len()).filter(|&o| owner[o] == a).map(|o| rows[a][o]).sum() };
        let pairs: Vec<_> = (0..rows.len()).map(|a| (value(better, a), value(than, a))).collect();
        pairs.iter().all(|(new, old)| new >= old) && pairs.iter().any(|(new, old)| new > old)
    }

    proptest! {
        #[test]
        fn the_search_agrees_with_enumeration(rows in proptest::collection::vec(proptest::collection::vec(-3_i64..4, 5), 3), code in 0..243_usize) {
            let decode = |code: usize| -> Vec<usize> { (0..5).map(|k| code / 3_usize.pow(k) % 3).collect() };
            let owner = decode(code);
            let values = rows.concat();
            let found = decide(&SmallTable { agents: 3, items: 5, values: &values }, &owner, 100_000);
            let exists = (0..243).any(|other| dominates(&rows, &decode(other), &owner));
            match found {
                Dominance::None => prop_assert!(!exists),
                Dominance::Dominated(better) => prop_assert!(dominates(&rows, &better, &owner)),
                Dominance::Undecided => prop_assert!(false, "enough work was allowed"),
            }
        }
    }

    #[test]
    fn too_little_work_leaves_it_undecided() {
        let rows = [[5, 4, 3], [3, 4, 5]];
        let values = rows.concat();
        let table = SmallTable { agents: 2, items: 3, values: &values };
        assert_eq!(decide(&table, &[1, 1, 0], 0), Dominance::Undecided);
    }
}
