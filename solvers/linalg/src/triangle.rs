//! A strict triangle in compressed rows.

/// Compressed rows of a strict triangle. `starts` has one entry more than there are rows; every column index is below the number of rows.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Triangle {
    pub(crate) starts: Vec<u32>,
    pub(crate) columns: Vec<u32>,
    pub(crate) values: Vec<f64>,
}

impl Triangle {
    pub(crate) fn with_capacity(rows: usize, entries: usize) -> Self {
        let mut starts = Vec::with_capacity(rows + 1);
        starts.push(0);
        Self { starts, columns: Vec::with_capacity(entries), values: Vec::with_capacity(entries) }
    }

    pub(crate) fn push(&mut self, column: u32, value: f64) {
        self.columns.push(column);
        self.values.push(value);
    }

    /// Ends the row. The number of entries fits `u32`: the whole matrix's does.
    pub(crate) fn end_row(&mut self) {
        self.starts.push(u32::try_from(self.columns.len()).unwrap_or(u32::MAX));
    }

    /// Columns and values of the rows, first to last.
    pub(crate) fn rows(&self) -> impl DoubleEndedIterator<Item = (&[u32], &[f64])> + ExactSizeIterator {
        self.starts.windows(2).map(|ends| self.entries(ends[0], ends[1]))
    }

    /// Columns and values of one row.
    pub(crate) fn row(&self, row: usize) -> (&[u32], &[f64]) {
        self.entries(self.starts[row], self.starts[row + 1])
    }

    fn entries(&self, start: u32, end: u32) -> (&[u32], &[f64]) {
        let range = start as usize..end as usize;
        (&self.columns[range.clone()], &self.values[range])
    }
}

/// `start - sum of values * x[columns]`, in the order of the row: the entry nearest to the diagonal of a lower row comes last, so that a sweep
/// waits for the unknown before it only once.
#[inline(always)]
#[expect(clippy::inline_always, reason = "the body of every sweep; a call per row costs more than the row")]
pub(crate) fn minus_row((columns, values): (&[u32], &[f64]), x: &[f64], start: f64) -> f64 {
    columns.iter().zip(values).fold(start, |sum, (&column, &value)| sum - value * x[column as usize])
}
