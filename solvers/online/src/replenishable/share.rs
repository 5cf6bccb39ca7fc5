//! What is kept against an adversary.

/// The share `alpha` of the benchmark that primal-dual learning keeps against any outcomes, its regret and what is lost in forced idle rounds aside:
/// `(rho + beta) / (1 + beta)`, at most 1, for a budget of `rho` per round and what idling gives back, `beta`. `None` where more is `believed` of idling than
/// it gives: the prices are then too low for the argument.
///
/// Proof: let `xi` be the best fixed mixture and play it with probability `alpha`, idling otherwise. In every round that consumes at most
/// `alpha - (1 - alpha) beta <= rho` of each resource, so its priced utility is at least `alpha f(xi)` whatever the prices; the primal player does as well but
/// for its regret, and the dual one takes no more than its regret against the price 0. Summed over the rounds without forced idling,
/// `reward >= alpha (benchmark - forced rounds) - regrets`, in expectation.
pub fn kept_share(per_round: f64, replenishment: f64, believed: f64) -> Option<f64> {
    (believed <= replenishment).then(|| ((per_round + replenishment) / (1.0 + replenishment)).min(1.0))
}
