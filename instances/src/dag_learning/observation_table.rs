//! Tables of observations: one variable per column, one observation per row, with or without a header.

use std::io::{self, Write};

use fathom_opt_problems::Segment;
use fathom_opt_problems::dag_learning::DagLearning;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::known::{self, KnowledgeOptions};
use super::observations::{problem, rows};
use super::score_choice::ScoreChoice;
use crate::error::InstanceError;
use crate::file_format::{FileFormat, Head, Imported, Recognition, WritesFiles};
use crate::input_file::InputFile;
use crate::table::{Layout, Table, TableOptions, is_missing, is_row, preview, write_table};

/// A table with a variable per column and an observation per row.
#[derive(Debug)]
pub struct ObservationTable;

/// How a table of observations is read.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case")]
pub struct ObservationTableOptions {
    /// Score: ev, ev-ebic, nv-bic, l1 or logistic, or NAME=PENALTY.
    pub score: Option<ScoreChoice>,
    /// What is known about the graph.
    #[serde(flatten)]
    pub knowledge: KnowledgeOptions,
    /// As every table.
    #[serde(flatten)]
    pub table: TableOptions,
}

impl FileFormat for ObservationTable {
    type Problem = DagLearning;
    type Options = ObservationTableOptions;
    const NAME: &'static str = "observation-table";
    const SUMMARY: &'static str = "variables in columns, observations in rows, with or without a header";
    const ENDINGS: &'static [&'static str] = &[".csv", ".tsv"];
    const FILES: &'static [&'static str] = known::FILES;

    /// Likely, unless the first column (of those that hold data) names the rows.
    fn recognizes(head: &Head<'_>, options: &ObservationTableOptions) -> Recognition {
        match preview(head, &options.table, &[]) {
            // Nobody can tell what an empty file, or one that is no table, was meant to hold; most tables are data.
            None => Recognition::Possible,
            Some(layout) if layout.rows == 0 && layout.header_line == 0 => Recognition::Possible,
            // A table of names only, without rows, is nobody's; one line of numbers are observations.
            Some(layout) if layout.rows > 0 && (layout.starts_with_numbers || layout.labels.numbers_rows) => Recognition::Likely,
            Some(_) => Recognition::No,
        }
    }

    fn read(file: &InputFile, options: &ObservationTableOptions) -> Result<Imported<DagLearning>, InstanceError> {
        let table = Table::open(file, &options.table, &[])?;
        let problem = options.knowledge.applied(read(&table, options)?, file)?;
        Ok(Imported { notes: table.notes(), ..problem.into() })
    }
}

impl WritesFiles for ObservationTable {
    fn write(problem: &DagLearning, name: &str, out: &mut dyn Write) -> io::Result<()> {
        let rows = rows(problem)?.map(|row| row.into_iter().map(|value| value.to_string()));
        write_table(name, problem.names().iter().cloned(), rows, out)
    }
}

/// The columns that hold variables: a column that only numbers the rows does not.
fn variables(layout: &Layout) -> Vec<usize> {
    let labels = &layout.labels;
    let is_number_of_rows = |j: usize| Some(j) == labels.beside || (labels.numbers_rows && Some(j) == labels.label);
    layout.kept.iter().copied().filter(|&j| !is_number_of_rows(j)).collect()
}

fn read(table: &Table<'_>, options: &ObservationTableOptions) -> Result<DagLearning, InstanceError> {
    let layout = table.layout();
    if layout.rows == 0 && layout.header_line == 0 {
        return Err(table.at_line(0, "found an empty table, expected rows of numbers, one column per variable"));
    }
    let kept = variables(layout);
    let mut columns: Vec<Vec<f64>> = vec![Vec::new(); kept.len()];
    let mut lines: Vec<usize> = Vec::new();
    let mut reading = table.rows();
    while let Some(row) = reading.next_row()? {
        for (column, &j) in columns.iter_mut().zip(&kept) {
            match fast_float2::parse::<f64, _>(&*row.number(j)) {
                Ok(value) if value.is_finite() => column.push(value),
                _ => return Err(table.at_line(row.line, bad_cell(&layout.names[j], row.cell(j), layout.width == 1))),
            }
        }
        lines.push(row.line);
    }
    let names = kept.iter().map(|&j| layout.names[j].clone()).collect();
    problem(names, columns, options.score).map_err(|fault| match *fault.place.segments() {
        [Segment::Field(ref part), _, Segment::Index(row), ..] if part == "table" && row < lines.len() => {
            table.at_line(lines[row], format!("found {}, expected {}", fault.found, fault.expected))
        }
        [Segment::Field(ref part), ..] if part == "names" => {
            let advice = if fault.found == "an empty name" { " (a column without a name can be left out with `--read skip=`)" } else { "" };
            table.at_line(layout.header_line, format!("{fault}{advice}"))
        }
        _ => table.at_line(0, fault.to_string()),
    })
}

fn bad_cell(name: &str, cell: &str, is_alone: bool) -> String {
    let advice = if is_missing(cell) {
        "a finite number (rows with missing values have to be left out or filled in first)"
    } else {
        "a finite number (a column of names or categories can be left out with `--read skip=NAMES`)"
    };
    if is_alone && is_row(cell) {
        return "found one column, expected columns separated by commas (or say how: `--read delimiter=NAME`)".into();
    }
    let found = if cell.is_empty() { "an empty cell".to_owned() } else { format!("`{cell}`") };
    format!("column `{name}`: found {found}, expected {advice}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::Names;

    fn table(text: &str) -> Result<DagLearning, InstanceError> {
        ObservationTable::read(&InputFile::of_bytes("a.csv", text.as_bytes().to_vec()), &ObservationTableOptions::default())
            .map(|imported| imported.problem)
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
        assert_eq!(table(",a,b\n0,1,2\n1,3,5\n").unwrap().names(), ["a", "b"]);
        assert!(table("a,,b\n0,1,2\n1,3,5\n").unwrap_err().to_string().contains("--read skip="));
        assert_eq!(recognition("1 2\n3 5\n", &ObservationTableOptions::default()), Recognition::Likely);
        assert_eq!(table("1 2\n3 5\n").unwrap().names(), ["x0", "x1"]);
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
        let skipping = ObservationTableOptions {
            table: TableOptions { skip: Names(vec!["id".into()]), ..TableOptions::default() },
            ..ObservationTableOptions::default()
        };
        assert_eq!(recognition("id,b\nAda,2\n", &skipping), Recognition::Likely);
    }
}
