//! The outcomes of all actions in a round.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::malformed::{Malformed, Place};

/// One phase.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Phase {
    /// Reward of each action.
    pub rewards: Vec<f64>,
    /// Consumption of each resource by each action.
    pub consumption: Vec<Vec<f64>>,
}

/// Actions and resources of one phase, once everything is in its range.
pub(super) fn of_phase(rewards: &[f64], consumption: &[Vec<f64>], place: &Place) -> Result<(usize, usize), Malformed> {
    if rewards.is_empty() || rewards.len() > 10_000 {
        return Err(Malformed::new(place.field("rewards"), format!("{} actions", rewards.len()), "1 to 10000"));
    }
    if let Some(k) = rewards.iter().position(|reward| !(0.0..=1.0).contains(reward)) {
        return Err(Malformed::new(place.field("rewards").index(k), rewards[k].to_string(), "0 to 1"));
    }
    let place = place.field("consumption");
    if consumption.len() != rewards.len() {
        return Err(Malformed::new(place, format!("{} rows", consumption.len()), format!("{} (one per action)", rewards.len())));
    }
    let resources = consumption.first().map_or(0, Vec::len);
    for (k, row) in consumption.iter().enumerate() {
        if row.len() != resources || resources == 0 {
            return Err(Malformed::new(place.index(k), format!("{} resources", row.len()), "at least one, as many as in the first row"));
        }
        if let Some(i) = row.iter().position(|amount| !(-1.0..=1.0).contains(amount)) {
            return Err(Malformed::new(place.index(k).index(i), row[i].to_string(), "-1 to 1"));
        }
    }
    Ok((rewards.len(), resources))
}
