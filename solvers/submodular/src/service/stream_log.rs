//! What the decision log of a live stream shows.

use fathom_opt_problems::Malformed;
use fathom_opt_problems::submodular_stream::{Action, Answer, Answers, Step, SubmodularStream};
use fathom_opt_serve::{DecisionLog, Figure, LogFault, LogFigures, Recorded};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::live_stream::{LiveFound, LiveHeader};
use crate::picture::value_and_bound;

/// Values in a log are written in full, but machines differ in the last digits of logarithms.
const ROUNDING: f64 = 1e-9;
/// Mistakes beyond so many are not listed.
const MAX_LISTED: usize = 5;

/// A line that answers an operation.
#[derive(Debug, Clone, Deserialize)]
struct Logged {
    op: Action,
    id: Option<u64>,
    t: Option<f64>,
    #[serde(flatten)]
    found: Option<LiveFound>,
}

/// The operations in a decision log, and what was answered.
pub(super) struct StreamLog {
    /// The line of the header, and the header.
    header: Option<(usize, LiveHeader)>,
    /// Each with its line.
    logged: Vec<(usize, Logged)>,
    /// Lines that were answered with an error.
    faults: usize,
}

impl StreamLog {
    /// Reads `log`.
    ///
    /// # Errors
    /// The first line that belongs to no such log.
    pub(super) fn parse(log: &DecisionLog<'_>) -> Result<Self, LogFault> {
        let mut stream = Self { header: None, logged: Vec::new(), faults: 0 };
        for (number, line) in log.lines() {
            let wrong = |error: serde_json::Error, expected: &str| LogFault::new(number, error.to_string(), expected);
            if line.starts_with(b"{\"stream\":") {
                let header =
                    serde_json::from_slice(line).map_err(|error| wrong(error, "a header with a function, elements and a constraint"))?;
                stream.header = Some((number, header));
            } else if line.starts_with(b"{\"op\":") {
                let logged: Logged = serde_json::from_slice(line).map_err(|error| wrong(error, "the answer to an operation"))?;
                if (logged.op == Action::Query) != logged.found.is_some() {
                    return Err(LogFault::new(
                        number,
                        "an operation without its answer",
                        "what was chosen, to a query and to nothing else",
                    ));
                }
                stream.logged.push((number, logged));
            } else if line.starts_with(b"{\"line\":") {
                stream.faults += 1;
            }
        }
        Ok(stream)
    }

    /// The answers to queries.
    fn found(&self) -> impl Iterator<Item = &LiveFound> {
        self.logged.iter().filter_map(|(_, logged)| logged.found.as_ref())
    }

    /// The stream as an instance, and its answers as a solution; `None` where nothing was asked.
    ///
    /// # Errors
    /// A header or operations that are none.
    pub(super) fn recorded(&self) -> Result<Option<Recorded<SubmodularStream>>, LogFault> {
        let Some((line, header)) = self.header.as_ref().filter(|_| self.found().next().is_some()) else { return Ok(None) };
        let fault = |fault: Malformed| LogFault::new(*line, format!("{} at {}", fault.found, fault.place), fault.expected);
        let (function, ground) = header.load().map_err(fault)?;
        let step = |logged: &Logged| Step { action: logged.op, id: logged.id, time: logged.t };
        let steps: Vec<Step> = self.logged.iter().map(|(_, logged)| step(logged)).collect();
        let problem = SubmodularStream::new(function, ground, header.constraint.clone(), &steps).map_err(fault)?;
        let answers = self.found().map(|found| Answer { at: found.at, chosen: found.chosen.clone() }).collect();
        Ok(Some(Recorded { problem, solution: Answers { answers } }))
    }

    /// What an audit shows: the values are computed again from the header's data alone.
    ///
    /// # Errors
    /// A header that is none.
    pub(super) fn figures(&self) -> Result<LogFigures, LogFault> {
        let queries = self.found().count();
        let updates = self.logged.len() - queries;
        let count = queries.max(1) as f64;
        let value = self.found().map(|found| found.value).sum::<f64>() / count;
        let bound = self.found().map(|found| found.bound).sum::<f64>() / count;
        let ratio = |found: &LiveFound| if found.bound > 0.0 { found.value / found.bound } else { 1.0 };
        let least = self.found().map(ratio).fold(1.0, f64::min);
        let mut shown = vec![Figure::new("operations", format!("{updates} updates, {queries} queries, {} lines at fault", self.faults))];
        if queries > 0 {
            shown.push(Figure::new("value", format!("{value} on average; at most {bound} on average was to be had")));
            shown.push(Figure::new("certified", format!("at least {least:.4} of the upper bound at every query")));
        }
        let data = json!({
            "updates": updates, "queries": queries, "faults": self.faults,
            "mean-value": value, "mean-bound": bound, "least-certified-ratio": least,
        });
        let data = match data {
            Value::Object(data) => data,
            _ => Map::new(),
        };
        Ok(LogFigures { shown, data, mistakes: self.mistakes()? })
    }

    /// Answers whose value is not that of their elements, or lies above their own bound.
    fn mistakes(&self) -> Result<Vec<String>, LogFault> {
        let Some((line, header)) = &self.header else { return Ok(Vec::new()) };
        let (function, ground) = header.load().map_err(|fault| LogFault::new(*line, fault.found, fault.expected))?;
        let mut mistakes = Vec::new();
        for found in self.found() {
            let mut chosen: Vec<usize> = found.chosen.iter().filter_map(|&id| ground.position(id)).collect();
            chosen.sort_unstable();
            chosen.dedup();
            let value = function.value(&chosen);
            let slack = ROUNDING * value.abs().max(found.value.abs());
            if (value - found.value).abs() > slack {
                mistakes.push(format!("the answer at {} tells of the value {}; its elements are worth {value}", found.at, found.value));
            }
            if value > found.bound + slack {
                mistakes.push(format!("the answer at {} is worth {value}, more than its own upper bound {}", found.at, found.bound));
            }
        }
        mistakes.truncate(MAX_LISTED);
        Ok(mistakes)
    }

    /// Value and bound over the stream; `None` where fewer than two queries were answered.
    pub(super) fn picture(&self) -> Option<String> {
        let points: Vec<(f64, f64, f64)> = self.found().map(|found| (found.at as f64, found.value, found.bound)).collect();
        (points.len() > 1).then(|| value_and_bound(&points))
    }
}
