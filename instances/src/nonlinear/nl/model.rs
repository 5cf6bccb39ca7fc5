//! What an `.nl` file holds.

use fathom_opt_problems::nonlinear::Nonlinear;

/// What a suffix belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SuffixOf {
    /// Variables.
    Variables,
    /// Constraints.
    Constraints,
    /// Objectives.
    Objectives,
    /// The problem.
    Problem,
}

/// Named values beside the model.
#[derive(Debug, Clone, PartialEq)]
pub struct Suffix {
    /// Its name.
    pub name: String,
    /// What it belongs to.
    pub of: SuffixOf,
    /// Whether its values are real numbers; integers otherwise.
    pub real: bool,
    /// Index (0-based) and value of each entry.
    pub values: Vec<(usize, f64)>,
}

/// A model read from an `.nl` file.
#[derive(Debug, Clone)]
pub struct NlModel {
    /// The program. Logical constraints come after the algebraic ones, as functions that have to be 1.
    pub problem: Nonlinear,
    /// AMPL's options from the first header line: a count and that many numbers. They go back in the `.sol`.
    pub options: Vec<f64>,
    /// Number of algebraic constraints: what a `.sol` has duals for.
    pub algebraic: usize,
    /// Number of objectives in the file; the first one is the program's, or the one asked for.
    pub objectives: usize,
    /// The suffixes.
    pub suffixes: Vec<Suffix>,
}
