//! What is added to the diagonal of a matrix whose values stay.

/// A change of the diagonal.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Added<'a> {
    /// No change.
    #[default]
    Nothing,
    /// `shift I`.
    Shift(f64),
    /// `diag(d)`, one number per row.
    Diagonal(&'a [f64]),
}

impl Added<'_> {
    /// What is added in `row`.
    pub(crate) fn at(&self, row: usize) -> f64 {
        match self {
            Self::Nothing => 0.0,
            Self::Shift(shift) => *shift,
            Self::Diagonal(diagonal) => diagonal[row],
        }
    }

    /// The number of rows that this fits, if it fits only one.
    pub(crate) fn length(&self) -> Option<usize> {
        match self {
            Self::Nothing | Self::Shift(_) => None,
            Self::Diagonal(diagonal) => Some(diagonal.len()),
        }
    }
}
