//! The verbs as people use them: what they print, what they write, how they end.

use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;
use std::time::{Duration, Instant};

use fathom_tests::{Bench, shared};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

fn bench() -> Bench {
    Bench::new(env!("CARGO_BIN_EXE_fathom-under-test"))
}

/// The output without the line that depends on the clock.
fn without_time(text: &str) -> String {
    text.lines().filter(|line| !line.starts_with("time ")).fold(String::new(), |all, line| all + line + "\n")
}

#[test]
fn a_shipped_system_is_solved_and_checked() {
    let bench = bench();
    let solved = bench.run(&["solve", "library:heat-10", "--solver", "ssor-cg-fixed", "--output", "s.json", "--trace", "t.csv"]);
    insta::assert_snapshot!(without_time(solved.expect(0)), @r"
    instance    heat-10 (linear-sequence: 81 unknowns, 369 nonzeros, 20 systems)
    solver      ssor-cg-fixed
    status      feasible
    objective   4.86e-9 worst relative residual
    verdict     holds, recomputed from the data
                residuals  holds (within 1e-8)
    measures    iterations 40, residuals recomputed 20
    cost        40 iterations, 20 systems
    ");
    let checked = bench.run(&["check", "library:heat-10", "s.json"]);
    insta::assert_snapshot!(checked.expect(0), @r"
    instance    heat-10 (linear-sequence)
    objective   4.86e-9 worst relative residual
    verdict     holds, recomputed from the data
                residuals  holds (within 1e-8)
    measures    iterations 40, residuals recomputed 20
    ");
    let trace = std::fs::read_to_string(bench.folder().join("t.csv")).unwrap();
    assert_eq!(trace.lines().count(), 21, "a header and a row for each of the 20 systems");
}

#[test]
fn info_tells_what_a_file_holds() {
    let finished = bench().run(&["info", "library:spring-chain-60"]);
    let (file, solvers) = finished.expect(0).split_once("solvers ").unwrap();
    assert!(solvers.contains("sor-fixed"), "{solvers}");
    insta::assert_snapshot!(file, @r"
    name        spring-chain-60
    problem     linear-sequence
    format      document
    sizes       60 unknowns, 178 nonzeros, 2 systems
    sha256      8eb96fad23763bf170fd6c74477fefd6f55e33ad5b39857fca387950ef4a010d
    source      Sixty masses between two walls, springs of stiffness 1 to 100: a stiffness matrix that is no Laplacian of a grid. Right-hand sides: row sums (solution all ones) and weight.
    license     CC0-1.0
    ");
}

#[test]
fn the_solution_document_has_the_documented_fields() {
    let finished = bench().run(&["solve", "library:poisson-15", "--solver", "sor-fixed", "--seed", "7", "--json"]);
    let document: Value = serde_json::from_str(finished.expect(0)).unwrap();
    let keys: Vec<&str> = document.as_object().unwrap().keys().map(String::as_str).collect();
    insta::assert_snapshot!(keys.join(" "), @"fathom problem instance solver seed status criterion objective bound promised sought notes refuted solution verdict counters seconds");
    assert_eq!(document["seed"], 7);
    assert_eq!(document["verdict"]["holds"], true);
    assert_eq!(document["instance"]["sha256"].as_str().unwrap().len(), 64);
    assert!(document["solver"]["options"]["omega"].is_number());
}

#[test]
fn a_changed_solution_no_longer_passes_the_check() {
    let bench = bench();
    bench.run(&["solve", "library:poisson-15", "--output", "s.json", "--quiet"]).expect(0);
    let mut document: Value = serde_json::from_slice(&std::fs::read(bench.folder().join("s.json")).unwrap()).unwrap();
    document["solution"]["x"][0]["values"][7] = Value::from(99.0);
    bench.file("changed.json", document.to_string());
    let checked = bench.run(&["check", "library:poisson-15", "changed.json"]);
    assert!(checked.expect(1).contains("FAILS"), "{}", checked.stdout);
    assert!(checked.stdout.contains("system 0"), "{}", checked.stdout);
}

#[test]
fn a_bare_solution_from_another_tool_is_checked_too() {
    let bench = bench();
    bench.file("a.fathom.json", r#"{"fathom": 1, "problem": "fair-division", "data": {"utilities": [[5, 1], [1, 5]]}}"#);
    bench.file("good.json", r#"{"owner": [0, 1]}"#);
    bench.file("unfair.json", r#"{"owner": [1, 0]}"#);
    let good = bench.run(&["check", "a.fathom.json", "good.json", "--json"]);
    let verdict: Value = serde_json::from_str(good.expect(0)).unwrap();
    let envy_free =
        |verdict: &Value| verdict["properties"].as_array().unwrap().iter().find(|p| p["name"] == "EF").unwrap()["holds"].clone();
    assert_eq!(envy_free(&verdict), true);
    let unfair = bench.run(&["check", "a.fathom.json", "unfair.json", "--json"]);
    let verdict: Value = serde_json::from_str(unfair.expect(0)).unwrap();
    assert_eq!(envy_free(&verdict), false);
}

#[test]
fn a_promise_that_does_not_hold_is_shown_as_wrong() {
    let bench = bench();
    bench.file("a.fathom.json", r#"{"fathom": 1, "problem": "fair-division", "data": {"utilities": [[5, 5, 5], [5, 5, 5]]}}"#);
    bench.file(
        "s.json",
        r#"{"fathom": 1, "problem": "fair-division", "promised": ["EF1"], "objective": 15, "solution": {"owner": [0, 0, 0]}}"#,
    );
    let checked = bench.run(&["check", "a.fathom.json", "s.json"]);
    assert!(checked.expect(1).contains("WRONG"), "{}", checked.stdout);
    assert!(checked.stdout.contains("claimed EF1"), "{}", checked.stdout);
}

#[test]
fn instances_survive_conversion_between_formats() {
    let bench = bench();
    bench.run(&["generate", "poisson", "--grid", "40", "--output", "a.fathom.json", "--seed", "3"]).expect(0);
    assert!(bench.folder().join("a.matrix.mtx.zst").is_file(), "a matrix of 1600 rows stands beside the document");
    bench.run(&["convert", "a.fathom.json", "b.mtx.zst"]).expect(0);
    bench.run(&["convert", "b.mtx.zst", "c.fathom.json.gz"]).expect(0);
    for file in ["a.fathom.json", "b.mtx.zst", "c.fathom.json.gz"] {
        let info: Value = serde_json::from_str(bench.run(&["info", file, "--json"]).expect(0)).unwrap();
        assert_eq!(info["sizes"][1]["value"], 7840, "{file}");
        bench.run(&["solve", file, "--quiet"]).expect(0);
    }

    bench.run(&["generate", "mixed-manna", "--output", "m.fathom.json", "--agents=3", "--items", "7"]).expect(0);
    bench.run(&["convert", "m.fathom.json", "m.csv"]).expect(0);
    bench.run(&["convert", "m.csv", "m2.fathom.json"]).expect(0);
    let utilities = |file: &str| -> Value {
        let bytes = std::fs::read(bench.folder().join(file)).unwrap();
        serde_json::from_slice::<Value>(&bytes).unwrap()["data"]["utilities"].clone()
    };
    assert_eq!(utilities("m.fathom.json"), utilities("m2.fathom.json"));
}

#[test]
fn sequences_keep_shifts_and_right_hand_sides_in_one_file_beside_the_document() {
    let bench = bench();
    bench.run(&["generate", "heat-equation", "--intervals", "30", "--steps", "12", "--output", "h.fathom.json"]).expect(0);
    let mut files: Vec<String> =
        std::fs::read_dir(bench.folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    files.sort();
    assert_eq!(files, ["h.fathom.json", "h.matrix.mtx.zst", "h.rhs.mtx.zst"]);
    bench.run(&["solve", "h.fathom.json", "--quiet", "--output", "s.json"]).expect(0);
    bench.run(&["check", "h.fathom.json", "s.json"]).expect(0);
}

#[test]
fn real_files_are_solved_and_checked() {
    let bench = bench();
    if let Some(matrix) = shared("matrix-market/1138_bus.mtx") {
        let matrix = matrix.to_str().unwrap();
        bench.run(&["solve", matrix, "--set", "omega=1", "--output", "s.json", "--quiet"]).expect(0);
        assert!(bench.run(&["check", matrix, "s.json"]).expect(0).contains("holds"));
    }
    if let Some(ratings) = shared("fair-division/umass_ratings_702x108.csv") {
        let ratings = ratings.to_str().unwrap();
        // Students go by numbers: without the class, this would be a table of observations.
        let table = [ratings, "--problem", "fair-division", "--read", "skip=status,courses_wanted", "--read", "rows=30"];
        let with = |verb: &'static str, rest: &[&'static str]| {
            let mut arguments = vec![verb];
            arguments.extend(table);
            arguments.extend(rest);
            bench.run(&arguments)
        };
        with("solve", &["--solver", "round-robin", "--output", "d.json", "--quiet"]).expect(0);
        let checked = with("check", &["d.json"]);
        assert!(checked.expect(0).contains("EF1"), "{}", checked.stdout);
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    for arguments in [vec!["solve", "library:heat-10", "--json"], vec!["schema", "fair-division"], vec!["list", "solvers"]] {
        let bench = bench();
        let mut child = bench.command(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        // Dropping the reader after one line closes the pipe, as `head -1` does.
        BufReader::with_capacity(16, child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let mut stderr = String::new();
        child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        assert!(child.wait().unwrap().success(), "{stderr}");
        assert_eq!(stderr, "", "{arguments:?}");
    }
}

#[test]
fn a_time_limit_without_a_solution_ends_with_status_3() {
    let finished = bench().run(&["solve", "library:poisson-15", "--time-limit", "0"]);
    assert!(finished.expect(3).contains("limit (time)"), "{}", finished.stdout);
    let finished = bench().run(&["solve", "library:poisson-15", "--iteration-limit", "2"]);
    assert!(finished.expect(3).contains("limit (iterations)"), "{}", finished.stdout);
    assert!(finished.stdout.contains("incomplete: 1 requirement broken"), "the iterate so far is there: {}", finished.stdout);
}

#[test]
fn ctrl_c_stops_cleanly_and_writes_what_there_is() {
    let bench = bench();
    bench.run(&["generate", "poisson", "--grid", "200", "--output", "p.fathom.json"]).expect(0);
    // Far too small a factor: this would take days.
    let arguments = ["solve", "p.fathom.json", "--solver", "sor-fixed", "--set", "omega=0.0001", "--set", "max-iterations=1000000000"];
    let child =
        bench.command(&arguments).args(["--output", "s.json", "--json"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let pid = Pid::from_raw(i32::try_from(child.id()).unwrap());
    // The handler is there once the program reads its instance; an interrupt before that would end it without a document.
    std::thread::sleep(Duration::from_secs(1));
    kill(pid, Signal::SIGINT).unwrap();
    let asked = Instant::now();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(asked.elapsed() < Duration::from_secs(60), "it did stop");
    let document: Value = serde_json::from_slice(&std::fs::read(bench.folder().join("s.json")).unwrap()).unwrap();
    assert_eq!(document["status"], "interrupted");
}

#[test]
fn the_same_seed_gives_the_same_document_bit_for_bit() {
    let document = |solver: &str, instance: &str| {
        let finished = bench().run(&["solve", instance, "--solver", solver, "--seed", "5", "--json"]);
        let mut document: Value = serde_json::from_str(finished.expect(0)).unwrap();
        document.as_object_mut().unwrap().remove("seconds");
        document.to_string()
    };
    for (solver, instance) in [("ssor-cg-fixed", "library:heat-10"), ("double-round-robin", "library:mixed-manna-5x20")] {
        assert_eq!(document(solver, instance), document(solver, instance));
    }
}

#[test]
fn schemas_are_json_and_name_the_class() {
    for kind in ["fair-division", "linear-sequence"] {
        let schema: Value = serde_json::from_str(bench().run(&["schema", kind]).expect(0)).unwrap();
        assert_eq!(schema["properties"]["problem"]["const"], kind);
        assert!(schema["properties"]["data"]["properties"].is_object());
        let solution: Value = serde_json::from_str(bench().run(&["schema", kind, "--solution"]).expect(0)).unwrap();
        assert!(solution["properties"].is_object());
    }
}

#[test]
fn help_fits_a_terminal_of_eighty_columns() {
    let bench = bench();
    let help = |arguments: &[&str]| {
        let mut command = bench.command(arguments);
        let output = command.env("COLUMNS", "80").output().unwrap();
        assert!(output.status.success(), "{arguments:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let verbs: Vec<String> = help(&["--help"])
        .lines()
        .skip_while(|line| !line.starts_with("Commands:"))
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.strip_prefix("  ").filter(|line| !line.starts_with(' ')).and_then(|line| line.split_whitespace().next()))
        .map(str::to_owned)
        .collect();
    assert!(verbs.len() > 10 && verbs.contains(&"online".to_owned()), "{verbs:?}");
    let mut pages = vec![help(&["--help"])];
    for verb in verbs.iter().filter(|verb| *verb != "help") {
        pages.push(help(&[verb, "--help"]));
        pages.push(help(&[verb, "-h"]));
    }
    pages.push(help(&["bench", "run", "--help"]));
    for page in pages {
        for line in page.lines() {
            assert!(line.chars().count() <= 80, "{} characters: {line}", line.chars().count());
        }
    }
}

#[test]
fn a_list_can_be_asked_for_one_name_and_says_which_words_an_option_takes() {
    let bench = bench();
    let one = bench.run(&["list", "solvers", "order-search"]);
    assert!(one.expect(0).contains("order-search") && !one.stdout.contains("exact-order"), "{}", one.stdout);
    let class = bench.run(&["list", "solvers", "fair-division"]);
    assert!(class.expect(0).contains("round-robin") && !class.stdout.contains("order-search"), "{}", class.stdout);
    let table = bench.run(&["list", "formats", "observation-table"]);
    assert!(
        table.expect(0).contains("comma, semicolon, tab, pipe or space") && !table.stdout.contains("matrix-market"),
        "{}",
        table.stdout
    );
    assert!(bench.run(&["list", "instances"]).expect(0).contains("library:estate-3x8"));
    assert_eq!(bench.run(&["list", "instances", "library:estate-3x8"]).expect(0).lines().count(), 1);
}

#[test]
fn a_required_property_that_fails_makes_a_check_fail() {
    let bench = bench();
    bench.file("a.csv", "name,car,dog\nAda,5,3\nBen,5,3\n");
    bench.file("all.json", "{\"owner\": [0, 0]}");
    bench.file("each.json", "{\"owner\": [0, 1]}");
    let check = |solution: &str, require: &[&str]| {
        let required: Vec<&str> = require.iter().flat_map(|name| ["--require", *name]).collect();
        bench.run(&[&["check", "a.csv", solution], &required[..]].concat())
    };
    check("all.json", &[]).expect(0);
    assert!(check("all.json", &["ef1"]).expect(1).contains("EF1, which fails"));
    check("each.json", &["EF1", "PO"]).expect(0);
    assert!(check("each.json", &["EF9"]).stderr.contains("expected one of"));
    check("each.json", &["EF9"]).expect(2);
}

#[test]
fn what_a_reader_took_upon_itself_is_said() {
    let bench = bench();
    bench.file("a.csv", "id,car,piano\n1,10,20\n2,15,25\n");
    let info = bench.run(&["info", "a.csv", "--problem", "fair-division"]);
    assert!(info.expect(0).contains("the column `id` only numbers the rows and is no data (`--read index=no`"), "{}", info.stdout);
    assert!(info.stdout.contains("2 items"), "{}", info.stdout);
    let kept = bench.run(&["info", "a.csv", "--problem", "fair-division", "--read", "index=no"]);
    assert!(kept.expect(0).contains("3 items") && !kept.stdout.contains("only numbers the rows"), "{}", kept.stdout);
}

#[test]
fn manual_pages_are_made_from_the_help() {
    let bench = bench();
    assert!(bench.run(&["manual"]).expect(0).starts_with(".ie"));
    bench.run(&["manual", "-o", "pages"]).expect(0);
    assert!(std::fs::read_to_string(bench.folder().join("pages/fathom-solve.1")).unwrap().contains("time\\-limit"));
}

#[test]
fn completion_scripts_know_the_verbs() {
    for shell in ["bash", "zsh", "fish"] {
        let finished = bench().run(&["completions", shell]);
        assert!(finished.expect(0).contains("generate"), "{shell}");
        assert!(!finished.stdout.contains("bench-worker --"), "the hidden verb stays hidden");
    }
}

#[test]
fn an_export_that_is_not_read_to_its_end_is_no_error() {
    let bench = bench();
    bench.run(&["bench", "run", "quick", "--results", "r.sqlite", "--jobs", "2", "--quiet"]).expect(0);
    let mut child =
        bench.command(&["bench", "export", "r.sqlite", "--format", "json"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    assert!(child.wait().unwrap().success(), "{stderr}");
    assert_eq!(stderr, "");
}

#[test]
fn a_solution_that_leaves_out_what_has_to_be_checked_does_not_pass() {
    let bench = bench();
    bench.run(&["solve", "library:heat-10", "--set", "keep=last", "--output", "s.json"]).expect(1);
    let checked = bench.run(&["check", "library:heat-10", "s.json"]);
    assert!(checked.expect(1).contains("not fully checked"), "{}", checked.stdout);
    assert!(checked.stdout.contains("19 of 20 residuals"), "{}", checked.stdout);
    bench.file("bare.json", r#"{"residuals": [0], "iterations": [1]}"#);
    bench.run(&["check", "library:poisson-15", "bare.json"]).expect(1);
}

#[test]
fn outputs_do_not_destroy_what_was_given() {
    let bench = bench();
    let document = r#"{"fathom": 1, "problem": "fair-division", "data": {"utilities": [[5, 1], [1, 5]]}}"#;
    bench.file("a.fathom.json", document);
    for arguments in [
        vec!["solve", "a.fathom.json", "--output", "a.fathom.json"],
        vec!["solve", "a.fathom.json", "--output", "./a.fathom.json"],
        vec!["solve", "a.fathom.json", "--trace", "a.fathom.json"],
        vec!["solve", "a.fathom.json", "--output", "s.json", "--trace", "s.json"],
        vec!["solve", "a.fathom.json", "--output", "-"],
        vec!["solve", "a.fathom.json", "--output", "no/such/folder.json"],
    ] {
        let finished = bench.run(&arguments);
        finished.expect(2);
        assert_eq!(std::fs::read_to_string(bench.folder().join("a.fathom.json")).unwrap(), document, "{arguments:?}");
    }
    assert_eq!(std::fs::read_dir(bench.folder()).unwrap().count(), 1);
}

#[test]
fn names_cannot_steer_the_terminal() {
    let bench = bench();
    bench.file("a.fathom.json", r#"{"fathom": 1, "problem": "fair-division", "name": "x\u001b[2J", "data": {"agents": ["A\u001b[31m", "B"], "utilities": [[5, 5], [5, 5]]}}"#);
    bench.file("s.json", r#"{"owner": [1, 1]}"#);
    for finished in
        [bench.run(&["info", "a.fathom.json"]), bench.run(&["check", "a.fathom.json", "s.json"]), bench.run(&["solve", "a.fathom.json"])]
    {
        assert!(!finished.stdout.contains('\u{1b}'), "{:?}", finished.stdout);
    }
}

#[test]
fn a_division_says_who_gets_what_and_what_was_promised() {
    let finished = bench().run(&["solve", "library:estate-3x8"]);
    let text = finished.expect(0);
    assert!(text.contains("auto"), "{text}");
    assert!(text.lines().any(|line| line.starts_with("solution") && line.contains(" gets ") && line.contains("worth")), "{text}");
    assert!(text.lines().any(|line| line.starts_with("promised") && line.contains("EF1")), "{text}");
    assert!(text.lines().any(|line| line.trim_start().starts_with("EF1 ") && line.contains("holds")), "{text}");
}

#[test]
fn an_allocation_from_a_table_is_checked_too() {
    let bench = bench();
    bench.run(&["solve", "library:estate-3x8", "--output", "own.csv", "--quiet"]).expect(0);
    assert!(bench.run(&["check", "library:estate-3x8", "own.csv"]).expect(0).contains("EF1"));
    bench.file(
        "a.fathom.json",
        r#"{"fathom": 1, "problem": "fair-division", "data": {"agents": ["Ann", "Bob"], "items": ["car", "dog"], "utilities": [[5, 1], [1, 5]]}}"#,
    );
    for (name, table, envy_free) in [
        ("names.csv", "item,agent\ndog,Bob\ncar,Ann\n", true),
        ("indices.csv", "0,0\n1,1\n", true),
        ("tabs.tsv", "agent\tvalue\titem\nBob\t1\tcar\nAnn\t1\tdog\n", false),
    ] {
        bench.file(name, table);
        let verdict: Value = serde_json::from_str(bench.run(&["check", "a.fathom.json", name, "--json"]).expect(0)).unwrap();
        let found = verdict["properties"].as_array().unwrap().iter().find(|property| property["name"] == "EF").unwrap()["holds"].clone();
        assert_eq!(found, envy_free, "{name}");
    }
}

#[test]
fn a_question_that_has_no_answer_does_not_contradict_what_is_known() {
    let finished = bench().run(&["solve", "library:no-ef1-fpo-3x4", "--solver", "exists", "--set", r#"notions=["EF1","fPO"]"#]);
    let text = finished.expect(0);
    assert!(text.contains("infeasible") && text.contains("the search was finished"), "{text}");
    assert!(!text.contains("WRONG"), "{text}");
}

#[test]
fn more_threads_than_the_machine_has_are_not_started_and_a_note_says_so() {
    let bench = bench();
    let finished = bench.run(&["solve", "library:poisson-15", "--threads", "100000"]);
    finished.expect(0);
    assert!(finished.stderr.contains("--threads 100000"), "{}", finished.stderr);
}
