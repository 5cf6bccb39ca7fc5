//! Arrays of observations: one variable per column, one observation per row.

use std::io::{self, Write};

use fathom_opt_problems::dag_learning::DagLearning;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::known::{self, KnowledgeOptions};
use super::observations::{kept_columns, problem, rows};
use super::score_choice::ScoreChoice;
use crate::error::InstanceError;
use crate::file_format::{FileFormat, Head, Imported, Recognition, WritesFiles};
use crate::input_file::InputFile;
use crate::npy;
use crate::table::Names;

/// A `NumPy` array with a variable per column and an observation per row; variables are called `x0`, `x1`, ...
#[derive(Debug)]
pub struct ObservationArray;

/// How an array of observations is read.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case")]
pub struct ObservationArrayOptions {
    /// Columns to leave out, by the names x0, x1, ...
    pub skip: Names,
    /// Only the first so many rows.
    pub rows: Option<usize>,
    /// Score: ev, ev-ebic, nv-bic, l1 or logistic, or NAME=PENALTY.
    pub score: Option<ScoreChoice>,
    /// What is known about the graph.
    #[serde(flatten)]
    pub knowledge: KnowledgeOptions,
}

impl FileFormat for ObservationArray {
    type Problem = DagLearning;
    type Options = ObservationArrayOptions;
    const NAME: &'static str = "observation-array";
    const SUMMARY: &'static str = "a NumPy array, variables in columns, observations in rows";
    const ENDINGS: &'static [&'static str] = &[".npy"];
    const FILES: &'static [&'static str] = known::FILES;

    fn recognizes(head: &Head<'_>, _: &ObservationArrayOptions) -> Recognition {
        if head.bytes.starts_with(npy::MAGIC) { Recognition::Likely } else { Recognition::No }
    }

    fn read(file: &InputFile, options: &ObservationArrayOptions) -> Result<Imported<DagLearning>, InstanceError> {
        let array = npy::read(file.path(), file.bytes())?;
        let names: Vec<String> = (0..array.columns).map(|j| format!("x{j}")).collect();
        let kept = kept_columns(&names, &options.skip).map_err(|message| file.about(message))?;
        let rows = array.rows.min(options.rows.unwrap_or(usize::MAX));
        let columns = kept.iter().map(|&j| (0..rows).map(|r| array.values[r * array.columns + j]).collect()).collect();
        let names = kept.iter().map(|&j| names[j].clone()).collect();
        let problem = problem(names, columns, options.score).map_err(|fault| file.about(fault.to_string()))?;
        options.knowledge.applied(problem, file).map(Imported::from)
    }
}

impl WritesFiles for ObservationArray {
    fn write(problem: &DagLearning, _: &str, out: &mut dyn Write) -> io::Result<()> {
        let values: Vec<f64> = rows(problem)?.flatten().collect();
        npy::write(problem.sample().observations(), problem.variables(), &values, out)
    }
}
