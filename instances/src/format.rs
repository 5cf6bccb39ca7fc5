//! Which kind of file a file is, by its name.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use fathom_opt_problems::dag_learning::{DagLearning, Score, ScoreKind};
use fathom_opt_problems::fair_division::FairDivision;
use fathom_opt_problems::linear_sequence::LinearSequence;
use fathom_opt_problems::online_knapsack::OnlineKnapsack;
use fathom_opt_problems::replenishable_bandit::ReplenishableBandit;
use fathom_opt_problems::{AnyProblem, Problem};
use serde::{Deserialize, Serialize};

use crate::compression::{Compression, read_stored, unpack, write_pending};
use crate::document::{self, instance_of, stem};
use crate::error::InstanceError;
use crate::folder::{is_matrix_market, sha256, write_matrix};
use crate::instance::Instance;
use crate::start_file::read_start;
use crate::{data_table, item_stream, matrix_market, round_stream, utility_table};

/// The kinds of files that hold instances.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Our own document, `.json`.
    Document,
    /// Matrix Market, `.mtx`: one linear system `A x = A (1, ..., 1)`.
    MatrixMarket,
    /// Comma-separated values, `.csv`: observations, or utilities where the first column holds names.
    Csv,
    /// Tab-separated values, `.tsv`.
    Tsv,
    /// An array of `NumPy`, `.npy`: observations.
    Npy,
    /// JSON lines, `.jsonl` or `.ndjson`: a stream of items, header first.
    Stream,
    /// `.kp`: number of items, capacity, then value and weight of each item of a knapsack problem.
    Knapsack,
}

impl Format {
    /// The format that the name of `file` says, whatever its compression.
    pub fn of(file: &Path) -> Option<Self> {
        let name = file.file_name()?.to_string_lossy().to_lowercase();
        let (_, name) = Compression::of(&name);
        if is_matrix_market(name) {
            return Some(Self::MatrixMarket);
        }
        [
            (".json", Self::Document),
            (".csv", Self::Csv),
            (".tsv", Self::Tsv),
            (".npy", Self::Npy),
            (".jsonl", Self::Stream),
            (".ndjson", Self::Stream),
            (".kp", Self::Knapsack),
        ]
        .into_iter()
        .find_map(|(ending, format)| name.ends_with(ending).then_some(format))
    }

    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Document => "Fathom document",
            Self::MatrixMarket => "Matrix Market",
            Self::Csv => "CSV table",
            Self::Tsv => "TSV table",
            Self::Npy => "NumPy array",
            Self::Stream => "stream of JSON lines",
            Self::Knapsack => "knapsack text",
        }
    }
}

/// How a file that is not a document is to be read.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct ReadOptions {
    /// The problem class, where a file can be read as several.
    pub problem: Option<String>,
    /// Columns of a table to leave out.
    pub skip: Vec<String>,
    /// Only the first so many rows of a table.
    pub rows: Option<usize>,
    /// Another score for a DAG-learning instance: its name, or `NAME=PENALTY`.
    pub score: Option<String>,
    /// A graph or an order that a DAG-learning search starts from.
    pub start: Option<PathBuf>,
    /// What the knapsack holds, for a table of items.
    pub capacity: Option<u64>,
    /// `L` and `U` of every density, for a table of items.
    pub bounds: Option<(f64, f64)>,
    /// The budget of every resource, for a table of rounds.
    pub budget: Option<f64>,
    /// What idling gives back per round, for a table of rounds.
    pub replenishment: Option<f64>,
    /// What (`value`, `weight` or `group`) stands in which column of a table of items, where names do not tell.
    pub columns: Vec<(String, String)>,
    /// Only the rows of a table of items in whose column (first) this stands (second).
    pub select: Vec<(String, String)>,
}

impl ReadOptions {
    /// Whether the options say more than the file itself about what the instance is, and the file's own hash no longer tells instances apart.
    fn shape_the_instance(&self) -> bool {
        let Self { capacity, bounds, budget, replenishment, columns, select, .. } = self;
        capacity.is_some() || bounds.is_some() || budget.is_some() || replenishment.is_some() || !columns.is_empty() || !select.is_empty()
    }
}

/// Relative tolerance of a system that comes as a matrix alone: that of the relaxation paper's experiments.
const TOLERANCE: f64 = 1e-8;

/// The instance in `file`, with its format told by its name.
///
/// # Errors
/// When the file cannot be read or is no instance: file, line, column, what was found and what was expected.
pub fn read(file: &Path) -> Result<Instance, InstanceError> {
    read_with(file, &ReadOptions::default())
}

