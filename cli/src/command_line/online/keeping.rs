//! What a session keeps, and where: log, checkpoint, report.

use std::path::PathBuf;

use clap::Args;

use crate::command_line::failure::Failure;

/// The files of a session, and how it gives its answers.
#[derive(Debug, Args)]
pub(super) struct Keeping {
    /// Keep a decision log: every answer is in it before it is given. One process writes it at a time
    #[arg(long, value_name = "FILE")]
    pub(super) log: Option<PathBuf>,
    /// Keep the state here: at the end, on {"cmd":"checkpoint"}, on SIGTERM and Ctrl-C
    #[arg(long, value_name = "FILE")]
    pub(super) checkpoint: Option<PathBuf>,
    /// Keep the state after so many lines, too
    #[arg(long, value_name = "N", requires = "checkpoint")]
    pub(super) checkpoint_every: Option<u64>,
    /// Go on where the log or the checkpoint ends. A stream that starts with its header again, as a table always does, has to be the same stream from its start:
    /// what was answered is answered again and compared
    #[arg(long)]
    pub(super) resume: bool,
    /// Write the final report here instead of to standard error
    #[arg(long, value_name = "FILE")]
    pub(super) report: Option<PathBuf>,
    /// Give answers in blocks instead of line by line
    #[arg(long)]
    pub(super) buffered: bool,
    /// No final report on standard error
    #[arg(long, short)]
    pub(super) quiet: bool,
}

impl Keeping {
    /// Whether the options make sense together.
    pub(super) fn validate(&self) -> Result<(), Failure> {
        if self.resume && self.log.is_none() && self.checkpoint.is_none() {
            return Err(Failure::Usage("found `--resume` alone, expected `--log` or `--checkpoint` to go on from".into()));
        }
        Ok(())
    }
}
