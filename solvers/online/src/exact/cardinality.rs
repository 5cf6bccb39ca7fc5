//! Bounds that know how many items a packing can hold (Martello and Toth, "Upper bounds and algorithms for hard 0-1 knapsack problems", 1997).

use fathom_opt_core::{Counters, Run};

use super::program::{Program, Search, scaled};

/// Lowers `search.upper` by a surrogate of the capacity and of a limit on the number of items.
///
/// No packing holds more items than the lightest ones that fit, say `k`. For every `s >= 0` a packing therefore meets `sum (w + s) <= C + s k`, and
/// Dantzig's bound under that constraint is a bound too. Where values are weights plus a constant, it is the optimum more often than not.
pub(super) fn tighten(program: &Program, search: &mut Search, run: &Run, counters: &Counters) {
    let most = most_items(program);
    let heaviest = program.items.iter().map(|item| item.weight).max().unwrap_or(0);
    let (mut low, mut high) = (0_i64, heaviest.saturating_mul(4));
    // The bound is quasi-convex in s: with too many items in its packing a larger s helps, with too few a smaller one.
    while low < high && search.best < search.upper {
        if run.should_stop(counters).is_some() {
            return;
        }
        let s = low + (high - low) / 2;
        let Some((bound, items)) = surrogate_bound(program, s, most) else { return };
        search.upper = search.upper.min(bound).max(search.best);
        if items > most {
            low = s + 1;
        } else {
            high = s;
        }
    }
    // Where the number of items jumps over `k` the bound is least, at one of the two sides.
    for s in [low, (low - 1).max(0)] {
        if let Some((bound, _)) = surrogate_bound(program, s, most) {
            search.upper = search.upper.min(bound).max(search.best);
        }
    }
}

/// How many of the lightest items fit.
fn most_items(program: &Program) -> i64 {
    let mut weights: Vec<i64> = program.items.iter().map(|item| item.weight).collect();
    weights.sort_unstable();
    let mut room = program.capacity;
    let mut count = 0;
    for weight in weights {
        if weight > room {
            break;
        }
        room -= weight;
        count += 1;
    }
    count
}

/// Dantzig's bound with weights `w + s` and capacity `C + s k`, and the number of items in its packing, the broken one included. `None` where the
/// numbers are too large.
fn surrogate_bound(program: &Program, s: i64, k: i64) -> Option<(i64, i64)> {
    let mut room = s.checked_mul(k)?.checked_add(program.capacity)?;
    let mut items: Vec<(i64, i64)> = Vec::with_capacity(program.items.len());
    for item in &program.items {
        items.push((item.value, item.weight.checked_add(s)?));
    }
    items.sort_unstable_by(|a, b| (i128::from(b.0) * i128::from(a.1)).cmp(&(i128::from(a.0) * i128::from(b.1))));
    let (mut value, mut count) = (0_i64, 0);
    for (worth, weight) in items {
        count += 1;
        if weight > room {
            return Some((value.saturating_add(scaled(room, worth, weight)), count));
        }
        room -= weight;
        value = value.saturating_add(worth);
    }
    Some((value, count))
}
