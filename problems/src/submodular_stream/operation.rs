//! One step of a stream, and the forms in which people write streams.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::malformed::{FilePlace, Malformed, Place, without_position};

/// What happens at a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// An element becomes live.
    Insert,
    /// A live element goes.
    Delete,
    /// The best feasible set of live elements is wanted.
    Query,
}

/// One step of a stream as documents write it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// What happens.
    #[serde(rename = "op")]
    pub action: Action,
    /// The element that is inserted or deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<u64>,
    /// When it happens, in any unit; kept out of every computation.
    #[serde(default, rename = "t", skip_serializing_if = "Option::is_none")]
    pub time: Option<f64>,
}

impl Step {
    /// The step `action` on element `id`.
    pub fn new(action: Action, id: Option<u64>) -> Self {
        Self { action, id, time: None }
    }
}

/// One step of a stream over the positions of a ground set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// The element at this position becomes live.
    Insert(u32),
    /// The live element at this position goes.
    Delete(u32),
    /// The best feasible set of live elements is wanted.
    Query,
}

/// The steps in `text`; `name` stands for its file in messages. Three forms are told apart by the first character: JSON lines (`{"op":"insert","id":3}`),
/// signs (`+3`, `-3`, `?`, comments after `#`), and CSV with the header `op,id` or `op,id,time`.
///
/// # Errors
/// The first line that is not what it should be.
pub fn parse(name: &str, text: &[u8]) -> Result<Vec<Step>, Malformed> {
    let mut steps = Vec::new();
    let mut form: Option<ReadLine> = None;
    for (number, line) in text.split(|&byte| byte == b'\n').enumerate() {
        let line = line.trim_ascii();
        if line.is_empty() || line[0] == b'#' {
            continue;
        }
        let first = form.is_none();
        let read = *form.get_or_insert(match line[0] {
            b'{' => json,
            b'+' | b'-' | b'?' => sign,
            _ => comma,
        });
        if first && (line == b"op,id" || line == b"op,id,time") {
            continue;
        }
        let step = read(line).map_err(|(found, column)| {
            let place = FilePlace { file: name.to_owned(), line: number + 1, column };
            Malformed::new(Place::root(), found, "an operation: insert or delete with an id, or query").in_file(place)
        })?;
        steps.push(step);
    }
    Ok(steps)
}

/// Reads a line of one form: the step, or what was found instead and in which column.
type ReadLine = fn(&[u8]) -> Result<Step, (String, usize)>;

fn json(line: &[u8]) -> Result<Step, (String, usize)> {
    serde_json::from_slice(line).map_err(|error| (without_position(&error), error.column()))
}

fn sign(line: &[u8]) -> Result<Step, (String, usize)> {
    let text = String::from_utf8_lossy(line);
    let text = text.split('#').next().unwrap_or_default().trim();
    if text == "?" {
        return Ok(Step::new(Action::Query, None));
    }
    let (action, id) = match text.split_at_checked(1) {
        Some(("+", id)) => (Action::Insert, id),
        Some(("-", id)) => (Action::Delete, id),
        _ => return Err((format!("`{text}`"), 0)),
    };
    let id = id.trim().parse().map_err(|_| (format!("`{text}`"), 2))?;
    Ok(Step::new(action, Some(id)))
}

fn comma(line: &[u8]) -> Result<Step, (String, usize)> {
    let text = String::from_utf8_lossy(line);
    let fault = || (format!("`{text}`"), 0);
    let mut cells = text.split(',').map(str::trim);
    let action = match cells.next() {
        Some("insert") => Action::Insert,
        Some("delete") => Action::Delete,
        Some("query") => Action::Query,
        _ => return Err(fault()),
    };
    let id = cells.next().filter(|cell| !cell.is_empty()).map(str::parse).transpose().map_err(|_| fault())?;
    let time: Option<f64> = cells.next().filter(|cell| !cell.is_empty()).map(str::parse).transpose().map_err(|_| fault())?;
    if cells.next().is_some() || (action == Action::Query) != id.is_none() || time.is_some_and(|time| !time.is_finite()) {
        return Err(fault());
    }
    Ok(Step { action, id, time })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_forms_say_the_same() {
        let json = "{\"op\":\"insert\",\"id\":3}\n{\"op\":\"query\"}\n\n{\"op\":\"delete\",\"id\":3}";
        let signs = "# a stream\n+3\n? # now\n-3\n";
        let table = "op,id,time\ninsert,3,\nquery,,\ndelete,3,\n";
        let expected = vec![Step::new(Action::Insert, Some(3)), Step::new(Action::Query, None), Step::new(Action::Delete, Some(3))];
        for text in [json, signs, table] {
            assert_eq!(parse("s", text.as_bytes()).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn a_wrong_line_is_named() {
        for (text, line) in
            [("+3\n*4", 2), ("insert,3\nquery,4", 2), ("{\"op\":\"insert\"}\n{\"op\":\"push\"}", 2), ("+x", 1), ("+1\n{}", 2)]
        {
            let fault = parse("s", text.as_bytes()).unwrap_err();
            assert_eq!(fault.file.as_ref().map(|place| place.line), Some(line), "{fault}");
        }
    }
}
