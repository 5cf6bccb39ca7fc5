//! What the best mixture of actions, known in advance, would earn.

use super::{Outcomes, ReplenishableBandit};

/// The benchmark of the first `horizon` rounds, at least 1.
pub(super) fn benchmark(problem: &ReplenishableBandit, horizon: u64) -> f64 {
    let length = horizon as f64;
    let means: Vec<(f64, Vec<f64>)> = match &problem.outcomes {
        Outcomes::Drawn { rewards, consumption, .. } => rewards.iter().copied().zip(consumption.iter().cloned()).collect(),
        Outcomes::Phases(phases) => {
            // Rounds of phase k: those t with floor(t * phases / T) = k.
            let count = phases.len() as u128;
            let start = |k: u128| (k * u128::from(problem.rounds)).div_ceil(count).min(u128::from(horizon));
            let mut means = vec![(0.0, vec![0.0; problem.resources]); problem.actions];
            for (k, phase) in (0..count).zip(phases) {
                let share = (start(k + 1) - start(k)) as f64 / length;
                for (mean, (reward, consumption)) in means.iter_mut().zip(phase.rewards.iter().zip(&phase.consumption)) {
                    mean.0 += share * reward;
                    mean.1.iter_mut().zip(consumption).for_each(|(mean, consumed)| *mean += share * consumed);
                }
            }
            means
        }
    };
    length * best_mixture(&means, problem.replenishment, problem.budget / problem.rounds as f64)
}

/// `max sum xi_a f_a` over mixtures `xi` of the actions (mean reward, mean consumption of each resource) and the void one, which gives `replenishment`
/// back, with `sum xi_a c_a <= budget` for every resource, by the simplex method with Bland's rule. The void action alone is feasible, and rewards that are all small
/// are as good as large ones: what counts as zero is relative to the largest.
pub fn best_mixture(actions: &[(f64, Vec<f64>)], replenishment: f64, budget: f64) -> f64 {
    let largest = actions.iter().fold(0.0_f64, |largest, (reward, _)| largest.max(*reward));
    if largest == 0.0 {
        return 0.0;
    }
    // With the void action's share eliminated: sum xi_a <= 1, sum xi_a (c_a - c_void) <= budget - c_void. Each resource is counted in units of the right-hand side.
    let unit = if budget + replenishment > 0.0 { budget + replenishment } else { 1.0 };
    let (count, resources) = (actions.len(), actions.first().map_or(0, |action| action.1.len()));
    let (rows, columns) = (resources + 1, count + resources + 1);
    let mut table = vec![vec![0.0; columns + 1]; rows + 1];
    for i in 0..resources {
        for (a, (_, consumption)) in actions.iter().enumerate() {
            table[i][a] = (consumption[i] + replenishment) / unit;
        }
        table[i][columns] = (budget + replenishment) / unit;
    }
    for (a, (reward, _)) in actions.iter().enumerate() {
        table[resources][a] = 1.0;
        table[rows][a] = -reward / largest;
    }
    table[resources][columns] = 1.0;
    for (i, row) in table.iter_mut().enumerate().take(rows) {
        row[count + i] = 1.0;
    }
    let mut basis: Vec<usize> = (count..columns).collect();
    // Bland's rule ends; the limit guards against rounding alone.
    for _ in 0..100 * columns {
        let Some(enters) = (0..columns).find(|&column| table[rows][column] < -1e-12) else { break };
        let mut leaves: Option<(usize, f64)> = None;
        for (row, entries) in table.iter().enumerate().take(rows).filter(|(_, entries)| entries[enters] > 1e-12) {
            let step = entries[columns] / entries[enters];
            if leaves.is_none_or(|(best, least)| step < least || (step == least && basis[row] < basis[best])) {
                leaves = Some((row, step));
            }
        }
        let Some((pivot, _)) = leaves else { break };
        let scale = table[pivot][enters];
        table[pivot].iter_mut().for_each(|entry| *entry /= scale);
        let pivot_row = table[pivot].clone();
        for (row, entries) in table.iter_mut().enumerate().filter(|(row, _)| *row != pivot) {
            let _ = row;
            let factor = entries[enters];
            entries.iter_mut().zip(&pivot_row).for_each(|(entry, pivot)| *entry -= factor * pivot);
        }
        basis[pivot] = enters;
    }
    largest * table[rows][columns]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_mixture_scales_with_the_rewards() {
        let mixture = |scale: f64| best_mixture(&[(0.9 * scale, vec![1.0]), (0.3 * scale, vec![0.1]), (0.0, vec![-1.0])], 0.0, 0.5);
        let expected = mixture(1.0);
        assert!(expected > 0.5, "{expected}");
        for scale in [1e-3, 1e-12, 1e-13, 1e-100, 1e-300] {
            assert!((mixture(scale) / (scale * expected) - 1.0).abs() < 1e-12, "{scale:e}: {:e}", mixture(scale));
        }
        assert_eq!(best_mixture(&[(0.0, vec![1.0])], 0.0, 1.0), 0.0);
    }

    #[test]
    fn small_consumption_counts_where_the_budget_is_small() {
        // Half of each round can be paid for.
        let found = best_mixture(&[(1.0, vec![2e-13])], 0.0, 1e-13);
        assert!((found - 0.5).abs() < 1e-12, "{found}");
    }
}
