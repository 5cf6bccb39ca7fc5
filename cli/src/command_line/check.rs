//! `fathom check`.

use std::path::PathBuf;

use clap::Args;
use fathom_opt_core::{Audit, Outcome, Status as SolveStatus};
use fathom_opt_instances::{Classes, Instance, SolutionFile};
use fathom_opt_problems::{Property, Verdict};

use super::failure::{Failure, Status};
use super::input::InstanceArguments;
use super::output::{Output, Tone, printable};
use super::solve::best_known;
use super::summary::{self, number};

#[derive(Debug, Args)]
pub(super) struct Check {
    #[command(flatten)]
    instance: InstanceArguments,
    /// Solution document, or a file with the solution alone: JSON, or a form of the class (see `fathom list formats`)
    #[arg(value_name = "SOLUTION")]
    solution: PathBuf,
    /// Exit with status 1 unless this property holds, too; several times for several
    #[arg(long, value_name = "PROPERTY")]
    require: Vec<String>,
    /// Print the verdict as JSON
    #[arg(long)]
    json: bool,
}

impl Check {
    pub(super) fn run(self, classes: &Classes, output: &mut Output) -> Result<Status, Failure> {
        let instance = self.instance.read(classes)?;
        let read = SolutionFile::read(&self.solution, instance.problem.as_ref(), classes)?;
        let solution = read.solution()?;
        let verdict = instance.problem.check_any(solution).map_err(|fault| read.misfit(&fault.into()))?;
        let refuted = claims(&instance, &read)?;
        let missing = self.missing(&verdict)?;
        if self.json {
            output.json(&verdict)?;
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
            for property in &missing {
                let word = if property.holds == Some(false) { "fails" } else { "is undecided" };
                let required = output.toned(Tone::Bad, "REQUIRED");
                output.entry(&required, format!("{}, which {word}", property.name))?;
            }
            for note in &instance.notes {
                output.entry("note", printable(note))?;
            }
        }
        Ok(if verdict.holds() && refuted.is_empty() && missing.is_empty() { Status::Holds } else { Status::Fails })
    }
}

impl Check {
    /// The required properties that do not hold.
    fn missing<'v>(&self, verdict: &'v Verdict) -> Result<Vec<&'v Property>, Failure> {
        let find = |name: &String| {
            let found = verdict.properties.iter().find(|property| property.name.eq_ignore_ascii_case(name));
            found.ok_or_else(|| {
                let known: Vec<&str> = verdict.properties.iter().map(|property| property.name.as_str()).collect();
                let known = if known.is_empty() {
                    "none, for the checker looks at no property here".to_owned()
                } else {
                    format!("one of {}", known.join(", "))
                };
                Failure::Usage(format!("--require: found `{name}`, expected {known}"))
            })
        };
        let required = self.require.iter().map(find).collect::<Result<Vec<_>, _>>()?;
        Ok(required.into_iter().filter(|property| property.holds != Some(true)).collect())
    }
}

/// What the document claims and the checker refutes.
fn claims(instance: &Instance, read: &SolutionFile) -> Result<Vec<(String, String)>, Failure> {
    let claimed = &read.claimed;
    let status = match &claimed.status {
        Some(word) => serde_json::from_value(serde_json::json!({ "status": word, "detail": claimed.detail }))
            .map_err(|error: serde_json::Error| read.about(error.to_string()))?,
        // Of a bare solution nothing is claimed.
        None => SolveStatus::Interrupted,
    };
    let mut outcome = Outcome::new(status).with_solution(read.solution()?.clone(), claimed.objective);
    outcome.bound = claimed.bound;
    outcome.promised.clone_from(&claimed.promised);
    outcome.sought.clone_from(&claimed.sought);
    outcome.criterion.clone_from(&claimed.criterion);
    let audit = Audit::of(instance.problem.as_ref(), &outcome, best_known(instance));
    Ok(audit.refuted.into_iter().map(|refuted| (refuted.claim, refuted.found)).collect())
}
