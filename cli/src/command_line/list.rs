//! `fathom list`.

use clap::{Args, ValueEnum};
use fathom_opt_core::Registry;
use fathom_opt_instances::suite::Suite;
use fathom_opt_instances::{Classes, InstanceSource, Reading, library};
use fathom_opt_serve::Services;
use serde_json::{Value, json};

use super::failure::{Failure, Status};
use super::output::{Output, Tone, aligned};
use super::wrapping::{width, wrapped};

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
    /// Only what has this name, or belongs to this problem class
    name: Option<String>,
    /// Print as JSON, with the schemas of options and parameters
    #[arg(long)]
    json: bool,
}

impl List {
    pub(super) fn run(self, registry: &Registry, services: &Services, classes: &Classes, output: &mut Output) -> Result<Status, Failure> {
        self.check_name(registry, services, classes)?;
        match self.what {
            What::Problems => self.problems(classes, output),
            What::Formats => self.formats(classes, output),
            What::Solvers => self.solvers(registry, classes, output),
            What::Services => self.services(services, output),
            What::Suites => self.suites(classes, output),
            What::Generators => self.generators(classes, output),
            What::Instances => self.instances(classes, output),
        }
    }

    /// Whether something of this name, or of this problem class, is to be shown.
    fn shows(&self, name: &str, kind: &str) -> bool {
        self.name.as_deref().is_none_or(|wanted| wanted == name || wanted == kind)
    }

    /// Whether there is something of the name that is asked for.
    fn check_name(&self, registry: &Registry, services: &Services, classes: &Classes) -> Result<(), Failure> {
        let Some(wanted) = &self.name else { return Ok(()) };
        let own: Vec<String> = match self.what {
            What::Problems => Vec::new(),
            What::Formats => classes.formats().map(|format| format.name.to_owned()).chain(["document".to_owned()]).collect(),
            What::Solvers => classes.iter().flat_map(|class| registry.for_kind(class.kind)).map(|entry| entry.name().to_owned()).collect(),
            What::Services => services.entries().map(|entry| entry.name().to_owned()).collect(),
            What::Suites => Suite::shipped().map(str::to_owned).collect(),
            What::Generators => classes.generators().map(|family| family.name.to_owned()).collect(),
            What::Instances => library::names().map(|name| format!("library:{name}")).collect(),
        };
        let by_class = !matches!(self.what, What::Suites | What::Instances);
        let kinds = classes.kinds().into_iter().map(str::to_owned).filter(|_| by_class);
        let known: Vec<String> = own.into_iter().chain(kinds).collect();
        if known.contains(wanted) {
            return Ok(());
        }
        Err(Failure::Usage(format!("found `{wanted}`, expected one of {}", known.join(", "))))
    }

    fn problems(&self, classes: &Classes, output: &mut Output) -> Result<Status, Failure> {
        if self.json {
            output.json(
                &classes
                    .iter()
                    .filter(|class| self.shows(class.kind, class.kind))
                    .map(|class| json!({ "problem": class.kind, "summary": class.summary }))
                    .collect::<Vec<_>>(),
            )?;
        } else {
            let shown = classes.iter().filter(|class| self.shows(class.kind, class.kind));
            table(output, &shown.map(|class| vec![class.kind.into(), class.summary.into()]).collect::<Vec<_>>())?;
        }
        Ok(Status::Holds)
    }

