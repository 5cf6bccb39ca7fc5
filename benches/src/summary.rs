//! What a call of `bench run` leads to.

use std::collections::HashSet;
use std::path::PathBuf;

use fathom_opt_core::Status;
use fathom_opt_instances::suite::Skipped;

use crate::error::BenchError;
use crate::plan::PlannedRun;
use crate::record::Record;
use crate::reference::References;
use crate::request::RunRequest;
use crate::store::Store;
use crate::yardstick::{Yardstick, measure};

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
    /// Claims that the checker refutes, or another run's checked solution.
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

/// What of some suites did not take part.
#[derive(Debug)]
pub(crate) struct LeftOut {
    pub unreadable: Vec<Unreadable>,
    /// Optional programs that are not there.
    pub absent: Vec<Skipped>,
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
    /// Optional entries and programs that are not there.
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
        left_out: LeftOut,
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
        let mut references = References::default();
        for (run, record) in &found {
            references.note(&run.description, record);
        }
        let (untaken, shown): (Vec<_>, Vec<_>) = found.iter().partition(|(run, record)| run.unasked && record.unsupported);
        let rows = shown.iter().map(|(run, record)| row(run, record, &references)).collect();
        Ok(Self {
            rows,
            untaken: untaken.len(),
            unreadable: left_out.unreadable,
            skipped: request.suites.iter().flat_map(|suite| suite.clone().with_data(None).skipped).chain(left_out.absent).collect(),
            finished,
            recorded_before: planned.len() - missing_before.len(),
            missing: missing_before.len() - finished,
            interrupted: request.cancel.is_raised(),
            results: request.results.clone(),
        })
    }
}

fn row(run: &PlannedRun, record: &Record, references: &References) -> Row {
    let report = &record.report;
    let yardstick = Yardstick::of(&run.description, record);
    let ranked = run.description.ranks_by_objective || measure(record).is_some();
    let attained = report.checked_objective().filter(|value| report.holds() == Some(true) && value.is_finite());
    let reason = || report.status.detail().unwrap_or_else(|| "no reason given".into());
    let by_others = references.refuted(&run.description, record);
    let honest = report.refuted.is_empty() && by_others.is_empty();
    let verdict = if !honest {
        let refuted = report.refuted.iter().chain(&by_others);
        RowVerdict::Wrong(refuted.map(|refuted| format!("claims {}, but {}", refuted.claim, refuted.found)).collect())
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
    let proved = match (report.is_proof() && honest, report.bound.filter(|bound| bound.is_finite() && honest), attained) {
        (true, ..) => Proved::Status,
        (false, Some(bound), Some(value)) => Proved::Within(yardstick.gap(value, bound)),
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
        gap: attained.filter(|_| ranked).zip(references.best(record)).map(|(value, best)| yardstick.gap(value, best)),
        proved,
        seconds: report.seconds.wall,
        verdict,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
