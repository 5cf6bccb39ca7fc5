//! One session: header, arrivals, control lines, and whatever else somebody sends.

use serde_json::{Map, Value, json};

use crate::checkpoint::{About, Checkpoint, CheckpointError};
use crate::difference::difference;
use crate::digest::Digest;
use crate::erased::{AnyService, OF_EVERY_HEADER};
use crate::fault::Fault;
use crate::line::{Control, Opening, Refused, Started, Written, write};

/// What to do after a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answered {
    /// Go on.
    Given,
    /// The line was answered before the session was resumed. What was appended is that answer, given again: it belongs nowhere but beside the line of the
    /// log.
    Again,
    /// Write a checkpoint and go on.
    Checkpoint,
    /// End the session.
    Quit,
    /// The line was at fault.
    Refused,
}

/// Why a resumed session cannot go on with this stream.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResumeError {
    /// The header is another than the one that was answered.
    #[error("found another header than the one of the session that is resumed: {0}")]
    Header(String),
    /// A line is another than the one that was answered.
    #[error("line {line} of the stream is not the one that was answered before: {difference} in the answer")]
    Line {
        /// 1-based line.
        line: u64,
        /// The difference between the answer in the log and the answer to this line.
        difference: String,
    },
    /// Some line is another than the one that was answered; without a log nobody knows which.
    #[error("the first {0} lines of the stream are not those that were answered before the checkpoint")]
    Lines(u64),
    /// The stream ended too early.
    #[error("the stream ends after {found} lines, expected the {expected} that were answered before")]
    Short {
        /// Lines it had.
        found: u64,
        /// Lines answered before.
        expected: u64,
    },
}

/// Why a decision log does not belong to this session.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReplayError {
    /// The lines before the checkpoint are not those that it was made after.
    #[error("the first {expected} lines of the log are not those that the checkpoint was made after (found {found} lines)")]
    Lines {
        /// Lines found in the part of the log that the checkpoint speaks of.
        found: u64,
        /// Lines answered before the checkpoint.
        expected: u64,
    },
    /// Not a line of a decision log.
    #[error("line {line} of the log: {message}")]
    Line {
        /// 1-based line.
        line: u64,
        /// What is wrong.
        message: String,
    },
    /// An answer that this algorithm with these options does not give.
    #[error("line {line} of the log: {difference} (is this the log of another run, or was it changed?)")]
    Answer {
        /// 1-based line.
        line: u64,
        /// What differs.
        difference: String,
    },
}

/// A session: a state machine from lines to lines. Each line that comes in is answered by exactly one line, so that the number of lines in the decision
/// log says how far a session got. It neither reads nor writes anything itself.
///
/// A session that went on from a log or a checkpoint and is then offered the stream from its header on answers the lines again, up to where it was, and
/// takes nothing but the same header and the same answers for the same stream.
pub struct Session {
    service: Box<dyn AnyService>,
    seed: u64,
    /// The answer to the header that was taken.
    header: Option<Value>,
    lines: u64,
    digest: Digest,
    /// The next line decides whether a resumed session is offered the stream from its start.
    resumed: bool,
    /// The session from its start again, up to the line where it was resumed.
    again: Option<Box<Session>>,
}

/// The part of a decision log that lies before a checkpoint: how many lines, and their fingerprint.
#[derive(Debug, Clone, Copy)]
pub struct LoggedBefore {
    lines: u64,
    digest: Digest,
}

impl LoggedBefore {
    /// No line.
    #[expect(clippy::new_without_default, reason = "it is built up line by line; a default would say nothing")]
    pub fn new() -> Self {
        Self { lines: 0, digest: Digest::new() }
    }

    /// Takes in the next line, without its newline.
    pub fn add(&mut self, line: &[u8]) {
        self.lines += 1;
        self.digest.add(line);
    }
}

impl Session {
    /// A session of `service` before its header. `seed` is used where the header has none.
    pub(crate) fn new(service: Box<dyn AnyService>, seed: u64) -> Self {
        Self { service, seed, header: None, lines: 0, digest: Digest::new(), resumed: false, again: None }
    }

