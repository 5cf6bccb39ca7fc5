//! What a [`SolveSequence`](crate::SolveSequence) is given and what it tells.

use fathom_opt_linalg::Ending;

use crate::arm::Arm;

/// How the matrix of the next system follows from the one given at the start (or to the last [`NextMatrix::Values`]).
#[derive(Debug, Clone, Copy)]
pub enum NextMatrix<'a> {
    /// All values, in row order, in the places of the first matrix.
    Values(&'a [f64]),
    /// `A + shift I`.
    Shift(f64),
    /// `A + diag(d)`.
    Diagonal(&'a [f64]),
}

/// What one solve did.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SolveReport {
    /// The arm that was drawn.
    pub arm: Arm,
    /// Its number.
    pub arm_index: usize,
    /// The probability it was drawn with.
    pub probability: f64,
    /// The relaxation factor, where the arm has one.
    pub omega: Option<f64>,
    /// Iterations of CG and refinements with a factor, those of an arm that was given up included.
    pub iterations: u64,
    /// `||b - A x||_2`, recomputed.
    pub residual: f64,
    /// The same relative to what the settings say.
    pub relative_residual: f64,
    /// How it ended.
    pub ending: Ending,
    /// Whether the drawn arm took too long or failed and another arm finished, from where it had come.
    pub backstop: bool,
    /// What it cost, in nanoseconds (of the model machine, or measured).
    pub cost: f64,
}
