//! Items of a knapsack: JSON lines with a header, tables, and the plain text of the published offline instances.

use std::collections::HashMap;
use std::path::Path;

use csv::StringRecord;
use fathom_opt_problems::Malformed;
use fathom_opt_problems::online_knapsack::{Amounts, Arrival, DensityBounds, OnlineKnapsack, stream};

use crate::document::utf8;
use crate::error::InstanceError;
use crate::format::ReadOptions;
use crate::item_columns::ItemColumns;

/// A stream of JSON lines.
pub(crate) fn read(file: &Path, bytes: &[u8]) -> Result<OnlineKnapsack, InstanceError> {
    stream::parse(&file.display().to_string(), bytes).map_err(|fault| misplaced(file, bytes, &fault))
}

/// The error for a fault in a line of a stream.
pub(crate) fn misplaced(file: &Path, bytes: &[u8], fault: &Malformed) -> InstanceError {
    let message = Malformed { file: None, ..fault.clone() }.to_string();
    match &fault.file {
        Some(place) if place.line > 0 => InstanceError::at_line(file, bytes, place.line, place.column, message),
        _ => InstanceError::about(file, message),
    }
}

/// Whole numbers separated by space: how many items, the capacity, then value and weight of each item. What follows is left alone (some published
/// files end in an optimal solution).
pub(crate) fn read_knapsack(file: &Path, bytes: &[u8]) -> Result<OnlineKnapsack, InstanceError> {
    let text = utf8(file, bytes)?;
    let mut words = text.split_ascii_whitespace();
    let mut number = |what: &str| -> Result<u64, InstanceError> {
        let word = words.next().ok_or_else(|| InstanceError::about(file, format!("the file ends before {what}")))?;
        word.parse().map_err(|_| {
            let offset = word.as_ptr() as usize - text.as_ptr() as usize;
            InstanceError::at_offset(file, bytes, offset, format!("found `{word}`, expected {what}, a whole number of at least 0"))
        })
    };
    let (count, capacity) = (number("the number of items")?, number("the capacity")?);
    let mut items = Vec::new();
    for item in 1..=count {
        let value = number(&format!("the value of item {item}"))?;
        let weight = number(&format!("the weight of item {item}"))?;
        items.push((value as f64, weight));
    }
    OnlineKnapsack::single(capacity, None, items).map_err(|fault| InstanceError::about(file, fault.to_string()))
}

/// A file that its name does not tell about, by its first line: JSON lines, a table, numbers alone (prices of items of weight 1), or knapsack text.
pub(crate) fn read_by_content(file: &Path, bytes: &[u8], options: &ReadOptions) -> Result<OnlineKnapsack, InstanceError> {
    let first = bytes.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii).find(|line| !line.is_empty()).unwrap_or_default();
    let words: Vec<&str> = std::str::from_utf8(first).unwrap_or_default().split_ascii_whitespace().collect();
    match words.as_slice() {
        [number] if number.parse::<f64>().is_ok() => read_table(file, bytes, b',', options),
        _ if first.starts_with(b"{") => read(file, bytes),
        [count, capacity] if count.parse::<u64>().is_ok() && capacity.parse::<u64>().is_ok() => read_knapsack(file, bytes),
        _ => read_table(file, bytes, if first.contains(&b'\t') { b'\t' } else { b',' }, options),
    }
}

/// A table with a row per item, its header naming the columns; or numbers alone, a price per line. Without a column of weights every item weighs 1.
pub(crate) fn read_table(file: &Path, bytes: &[u8], delimiter: u8, options: &ReadOptions) -> Result<OnlineKnapsack, InstanceError> {
    let whole = read_tables(file, bytes, delimiter, options, None)?.pop();
    whole.map(|(_, stream)| stream).ok_or_else(|| InstanceError::about(file, "found an empty table, expected a row per item"))
}

