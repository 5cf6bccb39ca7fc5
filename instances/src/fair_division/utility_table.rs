//! Tables of utilities: the header holds item names, each row one agent's utilities, the first column agent names where it holds words, or is called so.

use std::io::{self, Write};

use fathom_opt_problems::fair_division::{FairDivision, Utilities};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::InstanceError;
use crate::file_format::{FileFormat, Head, Imported, Recognition, WritesFiles};
use crate::input_file::InputFile;
use crate::table::{Table, TableOptions, preview, write_table};

/// A table with an agent per row and an item per column.
#[derive(Debug)]
pub struct UtilityTable;

/// How a table of utilities is read.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case")]
pub struct UtilityTableOptions {
    /// As every table.
    #[serde(flatten)]
    pub table: TableOptions,
}

/// What people call the column of the agents' names.
const LABELS: [&str; 14] = [
    "agent", "agents", "name", "names", "person", "people", "player", "participant", "child", "user", "user_id", "bidder", "student", "voter",
];

impl FileFormat for UtilityTable {
    type Problem = FairDivision;
    type Options = UtilityTableOptions;
    const NAME: &'static str = "utility-table";
    const SUMMARY: &'static str = "agents in rows, items in columns, item names in the header, agent names first where they are no numbers";
    const ENDINGS: &'static [&'static str] = &[".csv", ".tsv"];

    /// Likely where a column names the rows. A table of numbers alone may hold utilities, but most hold something else.
    fn recognizes(head: &Head<'_>, options: &UtilityTableOptions) -> Recognition {
        if head.first_line().is_empty() {
            return Recognition::No;
        }
        match preview(head, &options.table, &LABELS) {
            None => Recognition::Possible,
            Some(layout) if layout.rows == 0 || (layout.labels.label.is_some() && !layout.labels.numbers_rows) => Recognition::Likely,
            Some(layout) if !layout.starts_with_numbers => Recognition::Likely,
            Some(_) => Recognition::Possible,
        }
    }

    fn read(file: &InputFile, options: &UtilityTableOptions) -> Result<Imported<FairDivision>, InstanceError> {
        let table = Table::open(file, &options.table, &LABELS)?;
        Ok(Imported { notes: table.notes(), ..read(&table, options)?.into() })
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

fn read(table: &Table<'_>, options: &UtilityTableOptions) -> Result<FairDivision, InstanceError> {
    let layout = table.layout();
    let (label, columns) = (layout.labels.label, layout.data());
    if layout.header_line == 0 && label.is_none() && options.table.header.is_none() && layout.rows > 0 {
        let message = "found numbers only, expected a header with the names of the items (or `--read header=no` where they have none)";
        return Err(table.at_line(1, message));
    }
    let mut names: Vec<String> = Vec::new();
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut lines: Vec<usize> = Vec::new();
    let mut reading = table.rows();
    while let Some(row) = reading.next_row()? {
        names.extend(label.map(|column| row.cell(column).to_owned()));
        rows.push(columns.iter().map(|&column| row.number(column).into_owned()).collect());
        lines.push(row.line);
    }
    let items: Vec<String> = columns.iter().map(|&column| layout.names[column].clone()).collect();
    let named = (layout.header_line > 0).then(|| items.clone());
    FairDivision::from_decimal_rows(label.map(|_| names), named, &rows).map_err(|fault| {
        // The class names a fault by agent and item; people look for the line and the column's name.
        use fathom_opt_problems::Segment::{Field, Index};
        match *fault.place.segments() {
            [Field(ref part), Index(row), ref rest @ ..] if part == "utilities" && row < lines.len() => {
                let column = match *rest {
                    [Index(item), ..] => items.get(item).map_or_else(String::new, |name| format!("column `{name}`: ")),
                    _ => String::new(),
                };
                let message = format!("{column}found {}, expected {}", fault.found, fault.expected);
                table.at_line(lines[row], message)
            }
            [Field(ref part), Index(row), ..] if part == "agents" && row < lines.len() => {
                let message = format!("agent: found {}, expected {}", fault.found, fault.expected);
                table.at_line(lines[row], message)
            }
            [Field(ref part), ..] if part == "items" => table.at_line(layout.header_line, fault.to_string()),
            _ => table.at_line(0, fault.to_string()),
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
