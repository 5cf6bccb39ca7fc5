//! Bounds on densities, as a reading option.

use fathom_opt_problems::online_knapsack::DensityBounds;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// `L` and `U` of every density (value per full capacity): `[L, U]`, or the text `L,U`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds(pub DensityBounds);

impl Serialize for Bounds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.0.lower, self.0.upper).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Bounds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Pair(f64, f64),
            Text(String),
        }
        let (lower, upper) = match Written::deserialize(deserializer)? {
            Written::Pair(lower, upper) => (lower, upper),
            Written::Text(text) => {
                let number = |word: &str| word.trim().parse::<f64>().ok();
                let inner = text.trim().trim_start_matches('[').trim_end_matches(']');
                inner
                    .split_once(',')
                    .and_then(|(lower, upper)| number(lower).zip(number(upper)))
                    .ok_or_else(|| serde::de::Error::custom(format!("found `{text}`, expected L,U")))?
            }
        };
        Ok(Self(DensityBounds { lower, upper }))
    }
}

impl JsonSchema for Bounds {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Bounds".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let pair = generator.subschema_for::<(f64, f64)>();
        schemars::json_schema!({ "description": "Bounds: L,U or [L, U].", "anyOf": [pair, { "type": "string" }] })
    }
}
