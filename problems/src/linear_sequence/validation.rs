//! What every part of a sequence has to fulfil.

use super::system::{Change, System};
use crate::malformed::{Malformed, Place};
use crate::sparse::SparseMatrix;

/// Whether `base` and `tolerance` can be those of a sequence.
pub(super) fn frame(base: &SparseMatrix, tolerance: f64) -> Result<(), Malformed> {
    let root = Place::root();
    validate_matrix(base, None).map_err(|fault| fault.below(&root.field("matrix")))?;
    if !(tolerance > 0.0 && tolerance < 1.0) {
        return Err(Malformed::new(root.field("tolerance"), tolerance.to_string(), "a number above 0 and below 1"));
    }
    Ok(())
}

/// Whether there is a system, and whether each of them can be one over `base`.
pub(super) fn systems(base: &SparseMatrix, steps: &[System]) -> Result<(), Malformed> {
    if steps.is_empty() {
        return Err(Malformed::new(Place::root().field("systems"), "no system", "at least one"));
    }
    steps.iter().enumerate().try_for_each(|(t, step)| system(base, step, t))
}

/// Whether `step` can be system `t` over `base`.
pub(super) fn system(base: &SparseMatrix, step: &System, t: usize) -> Result<(), Malformed> {
    let place = Place::root().field("systems").index(t);
    let n = base.rows();
    let of_length = |name: &str, values: &[f64], length: usize, per: &str| {
        if values.len() != length {
            return Err(Malformed::new(place.field(name), format!("{} numbers", values.len()), format!("{length} (one per {per})")));
        }
        match values.iter().position(|value| !value.is_finite()) {
            Some(k) => Err(Malformed::new(place.field(name).index(k), values[k].to_string(), "a finite number")),
            None => Ok(()),
        }
    };
    of_length("rhs", &step.rhs, n, "row of the matrix")?;
    match &step.change {
        Change::None => {}
        Change::Shift(shift) => {
            if !shift.is_finite() {
                return Err(Malformed::new(place.field("shift"), shift.to_string(), "a finite number"));
            }
            requires_diagonal(base, &place.field("shift"))?;
        }
        Change::Diagonal(diagonal) => {
            of_length("diagonal", diagonal, n, "row of the matrix")?;
            requires_diagonal(base, &place.field("diagonal"))?;
        }
        Change::Values(values) => of_length("values", values, base.nnz(), "nonzero of the base matrix, in row order")?,
        Change::Matrix(matrix) => validate_matrix(matrix, Some(n)).map_err(|fault| fault.below(&place.field("matrix")))?,
    }
    Ok(())
}

fn validate_matrix(matrix: &SparseMatrix, n: Option<usize>) -> Result<(), Malformed> {
    let shape = format!("a {} x {} matrix", matrix.rows(), matrix.cols());
    if matrix.rows() != matrix.cols() {
        return Err(Malformed::new(Place::root(), shape, "a square matrix"));
    }
    if matrix.rows() == 0 {
        return Err(Malformed::new(Place::root(), shape, "at least one row"));
    }
    if let Some(n) = n.filter(|&n| n != matrix.rows()) {
        return Err(Malformed::new(Place::root(), shape, format!("{n} rows and columns like the base matrix")));
    }
    if !matrix.is_csr() {
        return Err(Malformed::new(Place::root(), "a matrix in compressed columns", "compressed rows"));
    }
    match matrix.iter().find(|(value, _)| !value.is_finite()) {
        Some((value, (row, col))) => {
            Err(Malformed::new(Place::root(), format!("the value {value} at row {row}, column {col}"), "finite numbers"))
        }
        None => Ok(()),
    }
}

fn requires_diagonal(base: &SparseMatrix, place: &Place) -> Result<(), Malformed> {
    match (0..base.rows()).find(|&row| base.get(row, row).is_none()) {
        Some(row) => Err(Malformed::new(
            place.clone(),
            format!("a change of the diagonal, but the matrix stores no diagonal entry in row {row}"),
            "a base matrix with a stored diagonal (explicit zeros count)",
        )),
        None => Ok(()),
    }
}
