//! Faults of the online families that people met, each as a test: claims, limits of numbers, sessions.

use std::io::{BufRead, BufReader, Write as _};
use std::process::Stdio;

use fathom_tests::{Bench, Finished};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

fn bench() -> Bench {
    Bench::new(env!("CARGO_BIN_EXE_fathom-under-test"))
}

fn json(finished: &Finished, status: i32) -> Value {
    serde_json::from_str(finished.expect(status)).unwrap()
}

#[test]
fn weights_and_capacities_beyond_63_bits_are_exact() {
    let bench = bench();
    bench.file(
        "u63.jsonl",
        "{\"stream\":1,\"kind\":\"online-knapsack\",\"capacity\":[9223372036854775808]}\n{\"id\":1,\"v\":1,\"w\":[9223372036854775808]}\n",
    );
    let solved = json(&bench.run(&["solve", "u63.jsonl", "--solver", "knapsack-exact", "--json"]), 0);
    assert_eq!((&solved["status"], &solved["objective"], &solved["bound"]), (&"optimal".into(), &1.0.into(), &1.0.into()), "{solved}");
    // The sum of the weights is beyond 64 bits, the items that fit are not all of them.
    let header = "{\"stream\":1,\"kind\":\"online-knapsack\",\"capacity\":[18446744073709551615]}\n";
    bench.file("u64.jsonl", format!("{header}{}", "{\"id\":1,\"v\":3,\"w\":[18446744073709551615]}\n{\"id\":2,\"v\":2,\"w\":[9223372036854775808]}\n{\"id\":3,\"v\":2,\"w\":[9223372036854775807]}\n"));
    let solved = json(&bench.run(&["solve", "u64.jsonl", "--solver", "knapsack-exact", "--json"]), 0);
    assert_eq!((&solved["status"], &solved["objective"], &solved["bound"]), (&"optimal".into(), &4.0.into(), &4.0.into()), "{solved}");
}

#[test]
fn values_whose_sum_is_beyond_doubles_are_refused_with_the_limit() {
    let bench = bench();
    bench.file("big2.jsonl", "{\"stream\":1,\"kind\":\"online-knapsack\",\"capacity\":[2]}\n{\"id\":1,\"v\":1e308,\"w\":[1]}\n{\"id\":2,\"v\":1e308,\"w\":[1]}\n");
    let refused = bench.run(&["solve", "big2.jsonl", "--solver", "knapsack-exact"]);
    assert!(refused.stderr.contains("1.797"), "{}", refused.stderr);
    refused.expect(2);
    // A live stream refuses the item, not the session.
    let header = "{\"stream\":1,\"kind\":\"online-knapsack\",\"capacity\":[2],\"bounds\":{\"L\":1,\"U\":1e308}}";
    let items = "{\"id\":1,\"v\":9e307,\"w\":[2]}\n{\"id\":2,\"v\":1e308,\"w\":[2]}\n{\"id\":3,\"v\":1e308,\"w\":[1]}\n{\"id\":4,\"v\":1,\"w\":[1]}\n";
    bench.file("live.jsonl", format!("{header}\n{items}"));
    let served = bench.run(&["online", "zcl", "--input", "live.jsonl", "--quiet"]);
    let answers: Vec<&str> = served.expect(0).lines().collect();
    assert!(answers[2].contains("the limit") && answers[3].contains("value per full capacity of at most"), "{answers:?}");
    assert!(answers[4].contains("\"accept\""), "{answers:?}");
}

#[test]
fn denormal_values_are_added_up_exactly() {
    let bench = bench();
    bench.file("denorm.jsonl", "{\"stream\": 1, \"kind\": \"online-knapsack\", \"capacity\": [2]}\n{\"id\": 1, \"v\": 5e-324, \"w\": [1]}\n{\"id\": 2, \"v\": 5e-324, \"w\": [1]}\n{\"id\": 3, \"v\": 1e-323, \"w\": [1]}\n");
    let solved = json(&bench.run(&["solve", "denorm.jsonl", "--solver", "knapsack-exact", "--json"]), 0);
    let expected: Value = 1.5e-323.into();
    assert_eq!((&solved["status"], &solved["objective"], &solved["bound"]), (&"optimal".into(), &expected, &expected), "{solved}");
    // Prices of such numbers would lose their digits.
    let refused = bench.run(&["solve", "denorm.jsonl", "--solver", "zcl"]);
    assert!(refused.stderr.contains("2.2250738585072014e-308"), "{}", refused.stderr);
    refused.expect(2);
}

