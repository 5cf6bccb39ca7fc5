//! Graphs, orders and weights, as other tools write them.

use std::collections::HashMap;

use csv::StringRecord;
use fathom_opt_problems::dag_learning::{DagLearning, Edge, WeightedDag};
use serde::Deserialize;

use crate::error::InstanceError;
use crate::input_file::InputFile;
use crate::npy;
use crate::solution_form::{Given, SolutionForm};
use crate::table::{NumberStyle, is_number, records};

/// An order alone.
const ORDER: &str = "an order without a graph";

/// A table: weights (row `i` holds the effects of `i`), edges under the header `from,to` or `from,to,weight`, or an order (all variables in one line, or one in
/// each, perhaps under the header `order`).
#[derive(Debug)]
pub struct GraphTable;

impl SolutionForm for GraphTable {
    type Problem = DagLearning;
    const NAME: &'static str = "graph-table";
    const SUMMARY: &'static str = "weights, edges under the header from,to,weight, or an order of the variables";
    const ENDINGS: &'static [&'static str] = &[".csv", ".tsv"];

    fn read(file: &InputFile, problem: &DagLearning) -> Result<Given<WeightedDag>, InstanceError> {
        of_table(file, problem.names())
    }
}

/// A `NumPy` array of weights; row `i` holds the effects of `i`.
#[derive(Debug)]
pub struct WeightArray;

impl SolutionForm for WeightArray {
    type Problem = DagLearning;
    const NAME: &'static str = "weight-array";
    const SUMMARY: &'static str = "a NumPy array of weights, row i the effects of i";
    const ENDINGS: &'static [&'static str] = &[".npy"];

    fn read(file: &InputFile, problem: &DagLearning) -> Result<Given<WeightedDag>, InstanceError> {
        let array = npy::read(file.path(), file.bytes())?;
        of_matrix(file, array.rows, array.columns, &array.values, problem.variables()).map(Given::Whole)
    }
}

/// A solution in JSON of which the graph is missing.
#[derive(Debug)]
pub struct GraphJson;

/// A solution of which a part may be missing.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Partial {
    order: Vec<usize>,
}

impl SolutionForm for GraphJson {
    type Problem = DagLearning;
    const NAME: &'static str = "order";
    const SUMMARY: &'static str = "an order alone: {\"order\": [...]}";
    const ENDINGS: &'static [&'static str] = &[".json"];

    fn read(file: &InputFile, _: &DagLearning) -> Result<Given<WeightedDag>, InstanceError> {
        let Partial { order } = serde_json::from_slice(file.bytes()).map_err(|error| file.about(error.to_string()))?;
        Ok(Given::Part(WeightedDag { order, edges: Vec::new() }, ORDER))
    }
}

fn of_matrix(file: &InputFile, rows: usize, columns: usize, values: &[f64], d: usize) -> Result<WeightedDag, InstanceError> {
    if rows != d || columns != d {
        return Err(file.about(format!("found a {rows} x {columns} matrix, expected {d} x {d} weights")));
    }
    if let Some(k) = values.iter().position(|value| !value.is_finite()) {
        let message = format!("found the weight {} in row {}, column {}, expected a finite number", values[k], k / d + 1, k % d + 1);
        return Err(file.about(message));
    }
    Ok(of_weights(values, d))
}

/// The graph of the `d x d` matrix `weights`, row by row; entry `(i, j)` is the effect of `i` on `j`, the diagonal is left aside.
fn of_weights(weights: &[f64], d: usize) -> WeightedDag {
    let entries = (0..d).flat_map(|i| (0..d).map(move |j| (i, j)));
    let edges = entries.filter(|(i, j)| i != j).map(|(i, j)| (i, j, weights[i * d + j])).filter(|edge| edge.2 != 0.0).collect();
    WeightedDag { order: Vec::new(), edges }
}

/// A row of a table, with its line.
struct Row {
    line: usize,
    cells: StringRecord,
}

