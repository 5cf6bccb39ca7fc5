//! `fathom online`: a decision per line, for as long as lines come.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use clap::Args;
use fathom_instances::{InstanceError, write_pending};
use fathom_online::algorithms;
use fathom_online::serve::{Checkpoint, Session, Step};
use serde_json::Value;

use super::failure::{Failure, Status};
use super::input::{key_value, object};

/// Items come as JSON lines on standard input, a header first: {"stream":1,"kind":"online-knapsack","capacity":[100],"bounds":{"L":10,"U":5000}}, then
/// {"id":1,"v":12.5,"w":[3]} and so on, ids increasing. Every line is answered by one line. {"cmd":"stats"}, {"cmd":"checkpoint"} and {"cmd":"quit"}
/// control the session.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(super) struct Online {
    /// Which algorithm: zcl, constant, ect, baseline, la-ect, zcl-randomized, pp-a or mix
    algorithm: String,
    /// Set an option of the algorithm
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = key_value)]
    options: Vec<(String, Value)>,
    /// Seed of every random draw, where the header has none
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Read this file instead of standard input
    #[arg(long, value_name = "FILE")]
    input: Option<PathBuf>,
    /// Keep a decision log: every answer is in it before it is given
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
    /// Keep the state here: at the end, on {"cmd":"checkpoint"}, on SIGTERM
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,
    /// Keep the state after so many lines, too
    #[arg(long, value_name = "N", requires = "checkpoint")]
    checkpoint_every: Option<u64>,
    /// Go on where the log or the checkpoint ends. A stream that starts with its header again is taken to be the same stream from its start
    #[arg(long)]
    resume: bool,
    /// Write the final report here instead of to standard error
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Stop with exit status 2 at the first line at fault
    #[arg(long)]
    strict: bool,
    /// Give answers in blocks instead of line by line
    #[arg(long)]
    buffered: bool,
    /// No final report on standard error
    #[arg(long)]
    quiet: bool,
}

/// Longer lines are answered with an error, and not kept.
const LONGEST: usize = 1 << 20;

/// A block of answers.
const BLOCK: usize = 1 << 16;

impl Online {
    pub(super) fn run(self) -> Result<Status, Failure> {
        let known = algorithms();
        let Some(algorithm) = known.iter().find(|algorithm| algorithm.name == self.algorithm) else {
            let names: Vec<&str> = known.iter().map(|algorithm| algorithm.name).collect();
            return Err(Failure::Usage(format!("no online algorithm `{}`; there is: {}", self.algorithm, names.join(", "))));
        };
        if self.resume && self.log.is_none() && self.checkpoint.is_none() {
            return Err(Failure::Usage("found `--resume` alone, expected `--log` or `--checkpoint` to go on from".into()));
        }
        let session = Session::new(algorithm.configure(&object(&self.options)?)?, self.seed);
        let mut input = self.open_input()?;
        let server = Arc::new(Mutex::new(Server::open(session, &self)?));
        let at_signal = Arc::clone(&server);
        // SIGTERM (and Ctrl-C): the line at hand is finished, for the lock is held until then; what is known is kept.
        let _ = ctrlc::set_handler(move || {
            let mut server = at_signal.lock().unwrap_or_else(PoisonError::into_inner);
            let ended = server.end();
            std::process::exit(i32::from(ended.is_err()) * 2);
        });
        let status = serve(&mut input, &server, self.strict);
        let mut server = server.lock().unwrap_or_else(PoisonError::into_inner);
        match status {
            Ok(status) => server.end().map(|()| status),
            // Nobody reads on: what was decided is kept, and that is the end.
            Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
                server.pending.clear();
                server.end()?;
                Ok(Status::Holds)
            }
            Err(failure) => Err(failure),
        }
    }

    fn open_input(&self) -> Result<Box<dyn BufRead>, Failure> {
        Ok(match &self.input {
            None => Box::new(BufReader::with_capacity(BLOCK, io::stdin())),
            Some(file) => {
                let opened = File::open(file).map_err(|cause| InstanceError::io(file, "read", cause))?;
                Box::new(BufReader::with_capacity(BLOCK, opened))
            }
        })
    }
}

fn serve(input: &mut dyn BufRead, server: &Mutex<Server>, strict: bool) -> Result<Status, Failure> {
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = read_line(input, &mut line).map_err(|cause| InstanceError::io(Path::new("standard input"), "read", cause))?;
        let mut server = server.lock().unwrap_or_else(PoisonError::into_inner);
        let step = match read {
            Line::End => return Ok(Status::Holds),
            Line::Whole => server.answer(&line)?,
            Line::TooLong => server.answer_too_long()?,
        };
        match step {
            Step::Quit => return Ok(Status::Holds),
            Step::Refused if strict => return Ok(Status::BadInput),
            _ => {}
        }
    }
}

enum Line {
    Whole,
    TooLong,
    End,
}

