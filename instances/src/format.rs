//! Which kind of file a file is, by its name.

use std::path::Path;

use fathom_problems::linear_sequence::LinearSequence;
use fathom_problems::{AnyProblem, Problem};

use crate::compression::{Compression, read_stored, unpack, write_pending};
use crate::document::{self, instance_of, stem};
use crate::error::InstanceError;
use crate::folder::{is_matrix_market, sha256, write_matrix};
use crate::instance::Instance;
use crate::{matrix_market, utility_table};

/// The kinds of files that hold instances.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Our own document, `.json`.
    Document,
    /// Matrix Market, `.mtx`: one linear system `A x = A (1, ..., 1)`.
    MatrixMarket,
    /// Comma-separated values, `.csv`.
    Csv,
    /// Tab-separated values, `.tsv`.
    Tsv,
}

impl Format {
    /// The format that the name of `file` says, whatever its compression.
    pub fn of(file: &Path) -> Option<Self> {
        let name = file.file_name()?.to_string_lossy().to_lowercase();
        let (_, name) = Compression::of(&name);
        if is_matrix_market(name) {
            return Some(Self::MatrixMarket);
        }
        [(".json", Self::Document), (".csv", Self::Csv), (".tsv", Self::Tsv)]
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
        }
    }
}

/// How a file that is not a document is to be read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReadOptions {
    /// The problem class, where a file can be read as several.
    pub problem: Option<String>,
    /// Columns of a table to leave out.
    pub skip: Vec<String>,
    /// Only the first so many rows of a table.
    pub rows: Option<usize>,
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
    let Some(format) = Format::of(file) else {
        return Err(InstanceError::about(
            file,
            "found an unknown kind of file, expected .fathom.json, .mtx, .csv or .tsv (also with .gz or .zst)",
        ));
    };
    let stored = read_stored(file)?;
    let digest = sha256(&stored);
    let bytes = unpack(file, stored)?;
    let instance = match format {
        Format::Document => document::parse(file, &bytes, digest)?,
        Format::MatrixMarket => {
            let system = matrix_system(file, &bytes)?;
            instance_of(stem(file), system, digest)
        }
        Format::Csv | Format::Tsv => {
            let delimiter = if format == Format::Csv { b',' } else { b'\t' };
            instance_of(stem(file), utility_table::read(file, &bytes, delimiter, options)?, digest)
        }
    };
    match &options.problem {
        Some(problem) if problem != instance.problem.kind() => {
            Err(InstanceError::about(file, format!("found a {} instance, expected {problem}", instance.problem.kind())))
        }
        _ => Ok(instance),
    }
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
        Some(format @ (Format::Csv | Format::Tsv)) => match instance.problem.downcast() {
            Some(division) => {
                let delimiter = if format == Format::Csv { b',' } else { b'\t' };
                utility_table::write(file, division, delimiter)
            }
            None => unfit(&kind(instance), "a fair-division instance"),
        },
        None => unfit("an unknown kind of file", ".fathom.json, .mtx, .csv or .tsv (also with .gz or .zst)"),
    }
}

fn kind(instance: &Instance) -> String {
    let problem: &dyn AnyProblem = instance.problem.as_ref();
    format!("a {} instance", problem.kind())
}
