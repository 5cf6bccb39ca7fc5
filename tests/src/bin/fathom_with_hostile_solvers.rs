//! The `fathom` program with the misbehaving solvers of the tests beside the built-in ones.
#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut registry = fathom::registry();
    fathom_tests::hostile::register(&mut registry);
    fathom_tests::mutant::register(&mut registry);
    fathom_tests::quoting::register(&mut registry);
    fathom::command_line::main_with(&registry, &fathom::services(), &fathom::instances::classes())
}
