//! A strict triangle stored as runs of rows that have equally many entries.

use crate::triangle::minus_row;

/// Consecutive rows with `length` entries each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) first_row: u32,
    pub(crate) rows: u32,
    /// Entries per row.
    pub(crate) length: u32,
    /// Where the entries start.
    pub(crate) start: u32,
}

/// The pattern of a strict triangle whose rows need no pointers of their own: inside a run the row length is a constant, which lets the compiler unroll the row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RunTriangle {
    pub(crate) runs: Vec<Run>,
    pub(crate) columns: Vec<u32>,
}

impl RunTriangle {
    /// With these row lengths and columns.
    pub(crate) fn new(lengths: &[u32], columns: Vec<u32>) -> Self {
        let mut runs: Vec<Run> = Vec::new();
        let mut start = 0;
        for (row, &length) in (0_u32..).zip(lengths) {
            match runs.last_mut() {
                Some(run) if run.length == length => run.rows += 1,
                _ => runs.push(Run { first_row: row, rows: 1, length, start }),
            }
            start += length;
        }
        Self { runs, columns }
    }

    /// Where the entries of each row are, first row to last.
    pub(crate) fn rows(&self) -> impl Iterator<Item = std::ops::Range<usize>> + '_ {
        self.runs.iter().flat_map(|run| (0..run.rows as usize).map(|k| run.row_entries(k)))
    }

    /// Where each row starts among the entries, and where the last one ends.
    pub(crate) fn row_starts(&self) -> Vec<u32> {
        let mut starts = vec![0];
        for run in &self.runs {
            starts.extend((1..=run.rows).map(|row| run.start + row * run.length));
        }
        starts
    }
}

impl Run {
    /// The entries of the run's row `k`.
    pub(crate) fn row_entries(&self, k: usize) -> std::ops::Range<usize> {
        let length = self.length as usize;
        let start = self.start as usize + k * length;
        start..start + length
    }

    pub(crate) fn row_range(&self) -> std::ops::Range<usize> {
        self.first_row as usize..(self.first_row + self.rows) as usize
    }

    pub(crate) fn entry_range(&self) -> std::ops::Range<usize> {
        self.start as usize..(self.start + self.rows * self.length) as usize
    }
}

/// The rows of one run.
pub(crate) trait Rows {
    /// `start - values . x[columns]` of the run's row `k`, in the order of the columns.
    fn minus(&self, k: usize, start: f64, x: &[f64]) -> f64;
}

/// Rows of `K` entries each.
pub(crate) struct Fixed<'a, const K: usize> {
    pub(crate) columns: &'a [[u32; K]],
    pub(crate) values: &'a [[f64; K]],
}

impl<const K: usize> Rows for Fixed<'_, K> {
    #[inline]
    fn minus(&self, k: usize, start: f64, x: &[f64]) -> f64 {
        let (columns, values) = (&self.columns[k], &self.values[k]);
        let mut sum = start;
        for entry in 0..K {
            sum -= values[entry] * x[columns[entry] as usize];
        }
        sum
    }
}

/// Rows of any length.
pub(crate) struct Long<'a> {
    pub(crate) columns: &'a [u32],
    pub(crate) values: &'a [f64],
    pub(crate) length: usize,
}

impl Rows for Long<'_> {
    #[inline]
    fn minus(&self, k: usize, start: f64, x: &[f64]) -> f64 {
        let range = k * self.length..(k + 1) * self.length;
        minus_row((&self.columns[range.clone()], &self.values[range]), x, start)
    }
}

/// Evaluates `$body` with `$rows` bound to the rows of `$run` with these values, their length a constant where it is short.
macro_rules! with_rows {
    ($triangle:expr, $values:expr, $run:expr, $rows:ident => $body:expr) => {{
        let columns = &$triangle.columns[$run.entry_range()];
        let values = &$values[$run.entry_range()];
        macro_rules! fixed {
            ($length:literal) => {{
                let $rows = Fixed::<$length> { columns: columns.as_chunks::<$length>().0, values: values.as_chunks::<$length>().0 };
                $body
            }};
        }
        match $run.length {
            1 => fixed!(1),
            2 => fixed!(2),
            3 => fixed!(3),
            4 => fixed!(4),
            5 => fixed!(5),
            6 => fixed!(6),
            length => {
                let $rows = Long { columns, values, length: length as usize };
                $body
            }
        }
    }};
}
pub(crate) use with_rows;
