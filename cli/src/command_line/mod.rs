//! The command line: one file per verb. A verb parses and prints; the work lives in the libraries.

mod audit;
mod bench;
mod check;
mod completions;
mod convert;
mod did_you_mean;
mod failure;
mod generate;
mod info;
mod input;
mod interrupt;
mod list;
mod manual;
mod old_spelling;
mod online;
mod output;
mod schema;
mod solve;
mod stub;
mod stub_settings;
mod stub_words;
mod summary;
mod tune;
mod wrapping;

use std::ffi::OsString;
use std::io;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use fathom_opt_bench::BenchError;
use fathom_opt_core::Registry;
use fathom_opt_instances::Classes;
use fathom_opt_serve::Services;

use failure::{Failure, Status};
use output::Output;

/// Combinatorial and constrained optimization with independent checks.
///
/// Every answer is recomputed from the data by a checker that shares no code with the solvers.
#[derive(Debug, Parser)]
#[command(name = "fathom", version, max_term_width = 110)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Solve an instance and check the answer
    Solve(solve::Solve),
    /// Check a solution from any tool against an instance
    Check(check::Check),
    /// Say what a file holds and which solvers take it
    Info(info::Info),
    /// List what is built in
    List(list::List),
    /// Make an instance from published parameters and a seed
    Generate(generate::Generate),
    /// Turn an instance file into one of another format
    Convert(convert::Convert),
    /// Print the JSON Schema of a problem class's documents
    Schema(schema::Schema),
    /// Answer a live stream as it comes, a line for a line
    Online(online::Online),
    /// Check a decision log by giving its answers again, and say what it shows
    Audit(audit::Audit),
    /// Choose a service and its options from past streams
    Tune(tune::Tune),
    /// Run benchmark suites and export their records
    Bench(bench::Bench),
    /// Print a completion script for a shell
    Completions(completions::Completions),
    /// Print the manual page, or write a page for each verb
    Manual(manual::Manual),
    /// Serve one run of a suite: used by `bench run`, which starts a process per run
    #[command(name = bench::WORKER, hide = true)]
    Worker,
}

/// Runs the command line of this process with the solvers of `registry`, the services of `services` and the problem classes `classes`.
///
/// Returns the exit status: 0 a checked solution, a proof that there is none, or a check that holds; 1 a claim is refuted or left unchecked; 2 bad usage or
/// input; 3 no solution; 130 interrupted.
pub fn main_with(registry: &Registry, services: &Services, classes: &Classes) -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    // Modelling languages call the program in their own way.
    stub::answered(&arguments, registry, classes).unwrap_or_else(|| run(arguments, registry, services, classes))
}

/// Runs the command line `arguments` (the program's name first).
fn run(arguments: impl IntoIterator<Item = OsString>, registry: &Registry, services: &Services, classes: &Classes) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            if let Some(message) = old_spelling::renamed(&error) {
                Failure::Usage(message).report();
                return Status::BadInput.into();
            }
            // Help and version go to standard output and are no mistake. A reader that went away is none either.
            let _ = error.print();
            return if error.use_stderr() { Status::BadInput.into() } else { Status::Holds.into() };
        }
    };
    if let Verb::Worker = arguments.verb {
        return fathom_opt_bench::worker::serve(registry, classes);
    }
    // A solver may call libraries that print; only results belong on standard output.
    let mut output = if matches!(arguments.verb, Verb::Solve(_)) { Output::reserved() } else { Output::standard() };
    let result = dispatch(arguments.verb, registry, services, classes, &mut output).and_then(|status| {
        output.flush()?;
        Ok(status)
    });
    match result {
        Ok(status) => status.into(),
        Err(Failure::Output(error) | Failure::Bench(BenchError::Export(error))) if error.kind() == io::ErrorKind::BrokenPipe => {
            Status::Holds.into()
        }
        Err(failure) => {
            failure.report();
            Status::BadInput.into()
        }
    }
}

fn dispatch(verb: Verb, registry: &Registry, services: &Services, classes: &Classes, output: &mut Output) -> Result<Status, Failure> {
    match verb {
        Verb::Solve(verb) => verb.run(registry, classes, output),
        Verb::Check(verb) => verb.run(classes, output),
        Verb::Info(verb) => verb.run(registry, classes, output),
        Verb::List(verb) => verb.run(registry, services, classes, output),
        Verb::Generate(verb) => verb.run(classes, output),
        Verb::Convert(verb) => verb.run(classes, output),
        Verb::Schema(verb) => verb.run(classes, output),
        Verb::Audit(verb) => verb.run(services, output),
        Verb::Online(verb) => verb.run(services, classes),
        Verb::Tune(verb) => verb.run(services, classes, output),
        Verb::Bench(verb) => verb.run(registry, classes, output),
        Verb::Completions(verb) => verb.run(Arguments::command(), registry, services, classes, output),
        Verb::Manual(verb) => verb.run(Arguments::command(), output),
        // It answers on standard output itself, before there is an `Output`.
        Verb::Worker => Ok(Status::Holds),
    }
}
