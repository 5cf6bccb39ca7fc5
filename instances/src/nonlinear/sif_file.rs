//! `CUTEst` files as instances.

use fathom_opt_problems::nonlinear::Nonlinear;

use super::fault::Fault;
use super::sif::{self, SifOptions};
use crate::error::InstanceError;
use crate::file_format::{FileFormat, Head, Imported, Recognition};
use crate::input_file::InputFile;
use crate::instance::Source;

/// A `CUTEst` problem in the Standard Input Format.
#[derive(Debug)]
pub struct SifFile;

impl FileFormat for SifFile {
    type Problem = Nonlinear;
    type Options = SifOptions;
    const NAME: &'static str = "sif";
    const SUMMARY: &'static str = "a CUTEst problem; --read N=100 sets a parameter that the file marks with $-PARAMETER";
    const ENDINGS: &'static [&'static str] = &[".sif"];

    fn recognizes(head: &Head<'_>, _: &SifOptions) -> Recognition {
        let first = head.lines().find(|line| !line.starts_with(b"*"));
        if first.is_some_and(|line| line.starts_with(b"NAME")) { Recognition::Likely } else { Recognition::No }
    }

    fn read(file: &InputFile, options: &SifOptions) -> Result<Imported<Nonlinear>, InstanceError> {
        let read = sif::read(file.unmarked(), options).map_err(|fault| located(file, &fault))?;
        let source = Source { citation: Some(format!("CUTEst problem {}, decoded from SIF", read.name)), license: None };
        Ok(Imported { name: Some(read.name).filter(|name| !name.is_empty()), source: Some(source), ..read.problem.into() })
    }
}

/// The fault at its place in the file.
pub(super) fn located(file: &InputFile, fault: &Fault) -> InstanceError {
    let message = format!("found {}, expected {}", fault.found, fault.expected);
    match (fault.line, fault.column) {
        (0, 0) => file.about(message),
        // A binary file has no lines to show.
        (0, byte) => file.about(format!("byte {byte}: {message}")),
        (line, column) => InstanceError::at_line(file.path(), file.bytes(), line, column, message),
    }
}
