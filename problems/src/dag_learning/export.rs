//! Solutions as people and other tools read them.

use std::fmt::Write as _;

use super::instance::DagLearning;
use super::solution::WeightedDag;

/// The graph in the format that the end of `file_name` says: `edges.csv` (or `.tsv`), `.csv`/`.tsv` (weights), `.npy` (weights), `.graphml`, `.dot`/`.gv`.
pub(super) fn export(problem: &DagLearning, solution: &WeightedDag, file_name: &str) -> Option<Vec<u8>> {
    let d = problem.variables();
    if solution.edges.iter().any(|&(from, to, _)| from >= d || to >= d) {
        return None;
    }
    let name = file_name.to_lowercase();
    let ends = |ending: &str| name.ends_with(ending);
    if ends("edges.csv") {
        Some(edge_list(problem, solution, ',').into_bytes())
    } else if ends("edges.tsv") {
        Some(edge_list(problem, solution, '\t').into_bytes())
    } else if ends(".csv") {
        Some(weight_table(problem, solution, ',').into_bytes())
    } else if ends(".tsv") {
        Some(weight_table(problem, solution, '\t').into_bytes())
    } else if ends(".npy") {
        Some(npy_f64(d, d, &weights(d, solution)))
    } else if ends(".graphml") {
        Some(graphml(problem, solution).into_bytes())
    } else if ends(".dot") || ends(".gv") {
        Some(dot(problem, solution).into_bytes())
    } else {
        None
    }
}

/// A line per node with parents: `y <- 1.5 x + 0.7 z`.
pub(super) fn lines(problem: &DagLearning, solution: &WeightedDag) -> Vec<String> {
    let d = problem.variables();
    if solution.edges.iter().any(|&(from, to, _)| from >= d || to >= d) {
        return Vec::new();
    }
    let mut parents = vec![Vec::new(); d];
    for &(from, to, weight) in &solution.edges {
        parents[to].push((from, weight));
    }
    let mut lines = vec![format!("{} edges", solution.edges.len())];
    let order: Vec<usize> = if solution.order.len() == d { solution.order.clone() } else { (0..d).collect() };
    for node in order {
        let Some(parents) = parents.get_mut(node).filter(|parents| !parents.is_empty()) else { continue };
        parents.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
        let mut line = format!("{} =", problem.names()[node]);
        for (k, (from, weight)) in parents.iter().take(TERMS).enumerate() {
            let sign = match (k, *weight < 0.0) {
                (0, false) => "",
                (0, true) => "-",
                (_, false) => "+ ",
                (_, true) => "- ",
            };
            // Writing to a string cannot fail.
            let _ = write!(line, " {sign}{:.4} {}", weight.abs(), problem.names()[*from]);
        }
        if parents.len() > TERMS {
            let _ = write!(line, " + {} more", parents.len() - TERMS);
        }
        lines.push(line);
    }
    lines
}

/// So many parents are shown per line.
const TERMS: usize = 6;

fn weights(d: usize, solution: &WeightedDag) -> Vec<f64> {
    let mut weights = vec![0.0; d * d];
    for &(from, to, weight) in &solution.edges {
        weights[from * d + to] = weight;
    }
    weights
}

/// A cell of a table, in quotes where it has to be.
fn cell(text: &str, delimiter: char) -> String {
    if text.contains([delimiter, '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

fn edge_list(problem: &DagLearning, solution: &WeightedDag, delimiter: char) -> String {
    let mut text = format!("from{delimiter}to{delimiter}weight\n");
    for &(from, to, weight) in &solution.edges {
        let (from, to) = (cell(&problem.names()[from], delimiter), cell(&problem.names()[to], delimiter));
        let _ = writeln!(text, "{from}{delimiter}{to}{delimiter}{weight}");
    }
    text
}

/// A header with the names, then row `i` with the effects of `i`.
fn weight_table(problem: &DagLearning, solution: &WeightedDag, delimiter: char) -> String {
    let d = problem.variables();
    let separator = delimiter.to_string();
    let names: Vec<String> = problem.names().iter().map(|name| cell(name, delimiter)).collect();
    let mut text = names.join(&separator);
    text.push('\n');
    for row in weights(d, solution).chunks(d) {
        let row: Vec<String> = row.iter().map(f64::to_string).collect();
        text.push_str(&row.join(&separator));
        text.push('\n');
    }
    text
}

/// A `rows x columns` array of little-endian `f64` in the NPY format, version 1.0, row by row.
pub fn npy_f64(rows: usize, columns: usize, values: &[f64]) -> Vec<u8> {
    let mut header = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': ({rows}, {columns}), }}");
    // The data start at a multiple of 64 bytes: 10 bytes stand before the header, a newline ends it.
    let padding = (64 - (10 + header.len() + 1) % 64) % 64;
    header.extend(std::iter::repeat_n(' ', padding));
    header.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    // At most 128 bytes, so that two bytes hold the length.
    bytes.extend(u16::try_from(header.len()).unwrap_or(u16::MAX).to_le_bytes());
    bytes.extend(header.as_bytes());
    for value in values {
        bytes.extend(value.to_le_bytes());
    }
    bytes
}

fn xml(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn graphml(problem: &DagLearning, solution: &WeightedDag) -> String {
    let mut text = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n\
         <key id=\"name\" for=\"node\" attr.name=\"name\" attr.type=\"string\"/>\n\
         <key id=\"weight\" for=\"edge\" attr.name=\"weight\" attr.type=\"double\"/>\n<graph edgedefault=\"directed\">\n",
    );
    for (k, name) in problem.names().iter().enumerate() {
        let _ = writeln!(text, "<node id=\"n{k}\"><data key=\"name\">{}</data></node>", xml(name));
    }
    for &(from, to, weight) in &solution.edges {
        let _ = writeln!(text, "<edge source=\"n{from}\" target=\"n{to}\"><data key=\"weight\">{weight}</data></edge>");
    }
    text.push_str("</graph>\n</graphml>\n");
    text
}

fn dot(problem: &DagLearning, solution: &WeightedDag) -> String {
    let quoted = |name: &str| format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""));
    let mut text = String::from("digraph {\n");
    for name in problem.names() {
        let _ = writeln!(text, "  {};", quoted(name));
    }
    for &(from, to, weight) in &solution.edges {
        let (from, to) = (quoted(&problem.names()[from]), quoted(&problem.names()[to]));
        let _ = writeln!(text, "  {from} -> {to} [label=\"{weight:.3}\", weight={weight}];");
    }
    text.push_str("}\n");
    text
}
