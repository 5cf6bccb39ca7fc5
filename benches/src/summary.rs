//! What a call of `bench run` leads to.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use fathom_opt_core::Status;
use fathom_opt_instances::suite::Skipped;
use fathom_opt_problems::{Criterion, Sense};

use crate::error::BenchError;
use crate::plan::PlannedRun;
use crate::record::Record;
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

/// What a run proved, as far as the checker does not refute it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Proved {
    /// Its status: nothing is better, no solution exists, or there is no bound.
    Status,
    /// A bound, which is so far from the objective (as a primal gap, 0 to 1).
    Within(f64),
    /// A bound without a solution.
    Bound,
    /// Nothing.
    Nothing,
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
    /// What status, objective, bound and gap speak of.
    pub criterion: Option<String>,
    /// The value of the criterion that the checker found, otherwise the one claimed.
    pub objective: Option<f64>,
    /// Primal gap (0 to 1) to the best solution known in the same criterion: that of the instance or, if better, the best of this table.
    pub gap: Option<f64>,
    /// What was proved.
    pub proved: Proved,
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
        let (untaken, shown): (Vec<_>, Vec<_>) = found.iter().partition(|(run, record)| run.unasked && record.unsupported);
        let rows = shown.iter().map(|(run, record)| row(run, record, &best)).collect();
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

/// An instance and what was optimised on it.
type Target = (String, String);

fn target(record: &Record) -> Option<Target> {
    Some((record.key.instance_sha256.clone(), record.report.criterion.clone()?))
}

/// The best value per instance and criterion: known from elsewhere, or of a solution in the table that holds.
fn best_known(found: &[(&PlannedRun, Record)]) -> HashMap<Target, f64> {
    let mut best: HashMap<Target, f64> = HashMap::new();
    for (run, record) in found {
        let Some(target) = target(record) else { continue };
        let own = record.report.checked_objective().filter(|_| record.report.holds() == Some(true));
        let known = run.description.known.filter(|_| record.report.is_of_the_objective());
        for value in own.into_iter().chain(known).filter(|value| value.is_finite()) {
            best.entry(target.clone()).and_modify(|best| *best = better(sense(run, record), *best, value)).or_insert(value);
        }
    }
    best
}

/// The measure that a run optimised, if it is another than the class's objective.
fn measure<'a>(run: &'a PlannedRun, record: &Record) -> Option<&'a Criterion> {
    let name = record.report.criterion.as_deref().filter(|_| !record.report.is_of_the_objective());
    run.description.criteria.iter().find(|criterion| Some(criterion.name.as_str()) == name)
}

fn sense(run: &PlannedRun, record: &Record) -> Sense {
    measure(run, record).map_or(run.description.sense, |criterion| criterion.sense)
}

fn better(sense: Sense, a: f64, b: f64) -> f64 {
    if sense.advantage(a, b) >= 0.0 { a } else { b }
}

/// The primal gap of Berthold ("Measuring the impact of primal heuristics", 2013): `|z - z*| / max(|z|, |z*|)`, 1 for opposite signs, and 0 for
/// values that are equal within `tolerance`, relative to the larger of them or to `scale`.
fn primal_gap(value: f64, best: f64, (tolerance, scale): (f64, f64)) -> f64 {
    let largest = value.abs().max(best.abs());
    if value == best || (value - best).abs() <= tolerance * largest.max(scale) {
        0.0
    } else if value * best < 0.0 {
        1.0
    } else {
        (value - best).abs() / largest
    }
}

fn row(run: &PlannedRun, record: &Record, best: &HashMap<Target, f64>) -> Row {
    let report = &record.report;
    let tolerance = measure(run, record).map_or(run.description.objective_tolerance, |criterion| criterion.tolerance);
    let tolerance = (tolerance, run.description.objective_scale);
    let ranked = run.description.ranks_by_objective || !report.is_of_the_objective();
    let attained = report.checked_objective().filter(|value| report.holds() == Some(true) && value.is_finite());
    let best = target(record).and_then(|target| best.get(&target).copied());
    let reason = || report.status.detail().unwrap_or_else(|| "no reason given".into());
    let verdict = if !report.refuted.is_empty() {
        RowVerdict::Wrong(report.refuted.iter().map(|refuted| format!("claims {}, but {}", refuted.claim, refuted.found)).collect())
    } else if record.unsupported {
        RowVerdict::Unsupported(reason())
    } else if matches!(report.status, Status::Failed(_)) {
        RowVerdict::Failed(reason())
    } else {
        match &report.verdict {
            Some(verdict) if verdict.holds() => RowVerdict::Holds,
            Some(verdict) if verdict.violations.is_empty() => RowVerdict::Unchecked,
            Some(_) => RowVerdict::Violated,
            None => RowVerdict::NoSolution,
        }
    };
    let proved = match (report.is_proof(), report.bound.filter(|bound| bound.is_finite() && report.refuted.is_empty()), attained) {
        (true, ..) => Proved::Status,
        (false, Some(bound), Some(value)) => Proved::Within(primal_gap(value, bound, tolerance)),
        (false, Some(_), None) => Proved::Bound,
        (false, None, _) => Proved::Nothing,
    };
    Row {
        instance: record.instance.clone(),
        solver: run.label.clone(),
        seed: record.key.seed,
        status: record.status().to_owned(),
        detail: report.status.detail(),
        criterion: report.criterion.clone(),
        objective: report.checked_objective().or(report.objective),
        gap: attained.filter(|_| ranked).zip(best).map(|(value, best)| primal_gap(value, best, tolerance)),
        proved,
        seconds: report.seconds.wall,
        verdict,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_primal_gap_follows_its_definition() {
        let tolerance = (1e-9, 0.0);
        assert_eq!(primal_gap(8.0, 10.0, tolerance), 0.2);
        assert_eq!(primal_gap(-10.0, -8.0, tolerance), 0.2);
        assert_eq!(primal_gap(3.0, -1.0, tolerance), 1.0);
        assert_eq!(primal_gap(0.0, 0.0, (0.0, 0.0)), 0.0);
        assert_eq!(primal_gap(1e-9, 2e-9, tolerance), 0.5, "small numbers are numbers, too");
        assert_eq!(primal_gap(1e-9, 2e-9, (1e-9, 10.0)), 0.0, "unless they are what is left of large ones");
    }

    #[test]
    fn the_exit_status_tells_the_worst() {
        let row = |verdict| Row {
            instance: "i".into(),
            solver: "s".into(),
            seed: 1,
            status: "feasible".into(),
            detail: None,
            criterion: None,
            objective: None,
            gap: None,
            proved: Proved::Nothing,
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
