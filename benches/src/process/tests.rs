//! A shell script plays the worker.

use super::*;
use crate::tail::TAIL;
use fathom_opt_instances::{InstanceSource, Reading};

fn job() -> Job {
    let task = crate::job::SolveTask { solver: "s".into(), options: serde_json::Map::new(), seed: 1, time_limit: 0.1, threads: 1 };
    Job { source: InstanceSource::Library { name: "a".into(), reading: Reading::default() }, memory_limit: 64, task: Task::Solve(task) }
}

const GRACE: Grace = Grace { constant: 0.1, fraction: 1.0, reading: 20.0, checking: 20.0 };

fn play(script: &str) -> Ended {
    let worker = WorkerCommand { program: "/bin/sh".into(), arguments: vec!["-c".into(), script.into()] };
    execute(&worker, &job(), &GRACE, &|| false).unwrap()
}

fn reason(script: &str) -> String {
    match play(script).how {
        How::Failed(reason) => reason,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_job_arrives_and_the_answer_is_found_among_other_output() {
    let ended = play(r#"read job; echo "noise $job"; echo; echo '{"fathom-worker":{"refused":"no"}}'; sleep 60"#);
    assert!(matches!(&ended.how, How::Answered(Message::Refused(why)) if why == "no"), "{ended:?}");
    let text = ended.stderr.strip_prefix("noise ").unwrap();
    assert_eq!(serde_json::from_str::<Job>(text).unwrap(), job());
}

#[test]
fn a_silent_solve_is_killed_after_its_grace() {
    assert_eq!(reason(r#"echo '{"fathom-worker":"solving"}'; sleep 60"#), "killed: no answer 0.2 s after its time limit");
}

#[test]
fn each_end_without_an_answer_has_its_reason() {
    assert_eq!(reason("exit 7"), "exit status 7");
    assert_eq!(reason("kill -ABRT $$"), "aborted (signal 6)");
    assert_eq!(reason("echo 'memory allocation of 99 bytes failed' >&2; kill -ABRT $$"), "out of memory (limit 64 MiB)");
    assert_eq!(reason(r#"printf '{"fathom-worker":{"refu'; exit 3"#), "exit status 3");
    assert!(reason(r#"echo '{"fathom-worker":{"x":1}}'; sleep 60"#).starts_with("malformed answer: "));
}

#[test]
fn children_of_the_worker_die_with_it() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let script = format!(r#"sleep 600 & echo $! > {}; echo '{{"fathom-worker":{{"refused":"no"}}}}'; sleep 60"#, file.path().display());
    play(&script);
    let pid: i32 = std::fs::read_to_string(file.path()).unwrap().trim().parse().unwrap();
    let gone = || match std::fs::read_to_string(format!("/proc/{pid}/stat")) {
        Err(_) => true,
        // Killed and not yet reaped by whoever inherited it.
        Ok(stat) => stat.contains(") Z ") || stat.contains(") X "),
    };
    let patience = Instant::now() + Duration::from_secs(10);
    while !gone() && Instant::now() < patience {
        thread::sleep(Duration::from_millis(5));
    }
    assert!(gone());
}

#[test]
fn only_the_end_of_long_diagnostics_is_kept() {
    let ended = play("i=0; while [ $i -lt 2000 ]; do echo line $i >&2; i=$((i+1)); done");
    assert_eq!(ended.stderr.len(), TAIL);
    assert!(ended.stderr.ends_with("line 1999\n"));
}

#[test]
fn a_wish_to_stop_ends_the_wait() {
    let worker = WorkerCommand { program: "/bin/sh".into(), arguments: vec!["-c".into(), "sleep 60".into()] };
    assert!(matches!(execute(&worker, &job(), &GRACE, &|| true).unwrap().how, How::Interrupted));
}

#[test]
fn a_program_that_does_not_exist_is_an_error() {
    let worker = WorkerCommand { program: "/nowhere/at/all".into(), arguments: Vec::new() };
    assert!(matches!(execute(&worker, &job(), &GRACE, &|| false), Err(BenchError::Worker { .. })));
}
