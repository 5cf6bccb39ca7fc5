//! A class that only the test crate knows works everywhere: files, options, generators, solutions, solvers, suites.

use fathom_tests::Bench;

const PROGRAM: &str = env!("CARGO_BIN_EXE_fathom-with-subset-sum");

#[test]
fn a_class_from_outside_is_read_generated_solved_and_checked() {
    let bench = Bench::new(PROGRAM);
    bench.file("a.sums", "10\n3\n5\n7\n");
    let info = bench.run(&["info", "a.sums"]);
    let text = info.expect(0);
    assert!(text.contains("sums-to-10") && text.contains("subset-sum") && text.contains("largest-first"), "{text}");
    assert!(bench.run(&["solve", "a.sums", "--read", "scale=2", "--output", "s.json"]).expect(0).contains("optimal"));
    bench.run(&["check", "a.sums", "s.json", "--read", "scale=2"]).expect(0);
    bench.file("s.positions", "0\n2\n");
    bench.run(&["check", "a.sums", "s.positions"]).expect(0);
    bench.file("t.positions", "1\n2\n");
    bench.run(&["check", "a.sums", "t.positions"]).expect(1);
    bench.run(&["generate", "random-sums", "--count", "9", "--output", "b.fathom.json"]).expect(0);
    bench.run(&["convert", "b.fathom.json", "b.sums.gz"]).expect(0);
    bench.run(&["solve", "b.sums.gz", "--quiet"]).expect(0);
    assert!(bench.run(&["schema", "subset-sum"]).expect(0).contains("numbers"));
    let formats = bench.run(&["list", "formats"]);
    assert!(formats.expect(0).contains("sums (.sums, read and written)"), "{}", formats.stdout);
    bench.file("a.xyz", "?\n");
    let unknown = bench.run(&["info", "a.xyz"]);
    unknown.expect(2);
    assert!(unknown.stderr.contains(".sums"), "{}", unknown.stderr);
}

#[test]
fn a_class_from_outside_runs_in_suites() {
    let bench = Bench::new(PROGRAM);
    bench.file("a.sums", "10\n3\n5\n7\n");
    let suite = "name = 'x'\n[[entries]]\nfile = 'a.sums'\nread = { scale = 3 }\n[[entries]]\ngenerator = 'random-sums'\nparameters = { count = 5 }\n\
        [[solvers]]\nname = 'largest-first'\n";
    bench.file("x.toml", suite);
    let finished = bench.run(&["bench", "run", "x.toml", "--results", "r.sqlite"]);
    assert!(finished.expect(0).contains("2 runs: 2 hold"), "{}", finished.stdout);
}
