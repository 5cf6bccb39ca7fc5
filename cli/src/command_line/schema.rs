//! `fathom schema`.

use clap::Args;
use fathom_opt_instances::suite::Suite;
use fathom_opt_instances::{Classes, schema};

use super::failure::{Failure, Status};
use super::output::Output;

#[derive(Debug, Args)]
pub(super) struct Schema {
    /// Problem class (see `fathom list problems`), or `suite` for benchmark suites
    kind: String,
    /// The schema of solutions instead of instances
    #[arg(long)]
    solution: bool,
}

impl Schema {
    pub(super) fn run(self, classes: &Classes, output: &mut Output) -> Result<Status, Failure> {
        if self.kind == "suite" {
            if self.solution {
                return Err(Failure::Usage("found `--solution` for suites, expected a problem class".into()));
            }
            output.json(&Suite::schema())?;
            return Ok(Status::Holds);
        }
        let Some(class) = classes.find(&self.kind) else {
            return Err(Failure::Usage(format!(
                "found the problem class `{}`, expected `suite` or one of {}",
                self.kind,
                classes.kinds().join(", ")
            )));
        };
        output.json(&if self.solution { class.solution_schema() } else { schema(class) })?;
        Ok(Status::Holds)
    }
}
