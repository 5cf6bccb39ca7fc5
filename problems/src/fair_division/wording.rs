//! Witnesses in words and as data.

use serde_json::json;

use super::FairDivision;
use super::amount::Amount;
use super::check::amount_json;
use super::envy::{Envy, Scope};
use super::proportionality::Shortfall;
use crate::verdict::Witness;

/// Says what was found in the instance's names and units.
pub(super) struct Wording<'a> {
    pub(super) problem: &'a FairDivision,
}

impl Wording<'_> {
    fn amount<A: Amount>(&self, amount: &A) -> String {
        self.problem.display_utility(amount)
    }

    /// `a fails to see b's bundle as no better than its own, even after ...`.
    pub(super) fn envy<A: Amount>(&self, envy: &Envy<A>) -> Witness {
        let problem = self.problem;
        let (agent, envied) = (problem.agent_name(envy.agent), problem.agent_name(envy.envied));
        let scope = match envy.scope {
            Scope::All => "",
            Scope::Positive => ", counting only what it values positively",
            Scope::Negative => ", counting only what it values negatively",
        };
        let mut text = format!(
            "{agent} values its own bundle at {} and that of {envied} at {}{scope}",
            self.amount(&envy.own),
            self.amount(&envy.other)
        );
        for removal in &envy.removed {
            let item = problem.item_name(removal.item);
            if removal.own {
                let left = self.amount(&envy.own.minus(&removal.value));
                text = format!("{text}; without {item} its own is worth {left}");
            } else {
                let left = self.amount(&envy.other.minus(&removal.value));
                text = format!("{text}; without {item} theirs is worth {left}");
            }
        }
        let removed: Vec<_> = envy
            .removed
            .iter()
            .map(|removal| json!({ "item": removal.item, "from": if removal.own { envy.agent } else { envy.envied }, "value": amount_json(problem, &removal.value) }))
            .collect();
        let scope = match envy.scope {
            Scope::All => "all",
            Scope::Positive => "positive",
            Scope::Negative => "negative",
        };
        let data = json!({
            "agent": envy.agent,
            "envied": envy.envied,
            "items": scope,
            "own": amount_json(problem, &envy.own),
            "other": amount_json(problem, &envy.other),
            "removed": removed,
        });
        Witness::new(text, data)
    }

    /// `a has less than its share, even after ...`.
    pub(super) fn shortfall<A: Amount>(&self, shortfall: &Shortfall<A>) -> Witness {
        let problem = self.problem;
        let agent = problem.agent_name(shortfall.agent);
        let share =
            if shortfall.parts == 1 { format!("1/{}", shortfall.whole) } else { format!("{}/{}", shortfall.parts, shortfall.whole) };
        let mut text = format!(
            "{agent} values its bundle at {}, and is due {share} of {}",
            self.amount(&shortfall.own),
            self.amount(&shortfall.total)
        );
        for change in &shortfall.changes {
            let item = problem.item_name(change.item);
            if change.dropped {
                text = format!("{text}; without {item} it has {}", self.amount(&shortfall.own.minus(&change.value)));
            } else {
                text = format!("{text}; with {item} added it has {}", self.amount(&shortfall.own.plus(&change.value)));
            }
        }
        let changes: Vec<_> = shortfall
            .changes
            .iter()
            .map(|change| json!({ "item": change.item, "dropped": change.dropped, "value": amount_json(problem, &change.value) }))
            .collect();
        let data = json!({
            "agent": shortfall.agent,
            "own": amount_json(problem, &shortfall.own),
            "all": amount_json(problem, &shortfall.total),
            "share": [shortfall.parts, shortfall.whole],
            "changes": changes,
        });
        Witness::new(text, data)
    }
}
