//! Tables of observations: one variable per column, one observation per row, with or without a header.

use std::io::{self, Write};

use csv::StringRecord;
use fathom_opt_problems::Segment;
use fathom_opt_problems::dag_learning::DagLearning;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::observations::{kept_columns, problem, rows};
use super::score_choice::ScoreChoice;
use crate::error::InstanceError;
use crate::file_format::{FileFormat, Head, Imported, Recognition, WritesFiles};
use crate::input_file::InputFile;
use crate::table::{Names, TableReader, first_rows, is_missing, is_number, is_row, write_table};

/// A table with a variable per column and an observation per row.
#[derive(Debug)]
pub struct ObservationTable;

/// How a table of observations is read.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct ObservationTableOptions {
    /// Columns to leave out.
    pub skip: Names,
    /// Only the first so many rows.
    pub rows: Option<usize>,
    /// Score: ev, ev-ebic, nv-bic, l1 or logistic, or NAME=PENALTY.
    pub score: Option<ScoreChoice>,
}

impl FileFormat for ObservationTable {
    type Problem = DagLearning;
    type Options = ObservationTableOptions;
    const NAME: &'static str = "observation-table";
    const SUMMARY: &'static str = "variables in columns, observations in rows, with or without a header";
    const ENDINGS: &'static [&'static str] = &[".csv", ".tsv"];

    /// Likely, unless the first column (of those that are not left out) names the rows.
    fn recognizes(head: &Head<'_>, options: &ObservationTableOptions) -> Recognition {
        let rows = first_rows(head.name, head.bytes, 2);
        // Nobody can tell what an empty file was meant to hold; most tables are data.
        let Some(first) = rows.first() else { return Recognition::Possible };
        let column = (0..first.len()).find(|&column| !options.skip.contains(&first[column])).unwrap_or(0);
        // A table of names only, without rows, is nobody's; one line of numbers are observations.
        let is_data = match rows.get(1) {
            Some(second) => {
                second.get(column).is_some_and(|cell| is_number(cell) || is_missing(cell) || (second.len() == 1 && is_row(cell)))
            }
            None => first.get(column).is_some_and(is_number),
        };
        if is_data { Recognition::Likely } else { Recognition::No }
    }

    fn read(file: &InputFile, options: &ObservationTableOptions) -> Result<Imported<DagLearning>, InstanceError> {
        read(file, options).map(Imported::from)
    }
}

impl WritesFiles for ObservationTable {
    fn write(problem: &DagLearning, name: &str, out: &mut dyn Write) -> io::Result<()> {
        let rows = rows(problem)?.map(|row| row.into_iter().map(|value| value.to_string()));
        write_table(name, problem.names().iter().cloned(), rows, out)
    }
}

/// Whether the first line names the columns: unless it holds numbers, apart from values that are missing.
fn is_header(record: &StringRecord) -> bool {
    !record.iter().all(|cell| is_number(cell) || is_missing(cell)) || !record.iter().any(is_number)
}

fn read(file: &InputFile, options: &ObservationTableOptions) -> Result<DagLearning, InstanceError> {
    let mut table = TableReader::open(file)?;
    let mut names: Vec<String> = Vec::new();
    let mut kept: Vec<usize> = Vec::new();
    let mut columns: Vec<Vec<f64>> = Vec::new();
    let mut lines: Vec<usize> = Vec::new();
    let mut width = 0;
    while let Some(row) = table.next_row()? {
        if names.is_empty() {
            width = row.len();
            let has_header = is_header(row.cells);
            names = if has_header { row.cells.iter().map(str::to_owned).collect() } else { (0..width).map(|j| format!("x{j}")).collect() };
            kept = kept_columns(&names, &options.skip).map_err(|message| file.about(message))?;
            columns = vec![Vec::new(); kept.len()];
            if has_header {
                continue;
            }
        }
        if options.rows.is_some_and(|rows| lines.len() >= rows) {
            break;
        }
        if row.len() != width {
            return Err(file.at_line(row.line, format!("found {} cells, expected {width} (as in the first line)", row.len())));
        }
        for (column, &j) in columns.iter_mut().zip(&kept) {
            match fast_float2::parse::<f64, _>(&row.cells[j]) {
                Ok(value) if value.is_finite() => column.push(value),
                _ => return Err(file.at_line(row.line, bad_cell(&names[j], &row.cells[j]))),
            }
        }
        lines.push(row.line);
    }
    if names.is_empty() {
        return Err(file.about("found an empty table, expected rows of numbers, one column per variable"));
    }
    let names = kept.iter().map(|&j| names[j].clone()).collect();
    problem(names, columns, options.score).map_err(|fault| match *fault.place.segments() {
        [Segment::Field(ref table), _, Segment::Index(row), ..] if table == "table" && row < lines.len() => {
            file.at_line(lines[row], format!("found {}, expected {}", fault.found, fault.expected))
        }
        [Segment::Field(ref part), ..] if part == "names" => {
            let advice = if fault.found == "an empty name" { " (a column of row numbers can be left out with `--read skip=`)" } else { "" };
            file.at_line(1, format!("{fault}{advice}"))
        }
        _ => file.about(fault.to_string()),
    })
}