    /// The problem class that is served.
    pub fn kind(&self) -> &'static str {
        self.service.kind()
    }

    /// Lines answered.
    pub fn lines(&self) -> u64 {
        self.lines
    }

    /// The seed of every random draw; `None` before the header, which may name its own.
    pub fn seed(&self) -> Option<u64> {
        self.header.as_ref()?.get("seed")?.as_u64()
    }

    /// Answers `line` (without its newline) with one line appended to `out`.
    ///
    /// # Errors
    /// When the session was resumed and is offered another stream than the one it began with.
    pub fn answer(&mut self, line: &[u8], out: &mut Vec<u8>) -> Result<Answered, ResumeError> {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if self.resumed {
            self.resumed = false;
            if self.lines > 0 && serde_json::from_slice::<Opening>(without_mark(line)).is_ok() {
                self.again = Some(Box::new(Self::new(self.service.anew(), self.seed)));
            }
        }
        if self.again.is_some() {
            return self.answer_again(out, |again, out| again.answer_new(line, out));
        }
        Ok(self.answer_new(line, out))
    }

    /// Answers a line of which nothing is known but what is wrong with it.
    ///
    /// # Errors
    /// As [`answer`](Session::answer).
    pub fn answer_fault(&mut self, message: &str, out: &mut Vec<u8>) -> Result<Answered, ResumeError> {
        self.resumed = false;
        let fault = Fault::new(None, message);
        let refuse = |session: &mut Self, out: &mut Vec<u8>| session.counted(out, |session, out| session.refuse(&fault, out));
        if self.again.is_some() {
            return self.answer_again(out, refuse);
        }
        Ok(refuse(self, out))
    }

    /// Whether the stream may end here.
    ///
    /// # Errors
    /// When fewer lines came than were answered before the session was resumed.
    pub fn end(&self) -> Result<(), ResumeError> {
        match &self.again {
            Some(again) => Err(ResumeError::Short { found: again.lines, expected: self.lines }),
            None => Ok(()),
        }
    }

    /// Whether the answer `now` to line `line`, given [again](Answered::Again), is the one in the log; both without their newline.
    ///
    /// # Errors
    /// What differs.
    pub fn compare(line: u64, logged: &[u8], now: &[u8]) -> Result<(), ResumeError> {
        match difference(now, logged) {
            Some(difference) => Err(ResumeError::Line { line, difference }),
            None => Ok(()),
        }
    }

    /// Whether the part of a log before the checkpoint that was [restored](Session::restore) is the one that it was made after.
    ///
    /// # Errors
    /// When it is not.
    pub fn continues(&self, before: &LoggedBefore) -> Result<(), ReplayError> {
        if (before.lines, before.digest) == (self.lines, self.digest) {
            return Ok(());
        }
        Err(ReplayError::Lines { found: before.lines, expected: self.lines })
    }

    fn answer_again(
        &mut self,
        out: &mut Vec<u8>,
        answer: impl FnOnce(&mut Self, &mut Vec<u8>) -> Answered,
    ) -> Result<Answered, ResumeError> {
        let Some(again) = &mut self.again else { return Ok(Answered::Again) };
        let start = out.len();
        answer(again, out);
        if let (Some(answered), Some(now)) = (&self.header, &again.header)
            && answered != now
        {
            let [answered, now] = [answered, now].map(|header| header.to_string().into_bytes());
            return Err(ResumeError::Header(difference(&now, &answered).unwrap_or_default()));
        }
        if again.lines == 1 && again.header.is_none() {
            let refusal = String::from_utf8_lossy(&out[start..]).trim().to_owned();
            return Err(ResumeError::Header(refusal));
        }
        if again.lines == self.lines {
            if again.digest != self.digest {
                return Err(ResumeError::Lines(self.lines));
            }
            self.again = None;
        }
        Ok(Answered::Again)
    }

    fn answer_new(&mut self, line: &[u8], out: &mut Vec<u8>) -> Answered {
        let line = if self.lines == 0 { without_mark(line) } else { line };
        self.counted(out, |session, out| match session.service.answer(line, out) {
            Some(Ok(false)) => Answered::Given,
            Some(Ok(true)) => Answered::Refused,
            Some(Err(fault)) => session.refuse(&fault, out),
            None => session.other(line, out),
        })
    }

    /// Counts the line that `answer` gives, and takes it into the fingerprint.
    #[inline]
    fn counted(&mut self, out: &mut Vec<u8>, answer: impl FnOnce(&mut Self, &mut Vec<u8>) -> Answered) -> Answered {
        self.lines += 1;
        let start = out.len();
        let answered = answer(self, out);
        let line = &out[start..];
        self.digest.add(line.strip_suffix(b"\n").unwrap_or(line));
        answered
    }

    /// A line that is no arrival: header, control line, or at fault.
    fn other(&mut self, line: &[u8], out: &mut Vec<u8>) -> Answered {
        if line.trim_ascii().is_empty() {
            return self.refuse(&Fault::new(None, "found an empty line, expected a JSON object"), out);
        }
        let control: Control = match serde_json::from_slice(line) {
            Ok(control) => control,
            Err(error) => return self.refuse(&Fault::json(None, "JSON object", &error), out),
        };
        if let Some(command) = &control.cmd {
            return self.command(command, out);
        }
        if control.stream.is_some() {
            return self.start(line, out);
        }
        if !self.service.started() {
            let message = format!("found a line before the header, expected {}", self.service.header_example());
            return self.refuse(&Fault::new(control.id.as_ref().and_then(Value::as_u64), message), out);
        }
        self.refuse(&self.service.fault(line), out)
    }

    fn start(&mut self, line: &[u8], out: &mut Vec<u8>) -> Answered {
        if self.service.started() {
            return self.refuse(&Fault::new(None, "found a second header, expected what follows the first"), out);
        }
        let opened = self.open(line).and_then(|started| Ok(write(&started, out)?));
        match opened {
            Ok(()) => Answered::Given,
            Err(fault) => self.refuse(&fault, out),
        }
    }

    /// Takes the header in `line` (or the answer to it, from a log).
    fn open(&mut self, line: &[u8]) -> Result<Started, Fault> {
        let opening: Opening = serde_json::from_slice(line).map_err(|error| Fault::json(None, "header", &error))?;
        if opening.stream != 1 {
            return Err(Fault::new(None, format!("stream: found {}, expected version 1 of the stream format", opening.stream)));
        }
        if !self.service.serves(&opening.kind) {
            let (kind, name) = (self.service.kind(), self.service.name());
            return Err(Fault::new(None, format!("kind: found `{}`, expected `{kind}`, which {name} is for", opening.kind)));
        }
        let seed = opening.seed.unwrap_or(self.seed);
        let mut notes = Vec::new();
        let mut header = self.service.open(line, seed, &mut notes)?;
        for own in OF_EVERY_HEADER {
            header.shift_remove(own);
        }
        let (kind, algorithm) = (self.service.kind().into(), self.service.name().into());
        let started = Started { stream: opening.stream, kind, algorithm, options: self.service.options(), seed, notes, header };
        self.header = serde_json::to_value(&started).ok();
        Ok(started)
    }

    fn command(&mut self, command: &str, out: &mut Vec<u8>) -> Answered {
        let (answer, answered) = match command {
            "stats" => (json!({ "stats": self.report() }), Answered::Given),
            "checkpoint" => (json!({ "checkpoint": self.lines }), Answered::Checkpoint),
            "quit" => (json!({ "quit": self.lines }), Answered::Quit),
            _ => {
                let message = format!("cmd: found `{command}`, expected stats, checkpoint or quit");
                return self.refuse(&Fault::new(None, message), out);
            }
        };
        match write(&answer, out) {
            Ok(()) => answered,
            Err(error) => self.refuse(&error.into(), out),
        }
    }

    fn refuse(&self, fault: &Fault, out: &mut Vec<u8>) -> Answered {
        // A number, a number and a text can always be written.
        let _ = write(&Refused { line: self.lines, id: fault.id, error: fault.message.clone() }, out);
        Answered::Refused
    }

    /// Counts, sums, guarantees, and whatever else the service tells.
    pub fn report(&self) -> Value {
        let mut report = Map::new();
        report.insert("lines".into(), json!(self.lines));
        report.insert("algorithm".into(), json!(self.service.name()));
        report.append(&mut self.service.report());
        Value::Object(report)
    }

    /// Takes in a line of the session's own decision log, in order: its arrival is answered again, and the answer has to be the same but for rounding.
    ///
    /// # Errors
    /// When the line is no line of such a log, or tells of an answer that this session would not give.
    pub fn replay(&mut self, line: &[u8]) -> Result<(), ReplayError> {
        self.resumed = true;
        self.lines += 1;
        self.digest.add(line);
        let number = self.lines;
        let wrong = |message: String| ReplayError::Line { line: number, message };
        let mut now = Vec::with_capacity(line.len() + 1);
        match Written::by(line) {
            Written::Started => self.replay_header(line, &mut now).map_err(wrong)?,
            Written::Refused => {
                let refused: Refused = serde_json::from_slice(line).map_err(|error| wrong(error.to_string()))?;
                if refused.line != number {
                    return Err(wrong(format!("found line {} in it (were lines left out?)", refused.line)));
                }
                return Ok(());
            }
            // What they ask for is not done: the line is only replayed.
            Written::Stats => {
                self.command("stats", &mut now);
            }
            Written::Checkpoint => {
                self.command("checkpoint", &mut now);
            }
            Written::Quit => {
                self.command("quit", &mut now);
            }
            Written::Answer => {
                let again = self.service.answer_again(line, &mut now);
                again.map_err(|fault| wrong(fault.message))?;
            }
        }
        match difference(line, now.strip_suffix(b"\n").unwrap_or(&now)) {
            Some(difference) => Err(ReplayError::Answer { line: number, difference }),
            None => Ok(()),
        }
    }

    fn replay_header(&mut self, line: &[u8], now: &mut Vec<u8>) -> Result<(), String> {
        let started: Started = serde_json::from_slice(line).map_err(|error| error.to_string())?;
        let (algorithm, options) = (self.service.name(), self.service.options());
        if started.algorithm != algorithm || started.options != options {
            return Err(format!("found a log of `{} {}`, expected one of `{algorithm} {options}`", started.algorithm, started.options));
        }
        if self.service.started() {
            return Err("found a second header".into());
        }
        let started = self.open(line).map_err(|fault| fault.message)?;
        write(&started, now).map_err(|error| error.to_string())
    }

    /// The state now.
    ///
    /// # Errors
    /// When the service cannot keep its state.
    pub fn checkpoint(&self) -> Result<Checkpoint, CheckpointError> {
        let about = About {
            algorithm: self.service.name().into(),
            options: self.service.options(),
            seed: self.seed,
            lines: self.lines,
            digest: self.digest.0,
            log_bytes: None,
            header: self.header.clone(),
        };
        let state = self.service.snapshot().map_err(|fault| CheckpointError::State(fault.message))?;
        Ok(Checkpoint { about, state })
    }

    /// Goes on from `checkpoint`. To be called before the first line.
    ///
    /// # Errors
    /// When it was made with another algorithm, other options or another seed, or holds no state of this algorithm.
    pub fn restore(&mut self, checkpoint: Checkpoint) -> Result<(), CheckpointError> {
        let Checkpoint { about, state } = checkpoint;
        let described = |algorithm: &str, options: &Value, seed: u64| format!("{algorithm} {options} seed {seed}");
        let found = described(&about.algorithm, &about.options, about.seed);
        let expected = described(self.service.name(), &self.service.options(), self.seed);
        if found != expected {
            return Err(CheckpointError::OtherRun { found, expected });
        }
        if let Some(header) = &about.header {
            self.open(header.to_string().as_bytes()).map_err(|fault| CheckpointError::Header(fault.message))?;
            self.service.restore(&state).map_err(|fault| CheckpointError::State(fault.message))?;
        }
        self.lines = about.lines;
        self.digest = Digest(about.digest);
        self.resumed = true;
        self.again = None;
        Ok(())
    }
}

/// `line` without a byte order mark before it.
fn without_mark(line: &[u8]) -> &[u8] {
    line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line)
}
