//! A Matrix Market file as one linear system.

use std::io::{self, Write};

use fathom_opt_problems::linear_sequence::LinearSequence;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::dense_columns::{dense_columns, parsed};
use crate::error::InstanceError;
use crate::file_format::{Companion, FileFormat, Head, Imported, Recognition, WritesFiles};
use crate::input_file::InputFile;
use crate::matrix_market::{ConversionError, write_array, write_matrix};

/// A matrix alone: the system `A x = A (1, ..., 1)`, whose exact solution is all ones, or `A x = b` with `b` from another file.
#[derive(Debug)]
pub struct LoneMatrix;

/// How a lone matrix is read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct LoneMatrixOptions {
    /// Relative tolerance of the residual, in (0, 1). The default is that of the relaxation paper's experiments.
    pub tolerance: f64,
    /// File with the right-hand side (.mtx, .npy, .csv, .txt), one column; the sums of the matrix's rows where none is given.
    pub rhs: Option<String>,
    /// What entries at one position mean: error, or sum, as programs write them that assemble a matrix piece by piece.
    pub duplicates: Duplicates,
}

/// What entries at one position of a matrix mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Duplicates {
    /// That the file is wrong.
    #[default]
    Error,
    /// Their sum.
    Sum,
}

impl Default for LoneMatrixOptions {
    fn default() -> Self {
        Self { tolerance: 1e-8, rhs: None, duplicates: Duplicates::Error }
    }
}

impl FileFormat for LoneMatrix {
    type Problem = LinearSequence;
    type Options = LoneMatrixOptions;
    const NAME: &'static str = "matrix-market";
    const SUMMARY: &'static str = "a sparse matrix: one system, its right-hand side the sums of the rows or a file";
    const ENDINGS: &'static [&'static str] = &[".mtx"];
    const FILES: &'static [&'static str] = &["rhs"];

    fn recognizes(head: &Head<'_>, _: &LoneMatrixOptions) -> Recognition {
        let banner = b"%%matrixmarket";
        let begins = head.bytes.get(..banner.len()).is_some_and(|start| start.eq_ignore_ascii_case(banner));
        // The ending belongs to this class: it says best what is wrong with a file that is no matrix.
        match (begins, Self::ENDINGS.iter().any(|ending| head.name.ends_with(ending))) {
            (true, _) => Recognition::Certain,
            (false, true) => Recognition::Possible,
            (false, false) => Recognition::No,
        }
    }

    fn read(file: &InputFile, options: &LoneMatrixOptions) -> Result<Imported<LinearSequence>, InstanceError> {
        let stored = parsed(file)?;
        let matrix = match options.duplicates {
            Duplicates::Error => stored.to_csr(),
            Duplicates::Sum => stored.to_csr_summed(),
        };
        let matrix = matrix.map_err(|error| match error {
            ConversionError::DuplicateEntry { .. } => file.about(format!("{error} (`--read duplicates=sum` adds them up)")),
            error => file.about(error.to_string()),
        })?;
        let rhs = match file.other("rhs") {
            None => matrix.outer_iterator().map(|row| row.data().iter().sum()).collect(),
            Some(other) => dense_columns(other, 1)?.swap_remove(0),
        };
        let system = LinearSequence::single(matrix, rhs, options.tolerance);
        system.map(Imported::from).map_err(|fault| file.about(fault.to_string()))
    }
}

impl WritesFiles for LoneMatrix {
    fn write(sequence: &LinearSequence, _: &str, out: &mut dyn Write) -> io::Result<()> {
        if sequence.steps().len() != 1 {
            let message = format!(
                "found a sequence of {} systems, expected one system (a Matrix Market file holds one matrix)",
                sequence.steps().len()
            );
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        write_matrix(out, &sequence.matrix(0))
    }

    /// The right-hand side, under the name that the `SuiteSparse` collection gives it: `A_b.mtx` for `A.mtx`.
    fn beside(sequence: &LinearSequence) -> Vec<Companion> {
        let Some(step) = sequence.steps().first() else { return Vec::new() };
        let mut bytes = Vec::new();
        // Memory does not refuse to be written.
        let written = write_array(&mut bytes, sequence.dimension(), 1, &step.rhs, &[]);
        if written.is_ok() { vec![("_b.mtx", bytes)] } else { Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use fathom_opt_problems::Problem;

    use super::*;

    #[test]
    fn entries_at_one_position_are_added_up_on_request() {
        let text = "%%MatrixMarket matrix coordinate real symmetric\n2 2 5\n1 1 1\n2 1 0.25\n1 1 3\n2 1 0.5\n2 2 2\n";
        let file = InputFile::of_bytes("a.mtx", text.as_bytes().to_vec());
        let read = |duplicates| LoneMatrix::read(&file, &LoneMatrixOptions { duplicates, ..LoneMatrixOptions::default() });
        let error = read(Duplicates::Error).unwrap_err().to_string();
        assert!(error.contains("`--read duplicates=sum` adds them up"), "{error}");
        let sequence = read(Duplicates::Sum).unwrap().problem;
        let matrix = sequence.matrix(0);
        assert_eq!(matrix.get(0, 0), Some(&4.0));
        assert_eq!((matrix.get(0, 1), matrix.get(1, 0)), (Some(&0.75), Some(&0.75)));
        assert_eq!((matrix.nnz(), sequence.sizes()[0].value > 0), (4, true));
    }
}
