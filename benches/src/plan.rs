//! From suites to runs.

use std::collections::HashSet;

use fathom_opt_core::{AnySolverEntry, Registry, RegistryError};
use fathom_opt_instances::Classes;
use fathom_opt_instances::suite::{InstanceSource, Skipped, SolverChoice, Suite};
use serde_json::{Map, Value};

use crate::error::BenchError;
use crate::grace::Grace;
use crate::job::{CommandTask, Description, Job, SolveTask, Task};
use crate::key::{RunKey, canonical_json, digest};
use crate::request::RunRequest;
use crate::scratch::unused_name;
use crate::stranger::Stranger;

/// Fathom's version, part of every key.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// An instance of a suite that could be read.
#[derive(Debug, Clone)]
pub(crate) struct SuiteInstance {
    pub source: InstanceSource,
    /// [`source_key`] of `source`.
    pub key: String,
    pub description: Description,
}

/// One run of a suite.
#[derive(Debug, Clone)]
pub(crate) struct PlannedRun {
    pub key: RunKey,
    /// [`RunKey::digest`] of `key`.
    pub digest: String,
    pub suite: String,
    pub source: InstanceSource,
    pub description: Description,
    pub label: String,
    /// As the suite gives them.
    pub options: Map<String, Value>,
    /// With defaults, as canonical JSON; of somebody else's program, what makes it this one.
    pub all_options: String,
    /// Nobody asked for this solver by name: where it does not take the instance, the run is not shown.
    pub unasked: bool,
    /// Somebody else's program.
    pub stranger: Option<Stranger>,
}

/// A solver of a suite that is there.
#[derive(Debug, Clone)]
pub(crate) struct Contender {
    choice: SolverChoice,
    /// Somebody else's program.
    stranger: Option<Stranger>,
}

/// The solvers that a suite runs.
#[derive(Debug, Default)]
pub(crate) struct Contenders {
    pub present: Vec<Contender>,
    /// Optional programs that are not there.
    pub skipped: Vec<Skipped>,
}

impl PlannedRun {
    /// What a worker has to do, and is killed for not doing within `grace`.
    pub fn job(&self, grace: &Grace) -> Job {
        let RunKey { seed, time_limit, threads, .. } = self.key;
        let task = match &self.stranger {
            None => Task::Solve(SolveTask { solver: self.key.solver.clone(), options: self.options.clone(), seed, time_limit, threads }),
            Some(stranger) => Task::Command(CommandTask {
                words: stranger.words.clone(),
                reads: stranger.reads.clone(),
                writes: stranger.writes.clone(),
                seed,
                time_limit,
                kill_after: grace.solving(time_limit).as_secs_f64(),
                threads,
                scratch: unused_name(),
            }),
        };
        Job { source: self.source.clone(), memory_limit: self.key.memory_limit, task }
    }
}

/// What identifies an instance before it is read.
pub(crate) fn source_key(source: &InstanceSource, classes: &Classes) -> Result<String, String> {
    source.key(classes).map_err(|error| error.to_string())
}

