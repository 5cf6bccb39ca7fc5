//! How a table is laid out: its delimiter, its header, the style of its numbers, and which columns are data.

use csv::StringRecord;

use super::cell::is_number;
use super::column::Column;
use super::delimiter::Delimiter;
use super::delimiter_choice::delimiter_of;
use super::fault::TableFault;
use super::header::{FirstLine, first_line};
use super::index_column::{RowLabels, row_labels};
use super::number_style::{Evidence, NumberStyle};
use super::options::TableOptions;
use super::record::{Records, Start};

/// How a table is laid out.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    pub(crate) delimiter: Delimiter,
    pub(crate) style: NumberStyle,
    /// The line of the header; 0 where there is none.
    pub(crate) header_line: usize,
    /// Names of all columns, those left out included; `x0`, `x1`, ... where there is no header.
    pub(crate) names: Vec<String>,
    /// Cells that every row has, an empty last one aside.
    pub(crate) width: usize,
    /// Columns that hold data, or name the rows.
    pub(crate) kept: Vec<usize>,
    pub(crate) labels: RowLabels,
    /// Whether every row has one empty cell more at its end.
    pub(super) trailing: bool,
    /// Rows, the header aside.
    pub(crate) rows: usize,
    /// Whether the first kept column holds numbers, or nothing.
    pub(crate) starts_with_numbers: bool,
}

/// A record of which only the shape counts.
fn is_blank(cells: &StringRecord) -> bool {
    cells.len() > 1 && cells.iter().all(str::is_empty)
}

/// Whether a record that begins with `#` is a comment beside rows of `width` cells.
pub(super) fn is_comment(start: Start, cells: &StringRecord, width: usize) -> Result<bool, TableFault> {
    match (start.hash, cells.len() == width, width) {
        (false, ..) => Ok(false),
        (true, false, _) | (true, true, 1) => Ok(true),
        (true, true, _) => {
            let message =
                "found a row that begins with `#`, expected a comment of another number of cells, or quotes around the first cell";
            Err(TableFault::new(start.line, message))
        }
    }
}

/// The first line that is no comment, and what is seen of the table before it is known to be a header.
struct Scan {
    first: StringRecord,
    first_line: usize,
    width: usize,
    rows: usize,
    columns: Vec<Column>,
    /// Whether all rows, the first line aside, end in an empty cell.
    ends_empty: bool,
}

impl Layout {
    /// The layout of the table `text` in a file called `name`, read with `options`; the rows of such tables are named by a column that is called one of `labels`.
    ///
    /// # Errors
    /// Rows of different lengths, broken quotes, a first line that may be a header or not, numbers of two styles, a column to skip that is none.
    pub(crate) fn of(name: &str, text: &str, options: &TableOptions, labels: &[&str]) -> Result<Self, TableFault> {
        let delimiter = options.delimiter.unwrap_or_else(|| delimiter_of(name, text));
        let scan = Scan::of(text, delimiter)?;
        if scan.first_line == 0 {
            return Ok(Self::empty(delimiter));
        }
        let width = scan.columns.len();
        let is_short = scan.first.len() + 1 == width && scan.rows > 0;
        let trailing = scan.ends_empty && width > 1 && !scan.last_is_named();
        let short_header = is_short && !trailing;
        let width = if trailing { width - 1 } else { width };
        let columns = &scan.columns[..width];
        let mut first: Vec<&str> = scan.first.iter().take(width).collect();
        if short_header {
            first.insert(0, "");
        }
        let has_header = match options.header {
            Some(header) => header.0 || short_header,
            None => match first_line(&first, columns, labels) {
                FirstLine::Header => true,
                FirstLine::Data => short_header,
                FirstLine::Unclear => {
                    let message = "found whole numbers in a row, which may be names of columns or data, expected `--read header=yes` or `--read header=no`";
                    return Err(TableFault::new(scan.first_line, message));
                }
            },
        };
        let names: Vec<String> =
            if has_header { first.iter().map(ToString::to_string).collect() } else { (0..width).map(|j| format!("x{j}")).collect() };
        if let Some(missing) = options.skip.missing_in(names.iter().map(String::as_str)) {
            let some: Vec<&str> = names.iter().take(8).map(String::as_str).collect();
            return Err(TableFault::new(0, format!("no column `{missing}` to skip; the table starts with {}", some.join(", "))));
        }
        let kept: Vec<usize> = (0..width).filter(|&j| !options.skip.contains(&names[j])).collect();
        let first_data = |at: &usize| columns.get(*at);
        let starts_with_numbers = kept.first().and_then(first_data).is_none_or(|column| column.words == 0);
        let labels = match options.index {
            Some(index) if !index.0 => RowLabels::default(),
            Some(_) => RowLabels { label: kept.first().copied().filter(|_| kept.len() > 1), numbers_rows: true, beside: None },
            None => row_labels(&kept, &names, has_header, columns, labels),
        };
        let style = scan.style(options, delimiter, width)?;
        scan.percentages_agree(width, &labels)?;
        Ok(Self {
            delimiter,
            style,
            header_line: if has_header { scan.first_line } else { 0 },
            names,
            width,
            kept,
            labels,
            trailing,
            rows: scan.rows + usize::from(!has_header),
            starts_with_numbers,
        })
    }

    /// The layout of a table without rows.
    fn empty(delimiter: Delimiter) -> Self {
        Self {
            delimiter,
            style: NumberStyle::default(),
            header_line: 0,
            names: Vec::new(),
            width: 0,
            kept: Vec::new(),
            labels: RowLabels::default(),
            trailing: false,
            rows: 0,
            starts_with_numbers: true,
        }
    }

