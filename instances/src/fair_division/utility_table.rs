//! Tables of utilities: the header holds item names, each row one agent's utilities, the first column agent names if it is not numeric.

use std::io::{self, Write};

use fathom_opt_problems::fair_division::{FairDivision, Utilities};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::InstanceError;
use crate::file_format::{FileFormat, Head, Imported, Recognition, WritesFiles};
use crate::input_file::InputFile;
use crate::table::{Names, Row, TableReader, first_rows, is_missing, is_number, is_row, write_table};

/// A table with an agent per row and an item per column.
#[derive(Debug)]
pub struct UtilityTable;

/// How a table of utilities is read.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct UtilityTableOptions {
    /// Columns to leave out.
    pub skip: Names,
    /// Only the first so many rows.
    pub rows: Option<usize>,
}

impl FileFormat for UtilityTable {
    type Problem = FairDivision;
    type Options = UtilityTableOptions;
    const NAME: &'static str = "utility-table";
    const SUMMARY: &'static str = "agents in rows, items in columns, item names in the header, agent names first where they are no numbers";
    const ENDINGS: &'static [&'static str] = &[".csv", ".tsv"];

    /// Likely where the first column (of those that are not left out) names the rows. A table of numbers alone may hold utilities, but most hold something else.
    fn recognizes(head: &Head<'_>, options: &UtilityTableOptions) -> Recognition {
        let rows = first_rows(head.name, head.bytes, 2);
        let Some(first) = rows.first() else { return Recognition::No };
        let column = (0..first.len()).find(|&column| !options.skip.contains(&first[column])).unwrap_or(0);
        let names = match rows.get(1) {
            Some(second) => {
                second.get(column).is_none_or(|cell| !(is_number(cell) || is_missing(cell) || (second.len() == 1 && is_row(cell))))
            }
            None => first.get(column).is_none_or(|cell| !is_number(cell)),
        };
        if names { Recognition::Likely } else { Recognition::Possible }
    }

    fn read(file: &InputFile, options: &UtilityTableOptions) -> Result<Imported<FairDivision>, InstanceError> {
        read(file, options).map(Imported::from)
    }
}

impl WritesFiles for UtilityTable {
    fn write(division: &FairDivision, name: &str, out: &mut dyn Write) -> io::Result<()> {
        if division.entitlements().is_some() {
            let message = "found entitlements, expected none (a table of utilities has no place for them)";
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        let items = (0..division.items()).map(|item| division.item_name(item));
        let rows = (0..division.agents()).map(|agent| {
            let utilities = (0..division.items()).map(move |item| utility_text(division, agent * division.items() + item));
            std::iter::once(division.agent_name(agent)).chain(utilities)
        });
        write_table(name, std::iter::once("agent".to_owned()).chain(items), rows, out)
    }
}

fn read(file: &InputFile, options: &UtilityTableOptions) -> Result<FairDivision, InstanceError> {
    let mut table = TableReader::open(file)?;
    let header = match table.next_row()? {
        Some(Row { cells, .. }) => cells.clone(),
        None => csv::StringRecord::new(),
    };
    if header.len() > 1 && header.iter().all(is_number) {
        return Err(file.at_line(1, "found numbers only, expected a header with the names of the items"));
    }
    if let Some(missing) = options.skip.missing_in(header.iter()) {
        let columns: Vec<&str> = header.iter().take(8).collect();
        return Err(file.about(format!("no column `{missing}` to skip; the table starts with {}", columns.join(", "))));
    }
    let skipped: Vec<bool> = header.iter().map(|column| options.skip.contains(column)).collect();
    let mut names: Option<Vec<String>> = None;
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut lines: Vec<usize> = Vec::new();
    while let Some(row) = table.next_row()? {
        if options.rows.is_some_and(|most| rows.len() >= most) {
            break;
        }
        if row.len() != header.len() {
            return Err(file.at_line(row.line, format!("found {} cells, expected {} (as in the header)", row.len(), header.len())));
        }
        let mut cells: Vec<String> =
            row.cells.iter().enumerate().filter(|(column, _)| !skipped[*column]).map(|(_, cell)| cell.to_owned()).collect();
        if rows.is_empty() && cells.first().is_some_and(|cell| !is_number(cell)) {
            names = Some(Vec::new());
        }
        if let Some(names) = &mut names
            && !cells.is_empty()
        {
            names.push(cells.remove(0));
        }
        rows.push(cells);
        lines.push(row.line);
    }
    let kept = header.iter().enumerate().filter(|(column, _)| !skipped[*column]).map(|(_, name)| name.to_owned());
    let items: Vec<String> = kept.skip(usize::from(names.is_some())).collect();
    FairDivision::from_decimal_rows(names, Some(items.clone()), &rows).map_err(|fault| {
        // The class names a fault by agent and item; people look for the line and the column's name.
        use fathom_opt_problems::Segment::{Field, Index};
        match *fault.place.segments() {
            [Field(ref part), Index(row), ref rest @ ..] if part == "utilities" && row < lines.len() => {
                let column = match *rest {
                    [Index(item), ..] => items.get(item).map_or_else(String::new, |name| format!("column `{name}`: ")),
                    _ => String::new(),
                };
                let message = format!("{column}found {}, expected {}", fault.found, fault.expected);
                file.at_line(lines[row], message)
            }
            [Field(ref part), Index(row), ..] if part == "agents" && row < lines.len() => {
                let message = format!("agent: found {}, expected {}", fault.found, fault.expected);
                file.at_line(lines[row], message)
            }
            [Field(ref part), ..] if part == "items" => file.at_line(1, fault.to_string()),
            _ => file.about(fault.to_string()),
        }
    })
}

/// The utility at a row-major position, in decimal digits.
fn utility_text(division: &FairDivision, at: usize) -> String {
    match division.utilities() {
        Utilities::Small(values) => division.display_utility(&values[at]),
        Utilities::Big(values) => division.display_utility(&values[at]),
    }
}
