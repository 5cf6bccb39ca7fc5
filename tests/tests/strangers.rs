//! Somebody else's programs in suites of every family: honest, lying and failing in every way, all are recorded rightly, and the suite goes on.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use fathom_opt_bench::{Record, Store};
use fathom_opt_instances::classes;
use fathom_opt_instances::suite::Suite;
use fathom_tests::Bench;

const PROGRAM: &str = env!("CARGO_BIN_EXE_fathom-under-test");

/// How long to wait for what must happen.
const PATIENCE: Duration = Duration::from_secs(60);

/// A small instance of every class, of which a better solution is known than the first allowed one.
const INSTANCES: [(&str, &str); 7] = [
    ("division", r#"{"fathom":1,"problem":"fair-division","known":{"objective":9},"data":{"utilities":[[5,3],[4,4]]}}"#),
    (
        "relaxation",
        r#"{"fathom":1,"problem":"linear-sequence","known":{"objective":0},"data":{"matrix":{"rows":2,"cols":2,"entries":[[0,0,1.0],[1,1,1.0]]},
            "tolerance":1e-6,"systems":[{"rhs":[1.0,2.0]}]}}"#,
    ),
    (
        "dag",
        r#"{"fathom":1,"problem":"dag-learning","known":{"objective":0.6},"data":{"covariance":[[1.0,0.9],[0.9,1.0]],"n":100,"score":"ev"}}"#,
    ),
    (
        "nlp",
        r#"{"fathom":1,"problem":"nonlinear","known":{"objective":0},"data":{"variables":[{"name":"x","lower":0,"upper":2,"start":0.5}],
            "objective":{"sense":"minimize","expression":"(x-1)^2"},"constraints":[]}}"#,
    ),
    (
        "online",
        r#"{"fathom":1,"problem":"online-knapsack","known":{"objective":8},"data":{"capacity":[4],"items":[{"id":1,"v":3,"w":[2]},{"id":2,"v":5,"w":[2]}]}}"#,
    ),
    (
        "bandit",
        r#"{"fathom":1,"problem":"replenishable-bandit","known":{"objective":1},
            "data":{"rounds":6,"budget":2,"outcomes":{"drawn":{"rewards":[0.9],"consumption":[[-0.5]],"seed":1}}}}"#,
    ),
    (
        "submodular",
        r#"{"fathom":1,"problem":"submodular-stream","known":{"objective":1},"data":{"function":{"coverage":{"sets":[[0],[1]]}},"elements":2,
            "constraint":{"cardinality":1},"operations":[{"op":"insert","id":0},{"op":"insert","id":1},{"op":"query"}]}}"#,
    ),
];

/// What becomes of an answer.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fate {
    Holds,
    Wrong,
    /// The reason contains this.
    Failed(&'static str),
}

/// Each way of the misbehaving program, and what becomes of it.
const WAYS: [(&str, Fate); 19] = [
    ("status", Fate::Wrong),
    ("objective", Fate::Wrong),
    ("infeasible", Fate::Wrong),
    ("bound", Fate::Wrong),
    ("other-instance", Fate::Wrong),
    ("unknown-status", Fate::Failed("found `perfect`")),
    ("nan", Fate::Failed("malformed answer")),
    ("garbage", Fate::Failed("malformed answer")),
    ("nothing", Fate::Failed("no answer (exit status 0")),
    ("pipe", Fate::Failed("no regular file")),
    ("hang", Fate::Failed("after its time limit")),
    ("crash", Fate::Failed("SIGSEGV")),
    ("exit", Fate::Failed("exit status 7")),
    ("huge-file", Fate::Failed("exit status 1")),
    ("memory", Fate::Failed("out of memory")),
    ("forks", Fate::Holds),
    ("orphans", Fate::Holds),
    ("course", Fate::Holds),
    ("huge-output", Fate::Holds),
];

