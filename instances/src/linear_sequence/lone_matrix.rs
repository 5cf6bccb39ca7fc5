//! A Matrix Market file as one linear system.

use std::io::{self, Write};

use fathom_opt_problems::linear_sequence::LinearSequence;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::dense_columns::{dense_columns, parsed};
use crate::error::InstanceError;
use crate::file_format::{Companion, FileFormat, Head, Imported, Recognition, WritesFiles};
use crate::input_file::InputFile;
use crate::matrix_market::{write_array, write_matrix};

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
}

impl Default for LoneMatrixOptions {
    fn default() -> Self {
        Self { tolerance: 1e-8, rhs: None }
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
        let matrix = parsed(file)?.to_csr().map_err(|error| file.about(error.to_string()))?;
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
