//! The `fathom` program.
#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    fathom::command_line::main_with(&fathom::registry(), &fathom::services(), &fathom::instances::classes())
}
