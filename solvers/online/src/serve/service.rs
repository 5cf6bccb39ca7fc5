//! What a session serves: one problem class, one algorithm.

use serde_json::{Map, Value};

use super::session::Step;

/// A line that is at fault.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Fault {
    /// The id that stands in it, if any.
    pub id: Option<u64>,
    /// What was found and what was expected.
    pub message: String,
}

impl Fault {
    pub fn new(id: Option<u64>, message: impl Into<String>) -> Self {
        Self { id, message: message.into() }
    }
}

/// Why a line of a decision log is not one that this service would have written.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Mismatch {
    /// It is no such line.
    Line(String),
    /// It tells of another decision.
    Decision { id: u64, found: String, expected: String },
}

/// A two-step algorithm over lines: it decides and, where the world answers, it observes. The session around it knows headers, control lines, logs
/// and checkpoints; a further problem class is a further service.
pub(super) trait Service: Send {
    /// The algorithm's name.
    fn algorithm(&self) -> &'static str;

    /// All its options, defaults included.
    fn options(&self) -> Value;

    /// The problem class.
    fn kind(&self) -> &'static str;

    /// What a header has to look like, for somebody who sent something else.
    fn example(&self) -> &'static str;

    /// Whether the header has come.
    fn started(&self) -> bool;

    /// Takes the header. Returns the fields that describe the stream, for the answer and for the log, and puts remarks into `notes`.
    ///
    /// # Errors
    /// What is wrong with it.
    fn start(&mut self, header: &[u8], seed: u64, notes: &mut Vec<String>) -> Result<Map<String, Value>, String>;

    /// Answers a line with one appended to `out`; `None` when it is none of this service's lines (a control line, or not even JSON).
    fn answer(&mut self, line: &[u8], out: &mut Vec<u8>) -> Option<Result<Step, Fault>>;

    /// What is wrong with a line that is neither one of this service's nor a control line.
    fn fault(&self, line: &[u8]) -> Fault;

    /// Counts, sums, guarantees.
    fn report(&self) -> Map<String, Value>;

    /// Takes in an answer from its own log, in order.
    ///
    /// # Errors
    /// When it would not have given that answer.
    fn replay(&mut self, line: &[u8]) -> Result<(), Mismatch>;

    /// All that later answers depend on, the header aside.
    fn snapshot(&self) -> Value;

    /// Goes on from a snapshot, after the same header.
    ///
    /// # Errors
    /// When it is none.
    fn restore(&mut self, state: Value) -> Result<(), serde_json::Error>;
}
