//! Tables as people have them: each is the right instance, or refused with one clear message.
//!
//! Every case says how a file is read (its name, its bytes, reading options) and what comes of it, written in one line: names and rows of observations, agents with
//! their utilities, items with their ids, or a part of the message.

use fathom_opt_instances::{InputFile, InstanceFile, Reading, classes};
use fathom_opt_problems::dag_learning::{DagLearning, Sample};
use fathom_opt_problems::fair_division::{FairDivision, Utilities};
use fathom_opt_problems::online_knapsack::OnlineKnapsack;
use proptest::prelude::*;

const DAG: &str = "dag-learning";
const DIVISION: &str = "fair-division";
const ITEMS: &str = "online-knapsack";

/// What a table holds, in one line.
fn held(kind: &str, name: &str, bytes: &[u8], options: &[(&str, &str)]) -> Result<String, String> {
    let classes = classes();
    let mut reading = if kind.is_empty() { Reading::default() } else { Reading::as_problem(kind) };
    for (key, value) in options {
        reading = reading.with(key, *value);
    }
    let file = InputFile::of_bytes(name, bytes.to_vec());
    let instance = InstanceFile::of(file, &reading, &classes).and_then(InstanceFile::instance).map_err(|error| error.to_string())?;
    let problem = instance.problem.as_ref();
    if let Some(dag) = problem.downcast::<DagLearning>() {
        let Sample::Table { columns } = dag.sample() else { return Ok("a covariance".into()) };
        let row = |r: usize| columns.iter().map(|column| column[r].to_string()).collect::<Vec<_>>().join(" ");
        let rows: Vec<String> = (0..dag.sample().observations()).map(row).collect();
        return Ok(format!("{}: {}", dag.names().join(" "), rows.join(" / ")));
    }
    if let Some(division) = problem.downcast::<FairDivision>() {
        let text = |at: usize| match division.utilities() {
            Utilities::Small(values) => division.display_utility(&values[at]),
            Utilities::Big(values) => division.display_utility(&values[at]),
        };
        let items: Vec<String> = (0..division.items()).map(|item| division.item_name(item)).collect();
        let row = |agent: usize| {
            let utilities: Vec<String> = (0..division.items()).map(|item| text(agent * division.items() + item)).collect();
            format!("{}={}", division.agent_name(agent), utilities.join(" "))
        };
        let rows: Vec<String> = (0..division.agents()).map(row).collect();
        return Ok(format!("{}: {}", items.join(" "), rows.join(" / ")));
    }
    let Some(knapsack) = problem.downcast::<OnlineKnapsack>() else { return Ok(problem.kind().into()) };
    let items = knapsack.items().iter().map(|item| format!("{}:{}/{}", item.id, item.value, item.weight.first()));
    Ok(items.collect::<Vec<_>>().join(" "))
}

/// One case: class (or none, where the content has to tell), file, options, and what it holds (`Ok`) or says (`Err`).
type Case = (&'static str, &'static str, &'static [u8], &'static [(&'static str, &'static str)], Result<&'static str, &'static str>);

