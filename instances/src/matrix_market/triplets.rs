/// The stored entries of a coordinate file, in the file's order, as three columns of equal length.
#[derive(Debug, Clone, Default)]
pub struct Triplets {
    rows: Vec<u32>,
    columns: Vec<u32>,
    values: Vec<f64>,
    /// Runs of entries that stand on consecutive lines, as (first entry, its line). Nearly every file is one run.
    runs: Vec<(usize, usize)>,
}

impl Triplets {
    pub(super) fn with_capacity(entries: usize) -> Self {
        Self {
            rows: Vec::with_capacity(entries),
            columns: Vec::with_capacity(entries),
            values: Vec::with_capacity(entries),
            runs: Vec::new(),
        }
    }

    pub(super) fn push(&mut self, row: u32, column: u32, value: f64) {
        self.rows.push(row);
        self.columns.push(column);
        self.values.push(value);
    }

    /// Notes that the entry pushed next stands on this line. Needed only where its line is not the one after the entry before it.
    pub(super) fn note_line(&mut self, line: usize) {
        let entry = self.len();
        if self.runs.last().is_none_or(|&(first, first_line)| first_line + (entry - first) != line) {
            self.runs.push((entry, line));
        }
    }

    /// The line, counted from 1, on which an entry, counted from 0, stands.
    pub(super) fn line_of(&self, entry: usize) -> usize {
        let run = self.runs.partition_point(|&(first, _)| first <= entry);
        self.runs[..run].last().map_or(0, |&(first, line)| line + (entry - first))
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The entries' rows, counted from 0.
    pub fn rows(&self) -> &[u32] {
        &self.rows
    }

    /// The entries' columns, counted from 0.
    pub fn columns(&self) -> &[u32] {
        &self.columns
    }

    /// The entries' values, all finite; ones for a pattern.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The entries as (row, column, value), counted from 0.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (u32, u32, f64)> + Clone {
        self.rows.iter().zip(&self.columns).zip(&self.values).map(|((&row, &column), &value)| (row, column, value))
    }
}
