//! Sparse matrices as graphs.

use fathom_opt_problems::submodular_stream::SubmodularStream;

use super::edge_list::EdgeListOptions;
use super::graph::Graph;
use crate::error::InstanceError;
use crate::file_format::{FileFormat, Head, Imported, Recognition};
use crate::input_file::InputFile;
use crate::matrix_market;

/// A sparse matrix as the graph of its entries outside the diagonal, with their absolute values as weights.
#[derive(Debug)]
pub struct MatrixGraph;

impl FileFormat for MatrixGraph {
    type Problem = SubmodularStream;
    type Options = EdgeListOptions;
    const NAME: &'static str = "matrix-graph";
    const SUMMARY: &'static str = "a sparse matrix as a graph: nodes that come and go";
    const ENDINGS: &'static [&'static str] = &[".mtx"];

    fn recognizes(head: &Head<'_>, _: &EdgeListOptions) -> Recognition {
        let banner = b"%%matrixmarket";
        let begins = head.bytes.get(..banner.len()).is_some_and(|start| start.eq_ignore_ascii_case(banner));
        if begins { Recognition::Possible } else { Recognition::No }
    }

    fn read(file: &InputFile, options: &EdgeListOptions) -> Result<Imported<SubmodularStream>, InstanceError> {
        let read = matrix_market::read(file.unmarked()).map_err(|error| {
            let message = format!("found {}, expected {}", error.found, error.expected);
            InstanceError::at_line(file.path(), file.bytes(), error.line, error.column, message)
        })?;
        let matrix = read.to_csr().map_err(|error| file.about(error.to_string()))?;
        let mut graph = Graph::default();
        for (row, entries) in matrix.outer_iterator().enumerate() {
            for (column, value) in entries.iter().filter(|(column, _)| *column != row) {
                // Of a symmetric pair one edge is enough where edges lead both ways.
                if options.directed || row < column || matrix.get(column, row).is_none() {
                    graph.edge(row as u64 + 1, column as u64 + 1, value.abs());
                }
            }
        }
        options.stream(file, graph).map(Imported::from)
    }
}
