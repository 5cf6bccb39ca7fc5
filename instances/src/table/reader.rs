//! Reading tables row by row.

use std::borrow::Cow;

use csv::StringRecord;

use super::cell::is_missing;
use super::delimiter::Delimiter;
use super::delimiter_choice::delimiter_of;
use super::encoding::text_of;
use super::fault::TableFault;
use super::layout::{Layout, is_comment};
use super::number_style::NumberStyle;
use super::options::TableOptions;
use super::record::Records;
use crate::error::InstanceError;
use crate::file_format::Head;
use crate::input_file::InputFile;

/// A table whose layout is known. Its rows are read one after the other; none is kept.
pub(crate) struct Table<'a> {
    file: &'a InputFile,
    text: Cow<'a, str>,
    layout: Layout,
    options: &'a TableOptions,
    /// Columns that a row is chosen by, and what has to stand there.
    selected: Vec<(usize, &'a str)>,
}

/// A row of a table: its cells without the space around them, and its 1-based line.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row<'r> {
    pub line: usize,
    pub cells: &'r StringRecord,
    pub style: NumberStyle,
}

impl Row<'_> {
    /// The cell in a column; empty where there is none.
    pub(crate) fn cell(&self, column: usize) -> &str {
        self.cells.get(column).unwrap_or_default()
    }

    /// The number in a column, with a point before its decimals and nothing between thousands; the cell itself where it is no number.
    pub(crate) fn number(&self, column: usize) -> Cow<'_, str> {
        self.style.plain(self.cell(column))
    }
}

impl<'a> Table<'a> {
    /// The table in `file`. Its rows are named by a column that is called one of `labels`.
    ///
    /// # Errors
    /// When the file is no table, or the options do not fit it.
    pub(crate) fn open(file: &'a InputFile, options: &'a TableOptions, labels: &[&str]) -> Result<Self, InstanceError> {
        let text = text_of(file, options.encoding)?;
        let fault = |fault: TableFault| InstanceError::at_line(file.path(), text.as_bytes(), fault.line, 0, fault.message);
        let layout = Layout::of(&file.name(), &text, options, labels).map_err(fault)?;
        let mut selected = Vec::new();
        for (name, wanted) in &options.select.0 {
            let column = position(&layout.names, name);
            let column =
                column.ok_or_else(|| fault(TableFault::new(layout.header_line, format!("found no column `{name}` to select rows by"))))?;
            selected.push((column, wanted.as_str()));
        }
        Ok(Self { file, text, layout, options, selected })
    }

    /// How it is laid out.
    pub(crate) fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The error `message` about a 1-based line (0: about the table as a whole).
    pub(crate) fn at_line(&self, line: usize, message: impl Into<String>) -> InstanceError {
        InstanceError::at_line(self.file.path(), self.text.as_bytes(), line, 0, message)
    }

    /// Where the column `name` stands, if it is not left out; upper and lower case are the same where no other column has this very name.
    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        position(&self.layout.names, name).filter(|at| !self.options.skip.contains(&self.layout.names[*at]))
    }

    /// The rows, the header aside: those that are selected, as many as the options ask for.
    pub(crate) fn rows(&self) -> Rows<'_> {
        Rows { table: self, records: Records::new(&self.text, self.layout.delimiter), record: StringRecord::new(), given: 0, seen: 0 }
    }

    /// What the reader took upon itself: which columns are no data.
    pub(crate) fn notes(&self) -> Vec<String> {
        let Layout { labels, names, header_line, .. } = &self.layout;
        if self.options.index.is_some() {
            return Vec::new();
        }
        let called = |j: usize| match names[j].as_str() {
            _ if *header_line == 0 => "the first column".to_owned(),
            "" => "the column without a name".to_owned(),
            name => format!("the column `{name}`"),
        };
        let numbering = labels.beside.or(labels.label.filter(|_| labels.numbers_rows));
        numbering
            .map(|j| format!("{} only numbers the rows and is no data (`--read index=no` makes data of it)", called(j)))
            .into_iter()
            .collect()
    }
}

fn position(names: &[String], name: &str) -> Option<usize> {
    names.iter().position(|known| known == name).or_else(|| names.iter().position(|known| known.eq_ignore_ascii_case(name)))
}

