//! A graph or an order to start from, as other tools write it.

use std::collections::HashMap;
use std::path::Path;

use fathom_opt_problems::dag_learning::{Edge, Start, WeightedDag};
use serde::Deserialize;

use crate::compression::{Compression, read_stored, unpack};
use crate::document::utf8;
use crate::error::InstanceError;
use crate::npy;
use crate::solution_document::read_solution;

/// The start in `file` for the variables `names`: a weight matrix (`.npy`, `.csv`, `.tsv`; row `i` holds the effects of `i`), a list of edges
/// (`.csv`, `.tsv` with the header `from,to` or `from,to,weight`), an order (`.csv`, `.tsv`: all variables in one line, or one in each, perhaps under the
/// header `order`), or a solution (`.json`; its order or its edges are enough).
///
/// # Errors
/// When the file cannot be read, or holds no graph over these variables.
pub fn read_start(file: &Path, names: &[String]) -> Result<Start, InstanceError> {
    let name = file.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    let (_, name) = Compression::of(&name);
    let bytes = |file: &Path| read_stored(file).and_then(|stored| unpack(file, stored));
    let ending = name.rsplit('.').next().unwrap_or_default();
    if ending == "json" {
        return of_solution(file);
    }
    if ending == "npy" {
        let array = npy::read(file, &bytes(file)?)?;
        return of_matrix(file, array.rows, array.columns, &array.values, names.len());
    }
    if ending == "csv" || ending == "tsv" {
        return of_table(file, &bytes(file)?, if ending == "csv" { b',' } else { b'\t' }, names);
    }
    Err(InstanceError::about(file, "found an unknown kind of file, expected a start in .csv, .tsv, .npy or .json"))
}

/// A solution of which a part may be missing.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Partial {
    #[serde(default)]
    order: Vec<usize>,
    #[serde(default)]
    edges: Vec<Edge>,
}

fn of_solution(file: &Path) -> Result<Start, InstanceError> {
    let read = read_solution(file)?;
    let solution: Partial = serde_json::from_str(read.solution.get())
        .map_err(|error| InstanceError::at_offset(file, read.text.as_bytes(), read.offset, format!("solution: {error}")))?;
    Ok(match (solution.order.is_empty(), solution.edges.is_empty()) {
        (true, _) => Start::Graph(solution.edges),
        (false, true) => Start::Order(solution.order),
        (false, false) => Start::Dag(WeightedDag { order: solution.order, edges: solution.edges }),
    })
}

fn of_matrix(file: &Path, rows: usize, columns: usize, values: &[f64], d: usize) -> Result<Start, InstanceError> {
    if rows != d || columns != d {
        return Err(InstanceError::about(file, format!("found a {rows} x {columns} matrix, expected {d} x {d} weights")));
    }
    if let Some(k) = values.iter().position(|value| !value.is_finite()) {
        return Err(InstanceError::about(
            file,
            format!("found the weight {} in row {}, column {}, expected a finite number", values[k], k / d + 1, k % d + 1),
        ));
    }
    Ok(Start::from_weights(values, d))
}

fn of_table(file: &Path, bytes: &[u8], delimiter: u8, names: &[String]) -> Result<Start, InstanceError> {
    let text = utf8(file, bytes)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let reader =
        csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
    let mut records: Vec<csv::StringRecord> = Vec::new();
    for record in reader.into_records() {
        records.push(record.map_err(|error| InstanceError::about(file, error.to_string()))?);
    }
    if let Some(order) = order_of(&records, names) {
        return Ok(Start::Order(order));
    }
    let header = records.first().filter(|first| !first.iter().all(|cell| cell.parse::<f64>().is_ok())).cloned();
    let rows = &records[usize::from(header.is_some())..];
    if let Some(header) = &header
        && header.len() >= 2
        && header[0].eq_ignore_ascii_case("from")
        && header[1].eq_ignore_ascii_case("to")
    {
        return of_edges(file, bytes, rows, names);
    }
    let position = header.as_ref().map(|header| columns_of(header, names));
    let line = |record: &csv::StringRecord| record.position().map_or(0, |position| usize::try_from(position.line()).unwrap_or(0));
    let d = names.len();
    let mut values = vec![0.0; d * d];
    if rows.len() != d {
        return Err(InstanceError::about(
            file,
            format!("found {} rows, expected {d} rows of weights, or edges under the header from,to, or an order", rows.len()),
        ));
    }
    for (i, record) in rows.iter().enumerate() {
        if record.len() != d {
            let message = format!("found {} cells, expected {d} (one per variable)", record.len());
            return Err(InstanceError::at_line(file, bytes, line(record), 0, message));
        }
        for (j, cell) in record.iter().enumerate() {
            let Some(value) = cell.parse::<f64>().ok().filter(|value| value.is_finite()) else {
                let message = format!("found `{cell}`, expected a weight");
                return Err(InstanceError::at_line(file, bytes, line(record), 0, message));
            };
            // A header that names every variable says which column, and row, is whose.
            let (i, j) = position.as_ref().and_then(Option::as_ref).map_or((i, j), |position| (position[i], position[j]));
            values[i * d + j] = value;
        }
    }
    Ok(Start::from_weights(&values, d))
}