    fn formats(&self, classes: &Classes, output: &mut Output) -> Result<Status, Failure> {
        if self.json {
            let formats = classes.iter().flat_map(|class| {
                class.formats().iter().filter(|format| self.shows(format.name, class.kind)).map(|format| {
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
            let formats: Vec<_> = class.formats().iter().filter(|format| self.shows(format.name, class.kind)).collect();
            let of_class = self.shows("document", class.kind);
            if formats.is_empty() && !of_class {
                continue;
            }
            let heading = output.toned(Tone::Heading, class.kind);
            output.line(heading)?;
            if of_class {
                output.line("  document (.fathom.json, read and written): a Fathom document of the class")?;
                if let Some(document) = class.document_options() {
                    options(output, &document.schema())?;
                }
            }
            for format in formats {
                let endings = if format.endings.is_empty() { format!("--format {}", format.name) } else { format.endings.join(", ") };
                let written = class.writers().iter().any(|writer| writer.name == format.name);
                let ways = if written { "read and written" } else { "read" };
                paragraph(output, &format!("  {} ({endings}, {ways}): {}", format.name, format.summary), 6)?;
                options(output, &format.schema())?;
            }
            if self.name.as_deref().is_some_and(|name| name != class.kind) {
                continue;
            }
            for writer in class.solution_writers() {
                paragraph(output, &format!("  {} ({}, solutions written)", writer.name, writer.endings.join(", ")), 6)?;
            }
            for form in class.solution_forms() {
                paragraph(output, &format!("  {} ({}, solutions read): {}", form.name, form.endings.join(", "), form.summary), 6)?;
            }
        }
        Ok(Status::Holds)
    }

    fn solvers(&self, registry: &Registry, classes: &Classes, output: &mut Output) -> Result<Status, Failure> {
        if self.json {
            let all: Vec<Value> = registry
                .entries()
                .filter(|entry| self.shows(entry.name(), entry.kind()))
                .map(|entry| {
                    let schema = entry.options_schema();
                    json!({ "problem": entry.kind(), "solver": entry.name(), "summary": entry.summary(), "options": schema })
                })
                .collect();
            output.json(&all)?;
            return Ok(Status::Holds);
        }
        for class in classes {
            let shown: Vec<_> = registry.for_kind(class.kind).filter(|entry| self.shows(entry.name(), class.kind)).collect();
            if shown.is_empty() {
                continue;
            }
            let heading = output.toned(Tone::Heading, class.kind);
            output.line(format!("{heading} (the first solver is the default)"))?;
            for entry in shown {
                paragraph(output, &format!("  {:<24}{}", entry.name(), entry.summary()), 26)?;
                options(output, &entry.options_schema())?;
            }
        }
        Ok(Status::Holds)
    }

    fn services(&self, services: &Services, output: &mut Output) -> Result<Status, Failure> {
        if self.json {
            let listed = services.entries().filter(|entry| self.shows(entry.name(), entry.kind())).map(|entry| {
                json!({
                    "problem": entry.kind(), "service": entry.name(), "summary": entry.summary(), "header": entry.header_example(),
                    "lines": entry.lines(), "options": entry.options_schema()
                })
            });
            let tuners = services.tuners().filter(|tuner| self.shows(tuner.kind(), tuner.kind())).map(
                |tuner| json!({ "problem": tuner.kind(), "tuner": true, "summary": tuner.summary(), "options": tuner.options_schema() }),
            );
            output.json(&listed.chain(tuners).collect::<Vec<Value>>())?;
            return Ok(Status::Holds);
        }
        let mut header = "";
        for entry in services.entries().filter(|entry| self.shows(entry.name(), entry.kind())) {
            if entry.header_example() != header {
                header = entry.header_example();
                let kind = output.toned(Tone::Heading, entry.kind());
                paragraph(output, &format!("{kind} (a stream starts with {header})"), 2)?;
                paragraph(output, &format!("  then come lines: {}", entry.lines()), 4)?;
            }
            paragraph(output, &format!("  {:<24}{}", entry.name(), entry.summary()), 26)?;
            options(output, &entry.options_schema())?;
        }
        for tuner in services.tuners().filter(|tuner| self.shows(tuner.kind(), tuner.kind())) {
            let heading = output.toned(Tone::Heading, "tune");
            paragraph(output, &format!("{heading} ({}): {}", tuner.kind(), tuner.summary()), 4)?;
            options(output, &tuner.options_schema())?;
        }
        Ok(Status::Holds)
    }

    fn suites(&self, classes: &Classes, output: &mut Output) -> Result<Status, Failure> {
        let mut suites = Vec::new();
        for name in Suite::shipped().filter(|name| self.shows(name, name)) {
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
        let families: Vec<_> = classes.generators().filter(|family| self.shows(family.name, family.kind)).collect();
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
            paragraph(output, &format!("{heading} ({}): {}", family.kind, family.summary), 4)?;
            options(output, &family.schema())?;
        }
        Ok(Status::Holds)
    }

    fn instances(&self, classes: &Classes, output: &mut Output) -> Result<Status, Failure> {
        let shown = |name: &&str| self.name.as_deref().is_none_or(|wanted| wanted.trim_start_matches(library::PREFIX) == *name);
        let names: Vec<&str> = library::names().filter(shown).collect();
        if self.json {
            output.json(&names)?;
            return Ok(Status::Holds);
        }
        let mut rows = Vec::new();
        for name in names {
            let source = InstanceSource::Library { name: name.to_owned(), reading: Reading::default() };
            let instance = source.open(classes)?;
            let sizes: Vec<String> = instance.problem.sizes().iter().map(|size| format!("{} {}", size.value, size.name)).collect();
            rows.push(vec![format!("library:{name}"), instance.problem.kind().to_owned(), sizes.join(", ")]);
        }
        table(output, &rows)?;
        Ok(Status::Holds)
    }
}

/// Rows in columns; the last column is wrapped to the terminal.
fn table(output: &mut Output, rows: &[Vec<String>]) -> Result<(), Failure> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(1) - 1;
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0);
    let indent = (0..columns).map(|column| width(column) + 2).sum();
    for line in aligned(rows) {
        paragraph_aligned(output, &line, indent, Tone::Plain)?;
    }
    Ok(())
}

/// `text` in the width of the terminal, its lines after the first indented.
fn paragraph(output: &mut Output, text: &str, indent: usize) -> Result<(), Failure> {
    paragraph_aligned(output, text, indent, Tone::Plain)
}

/// As [`paragraph`], with what stands before `indent` kept in its columns.
fn paragraph_aligned(output: &mut Output, text: &str, indent: usize, tone: Tone) -> Result<(), Failure> {
    let split = text.char_indices().nth(indent).map_or(0, |(at, _)| at);
    let (kept, rest) = text.split_at(split);
    let is_kept = kept.ends_with("  ") || kept.is_empty() || kept.trim().is_empty();
    let (kept, rest) = if is_kept { (kept, rest) } else { ("", text) };
    let width = width().map(|width| width.saturating_sub(kept.chars().count()));
    for (k, line) in wrapped(rest, width, if kept.is_empty() { indent } else { 0 }).iter().enumerate() {
        let before = if k == 0 { kept.to_owned() } else { " ".repeat(kept.chars().count()) };
        let line = output.toned(tone, &format!("{before}{line}"));
        output.line(line)?;
    }
    Ok(())
}

/// The properties of an object schema: name, default, description and the words that may stand there.
fn options(output: &mut Output, schema: &Value) -> Result<(), Failure> {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
        return Ok(());
    };
    let rows: Vec<Vec<String>> = properties
        .iter()
        .map(|(name, property)| {
            let default = property.get("default").filter(|default| !default.is_null()).map(ToString::to_string).unwrap_or_default();
            let mut description = property.get("description").and_then(Value::as_str).unwrap_or_default().replace('\n', " ");
            let words = words(schema, property, 0);
            if words.len() > 1 && !words.iter().all(|word| description.contains(word.as_str())) {
                description = format!("{} One of {}.", description.trim_end(), words.join(", "));
            }
            // A long default would leave the descriptions of all options no room.
            let (default, description) = if default.chars().count() > LONGEST_DEFAULT {
                (String::new(), format!("{} Default: {default}.", description.trim_end()))
            } else {
                (default, description)
            };
            vec![format!("      {name}"), default, description.trim().to_owned()]
        })
        .collect();
    let indent = (0..2).map(|column| rows.iter().map(|row| row[column].chars().count() + 2).max().unwrap_or(0)).sum();
    for line in aligned(&rows) {
        paragraph_aligned(output, &line, indent, Tone::Faint)?;
    }
    Ok(())
}

/// Longer defaults stand behind the description, in characters.
const LONGEST_DEFAULT: usize = 24;

/// References within a schema are followed so far.
const DEEPEST: usize = 8;

/// The words that `property` may be, where it is one of several.
fn words(schema: &Value, property: &Value, depth: usize) -> Vec<String> {
    if depth > DEEPEST {
        return Vec::new();
    }
    let mut found: Vec<String> = Vec::new();
    let texts = |list: &Value| list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>();
    found.extend(property.get("enum").map(texts).unwrap_or_default());
    found.extend(property.get("const").and_then(Value::as_str).map(str::to_owned));
    if let Some(target) = property.get("$ref").and_then(Value::as_str).and_then(|path| schema.pointer(path.trim_start_matches('#'))) {
        found.extend(words(schema, target, depth + 1));
    }
    for list in ["oneOf", "anyOf", "allOf"] {
        for one in property.get(list).and_then(Value::as_array).into_iter().flatten() {
            found.extend(words(schema, one, depth + 1));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_an_option_are_found_through_references() {
        let schema = json!({ "$defs": { "Mode": { "oneOf": [{ "const": "fast" }, { "enum": ["slow", "safe"] }] } } });
        let property = json!({ "anyOf": [{ "$ref": "#/$defs/Mode" }, { "type": "null" }] });
        assert_eq!(words(&schema, &property, 0), ["fast", "slow", "safe"]);
        assert!(words(&schema, &json!({ "type": "number" }), 0).is_empty());
    }
}
