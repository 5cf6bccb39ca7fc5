//! One session: header, items, control lines, and whatever else somebody sends.

use fathom_core::{OnlineAlgorithm, Run};
use fathom_problems::online_knapsack::stream::Header;
use fathom_problems::online_knapsack::{Amounts, Arrival, density};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::answer::{Decided, Refused, Started, Used};
use super::checkpoint::{Checkpoint, CheckpointError};
use crate::engine::{Acceptance, Engine};
use crate::policy::{Frame, Policy};
use crate::sketch::DensitySketch;

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
    #[error("line {line} of the log: found the decision {found} about item {id}, expected {expected} (is this the log of another run?)")]
    Decision {
        /// 1-based line.
        line: u64,
        /// The item.
        id: u64,
        /// What the log says.
        found: bool,
        /// What the algorithm decides.
        expected: bool,
    },
}

/// What exists once the header has come.
struct Stream {
    header: Header,
    engine: Engine,
    fractional: bool,
    last: Option<u64>,
}

/// A session: a state machine from lines to lines. Each line that comes in is answered by exactly one line, so that the number of lines in the decision
/// log says how far a session got. It neither reads nor writes anything itself.
pub struct Session {
    policy: Box<dyn Policy>,
    seed: u64,
    stream: Option<Stream>,
    sketch: DensitySketch,
    lines: u64,
    /// The next line decides whether a resumed session is offered the stream from its start.
    undecided: bool,
    /// Lines still to be skipped.
    skip: u64,
}

/// A line of a decision log, as far as a session can be rebuilt from it.
#[derive(Deserialize)]
struct Logged {
    id: Option<u64>,
    accept: Option<bool>,
    v: Option<f64>,
    w: Option<Amounts>,
    stream: Option<u32>,
}

/// What of an item matters.
#[derive(Deserialize)]
struct Control {
    cmd: Option<String>,
    stream: Option<Value>,
    feedback: Option<Value>,
    id: Option<Value>,
}

impl Session {
    /// A session before its header. `seed` is used where the header has none.
    pub fn new(policy: Box<dyn Policy>, seed: u64) -> Self {
        Self { policy, seed, stream: None, sketch: DensitySketch::default(), lines: 0, undecided: false, skip: 0 }
    }

    /// Lines answered.
    pub fn lines(&self) -> u64 {
        self.lines
    }

    /// The engine, once there is one.
    pub fn engine(&self) -> Option<&Engine> {
        self.stream.as_ref().map(|stream| &stream.engine)
    }

    /// Answers `line` (without its newline) with one line appended to `out`, unless it is skipped.
    pub fn answer(&mut self, line: &[u8], out: &mut Vec<u8>) -> Step {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if self.undecided {
            self.undecided = false;
            if serde_json::from_slice::<Header>(line).is_ok() {
                self.skip = self.lines;
            }
        }
        if self.skip > 0 {
            self.skip -= 1;
            return Step::Skipped;
        }
        self.lines += 1;
        if self.stream.is_some()
            && let Ok(arrival) = serde_json::from_slice::<Arrival>(line)
        {
            return self.decide(&arrival, out);
        }
        self.other(line, out)
    }

    /// Answers a line that is longer than anybody may send.
    pub fn answer_too_long(&mut self, most: usize, out: &mut Vec<u8>) -> Step {
        if self.skip > 0 {
            self.skip -= 1;
            return Step::Skipped;
        }
        self.undecided = false;
        self.lines += 1;
        self.refuse(None, &format!("found a line of more than {most} bytes, expected an item"), out)
    }

    fn decide(&mut self, arrival: &Arrival, out: &mut Vec<u8>) -> Step {
        let Some(stream) = &mut self.stream else { return Step::Refused };
        if let Err(fault) = arrival.validate(stream.header.capacity.dimensions(), stream.last) {
            return self.refuse(Some(arrival.id), &fault.to_string(), out);
        }
        stream.last = Some(arrival.id);
        let decision = stream.engine.decide(arrival);
        let (weight, capacity) = (arrival.weight.first(), stream.header.capacity.first());
        if weight <= capacity {
            self.sketch.add(density(arrival.value, weight, capacity), arrival.value, weight as f64 / capacity as f64);
        }
        let ledger = stream.engine.ledger();
        let answer = Decided {
            id: arrival.id,
            accept: decision.accepted(),
            share: (stream.fractional && decision.accepted()).then_some(decision.share),
            why: decision.reason,
            price: decision.price,
            v: arrival.value,
            w: &arrival.weight,
            group: arrival.group.as_deref(),
            used: if stream.fractional { Used::Share(ledger.sold) } else { Used::Whole(ledger.used) },
            value: ledger.value.value(),
        };
        write(&answer, out);
        Step::Continue
    }

