//! What is wrong with a file is said in one message that names the file, the place, what was found and what was expected; the exit status is 2.
//!
//! Every case runs with little address space, so that a reader which allocates what a file merely declares would not get as far as its message.

use std::io::Write as _;

use fathom_tests::Bench;

const PROGRAM: &str = env!("CARGO_BIN_EXE_fathom-under-test");

/// Address space in MiB: enough for the program and small files, far too little for what the hostile files declare.
const ADDRESS_SPACE: u64 = 700;

/// Runs `arguments` on the files and expects exit status 2 and a message with all of `parts`.
#[track_caller]
fn refused(files: &[(&str, &[u8])], arguments: &[&str], parts: &[&str]) {
    let bench = Bench::new(PROGRAM);
    for (name, bytes) in files {
        bench.file(name, bytes);
    }
    expect_refusal(&bench, arguments, parts);
}

#[track_caller]
fn expect_refusal(bench: &Bench, arguments: &[&str], parts: &[&str]) {
    let finished = bench.run_within(ADDRESS_SPACE, arguments);
    let said = &finished.stderr;
    assert_eq!(finished.status, Some(2), "stdout:\n{}\nstderr:\n{said}", finished.stdout);
    assert_eq!(finished.stdout, "", "results on standard output beside an error");
    assert_eq!(said.matches("error:").count(), 1, "one message:\n{said}");
    assert!(!said.contains("panicked"), "{said}");
    for part in parts {
        assert!(said.contains(part), "expected `{part}` in:\n{said}");
    }
}

/// A document whose `data` field is `data`.
fn document(kind: &str, data: &str) -> String {
    format!("{{\"fathom\": 1, \"problem\": \"{kind}\",\n \"data\": {data}}}")
}

#[track_caller]
fn refused_document(text: &str, parts: &[&str]) {
    refused(&[("a.fathom.json", text.as_bytes())], &["info", "a.fathom.json"], parts);
}

#[track_caller]
fn refused_division(data: &str, parts: &[&str]) {
    refused_document(&document("fair-division", data), parts);
}

#[track_caller]
fn refused_sequence(data: &str, parts: &[&str]) {
    refused_document(&document("linear-sequence", data), parts);
}

