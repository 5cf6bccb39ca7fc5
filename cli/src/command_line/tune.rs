//! `fathom tune`.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use clap::Args;
use fathom_opt_instances::{Classes, InstanceError, unpacking};
use fathom_opt_online::{DecisionLog, Tuned, tune};
use fathom_opt_problems::Problem;
use fathom_opt_problems::online_knapsack::{DensityBounds, OnlineKnapsack};

use super::failure::{Failure, Status};
use super::input::ReadingArguments;
use super::output::{Output, aligned};

/// Chooses the algorithm for the next stream of items from past ones: which price curve, how much of a posted price, which predicted threshold, by the mean
/// ratio of the best packing in hindsight to what would have been taken, among those whose worst case stays within a cap.
#[derive(Debug, Args)]
pub(super) struct Tune {
    /// Past streams: instances of online-knapsack in any format, or decision logs of `fathom online --log`
    #[arg(required = true, value_name = "PAST")]
    past: Vec<PathBuf>,
    /// In a table: one past stream for each value of this column
    #[arg(long, value_name = "COLUMN")]
    each: Option<String>,
    /// Cap: how many times the best possible worst case, 1 + ln(U/L), the worst case may be; `inf` for no cap
    #[arg(long, value_name = "FACTOR", default_value_t = 2.0)]
    most_degradation: f64,
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
    pub(super) fn run(self, classes: &Classes, output: &mut Output) -> Result<Status, Failure> {
        let mut past = Vec::new();
        for file in &self.past {
            past.extend(self.read(file, classes)?);
        }
        let Some(bounds) = bounds(&past) else {
            return Err(Failure::Usage("found no item with a density in the past streams, expected some".into()));
        };
        let tuning = tune(&past, bounds, self.most_degradation).map_err(fathom_opt_core::SolveError::from)?;
        if self.json {
            output.json(&tuning)?;
            return Ok(Status::Holds);
        }
        output.entry("past", format!("{} streams, densities {} to {}", tuning.streams, bounds.lower, bounds.upper))?;
        output.entry("heaviest", format!("{} of the capacity", tuning.heaviest))?;
        if let Some(threshold) = tuning.threshold {
            output.entry("threshold", format!("{threshold}: items of larger density just fill the knapsack of a typical stream"))?;
        }
        let mut rows = vec![["mean ratio", "worst ratio", "degradation", "algorithm"].map(str::to_owned).to_vec()];
        rows.extend(tuning.choices.iter().take(self.top).map(|choice| {
            vec![
                format!("{:.4}", choice.mean_ratio),
                format!("{:.4}", choice.worst_ratio),
                format!("{:.4}", choice.degradation),
                command(choice),
            ]
        }));
        for row in aligned(&rows) {
            output.line(row)?;
        }
        if let Some(best) = tuning.choices.first() {
            output.entry("use", format!("fathom online {}", command(best)))?;
        }
        Ok(Status::Holds)
    }

    fn read(&self, file: &Path, classes: &Classes) -> Result<Vec<OnlineKnapsack>, Failure> {
        if let Some(log) = decision_log(file)? {
            let stream = log.stream().map_err(|fault| InstanceError::about(file, fault.to_string()))?;
            return Ok(vec![stream]);
        }
        let instances = match &self.each {
            Some(each) => self.reading.read_each(file, each, classes)?,
            None => vec![self.reading.read(file, classes)?],
        };
        let stream = |instance: fathom_opt_instances::Instance| {
            let found = || format!("found a {} instance, expected {}", instance.problem.kind(), OnlineKnapsack::KIND);
            instance.problem.downcast::<OnlineKnapsack>().cloned().ok_or_else(|| InstanceError::about(file, found()).into())
        };
        instances.into_iter().map(stream).collect()
    }
}

/// The decision log in `file`, if it is one: its first line is the answer to a header.
fn decision_log(file: &Path) -> Result<Option<DecisionLog>, Failure> {
    let Ok(opened) = File::open(file) else { return Ok(None) };
    let failed = |cause| InstanceError::io(file, "read", cause);
    let mut reader = unpacking(Box::new(BufReader::new(opened))).map_err(failed)?;
    let start = reader.fill_buf().map_err(failed)?;
    let first = start.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let is_log = serde_json::from_slice::<serde_json::Value>(first)
        .is_ok_and(|line| line.get("stream").is_some() && line.get("algorithm").is_some());
    if !is_log {
        return Ok(None);
    }
    let mut text = Vec::new();
    reader.read_to_end(&mut text).map_err(failed)?;
    DecisionLog::parse(&text).map(Some).map_err(|error| {
        InstanceError::at_line(file, &text, error.line, 0, format!("found {}, expected {}", error.found, error.expected)).into()
    })
}

/// The bounds that all streams keep: those they promise, or the range of their densities.
fn bounds(past: &[OnlineKnapsack]) -> Option<DensityBounds> {
    past.iter()
        .filter_map(|stream| stream.bounds().or(stream.density_range()))
        .reduce(|a, b| DensityBounds { lower: a.lower.min(b.lower), upper: a.upper.max(b.upper) })
}

/// The words that configure a choice.
fn command(choice: &Tuned) -> String {
    let options = choice.options.iter().map(|(name, value)| format!(" --set {name}={value}"));
    std::iter::once(choice.algorithm.to_owned()).chain(options).collect()
}
