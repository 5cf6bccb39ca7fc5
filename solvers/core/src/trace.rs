//! How a solve went, as a table.

use std::io::{self, Write};

/// A table of figures over the course of a solve: one row per report, the columns are the method's own.
///
/// Conventional names, which reports know how to draw: `seconds`, `iteration`, `objective`, `bound`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Trace {
    columns: Vec<String>,
    values: Vec<f64>,
}

impl Trace {
    /// An empty table with these columns.
    pub fn new<S: Into<String>>(columns: impl IntoIterator<Item = S>) -> Self {
        Self { columns: columns.into_iter().map(Into::into).collect(), values: Vec::new() }
    }

    /// Appends a row. A row that is too short is filled with NaN, surplus values are dropped.
    pub fn push(&mut self, row: &[f64]) {
        let width = self.columns.len();
        self.values.extend(row.iter().copied().chain(std::iter::repeat(f64::NAN)).take(width));
    }

    /// The names of the columns.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The rows, in order.
    pub fn rows(&self) -> impl Iterator<Item = &[f64]> {
        // A table without columns has no values, so the width 1 stands for nothing there.
        self.values.chunks_exact(self.columns.len().max(1))
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.rows().count()
    }

    /// Whether no row was pushed.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Writes the table as CSV with a header line; NaN is an empty cell.
    ///
    /// # Errors
    /// When `out` cannot be written.
    pub fn write_csv(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "{}", self.columns.join(","))?;
        for row in self.rows() {
            for (k, value) in row.iter().enumerate() {
                if k > 0 {
                    out.write_all(b",")?;
                }
                if !value.is_nan() {
                    write!(out, "{value}")?;
                }
            }
            out.write_all(b"\n")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_is_written_as_csv_with_missing_cells_empty() {
        let mut trace = Trace::new(["iteration", "objective", "bound"]);
        trace.push(&[1.0, 2.5]);
        trace.push(&[2.0, 2.0, 1.5, 99.0]);
        let mut out = Vec::new();
        trace.write_csv(&mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "iteration,objective,bound\n1,2.5,\n2,2,1.5\n");
        assert_eq!(trace.len(), 2);
    }
}