/// The order that a single line or a single column of names or indices is, if it holds every variable once.
fn order_of(records: &[csv::StringRecord], names: &[String]) -> Option<Vec<usize>> {
    let titled = records.first().is_some_and(|first| first.len() == 1 && first[0].eq_ignore_ascii_case("order"));
    let records = if titled && records.len() > names.len() { &records[1..] } else { records };
    if records.len() > 1 && records.iter().any(|record| record.len() != 1) {
        return None;
    }
    let cells: Vec<&str> = records.iter().flatten().collect();
    if cells.len() != names.len() {
        return None;
    }
    let index: HashMap<&str, usize> = names.iter().enumerate().map(|(k, name)| (name.as_str(), k)).collect();
    let order: Option<Vec<usize>> =
        cells.iter().map(|&cell| index.get(cell).copied().or_else(|| cell.parse().ok().filter(|&k: &usize| k < names.len()))).collect();
    let mut seen = vec![false; names.len()];
    order.filter(|order| order.iter().all(|&node| !std::mem::replace(&mut seen[node], true)))
}

/// The variable of each column, if the header names every variable once.
fn columns_of(header: &csv::StringRecord, names: &[String]) -> Option<Vec<usize>> {
    let index: HashMap<&str, usize> = names.iter().enumerate().map(|(k, name)| (name.as_str(), k)).collect();
    let columns: Option<Vec<usize>> = header.iter().map(|cell| index.get(cell).copied()).collect();
    columns.filter(|columns| {
        let mut seen = vec![false; names.len()];
        columns.len() == names.len() && columns.iter().all(|&k| !std::mem::replace(&mut seen[k], true))
    })
}

fn of_edges(file: &Path, bytes: &[u8], rows: &[csv::StringRecord], names: &[String]) -> Result<Start, InstanceError> {
    let index: HashMap<&str, usize> = names.iter().enumerate().map(|(k, name)| (name.as_str(), k)).collect();
    let mut edges: Vec<Edge> = Vec::with_capacity(rows.len());
    for record in rows {
        let line = record.position().map_or(0, |position| usize::try_from(position.line()).unwrap_or(0));
        let at = |message: String| InstanceError::at_line(file, bytes, line, 0, message);
        let node = |cell: usize| {
            let cell = record.get(cell).unwrap_or_default();
            let by_index = || cell.parse::<usize>().ok().filter(|&k| k < names.len());
            index
                .get(cell)
                .copied()
                .or_else(by_index)
                .ok_or_else(|| at(format!("found `{cell}`, expected the name or the index of a variable")))
        };
        let weight = match record.get(2) {
            None | Some("") => 1.0,
            Some(cell) => cell.parse().map_err(|_| at(format!("found `{cell}`, expected a weight")))?,
        };
        edges.push((node(0)?, node(1)?, weight));
    }
    Ok(Start::Graph(edges))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(name: &str, text: &str) -> Result<Start, InstanceError> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(name);
        std::fs::write(&file, text).unwrap();
        read_start(&file, &["a".to_owned(), "b".to_owned(), "c".to_owned()])
    }

    #[test]
    fn weights_edges_and_solutions_are_read() {
        let graph = Start::Graph(vec![(0, 1, 2.0), (1, 2, -1.0)]);
        assert_eq!(start("w.csv", "a,b,c\n0,2,0\n0,0,-1\n0,0,0\n").unwrap(), graph);
        assert_eq!(start("w.csv", "0,2,0\n0,0,-1\n0,0,0\n").unwrap(), graph);
        // The same graph with the columns (and rows) in another sequence.
        assert_eq!(start("w.csv", "b,a,c\n0,0,-1\n2,0,0\n0,0,0\n").unwrap(), graph);
        assert_eq!(start("e.csv", "from,to,weight\na,b,2\n1,2,-1\n").unwrap(), graph);
        assert_eq!(start("e.tsv", "From\tTo\na\tc\n").unwrap(), Start::Graph(vec![(0, 2, 1.0)]));
        assert_eq!(start("s.json", r#"{"order": [2, 0, 1], "edges": []}"#).unwrap(), Start::Order(vec![2, 0, 1]));
        assert_eq!(start("s.json", r#"{"order": [2, 0, 1]}"#).unwrap(), Start::Order(vec![2, 0, 1]));
        assert_eq!(
            start("s.json", r#"{"order": [0, 1, 2], "edges": [[0, 1, 2.0], [1, 2, -1.0]]}"#).unwrap(),
            Start::Dag(WeightedDag { order: vec![0, 1, 2], edges: vec![(0, 1, 2.0), (1, 2, -1.0)] })
        );
        for (name, text) in [("o.csv", "c,a,b\n"), ("o.csv", "2,0,1\n"), ("o.csv", "c\na\nb\n"), ("o.tsv", "order\nc\n0\nb\n")] {
            assert_eq!(start(name, text).unwrap(), Start::Order(vec![2, 0, 1]), "{text}");
        }
    }

    #[test]
    fn what_is_no_start_is_refused() {
        let refusal = |name: &str, text: &str| start(name, text).unwrap_err().to_string();
        assert!(refusal("w.csv", "1,2\n3,4\n").contains("found 2 rows, expected 3"));
        assert!(refusal("o.csv", "a,b,b\n").contains("expected 3 rows of weights, or edges under the header from,to, or an order"));
        assert!(refusal("e.csv", "from,to\na,z\n").contains("found `z`"));
        assert!(refusal("w.csv", "0,1,0\n0,x,0\n0,0,0\n").contains("found `x`"));
        assert!(refusal("w.txt", "").contains("unknown kind"));
        assert!(refusal("w.npy", "zzz").contains("numpy.save"));
    }
}
