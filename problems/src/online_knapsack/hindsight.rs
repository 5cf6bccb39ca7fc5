//! What the best packing would have been worth, all items known.

use super::OnlineKnapsack;
use super::arrival::density;

/// Bounds on the value of the best packing in hindsight (items whole).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hindsight {
    /// The value of a packing that exists.
    pub lower: f64,
    /// No packing is worth more, even if items may be taken in part.
    pub upper: f64,
    /// The value that no packing of parts of items exceeds: Dantzig's bound, the least over the dimensions.
    pub fractional: f64,
    /// Whether `lower` is the optimum, by finished dynamic programming or because the bounds meet.
    pub proved: bool,
}

/// Dynamic programming is done up to this many cells, some tens of milliseconds; the solver `knapsack-exact` is for more.
const MOST_CELLS: u64 = 50_000_000;

/// An item in the first dimension that matters.
struct Part {
    value: f64,
    weight: u64,
    density: f64,
}

impl Hindsight {
    pub(super) fn of(problem: &OnlineKnapsack) -> Self {
        let capacities: Vec<u64> = problem.capacity.iter().collect();
        let fitting: Vec<usize> = (0..problem.items.len())
            .filter(|&k| problem.items[k].value > 0.0 && problem.items[k].weight.iter().zip(&capacities).all(|(w, &c)| w <= c))
            .collect();
        let parts = |dimension: usize| -> Vec<Part> {
            let capacity = capacities[dimension];
            let mut parts: Vec<Part> = fitting
                .iter()
                .map(|&k| {
                    let item = &problem.items[k];
                    let weight = item.weight.iter().nth(dimension).unwrap_or(0);
                    Part { value: item.value, weight, density: density(item.value, weight, capacity) }
                })
                .collect();
            parts.sort_by(|a, b| b.density.total_cmp(&a.density));
            parts
        };
        let fractional = (0..capacities.len()).map(|d| dantzig(&parts(d), capacities[d])).fold(f64::INFINITY, f64::min);
        let optimum = if capacities.len() == 1 { by_table(&parts(0), capacities[0]) } else { None };
        if let Some(optimum) = optimum {
            return Self { lower: optimum, upper: optimum, fractional: fractional.max(optimum), proved: true };
        }
        let lower = greedy(problem, &fitting, &capacities);
        Self { lower, upper: fractional.max(lower), fractional: fractional.max(lower), proved: lower >= fractional }
    }
}

/// The value of the best packing of parts of items; `parts` by falling density.
fn dantzig(parts: &[Part], capacity: u64) -> f64 {
    let (mut left, mut value) = (capacity, 0.0);
    for part in parts {
        if part.weight > left {
            return value + part.value * (left as f64 / part.weight as f64);
        }
        left -= part.weight;
        value += part.value;
    }
    value
}

/// The optimum by dynamic programming over the capacity, unless that is too large.
fn by_table(parts: &[Part], capacity: u64) -> Option<f64> {
    // Of each weight only the most valuable floor(C / w) items can be in use.
    let mut by_weight: Vec<&Part> = parts.iter().filter(|part| part.weight > 0).collect();
    by_weight.sort_by(|a, b| a.weight.cmp(&b.weight).then(b.value.total_cmp(&a.value)));
    let useful: Vec<&Part> = by_weight
        .chunk_by(|a, b| a.weight == b.weight)
        .flat_map(|same| same.iter().take(usize::try_from(capacity / same[0].weight).unwrap_or(usize::MAX)).copied())
        .collect();
    if (useful.len() as u64 + 1).checked_mul(capacity)? > MOST_CELLS {
        return None;
    }
    let mut best = vec![0.0_f64; usize::try_from(capacity).ok()? + 1];
    for part in useful {
        let weight = usize::try_from(part.weight).ok()?;
        for room in (weight..best.len()).rev() {
            best[room] = best[room].max(best[room - weight] + part.value);
        }
    }
    let weightless: f64 = parts.iter().filter(|part| part.weight == 0).map(|part| part.value).sum();
    best.last().map(|best| best + weightless)
}

/// By value per total share of the capacities, whatever still fits; or the most valuable item alone.
fn greedy(problem: &OnlineKnapsack, fitting: &[usize], capacities: &[u64]) -> f64 {
    let share = |k: usize| -> f64 { problem.items[k].weight.iter().zip(capacities).map(|(w, &c)| w as f64 / c as f64).sum() };
    let mut order: Vec<(f64, usize)> = fitting.iter().map(|&k| (problem.items[k].value / share(k), k)).collect();
    order.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let mut left = capacities.to_vec();
    let mut value = 0.0;
    for (_, k) in order {
        let item = &problem.items[k];
        if item.weight.iter().zip(&left).all(|(w, &room)| w <= room) {
            for (room, w) in left.iter_mut().zip(item.weight.iter()) {
                *room -= w;
            }
            value += item.value;
        }
    }
    fitting.iter().map(|&k| problem.items[k].value).fold(value, f64::max)
}
