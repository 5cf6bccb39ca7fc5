//! `fathom online`: a line for a line, whatever comes, and through every kill.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write as _};
use std::process::Stdio;
use std::time::Duration;

use fathom_tests::Bench;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

fn bench() -> Bench {
    Bench::new(env!("CARGO_BIN_EXE_fathom-under-test"))
}

const HEADER: &str = "{\"stream\":1,\"kind\":\"online-knapsack\",\"capacity\":[100000],\"bounds\":{\"L\":10,\"U\":5000},\"seed\":7}";

/// A stream with control lines and faults in it.
fn stream(items: u64) -> String {
    let mut text = format!("{HEADER}\n");
    let mut state = 1_u64;
    for id in 1..=items {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let (weight, density) = (1 + (state >> 40) % 50, 10.0 * 500_f64.powf((state >> 11) as f64 / (1_u64 << 53) as f64));
        let value = density * weight as f64 / 100_000.0;
        match id % 97 {
            13 => text.push_str("not JSON\n"),
            14 => text.push('\n'),
            15 => text.push_str("{\"cmd\":\"stats\"}\r\n"),
            _ => {}
        }
        writeln!(text, "{{\"id\":{id},\"v\":{value},\"w\":[{weight}],\"group\":\"{}\"}}", ["a", "b"][(id % 2) as usize]).unwrap();
    }
    text
}

#[test]
fn batch_and_serve_and_serve_with_twenty_kills_leave_the_same_log() {
    let bench = bench();
    let text = stream(20_000);
    let file = bench.file("stream.jsonl", &text);
    let file = file.to_str().unwrap();
    bench.run(&["online", "ect", "--input", file, "--buffered", "--log", "batch.jsonl", "--quiet"]).expect(0);
    bench.run(&["online", "ect", "--input", file, "--log", "serve.jsonl", "--quiet"]).expect(0);
    let batch = std::fs::read(bench.folder().join("batch.jsonl")).unwrap();
    assert_eq!(batch.split(|&byte| byte == b'\n').count(), text.lines().count() + 1, "a line for a line");
    assert!(batch == std::fs::read(bench.folder().join("serve.jsonl")).unwrap());

    let log = bench.folder().join("killed.jsonl");
    let arguments = ["online", "ect", "--log", "killed.jsonl", "--checkpoint", "state", "--checkpoint-every", "700", "--resume", "--quiet"];
    let mut kills = 0;
    let mut progress = 0;
    for round in 0..20_u64 {
        // Every kill comes a different number of answers after the start.
        let mut child = bench.command(&arguments).stdin(Stdio::from(File::open(file).unwrap())).stdout(Stdio::piped()).spawn().unwrap();
        let mut answers = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        for _ in 0..150 + 37 * round {
            line.clear();
            answers.read_line(&mut line).unwrap();
        }
        kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), Signal::SIGKILL).unwrap();
        kills += u32::from(!child.wait().unwrap().success());
        let length = std::fs::metadata(&log).unwrap().len();
        assert!(length >= progress);
        progress = length;
        if round == 7 {
            // The log alone is enough.
            std::fs::remove_file(bench.folder().join("state")).unwrap();
        }
        if round == 9 {
            // A line cut short, as a kill in the middle of a write leaves it.
            std::fs::OpenOptions::new().append(true).open(&log).unwrap().write_all(b"{\"id\":77,\"acc").unwrap();
        }
    }
    assert_eq!(kills, 20);
    let mut last = bench.command(&arguments).stdin(Stdio::from(File::open(file).unwrap())).stdout(Stdio::null()).spawn().unwrap();
    assert!(last.wait().unwrap().success());
    assert!(std::fs::read(&log).unwrap() == batch, "the joined log equals the uninterrupted one byte for byte");
}

