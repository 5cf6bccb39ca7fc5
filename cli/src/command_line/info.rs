//! `fathom info`.

use clap::Args;
use fathom_opt_core::Registry;
use fathom_opt_instances::Classes;
use serde_json::json;

use super::failure::{Failure, Status};
use super::input::InstanceArguments;
use super::output::{Output, printable};
use super::summary::{self, number};

#[derive(Debug, Args)]
pub(super) struct Info {
    #[command(flatten)]
    instance: InstanceArguments,
    /// Print as JSON
    #[arg(long)]
    json: bool,
}

impl Info {
    pub(super) fn run(self, registry: &Registry, classes: &Classes, output: &mut Output) -> Result<Status, Failure> {
        let instance = self.instance.read(classes)?;
        let format = self.instance.format(classes)?;
        let kind = instance.problem.kind();
        let solvers: Vec<(&str, Option<String>)> = registry
            .for_kind(kind)
            .map(|entry| {
                let refusal = entry
                    .configure(&serde_json::Map::new())
                    .and_then(|solver| solver.accepts(instance.problem.as_ref()))
                    .err()
                    .map(|error| error.to_string());
                (entry.name(), refusal)
            })
            .collect();
        if self.json {
            let takes: Vec<&str> = solvers.iter().filter(|(_, refusal)| refusal.is_none()).map(|(name, _)| *name).collect();
            output.json(&json!({
                "name": instance.name, "problem": kind, "format": format, "sha256": instance.sha256,
                "sizes": instance.problem.sizes(), "measures": instance.problem.measures(), "warnings": instance.problem.warnings(), "notes": instance.notes,
                "source": instance.source, "known": instance.known, "solvers": takes,
            }))?;
            return Ok(Status::Holds);
        }
        output.entry("name", printable(&instance.name))?;
        output.entry("problem", kind)?;
        output.entry("format", format)?;
        let sizes: Vec<String> = instance.problem.sizes().iter().map(|size| format!("{} {}", size.value, size.name)).collect();
        output.entry("sizes", sizes.join(", "))?;
        summary::measures(output, "measures", &instance.problem.measures())?;
        for note in instance.notes.iter().chain(&instance.problem.warnings()) {
            output.entry("note", printable(note))?;
        }
        output.entry("sha256", &instance.sha256)?;
        if let Some(source) = &instance.source {
            if let Some(citation) = &source.citation {
                output.entry("source", printable(citation))?;
            }
            if let Some(license) = &source.license {
                output.entry("license", printable(license))?;
            }
        }
        if let Some(known) = &instance.known {
            let figures = [("objective", known.objective), ("bound", known.bound)];
            let mut words: Vec<String> =
                figures.iter().filter_map(|(name, value)| value.map(|value| format!("{name} {}", number(value)))).collect();
            words.extend(known.status.iter().cloned());
            words.extend(known.by.iter().map(|by| format!("by {by}")));
            output.entry("known", printable(&words.join(", ")))?;
        }
        for (k, (name, refusal)) in solvers.iter().enumerate() {
            let label = if k == 0 { "solvers" } else { "" };
            match refusal {
                None => output.entry(label, name)?,
                Some(why) => output.entry(label, format!("not {name}: {why}"))?,
            }
        }
        Ok(Status::Holds)
    }
}
