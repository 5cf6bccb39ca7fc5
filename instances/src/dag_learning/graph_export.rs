//! Graphs written for other tools.

use std::io::{self, Write};

use fathom_opt_problems::dag_learning::{DagLearning, WeightedDag};

use crate::npy;
use crate::solution_form::WritesSolutions;
use crate::table::write_table;

fn fits(problem: &DagLearning, solution: &WeightedDag) -> io::Result<()> {
    let d = problem.variables();
    if solution.edges.iter().any(|&(from, to, _)| from >= d || to >= d) {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "found a graph over other variables"));
    }
    Ok(())
}

/// The weights row by row; row `i` holds the effects of `i`.
fn weights(problem: &DagLearning, solution: &WeightedDag) -> io::Result<Vec<f64>> {
    fits(problem, solution)?;
    let d = problem.variables();
    let mut weights = vec![0.0; d * d];
    for &(from, to, weight) in &solution.edges {
        weights[from * d + to] = weight;
    }
    Ok(weights)
}

/// Edges with their weights, under the header `from,to,weight`.
#[derive(Debug)]
pub struct EdgeTable;

impl WritesSolutions for EdgeTable {
    type Problem = DagLearning;
    const NAME: &'static str = "edge-table";
    const WRITTEN: &'static [&'static str] = &["edges.csv", "edges.tsv"];

    fn write(problem: &DagLearning, solution: &WeightedDag, name: &str, out: &mut dyn Write) -> io::Result<()> {
        fits(problem, solution)?;
        let names = problem.names();
        let rows = solution.edges.iter().map(|&(from, to, weight)| [names[from].clone(), names[to].clone(), weight.to_string()]);
        write_table(name, ["from", "to", "weight"].map(str::to_owned), rows, out)
    }
}

/// A header with the names, then row `i` with the effects of `i`.
#[derive(Debug)]
pub struct WeightTable;

impl WritesSolutions for WeightTable {
    type Problem = DagLearning;
    const NAME: &'static str = "weight-table";
    const WRITTEN: &'static [&'static str] = &[".csv", ".tsv"];

    fn write(problem: &DagLearning, solution: &WeightedDag, name: &str, out: &mut dyn Write) -> io::Result<()> {
        let weights = weights(problem, solution)?;
        let rows = weights.chunks(problem.variables()).map(|row| row.iter().map(f64::to_string).collect::<Vec<_>>());
        write_table(name, problem.names().iter().cloned(), rows, out)
    }
}

/// A `NumPy` array of weights.
#[derive(Debug)]
pub struct WeightArrayFile;

impl WritesSolutions for WeightArrayFile {
    type Problem = DagLearning;
    const NAME: &'static str = "weight-array";
    const WRITTEN: &'static [&'static str] = &[".npy"];

    fn write(problem: &DagLearning, solution: &WeightedDag, _: &str, out: &mut dyn Write) -> io::Result<()> {
        npy::write(problem.variables(), problem.variables(), &weights(problem, solution)?, out)
    }
}

/// `GraphML`.
#[derive(Debug)]
pub struct GraphMl;

impl WritesSolutions for GraphMl {
    type Problem = DagLearning;
    const NAME: &'static str = "graphml";
    const WRITTEN: &'static [&'static str] = &[".graphml"];

    fn write(problem: &DagLearning, solution: &WeightedDag, _: &str, out: &mut dyn Write) -> io::Result<()> {
        fits(problem, solution)?;
        writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
        writeln!(out, "<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">")?;
        writeln!(out, "<key id=\"name\" for=\"node\" attr.name=\"name\" attr.type=\"string\"/>")?;
        writeln!(out, "<key id=\"weight\" for=\"edge\" attr.name=\"weight\" attr.type=\"double\"/>")?;
        writeln!(out, "<graph edgedefault=\"directed\">")?;
        for (k, name) in problem.names().iter().enumerate() {
            let name = name.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
            writeln!(out, "<node id=\"n{k}\"><data key=\"name\">{name}</data></node>")?;
        }
        for &(from, to, weight) in &solution.edges {
            writeln!(out, "<edge source=\"n{from}\" target=\"n{to}\"><data key=\"weight\">{weight}</data></edge>")?;
        }
        writeln!(out, "</graph>\n</graphml>")
    }
}

/// The language of Graphviz.
#[derive(Debug)]
pub struct Dot;

impl WritesSolutions for Dot {
    type Problem = DagLearning;
    const NAME: &'static str = "dot";
    const WRITTEN: &'static [&'static str] = &[".dot", ".gv"];

    fn write(problem: &DagLearning, solution: &WeightedDag, _: &str, out: &mut dyn Write) -> io::Result<()> {
        fits(problem, solution)?;
        let quoted = |name: &str| format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""));
        writeln!(out, "digraph {{")?;
        for name in problem.names() {
            writeln!(out, "  {};", quoted(name))?;
        }
        for &(from, to, weight) in &solution.edges {
            let (from, to) = (quoted(&problem.names()[from]), quoted(&problem.names()[to]));
            writeln!(out, "  {from} -> {to} [label=\"{weight:.3}\", weight={weight}];")?;
        }
        writeln!(out, "}}")
    }
}

#[cfg(test)]
mod tests {
    use fathom_opt_problems::dag_learning::{Sample, Score, ScoreKind};

    use super::*;

    #[test]
    fn graphs_are_written_in_the_formats_of_other_tools() {
        let columns = vec![vec![1.0, 2.0], vec![2.0, 1.0], vec![0.0, 1.0]];
        let names = (0..3).map(|k| format!("x{k}")).collect();
        let problem = DagLearning::new(names, Sample::Table { columns }, Score::new(ScoreKind::Ev, None).unwrap()).unwrap();
        let solution = WeightedDag { order: vec![], edges: vec![(0, 1, 2.0), (1, 2, -0.5)] };
        let bytes = |write: fn(&DagLearning, &WeightedDag, &str, &mut dyn Write) -> io::Result<()>, name: &str| {
            let mut bytes = Vec::new();
            write(&problem, &solution, name, &mut bytes).unwrap();
            bytes
        };
        assert_eq!(bytes(WeightTable::write, "g.csv"), b"x0,x1,x2\n0,2,0\n0,0,-0.5\n0,0,0\n");
        assert_eq!(bytes(EdgeTable::write, "g.edges.tsv"), b"from\tto\tweight\nx0\tx1\t2\nx1\tx2\t-0.5\n");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        assert!(text(bytes(Dot::write, "g.dot")).contains("\"x1\" -> \"x2\" [label=\"-0.500\", weight=-0.5];"));
        let edge = "<edge source=\"n0\" target=\"n1\"><data key=\"weight\">2</data></edge>";
        assert!(text(bytes(GraphMl::write, "g.graphml")).contains(edge));
        let array = bytes(WeightArrayFile::write, "g.npy");
        assert_eq!(array.len(), 128 + 9 * 8);
        assert_eq!(array[128 + 8..128 + 16], 2_f64.to_le_bytes());
        let other = WeightedDag { order: vec![], edges: vec![(0, 7, 2.0)] };
        assert!(EdgeTable::write(&problem, &other, "edges.csv", &mut Vec::new()).is_err());
    }
}
