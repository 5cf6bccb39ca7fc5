//! A property of a solution, how sure the checker is of it, and the evidence.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
        // JSON has no NaN: a tolerance that is missing or null was not a number. Older documents have the tolerance without the word.
        let certainty = match (certainty, tolerance) {
            (Some(CertaintyWord::Within), tolerance) => Certainty::Within(tolerance.unwrap_or(f64::NAN)),
            (None, Some(tolerance)) => Certainty::Within(tolerance),
            (Some(CertaintyWord::Sampled), _) => Certainty::Sampled(samples.unwrap_or(0)),
            (Some(CertaintyWord::Exact) | None, _) => Certainty::Exact,
        };
        Self { name, holds, certainty, witness }
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
