//! `fathom completions`: scripts that know the names of what is built in.

use clap::builder::PossibleValuesParser;
use clap::{Args, Command};
use fathom_opt_core::{AnySolverEntry, Registry};
use fathom_opt_instances::suite::Suite;
use fathom_opt_instances::{Classes, library};
use fathom_opt_serve::{AnyServiceEntry, Services};

use super::failure::{Failure, Status};
use super::output::Output;

#[derive(Debug, Args)]
pub(super) struct Completions {
    /// Which shell
    shell: clap_complete::Shell,
}

impl Completions {
    pub(super) fn run(
        self,
        command: Command,
        registry: &Registry,
        services: &Services,
        classes: &Classes,
        output: &mut Output,
    ) -> Result<Status, Failure> {
        let kinds: Vec<String> = classes.kinds().into_iter().map(str::to_owned).collect();
        let solvers = names(classes.iter().flat_map(|class| registry.for_kind(class.kind)).map(AnySolverEntry::name));
        let formats = names(classes.formats().map(|format| format.name));
        let generators = names(classes.generators().map(|generator| generator.name));
        let served = names(services.entries().map(AnyServiceEntry::name));
        let suites = names(Suite::shipped());
        let instances = names(library::names().map(|name| format!("library:{name}")));
        // What can be listed by name, whatever it is.
        let listed = names(kinds.iter().chain(&solvers).chain(&formats).chain(&generators).chain(&served).chain(&suites).cloned());
        let known: [(&[&str], &str, &[String]); 14] = [
            (&["solve"], "solver", &solvers),
            (&["solve"], "problem", &kinds),
            (&["solve"], "format", &formats),
            (&["solve"], "file", &instances),
            (&["check"], "file", &instances),
            (&["check"], "problem", &kinds),
            (&["info"], "file", &instances),
            (&["info"], "problem", &kinds),
            (&["convert"], "file", &instances),
            (&["list"], "name", &listed),
            (&["generate"], "family", &generators),
            (&["schema"], "kind", &kinds),
            (&["online"], "service", &served),
            (&["bench", "run"], "suites", &suites),
        ];
        let mut command = known.into_iter().fold(command, |command, (verbs, argument, names)| offering(command, verbs, argument, names));
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut command, "fathom", &mut script);
        output.bytes(&script)?;
        Ok(Status::Holds)
    }
}

/// The names, each once, in their order.
fn names<S: Into<String>>(all: impl IntoIterator<Item = S>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for name in all {
        let name = name.into();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// The command in which the argument of a verb offers `names`.
fn offering(command: Command, verbs: &[&str], argument: &str, names: &[String]) -> Command {
    match verbs {
        // In place: the sequence of positional arguments counts.
        [] => {
            command.mut_args(
                |known| {
                    if known.get_id() == argument { known.value_parser(PossibleValuesParser::new(names.to_vec())) } else { known }
                },
            )
        }
        [verb, below @ ..] if command.find_subcommand(verb).is_some() => {
            command.mut_subcommand(verb, |inner| offering(inner, below, argument, names))
        }
        _ => command,
    }
}
