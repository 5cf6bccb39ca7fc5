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
                    // The sum of squares has to stay finite, and so has the sum of the variances.
                    if let Some(r) = column.iter().position(|value| value.abs() > LARGEST) {
                        let place = root.field("table").field("rows").index(r).index(j);
                        return Err(Malformed::new(place, format!("{:e} for `{}`", column[r], names[j]), "a magnitude of at most 1e100"));
                    }
                    if column.iter().any(|&value| value != column[0]) && variance(column) < SMALLEST * SMALLEST {
                        let found = format!("values of `{}` that differ by less than 1e-140", names[j]);
                        return Err(Malformed::new(root.field("table"), found, "a larger unit, so that its variance is a number"));
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

/// Smaller deviations are refused: their squares would underflow.
const SMALLEST: f64 = 1e-140;

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
            if i == j && value > 0.0 && value < SMALLEST * SMALLEST {
                return Err(Malformed::new(at(), format!("{value:e}"), "a variance of at least 1e-280, or 0"));
            }
            if value.abs() > scale * (1.0 + 1e-9) {
                return Err(Malformed::new(at(), value.to_string(), format!("a covariance of at most {scale}, by the two variances")));
            }
        }
    }
    match indefinite(matrix, d) {
        None => Ok(()),
        Some(negative) => {
            let given: Vec<String> = negative.given.iter().take(5).map(|&k| format!("`{}`", names[k])).collect();
            let more = if negative.given.len() > 5 { format!(" and {} more", negative.given.len() - 5) } else { String::new() };
            let own = &names[negative.variable];
            let found = match negative.beside {
                None => format!("a matrix by which `{own}` given {}{more} has {:.3} of its variance", given.join(", "), negative.share),
                Some(other) => format!(
                    "a matrix by which `{own}` and `{}`, given {}{more}, hardly vary and have a correlation beyond 1",
                    names[other],
                    given.join(", ")
                ),
            };
            Err(Malformed::new(place, found, "a covariance (positive semidefinite)"))
        }
    }
}

/// Shares of a variance up to this size, positive or negative, are rounding of the given numbers.
const ROUNDING: f64 = 1e-9;

/// Why a matrix is no covariance.
struct Negative {
    variable: usize,
    /// Its variance given those in `given`, as a share of its own: below 0.
    share: f64,
    given: Vec<usize>,
    /// The variable with which its covariance exceeds both variances, where it is not the share that is at fault.
    beside: Option<usize>,
}

/// What shows that a symmetric matrix is indefinite: elimination with the largest pivot on the matrix with unit diagonal.
fn indefinite(matrix: &[f64], d: usize) -> Option<Negative> {
    let deviation: Vec<f64> = (0..d).map(|j| if matrix[j * d + j] > 0.0 { matrix[j * d + j].sqrt() } else { 1.0 }).collect();
    let mut left: Vec<f64> = (0..d * d).map(|k| matrix[k] / deviation[k / d] / deviation[k % d]).collect();
    let mut rest: Vec<usize> = (0..d).collect();
    let mut given = Vec::new();
    let largest =
        |left: &[f64], rest: &[usize]| rest.iter().copied().enumerate().max_by(|a, b| left[a.1 * d + a.1].total_cmp(&left[b.1 * d + b.1]));
    while let Some((place, pivot)) = largest(&left, &rest) {
        let own = left[pivot * d + pivot];
        if own <= ROUNDING {
            let lowest = rest.iter().copied().min_by(|&a, &b| left[a * d + a].total_cmp(&left[b * d + b]))?;
            if left[lowest * d + lowest] < -ROUNDING {
                return Some(Negative { variable: lowest, share: left[lowest * d + lowest], given, beside: None });
            }
            // What hardly varies hardly varies together: twice the rounding of the two.
            let (variable, other) = rest
                .iter()
                .flat_map(|&i| rest.iter().map(move |&j| (i, j)))
                .find(|&(i, j)| i != j && left[i * d + j].abs() > 3.0 * ROUNDING)?;
            return Some(Negative { variable, share: left[variable * d + variable], given, beside: Some(other) });
        }
        rest.swap_remove(place);
        let row: Vec<f64> = left[pivot * d..(pivot + 1) * d].to_vec();
        for &i in &rest {
            let factor = row[i] / own;
            for (entry, other) in left[i * d..(i + 1) * d].iter_mut().zip(&row) {
                *entry -= factor * other;
            }
            if left[i * d + i] < -ROUNDING {
                given.push(pivot);
                return Some(Negative { variable: i, share: left[i * d + i], given, beside: None });
            }
        }
        given.push(pivot);
    }
    None
}

/// The variance with divisor `n`, without squares beyond the range of numbers.
fn variance(column: &[f64]) -> f64 {
    let n = column.len() as f64;
    let about = column.iter().map(|value| value / n).sum::<f64>();
    let rest = column.iter().map(|value| value - about).sum::<f64>() / n;
    let left = || column.iter().map(|value| value - about - rest);
    let largest = left().fold(0.0, |largest: f64, value| largest.max(value.abs()));
    // A column of one and the same number has a mean that rounding may have moved.
    if column.iter().all(|&value| value == column[0]) || largest == 0.0 {
        return 0.0;
    }
    let sum: f64 = left().map(|value| (value / largest).powi(2)).sum();
    sum / n * largest * largest
}
