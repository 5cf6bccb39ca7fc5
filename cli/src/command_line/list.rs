//! `fathom list`.

use clap::{Args, ValueEnum};
use fathom_opt_core::Registry;
use fathom_opt_instances::suite::Suite;
use fathom_opt_instances::{Classes, library};
use fathom_opt_serve::Services;
use serde_json::{Value, json};

use super::failure::{Failure, Status};
use super::output::{Output, Tone, aligned};

#[derive(Debug, Clone, Copy, ValueEnum)]
enum What {
    Problems,
    Formats,
    Solvers,
    Services,
    Suites,
    Generators,
    Instances,
}

#[derive(Debug, Args)]
pub(super) struct List {
    /// What to list
    what: What,
    /// Print as JSON, with the schemas of options and parameters
    #[arg(long)]
    json: bool,
}

impl List {
    pub(super) fn run(self, registry: &Registry, services: &Services, classes: &Classes, output: &mut Output) -> Result<Status, Failure> {
        match self.what {
            What::Problems => self.problems(classes, output),
            What::Formats => self.formats(classes, output),
            What::Solvers => self.solvers(registry, classes, output),
            What::Services => self.services(services, output),
            What::Suites => self.suites(classes, output),
            What::Generators => self.generators(classes, output),
            What::Instances => self.instances(output),
        }
    }

    fn problems(&self, classes: &Classes, output: &mut Output) -> Result<Status, Failure> {
        if self.json {
            output.json(&classes.iter().map(|class| json!({ "problem": class.kind, "summary": class.summary })).collect::<Vec<_>>())?;
        } else {
            table(output, &classes.iter().map(|class| vec![class.kind.into(), class.summary.into()]).collect::<Vec<_>>())?;
        }
        Ok(Status::Holds)
    }

    fn formats(&self, classes: &Classes, output: &mut Output) -> Result<Status, Failure> {
        if self.json {
            let formats = classes.iter().flat_map(|class| {
                class.formats().iter().map(|format| {
                    let written = class.writers().iter().any(|writer| writer.name == format.name);
                    json!({
                        "format": format.name, "problem": class.kind, "summary": format.summary, "endings": format.endings, "written": written,
                        "options": format.schema(), "defaults": format.defaults(),
                    })
                })
            });
            output.json(&formats.collect::<Vec<_>>())?;
            return Ok(Status::Holds);
        }
        for class in classes {
            let heading = output.toned(Tone::Heading, class.kind);
            output.line(heading)?;
            output.line("  document (.fathom.json, read and written): a Fathom document of the class")?;
            if let Some(document) = class.document_options() {
                options(output, &document.schema())?;
            }
            for format in class.formats() {
                let endings = if format.endings.is_empty() { format!("--format {}", format.name) } else { format.endings.join(", ") };
                let written = class.writers().iter().any(|writer| writer.name == format.name);
                let ways = if written { "read and written" } else { "read" };
                output.line(format!("  {} ({endings}, {ways}): {}", format.name, format.summary))?;
                options(output, &format.schema())?;
            }
            for writer in class.solution_writers() {
                output.line(format!("  {} ({}, solutions written)", writer.name, writer.endings.join(", ")))?;
            }
            for form in class.solution_forms() {
                output.line(format!("  {} ({}, solutions read): {}", form.name, form.endings.join(", "), form.summary))?;
            }
        }
        Ok(Status::Holds)
    }

    fn solvers(&self, registry: &Registry, classes: &Classes, output: &mut Output) -> Result<Status, Failure> {
        if self.json {
            let all: Vec<Value> = registry
                .entries()
                .map(|entry| {
                    let schema = entry.options_schema();
                    json!({ "problem": entry.kind(), "solver": entry.name(), "summary": entry.summary(), "options": schema })
                })
                .collect();
            output.json(&all)?;
            return Ok(Status::Holds);
        }
        for class in classes {
            let heading = output.toned(Tone::Heading, class.kind);
            output.line(format!("{heading} (the first solver is the default)"))?;
            for entry in registry.for_kind(class.kind) {
                output.line(format!("  {:<24}{}", entry.name(), entry.summary()))?;
                options(output, &entry.options_schema())?;
            }
        }
        Ok(Status::Holds)
    }

