//! Submodular streams from end to end: graphs as instances, documents with files beside them, answers that are checked.

use fathom_tests::Bench;
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