/// The solvers that `suite` runs under `request`, each of a name that the registry knows, or a program that is there.
pub(crate) fn solvers(suite: &Suite, request: &RunRequest, registry: &Registry) -> Result<Contenders, BenchError> {
    let everything = || {
        let mut seen = HashSet::new();
        registry.entries().filter(|entry| seen.insert(entry.name())).map(|entry| SolverChoice::named(entry.name())).collect::<Vec<_>>()
    };
    let choices = match (&suite.solvers, &request.solvers) {
        (Some(listed), None) => listed.clone(),
        (None, None) => everything(),
        (listed, Some(wanted)) => {
            let listed = listed.as_deref().unwrap_or_default();
            let choices_of = |name: &String| {
                let matching: Vec<_> = listed.iter().filter(|choice| choice.label == *name || choice.name == *name).cloned().collect();
                if matching.is_empty() { vec![SolverChoice::named(name)] } else { matching }
            };
            wanted.iter().flat_map(choices_of).collect()
        }
    };
    let mut contenders = Contenders::default();
    for choice in choices {
        if let Some(command) = &choice.command {
            let program = |found: String, expected| {
                let (suite, solver) = (suite.name.clone(), choice.label.clone());
                BenchError::Program { suite, solver, found, expected }
            };
            if registry.entries().any(|entry| entry.name() == choice.name && choice.kind.as_deref().is_none_or(|kind| kind == entry.kind()))
            {
                return Err(program("the name of a solver of Fathom's".into(), "another name"));
            }
            match Stranger::find(command) {
                Ok(stranger) => contenders.present.push(Contender { choice, stranger: Some(stranger) }),
                Err(reason) if command.optional => contenders.skipped.push(Skipped { entry: choice.label, reason }),
                Err(reason) => return Err(program(reason, "a program that runs, or `optional = true`")),
            }
            continue;
        }
        let known = |entry: &&dyn AnySolverEntry| choice.kind.as_deref().is_none_or(|kind| kind == entry.kind());
        if !registry.entries().filter(known).any(|entry| entry.name() == choice.name) {
            let names: Vec<_> = registry.entries().filter(known).map(AnySolverEntry::name).collect();
            let source = renamed(&choice, registry).unwrap_or_else(|| match &choice.kind {
                Some(kind) if names.is_empty() => RegistryError::NoSolver { kind: kind.clone() },
                kind => RegistryError::UnknownSolver {
                    kind: kind.clone().unwrap_or_else(|| "any kind of".into()),
                    name: choice.name.clone(),
                    known: names,
                },
            });
            return Err(BenchError::UnknownSolver { suite: suite.name.clone(), source });
        }
        contenders.present.push(Contender { choice, stranger: None });
    }
    Ok(contenders)
}

/// What the registry says of a name that went out of use.
fn renamed(choice: &SolverChoice, registry: &Registry) -> Option<RegistryError> {
    let kinds = choice.kind.as_deref().map_or_else(|| registry.entries().map(AnySolverEntry::kind).collect(), |kind| vec![kind]);
    let mut errors = kinds.into_iter().filter_map(|kind| registry.find(kind, Some(&choice.name)).err());
    errors.find(|error| matches!(error, RegistryError::Renamed { .. }))
}

/// The runs of `suite` on its instances that can be read, by the program whose hash is `build`, without those that `seen` has already.
pub(crate) fn runs(
    suite: &Suite,
    contenders: &[Contender],
    instances: &[SuiteInstance],
    request: &RunRequest,
    (registry, build): (&Registry, &str),
    seen: &mut HashSet<String>,
) -> Result<Vec<PlannedRun>, BenchError> {
    let unasked = suite.solvers.is_none() && request.solvers.is_none();
    let mut runs = Vec::new();
    for SuiteInstance { source, key: instance, description } in instances {
        for Contender { choice, stranger } in contenders {
            if choice.kind.as_ref().is_some_and(|kind| *kind != description.kind) {
                continue;
            }
            let all_options = if let Some(stranger) = stranger {
                if !request.classes.find(&description.kind).is_some_and(|class| stranger.takes(class)) {
                    continue;
                }
                stranger.identity.clone()
            } else {
                let Ok(entry) = registry.find(&description.kind, Some(&choice.name)) else { continue };
                let solver = entry.configure(&choice.options).map_err(|source| BenchError::Options {
                    suite: suite.name.clone(),
                    solver: choice.label.clone(),
                    source: Box::new(source),
                })?;
                solver.options()
            };
            for &seed in request.seeds.as_ref().unwrap_or(&suite.seeds) {
                let key = RunKey {
                    instance_sha256: instance.clone(),
                    solver: choice.name.clone(),
                    options_sha256: digest(&all_options),
                    seed,
                    time_limit: request.time_limit.unwrap_or(suite.limits.time),
                    memory_limit: request.memory_limit.unwrap_or(suite.limits.memory),
                    threads: suite.limits.threads,
                    version: VERSION.to_owned(),
                    build: build.to_owned(),
                };
                let digest = key.digest();
                if !seen.insert(digest.clone()) {
                    continue;
                }
                runs.push(PlannedRun {
                    key,
                    digest,
                    suite: suite.name.clone(),
                    source: source.clone(),
                    description: description.clone(),
                    label: choice.label.clone(),
                    options: choice.options.clone(),
                    all_options: canonical_json(&all_options),
                    unasked,
                    stranger: stranger.clone(),
                });
            }
        }
    }
    Ok(runs)
}

#[cfg(test)]
mod tests;
