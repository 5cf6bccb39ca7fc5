//! What an independent checker found.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::problem::Sense;

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

/// How sure a finding is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Certainty {
    /// Decided in exact arithmetic or by a finished search.
    Exact,
    /// Decided in floating point, within this tolerance.
    Within(f64),
    /// Looked for so many times: a property that holds was not seen to fail, which is no proof. One that fails was seen to fail, which is.
    Sampled(u64),
}

/// Evidence for a property, or against it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Witness {
    /// The evidence as a sentence.
    pub text: String,
    /// The same evidence as data, so that it can be checked again by a program.
    #[serde(default, skip_serializing_if = "serde_json::Value::is_null")]
    pub data: serde_json::Value,
}

impl Witness {
    /// Evidence as a sentence and as data.
    pub fn new(text: impl Into<String>, data: serde_json::Value) -> Self {
        Self { text: text.into(), data }
    }
}

/// A promised or interesting property of a solution, decided by the checker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(from = "WrittenProperty", into = "WrittenProperty")]
#[schemars(with = "WrittenProperty")]
pub struct Property {
    /// The property's standard name (`EF1`, `acyclic`, ...).
    pub name: String,
    /// Whether it holds; `None` when the checker could not decide (the witness says why).
    pub holds: Option<bool>,
    /// How sure that is; [`Certainty::Exact`] for a property that is not decided.
    pub certainty: Certainty,
    /// Evidence: always present when the property fails.
    pub witness: Option<Witness>,
}

impl Property {
    /// `name` holds.
    pub fn holds(name: impl Into<String>, certainty: Certainty) -> Self {
        Self::new(name, Some(true), certainty, None)
    }

    /// `name` holds, and this shows it.
    pub fn holds_by(name: impl Into<String>, certainty: Certainty, witness: Witness) -> Self {
        Self::new(name, Some(true), certainty, Some(witness))
    }

    /// `name` fails, and this shows it.
    pub fn fails(name: impl Into<String>, certainty: Certainty, witness: Witness) -> Self {
        Self::new(name, Some(false), certainty, Some(witness))
    }

    /// `name` was not decided, for this reason.
    pub fn undecided(name: impl Into<String>, why: Witness) -> Self {
        Self::new(name, None, Certainty::Exact, Some(why))
    }

    fn new(name: impl Into<String>, holds: Option<bool>, certainty: Certainty, witness: Option<Witness>) -> Self {
        Self { name: name.into(), holds, certainty, witness }
    }
}

/// A [`Property`] as documents have it: the certainty is a word, with its number beside it.
#[derive(Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Property")]
struct WrittenProperty {
    /// The property's standard name.
    name: String,
    /// Whether it holds; null when the checker could not decide.
    holds: Option<bool>,
    /// How sure that is; null when the checker could not decide.
    certainty: Option<CertaintyWord>,
    /// The tolerance of a property decided `within` one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tolerance: Option<f64>,
    /// How often a `sampled` property was put to the test.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    samples: Option<u64>,
    /// Evidence; there is some whenever the property fails.
    witness: Option<Witness>,
}

#[derive(Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "Certainty")]
enum CertaintyWord {
    Exact,
    Within,
    Sampled,
}

impl From<Property> for WrittenProperty {
    fn from(property: Property) -> Self {
        let Property { name, holds, certainty, witness } = property;
        let (word, tolerance, samples) = match certainty {
            Certainty::Exact => (CertaintyWord::Exact, None, None),
            Certainty::Within(tolerance) => (CertaintyWord::Within, Some(tolerance), None),
            Certainty::Sampled(samples) => (CertaintyWord::Sampled, None, Some(samples)),
        };
        Self { name, holds, certainty: holds.map(|_| word), tolerance, samples, witness }
    }
}

impl From<WrittenProperty> for Property {
    fn from(written: WrittenProperty) -> Self {
        let WrittenProperty { name, holds, certainty, tolerance, samples, witness } = written;
        // JSON has no NaN: a tolerance that is missing or null was not a number.
        let certainty = match certainty {
            None | Some(CertaintyWord::Exact) => Certainty::Exact,
            Some(CertaintyWord::Within) => Certainty::Within(tolerance.unwrap_or(f64::NAN)),
            Some(CertaintyWord::Sampled) => Certainty::Sampled(samples.unwrap_or(0)),
        };
        Self { name, holds, certainty, witness }
    }
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
pub struct Verdict {
    /// The recomputed objective, when the class has one and the solution determines it.
    pub objective: Option<Objective>,
    /// Every requirement that is broken; empty for a valid solution.
    pub violations: Vec<Violation>,
    /// Requirements that could not be checked, each as a sentence that says why: the solution leaves out what they depend on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unchecked: Vec<String>,
    /// The class's properties, decided.
    pub properties: Vec<Property>,
    /// Further figures.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub measures: Vec<Measure>,
    /// What the checker found that is better than the solution. Empty says nothing: a checker need not look.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_property_says_in_a_word_how_sure_it_is_and_comes_back_as_it_was() {
        let witness = Witness::new("agent 2 envies 5", serde_json::json!([2, 5]));
        let cases = [
            (Property::holds("EF1", Certainty::Exact), r#"{"name":"EF1","holds":true,"certainty":"exact","witness":null}"#),
            (
                Property::holds("r", Certainty::Within(0.5)),
                r#"{"name":"r","holds":true,"certainty":"within","tolerance":0.5,"witness":null}"#,
            ),
            (
                Property::fails("s", Certainty::Sampled(7), witness.clone()),
                r#"{"name":"s","holds":false,"certainty":"sampled","samples":7,"witness":{"text":"agent 2 envies 5","data":[2,5]}}"#,
            ),
            (
                Property::undecided("PO", witness),
                r#"{"name":"PO","holds":null,"certainty":null,"witness":{"text":"agent 2 envies 5","data":[2,5]}}"#,
            ),
        ];
        for (property, text) in cases {
            assert_eq!(serde_json::to_string(&property).unwrap(), text);
            assert_eq!(serde_json::from_str::<Property>(text).unwrap(), property);
        }
    }
}
