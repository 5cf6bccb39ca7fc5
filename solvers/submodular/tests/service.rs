//! The family on live streams: a line for a line, the same answers after every interruption, and logs that are found out when they were changed.
#![allow(clippy::cast_possible_truncation, reason = "small numbers")]

mod streams;

use std::fmt::Write as _;

use fathom_opt_serve::{Checkpoint, CheckpointError, DecisionLog, ResumeError, Services, Session, audit};
use fathom_opt_submodular::register_services;
use serde_json::{Map, Value, json};

const N: usize = 40;

fn services() -> Services {
    let mut services = Services::new();
    register_services(&mut services);
    services
}

fn session(options: Value, seed: u64) -> Session {
    let Value::Object(options) = options else { panic!("{options}") };
    services().find("submodular").unwrap().session(&options, seed).unwrap()
}

/// A header with a coverage function over `N` elements with the ids 100, 101, ...
fn header(k: u32) -> String {
    let sets: Vec<Vec<usize>> =
        (0..N).map(|element| (0..6).map(|item| (element * element + 11 * item * (element + 3)) % 60).collect()).collect();
    let sets: Vec<Vec<usize>> = sets
        .into_iter()
        .map(|mut set| {
            set.sort_unstable();
            set.dedup();
            set
        })
        .collect();
    let weights: Vec<f64> = (0..60).map(|item| 1.0 + f64::from(item) / 100.0).collect();
    let ids: Vec<usize> = (100..100 + N).collect();
    let function = json!({ "coverage": { "weights": weights, "sets": sets } });
    json!({ "stream": 1, "kind": "submodular-stream", "seed": 5, "function": function, "elements": ids, "constraint": { "cardinality": k } })
        .to_string()
}

/// A stream with queries, faults and control lines in it.
fn lines(updates: usize) -> Vec<String> {
    let mut lines = vec![header(4)];
    for (step, (element, insert)) in streams::stream(N, updates, 8).into_iter().enumerate() {
        let mut line = format!("{{\"op\":\"{}\",\"id\":{}", if insert { "insert" } else { "delete" }, 100 + element);
        if step % 5 == 0 {
            write!(line, ",\"t\":{step}.5").unwrap();
        }
        lines.push(line + "}");
        match step % 17 {
            3 | 9 => lines.push("{\"op\":\"query\"}".into()),
            11 => lines.push("{\"op\":\"insert\",\"id\":7}".into()),
            12 => lines.push("not JSON".into()),
            13 => lines.push("{\"cmd\":\"stats\"}".into()),
            _ => {}
        }
    }
    lines.push("{\"op\":\"query\"}".into());
    lines
}

fn answers(session: &mut Session, lines: &[String]) -> String {
    let mut out = Vec::new();
    for line in lines {
        session.answer(line.as_bytes(), &mut out).unwrap();
    }
    String::from_utf8(out).unwrap()
}

const ENGINES: [&str; 5] = ["auto", "single-sample", "leveled-buckets", "repair-greedy", "sieve"];

#[test]
fn a_session_goes_on_as_if_it_had_never_stopped() {
    let lines = lines(300);
    for engine in ENGINES {
        let options = json!({ "engine": engine, "eps": 0.25 });
        let whole = answers(&mut session(options.clone(), 0), &lines);
        assert_eq!(whole.lines().count(), lines.len(), "a line for a line");
        for stop in [1, 2, 57, 200, lines.len() - 1] {
            // From a checkpoint.
            let mut first = session(options.clone(), 0);
            let mut log = answers(&mut first, &lines[..stop]);
            let bytes = first.checkpoint().unwrap().to_bytes().unwrap();
            let mut second = session(options.clone(), 0);
            second.restore(Checkpoint::from_bytes(&bytes).unwrap()).unwrap();
            log += &answers(&mut second, &lines[stop..]);
            assert_eq!(whole, log, "{engine} at {stop}");
            // From the log alone.
            let mut third = session(options.clone(), 0);
            for line in whole.lines().take(stop) {
                third.replay(line.as_bytes()).unwrap();
            }
            let rest: String = whole.split_inclusive('\n').skip(stop).collect();
            assert_eq!(rest, answers(&mut third, &lines[stop..]), "{engine} at {stop}");
        }
    }
}

#[test]
fn another_header_other_options_and_a_changed_checkpoint_are_refused() {
    let lines = lines(60);
    let options = json!({ "engine": "single-sample" });
    let mut first = session(options.clone(), 0);
    answers(&mut first, &lines);
    let bytes = first.checkpoint().unwrap().to_bytes().unwrap();
    let resumed = |options: Value| -> Result<Session, CheckpointError> {
        let mut session = session(options, 0);
        session.restore(Checkpoint::from_bytes(&bytes)?)?;
        Ok(session)
    };
    let mut other_header = resumed(options.clone()).unwrap();
    let refused = other_header.answer(header(5).as_bytes(), &mut Vec::new());
    assert!(matches!(refused, Err(ResumeError::Header(_))), "{refused:?}");
    assert!(matches!(resumed(json!({ "engine": "auto" })), Err(CheckpointError::OtherRun { .. })));
    assert!(matches!(resumed(json!({ "engine": "single-sample", "eps": 0.5 })), Err(CheckpointError::OtherRun { .. })));
    for at in [bytes.len() / 2, bytes.len() - 3] {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1;
        assert!(Checkpoint::from_bytes(&damaged).is_err(), "byte {at}");
    }
}

