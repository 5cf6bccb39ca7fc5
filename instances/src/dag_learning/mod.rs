//! Learning of DAGs: tables and arrays of observations, graphs and orders of other tools, and a generator.

mod graph_export;
mod graph_file;
mod linear_sem;
mod observation_array;
mod observation_table;
mod observations;
mod score_choice;

use fathom_opt_problems::dag_learning::{DagLearning, Start, WeightedDag};
use fathom_opt_problems::{AnyProblem, AnySolution, Malformed};

pub use graph_export::{Dot, EdgeTable, GraphMl, WeightArrayFile, WeightTable};
pub use graph_file::{GraphJson, GraphTable, WeightArray};
pub use linear_sem::{Graph, LinearSem, Noise, Scale};
pub use observation_array::{ObservationArray, ObservationArrayOptions};
pub use observation_table::{ObservationTable, ObservationTableOptions};
pub use score_choice::{ScoreChoice, ScoreOptions};

use crate::class::Class;

/// The class, with all by which it comes in and goes out.
pub fn class() -> Class {
    Class::of::<DagLearning>()
        .documents_take::<ScoreOptions>()
        .reads::<ObservationTable>()
        .writes::<ObservationTable>()
        .reads::<ObservationArray>()
        .writes::<ObservationArray>()
        .takes_solutions::<GraphTable>()
        .takes_solutions::<WeightArray>()
        .takes_solutions::<GraphJson>()
        .writes_solutions::<EdgeTable>()
        .writes_solutions::<WeightTable>()
        .writes_solutions::<WeightArrayFile>()
        .writes_solutions::<GraphMl>()
        .writes_solutions::<Dot>()
        .generates::<LinearSem>()
        .holds_starts(hold_start)
}

/// The problem with the order or the graph of `solution` as its start.
fn hold_start(problem: &dyn AnyProblem, solution: &AnySolution) -> Option<Result<Box<dyn AnyProblem>, Malformed>> {
    let (problem, solution) = (problem.downcast::<DagLearning>()?, solution.downcast::<WeightedDag>()?.clone());
    let start = match (solution.order.is_empty(), solution.edges.is_empty()) {
        (true, _) => Start::Graph(solution.edges),
        (false, true) => Start::Order(solution.order),
        (false, false) => Start::Dag(solution),
    };
    Some(problem.clone().with_start(Some(start)).map(|problem| Box::new(problem) as Box<dyn AnyProblem>))
}
