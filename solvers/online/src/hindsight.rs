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

/// Beyond this many candidates only the ones nearest to the critical density are tried.
const CANDIDATES: usize = 4000;

/// The constant threshold that takes the most value on this stream, in its order of arrival: the prediction for which `la-ect` is `2/gamma` consistent.
/// (The critical density itself is not: with it that promise breaks.) `None` for a stream without value.
pub fn best_static_threshold(problem: &OnlineKnapsack) -> Option<f64> {
    let capacity = problem.capacity().first();
    let items = dense_items(problem);
    let mut candidates: Vec<f64> = items.iter().map(|item| item.0).collect();
    candidates.sort_by(|a, b| b.total_cmp(a));
    candidates.dedup();
    if candidates.len() > CANDIDATES {
        let critical = critical_density(problem).unwrap_or(0.0);
        let at = candidates.partition_point(|&density| density > critical);
        let from = at.saturating_sub(CANDIDATES / 2).min(candidates.len() - CANDIDATES);
        candidates = candidates[from..from + CANDIDATES].to_vec();
    }
    let mut best = None;
    for threshold in candidates {
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
        if best.is_none_or(|(most, _)| taken > most) {
            best = Some((taken, threshold));
        }
    }
    best.map(|(_, threshold)| threshold)
}

/// Density, weight and value of the items that have a weight and could fit, in order.
fn dense_items(problem: &OnlineKnapsack) -> Vec<(f64, u64, f64)> {
    let capacity = problem.capacity().first();
    let relevant = problem.items().iter().filter(|item| item.value > 0.0 && (1..=capacity).contains(&item.weight.first()));
    relevant.map(|item| (density(item.value, item.weight.first(), capacity), item.weight.first(), item.value)).collect()
}
