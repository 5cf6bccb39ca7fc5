//! The structure that the design promises: file sizes, imports, dependencies, and no family's name where none belongs.

mod code;
mod crates;
mod imports;

use std::collections::BTreeSet;

use crates::{Crate, crates, repository};

/// Fails where anything is `found`.
#[track_caller]
fn none(what: &str, found: &BTreeSet<String>) {
    assert!(found.is_empty(), "{what}: {found:#?}");
}

/// No file outside tests has more lines.
const MOST_LINES: usize = 450;

#[test]
fn no_file_outside_tests_is_longer_than_450_lines() {
    let mut long = BTreeSet::new();
    for one in crates() {
        for (file, text) in &one.sources {
            if text.lines().count() > MOST_LINES {
                long.insert(format!("{}/{file}", one.folder));
            }
        }
    }
    none("files of more than 450 lines", &long);
}

#[test]
fn no_files_of_a_crate_import_each_other_in_circles() {
    let mut found = BTreeSet::new();
    for one in crates() {
        for circle in imports::circles(&imports::imports(&one)) {
            found.insert(format!("{}: {}", one.folder, circle.join(" ")));
        }
    }
    none("files that import each other in circles", &found);
}

/// What a crate in the folder may depend on, in order: folders, `solvers/*` for every family.
fn may_depend_on(folder: &str, on: &str) -> bool {
    const SHARED: [&str; 4] = ["solvers/serve", "solvers/backends", "solvers/linalg", "solvers/learners"];
    let level = |folder: &str| match folder {
        "problems" => 0,
        "instances" | "solvers/core" => 1,
        shared if SHARED.contains(&shared) => 2,
        "benches" => 4,
        "cli" => 5,
        "tests" => 6,
        // The families.
        _ => 3,
    };
    match (level(folder), on) {
        (1..=3, "instances") => false,
        // Bilevel programs contain nonlinear ones.
        (3, "solvers/nlp") => folder == "solvers/bilevel",
        _ => level(on) < level(folder),
    }
}

#[test]
fn crates_depend_on_what_lies_below_them_alone() {
    let all = crates();
    let folder_of = |package: &str| all.iter().find(|one| one.package == package).map(|one| one.folder.as_str());
    let mut wrong = BTreeSet::new();
    for one in &all {
        for on in one.dependencies.iter().filter_map(|package| folder_of(package)) {
            if !may_depend_on(&one.folder, on) {
                wrong.insert(format!("{} on {on}", one.folder));
            }
        }
    }
    none("dependencies upwards or sideways", &wrong);
}

#[test]
fn tests_of_solvers_make_their_own_instances() {
    let reading =
        |one: &&Crate| one.folder.starts_with("solvers/") && one.dev_dependencies.iter().any(|package| package == "fathom-opt-instances");
    let found = crates().iter().filter(reading).map(|one| one.folder.clone()).collect();
    none("solvers whose tests depend on `instances`", &found);
}

/// Names of classes and families: `fair_division`, `fair-division`, `FairDivision`, `fathom_opt_division`.
fn family_names(all: &[Crate]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let classes = repository().join("instances/src");
    for entry in std::fs::read_dir(classes).expect("the folder of classes") {
        let entry = entry.expect("an entry");
        let folder = entry.file_name().to_string_lossy().into_owned();
        let is_class = std::fs::read_to_string(entry.path().join("mod.rs")).is_ok_and(|text| text.contains("pub fn class() -> Class"));
        if is_class {
            names.insert(folder.replace('_', "-"));
            names.insert(folder.split('_').map(|word| word[..1].to_uppercase() + &word[1..]).collect());
            names.insert(folder);
        }
    }
    let below = ["core", "serve", "backends", "linalg", "learners"];
    let families = all.iter().filter_map(|one| one.folder.strip_prefix("solvers/")).filter(|name| !below.contains(name));
    names.extend(families.map(|name| format!("fathom_opt_{name}")));
    names
}

#[test]
fn no_family_is_named_where_none_belongs() {
    let all = crates();
    let names = family_names(&all);
    assert!(names.contains("fair_division") && names.contains("FairDivision"), "{names:?}");
    // The lists themselves: which classes there are, which suites, and which solvers.
    let lists = ["instances/src/lib.rs", "instances/src/shipped_classes.rs", "instances/src/suite/shipped.rs", "cli/src/lib.rs"];
    let mut found = BTreeSet::new();
    for one in &all {
        if !["instances", "benches", "cli", "solvers/core", "solvers/serve"].contains(&one.folder.as_str()) {
            continue;
        }
        for (file, text) in &one.sources {
            let path = format!("{}/{file}", one.folder);
            let of_a_class = one.folder == "instances" && file.split('/').nth(1).is_some_and(|folder| names.contains(folder));
            if of_a_class || lists.contains(&path.as_str()) {
                continue;
            }
            let code = code::code_of(text);
            let is_word = |c: char| c.is_alphanumeric() || c == '_';
            let named: BTreeSet<&str> = code.split(|c: char| !is_word(c)).filter(|word| names.contains(*word)).collect();
            // Kinds in texts: literals are no code, but the names on the command line stand in them.
            let quoted = names
                .iter()
                .filter(|name| name.contains('-') && without_comment_lines(text).contains(&format!("\"{name}\"")))
                .map(String::as_str);
            let all: Vec<&str> = named.into_iter().chain(quoted).collect();
            if !all.is_empty() {
                found.insert(format!("{path}: {}", all.join(" ")));
            }
        }
    }
    none("files that name a family and belong to none", &found);
}

/// `text` without comment lines and without its test module.
fn without_comment_lines(text: &str) -> String {
    let before_tests = text.split("#[cfg(test)]").next().unwrap_or_default();
    before_tests.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}
