//! Whoever embeds one family compiles that family alone.

use std::collections::BTreeSet;
use std::process::Command;

/// The families, each by the name of its feature, of its folder and of its crate's ending.
const FAMILIES: [&str; 6] = ["dag", "division", "nlp", "online", "relaxation", "submodular"];

/// The names of all packages that `package` needs, built with `options`.
fn packages(package: &str, options: &[&str]) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--package", package])
        .args(options)
        .args(["--edges", "normal,build", "--prefix", "none", "--format", "{p}", "--manifest-path"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

/// What the facade library needs with these features.
fn of_the_facade(features: &str) -> BTreeSet<String> {
    packages("fathom-opt", &["--no-default-features", "--features", features])
}

#[test]
fn the_facade_with_one_family_needs_what_the_family_needs_and_nothing_else() {
    for family in FAMILIES {
        let by_itself = packages(&format!("fathom-opt-{family}"), &[]);
        let mut by_the_facade = of_the_facade(family);
        assert!(by_the_facade.remove("fathom-opt"));
        let more: Vec<&String> = by_the_facade.difference(&by_itself).collect();
        assert!(more.is_empty(), "{family} by the facade needs {more:?}, and by itself it does not");
    }
}

#[test]
fn a_family_by_itself_needs_neither_the_command_line_nor_another_family() {
    const COMMAND_LINE: [&str; 6] = ["rusqlite", "libsqlite3-sys", "clap", "fathom-opt-bench", "fathom-opt-instances", "miette"];
    for family in FAMILIES {
        let packages = of_the_facade(family);
        assert!(packages.contains(&format!("fathom-opt-{family}")), "{packages:?}");
        let others = FAMILIES.iter().filter(|&&other| other != family).map(|other| format!("fathom-opt-{other}"));
        for unwanted in COMMAND_LINE.into_iter().map(str::to_owned).chain(others).chain(["highs-sys".to_owned()]) {
            assert!(!packages.contains(&unwanted), "{family} needs {unwanted}");
        }
        // Sparse factorizations.
        assert_eq!(packages.contains("faer"), ["nlp", "relaxation"].contains(&family), "{family}");
    }
}

#[test]
fn the_command_line_with_one_family_needs_neither_another_family_nor_what_only_the_others_need() {
    let packages = of_the_facade("command-line,division");
    assert!(packages.contains("clap"), "{packages:?}");
    for unwanted in ["highs-sys", "faer", "petgraph"] {
        assert!(!packages.contains(unwanted), "a division user's command line needs {unwanted}");
    }
    for other in FAMILIES.iter().filter(|&&family| family != "division") {
        assert!(!packages.contains(&format!("fathom-opt-{other}")), "a division user's command line needs {other}");
    }
}
