//! Local search for EFX.

use rand::RngExt;

use crate::fairness::efx_excess;
use crate::valuations::Valuations;
use crate::work_meter::WorkMeter;

/// Steps of one start, per item.
const STEPS_PER_ITEM: usize = 60;

/// Transfers and swaps that lower the envy which EFX does not allow, from random allocations. `None` when no start got there or the run was stopped. Moves
/// that change nothing are made as well, so what ends a start is its number of steps.
pub(crate) fn efx_local_search(valuations: &Valuations<'_>, starts: u32, meter: &mut WorkMeter<'_>) -> Option<Vec<usize>> {
    let (n, m) = (valuations.agents(), valuations.items());
    let scale: Vec<f64> = (0..n).map(|a| valuations.row(a).iter().map(|value| value.unsigned_abs() as f64).sum::<f64>().max(1.0)).collect();
    let mut random = meter.run().stream("efx-local-search");
    for _ in 0..starts {
        let mut owner: Vec<usize> = (0..m).map(|_| random.random_range(0..n)).collect();
        let mut excess = efx_excess(valuations, &owner, &scale);
        for _ in 0..STEPS_PER_ITEM * m {
            if excess == 0.0 {
                return Some(owner);
            }
            // One look at all bundles by every agent.
            if !meter.goes_on_after((n * (m + n)) as u64) {
                return None;
            }
            let (item, other) = (random.random_range(0..m), random.random_range(0..m));
            let before = (owner[item], owner[other]);
            if random.random_bool(0.5) {
                owner[item] = random.random_range(0..n);
            } else {
                owner.swap(item, other);
            }
            let after = efx_excess(valuations, &owner, &scale);
            // Sideways moves leave plateaus.
            if after <= excess {
                excess = after;
            } else {
                (owner[item], owner[other]) = before;
            }
        }
    }
    None
}
