//! Numbers for the variables that depend neither on their units nor on the sequence of the columns.

use fathom_opt_problems::dag_learning::{DagLearning, Edge, Sample, Start, WeightedDag};

use crate::moments::{Moments, centred};
use crate::number::settled;

/// A numbering of the variables by what their columns hold.
///
/// Many graphs have the same score under a score that sees no direction, and a search ends at one of them by the sequence in which it looks at nodes. With
/// this numbering that sequence follows from the data alone: other units, or the columns in another sequence, lead to the same graph.
#[derive(Debug, Clone)]
pub(crate) struct Numbering {
    /// `variables[k]`: which variable has the number `k`.
    variables: Vec<usize>,
    /// The number of every variable.
    numbers: Vec<usize>,
}

/// What a column is told by: shares of fourth and third moments, and its correlations; none depends on its unit or its sign.
type Key = [f64; 3];

fn shape(column: &[f64]) -> [f64; 2] {
    let centred = centred(column);
    let largest = centred.iter().fold(0.0, |largest: f64, value| largest.max(value.abs()));
    if largest == 0.0 {
        return [0.0; 2];
    }
    let power = |p: i32| centred.iter().map(|value| (value / largest).abs().powi(p)).sum::<f64>() / centred.len() as f64;
    let second = power(2);
    [settled(power(4) / (second * second)), settled(power(3) / second.powf(1.5))]
}

impl Numbering {
    /// The numbering of the problem's variables.
    pub(crate) fn of(problem: &DagLearning, moments: &Moments) -> Self {
        let d = problem.variables();
        let shapes: Vec<[f64; 2]> = match problem.sample() {
            Sample::Table { columns } => columns.iter().map(|column| shape(column)).collect(),
            Sample::Covariance { .. } => vec![[0.0; 2]; d],
        };
        let keys: Vec<Key> = shapes.iter().enumerate().map(|(j, shape)| [shape[0], shape[1], correlations(moments, j)]).collect();
        let mut variables: Vec<usize> = (0..d).collect();
        let compare = |&a: &usize, &b: &usize| {
            let by_key = keys[a].iter().zip(&keys[b]).map(|(x, y)| x.total_cmp(y)).find(|by| by.is_ne());
            by_key.unwrap_or(std::cmp::Ordering::Equal).then_with(|| problem.names()[a].cmp(&problem.names()[b]))
        };
        variables.sort_by(compare);
        let mut numbers = vec![0; d];
        for (k, &variable) in variables.iter().enumerate() {
            numbers[variable] = k;
        }
        Self { variables, numbers }
    }

    /// The variables by number.
    pub(crate) fn variables(&self) -> &[usize] {
        &self.variables
    }

    /// The number of a variable.
    pub(crate) fn number(&self, variable: usize) -> usize {
        self.numbers[variable]
    }

    fn map_dag(dag: &WeightedDag, names: &[usize]) -> WeightedDag {
        WeightedDag {
            order: dag.order.iter().map(|&node| names[node]).collect(),
            edges: dag.edges.iter().map(|&(from, to, weight)| (names[from], names[to], weight)).collect(),
        }
    }

    /// A graph over numbers as one over variables.
    pub(crate) fn to_variables(&self, dag: &WeightedDag) -> WeightedDag {
        Self::map_dag(dag, &self.variables)
    }

    /// A graph over variables as one over numbers.
    pub(crate) fn to_numbers(&self, dag: &WeightedDag) -> WeightedDag {
        Self::map_dag(dag, &self.numbers)
    }

    /// A start over variables as one over numbers.
    pub(crate) fn start(&self, start: &Start) -> Start {
        let edges = |edges: &[Edge]| edges.iter().map(|&(from, to, weight)| (self.numbers[from], self.numbers[to], weight)).collect();
        match start {
            Start::Order(order) => Start::Order(order.iter().map(|&node| self.numbers[node]).collect()),
            Start::Graph(graph) => Start::Graph(edges(graph)),
            Start::Dag(dag) => Start::Dag(self.to_numbers(dag)),
        }
    }
}

/// The sum of the fourth powers of a variable's correlations with all others.
fn correlations(moments: &Moments, j: usize) -> f64 {
    let d = moments.variables();
    let own = |i: usize| moments.at(i, i);
    let square = |i: usize| if own(i) > 0.0 && own(j) > 0.0 { moments.at(i, j).powi(2) / (own(i) * own(j)) } else { 0.0 };
    let mut terms: Vec<f64> = (0..d).filter(|&i| i != j).map(|i| square(i).powi(2)).collect();
    // In increasing sequence, so that the sum does not depend on the columns' sequence.
    terms.sort_by(f64::total_cmp);
    settled(terms.iter().sum())
}
