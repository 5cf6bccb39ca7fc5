//! The lines that go out.

use fathom_problems::online_knapsack::{Amounts, DensityBounds};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::decision::Reason;

/// Used capacity: a whole number, or a share where items are taken in parts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Used {
    Whole(u64),
    Share(f64),
}

/// The answer to the header: all that the log needs so that the run can be rebuilt from it alone.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Started {
    pub(super) stream: u32,
    pub(super) kind: String,
    pub(super) algorithm: String,
    pub(super) options: Value,
    pub(super) seed: u64,
    pub(super) capacity: Amounts,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) bounds: Option<DensityBounds>,
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
}

/// The answer to a line that is none of these.
#[derive(Debug, Serialize)]
pub(super) struct Refused<'a> {
    pub(super) line: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<u64>,
    pub(super) error: &'a str,
}
