//! The audit of a decision log: are these the answers that the service gives, and does the class's checker agree with what they add up to?

use serde_json::{Map, Value};

use crate::log::{AnyRecorded, DecisionLog, Figure, LogFault};
use crate::services::{AnyServiceEntry, Services};

/// What an audit found.
#[derive(Debug, Clone, PartialEq)]
pub struct LogReport {
    /// The service that wrote the log; none where no header was ever taken.
    pub service: Option<&'static str>,
    /// Lines of the log.
    pub lines: usize,
    /// Figures for a person.
    pub shown: Vec<Figure>,
    /// Figures for a program.
    pub data: Map<String, Value>,
    /// What does not hold, a sentence each; empty for a log that is right.
    pub mistakes: Vec<String>,
}

impl LogReport {
    /// The report for a program: the figures and the mistakes.
    pub fn to_value(&self) -> Value {
        let mut data = Map::new();
        data.insert("service".into(), self.service.into());
        data.insert("lines".into(), self.lines.into());
        data.extend(self.data.clone());
        data.insert("mistakes".into(), self.mistakes.clone().into());
        Value::Object(data)
    }
}

/// Audits `log`.
///
/// Every answer in it is given again by the service that it names, with the options, the header and the seed that it tells of, and has to be the same but
/// for rounding; then the class's independent checker judges what was decided, where the log tells all of it; then the service's own figures are
/// recomputed.
///
/// # Errors
/// The first line that belongs to no log of a service in `services`; a log without a whole line.
pub fn audit(services: &Services, log: &DecisionLog<'_>) -> Result<LogReport, LogFault> {
    let lines = log.lines().count();
    if lines == 0 {
        let found = if log.is_cut_short() { "the beginning of a line" } else { "an empty file" };
        return Err(LogFault::new(1, found, "the answer to a header: the first line of a decision log"));
    }
    let mut report = LogReport { service: None, lines, shown: Vec::new(), data: Map::new(), mistakes: Vec::new() };
    let Some(entry) = service_of(services, log)? else { return Ok(report) };
    report.service = Some(entry.name());
    if let Some(mistake) = replayed(entry, log) {
        report.mistakes.push(mistake);
    }
    match entry.recorded(log) {
        Ok(Some(recorded)) => report.mistakes.extend(checked(&recorded)),
        Ok(None) => {}
        Err(fault) => report.mistakes.push(fault.to_string()),
    }
    let figures = entry.figures(log)?;
    report.shown = figures.shown;
    report.data = figures.data;
    if log.is_cut_short() {
        report.shown.push(Figure::new("note", "the last line was cut short: nothing is said about it"));
    }
    report.data.insert("cut-short".into(), log.is_cut_short().into());
    report.mistakes.extend(figures.mistakes);
    Ok(report)
}

/// The service that wrote `log`; `None` where no header was ever taken.
///
/// # Errors
/// A file that is no log, or one of a service that is not among `services`.
pub fn service_of<'a>(services: &'a Services, log: &DecisionLog<'_>) -> Result<Option<&'a dyn AnyServiceEntry>, LogFault> {
    let Some((line, opened)) = log.opened()? else { return Ok(None) };
    let entry = services.find(&opened.algorithm).map_err(|error| LogFault::new(line, error.to_string(), "the log of one of these"))?;
    if opened.kind != entry.kind() {
        let found = format!("the log of a {} stream", opened.kind);
        return Err(LogFault::new(line, found, format!("one of a {} stream, which {} is for", entry.kind(), entry.name())));
    }
    Ok(Some(entry))
}

/// The first answer that the service would not give.
fn replayed(entry: &dyn AnyServiceEntry, log: &DecisionLog<'_>) -> Option<String> {
    let (_, opened) = log.opened().ok().flatten()?;
    let Value::Object(options) = opened.options else {
        return Some("options: found no object".into());
    };
    let mut session = match entry.session(&options, opened.seed) {
        Ok(session) => session,
        Err(error) => return Some(format!("the options in the log are refused: {error}")),
    };
    log.lines().find_map(|(_, line)| session.replay(line).err()).map(|error| error.to_string())
}

/// What the class's checker finds in the decisions.
fn checked(recorded: &AnyRecorded) -> Vec<String> {
    match recorded.problem.check_any(&recorded.solution) {
        Ok(verdict) => {
            verdict.violations.iter().map(|broken| format!("{} is broken by {} at {}", broken.what, broken.amount, broken.place)).collect()
        }
        Err(fault) => vec![format!("the decisions are no solution of the stream: {fault}")],
    }
}
