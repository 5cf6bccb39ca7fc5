//! Arguments that name an instance or options.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::Args;
use fathom_opt_instances::{Format, Instance, InstanceError, ReadOptions, library};
use serde_json::{Map, Value};

use super::failure::Failure;

/// An instance and how to read it.
#[derive(Debug, Args)]
pub(super) struct InstanceArguments {
    /// Instance: .fathom.json, .mtx, .csv, .tsv, .npy, .jsonl or .kp (also .gz, .zst), or library:NAME for a shipped one
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    #[command(flatten)]
    pub(super) reading: ReadingArguments,
}

impl InstanceArguments {
    pub(super) fn read(&self) -> Result<Instance, InstanceError> {
        self.reading.read(&self.file)
    }
}

/// How to read an instance.
#[derive(Debug, Args)]
pub(super) struct ReadingArguments {
    /// Problem class, where a file can be read as several
    #[arg(long, value_name = "KIND")]
    problem: Option<String>,
    /// Columns of a table to leave out, separated by commas
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    skip_columns: Vec<String>,
    /// Only the first so many rows of a table
    #[arg(long, value_name = "N")]
    rows: Option<NonZeroUsize>,
    /// Score of a DAG-learning instance: ev, ev-ebic, nv-bic, l1 or logistic, or NAME=PENALTY
    #[arg(long, value_name = "NAME")]
    score: Option<String>,
    /// Weights (.csv, .npy), edges or order (.csv) or solution (.json) that a DAG-learning search starts from
    #[arg(long, value_name = "GRAPH")]
    pub(super) start: Option<PathBuf>,
    /// What the knapsack holds, for a table of items (with --problem online-knapsack)
    #[arg(long, value_name = "N")]
    capacity: Option<u64>,
    /// Bounds on every density (value per full capacity), for a table of items
    #[arg(long, value_name = "L,U", value_parser = bounds)]
    bounds: Option<(f64, f64)>,
    /// The column that holds the value, weight or group of an item, for a table of items
    #[arg(long = "column", value_name = "ROLE=NAME", value_parser = column_value)]
    columns: Vec<(String, String)>,
    /// Only the rows of a table of items with this value in this column
    #[arg(long, value_name = "COLUMN=VALUE", value_parser = column_value)]
    select: Vec<(String, String)>,
    /// The budget of every resource, for a table of rounds (with --problem replenishable-bandit)
    #[arg(long, value_name = "B")]
    budget: Option<f64>,
    /// What idling gives back per round, for a table of rounds
    #[arg(long, value_name = "BETA")]
    replenishment: Option<f64>,
}

impl ReadingArguments {
    pub(super) fn read(&self, file: &Path) -> Result<Instance, InstanceError> {
        let table = matches!(Format::of(file), Some(Format::Csv | Format::Tsv | Format::Npy) | None) && library_name(file).is_none();
        if !table && (self.rows.is_some() || !self.skip_columns.is_empty()) {
            return Err(InstanceError::about(file, "found --skip-columns or --rows, expected them with a table (.csv, .tsv, .npy) only"));
        }
        if let Some(name) = library_name(file) {
            if self.score.is_some() || self.start.is_some() {
                return Err(InstanceError::about(
                    file,
                    "found --score or --start with a shipped instance, expected them with a dag-learning file",
                ));
            }
            let instance = library::read(name)?;
            return match &self.problem {
                Some(problem) if problem != instance.problem.kind() => {
                    Err(InstanceError::about(file, format!("found a {} instance, expected {problem}", instance.problem.kind())))
                }
                _ => Ok(instance),
            };
        }
        fathom_opt_instances::read_with(file, &self.options())
    }

    /// The instances in `file`: one per value of the column `each` of a table of items.
    pub(super) fn read_each(&self, file: &Path, each: &str) -> Result<Vec<Instance>, InstanceError> {
        fathom_opt_instances::read_each(file, each, &self.options())
    }

    fn options(&self) -> ReadOptions {
        ReadOptions {
            problem: self.problem.clone(),
            skip: self.skip_columns.clone(),
            rows: self.rows.map(NonZeroUsize::get),
            capacity: self.capacity,
            bounds: self.bounds,
            columns: self.columns.clone(),
            select: self.select.clone(),
            budget: self.budget,
            replenishment: self.replenishment,
            score: self.score.clone(),
            start: self.start.clone(),
        }
    }
}

/// `column=value`, both text.
pub(super) fn column_value(text: &str) -> Result<(String, String), String> {
    let (column, value) = text.split_once('=').ok_or_else(|| format!("found `{text}`, expected COLUMN=VALUE"))?;
    Ok((column.to_owned(), value.to_owned()))
}

/// `L,U`.
pub(super) fn bounds(text: &str) -> Result<(f64, f64), String> {
    let number = |word: &str| word.trim().parse::<f64>().ok();
    text.split_once(',').and_then(|(lower, upper)| number(lower).zip(number(upper))).ok_or_else(|| format!("found `{text}`, expected L,U"))
}

/// The name in `library:NAME`.
pub(super) fn library_name(file: &Path) -> Option<&str> {
    file.to_str()?.strip_prefix("library:")
}

/// `key=value`, the value JSON if it reads as such and text otherwise.
pub(super) fn key_value(text: &str) -> Result<(String, Value), String> {
    let (key, value) = text.split_once('=').ok_or_else(|| format!("found `{text}`, expected key=value"))?;
    if key.is_empty() {
        return Err(format!("found `{text}`, expected a name before `=`"));
    }
    let value = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()));
    Ok((key.to_owned(), value))
}

/// The pairs as one object.
pub(super) fn object(pairs: &[(String, Value)]) -> Result<Map<String, Value>, Failure> {
    let mut object = Map::new();
    for (key, value) in pairs {
        if object.insert(key.clone(), value.clone()).is_some() {
            return Err(Failure::Usage(format!("`{key}` is given twice")));
        }
    }
    Ok(object)
}