#[test]
fn a_resumed_session_goes_on_with_a_live_stream() {
    let bench = bench();
    let text = stream(300);
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let whole = bench.file("whole.jsonl", &text);
    bench.run(&["online", "zcl", "--input", whole.to_str().unwrap(), "--log", "a", "--quiet"]).expect(0);
    let first = bench.file("first.jsonl", lines[..120].concat());
    let rest = bench.file("rest.jsonl", lines[120..].concat());
    bench.run(&["online", "zcl", "--input", first.to_str().unwrap(), "--log", "b", "--checkpoint", "c", "--quiet"]).expect(0);
    bench.run(&["online", "zcl", "--input", rest.to_str().unwrap(), "--log", "b", "--checkpoint", "c", "--resume", "--quiet"]).expect(0);
    let read = |name: &str| std::fs::read(bench.folder().join(name)).unwrap();
    assert!(read("a") == read("b"));
    // Another algorithm's log or state is refused, and so is a state that was changed.
    let other = bench.run(&["online", "ect", "--input", rest.to_str().unwrap(), "--log", "b", "--resume"]);
    assert!(other.stderr.contains("expected one of `ect"), "{}", other.stderr);
    other.expect(2);
    let mut state = read("c");
    state[40] ^= 1;
    bench.file("c", &state);
    let damaged = bench.run(&["online", "zcl", "--input", rest.to_str().unwrap(), "--checkpoint", "c", "--resume"]);
    assert!(damaged.stderr.contains("checksum"), "{}", damaged.stderr);
    damaged.expect(2);
    let twice = bench.run(&["online", "zcl", "--input", rest.to_str().unwrap(), "--log", "b"]);
    assert!(twice.stderr.contains("--resume"), "{}", twice.stderr);
}

#[test]
fn every_malformed_line_is_answered_and_survived() {
    let bench = bench();
    let long = format!("{{\"id\":9,\"v\":1,\"w\":1,\"x\":\"{}\"}}", "y".repeat(10 << 20));
    let lines = [
        ("{\"id\":1,\"v\":1,", "EOF while parsing"),
        ("{\"id\":1,\"v\":NaN,\"w\":1}", "found no JSON object: expected value"),
        ("{\"id\":1,\"v\":1e999,\"w\":1}", "number out of range"),
        ("{\"id\":1,\"v\":5,\"w\":-1}", "integer `-1`"),
        ("{\"id\":1,\"v\":-5,\"w\":1}", "expected a finite value of at least 0"),
        ("{\"id\":1,\"v\":5,\"w\":1.5}", "floating point `1.5`"),
        ("{\"id\":1,\"v\":5,\"w\":[1,2]}", "found 2 amounts, expected 1"),
        ("{\"id\":1,\"v\":5,\"w\":[]}", "found no item"),
        ("{\"id\":1,\"v\":5,\"w\":0}\r", "weightless"),
        ("{\"id\":1,\"v\":5,\"w\":1}", "a duplicate, or out of order"),
        ("{\"id\":2,\"v\":5,\"w\":100001}", "too-large"),
        ("{\"id\":3,\"v\":0,\"w\":1}", "below-bounds"),
        ("{\"id\":4,\"v\":5,\"w\":1}", "taken"),
        (long.as_str(), "more than 1048576 bytes"),
        ("", "empty line"),
        ("[1,2]", "found no JSON object"),
        ("{\"cmd\":\"dance\"}", "expected stats, checkpoint or quit"),
        ("{\"id\":5,\"feedback\":true}", "missing field `v`"),
        (HEADER, "second header"),
        ("{\"id\":18446744073709551615,\"v\":0.5,\"w\":1,\"t\":3,\"dur\":17}", "taken"),
    ];
    let text: String =
        std::iter::once("no header yet").chain([HEADER]).chain(lines.iter().map(|(line, _)| *line)).collect::<Vec<_>>().join("\n");
    let file = bench.file("bad.jsonl", text);
    let finished = bench.run(&["online", "zcl", "--input", file.to_str().unwrap(), "--quiet"]);
    let answers: Vec<&str> = finished.expect(0).lines().skip(2).collect();
    assert_eq!(answers.len(), lines.len());
    for ((line, expected), answer) in lines.iter().zip(answers) {
        assert!(answer.contains(expected), "{}: {answer}", line.chars().take(60).collect::<String>());
        serde_json::from_str::<Value>(answer).unwrap();
    }
    bench.run(&["online", "zcl", "--input", file.to_str().unwrap(), "--strict", "--quiet"]).expect(2);
}

