//! Observations in a matrix of nalgebra.

use nalgebra::DMatrix;

use super::{DagLearning, Sample, Score, ScoreKind};
use crate::malformed::Malformed;

impl From<&DMatrix<f64>> for Sample {
    /// A row per observation, a column per variable.
    fn from(table: &DMatrix<f64>) -> Self {
        Self::Table { columns: table.column_iter().map(|column| column.iter().copied().collect()).collect() }
    }
}

impl TryFrom<&DMatrix<f64>> for DagLearning {
    type Error = Malformed;

    /// A row per observation, a column per variable; the variables are called `x0`, `x1`, ..., and the score is the default one.
    ///
    /// # Errors
    /// As [`DagLearning::new`].
    fn try_from(table: &DMatrix<f64>) -> Result<Self, Malformed> {
        Self::new((0..table.ncols()).map(|k| format!("x{k}")).collect(), Sample::from(table), Score::new(ScoreKind::default(), None)?)
    }
}