    /// A line that is no item: header, control line, feedback, or at fault.
    fn other(&mut self, line: &[u8], out: &mut Vec<u8>) -> Step {
        if line.trim_ascii().is_empty() {
            return self.refuse(None, "found an empty line, expected an item", out);
        }
        let control: Control = match serde_json::from_slice(line) {
            Ok(control) => control,
            Err(error) => return self.refuse(None, &json_fault(&error), out),
        };
        let id = control.id.as_ref().and_then(Value::as_u64);
        if let Some(command) = &control.cmd {
            return self.command(command, out);
        }
        if control.stream.is_some() {
            return self.start(line, out);
        }
        if self.stream.is_none() {
            return self.refuse(
                id,
                "found a line before the header, expected {\"stream\":1,\"kind\":\"online-knapsack\",\"capacity\":[...]}",
                out,
            );
        }
        if control.feedback.is_some() {
            return self.refuse(id, "found feedback, expected an item (an online knapsack takes none)", out);
        }
        let message = match serde_json::from_slice::<Arrival>(line) {
            Err(error) => json_fault(&error),
            // It was tried before.
            Ok(_) => "found an item out of place".to_owned(),
        };
        self.refuse(id, &message, out)
    }

    fn start(&mut self, line: &[u8], out: &mut Vec<u8>) -> Step {
        if self.stream.is_some() {
            return self.refuse(None, "found a second header, expected an item", out);
        }
        let header: Header = match serde_json::from_slice(line) {
            Ok(header) => header,
            Err(error) => return self.refuse(None, &json_fault(&error), out),
        };
        let mut notes = Vec::new();
        match self.open(&header, &mut notes) {
            Ok(stream) => {
                let started = Started {
                    stream: header.stream,
                    kind: "online-knapsack".into(),
                    algorithm: self.policy.name().into(),
                    options: self.policy.options(),
                    seed: header.seed.unwrap_or(self.seed),
                    capacity: header.capacity.clone(),
                    bounds: header.bounds,
                    notes,
                };
                self.stream = Some(stream);
                write(&started, out);
                Step::Continue
            }
            Err(message) => self.refuse(None, &message, out),
        }
    }

