//! Where an instance comes from: one door for the command line, the harness, generators and suites.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::classes::Classes;
use crate::error::InstanceError;
use crate::input_file::InputFile;
use crate::instance::Instance;
use crate::instance_file::InstanceFile;
use crate::library;
use crate::parameter_error::ParameterError;
use crate::reading::Reading;
use crate::recipe::Recipe;

/// Where an instance comes from. It survives being written as JSON and read again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum InstanceSource {
    /// A document or a foreign file.
    File {
        /// The file.
        path: PathBuf,
        /// How it is read.
        #[serde(default)]
        reading: Reading,
    },
    /// A file of the data folder of whoever runs a suite, until [`InstanceSource::in_data_folder`] says where that is.
    Data {
        /// Its path within the folder.
        path: PathBuf,
        /// How it is read.
        #[serde(default)]
        reading: Reading,
    },
    /// An instance that Fathom ships.
    Library {
        /// Its name.
        name: String,
        /// How its document is read.
        #[serde(default)]
        reading: Reading,
    },
    /// A generated instance.
    Generated {
        /// The generator.
        family: String,
        /// Its parameters; the rest have their defaults. Those that name files hold paths, `library:NAME`, or `data:PATH` for a file of the data folder.
        parameters: Map<String, Value>,
        /// The seed.
        seed: u64,
    },
}

/// Why an instance could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A file is no instance.
    #[error(transparent)]
    Instance(#[from] InstanceError),
    /// A generator does not make one of these parameters.
    #[error(transparent)]
    Parameters(#[from] ParameterError),
    /// It is in a data folder, and nobody said where that is.
    #[error("{0}: it belongs into a data folder, and none was named")]
    NoDataFolder(String),
}

/// Begins the name of a file in the data folder, where the parameter of a generator in a suite names one.
pub(crate) const DATA: &str = "data:";

impl InstanceSource {
    /// What `text` names, as people write it on the command line: `library:NAME`, or the path of a file.
    pub fn parse(text: &Path, reading: Reading) -> Self {
        match text.to_str().and_then(|text| text.strip_prefix(library::PREFIX)) {
            Some(name) => Self::Library { name: name.to_owned(), reading },
            None => Self::File { path: text.to_path_buf(), reading },
        }
    }

    /// The instance.
    ///
    /// # Errors
    /// When there is none: what is wrong with which file or parameter.
    #[expect(clippy::redundant_closure_for_method_calls, reason = "the method alone is not general over the recipe's lifetime")]
    pub fn open(&self, classes: &Classes) -> Result<Instance, OpenError> {
        match self {
            Self::File { path, reading } => Ok(InstanceFile::open(path, reading, classes)?.instance()?),
            Self::Library { name, reading } => Ok(InstanceFile::document(library::file(name)?, reading, classes)?.instance()?),
            Self::Generated { .. } => self.with_recipe(classes, |recipe| recipe.instance()),
            Self::Data { path, .. } => Err(OpenError::NoDataFolder(path.display().to_string())),
        }
    }

    /// The hash over the content of every file that the instance is made of, and over all reading options or parameters with their defaults: two different
    /// instances never share one. It is the `sha256` of the instance, without having parsed or generated it.
    ///
    /// # Errors
    /// When a file cannot be read or its format cannot be told, or options or parameters are none.
    pub fn key(&self, classes: &Classes) -> Result<String, OpenError> {
        match self {
            Self::File { path, reading } => Ok(InstanceFile::open(path, reading, classes)?.key().to_owned()),
            Self::Library { name, reading } => Ok(InstanceFile::document(library::file(name)?, reading, classes)?.key().to_owned()),
            Self::Generated { .. } => self.with_recipe(classes, |recipe| Ok(recipe.key())),
            Self::Data { path, .. } => Err(OpenError::NoDataFolder(path.display().to_string())),
        }
    }

    fn with_recipe<T>(&self, classes: &Classes, use_it: impl FnOnce(&Recipe<'_>) -> Result<T, ParameterError>) -> Result<T, OpenError> {
        let Self::Generated { family, parameters, seed } = self else {
            return Err(OpenError::NoDataFolder(self.to_string()));
        };
        let reading = Reading::default();
        let read = |file: InputFile| match file.path().to_str() {
            Some(path) if path.starts_with(library::PREFIX) => InstanceFile::document(file, &reading, classes)?.instance(),
            _ => InstanceFile::of(file, &reading, classes)?.instance(),
        };
        let recipe = Recipe::new(family, parameters, *seed, classes, &read)?;
        Ok(use_it(&recipe)?)
    }

    /// The source with the files of the data folder `folder` in their places.
    ///
    /// # Errors
    /// When it needs one that is not there, or there is no folder: a sentence.
    pub fn in_data_folder(self, folder: Option<&Path>) -> Result<Self, String> {
        let find = |path: &Path| {
            let folder = folder.ok_or_else(|| "it belongs into a data folder, and none was named".to_owned())?;
            let file = folder.join(path);
            if file.is_file() { Ok(file) } else { Err(format!("there is no file {}", file.display())) }
        };
        match self {
            Self::Data { path, reading } => Ok(Self::File { path: find(&path)?, reading }),
            Self::Generated { family, mut parameters, seed } => {
                for value in parameters.values_mut() {
                    let Some(path) = value.as_str().and_then(|text| text.strip_prefix(DATA)) else { continue };
                    let file = find(Path::new(path))?;
                    let file = file.to_str().ok_or_else(|| "the data folder's name is not UTF-8".to_owned())?;
                    *value = Value::String(file.to_owned());
                }
                Ok(Self::Generated { family, parameters, seed })
            }
            other => Ok(other),
        }
    }
}

impl fmt::Display for InstanceSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let options = match self {
            Self::File { path, reading } | Self::Data { path, reading } => {
                write!(f, "{}", path.display())?;
                &reading.options
            }
            Self::Library { name, reading } => {
                write!(f, "{}{name}", library::PREFIX)?;
                &reading.options
            }
            Self::Generated { family, parameters, seed } => {
                write!(f, "{family}(")?;
                for (name, value) in parameters {
                    write!(f, "{name} = {value}, ")?;
                }
                return write!(f, "seed = {seed})");
            }
        };
        options.iter().try_for_each(|(name, value)| write!(f, ", {name} = {value}"))
    }
}
