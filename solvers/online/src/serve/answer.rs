//! The lines that go out.

use fathom_opt_problems::online_knapsack::Amounts;
use fathom_opt_problems::replenishable_bandit::stream::Feedback;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::decision::Reason;
use crate::replenishable::Choice;

/// Used capacity: a whole number, or a share where items are taken in parts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Used {
    Whole(u64),
    Share(f64),
}

/// The answer to the header: all that the log needs so that the run can be rebuilt from it alone. With its fields it is a header itself.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Started {
    pub(super) stream: u32,
    pub(super) kind: String,
    pub(super) algorithm: String,
    pub(super) options: Value,
    pub(super) seed: u64,
    #[serde(flatten)]
    pub(super) header: Map<String, Value>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) notes: Vec<String>,
}

/// The answer to an item. It repeats value and weight, so that the log says what was decided about.
#[derive(Debug, Serialize)]
pub(super) struct Decided<'a> {
    pub(super) id: u64,
    pub(super) accept: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) share: Option<f64>,
    pub(super) why: Reason,
    pub(super) price: Option<f64>,
    pub(super) v: f64,
    pub(super) w: &'a Amounts,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) group: Option<&'a str>,
    pub(super) used: Used,
    pub(super) value: f64,
    /// What was wrong with the item, where it could be decided about all the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<String>,
}

/// The answer to a round of a bandit: the choice, the outcome, or both.
#[derive(Debug, Serialize)]
pub(super) struct Played<'a> {
    pub(super) id: u64,
    #[serde(flatten)]
    pub(super) choice: Option<Choice>,
    /// The outcome as far as the learner may see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) feedback: Option<&'a Feedback>,
    pub(super) budgets: &'a [f64],
    pub(super) reward: f64,
}

/// The answer to a line that is none of these.
#[derive(Debug, Serialize)]
pub(super) struct Refused<'a> {
    pub(super) line: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<u64>,
    pub(super) error: &'a str,
}

pub(super) fn write(answer: &impl Serialize, out: &mut Vec<u8>) {
    // Writing plain data into memory cannot fail.
    let _ = serde_json::to_writer(&mut *out, answer);
    out.push(b'\n');
}

/// The message of a JSON error without its position, which is always line 1.
pub(super) fn json_fault(expected: &str, error: &serde_json::Error) -> String {
    let message = error.to_string();
    let plain = message.rfind(" at line ").map_or(message.as_str(), |end| &message[..end]);
    format!("found no {expected}: {plain}")
}