fn bad_cell(name: &str, cell: &str) -> String {
    let advice = if is_missing(cell) {
        "a finite number (rows with missing values have to be left out or filled in first)"
    } else {
        "a finite number (a column of names or categories can be left out with `--read skip=NAMES`)"
    };
    if is_row(cell) {
        return "found one column, expected columns separated by commas (tabs in a .tsv file)".into();
    }
    let found = if cell.is_empty() { "an empty cell".to_owned() } else { format!("`{cell}`") };
    format!("column `{name}`: found {found}, expected {advice}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> Result<DagLearning, InstanceError> {
        read(&InputFile::of_bytes("a.csv", text.as_bytes().to_vec()), &ObservationTableOptions::default())
    }

    #[test]
    fn tables_with_and_without_header_are_read() {
        let named = table("a, b\n1,2\n3,5\n").unwrap();
        assert_eq!(named.names(), ["a", "b"]);
        let plain = table("1,2\n3,5\n").unwrap();
        assert_eq!(plain.names(), ["x0", "x1"]);
        assert_eq!(plain.sample(), named.sample());
        let marked = table("\u{feff}a,b\r\n1e0,2\r\n3,5").unwrap();
        assert_eq!(marked.sample(), named.sample());
    }

    #[test]
    fn cells_that_are_no_numbers_are_named() {
        assert_eq!(
            table("a,b\n1,2\n3,NA\n").unwrap_err().to_string(),
            "a.csv:3: column `b`: found `NA`, expected a finite number (rows with missing values have to be left out or filled in first)"
        );
        assert!(table("a,b\n1,red\n").unwrap_err().to_string().contains("--read skip"));
        assert!(table("a,b\n1,\n").unwrap_err().to_string().contains("an empty cell"));
        assert!(table("a,b\n1,inf\n").unwrap_err().to_string().starts_with("a.csv:2: column `b`"));
        assert!(table("a,b\n1,2\n3\n").unwrap_err().to_string().starts_with("a.csv:3: found 1 cells, expected 2"));
        assert!(table("a,b\n1,1e200\n2,0\n").unwrap_err().to_string().starts_with("a.csv:2: found 1e200"));
        assert!(table("a,a\n1,2\n").unwrap_err().to_string().starts_with("a.csv:1: names: found the name `a` twice"));
        assert!(table("").unwrap_err().to_string().contains("an empty table"));
        // A missing value in the first line makes no header of it.
        assert!(table("1,NA,3\n2,3,4\n").unwrap_err().to_string().starts_with("a.csv:1: column `x1`: found `NA`"));
        assert!(table(",a,b\n0,1,2\n1,3,5\n").unwrap_err().to_string().contains("--read skip="));
        assert_eq!(recognition("1 2\n3 5\n", &ObservationTableOptions::default()), Recognition::Likely);
        assert!(table("1 2\n3 5\n").unwrap_err().to_string().contains("separated by commas"));
        assert_eq!(table("a;b\n1;2\n3;5\n").unwrap().names(), ["a", "b"]);
    }

    fn recognition(text: &str, options: &ObservationTableOptions) -> Recognition {
        ObservationTable::recognizes(&Head::of("a.csv", text.as_bytes()), options)
    }

    #[test]
    fn a_first_column_of_names_is_no_data() {
        let is_data = |text: &str| recognition(text, &ObservationTableOptions::default()) == Recognition::Likely;
        assert!(is_data("a,b\n1,2\n"));
        assert!(is_data("1,2\n3,4\n"));
        assert!(!is_data("agent,b\nAda,2\n"));
        assert!(!is_data("from,to\na,b\n"));
        let skipping = ObservationTableOptions { skip: Names(vec!["id".into()]), ..ObservationTableOptions::default() };
        assert_eq!(recognition("id,b\nAda,2\n", &skipping), Recognition::Likely);
    }
}
