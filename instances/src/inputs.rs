//! The files that a generator's parameters name.

use std::fmt;

use crate::error::InstanceError;
use crate::input_file::InputFile;
use crate::instance::Instance;
use crate::parameter_error::ParameterError;

/// The files that a generator's parameters name, read.
pub struct Inputs<'a> {
    files: Vec<(&'static str, InputFile)>,
    read: &'a ReadInstance<'a>,
}

/// Reads a file as an instance of any class.
pub(crate) type ReadInstance<'a> = dyn Fn(InputFile) -> Result<Instance, InstanceError> + 'a;

impl<'a> Inputs<'a> {
    /// The files of some parameters; `read` makes an instance of one.
    pub(crate) fn new(files: Vec<(&'static str, InputFile)>, read: &'a ReadInstance<'a>) -> Self {
        Self { files, read }
    }

    /// The files with the parameters that name them.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &InputFile)> {
        self.files.iter().map(|(parameter, file)| (*parameter, file))
    }

    /// The file that `parameter` names.
    ///
    /// # Errors
    /// When it names none.
    pub fn file(&self, parameter: &'static str) -> Result<&InputFile, ParameterError> {
        let named = self.iter().find_map(|(known, file)| (known == parameter).then_some(file));
        named.ok_or_else(|| ParameterError::file(parameter, "found no file, expected one"))
    }

    /// The instance in the file that `parameter` names, read as the command line would read it.
    ///
    /// # Errors
    /// When it names none, or no instance.
    pub fn instance(&self, parameter: &'static str) -> Result<Instance, ParameterError> {
        (self.read)(self.file(parameter)?.clone()).map_err(|error| ParameterError::file(parameter, error))
    }
}

impl fmt::Debug for Inputs<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inputs").field("files", &self.files).finish_non_exhaustive()
    }
}