/// The instance in `file`, read as `options` say.
///
/// # Errors
/// As [`read`].
pub fn read_with(file: &Path, options: &ReadOptions) -> Result<Instance, InstanceError> {
    let stream = options.problem.as_deref().is_some_and(|problem| problem == OnlineKnapsack::KIND || problem == ReplenishableBandit::KIND);
    let format = match Format::of(file) {
        Some(format) => format,
        // Whatever its name: streams and tables of items tell by their first line what they are.
        None if stream => Format::Stream,
        None => {
            return Err(InstanceError::about(
                file,
                "found an unknown kind of file, expected .fathom.json, .mtx, .csv, .tsv, .npy, .jsonl, .ndjson or .kp (also with .gz or .zst)",
            ));
        }
    };
    let stored = read_stored(file)?;
    let mut digest = sha256(&stored);
    if options.shape_the_instance() {
        digest = sha256(format!("{digest} {}", serde_json::to_string(options).unwrap_or_default()).as_bytes());
    }
    let bytes = unpack(file, stored)?;
    let instance = match format {
        Format::Stream if Format::of(file).is_none() => {
            instance_of(stem(file), item_stream::read_by_content(file, &bytes, options)?, digest)
        }
        Format::Document => document::parse(file, &bytes, digest)?,
        Format::MatrixMarket => {
            let system = matrix_system(file, &bytes)?;
            instance_of(stem(file), system, digest)
        }
        Format::Stream if round_stream::is_header(&bytes) => instance_of(stem(file), round_stream::read(file, &bytes)?, digest),
        Format::Stream => instance_of(stem(file), item_stream::read(file, &bytes)?, digest),
        Format::Knapsack => instance_of(stem(file), item_stream::read_knapsack(file, &bytes)?, digest),
        Format::Csv | Format::Tsv if options.problem.as_deref() == Some(OnlineKnapsack::KIND) => {
            let delimiter = if format == Format::Csv { b',' } else { b'\t' };
            instance_of(stem(file), item_stream::read_table(file, &bytes, delimiter, options)?, digest)
        }
        Format::Csv | Format::Tsv if options.problem.as_deref() == Some(ReplenishableBandit::KIND) => {
            let delimiter = if format == Format::Csv { b',' } else { b'\t' };
            instance_of(stem(file), round_stream::read_table(file, &bytes, delimiter, options)?, digest)
        }
        Format::Csv | Format::Tsv => {
            let delimiter = if format == Format::Csv { b',' } else { b'\t' };
            let observations = match options.problem.as_deref() {
                Some(problem) => problem == DagLearning::KIND,
                None => data_table::is_data_table(&bytes, delimiter, options),
            };
            if observations {
                instance_of(stem(file), data_table::read(file, &bytes, delimiter, options)?, digest)
            } else {
                instance_of(stem(file), utility_table::read(file, &bytes, delimiter, options)?, digest)
            }
        }
        Format::Npy => instance_of(stem(file), data_table::read_npy(file, &bytes, options)?, digest),
    };
    let mut instance = with_wishes(file, instance, options)?;
    for (column, value) in &options.select {
        instance.name.extend(["-", column, value]);
    }
    match &options.problem {
        Some(problem) if problem != instance.problem.kind() => {
            Err(InstanceError::about(file, format!("found a {} instance, expected {problem}", instance.problem.kind())))
        }
        _ => Ok(instance),
    }
}

/// The streams of items in the table `file`, one for each value of the column `each`, in the order in which they start.
///
/// # Errors
/// As [`read_with`]; a table without such a column.
pub fn read_each(file: &Path, each: &str, options: &ReadOptions) -> Result<Vec<Instance>, InstanceError> {
    let stored = read_stored(file)?;
    let digest = sha256(&stored);
    let bytes = unpack(file, stored)?;
    let delimiter = if Format::of(file) == Some(Format::Tsv) { b'\t' } else { b',' };
    let streams = item_stream::read_tables(file, &bytes, delimiter, options, Some(each))?;
    let instance = |(value, stream): (String, OnlineKnapsack)| {
        let shape = serde_json::to_string(options).unwrap_or_default();
        let digest = sha256(format!("{digest} {shape} {each} {value}").as_bytes());
        instance_of(format!("{}-{each}{value}", stem(file)), stream, digest)
    };
    Ok(streams.into_iter().map(instance).collect())
}

