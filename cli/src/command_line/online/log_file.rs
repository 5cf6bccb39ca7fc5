//! The decision log on the disk: one process writes it, and every answer is in it before it is given.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use fathom_opt_instances::InstanceError;
use fathom_opt_serve::{LoggedBefore, Session};

use super::lines::BLOCK;
use crate::command_line::failure::Failure;

/// The log, locked and open for more.
pub(super) struct LogFile {
    path: PathBuf,
    file: File,
    length: u64,
    /// The lines that were there when the session was resumed, from the first one on: they are compared with the answers to the stream from its start.
    logged: Option<BufReader<File>>,
}

impl LogFile {
    /// The log at `path`. Without `resume` it has to be new or empty. With it, the part before `checkpoint` (bytes of the log when the checkpoint was made; 0
    /// without one) has to be the one that the session's checkpoint was made after, and what lies beyond is taken in; a last line without its newline was cut
    /// short by the end of the run that wrote it, and is dropped.
    pub(super) fn open(path: &Path, resume: bool, checkpoint: Option<u64>, session: &mut Session) -> Result<Self, Failure> {
        let failed = |cause: io::Error| InstanceError::io(path, "write", cause);
        let about = |message: String| Failure::from(InstanceError::about(path, message));
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            // Some file systems know no locks; there it is up to the user.
            Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => {}
            Err(TryLockError::Error(error)) => return Err(failed(error).into()),
            Err(TryLockError::WouldBlock) => {
                return Err(about("found another process writing this log, expected one process per log".into()));
            }
        }
        let length = file.metadata().map_err(failed)?.len();
        if !resume {
            if length > 0 {
                return Err(about("found a log that is not empty, expected a new file (or `--resume`, to go on)".into()));
            }
            return Ok(Self { path: path.into(), file, length: 0, logged: None });
        }
        let from = match checkpoint {
            Some(from) => from,
            None if session.lines() == 0 => 0,
            None => {
                let message = "found a checkpoint of a session without a log, expected to go on without `--log`";
                return Err(Failure::Usage(message.into()));
            }
        };
        if length < from {
            return Err(about(format!("found a log of {length} bytes, expected at least the {from} that the checkpoint builds on")));
        }
        file.seek(SeekFrom::Start(0)).map_err(failed)?;
        let mut before = LoggedBefore::new();
        lines(&file, from, path, |line| {
            before.add(line);
            Ok(())
        })?;
        if from > 0 {
            session.continues(&before).map_err(|error| about(error.to_string()))?;
        }
        file.seek(SeekFrom::Start(from)).map_err(failed)?;
        let beyond = lines(&file, length - from, path, |line| session.replay(line).map_err(|error| about(error.to_string())))?;
        let whole = from + beyond;
        file.set_len(whole).map_err(failed)?;
        file.seek(SeekFrom::Start(whole)).map_err(failed)?;
        let again = File::open(path).map_err(failed)?;
        Ok(Self { path: path.into(), file, length: whole, logged: Some(BufReader::with_capacity(BLOCK, again)) })
    }

    /// Bytes in the log.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Appends `answers`.
    pub(super) fn append(&mut self, answers: &[u8]) -> Result<(), Failure> {
        self.file.write_all(answers).map_err(|cause| InstanceError::io(&self.path, "write", cause))?;
        self.length += answers.len() as u64;
        Ok(())
    }

    /// Sees to it that all of it is on the disk.
    pub(super) fn sync(&self) -> Result<(), Failure> {
        Ok(self.file.sync_data().map_err(|cause| InstanceError::io(&self.path, "write", cause))?)
    }

    /// The next of the lines that were there when the session was resumed, without its newline.
    pub(super) fn next_logged(&mut self, line: &mut Vec<u8>) -> Result<bool, Failure> {
        line.clear();
        let Some(logged) = &mut self.logged else { return Ok(false) };
        logged.read_until(b'\n', line).map_err(|cause| InstanceError::io(&self.path, "read", cause))?;
        Ok(line.pop() == Some(b'\n'))
    }

    /// No line is to be compared any more.
    pub(super) fn close_logged(&mut self) {
        self.logged = None;
    }
}

/// Gives the whole lines among the next `most` bytes of `file` to `take`, and returns how many bytes they have.
fn lines(file: &File, most: u64, path: &Path, mut take: impl FnMut(&[u8]) -> Result<(), Failure>) -> Result<u64, Failure> {
    let mut reader = BufReader::with_capacity(BLOCK, file.take(most));
    let (mut line, mut whole) = (Vec::new(), 0);
    loop {
        line.clear();
        let read = reader.read_until(b'\n', &mut line).map_err(|cause| InstanceError::io(path, "read", cause))?;
        if line.pop() != Some(b'\n') {
            return Ok(whole);
        }
        take(&line)?;
        whole += read as u64;
    }
}
