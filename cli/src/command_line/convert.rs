//! `fathom convert`.

use std::path::PathBuf;

use clap::Args;
use fathom_opt_instances::{Classes, write_instance};

use super::failure::{Failure, Status};
use super::input::InstanceArguments;
use super::output::Output;

#[derive(Debug, Args)]
pub(super) struct Convert {
    #[command(flatten)]
    input: InstanceArguments,
    /// File to write; its name says the format
    #[arg(value_name = "OUT")]
    target: PathBuf,
}

impl Convert {
    pub(super) fn run(self, classes: &Classes, output: &mut Output) -> Result<Status, Failure> {
        let instance = self.input.read(classes)?;
        write_instance(&self.target, &instance, classes)?;
        output.entry("wrote", self.target.display().to_string())?;
        Ok(Status::Holds)
    }
}
