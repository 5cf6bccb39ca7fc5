//! Generators: instances made from published parameters and a seed.
//!
//! A generator's fields are its parameters, each with a default. The same version, parameters and seed give the same instance. To add one: implement [`Generator`]
//! (or [`FileGenerator`], where a parameter names a file) in the class's folder and name it in the class's [`Class`](crate::Class).

use std::io::{self, Write};

use fathom_opt_problems::{AnyProblem, Problem};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use serde_json::{Map, Value};

use crate::inputs::Inputs;
use crate::options::{self, Options};
use crate::parameter_error::ParameterError;

/// A family of instances.
pub trait Generator: Options {
    /// The name on the command line.
    const NAME: &'static str;
    /// The family in one line.
    const SUMMARY: &'static str;
    /// Where the parameters were published.
    const CITATION: &'static str;
    /// The problem class.
    type Problem: Problem;

    /// The instance of these parameters, with what is random drawn from `rng`.
    ///
    /// # Errors
    /// A parameter out of its range.
    fn generate(&self, rng: &mut ChaCha8Rng) -> Result<Self::Problem, ParameterError>;
}

/// A family whose instances can be written while they are made, in the stream format of their class: memory then does not grow with the instance.
pub trait WritesInstances: Generator {
    /// Writes the instance that [`Generator::generate`] makes with the same `rng`, byte for byte as the class's stream format would.
    ///
    /// # Errors
    /// A parameter out of its range; `out` that cannot be written.
    fn write(&self, rng: &mut ChaCha8Rng, out: &mut dyn Write) -> Result<io::Result<()>, ParameterError>;
}

/// A family of instances that are made from files: the parameters [`FileGenerator::FILES`] name them, as paths, as `library:NAME`, or as `data:PATH` in suites.
pub trait FileGenerator: Options {
    /// The name on the command line.
    const NAME: &'static str;
    /// The family in one line.
    const SUMMARY: &'static str;
    /// Where the parameters were published.
    const CITATION: &'static str;
    /// The parameters that name files; a parameter that is empty names none.
    const FILES: &'static [&'static str];
    /// The problem class.
    type Problem: Problem;

    /// The instance of these parameters and files.
    ///
    /// # Errors
    /// A parameter out of its range, a file that is not what it should be.
    fn generate(&self, inputs: &Inputs<'_>, rng: &mut ChaCha8Rng) -> Result<Self::Problem, ParameterError>;
}

/// A [`Generator`] or a [`FileGenerator`] with its types erased.
#[derive(Debug, Clone, Copy)]
pub struct AnyGenerator {
    /// The name on the command line.
    pub name: &'static str,
    /// The family in one line.
    pub summary: &'static str,
    /// Where the parameters were published.
    pub citation: &'static str,
    /// The problem class of its instances.
    pub kind: &'static str,
    /// Parameters that name files.
    pub files: &'static [&'static str],
    schema: fn() -> Value,
    defaults: fn() -> Value,
    effective: fn(&Map<String, Value>) -> Result<Value, ParameterError>,
    generate: GenerateErased,
    write: Option<WriteErased>,
}

type WriteErased = fn(&Map<String, Value>, u64, &mut dyn Write) -> Result<io::Result<()>, ParameterError>;

type GenerateErased = fn(&Map<String, Value>, &Inputs<'_>, u64) -> Result<Box<dyn AnyProblem>, ParameterError>;

impl AnyGenerator {
    /// The generator `G`.
    pub fn of<G: Generator>() -> Self {
        Self {
            name: G::NAME,
            summary: G::SUMMARY,
            citation: G::CITATION,
            kind: G::Problem::KIND,
            files: &[],
            schema: options::schema::<G>,
            defaults: options::defaults::<G>,
            effective: |given| parsed::<G>(G::NAME, given).map(|generator| options::effective(&generator)),
            generate: |given, _, seed| {
                let problem = parsed::<G>(G::NAME, given)?.generate(&mut ChaCha8Rng::seed_from_u64(seed))?;
                Ok(Box::new(problem))
            },
            write: None,
        }
    }

    /// The generator `G`, which can write instances while it makes them.
    pub fn of_written<G: WritesInstances>() -> Self {
        let write: WriteErased = |given, seed, out| parsed::<G>(G::NAME, given)?.write(&mut ChaCha8Rng::seed_from_u64(seed), out);
        Self { write: Some(write), ..Self::of::<G>() }
    }

    /// The generator `G`, which is made from files.
    pub fn of_files<G: FileGenerator>() -> Self {
        Self {
            name: G::NAME,
            summary: G::SUMMARY,
            citation: G::CITATION,
            kind: G::Problem::KIND,
            files: G::FILES,
            schema: options::schema::<G>,
            defaults: options::defaults::<G>,
            effective: |given| parsed::<G>(G::NAME, given).map(|generator| options::effective(&generator)),
            generate: |given, inputs, seed| {
                let problem = parsed::<G>(G::NAME, given)?.generate(inputs, &mut ChaCha8Rng::seed_from_u64(seed))?;
                Ok(Box::new(problem))
            },
            write: None,
        }
    }

    /// Writes the instance of these parameters and seed while it is made; `None` where the generator cannot.
    ///
    /// # Errors
    /// As [`WritesInstances::write`].
    pub fn write(&self, given: &Map<String, Value>, seed: u64, out: &mut dyn Write) -> Option<Result<io::Result<()>, ParameterError>> {
        self.write.map(|write| write(given, seed, out))
    }

    /// JSON Schema of the parameters.
    pub fn schema(&self) -> Value {
        (self.schema)()
    }

    /// All parameters with their defaults.
    pub fn defaults(&self) -> Value {
        (self.defaults)()
    }

    /// All parameters with the values that `given` leads to.
    ///
    /// # Errors
    /// A parameter that the generator does not have, or a value of the wrong type.
    pub fn effective(&self, given: &Map<String, Value>) -> Result<Value, ParameterError> {
        (self.effective)(given)
    }

    /// The problem of these parameters, files and seed.
    ///
    /// # Errors
    /// As [`AnyGenerator::effective`], and as the generator's own.
    pub fn generate(&self, given: &Map<String, Value>, inputs: &Inputs<'_>, seed: u64) -> Result<Box<dyn AnyProblem>, ParameterError> {
        (self.generate)(given, inputs, seed)
    }
}

fn parsed<G: Options>(family: &'static str, given: &Map<String, Value>) -> Result<G, ParameterError> {
    serde_json::from_value(Value::Object(given.clone())).map_err(|error| ParameterError::Parameters { family, message: error.to_string() })
}
