use super::*;
use crate::reading::Reading;
use crate::shipped_classes::classes;

fn parse(text: &str) -> Result<Suite, String> {
    Suite::parse("test", text, None, &classes()).map_err(|error| error.to_string())
}

const MINIMAL: &str = "name = 'test'\n[[entries]]\nlibrary = 'a'\n";

#[test]
fn what_is_not_said_has_its_default() {
    let suite = parse(MINIMAL).unwrap();
    assert_eq!(suite.seeds, [1]);
    assert_eq!(suite.limits, Limits::default());
    assert_eq!(suite.solvers, None);
    assert_eq!(suite.entries, [InstanceSource::Library { name: "a".into(), reading: Reading::default() }]);
}

#[test]
fn a_full_suite_is_read_in_order() {
    let suite = parse(
        "name = 'full'\ndescription = 'all of it'\nseeds = [3, 4]\n[limits]\ntime = 2\nmemory = 100\nthreads = 2\n\
         [[entries]]\ngenerator = 'poisson'\nparameters = { side = 5, ratio = 0.5, on = true, list = [1, 'x'] }\nseeds = [7, 8]\n\
         [[entries]]\nlibrary = 'b'\n\
         [[solvers]]\nname = 'sor'\nkind = 'linear-sequence'\nlabel = 'SOR'\noptions = { omega = 1.5 }\n[[solvers]]\nname = 'cg'\n",
    )
    .unwrap();
    assert_eq!(suite.seeds, [3, 4]);
    assert_eq!(suite.limits, Limits { time: 2.0, memory: 100, threads: 2 });
    let shown: Vec<String> = suite.entries.iter().map(ToString::to_string).collect();
    assert_eq!(
        shown,
        [
            "poisson(list = [1,\"x\"], on = true, ratio = 0.5, side = 5, seed = 7)",
            "poisson(list = [1,\"x\"], on = true, ratio = 0.5, side = 5, seed = 8)",
            "library:b"
        ]
    );
    let solvers = suite.solvers.unwrap();
    assert_eq!((solvers[0].label.as_str(), solvers[1].label.as_str()), ("SOR", "cg"));
    assert_eq!(solvers[0].options["omega"], 1.5);
    assert_eq!(solvers[0].kind.as_deref(), Some("linear-sequence"));
}

/// A suite with a solver `x` that has these keys, the first in line 6.
fn command(keys: &str) -> String {
    format!("{MINIMAL}[[solvers]]\nname = 'x'\n{keys}\n")
}

#[test]
fn a_command_is_a_text_or_words_and_has_its_defaults() {
    let parsed = |keys: &str| parse(&command(keys)).unwrap().solvers.unwrap().remove(0).command.unwrap();
    let text = parsed("command = 'run  --fast {instance}\t{solution}'");
    assert_eq!(text.words, ["run", "--fast", "{instance}", "{solution}"]);
    assert_eq!((text.reads.as_str(), text.writes.as_str(), text.optional), (".fathom.json", ".json", false));
    assert!(text.version.is_empty() && text.files.is_empty() && text.folder.is_none());
    let list =
        parsed("command = ['run', '--in={instance}', 'two words']\nreads = '.nl'\nwrites = '.sol'\nversion = 'run -v'\noptional = true");
    assert_eq!(list.words, ["run", "--in={instance}", "two words"]);
    assert_eq!((list.reads.as_str(), list.writes.as_str(), list.optional), (".nl", ".sol", true));
    assert_eq!(list.version, ["run", "-v"]);
}

#[test]
fn a_python_function_is_a_command_that_calls_it() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.py"), "").unwrap();
    let path = folder.path().join("suite.toml");
    let words = |python: &str, more: &str| {
        std::fs::write(&path, command(&format!("python = '{python}'\n{more}"))).unwrap();
        Suite::read(&path, &classes()).unwrap().solvers.unwrap().remove(0).command.unwrap().words
    };
    assert_eq!(words("a.py", "")[..4], ["python3", "{driver}", "a.py", "solve"]);
    assert_eq!(words("a.py:best", "interpreter = 'venv/bin/python'")[..4], ["venv/bin/python", "{driver}", "a.py", "best"]);
}

