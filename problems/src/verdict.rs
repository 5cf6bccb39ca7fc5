//! What an independent checker found.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[allow(unused_imports, reason = "where no class is built, nothing asks for the certainty")]
pub(crate) use crate::property::{Certainty, Property, Witness};
use crate::sense::Sense;

/// The objective value that a checker recomputed from the data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Objective {
    /// What is measured, in the field's words.
    pub name: String,
    /// The value, rounded to the nearest `f64` where it is not one.
    pub value: f64,
    /// The exact value in decimal digits, where it is a number that `f64` cannot hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exact: Option<String>,
    /// Whether smaller or larger is better.
    pub sense: Sense,
}

/// One requirement that a solution breaks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Violation {
    /// The requirement.
    pub what: String,
    /// Where it is broken (a row, a system, an agent).
    pub place: String,
    /// By how much, in the requirement's own unit; for requirements without a unit, 1.
    pub amount: f64,
}

/// Something better than the solution, which the checker found: it contradicts a claim that the solution is the best, or the best nearby.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Improvement {
    /// Whether the better solution is one step away, in a sense that the class's documentation explains: it then contradicts local optimality as well.
    pub nearby: bool,
    /// The measure that it improves; `null` for the class's objective.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub criterion: Option<String>,
    /// The better value, where it was computed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// The evidence.
    pub witness: Witness,
}

impl Improvement {
    /// A better solution, wherever it is.
    pub fn elsewhere(value: Option<f64>, witness: Witness) -> Self {
        Self { nearby: false, criterion: None, value, witness }
    }

    /// A better solution one step away.
    pub fn nearby(value: Option<f64>, witness: Witness) -> Self {
        Self { nearby: true, criterion: None, value, witness }
    }

    /// The same finding about the measure called `criterion`, instead of the class's objective.
    #[must_use]
    pub fn of_measure(mut self, criterion: impl Into<String>) -> Self {
        self.criterion = Some(criterion.into());
        self
    }
}

/// A figure that people compare solutions by and that is neither the objective nor a property.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Measure {
    /// What is measured.
    pub name: String,
    /// Its value.
    pub value: f64,
}

/// What the checker of a problem class found about one solution, recomputed from the data alone.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(from = "WrittenVerdict", into = "WrittenVerdict")]
#[schemars(with = "WrittenVerdict")]
pub struct Verdict {
    /// The recomputed objective, when the class has one and the solution determines it.
    pub objective: Option<Objective>,
    /// Every requirement that is broken; empty for a valid solution.
    pub violations: Vec<Violation>,
    /// Requirements that could not be checked, each as a sentence that says why: the solution leaves out what they depend on.
    pub unchecked: Vec<String>,
    /// The class's properties, decided.
    pub properties: Vec<Property>,
    /// Further figures.
    pub measures: Vec<Measure>,
    /// What the checker found that is better than the solution. Empty says nothing: a checker need not look.
    pub improvements: Vec<Improvement>,
}

impl Verdict {
    /// Whether the solution is known to meet every requirement of its class: all were checked, none is broken.
    pub fn holds(&self) -> bool {
        self.violations.is_empty() && self.unchecked.is_empty()
    }

    /// The property called `name`.
    pub fn property(&self, name: &str) -> Option<&Property> {
        self.properties.iter().find(|property| property.name == name)
    }

    /// The measure called `name`.
    pub fn measure(&self, name: &str) -> Option<f64> {
        self.measures.iter().find(|measure| measure.name == name).map(|measure| measure.value)
    }
}

