//! Edge lists.

use fathom_opt_problems::submodular_stream::{Constraint, SubmodularStream};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::churning::{Churning, StreamKind};
use super::graph::{Graph, GraphFunction};
use crate::error::InstanceError;
use crate::file_format::{FileFormat, Head, Imported, Recognition};
use crate::input_file::InputFile;

/// Lines of two node numbers and perhaps a weight, comments after `#` or `%`: a graph whose nodes are the elements.
#[derive(Debug)]
pub struct EdgeList;

/// How a graph becomes a stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct EdgeListOptions {
    /// The function that the graph gives.
    pub function: GraphFunction,
    /// Whether edges lead one way, from the first node to the second.
    pub directed: bool,
    /// How many elements may be chosen.
    pub k: u32,
    /// How elements come and go.
    pub stream: StreamKind,
    /// Number of elements that the stream speaks of; half of all (200 for killer and churn) without.
    pub window: Option<usize>,
    /// At most so many updates; as many as make every element come and go once without.
    pub updates: Option<usize>,
    /// A query after every so many updates.
    pub every: usize,
}

impl Default for EdgeListOptions {
    fn default() -> Self {
        Self {
            function: GraphFunction::Coverage,
            directed: false,
            k: 50,
            stream: StreamKind::Window,
            window: None,
            updates: None,
            every: 100,
        }
    }
}

impl EdgeListOptions {
    /// The stream over the nodes of `graph`.
    pub(super) fn stream(&self, file: &InputFile, graph: Graph) -> Result<SubmodularStream, InstanceError> {
        let fault = |error: &dyn std::fmt::Display| file.about(error.to_string());
        let (function, ground) = graph.function(self.function, self.directed).map_err(|error| fault(&error))?;
        let elements: Vec<usize> = (0..ground.len()).collect();
        let ids: Vec<u64> = elements.iter().map(|&element| ground.id(element)).collect();
        let singles = function.gains(&[], &elements);
        let Self { stream: kind, window, updates, every, .. } = *self;
        let steps = Churning { kind, window, updates, every }.steps(&ids, &singles).map_err(|error| fault(&error))?;
        SubmodularStream::new(function, ground, Constraint::Cardinality(self.k), &steps).map_err(|error| fault(&error))
    }
}

impl FileFormat for EdgeList {
    type Problem = SubmodularStream;
    type Options = EdgeListOptions;
    const NAME: &'static str = "edge-list";
    const SUMMARY: &'static str = "a graph, two node numbers and perhaps a weight per line: nodes that come and go";
    const ENDINGS: &'static [&'static str] = &[".txt", ".edges"];

    fn recognizes(head: &Head<'_>, _: &EdgeListOptions) -> Recognition {
        match columns(head.bytes) {
            Some(2) => Recognition::Likely,
            Some(3) => Recognition::Possible,
            _ => Recognition::No,
        }
    }

    fn read(file: &InputFile, options: &EdgeListOptions) -> Result<Imported<SubmodularStream>, InstanceError> {
        let mut graph = Graph::default();
        each_line(file, |line, words| {
            let (from, to) = (node(file, line, words, 0)?, node(file, line, words, 1)?);
            let weight = match words {
                [_, _] => 1.0,
                [_, _, weight] => weight
                    .parse()
                    .ok()
                    .filter(|weight: &f64| weight.is_finite() && *weight >= 0.0)
                    .ok_or_else(|| file.at_line(line, format!("found the weight `{weight}`, expected a number of at least 0")))?,
                _ => return Err(file.at_line(line, format!("found {} words, expected two nodes and perhaps a weight", words.len()))),
            };
            graph.edge(from, to, weight);
            Ok(())
        })?;
        options.stream(file, graph).map(Imported::from)
    }
}

/// How many words the first line that is no comment has, if they are numbers all of them.
pub(super) fn columns(bytes: &[u8]) -> Option<usize> {
    let text = std::str::from_utf8(bytes).ok()?;
    let line = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with(['#', '%']))?;
    let words: Vec<&str> = line.split_whitespace().collect();
    words.iter().all(|word| word.parse::<f64>().is_ok()).then_some(words.len())
}

/// Calls `visit` with the number (from 1) and the words of every line that is neither empty nor a comment.
pub(super) fn each_line(file: &InputFile, mut visit: impl FnMut(usize, &[&str]) -> Result<(), InstanceError>) -> Result<(), InstanceError> {
    for (number, line) in file.text()?.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with(['#', '%']) {
            continue;
        }
        let words: Vec<&str> = line.split_whitespace().collect();
        visit(number + 1, &words)?;
    }
    Ok(())
}

/// The node number in a line's word.
pub(super) fn node(file: &InputFile, line: usize, words: &[&str], position: usize) -> Result<u64, InstanceError> {
    let word = words.get(position).copied().unwrap_or("nothing");
    word.parse().map_err(|_| file.at_line(line, format!("found `{word}`, expected the number of a node")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use fathom_opt_problems::Problem;

    fn read(text: &str, options: &EdgeListOptions) -> Result<SubmodularStream, String> {
        let file = InputFile::of_bytes("g.txt", text.as_bytes().to_vec());
        EdgeList::read(&file, options).map(|imported| imported.problem).map_err(|error| error.to_string())
    }

    #[test]
    fn a_graph_is_read_as_a_stream() {
        let text = "# a triangle with a tail\n10 20\n20 30\n30 10\n30 40\n";
        let options = EdgeListOptions { k: 2, window: Some(2), every: 1, ..EdgeListOptions::default() };
        let problem = read(text, &options).unwrap();
        let sizes: Vec<u64> = Problem::sizes(&problem).iter().map(|size| size.value).collect();
        assert_eq!(sizes, [4, 8, 8, 2, 2]);
        assert_eq!(problem.function().value(&[2]), 3.0);
        let directed = EdgeListOptions { directed: true, ..options.clone() };
        // Node 40 leads nowhere: it is no element.
        assert_eq!(read(text, &directed).unwrap().ground().len(), 3);
        for function in [GraphFunction::ClosedCoverage, GraphFunction::Cut, GraphFunction::Influence] {
            assert_eq!(read(text, &EdgeListOptions { function, ..options.clone() }).unwrap().ground().len(), 4);
        }
    }

    #[test]
    fn a_wrong_line_is_named() {
        let options = EdgeListOptions::default();
        assert_eq!(read("1 2\n2 x\n", &options).unwrap_err(), "g.txt:2: found `x`, expected the number of a node");
        assert_eq!(read("1 2\n2\n", &options).unwrap_err(), "g.txt:2: found `nothing`, expected the number of a node");
        assert!(read("1 2 -3\n", &options).unwrap_err().contains("found the weight `-3`"));
        assert!(read("1 2\n", &EdgeListOptions { every: 0, ..options }).unwrap_err().contains("`every`"));
    }
}
