//! What can be wrong with a conic model or its solve.

/// What is wrong with an edit of a conic model or with a setting of its solve. A refused edit leaves the model as it was.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ConicError {
    /// A number that must be finite is NaN or infinite.
    #[error("a {what} is {value}, expected a finite number")]
    NotFinite {
        /// Which number: cost, weight, coefficient or constant.
        what: &'static str,
        /// What it is.
        value: f64,
    },
    /// The weight of a square is negative: the model would not be convex.
    #[error("a square has the weight {0}, expected 0 or more (a negative square is not convex)")]
    NegativeWeight(f64),
    /// A variable that the model does not have.
    #[error("variable {variable} does not exist: the model has {variables} variables, numbered from 0")]
    NoSuchVariable {
        /// What was asked for.
        variable: usize,
        /// The model's variables.
        variables: usize,
    },
    /// A second-order cone without the expression that bounds the norm.
    #[error("a second-order cone has no expressions, expected the bound of the norm first")]
    EmptyCone,
    /// A tolerance that floating-point arithmetic cannot meet, or that means nothing.
    #[error("the tolerance is {0}, expected a number from 1e-12 to 1e-2")]
    Tolerance(f64),
    /// Clarabel refused a model that this crate had checked; a defect.
    #[error("Clarabel refused the model: {0}")]
    Refused(String),
}
