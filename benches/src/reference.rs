//! The best that the runs of a table know of each instance: what gaps are measured to, and what refutes other runs.

use std::collections::HashMap;

use fathom_opt_core::{Refuted, Status};

use crate::job::Description;
use crate::record::Record;
use crate::yardstick::{Yardstick, measure};

/// An instance, and the measure that was optimised on it where that is not the objective.
type Target = (String, Option<String>);

/// A value that is attained.
#[derive(Debug, Clone)]
struct Best {
    value: f64,
    /// Whose checked solution attains it; nobody's in the table where it is known from elsewhere.
    by: Option<String>,
}

/// The best that the runs of a table know of each instance.
#[derive(Debug, Default)]
pub(crate) struct References {
    best: HashMap<Target, Best>,
    /// Whose checked solution meets every requirement, per instance.
    solved: HashMap<String, String>,
}

/// A solution of another run refutes only by more than this, relative: it may owe less than that to the tolerances within which its requirements are met.
const LEAST: f64 = 1e-6;

fn target(record: &Record) -> Target {
    (record.key.instance_sha256.clone(), measure(record).map(str::to_owned))
}

impl References {
    /// Takes note of a run of an instance that is `description`: of its solution, if the checker says that it holds, and of the best known value.
    pub fn note(&mut self, description: &Description, record: &Record) {
        let yardstick = Yardstick::of(description, record);
        let holds = record.report.holds() == Some(true);
        if holds {
            self.solved.entry(record.key.instance_sha256.clone()).or_insert_with(|| record.label.clone());
        }
        let own = record.report.checked_objective().filter(|_| holds).map(|value| Best { value, by: Some(record.label.clone()) });
        let known = description.known.filter(|_| measure(record).is_none()).map(|value| Best { value, by: None });
        for found in known.into_iter().chain(own).filter(|found| found.value.is_finite()) {
            self.best
                .entry(target(record))
                .and_modify(|best| {
                    if yardstick.beats(found.value, best.value, 0.0) {
                        *best = found.clone();
                    }
                })
                .or_insert(found);
        }
    }

    /// The best value known in what the run behind `record` optimised.
    pub fn best(&self, record: &Record) -> Option<f64> {
        self.best.get(&target(record)).map(|best| best.value)
    }

    /// The claims of a run that the checked solutions of other runs refute.
    pub fn refuted(&self, description: &Description, record: &Record) -> Vec<Refuted> {
        let report = &record.report;
        let mut refuted = Vec::new();
        if report.status == Status::Infeasible
            && report.sought.is_empty()
            && let Some(by) = self.solved.get(&record.key.instance_sha256)
        {
            refuted.push(Refuted { claim: "status infeasible".into(), found: format!("{by} has a solution that meets every requirement") });
        }
        let ranked = description.ranks_by_objective || measure(record).is_some();
        let best = self.best.get(&target(record)).filter(|_| ranked);
        // What is known from elsewhere was held against the run when it ended.
        let Some(Best { value, by: Some(by) }) = best else { return refuted };
        let yardstick = Yardstick::of(description, record);
        let found = || format!("{by} has a solution with {value}");
        if let Some(bound) = report.bound.filter(|&bound| yardstick.beats(*value, bound, LEAST)) {
            refuted.push(Refuted { claim: format!("{} bound {bound}", yardstick.side()), found: found() });
        }
        let own = report.checked_objective().filter(|_| report.holds() == Some(true));
        if report.status == Status::Optimal && own.is_some_and(|own| yardstick.beats(*value, own, LEAST)) {
            refuted.push(Refuted { claim: "status optimal".into(), found: found() });
        }
        refuted
    }
}
