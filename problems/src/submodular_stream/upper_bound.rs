//! A bound on the optimum at a query that any chosen set gives.

use super::constraint::Constraint;
use super::function::Function;

/// A proven upper bound on the value of every feasible set of `live` elements.
///
/// For a submodular `f` with `f(empty) = 0` the optimum `O` has `f(O) <= sum over o in O of f({o})`, and for a monotone one also
/// `f(O) <= f(G) + sum over o in O of f(o | G)` for every `G`; either sum is at most the largest one over a feasible set, which is easy to find.
pub(super) fn upper_bound(function: &Function, constraint: &Constraint, live: &[usize], chosen: &[usize], value: f64) -> f64 {
    let most = |gains: Vec<f64>| constraint.most(gains.into_iter().zip(live.iter().copied()).collect());
    let alone = most(function.gains(&[], live));
    if !function.is_monotone() {
        return alone;
    }
    alone.min(value + most(function.gains(chosen, live)))
}
