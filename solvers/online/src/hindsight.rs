//! Advice that only a finished stream can give.

use fathom_opt_problems::online_knapsack::{OnlineKnapsack, density};

/// The smallest density in the fractional optimum: that of the item that no longer fits whole. `None` where everything fits, or nothing is worth
/// anything.
pub fn critical_density(problem: &OnlineKnapsack) -> Option<f64> {
    let capacity = problem.capacity().first();
    let mut items = dense_items(problem);
    items.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut room = capacity;
    for (density, weight, _) in items {
        if weight >= room {
            return Some(density);
        }
        room -= weight;
    }
    None
}

/// The smallest density `d` of an item for which the items denser than `d` are worth at most `d`, a knapsack full at that density: the balanced prediction,
/// for which `la-ect` never loses more than the factor `2 / gamma`. `None` for a stream without value.
///
/// The items at least as dense as it are worth at least `d`, or all items together are worth less than a knapsack full of the least dense one.
pub fn balanced_threshold(problem: &OnlineKnapsack) -> Option<f64> {
    let mut items = dense_items(problem);
    items.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (mut above, mut best) = (0.0, None);
    for same in items.chunk_by(|a, b| a.0 == b.0) {
        let density = same[0].0;
        if above > density {
            // The items denser than this one are worth more than it: between the two densities lies the number that they are worth.
            return best.map(|best: f64| best.min(above));
        }
        best = Some(density);
        above += same.iter().map(|item| item.2).sum::<f64>();
    }
    best
}

/// Beyond this many candidates only the ones nearest to the critical density are tried.
const CANDIDATES: usize = 4000;

/// The constant threshold that takes the most value on this stream, in its order of arrival: the usual prediction for `la-ect`. `None` for a stream without
/// value.
pub fn best_static_threshold(problem: &OnlineKnapsack) -> Option<f64> {
    best_static_threshold_until(problem, || false).0
}

/// The same of the thresholds that were tried before `stop` said so, the critical density first; and whether all were.
pub(crate) fn best_static_threshold_until(problem: &OnlineKnapsack, mut stop: impl FnMut() -> bool) -> (Option<f64>, bool) {
    let capacity = problem.capacity().first();
    let items = dense_items(problem);
    let mut candidates: Vec<f64> = items.iter().map(|item| item.0).collect();
    candidates.sort_by(|a, b| b.total_cmp(a));
    candidates.dedup();
    let critical = critical_density(problem).unwrap_or(0.0);
    let at = candidates.partition_point(|&density| density > critical);
    if candidates.len() > CANDIDATES {
        let from = at.saturating_sub(CANDIDATES / 2).min(candidates.len() - CANDIDATES);
        candidates = candidates[from..from + CANDIDATES].to_vec();
    }
    let nearest = candidates.partition_point(|&density| density > critical).min(candidates.len().saturating_sub(1));
    candidates.rotate_left(nearest);
    let mut best: Option<(f64, f64)> = None;
    for threshold in candidates {
        if best.is_some() && stop() {
            return (best.map(|(_, threshold)| threshold), false);
        }
        let (mut room, mut taken) = (capacity, 0.0);
        for &(density, weight, value) in &items {
            if density >= threshold && weight <= room {
                room -= weight;
                taken += value;
                if room == 0 {
                    break;
                }
            }
        }
        // Of equal ones the largest.
        if best.is_none_or(|(most, known)| taken > most || (taken == most && threshold > known)) {
            best = Some((taken, threshold));
        }
    }
    (best.map(|(_, threshold)| threshold), true)
}

/// Density, weight and value of the items that have a weight and could fit, in order.
fn dense_items(problem: &OnlineKnapsack) -> Vec<(f64, u64, f64)> {
    let capacity = problem.capacity().first();
    let relevant = problem.items().iter().filter(|item| item.value > 0.0 && (1..=capacity).contains(&item.weight.first()));
    relevant.map(|item| (density(item.value, item.weight.first(), capacity), item.weight.first(), item.value)).collect()
}
