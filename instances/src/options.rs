//! Options that people give as `key=value`: typed structs, checked against their own schema.

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What options are: a struct with a default for each field and a schema. Every serde struct that derives these is one.
///
/// Fields are kebab-case (`#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]`). Where keys are not known beforehand, such as the parameters
/// that a model file declares, the struct is a map (`#[serde(transparent)]` over a `BTreeMap`), and its schema says so.
pub trait Options: Serialize + DeserializeOwned + JsonSchema + Default {}

impl<T: Serialize + DeserializeOwned + JsonSchema + Default> Options for T {}

/// Options of what has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NoOptions {}

/// The schema of `O`.
pub fn schema<O: Options>() -> Value {
    schemars::schema_for!(O).to_value()
}

/// All fields of `O` with their defaults.
pub fn defaults<O: Options>() -> Value {
    effective(&O::default())
}

/// All fields of `options`, as JSON.
pub fn effective<O: Options>(options: &O) -> Value {
    serde_json::to_value(options).unwrap_or(Value::Null)
}

/// The options that `given` says; the others have their defaults. A text that stands where the schema has no text is read as JSON, so that `rows=3` is a number
/// and `name=3` is a name.
///
/// # Errors
/// A key that is none of `O`, a value of the wrong type or out of range: a sentence.
pub fn parse<O: Options>(given: &Map<String, Value>) -> Result<O, String> {
    let schema = schema::<O>();
    let typed = given.iter().map(|(key, value)| (key.clone(), coerced(&schema, key, value))).collect();
    if let Some(key) = unknown(&schema, given) {
        return Err(match names(&schema).as_slice() {
            [] => format!("found `{key}`, expected no option"),
            names => format!("found `{key}`, expected one of {}", names.join(", ")),
        });
    }
    // One at a time first, so that the message can name the key.
    for (key, value) in given {
        let alone = Map::from_iter([(key.clone(), coerced(&schema, key, value))]);
        if let Err(error) = serde_json::from_value::<O>(Value::Object(alone)) {
            return Err(format!("{key}: {error}"));
        }
    }
    serde_json::from_value(Value::Object(typed)).map_err(|error| error.to_string())
}

/// The names of the options that `schema` has, those for which any name will do left out.
pub fn names(schema: &Value) -> Vec<&str> {
    schema
        .get("properties")
        .and_then(Value::as_object)
        .map(|properties| properties.keys().map(String::as_str).collect())
        .unwrap_or_default()
}

/// The first key of `given` that `schema` does not have.
pub fn unknown<'a>(schema: &Value, given: &'a Map<String, Value>) -> Option<&'a str> {
    let open = schema.get("additionalProperties").is_some_and(|more| *more != Value::Bool(false));
    let names = names(schema);
    given.keys().map(String::as_str).find(|key| !open && !names.contains(key))
}

fn coerced(schema: &Value, key: &str, value: &Value) -> Value {
    let Value::String(text) = value else { return value.clone() };
    let property = schema.get("properties").and_then(|properties| properties.get(key)).or_else(|| schema.get("additionalProperties"));
    match property {
        Some(property) if !takes_text(schema, property, 0) => serde_json::from_str(text).unwrap_or_else(|_| value.clone()),
        _ => value.clone(),
    }
}

/// References within a schema are followed so far.
const DEEPEST: usize = 8;

/// Whether a text is among the values of `property`.
fn takes_text(schema: &Value, property: &Value, depth: usize) -> bool {
    if depth > DEEPEST {
        return false;
    }
    let any = |list: &str| {
        property.get(list).and_then(Value::as_array).is_some_and(|all| all.iter().any(|one| takes_text(schema, one, depth + 1)))
    };
    let is_text = |kind: &Value| kind.as_str() == Some("string");
    let direct = match property.get("type") {
        Some(Value::Array(kinds)) => kinds.iter().any(is_text),
        Some(kind) => is_text(kind),
        None => property.get("enum").or(property.get("const")).is_some(),
    };
    let referred = property.get("$ref").and_then(Value::as_str).and_then(|path| schema.pointer(path.trim_start_matches('#')));
    direct || any("anyOf") || any("oneOf") || any("allOf") || referred.is_some_and(|target| takes_text(schema, target, depth + 1))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[derive(Debug, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
    #[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
    struct Some3 {
        max_rows: Option<usize>,
        name: Option<String>,
        mode: Option<Mode>,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
    #[serde(rename_all = "kebab-case")]
    enum Mode {
        Fast,
    }

    #[derive(Debug, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
    #[serde(transparent)]
    struct Anything(BTreeMap<String, f64>);

    fn given(pairs: &[(&str, &str)]) -> Map<String, Value> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), Value::String((*value).to_owned()))).collect()
    }

    #[test]
    fn text_becomes_what_the_schema_wants() {
        let read: Some3 = parse(&given(&[("max-rows", "3"), ("name", "3"), ("mode", "fast")])).unwrap();
        assert_eq!(read, Some3 { max_rows: Some(3), name: Some("3".into()), mode: Some(Mode::Fast) });
        let read: Anything = parse(&given(&[("N", "100"), ("alpha", "0.5")])).unwrap();
        assert_eq!(read.0["N"], 100.0);
    }

    #[test]
    fn what_is_no_option_is_refused_with_what_there_is() {
        let refusal = |pairs: &[(&str, &str)]| parse::<Some3>(&given(pairs)).unwrap_err();
        assert_eq!(refusal(&[("rows", "3")]), "found `rows`, expected one of max-rows, name, mode");
        assert!(refusal(&[("name", "x"), ("max-rows", "-3")]).starts_with("max-rows: "));
        assert!(refusal(&[("mode", "slow")]).contains("fast"));
        assert_eq!(parse::<NoOptions>(&given(&[("x", "1")])).unwrap_err(), "found `x`, expected no option");
    }
}
