//! The tour of README.md works as it is printed: its lines run one after the other, in a fresh folder.

use std::fs;
use std::process::{Command, Stdio};

const PROGRAM: &str = env!("CARGO_BIN_EXE_fathom-under-test");

/// The blocks of shell lines in the tour, each with the heading above it.
fn blocks() -> Vec<String> {
    let readme = include_str!("../../README.md");
    let tour = readme.split("## A tour").nth(1).and_then(|rest| rest.split("\n## ").next()).expect("a tour");
    tour.split("```sh\n").skip(1).filter_map(|block| block.split("```").next()).map(str::to_owned).collect()
}

#[test]
fn every_line_of_the_tour_works_as_printed() {
    let folder = tempfile::tempdir().unwrap();
    let programs = folder.path().join("bin");
    let work = folder.path().join("work");
    fs::create_dir(&programs).unwrap();
    fs::create_dir(&work).unwrap();
    std::os::unix::fs::symlink(PROGRAM, programs.join("fathom")).unwrap();
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap_or_default());
    let blocks = blocks();
    assert!(blocks.len() >= 6, "{} blocks", blocks.len());
    for block in blocks {
        assert!(block.contains("fathom "), "{block}");
        // `-x` shows which line was at work, `-e` ends with the first that fails.
        let output = Command::new("bash")
            .args(["-exuo", "pipefail", "-c", &block])
            .current_dir(&work)
            .env("PATH", &path)
            .env("NO_COLOR", "1")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let (shown, said) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{:?}\n{said}\n{shown}", output.status);
        assert!(!shown.contains("WRONG") && !said.contains("panicked"), "{said}\n{shown}");
    }
    for made in ["graph.csv", "x.mtx", "fair.csv", "manna.csv", "price.svg", "t.csv", "results.csv"] {
        assert!(work.join(made).is_file(), "{made} was not made");
    }
}

#[test]
fn every_command_of_the_tour_is_short_enough_to_be_read() {
    for line in blocks().iter().flat_map(|block| block.lines()) {
        assert!(line.chars().count() <= 140, "{line}");
    }
}