/// Whether this machine has Python; says so where it has not.
fn has_python() -> bool {
    let found = Command::new("python3").arg("--version").stdout(Stdio::null()).status().is_ok_and(|status| status.success());
    if !found {
        eprintln!("skipped: this machine has no python3");
    }
    found
}

/// A folder with the strangers' programs, one instance and an empty folder for temporary files.
fn stage(instance: &str) -> Bench {
    let bench = Bench::new(PROGRAM);
    for name in ["first_allowed.py", "misbehaving.py", "one_function.py"] {
        bench.file(name, fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("strangers").join(name)).unwrap());
    }
    bench.file("instance.fathom.json", instance);
    fs::create_dir(bench.folder().join("temporary")).unwrap();
    bench
}

/// A command for `bench run suite.toml` in the stage.
fn running(bench: &Bench) -> Command {
    let mut command = bench.command(&["bench", "run", "suite.toml", "--results", "results.sqlite", "--jobs", "2"]);
    command.env("TMPDIR", bench.folder().join("temporary")).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn run(bench: &Bench) -> (Option<i32>, String) {
    let output = running(bench).output().unwrap();
    (output.status.code(), format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)))
}

fn records(bench: &Bench) -> Vec<Record> {
    let path = bench.folder().join("results.sqlite");
    let mut records = Vec::new();
    // A harness that was killed early may not have made the file yet.
    if fs::metadata(&path).is_ok_and(|found| found.len() > 0) {
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

/// Processes whose environment names the stage's folder for temporary files.
fn processes(bench: &Bench) -> Vec<i32> {
    let mark = bench.folder().join("temporary").into_os_string().into_string().unwrap();
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        if let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok())
            && let Ok(environment) = fs::read(entry.path().join("environ"))
            && String::from_utf8_lossy(&environment).contains(&mark)
        {
            found.push(pid);
        }
    }
    found
}

/// What lies in the stage's folder for temporary files.
fn left_behind(bench: &Bench) -> Vec<String> {
    fs::read_dir(bench.folder().join("temporary"))
        .unwrap()
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}

#[track_caller]
fn assert_clean(bench: &Bench) {
    let end = Instant::now() + PATIENCE;
    while !(processes(bench).is_empty() && left_behind(bench).is_empty()) {
        assert!(Instant::now() < end, "left: processes {:?}, files {:?}", processes(bench), left_behind(bench));
        thread::sleep(Duration::from_millis(5));
    }
}

fn fate(record: &Record) -> (bool, bool, String) {
    let detail = record.report.status.detail().unwrap_or_default();
    (record.status() == "failed", !record.report.refuted.is_empty(), detail)
}

fn misbehaving(ways: &[(&str, Fate)]) -> String {
    let entry = |(way, _): &(&str, Fate)| {
        format!(
            "[[solvers]]\nname = '{way}'\ncommand = 'python3 misbehaving.py {way} {{instance}} {{solution}}'\nfiles = ['first_allowed.py']\n"
        )
    };
    ways.iter().map(entry).collect()
}

