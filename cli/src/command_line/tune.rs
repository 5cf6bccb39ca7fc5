//! `fathom tune`.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use clap::Args;
use fathom_opt_instances::{Classes, InstanceError, unpacking};
use fathom_opt_problems::AnyProblem;
use fathom_opt_serve::{Choice, DecisionLog, Services, service_of};
use serde_json::Value;

use super::failure::{Failure, Status};
use super::input::{ReadingArguments, key_value, object};
use super::output::{Output, aligned};

/// Chooses the service for the next stream from past ones, and its options: what would have done best on them.
#[derive(Debug, Args)]
pub(super) struct Tune {
    /// Past streams: instances of one class in any format, or decision logs of `fathom online --log`
    #[arg(required = true, value_name = "PAST")]
    past: Vec<PathBuf>,
    /// In a table: one past stream for each value of this column
    #[arg(long, value_name = "COLUMN")]
    each: Option<String>,
    /// Set an option of the tuner of that class; `fathom list services` shows them
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = key_value)]
    settings: Vec<(String, Value)>,
    /// Show so many of the best
    #[arg(long, value_name = "N", default_value_t = 10)]
    top: usize,
    /// Print all as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    reading: ReadingArguments,
}

impl Tune {
    pub(super) fn run(self, services: &Services, classes: &Classes, output: &mut Output) -> Result<Status, Failure> {
        let mut past: Vec<Box<dyn AnyProblem>> = Vec::new();
        for file in &self.past {
            past.extend(self.read(services, classes, file)?);
        }
        let Some(kind) = past.first().map(|stream| stream.kind()) else {
            return Err(Failure::Usage("found no past stream, expected some".into()));
        };
        if let Some(other) = past.iter().map(|stream| stream.kind()).find(|other| *other != kind) {
            return Err(Failure::Usage(format!("found a {other} instance, expected {kind} like the first")));
        }
        let tuning = services.tuner(kind)?.tune(&object(&self.settings)?, &past)?;
        if self.json {
            output.json(&tuning.data)?;
            return Ok(Status::Holds);
        }
        for figure in &tuning.shown {
            output.entry(&figure.label, &figure.text)?;
        }
        let mut rows = vec![tuning.columns.iter().copied().chain(["service"]).map(str::to_owned).collect::<Vec<_>>()];
        rows.extend(tuning.choices.iter().take(self.top).map(|choice| {
            let figures = choice.figures.iter().map(|figure| format!("{figure:.4}"));
            figures.chain([command(choice)]).collect()
        }));
        for row in aligned(&rows) {
            output.line(row)?;
        }
        if let Some(best) = tuning.choices.first() {
            output.entry("use", format!("fathom online {}", command(best)))?;
        }
        Ok(Status::Holds)
    }

    fn read(&self, services: &Services, classes: &Classes, file: &Path) -> Result<Vec<Box<dyn AnyProblem>>, Failure> {
        if let Some(stream) = recorded(services, file)? {
            return Ok(vec![stream]);
        }
        let instances = match &self.each {
            Some(each) => self.reading.read_each(file, each, classes)?,
            None => vec![self.reading.read(file, classes)?],
        };
        Ok(instances.into_iter().map(|instance| instance.problem).collect())
    }
}

/// The stream that the decision log in `file` tells of, if it is one.
fn recorded(services: &Services, file: &Path) -> Result<Option<Box<dyn AnyProblem>>, Failure> {
    let Ok(opened) = File::open(file) else { return Ok(None) };
    let failed = |cause| InstanceError::io(file, "read", cause);
    let mut reader = unpacking(Box::new(BufReader::new(opened))).map_err(failed)?;
    if !DecisionLog::starts(reader.fill_buf().map_err(failed)?) {
        return Ok(None);
    }
    let mut text = Vec::new();
    reader.read_to_end(&mut text).map_err(failed)?;
    let log = DecisionLog::new(&text);
    let recorded = service_of(services, &log).and_then(|service| service.map_or(Ok(None), |service| service.recorded(&log)));
    match recorded {
        Ok(Some(recorded)) => Ok(Some(recorded.problem)),
        Ok(None) => Err(InstanceError::about(file, "found a log that does not tell all of its stream, expected one that does").into()),
        Err(fault) => {
            let message = format!("found {}, expected {}", fault.found, fault.expected);
            Err(InstanceError::at_line(file, &text, fault.line, 0, message).into())
        }
    }
}

/// The words that configure a choice.
fn command(choice: &Choice) -> String {
    let options = choice.options.iter().map(|(name, value)| format!(" --set {name}={value}"));
    std::iter::once(choice.service.to_owned()).chain(options).collect()
}
