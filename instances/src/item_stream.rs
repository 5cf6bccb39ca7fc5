//! Items of a knapsack: JSON lines with a header, tables, and the plain text of the published offline instances.

use std::path::Path;

use fathom_problems::Malformed;
use fathom_problems::online_knapsack::{Amounts, Arrival, OnlineKnapsack, stream};

use crate::document::utf8;
use crate::error::InstanceError;
use crate::format::ReadOptions;

/// A stream of JSON lines.
pub(crate) fn read(file: &Path, bytes: &[u8]) -> Result<OnlineKnapsack, InstanceError> {
    stream::parse(&file.display().to_string(), bytes).map_err(|fault| match &fault.file {
        Some(place) if place.line > 0 => {
            let message = Malformed { file: None, ..fault.clone() }.to_string();
            InstanceError::at_line(file, bytes, place.line, place.column, message)
        }
        _ => InstanceError::about(file, Malformed { file: None, ..fault }.to_string()),
    })
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

/// Columns that may hold an item's value and its weight.
const VALUES: [&str; 4] = ["value", "v", "price", "profit"];
const WEIGHTS: [&str; 4] = ["weight", "w", "weight_pct", "size"];

/// A table with a row per item, its header naming the columns. Without a column of weights every item weighs 1.
pub(crate) fn read_table(file: &Path, bytes: &[u8], delimiter: u8, options: &ReadOptions) -> Result<OnlineKnapsack, InstanceError> {
    let text = utf8(file, bytes)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).trim(csv::Trim::All).from_reader(text.as_bytes());
    let failed = |error: &csv::Error| InstanceError::about(file, error.to_string());
    let header = reader.headers().map_err(|error| failed(&error))?.clone();
    let column = |names: &[&str]| header.iter().position(|found| names.iter().any(|name| found.eq_ignore_ascii_case(name)));
    let value = column(&VALUES).ok_or_else(|| {
        InstanceError::at_line(file, bytes, 1, 0, format!("found no column of values, expected one called {}", VALUES.join(", ")))
    })?;
    let (weight, group) = (column(&WEIGHTS), column(&["group"]));
    let mut selected = Vec::new();
    for (name, wanted) in &options.select {
        let at = column(&[name]).ok_or_else(|| InstanceError::at_line(file, bytes, 1, 0, format!("found no column `{name}`")))?;
        selected.push((at, wanted.as_str()));
    }
    let capacity =
        options.capacity.ok_or_else(|| InstanceError::about(file, "found a table of items without a capacity, expected `--capacity N`"))?;
    let mut items = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| failed(&error))?;
        if items.len() >= options.rows.unwrap_or(usize::MAX) {
            break;
        }
        if selected.iter().any(|&(at, wanted)| record.get(at) != Some(wanted)) {
            continue;
        }
        let line = record.position().map_or(0, |position| usize::try_from(position.line()).unwrap_or(0));
        let cell = |at: usize| record.get(at).unwrap_or("");
        let wrong = |at: usize, expected: &str| {
            let message = format!("column `{}`: found `{}`, expected {expected}", header.get(at).unwrap_or(""), cell(at));
            InstanceError::at_line(file, bytes, line, 0, message)
        };
        let worth = cell(value).parse::<f64>().ok().filter(|worth| worth.is_finite() && *worth >= 0.0);
        let weight = match weight {
            Some(at) => cell(at).parse().map_err(|_| wrong(at, "a whole number of at least 0"))?,
            None => 1,
        };
        items.push(Arrival {
            id: items.len() as u64 + 1,
            value: worth.ok_or_else(|| wrong(value, "a finite number of at least 0"))?,
            weight: Amounts::single(weight),
            group: group.map(|at| cell(at).to_owned()),
        });
    }
    OnlineKnapsack::new(Amounts::single(capacity), None, items).map_err(|fault| InstanceError::about(file, fault.to_string()))
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
        let problem = read_knapsack(Path::new("a.kp"), b"2 10\n3 4\n5 6\n0 1").unwrap();
        assert_eq!((problem.items().len(), problem.capacity().first()), (2, 10));
        assert!(read_knapsack(Path::new("a.kp"), b"2 10\n3 4\n5").is_err());
    }
}
