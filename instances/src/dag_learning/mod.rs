//! Learning of DAGs: tables and arrays of observations, graphs and orders of other tools, and a generator.

mod graph_export;
mod graph_file;
mod known;
mod linear_sem;
mod observation_array;
mod observation_table;
mod observations;
mod score_choice;

use fathom_opt_problems::dag_learning::DagLearning;

pub use graph_export::{Dot, EdgeTable, GraphMl, WeightArrayFile, WeightTable};
pub use graph_file::{GraphJson, GraphTable, WeightArray};
pub use known::KnowledgeOptions;
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
}