#[test]
fn the_ratio_of_small_items_is_not_promised_to_large_ones() {
    let bench = bench();
    let header = "{\"stream\":1,\"kind\":\"online-knapsack\",\"capacity\":[10],\"bounds\":{\"L\":1,\"U\":100}}";
    bench.file("large.jsonl", format!("{header}\n{{\"id\":1,\"v\":0.6,\"w\":[6]}}\n{{\"id\":2,\"v\":60,\"w\":[6]}}\n"));
    for solver in ["zcl", "constant", "ect", "baseline", "la-ect", "zcl-randomized", "pp-a", "mix"] {
        let solved = json(&bench.run(&["solve", "large.jsonl", "--solver", solver, "--json"]), 0);
        let value = solved["objective"].as_f64().unwrap();
        for note in solved["notes"].as_array().unwrap() {
            let note = note.as_str().unwrap();
            let Some(rest) = note.strip_prefix("ratio at most ") else { continue };
            let ratio: f64 = rest.split(' ').next().unwrap().parse().unwrap();
            assert!(note.contains("expectation") || 60.0 <= ratio * value, "{solver}: {note}, {value} taken of 60");
        }
    }
}

#[test]
fn a_byte_order_mark_before_the_header_does_no_harm() {
    let bench = bench();
    let text = "\u{feff}{\"stream\":1,\"kind\":\"online-knapsack\",\"capacity\":[10],\"bounds\":{\"L\":1,\"U\":100}}\n{\"id\":1,\"v\":5,\"w\":[6]}\n";
    bench.file("bom.jsonl", text);
    let served = bench.run(&["online", "zcl", "--input", "bom.jsonl", "--quiet", "--strict"]);
    assert!(served.expect(0).contains("\"accept\":true"));
    bench.run(&["solve", "bom.jsonl"]).expect(0);
}