fn every_way(family: &str) {
    if !has_python() {
        return;
    }
    let (_, instance) = INSTANCES.iter().find(|(name, _)| *name == family).unwrap();
    let bench = stage(instance);
    // Two gigabytes through a pipe are enough once.
    let ways = if family == "division" { &WAYS[..] } else { &WAYS[..WAYS.len() - 1] };
    let honest = "[[solvers]]\nname = 'first'\ncommand = 'python3 first_allowed.py {instance} {solution}'\nversion = 'python3 --version'\n";
    let entries = "[[entries]]\nfile = 'instance.fathom.json'\n";
    // Loaded machines start Python slowly; only one way has to wait for its limit.
    bench.file("suite.toml", format!("name = 's'\n[limits]\ntime = 10\nmemory = 800\n{entries}{honest}{}", misbehaving(ways)));
    let (code, shown) = run(&bench);
    assert_eq!(code, Some(1), "{shown}");
    assert_clean(&bench);
    let records: BTreeMap<String, Record> = records(&bench).into_iter().map(|record| (record.label.clone(), record)).collect();
    assert_eq!(records.len(), ways.len() + 1, "{shown}");
    let first = &records["first"];
    assert_eq!((first.status(), first.report.holds(), first.report.refuted.len()), ("feasible", Some(true), 0), "{shown}");
    assert!(first.options.contains("\"version\":\"Python 3"), "{}", first.options);
    assert!(first.peak_memory.unwrap() > 0 && first.report.seconds.wall > 0.0);
    for (way, expected) in ways {
        let record = &records[*way];
        let (failed, wrong, detail) = fate(record);
        match expected {
            Fate::Holds => assert!(!failed && !wrong && record.report.holds() == Some(true), "{way}: {shown}"),
            Fate::Wrong => assert!(!failed && wrong && shown.contains(&format!("WRONG: {way} on ")), "{way}: {shown}"),
            Fate::Failed(reason) => assert!(failed && !wrong && detail.contains(reason), "{way}: {detail}\n{}\n{shown}", record.stderr),
        }
    }
    let course: Vec<_> = records["course"].course.0.iter().map(|sample| (sample.incumbent, sample.bound)).collect();
    assert_eq!(course, [(None, Some(5.0)), (Some(1e6), Some(4.0))]);
    let (_, again) = run(&bench);
    assert!(again.contains(&format!("{} recorded before", records.len())), "{again}");
}

#[test]
fn strangers_in_a_suite_of_fair_division() {
    every_way("division");
}

#[test]
fn strangers_in_a_suite_of_linear_systems() {
    every_way("relaxation");
}

#[test]
fn strangers_in_a_suite_of_dag_learning() {
    every_way("dag");
}

#[test]
fn strangers_in_a_suite_of_nonlinear_programs() {
    every_way("nlp");
}

#[test]
fn strangers_in_a_suite_of_online_knapsacks() {
    every_way("online");
}

#[test]
fn strangers_in_a_suite_of_replenishable_bandits() {
    every_way("bandit");
}

#[test]
fn strangers_in_a_suite_of_submodular_streams() {
    every_way("submodular");
}

#[test]
fn a_python_function_takes_part_and_is_run_again_when_it_was_edited() {
    if !has_python() {
        return;
    }
    let bench = stage(INSTANCES[0].1);
    let solver = |name: &str, python: &str| format!("[[solvers]]\nname = '{name}'\npython = '{python}'\n");
    let solvers =
        ["field", "array", "document", "failing", "told", "nothing"].map(|name| solver(name, &format!("one_function.py:{name}"))).concat();
    bench
        .file("suite.toml", format!("name = 's'\nseeds = [3]\n[limits]\ntime = 10\n[[entries]]\nfile = 'instance.fathom.json'\n{solvers}"));
    let (code, shown) = run(&bench);
    assert_eq!(code, Some(0), "{shown}");
    let records: BTreeMap<String, Record> = records(&bench).into_iter().map(|record| (record.label.clone(), record)).collect();
    for name in ["field", "array", "document", "told"] {
        assert_eq!(
            (records[name].report.holds(), records[name].report.refuted.len()),
            (Some(true), 0),
            "{name}: {}\n{shown}",
            records[name].stderr
        );
    }
    assert_eq!(records["document"].report.counters["iterations"], 3);
    assert_eq!(records["told"].course.0.len(), 1);
    let (failed, _, detail) = fate(&records["failing"]);
    assert!(failed && detail == "exit status 1" && records["failing"].stderr.contains("nobody is perfect"), "{detail}");
    assert!(fate(&records["nothing"]).2.contains("the function returned nothing"));
    let mut script = fs::read_to_string(bench.folder().join("one_function.py")).unwrap();
    script.push_str("\n# edited\n");
    bench.file("one_function.py", script);
    let (_, again) = run(&bench);
    assert!(again.contains("6 runs") && !again.contains("recorded before"), "{again}");
}

