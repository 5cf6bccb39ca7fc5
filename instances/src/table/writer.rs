//! Writing tables.

use std::io::{self, Write};

use super::delimiter::Delimiter;

/// Writes `header` and `rows` as a table into a file called `name`: separated by tabs where the name says so, by commas otherwise, quoted where needed.
///
/// # Errors
/// When `out` cannot be written.
pub(crate) fn write_table<R: IntoIterator<Item = String>>(
    name: &str,
    header: impl IntoIterator<Item = String>,
    rows: impl IntoIterator<Item = R>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut writer = csv::WriterBuilder::new().delimiter(Delimiter::written(name)).from_writer(out);
    writer.write_record(header)?;
    for row in rows {
        writer.write_record(row)?;
    }
    writer.flush()
}
