//! What is guaranteed about the stream so far, and the proofs.
//!
//! `C = 1` is the capacity, `Psi` the price over the used share, `m` the largest weight so far, `Z` the share used in the end, `ALG` the value taken, `OPT`
//! the best packing of all items so far; every density lies in `[L, U]`. Prices are computed in floating point and densities are compared with a slack of
//! 1e-12: every ratio is stated 1e-9 larger than the formula says.
//!
//! **Price curves, whole items.** Let `S = sum w_j Psi(z_j)` over the items taken, `z_j` the share used before each. Each was worth at least its price, so
//! `ALG >= S`.
//!
//! *No item was refused for lack of room.* Whatever was refused has a density below `Psi(Z)`. With `P` the items in both packings,
//! `OPT <= V(P) + (1 - W(P)) Psi(Z)`. Where `OPT > ALG`, replacing `V(P)` by the smaller `sum_P w_j Psi(z_j) <= W(P) Psi(Z)` in both only raises the
//! quotient, so `OPT / ALG <= Psi(Z) / S`. On the rising part `ln Psi` grows at most at a rate `r`, so `S >= exp(-r m) int_0^Z Psi`, and
//! `Psi(Z) <= rho int_0^Z Psi` is what the ratio `rho` for vanishing weights says. Together `OPT / ALG <= rho exp(r m)`. (`ect` jumps up at `alpha`: the item
//! that crosses it pays `L` up to `a >= alpha`, and `L a + exp(-r m) int_a^Z Psi >= exp(-r m) Psi(Z) / beta` all the same.)
//!
//! *Some item was.* Then `Z > 1 - m` and `OPT / ALG <= U / S`, and `Psi(1 - m) >= exp(-r m) U` gives `rho exp(2 r m)`, as long as the rising part starts at
//! `1 - m` at the latest. A curve stretched over `1 - m` of the capacity has reached `U` before room runs out, so that one exponential does.
//!
//! *Parts of items.* `S` is the integral itself: the ratio is `rho`, whatever the weights.
//!
//! **A price drawn once** (`zcl-randomized`). With `W(x)` the weight of the items of density at least `x`, `OPT <= int_0^U min(1, W(x)) dx`. A fixed price `p`
//! earns at least `p min(1, W(p))` in parts and `p min(1 - m, W(p))` in whole items; the density of the draw is `1 / (c p)` on `[L, U]` with the rest at `L`,
//! so the expectation is at least `OPT / c`, or `(1 - m) OPT / c`.
//!
//! **Advice** (`pp-a`), in parts. Let `v` be the advised density, `W` and `V` weight and value of the denser items, `omega` the weight at exactly `v`,
//! `w1 = min(1, omega)`. The advice is right if `W <= 1`, and `W + omega >= 1` or nothing is less dense than `v`. The quantity `(1 - sold)(1 + w1 so far)` falls
//! by exactly the weight of each denser item and does not change with the others, so in the end `sold = (w1 + W) / (1 + w1)`. Each denser item was sold at a
//! part of at least `1 / (1 + w1)`, so `ALG >= v sold + (V - v W) / (1 + w1) = (V + v w1) / (1 + w1)`, and `OPT <= V + v w1`. Beside `zcl`, both earn their
//! shares.
//!
//! **A predicted density** (`la-ect`). For any `d`, `OPT <= V(> d) + d`. Call `d` *balanced* if `V(> d) <= d <= V(>= d)`; then `OPT <= 2 d`. Where the curve's
//! flat stretch, which ends at `kappa + gamma`, was passed, `ALG >= (gamma + (1 - gamma) / c) d` in parts; in whole items that times `exp(-r m)`, and also
//! `(gamma - m) d`, since all but one of the items that fill the stretch pay `d`. Where it was not passed, no price ever was above `d`: all items at least as
//! dense were taken (none lacked room, if `kappa + gamma + m <= 1`), and `ALG >= V(>= d) >= d`. In both cases the ratio is at most `2 / gamma`, and less. The
//! best static threshold need not be balanced: with it alone `2 / gamma` does **not** hold, however large `L` to `U` makes the loss.

