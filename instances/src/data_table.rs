//! Tables of observations: one variable per column, one observation per row, with or without a header.

use std::path::Path;

use fathom_opt_problems::dag_learning::{DagLearning, Sample, Score, ScoreKind, npy_f64};
use fathom_opt_problems::{Malformed, Segment};

use crate::compression::write_pending;
use crate::document::utf8;
use crate::error::InstanceError;
use crate::format::ReadOptions;
use crate::npy;

fn reader(text: &str, delimiter: u8) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes())
}

fn is_number(cell: &str) -> bool {
    cell.parse::<f64>().is_ok()
}

/// Whether a cell is a whole row whose separators are not the table's.
fn is_row(cell: &str) -> bool {
    let mut parts = cell.split([';', ' ', '\t', ',', '|']).filter(|part| !part.is_empty()).peekable();
    parts.next().is_some_and(is_number) && parts.peek().is_some() && parts.all(is_number)
}

/// What other programs write where a value is missing.
fn is_missing(cell: &str) -> bool {
    matches!(cell.to_ascii_lowercase().as_str(), "" | "na" | "n/a" | "nan" | "null" | "none" | "?")
}

/// Whether the first line names the columns: unless it holds numbers, apart from values that are missing.
fn is_header(record: &csv::StringRecord) -> bool {
    !record.iter().all(|cell| is_number(cell) || is_missing(cell)) || !record.iter().any(is_number)
}

/// Whether a table holds observations: anything but a table whose first column (of those not left out) names the rows.
pub(crate) fn is_data_table(bytes: &[u8], delimiter: u8, options: &ReadOptions) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut records = reader(text, delimiter).into_records().filter_map(Result::ok);
    // Nobody can tell what an empty file was meant to hold; most tables are data.
    let Some(first) = records.next() else { return true };
    let column = (0..first.len()).find(|&column| !options.skip.iter().any(|name| name == &first[column])).unwrap_or(0);
    // A table of names only, without rows, is nobody's; one line of numbers are observations.
    match records.next() {
        Some(second) => second.get(column).is_some_and(|cell| is_number(cell) || is_missing(cell) || (second.len() == 1 && is_row(cell))),
        None => first.get(column).is_some_and(is_number),
    }
}

pub(crate) fn read(file: &Path, bytes: &[u8], delimiter: u8, options: &ReadOptions) -> Result<DagLearning, InstanceError> {
    let text = utf8(file, bytes)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut names: Vec<String> = Vec::new();
    let mut kept: Vec<usize> = Vec::new();
    let mut columns: Vec<Vec<f64>> = Vec::new();
    let mut lines: Vec<usize> = Vec::new();
    let mut width = 0;
    let at = |line: usize, message: String| InstanceError::at_line(file, bytes, line, 0, message);
    for record in reader(text, delimiter).into_records() {
        let record = record.map_err(|error| InstanceError::about(file, error.to_string()))?;
        let line = record.position().map_or(0, |position| usize::try_from(position.line()).unwrap_or(0));
        if names.is_empty() {
            width = record.len();
            let has_header = is_header(&record);
            names = if has_header { record.iter().map(str::to_owned).collect() } else { (0..width).map(|j| format!("x{j}")).collect() };
            kept = kept_columns(file, &names, &options.skip)?;
            columns = vec![Vec::new(); kept.len()];
            if has_header {
                continue;
            }
        }
        if options.rows.is_some_and(|rows| lines.len() >= rows) {
            break;
        }
        if record.len() != width {
            return Err(at(line, format!("found {} cells, expected {width} (as in the first line)", record.len())));
        }
        for (column, &j) in columns.iter_mut().zip(&kept) {
            match fast_float2::parse::<f64, _>(&record[j]) {
                Ok(value) if value.is_finite() => column.push(value),
                _ => return Err(at(line, bad_cell(&names[j], &record[j]))),
            }
        }
        lines.push(line);
    }
    if names.is_empty() {
        return Err(InstanceError::about(file, "found an empty table, expected rows of numbers, one column per variable"));
    }
    let names = kept.iter().map(|&j| names[j].clone()).collect();
    problem(names, columns).map_err(|fault| match *fault.place.segments() {
        [Segment::Field(ref table), _, Segment::Index(row), ..] if table == "table" && row < lines.len() => {
            at(lines[row], format!("found {}, expected {}", fault.found, fault.expected))
        }
        [Segment::Field(ref part), ..] if part == "names" => {
            let advice =
                if fault.found == "an empty name" { " (a column of row numbers can be left out with --skip-columns \"\")" } else { "" };
            at(1, format!("{fault}{advice}"))
        }
        _ => InstanceError::about(file, fault.to_string()),
    })
}

fn bad_cell(name: &str, cell: &str) -> String {
    let advice = if is_missing(cell) {
        "a finite number (rows with missing values have to be left out or filled in first)"
    } else {
        "a finite number (a column of names or categories can be left out with --skip-columns)"
    };
    if is_row(cell) {
        return "found one column, expected columns separated by commas (tabs in a .tsv file)".into();
    }
    let found = if cell.is_empty() { "an empty cell".to_owned() } else { format!("`{cell}`") };
    format!("column `{name}`: found {found}, expected {advice}")
}

