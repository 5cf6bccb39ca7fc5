//! `fathom check`.

use std::path::PathBuf;

use clap::Args;
use fathom_opt_core::{Audit, Outcome, Status as SolveStatus};
use fathom_opt_instances::{InstanceError, ReadSolution, WrittenVerdict, locate, read_solution_of};
use fathom_opt_problems::{AnySolution, CheckError};

use super::failure::{Failure, Status};
use super::input::InstanceArguments;
use super::output::{Output, Tone, printable};
use super::summary::{self, number};

#[derive(Debug, Args)]
pub(super) struct Check {
    #[command(flatten)]
    instance: InstanceArguments,
    /// Solution document, or a file with the solution alone: JSON, for fair division also CSV (item, agent)
    #[arg(value_name = "SOLUTION")]
    solution: PathBuf,
    /// Print the verdict as JSON
    #[arg(long)]
    json: bool,
}

impl Check {
    pub(super) fn run(self, output: &mut Output) -> Result<Status, Failure> {
        let instance = self.instance.read()?;
        let read = read_solution_of(&self.solution, instance.problem.as_ref())?;
        if let Some(problem) = read.problem.as_deref().filter(|&problem| problem != instance.problem.kind()) {
            let message = format!("problem: found a solution of a {problem} instance, expected one of {}", instance.problem.kind());
            return Err(InstanceError::about(&self.solution, message).into());
        }
        let solution = instance.problem.parse_solution(&read.solution).map_err(|error| self.misfit(&read, &error.into()))?;
        let verdict = instance.problem.check_any(&solution).map_err(|error| self.misfit(&read, &error.into()))?;
        let refuted = claims(&instance, &read, solution);
        if self.json {
            output.json(&WrittenVerdict::from(&verdict))?;
        } else {
            output.entry("instance", format!("{} ({})", printable(&instance.name), instance.problem.kind()))?;
            if let Some(made_for) = read.instance.as_ref().filter(|made_for| made_for.sha256 != instance.sha256) {
                output.entry("note", format!("the solution was made for {} with other content", printable(&made_for.name)))?;
            }
            if let Some(objective) = &verdict.objective {
                let value = objective.exact.clone().unwrap_or_else(|| number(objective.value));
                output.entry("objective", format!("{value} {}", objective.name))?;
            }
            summary::verdict(output, &verdict, true)?;
            for (claim, found) in &refuted {
                let wrong = output.toned(Tone::Bad, "WRONG");
                output.entry(&wrong, format!("claimed {claim}; found {found}"))?;
            }
        }
        Ok(if verdict.holds() && refuted.is_empty() { Status::Holds } else { Status::Fails })
    }

    /// The error for a file that holds no solution of the instance, with its place.
    fn misfit(&self, read: &ReadSolution, error: &CheckError) -> InstanceError {
        let solution = read.solution.get();
        let (offset, message) = match error {
            CheckError::Malformed(fault) => (locate(solution, &fault.place), fault.to_string()),
            CheckError::Json(error) => {
                let line_start = solution.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum::<usize>();
                (line_start + error.column().saturating_sub(1), error.to_string())
            }
        };
        InstanceError::at_offset(&self.solution, read.text.as_bytes(), read.offset + offset, format!("solution: {message}"))
    }
}

/// What the document claims and the checker refutes. Its status is left aside: a limit or an interruption is no claim about the solution.
fn claims(instance: &fathom_opt_instances::Instance, read: &ReadSolution, solution: AnySolution) -> Vec<(String, String)> {
    let mut outcome = Outcome::new(SolveStatus::Interrupted).with_solution(solution, read.objective);
    outcome.promised.clone_from(&read.promised);
    outcome.criterion.clone_from(&read.criterion);
    let audit = Audit::of(instance.problem.as_ref(), &outcome, instance.best_known());
    audit.refuted.into_iter().map(|refuted| (refuted.claim, refuted.found)).collect()
}
