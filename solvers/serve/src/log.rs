//! A decision log: the answers of a session, one a line, the answer to the header first.

use fathom_opt_problems::{AnyProblem, AnySolution, Problem};
use serde::Deserialize;
use serde_json::{Map, Value};

/// A decision log, in memory. A last line that was cut short is left out.
#[derive(Debug, Clone, Copy)]
pub struct DecisionLog<'a> {
    text: &'a [u8],
    /// Whether something stands after the last whole line.
    cut_short: bool,
}

/// Why a file is no decision log of a service.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: found {found}, expected {expected}")]
pub struct LogFault {
    /// 1-based line.
    pub line: usize,
    /// What stands there.
    pub found: String,
    /// What should.
    pub expected: String,
}

impl LogFault {
    /// Line `line` holds `found` instead of `expected`.
    pub fn new(line: usize, found: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { line, found: found.into(), expected: expected.into() }
    }
}

/// A stream as an instance, and the answers to it as a solution.
#[derive(Debug)]
pub struct Recorded<P: Problem> {
    /// The stream.
    pub problem: P,
    /// What was decided.
    pub solution: P::Solution,
}

/// [`Recorded`] with its class erased.
pub struct AnyRecorded {
    /// The stream.
    pub problem: Box<dyn AnyProblem>,
    /// What was decided.
    pub solution: AnySolution,
}

impl<P: Problem> From<Recorded<P>> for AnyRecorded {
    fn from(recorded: Recorded<P>) -> Self {
        Self { problem: Box::new(recorded.problem), solution: AnySolution::new(recorded.solution) }
    }
}

/// A figure for a person: a word and what is to be said under it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// The word; empty for one more line under the word before.
    pub label: String,
    /// The rest.
    pub text: String,
}

impl Figure {
    /// `text` under `label`.
    pub fn new(label: impl Into<String>, text: impl Into<String>) -> Self {
        Self { label: label.into(), text: text.into() }
    }
}

/// What a family's audit finds in a log: for a person, for a program, and what does not add up.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LogFigures {
    /// For a person.
    pub shown: Vec<Figure>,
    /// For a program.
    pub data: Map<String, Value>,
    /// What the log says and its own decisions refute, a sentence each.
    pub mistakes: Vec<String>,
}

/// What an answer to a header tells.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Opened {
    pub kind: String,
    pub algorithm: String,
    pub options: Value,
    pub seed: u64,
}

impl<'a> DecisionLog<'a> {
    /// The log in `text`.
    pub fn new(text: &'a [u8]) -> Self {
        let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text);
        let end = text.iter().rposition(|&byte| byte == b'\n');
        let cut_short = !text.is_empty() && end != Some(text.len() - 1);
        Self { text: &text[..end.unwrap_or(0)], cut_short }
    }

    /// Whether the last line was cut short, as when the machine stopped while it was written; it is not among the [`lines`](Self::lines).
    pub fn is_cut_short(&self) -> bool {
        self.cut_short
    }

    /// Whether `text` starts as a decision log does: with the answer to a header, or with lines that were refused before one.
    pub fn starts(text: &[u8]) -> bool {
        let first = text.split(|&byte| byte == b'\n').next().unwrap_or_default();
        let first = first.strip_prefix("\u{feff}".as_bytes()).unwrap_or(first);
        serde_json::from_slice::<Opened>(first).is_ok()
            || (first.starts_with(b"{\"line\":") && serde_json::from_slice::<Value>(first).is_ok_and(|line| line.get("error").is_some()))
    }

    /// The lines with their 1-based numbers.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &'a [u8])> + use<'a> {
        let lines = (!self.text.is_empty()).then(|| self.text.split(|&byte| byte == b'\n'));
        lines.into_iter().flatten().enumerate().map(|(at, line)| (at + 1, line))
    }

    /// The answer to the header: its line and what it tells. `None` where no header was taken.
    pub(crate) fn opened(&self) -> Result<Option<(usize, Opened)>, LogFault> {
        let Some((number, line)) = self.lines().find(|(_, line)| line.starts_with(b"{\"stream\":")) else {
            return match self.lines().find(|(_, line)| serde_json::from_slice::<Map<String, Value>>(line).is_err()) {
                Some((number, _)) => Err(LogFault::new(number, "no JSON object", "a line of a decision log")),
                None if self.lines().any(|(_, line)| !line.starts_with(b"{\"line\":")) => {
                    Err(LogFault::new(1, "a log without the answer to a header", "one that `fathom online --log` kept"))
                }
                None => Ok(None),
            };
        };
        serde_json::from_slice(line)
            .map(|opened| Some((number, opened)))
            .map_err(|error| LogFault::new(number, error.to_string(), "the answer to a header, with algorithm, options and seed"))
    }
}
