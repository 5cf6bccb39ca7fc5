//! Whoever embeds one family compiles that family alone.

use std::process::Command;

/// The names of all packages that the facade library needs with these features.
fn packages(features: &str) -> Vec<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--package", "fathom-opt", "--no-default-features", "--features", features])
        .args(["--edges", "normal,build", "--prefix", "none", "--format", "{p}", "--manifest-path"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

#[test]
fn a_family_by_itself_needs_neither_the_command_line_nor_another_family() {
    const FAMILIES: [&str; 4] = ["dag", "division", "online", "relaxation"];
    const COMMAND_LINE: [&str; 6] = ["rusqlite", "libsqlite3-sys", "clap", "fathom-opt-bench", "fathom-opt-instances", "miette"];
    for family in FAMILIES {
        let packages = packages(family);
        assert!(packages.contains(&format!("fathom-opt-{family}")), "{packages:?}");
        let others = FAMILIES.iter().filter(|&&other| other != family).map(|other| format!("fathom-opt-{other}"));
        for unwanted in COMMAND_LINE.into_iter().map(str::to_owned).chain(others).chain(["highs-sys".to_owned()]) {
            assert!(!packages.contains(&unwanted), "{family} needs {unwanted}");
        }
        assert_eq!(packages.contains(&"faer".to_owned()), family == "relaxation", "{family}");
    }
}

#[test]
fn the_command_line_needs_no_mixed_integer_solver() {
    let packages = packages("command-line");
    assert!(packages.contains(&"clap".to_owned()), "{packages:?}");
    assert!(!packages.contains(&"highs-sys".to_owned()));
}
