//! What a call of `bench run` leads to.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use fathom_opt_instances::suite::Skipped;
use fathom_opt_problems::Sense;
use serde_json::Value;

use crate::error::BenchError;
use crate::plan::PlannedRun;
use crate::record::{Record, UNSUPPORTED};
use crate::request::RunRequest;
use crate::store::Store;

/// What the checker says about a run.
#[derive(Debug, Clone, PartialEq)]
pub enum RowVerdict {
    /// The solution meets every requirement and every claim stands.
    Holds,
    /// The solution breaks nothing that could be checked, but not everything could.
    Unchecked,
    /// The solution breaks requirements, but the solver does not claim that it meets them.
    Violated,
    /// There is no solution to check, and no claim that the checker could refute.
    NoSolution,
    /// Claims that the checker refutes.
    Wrong(Vec<String>),
    /// The run failed, for this reason.
    Failed(String),
    /// The solver does not take the instance, for this reason.
    Unsupported(String),
}

/// One run in the final table.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The instance's name.
    pub instance: String,
    /// What the suite calls the solver.
    pub solver: String,
    /// The solver's seed.
    pub seed: u64,
    /// How it ended, one word.
    pub status: String,
    /// What the word leaves out.
    pub detail: Option<String>,
    /// The objective that the checker found, otherwise the one claimed.
    pub objective: Option<f64>,
    /// Primal gap to the best known solution (0 to 1): that of the instance or, if better, the best of this table.
    pub gap: Option<f64>,
    /// Seconds of the solve.
    pub seconds: f64,
    /// What the checker says.
    pub verdict: RowVerdict,
}

/// An entry of a suite that is no instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// The entry.
    pub entry: String,
    /// What is wrong with it.
    pub reason: String,
}

/// What a call of `bench run` leads to.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// Every recorded run of the suites, in their order.
    pub rows: Vec<Row>,
    /// Runs that are not among the rows: suites that name no solvers try them all, and these do not take the instance.
    pub untaken: usize,
    /// Entries that are no instance.
    pub unreadable: Vec<Unreadable>,
    /// Optional entries that are not there.
    pub skipped: Vec<Skipped>,
    /// Runs finished by this call.
    pub finished: usize,
    /// Runs that the results file had already.
    pub recorded_before: usize,
    /// Runs that are still missing, because the call was interrupted.
    pub missing: usize,
    /// Whether it was interrupted.
    pub interrupted: bool,
    /// The results file.
    pub results: PathBuf,
}

impl Summary {
    /// Exit status of the command: 1 when a claim is refuted, 130 when interrupted, 2 when an entry is no instance, otherwise 0.
    pub fn exit_code(&self) -> u8 {
        if self.rows.iter().any(|row| matches!(row.verdict, RowVerdict::Wrong(_))) {
            1
        } else if self.interrupted {
            130
        } else if self.unreadable.is_empty() {
            0
        } else {
            2
        }
    }

    pub(crate) fn of(
        planned: &[PlannedRun],
        missing_before: &[&PlannedRun],
        unreadable: Vec<Unreadable>,
        store: &Store,
        request: &RunRequest,
    ) -> Result<Self, BenchError> {
        let mut found = Vec::with_capacity(planned.len());
        for run in planned {
            if let Some(record) = store.find(&run.digest)? {
                found.push((run, record));
            }
        }
        let recorded: HashSet<&str> = found.iter().map(|(run, _)| run.digest.as_str()).collect();
        let finished = missing_before.iter().filter(|run| recorded.contains(run.digest.as_str())).count();
        let best = best_known(&found);
        let (untaken, shown): (Vec<_>, Vec<_>) = found.iter().partition(|(run, record)| run.unasked && record.status == UNSUPPORTED);
        let rows = shown.iter().map(|(run, record)| row(run, record, best.get(record.key.instance_sha256.as_str()).copied())).collect();
        Ok(Self {
            rows,
            untaken: untaken.len(),
            unreadable,
            skipped: request.suites.iter().flat_map(|suite| suite.clone().with_data(None).skipped).collect(),
            finished,
            recorded_before: planned.len() - missing_before.len(),
            missing: missing_before.len() - finished,
            interrupted: request.cancel.is_raised(),
            results: request.results.clone(),
        })
    }
}

