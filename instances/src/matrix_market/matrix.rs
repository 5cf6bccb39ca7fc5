use super::{Header, Triplets};

/// A Matrix Market file's content: exactly what the file stores, before its symmetry is expanded.
///
/// [`read`](super::read) makes these, so the indices are in range, the values finite, and the number of entries is the declared one.
/// Entries may still repeat a position; [`to_csr`](Self::to_csr) refuses that.
#[derive(Debug, Clone)]
pub struct MatrixMarket {
    pub(super) header: Header,
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) entries: Entries,
}

/// The stored numbers, in the form that the file's [`Layout`](super::Layout) has.
#[derive(Debug, Clone)]
pub enum Entries {
    /// Positions and values, in the file's order.
    Coordinate(Triplets),
    /// Values column after column. General: whole columns; symmetric: each from the diagonal down; skew-symmetric: each from below the diagonal down.
    Array(Vec<f64>),
}

impl MatrixMarket {
    /// What the banner says.
    pub fn header(&self) -> Header {
        self.header
    }

    /// The number of rows, at most `u32::MAX`.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The number of columns, at most `u32::MAX`.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// What the file stores.
    pub fn entries(&self) -> &Entries {
        &self.entries
    }

    /// How many numbers (for a pattern: positions) the file stores.
    pub fn stored(&self) -> usize {
        match &self.entries {
            Entries::Coordinate(triplets) => triplets.len(),
            Entries::Array(values) => values.len(),
        }
    }
}
