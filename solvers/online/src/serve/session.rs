//! One session: header, decisions, control lines, and whatever else somebody sends.

use fathom_opt_core::SolveError;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::answer::{Refused, Started, json_fault, write};
use super::checkpoint::{Checkpoint, CheckpointError};
use super::service::{Fault, Mismatch, Service};

/// What to do after a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Go on.
    Continue,
    /// The line was answered before the session was resumed: nothing is to be written.
    Skipped,
    /// Write a checkpoint and go on.
    Checkpoint,
    /// End the session.
    Quit,
    /// The line was at fault.
    Refused,
}

/// Why a decision log does not belong to this session.
#[derive(Debug, thiserror::Error)]
pub enum LoggedError {
    /// Not a line of a decision log.
    #[error("line {line} of the log: {message}")]
    Line {
        /// 1-based line.
        line: u64,
        /// What is wrong.
        message: String,
    },
    /// A decision that this algorithm with these options does not make.
    #[error("line {line} of the log: found {found} in decision {id}, expected {expected} (is this the log of another run?)")]
    Decision {
        /// 1-based line.
        line: u64,
        /// The item or round.
        id: u64,
        /// What the log says.
        found: String,
        /// What the algorithm decides.
        expected: String,
    },
}

/// A session: a state machine from lines to lines. Each line that comes in is answered by exactly one line, so that the number of lines in the decision
/// log says how far a session got. It neither reads nor writes anything itself.
pub struct Session {
    service: Box<dyn Service>,
    seed: u64,
    /// The header that was taken, as the log tells it.
    header: Option<Value>,
    lines: u64,
    /// The next line decides whether a resumed session is offered the stream from its start.
    undecided: bool,
    /// Lines still to be skipped.
    skip: u64,
}

/// What tells a header from other lines.
#[derive(Deserialize)]
struct Opening {
    stream: u32,
    kind: String,
    seed: Option<u64>,
}

/// What tells a control line from other lines.
#[derive(Deserialize)]
struct Control {
    cmd: Option<String>,
    stream: Option<Value>,
    id: Option<Value>,
}

impl Session {
    /// A session of `algorithm` before its header; `None` where [no algorithm](super::served) has the name. `seed` is used where the header has none.
    ///
    /// # Errors
    /// An unknown option, a value of the wrong type or out of range.
    pub fn new(algorithm: &str, options: &Map<String, Value>, seed: u64) -> Option<Result<Self, SolveError>> {
        let opened = |service| Self { service, seed, header: None, lines: 0, undecided: false, skip: 0 };
        super::service(algorithm, options).map(|service| service.map(opened))
    }