    fn services(&self, services: &Services, output: &mut Output) -> Result<Status, Failure> {
        if self.json {
            let listed = services.entries().map(|entry| {
                json!({
                    "problem": entry.kind(), "service": entry.name(), "summary": entry.summary(), "header": entry.header_example(),
                    "lines": entry.lines(), "options": entry.options_schema()
                })
            });
            let tuners = services.tuners().map(
                |tuner| json!({ "problem": tuner.kind(), "tuner": true, "summary": tuner.summary(), "options": tuner.options_schema() }),
            );
            output.json(&listed.chain(tuners).collect::<Vec<Value>>())?;
            return Ok(Status::Holds);
        }
        let mut header = "";
        for entry in services.entries() {
            if entry.header_example() != header {
                header = entry.header_example();
                let kind = output.toned(Tone::Heading, entry.kind());
                output.line(format!("{kind} (a stream starts with {header})"))?;
                output.line(format!("  then come lines: {}", entry.lines()))?;
            }
            output.line(format!("  {:<24}{}", entry.name(), entry.summary()))?;
            options(output, &entry.options_schema())?;
        }
        for tuner in services.tuners() {
            let heading = output.toned(Tone::Heading, "tune");
            output.line(format!("{heading} ({}): {}", tuner.kind(), tuner.summary()))?;
            options(output, &tuner.options_schema())?;
        }
        Ok(Status::Holds)
    }

    fn suites(&self, classes: &Classes, output: &mut Output) -> Result<Status, Failure> {
        let mut suites = Vec::new();
        for name in Suite::shipped() {
            suites.push((name, Suite::named(name, classes)?.description));
        }
        if self.json {
            output
                .json(&suites.iter().map(|(name, description)| json!({ "suite": name, "description": description })).collect::<Vec<_>>())?;
        } else {
            table(output, &suites.iter().map(|(name, description)| vec![(*name).to_owned(), description.clone()]).collect::<Vec<_>>())?;
        }
        Ok(Status::Holds)
    }

    fn generators(&self, classes: &Classes, output: &mut Output) -> Result<Status, Failure> {
        let families: Vec<_> = classes.generators().collect();
        if self.json {
            let all: Vec<Value> = families
                .iter()
                .map(|family| {
                    let (schema, defaults) = (family.schema(), family.defaults());
                    json!({
                        "generator": family.name, "problem": family.kind, "summary": family.summary, "parameters": schema, "defaults": defaults
                    })
                })
                .collect();
            output.json(&all)?;
            return Ok(Status::Holds);
        }
        for family in families {
            let heading = output.toned(Tone::Heading, family.name);
            output.line(format!("{heading} ({}): {}", family.kind, family.summary))?;
            options(output, &family.schema())?;
        }
        Ok(Status::Holds)
    }

    fn instances(&self, output: &mut Output) -> Result<Status, Failure> {
        let names: Vec<&str> = library::names().collect();
        if self.json {
            output.json(&names)?;
        } else {
            for name in names {
                output.line(format!("library:{name}"))?;
            }
        }
        Ok(Status::Holds)
    }
}

fn table(output: &mut Output, rows: &[Vec<String>]) -> Result<(), Failure> {
    for line in aligned(rows) {
        output.line(line)?;
    }
    Ok(())
}

/// The properties of an object schema: name, default, first sentence of the description.
fn options(output: &mut Output, schema: &Value) -> Result<(), Failure> {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
        return Ok(());
    };
    let rows: Vec<Vec<String>> = properties
        .iter()
        .map(|(name, property)| {
            let default = property.get("default").map(ToString::to_string).unwrap_or_default();
            let description = property.get("description").and_then(Value::as_str).unwrap_or_default().replace('\n', " ");
            vec![format!("      {name}"), default, description]
        })
        .collect();
    for line in aligned(&rows) {
        let line = output.toned(Tone::Faint, &line);
        output.line(line)?;
    }
    Ok(())
}
