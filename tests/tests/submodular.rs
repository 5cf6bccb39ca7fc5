//! Submodular streams from end to end: graphs as instances, documents with files beside them, answers that are checked.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

use fathom_tests::Bench;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

fn bench() -> Bench {
    Bench::new(env!("CARGO_BIN_EXE_fathom-under-test"))
}

fn solved(bench: &Bench, arguments: &[&str]) -> Value {
    let mut all = vec!["solve"];
    all.extend_from_slice(arguments);
    all.push("--json");
    serde_json::from_str(bench.run(&all).expect(0)).unwrap()
}

#[test]
fn a_graph_is_solved_and_its_answers_hold() {
    let bench = bench();
    let mut text = String::from("# a ring with chords\n");
    for node in 0..60 {
        let lines = format!("{node} {}\n{node} {}\n", (node + 1) % 60, (node * node + 7) % 60);
        text.push_str(&lines);
    }
    bench.file("ring.txt", &text);
    for solver in ["auto", "single-sample", "leveled-buckets", "recompute"] {
        let document = solved(&bench, &["ring.txt", "--read", "k=4", "--read", "every=10", "--solver", solver]);
        assert_eq!(document["status"], "feasible", "{solver}");
        assert_eq!(document["verdict"]["holds"], true, "{solver}");
        assert!(document["objective"].as_f64() <= document["bound"].as_f64(), "{solver}");
        assert_eq!(document["refuted"].as_array().map(Vec::len), Some(0), "{solver}");
    }
    // Whoever answers with what is not live is told so.
    bench.run(&["convert", "ring.txt", "ring.fathom.json"]).expect(0);
    bench.file("wrong.json", "{\"answers\": [{\"at\": 60, \"chosen\": [0, 0]}]}");
    let refused = bench.run(&["check", "ring.fathom.json", "wrong.json"]);
    assert!(refused.status != Some(0));
}

#[test]
fn a_large_document_keeps_its_rows_and_its_stream_in_files_beside_it() {
    let bench = bench();
    bench
        .run(&[
            "generate",
            "uniform-sets",
            "--elements",
            "400",
            "--items",
            "300",
            "--width",
            "10",
            "--seed",
            "2",
            "--output",
            "u.fathom.json",
        ])
        .expect(0);
    let names: Vec<String> =
        std::fs::read_dir(bench.folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert!(names.iter().any(|name| name.contains("sets.jsonl")), "{names:?}");
    let inline = solved(&bench, &["u.fathom.json", "--solver", "repair-greedy"]);
    let again = solved(&bench, &["u.fathom.json", "--solver", "recompute"]);
    assert_eq!(inline["objective"], again["objective"]);
    assert_eq!(inline["solution"], again["solution"], "both compute the greedy solution");
}

/// A stream over 60 elements with queries and a fault in it.
fn stream(k: u32, updates: usize) -> String {
    let sets: Vec<Vec<usize>> =
        (0..60_usize).map(|element| (0..80).filter(|item| (element * element + 7 * item * (element + 1)) % 13 < 2).collect()).collect();
    let function = serde_json::json!({ "coverage": { "sets": sets } });
    let header = serde_json::json!({
        "stream": 1, "kind": "submodular-stream", "seed": 3, "function": function, "elements": 60, "constraint": { "cardinality": k },
    });
    let mut text = format!("{header}\n");
    let (mut live, mut state) = ([false; 60], 1_u64);
    for step in 1..=updates {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let element = (state >> 33) as usize % 60;
        live[element] = !live[element];
        writeln!(text, "{{\"op\":\"{}\",\"id\":{element}}}", if live[element] { "insert" } else { "delete" }).unwrap();
        match step % 20 {
            0 | 7 => text.push_str("{\"op\":\"query\"}\n"),
            13 => text.push_str("{\"op\":\"delete\",\"id\":60}\n"),
            _ => {}
        }
    }
    text
}

#[test]
fn a_live_stream_is_answered_the_same_through_kills_and_audited() {
    let bench = bench();
    let text = stream(4, 1500);
    bench.file("stream.jsonl", &text);
    for engine in ["engine=auto", "engine=single-sample", "engine=leveled-buckets"] {
        let whole = ["online", "submodular", "--set", engine, "--input", "stream.jsonl", "--log", engine, "--quiet"];
        bench.run(&whole).expect(0);
        let killed = format!("{engine}-killed");
        let arguments = [
            "online",
            "submodular",
            "--set",
            engine,
            "--log",
            &killed,
            "--checkpoint",
            "state",
            "--checkpoint-every",
            "100",
            "--resume",
            "--quiet",
        ];
        let input = || Stdio::from(File::open(bench.folder().join("stream.jsonl")).unwrap());
        for round in 0..6_u64 {
            let mut child = bench.command(&arguments).stdin(input()).stdout(Stdio::piped()).spawn().unwrap();
            let mut answers = BufReader::new(child.stdout.take().unwrap());
            let mut line = String::new();
            for _ in 0..70 + 41 * round {
                line.clear();
                answers.read_line(&mut line).unwrap();
            }
            kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), Signal::SIGKILL).unwrap();
            child.wait().unwrap();
            if round == 3 {
                // The log alone is enough.
                std::fs::remove_file(bench.folder().join("state")).unwrap();
            }
        }
        let last = bench.command(&arguments).stdin(input()).stdout(Stdio::null()).status().unwrap();
        assert!(last.success());
        let read = |name: &str| std::fs::read(bench.folder().join(name)).unwrap();
        assert!(read(engine) == read(&killed), "{engine}: byte for byte");
        std::fs::remove_file(bench.folder().join("state")).unwrap();
        let audit: Value = serde_json::from_str(bench.run(&["audit", engine, "--svg", "picture.svg", "--json"]).expect(0)).unwrap();
        assert_eq!(audit["updates"], 1500);
        assert_eq!(audit["mistakes"].as_array().map(Vec::len), Some(0), "{audit}");
        assert!(String::from_utf8(read("picture.svg")).unwrap().contains("upper bound"));
        // A log that was changed is found out.
        let log = String::from_utf8(read(engine)).unwrap();
        let forged = log.replacen("\"live\":30", "\"live\":31", 1);
        assert_ne!(log, forged);
        bench.file("forged", forged);
        bench.run(&["audit", "forged"]).expect(1);
        // Nobody goes on with another header or another engine.
        bench.file("other.jsonl", stream(5, 1500));
        let other = bench.run(&["online", "submodular", "--set", engine, "--input", "other.jsonl", "--log", engine, "--resume", "--quiet"]);
        assert!(other.stderr.contains("another header"), "{}", other.stderr);
        other.expect(2);
        let other = bench.run(&["online", "submodular", "--set", "engine=sieve", "--input", "stream.jsonl", "--log", engine, "--resume"]);
        other.expect(2);
    }
}
