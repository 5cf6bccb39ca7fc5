//! A session with its log, its checkpoint and its reader.

use std::io::{self, Write};
use std::path::PathBuf;

use fathom_opt_instances::{InstanceError, write_pending};
use fathom_opt_serve::{Answered, Checkpoint, CheckpointError, ResumeError, Session};

use super::keeping::Keeping;
use super::lines::BLOCK;
use super::log_file::LogFile;
use crate::command_line::failure::Failure;

/// A session with its log, its checkpoint and its reader.
pub(super) struct Server {
    session: Session,
    /// Answers that are neither in the log nor given yet.
    pending: Vec<u8>,
    log: Option<LogFile>,
    /// Lines that were answered again.
    again: u64,
    checkpoint: Option<PathBuf>,
    checkpoint_every: Option<u64>,
    report: Option<PathBuf>,
    buffered: bool,
    quiet: bool,
}

impl Server {
    pub(super) fn open(mut session: Session, options: &Keeping) -> Result<Self, Failure> {
        let mut log_bytes = None;
        if options.resume
            && let Some(file) = options.checkpoint.as_ref().filter(|file| file.exists())
        {
            let bytes = std::fs::read(file).map_err(|cause| InstanceError::io(file, "read", cause))?;
            let about = |error: CheckpointError| InstanceError::about(file, error.to_string());
            let checkpoint = Checkpoint::from_bytes(&bytes).map_err(about)?;
            log_bytes = checkpoint.log_bytes();
            session.restore(checkpoint).map_err(about)?;
        }
        let log = match &options.log {
            None => None,
            Some(file) => Some(LogFile::open(file, options.resume, log_bytes, &mut session)?),
        };
        Ok(Self {
            session,
            pending: Vec::with_capacity(BLOCK + 4096),
            log,
            again: 0,
            checkpoint: options.checkpoint.clone(),
            checkpoint_every: options.checkpoint_every,
            report: options.report.clone(),
            buffered: options.buffered,
            quiet: options.quiet,
        })
    }

    /// The seed of the session, once its header was taken.
    pub(super) fn seed(&self) -> Option<u64> {
        self.session.seed()
    }

    pub(super) fn answer(&mut self, line: &[u8]) -> Result<Answered, Failure> {
        let start = self.pending.len();
        let answered = self.session.answer(line, &mut self.pending);
        self.after(answered, start)
    }

    pub(super) fn answer_fault(&mut self, message: &str) -> Result<Answered, Failure> {
        let start = self.pending.len();
        let answered = self.session.answer_fault(message, &mut self.pending);
        self.after(answered, start)
    }

    fn after(&mut self, answered: Result<Answered, ResumeError>, start: usize) -> Result<Answered, Failure> {
        match answered {
            Ok(Answered::Again) | Err(ResumeError::Lines(_)) => {
                let compared = self.compare(start);
                self.pending.truncate(start);
                compared?;
                return answered.map_err(|error| other_stream(&error));
            }
            Err(error) => return Err(other_stream(&error)),
            Ok(_) => {}
        }
        if !self.buffered || self.pending.len() >= BLOCK {
            self.give()?;
        }
        let answered = answered.map_err(|error| other_stream(&error))?;
        let due = self.checkpoint_every.is_some_and(|every| self.session.lines().is_multiple_of(every.max(1)));
        if answered == Answered::Checkpoint || due {
            self.keep()?;
        }
        Ok(answered)
    }

    /// Compares the answer that was given again, pending from `start` on, with the one in the log.
    fn compare(&mut self, start: usize) -> Result<(), Failure> {
        self.again += 1;
        let Some(log) = &mut self.log else { return Ok(()) };
        let mut logged = Vec::new();
        if log.next_logged(&mut logged)? {
            let now = &self.pending[start..];
            Session::compare(self.again, &logged, now.strip_suffix(b"\n").unwrap_or(now)).map_err(|error| other_stream(&error))?;
        }
        if self.again == self.session.lines() {
            log.close_logged();
        }
        Ok(())
    }

    /// Answers go to the log first: what somebody has read is never lost.
    fn give(&mut self) -> Result<(), Failure> {
        if self.pending.is_empty() {
            return Ok(());
        }
        if let Some(log) = &mut self.log {
            log.append(&self.pending)?;
        }
        let mut out = io::stdout().lock();
        out.write_all(&self.pending)?;
        out.flush()?;
        self.pending.clear();
        Ok(())
    }

    /// Keeps the state in the checkpoint's file, if there is to be one.
    fn keep(&mut self) -> Result<(), Failure> {
        let Some(file) = self.checkpoint.clone() else { return Ok(()) };
        self.give()?;
        let about = |error: CheckpointError| InstanceError::about(&file, error.to_string());
        let mut checkpoint = self.session.checkpoint().map_err(about)?;
        if let Some(log) = &self.log {
            // The log is on the disk before a state that builds on it.
            log.sync()?;
            checkpoint = checkpoint.with_log_bytes(log.length());
        }
        let bytes = checkpoint.to_bytes().map_err(about)?;
        Ok(write_pending(&file, |out| out.write_all(&bytes))?.commit()?)
    }

    /// Drops answers that nobody reads any more; what of them is in the log stays there.
    pub(super) fn drop_pending(&mut self) {
        self.pending.clear();
    }

    /// Whether the stream may end here: a resumed session that is offered its stream from the start has to see all that was answered.
    pub(super) fn may_end(&self) -> Result<(), Failure> {
        self.session.end().map_err(|error| other_stream(&error))
    }

    /// The end: what is pending is given, the state kept, the report written.
    pub(super) fn end(&mut self) -> Result<(), Failure> {
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

fn other_stream(error: &ResumeError) -> Failure {
    Failure::Usage(format!("cannot resume: {error}"))
}
