//! What was answered.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The answer to one query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// The position (0-based) of the query in the stream of operations.
    pub at: u64,
    /// Ids of the chosen elements.
    pub chosen: Vec<u64>,
}

/// The answers to the queries of a stream, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Answers {
    /// One answer per query, in the order of the stream.
    pub answers: Vec<Answer>,
}
