//! Vectors in files: Matrix Market (array or coordinate), `NumPy` arrays, and tables of numbers with or without a header.

use crate::error::InstanceError;
use crate::input_file::{InputFile, has_ending};
use crate::matrix_market;
use crate::npy;
use crate::table::{Table, TableOptions};

/// The columns of numbers in `file`, at most `most`, all of one length.
///
/// # Errors
/// When the file holds no numbers in columns, or too many of them.
pub(super) fn dense_columns(file: &InputFile, most: usize) -> Result<Vec<Vec<f64>>, InstanceError> {
    let columns = columns(file, most)?;
    if columns.is_empty() || columns.len() > most {
        return Err(too_many(file, columns.len(), most));
    }
    Ok(columns)
}

fn too_many(file: &InputFile, found: usize, most: usize) -> InstanceError {
    let expected = if most == 1 { "one".to_owned() } else { format!("1 to {most}") };
    file.about(format!("found {found} columns of numbers, expected {expected}"))
}

fn columns(file: &InputFile, most: usize) -> Result<Vec<Vec<f64>>, InstanceError> {
    let name = file.name();
    if has_ending(&name, ".mtx") {
        return of_matrix_market(file, most);
    }
    if has_ending(&name, ".npy") {
        let array = npy::read(file.path(), file.bytes())?;
        return Ok((0..array.columns).map(|j| (0..array.rows).map(|i| array.values[i * array.columns + j]).collect()).collect());
    }
    let options = TableOptions::default();
    let table = Table::open(file, &options, &[])?;
    let layout = table.layout();
    let kept = if layout.labels.numbers_rows { layout.data() } else { layout.kept.clone() };
    let mut columns: Vec<Vec<f64>> = vec![Vec::new(); kept.len()];
    let mut rows = table.rows();
    while let Some(row) = rows.next_row()? {
        for (column, &j) in columns.iter_mut().zip(&kept) {
            let value = fast_float2::parse::<f64, _>(&*row.number(j)).ok().filter(|value| value.is_finite());
            column.push(value.ok_or_else(|| table.at_line(row.line, format!("found `{}`, expected a finite number", row.cell(j))))?);
        }
    }
    Ok(columns)
}

fn of_matrix_market(file: &InputFile, most: usize) -> Result<Vec<Vec<f64>>, InstanceError> {
    let read = parsed(file)?;
    let (rows, columns) = (read.rows(), read.columns());
    if let Ok(values) = read.to_dense_columns() {
        return Ok((0..columns).map(|j| values[j * rows..(j + 1) * rows].to_vec()).collect());
    }
    // A sparse matrix with as many columns would be far larger when dense.
    if columns > most {
        return Err(too_many(file, columns, most));
    }
    let sparse = read.to_csr().map_err(|error| file.about(error.to_string()))?;
    let mut dense = vec![vec![0.0; rows]; columns];
    for (value, (row, column)) in &sparse {
        dense[column as usize][row as usize] = *value;
    }
    Ok(dense)
}

/// The Matrix Market file `file`, with what is wrong at its place.
pub(super) fn parsed(file: &InputFile) -> Result<matrix_market::MatrixMarket, InstanceError> {
    matrix_market::read(file.unmarked()).map_err(|error| {
        let message = format!("found {}, expected {}", error.found, error.expected);
        InstanceError::at_line(file.path(), file.bytes(), error.line, error.column, message)
    })
}
