//! Bounds that know how many items a packing can hold (Martello and Toth, "Upper bounds and algorithms for hard 0-1 knapsack problems", 1997).

use fathom_opt_core::{Counters, Run};

use super::incumbent::Incumbent;
use super::number::Number;
use super::program::Program;

/// Lowers `search.upper` by a surrogate of the capacity and of a limit on the number of items.
///
/// No packing holds more items than the lightest ones that fit, say `k`. For every `s >= 0` a packing therefore meets `sum (w + s) <= C + s k`, and
/// Dantzig's bound under that constraint is a bound too. Where values are weights plus a constant, it is the optimum more often than not.
pub(super) fn tighten<N: Number>(program: &Program<N>, search: &mut Incumbent<N>, run: &Run, counters: &Counters) {
    let most = most_items(program);
    let heaviest = program.items.iter().map(|item| item.weight.wide()).max().unwrap_or(0);
    let (mut low, mut high) = (0_i128, heaviest.saturating_mul(4));
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
fn most_items<N: Number>(program: &Program<N>) -> i128 {
    let mut weights: Vec<N> = program.items.iter().map(|item| item.weight).collect();
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
fn surrogate_bound<N: Number>(program: &Program<N>, s: i128, k: i128) -> Option<(N, i128)> {
    let mut room = N::of(s.checked_mul(k)?.checked_add(program.capacity.wide())?)?;
    let mut items: Vec<(N, N)> = Vec::with_capacity(program.items.len());
    for item in &program.items {
        items.push((item.value, N::of(item.weight.wide().checked_add(s)?)?));
    }
    items.sort_unstable_by(|a, b| N::compare_products(b.0, a.1, a.0, b.1));
    let (mut value, mut count) = (N::default(), 0);
    for (worth, weight) in items {
        count += 1;
        if weight > room {
            return Some((value.saturating_plus(room.scaled(worth, weight)), count));
        }
        room -= weight;
        value = value.saturating_plus(worth);
    }
    Some((value, count))
}
