//! Reading tables row by row.

use csv::StringRecord;

use super::Delimiter;
use crate::error::InstanceError;
use crate::input_file::InputFile;

/// Reads a table row by row; no row is kept. Rows may differ in length: what a row has to have is for its reader to say.
pub(crate) struct TableReader<'a> {
    file: &'a InputFile,
    reader: csv::Reader<&'a [u8]>,
    record: StringRecord,
}

/// A row of a table: its cells without the space around them, and its 1-based line.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row<'r> {
    pub line: usize,
    pub cells: &'r StringRecord,
}

impl<'a> TableReader<'a> {
    /// The table in `file`.
    ///
    /// # Errors
    /// When it is not UTF-8.
    pub(crate) fn open(file: &'a InputFile) -> Result<Self, InstanceError> {
        let delimiter = Delimiter::of(&file.name(), file.unmarked());
        Self::with_delimiter(file, delimiter)
    }

    /// The table in `file`, whose cells are separated by `delimiter`.
    ///
    /// # Errors
    /// When it is not UTF-8.
    pub(crate) fn with_delimiter(file: &'a InputFile, delimiter: Delimiter) -> Result<Self, InstanceError> {
        let reader = reader(file.text()?.as_bytes(), delimiter);
        Ok(Self { file, reader, record: StringRecord::new() })
    }

    /// The next row that is not blank; `None` at the end.
    ///
    /// # Errors
    /// When the file is no table.
    pub(crate) fn next_row(&mut self) -> Result<Option<Row<'_>>, InstanceError> {
        match self.reader.read_record(&mut self.record) {
            Ok(false) => Ok(None),
            Ok(true) => {
                let line = self.record.position().map_or(0, |position| usize::try_from(position.line()).unwrap_or(0));
                Ok(Some(Row { line, cells: &self.record }))
            }
            Err(error) => Err(self.file.about(error.to_string())),
        }
    }
}

impl Row<'_> {
    /// The number of cells.
    pub(crate) fn len(&self) -> usize {
        self.cells.len()
    }
}

fn reader(text: &[u8], delimiter: Delimiter) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new().delimiter(delimiter.byte()).has_headers(false).flexible(true).trim(csv::Trim::All).from_reader(text)
}

/// The first rows, at most `most`, of the table that `head` begins; none where it is no text.
pub(crate) fn first_rows(name: &str, head: &[u8], most: usize) -> Vec<StringRecord> {
    let Ok(text) = std::str::from_utf8(head) else { return Vec::new() };
    reader(text.as_bytes(), Delimiter::of(name, head)).into_records().filter_map(Result::ok).take(most).collect()
}
