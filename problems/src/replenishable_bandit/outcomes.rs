//! Where outcomes come from.

use super::phase::{Phase, of_phase};
use crate::malformed::{Malformed, Place};

/// Where outcomes come from. Rewards lie in `[0, 1]`, consumptions in `[-1, 1]`.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcomes {
    /// Drawn independently in every round, with these means; see [`OutcomesData`](super::OutcomesData).
    Drawn {
        /// Mean reward of each action.
        rewards: Vec<f64>,
        /// Mean consumption of each resource by each action.
        consumption: Vec<Vec<f64>>,
        /// Seed of the draws.
        seed: u64,
    },
    /// Chosen by an adversary: phases of equal length, the same outcomes in every round of a phase. A stream of outcomes is one phase per round.
    Phases(Vec<Phase>),
}

/// Actions and resources, once everything is in its range.
pub(super) fn sizes(outcomes: &Outcomes, rounds: u64) -> Result<(usize, usize), Malformed> {
    let place = Place::root().field("outcomes");
    match outcomes {
        Outcomes::Drawn { rewards, consumption, .. } => of_phase(rewards, consumption, &place.field("drawn")),
        Outcomes::Phases(phases) => {
            let place = place.field("phases");
            if phases.is_empty() || phases.len() as u64 > rounds {
                return Err(Malformed::new(place, format!("{} phases", phases.len()), "at least one, at most as many as rounds"));
            }
            let mut first = None;
            for (k, phase) in phases.iter().enumerate() {
                let sizes = of_phase(&phase.rewards, &phase.consumption, &place.index(k))?;
                let expected = *first.get_or_insert(sizes);
                if sizes != expected {
                    let (found, expected) =
                        [sizes, expected].map(|(actions, resources)| format!("{actions} actions, {resources} resources")).into();
                    return Err(Malformed::new(place.index(k), found, expected));
                }
            }
            first.ok_or_else(|| Malformed::new(place, "no phase", "at least one"))
        }
    }
}
