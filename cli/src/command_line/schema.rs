//! `fathom schema`.

use clap::Args;
use fathom_opt_instances::{Classes, schema};

use super::failure::{Failure, Status};
use super::output::Output;

#[derive(Debug, Args)]
pub(super) struct Schema {
    /// Problem class (see `fathom list problems`)
    kind: String,
    /// The schema of solutions instead of instances
    #[arg(long)]
    solution: bool,
}

impl Schema {
    pub(super) fn run(self, classes: &Classes, output: &mut Output) -> Result<Status, Failure> {
        let Some(class) = classes.find(&self.kind) else {
            return Err(Failure::Usage(format!("found the problem class `{}`, expected one of {}", self.kind, classes.kinds().join(", "))));
        };
        output.json(&if self.solution { class.solution_schema() } else { schema(class) })?;
        Ok(Status::Holds)
    }
}
