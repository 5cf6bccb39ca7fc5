//! What an answer repeats of the `.nl` file that it answers.

use super::header;
use super::source::Source;
use crate::nonlinear::fault::Fault;

/// The parts of an `.nl` file's header that go back in the `.sol`.
#[derive(Debug, Clone, PartialEq)]
pub struct StubFrame {
    /// AMPL's options of the first line.
    pub options: Vec<f64>,
    /// Number of algebraic constraints: those that have duals.
    pub constraints: usize,
}

impl StubFrame {
    /// The frame of the model in `bytes`.
    ///
    /// # Errors
    /// A header that is none.
    pub fn of(bytes: &[u8]) -> Result<Self, Fault> {
        let header = header::read(&mut Source::new(bytes))?;
        Ok(Self { options: header.options, constraints: header.constraints })
    }
}
