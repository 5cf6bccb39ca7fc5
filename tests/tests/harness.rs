//! The harness over the built program: killed, interrupted, and with solvers that misbehave.

use std::collections::BTreeSet;
use std::fs;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use fathom_opt_bench::{Record, Store};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

/// How long to wait for what must happen.
const PATIENCE: Duration = Duration::from_secs(30);

/// A folder with a suite, its results, and a log of what the sleepers did.
struct Stage {
    folder: TempDir,
}

impl Stage {
    fn new(suite: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("suite.toml"), suite).unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, jobs: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fathom-with-hostile-solvers"));
        command
            .args(["bench", "run", "suite.toml", "--results", "results.sqlite", "--jobs", jobs])
            .current_dir(self.folder.path())
            .env(fathom_tests::hostile::LOG, self.path("log"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn run(&self, jobs: &str) -> Output {
        self.command(jobs).output().unwrap()
    }

    fn records(&self) -> Vec<Record> {
        let path = self.path("results.sqlite");
        let mut records = Vec::new();
        // A harness that was killed early may not have made the file yet.
        if path.is_file() && fs::metadata(&path).unwrap().len() > 0 {
            let store = Store::open(&path).unwrap();
            store
                .for_each(|record| {
                    records.push(record);
                    Ok(())
                })
                .unwrap();
        }
        records
    }

    fn log(&self) -> Vec<String> {
        let text = fs::read_to_string(self.path("log")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// Processes that were started for this stage: their environment names its log.
    fn processes(&self) -> Vec<i32> {
        let mark = self.path("log").into_os_string().into_string().unwrap();
        let mut found = Vec::new();
        for entry in fs::read_dir("/proc").unwrap().flatten() {
            if let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok())
                && let Ok(environment) = fs::read(entry.path().join("environ"))
                && contains(&environment, mark.as_bytes())
            {
                found.push(pid);
            }
        }
        found
    }
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

fn wait_until(what: &str, mut happened: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !happened() {
        assert!(Instant::now() < end, "{what} did not happen");
        thread::sleep(Duration::from_millis(5));
    }
}

/// What the table shows of a run, as the sleeper logs it.
fn run_of(record: &Record) -> String {
    let items = record.source.split("items = ").nth(1).unwrap().split(',').next().unwrap();
    format!("{items} {}", record.key.seed)
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Entries of three agents and so many items.
fn generated(items: &[u32]) -> String {
    let entry = |items| format!("[[entries]]\ngenerator = 'mixed-manna'\nparameters = {{ agents = 3, items = {items} }}\n");
    items.iter().map(entry).collect::<Vec<_>>().concat()
}

/// These solvers with default options.
fn listed(solvers: &[&str]) -> String {
    let solver = |name| format!("[[solvers]]\nname = '{name}'\n");
    solvers.iter().map(solver).collect::<Vec<_>>().concat()
}

#[test]
fn a_suite_killed_at_any_moment_and_continued_records_every_run_exactly_once() {
    const KILLS: u64 = 7;
    let stage = Stage::new(&format!(
        "name = 'kill'\nseeds = [{}]\n[limits]\ntime = 20\nmemory = 256\n{}[[solvers]]\nname = 'sleeper'\noptions = {{ milliseconds = 100 }}\n",
        (1..=30).map(|seed| seed.to_string()).collect::<Vec<_>>().join(", "),
        generated(&[6, 8]),
    ));
    let mut expected = BTreeSet::new();
    for items in [6, 8] {
        expected.extend((1..=30).map(|seed| format!("{items} {seed}")));
    }
    let mut moments = Vec::new();
    for _ in 0..KILLS {
        let recorded: BTreeSet<String> = stage.records().iter().map(run_of).collect();
        let logged = stage.log().len();
        let mut harness = stage.command("2").spawn().unwrap();
        let moment = RandomState::new().build_hasher().finish() % 300;
        moments.push(moment);
        thread::sleep(Duration::from_millis(moment));
        assert!(harness.try_wait().unwrap().is_none(), "the harness ended before it was killed; moments {moments:?}");
        harness.kill().unwrap();
        harness.wait().unwrap();
        wait_until("the end of all workers", || stage.processes().is_empty());
        for started in &stage.log()[logged..] {
            assert!(!recorded.contains(started), "{started} was run again; moments {moments:?}");
        }
    }
    let before = stage.records().len();
    assert!(before < expected.len(), "nothing was left to continue; moments {moments:?}");
    let output = stage.run("2");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    let records = stage.records();
    let recorded: Vec<String> = records.iter().map(run_of).collect();
    let distinct: BTreeSet<String> = recorded.iter().cloned().collect();
    assert_eq!(distinct, expected, "moments {moments:?}");
    assert_eq!(recorded.len(), expected.len(), "moments {moments:?}");
    assert!(records.iter().all(|record| record.status() == "feasible" && record.report.holds() == Some(true)), "moments {moments:?}");

    let logged = stage.log().len();
    let output = stage.run("2");
    assert!(text(&output).contains("60 recorded before"), "{}", text(&output));
    assert_eq!(stage.log().len(), logged, "a finished suite was run again");
}

#[test]
fn a_killed_harness_leaves_no_orphans() {
    let stage = Stage::new(&format!(
        "name = 'orphans'\nseeds = [1, 2]\n[limits]\ntime = 3000\nmemory = 256\n{}[[solvers]]\nname = 'sleeper'\noptions = {{ milliseconds = 3600000 }}\n",
        generated(&[6]),
    ));
    let mut harness = stage.command("2").spawn().unwrap();
    wait_until("the start of two runs", || stage.log().len() == 2);
    assert_eq!(stage.processes().len(), 3);
    harness.kill().unwrap();
    harness.wait().unwrap();
    wait_until("the end of all workers", || stage.processes().is_empty());
    assert!(stage.records().is_empty());
}

/// Raises SIGINT in `harness`, as Ctrl-C does.
fn interrupt(harness: &Child) {
    kill(Pid::from_raw(i32::try_from(harness.id()).unwrap()), Signal::SIGINT).unwrap();
}

#[test]
fn an_interrupted_suite_keeps_what_is_finished_and_goes_on_later() {
    let suite = |milliseconds| {
        format!(
            "name = 'interrupt'\nseeds = [1, 2]\n[limits]\ntime = 3000\nmemory = 256\n{}[[solvers]]\nname = 'sleeper'\noptions = {{ milliseconds = 1 }}\n\
             [[solvers]]\nname = 'sleeper'\nlabel = 'slow'\noptions = {{ milliseconds = {milliseconds} }}\n",
            generated(&[6]),
        )
    };
    let stage = Stage::new(&suite(3_600_000));
    let harness = stage.command("1").spawn().unwrap();
    wait_until("the start of the slow run", || stage.log().len() == 3);
    let second = stage.run("1");
    assert_eq!(second.status.code(), Some(2), "{}", text(&second));
    assert!(text(&second).contains("another `bench run` is writing this results file"), "{}", text(&second));
    interrupt(&harness);
    let output = harness.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", text(&output));
    assert!(text(&output).contains("interrupted with 2 runs to go"), "{}", text(&output));
    assert!(stage.processes().is_empty());
    assert_eq!(stage.records().len(), 2);
    fs::write(stage.path("suite.toml"), suite(2)).unwrap();
    let output = stage.run("1");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    assert!(text(&output).contains("4 runs: 4 hold; 2 recorded before"), "{}", text(&output));
}

#[test]
fn each_solver_that_misbehaves_is_a_record_with_its_reason_and_the_suite_goes_on() {
    let solvers = ["glutton", "hanger", "aborter", "panicker", "chatterbox", "quitter", "picky", "sleeper"];
    let stage = Stage::new(&format!("name = 'hostile'\n[limits]\ntime = 0.3\nmemory = 64\n{}{}", generated(&[6]), listed(&solvers)));
    let output = stage.run("2");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    let records = stage.records();
    let record = |solver: &str| records.iter().find(|record| record.key.solver == solver).unwrap();
    let reasons = [
        ("glutton", "out of memory (limit 64 MiB)"),
        ("hanger", "killed: no answer 2.03 s after its time limit"),
        ("aborter", "aborted (signal 6)"),
        ("panicker", "panicked: nobody expected this"),
        ("quitter", "no answer (exit status 0)"),
    ];
    for (solver, reason) in reasons {
        assert_eq!((record(solver).status(), record(solver).report.status.detail().as_deref()), ("failed", Some(reason)));
        assert!(text(&output).contains(reason), "{}", text(&output));
    }
    assert_eq!(
        (record("picky").status(), record("picky").report.status.detail().as_deref()),
        ("unsupported", Some("nothing is good enough"))
    );
    assert!(record("panicker").stderr.starts_with("panicked at "), "{}", record("panicker").stderr);
    assert_eq!(record("aborter").stderr, "the last words of aborter\n");
    for solver in ["chatterbox", "sleeper"] {
        assert_eq!((record(solver).status(), record(solver).report.holds()), ("feasible", Some(true)));
        assert!(record(solver).peak_memory.unwrap() > 0);
    }
    assert_eq!(record("chatterbox").stderr.len(), 4096);
    assert_eq!(records.len(), solvers.len());
}

#[test]
fn a_refuted_claim_is_shown_as_wrong_and_makes_the_exit_status_1() {
    let stage =
        Stage::new(&format!("name = 'liar'\n[limits]\ntime = 5\nmemory = 256\n{}{}", generated(&[6]), listed(&["liar", "sleeper"])));
    // The second time everything is recorded already; the lie stays one.
    for _ in 0..2 {
        let output = stage.run("1");
        assert_eq!(output.status.code(), Some(1), "{}", text(&output));
        assert!(text(&output).contains("WRONG: liar on mixed-manna"), "{}", text(&output));
        assert!(text(&output).contains("2 runs: 1 hold, 1 WRONG"), "{}", text(&output));
    }
    let refuted = &stage.records()[0].report.refuted;
    assert!(refuted.iter().any(|refuted| refuted.claim.starts_with("objective ")), "{refuted:?}");
}

#[test]
fn an_entry_that_is_no_instance_is_named_and_the_others_run() {
    let stage = Stage::new(&format!(
        "name = 'unreadable'\n[[entries]]\nfile = 'bad.mtx'\n{}[[entries]]\nlibrary = 'none'\n[[solvers]]\nname = 'sleeper'\n",
        generated(&[6]),
    ));
    fs::write(stage.path("bad.mtx"), "%%MatrixMarket matrix coordinate real general\n2 2 1\n1 7 1.0\n").unwrap();
    let output = stage.run("1");
    assert_eq!(output.status.code(), Some(2), "{}", text(&output));
    let shown = text(&output);
    assert!(shown.contains("no instance: ") && shown.contains("bad.mtx:3"), "{shown}");
    assert!(shown.contains("library:none"), "{shown}");
    assert!(shown.contains("1 runs: 1 hold"), "{shown}");
}

#[test]
fn exported_records_are_complete_in_both_formats() {
    let stage = Stage::new(&format!("name = 'export'\nseeds = [1, 2]\n{}[[solvers]]\nname = 'sleeper'\n", generated(&[6])));
    assert_eq!(stage.run("1").status.code(), Some(0));
    let export = |format: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fathom-with-hostile-solvers"));
        let output = command.args(["bench", "export"]).arg(stage.path("results.sqlite")).args(["--format", format]).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", text(&output));
        String::from_utf8(output.stdout).unwrap()
    };
    let rows: Vec<serde_json::Value> = serde_json::from_str(&export("json")).unwrap();
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[1]["verdict"]["holds"], true);
    assert_eq!(export("csv").lines().next().unwrap().split(',').take(3).collect::<Vec<_>>(), ["suite", "instance", "instance_sha256"]);
}

#[test]
fn a_solver_that_does_not_stop_when_asked_ends_with_the_program() {
    let stage = Stage::new("");
    fs::write(stage.path("a.fathom.json"), r#"{"fathom":1,"problem":"fair-division","data":{"utilities":[[5,3],[4,4]]}}"#).unwrap();
    let mut solve = Command::new(env!("CARGO_BIN_EXE_fathom-with-hostile-solvers"));
    solve
        .args(["solve", "a.fathom.json", "--solver", "sleeper", "--set", "milliseconds=3600000"])
        .current_dir(stage.folder.path())
        .env(fathom_tests::hostile::LOG, stage.path("log"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let child = solve.spawn().unwrap();
    wait_until("the start of the solve", || stage.log().len() == 1);
    kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), Signal::SIGTERM).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", text(&output));
    assert!(text(&output).contains("did not stop when asked to"), "{}", text(&output));
}