#[test]
fn the_schema_knows_every_key_of_a_suite() {
    let schema = Suite::schema();
    let keys = |value: &Value| value["properties"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&schema), ["name", "description", "seeds", "limits", "entries", "solvers"]);
    assert!(keys(&schema["$defs"]["Solver"]).iter().any(|key| key == "command"));
    assert!(keys(&schema["$defs"]["Entry"]).iter().any(|key| key == "generator"));
    assert_eq!(schema["$defs"]["Solver"]["additionalProperties"], false);
}

#[test]
fn every_refusal_names_the_line() {
    let cases: &[(&str, usize, &str)] = &[
        ("", 1, "missing field `name`"),
        ("name = 'x'\n", 1, "missing field `entries`"),
        ("name = 'x'\nentries = []\n", 2, "found no entry"),
        ("name = ' '\n[[entries]]\nlibrary = 'a'\n", 1, "empty name"),
        ("name = 'x'\nnames = 3\n[[entries]]\nlibrary = 'a'\n", 2, "unknown field `names`"),
        ("name = 'x'\n[[entries]]\nlibrary = 'a'\n\n[limits]\ntime = 1\nmemroy = 3\n", 7, "unknown field `memroy`"),
        ("name = 'x'\n[[entries]]\nlibrary = 'a'\nfiel = 'b'\n", 4, "unknown field `fiel`"),
        ("name = 'x'\n[[entries]]\nlibrary = 'a'\n[[solvers]]\nname = 'a'\nopts = {}\n", 6, "unknown field `opts`"),
        ("name = 'x'\n[[entries]]\nlibrary = 'a'\n[limits]\ntime = 0\n", 5, "found 0, expected seconds above 0"),
        ("name = 'x'\n[[entries]]\nlibrary = 'a'\n[limits]\ntime = nan\n", 5, "found NaN"),
        ("name = 'x'\n[[entries]]\nlibrary = 'a'\n[limits]\nmemory = -1\n", 5, "expected u64"),
        ("name = 'x'\n[[entries]]\nlibrary = 'a'\n[limits]\nmemory = 0\n", 5, "at least 1"),
        ("name = 'x'\n[[entries]]\nlibrary = 'a'\n[limits]\nthreads = 0\n", 5, "at least one thread"),
        ("name = 'x'\nseeds = []\n[[entries]]\nlibrary = 'a'\n", 2, "found no seed"),
        ("name = 'x'\nseeds = [-1]\n[[entries]]\nlibrary = 'a'\n", 2, "expected u64"),
        ("name = 'x'\nsolvers = []\n[[entries]]\nlibrary = 'a'\n", 2, "found no solver"),
        ("name = 'x'\n[[entries]]\nlibrary = 'a'\n[[entries]]\n", 4, "names no instance"),
        ("name = 'x'\n[[entries]]\nlibrary = 'a'\ngenerator = 'b'\n", 2, "several of"),
        ("name = 'x'\n[[entries]]\nlibrary = 'a'\nseeds = [1]\n", 4, "without `generator`"),
        ("name = 'x'\n[[entries]]\nfile = 'a.mtx'\n", 3, "not a file that it could be relative to"),
        ("name = 'x'\n[[entries]]\ngenerator = 'a'\nparameters = { a = inf }\n", 4, "found inf in `parameters.a`"),
        ("name = 'x'\n[[entries]]\ngenerator = 'a'\nparameters = { a = [1979-05-27] }\n", 4, "the date 1979-05-27 in `parameters.a[0]`"),
        ("name = 'x'\n[[entries]]\ngenerator = 'poisson'\nread = { rows = 3 }\n", 4, "`read` without a file"),
        ("name = 'x'\n[[entries]]\ndata = 'a.csv'\nread = { columns = [['value', 'bid']] }\n", 4, "`value-column`"),
        ("name = 'x'\n[[entries]]\ndata = 'a.csv'\nread = { problem = 3 }\n", 4, "3 in `read.problem`"),
        ("name = 'x'\n[[entries]]\ngenerator = 'matrix-drift'\nparameters = { matrix = 'data:../A.mtx' }\n", 3, "within the data folder"),
        (
            "name = 'x'\n[[entries]]\ngenerator = 'matrix-drift'\nparameters = { matrix = 'A.mtx' }\n",
            3,
            "not a file that it could be relative to",
        ),
        ("name = 'x'\n[[entries]]\nlibrary = 'a'\noptional = true\n", 4, "`optional` without"),
        ("name = 'x'\n[[entries]]\ndata = '../a.csv'\n", 3, "within the data folder"),
        ("name = 'x'\n[[entries]]\ndata = '/a.csv'\n", 3, "within the data folder"),
        ("name = 'x'\n[[entries]]\ndata = 'a.csv'\nread = { capcity = 3 }\n", 4, "unknown option `capcity` in `read`"),
        ("name = 'x'\n[[entries]]\ndata = 'a.csv'\nread = { select = { a = true } }\n", 4, "true in `read.select.a`"),
        (&command("command = ''"), 6, "found an empty command"),
        (&command("command = []"), 6, "found an empty command"),
        (&command("command = 3"), 6, ""),
        (&command("command = 'run {instnce}'"), 6, "found the placeholder {instnce}, expected one of {instance}, {solution}"),
        (&command("command = 'run {driver} {instance}'"), 6, "found the placeholder {driver}"),
        (&command("command = 'run {solution}'"), 6, "found a command without {instance}"),
        (&command("command = 'run {instance}'\noptions = { a = 1 }"), 7, "`options` beside `command`"),
        (&command("command = 'run {instance}'\npython = 'a.py'"), 7, "both `command` and `python`"),
        (&command("command = 'run {instance}'\ninterpreter = 'a'"), 7, "`interpreter` beside `command`"),
        (&command("command = 'run {instance}'\nreads = '.xyz'"), 7, "found `.xyz`, expected one of "),
        (&command("command = 'run {instance}'\nwrites = 'json'"), 7, "found `json`, expected one of "),
        (&command("command = 'run {instance}'\nfiles = ['none.py']"), 7, "there is no file none.py"),
        (&command("python = 'none.py:f'"), 6, "there is no file none.py"),
        (&command("python = 'none.py'\nreads = '.mtx'"), 7, "`reads` beside `python`"),
        (&command("reads = '.mtx'"), 6, "`reads` without `command`"),
        (&command("optional = true"), 6, "`optional` without `command`"),
        (&command("version = 'a'"), 6, "`version` without `command`"),
        ("name = 'x'\n[[entries]]\nlibrary = 'a'\n[[solvers]]\nname = ''\n", 5, "empty name"),
        ("name = 'x'\n[[entries]\n", 2, ""),
        ("name = 'x\n", 1, ""),
    ];
    for &(text, line, message) in cases {
        let error = parse(text).expect_err(text);
        assert!(error.starts_with(&format!("suite test, line {line}, ")), "{text}: {error}");
        assert!(error.contains(message), "{text}: {error}");
        assert!(!error.contains('\n'), "{text}: {error}");
    }
}

