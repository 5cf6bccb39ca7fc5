//! Graphs of petgraph, out of a solution and into one.

use petgraph::graph::DiGraph;
use petgraph::visit::EdgeRef;

use super::graph::topological_order;
use super::instance::DagLearning;
use super::solution::WeightedDag;
use crate::malformed::{Malformed, Place};

impl DagLearning {
    /// `solution` as a graph of petgraph: node `k` is variable `k` with its name, edges carry their weights.
    ///
    /// ```
    /// use fathom_opt_problems::dag_learning::{DagLearning, Sample, Score, ScoreKind, WeightedDag};
    ///
    /// let columns = vec![vec![0.0, 1.0, 2.0], vec![0.0, 2.0, 4.0]];
    /// let score = Score::new(ScoreKind::Ev, None)?;
    /// let problem = DagLearning::new(vec!["dose".into(), "effect".into()], Sample::Table { columns }, score)?;
    /// let graph = problem.petgraph(&WeightedDag { order: vec![0, 1], edges: vec![(0, 1, 2.0)] })?;
    /// assert!(!petgraph::algo::is_cyclic_directed(&graph));
    /// assert_eq!(WeightedDag::try_from(&graph)?.edges, [(0, 1, 2.0)]);
    /// # Ok::<(), fathom_opt_problems::Malformed>(())
    /// ```
    ///
    /// # Errors
    /// An edge of a variable that the problem does not have.
    pub fn petgraph(&self, solution: &WeightedDag) -> Result<DiGraph<String, f64>, Malformed> {
        let mut graph = DiGraph::with_capacity(self.variables(), solution.edges.len());
        let nodes: Vec<_> = self.names().iter().map(|name| graph.add_node(name.clone())).collect();
        for (k, &(from, to, weight)) in solution.edges.iter().enumerate() {
            let (Some(&from), Some(&to)) = (nodes.get(from), nodes.get(to)) else {
                let found = format!("an edge from {from} to {to}");
                return Err(Malformed::new(Place::root().field("edges").index(k), found, format!("indices below {}", nodes.len())));
            };
            graph.add_edge(from, to, weight);
        }
        Ok(graph)
    }
}

impl<N> TryFrom<&DiGraph<N, f64>> for WeightedDag {
    type Error = Malformed;

    /// The graph as a solution, and with it as a start or as the truth to compare with: node `k` is variable `k`.
    ///
    /// # Errors
    /// A cycle, an edge that is there twice, a weight that is not finite.
    fn try_from(graph: &DiGraph<N, f64>) -> Result<Self, Malformed> {
        let place = |k: usize| Place::root().field("edges").index(k);
        let mut edges: Vec<_> =
            graph.edge_references().map(|edge| (edge.source().index(), edge.target().index(), *edge.weight())).collect();
        if let Some(k) = edges.iter().position(|edge| !edge.2.is_finite()) {
            return Err(Malformed::new(place(k), format!("the weight {}", edges[k].2), "a finite number"));
        }
        edges.sort_by_key(|edge| (edge.0, edge.1));
        if let Some(k) = edges.windows(2).position(|pair| (pair[0].0, pair[0].1) == (pair[1].0, pair[1].1)) {
            return Err(Malformed::new(place(k), format!("two edges from {} to {}", edges[k].0, edges[k].1), "one"));
        }
        match topological_order(graph.node_count(), &edges) {
            Ok(order) => Ok(Self { order, edges }),
            Err(_) => Err(Malformed::new(Place::root(), "a graph with a cycle", "a DAG")),
        }
    }
}
