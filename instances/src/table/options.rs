//! How a table is read, whatever its class.

use std::fmt;

use schemars::JsonSchema;
use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::delimiter::Delimiter;
use super::encoding::Encoding;
use super::names::Names;
use super::number_style::Mark;
use super::selection::Selection;

/// How a table is read. What is not given is told by the table's content.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case")]
pub struct TableOptions {
    /// Columns to leave out.
    pub skip: Names,
    /// Only the rows in whose column this stands: COLUMN=VALUE.
    pub select: Selection,
    /// Only the first so many rows.
    pub rows: Option<usize>,
    /// Whether the first line names the columns: yes or no.
    pub header: Option<YesNo>,
    /// Whether the first column only numbers or names the rows: yes or no.
    pub index: Option<YesNo>,
    /// What separates cells: comma, semicolon, tab, pipe or space.
    pub delimiter: Option<Delimiter>,
    /// What stands before decimals: point or comma.
    pub decimal: Option<Mark>,
    /// How bytes are characters: utf-8, utf-16 or latin-1.
    pub encoding: Option<Encoding>,
}

/// An answer: `yes` or `no`, or a boolean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct YesNo(pub bool);

impl Serialize for YesNo {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(if self.0 { "yes" } else { "no" })
    }
}

impl<'de> Deserialize<'de> for YesNo {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Answer;
        impl Visitor<'_> for Answer {
            type Value = YesNo;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("yes or no")
            }

            fn visit_bool<E>(self, yes: bool) -> Result<YesNo, E> {
                Ok(YesNo(yes))
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<YesNo, E> {
                match text {
                    "yes" | "true" => Ok(YesNo(true)),
                    "no" | "false" => Ok(YesNo(false)),
                    _ => Err(E::custom(format!("found `{text}`, expected yes or no"))),
                }
            }
        }
        deserializer.deserialize_any(Answer)
    }
}

impl JsonSchema for YesNo {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "YesNo".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "description": "yes or no", "type": ["string", "boolean"], "enum": ["yes", "no", true, false] })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value};

    use super::*;
    use crate::options;

    #[derive(Debug, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
    #[serde(default, rename_all = "kebab-case")]
    struct OfAClass {
        capacity: Option<u64>,
        #[serde(flatten)]
        table: TableOptions,
    }

    #[test]
    fn options_of_a_class_and_of_every_table_stand_side_by_side() {
        let given = |pairs: &[(&str, &str)]| -> Map<String, Value> {
            pairs.iter().map(|(key, value)| ((*key).to_owned(), Value::String((*value).to_owned()))).collect()
        };
        let all = [
            ("capacity", "3"),
            ("rows", "2"),
            ("header", "no"),
            ("skip", "a,b"),
            ("decimal", "comma"),
            ("select", "day=1"),
            ("encoding", "latin-1"),
        ];
        let read: OfAClass = options::parse(&given(&all)).unwrap();
        let table = TableOptions {
            skip: Names(vec!["a".into(), "b".into()]),
            select: Selection::of("day", "1"),
            rows: Some(2),
            header: Some(YesNo(false)),
            decimal: Some(Mark::Comma),
            encoding: Some(Encoding::Latin1),
            ..TableOptions::default()
        };
        assert_eq!(read, OfAClass { capacity: Some(3), table });
        let refusal = |pairs: &[(&str, &str)]| options::parse::<OfAClass>(&given(pairs)).unwrap_err();
        assert!(refusal(&[("capacty", "3")]).starts_with("found `capacty`, expected one of capacity, skip, select"));
        assert!(refusal(&[("header", "maybe")]).contains("expected yes or no"));
        assert!(refusal(&[("delimiter", "colon")]).contains("semicolon"));
    }
}