/// The streams of a table, one for each value of the column `each`, with that value; or all of it.
pub(crate) fn read_tables(
    file: &Path,
    bytes: &[u8],
    delimiter: u8,
    options: &ReadOptions,
    each: Option<&str>,
) -> Result<Vec<(String, OnlineKnapsack)>, InstanceError> {
    let text = utf8(file, bytes)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new().has_headers(false).delimiter(delimiter).trim(csv::Trim::All).from_reader(text.as_bytes());
    let failed = |error: &csv::Error| InstanceError::about(file, error.to_string());
    let line_of = |record: &StringRecord| record.position().map_or(0, |position| usize::try_from(position.line()).unwrap_or(0));
    let mut records = reader.records().peekable();
    let first = match records.peek() {
        Some(Ok(first)) => first.clone(),
        Some(Err(error)) => return Err(failed(error)),
        None => return Err(InstanceError::about(file, "found an empty table, expected a row per item")),
    };
    let wrong = |record: &StringRecord, message| InstanceError::at_line(file, bytes, line_of(record), 0, message);
    let (columns, is_header) = ItemColumns::of(&first, options).map_err(|message| wrong(&first, message))?;
    let each = each.map(|each| columns.position(each).ok_or_else(|| wrong(&first, format!("found no column `{each}`")))).transpose()?;
    if is_header {
        records.next();
    }
    let mut streams: Vec<(String, Vec<Arrival>)> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut rows = 0;
    for record in records {
        let record = record.map_err(|error| failed(&error))?;
        if rows >= options.rows.unwrap_or(usize::MAX) {
            break;
        }
        let value = each.map_or("", |at| record.get(at).unwrap_or(""));
        let place = if let Some(place) = places.get(value) {
            *place
        } else {
            places.insert(value.to_owned(), streams.len());
            streams.push((value.to_owned(), Vec::new()));
            streams.len() - 1
        };
        let items = &mut streams[place].1;
        if let Some(item) = columns.item(&record, items.len() as u64 + 1).map_err(|message| wrong(&record, message))? {
            items.push(item);
            rows += 1;
        }
    }
    if streams.is_empty() {
        streams.push((String::new(), Vec::new()));
    }
    let capacity =
        options.capacity.ok_or_else(|| InstanceError::about(file, "found a table of items without a capacity, expected `--capacity N`"))?;
    let bounds = options.bounds.map(|(lower, upper)| DensityBounds { lower, upper });
    let about = |fault: Malformed| InstanceError::about(file, fault.to_string());
    let stream = |(value, items)| Ok((value, OnlineKnapsack::new(Amounts::single(capacity), bounds, items).map_err(about)?));
    streams.into_iter().map(stream).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_names_the_line_at_fault() {
        let header = "{\"stream\":1,\"kind\":\"online-knapsack\",\"capacity\":[10],\"bounds\":{\"L\":1,\"U\":9}}\r\n";
        let good = format!("{header}\n{{\"id\":1,\"v\":2.5,\"w\":[3],\"t\":0}}\n{{\"id\":4,\"v\":1,\"w\":2}}");
        let problem = read(Path::new("a.jsonl"), good.as_bytes()).unwrap();
        assert_eq!(problem.items().len(), 2);
        assert_eq!(problem.bounds().unwrap().upper, 9.0);
        for (line, message) in [
            ("{\"id\":1,\"v\":-2,\"w\":[3]}", "v: found -2, expected a finite value of at least 0"),
            ("{\"id\":1,\"v\":2,\"w\":[-3]}", "a.jsonl:2:"),
            ("{\"id\":1,\"v\":2,\"w\":[3,4]}", "found 2 amounts, expected 1"),
            ("{\"id\":1,\"v\":2", "EOF while parsing"),
        ] {
            let error = read(Path::new("a.jsonl"), format!("{header}{line}\n").as_bytes()).unwrap_err().to_string();
            assert!(error.starts_with("a.jsonl:2") && error.contains(message), "{error}");
        }
        let twice = format!("{header}{{\"id\":1,\"v\":2,\"w\":3}}\n{{\"id\":1,\"v\":2,\"w\":3}}\n");
        assert!(
            read(Path::new("a.jsonl"), twice.as_bytes())
                .unwrap_err()
                .to_string()
                .contains("a.jsonl:3: id: found 1, expected an id above 1")
        );
        assert!(read(Path::new("a.jsonl"), b"").is_err());
    }

    #[test]
    fn a_table_and_a_text_of_items_are_read() {
        let options = ReadOptions { capacity: Some(100), select: vec![("trace".into(), "2".into())], ..ReadOptions::default() };
        let table = b"trace,weight_pct,value\n1,5,7.4\n2,3,2.5\n2,1,0.5\n";
        let problem = read_table(Path::new("a.csv"), table, b',', &options).unwrap();
        assert_eq!((problem.items().len(), problem.items()[0].value, problem.items()[0].weight.first()), (2, 2.5, 3));
        let error =
            read_table(Path::new("a.csv"), b"weight,value\n1.5,2\n", b',', &ReadOptions { capacity: Some(9), ..ReadOptions::default() });
        assert!(error.unwrap_err().to_string().contains("a.csv:2: column `weight`: found `1.5`, expected a whole number"));
        let prices = b"10449.5\r\n19657\n";
        let problem = read_by_content(
            Path::new("prices"),
            prices,
            &ReadOptions { capacity: Some(1000), bounds: Some((700.0, 2e7)), ..ReadOptions::default() },
        );
        let problem = problem.unwrap();
        assert_eq!((problem.items()[0].value, problem.items()[1].weight.first(), problem.bounds().unwrap().lower), (10449.5, 1, 700.0));
        let named = ReadOptions { capacity: Some(9), columns: vec![("value".into(), "bid".into())], ..ReadOptions::default() };
        assert_eq!(read_by_content(Path::new("a"), b"size\tbid\n2\t7\n", &named).unwrap().items()[0].value, 7.0);
        assert_eq!(read_by_content(Path::new("a"), b"\n1 10\n\n3 4\n", &ReadOptions::default()).unwrap().capacity().first(), 10);
        let problem = read_knapsack(Path::new("a.kp"), b"2 10\n3 4\n5 6\n0 1").unwrap();
        assert_eq!((problem.items().len(), problem.capacity().first()), (2, 10));
        assert!(read_knapsack(Path::new("a.kp"), b"2 10\n3 4\n5").is_err());
    }
}