/// A [`Verdict`] as documents have it: whether it holds in a word, and the objective's value by itself.
#[derive(Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Verdict")]
struct WrittenVerdict {
    /// Whether every requirement was checked and is met.
    holds: bool,
    /// The recomputed objective.
    objective: Option<f64>,
    /// What the objective measures.
    #[serde(rename = "objective-name", default, skip_serializing_if = "Option::is_none")]
    objective_name: Option<String>,
    /// The exact objective in decimal digits, where `objective` is rounded.
    #[serde(rename = "objective-exact", default, skip_serializing_if = "Option::is_none")]
    objective_exact: Option<String>,
    /// Whether smaller or larger objectives are better.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sense: Option<Sense>,
    /// Every requirement that is broken.
    #[serde(default)]
    violations: Vec<Violation>,
    /// Requirements that could not be checked.
    #[serde(default)]
    unchecked: Vec<String>,
    /// The class's properties.
    #[serde(default)]
    properties: Vec<Property>,
    /// Further figures.
    #[serde(default)]
    measures: Vec<Measure>,
    /// What is better than the solution.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    improvements: Vec<Improvement>,
}

impl From<Verdict> for WrittenVerdict {
    fn from(verdict: Verdict) -> Self {
        let holds = verdict.holds();
        let Verdict { objective, violations, unchecked, properties, measures, improvements } = verdict;
        let (value, sense) = (objective.as_ref().map(|objective| objective.value), objective.as_ref().map(|objective| objective.sense));
        let (objective_name, objective_exact) = objective.map_or((None, None), |objective| (Some(objective.name), objective.exact));
        Self { holds, objective: value, objective_name, objective_exact, sense, violations, unchecked, properties, measures, improvements }
    }
}

impl From<WrittenVerdict> for Verdict {
    fn from(written: WrittenVerdict) -> Self {
        let WrittenVerdict { objective_name, objective_exact, sense, violations, unchecked, properties, measures, improvements, .. } =
            written;
        let objective = match (objective_name, written.objective, sense) {
            // JSON has no NaN and no infinities: a value that is missing was one.
            (Some(name), value, sense) => {
                Some(Objective { name, value: value.unwrap_or(f64::NAN), exact: objective_exact, sense: sense.unwrap_or(Sense::Minimize) })
            }
            // Older documents name only the value.
            (None, Some(value), sense) => {
                Some(Objective { name: "objective".into(), value, exact: objective_exact, sense: sense.unwrap_or(Sense::Minimize) })
            }
            (None, None, _) => None,
        };
        Self { objective, violations, unchecked, properties, measures, improvements }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_comes_back_from_its_document_as_it_was() {
        let mut verdict = Verdict {
            objective: Some(Objective { name: "welfare".into(), value: 0.1, exact: Some("0.10".into()), sense: Sense::Maximize }),
            violations: vec![Violation { what: "w".into(), place: "p".into(), amount: 1.0 }],
            unchecked: vec!["u".into()],
            properties: vec![Property::holds("P", Certainty::Sampled(3))],
            measures: vec![Measure { name: "m".into(), value: 2.0 }],
            improvements: vec![Improvement::nearby(Some(0.2), Witness::new("a move", serde_json::json!([1]))).of_measure("m")],
        };
        let text = serde_json::to_string(&verdict).unwrap();
        assert!(text.starts_with(r#"{"holds":false,"objective":0.1,"objective-name":"welfare""#), "{text}");
        assert_eq!(serde_json::from_str::<Verdict>(&text).unwrap(), verdict);
        verdict.objective = None;
        assert_eq!(serde_json::from_str::<Verdict>(&serde_json::to_string(&verdict).unwrap()).unwrap(), verdict);
    }

    #[test]
    fn verdicts_of_older_documents_are_read() {
        let old = r#"{"holds":true,"objective":1.5,"violations":[],"properties":[{"name":"r","holds":true,"exact":false,"tolerance":0.5,"witness":null}]}"#;
        let verdict: Verdict = serde_json::from_str(old).unwrap();
        assert!(verdict.holds());
        assert_eq!(verdict.objective.unwrap().value, 1.5);
        assert_eq!(verdict.properties[0].certainty, Certainty::Within(0.5));
    }
}