#[test]
fn files_are_looked_up_beside_the_suite_file() {
    let folder = tempfile::tempdir().unwrap();
    // A folder whose name would be a pattern.
    let inner = folder.path().join("[a]*");
    std::fs::create_dir(&inner).unwrap();
    for name in ["2.mtx", "1.mtx", "other.json"] {
        std::fs::write(inner.join(name), "").unwrap();
    }
    let path = inner.join("suite.toml");
    std::fs::write(&path, "name = 'x'\n[[entries]]\nglob = '*.mtx'\n[[entries]]\nfile = 'other.json'\n").unwrap();
    let suite = Suite::find(path.to_str().unwrap(), &classes()).unwrap();
    let names: Vec<_> = suite
        .entries
        .iter()
        .map(|entry| match entry {
            InstanceSource::File { path, .. } => path.strip_prefix(&inner).unwrap().to_str().unwrap().to_owned(),
            other => other.to_string(),
        })
        .collect();
    assert_eq!(names, ["1.mtx", "2.mtx", "other.json"]);

    for (text, message) in [("glob = '*.nl'", "matches no file"), ("file = 'no.json'", "there is no file"), ("glob = '***'", "`***`")] {
        std::fs::write(&path, format!("name = 'x'\n[[entries]]\n{text}\n")).unwrap();
        let error = Suite::read(&path, &classes()).unwrap_err().to_string();
        assert!(error.contains("line 3") && error.contains(message), "{error}");
    }
    std::fs::write(&path, b"name = 'x'\n# \xff\n").unwrap();
    let error = Suite::read(&path, &classes()).unwrap_err().to_string();
    assert!(error.contains("line 2, column 3: found bytes that are not UTF-8"), "{error}");
}

