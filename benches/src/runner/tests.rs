//! A shell script plays the worker: it describes every instance as itself, and logs every solve.

use super::*;
use crate::process::WorkerCommand;
use crate::summary::RowVerdict;
use fathom_opt_core::{Outcome, Run, SolveError, Solver, Status};
use fathom_opt_instances::suite::Suite;
use fathom_opt_problems::linear_sequence::{LinearSequence, LinearSequenceSolution};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::num::NonZeroUsize;
use std::path::Path;

#[derive(Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Idle {}

impl Solver<LinearSequence> for Idle {
    const NAME: &'static str = "idle";
    const SUMMARY: &'static str = "does nothing";

    fn solve_accepted(&self, _: &LinearSequence, _: &Run) -> Result<Outcome<LinearSequenceSolution>, SolveError> {
        Ok(Outcome::new(Status::Failed("idle".into())))
    }
}

const SCRIPT: &str = r#"
read -r job
printf '%s\n' "$job" >> LOG
case "$job" in
*'"task":"describe"'*) printf '%s\n' '{"fathom-worker":{"described":{"name":"i","sha256":"HASH","kind":"linear-sequence","sense":"minimize","objective_tolerance":0,"objective_scale":0,"criteria":[],"ranks_by_objective":true,"known":2,"sizes":[]}}}';;
*) printf '%s\n' '{"fathom-worker":{"solved":{"report":{"status":"feasible","criterion":"residual","objective":4,"verdict":{"holds":true,"objective":4,"objective-name":"residual","sense":"minimize"},"seconds":{"wall":0.5,"cpu":0.5}},"peak_memory":1,"trace":"iteration\n1\n"}}}';;
esac
"#;

fn request(folder: &Path, suite: &str) -> RunRequest {
    let suite =
        Suite::parse("test", &format!("name = 't'\n[[entries]]\nlibrary = 'a'\n{suite}"), None, &fathom_opt_instances::classes()).unwrap();
    let script = SCRIPT.replace("LOG", folder.join("log").to_str().unwrap());
    let worker = WorkerCommand { program: "/bin/sh".into(), arguments: vec!["-c".into(), script.into()] };
    RunRequest::new(vec![suite], folder.join("results.sqlite"), worker)
}

fn go(request: &RunRequest) -> Result<Summary, BenchError> {
    let mut registry = Registry::new();
    registry.add::<LinearSequence, Idle>();
    run(request, &registry, &mut |_: &Progress| {})
}

fn jobs(folder: &Path) -> usize {
    std::fs::read_to_string(folder.join("log")).unwrap_or_default().lines().count()
}

const GENERATED: &str = "[[entries]]\ngenerator = 'poisson'\n";

#[test]
fn a_second_call_runs_only_what_is_new() {
    let folder = tempfile::tempdir().unwrap();
    let mut request = request(folder.path(), GENERATED);
    // The library knows no instance `a`, so that one needs no worker to be refused.
    let summary = go(&request).unwrap();
    assert_eq!((summary.finished, summary.recorded_before, summary.unreadable.len()), (1, 0, 1));
    assert_eq!(summary.rows[0].verdict, RowVerdict::Holds);
    assert_eq!(summary.rows[0].gap, Some(0.5));
    assert_eq!(jobs(folder.path()), 2);
    let again = go(&request).unwrap();
    assert_eq!((again.finished, again.recorded_before), (0, 1));
    assert_eq!(again.rows, summary.rows);
    assert_eq!(jobs(folder.path()), 2);
    request.seeds = Some(vec![1, 2, 3]);
    request.jobs = NonZeroUsize::new(2).unwrap();
    let more = go(&request).unwrap();
    assert_eq!((more.finished, more.recorded_before, more.rows.len()), (2, 1, 3));
    assert_eq!(jobs(folder.path()), 4);
    let store = Store::open(&request.results).unwrap();
    let digest = store.keys().unwrap().into_iter().next().unwrap();
    assert_eq!(store.trace(&digest).unwrap().as_deref(), Some("iteration\n1\n"));
}

#[test]
fn a_solver_that_nobody_asked_for_is_not_shown_where_it_does_not_take_the_instance() {
    for (suite, shown, untaken) in [("", 0, 1), ("[[solvers]]\nname = 'idle'\n", 1, 0)] {
        let folder = tempfile::tempdir().unwrap();
        let mut request = request(folder.path(), &format!("{GENERATED}{suite}"));
        let script = request.worker.arguments[1].to_str().unwrap();
        let (start, end) = (script.find("\n*) printf").unwrap() + 1, script.find("esac").unwrap());
        let picky = r#"*) printf '%s\n' '{"fathom-worker":{"unsupported":"too small"}}';;"#;
        request.worker.arguments[1] = format!("{}{picky}\n{}", &script[..start], &script[end..]).into();
        let summary = go(&request).unwrap();
        assert_eq!((summary.finished, summary.rows.len(), summary.untaken), (1, shown, untaken));
        assert!(summary.rows.iter().all(|row| row.verdict == RowVerdict::Unsupported("too small".into())));
        // It is recorded all the same, and not tried again.
        assert_eq!(go(&request).unwrap().recorded_before, 1);
        assert_eq!(jobs(folder.path()), 2);
    }
}

#[test]
fn a_raised_flag_starts_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let request = request(folder.path(), GENERATED);
    request.cancel.raise();
    let summary = go(&request).unwrap();
    assert_eq!((summary.exit_code(), summary.rows.len(), jobs(folder.path())), (130, 0, 0));
}

#[test]
fn progress_counts_every_run_once() {
    let folder = tempfile::tempdir().unwrap();
    let request = request(folder.path(), &format!("{GENERATED}seeds = [1, 2, 3]\n"));
    let mut registry = Registry::new();
    registry.add::<LinearSequence, Idle>();
    let mut seen = Vec::new();
    run(&request, &registry, &mut |progress: &Progress| seen.push((progress.done, progress.total))).unwrap();
    assert_eq!(seen.last(), Some(&(3, 3)));
    assert!(seen.windows(2).all(|pair| pair[0].0 <= pair[1].0));
}

#[test]
fn a_worker_that_cannot_be_started_ends_the_call() {
    let folder = tempfile::tempdir().unwrap();
    let mut request = request(folder.path(), GENERATED);
    request.worker.program = "/nowhere/at/all".into();
    assert!(matches!(go(&request), Err(BenchError::Worker { .. })));
    request.time_limit = Some(f64::NAN);
    assert!(matches!(go(&request), Err(BenchError::Request { .. })));
}
