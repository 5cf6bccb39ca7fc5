//! Tables of utilities: the header holds item names, each row one agent's utilities, the first column agent names if it is not numeric.

use std::path::Path;

use fathom_opt_problems::fair_division::{FairDivision, Utilities};

use crate::compression::write_pending;
use crate::document::utf8;
use crate::error::InstanceError;
use crate::format::ReadOptions;

pub(crate) fn read(file: &Path, bytes: &[u8], delimiter: u8, options: &ReadOptions) -> Result<FairDivision, InstanceError> {
    let text = utf8(file, bytes)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).flexible(false).trim(csv::Trim::All).from_reader(text.as_bytes());
    let header = reader.headers().map_err(|error| csv_error(file, bytes, &error))?.clone();
    if header.len() > 1 && header.iter().all(|cell| cell.parse::<f64>().is_ok()) {
        return Err(InstanceError::at_line(file, bytes, 1, 0, "found numbers only, expected a header with the names of the items"));
    }
    if header.len() == 1 && delimiter == b',' && header.iter().any(|cell| cell.contains([';', '\t'])) {
        return Err(InstanceError::at_line(
            file,
            bytes,
            1,
            0,
            "found one column, expected columns separated by commas (tabs in a .tsv file)",
        ));
    }
    let skipped = skipped_columns(file, &header, &options.skip)?;
    let mut names: Option<Vec<String>> = None;
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut lines: Vec<usize> = Vec::new();
    for record in reader.records().take(options.rows.unwrap_or(usize::MAX)) {
        let record = record.map_err(|error| csv_error(file, bytes, &error))?;
        let line = record.position().map_or(0, |position| usize::try_from(position.line()).unwrap_or(0));
        let mut cells: Vec<String> =
            record.iter().enumerate().filter(|(column, _)| !skipped[*column]).map(|(_, cell)| cell.to_owned()).collect();
        if rows.is_empty() && cells.first().is_some_and(|cell| cell.parse::<f64>().is_err()) {
            names = Some(Vec::new());
        }
        if let Some(names) = &mut names
            && !cells.is_empty()
        {
            names.push(cells.remove(0));
        }
        rows.push(cells);
        lines.push(line);
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
                InstanceError::at_line(file, bytes, lines[row], 0, message)
            }
            [Field(ref part), Index(row), ..] if part == "agents" && row < lines.len() => {
                let message = format!("agent: found {}, expected {}", fault.found, fault.expected);
                InstanceError::at_line(file, bytes, lines[row], 0, message)
            }
            [Field(ref part), ..] if part == "items" => InstanceError::at_line(file, bytes, 1, 0, fault.to_string()),
            _ => InstanceError::about(file, fault.to_string()),
        }
    })
}

fn skipped_columns(file: &Path, header: &csv::StringRecord, skip: &[String]) -> Result<Vec<bool>, InstanceError> {
    for name in skip {
        if !header.iter().any(|column| column == name) {
            let columns: Vec<&str> = header.iter().take(8).collect();
            let message = format!("no column `{name}` to skip; the table starts with {}", columns.join(", "));
            return Err(InstanceError::about(file, message));
        }
    }
    Ok(header.iter().map(|column| skip.iter().any(|name| name == column)).collect())
}

fn csv_error(file: &Path, bytes: &[u8], error: &csv::Error) -> InstanceError {
    let line = |position: &Option<csv::Position>| position.as_ref().map_or(0, |position| usize::try_from(position.line()).unwrap_or(0));
    match error.kind() {
        csv::ErrorKind::UnequalLengths { pos, expected_len, len } => {
            let message = format!("found {len} cells, expected {expected_len} (as in the header)");
            InstanceError::at_line(file, bytes, line(pos), 0, message)
        }
        csv::ErrorKind::Utf8 { pos, err } => InstanceError::at_line(file, bytes, line(pos), 0, err.to_string()),
        _ => InstanceError::about(file, error.to_string()),
    }
}

/// The utility at a row-major position, in decimal digits.
fn utility_text(division: &FairDivision, at: usize) -> String {
    match division.utilities() {
        Utilities::Small(values) => division.display_utility(&values[at]),
        Utilities::Big(values) => division.display_utility(&values[at]),
    }
}

pub(crate) fn write(file: &Path, division: &FairDivision, delimiter: u8) -> Result<(), InstanceError> {
    if division.entitlements().is_some() {
        return Err(InstanceError::about(file, "found entitlements, expected none (a table of utilities has no place for them)"));
    }
    write_pending(file, |out| {
        let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(out);
        let items = (0..division.items()).map(|item| division.item_name(item));
        writer.write_record(std::iter::once("agent".to_owned()).chain(items))?;
        for agent in 0..division.agents() {
            let utilities = (0..division.items()).map(|item| utility_text(division, agent * division.items() + item));
            writer.write_record(std::iter::once(division.agent_name(agent)).chain(utilities))?;
        }
        writer.flush()
    })?
    .commit()
}
