//! A session with its log, its checkpoint and its reader.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use fathom_opt_instances::{InstanceError, write_pending};
use fathom_opt_online::serve::{Checkpoint, CheckpointError, Session, Step};

use super::Online;
use crate::command_line::failure::Failure;

/// A block of answers.
pub(super) const BLOCK: usize = 1 << 16;

/// A session with its log, its checkpoint and its reader.
pub(super) struct Server {
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
    pub(super) fn open(mut session: Session, options: &Online) -> Result<Self, Failure> {
        let mut log_bytes = 0;
        if options.resume
            && let Some(file) = options.checkpoint.as_ref().filter(|file| file.exists())
        {
            let bytes = std::fs::read(file).map_err(|cause| InstanceError::io(file, "read", cause))?;
            let about = |error: CheckpointError| InstanceError::about(file, error.to_string());
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

    pub(super) fn answer(&mut self, line: &[u8]) -> Result<Step, Failure> {
        let step = self.session.answer(line, &mut self.pending);
        self.after(step)
    }

    pub(super) fn answer_fault(&mut self, message: &str) -> Result<Step, Failure> {
        let step = self.session.answer_fault(message, &mut self.pending);
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
    /// Drops answers that nobody reads any more; what of them is in the log stays there.
    pub(super) fn drop_pending(&mut self) {
        self.pending.clear();
    }

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
