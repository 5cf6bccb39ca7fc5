//! The text of a suite while it is read: refusals with their place, and tables of TOML as JSON.

use std::ops::Range;

use serde_json::{Map, Number, Value};
use toml::Spanned;

use super::SuiteError;

/// The text being read, for errors.
#[derive(Clone, Copy)]
pub(super) struct SuiteText<'a> {
    /// What the suite is called in errors.
    pub shown: &'a str,
    pub text: &'a str,
}

impl SuiteText<'_> {
    /// At `span` stands `found` where `expected` should be.
    pub fn refuse(&self, span: Range<usize>, found: &str, expected: &str) -> SuiteError {
        SuiteError::at(self.shown, self.text, span.start, found, expected)
    }

    /// `table`, which stands at `place`, as JSON.
    pub fn json_table(&self, place: &str, table: Spanned<toml::Table>) -> Result<Map<String, Value>, SuiteError> {
        let span = table.span();
        json_map(place, table.into_inner()).map_err(|found| self.refuse(span, &found, "values that JSON can hold"))
    }
}

fn json_map(place: &str, table: toml::Table) -> Result<Map<String, Value>, String> {
    table.into_iter().map(|(key, value)| Ok((key.clone(), json(&format!("{place}.{key}"), value)?))).collect()
}

fn json(place: &str, value: toml::Value) -> Result<Value, String> {
    Ok(match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(number) => Value::Number(number.into()),
        toml::Value::Float(number) => Value::Number(Number::from_f64(number).ok_or_else(|| format!("{number} in `{place}`"))?),
        toml::Value::Boolean(truth) => Value::Bool(truth),
        toml::Value::Datetime(date) => return Err(format!("the date {date} in `{place}`")),
        toml::Value::Array(values) => {
            values.into_iter().enumerate().map(|(k, value)| json(&format!("{place}[{k}]"), value)).collect::<Result<_, _>>()?
        }
        toml::Value::Table(table) => Value::Object(json_map(place, table)?),
    })
}
