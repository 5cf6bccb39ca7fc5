//! The problem classes that Fathom ships, and what can be read with them alone.

use std::path::Path;

use serde_json::{Map, Value};

use crate::classes::Classes;
use crate::error::InstanceError;
use crate::input_file::InputFile;
use crate::instance::Instance;
use crate::instance_file::InstanceFile;
use crate::instance_source::{InstanceSource, OpenError};
use crate::reading::Reading;
use crate::{library, output_file};

/// All classes of this build: one line each.
pub fn classes() -> Classes {
    Classes::from_iter([
        #[cfg(feature = "fair-division")]
        crate::fair_division::class(),
        #[cfg(feature = "linear-sequence")]
        crate::linear_sequence::class(),
        #[cfg(feature = "dag-learning")]
        crate::dag_learning::class(),
        #[cfg(feature = "nonlinear")]
        crate::nonlinear::class(),
        #[cfg(feature = "online-knapsack")]
        crate::online_knapsack::class(),
        #[cfg(feature = "replenishable-bandit")]
        crate::replenishable_bandit::class(),
        #[cfg(feature = "submodular-stream")]
        crate::submodular_stream::class(),
    ])
}

/// The instance in `file`, with its format told by its name and content.
///
/// # Errors
/// When the file cannot be read or is no instance: file, line, column, what was found and what was expected.
pub fn read(file: &Path) -> Result<Instance, InstanceError> {
    InstanceFile::open(file, &Reading::default(), &classes())?.instance()
}

/// The instance in the bytes of a document that lies nowhere: `name` stands for its file in messages, and it may refer to no files.
///
/// # Errors
/// As [`read`].
pub fn parse_bytes(name: &str, bytes: &[u8]) -> Result<Instance, InstanceError> {
    InstanceFile::document(InputFile::of_bytes(name, bytes.to_vec()), &Reading::default(), &classes())?.instance()
}

/// The shipped instance called `name`.
///
/// # Errors
/// When there is none.
pub fn library_instance(name: &str) -> Result<Instance, InstanceError> {
    InstanceFile::document(library::file(name)?, &Reading::default(), &classes())?.instance()
}

/// Writes `instance` in the format that the name of `file` says.
///
/// # Errors
/// When the file cannot be written, or the instance holds more than the format can.
pub fn write(file: &Path, instance: &Instance) -> Result<(), InstanceError> {
    output_file::write_instance(file, instance, &classes())
}

/// The instance of the generator `family` with these parameters (the others have their defaults) and this seed.
///
/// # Errors
/// An unknown generator or parameter, a parameter of the wrong type or out of range.
pub fn generate(family: &str, parameters: &Map<String, Value>, seed: u64) -> Result<Instance, OpenError> {
    InstanceSource::Generated { family: family.to_owned(), parameters: parameters.clone(), seed }.open(&classes())
}