use crate::curve::{Curve, CurveKind};
use crate::guarantee::{Condition, Guarantee};
use crate::ratio::zcl_ratio;
use crate::settings::{Acceptance, Rule, Settings};
use crate::state::EngineState;

/// A density this little below a bound, relatively, still keeps it: densities and bounds are quotients of the same numbers.
const SLACK: f64 = 1.0 - 1e-12;

/// What is guaranteed for the stream so far.
pub(crate) fn guarantees(settings: &Settings, state: &EngineState, curve: &Curve) -> Vec<Guarantee> {
    let broken = broken(state);
    let whole = settings.acceptance == Acceptance::Whole;
    // The quotient may have been rounded down.
    let heaviest = (state.ledger.heaviest as f64 / settings.capacity as f64).next_up().min(1.0);
    let zcl = state.bounds.map_or(f64::INFINITY, zcl_ratio);
    if state.bounds.is_none() && !matches!(settings.rule, Rule::Advice { .. }) {
        return vec![Guarantee::none(Condition::MaxWeight(heaviest), "no bounds on densities are known")];
    }
    match settings.rule {
        Rule::Drawn { .. } => {
            let ratio = if whole { zcl / (1.0 - heaviest) } else { zcl };
            vec![Guarantee::new(ratio, Condition::Expectation, broken)]
        }
        Rule::Advice { trust, .. } => {
            if whole {
                let why = broken.unwrap_or_else(|| "whole items follow the fractional algorithm only roughly".into());
                return vec![Guarantee::none(Condition::RightAdvice, why)];
            }
            let omega = state.split.omega().min(1.0);
            let advised = Guarantee::new((1.0 + omega) / trust, Condition::RightAdvice, broken.clone().or_else(|| state.split.wrong()));
            let robust = (trust < 1.0).then(|| Guarantee::new(zcl / (1.0 - trust), Condition::Fractional, broken));
            std::iter::once(advised).chain(robust).collect()
        }
        Rule::Curve { kind, max_weight } => {
            let mut guarantees = if whole {
                vec![of_whole_items(state, curve, heaviest, max_weight, broken.as_ref())]
            } else {
                vec![Guarantee::new(curve.small_item_ratio(), Condition::Fractional, broken.clone())]
            };
            if let CurveKind::LaEct { gamma, .. } = kind {
                let ratio = 2.0 / if whole { curve.flat_share(heaviest) } else { curve.flat_share(0.0) };
                let cramped = whole && gamma < 1.0 && state.ledger.no_room > 0 && curve.flat_end() + heaviest > 1.0;
                let why = broken
                    .or_else(|| curve.prediction().and_then(|prediction| state.forecast.unbalanced(prediction, curve.lower())))
                    .or_else(|| cramped.then(|| "an item lacked room before the price had left the prediction".into()));
                guarantees.push(Guarantee::new(ratio, Condition::BalancedPrediction, why));
            }
            guarantees
        }
    }
}

fn of_whole_items(state: &EngineState, curve: &Curve, heaviest: f64, max_weight: Option<f64>, broken: Option<&String>) -> Guarantee {
    let share = max_weight.unwrap_or(heaviest).max(heaviest);
    let beyond = max_weight
        .filter(|most| heaviest > most * (1.0 + 1e-12))
        .map(|most| format!("an item weighed {heaviest} of the capacity, more than max-weight = {most}"));
    let ratio = curve.finite_ratio(share, state.ledger.no_room == 0).unwrap_or(f64::INFINITY);
    Guarantee::new(ratio, Condition::MaxWeight(share), broken.cloned().or(beyond))
}

/// Why no guarantee stands, if so.
fn broken(state: &EngineState) -> Option<String> {
    if let Some(broken) = &state.broken {
        return Some(broken.clone());
    }
    let (bounds, ledger) = (state.bounds?, &state.ledger);
    match (ledger.lowest, ledger.highest) {
        (Some(lowest), _) if lowest < bounds.lower * SLACK => Some(format!("a density was {lowest}, below L = {}", bounds.lower)),
        (_, Some(highest)) if highest * SLACK > bounds.upper => Some(format!("a density was {highest}, above U = {}", bounds.upper)),
        _ => None,
    }
}