fn of_table(file: &InputFile, names: &[String]) -> Result<Given<WeightedDag>, InstanceError> {
    let mut rows: Vec<Row> = records(file)?.into_iter().map(|(line, cells)| Row { line, cells }).collect();
    if let Some(order) = order_of(&rows, names) {
        return Ok(Given::Part(WeightedDag { order, edges: Vec::new() }, ORDER));
    }
    let has_header = rows.first().is_some_and(|first| !first.cells.iter().all(is_number));
    let header = has_header.then(|| rows.remove(0).cells);
    if let Some(columns) = header.as_ref().and_then(EdgeColumns::of) {
        return of_edges(file, &rows, names, columns).map(Given::Whole);
    }
    let d = names.len();
    // Names of rows, as data frames write them, stand in a column of their own.
    let label = usize::from(!rows.is_empty() && rows.iter().all(|row| row.cells.len() == d + 1));
    let header = header.map(|header| header.iter().skip(header.len().saturating_sub(d).min(label)).collect::<StringRecord>());
    let position = header.as_ref().and_then(|header| columns_of(header, names));
    let labels: StringRecord = rows.iter().map(|row| row.cells.get(0).unwrap_or_default()).collect();
    let row_position = if label == 1 { columns_of(&labels, names) } else { position.clone() };
    let mut values = vec![0.0; d * d];
    if rows.len() != d {
        let expected = format!("{d} rows of weights, or edges under the header from,to, or an order");
        return Err(file.about(format!("found {} rows, expected {expected}", rows.len())));
    }
    for (i, Row { line, cells }) in rows.iter().enumerate() {
        if cells.len() != d + label {
            return Err(file.at_line(*line, format!("found {} cells, expected {d} (one per variable)", cells.len())));
        }
        for (j, cell) in cells.iter().skip(label).enumerate() {
            let Some(value) = number(cell).filter(|value| value.is_finite()) else {
                return Err(file.at_line(*line, format!("found `{cell}`, expected a weight")));
            };
            // A header that names every variable says which column, and, where the rows have no names, which row, is whose.
            let at = |position: &Option<Vec<usize>>, k: usize| position.as_ref().map_or(k, |position| position[k]);
            values[at(&row_position, i) * d + at(&position, j)] = value;
        }
    }
    Ok(Given::Whole(of_weights(&values, d)))
}

/// The number in a cell, if it tells itself what stands before its decimals.
fn number(cell: &str) -> Option<f64> {
    NumberStyle::default().plain(cell).parse().ok()
}

