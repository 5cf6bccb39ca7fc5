//! One line of a stream: an item on offer.

use std::fmt;

use schemars::JsonSchema;
use serde::de::{SeqAccess, Visitor};
use serde::ser::SerializeSeq;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The weight of an item, or the capacity of the knapsack: one whole number per dimension, in the stream's own unit. Written as an array; a lone
/// number is read as an array of one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Amounts {
    first: u64,
    /// Empty in the one-dimensional case, so that a stream of items costs no allocation.
    rest: Vec<u64>,
}

impl Amounts {
    /// One amount.
    pub fn single(amount: u64) -> Self {
        Self { first: amount, rest: Vec::new() }
    }

    /// One amount per dimension; `None` for none at all.
    pub fn new(amounts: &[u64]) -> Option<Self> {
        let (&first, rest) = amounts.split_first()?;
        Some(Self { first, rest: rest.to_vec() })
    }

    /// The amount in the first dimension.
    pub fn first(&self) -> u64 {
        self.first
    }

    /// How many dimensions there are, at least 1.
    pub fn dimensions(&self) -> usize {
        1 + self.rest.len()
    }

    /// The amounts in order.
    pub fn iter(&self) -> impl Iterator<Item = u64> {
        std::iter::once(self.first).chain(self.rest.iter().copied())
    }
}

impl Serialize for Amounts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut seq = serializer.serialize_seq(Some(self.dimensions()))?;
        for amount in self.iter() {
            seq.serialize_element(&amount)?;
        }
        seq.end()
    }
}

impl<'de> Deserialize<'de> for Amounts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AmountsVisitor;
        impl<'de> Visitor<'de> for AmountsVisitor {
            type Value = Amounts;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number of at least 0, or an array of them")
            }

            fn visit_u64<E>(self, amount: u64) -> Result<Amounts, E> {
                Ok(Amounts::single(amount))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Amounts, A::Error> {
                let Some(first) = seq.next_element()? else {
                    return Err(serde::de::Error::invalid_length(0, &self));
                };
                let mut rest = Vec::new();
                while let Some(amount) = seq.next_element()? {
                    rest.push(amount);
                }
                Ok(Amounts { first, rest })
            }
        }
        deserializer.deserialize_any(AmountsVisitor)
    }
}

impl JsonSchema for Amounts {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Amounts".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "One whole number per dimension; a lone number is one dimension.",
            "anyOf": [
                { "type": "integer", "minimum": 0 },
                { "type": "array", "items": { "type": "integer", "minimum": 0 }, "minItems": 1 }
            ]
        })
    }
}

/// An item on offer. Fields of other names are ignored, so that a log of another program can be a stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Arrival {
    /// Number of the arrival; increasing along the stream.
    pub id: u64,
    /// Its value, at least 0.
    #[serde(rename = "v", alias = "value")]
    pub value: f64,
    /// Its weight.
    #[serde(rename = "w", alias = "weight")]
    pub weight: Amounts,
    /// Whom it comes from, for the audit of acceptance by group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
}

/// Every density of the stream is promised to lie between these.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DensityBounds {
    /// `L`: the least value per full capacity, above 0.
    #[serde(rename = "L")]
    pub lower: f64,
    /// `U`: the largest value per full capacity, at least `L`.
    #[serde(rename = "U")]
    pub upper: f64,
}

impl DensityBounds {
    /// Whether `0 < L <= U`, and `U` and `U / L` are finite.
    pub fn is_valid(&self) -> bool {
        self.lower > 0.0 && self.lower <= self.upper && self.upper.is_finite() && self.ratio().is_finite()
    }

    /// `U / L`.
    pub fn ratio(&self) -> f64 {
        self.upper / self.lower
    }
}

/// The value of an item per full capacity: `v / (w / C)`. A weightless item of positive value is infinitely dense.
///
/// This is the density that bounds and prices refer to, so that streams in other units of weight keep theirs.
pub fn density(value: f64, weight: u64, capacity: u64) -> f64 {
    if weight == 0 {
        return if value > 0.0 { f64::INFINITY } else { 0.0 };
    }
    value / (weight as f64 / capacity as f64)
}
