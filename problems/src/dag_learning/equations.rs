//! Graphs as people write them down: an equation per variable.

use std::fmt::Write as _;

use super::instance::DagLearning;
use super::solution::WeightedDag;

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
