//! Tables of utilities: the header holds item names, each row one agent's utilities, the first column agent names where it holds words, or is called so.

use std::io::{self, Write};

use fathom_opt_problems::fair_division::{FairDivision, Utilities, Welfare};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::InstanceError;
use crate::file_format::{FileFormat, Head, Imported, Recognition, WritesFiles};
use crate::input_file::InputFile;
use crate::table::{Names, Table, TableOptions, preview, write_table};

/// A table with an agent per row and an item per column.
#[derive(Debug)]
pub struct UtilityTable;

/// How a table of utilities is read.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case")]
pub struct UtilityTableOptions {
    /// What each agent is entitled to, whole numbers in the order of the agents: 2,1,1.
    pub entitlements: Names,
    /// How many copies there are of each item, in the order of the items: 3,1,1,1.
    pub copies: Names,
    /// What allocations are compared by: utilitarian, egalitarian or nash.
    pub welfare: Option<Welfare>,
    /// As every table.
    #[serde(flatten)]
    pub table: TableOptions,
}

/// What people call the column of the agents' names.
const LABELS: [&str; 14] = [
    "agent",
    "agents",
    "name",
    "names",
    "person",
    "people",
    "player",
    "participant",
    "child",
    "user",
    "user_id",
    "bidder",
    "student",
    "voter",
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
            // What is no table is refused as one of observations, to which most tables belong.
            None => Recognition::No,
            Some(layout) if layout.rows == 0 || (layout.labels.label.is_some() && !layout.labels.numbers_rows) => Recognition::Likely,
            Some(layout) if !layout.starts_with_numbers => Recognition::Likely,
            Some(_) => Recognition::Possible,
        }
    }

    fn read(file: &InputFile, options: &UtilityTableOptions) -> Result<Imported<FairDivision>, InstanceError> {
        let table = Table::open(file, &options.table, &LABELS)?;
        let division = options.applied(read(&table, options)?).map_err(|message| file.about(message))?;
        Ok(Imported { notes: table.notes(), ..division.into() })
    }
}

impl UtilityTableOptions {
    /// The division with what the options say beyond the table.
    fn applied(&self, mut division: FairDivision) -> Result<FairDivision, String> {
        let counts = |option: &str, names: &Names| {
            let count = |text: &String| text.trim().parse::<u64>().map_err(|_| format!("{option}: found `{text}`, expected whole numbers"));
            names.0.iter().map(count).collect::<Result<Vec<u64>, String>>()
        };
        if self.entitlements != Names::default() {
            let entitlements = counts("entitlements", &self.entitlements)?;
            division = division.with_entitlements(entitlements).map_err(|fault| fault.to_string())?;
        }
        if self.copies != Names::default() {
            division = division.with_copies(counts("copies", &self.copies)?).map_err(|fault| fault.to_string())?;
        }
        Ok(match self.welfare {
            Some(welfare) => division.with_welfare(welfare),
            None => division,
        })
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
        if label.is_some_and(|column| row.cell(column).is_empty()) {
            return Err(table.at_line(row.line, "agent: found an empty cell, expected a name"));
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entitlements_copies_and_welfare_come_with_the_table() {
        let file = InputFile::of_bytes("a.csv", b"agent,car,dog\nAda,5,3\nBen,4,4\n".to_vec());
        let names = |all: &[&str]| Names(all.iter().map(ToString::to_string).collect());
        let options = |entitlements: &[&str], copies: &[&str]| UtilityTableOptions {
            entitlements: names(entitlements),
            copies: names(copies),
            welfare: Some(Welfare::Nash),
            ..UtilityTableOptions::default()
        };
        let read =
            |options: &UtilityTableOptions| UtilityTable::read(&file, options).map(|read| read.problem).map_err(|error| error.to_string());
        let division = read(&options(&["2", " 1"], &["3", "1"])).unwrap();
        assert_eq!((division.entitlements(), division.items()), (Some(&[2, 1][..]), 4));
        assert!(read(&options(&["2"], &[])).unwrap_err().contains("expected 2 (one per agent)"));
        assert!(read(&options(&["2", "half"], &[])).unwrap_err().contains("entitlements: found `half`"));
        assert!(read(&options(&[], &["1", "0"])).unwrap_err().contains("copies"));
    }
}
