//! Pareto optimality and its fractional form as the searches use them.

use num_bigint::BigUint;

use crate::fairness::utilities;
use crate::valuations::Valuations;

/// Whether no fractional allocation dominates: whether weights exist for which every owner values its items most.
///
/// `lambda_b <= lambda_a u_a(o) / u_b(o)` for an item of `a` that both like, and for an item of `b` that both dislike; solvable iff repeated lowering
/// settles within `n` rounds (Bellman and Ford, in exact fractions).
pub(crate) fn is_fpo(valuations: &Valuations<'_>, owner: &[usize]) -> bool {
    let n = valuations.agents();
    // bounds[a * n + b] is the smallest ratio as (numerator, denominator).
    let mut bounds: Vec<Option<(u64, u64)>> = vec![None; n * n];
    for (item, &holder) in owner.iter().enumerate() {
        let own = valuations.value(holder, item);
        for other in (0..n).filter(|&other| other != holder) {
            let theirs = valuations.value(other, item);
            let (a, b, ratio) = match (own.signum(), theirs.signum()) {
                (1, 1) => (holder, other, (own.unsigned_abs(), theirs.unsigned_abs())),
                (-1, -1) => (other, holder, (theirs.unsigned_abs(), own.unsigned_abs())),
                (mine, sign) if sign > mine => return false,
                _ => continue,
            };
            let bound = &mut bounds[a * n + b];
            let tighter = bound.is_none_or(|(p, q)| u128::from(ratio.0) * u128::from(q) < u128::from(p) * u128::from(ratio.1));
            if tighter {
                *bound = Some(ratio);
            }
        }
    }
    let mut weights = vec![(BigUint::from(1_u8), BigUint::from(1_u8)); n];
    for _ in 0..=n {
        let mut changed = false;
        for a in 0..n {
            for b in 0..n {
                let Some((p, q)) = bounds[a * n + b] else { continue };
                let most = (&weights[a].0 * p, &weights[a].1 * q);
                if &weights[b].0 * &most.1 > &most.0 * &weights[b].1 {
                    weights[b] = most;
                    changed = true;
                }
            }
        }
        if !changed {
            return true;
        }
    }
    false
}

/// Whether no allocation dominates, by depth-first search; `None` when `goes_on` said no.
pub(crate) fn is_po(valuations: &Valuations<'_>, owner: &[usize], goes_on: &mut dyn FnMut() -> bool) -> Option<bool> {
    let (n, m) = (valuations.agents(), valuations.items());
    let targets = utilities(valuations, owner);
    let mut order: Vec<usize> = (0..m).collect();
    order.sort_by_key(|&item| std::cmp::Reverse((0..n).map(|a| valuations.value(a, item).unsigned_abs()).max()));
    let mut hopes = vec![vec![0_i128; n]; m + 1];
    for (k, &item) in order.iter().enumerate().rev() {
        hopes[k] = (0..n).map(|a| hopes[k + 1][a] + i128::from(valuations.value(a, item).max(0))).collect();
    }
    let mut values = vec![0; n];
    dominated(valuations, &order, &hopes, &targets, &mut values, 0, goes_on).map(|dominated| !dominated)
}

fn dominated(
    valuations: &Valuations<'_>,
    order: &[usize],
    hopes: &[Vec<i128>],
    targets: &[i128],
    values: &mut [i128],
    k: usize,
    goes_on: &mut dyn FnMut() -> bool,
) -> Option<bool> {
    if !goes_on() {
        return None;
    }
    if (0..values.len()).any(|a| values[a] + hopes[k][a] < targets[a]) {
        return Some(false);
    }
    let Some(&item) = order.get(k) else { return Some(values.iter().zip(targets).any(|(value, target)| value > target)) };
    for a in 0..values.len() {
        let value = i128::from(valuations.value(a, item));
        values[a] += value;
        let found = dominated(valuations, order, hopes, targets, values, k + 1, goes_on);
        values[a] -= value;
        if found != Some(false) {
            return found;
        }
    }
    Some(false)
}