/// The next line without its newline; of a line that is too long, nothing is kept. The last line may lack its newline.
fn read_line(input: &mut dyn BufRead, line: &mut Vec<u8>) -> io::Result<Line> {
    let mut too_long = false;
    loop {
        let available = match input.fill_buf() {
            Ok(available) => available,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if available.is_empty() {
            return Ok(match (too_long, line.is_empty()) {
                (true, _) => Line::TooLong,
                (false, true) => Line::End,
                (false, false) => Line::Whole,
            });
        }
        let newline = available.iter().position(|&byte| byte == b'\n');
        let part = &available[..newline.unwrap_or(available.len())];
        if !too_long && line.len() + part.len() <= LONGEST {
            line.extend_from_slice(part);
        } else {
            too_long = true;
            line.clear();
        }
        let consumed = newline.map_or(available.len(), |at| at + 1);
        input.consume(consumed);
        if newline.is_some() {
            return Ok(if too_long { Line::TooLong } else { Line::Whole });
        }
    }
}

/// A session with its log, its checkpoint and its reader.
struct Server {
    session: Session,
    /// Answers that are neither in the log nor given yet.
    pending: Vec<u8>,
    log: Option<(PathBuf, File, u64)>,
    checkpoint: Option<PathBuf>,
    checkpoint_every: Option<u64>,
    report: Option<PathBuf>,
    buffered: bool,
    quiet: bool,
}

impl Server {
    fn open(mut session: Session, options: &Online) -> Result<Self, Failure> {
        let mut log_bytes = 0;
        if options.resume
            && let Some(file) = options.checkpoint.as_ref().filter(|file| file.exists())
        {
            let bytes = std::fs::read(file).map_err(|cause| InstanceError::io(file, "read", cause))?;
            let about = |error: fathom_online::serve::CheckpointError| InstanceError::about(file, error.to_string());
            let checkpoint = Checkpoint::from_bytes(&bytes).map_err(about)?;
            log_bytes = checkpoint.log_bytes;
            session.restore(checkpoint).map_err(about)?;
        }
        let log = match &options.log {
            None => None,
            Some(file) => {
                let (opened, length) = open_log(file, options.resume, log_bytes, &mut session)?;
                Some((file.clone(), opened, length))
            }
        };
        Ok(Self {
            session,
            pending: Vec::with_capacity(BLOCK + 4096),
            log,
            checkpoint: options.checkpoint.clone(),
            checkpoint_every: options.checkpoint_every,
            report: options.report.clone(),
            buffered: options.buffered,
            quiet: options.quiet,
        })
    }

    fn answer(&mut self, line: &[u8]) -> Result<Step, Failure> {
        let step = self.session.answer(line, &mut self.pending);
        self.after(step)
    }

    fn answer_too_long(&mut self) -> Result<Step, Failure> {
        let step = self.session.answer_too_long(LONGEST, &mut self.pending);
        self.after(step)
    }

    fn after(&mut self, step: Step) -> Result<Step, Failure> {
        if !self.buffered || self.pending.len() >= BLOCK {
            self.give()?;
        }
        let due = step != Step::Skipped && self.checkpoint_every.is_some_and(|every| self.session.lines().is_multiple_of(every.max(1)));
        if step == Step::Checkpoint || due {
            self.keep()?;
        }
        Ok(step)
    }

    /// Answers go to the log first: what somebody has read is never lost.
    fn give(&mut self) -> Result<(), Failure> {
        if self.pending.is_empty() {
            return Ok(());
        }
        if let Some((file, log, length)) = &mut self.log {
            log.write_all(&self.pending).map_err(|cause| InstanceError::io(file, "write", cause))?;
            *length += self.pending.len() as u64;
        }
        let mut out = io::stdout().lock();
        out.write_all(&self.pending)?;
        out.flush()?;
        self.pending.clear();
        Ok(())
    }

    fn keep(&mut self) -> Result<(), Failure> {
        let Some(file) = self.checkpoint.clone() else { return Ok(()) };
        self.give()?;
        let mut checkpoint = self.session.checkpoint();
        if let Some((log_file, log, length)) = &self.log {
            // The log is on the disk before a state that builds on it.
            log.sync_data().map_err(|cause| InstanceError::io(log_file, "write", cause))?;
            checkpoint.log_bytes = *length;
        }
        let bytes = checkpoint.to_bytes().map_err(|error| InstanceError::about(&file, error.to_string()))?;
        Ok(write_pending(&file, |out| out.write_all(&bytes))?.commit()?)
    }

    /// The end: what is pending is given, the state kept, the report written.
    fn end(&mut self) -> Result<(), Failure> {
        self.give()?;
        self.keep()?;
        let report = serde_json::to_string_pretty(&self.session.report()).unwrap_or_default();
        match &self.report {
            Some(file) => write_pending(file, |out| writeln!(out, "{report}"))?.commit()?,
            None if self.quiet => {}
            None => {
                let _ = writeln!(io::stderr(), "{report}");
            }
        }
        Ok(())
    }
}

/// The log, open for more, and its length. A resumed session takes in what lies beyond its checkpoint; a last line without its newline was cut short by
/// the end of the run that wrote it, and is dropped.
fn open_log(file: &Path, resume: bool, from: u64, session: &mut Session) -> Result<(File, u64), Failure> {
    let failed = |cause: io::Error| InstanceError::io(file, "write", cause);
    let mut log = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(file).map_err(failed)?;
    let length = log.metadata().map_err(failed)?.len();
    if !resume {
        if length > 0 {
            let message = "found a log that is not empty, expected a new file (or `--resume`, to go on)";
            return Err(InstanceError::about(file, message).into());
        }
        return Ok((log, 0));
    }
    if length < from {
        let message = format!("found a log of {length} bytes, expected at least the {from} that the checkpoint builds on");
        return Err(InstanceError::about(file, message).into());
    }
    log.seek(SeekFrom::Start(from)).map_err(failed)?;
    let mut reader = BufReader::with_capacity(BLOCK, (&log).take(length - from));
    let (mut line, mut whole) = (Vec::new(), from);
    loop {
        line.clear();
        let read = reader.read_until(b'\n', &mut line).map_err(failed)?;
        if line.pop() != Some(b'\n') {
            break;
        }
        session.replay(&line).map_err(|error| InstanceError::about(file, error.to_string()))?;
        whole += read as u64;
    }
    log.set_len(whole).map_err(failed)?;
    log.seek(SeekFrom::Start(whole)).map_err(failed)?;
    Ok((log, whole))
}