fn kept_columns(file: &Path, names: &[String], skip: &[String]) -> Result<Vec<usize>, InstanceError> {
    if let Some(missing) = skip.iter().find(|name| !names.contains(name)) {
        let some: Vec<&str> = names.iter().take(8).map(String::as_str).collect();
        return Err(InstanceError::about(file, format!("no column `{missing}` to skip; the table starts with {}", some.join(", "))));
    }
    Ok((0..names.len()).filter(|&j| !skip.contains(&names[j])).collect())
}

fn problem(names: Vec<String>, columns: Vec<Vec<f64>>) -> Result<DagLearning, Malformed> {
    DagLearning::new(names, Sample::Table { columns }, Score::new(ScoreKind::default(), None)?)
}

pub(crate) fn read_npy(file: &Path, bytes: &[u8], options: &ReadOptions) -> Result<DagLearning, InstanceError> {
    let array = npy::read(file, bytes)?;
    let names: Vec<String> = (0..array.columns).map(|j| format!("x{j}")).collect();
    let kept = kept_columns(file, &names, &options.skip)?;
    let rows = array.rows.min(options.rows.unwrap_or(usize::MAX));
    let columns = kept.iter().map(|&j| (0..rows).map(|r| array.values[r * array.columns + j]).collect()).collect();
    let names = kept.iter().map(|&j| names[j].clone()).collect();
    problem(names, columns).map_err(|fault| InstanceError::about(file, fault.to_string()))
}

/// The rows of the problem's table.
fn rows<'a>(file: &Path, problem: &'a DagLearning) -> Result<impl Iterator<Item = Vec<f64>> + 'a, InstanceError> {
    match problem.sample() {
        Sample::Table { columns } => Ok((0..problem.sample().observations()).map(|r| columns.iter().map(|column| column[r]).collect())),
        Sample::Covariance { .. } => {
            Err(InstanceError::about(file, "found a covariance, expected a table (only a document has a place for it)"))
        }
    }
}

pub(crate) fn write(file: &Path, problem: &DagLearning, delimiter: u8) -> Result<(), InstanceError> {
    let rows = rows(file, problem)?;
    write_pending(file, |out| {
        let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(out);
        writer.write_record(problem.names())?;
        for row in rows {
            writer.write_record(row.iter().map(f64::to_string))?;
        }
        writer.flush()
    })?
    .commit()
}

pub(crate) fn write_npy(file: &Path, problem: &DagLearning) -> Result<(), InstanceError> {
    let values: Vec<f64> = rows(file, problem)?.flatten().collect();
    let bytes = npy_f64(problem.sample().observations(), problem.variables(), &values);
    write_pending(file, |out| out.write_all(&bytes))?.commit()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> Result<DagLearning, InstanceError> {
        read(Path::new("a.csv"), text.as_bytes(), b',', &ReadOptions::default())
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
        assert!(table("a,b\n1,red\n").unwrap_err().to_string().contains("--skip-columns"));
        assert!(table("a,b\n1,\n").unwrap_err().to_string().contains("an empty cell"));
        assert!(table("a,b\n1,inf\n").unwrap_err().to_string().starts_with("a.csv:2: column `b`"));
        assert!(table("a,b\n1,2\n3\n").unwrap_err().to_string().starts_with("a.csv:3: found 1 cells, expected 2"));
        assert!(table("a,b\n1,1e200\n2,0\n").unwrap_err().to_string().starts_with("a.csv:2: found 1e200"));
        assert!(table("a,a\n1,2\n").unwrap_err().to_string().starts_with("a.csv:1: names: found the name `a` twice"));
        assert!(table("").unwrap_err().to_string().contains("an empty table"));
        // A missing value in the first line makes no header of it.
        assert!(table("1,NA,3\n2,3,4\n").unwrap_err().to_string().starts_with("a.csv:1: column `x1`: found `NA`"));
        assert!(table(",a,b\n0,1,2\n1,3,5\n").unwrap_err().to_string().contains("--skip-columns \"\""));
        for text in ["1 2\n3 5\n", "a;b\n1;2\n3;5\n"] {
            assert!(is_data_table(text.as_bytes(), b',', &ReadOptions::default()));
            assert!(table(text).unwrap_err().to_string().contains("separated by commas"));
        }
    }

    #[test]
    fn a_first_column_of_names_is_no_data() {
        let is_data = |text: &str| is_data_table(text.as_bytes(), b',', &ReadOptions::default());
        assert!(is_data("a,b\n1,2\n"));
        assert!(is_data("1,2\n3,4\n"));
        assert!(!is_data("agent,b\nAda,2\n"));
        assert!(!is_data("from,to\na,b\n"));
        let skipping = ReadOptions { skip: vec!["id".into()], ..ReadOptions::default() };
        assert!(is_data_table(b"id,b\nAda,2\n", b',', &skipping));
    }
}
