//! Witnesses in words and as data.

use serde_json::json;

use super::amount::Amount;
use super::envy::{Envy, Scope};
use super::instance::FairDivision;
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

    /// An amount, and what that is for each unit of entitlement: `7 (7/3 per unit)`.
    fn per_entitlement<A: Amount>(&self, amount: &A, entitlement: u64) -> String {
        let whole = self.amount(amount);
        if entitlement == 1 { format!("{whole} ({whole} per unit)") } else { format!("{whole} ({whole}/{entitlement} per unit)") }
    }

    /// How one agent sees its own bundle and the one that it envies, and what is left of that after each removal.
    pub(super) fn envy<A: Amount>(&self, envy: &Envy<A>) -> Witness {
        let problem = self.problem;
        let (agent, envied) = (problem.agent_name(envy.agent), problem.agent_name(envy.envied));
        let scope = match envy.scope {
            Scope::All => "",
            Scope::Positive => ", counting only what it values positively",
            Scope::Negative => ", counting only what it values negatively",
        };
        let mut text = match envy.entitlements {
            None => {
                let (own, other) = (self.amount(&envy.own), self.amount(&envy.other));
                format!("{agent} values its own bundle at {own} and that of {envied} at {other}{scope}")
            }
            Some([mine, theirs]) => format!(
                "{agent}, entitled to {mine}, values its own bundle at {}, and that of {envied}, entitled to {theirs}, at {}",
                self.per_entitlement(&envy.own, mine),
                self.per_entitlement(&envy.other, theirs)
            ),
        };
        for removal in &envy.removed {
            let item = problem.item_name(removal.item);
            let whose = usize::from(!removal.own);
            let left = if removal.own { envy.own.minus(&removal.value) } else { envy.other.minus(&removal.value) };
            let left = match envy.entitlements {
                None => self.amount(&left),
                Some(entitlements) => self.per_entitlement(&left, entitlements[whose]),
            };
            text = format!("{text}; without {item} {} is worth {left}", ["its own", "theirs"][whose]);
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
        let mut data = json!({
            "agent": envy.agent,
            "envied": envy.envied,
            "items": scope,
            "own": amount_json(problem, &envy.own),
            "other": amount_json(problem, &envy.other),
            "removed": removed,
        });
        if let Some(entitlements) = envy.entitlements {
            data["entitlements"] = json!(entitlements);
        }
        Witness::new(text, data)
    }

    /// What an agent has, what it is due, and what it would have after each change.
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
        if shortfall.by_entitlement {
            text = format!("{text}, because its entitlement is {} of {}", shortfall.parts, shortfall.whole);
        }
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
            "share": [json!(shortfall.parts), u64::try_from(shortfall.whole).map_or_else(|_| json!(shortfall.whole.to_string()), |whole| json!(whole))],
            "changes": changes,
        });
        Witness::new(text, data)
    }
}

/// An amount as JSON: a number where every reader gets it right, digits otherwise.
pub(super) fn amount_json<A: Amount>(problem: &FairDivision, amount: &A) -> serde_json::Value {
    let text = problem.display_utility(amount);
    match text.parse::<i64>() {
        Ok(value) if value.unsigned_abs() < 1 << 53 => json!(value),
        _ => json!(text),
    }
}