    fn open(&self, header: &Header, notes: &mut Vec<String>) -> Result<Stream, String> {
        header.validate().map_err(|fault| fault.to_string())?;
        if header.capacity.dimensions() != 1 {
            return Err(format!("capacity: found {} dimensions, expected one", header.capacity.dimensions()));
        }
        let frame = Frame { capacity: header.capacity.first(), bounds: header.bounds, stream: None };
        let run = Run::new(header.seed.unwrap_or(self.seed));
        let settings = self.policy.settings(&frame, &run, notes).map_err(|error| error.to_string())?;
        let engine = Engine::new(settings).map_err(|error| error.to_string())?;
        Ok(Stream { header: header.clone(), engine, fractional: settings.acceptance == Acceptance::Fractional, last: None })
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
            _ => self.refuse(None, &format!("cmd: found `{command}`, expected stats, checkpoint or quit"), out),
        }
    }

    fn refuse(&self, id: Option<u64>, error: &str, out: &mut Vec<u8>) -> Step {
        write(&Refused { line: self.lines, id, error }, out);
        Step::Refused
    }

    /// Counts, sums, guarantees, and a bound on the ratio so far.
    pub fn report(&self) -> Value {
        let Some(stream) = &self.stream else { return json!({ "lines": self.lines }) };
        let ledger = stream.engine.ledger();
        let value = ledger.value.value();
        let upper = self.sketch.upper_bound().max(value);
        let ratio = if value > 0.0 { Some(upper / value) } else { None };
        json!({
            "lines": self.lines,
            "algorithm": self.policy.name(),
            "offered": ledger.offered,
            "accepted": ledger.accepted,
            "refused-for-room": ledger.no_room,
            "value": value,
            "used-share": stream.engine.used_share(),
            "price": stream.engine.price(),
            "hindsight-at-most": upper,
            "ratio-at-most": ratio,
            "bounds": stream.engine.bounds(),
            "bounds-widened": stream.engine.widened(),
            "guarantees": stream.engine.guarantees(),
        })
    }

    /// Takes in a line of the session's own decision log, in order.
    ///
    /// # Errors
    /// When the line is no line of such a log, or tells of decisions that this session would not make.
    pub fn replay(&mut self, line: &[u8]) -> Result<(), LoggedError> {
        self.lines += 1;
        self.undecided = true;
        let wrong = |message: String| LoggedError::Line { line: self.lines, message };
        let logged: Logged = serde_json::from_slice(line).map_err(|error| wrong(json_fault(&error)))?;
        if logged.stream.is_some() {
            let started: Started = serde_json::from_slice(line).map_err(|error| wrong(json_fault(&error)))?;
            if started.algorithm != self.policy.name() || started.options != self.policy.options() {
                let found = format!("{} {}", started.algorithm, started.options);
                let expected = format!("{} {}", self.policy.name(), self.policy.options());
                return Err(wrong(format!("found a log of `{found}`, expected one of `{expected}`")));
            }
            let header = Header { bounds: started.bounds, seed: Some(started.seed), ..Header::new(started.capacity) };
            let stream = self.open(&header, &mut Vec::new()).map_err(wrong)?;
            self.stream = Some(stream);
            return Ok(());
        }
        let (Some(id), Some(accept)) = (logged.id, logged.accept) else { return Ok(()) };
        let (Some(value), Some(weight), Some(stream)) = (logged.v, logged.w, &mut self.stream) else {
            return Err(wrong("found a decision without its item, or before the header".into()));
        };
        stream.last = Some(id);
        let (share, capacity) = (weight.first(), stream.header.capacity.first());
        if share <= capacity {
            self.sketch.add(density(value, share, capacity), value, share as f64 / capacity as f64);
        }
        let decision = stream.engine.decide(&Arrival { id, value, weight, group: None });
        if decision.accepted() != accept {
            return Err(LoggedError::Decision { line: self.lines, id, found: accept, expected: decision.accepted() });
        }
        Ok(())
    }

    /// The state now.
    pub fn checkpoint(&self) -> Checkpoint {
        Checkpoint {
            version: Checkpoint::version(),
            algorithm: self.policy.name().into(),
            options: self.policy.options(),
            seed: self.seed,
            lines: self.lines,
            log_bytes: 0,
            header: self.stream.as_ref().map(|stream| stream.header.clone()),
            last: self.stream.as_ref().and_then(|stream| stream.last),
            engine: self.stream.as_ref().map(|stream| stream.engine.snapshot()),
            sketch: self.sketch.clone(),
        }
    }

    /// Goes on from `checkpoint`.
    ///
    /// # Errors
    /// When it was made with another algorithm, other options or another seed.
    pub fn restore(&mut self, checkpoint: Checkpoint) -> Result<(), CheckpointError> {
        let described = |algorithm: &str, options: &Value, seed: u64| format!("{algorithm} {options} seed {seed}");
        let found = described(&checkpoint.algorithm, &checkpoint.options, checkpoint.seed);
        let expected = described(self.policy.name(), &self.policy.options(), self.seed);
        if found != expected {
            return Err(CheckpointError::OtherRun { found, expected });
        }
        self.stream = None;
        if let (Some(header), Some(state)) = (&checkpoint.header, checkpoint.engine) {
            let mut stream = self.open(header, &mut Vec::new()).map_err(|message| {
                CheckpointError::Option(fathom_core::OptionError::new("header", message, "one that was served before"))
            })?;
            stream.engine.restore(state);
            stream.last = checkpoint.last;
            self.stream = Some(stream);
        }
        self.sketch = checkpoint.sketch;
        self.lines = checkpoint.lines;
        self.undecided = true;
        self.skip = 0;
        Ok(())
    }
}

fn write(answer: &impl Serialize, out: &mut Vec<u8>) {
    // Writing plain data into memory cannot fail.
    let _ = serde_json::to_writer(&mut *out, answer);
    out.push(b'\n');
}

/// The message of a JSON error without its position, which is always line 1.
fn json_fault(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let plain = message.rfind(" at line ").map_or(message.as_str(), |end| &message[..end]);
    format!("found no item: {plain}")
}