/// A live bandit: rounds alone, each followed by what came of the choice, which depends on the round and the choice only.
fn bandit_answers(bench: &Bench, arguments: &[&str], rounds: std::ops::RangeInclusive<u64>, header: bool) -> Vec<Value> {
    let mut child = bench.command(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut ask = |line: &str| -> Value {
        writeln!(input, "{line}").unwrap();
        let mut answer = String::new();
        output.read_line(&mut answer).unwrap();
        serde_json::from_str(&answer).unwrap()
    };
    let mut answers = Vec::new();
    if header {
        answers.push(ask(BANDIT_HEADER));
    }
    for round in rounds {
        let choice = ask(&format!("{{\"id\":{round}}}"));
        let (reward, consumed) = match choice["action"].as_u64() {
            None => (0.0, [-0.2, -0.2]),
            Some(action) => (((round * 7 + action * 3) % 10) as f64 / 10.0, [0.4 * action as f64 - 0.2, 0.5 - 0.3 * action as f64]),
        };
        answers.push(choice);
        answers.push(ask(&format!("{{\"id\":{round},\"feedback\":{{\"f\":{reward},\"c\":[{},{}]}}}}", consumed[0], consumed[1])));
    }
    drop(input);
    assert!(child.wait().unwrap().success());
    answers
}

const BANDIT_HEADER: &str = "{\"stream\":1,\"kind\":\"replenishable-bandit\",\"rounds\":600,\"budget\":12,\"replenishment\":0.2,\"actions\":3,\"resources\":2,\"seed\":4}";

#[test]
fn a_bandit_is_served_by_choice_and_feedback_and_resumes_to_the_same_log() {
    let bench = bench();
    let whole = bandit_answers(&bench, &["online", "primal-dual", "--log", "whole", "--report", "report"], 1..=600, true);
    for answer in &whole[1..] {
        assert!(answer["budgets"].as_array().unwrap().iter().all(|budget| budget.as_f64().unwrap() >= -1e-9), "{answer}");
    }
    let read = |name: &str| std::fs::read(bench.folder().join(name)).unwrap();
    let report: Value = serde_json::from_slice(&read("report")).unwrap();
    assert_eq!(report["rounds"], 600);
    assert!(report["forced-idle"].as_u64().unwrap() < 600 && report["regret-bound"].as_f64().unwrap() > 0.0, "{report}");
    // In three parts: resumed from state and log, and from the log alone.
    let part = |extra: &[&str], rounds, header| {
        let arguments = [&["online", "primal-dual", "--log", "parts", "--quiet"], extra].concat();
        bandit_answers(&bench, &arguments, rounds, header)
    };
    part(&["--checkpoint", "state"], 1..=150, true);
    part(&["--checkpoint", "state", "--resume"], 151..=400, false);
    part(&["--resume"], 401..=600, false);
    assert!(read("whole") == read("parts"), "byte for byte");
}

#[test]
fn a_bandit_with_all_outcomes_is_the_same_in_one_line_or_two_and_through_twenty_kills() {
    let bench = bench();
    bench.run(&["generate", "replenishable", "--rounds", "4000", "--seed", "3", "--output", "rounds.jsonl.gz"]).expect(0);
    for feedback in ["feedback=full", "feedback=bandit"] {
        let arguments = ["online", "primal-dual", "--set", feedback, "--input", "rounds.jsonl.gz"];
        let finished = bench.run(&[&arguments[..], &["--log", feedback, "--report", "report", "--buffered"]].concat());
        let last = finished.expect(0).lines().last().unwrap().to_owned();
        let report: Value = serde_json::from_slice(&std::fs::read(bench.folder().join("report")).unwrap()).unwrap();
        // The solver over the stored instance is the same machine, and the checker sees the same reward.
        let solved = bench.run(&["solve", "rounds.jsonl.gz", "--set", feedback, "--json"]);
        let solved: Value = serde_json::from_str(solved.expect(0)).unwrap();
        assert_eq!(solved["objective"], report["reward"], "{last}");
        assert_eq!(report["regret"].is_null(), feedback == "feedback=bandit");

        let log = format!("{feedback}-killed");
        let served =
            [&arguments[..], &["--log", &log, "--checkpoint", "state", "--checkpoint-every", "90", "--resume", "--quiet"]].concat();
        for round in 0..20_u64 {
            let mut child = bench.command(&served).stdout(Stdio::piped()).spawn().unwrap();
            let mut answers = BufReader::new(child.stdout.take().unwrap());
            let mut line = String::new();
            for _ in 0..20 + 11 * round {
                line.clear();
                answers.read_line(&mut line).unwrap();
            }
            kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), Signal::SIGKILL).unwrap();
            child.wait().unwrap();
        }
        bench.run(&served).expect(0);
        let read = |name: &str| std::fs::read(bench.folder().join(name)).unwrap();
        assert!(read(feedback) == read(&log), "{feedback}: byte for byte");
        std::fs::remove_file(bench.folder().join("state")).unwrap();
    }
}