/// The score and the start that `options` ask for, put into a DAG-learning instance.
fn with_wishes(file: &Path, mut instance: Instance, options: &ReadOptions) -> Result<Instance, InstanceError> {
    if options.score.is_none() && options.start.is_none() {
        return Ok(instance);
    }
    let Some(problem) = instance.problem.downcast::<DagLearning>() else {
        let found =
            format!("found a {} instance, expected {} (only that has a score and a start)", instance.problem.kind(), DagLearning::KIND);
        return Err(InstanceError::about(file, found));
    };
    let mut problem = problem.clone();
    if let Some(wish) = &options.score {
        let (name, penalty) = wish.split_once('=').map_or((wish.as_str(), None), |(name, penalty)| (name, Some(penalty)));
        let (Some(kind), Ok(penalty)) = (ScoreKind::named(name), penalty.map(str::parse::<f64>).transpose()) else {
            let message = format!("score: found `{wish}`, expected ev, ev-ebic, nv-bic, l1 or logistic (or NAME=PENALTY)");
            return Err(InstanceError::about(file, message));
        };
        problem = Score::new(kind, penalty)
            .and_then(|score| problem.with_score(score))
            .map_err(|fault| InstanceError::about(file, fault.to_string()))?;
    }
    if let Some(start) = &options.start {
        let graph = read_start(start, problem.names())?;
        problem = problem.with_start(Some(graph)).map_err(|fault| InstanceError::about(start, fault.to_string()))?;
    }
    instance.problem = Box::new(problem);
    Ok(instance)
}

/// A lone matrix is one system whose exact solution is all ones.
fn matrix_system(file: &Path, text: &[u8]) -> Result<LinearSequence, InstanceError> {
    let read = matrix_market::read(text).map_err(|error| {
        InstanceError::at_line(file, text, error.line, error.column, format!("found {}, expected {}", error.found, error.expected))
    })?;
    let matrix = read.to_csr().map_err(|error| InstanceError::about(file, error.to_string()))?;
    let ones: Vec<f64> = matrix.outer_iterator().map(|row| row.data().iter().sum()).collect();
    LinearSequence::single(matrix, ones, TOLERANCE).map_err(|fault| InstanceError::about(file, fault.to_string()))
}

/// Writes `instance` in the format that the name of `file` says.
///
/// # Errors
/// When the file cannot be written, or the instance holds more than the format can.
pub fn write(file: &Path, instance: &Instance) -> Result<(), InstanceError> {
    let unfit = |found: &str, expected: &str| Err(InstanceError::about(file, format!("found {found}, expected {expected}")));
    match Format::of(file) {
        Some(Format::Document) => document::write(file, instance),
        Some(Format::MatrixMarket) => match instance.problem.downcast::<LinearSequence>() {
            Some(sequence) if sequence.steps().len() == 1 => {
                let matrix = sequence.matrix(0);
                write_pending(file, |out| write_matrix(out, &matrix))?.commit()
            }
            Some(sequence) => {
                unfit(&format!("a sequence of {} systems", sequence.steps().len()), "one system (a Matrix Market file holds one matrix)")
            }
            None => unfit(&kind(instance), LinearSequence::KIND),
        },
        Some(Format::Stream) => match stream_of(instance) {
            Some(write) => write_pending(file, write)?.commit(),
            None => unfit(&kind(instance), "an online-knapsack or replenishable-bandit instance"),
        },
        Some(Format::Knapsack) => unfit("a `.kp` file, which is only read", ".fathom.json or .jsonl"),
        Some(format @ (Format::Csv | Format::Tsv)) => {
            let delimiter = if format == Format::Csv { b',' } else { b'\t' };
            if let Some(division) = instance.problem.downcast::<FairDivision>() {
                utility_table::write(file, division, delimiter)
            } else if let Some(problem) = instance.problem.downcast::<DagLearning>() {
                data_table::write(file, problem, delimiter)
            } else {
                unfit(&kind(instance), "a fair-division or dag-learning instance")
            }
        }
        Some(Format::Npy) => match instance.problem.downcast::<DagLearning>() {
            Some(problem) => data_table::write_npy(file, problem),
            None => unfit(&kind(instance), "a dag-learning instance"),
        },
        None => unfit("an unknown kind of file", ".fathom.json, .mtx, .csv, .tsv or .jsonl (also with .gz or .zst)"),
    }
}

/// Writes `instance` to `out`: as JSON lines where it is a stream, otherwise as a document.
///
/// # Errors
/// When `out` cannot be written.
pub fn write_to(out: &mut dyn Write, instance: &Instance) -> io::Result<()> {
    match stream_of(instance) {
        Some(write) => write(out),
        None => document::write_to(out, instance),
    }
}

/// Writes a stream.
type WriteStream<'a> = Box<dyn Fn(&mut dyn Write) -> io::Result<()> + 'a>;

/// What writes `instance` as JSON lines, if it is a stream.
fn stream_of(instance: &Instance) -> Option<WriteStream<'_>> {
    if let Some(items) = instance.problem.downcast::<OnlineKnapsack>() {
        return Some(Box::new(|out| items.write_stream(out)));
    }
    let rounds = instance.problem.downcast::<ReplenishableBandit>()?;
    Some(Box::new(|out| rounds.write_stream(out)))
}

fn kind(instance: &Instance) -> String {
    let problem: &dyn AnyProblem = instance.problem.as_ref();
    format!("a {} instance", problem.kind())
}
