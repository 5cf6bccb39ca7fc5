//! Ragged rows: one row of entries for each element.

use crate::malformed::{Malformed, Place};

/// Rows of different lengths, stored one after another.
#[derive(Debug, Clone, PartialEq)]
pub struct Rows<T> {
    starts: Vec<usize>,
    entries: Vec<T>,
}

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Self { starts: vec![0], entries: Vec::new() }
    }
}

impl<T> Rows<T> {
    /// No rows, with room for `rows` of them that hold `entries` in all.
    pub fn with_capacity(rows: usize, entries: usize) -> Self {
        let mut starts = Vec::with_capacity(rows + 1);
        starts.push(0);
        Self { starts, entries: Vec::with_capacity(entries) }
    }

    /// Appends a row.
    pub fn push(&mut self, row: impl IntoIterator<Item = T>) {
        self.entries.extend(row);
        self.starts.push(self.entries.len());
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many entries all rows have together.
    pub fn entries(&self) -> usize {
        self.entries.len()
    }

    /// Row `index`; empty beyond the last one.
    pub fn row(&self, index: usize) -> &[T] {
        match (self.starts.get(index), self.starts.get(index + 1)) {
            (Some(&start), Some(&end)) => &self.entries[start..end],
            _ => &[],
        }
    }

    /// All rows in order.
    pub fn iter(&self) -> impl Iterator<Item = &[T]> {
        self.starts.windows(2).map(|ends| &self.entries[ends[0]..ends[1]])
    }
}

impl<T> FromIterator<Vec<T>> for Rows<T> {
    fn from_iter<I: IntoIterator<Item = Vec<T>>>(rows: I) -> Self {
        let mut all = Self::default();
        rows.into_iter().for_each(|row| all.push(row));
        all
    }
}

/// `value`, if it is finite and at least 0.
pub(super) fn amount(value: f64, place: impl FnOnce() -> Place) -> Result<f64, Malformed> {
    if value.is_finite() && value >= 0.0 {
        return Ok(value);
    }
    Err(Malformed::new(place(), value.to_string(), "a finite number of at least 0"))
}