#[test]
fn every_line_at_fault_of_a_bandit_is_answered_and_survived() {
    let bench = bench();
    let lines = [
        ("{\"id\":1,\"feedback\":{\"f\":0.5,\"c\":[0,0]}}", "was not decided"),
        ("{\"id\":1}", "\"action\""),
        ("{\"id\":2}", "expected the outcome of round 1 first"),
        ("{\"id\":2,\"feedback\":{\"f\":0.5,\"c\":[0,0]}}", "expected that of round 1"),
        ("{\"id\":1,\"feedback\":{\"f\":1.5,\"c\":[0,0]}}", "the reward 1.5"),
        ("{\"id\":1,\"feedback\":{\"f\":0,\"c\":[0,7]}}", "the consumption 7"),
        ("{\"id\":1,\"feedback\":{\"f\":0,\"c\":[0]}}", "found 1 amounts"),
        ("{\"id\":1,\"feedback\":true}", "found no round"),
        ("{\"id\":1,\"feedback\":{\"f\":0", "EOF"),
        ("{\"id\":1,\"f\":[0,0,0]}", "a part of an outcome"),
        ("{\"id\":1,\"feedback\":{\"f\":0,\"c\":[0,0]}}", "\"reward\":0.0"),
        ("{\"id\":1,\"feedback\":{\"f\":0,\"c\":[0,0]}}", "known already"),
        ("{\"t\":1}", "a duplicate, or out of order"),
        ("{\"t\":2,\"f\":[0,0,0],\"c\":[[0,0],[0,0]]}", "2 rows"),
        ("{\"t\":2,\"f\":[0,0,0],\"c\":[[0,0],[0,0],[0,0]]}", "\"feedback\""),
        ("{\"v\":1,\"w\":3}", "missing field `id`"),
        ("", "empty line"),
        (HEADER, "second header"),
        ("{\"cmd\":\"stats\"}", "\"rounds\":2"),
    ];
    let text: String =
        [HEADER, "{\"id\":1}", BANDIT_HEADER].into_iter().chain(lines.iter().map(|(line, _)| *line)).collect::<Vec<_>>().join("\n");
    let file = bench.file("bad.jsonl", text);
    let finished = bench.run(&["online", "primal-dual", "--input", file.to_str().unwrap(), "--quiet"]);
    let answers: Vec<&str> = finished.expect(0).lines().collect();
    assert!(answers[0].contains("kind: found `online-knapsack`"), "{}", answers[0]);
    assert!(answers[1].contains("before the header"), "{}", answers[1]);
    assert_eq!(answers.len(), lines.len() + 3);
    for ((line, expected), answer) in lines.iter().zip(&answers[3..]) {
        assert!(answer.contains(expected), "{line}: {answer}");
        serde_json::from_str::<Value>(answer).unwrap();
    }
    bench.run(&["online", "primal-dual", "--input", file.to_str().unwrap(), "--strict", "--quiet"]).expect(2);
}

