//! `fathom manual`: manual pages, made from the same descriptions as the help.

use std::path::PathBuf;

use clap::{Args, Command};
use fathom_opt_instances::InstanceError;

use super::failure::{Failure, Status};
use super::output::Output;

#[derive(Debug, Args)]
pub(super) struct Manual {
    /// Write a page for the program and one for each verb into this folder, instead of printing the program's
    #[arg(long, short, value_name = "FOLDER")]
    output: Option<PathBuf>,
}

impl Manual {
    pub(super) fn run(self, command: Command, output: &mut Output) -> Result<Status, Failure> {
        let Some(folder) = self.output else {
            let mut page = Vec::new();
            clap_mangen::Man::new(command).render(&mut page)?;
            output.bytes(&page)?;
            return Ok(Status::Holds);
        };
        std::fs::create_dir_all(&folder).map_err(|cause| InstanceError::io(&folder, "make the folder", cause))?;
        clap_mangen::generate_to(command, &folder).map_err(|cause| InstanceError::io(&folder, "write the pages", cause))?;
        output.entry("wrote", folder.display().to_string())?;
        Ok(Status::Holds)
    }
}
