//! One instance of the class.

use super::graph::{are_edges, topological_order};
use super::knowledge::Knowledge;
use super::sample::Sample;
use super::score::{Score, ScoreKind};
use super::solution::Edge;
use super::start::Start;
use crate::malformed::{Malformed, Place};

/// The problem class; see the [module](crate::dag_learning).
#[derive(Debug, Clone, PartialEq)]
pub struct DagLearning {
    names: Vec<String>,
    sample: Sample,
    score: Score,
    knowledge: Knowledge,
    start: Option<Start>,
    truth: Option<Vec<Edge>>,
}

/// More variables than this are refused: matrices of this size no longer fit into memory.
const MOST_VARIABLES: usize = 20_000;

impl DagLearning {
    /// Graphs over the variables `names` that are judged by `score` on `sample`.
    ///
    /// # Errors
    /// No variable or too many, names that are empty or given twice, numbers that are not finite, columns of different lengths, a matrix that is not a
    /// covariance, data other than 0 and 1 for the logistic score, no column that varies.
    pub fn new(names: Vec<String>, sample: Sample, score: Score) -> Result<Self, Malformed> {
        let root = Place::root();
        let d = names.len();
        if d == 0 || d > MOST_VARIABLES {
            return Err(Malformed::new(root, format!("{d} variables"), format!("1 to {MOST_VARIABLES}")));
        }
        if sample.variables() != d {
            return Err(Malformed::new(root, format!("{} variables in the data", sample.variables()), format!("{d} (one per name)")));
        }
        let mut seen = std::collections::HashSet::with_capacity(d);
        for name in &names {
            if name.is_empty() || !seen.insert(name.as_str()) {
                let found = if name.is_empty() { "an empty name".to_owned() } else { format!("the name `{name}` twice") };
                return Err(Malformed::new(root.field("names"), found, "a different name for each variable"));
            }
        }
        sample.validate(&names)?;
        if score.kind() == ScoreKind::Logistic {
            logistic_sample(&sample, &names)?;
        } else if sample.variances().iter().all(|&variance| variance == 0.0) {
            let found = if sample.observations() == 1 { "a single observation" } else { "no column that varies" };
            return Err(Malformed::new(root, found, "data with some variance"));
        }
        Ok(Self { names, sample, score, knowledge: Knowledge::default(), start: None, truth: None })
    }

    /// The same problem with this prior knowledge.
    ///
    /// # Errors
    /// When the knowledge speaks of nodes that this problem does not have.
    pub fn with_knowledge(mut self, knowledge: Knowledge) -> Result<Self, Malformed> {
        // It may have been made for another problem.
        knowledge.validate(&self.names)?;
        self.knowledge = knowledge;
        Ok(self)
    }

    /// The same problem with this start.
    ///
    /// # Errors
    /// When it is no order or no graph over the variables.
    pub fn with_start(mut self, start: Option<Start>) -> Result<Self, Malformed> {
        if let Some(start) = &start {
            start.validate(self.variables())?;
        }
        self.start = start;
        Ok(self)
    }

    /// The same problem with this graph to compare solutions with.
    ///
    /// # Errors
    /// When it is no DAG over the variables.
    pub fn with_truth(mut self, truth: Option<Vec<Edge>>) -> Result<Self, Malformed> {
        if let Some(edges) = &truth {
            let place = Place::root().field("truth");
            are_edges(edges, self.variables(), &place)?;
            if topological_order(self.variables(), edges).is_err() {
                return Err(Malformed::new(place, "a graph with a cycle", "a DAG"));
            }
        }
        self.truth = truth;
        Ok(self)
    }

    /// The same problem with another score.
    ///
    /// # Errors
    /// When the data do not fit the score.
    pub fn with_score(self, score: Score) -> Result<Self, Malformed> {
        Self::new(self.names, self.sample, score)?.with_knowledge(self.knowledge)?.with_start(self.start)?.with_truth(self.truth)
    }

    /// Number of variables `d`.
    pub fn variables(&self) -> usize {
        self.names.len()
    }

    /// The variables' names.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The observations.
    pub fn sample(&self) -> &Sample {
        &self.sample
    }

    /// What graphs are judged by.
    pub fn score(&self) -> Score {
        self.score
    }

    /// What every solution has to honour.
    pub fn knowledge(&self) -> &Knowledge {
        &self.knowledge
    }

    /// Where to start, if somebody said so.
    pub fn start(&self) -> Option<&Start> {
        self.start.as_ref()
    }

    /// The graph to compare solutions with, if known.
    pub fn truth(&self) -> Option<&[Edge]> {
        self.truth.as_deref()
    }
}

fn logistic_sample(sample: &Sample, names: &[String]) -> Result<(), Malformed> {
    let Sample::Table { columns } = sample else {
        return Err(Malformed::new(
            Place::root().field("covariance"),
            "a covariance",
            "a table (the logistic score needs the data themselves)",
        ));
    };
    for (j, column) in columns.iter().enumerate() {
        if let Some(r) = column.iter().position(|&value| value != 0.0 && value != 1.0) {
            let place = Place::root().field("table").field("rows").index(r).index(j);
            return Err(Malformed::new(place, format!("{} for `{}`", column[r], names[j]), "0 or 1 (for the logistic score)"));
        }
    }
    Ok(())
}