    /// The columns that hold data.
    pub(crate) fn data(&self) -> Vec<usize> {
        self.kept.iter().copied().filter(|&j| Some(j) != self.labels.label && Some(j) != self.labels.beside).collect()
    }
}

/// Columns whose cells are compared with each other: the first ones, of which one may number the rows.
const COMPARED: usize = 3;

impl Scan {
    fn of(text: &str, delimiter: Delimiter) -> Result<Self, TableFault> {
        let width = width_of(text, delimiter)?;
        let mut records = Records::new(text, delimiter);
        let mut cells = StringRecord::new();
        let mut scan = Self {
            first: StringRecord::new(),
            first_line: 0,
            width,
            rows: 0,
            columns: (0..width).map(|_| Column::new()).collect(),
            ends_empty: true,
        };
        while let Some(start) = records.next_into(&mut cells)? {
            if is_blank(&cells) || scan.is_comment_line(start, &mut cells, &records)? {
                continue;
            }
            if scan.first_line == 0 {
                scan.first.clone_from(&cells);
                scan.first_line = start.line;
                continue;
            }
            if cells.len() != width {
                let message = format!(
                    "found {} cells, expected {width} (as in {})",
                    cells.len(),
                    if scan.first.len() == width { "the first line" } else { "the other rows" }
                );
                return Err(TableFault::new(start.line, message));
            }
            scan.rows += 1;
            scan.ends_empty &= cells.get(width - 1).is_some_and(str::is_empty);
            for (j, (column, cell)) in scan.columns.iter_mut().zip(&cells).enumerate() {
                column.take(start.line, cell, j < COMPARED);
            }
        }
        scan.ends_empty &= scan.rows > 0;
        Ok(scan)
    }

    /// Whether the record is a comment. Names behind a `#` above the first row are a header, whose sign is taken off; a header of its own below makes a comment of
    /// them.
    fn is_comment_line(&self, start: Start, cells: &mut StringRecord, following: &Records<'_>) -> Result<bool, TableFault> {
        if !start.hash || self.first_line > 0 || cells.len() != self.width || self.width == 1 {
            return is_comment(start, cells, self.width);
        }
        if cells.get(0) == Some("#") {
            return Ok(false);
        }
        let mut next = StringRecord::new();
        let follows = following.clone().next_into(&mut next)?;
        let has_numbers = |cells: &StringRecord| cells.iter().any(is_number);
        match (follows, has_numbers(cells), has_numbers(&next)) {
            (Some(follows), ..) if follows.hash => Ok(true),
            (Some(_), false, true) => {
                *cells = without_hash(cells);
                Ok(false)
            }
            (Some(_), _, false) => Ok(true),
            _ => is_comment(start, cells, self.width),
        }
    }

    /// Whether the last column has a name above it.
    fn last_is_named(&self) -> bool {
        self.first.get(self.width - 1).is_some_and(|cell| !cell.is_empty())
    }

    /// The style of the numbers: told by the columns that hold nothing else, or, where these tell nothing, by all.
    fn style(&self, options: &TableOptions, delimiter: Delimiter, width: usize) -> Result<NumberStyle, TableFault> {
        if let Some(decimal) = options.decimal {
            return Ok(NumberStyle::of(Some(decimal)));
        }
        let evidence = |of: &dyn Fn(&Column) -> bool| {
            let mut all = Evidence::default();
            for column in self.columns[..width].iter().filter(|column| of(column)) {
                all.join(column.evidence.clone());
            }
            all
        };
        let clean = evidence(&Column::is_numeric);
        let mut all = if clean.is_empty() { evidence(&|_| true) } else { clean };
        // The first line may be data.
        let mut first = Evidence::default();
        for cell in &self.first {
            first.take(self.first_line, cell);
        }
        if all.is_empty() {
            all.join(first);
        }
        Ok(NumberStyle::of(Some(all.mark(delimiter)?)))
    }

    /// Whether each column has percent signs behind all of its numbers, or behind none.
    fn percentages_agree(&self, width: usize, labels: &RowLabels) -> Result<(), TableFault> {
        for (j, column) in self.columns[..width].iter().enumerate() {
            if Some(j) != labels.label && column.percentages > 0 && column.percentages < column.numbers {
                let message = "found a number without a percent sign in a column of percentages, expected one behind all or none";
                return Err(TableFault::new(column.first_plain_line, message));
            }
        }
        Ok(())
    }
}

/// The cells with the `#` at their start taken off.
fn without_hash(cells: &StringRecord) -> StringRecord {
    let first = cells.get(0).unwrap_or_default().trim_start_matches('#').trim_start();
    std::iter::once(first).chain(cells.iter().skip(1)).collect()
}

/// The number of cells that the rows have: of the first two records (comments aside) the larger, where the second has one more: the
/// header has no cell above names of rows then, or the rows end in a delimiter.
fn width_of(text: &str, delimiter: Delimiter) -> Result<usize, TableFault> {
    let mut records = Records::new(text, delimiter);
    let mut cells = StringRecord::new();
    let mut plain = Vec::new();
    let mut hashed = 1;
    while plain.len() < 2
        && let Some(start) = records.next_into(&mut cells)?
    {
        if start.hash {
            hashed = hashed.max(cells.len());
        } else if !is_blank(&cells) {
            plain.push(cells.len());
        }
    }
    Ok(match plain.as_slice() {
        [first, second] if *first + 1 == *second && *second > 2 => *second,
        [first, ..] => *first,
        [] => hashed,
    })
}