/// The rows of a table, one after the other.
pub(crate) struct Rows<'t> {
    table: &'t Table<'t>,
    records: Records<'t>,
    record: StringRecord,
    given: usize,
    seen: usize,
}

impl Rows<'_> {
    /// The next row; `None` at the end.
    ///
    /// # Errors
    /// At the end, where rows are selected and there was none.
    pub(crate) fn next_row(&mut self) -> Result<Option<Row<'_>>, InstanceError> {
        let layout = &self.table.layout;
        let width = layout.width + usize::from(layout.trailing);
        while self.table.options.rows.is_none_or(|most| self.given < most) {
            let at = |fault: TableFault| self.table.at_line(fault.line, fault.message);
            let Some(start) = self.records.next_into(&mut self.record).map_err(at)? else { break };
            let is_header = start.line <= layout.header_line;
            if is_header || (width > 1 && self.record.iter().all(str::is_empty)) || is_comment(start, &self.record, width).map_err(at)? {
                continue;
            }
            self.seen += 1;
            if self.table.selected.iter().all(|(column, wanted)| is_wanted(self.record.get(*column), wanted, layout.style)) {
                self.given += 1;
                return Ok(Some(Row { line: start.line, cells: &self.record, style: layout.style }));
            }
        }
        match self.table.selected.first() {
            Some(_) if self.given == 0 && self.seen > 0 && self.table.options.rows != Some(0) => {
                let wanted: Vec<String> =
                    self.table.selected.iter().map(|(column, wanted)| format!("`{}` is `{wanted}`", layout.names[*column])).collect();
                Err(self.table.at_line(0, format!("found no row in which {}", wanted.join(" and "))))
            }
            _ => Ok(None),
        }
    }
}

/// Whether a cell is the one that is wanted: the same text, or the same number.
pub(crate) fn is_wanted(cell: Option<&str>, wanted: &str, style: NumberStyle) -> bool {
    let Some(cell) = cell else { return false };
    let number = |text: &str| fast_float2::parse::<f64, _>(text).ok();
    cell == wanted || (!is_missing(cell) && number(&style.plain(cell)).is_some_and(|value| Some(value) == number(wanted)))
}

/// The layout of the table that a file begins with, if it is one.
pub(crate) fn preview(head: &Head<'_>, options: &TableOptions, labels: &[&str]) -> Option<Layout> {
    let file = InputFile::of_bytes(head.name, head.bytes.to_vec());
    let text = text_of(&file, options.encoding).ok()?;
    Layout::of(head.name, &text, options, labels).ok().or_else(|| {
        // What is wrong further down does not change what the table is meant to be.
        let start: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).take(2).collect();
        Layout::of(head.name, &start.join("\n"), options, labels).ok()
    })
}

/// The records of a small table in `file`, the header included, comments aside, each with its line. They may differ in length.
///
/// # Errors
/// When the file is no table.
pub(crate) fn records(file: &InputFile) -> Result<Vec<(usize, StringRecord)>, InstanceError> {
    let text = text_of(file, None)?;
    let mut records = Records::new(&text, delimiter_of(&file.name(), &text));
    let mut record = StringRecord::new();
    let mut all: Vec<(usize, StringRecord)> = Vec::new();
    loop {
        let next = records.next_into(&mut record);
        match next.map_err(|fault| InstanceError::at_line(file.path(), text.as_bytes(), fault.line, 0, fault.message))? {
            None => return Ok(all),
            Some(start) if start.hash && all.first().is_none_or(|(_, first)| first.len() != record.len()) => {}
            Some(start) => all.push((start.line, record.clone())),
        }
    }
}

/// The cells of one line of a table that comes line by line, with the delimiter that the line tells or that is given.
pub(crate) fn split_line(line: &str, delimiter: Option<Delimiter>) -> Result<(StringRecord, Delimiter), String> {
    let delimiter = delimiter.unwrap_or_else(|| delimiter_of("", line));
    let mut record = StringRecord::new();
    match Records::new(line, delimiter).next_into(&mut record) {
        Ok(Some(_)) => Ok((record, delimiter)),
        Ok(None) => Err("found an empty line, expected a row".into()),
        Err(fault) => Err(fault.message),
    }
}
