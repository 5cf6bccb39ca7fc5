//! Where a sparse matrix has entries.

/// The places of a sparse matrix, row by row; in each row the columns increase.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pattern {
    starts: Vec<usize>,
    columns: Vec<u32>,
}

impl Pattern {
    /// A pattern from its rows, each a list of increasing columns.
    pub fn from_rows<'a>(rows: impl IntoIterator<Item = &'a [u32]>) -> Self {
        let mut pattern = Self { starts: vec![0], columns: Vec::new() };
        for row in rows {
            pattern.columns.extend_from_slice(row);
            pattern.starts.push(pattern.columns.len());
        }
        pattern
    }

    /// Every place of a `rows` x `columns` matrix.
    pub fn dense(rows: usize, columns: u32) -> Self {
        let all: Vec<u32> = (0..columns).collect();
        Self::from_rows((0..rows).map(|_| &all[..]))
    }

    /// Every place on or below the diagonal of a square matrix.
    pub fn dense_lower(size: u32) -> Self {
        let all: Vec<u32> = (0..size).collect();
        Self::from_rows((0..size as usize).map(|row| &all[..=row]))
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// Number of entries.
    pub fn entries(&self) -> usize {
        self.columns.len()
    }

    /// Where each row starts in the list of entries, and where the last one ends: `rows + 1` numbers.
    pub fn starts(&self) -> &[usize] {
        &self.starts
    }

    /// The column of each entry.
    pub fn columns(&self) -> &[u32] {
        &self.columns
    }

    /// The columns of `row`.
    pub fn row(&self, row: usize) -> &[u32] {
        &self.columns[self.range(row)]
    }

    /// The entries of `row`, as positions in the list of entries.
    pub fn range(&self, row: usize) -> std::ops::Range<usize> {
        self.starts[row]..self.starts[row + 1]
    }
}
