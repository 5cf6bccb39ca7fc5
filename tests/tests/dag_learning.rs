//! DAG learning from the command line: tables in, graphs out.

use fathom_tests::{Bench, shared};
use serde_json::Value;

fn bench() -> Bench {
    Bench::new(env!("CARGO_BIN_EXE_fathom-under-test"))
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn a_table_is_solved_as_it_is() {
    let bench = bench();
    bench.file(
        "chain.csv",
        "a,b,c\n1,2.1,3.9\n-1,-1.9,-4.2\n2,4.05,8.1\n-2,-4.1,-8.0\n0.5,1.2,2.1\n-0.5,-1.1,-2.3\n3,5.9,12.2\n-3,-6.1,-11.9\n",
    );
    let solved = bench.run(&["solve", "chain.csv", "--output", "s.json"]);
    let text = solved.expect(0);
    assert!(text.contains("dag-learning: 3 variables, 8 observations"), "{text}");
    assert!(text.contains("b = ") && text.contains("acyclic"), "{text}");
    assert!(bench.run(&["check", "chain.csv", "s.json"]).expect(0).contains("holds"));
    // The same numbers without a header, and as text that is no table of numbers.
    bench.file("plain.tsv", "1\t2.1\n-1\t-1.9\n2\t4.05\n0\t1\n");
    assert!(bench.run(&["info", "plain.tsv"]).expect(0).contains("dag-learning"));
    bench.file("ratings.csv", "agent,b\nAda,1\nBob,2\n");
    assert!(bench.run(&["info", "ratings.csv"]).expect(0).contains("fair-division"));
    assert!(bench.run(&["info", "ratings.csv", "--problem", "dag-learning"]).stderr.contains("--read skip=NAMES"));
    bench.run(&["info", "ratings.csv", "--problem", "dag-learning", "--read", "skip=agent"]).expect(0);
}

#[test]
fn generated_data_go_through_every_format_and_every_solver() {
    let bench = bench();
    bench.run(&["generate", "linear-sem", "--variables", "8", "--observations", "400", "--output", "g.fathom.json"]).expect(0);
    bench.run(&["convert", "g.fathom.json", "g.csv"]).expect(0);
    bench.run(&["convert", "g.fathom.json", "g.npy"]).expect(0);
    bench.run(&["convert", "g.npy", "h.fathom.json.zst"]).expect(0);
    let objective = |file: &str, solver: &str, score: &str| {
        let document =
            json(bench.run(&["solve", file, "--solver", solver, "--read", &format!("score={score}"), "--json", "--seed", "1"]).expect(0));
        assert_eq!(document["verdict"]["holds"], true);
        document["objective"].as_f64().unwrap()
    };
    for score in ["ev", "ev-ebic", "nv-bic", "l1", "l1=0.02"] {
        let one = objective("g.fathom.json", "order-search", score);
        for file in ["g.csv", "g.npy", "h.fathom.json.zst"] {
            assert_eq!(objective(file, "order-search", score), one, "{file} {score}");
        }
        let exact = objective("g.npy", "exact-order", score);
        if score != "ev-ebic" {
            assert!(exact <= one + 1e-9 * one.abs());
        }
        objective("g.npy", "topological-swaps", score);
    }
    // The document knows the truth and its checker says how far the answer is from it.
    let document = json(bench.run(&["solve", "g.fathom.json", "--json"]).expect(0));
    let measures = document["verdict"]["measures"].as_array().unwrap();
    let measure = |name: &str| measures.iter().find(|measure| measure["name"] == name).map(|measure| measure["value"].as_f64().unwrap());
    assert!(measure("structural Hamming distance").unwrap() <= 1.0, "{measures:?}");
    assert!(measure("varsortability of the truth").unwrap() > 0.5);
    assert!(measure("R2-sortability of the truth").is_some());
}

#[test]
fn graphs_are_written_for_other_tools_and_refined_again() {
    let bench = bench();
    bench.run(&["generate", "linear-sem", "--variables", "10", "--output", "g.fathom.json", "--seed", "3", "--score", "ev"]).expect(0);
    for file in ["w.csv", "w.npy", "w.edges.csv", "w.dot", "w.graphml", "w.json"] {
        bench.run(&["solve", "g.fathom.json", "--read", "score=ev-ebic", "--output", file, "--quiet"]).expect(0);
    }
    let text = |file: &str| std::fs::read_to_string(bench.folder().join(file)).unwrap();
    assert_eq!(text("w.csv").lines().count(), 11);
    assert!(text("w.edges.csv").starts_with("from,to,weight\nx"));
    assert!(text("w.dot").starts_with("digraph"));
    assert!(text("w.graphml").contains("edgedefault=\"directed\""));
    let refined = |arguments: &[&str]| {
        let alone = ["--set", "starts=[\"given\"]", "--set", "restarts=0", "--set", "kicks=0"];
        let document = json(bench.run(&[&["solve", "g.fathom.json", "--json"][..], arguments, &alone].concat()).expect(0));
        document["objective"].as_f64().unwrap()
    };
    let one = refined(&["--start", "w.npy"]);
    for file in ["w.csv", "w.edges.csv", "w.json"] {
        assert!((refined(&["--start", file]) - one).abs() <= 1e-3 * one, "{file}");
    }
    assert_eq!(refined(&["--start", "w.npy"]), one);
    bench.run(&["solve", "g.fathom.json", "--solver", "topological-swaps", "--start", "w.csv", "--quiet"]).expect(0);
    // An order is a start as well, by names or by indices, in a line or in a column.
    bench.file("line.csv", "9,8,7,6,5,4,3,2,1,0\n");
    bench.file("column.csv", "order\nx9\nx8\nx7\nx6\nx5\nx4\nx3\nx2\nx1\nx0\n");
    assert_eq!(refined(&["--start", "line.csv"]), refined(&["--start", "column.csv"]));
    let missing = bench.run(&["solve", "g.fathom.json", "--start", "nowhere.csv"]);
    missing.expect(2);
    assert!(missing.stderr.contains("nowhere.csv"), "{}", missing.stderr);
    // A graph that its own score likes better than anything near its order comes back as it is, or better.
    for score in ["ev-ebic", "nv-bic", "l1"] {
        let value = |arguments: &[&str]| {
            let document = json(
                bench.run(&[&["solve", "g.fathom.json", "--json", "--read", &format!("score={score}")][..], arguments].concat()).expect(0),
            );
            document["objective"].as_f64().unwrap()
        };
        bench.run(&["solve", "g.fathom.json", "--read", &format!("score={score}"), "--output", "own.edges.csv", "--quiet"]).expect(0);
        let best = value(&[]);
        let again = value(&["--start", "own.edges.csv", "--solver", "topological-swaps"]);
        assert!(again <= best + 1e-9 * best.abs(), "{score}: {again} {best}");
    }
}

#[test]
fn sortabilities_are_reported_wherever_an_instance_or_a_graph_is_shown() {
    let bench = bench();
    let made = bench.run(&["generate", "linear-sem", "--variables", "12", "--scale", "iscm", "--output", "g.fathom.json"]);
    assert!(made.expect(0).contains("varsortability of the truth 0.5, R2-sortability of the truth"), "{}", made.stdout);
    let shown = bench.run(&["info", "g.fathom.json"]);
    let text = shown.expect(0);
    assert!(text.contains("varsortability of the truth 0.5") && text.contains("the columns look standardised"), "{text}");
    let solved = bench.run(&["solve", "g.fathom.json"]);
    let text = solved.expect(0);
    for measure in ["varsortability ", "R2-sortability ", "structural Hamming distance ", "true positive rate "] {
        assert!(text.contains(measure), "{measure}: {text}");
    }
    assert!(text.contains("nv-bic"), "{text}");
}

#[test]
fn tables_that_hold_no_data_say_why() {
    let bench = bench();
    let refusal = |text: &str, parts: &[&str]| {
        bench.file("a.csv", text);
        let finished = bench.run(&["solve", "a.csv"]);
        finished.expect(2);
        for part in parts {
            assert!(finished.stderr.contains(part), "{part}: {}", finished.stderr);
        }
    };
    refusal("a,b\n1,2\n3,NA\n", &["a.csv:3", "column `b`", "missing values"]);
    refusal("a,b\n1,2\n3,red\n", &["a.csv:3", "`red`", "--read skip=NAMES"]);
    refusal("a,b\n1,2\n3\n", &["a.csv:3", "found 1 cells, expected 2"]);
    refusal("1,NA\n3,4\n5,7\n", &["a.csv:1", "column `x1`", "missing values"]);
    refusal("a,,b\n0,1,2\n1,3,5\n", &["a.csv:1", "an empty name", "`--read skip=`"]);
    refusal("", &["an empty table"]);
    refusal("a,b\n1,2\n", &["single observation"]);
    refusal("a,b\n1,1\n1,1\n", &["no column that varies"]);
    refusal("a,a\n1,2\n2,3\n", &["a.csv:1", "`a` twice"]);
    bench.file("index.csv", ",a,b\n0,1,2\n1,3,5\n2,4,9\n3,0,2\n");
    assert!(bench.run(&["info", "index.csv", "--read", "skip="]).expect(0).contains("2 variables, 4 observations"));
    bench.file("b.csv", "a,b\n1,2\n3,5\n");
    assert!(bench.run(&["solve", "b.csv", "--read", "score=best"]).stderr.contains("expected ev, ev-ebic"));
    assert!(bench.run(&["solve", "b.csv", "--read", "score=logistic"]).stderr.contains("0 or 1"));
    assert!(bench.run(&["solve", "library:poisson-15", "--read", "score=ev"]).stderr.contains("score"));
    bench.file("c.npy", "hello");
    assert!(bench.run(&["solve", "c.npy"]).stderr.contains("numpy.save"));
    let cyclic = r#"{"fathom":1,"problem":"dag-learning","data":{"table":{"names":["a","b"],"rows":[[1,2],[3,5],[0,1]]},"knowledge":{"required":[["a","b"],["b","a"]]}}}"#;
    bench.file("k.fathom.json", cyclic);
    assert!(bench.run(&["solve", "k.fathom.json"]).stderr.contains("the cycle a -> b -> a"));
}

#[test]
fn the_shared_data_are_read_and_solved() {
    let bench = bench();
    for (file, edges) in [("sachs_obs_853.csv", 3), ("ecoli70_n1000_seed1.csv", 20), ("ER2_d8_n500_gauss_ev_seed1_X.csv", 16)] {
        let Some(path) = shared(&format!("dag/{file}")) else { continue };
        let document = json(bench.run(&["solve", path.to_str().unwrap(), "--json"]).expect(0));
        assert!(document["solution"]["edges"].as_array().unwrap().len() >= edges, "{file}");
    }
    if let Some(path) = shared("dag/ER2_d8_n500_gauss_ev_seed1_X.csv") {
        let arguments = ["solve", path.to_str().unwrap(), "--read", "score=ev", "--solver", "exact-order", "--json"];
        let document = json(bench.run(&arguments).expect(0));
        assert_eq!(document["status"], "optimal");
        assert!((document["bound"].as_f64().unwrap() - 4.011_130).abs() < 1e-6);
    }
}
