//! Services by name, with their types erased.

use std::fmt;
use std::marker::PhantomData;

use fathom_opt_core::{OptionError, SolveError};
use fathom_opt_problems::{AnyProblem, Problem};
use serde_json::{Map, Value};

use crate::erased::configure;
use crate::log::{AnyRecorded, DecisionLog, LogFault, LogFigures};
use crate::service::ServiceOptions;
use crate::session::Session;
use crate::tuner::{Tuner, Tuning};

/// One service of a list.
pub trait AnyServiceEntry: Send + Sync {
    /// [`ServiceOptions::NAME`].
    fn name(&self) -> &'static str;
    /// [`ServiceOptions::SUMMARY`].
    fn summary(&self) -> &'static str;
    /// The kind of its problem class.
    fn kind(&self) -> &'static str;
    /// [`ServiceOptions::HEADER`].
    fn header_example(&self) -> &'static str;
    /// [`ServiceOptions::LINES`].
    fn lines(&self) -> &'static str;
    /// JSON Schema of the options.
    fn options_schema(&self) -> Value;
    /// A session before its header, with these options; what is not named has its default. `seed` is used where the header has none.
    ///
    /// # Errors
    /// An unknown option, a value of the wrong type or out of range.
    fn session(&self, options: &Map<String, Value>, seed: u64) -> Result<Session, SolveError>;
    /// [`ServiceOptions::recorded`].
    ///
    /// # Errors
    /// As there.
    fn recorded(&self, log: &DecisionLog<'_>) -> Result<Option<AnyRecorded>, LogFault>;
    /// [`ServiceOptions::figures`].
    ///
    /// # Errors
    /// As there.
    fn figures(&self, log: &DecisionLog<'_>) -> Result<LogFigures, LogFault>;
    /// [`ServiceOptions::picture`].
    ///
    /// # Errors
    /// As there.
    fn picture(&self, log: &DecisionLog<'_>) -> Result<Option<String>, LogFault>;
}

struct Entry<O>(PhantomData<fn() -> O>);

impl<O: ServiceOptions> AnyServiceEntry for Entry<O> {
    fn name(&self) -> &'static str {
        O::NAME
    }

    fn summary(&self) -> &'static str {
        O::SUMMARY
    }

    fn kind(&self) -> &'static str {
        O::Problem::KIND
    }

    fn header_example(&self) -> &'static str {
        O::HEADER
    }

    fn lines(&self) -> &'static str {
        O::LINES
    }

    fn options_schema(&self) -> Value {
        schemars::schema_for!(O).to_value()
    }

    fn session(&self, options: &Map<String, Value>, seed: u64) -> Result<Session, SolveError> {
        Ok(Session::new(configure::<O>(options)?, seed))
    }

    fn recorded(&self, log: &DecisionLog<'_>) -> Result<Option<AnyRecorded>, LogFault> {
        Ok(O::recorded(log)?.map(AnyRecorded::from))
    }

    fn figures(&self, log: &DecisionLog<'_>) -> Result<LogFigures, LogFault> {
        O::figures(log)
    }

    fn picture(&self, log: &DecisionLog<'_>) -> Result<Option<String>, LogFault> {
        O::picture(log)
    }
}

/// One tuner of a list.
pub trait AnyTuner: Send + Sync {
    /// The kind of the class whose past streams it takes.
    fn kind(&self) -> &'static str;
    /// [`Tuner::SUMMARY`].
    fn summary(&self) -> &'static str;
    /// JSON Schema of the options.
    fn options_schema(&self) -> Value;
    /// Tries services on `past` with these options; instances of other classes are left out.
    ///
    /// # Errors
    /// As [`Tuner::tune`], and an unknown option or a value of the wrong type.
    fn tune(&self, options: &Map<String, Value>, past: &[Box<dyn AnyProblem>]) -> Result<Tuning, SolveError>;
}

struct TunerEntry<T>(PhantomData<fn() -> T>);

impl<T: Tuner> AnyTuner for TunerEntry<T> {
    fn kind(&self) -> &'static str {
        T::Problem::KIND
    }

    fn summary(&self) -> &'static str {
        T::SUMMARY
    }

    fn options_schema(&self) -> Value {
        schemars::schema_for!(T).to_value()
    }

    fn tune(&self, options: &Map<String, Value>, past: &[Box<dyn AnyProblem>]) -> Result<Tuning, SolveError> {
        let tuner: T =
            serde_path_to_error::deserialize(Value::Object(options.clone())).map_err(|error| SolveError::Options(error.to_string()))?;
        let past: Vec<&T::Problem> = past.iter().filter_map(|problem| problem.downcast()).collect();
        if past.is_empty() {
            return Err(OptionError::new("past", "no stream", format!("streams of {}", T::Problem::KIND)).into());
        }
        Ok(tuner.tune(&past)?)
    }
}

/// Why a service or a tuner was not found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ServicesError {
    /// No service has the name.
    #[error("no service `{name}`; there is: {}", known.join(", "))]
    UnknownService {
        /// The name asked for.
        name: String,
        /// The names there are.
        known: Vec<&'static str>,
    },
    /// No tuner takes the class.
    #[error("found a {kind} instance, expected a past stream of a class that can be tuned: {}", known.join(", "))]
    NoTuner {
        /// The class.
        kind: String,
        /// The classes that can be tuned.
        known: Vec<&'static str>,
    },
}

/// All services that a program offers, and the tuners that choose among them.
#[derive(Default)]
pub struct Services {
    entries: Vec<Box<dyn AnyServiceEntry>>,
    tuners: Vec<Box<dyn AnyTuner>>,
}

impl fmt::Debug for Services {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.entries().map(AnyServiceEntry::name)).finish()
    }
}

impl Services {
    /// No services yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a service. A later one of the same name replaces the earlier.
    pub fn add<O: ServiceOptions>(&mut self) {
        let entry: Box<dyn AnyServiceEntry> = Box::new(Entry::<O>(PhantomData));
        match self.entries.iter().position(|known| known.name() == entry.name()) {
            Some(position) => self.entries[position] = entry,
            None => self.entries.push(entry),
        }
    }

    /// Adds a tuner. A later one of the same class replaces the earlier.
    pub fn add_tuner<T: Tuner>(&mut self) {
        self.tuners.retain(|known| known.kind() != T::Problem::KIND);
        self.tuners.push(Box::new(TunerEntry::<T>(PhantomData)));
    }

    /// All services, in the order in which they were added.
    pub fn entries(&self) -> impl Iterator<Item = &dyn AnyServiceEntry> {
        self.entries.iter().map(AsRef::as_ref)
    }

    /// The service called `name`.
    ///
    /// # Errors
    /// When there is none; the names there are.
    pub fn find(&self, name: &str) -> Result<&dyn AnyServiceEntry, ServicesError> {
        let known = || self.entries().map(AnyServiceEntry::name).collect();
        self.entries().find(|entry| entry.name() == name).ok_or_else(|| ServicesError::UnknownService { name: name.into(), known: known() })
    }

    /// All tuners.
    pub fn tuners(&self) -> impl Iterator<Item = &dyn AnyTuner> {
        self.tuners.iter().map(AsRef::as_ref)
    }

    /// The tuner for past streams of the class `kind`.
    ///
    /// # Errors
    /// When there is none; the classes there are some for.
    pub fn tuner(&self, kind: &str) -> Result<&dyn AnyTuner, ServicesError> {
        let known = || self.tuners().map(AnyTuner::kind).collect();
        self.tuners().find(|tuner| tuner.kind() == kind).ok_or_else(|| ServicesError::NoTuner { kind: kind.into(), known: known() })
    }
}