#[test]
fn what_may_be_absent_is_skipped_with_its_reason_and_read_as_told_otherwise() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("online")).unwrap();
    std::fs::write(folder.path().join("online/items.csv"), "trace,value,weight\n1,5,2\n2,7,3\n2,1,1\n").unwrap();
    let text = "name = 'x'\n[[entries]]\nfile = 'gone.mtx'\noptional = true\n[[entries]]\nglob = 'gone*'\noptional = true\n[[entries]]\ndata = 'gone.csv'\n\
        [[entries]]\ndata = 'online/items.csv'\n\
        read = { problem = 'online-knapsack', capacity = 10, bounds = [1, 50], select = { trace = [1, '2'] } }\n";
    let path = folder.path().join("suite.toml");
    std::fs::write(&path, text).unwrap();
    let suite = Suite::read(&path, &classes()).unwrap();
    assert_eq!((suite.entries.len(), suite.skipped.len()), (3, 2));
    let without = suite.clone().with_data(None);
    assert_eq!((without.entries.len(), without.skipped.len()), (0, 4));
    assert!(
        without.skipped[0].reason.contains("there is no file") && without.skipped[3].reason.contains("data folder"),
        "{:?}",
        without.skipped
    );
    let with = suite.with_data(Some(folder.path()));
    assert_eq!((with.entries.len(), with.skipped.len()), (2, 3));
    let instance = with.entries[1].open(&classes()).unwrap();
    assert_eq!((instance.name.as_str(), instance.problem.sizes()[0].value), ("items-trace2", 2));
    assert_eq!(with.entries[1].key(&classes()).unwrap(), instance.sha256);
    assert_ne!(with.entries[0].open(&classes()).unwrap().sha256, instance.sha256, "two instances of one file are told apart");
    let json = serde_json::to_string(&with.entries).unwrap();
    assert_eq!(serde_json::from_str::<Vec<InstanceSource>>(&json).unwrap(), with.entries);
}

#[test]
fn every_shipped_suite_is_valid_and_needs_no_file() {
    for name in Suite::shipped() {
        let suite = Suite::named(name, &classes()).unwrap();
        assert_eq!(suite.name, name);
        assert!(suite.entries.iter().all(|entry| !matches!(entry, InstanceSource::File { .. })), "{name}");
        assert!(suite.skipped.is_empty() && !suite.entries.is_empty(), "{name}");
    }
    let error = Suite::find("quikc", &classes()).unwrap_err().to_string();
    assert!(error.contains("quick"), "{error}");
}

#[test]
fn generators_take_files_of_the_data_folder_and_are_skipped_without_it() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("A.mtx"), "%%MatrixMarket matrix coordinate real symmetric\n2 2 3\n1 1 2\n2 1 -1\n2 2 3\n").unwrap();
    let text = "name = 'x'\n[[entries]]\ngenerator = 'matrix-drift'\nparameters = { matrix = 'data:A.mtx', systems = 3 }\n\
        [[entries]]\ngenerator = 'matrix-drift'\nparameters = { matrix = 'data:B.mtx' }\n[[entries]]\nlibrary = 'poisson-15'\n";
    let suite = Suite::parse("test", text, None, &classes()).unwrap();
    let without = suite.clone().with_data(None);
    assert_eq!((without.entries.len(), without.skipped.len()), (1, 2));
    let with = suite.with_data(Some(folder.path()));
    assert_eq!((with.entries.len(), with.skipped.len()), (2, 1));
    assert!(with.skipped[0].reason.contains("there is no file"), "{:?}", with.skipped);
    let instance = with.entries[0].open(&classes()).unwrap();
    assert_eq!(instance.name, "matrix-drift-matrix-A-systems3-s1");
    assert_eq!(with.entries[0].key(&classes()).unwrap(), instance.sha256);
}

#[test]
fn a_source_survives_the_way_through_json() {
    for source in parse("name = 'x'\n[[entries]]\nlibrary = 'a'\n[[entries]]\ngenerator = 'g'\nparameters = { a = 1 }\n").unwrap().entries {
        let text = serde_json::to_string(&source).unwrap();
        assert_eq!(serde_json::from_str::<InstanceSource>(&text).unwrap(), source);
    }
}