#[test]
fn no_share_above_one_is_kept_of_a_bandit() {
    let bench = bench();
    // A budget of two per round, where a round consumes one at most.
    let phases = "[{\"rewards\":[1,0],\"consumption\":[[1],[0]]}]";
    bench.file(
        "rich.fathom.json",
        format!("{{\"fathom\":1,\"problem\":\"replenishable-bandit\",\"name\":\"rich\",\"data\":{{\"rounds\":20000,\"budget\":40000,\"outcomes\":{{\"phases\":{phases}}}}}}}"),
    );
    let solved = json(&bench.run(&["solve", "rich.fathom.json", "--json"]), 0);
    let notes: Vec<&str> = solved["notes"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let note = notes.iter().find(|note| note.contains("benchmark")).unwrap();
    assert!(note.contains("at least 1.000 times"), "{notes:?}");
    let believed = json(&bench.run(&["solve", "rich.fathom.json", "--set", "replenishment=0.5", "--json"]), 0);
    assert!(believed["notes"].to_string().contains("nothing is promised"), "{}", believed["notes"]);
}

const DAY: &str = "{\"stream\":1,\"kind\":\"online-knapsack\",\"capacity\":[10],\"bounds\":{\"L\":1,\"U\":100}}\n{\"id\":1,\"v\":5,\"w\":[6]}\nnot JSON\n{\"id\":2,\"v\":5,\"w\":[2]}\n";

#[test]
fn a_session_is_resumed_with_its_own_stream_only() {
    let bench = bench();
    bench.file("a.jsonl", DAY);
    for (kept, says_where) in
        [(&["--log", "log"][..], true), (&["--checkpoint", "state"][..], false), (&["--log", "log", "--checkpoint", "state"][..], true)]
    {
        let with = |input: &str, more: &[&str]| bench.run(&[&["online", "zcl", "--input", input, "--quiet"], kept, more].concat());
        with("a.jsonl", &[]).expect(0);
        let other = |from: &str, to: &str| {
            let changed = DAY.replacen(from, to, 1);
            assert_ne!(changed, DAY);
            bench.file("b.jsonl", format!("{changed}{{\"id\":3,\"v\":9,\"w\":[1]}}\n"));
            let refused = with("b.jsonl", &["--resume"]);
            assert!(refused.stdout.is_empty(), "{}", refused.stdout);
            refused.expect(2);
            refused.stderr
        };
        assert!(other("[10]", "[1000]").contains("capacity.0: found 1000, expected 10"));
        assert!(other("\"U\":100", "\"U\":90").contains("bounds.U: found 90.0, expected 100.0"));
        assert!(other("1,\"kind", "1,\"seed\":5,\"kind").contains("seed: found 5, expected 0"));
        for (from, to, difference) in [
            (
                "\"v\":5,\"w\":[6]",
                "\"v\":6,\"w\":[6]",
                "line 2 of the stream is not the one that was answered before: v: found 6.0, expected 5.0",
            ),
            ("\"v\":5,\"w\":[6]", "\"v\":5,\"w\":[5]", "w.0: found 5, expected 6"),
            ("{\"id\":1,", "{\"id\":1,\"group\":\"g\",", "group: found \"g\", expected nothing"),
            ("not JSON", "{\"cmd\":\"stats\"}", "line 3 of the stream"),
            ("\"id\":2,\"v\":5", "\"id\":2,\"v\":7", "line 4 of the stream"),
        ] {
            let stderr = other(from, to);
            let expected = if says_where { difference } else { "the first 4 lines of the stream are not those" };
            assert!(stderr.contains(expected), "{kept:?} {from}: {stderr}");
        }
        bench.file("short.jsonl", DAY.lines().take(2).collect::<Vec<_>>().join("\n"));
        let short = with("short.jsonl", &["--resume"]);
        assert!(short.stderr.contains("ends after 2 lines, expected the 4"), "{}", short.stderr);
        short.expect(2);
        // The same stream, with more behind it, is taken.
        bench.file("more.jsonl", format!("{DAY}{{\"id\":3,\"v\":9,\"w\":[1]}}\n"));
        let more = with("more.jsonl", &["--resume"]);
        assert_eq!(more.expect(0).lines().count(), 1, "{}", more.stdout);
        for file in ["log", "state"] {
            let _ = std::fs::remove_file(bench.folder().join(file));
        }
    }
}

#[test]
fn a_log_that_was_changed_is_not_gone_on_with() {
    let bench = bench();
    bench.file("a.jsonl", DAY);
    bench.run(&["online", "zcl", "--input", "a.jsonl", "--log", "log", "--checkpoint", "state", "--quiet"]).expect(0);
    let log = std::fs::read_to_string(bench.folder().join("log")).unwrap();
    bench.file("log", log.replacen("\"v\":5.0", "\"v\":5.5", 1));
    let both = bench.run(&["online", "zcl", "--input", "a.jsonl", "--log", "log", "--checkpoint", "state", "--quiet", "--resume"]);
    assert!(both.stderr.contains("not those that the checkpoint was made after"), "{}", both.stderr);
    both.expect(2);
    let alone = bench.run(&["online", "zcl", "--input", "a.jsonl", "--log", "log", "--quiet", "--resume"]);
    assert!(alone.stderr.contains("line 2 of the log: value: found 5.0, expected 5.5"), "{}", alone.stderr);
    alone.expect(2);
}

#[test]
fn one_process_writes_a_log() {
    let bench = bench();
    let mut first =
        bench.command(&["online", "zcl", "--log", "log", "--quiet"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = first.stdin.take().unwrap();
    let mut answers = BufReader::new(first.stdout.take().unwrap());
    write!(input, "{DAY}").unwrap();
    let mut line = String::new();
    answers.read_line(&mut line).unwrap();
    let second = bench.run(&["online", "zcl", "--log", "log", "--resume", "--quiet"]);
    assert!(second.stderr.contains("another process writing this log"), "{}", second.stderr);
    second.expect(2);
    drop(input);
    assert!(first.wait().unwrap().success());
    bench.run(&["online", "zcl", "--log", "log", "--resume", "--quiet"]).expect(0);
}

#[test]
fn a_session_is_not_resumed_with_another_seed() {
    let bench = bench();
    bench.file("a.jsonl", DAY);
    bench.run(&["online", "zcl-randomized", "--input", "a.jsonl", "--log", "log", "--quiet"]).expect(0);
    bench.file("b.jsonl", "{\"id\":9,\"v\":5,\"w\":[1]}\n");
    let refused = bench.run(&["online", "zcl-randomized", "--input", "b.jsonl", "--log", "log", "--resume", "--seed", "5", "--quiet"]);
    assert!(refused.stderr.contains("--seed 5"), "{}", refused.stderr);
    refused.expect(2);
    bench.run(&["online", "zcl-randomized", "--input", "b.jsonl", "--log", "log", "--resume", "--seed", "0", "--quiet"]).expect(0);
}

#[test]
fn every_edit_of_a_log_is_found_by_its_audit() {
    let bench = bench();
    let text = format!("{DAY}{{\"id\":3,\"v\":0.1,\"w\":[1]}}\n{{\"cmd\":\"stats\"}}\n{{\"id\":4,\"v\":90,\"w\":[1],\"group\":\"g\"}}\n");
    bench.file("a.jsonl", text);
    bench.run(&["online", "ect", "--input", "a.jsonl", "--log", "log", "--quiet"]).expect(0);
    assert!(bench.run(&["audit", "log"]).expect(0).contains("all given again"));
    let log = std::fs::read_to_string(bench.folder().join("log")).unwrap();
    for (from, to) in [
        ("\"price\":1.0", "\"price\":2.0"),
        ("\"why\":\"taken\"", "\"why\":\"weightless\""),
        ("\"v\":5.0", "\"v\":5.25"),
        ("\"used\":6", "\"used\":5"),
        ("\"value\":5.0", "\"value\":5.5"),
        ("\"accept\":true", "\"accept\":false"),
        ("\"capacity\":[10]", "\"capacity\":[11]"),
        ("\"U\":100.0", "\"U\":101.0"),
        ("\"alpha\":null", "\"alpha\":0.9"),
        ("\"line\":3", "\"line\":4"),
        ("\"offered\":3", "\"offered\":4"),
    ] {
        let edited = log.replacen(from, to, 1);
        assert_ne!(edited, log, "{from}");
        bench.file("edited", edited);
        let found = bench.run(&["audit", "edited"]);
        assert!(found.expect(1).contains("WRONG"), "{from}: {}", found.stdout);
    }
    // The same in the tenth digit of a price.
    let price = log.split("\"price\":").find_map(|rest| rest.split([',', '}']).next().filter(|digits| digits.len() > 12)).unwrap();
    bench.file("edited", log.replacen(price, &price[..11], 1));
    assert!(bench.run(&["audit", "edited"]).expect(1).contains("WRONG"), "{price}");
    // What is cut short says so, and nothing is no log.
    bench.file("torn", &log[..log.len() - 7]);
    assert!(bench.run(&["audit", "torn"]).expect(0).contains("cut short"));
    bench.file("empty", "");
    bench.run(&["audit", "empty"]).expect(2);
    // A line that was left out is missed, too.
    bench.file("cut", log.split_inclusive('\n').enumerate().filter(|(k, _)| *k != 1).map(|(_, line)| line).collect::<String>());
    bench.run(&["audit", "cut"]).expect(1);
}

#[test]
fn the_log_of_a_bandit_is_audited() {
    let bench = bench();
    bench.run(&["generate", "replenishable", "--rounds", "400", "--seed", "3", "--output", "rounds.jsonl"]).expect(0);
    for feedback in ["feedback=full", "feedback=bandit"] {
        bench.run(&["online", "primal-dual", "--set", feedback, "--input", "rounds.jsonl", "--log", feedback, "--quiet"]).expect(0);
        let audited = json(&bench.run(&["audit", feedback, "--json"]), 0);
        assert_eq!((&audited["rounds"], &audited["open"], &audited["mistakes"]), (&400.into(), &0.into(), &Value::Array(Vec::new())));
        assert_eq!(audited["benchmark"].is_null(), feedback == "feedback=bandit");
        let log = std::fs::read_to_string(bench.folder().join(feedback)).unwrap();
        let last = log.lines().last().unwrap();
        let (reward, budgets) = (&last[last.find("\"reward\"").unwrap()..], &last[last.find("\"budgets\":[").unwrap()..]);
        let digit = |text: &str| text.find(|c: char| c.is_ascii_digit()).unwrap();
        let flipped = |at: usize| {
            let mut bytes = log.clone().into_bytes();
            let place = log.len() - 1 - last.len() + at;
            bytes[place] = if bytes[place] == b'9' { b'8' } else { bytes[place] + 1 };
            String::from_utf8(bytes).unwrap()
        };
        for at in [last.len() - reward.len() + digit(reward), last.len() - budgets.len() + digit(budgets)] {
            bench.file("edited", flipped(at));
            assert!(bench.run(&["audit", "edited"]).expect(1).contains("WRONG"));
        }
    }
}

#[test]
fn ctrl_c_keeps_the_state_and_says_that_it_was_interrupted() {
    let bench = bench();
    let mut child =
        bench.command(&["online", "zcl", "--checkpoint", "state", "--quiet"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut answers = BufReader::new(child.stdout.take().unwrap());
    write!(input, "{DAY}").unwrap();
    let mut line = String::new();
    answers.read_line(&mut line).unwrap();
    kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), Signal::SIGINT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(std::fs::read(bench.folder().join("state")).unwrap().starts_with(b"FATHOM"));
    drop(input);
}

#[test]
fn services_are_listed_with_their_options_and_headers() {
    let bench = bench();
    let listed = bench.run(&["list", "services"]);
    let text = listed.expect(0);
    for word in ["zcl", "la-ect", "gamma", "primal-dual", "feedback", "\"kind\":\"replenishable-bandit\"", "max-degradation"] {
        assert!(text.contains(word), "{word}: {text}");
    }
    let listed: Value = json(&bench.run(&["list", "services", "--json"]), 0);
    assert!(
        listed.as_array().unwrap().iter().any(|entry| entry["service"] == "mix" && entry["options"]["properties"]["trust"].is_object())
    );
}