#[track_caller]
fn refused_matrix(text: &str, parts: &[&str]) {
    refused(&[("a.mtx", text.as_bytes())], &["solve", "a.mtx"], parts);
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

const IDENTITY: &str = r#"{"rows":2,"cols":2,"entries":[[0,0,1],[1,1,1]]}"#;

#[test]
fn text_that_is_no_document() {
    refused_document("", &["a.fathom.json", "EOF"]);
    refused_document(r#"{"fathom": 1, "problem": "fair-division", "data": {"utilities": [[1,"#, &["a.fathom.json:1:", "EOF"]);
    refused_document("[1, 2]", &["a.fathom.json:1:1", "found an array, expected an object"]);
    refused_document(r#"[1, "fair-division", null, null, null, {"utilities": [[1]]}]"#, &["a.fathom.json:1:1", "an array"]);
    refused_document("\u{feff}{}", &["a.fathom.json:1:", "missing field"]);
    refused_document("{\n \"fathom\": 1,\n \"problem\": \"fair-division\",\n}", &["a.fathom.json:4:1"]);
    refused(
        &[("a.fathom.json", b"{\"fathom\": 1, \"name\": \"\xff\"}")],
        &["info", "a.fathom.json"],
        &["a.fathom.json:1:24", "0xff", "UTF-8"],
    );
    refused(&[("a.fathom.json", &[0; 100])], &["info", "a.fathom.json"], &["a.fathom.json:1:1"]);
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    refused_document(&deep, &["a.fathom.json:1:"]);
    refused_division(&deep, &["a.fathom.json:2:", "data"]);
}

#[test]
fn wrong_frames() {
    refused_document(
        r#"{"fathom": 2, "problem": "fair-division", "data": {"utilities": [[1]]}}"#,
        &["a.fathom.json:1:12", "version 2", "expected 1"],
    );
    refused_document(r#"{"problem": "fair-division", "data": {"utilities": [[1]]}}"#, &["missing field `fathom`"]);
    refused_document(
        &document("fair-divison", "{}"),
        &["a.fathom.json:1:", "fair-divison", "expected one of fair-division, linear-sequence"],
    );
    refused_document(r#"{"fathom": 1, "problem": "fair-division", "dta": {}}"#, &["a.fathom.json:1:", "unknown field `dta`", "`data`"]);
    refused_document(
        r#"{"fathom": 1, "problem": "fair-division", "data": {"utilities": [[1]]}, "data": {"utilities": [[1]]}}"#,
        &["duplicate field `data`"],
    );
    refused_document(r#"{"fathom": 1, "problem": "fair-division"}"#, &["missing field `data`"]);
    refused_document(r#"{"fathom": -1, "problem": "fair-division", "data": {}}"#, &["a.fathom.json:1:13"]);
}

#[test]
fn divisions_that_are_none() {
    refused_division(r#"{"utilities": [[1, 2], [3]]}"#, &["a.fathom.json:2:", "data.utilities[1]: found 1 values, expected 2"]);
    refused_division(r#"{"utilities": []}"#, &["data.utilities", "expected at least one agent"]);
    refused_division(r#"{"utilities": [[]]}"#, &["data.utilities[0]", "expected at least one item"]);
    refused_division(r#"{"utilities": [[1, "x"]]}"#, &["a.fathom.json:2:", "data.utilities[0]"]);
    refused_division(r#"{"utilities": [[1, NaN]]}"#, &["a.fathom.json:2:"]);
    refused_division(r#"{"utilities": [[1, 1e99999999999]]}"#, &["a.fathom.json:2:"]);
    refused_division(r#"{"utilities": [[1, null]]}"#, &["a.fathom.json:2:", "data.utilities[0]"]);
    refused_division("[null, null, [[1, 2]]]", &["a.fathom.json:2:", "an array, expected an object"]);
    refused_division(r#"{"utilities": [[1, 2]], "colour": 3}"#, &["a.fathom.json:2:", "unknown field `colour`"]);
    refused_division(r#"{"utilities": [[1], [2]], "agents": ["Ada", "Ada"]}"#, &["data.agents[1]", "Ada"]);
    refused_division(r#"{"utilities": [[1], [2]], "agents": ["Ada"]}"#, &["data.agents", "expected 2"]);
    refused_division(r#"{"utilities": [[1, 2]], "items": ["a", "a"]}"#, &["data.items[1]"]);
    refused_division(r#"{"utilities": [[1], [2]], "entitlements": [1, 0]}"#, &["data.entitlements[1]"]);
    refused_division(r#"{"utilities": [[1], [2]], "entitlements": [1, -3]}"#, &["data.entitlements[1]"]);
    refused_division(r#"{"utilities": [[1, 2]], "copies": [1, 4000000000000000000]}"#, &["data.copies"]);
}

#[test]
fn sequences_that_are_none() {
    let one = r#"[{"rhs": [1, 2]}]"#;
    let with = |matrix: &str, systems: &str| format!("{{\"matrix\": {matrix},\n \"systems\": {systems}}}");
    refused_sequence(&with(IDENTITY, "[]"), &["a.fathom.json:3:", "data.systems: found no system"]);
    refused_sequence(&with(IDENTITY, r#"[{"rhs": [1]}]"#), &["data.systems[0].rhs: found 1 numbers, expected 2"]);
    refused_sequence(&with(IDENTITY, r#"[{"rhs": "twos"}]"#), &["a.fathom.json:3:", "data.systems[0].rhs", "twos", "row-sums"]);
    refused_sequence(&with(IDENTITY, r#"[{"rhs": [1, 2], "shift": 1, "diagonal": [1, 1]}]"#), &["`shift` and `diagonal`"]);
    refused_sequence(
        &with(IDENTITY, r#"[{"rhs": [1, 2], "values": [1, 1, 1]}]"#),
        &["data.systems[0].values: found 3 numbers, expected 2"],
    );
    refused_sequence(&with(r#"{"rows":2,"cols":3,"entries":[[0,0,1]]}"#, one), &["data.matrix: found a 2 x 3 matrix, expected a square"]);
    refused_sequence(
        &with(r#"{"rows":2,"cols":2,"entries":[[0,2,1]]}"#, one),
        &["a.fathom.json:2:", "data.matrix.entries[0]", "indices below"],
    );
    refused_sequence(&with(r#"{"rows":2,"cols":2,"entries":[[0,0,1],[0,0,2]]}"#, one), &["listed twice"]);
    refused_sequence(&with(r#"{"rows":4294967295,"cols":4294967295,"entries":[]}"#, one), &["data.matrix.rows", "4294967295 rows"]);
    refused_sequence(&with(r#"{"rows":1000000000000000000,"cols":2,"entries":[]}"#, one), &["a.fathom.json:2:", "data.matrix"]);
    refused_sequence(
        &with(r#"{"rows":2,"cols":2,"entries":[[0,1,1],[1,0,1]]}"#, r#"[{"shift":1,"rhs":[1,2]}]"#),
        &["no diagonal entry in row 0"],
    );
    let tolerance = format!("{{\"matrix\": {IDENTITY}, \"systems\": {one}, \"tolerance\": 0}}");
    refused_sequence(&tolerance, &["data.tolerance: found 0"]);
    let relative = format!("{{\"matrix\": {IDENTITY}, \"systems\": {one}, \"relative-to\": \"moon\"}}");
    refused_sequence(&relative, &["unknown variant `moon`", "initial-residual"]);
}

/// A document that refers to `A.mtx` under some name and hash.
fn referring(file: &str, sha256: Option<&str>) -> String {
    let hash = sha256.map(|digits| format!(", \"sha256\": \"{digits}\"")).unwrap_or_default();
    document("linear-sequence", &format!("{{\"matrix\": {{\"file\": \"{file}\"{hash}}}, \"systems\": [{{\"rhs\": \"ones\"}}]}}"))
}

const MATRIX: &[u8] = b"%%MatrixMarket matrix coordinate real general\n2 2 2\n1 1 1\n2 2 1\n";

#[test]
fn files_beside_a_document_stay_in_its_folder_and_have_the_declared_content() {
    let digits = fathom_opt_instances::sha256(MATRIX);
    let bench = Bench::new(PROGRAM);
    bench.file("outside.mtx", MATRIX);
    bench.file("inside/A.mtx", MATRIX);
    let document = |file: &str, digits: Option<&str>| {
        bench.file("inside/a.fathom.json", referring(file, digits));
    };
    let info = ["info", "inside/a.fathom.json"];
    document("A.mtx", Some(&digits));
    bench.run(&info).expect(0);

    document("../outside.mtx", Some(&digits));
    expect_refusal(&bench, &info, &["data.matrix.file", "../outside.mtx", "inside the document's own folder"]);
    let absolute = bench.folder().join("inside/A.mtx");
    document(absolute.to_str().unwrap(), Some(&digits));
    expect_refusal(&bench, &info, &["data.matrix.file", "inside the document's own folder"]);
    std::os::unix::fs::symlink("../outside.mtx", bench.folder().join("inside/link.mtx")).unwrap();
    document("link.mtx", Some(&digits));
    expect_refusal(&bench, &info, &["link.mtx", "a link out of it"]);
    std::os::unix::fs::symlink("..", bench.folder().join("inside/up")).unwrap();
    document("up/outside.mtx", Some(&digits));
    expect_refusal(&bench, &info, &["up/outside.mtx", "a link out of it"]);

    document("A.mtx", Some(&"0".repeat(64)));
    expect_refusal(&bench, &info, &["data.matrix.sha256", &digits, "the declared 0000"]);
    document("A.mtx", None);
    expect_refusal(&bench, &info, &["no `sha256`", &digits]);
    document("B.mtx", Some(&digits));
    expect_refusal(&bench, &info, &["data.matrix.file", "B.mtx", "a file that can be read"]);
    document("", Some(&digits));
    expect_refusal(&bench, &info, &["data.matrix.file"]);
    document("a.fathom.json", Some(&digits));
    expect_refusal(&bench, &info, &["a.fathom.json", "a Matrix Market file"]);
    std::fs::create_dir(bench.folder().join("inside/dir.mtx")).unwrap();
    document("dir.mtx", Some(&digits));
    expect_refusal(&bench, &info, &["dir.mtx", "a regular file"]);

    let damaged = b"%%MatrixMarket matrix coordinate real general\n2 2 2\n1 1 1\n2 x 1\n";
    bench.file("inside/A.mtx", damaged);
    document("A.mtx", Some(&fathom_opt_instances::sha256(damaged)));
    expect_refusal(&bench, &info, &["data.matrix: A.mtx:4:3", "found"]);
}

#[test]
fn compressed_files_that_are_damaged() {
    let whole = gzip(document("fair-division", r#"{"utilities": [[1]]}"#).as_bytes());
    let bench = Bench::new(PROGRAM);
    bench.file("a.fathom.json.gz", &whole);
    bench.run(&["info", "a.fathom.json.gz"]).expect(0);
    refused(&[("a.fathom.json.gz", &whole[..whole.len() - 5])], &["info", "a.fathom.json.gz"], &["a.fathom.json.gz", "gzip", "cut short"]);
    refused(&[("a.fathom.json.gz", b"not gzip")], &["info", "a.fathom.json.gz"], &["gzip", "damaged"]);
    refused(&[("a.mtx.zst", b"not zstd")], &["info", "a.mtx.zst"], &["a.mtx.zst", "Zstandard"]);
    let bomb = zstd::encode_all(vec![b' '; 400 << 20].as_slice(), 1).unwrap();
    refused(&[("a.fathom.json.zst", &bomb)], &["info", "a.fathom.json.zst"], &["unpacks to more than"]);
}

#[test]
fn matrix_market_files_that_are_wrong() {
    const BANNER: &str = "%%MatrixMarket matrix coordinate real general\n";
    refused_matrix("", &["a.mtx"]);
    refused_matrix("1 1 1\n", &["a.mtx:1", "%%MatrixMarket"]);
    refused_matrix("%%MatrixMarket matrix coordinate complex general\n1 1 1\n1 1 1 0\n", &["a.mtx:1", "complex"]);
    refused_matrix("%%MatrixMarket matrix coordinate real hermitian\n1 1 1\n1 1 1\n", &["a.mtx:1", "hermitian"]);
    refused_matrix(&format!("{BANNER}2 2 3\n1 1 1\n2 2 1\n"), &["a.mtx:", "3"]);
    refused_matrix(&format!("{BANNER}2 2 1\n1 1 1\n2 2 1\n"), &["a.mtx:4"]);
    refused_matrix(&format!("{BANNER}2 2 1\n3 1 1\n"), &["a.mtx:3:1", "1 to 2"]);
    refused_matrix(&format!("{BANNER}2 2 1\n0 1 1\n"), &["a.mtx:3:1"]);
    refused_matrix(&format!("{BANNER}2 2 1\n1 1 nan\n"), &["a.mtx:3:5"]);
    refused_matrix(&format!("{BANNER}2 2 1\n1 1 1e999\n"), &["a.mtx:3:5"]);
    refused_matrix(&format!("{BANNER}2 2 1\n1 1\n"), &["a.mtx:3"]);
    refused_matrix(&format!("{BANNER}2 2 2\n1 1 1\n1 1 2\n"), &["a.mtx", "row 1, column 1"]);
    refused_matrix(&format!("{BANNER}1000000000 1000000000 1000000000000000000\n1 1 1\n"), &["a.mtx:"]);
    refused_matrix(&format!("{BANNER}4000000000 4000000000 1\n1 1 1\n"), &["a.mtx", "4000000000 rows"]);
    refused_matrix(&format!("{BANNER}99999999999999999999999 2 1\n1 1 1\n"), &["a.mtx:2:1"]);
    refused_matrix("%%MatrixMarket matrix array real general\n100000 100000\n1\n", &["a.mtx:"]);
    refused_matrix(&format!("{BANNER}2 3 1\n1 1 1\n"), &["a.mtx", "a 2 x 3 matrix", "square"]);
    refused(&[("a.mtx", b"%%MatrixMarket matrix coordinate real general\n1 1 1\n1 1 \xff\n")], &["info", "a.mtx"], &["a.mtx:3:5"]);
}

#[test]
fn tables_that_are_wrong() {
    let refused_table = |text: &str, parts: &[&str]| {
        refused(&[("a.csv", text.as_bytes())], &["info", "a.csv", "--problem", "fair-division"], parts);
    };
    refused_table("a,b\n1,2\n3\n", &["a.csv:3", "found 1 cells, expected 2"]);
    refused_table("a,b\n1,x\n", &["a.csv:2", "column `b`", "x"]);
    refused_table("a,b\n1,\n", &["a.csv:2", "column `b`"]);
    refused_table("a,b\n1,nan\n", &["a.csv:2", "column `b`"]);
    refused_table("1,2\n3,4\n", &["a.csv:1", "a header with the names"]);
    refused_table("a;b\n1;x\n", &["a.csv:2", "column `b`", "x"]);
    refused_table("a,a\n1,2\n", &["a.csv:1", "items"]);
    refused_table("a,b\n", &["a.csv"]);
    refused_table("", &["a.csv"]);
    refused_table("name,b\nAda,1\nAda,2\n", &["a.csv:3", "Ada"]);
    refused(&[("a.csv", b"a,b\n1,2\n")], &["info", "a.csv", "--read", "skip=c"], &["a.csv", "no column `c`"]);
    refused(
        &[("a.csv", b"a,b\n1,2\n")],
        &["info", "a.csv", "--problem", "linear-sequence"],
        &["a.csv", "expected one of matrix-market (linear-sequence)"],
    );
    let both = |arguments: &[&str], parts: &[&str]| {
        let all = [&["info", "a.csv"], arguments].concat();
        refused(&[("a.csv", b"weight,value\n1,2\n3,4\n")], &all, parts);
    };
    both(&[], &["may be observation-table (dag-learning), item-table (online-knapsack)", "--problem KIND"]);
    both(&["--problem", "online-knapsack"], &["--read capacity=N"]);
    both(&["--read", "capacty=3"], &["may be observation-table"]);
    both(
        &["--problem", "dag-learning", "--read", "capacity=3"],
        &["observation-table", "found `capacity`, expected one of score, required, forbidden"],
    );
    both(&["--format", "item-tabel"], &["found the format `item-tabel`", "did you mean `item-table`?"]);
    both(&["--problem", "dag-lerning"], &["found the problem class `dag-lerning`", "did you mean `dag-learning`?"]);
    both(&["--read", "rows=2", "--read", "rows=3"], &["`rows` is given twice"]);
    both(&["--read", "rows"], &["key=value"]);
}

#[test]
fn names_that_do_not_exist_are_met_with_the_one_that_was_probably_meant() {
    let table: &[(&str, &[u8])] = &[("a.csv", b"a,b\n1,2\n2,1\n3,5\n")];
    for (arguments, meant) in [
        (&["solve", "library:estate-3x8", "--solver", "round-robbin"][..], "round-robin"),
        (&["solve", "library:estate-3x9"], "estate-3x8"),
        (&["solve", "a.csv", "--read", "skpi=a"], "skip"),
        (&["solve", "a.csv", "--set", "time=3", "--solver", "order-serach"], "order-search"),
        (&["online", "zlc"], "zcl"),
        (&["schema", "fair-divison"], "fair-division"),
        (&["generate", "poison", "-o", "p.fathom.json"], "poisson"),
        (&["generate", "poisson", "--gird", "9", "-o", "p.fathom.json"], "grid"),
        (&["list", "solvers", "order-serch"], "order-search"),
        (&["list", "suites", "quikc"], "quick"),
        (&["bench", "run", "quikc"], "quick"),
    ] {
        refused(table, arguments, &[&format!("did you mean `{meant}`?")]);
    }
    refused(&[], &["solve", "nowhere.xyz"], &["nowhere.xyz", "cannot read"]);
    refused(table, &["check", "library:estate-3x8", "a.csv", "--require", "EF9"], &["item"]);
}

#[test]
fn a_live_table_whose_header_tells_nothing_is_refused_once() {
    let table: &[(&str, &[u8])] = &[("a.csv", b"colour,shape\nred,1\nblue,2\n")];
    refused(
        table,
        &["online", "zcl", "--input", "a.csv", "--read", "capacity=9", "--read", "bounds=1,9", "--quiet"],
        &["a.csv", "found no column of values"],
    );
}

#[test]
fn old_spellings_name_the_new_ones() {
    for (old, new) in [
        (&["--capacity", "3"][..], "`--read capacity=N`"),
        (&["--score=ev"], "`--read score=NAME`"),
        (&["--skip-columns", "a,b"], "`--read skip=NAMES`"),
        (&["--column", "value=bid"], "`--read value-column=NAME`"),
    ] {
        refused(&[("a.csv", b"1,2\n2,1\n")], &[&["info", "a.csv"], old].concat(), &["which is now", new]);
    }
    refused(&[("a.csv", b"1,2\n2,1\n")], &["solve", "a.csv", "--set", "start=w.csv"], &["which is now `--start w.csv`"]);
}

#[test]
fn files_that_cannot_be_read() {
    refused(&[], &["solve", "nowhere.mtx"], &["nowhere.mtx", "cannot read"]);
    refused(&[], &["solve", "."], &["expected .fathom.json"]);
    refused(&[("dir.mtx/x", b"")], &["info", "dir.mtx"], &["dir.mtx", "found a folder"]);
    // Endless and waiting files; a mistake here shows as a test that never ends.
    let bench = Bench::new(PROGRAM);
    std::os::unix::fs::symlink("/dev/zero", bench.folder().join("zero.mtx")).unwrap();
    expect_refusal(&bench, &["info", "zero.mtx"], &["zero.mtx", "a pipe or a device"]);
    nix::unistd::mkfifo(&bench.folder().join("pipe.mtx"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    expect_refusal(&bench, &["info", "pipe.mtx"], &["pipe.mtx", "a pipe or a device"]);
    expect_refusal(&bench, &["check", "library:poisson-15", "pipe.mtx"], &["pipe.mtx", "a pipe or a device"]);
    refused(&[("a.xyz", b"1")], &["info", "a.xyz"], &["a.xyz", "unknown kind of file"]);
    refused(&[], &["info", "library:nothing"], &["nothing", "expected one of"]);
}

#[test]
fn solutions_that_are_none() {
    let instance = document("fair-division", r#"{"utilities": [[1, 2], [3, 4]]}"#);
    let check = |solution: &str, parts: &[&str]| {
        refused(&[("a.fathom.json", instance.as_bytes()), ("s.json", solution.as_bytes())], &["check", "a.fathom.json", "s.json"], parts);
    };
    check(r#"{"owner": [0]}"#, &["s.json:1:", "owner", "an owner for each item"]);
    check(r#"{"owner": [0, 7]}"#, &["s.json:1:", "owner[1]"]);
    check(r#"{"owner": [0, -1]}"#, &["s.json:1:"]);
    check(r#"{"owner": "all"}"#, &["s.json:1:"]);
    check(r#"{"fathom": 1, "solution": null}"#, &["s.json", "found none"]);
    check(r#"{"fathom": 1, "problem": "linear-sequence", "solution": {}}"#, &["linear-sequence", "fair-division"]);
    check("{", &["s.json:1:"]);
}

#[test]
fn options_and_names_that_do_not_exist() {
    let solve = |arguments: &[&str], parts: &[&str]| {
        let mut all = vec!["solve"];
        all.extend(arguments);
        refused(&[], &all, parts);
    };
    solve(&["library:poisson-15", "--solver", "magic"], &["no solver `magic`", "ssor-cg-fixed"]);
    solve(&["library:poisson-15", "--set", "omga=1"], &["unknown field `omga`", "omega"]);
    solve(&["library:poisson-15", "--set", "omega=2"], &["omega", "found 2"]);
    solve(&["library:poisson-15", "--set", "omega=fast"], &["omega", "fast"]);
    solve(&["library:poisson-15", "--set", "omega"], &["key=value"]);
    solve(&["library:poisson-15", "--time-limit", "-1"], &["--time-limit"]);
    solve(&["library:poisson-15", "--problem", "fair-division"], &["linear-sequence", "expected fair-division"]);
    solve(&["library:poisson-15", "--read", "rows=3"], &["rows", "linear-sequence document, which takes none"]);
    solve(&["library:poisson-15", "--start", "nowhere.json"], &["nowhere.json", "cannot read"]);
    solve(&["library:poisson-15", "--threads", "0"], &["--threads"]);
    solve(&["library:poisson-15", "--time-limit", "soon"], &["--time-limit", "seconds"]);
    refused(&[], &["generate", "nothing", "--output", "a.fathom.json"], &["no generator `nothing`"]);
    refused(&[], &["generate", "poisson", "--output", "a.fathom.json", "--grid", "zero"], &["parameters of poisson", "zero"]);
    refused(&[], &["schema", "nothing"], &["nothing", "fair-division"]);
    refused(&[], &["bench", "run", "nothing"], &["nothing", "quick"]);
    refused(&[], &["bench", "export", "nothing.sqlite"], &["nothing.sqlite"]);
}

#[test]
fn a_failed_write_leaves_nothing_behind() {
    let bench = Bench::new(PROGRAM);
    expect_refusal(&bench, &["solve", "library:estate-3x8", "--output", "no/such/folder/s.json", "--quiet"], &["s.json", "cannot write"]);
    expect_refusal(&bench, &["convert", "library:estate-3x8", "a.mtx"], &["a.mtx", "fair-division"]);
    assert_eq!(std::fs::read_dir(bench.folder()).unwrap().count(), 0);
}

#[test]
fn tables_that_are_no_allocation() {
    let instance = document("fair-division", r#"{"agents": ["Ann", "Bob"], "items": ["car", "dog"], "utilities": [[1, 2], [3, 4]]}"#);
    let check = |table: &[u8], parts: &[&str]| {
        refused(&[("a.fathom.json", instance.as_bytes()), ("s.csv", table)], &["check", "a.fathom.json", "s.csv"], parts);
    };
    check(b"item,agent\ncar,Ann\n", &["s.csv", "no row for dog", "each of the 2 items"]);
    check(b"item,agent\ncar,Ann\ndog,Cid\n", &["s.csv:3", "`Cid`", "the name of an agent or an index below 2"]);
    check(b"item,agent\ncar,Ann\nboat,Bob\n", &["s.csv:3", "`boat`", "the name of an item"]);
    check(b"item,agent\ncar,Ann\ncar,Bob\n", &["s.csv:3", "`car` for the second time (first in line 2)"]);
    check(b"item,agent\ncar,2\n", &["s.csv:2", "agent: found `2`"]);
    check(b"thing,who\ncar,Ann\n", &["s.csv:1", "`thing`", "a header with the columns `item` and `agent`"]);
    check(b"", &["s.csv", "no row for car and 1 others"]);
    check(b"item,agent\ncar,\xff\n", &["s.csv:2", "UTF-8"]);
    refused(
        &[("s.csv", b"item,agent\n")],
        &["check", "library:poisson-15", "s.csv"],
        &["s.csv", "found 2 columns of numbers, expected one"],
    );
}

#[test]
fn divisions_that_ask_for_more_than_there_is() {
    refused_division(r#"{"agents": [], "utilities": []}"#, &["data.utilities", "at least one agent"]);
    refused_division(r#"{"utilities": [[1, Infinity]]}"#, &["a.fathom.json:2:"]);
    refused_division(r#"{"utilities": [[1, "inf"]]}"#, &["a.fathom.json:2:", "data.utilities[0][1]"]);
    refused_division(r#"{"utilities": [[1, "nan"]]}"#, &["a.fathom.json:2:", "data.utilities[0][1]"]);
    refused_division(r#"{"utilities": [[1], [2]], "entitlements": [1]}"#, &["data.entitlements", "expected 2"]);
    refused_division(r#"{"utilities": [[1, 2]], "copies": [0, 1]}"#, &["data.copies[0]", "at least 1"]);
    // What looks like trouble and is none: fewer items than agents, decimals, numbers beyond 64 bits.
    let bench = Bench::new(PROGRAM);
    for (name, data) in [
        ("few.fathom.json", r#"{"utilities": [[1], [2], [3]]}"#),
        ("decimal.fathom.json", r#"{"utilities": [[0.1, 0.2], [-0.3, 1e-3]]}"#),
        ("big.fathom.json", r#"{"utilities": [[123456789012345678901234567890, 1], [9223372036854775807, 9223372036854775807]]}"#),
    ] {
        bench.file(name, document("fair-division", data));
        let solved = bench.run(&["solve", name]);
        assert!(solved.expect(0).contains("promised"), "{}", solved.stdout);
    }
}