/// The best objective per instance: known from elsewhere, or of a solution in the table that holds.
fn best_known<'a>(found: &'a [(&PlannedRun, Record)]) -> HashMap<&'a str, f64> {
    let mut best: HashMap<&str, f64> = HashMap::new();
    for (run, record) in found {
        let own = record.checked_objective.filter(|_| record.holds == Some(true));
        for value in own.into_iter().chain(run.description.known).filter(|value| value.is_finite()) {
            best.entry(record.key.instance_sha256.as_str())
                .and_modify(|best| *best = better(run.description.sense, *best, value))
                .or_insert(value);
        }
    }
    best
}

fn better(sense: Sense, a: f64, b: f64) -> f64 {
    if sense.advantage(a, b) >= 0.0 { a } else { b }
}

/// The primal gap of Berthold ("Measuring the impact of primal heuristics", 2013): `|z - z*| / max(|z|, |z*|)`, 1 for opposite signs, and 0 for
/// values that are equal within the class's tolerance.
fn primal_gap(value: f64, best: f64, tolerance: f64) -> f64 {
    let largest = value.abs().max(best.abs());
    if (value - best).abs() <= tolerance * largest.max(1.0) {
        0.0
    } else if value * best < 0.0 {
        1.0
    } else {
        (value - best).abs() / largest
    }
}

/// Whether a recorded verdict lists requirements that could not be checked, and none that is broken.
fn only_unchecked(verdict: &str) -> bool {
    let Ok(verdict) = serde_json::from_str::<Value>(verdict) else { return false };
    let listed = |name: &str| verdict.get(name).and_then(Value::as_array).map_or(0, Vec::len);
    listed("violations") == 0 && listed("unchecked") > 0
}

fn row(run: &PlannedRun, record: &Record, best: Option<f64>) -> Row {
    let compared =
        record.checked_objective.filter(|value| run.description.ranks_by_objective && record.holds == Some(true) && value.is_finite());
    let gap = compared.zip(best);
    let reason = || record.detail.clone().unwrap_or_else(|| "no reason given".into());
    let verdict = if !record.refuted.is_empty() {
        RowVerdict::Wrong(record.refuted.iter().map(|refuted| format!("claims {}, but {}", refuted.claim, refuted.found)).collect())
    } else if record.status == "failed" {
        RowVerdict::Failed(reason())
    } else if record.status == UNSUPPORTED {
        RowVerdict::Unsupported(reason())
    } else {
        match record.holds {
            Some(true) => RowVerdict::Holds,
            Some(false) if record.verdict.as_deref().is_some_and(only_unchecked) => RowVerdict::Unchecked,
            Some(false) => RowVerdict::Violated,
            None => RowVerdict::NoSolution,
        }
    };
    Row {
        instance: record.instance.clone(),
        solver: run.label.clone(),
        seed: record.key.seed,
        status: record.status.clone(),
        detail: record.detail.clone(),
        objective: record.checked_objective.or(record.objective),
        gap: gap.map(|(value, best)| primal_gap(value, best, run.description.objective_tolerance)),
        seconds: record.wall_seconds,
        verdict,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_primal_gap_follows_its_definition() {
        assert_eq!(primal_gap(8.0, 10.0, 1e-9), 0.2);
        assert_eq!(primal_gap(-10.0, -8.0, 1e-9), 0.2);
        assert_eq!(primal_gap(3.0, -1.0, 1e-9), 1.0);
        assert_eq!(primal_gap(0.0, 0.0, 0.0), 0.0);
        assert_eq!(primal_gap(1e-9, 2e-9, 1e-6), 0.0);
    }

    #[test]
    fn the_exit_status_tells_the_worst() {
        let row = |verdict| Row {
            instance: "i".into(),
            solver: "s".into(),
            seed: 1,
            status: "feasible".into(),
            detail: None,
            objective: None,
            gap: None,
            seconds: 0.0,
            verdict,
        };
        let mut summary = Summary {
            rows: vec![row(RowVerdict::Holds), row(RowVerdict::Failed("x".into()))],
            untaken: 0,
            unreadable: Vec::new(),
            skipped: Vec::new(),
            finished: 2,
            recorded_before: 0,
            missing: 0,
            interrupted: false,
            results: "r".into(),
        };
        assert_eq!(summary.exit_code(), 0);
        summary.unreadable.push(Unreadable { entry: "e".into(), reason: "r".into() });
        assert_eq!(summary.exit_code(), 2);
        summary.interrupted = true;
        assert_eq!(summary.exit_code(), 130);
        summary.rows.push(row(RowVerdict::Wrong(vec!["w".into()])));
        assert_eq!(summary.exit_code(), 1);
    }
}
