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
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Certainty {
    /// Decided in exact arithmetic or by a finished search.
    Exact,
    /// Decided in floating point, within this tolerance.
    Within(f64),
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
pub struct Property {
    /// The property's standard name (`EF1`, `acyclic`, ...).
    pub name: String,
    /// Whether it holds; `None` when the checker could not decide (the witness says why).
    pub holds: Option<bool>,
    /// Whether the finding is exact.
    pub exact: bool,
    /// The tolerance of a finding that is not exact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tolerance: Option<f64>,
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
        let tolerance = match certainty {
            Certainty::Exact => None,
            Certainty::Within(tolerance) => Some(tolerance),
        };
        Self { name: name.into(), holds, exact: tolerance.is_none() && holds.is_some(), tolerance, witness }
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
