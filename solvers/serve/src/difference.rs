//! Where a logged answer differs from the one that is given now.

use serde_json::Value;

/// Numbers this close, relatively, are equal: `exp` and `ln` differ in the last digits from one machine to another. Anything larger is an edit.
const ROUNDING: f64 = 1e-14;

/// The first difference between two lines of a log, as `field: found x, expected y`; `None` where they agree but for rounding.
pub(crate) fn difference(found: &[u8], expected: &[u8]) -> Option<String> {
    if found == expected {
        return None;
    }
    let parse = |line| serde_json::from_slice::<Value>(line);
    match (parse(found), parse(expected)) {
        (Ok(found), Ok(expected)) => between("", &found, &expected),
        _ => Some(format!("found {}, expected {}", shown(found), shown(expected))),
    }
}

fn between(place: &str, found: &Value, expected: &Value) -> Option<String> {
    let below = |field: &str| if place.is_empty() { field.to_owned() } else { format!("{place}.{field}") };
    let differs = |found: &str, expected: &str| Some(format!("{place}: found {found}, expected {expected}"));
    match (found, expected) {
        (Value::Object(found), Value::Object(expected)) => {
            for (field, value) in expected {
                match found.get(field) {
                    Some(other) => {
                        if let Some(difference) = between(&below(field), other, value) {
                            return Some(difference);
                        }
                    }
                    None => return Some(format!("{}: found nothing, expected {value}", below(field))),
                }
            }
            found
                .iter()
                .find(|(field, _)| !expected.contains_key(*field))
                .map(|(field, value)| format!("{}: found {value}, expected nothing", below(field)))
        }
        (Value::Array(found), Value::Array(expected)) if found.len() == expected.len() => {
            found.iter().zip(expected).enumerate().find_map(|(at, (found, expected))| between(&below(&at.to_string()), found, expected))
        }
        (Value::Number(a), Value::Number(b)) => {
            let whole = |number: &serde_json::Number| number.as_i64().is_some() || number.as_u64().is_some();
            let close = || {
                let (a, b) = (a.as_f64()?, b.as_f64()?);
                Some(a == b || (a - b).abs() <= ROUNDING * a.abs().max(b.abs()))
            };
            let equal = if whole(a) && whole(b) { a == b } else { close().unwrap_or(false) };
            if equal { None } else { differs(&a.to_string(), &b.to_string()) }
        }
        _ if found == expected => None,
        _ => differs(&found.to_string(), &expected.to_string()),
    }
}

fn shown(line: &[u8]) -> String {
    let text = String::from_utf8_lossy(line);
    if text.chars().count() <= 120 { format!("`{text}`") } else { format!("`{}...`", text.chars().take(120).collect::<String>()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_named_by_its_field_and_rounding_is_none() {
        let at = |found: &str, expected: &str| difference(found.as_bytes(), expected.as_bytes());
        assert_eq!(at("{\"a\":1}", "{\"a\":1}"), None);
        assert_eq!(at("{\"a\":1.0000000000000002}", "{\"a\":1}"), None);
        // A price in which the tenth digit was changed.
        assert!(at("{\"a\":10.62385678}", "{\"a\":10.623856777321052}").is_some());
        assert_eq!(at("{\"a\":1.001}", "{\"a\":1.0}").unwrap(), "a: found 1.001, expected 1.0");
        assert_eq!(
            at("{\"a\":9007199254740993}", "{\"a\":9007199254740992}").unwrap(),
            "a: found 9007199254740993, expected 9007199254740992"
        );
        assert_eq!(at("{\"a\":{\"b\":[1,2]}}", "{\"a\":{\"b\":[1,3]}}").unwrap(), "a.b.1: found 2, expected 3");
        assert_eq!(at("{\"a\":1}", "{\"a\":1,\"c\":2}").unwrap(), "c: found nothing, expected 2");
        assert_eq!(at("{\"a\":1,\"c\":2}", "{\"a\":1}").unwrap(), "c: found 2, expected nothing");
        assert_eq!(at("{\"a\":null}", "{\"a\":0.5}").unwrap(), "a: found null, expected 0.5");
        assert!(at("{\"a\":", "{\"a\":1}").unwrap().contains("expected `{\"a\":1}`"));
    }
}