#[track_caller]
fn expect(cases: &[Case]) {
    let mut wrong = Vec::new();
    for (kind, name, bytes, options, expected) in cases {
        let found = held(kind, name, bytes, options);
        let right = match (&found, expected) {
            (Ok(found), Ok(expected)) => found == expected,
            (Err(found), Err(expected)) => found.contains(expected) && found.starts_with(name),
            _ => false,
        };
        if !right {
            wrong.push(format!(
                "{kind} {name} {options:?}\n  {:?}\n  found    {found:?}\n  expected {expected:?}",
                String::from_utf8_lossy(bytes)
            ));
        }
    }
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

/// Delimiters, line ends, encodings.
const TEXT: &[Case] = &[
    (DAG, "a.csv", b"a,b\n1,2\n3,5\n", &[], Ok("a b: 1 2 / 3 5")),
    (DAG, "a.csv", b"a,b\r\n1,2\r\n3,5\r\n", &[], Ok("a b: 1 2 / 3 5")),
    (DAG, "a.csv", b"a,b\r1,2\r3,5\r", &[], Ok("a b: 1 2 / 3 5")),
    (DAG, "a.csv", b"a,b\n1,2\n3,5", &[], Ok("a b: 1 2 / 3 5")),
    (DAG, "a.csv", b"\n\na,b\n\n1,2\n\n3,5\n\n", &[], Ok("a b: 1 2 / 3 5")),
    (DAG, "a.csv", b"\xef\xbb\xbfa,b\r\n1,2\r\n3,5\r\n", &[], Ok("a b: 1 2 / 3 5")),
    (DIVISION, "a.csv", b"\xff\xfea\0,\0b\0\n\x001\0,\x002\0\n\0", &[], Ok("a b: agent 0=1 2")),
    (DIVISION, "a.csv", b"\xfe\xff\0a\0,\0b\0\n\x001\0,\x002\0\n", &[], Ok("a b: agent 0=1 2")),
    (DAG, "a.csv", b"a;b\n1;2\n3;5\n", &[], Ok("a b: 1 2 / 3 5")),
    (DAG, "a.csv", b"a\tb\n1\t2\n3\t5\n", &[], Ok("a b: 1 2 / 3 5")),
    (DAG, "a.tsv", b"a\tb\n1\t2\n3\t5\n", &[], Ok("a b: 1 2 / 3 5")),
    (DAG, "a.tsv", b"a,b\n1,2\n3,5\n", &[], Ok("a b: 1 2 / 3 5")),
    (DAG, "a.csv", b"a|b\n1|2\n3|5\n", &[], Ok("a b: 1 2 / 3 5")),
    (DAG, "a.csv", b"a b\n1 2\n3 5\n", &[], Ok("a b: 1 2 / 3 5")),
    (DAG, "a.csv", b"  a   b\n  1   2\n  3   5\n", &[], Ok("a b: 1 2 / 3 5")),
    (DAG, "a.csv", b" 1.5e+00  2.0e+00\n-3.5e-01  5.0e+00\n", &[], Ok("x0 x1: 1.5 2 / -0.35 5")),
    (DIVISION, "a.csv", b"sep=;\r\na;b\r\n1;2\r\n", &[], Ok("a b: agent 0=1 2")),
    (DAG, "a.csv", b"a, b\n1, 2\n3 ,5\n", &[], Ok("a b: 1 2 / 3 5")),
    (DIVISION, "a.csv", b"\"a\",\"b\"\n\"1\",\"2\"\n", &[], Ok("a b: agent 0=1 2")),
    (DIVISION, "a.csv", b"\"a, of b\",c\n1,2\n", &[], Ok("a, of b c: agent 0=1 2")),
    (DIVISION, "a.csv", b"\"a \"\"big\"\"\",c\n1,2\n", &[], Ok("a \"big\" c: agent 0=1 2")),
    (DAG, "a.csv", b"\"a\nb\",c\n1,2\nx,3\n", &[], Err("a.csv:4: column `a")),
    (DAG, "a.csv", b"a,b,\n1,2,\n3,5,\n", &[], Ok("a b: 1 2 / 3 5")),
    (DAG, "a.csv", b"a,b\n1,2,\n3,5,\n", &[], Ok("a b: 1 2 / 3 5")),
    (DAG, "a.csv", b"1,2,\n3,5,\n", &[], Ok("x0 x1: 1 2 / 3 5")),
    (DAG, "a.csv", b"a,b\n1,2\n,\n3,5\n,\n", &[], Ok("a b: 1 2 / 3 5")),
    (DAG, "a.csv", b"t\xe9,b\n1,2\n", &[], Err("--read encoding=latin-1")),
    (DIVISION, "a.csv", b"t\xe9,b\n1,2\n", &[("encoding", "latin-1")], Ok("té b: agent 0=1 2")),
    (DAG, "a.csv", b"a,b\n1,\"2\n3,5\n", &[], Err("a.csv:2: found a quote that is never closed")),
    (DAG, "a.csv", b"a,b\n1,\"2\"x\n", &[], Err("a.csv:2: found text behind a closing quote")),
    (DAG, "a.csv", b"a,b\n1,2\n3\n", &[], Err("a.csv:3: found 1 cells, expected 2")),
    (DAG, "a.csv", b"a,b\n1,2\n3,4,5\n", &[], Err("a.csv:3: found 3 cells, expected 2")),
    (DAG, "a.csv", b"Report of May\n\na,b,c\n1,2,3\n", &[], Err("found 3 cells, expected 1")),
    (DAG, "a.csv", b"", &[], Err("an empty table")),
    (DAG, "a.csv", b"a:b\n1:2\n", &[("delimiter", "colon")], Err("semicolon")),
    (DIVISION, "a.csv", b"a;b,c\n1;2,5\n", &[("delimiter", "semicolon")], Ok("a b,c: agent 0=1 2.5")),
];

/// Comments.
const COMMENTS: &[Case] = &[
    (DIVISION, "a.csv", b"# made by hand\na,b\n1,2\n", &[], Ok("a b: agent 0=1 2")),
    (DIVISION, "a.csv", b"# made by hand, in May\na,b\n1,2\n", &[], Ok("a b: agent 0=1 2")),
    (DAG, "a.csv", b"# a,b\n1,2\n3,5\n", &[], Ok("a b: 1 2 / 3 5")),
    (DAG, "a.csv", b"#a b\n1 2\n3 5\n", &[], Ok("a b: 1 2 / 3 5")),
    (DAG, "a.csv", b"a,b\n1,2\n# half way\n3,5\n", &[], Ok("a b: 1 2 / 3 5")),
    (DAG, "a.csv", b"a,b\n1,2\n#3,5\n", &[], Err("a.csv:3: found a row that begins with `#`")),
    (DAG, "a.csv", b"# x\n1.5\n2.5\n", &[], Ok("x0: 1.5 / 2.5")),
    (DIVISION, "a.csv", b"#,car,dog\n1,5,3\n2,4,4\n", &[], Ok("car dog: 1=5 3 / 2=4 4")),
    (DIVISION, "a.csv", b"name,car,dog\n\"#1 Ada\",5,3\nBen,4,4\n", &[], Ok("car dog: #1 Ada=5 3 / Ben=4 4")),
    (DIVISION, "a.csv", b"name,car,dog\n#Ada,5,3\nBen,4,4\n", &[], Err("a.csv:2: found a row that begins with `#`")),
];

/// Decimal marks, thousands, percent.
const NUMBERS: &[Case] = &[
    (DAG, "a.csv", b"a;b\n1,5;2,25\n3;-0,5\n", &[], Ok("a b: 1.5 2.25 / 3 -0.5")),
    (DAG, "a.csv", b"1,5;2,5\n3,5;4,5\n", &[], Ok("x0 x1: 1.5 2.5 / 3.5 4.5")),
    (DIVISION, "a.csv", b"a\tb\n1,5\t2,25\n", &[], Ok("a b: agent 0=1.5 2.25")),
    (DIVISION, "a.csv", b"a,b\n\"1,5\",\"2,25\"\n", &[], Ok("a b: agent 0=1.5 2.25")),
    (DAG, "a.csv", b"a,b\n\"1,234\",2\n\"12,345,678\",5\n", &[], Ok("a b: 1234 2 / 12345678 5")),
    (DIVISION, "a.csv", b"a,b\n\"1,234.5\",2\n", &[], Ok("a b: agent 0=1234.5 2")),
    (DAG, "a.csv", b"a;b\n1.234,5;2\n1.234;5\n", &[], Ok("a b: 1234.5 2 / 1234 5")),
    (DIVISION, "a.csv", b"a;b\n1.234.567;2\n", &[], Ok("a b: agent 0=1234567 2")),
    (
        DAG,
        "a.csv",
        b"a;b\n1,234;2\n5,678;3\n",
        &[],
        Err("a.csv:2: found `1,234`, whose comma may stand before decimals or between thousands"),
    ),
    (DAG, "a.csv", b"a;b\n1,234;2\n5,678;3\n", &[("decimal", "comma")], Ok("a b: 1.234 2 / 5.678 3")),
    (DAG, "a.csv", b"a;b\n1,234;2\n5,678;3\n", &[("decimal", "point")], Ok("a b: 1234 2 / 5678 3")),
    (DAG, "a.csv", b"a;b\n1.234;2\n5.678;3\n", &[], Err("whose point may stand before decimals or between thousands")),
    (DAG, "a.csv", b"a;b\n1.234;0.5\n5.678;3\n", &[], Ok("a b: 1.234 0.5 / 5.678 3")),
    (DAG, "a.csv", b"a,b\n1.234,2\n5.678,3\n", &[], Ok("a b: 1.234 2 / 5.678 3")),
    (DAG, "a.csv", b"a;b\n1,5;2.5\n", &[], Err("found `2.5`, and `1,5` elsewhere")),
    (DAG, "a.csv", b"a;b\n1'234;2\n12'345.5;3\n", &[], Ok("a b: 1234 2 / 12345.5 3")),
    (DIVISION, "a.csv", b"a;b\n1 234,5;2\n", &[], Ok("a b: agent 0=1234.5 2")),
    (DIVISION, "a.csv", b"a;b\n1\xc2\xa0234,5;2\n", &[], Ok("a b: agent 0=1234.5 2")),
    (DAG, "a.csv", b"a,b\n\"1,23,456\",2\n", &[], Err("a.csv:2: column `a`: found `1,23,456`")),
    (DIVISION, "a.csv", b"a,b\n\xe2\x88\x921.5,+2\n", &[], Ok("a b: agent 0=-1.5 2")),
    (DAG, "a.csv", b"a,b\n1.5E3,2e-2\n.5,5.\n", &[], Ok("a b: 1500 0.02 / 0.5 5")),
    (DAG, "a.csv", b"a,b\n1.5d3,2\n", &[], Err("found `1.5d3`")),
    (DAG, "a.csv", b"a,b\n$5,2\n", &[], Err("found `$5`")),
    (DAG, "a.csv", b"a,b\n(5),2\n", &[], Err("found `(5)`")),
    (DAG, "a.csv", b"a,b\n50%,2\n12.5 %,3\n", &[], Ok("a b: 0.5 2 / 0.125 3")),
    (DAG, "a.csv", b"a;b\n50%;2\n12,5 %;3\n", &[], Ok("a b: 0.5 2 / 0.125 3")),
    (DAG, "a.csv", b"a,b\n50%,2\n12.5,3\n", &[], Err("a.csv:3: found a number without a percent sign")),
    (DAG, "a.csv", b"a,b\nTRUE,2\nFALSE,3\n", &[], Err("found `TRUE`")),
    (DAG, "a.csv", b"a,b\n1,inf\n", &[], Err("a.csv:2: column `b`: found `inf`")),
    (DIVISION, "a.csv", b"name;car;dog\nAda;60,5;39,5\nBen;50;50\n", &[], Ok("car dog: Ada=60.5 39.5 / Ben=50 50")),
    (DIVISION, "a.csv", b"name,car,dog\nAda,60%,40%\nBen,50%,50%\n", &[], Ok("car dog: Ada=0.6 0.4 / Ben=0.5 0.5")),
    (DIVISION, "a.csv", b"name,car,dog\nAda,\"1,200\",40\nBen,500,50\n", &[], Ok("car dog: Ada=1200 40 / Ben=500 50")),
    (ITEMS, "a.csv", b"value;weight\n2,5;3\n", &[("capacity", "9")], Ok("1:2.5/3")),
    (ITEMS, "a.csv", b"value,weight\n\"1,250\",3\n", &[("capacity", "9")], Ok("1:1250/3")),
    (ITEMS, "a.csv", b"value,weight\n2.5,3.0\n", &[("capacity", "9")], Ok("1:2.5/3")),
    (
        ITEMS,
        "a.csv",
        b"value,weight\n2.5,3.5\n",
        &[("capacity", "9")],
        Err("a.csv:2: column `weight`: found `3.5`, expected a whole number"),
    ),
    (ITEMS, "a.csv", b"value,weight\n-2,3\n", &[("capacity", "9")], Err("a.csv:2: column `value`: found `-2`")),
];

/// Missing values.
const MISSING: &[Case] = &[
    (DAG, "a.csv", b"a,b\n1,2\n3,NA\n", &[], Err("a.csv:3: column `b`: found `NA`, expected a finite number (rows with missing values")),
    (DAG, "a.csv", b"a,b\n1,2\n3,\n", &[], Err("a.csv:3: column `b`: found an empty cell")),
    (DAG, "a.csv", b"a,b\n1,2\n3,NaN\n", &[], Err("missing values")),
    (DAG, "a.csv", b"a,b\n1,2\n3,#N/A\n", &[], Err("missing values")),
    (DAG, "a.csv", b"a,b\n1,2\n3,-\n", &[], Err("missing values")),
    (DAG, "a.csv", b"1,NA,3\n2,3,4\n", &[], Err("a.csv:1: column `x1`: found `NA`")),
    (DAG, "a.csv", b"a,b,c\n1,2,\n3,5,\n", &[], Err("a.csv:2: column `c`: found an empty cell")),
    (DIVISION, "a.csv", b"name,car,dog\nAda,5,\nBen,4,4\n", &[], Err("a.csv:2: column `dog`")),
    (DIVISION, "a.csv", b"name,car,dog\nAda,5,3\n,4,4\n", &[], Err("a.csv:3")),
];

/// Headers.
const HEADERS: &[Case] = &[
    (DAG, "a.csv", b"1,2\n3,5\n", &[], Ok("x0 x1: 1 2 / 3 5")),
    (DIVISION, "a.csv", b"1,2\n3,5\n", &[("header", "yes")], Ok("1 2: agent 0=3 5")),
    (DAG, "a.csv", b"a,b\n3,5\n", &[("header", "no")], Err("a.csv:1: column `x0`: found `a`")),
    (DAG, "a.csv", b"0,1,2\n0.5,2.5,-2\n0.75,0.5,-0.5\n", &[], Ok("0 1 2: 0.5 2.5 -2 / 0.75 0.5 -0.5")),
    (DAG, "a.csv", b"1,2,3\n0.5,2.5,-2.5\n0.75,0.5,-0.5\n", &[], Ok("1 2 3: 0.5 2.5 -2.5 / 0.75 0.5 -0.5")),
    (DAG, "a.csv", b"2019,2020,2021\n5,7,9\n6,8,1\n", &[], Ok("2019 2020 2021: 5 7 9 / 6 8 1")),
    (DAG, "a.csv", b"2019,2020\n5.5,7\n6,8.5\n", &[], Ok("2019 2020: 5.5 7 / 6 8.5")),
    (DAG, "a.csv", b"1,2,3\n4,1,2\n2,5,3\n", &[], Err("a.csv:1: found whole numbers in a row")),
    (DAG, "a.csv", b"1,2,3\n4,1,2\n2,5,3\n", &[("header", "yes")], Ok("1 2 3: 4 1 2 / 2 5 3")),
    (DAG, "a.csv", b"1,2,3\n4,1,2\n2,5,3\n", &[("header", "no")], Ok("x0 x1 x2: 1 2 3 / 4 1 2 / 2 5 3")),
    (DAG, "a.csv", b"0,1\n1,0\n1,1\n", &[], Ok("x0 x1: 0 1 / 1 0 / 1 1")),
    (DAG, "a.csv", b"5,7,9\n1,2,3\n", &[], Ok("x0 x1 x2: 5 7 9 / 1 2 3")),
    (DAG, "a.csv", b"2020-01,2020-02\n5,7\n6,8\n", &[], Ok("2020-01 2020-02: 5 7 / 6 8")),
    (DAG, "a.csv", b"2020-01-31,2020-02-29\n5,7\n6,8\n", &[], Ok("2020-01-31 2020-02-29: 5 7 / 6 8")),
    (DAG, "a.csv", b"a,a\n1,2\n", &[], Err("a.csv:1: names: found the name `a` twice")),
    (DAG, "a.csv", b"a,,c\n1,2,3\n1,5,4\n", &[], Err("a.csv:1: names: found an empty name")),
    (DAG, "a.csv", b"a,b\n1,2\n", &[("header", "maybe")], Err("expected yes or no")),
    (DAG, "a.csv", b"9\n8\n7\n", &[], Ok("x0: 9 / 8 / 7")),
    (DIVISION, "a.csv", b"5,7,9\n1,2,3\n", &[], Err("a.csv:1: found numbers only, expected a header")),
    (DIVISION, "a.csv", b"5,7,9\n1,2,3\n", &[("header", "no")], Ok("item 0 item 1 item 2: agent 0=5 7 9 / agent 1=1 2 3")),
    (DIVISION, "a.csv", b"agent,1,2,3\nAda,5,7,9\nBen,1,2,3\n", &[], Ok("1 2 3: Ada=5 7 9 / Ben=1 2 3")),
    (DIVISION, "a.csv", b",2019,2020\nAda,5,7\nBen,1,2\n", &[], Ok("2019 2020: Ada=5 7 / Ben=1 2")),
    (DIVISION, "a.csv", b"Ada,5,7,9\nBen,1,2,3\n", &[], Ok("item 0 item 1 item 2: Ada=5 7 9 / Ben=1 2 3")),
    (ITEMS, "a.csv", b"10449.5\n19657\n", &[("capacity", "9")], Ok("1:10449.5/1 2:19657/1")),
    (ITEMS, "a.csv", b"price\n10449.5\n19657\n", &[("capacity", "9")], Ok("1:10449.5/1 2:19657/1")),
    (ITEMS, "a.csv", b"Value,Weight\n2,3\n", &[("capacity", "9")], Ok("1:2/3")),
    (ITEMS, "a.csv", b"bid,kg\n2,3\n", &[("capacity", "9"), ("value-column", "bid"), ("weight-column", "kg")], Ok("1:2/3")),
    (ITEMS, "a.csv", b"bid,kg\n2,3\n", &[("capacity", "9")], Err("a.csv:1: found no column of values")),
    (ITEMS, "a.csv", b"1,2\n3,4\n", &[("capacity", "9")], Err("a.csv:1: found no column of values")),
];

/// Index and id columns, names of rows.
const INDEX: &[Case] = &[
    (DAG, "a.csv", b",a,b\n0,1,2\n1,3,5\n", &[], Ok("a b: 1 2 / 3 5")),
    (DAG, "a.csv", b",0,1,2\n0,0.5,2.5,-2\n1,0.75,0.5,-0.5\n", &[], Ok("0 1 2: 0.5 2.5 -2 / 0.75 0.5 -0.5")),
    (DAG, "a.csv", b"Unnamed: 0,a,b\n0,1,2\n1,3,5\n", &[], Ok("a b: 1 2 / 3 5")),
    (DAG, "a.csv", b"\"a\",\"b\"\n\"1\",1,2\n\"2\",3,5\n", &[], Ok("a b: 1 2 / 3 5")),
    (DAG, "a.csv", b"\"\",\"a\",\"b\"\n\"r1\",1,2\n\"r2\",3,5\n", &[], Ok("a b: 1 2 / 3 5")),
    (DAG, "a.csv", b"id,a,b\n17,1,2\n4,3,5\n", &[], Ok("a b: 1 2 / 3 5")),
    (DAG, "a.csv", b"id,a,b\n17,1,2\n17,3,5\n", &[], Ok("id a b: 17 1 2 / 17 3 5")),
    (DAG, "a.csv", b"id,a,b\n17,1,2\n4,3,5\n", &[("index", "no")], Ok("id a b: 17 1 2 / 4 3 5")),
    (DAG, "a.csv", b"index,a,b\n2020-01-01,1,2\n2020-01-02,3,5\n", &[], Ok("a b: 1 2 / 3 5")),
    (DAG, "a.csv", b"no,a,b\n1,1,2\n2,3,5\n3,0,0\n", &[], Ok("a b: 1 2 / 3 5 / 0 0")),
    (DAG, "a.csv", b"no,a,b\n0.5,1,2\n0.25,3,5\n", &[], Ok("no a b: 0.5 1 2 / 0.25 3 5")),
    (DAG, "a.csv", b"date,a,b\n2020-01-01,1,2\n2020-01-02,3,5\n", &[], Err("a.csv:2: column `date`: found `2020-01-01`")),
    (DAG, "a.csv", b"date,a,b\n2020-01-01,1,2\n2020-01-02,3,5\n", &[("index", "yes")], Ok("a b: 1 2 / 3 5")),
    (DAG, "a.csv", b"date,a,b\n2020-01-01,1,2\n2020-01-02,3,5\n", &[("skip", "date")], Ok("a b: 1 2 / 3 5")),
    (DAG, "a.csv", b"a,b\n1,2\n", &[("skip", "c")], Err("no column `c` to skip")),
    (DAG, "a.csv", b"id\n3\n1\n2\n", &[], Ok("id: 3 / 1 / 2")),
    (DIVISION, "a.csv", b"id,car,piano,clock\n1,10,20,30\n2,15,25,5\n", &[], Ok("car piano clock: 1=10 20 30 / 2=15 25 5")),
    (DIVISION, "a.csv", b"name,id,car,piano\nAda,1,10,20\nBen,2,15,25\n", &[], Ok("car piano: Ada=10 20 / Ben=15 25")),
    (DIVISION, "a.csv", b"nr,name,car,piano\n1,Ada,10,20\n2,Ben,15,25\n", &[], Ok("car piano: Ada=10 20 / Ben=15 25")),
    (DIVISION, "a.csv", b",name,car\n0,Ada,10\n1,Ben,15\n", &[], Ok("car: Ada=10 / Ben=15")),
    (DIVISION, "a.csv", b"agent,car,piano\n7,10,20\n9,15,25\n", &[], Ok("car piano: 7=10 20 / 9=15 25")),
    (DIVISION, "a.csv", b"car,piano\n10,20\n15,25\n", &[], Ok("car piano: agent 0=10 20 / agent 1=15 25")),
    (DIVISION, "a.csv", b"name,b\nAda,1\nAda,2\n", &[], Err("a.csv:3: agent: found")),
    (ITEMS, "a.csv", b"id,value,weight\n101,10,3\n205,5,2\n", &[("capacity", "9")], Ok("101:10/3 205:5/2")),
    (
        ITEMS,
        "a.csv",
        b"id,value,weight\n7,10,3\n5,5,2\n",
        &[("capacity", "9")],
        Err("a.csv:3: column `id`: found `5`, expected an id above 7"),
    ),
    (ITEMS, "a.csv", b"id,value,weight\n7,10,3\n5,5,2\n", &[("capacity", "9"), ("skip", "id")], Ok("1:10/3 2:5/2")),
    (ITEMS, "a.csv", b"item,value,weight\nmug,10,3\njug,5,2\n", &[("capacity", "9")], Ok("1:10/3 2:5/2")),
    (ITEMS, "a.csv", b",value,weight\n0,10,3\n1,5,2\n", &[("capacity", "9")], Ok("1:10/3 2:5/2")),
];

/// Rows chosen by a column.
const SELECTED: &[Case] = &[
    (DAG, "a.csv", b"site,x,y\n1,1,2\n1,2,4.5\n2,9,9\n", &[("select", "site=1"), ("skip", "site")], Ok("x y: 1 2 / 2 4.5")),
    (DIVISION, "a.csv", b"site,x,y\nn,1,2\ns,2,4.5\n", &[("select", "site=n"), ("skip", "site")], Ok("x y: agent 0=1 2")),
    (DIVISION, "a.csv", b"site,x,y\n1.0,1,2\n2.0,2,4.5\n", &[("select", "site=1"), ("skip", "site")], Ok("x y: agent 0=1 2")),
    (DAG, "a.csv", b"site,x,y\n1,1,2\n", &[("select", "site=7")], Err("found no row in which `site` is `7`")),
    (DAG, "a.csv", b"site,x,y\n1,1,2\n", &[("select", "place=1")], Err("found no column `place` to select rows by")),
    (DAG, "a.csv", b"a,b\n1,2\n3,5\n5,6\n", &[("rows", "2")], Ok("a b: 1 2 / 3 5")),
    (DIVISION, "a.csv", b"name,year,car\nAda,1,5\nBen,2,4\n", &[("select", "year=2"), ("skip", "year")], Ok("car: Ben=4")),
    (
        ITEMS,
        "a.csv",
        b"trace,weight,value\n1,5,7.5\n2,3,2.5\n2,1,0.5\n",
        &[("capacity", "9"), ("select", "trace=2")],
        Ok("1:2.5/3 2:0.5/1"),
    ),
    (
        ITEMS,
        "a.csv",
        b"trace,weight,value\n1,5,7.5\n",
        &[("capacity", "9"), ("select", "trace=3")],
        Err("found no row in which `trace` is `3`"),
    ),
];

/// Which class a table is taken for, and whose error it gives.
const CLASSES: &[Case] = &[
    ("", "a.csv", b"a,b\n1,2\n3,5\n", &[], Ok("a b: 1 2 / 3 5")),
    ("", "a.csv", b"agent,car\nAda,2\nBen,3\n", &[], Ok("car: Ada=2 / Ben=3")),
    ("", "a.csv", b"value,weight\n1,2\n3,4\n", &[], Err("may be observation-table (dag-learning), item-table (online-knapsack)")),
    ("", "a.csv", b"value,weight\n1,2\n3,4\n", &[("capacity", "9")], Ok("1:1/2 2:3/4")),
    ("", "a.csv", b"day,note\nMonday,rain\nTuesday,sun\n", &[], Err("the file is read as fair-division; `--problem` with")),
    ("", "a.csv", b"a,b\n1,2\n3,red\n", &[], Err("the file is read as dag-learning; `--problem` with")),
    (DAG, "a.csv", b"a,b\n1,2\n3,red\n", &[], Err("column `b`: found `red`")),
];

#[test]
fn every_table_is_the_right_instance_or_refused_with_one_clear_message() {
    let all: [&[Case]; 8] = [TEXT, COMMENTS, NUMBERS, MISSING, HEADERS, INDEX, SELECTED, CLASSES];
    let cases: Vec<Case> = all.concat();
    assert!(cases.len() >= 120, "{} cases", cases.len());
    expect(&cases);
}

/// Options in the order in which people write them do not matter, nor does a packing of the name.
#[test]
fn a_table_read_over_two_lines_is_the_same_with_any_line_end_mark_or_quote() {
    let plain = held(DAG, "a.csv", b"a,b\n1,2.5\n3,5\n", &[]);
    for bytes in [
        &b"\"a\",b\n1,\"2.5\"\n\"3\",5\n"[..],
        b"\xef\xbb\xbfa,b\r\n1,2.5\r\n3,5\r\n",
        b"a;b\r1;2,5\r3;5\r",
        b"a\tb\n1\t2.5\n\n3\t5",
        b"# note\n a , b \n 1 , 2.5 \n 3 , 5 \n",
    ] {
        assert_eq!(held(DAG, "a.csv", bytes, &[]), plain, "{}", String::from_utf8_lossy(bytes));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 2000 } else { 20_000 }))]

    /// Whatever stands in a table, it is an instance or an error.
    #[test]
    fn no_table_is_too_strange(text in "[,;|\"#%. \t\r\n0-9aN-]{0,60}", kind in 0_usize..3) {
        let options: &[(&str, &str)] = if kind == 2 { &[("capacity", "9")] } else { &[] };
        let _ = held([DAG, DIVISION, ITEMS][kind], "a.csv", text.as_bytes(), options);
        let _ = held("", "a.csv", text.as_bytes(), &[]);
    }
}
