//! The outcome of an action in a round.

use super::{Outcomes, Payoff};

pub(super) fn outcome(outcomes: &Outcomes, rounds: u64, round: u64, action: usize, outcome: &mut Payoff) {
    match outcomes {
        Outcomes::Drawn { rewards, consumption, seed } => {
            let mut state = mixed(mixed(mixed(*seed) ^ round) ^ action as u64);
            let mut uniform = || {
                state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
                (mixed(state) >> 11) as f64 / (1_u64 << 53) as f64
            };
            outcome.reward = f64::from(u8::from(uniform() < rewards[action]));
            // 1 with probability (1 + mean) / 2, else -1.
            outcome
                .consumption
                .extend(consumption[action].iter().map(|mean| if uniform() < f64::midpoint(1.0, *mean) { 1.0 } else { -1.0 }));
        }
        Outcomes::Phases(phases) => {
            let phase = u128::from(round) * phases.len() as u128 / u128::from(rounds.max(1));
            let Some(phase) = usize::try_from(phase).ok().and_then(|phase| phases.get(phase)) else { return };
            outcome.reward = phase.rewards[action];
            outcome.consumption.extend_from_slice(&phase.consumption[action]);
        }
    }
}

/// The finaliser of `SplitMix64` (Steele, Lea and Flood 2014): a bijection whose output bits all depend on all input bits.
fn mixed(bits: u64) -> u64 {
    let bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}
