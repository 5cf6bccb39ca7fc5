//! Names of columns, as a reading option.

use schemars::JsonSchema;
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

/// Names of columns: an array, or a text in which commas separate them. A text without a comma is one name, also the empty one.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub struct Names(pub Vec<String>);

impl Names {
    /// Whether `name` is one of them.
    pub fn contains(&self, name: &str) -> bool {
        self.0.iter().any(|known| known == name)
    }

    /// The first that is none of `columns`.
    pub fn missing_in<'c>(&self, columns: impl Iterator<Item = &'c str>) -> Option<&str> {
        let columns: Vec<&str> = columns.collect();
        self.0.iter().map(String::as_str).find(|name| !columns.contains(name))
    }
}

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NamesVisitor;
        impl<'de> Visitor<'de> for NamesVisitor {
            type Value = Names;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("names separated by commas, or an array of names")
            }

            fn visit_str<E>(self, text: &str) -> Result<Names, E> {
                let array = text.starts_with('[').then(|| serde_json::from_str(text).ok()).flatten();
                Ok(Names(array.unwrap_or_else(|| text.split(',').map(str::to_owned).collect())))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Names, E> {
                Ok(Names(vec![number.to_string()]))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Names, E> {
                Ok(Names(vec![number.to_string()]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Names, A::Error> {
                let mut names = Vec::new();
                while let Some(name) = seq.next_element::<String>()? {
                    names.push(name);
                }
                Ok(Names(names))
            }
        }
        deserializer.deserialize_any(NamesVisitor)
    }
}

impl JsonSchema for Names {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Names".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let array = generator.subschema_for::<Vec<String>>();
        schemars::json_schema!({ "description": "Names: an array, or a text in which commas separate them.", "anyOf": [{ "type": "string" }, array] })
    }
}
