use super::{Entries, Layout, MatrixMarket, Symmetry, Triplets};
use sprs::CsMatI;
use thiserror::Error;

/// Rows without entries that [`MatrixMarket::to_csr`] always allows: their row pointers take 4 MB.
const EMPTY_ROW_ALLOWANCE: usize = 1_000_000;

/// Why a file that was read does not become the matrix asked for.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum ConversionError {
    /// The declared number of rows is out of proportion to the entries.
    #[error("the matrix has {rows} rows but only {entries} stored entries; expected at most {limit} rows (2 per entry and 1000000 more)")]
    TooManyRows {
        /// The declared rows.
        rows: usize,
        /// The entries in the file.
        entries: usize,
        /// The most rows that this many entries justify.
        limit: usize,
    },
    /// The matrix has more entries than its 32-bit row pointers can count.
    #[error("the matrix has {entries} entries; expected at most {}", u32::MAX)]
    TooManyEntries {
        /// The entries, those implied by symmetry included.
        entries: usize,
    },
    /// Two lines give the same position.
    #[error(
        "line {second_line}: found row {row}, column {column} again, expected a position not yet given (line {first_line} gives it first)"
    )]
    DuplicateEntry {
        /// The row, counted from 1 as in the file.
        row: usize,
        /// The column, counted from 1 as in the file.
        column: usize,
        /// The line, counted from 1, that gives the position first.
        first_line: usize,
        /// The line, counted from 1, that gives it again.
        second_line: usize,
    },
    /// A dense matrix was asked of a file of another format.
    #[error("found a file in {found} format, expected an array")]
    NotAnArray {
        /// The file's format.
        found: Layout,
    },
    /// The sparse matrix library refuses the structure.
    #[error("the matrix cannot be stored in compressed rows: {0}")]
    Structure(sprs::errors::StructureError),
}

impl MatrixMarket {
    /// The matrix in compressed sparse rows, with what its symmetry implies filled in and the columns of each row in increasing order.
    ///
    /// A coordinate file's explicit zeros are kept; an array's zeros are left out.
    ///
    /// # Errors
    ///
    /// [`ConversionError::TooManyRows`] if there are more rows than twice the stored entries plus a million, so that a small file
    /// cannot ask for large memory; [`ConversionError::DuplicateEntry`] if two entries share a position;
    /// [`ConversionError::TooManyEntries`] beyond `u32::MAX` entries.
    pub fn to_csr(&self) -> Result<CsMatI<f64, u32>, ConversionError> {
        self.compressed(false)
    }

    /// As [`MatrixMarket::to_csr`], but entries at one position are added up, as programs that assemble a matrix piece by piece mean them; in the order in which
    /// they stand in the file.
    ///
    /// # Errors
    ///
    /// As there, duplicates aside.
    pub fn to_csr_summed(&self) -> Result<CsMatI<f64, u32>, ConversionError> {
        self.compressed(true)
    }

    fn compressed(&self, sums: bool) -> Result<CsMatI<f64, u32>, ConversionError> {
        let entries = self.stored();
        let limit = entries.saturating_mul(2).saturating_add(EMPTY_ROW_ALLOWANCE);
        if self.rows > limit {
            return Err(ConversionError::TooManyRows { rows: self.rows, entries, limit });
        }
        match &self.entries {
            Entries::Coordinate(triplets) => {
                let sign = mirror_sign(self.header.symmetry);
                let stored = triplets.iter().map(|(row, column, value)| (row, column, value, sign.filter(|_| row != column)));
                let mut rows = CompressedRows::gather(self.rows, stored)?;
                if sums {
                    rows.add_up();
                } else if let Some(position) = rows.repeated_position() {
                    return Err(duplicate(triplets, position, sign.is_some()));
                }
                rows.into_matrix((self.rows, self.columns))
            }
            Entries::Array(_) => {
                let columns = self.to_dense_columns()?;
                let nonzeros = (0u32..).zip(columns.chunks_exact(self.rows.max(1))).flat_map(|(column, values)| {
                    let nonzero = (0u32..).zip(values).filter(|&(_, &value)| value != 0.0);
                    nonzero.map(move |(row, &value)| (row, column, value, None))
                });
                CompressedRows::gather(self.rows, nonzeros)?.into_matrix((self.rows, self.columns))
            }
        }
    }

    /// An array file's matrix as `rows * columns` values, column after column, with what its symmetry implies filled in.
    ///
    /// # Errors
    ///
    /// [`ConversionError::NotAnArray`] for a coordinate file, which may declare any size.
    pub fn to_dense_columns(&self) -> Result<Vec<f64>, ConversionError> {
        let Entries::Array(stored) = &self.entries else {
            return Err(ConversionError::NotAnArray { found: self.header.format });
        };
        let Some(sign) = mirror_sign(self.header.symmetry) else { return Ok(stored.clone()) };
        let size = self.rows;
        let below_diagonal = usize::from(self.header.symmetry == Symmetry::SkewSymmetric);
        let mut dense = vec![0.0; size * size];
        let mut values = stored.iter();
        for column in 0..size {
            for (row, &value) in (column + below_diagonal..size).zip(values.by_ref()) {
                dense[column + row * size] = sign * value;
                dense[row + column * size] = value;
            }
        }
        Ok(dense)
    }
}

