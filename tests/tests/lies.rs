//! Whatever a solver lies about (status, bound, objective, promised property, residual), `solve` and a suite both say that it is wrong.

use std::process::{Command, Stdio};

use fathom_opt_bench::Store;
use fathom_tests::mutant::{Lie, ResidualLie};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Two agents, two goods: giving each the one it prefers is best, 9; the other way round is worst, 7.
const DIVISION: &str = r#"{"fathom":1,"problem":"fair-division","name":"tiny","known":{"objective":9,"status":"optimal"},
    "data":{"utilities":[[5,3],[4,4]]}}"#;

/// `x = 1`, twice.
const SEQUENCE: &str = r#"{"fathom":1,"problem":"linear-sequence","name":"ones","data":{"matrix":{"rows":1,"cols":1,"entries":[[0,0,1.0]]},
    "tolerance":1e-6,"systems":[{"rhs":[1.0]},{"rhs":[1.0]}]}}"#;

struct Stage {
    folder: TempDir,
}

impl Stage {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("division.fathom.json"), DIVISION).unwrap();
        std::fs::write(folder.path().join("sequence.fathom.json"), SEQUENCE).unwrap();
        Self { folder }
    }

    fn fathom(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_fathom-with-hostile-solvers"))
            .args(arguments)
            .current_dir(self.folder.path())
            .env("NO_COLOR", "1")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    }
}

/// The word of a lie in options.
fn word(lie: impl serde::Serialize) -> String {
    serde_json::to_value(lie).unwrap().as_str().unwrap().to_owned()
}

fn lies() -> impl Iterator<Item = (&'static str, &'static str, String)> {
    let division = Lie::ALL.into_iter().map(|lie| ("division.fathom.json", "mutant", word(lie)));
    division.chain(ResidualLie::ALL.into_iter().map(|lie| ("sequence.fathom.json", "residual-mutant", word(lie))))
}

#[test]
fn solve_says_which_claim_is_wrong_and_exits_with_1() {
    let stage = Stage::new();
    for (file, solver, lie) in lies() {
        let set = format!("lie={lie}");
        let (code, stdout, stderr) = stage.fathom(&["solve", file, "--solver", solver, "--set", &set]);
        assert_eq!(code, Some(1), "{lie}: {stdout}{stderr}");
        assert!(stdout.contains("WRONG"), "{lie}: {stdout}");
        let (code, stdout, stderr) = stage.fathom(&["solve", file, "--solver", solver, "--set", &set, "--json"]);
        let document: Value = serde_json::from_str(&stdout).unwrap();
        assert_eq!(code, Some(1), "{lie}: {stderr}");
        assert_ne!(document["refuted"], json!([]), "{lie}");
    }
}

#[test]
fn a_suite_marks_every_lie_as_wrong_and_exits_with_1() {
    let stage = Stage::new();
    let entries = ["division", "sequence"].map(|name| format!("[[entries]]\nfile = '{name}.fathom.json'\n")).concat();
    let choice = |(_, solver, lie): (_, &str, String)| {
        format!("[[solvers]]\nname = '{solver}'\nlabel = 'lie {lie}'\noptions = {{ lie = '{lie}' }}\n")
    };
    let solvers: String = lies().map(choice).collect();
    std::fs::write(stage.folder.path().join("lies.toml"), format!("name = 'lies'\n{entries}{solvers}")).unwrap();
    let (code, stdout, stderr) = stage.fathom(&["bench", "run", "lies.toml", "--results", "r.sqlite", "--jobs", "2"]);
    assert_eq!(code, Some(1), "{stdout}{stderr}");
    let mut honest = Vec::new();
    let mut records = 0;
    Store::open(&stage.folder.path().join("r.sqlite"))
        .unwrap()
        .for_each(|record| {
            records += 1;
            if record.report.refuted.is_empty() {
                honest.push(record.label);
            }
            Ok(())
        })
        .unwrap();
    assert_eq!((records, honest), (lies().count(), Vec::new()));
    for (_, _, lie) in lies() {
        assert!(stdout.contains(&format!("WRONG: lie {lie} on ")), "{lie}: {stdout}");
    }
}

#[test]
fn the_same_solvers_are_believed_when_they_tell_the_truth() {
    let stage = Stage::new();
    for (file, solver) in [("division.fathom.json", "mutant"), ("sequence.fathom.json", "residual-mutant")] {
        let (code, stdout, stderr) = stage.fathom(&["solve", file, "--solver", solver, "--json"]);
        assert_eq!(code, Some(0), "{stdout}{stderr}");
        let document: Value = serde_json::from_str(&stdout).unwrap();
        assert_eq!(document["refuted"], json!([]), "{stdout}");
        assert_eq!(document["verdict"]["holds"], true);
    }
}

#[test]
fn a_claim_that_is_left_unchecked_is_no_success() {
    let stage = Stage::new();
    let (code, stdout, stderr) = stage.fathom(&["solve", "sequence.fathom.json", "--solver", "residual-mutant", "--set", "drop=true"]);
    assert_eq!(code, Some(1), "{stdout}{stderr}");
    assert!(stdout.contains("unconfirmed"), "{stdout}");
}

#[test]
fn what_a_solver_prints_does_not_reach_the_results() {
    let stage = Stage::new();
    let (code, stdout, stderr) = stage.fathom(&["solve", "division.fathom.json", "--solver", "chatterbox", "--json"]);
    assert_eq!(code, Some(0), "{stdout}{stderr}");
    assert!(serde_json::from_str::<Value>(&stdout).is_ok(), "{stdout}");
    assert!(stderr.contains("an unfinished line"));
}
