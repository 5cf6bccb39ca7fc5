//! Solvers by name, with their types erased.

use std::marker::PhantomData;

use fathom_opt_problems::{AnyProblem, AnySolution, Problem};
use serde_json::{Map, Value};

use crate::outcome::Outcome;
use crate::run::Run;
use crate::solve_error::SolveError;
use crate::solver::{Solver, admit};

/// An outcome whose solution's class is known only at run time.
pub type ErasedOutcome = Outcome<AnySolution>;

/// A configured solver whose types are erased.
pub trait AnySolver: Send + Sync {
    /// [`Solver::NAME`].
    fn name(&self) -> &'static str;
    /// All options, defaults included.
    fn options(&self) -> Value;
    /// [`Solver::accepts`].
    ///
    /// # Errors
    /// As [`Solver::accepts`], and when the instance is of another class.
    fn accepts(&self, problem: &dyn AnyProblem) -> Result<(), SolveError>;
    /// Whether the method can start from a given solution.
    fn has_warm_start(&self) -> bool;
    /// [`Solver::solve`].
    ///
    /// # Errors
    /// As [`Solver::solve`], and when the instance is of another class.
    fn solve(&self, problem: &dyn AnyProblem, run: &Run) -> Result<ErasedOutcome, SolveError>;
}

/// One solver of the registry.
pub trait AnySolverEntry: Send + Sync {
    /// [`Problem::KIND`] of the class it solves.
    fn kind(&self) -> &'static str;
    /// [`Solver::NAME`].
    fn name(&self) -> &'static str;
    /// [`Solver::SUMMARY`].
    fn summary(&self) -> &'static str;
    /// Whether the method, with default options, can start from a given solution.
    fn has_warm_start(&self) -> bool;
    /// JSON Schema of the options.
    fn options_schema(&self) -> Value;
    /// The solver with these options; what is not named has its default.
    ///
    /// # Errors
    /// An unknown option, a value of the wrong type or out of range.
    fn configure(&self, options: &Map<String, Value>) -> Result<Box<dyn AnySolver>, SolveError>;
}

struct Entry<P, S>(PhantomData<fn() -> (P, S)>);

struct Configured<P, S> {
    solver: S,
    class: PhantomData<fn() -> P>,
}

impl<P: Problem, S: Solver<P> + 'static> Configured<P, S> {
    fn own(problem: &dyn AnyProblem) -> Result<&P, SolveError> {
        problem.downcast().ok_or(SolveError::WrongKind { solver: S::NAME, expected: P::KIND, found: problem.kind() })
    }
}

impl<P: Problem, S: Solver<P> + 'static> AnySolver for Configured<P, S> {
    fn name(&self) -> &'static str {
        S::NAME
    }

    fn options(&self) -> Value {
        // Options are plain structs; one that cannot be written as JSON shows as null instead of stopping a solve.
        serde_json::to_value(&self.solver).unwrap_or(Value::Null)
    }

    fn accepts(&self, problem: &dyn AnyProblem) -> Result<(), SolveError> {
        admit(&self.solver, Some(Self::own(problem)?))
    }

    fn has_warm_start(&self) -> bool {
        self.solver.warm_start().is_some()
    }

    fn solve(&self, problem: &dyn AnyProblem, run: &Run) -> Result<ErasedOutcome, SolveError> {
        Ok(self.solver.solve(Self::own(problem)?, run)?.map(AnySolution::new))
    }
}

impl<P: Problem, S: Solver<P> + 'static> AnySolverEntry for Entry<P, S> {
    fn kind(&self) -> &'static str {
        P::KIND
    }

    fn name(&self) -> &'static str {
        S::NAME
    }

    fn summary(&self) -> &'static str {
        S::SUMMARY
    }

    fn has_warm_start(&self) -> bool {
        S::default().warm_start().is_some()
    }

    fn options_schema(&self) -> Value {
        schemars::schema_for!(S).to_value()
    }

    fn configure(&self, options: &Map<String, Value>) -> Result<Box<dyn AnySolver>, SolveError> {
        let solver: S = serde_path_to_error::deserialize(Value::Object(options.clone())).map_err(|error| {
            let path = error.path().to_string();
            let message = error.inner().to_string();
            SolveError::Options(if path == "." { message } else { format!("`{path}`: {message}") })
        })?;
        admit(&solver, None)?;
        Ok(Box::new(Configured { solver, class: PhantomData }))
    }
}

/// Why a solver was not found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegistryError {
    /// No solver of this name takes the class.
    #[error("no solver `{name}` for {kind} problems; there is: {}", known.join(", "))]
    UnknownSolver {
        /// The problem class.
        kind: String,
        /// The name asked for.
        name: String,
        /// The names there are.
        known: Vec<&'static str>,
    },
    /// The solver goes by another name now.
    #[error("the solver `{name}` for {kind} problems is now {now}")]
    Renamed {
        /// The problem class.
        kind: String,
        /// The name asked for.
        name: String,
        /// What takes its place: a name, with the options that make it the same.
        now: &'static str,
    },
    /// No solver at all takes the class.
    #[error("no solver for {kind} problems is built in")]
    NoSolver {
        /// The problem class.
        kind: String,
    },
}

/// All solvers that a program offers. For each class the first one registered is the default.
#[derive(Default)]
pub struct Registry {
    entries: Vec<Box<dyn AnySolverEntry>>,
    /// Class, old name, and what takes its place.
    renamed: Vec<(&'static str, &'static str, &'static str)>,
}

impl Registry {
    /// No solvers yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds solver `S` for class `P`. A later solver of the same name and class replaces the earlier one.
    pub fn add<P: Problem, S: Solver<P> + 'static>(&mut self) {
        let entry: Box<dyn AnySolverEntry> = Box::new(Entry::<P, S>(PhantomData));
        match self.entries.iter().position(|known| known.kind() == entry.kind() && known.name() == entry.name()) {
            Some(position) => self.entries[position] = entry,
            None => self.entries.push(entry),
        }
    }

    /// Makes `old` a name for class `P` that is refused with a word on what takes its place: `now` says it, in the words of the command line.
    pub fn rename<P: Problem>(&mut self, old: &'static str, now: &'static str) {
        self.renamed.push((P::KIND, old, now));
    }

    /// All solvers, in the order in which they were added.
    pub fn entries(&self) -> impl Iterator<Item = &dyn AnySolverEntry> {
        self.entries.iter().map(AsRef::as_ref)
    }

    /// The solvers for a class; the first is its default.
    pub fn for_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a dyn AnySolverEntry> {
        self.entries().filter(move |entry| entry.kind() == kind)
    }

    /// The solver called `name` for a class, or the class's default.
    ///
    /// # Errors
    /// When there is none, or only under another name.
    pub fn find(&self, kind: &str, name: Option<&str>) -> Result<&dyn AnySolverEntry, RegistryError> {
        let mut candidates = self.entries().filter(|entry| entry.kind() == kind);
        match name {
            None => candidates.next().ok_or_else(|| RegistryError::NoSolver { kind: kind.into() }),
            Some(name) => candidates.find(|entry| entry.name() == name).ok_or_else(|| {
                let renamed = self.renamed.iter().find(|(class, old, _)| *class == kind && *old == name);
                let (kind, name) = (kind.to_owned(), name.to_owned());
                if let Some(&(.., now)) = renamed {
                    return RegistryError::Renamed { kind, name, now };
                }
                let known = self.entries().filter(|entry| entry.kind() == kind).map(AnySolverEntry::name).collect();
                RegistryError::UnknownSolver { kind, name, known }
            }),
        }
    }
}
