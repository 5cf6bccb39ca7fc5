//! The pattern of a symmetric matrix in level order.

use crate::levels::Levels;
use crate::matrix_error::MatrixError;
use crate::runs::RunTriangle;

/// Where the entries of a matrix given by rows stand once its unknowns are renumbered in level order.
#[derive(Debug, Clone)]
pub(crate) struct LevelPattern {
    /// New position to row of the given matrix.
    pub(crate) order: Vec<u32>,
    pub(crate) consistently_ordered: bool,
    pub(crate) lower: RunTriangle,
    pub(crate) upper: RunTriangle,
    /// Position of each lower entry among the given matrix's values.
    pub(crate) lower_source: Vec<u32>,
    /// Position of each upper entry among the given matrix's values.
    pub(crate) upper_source: Vec<u32>,
    /// Position of each diagonal entry among the given matrix's values.
    pub(crate) diagonal_source: Vec<u32>,
    /// Position of each upper entry's mirror image in the lower triangle.
    pub(crate) mirror: Vec<u32>,
    /// Entries of the longest row, the diagonal included.
    pub(crate) longest_row: usize,
}

impl LevelPattern {
    /// From compressed rows that were checked: increasing columns, a stored diagonal.
    ///
    /// # Errors
    /// A position without a mirror image.
    pub(crate) fn of(row_starts: &[u32], columns: &[u32]) -> Result<Self, MatrixError> {
        let levels = Levels::of(row_starts, columns);
        let dimension = levels.order.len();
        let mut position = vec![0_u32; dimension];
        for (new, &old) in (0_u32..).zip(&levels.order) {
            position[old as usize] = new;
        }
        let mut lower = Collected::default();
        let mut upper = Collected::default();
        let mut diagonal_source = Vec::with_capacity(dimension);
        for &old in &levels.order {
            lower.begin();
            upper.begin();
            for source in row_starts[old as usize]..row_starts[old as usize + 1] {
                let column = columns[source as usize];
                let entry = (position[column as usize], source);
                match column.cmp(&old) {
                    std::cmp::Ordering::Less => lower.entries.push(entry),
                    std::cmp::Ordering::Equal => diagonal_source.push(source),
                    std::cmp::Ordering::Greater => upper.entries.push(entry),
                }
            }
        }
        let (lower_lengths, lower_columns, lower_source) = lower.finished();
        let (upper_lengths, upper_columns, upper_source) = upper.finished();
        let mirror = mirrors(dimension, (&lower_lengths, &lower_columns), (&upper_lengths, &upper_columns))
            .map_err(|(row, col)| MatrixError::NotMirrored { row: levels.order[row] as usize, col: levels.order[col] as usize })?;
        let longest_row = row_starts.windows(2).map(|ends| (ends[1] - ends[0]) as usize).max().unwrap_or(0);
        Ok(Self {
            longest_row,
            order: levels.order,
            consistently_ordered: levels.consistently_ordered,
            lower: RunTriangle::new(&lower_lengths, lower_columns),
            upper: RunTriangle::new(&upper_lengths, upper_columns),
            lower_source,
            upper_source,
            diagonal_source,
            mirror,
        })
    }

    pub(crate) fn dimension(&self) -> usize {
        self.order.len()
    }

    /// Row and column, in the given matrix, of an entry of the upper triangle.
    pub(crate) fn place_of_upper(&self, entry: usize) -> (usize, usize) {
        let row = self
            .upper
            .runs
            .iter()
            .find(|run| run.entry_range().contains(&entry))
            .map_or(0, |run| run.first_row as usize + (entry - run.start as usize) / (run.length as usize).max(1));
        (self.order[row] as usize, self.order[self.upper.columns[entry] as usize] as usize)
    }

    /// Comparisons of column numbers in one incomplete factorization without fill.
    pub(crate) fn incomplete_operations(&self) -> f64 {
        let starts = self.lower.row_starts();
        let length = |row: usize| f64::from(starts[row + 1] - starts[row]);
        let row = |row: usize| &self.lower.columns[starts[row] as usize..starts[row + 1] as usize];
        (0..self.dimension()).map(|i| length(i) * length(i) / 2.0 + row(i).iter().map(|&j| length(j as usize)).sum::<f64>()).sum()
    }

    /// Whether three unknowns are coupled with each other.
    pub(crate) fn has_triangles(&self) -> bool {
        if self.consistently_ordered {
            return false;
        }
        let starts = self.lower.row_starts();
        let row = |i: usize| &self.lower.columns[starts[i] as usize..starts[i + 1] as usize];
        (0..self.dimension()).any(|i| row(i).iter().any(|&j| share_an_entry(row(i), row(j as usize))))
    }
}

/// Whether two increasing lists have a number in common.
fn share_an_entry(a: &[u32], b: &[u32]) -> bool {
    let (mut i, mut j) = (0, 0);
    while i < a.len() && j < b.len() {
        match a[i].cmp(&b[j]) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => return true,
        }
    }
    false
}

/// Rows in the making: (new column, position among the given values).
#[derive(Default)]
struct Collected {
    starts: Vec<usize>,
    entries: Vec<(u32, u32)>,
}

impl Collected {
    fn begin(&mut self) {
        self.starts.push(self.entries.len());
    }

    /// Row lengths, columns sorted within each row, positions.
    fn finished(mut self) -> (Vec<u32>, Vec<u32>, Vec<u32>) {
        self.starts.push(self.entries.len());
        for ends in self.starts.windows(2) {
            self.entries[ends[0]..ends[1]].sort_unstable();
        }
        let lengths = self.starts.windows(2).map(|ends| u32::try_from(ends[1] - ends[0]).unwrap_or(u32::MAX)).collect();
        let (columns, sources) = self.entries.into_iter().unzip();
        (lengths, columns, sources)
    }
}

/// For each upper entry the position of its mirror image in the lower triangle; otherwise a place without one.
fn mirrors(dimension: usize, lower: (&[u32], &[u32]), upper: (&[u32], &[u32])) -> Result<Vec<u32>, (usize, usize)> {
    let mut cursors = Vec::with_capacity(dimension);
    let mut ends = Vec::with_capacity(dimension);
    let mut at = 0;
    for length in lower.0 {
        cursors.push(at);
        at += length;
        ends.push(at);
    }
    let mut mirror = Vec::with_capacity(upper.1.len());
    let mut entries = upper.1.iter();
    for (row, &length) in upper.0.iter().enumerate() {
        for &column in entries.by_ref().take(length as usize) {
            let column = column as usize;
            let at = cursors[column];
            if at >= ends[column] || lower.1[at as usize] as usize != row {
                return Err((row, column));
            }
            mirror.push(at);
            cursors[column] = at + 1;
        }
    }
    match cursors.iter().zip(&ends).position(|(cursor, end)| cursor < end) {
        Some(row) => Err((row, lower.1[cursors[row] as usize] as usize)),
        None => Ok(mirror),
    }
}
