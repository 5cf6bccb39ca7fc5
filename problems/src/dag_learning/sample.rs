//! What was observed: rows of data, or only their covariance.

use crate::malformed::{Malformed, Place};

/// The observations. Shapes are checked on construction; all numbers are finite.
#[derive(Debug, Clone, PartialEq)]
pub enum Sample {
    /// The data themselves, one vector of length `n` per variable. Not centred.
    Table {
        /// `columns[j][r]`: variable `j` in observation `r`.
        columns: Vec<Vec<f64>>,
    },
    /// Only the second moments of `n` centred observations.
    Covariance {
        /// `X'X / n`, `d x d`, symmetric, row by row.
        matrix: Vec<f64>,
        /// How many observations it comes from.
        n: usize,
    },
}

impl Sample {
    /// Observations `n`.
    pub fn observations(&self) -> usize {
        match self {
            Self::Table { columns } => columns.first().map_or(0, Vec::len),
            Self::Covariance { n, .. } => *n,
        }
    }

    /// Number of variables `d`, given that the shape was checked.
    pub fn variables(&self) -> usize {
        match self {
            Self::Table { columns } => columns.len(),
            Self::Covariance { matrix, .. } => matrix.len().isqrt(),
        }
    }

    /// Variance (with divisor `n`) of every variable.
    pub fn variances(&self) -> Vec<f64> {
        match self {
            Self::Table { columns } => columns.iter().map(|column| variance(column)).collect(),
            Self::Covariance { matrix, .. } => {
                let d = self.variables();
                (0..d).map(|j| matrix[j * d + j]).collect()
            }
        }
    }

    pub(super) fn validate(&self, names: &[String]) -> Result<(), Malformed> {
        let root = Place::root();
        if self.observations() == 0 {
            return Err(Malformed::new(root, "no observation", "at least one"));
        }
        match self {
            Self::Table { columns } => {
                let rows = self.observations();
                for (j, column) in columns.iter().enumerate() {
                    if column.len() != rows {
                        let found = format!("{} values of `{}`", column.len(), names[j]);
                        return Err(Malformed::new(root.field("table"), found, format!("{rows} (as of `{}`)", names[0])));
                    }
                    if let Some(r) = column.iter().position(|value| !value.is_finite()) {
                        let place = root.field("table").field("rows").index(r).index(j);
                        return Err(Malformed::new(place, format!("{} for `{}`", column[r], names[j]), "a finite number"));
                    }
                    // The sum of squares has to stay finite, and so have products of two columns.
                    if let Some(r) = column.iter().position(|value| value.abs() > LARGEST) {
                        let place = root.field("table").field("rows").index(r).index(j);
                        return Err(Malformed::new(place, format!("{:e} for `{}`", column[r], names[j]), "a magnitude of at most 1e100"));
                    }
                }
                Ok(())
            }
            Self::Covariance { matrix, .. } => covariance(matrix, names),
        }
    }
}

/// Larger data are refused: their squares would overflow in sums.
const LARGEST: f64 = 1e100;

fn covariance(matrix: &[f64], names: &[String]) -> Result<(), Malformed> {
    let d = names.len();
    let place = Place::root().field("covariance");
    for i in 0..d {
        for j in 0..d {
            let value = matrix[i * d + j];
            let at = || place.index(i).index(j);
            if !value.is_finite() || value.abs() > LARGEST {
                return Err(Malformed::new(at(), value.to_string(), "a finite number of magnitude at most 1e100"));
            }
            let (other, scale) = (matrix[j * d + i], (matrix[i * d + i] * matrix[j * d + j]).abs().sqrt());
            if (value - other).abs() > 1e-9 * scale.max(value.abs()) {
                return Err(Malformed::new(at(), format!("{value} where its mirror image is {other}"), "a symmetric matrix"));
            }
            if i == j && value < 0.0 {
                return Err(Malformed::new(at(), value.to_string(), "a variance, at least 0"));
            }
            if value.abs() > scale * (1.0 + 1e-9) {
                return Err(Malformed::new(at(), value.to_string(), format!("a covariance of at most {scale}, by the two variances")));
            }
        }
    }
    Ok(())
}

fn variance(column: &[f64]) -> f64 {
    let n = column.len() as f64;
    let mean = mean(column);
    column.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n
}

/// The mean of `column`, summed around its first value so that a large common offset costs no digits.
pub(super) fn mean(column: &[f64]) -> f64 {
    let Some(&first) = column.first() else { return 0.0 };
    first + column.iter().map(|value| value - first).sum::<f64>() / column.len() as f64
}