#[test]
fn tables_numbers_and_packed_input_are_served_like_lines() {
    let bench = bench();
    let (mut table, mut lines) = (String::from("size,dept,bid\n"), format!("{HEADER}\n"));
    for id in 1..=300_u64 {
        let (weight, value) = (1 + id * 37 % 50, (id * 7919 % 400 + 1) as f64 / 1000.0);
        writeln!(table, "{weight},{},{value}", ["a", "b"][(id % 2) as usize]).unwrap();
        writeln!(lines, "{{\"id\":{id},\"v\":{value},\"w\":{weight},\"group\":\"{}\"}}", ["a", "b"][(id % 2) as usize]).unwrap();
    }
    bench.file("lines.jsonl", &lines);
    let table = bench.file("table", &table);
    std::process::Command::new("gzip").arg(&table).status().unwrap();
    let decisions = |finished: &fathom_tests::Finished| finished.expect(0).lines().skip(1).map(str::to_owned).collect::<Vec<_>>();
    let from_lines = decisions(&bench.run(&["online", "ect", "--input", "lines.jsonl", "--quiet"]));
    let of_table = ["--read", "capacity=100000", "--read", "bounds=10,5000", "--read", "value-column=bid", "--read", "group-column=dept"];
    let from_table = decisions(&bench.run(&[&["online", "ect", "--input", "table.gz", "--quiet"], &of_table[..]].concat()));
    assert_eq!(from_lines, from_table);
    let selected = [&["online", "ect", "--input", "table.gz", "--quiet", "--read", "select=dept=b"], &of_table[..]].concat();
    assert_eq!(decisions(&bench.run(&selected)).len(), 150);
    bench.file("prices.txt", "3.5\nx\n4\n");
    let numbers =
        bench.run(&["online", "constant", "--input", "prices.txt", "--read", "capacity=1000", "--read", "bounds=1,9000", "--quiet"]);
    let answers = decisions(&numbers);
    assert!(
        answers[0].contains("\"v\":3.5,\"w\":[1]") && answers[1].contains("found `x`") && answers[2].contains("\"id\":2"),
        "{answers:?}"
    );
    bench.run(&["online", "primal-dual", "--read", "capacity=3"]).expect(2);
    // A stored table is the same stream, resumed from its start.
    let killed = ["online", "ect", "--input", "table.gz", "--log", "log", "--quiet", "--resume"];
    bench.run(&[&killed[..], &of_table[..]].concat()).expect(0);
    let log = std::fs::read(bench.folder().join("log")).unwrap();
    let cut = log.iter().enumerate().filter(|(_, byte)| **byte == b'\n').nth(120).unwrap().0 + 1;
    std::fs::write(bench.folder().join("log"), &log[..cut]).unwrap();
    bench.run(&[&killed[..], &of_table[..]].concat()).expect(0);
    assert!(std::fs::read(bench.folder().join("log")).unwrap() == log);
}

#[test]
fn strict_bounds_make_an_item_outside_them_a_fault() {
    let bench = bench();
    let file = bench.file("s.jsonl", format!("{HEADER}\n{{\"id\":1,\"v\":90000,\"w\":1}}\n{{\"id\":2,\"v\":0.001,\"w\":1}}\n"));
    let file = file.to_str().unwrap();
    let finished = bench.run(&["online", "zcl", "--set", "bounds=strict", "--input", file, "--quiet"]);
    let answers: Vec<&str> = finished.expect(0).lines().skip(1).collect();
    assert!(
        answers[0].contains("\"accept\":false,\"why\":\"outside-bounds\"") && answers[0].contains("expected 10 to 5000"),
        "{}",
        answers[0]
    );
    assert_eq!(answers.len(), 2);
    bench.run(&["online", "zcl", "--set", "bounds=strict", "--input", file, "--quiet", "--strict"]).expect(2);
    let solved = bench.run(&["solve", file, "--solver", "zcl", "--set", "bounds=strict"]);
    assert!(solved.stderr.contains("item 1") && solved.stderr.contains("strict"), "{}", solved.stderr);
    solved.expect(2);
}

