//! The program as AMPL and Pyomo call it: `PROGRAM STUB -AMPL key=value...`.

use fathom_tests::{Bench, Finished};

/// The program with the solver `quoting`, which answers what it is told.
fn bench() -> Bench {
    Bench::new(env!("CARGO_BIN_EXE_fathom-with-hostile-solvers"))
}

/// 3x + 5y - 2z to maximise, or its negative to minimise, over x <= 4, y <= 6, z >= 1 and the row 3x + 2y <= 18. The maximum 34 is at (2, 6, 1).
fn production(maximize: bool) -> String {
    let sign = if maximize { 1 } else { -1 };
    format!(
        "g3 1 1 0\t# problem production\n 3 1 1 0 0\n 0 0\n 0 0\n 0 0 0\n 0 0 0 1\n 0 0 0 0 0\n 2 3\n 0 0\n 0 0 0 0 0\n\
         C0\nn0\nO0 {}\nn0\nx3\n0 1\n1 1\n2 2\nr\n1 18\nb\n0 0 4\n0 0 6\n2 1\nk2\n1\n2\nJ0 2\n0 3\n1 2\nG0 3\n0 {}\n1 {}\n2 {}\n",
        u8::from(maximize),
        3 * sign,
        5 * sign,
        -2 * sign
    )
}

/// max 3x + 5y (x <= 4, 2y <= 12, 3x + 2y <= 18), or min -3x - 5y.
fn wyndor(maximize: bool) -> String {
    let sign = if maximize { 1 } else { -1 };
    format!(
        "g3 1 1 0\n 2 3 1 0 0\n 0 0\n 0 0\n 0 0 0\n 0 0 0 1\n 0 0 0 0 0\n 4 2\n 0 0\n 0 0 0 0 0\n\
         C0\nn0\nC1\nn0\nC2\nn0\nO0 {}\nn0\nr\n1 4\n1 12\n1 18\nb\n2 0\n2 0\nk1\n2\n\
         J0 1\n0 1\nJ1 1\n1 2\nJ2 2\n0 3\n1 2\nG0 2\n0 {}\n1 {}\n",
        u8::from(maximize),
        3 * sign,
        5 * sign
    )
}

/// Minimise x^2 + y^2 subject to x + y = 2, from (3, -4).
const NEAREST: &str = "g3 1 1 0\n 2 1 1 0 1\n 0 1\n 0 0\n 0 2 0\n 0 0 0 1\n 0 0 0 0 0\n 2 2\n 0 0\n 0 0 0 0 0\n\
    C0\nn0\nO0 0\no0\no5\nv0\nn2\no5\nv1\nn2\nx2\n0 3\n1 -4\nr\n4 2\nb\n3\n3\nk1\n1\nJ0 2\n0 1\n1 1\nG0 2\n0 0\n1 0\n";

/// What a `.sol` file says.
struct Sol {
    message: String,
    duals: Vec<f64>,
    values: Vec<f64>,
    code: i64,
    rest: String,
}

fn sol(bench: &Bench, name: &str) -> Sol {
    let text = std::fs::read_to_string(bench.folder().join(name)).expect("an answer");
    let (message, rest) = text.split_once("\n\nOptions\n").expect("options after the message and an empty line");
    let mut lines = rest.lines();
    assert_eq!(lines.by_ref().take(4).collect::<Vec<_>>(), ["3", "1", "1", "0"], "the model's own options");
    let counts: Vec<usize> = lines.by_ref().take(4).map(|line| line.parse().expect("a count")).collect();
    let mut numbers = |count: usize| lines.by_ref().take(count).map(|line| line.parse().expect("a number")).collect::<Vec<f64>>();
    let (duals, values) = (numbers(counts[1]), numbers(counts[3]));
    assert!(duals.is_empty() || duals.len() == counts[0]);
    let end = lines.next().expect("objno");
    let code = end.strip_prefix("objno 0 ").expect("the first objective").parse().expect("a number");
    Sol { message: message.to_owned(), duals, values, code, rest: lines.collect::<Vec<_>>().join("\n") }
}

/// Whether the checker finds the first-order conditions to hold, and whether by multipliers that the solution gives.
fn stationary(bench: &Bench, model: &str, solution: &str) -> (Option<bool>, bool) {
    let checked = bench.run(&["check", model, solution, "--json"]);
    let verdict: serde_json::Value = serde_json::from_str(&checked.stdout).expect("a verdict");
    let properties = verdict["properties"].as_array().expect("properties");
    let conditions = properties.iter().find(|property| property["name"] == "KKT conditions").expect("the first-order conditions");
    (conditions["holds"].as_bool(), conditions.to_string().contains("the given multipliers"))
}

