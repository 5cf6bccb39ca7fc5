//! The `fathom` program with a class, a format, a generator and a solver from outside.
#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut registry = fathom::registry();
    fathom_tests::subset_sum::register(&mut registry);
    let mut classes = fathom::instances::classes();
    classes.add(fathom_tests::subset_sum::class());
    fathom::command_line::main_with(&registry, &fathom::services(), &classes)
}
