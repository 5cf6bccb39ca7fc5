//! Utilities in a matrix of nalgebra.

use nalgebra::DMatrix;

use super::FairDivision;
use crate::malformed::Malformed;

impl TryFrom<&DMatrix<i64>> for FairDivision {
    type Error = Malformed;

    /// A row per agent, a column per item.
    ///
    /// # Errors
    /// As [`FairDivision::new`].
    fn try_from(utilities: &DMatrix<i64>) -> Result<Self, Malformed> {
        Self::new(utilities.row_iter().map(|row| row.iter().copied().collect()).collect())
    }
}