#[test]
fn a_signal_keeps_the_state_and_ends_well() {
    let bench = bench();
    let mut child = bench
        .command(&["online", "zcl", "--checkpoint", "state", "--report", "report.json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut answers = BufReader::new(child.stdout.take().unwrap());
    write!(input, "{HEADER}\n{{\"id\":1,\"v\":5,\"w\":1}}\n").unwrap();
    let mut line = String::new();
    answers.read_line(&mut line).unwrap();
    answers.read_line(&mut line).unwrap();
    assert!(line.contains("\"accept\":true"), "an answer comes before the next item does: {line}");
    kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), Signal::SIGTERM).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let state = String::from_utf8_lossy(&std::fs::read(bench.folder().join("state")).unwrap()).into_owned();
    assert!(state.starts_with("FATHOM") && state.contains("\"lines\":2"), "{state}");
    let report: Value = serde_json::from_slice(&std::fs::read(bench.folder().join("report.json")).unwrap()).unwrap();
    assert_eq!(report["accepted"], 1);
    drop(input);
}

#[test]
fn a_reader_that_goes_away_is_no_mistake() {
    let bench = bench();
    let file = bench.file("stream.jsonl", stream(20_000));
    let mut child = bench
        .command(&["online", "zcl", "--input", file.to_str().unwrap(), "--log", "log", "--quiet"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut answers = child.stdout.take().unwrap();
    let mut some = [0; 500];
    answers.read_exact(&mut some).unwrap();
    drop(answers);
    std::thread::sleep(Duration::from_millis(1));
    let finished = child.wait_with_output().unwrap();
    assert_eq!((finished.status.code(), String::from_utf8_lossy(&finished.stderr).as_ref()), (Some(0), ""));
}

#[test]
fn wrong_options_are_refused_by_name() {
    let bench = bench();
    let stderr = |arguments: &[&str]| {
        let finished = bench.run(arguments);
        finished.expect(2);
        finished.stderr
    };
    assert!(stderr(&["online", "magic"]).contains("there is: zcl, constant"));
    assert!(stderr(&["online", "ect", "--set", "alhpa=1"]).contains("unknown field `alhpa`"));
    assert!(stderr(&["online", "zcl", "--resume"]).contains("--log"));
    // The share depends on the bounds, which come with the header.
    let file = bench.file("h.jsonl", format!("{HEADER}\n"));
    let refused = bench.run(&["online", "ect", "--set", "alpha=0.01", "--input", file.to_str().unwrap(), "--quiet"]);
    assert!(refused.expect(0).contains("option `alpha`: found 0.01, expected 0.138"), "{}", refused.stdout);
}

/// Streams of two days in one table: the densest third of the items just fills the knapsack.
fn days() -> String {
    let mut table = String::from("day,value,weight\n");
    for day in 1..=6_u64 {
        for k in 0..300_u64 {
            let place = (k * 149 + day * 31) % 300;
            writeln!(table, "{day},{},1", 1000_f64.powf(place as f64 / 299.0) / 100.0).unwrap();
        }
    }
    table
}

#[test]
fn tuning_on_past_days_names_a_command_that_does_better_on_the_next() {
    let bench = bench();
    bench.file("days.csv", days());
    let table = ["days.csv", "--problem", "online-knapsack", "--read", "capacity=100", "--read", "bounds=1,1000", "--each", "day"];
    let tuned = bench.run(&[&["tune"], &table[..], &["--set", "max-degradation=3", "--json"]].concat());
    let tuned: Value = serde_json::from_str(tuned.expect(0)).unwrap();
    assert_eq!(tuned["streams"], 6);
    let best = &tuned["choices"][0];
    assert!(best["algorithm"] == "la-ect" && best["degradation"].as_f64().unwrap() <= 3.0, "{best}");
    let shown = bench.run(&[&["tune"], &table[..], &["--set", "max-degradation=3", "--top", "2"]].concat());
    let command = shown.expect(0).lines().find_map(|line| line.trim().strip_prefix("use")).unwrap().trim().to_owned();
    let words: Vec<&str> = command.strip_prefix("fathom ").unwrap().split(' ').collect();
    let value = |words: &[&str]| {
        let next = [
            "--input",
            "days.csv",
            "--read",
            "capacity=100",
            "--read",
            "bounds=1,1000",
            "--read",
            "select=day=6",
            "--report",
            "report",
            "--log",
            "log",
        ];
        bench.run(&[words, &next[..]].concat()).expect(0);
        std::fs::rename(bench.folder().join("log"), bench.folder().join(format!("{}.log", words[1]))).unwrap();
        let report: Value = serde_json::from_slice(&std::fs::read(bench.folder().join("report")).unwrap()).unwrap();
        report["value"].as_f64().unwrap()
    };
    let (safe, chosen) = (value(&["online", "zcl"]), value(&words));
    assert!(chosen > 1.1 * safe, "{command}: {chosen} against {safe}");
    // Yesterday's decision log is a past stream, too, and so is a stream of JSON lines.
    let from_log = bench.run(&["tune", "zcl.log", "--set", "max-degradation=1", "--json"]);
    let from_log: Value = serde_json::from_str(from_log.expect(0)).unwrap();
    assert_eq!((&from_log["streams"], &from_log["bounds"]["U"]), (&Value::from(1), &Value::from(1000.0)));
    assert!(from_log["choices"].as_array().unwrap().iter().all(|choice| choice["degradation"].as_f64().unwrap() <= 1.0 + 1e-9));
    assert!(bench.run(&["tune", "library:estate-3x8"]).stderr.contains("can be tuned: online-knapsack"));
    bench.run(&["tune", "library:estate-3x8"]).expect(2);
    bench.run(&["tune"]).expect(2);
    assert!(bench.run(&["tune", "zcl.log", "--set", "max-degradation=0.5"]).stderr.contains("max-degradation"));
    let old = bench.run(&["tune", "zcl.log", "--most-degradation", "3"]);
    assert!(old.stderr.contains("--set max-degradation"), "{}", old.stderr);
    old.expect(2);
}

#[test]
fn generate_serve_and_audit_are_one_pipe() {
    let bench = bench();
    let program = env!("CARGO_BIN_EXE_fathom-under-test");
    let pipe = format!(
        "'{program}' generate online-items --items 20000 --seed 5 --output - | '{program}' online ect --quiet | '{program}' audit - --json --svg a.svg"
    );
    let output = std::process::Command::new("sh").args(["-c", &pipe]).current_dir(bench.folder()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&report["offered"], &report["mistakes"]), (&Value::from(20_000), &Value::Array(Vec::new())));
    let (least, most) = (report["ratio"][0].as_f64().unwrap(), report["ratio"][1].as_f64().unwrap());
    assert!(1.0 < least && least <= most && most < 30.0, "{report}");
    assert!(std::fs::read_to_string(bench.folder().join("a.svg")).unwrap().starts_with("<svg"));
    // The same stream solved in one go takes the same value.
    bench.run(&["generate", "online-items", "--items", "20000", "--seed", "5", "--output", "s.jsonl.gz"]).expect(0);
    let solved: Value = serde_json::from_str(bench.run(&["solve", "s.jsonl.gz", "--solver", "ect", "--json"]).expect(0)).unwrap();
    assert_eq!(solved["objective"], report["value"]);
    // A log that somebody changed does not pass.
    bench.run(&["online", "ect", "--input", "s.jsonl.gz", "--log", "log", "--quiet"]).expect(0);
    let log = std::fs::read_to_string(bench.folder().join("log")).unwrap();
    bench.file("forged", log.replacen("\"accept\":true", "\"accept\":false", 1));
    assert!(bench.run(&["audit", "log"]).expect(0).contains("hindsight"));
    assert!(bench.run(&["audit", "forged"]).expect(1).contains("WRONG"));
}

#[test]
fn a_suite_on_files_that_are_not_there_says_so_and_runs_the_rest() {
    let bench = bench();
    bench.file("data/days.csv", days());
    let suite = "name = 'days'\n[limits]\ntime = 5\n[[entries]]\ngenerator = 'online-items'\nparameters = { items = 50 }\n\
        [[entries]]\ndata = 'days.csv'\nread = { problem = 'online-knapsack', capacity = 100, bounds = [1, 1000], select = { day = [1, 2] } }\n\
        [[entries]]\nfile = 'gone.mtx'\noptional = true\n[[solvers]]\nname = 'zcl'\n[[solvers]]\nname = 'knapsack-exact'\n";
    bench.file("days.toml", suite);
    let without = bench.run(&["bench", "run", "days.toml", "--results", "a.sqlite"]);
    let text = without.expect(0);
    assert!(text.contains("skipped: days.csv: it belongs into a data folder") && text.contains("skipped: gone.mtx"), "{text}");
    assert!(text.contains("2 runs: 2 hold"), "{text}");
    let with = bench.run(&["bench", "run", "days.toml", "--results", "a.sqlite", "--data", "data"]);
    let text = with.expect(0);
    assert!(text.contains("days-day1") && text.contains("days-day2") && !text.contains("skipped: days.csv"), "{text}");
    assert!(text.contains("6 runs: 6 hold; 2 recorded before"), "{text}");
    assert!(bench.run(&["bench", "run", "days.toml", "--data", "nowhere"]).stderr.contains("expected a folder"));
}

#[test]
fn a_bandit_comes_as_document_stream_and_table_alike() {
    let bench = bench();
    bench.run(&["generate", "replenishable", "--rounds", "300", "--actions", "2", "--resources", "1", "--output", "b.jsonl"]).expect(0);
    let stream = std::fs::read_to_string(bench.folder().join("b.jsonl")).unwrap();
    let mut table = String::from("f0,f1,c0_0,c1_0\n");
    for line in stream.lines().skip(1) {
        let round: Value = serde_json::from_str(line).unwrap();
        writeln!(table, "{},{},{},{}", round["f"][0], round["f"][1], round["c"][0][0], round["c"][1][0]).unwrap();
    }
    bench.file("b.csv", table);
    let sha = {
        let info = bench.run(&["info", "b.jsonl", "--json"]);
        serde_json::from_str::<Value>(info.expect(0)).unwrap()["sha256"].as_str().unwrap().to_owned()
    };
    bench.file(
        "b.fathom.json",
        format!("{{\"fathom\":1,\"problem\":\"replenishable-bandit\",\"name\":\"b\",\"data\":{{\"rounds\":300,\"budget\":60,\"replenishment\":0.1,\"outcomes\":{{\"phases\":{{\"file\":\"b.jsonl\",\"sha256\":\"{sha}\"}}}}}}}}"),
    );
    let objective = |arguments: &[&str]| {
        let solved = bench.run(&[&["solve"], arguments, &["--json", "--seed", "3"]].concat());
        serde_json::from_str::<Value>(solved.expect(0)).unwrap()["objective"].clone()
    };
    let from_stream = objective(&["b.jsonl"]);
    assert_eq!(from_stream, objective(&["b.fathom.json"]));
    assert_eq!(
        from_stream,
        objective(&["b.csv", "--problem", "replenishable-bandit", "--read", "budget=60", "--read", "replenishment=0.1"])
    );
}