/// The order that a single line or a single column of names or indices is, if it holds every variable once.
fn order_of(rows: &[Row], names: &[String]) -> Option<Vec<usize>> {
    let titled = rows.first().is_some_and(|first| first.cells.len() == 1 && first.cells[0].eq_ignore_ascii_case("order"));
    let rows = if titled && rows.len() > names.len() { &rows[1..] } else { rows };
    if rows.len() > 1 && rows.iter().any(|row| row.cells.len() != 1) {
        return None;
    }
    let cells: Vec<&str> = rows.iter().flat_map(|row| &row.cells).collect();
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
fn columns_of(header: &StringRecord, names: &[String]) -> Option<Vec<usize>> {
    let index: HashMap<&str, usize> = names.iter().enumerate().map(|(k, name)| (name.as_str(), k)).collect();
    let columns: Option<Vec<usize>> = header.iter().map(|cell| index.get(cell).copied()).collect();
    columns.filter(|columns| {
        let mut seen = vec![false; names.len()];
        columns.len() == names.len() && columns.iter().all(|&k| !std::mem::replace(&mut seen[k], true))
    })
}

/// The edges (from, to) in a table with these columns, named by a header among others or without one.
///
/// # Errors
/// When it is no table of edges between the variables `names`: line, what was found and what was expected.
pub(super) fn edge_list(file: &InputFile, names: &[String]) -> Result<Vec<(usize, usize)>, InstanceError> {
    let mut rows: Vec<Row> = records(file)?.into_iter().map(|(line, cells)| Row { line, cells }).collect();
    let columns = match rows.first().and_then(|first| EdgeColumns::of(&first.cells)) {
        Some(columns) => {
            rows.remove(0);
            columns
        }
        None => EdgeColumns { from: 0, to: 1, weight: None },
    };
    of_edges(file, &rows, names, columns).map(|graph| graph.edges.into_iter().map(|(from, to, _)| (from, to)).collect())
}

/// Which columns of a table of edges hold what.
#[derive(Debug, Clone, Copy)]
struct EdgeColumns {
    from: usize,
    to: usize,
    weight: Option<usize>,
}

impl EdgeColumns {
    /// The columns that a header names, if it is one of edges.
    fn of(header: &StringRecord) -> Option<Self> {
        let find = |usual: &[&str]| header.iter().position(|cell| usual.iter().any(|name| cell.eq_ignore_ascii_case(name)));
        let (from, to) = find(&["from", "source"]).zip(find(&["to", "target"]))?;
        let third = (from == 0 && to == 1 && header.len() == 3).then_some(2);
        Some(Self { from, to, weight: find(&["weight", "strength", "w"]).or(third) })
    }
}

fn of_edges(file: &InputFile, rows: &[Row], names: &[String], columns: EdgeColumns) -> Result<WeightedDag, InstanceError> {
    let index: HashMap<&str, usize> = names.iter().enumerate().map(|(k, name)| (name.as_str(), k)).collect();
    let mut edges: Vec<Edge> = Vec::with_capacity(rows.len());
    for Row { line, cells } in rows {
        let at = |message: String| file.at_line(*line, message);
        let node = |cell: usize| {
            let cell = cells.get(cell).unwrap_or_default();
            let by_index = || cell.parse::<usize>().ok().filter(|&k| k < names.len());
            let found = index.get(cell).copied().or_else(by_index);
            found.ok_or_else(|| at(format!("found `{cell}`, expected the name or the index of a variable")))
        };
        let weight = match columns.weight.and_then(|column| cells.get(column)) {
            None | Some("") => 1.0,
            Some(cell) => number(cell).ok_or_else(|| at(format!("found `{cell}`, expected a weight")))?,
        };
        edges.push((node(columns.from)?, node(columns.to)?, weight));
    }
    Ok(WeightedDag { order: Vec::new(), edges })
}

#[cfg(test)]
mod tests {
    use fathom_opt_problems::dag_learning::{Sample, Score, ScoreKind};

    use super::*;

    fn start(name: &str, text: &str) -> Result<Given<WeightedDag>, InstanceError> {
        let file = InputFile::of_bytes(name, text.as_bytes().to_vec());
        let names = ["a", "b", "c"].map(str::to_owned).to_vec();
        let columns = vec![vec![1.0, 2.0], vec![2.0, 1.0], vec![0.0, 1.0]];
        let problem = DagLearning::new(names, Sample::Table { columns }, Score::new(ScoreKind::default(), None).unwrap()).unwrap();
        match name.rsplit('.').next().unwrap() {
            "npy" => WeightArray::read(&file, &problem),
            "json" => GraphJson::read(&file, &problem),
            _ => GraphTable::read(&file, &problem),
        }
    }

    fn whole(edges: Vec<Edge>) -> Given<WeightedDag> {
        Given::Whole(WeightedDag { order: Vec::new(), edges })
    }

    #[test]
    fn weights_edges_and_solutions_are_read() {
        let graph = whole(vec![(0, 1, 2.0), (1, 2, -1.0)]);
        assert_eq!(start("w.csv", "a,b,c\n0,2,0\n0,0,-1\n0,0,0\n").unwrap(), graph);
        assert_eq!(start("w.csv", "0,2,0\n0,0,-1\n0,0,0\n").unwrap(), graph);
        // The same graph with the columns (and rows) in another sequence.
        assert_eq!(start("w.csv", "b,a,c\n0,0,-1\n2,0,0\n0,0,0\n").unwrap(), graph);
        // As a data frame writes it, the rows in another sequence.
        assert_eq!(start("w.csv", ",a,b,c\nb,0,0,-1\na,0,2,0\nc,0,0,0\n").unwrap(), graph);
        assert_eq!(start("e.csv", ",weight,from,to\n0,2,a,b\n1,-1,1,2\n").unwrap(), graph);
        assert_eq!(start("e.csv", "from;to;weight\na;b;2,0\n1;2;-1,0\n").unwrap(), graph);
        assert_eq!(start("e.csv", "from,to,weight\na,b,2\n1,2,-1\n").unwrap(), graph);
        assert_eq!(start("e.tsv", "From\tTo\na\tc\n").unwrap(), whole(vec![(0, 2, 1.0)]));
        let order = Given::Part(WeightedDag { order: vec![2, 0, 1], edges: Vec::new() }, ORDER);
        assert_eq!(start("s.json", r#"{"order": [2, 0, 1]}"#).unwrap(), order);
        for (name, text) in [("o.csv", "c,a,b\n"), ("o.csv", "2,0,1\n"), ("o.csv", "c\na\nb\n"), ("o.tsv", "order\nc\n0\nb\n")] {
            assert_eq!(start(name, text).unwrap(), order, "{text}");
        }
    }

    #[test]
    fn what_is_no_start_is_refused() {
        let refusal = |name: &str, text: &str| start(name, text).unwrap_err().to_string();
        assert!(refusal("w.csv", "1,2\n3,4\n").contains("found 2 rows, expected 3"));
        assert!(refusal("o.csv", "a,b,b\n").contains("expected 3 rows of weights, or edges under the header from,to, or an order"));
        assert!(refusal("e.csv", "from,to\na,z\n").contains("found `z`"));
        assert!(refusal("w.csv", "0,1,0\n0,x,0\n0,0,0\n").contains("found `x`"));
        assert!(refusal("w.npy", "zzz").contains("numpy.save"));
    }
}
