//! The document form of an instance.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::SeqAccessDeserializer;
use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

use super::decimal::Decimal;
use super::welfare::Welfare;
use crate::malformed::{Malformed, Place};

/// The `data` field of a `fair-division` document.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FairDivisionData {
    /// The agents' names, or how many there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agents: Option<Labels>,
    /// The items' names, or how many there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub items: Option<Labels>,
    /// `utilities[a][o]`: what agent `a` values item `o` at, of any sign.
    pub utilities: Vec<UtilityRow>,
    /// How many copies there are of each item (all 1 by default). An allocation gives an owner to every copy, copies of one item in a row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copies: Option<Vec<u64>>,
    /// What each agent is entitled to, relative to the others; positive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entitlements: Option<Vec<u64>>,
    /// The objective by which allocations are compared.
    #[serde(default)]
    pub welfare: Welfare,
}

/// Names, or only how many of them there would be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Labels {
    /// So many, without names.
    Count(u64),
    /// One name each.
    Names(Vec<String>),
}

impl<'de> Deserialize<'de> for Labels {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct LabelsVisitor;
        impl<'de> Visitor<'de> for LabelsVisitor {
            type Value = Labels;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array of names or a count")
            }

            fn visit_u64<E: Error>(self, count: u64) -> Result<Labels, E> {
                Ok(Labels::Count(count))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Labels, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(seq)).map(Labels::Names)
            }
        }
        deserializer.deserialize_any(LabelsVisitor)
    }
}

/// One agent's utilities as the document writes them: an array of numbers, or of decimal numbers in quotes.
///
/// The text is kept, so that `0.1` and integers beyond 64 bits are read exactly instead of through a floating-point number.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UtilityRow(Box<RawValue>);

impl JsonSchema for UtilityRow {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "UtilityRow".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "What one agent values each item at, read exactly: numbers, or decimal numbers in quotes.",
            "type": "array",
            "items": { "type": ["number", "string"], "pattern": "^[+-]?[0-9]*\\.?[0-9]*([eE][+-]?[0-9]+)?$" }
        })
    }
}

impl UtilityRow {
    /// The row that holds these numbers, each already in decimal digits.
    ///
    /// # Errors
    /// When one of them is not a number in JSON's sense.
    pub fn from_numbers<S: AsRef<str>>(numbers: &[S]) -> Result<Self, serde_json::Error> {
        let mut text = String::with_capacity(2 + 4 * numbers.len());
        text.push('[');
        for (position, number) in numbers.iter().enumerate() {
            if position > 0 {
                text.push(',');
            }
            text.push_str(number.as_ref());
        }
        text.push(']');
        RawValue::from_string(text).map(Self)
    }

    /// The numbers of the row; `place` is where it stands.
    pub(super) fn parse(&self, place: &Place) -> Result<Vec<Decimal>, Malformed> {
        // The text is valid JSON already; what is left to find out is whether it is a flat array of numbers.
        let text = self.0.get().trim_ascii();
        let Some(inside) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) else {
            return Err(Malformed::new(place.clone(), excerpt(text), "an array of numbers"));
        };
        let mut numbers = Vec::with_capacity(inside.len() / 3);
        if inside.trim_ascii().is_empty() {
            return Ok(numbers);
        }
        for token in inside.split(',') {
            let token = token.trim_ascii();
            let plain = token.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(token);
            match Decimal::parse(plain) {
                Ok(number) => numbers.push(number),
                Err(expected) => return Err(Malformed::new(place.index(numbers.len()), excerpt(token), expected)),
            }
        }
        Ok(numbers)
    }
}

/// The beginning of a piece of the document, for messages.
pub(super) fn excerpt(text: &str) -> String {
    const LONGEST: usize = 40;
    if text.is_empty() {
        return "nothing".into();
    }
    let mut short: String = text.chars().take(LONGEST).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    format!("`{short}`")
}