#[test]
fn duals_and_bound_multipliers_come_out_with_the_signs_of_ampl_and_read_back() {
    for (maximize, sign) in [(true, 1.0), (false, -1.0)] {
        let bench = bench();
        bench.file("wyndor.nl", wyndor(maximize));
        let answer = r#"answer={"x":[2,6],"multipliers":{"constraints":[0,1.5,1],"lower":[0,0],"upper":[0,0]}}"#;
        bench.run(&["wyndor.nl", "-AMPL", "solver=quoting", answer]).expect(0);
        let found = sol(&bench, "wyndor.sol");
        // The change of the optimal objective with each right-hand side.
        assert_eq!((found.code, found.values, found.duals), (0, vec![2.0, 6.0], vec![0.0, 1.5 * sign, sign]));
        bench.run(&["check", "wyndor.nl", "wyndor.sol"]).expect(0);

        bench.file("production.nl", production(maximize));
        let answer = r#"answer={"x":[2,6,1],"multipliers":{"constraints":[1],"lower":[0,0,2],"upper":[0,3,0]}}"#;
        bench.run(&["production.nl", "-AMPL", "solver=quoting", answer]).expect(0);
        let found = sol(&bench, "production.sol");
        assert_eq!((found.code, found.values, found.duals), (0, vec![2.0, 6.0, 1.0], vec![sign]));
        // As Ipopt writes them: z_L and -z_U for a minimum, -z_L and z_U for a maximum, so that their sum is the reduced cost.
        let expected = format!("suffix 4 1 13 0 0\nipopt_zL_out\n2 {}\nsuffix 4 1 13 0 0\nipopt_zU_out\n1 {}", -2.0 * sign, 3.0 * sign);
        assert_eq!(found.rest, expected);
        bench.run(&["check", "production.nl", "production.sol"]).expect(0);
        assert_eq!(stationary(&bench, "production.nl", "production.sol"), (Some(true), true));

        // The other signs are the multipliers of no solution.
        let text = std::fs::read_to_string(bench.folder().join("production.sol")).unwrap();
        bench.file("turned.sol", text.replace(&format!("1 {}", 3.0 * sign), &format!("1 {}", -3.0 * sign)));
        assert_eq!(stationary(&bench, "production.nl", "turned.sol"), (Some(false), true));
    }
}

