//! Observations, from whatever file: columns that are left out, and rows that are written.

use std::io;

use fathom_opt_problems::Malformed;
use fathom_opt_problems::dag_learning::{DagLearning, Sample, Score, ScoreKind};

use super::score_choice::ScoreChoice;
use crate::table::Names;

/// The positions of the columns `names` that are not to be skipped.
pub(super) fn kept_columns(names: &[String], skip: &Names) -> Result<Vec<usize>, String> {
    if let Some(missing) = skip.missing_in(names.iter().map(String::as_str)) {
        let some: Vec<&str> = names.iter().take(8).map(String::as_str).collect();
        return Err(format!("no column `{missing}` to skip; the table starts with {}", some.join(", ")));
    }
    Ok((0..names.len()).filter(|&j| !skip.contains(&names[j])).collect())
}

/// The problem of these columns under a score, the default one where none is chosen.
pub(super) fn problem(names: Vec<String>, columns: Vec<Vec<f64>>, score: Option<ScoreChoice>) -> Result<DagLearning, Malformed> {
    let score = match score {
        Some(choice) => choice.score()?,
        None => Score::new(ScoreKind::default(), None)?,
    };
    DagLearning::new(names, Sample::Table { columns }, score)
}

/// The rows of the problem's table.
pub(super) fn rows(problem: &DagLearning) -> io::Result<impl Iterator<Item = Vec<f64>> + '_> {
    match problem.sample() {
        Sample::Table { columns } => Ok((0..problem.sample().observations()).map(|r| columns.iter().map(|column| column[r]).collect())),
        Sample::Covariance { .. } => {
            let message = "found a covariance, expected a table (only a document has a place for it)";
            Err(io::Error::new(io::ErrorKind::InvalidData, message))
        }
    }
}