#[test]
fn an_audit_finds_every_changed_answer() {
    let lines = lines(200);
    for engine in ["auto", "leveled-buckets"] {
        let log = answers(&mut session(json!({ "engine": engine }), 0), &lines);
        let report = audit(&services(), &DecisionLog::new(log.as_bytes())).unwrap();
        assert_eq!(report.mistakes, Vec::<String>::new());
        assert_eq!(report.service, Some("submodular"));
        assert_eq!(report.data["updates"], 200);
        assert!(report.data["least-certified-ratio"].as_f64().unwrap() > 0.3, "{:?}", report.data);
        let answer: Value = serde_json::from_str(log.lines().last().unwrap()).unwrap();
        assert!(answer["value"].as_f64() <= answer["bound"].as_f64() && answer["guarantee"]["factor"].as_f64().is_some(), "{answer}");
        let (id, value) = (answer["chosen"][0].to_string(), answer["value"].to_string());
        for (what, changed) in [
            ("live", log.replacen("\"op\":\"insert\",\"id\":1", "\"op\":\"insert\",\"id\":9", 1)),
            ("value", log.replace(&format!("\"value\":{value}"), "\"value\":1.5")),
            ("chosen", log.replace(&format!("\"chosen\":[{id}"), "\"chosen\":[99")),
        ] {
            assert_ne!(changed, log, "{what}");
            let mistakes = audit(&services(), &DecisionLog::new(changed.as_bytes())).unwrap().mistakes;
            assert!(!mistakes.is_empty(), "{what}");
        }
        let picture = services().find("submodular").unwrap().picture(&DecisionLog::new(log.as_bytes())).unwrap().unwrap();
        assert!(picture.starts_with("<svg"));
    }
}

#[test]
fn every_line_at_fault_is_answered_and_changes_nothing() {
    let mut served = session(json!({}), 0);
    let faults = [
        ("{\"op\":\"query\"}", "before the header"),
        ("{\"stream\":1,\"kind\":\"online-knapsack\"}", "expected `submodular-stream`"),
        ("{\"stream\":1,\"kind\":\"submodular-stream\",\"elements\":3}", "missing field `function`"),
    ];
    let check = |session: &mut Session, line: &str, expected: &str| {
        let answer = answers(session, &[line.to_owned()]);
        assert!(answer.contains(expected), "{line}: {answer}");
    };
    for (line, expected) in faults {
        check(&mut served, line, expected);
    }
    let wrong = header(4).replacen("100,", "101,", 1);
    check(&mut served, &wrong, "101 again");
    check(&mut served, &header(0), "expected at least 1");
    let by_file = "{\"stream\":1,\"kind\":\"submodular-stream\",\"function\":{\"modular\":{\"values\":{\"file\":\"v.jsonl\"}}},\"elements\":3,\"constraint\":{\"cardinality\":1}}";
    check(&mut served, by_file, "error");
    check(&mut served, &header(4), "\"notes\":[\"guarantee: at least");
    check(&mut served, "{\"op\":\"insert\",\"id\":101}", "\"live\":1}");
    for (line, expected) in [
        ("{\"op\":\"insert\",\"id\":101}", "found 101, which is live"),
        ("{\"op\":\"delete\",\"id\":102}", "found 102, which is not live"),
        ("{\"op\":\"insert\",\"id\":9}", "expected the id of an element of the ground set"),
        ("{\"op\":\"insert\"}", "expected the id of an element"),
        ("{\"op\":\"query\",\"id\":101}", "expected no id in a query"),
        ("{\"op\":\"push\",\"id\":101}", "unknown variant"),
        ("{\"op\":\"insert\",\"id\":-1}", "error"),
        ("[\"insert\",103,null]", "error"),
        ("{\"op\":\"insert\",\"id\":103,\"items\":[1]}", "unknown field"),
        (header(4).as_str(), "second header"),
    ] {
        check(&mut served, line, expected);
    }
    check(&mut served, "{\"op\":\"query\"}", "\"live\":1,\"at\":1,\"chosen\":[101]");
    let Value::Object(stats) = served.report() else { panic!() };
    let counted: Map<String, Value> =
        ["operations", "updates", "queries", "live"].into_iter().map(|name| (name.into(), stats[name].clone())).collect();
    assert_eq!(Value::Object(counted), json!({ "operations": 2, "updates": 1, "queries": 1, "live": 1 }));
}
