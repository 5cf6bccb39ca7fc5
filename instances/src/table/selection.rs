//! Which rows of a table are read, as a reading option.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// Columns, and what has to stand in each: an object, or the text `COLUMN=VALUE`, several separated by commas.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub struct Selection(pub BTreeMap<String, String>);

impl Selection {
    /// The column `column` has to hold `value`.
    pub fn of(column: &str, value: &str) -> Self {
        Self(BTreeMap::from([(column.to_owned(), value.to_owned())]))
    }
}

impl<'de> Deserialize<'de> for Selection {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        let mut selection = BTreeMap::new();
        match Value::deserialize(deserializer)? {
            Value::Object(columns) => {
                for (column, value) in columns {
                    let value = match value {
                        Value::String(text) => text,
                        Value::Number(number) => number.to_string(),
                        other => {
                            return Err(D::Error::custom(format!("found {other} for the column `{column}`, expected text or a number")));
                        }
                    };
                    selection.insert(column, value);
                }
            }
            Value::String(text) => {
                for pair in text.split(',') {
                    let Some((column, value)) = pair.split_once('=') else {
                        return Err(D::Error::custom(format!("found `{pair}`, expected COLUMN=VALUE")));
                    };
                    selection.insert(column.trim().to_owned(), value.trim().to_owned());
                }
            }
            other => return Err(D::Error::custom(format!("found {other}, expected COLUMN=VALUE"))),
        }
        Ok(Self(selection))
    }
}

impl JsonSchema for Selection {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Selection".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "description": "COLUMN=VALUE, or an object of such.", "type": ["string", "object"] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_objects_are_read() {
        let read = |value: Value| serde_json::from_value::<Selection>(value).map_err(|error| error.to_string());
        assert_eq!(read(serde_json::json!("trace=2")).unwrap(), Selection::of("trace", "2"));
        assert_eq!(read(serde_json::json!({ "trace": 2 })).unwrap(), Selection::of("trace", "2"));
        assert_eq!(read(serde_json::json!("a=1, b=x=y")).unwrap().0.len(), 2);
        assert!(read(serde_json::json!("trace")).unwrap_err().contains("expected COLUMN=VALUE"));
        assert!(read(serde_json::json!({ "a": true })).unwrap_err().contains("found true for the column `a`"));
    }
}
