//! What can be wrong with a model, a setting or a solve.

use std::fmt;

/// Where in a model something is, by its index from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ModelPlace {
    /// A column (variable).
    Column(usize),
    /// A row (constraint).
    Row(usize),
    /// The coefficient of a column in a row.
    Coefficient {
        /// The row.
        row: usize,
        /// The column.
        column: usize,
    },
    /// The constant term of the objective.
    Offset,
}

impl fmt::Display for ModelPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Column(column) => write!(f, "column {column}"),
            Self::Row(row) => write!(f, "row {row}"),
            Self::Coefficient { row, column } => write!(f, "row {row}, column {column}"),
            Self::Offset => f.write_str("the objective's constant term"),
        }
    }
}

/// What is wrong with an edit of a model, a point, a setting or a solve. A refused edit leaves the model as it was.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A number that must be finite is NaN or infinite.
    #[error("{place}: the {what} is {value}, expected a finite number")]
    NotFinite {
        /// Which number.
        what: &'static str,
        /// Where it stands.
        place: ModelPlace,
        /// What it is.
        value: f64,
    },
    /// A pair of bounds is NaN, crossed, or leaves no finite number (a lower bound of infinity, an upper one of minus infinity;
    /// 1e20 counts as infinite).
    #[error("{place}: bounds [{lower}, {upper}], expected lower <= upper with lower < 1e20 and upper > -1e20")]
    Bounds {
        /// Whose bounds.
        place: ModelPlace,
        /// The lower bound.
        lower: f64,
        /// The upper bound.
        upper: f64,
    },
    /// A cost or coefficient has a magnitude that HiGHS would take for zero or for infinity.
    #[error("{place}: the {what} is {value:e}, expected zero or a magnitude between {smallest:e} and {largest:e} (rescale the model)")]
    Magnitude {
        /// Which number.
        what: &'static str,
        /// Where it stands.
        place: ModelPlace,
        /// What it is.
        value: f64,
        /// The smallest magnitude that is kept.
        smallest: f64,
        /// The largest magnitude that is kept.
        largest: f64,
    },
    /// A column or row that the model does not have.
    #[error("{place} does not exist: the model has {columns} columns and {rows} rows")]
    NoSuch {
        /// What was asked for.
        place: ModelPlace,
        /// The model's columns.
        columns: usize,
        /// The model's rows.
        rows: usize,
    },
    /// A vector has the wrong number of values.
    #[error("the {what} has {found} values, expected {expected}")]
    Length {
        /// Which vector.
        what: &'static str,
        /// Its length.
        found: usize,
        /// The right length.
        expected: usize,
    },
    /// More columns, rows or coefficients than HiGHS can count.
    #[error("the model has too many {what}: HiGHS counts to 2^31 - 1")]
    TooLarge {
        /// Columns, rows or coefficients.
        what: &'static str,
    },
    /// An expression names a variable of another [`good_lp::ProblemVariables`].
    #[error("the {what} uses a variable that is not among the problem's variables")]
    ForeignVariable {
        /// The objective or a numbered constraint.
        what: String,
    },
    /// A setting is out of range.
    #[error("setting {name} is {value}, expected {expected}")]
    Setting {
        /// The field of [`Settings`](crate::Settings).
        name: &'static str,
        /// Its value.
        value: f64,
        /// What is allowed.
        expected: &'static str,
    },
    /// The start breaks a row, a bound or integrality, and the settings ask to check it.
    #[error("the start is infeasible: {place} is violated by {amount:e}")]
    StartInfeasible {
        /// The worst violation's place.
        place: ModelPlace,
        /// By how much.
        amount: f64,
    },
    /// HiGHS refused a call that this crate had checked; numerical trouble or a defect.
    #[error("HiGHS failed while {doing}")]
    Highs {
        /// What was being done.
        doing: &'static str,
    },
    /// The operating system would not start the thread a multi-threaded solve runs in.
    #[error("no thread for the solver: {0}")]
    Thread(String),
}