#[test]
fn a_point_alone_can_be_checked_beside_its_model() {
    let bench = bench();
    bench.file("wyndor.nl", wyndor(true));
    bench.file("best.json", r#"{"x": [2, 6]}"#);
    bench.run(&["check", "wyndor.nl", "best.json"]).expect(0);
    assert_eq!(stationary(&bench, "wyndor.nl", "best.json"), (Some(true), false));
    bench.file("outside.json", r#"{"x": [4, 6]}"#);
    bench.run(&["check", "wyndor.nl", "outside.json"]).expect(1);
    bench.file("short.json", r#"{"x": [4]}"#);
    assert!(bench.run(&["check", "wyndor.nl", "short.json"]).stderr.contains("found 1 numbers, expected 2"));
    // Another solver's point without duals.
    bench.file("point.sol", "other solver\n\nOptions\n3\n1\n1\n0\n3\n0\n2\n2\n2\n6\nobjno 0 0\n");
    bench.run(&["check", "wyndor.nl", "point.sol"]).expect(0);
    assert_eq!(stationary(&bench, "wyndor.nl", "point.sol"), (Some(true), false));
}

#[test]
fn a_solve_reads_its_options_from_the_environment_a_file_and_the_command_line() {
    let bench = bench();
    bench.file("folder.with dots/nearest.v2.nl", NEAREST);
    let run = |environment: &[(&str, &str)], words: &[&str]| -> Sol {
        // AMPL leaves the ending out.
        let mut command = bench.command(&[&["folder.with dots/nearest.v2", "-AMPL"], words].concat());
        command.envs(environment.iter().copied());
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        sol(&bench, "folder.with dots/nearest.v2.sol")
    };
    let found = run(&[], &[]);
    assert_eq!(found.code, 0, "{}", found.message);
    assert!((found.values[0] - 1.0).abs() < 1e-6 && (found.values[1] - 1.0).abs() < 1e-6, "{:?}", found.values);
    // The objective is t^2 / 2 where the right side is t.
    assert!((found.duals[0] - 2.0).abs() < 1e-6, "{:?}", found.duals);
    assert!(found.message.starts_with("Fathom "), "{}", found.message);
    assert_eq!(run(&[("fathom_options", "solver=quoting max_iter=0")], &[]).code, 400);
    assert_eq!(run(&[("fathom_options", "max_iter 0")], &["max_iter=100"]).code, 0, "the command line outdoes the environment");
    assert_eq!(run(&[], &["solver=quoting", "max_wall_time=0"]).code, 402);

    let quote = |words: &[&str]| run(&[("fathom_options", "solver=quoting status=feasible answer={\"x\":[1,1]}")], words);
    assert!(quote(&["tol=1e-09", "seed=7"]).message.contains("tolerance 0.000000001, seed 7"));
    assert!(quote(&["some_note=a b"]).message.ends_with("\na b"));
    bench.file("an option.opt", "# from Pyomo\ntol 1e-07\nseed 3\n");
    // Pyomo's quotes are inside the argument.
    assert!(quote(&["option_file_name=\"an option.opt\"", "seed=4"]).message.contains("tolerance 0.0000001, seed 4"));
    let noted = quote(&["linear_solver=ma27", "mu_init=0.1"]);
    assert!(noted.message.contains("linear_solver was left aside: ") && noted.message.contains("mu_init was left aside: "));
    assert_eq!(noted.code, 100);

    for (words, message) in [
        (vec!["tol2=3"], "found the unknown keyword `tol2`, expected one of solver, seed, tol, max_iter"),
        (vec!["max_iter=many"], "max_iter: found `many`, expected a whole number from 0"),
        (vec!["max_iter"], "found `max_iter`, expected key=value"),
        (vec!["objno=0"], "objno: found `0`, expected a whole number from 1"),
        (vec!["tol=small"], "`tolerance`: "),
        (vec!["solver=nobody"], "no solver `nobody` for "),
        (vec!["option_file_name=none.opt"], "cannot read the option file none.opt"),
    ] {
        let refused = quote(&words);
        assert_eq!((refused.code, refused.values.len()), (552, 0), "{words:?}: {}", refused.message);
        assert!(refused.message.contains(message), "{words:?}: {}", refused.message);
    }
}

#[test]
fn every_status_has_a_number_in_the_right_hundred_and_the_exit_status_is_0() {
    let bench = bench();
    bench.file("m.nl", wyndor(true));
    let best = r#"answer={"x":[2,6]}"#;
    let outside = r#"answer={"x":[40,6]}"#;
    for (words, codes) in [
        (vec!["status=optimal", best], 0..100),
        (vec!["status=locally-optimal", best], 0..100),
        (vec!["status=feasible", best], 100..200),
        (vec!["status=infeasible"], 200..300),
        (vec!["status=locally-infeasible", outside], 200..300),
        (vec!["status=unbounded"], 300..400),
        (vec!["status=diverging", best], 300..400),
        (vec!["status=limit", "detail=time", best], 400..500),
        (vec!["status=limit", "detail=iterations"], 400..500),
        (vec!["status=limit", "detail=memory"], 400..500),
        (vec!["status=interrupted"], 400..500),
        (vec!["status=failed", "detail=stuck", best], 500..600),
        // What the checker refutes is not solved, whatever the solver says.
        (vec!["status=optimal", outside], 500..600),
        (vec!["status=optimal"], 500..600),
        (vec!["status=infeasible", best], 500..600),
        (vec!["status=optimal", r#"answer={"x":[0,0]}"#], 100..600),
        (vec!["status=nonsense"], 500..600),
    ] {
        let finished = bench.run(&[&["m", "-AMPL", "solver=quoting"], &words[..]].concat());
        finished.expect(0);
        let found = sol(&bench, "m.sol");
        assert!(codes.contains(&found.code), "{words:?}: {} {}", found.code, found.message);
        assert_eq!(found.values.len(), if words.iter().any(|word| word.starts_with("answer")) { 2 } else { 0 }, "{words:?}");
    }
}

#[test]
fn what_is_printed_is_what_modelling_tools_look_for() {
    let bench = bench();
    bench.file("nearest.nl", NEAREST);
    let printed = bench.run(&["nearest.nl", "-AMPL"]);
    let text = printed.expect(0);
    assert!(text.contains("Number of Iterations....: ") && text.contains("Total seconds in Fathom  = "), "{text}");
    assert!(!text.lines().any(|line| line.trim_start().starts_with(|c: char| c.is_ascii_digit())), "{text}");
    assert_eq!(bench.run(&["nearest.nl", "-AMPL", "print_level=0"]).expect(0), "");
    assert!(bench.run(&["-="]).expect(0).contains("max_iter  the most iterations"));
}

#[test]
fn a_stub_that_cannot_be_read_is_said_to_be_so_and_has_no_answer() {
    let bench = bench();
    bench.file("integer.nl", wyndor(true).replace(" 0 0 0 0 0\n 4 2", " 0 1 0 0 0\n 4 2"));
    bench.file("cut.nl", &wyndor(true)[..150]);
    for (stub, message) in [("nothing", "nothing.nl"), ("integer.nl", "found 1 integer variables"), ("cut.nl", "found the end of the file")]
    {
        let finished = bench.run(&[stub, "-AMPL"]);
        assert_eq!(finished.status, Some(2), "{stub}: {}", finished.stderr);
        assert!(finished.stderr.contains(message), "{stub}: {}", finished.stderr);
    }
    assert!(!bench.folder().join("integer.sol").exists() && !bench.folder().join("cut.sol").exists());
}

#[test]
fn the_version_is_told_in_the_ways_that_modelling_tools_ask() {
    let version = env!("CARGO_PKG_VERSION");
    let fathom = bench();
    assert_eq!(fathom.run(&["-v"]).expect(0), format!("Fathom {version}\n"));
    assert!(fathom.run(&["--version"]).expect(0).starts_with("fathom "), "the ordinary command line's");
    if let Some(run) = linked(&["--version"]) {
        let text = run.expect(0).to_owned();
        let words: Vec<&str> = text.split_whitespace().collect();
        assert_eq!((words[0], words[1]), ("Ipopt", version), "the form that Pyomo's interface to Ipopt reads");
        assert!(text.contains("Fathom"), "{text}");
    }
    if let Some(run) = linked(&["-v"]) {
        assert!(run.expect(0).contains(version));
    }
}

/// What the program does when it is called through a link named `ipopt`.
#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere there are no links")]
fn linked(arguments: &[&str]) -> Option<Finished> {
    let place = bench();
    let link = place.folder().join("ipopt");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_fathom-with-hostile-solvers"), &link).expect("a link");
    Some(Bench::new(&link.to_string_lossy()).run(arguments))
}

#[cfg(not(unix))]
fn linked(_: &[&str]) -> Option<Finished> {
    None
}

/// Minimise `sum_i (x_i - i/2)^2 + x_1 x_2` subject to `x_i <= 3` for all `i` up to `N`.
const SIF: &str = "NAME          TINY\n IE N                   3              $-PARAMETER\n IE 1                   1\n RE HALF                0.5\n\
VARIABLES\n DO I         1                        N\n X  X(I)\n ND\n\
GROUPS\n DO I         1                        N\n XN O(I)      X(I)      1.0\n XL C(I)      X(I)      1.0\n ND\n N  P\n\
CONSTANTS\n DO I         1                        N\n RI R         I\n R* R         R                        HALF\n Z  TINY      O(I)                     R\n X  TINY      C(I)      3.0\n ND\n\
BOUNDS\n FR TINY      'DEFAULT'\nSTART POINT\n    TINY      'DEFAULT' 1.0\n\
ELEMENT TYPE\n EV PR        V                        W\nELEMENT USES\n T  E         PR\n V  E         V                        X1\n V  E         W                        X2\n\
GROUP TYPE\n GV L2        G\nGROUP USES\n DO I         1                        N\n XT O(I)      L2\n ND\n E  P         E\nENDATA\n\
ELEMENTS      TINY\nINDIVIDUALS\n T  PR\n F                      V * W\n G  V                   W\n G  W                   V\n H  V         W         1.0\nENDATA\n\
GROUPS        TINY\nINDIVIDUALS\n T  L2\n F                      G * G\n G                      G + G\n H                      2.0\nENDATA\n";

#[test]
fn sif_files_become_documents_and_stubs_and_are_told_of() {
    let bench = bench();
    bench.file("tiny.SIF", SIF);
    let info = bench.run(&["info", "tiny.SIF", "--read", "N=5"]).expect(0).to_owned();
    assert!(info.contains("5 variables") && info.contains("5 constraints"), "{info}");
    bench.run(&["convert", "tiny.SIF", "tiny.fathom.json"]).expect(0);
    bench.run(&["convert", "tiny.fathom.json", "tiny.nl"]).expect(0);
    bench.file("point.json", r#"{"x": [1, 1, 1]}"#);
    for file in ["tiny.SIF", "tiny.fathom.json", "tiny.nl"] {
        // 1/4 + 0 + 1/4 + 1.
        let checked = bench.run(&["check", file, "point.json", "--json"]);
        assert!(checked.stdout.contains("\"objective\": 1.5"), "{file}: {}{}", checked.stdout, checked.stderr);
        let info = bench.run(&["info", file]).expect(0).to_owned();
        assert!(info.contains("quadratic program 1"), "{file}: {info}");
    }
    let wrong = bench.run(&["info", "tiny.SIF", "--read", "M=5"]);
    assert!(wrong.stderr.contains("expected one of N"), "{}", wrong.stderr);
}