    /// The problem class that is served.
    pub fn kind(&self) -> &'static str {
        self.service.kind()
    }

    /// Lines answered.
    pub fn lines(&self) -> u64 {
        self.lines
    }

    /// Answers `line` (without its newline) with one line appended to `out`, unless it is skipped.
    pub fn answer(&mut self, line: &[u8], out: &mut Vec<u8>) -> Step {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if self.undecided {
            self.undecided = false;
            if serde_json::from_slice::<Opening>(line).is_ok() {
                self.skip = self.lines;
            }
        }
        if self.skip > 0 {
            self.skip -= 1;
            return Step::Skipped;
        }
        self.lines += 1;
        match self.service.answer(line, out) {
            Some(Ok(step)) => step,
            Some(Err(fault)) => self.refuse(&fault, out),
            None => self.other(line, out),
        }
    }

    /// Answers a line of which nothing is known but what is wrong with it.
    pub fn answer_fault(&mut self, message: &str, out: &mut Vec<u8>) -> Step {
        if self.skip > 0 {
            self.skip -= 1;
            return Step::Skipped;
        }
        self.undecided = false;
        self.lines += 1;
        self.refuse(&Fault::new(None, message), out)
    }

    /// A line that is no decision's: header, control line, or at fault.
    fn other(&mut self, line: &[u8], out: &mut Vec<u8>) -> Step {
        if line.trim_ascii().is_empty() {
            return self.refuse(&Fault::new(None, "found an empty line, expected a JSON object"), out);
        }
        let control: Control = match serde_json::from_slice(line) {
            Ok(control) => control,
            Err(error) => return self.refuse(&Fault::new(None, json_fault("JSON object", &error)), out),
        };
        if let Some(command) = &control.cmd {
            return self.command(command, out);
        }
        if control.stream.is_some() {
            return self.start(line, out);
        }
        if !self.service.started() {
            let message = format!("found a line before the header, expected {}", self.service.example());
            return self.refuse(&Fault::new(control.id.as_ref().and_then(Value::as_u64), message), out);
        }
        self.refuse(&self.service.fault(line), out)
    }

    fn start(&mut self, line: &[u8], out: &mut Vec<u8>) -> Step {
        if self.service.started() {
            return self.refuse(&Fault::new(None, "found a second header, expected what follows the first"), out);
        }
        let mut notes = Vec::new();
        match self.open(line, &mut notes) {
            Ok(started) => {
                write(&Started { notes, ..started }, out);
                Step::Continue
            }
            Err(message) => self.refuse(&Fault::new(None, message), out),
        }
    }

    /// Takes the header in `line` (or the answer to it, from a log).
    fn open(&mut self, line: &[u8], notes: &mut Vec<String>) -> Result<Started, String> {
        let opening: Opening = serde_json::from_slice(line).map_err(|error| json_fault("header", &error))?;
        if opening.kind != self.service.kind() && !(opening.kind == "knapsack" && self.service.kind() == "online-knapsack") {
            return Err(format!(
                "kind: found `{}`, expected `{}`, which {} is for",
                opening.kind,
                self.service.kind(),
                self.service.algorithm()
            ));
        }
        let seed = opening.seed.unwrap_or(self.seed);
        let header = self.service.start(line, seed, notes)?;
        let started = Started {
            stream: opening.stream,
            kind: self.service.kind().into(),
            algorithm: self.service.algorithm().into(),
            options: self.service.options(),
            seed,
            header,
            notes: Vec::new(),
        };
        self.header = serde_json::to_value(&started).ok();
        Ok(started)
    }

    fn command(&mut self, command: &str, out: &mut Vec<u8>) -> Step {
        match command {
            "stats" => {
                write(&json!({ "stats": self.report() }), out);
                Step::Continue
            }
            "checkpoint" => {
                write(&json!({ "checkpoint": self.lines }), out);
                Step::Checkpoint
            }
            "quit" => {
                write(&json!({ "quit": self.lines }), out);
                Step::Quit
            }
            _ => self.refuse(&Fault::new(None, format!("cmd: found `{command}`, expected stats, checkpoint or quit")), out),
        }
    }

    fn refuse(&self, fault: &Fault, out: &mut Vec<u8>) -> Step {
        write(&Refused { line: self.lines, id: fault.id, error: &fault.message }, out);
        Step::Refused
    }

    /// Counts, sums, guarantees, and what is known about the best in hindsight so far.
    pub fn report(&self) -> Value {
        let mut report = Map::new();
        report.insert("lines".into(), json!(self.lines));
        report.insert("algorithm".into(), json!(self.service.algorithm()));
        report.append(&mut self.service.report());
        Value::Object(report)
    }

    /// Takes in a line of the session's own decision log, in order.
    ///
    /// # Errors
    /// When the line is no line of such a log, or tells of decisions that this session would not make.
    pub fn replay(&mut self, line: &[u8]) -> Result<(), LoggedError> {
        self.lines += 1;
        self.undecided = true;
        let number = self.lines;
        let wrong = |message: String| LoggedError::Line { line: number, message };
        if let Ok(started) = serde_json::from_slice::<Started>(line) {
            let (algorithm, options) = (self.service.algorithm(), self.service.options());
            if started.algorithm != algorithm || started.options != options {
                let found = format!("{} {}", started.algorithm, started.options);
                return Err(wrong(format!("found a log of `{found}`, expected one of `{algorithm} {options}`")));
            }
            return self.open(line, &mut Vec::new()).map(|_| ()).map_err(wrong);
        }
        self.service.replay(line).map_err(|mismatch| match mismatch {
            Mismatch::Line(message) => wrong(message),
            Mismatch::Decision { id, found, expected } => LoggedError::Decision { line: number, id, found, expected },
        })
    }

    /// The state now.
    pub fn checkpoint(&self) -> Checkpoint {
        Checkpoint {
            version: Checkpoint::version(),
            algorithm: self.service.algorithm().into(),
            options: self.service.options(),
            seed: self.seed,
            lines: self.lines,
            log_bytes: 0,
            header: self.header.clone(),
            state: self.service.snapshot(),
        }
    }

    /// Goes on from `checkpoint`. To be called before the first line.
    ///
    /// # Errors
    /// When it was made with another algorithm, other options or another seed, or holds no state of this algorithm.
    pub fn restore(&mut self, checkpoint: Checkpoint) -> Result<(), CheckpointError> {
        let described = |algorithm: &str, options: &Value, seed: u64| format!("{algorithm} {options} seed {seed}");
        let found = described(&checkpoint.algorithm, &checkpoint.options, checkpoint.seed);
        let expected = described(self.service.algorithm(), &self.service.options(), self.seed);
        if found != expected {
            return Err(CheckpointError::OtherRun { found, expected });
        }
        if let Some(header) = &checkpoint.header {
            self.open(header.to_string().as_bytes(), &mut Vec::new()).map_err(CheckpointError::Header)?;
            self.service.restore(checkpoint.state)?;
        }
        self.lines = checkpoint.lines;
        self.undecided = true;
        self.skip = 0;
        Ok(())
    }
}