/// By what an entry is multiplied to give its mirror image; `None` if it has none.
fn mirror_sign(symmetry: Symmetry) -> Option<f64> {
    match symmetry {
        Symmetry::General => None,
        Symmetry::Symmetric => Some(1.0),
        Symmetry::SkewSymmetric => Some(-1.0),
    }
}

/// The lines that both give `position`, which is 0-based.
fn duplicate(triplets: &Triplets, position: (u32, u32), mirrored: bool) -> ConversionError {
    let (row, column) = if mirrored { (position.0.max(position.1), position.0.min(position.1)) } else { position };
    let mut lines = triplets.iter().enumerate().filter(|&(_, (r, c, _))| (r, c) == (row, column)).map(|(entry, _)| triplets.line_of(entry));
    let first_line = lines.next().unwrap_or_default();
    let second_line = lines.next().unwrap_or_default();
    ConversionError::DuplicateEntry { row: row as usize + 1, column: column as usize + 1, first_line, second_line }
}

/// A matrix on its way into compressed rows: the columns of each row in increasing order, perhaps repeated.
struct CompressedRows {
    pointers: Vec<u32>,
    columns: Vec<u32>,
    values: Vec<f64>,
}

impl CompressedRows {
    /// Sorts entries (row, column, value, factor of the mirror image if there is one) into rows by counting, then each row by column.
    fn gather(rows: usize, stored: impl Iterator<Item = (u32, u32, f64, Option<f64>)> + Clone) -> Result<Self, ConversionError> {
        let mut total = 0;
        // Counts may wrap only if the total is refused below.
        let mut starts = vec![0u32; rows + 1];
        let mut count = |row: u32| {
            total += 1;
            let count = &mut starts[row as usize];
            *count = count.wrapping_add(1);
        };
        for (row, column, _, mirror) in stored.clone() {
            count(row);
            if mirror.is_some() {
                count(column);
            }
        }
        if u32::try_from(total).is_err() {
            return Err(ConversionError::TooManyEntries { entries: total });
        }
        let mut before = 0;
        for start in &mut starts {
            before += std::mem::replace(start, before);
        }
        let mut columns = vec![0; total];
        let mut values = vec![0.0; total];
        let mut place = |row: u32, column, value| {
            let start = &mut starts[row as usize];
            columns[*start as usize] = column;
            values[*start as usize] = value;
            *start += 1;
        };
        for (row, column, value, mirror) in stored {
            place(row, column, value);
            if let Some(sign) = mirror {
                place(column, row, sign * value);
            }
        }
        // Each start has moved to its row's end, which is where the next row starts.
        starts.rotate_right(1);
        starts[0] = 0;
        let mut gathered = Self { pointers: starts, columns, values };
        gathered.sort_columns();
        Ok(gathered)
    }

    /// Sorts the rows that need it. Entries that come in the order of rows or of columns, as in nearly every file, are in order already.
    fn sort_columns(&mut self) {
        let mut row = Vec::new();
        for ends in self.pointers.windows(2) {
            let range = ends[0] as usize..ends[1] as usize;
            let columns = &mut self.columns[range.clone()];
            if columns.is_sorted() {
                continue;
            }
            let values = &mut self.values[range];
            row.clear();
            row.extend(columns.iter().copied().zip(values.iter().copied()));
            // Stable: what is added up is added up in the order of the file.
            row.sort_by_key(|&(column, _)| column);
            for ((column, value), &(sorted_column, sorted_value)) in columns.iter_mut().zip(values).zip(&row) {
                (*column, *value) = (sorted_column, sorted_value);
            }
        }
    }

    /// Adds up what stands at one position.
    fn add_up(&mut self) {
        let mut kept = 0;
        let mut start = 0;
        for row in 1..self.pointers.len() {
            let end = self.pointers[row] as usize;
            let first = kept;
            for entry in start..end {
                if kept > first && self.columns[kept - 1] == self.columns[entry] {
                    self.values[kept - 1] += self.values[entry];
                } else {
                    self.columns[kept] = self.columns[entry];
                    self.values[kept] = self.values[entry];
                    kept += 1;
                }
            }
            start = end;
            // There are at most as many as before, which fitted.
            self.pointers[row] = u32::try_from(kept).unwrap_or(u32::MAX);
        }
        self.columns.truncate(kept);
        self.values.truncate(kept);
    }

    /// The first position, 0-based, that occurs twice.
    fn repeated_position(&self) -> Option<(u32, u32)> {
        (0u32..).zip(self.pointers.windows(2)).find_map(|(row, ends)| {
            let columns = &self.columns[ends[0] as usize..ends[1] as usize];
            columns.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| (row, pair[0]))
        })
    }

    fn into_matrix(self, shape: (usize, usize)) -> Result<CsMatI<f64, u32>, ConversionError> {
        CsMatI::try_new(shape, self.pointers, self.columns, self.values).map_err(|(_, _, _, error)| ConversionError::Structure(error))
    }
}