#[test]
fn another_run_s_checked_solution_refutes_what_nobody_else_can() {
    if !has_python() {
        return;
    }
    // Nothing is known of this instance: that nothing is better, and that there is no solution, only another solver can refute.
    let bench = stage(r#"{"fathom":1,"problem":"fair-division","data":{"utilities":[[5,3],[4,4]]}}"#);
    let ways = [("infeasible", Fate::Wrong)];
    let suite = format!("name = 's'\n[[entries]]\nfile = 'instance.fathom.json'\n[[solvers]]\nname = 'auto'\n{}", misbehaving(&ways));
    bench.file("suite.toml", suite);
    let (code, shown) = run(&bench);
    assert_eq!(code, Some(1), "{shown}");
    assert!(shown.contains("WRONG: infeasible on ") && shown.contains("auto has a solution that meets every requirement"), "{shown}");
}

#[test]
fn programs_that_are_not_there_are_refused_or_left_out() {
    let bench = stage(INSTANCES[0].1);
    let suite = |more: &str| {
        format!("name = 's'\n[[entries]]\nfile = 'instance.fathom.json'\n[[solvers]]\nname = 'auto'\n[[solvers]]\nname = 'x'\n{more}")
    };
    bench.file("suite.toml", suite("command = './gone {instance}'\n"));
    let (code, shown) = run(&bench);
    assert_eq!(code, Some(2), "{shown}");
    assert!(shown.contains("suite s: solver `x`: found there is no program"), "{shown}");
    bench.file("suite.toml", suite("command = './gone {instance}'\noptional = true\n"));
    let (code, shown) = run(&bench);
    assert_eq!(code, Some(0), "{shown}");
    assert!(shown.contains("skipped: x: there is no program") && shown.contains("1 runs: 1 hold"), "{shown}");
}

/// The line that a run's command logs, as its record would be.
fn logged(bench: &Bench) -> Vec<String> {
    let text = fs::read_to_string(bench.folder().join("log")).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

/// A stage whose commands log their seed, leave an orphan in a session of its own, and answer.
fn dawdling() -> Bench {
    let bench = stage(INSTANCES[0].1);
    let script =
        format!("echo $3 >> {}\nsetsid sleep 600 &\nsleep 0.05\necho '{{\"owner\":[0,1]}}' > $2\n", bench.folder().join("log").display());
    bench.file("dawdle.sh", script);
    let seeds = (1..=20).map(|seed| seed.to_string()).collect::<Vec<_>>().join(", ");
    let command = "command = 'sh dawdle.sh {instance} {solution} {seed}'";
    let suite =
        format!("name = 's'\nseeds = [{seeds}]\n[[entries]]\nfile = 'instance.fathom.json'\n[[solvers]]\nname = 'dawdle'\n{command}\n");
    bench.file("suite.toml", suite);
    bench
}

/// Commands killed with their harness: as often as the environment's `FATHOM_KILLS` says, 50 times where it says nothing.
#[test]
fn a_suite_of_commands_killed_at_any_moment_loses_nothing_repeats_nothing_and_leaves_nothing_behind() {
    let kills: u32 = std::env::var("FATHOM_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(50);
    let mut bench = dawdling();
    let mut moments = Vec::new();
    for _ in 0..kills {
        let recorded: BTreeSet<String> = records(&bench).iter().map(|record| record.key.seed.to_string()).collect();
        let before = logged(&bench).len();
        let mut harness = running(&bench).spawn().unwrap();
        let moment = RandomState::new().hash_one(0) % 500;
        moments.push(moment);
        thread::sleep(Duration::from_millis(moment));
        // It may have come to its end.
        let _ = harness.kill();
        harness.wait().unwrap();
        assert_clean(&bench);
        for seed in &logged(&bench)[before..] {
            assert!(!recorded.contains(seed), "{seed} was run again; moments {moments:?}");
        }
        if records(&bench).len() == 20 {
            finish(&bench, &moments);
            bench = dawdling();
        }
    }
    finish(&bench, &moments);
}

/// Runs what is missing, and finds each run recorded once.
fn finish(bench: &Bench, moments: &[u64]) {
    let (code, shown) = run(bench);
    assert_eq!(code, Some(0), "{shown}; moments {moments:?}");
    assert_clean(bench);
    let mut seeds: Vec<u64> = records(bench).iter().map(|record| record.key.seed).collect();
    seeds.sort_unstable();
    assert_eq!(seeds, (1..=20).collect::<Vec<_>>(), "moments {moments:?}");
    assert!(records(bench).iter().all(|record| record.report.holds() == Some(true)), "{shown}");
}

#[test]
fn the_suites_of_peers_can_be_read() {
    let peers = Path::new(env!("CARGO_MANIFEST_DIR")).join("../benches/peers");
    let mut strangers = BTreeSet::new();
    for folder in fs::read_dir(peers).unwrap().flatten().filter(|folder| folder.path().is_dir()) {
        let files = fs::read_dir(folder.path()).unwrap().flatten().map(|file| file.path());
        for file in files.filter(|file| file.extension().is_some_and(|ending| ending == "toml") && !file.ends_with("Cargo.toml")) {
            let suite = Suite::read(&file, &classes()).unwrap_or_else(|error| panic!("{error}"));
            let solvers = suite.solvers.unwrap_or_default();
            strangers.extend(
                solvers
                    .into_iter()
                    .filter(|solver| solver.command.as_ref().is_some_and(|command| command.optional))
                    .map(|solver| solver.name),
            );
        }
    }
    for name in ["fairpyx-round-robin", "dagma", "flop", "scipy-cg", "ortools"] {
        assert!(strangers.contains(name), "{name}: {strangers:?}");
    }
}

/// The files of the documentation's page on suites: a line **`name`**, and then the file's text between fences.
fn documented() -> Vec<(String, String)> {
    let page = include_str!("../../benches/SUITES.md");
    let parts = page.split("\n**`").skip(1);
    let file = |part: &str| {
        let (name, rest) = part.split_once("`**").unwrap();
        let (_, rest) = rest.split_once("```").unwrap();
        let (_, text) = rest.split_once('\n').unwrap();
        (name.to_owned(), text.split_once("```").unwrap().0.to_owned())
    };
    parts.map(file).collect()
}

#[test]
fn the_documentation_s_examples_run_and_hold() {
    if !has_python() {
        return;
    }
    let files = documented();
    let bench = stage(INSTANCES[0].1);
    for (name, text) in &files {
        bench.file(name, text);
    }
    let suites: Vec<&str> = files
        .iter()
        .map(|(name, _)| name.as_str())
        .filter(|name| Path::new(name).extension().is_some_and(|ending| ending == "toml"))
        .collect();
    assert_eq!(suites, ["first.toml", "division.toml", "peers.toml"]);
    for suite in suites {
        let shown = bench.run(&["bench", "run", suite, "--results", "documented.sqlite"]);
        let text = format!("{}{}", shown.stdout, shown.stderr);
        assert_eq!(shown.status, Some(0), "{suite}: {text}");
        assert!(!text.contains("failed"), "{suite}: {text}");
    }
    let table = bench.run(&["bench", "export", "documented.sqlite", "--courses", "courses.csv"]);
    let header = table.expect(0).lines().next().unwrap().to_owned();
    assert!(header.contains(",primal_integral,dual_integral,counter_") && header.contains(",counter_iterations"), "{header}");
    let courses = fs::read_to_string(bench.folder().join("courses.csv")).unwrap();
    assert!(courses.contains(",picking,"), "{courses}");
}

/// Plays a solver of AMPL's: writes a `.sol` beside the model, with this code and this value of `x`, if any.
const AMPL_SOLVER: &str = r#"
import sys
model, dash, code, *values = sys.argv[1:]
assert dash == "-AMPL" and open(model).readline().startswith("g3 ")
lines = ["played", "", "Options", "3", "1", "1", "0", "0", "0", "1", str(len(values)), *values, f"objno 0 {code}"]
open(model.removesuffix(".nl") + ".sol", "w").write("\n".join(lines) + "\n")
"#;

#[test]
fn ampl_solvers_read_nl_write_sol_and_are_held_to_their_result_numbers() {
    if !has_python() {
        return;
    }
    let bench = stage(INSTANCES[3].1);
    bench.file("ampl.py", AMPL_SOLVER);
    let cases =
        [("solved", "0 1.0"), ("outside", "0 3.0"), ("infeasible", "200"), ("limit", "400 0.5"), ("failure", "500"), ("nothing", "0")];
    let entry = |(name, words): (&str, &str)| {
        format!("[[solvers]]\nname = '{name}'\ncommand = 'python3 ampl.py {{instance}} -AMPL {words}'\nreads = '.nl'\nwrites = '.sol'\n")
    };
    let solvers = cases.map(entry).concat();
    bench.file("suite.toml", format!("name = 's'\n[limits]\ntime = 10\n[[entries]]\nfile = 'instance.fathom.json'\n{solvers}"));
    let (_, shown) = run(&bench);
    let records: BTreeMap<String, Record> = records(&bench).into_iter().map(|record| (record.label.clone(), record)).collect();
    let of = |name: &str| (records[name].status().to_owned(), records[name].report.holds(), records[name].report.refuted.is_empty());
    assert_eq!(of("solved"), ("locally-optimal".into(), Some(true), true), "{shown}");
    assert_eq!(of("outside"), ("locally-optimal".into(), Some(false), false), "{shown}");
    assert_eq!(of("infeasible"), ("locally-infeasible".into(), None, true), "{shown}");
    assert_eq!(of("limit"), ("limit".into(), Some(true), true), "{shown}");
    assert!(fate(&records["failure"]).2.contains("solve_result_num 500"), "{shown}");
    assert!(fate(&records["nothing"]).2.contains("malformed answer: instance.sol"), "{shown}");
}

/// Reads a table of utilities and gives each item to the first agent.
const TABLE_SOLVER: &str = r#"
import csv, sys
with open(sys.argv[1], newline="") as file:
    rows = list(csv.reader(file))
with open(sys.argv[2], "w", newline="") as file:
    csv.writer(file).writerows([["item", "agent"], *([item, "Ann"] for item in rows[0] if item in ("car", "dog"))])
"#;

#[test]
fn tables_go_in_and_out_and_other_classes_have_none() {
    if !has_python() {
        return;
    }
    let named = r#"{"fathom":1,"problem":"fair-division","data":{"agents":["Ann","Bob"],"items":["car","dog"],"utilities":[[5,3],[4,4]]}}"#;
    let bench = stage(named);
    bench.file("table.py", TABLE_SOLVER);
    bench.file("sequence.fathom.json", INSTANCES[1].1);
    let command = "command = 'python3 table.py {instance} {solution}'\nreads = '.csv'\nwrites = '.csv'\n";
    let entries = "[[entries]]\nfile = 'instance.fathom.json'\n[[entries]]\nfile = 'sequence.fathom.json'\n";
    bench.file("suite.toml", format!("name = 's'\n[limits]\ntime = 10\n{entries}[[solvers]]\nname = 'table'\n{command}"));
    let (code, shown) = run(&bench);
    assert_eq!(code, Some(0), "{shown}");
    assert!(shown.contains("1 runs: 1 hold"), "{shown}");
}
