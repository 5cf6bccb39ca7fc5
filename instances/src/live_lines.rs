//! Files of other formats that come line by line, as the JSON lines of a stream.

use fathom_opt_problems::Problem;
use serde_json::{Map, Value};

use crate::error::InstanceError;
use crate::file_format::FileFormat;
use crate::options;

/// A line of JSON, or what is wrong with the line it was to be made from.
pub type LiveLine = Result<Vec<u8>, String>;

/// Turns the lines of a file into lines of JSON, as they come.
pub trait LiveLines: Send {
    /// The JSON lines that `line` (without its newline) stands for, in order: the header of a stream, its arrivals, or nothing.
    ///
    /// # Errors
    /// When the first line does not tell how the others are to be read: what is wrong with it.
    fn translate(&mut self, line: &[u8]) -> Result<Vec<LiveLine>, String>;
}

/// A format whose files can be answered while they come: a live stream.
pub trait ComesByLine: FileFormat {
    /// What turns its lines into those of a stream.
    type Lines: LiveLines + 'static;

    /// The start of a file that is read with these options.
    ///
    /// # Errors
    /// An option that is missing or out of range.
    fn lines(options: Self::Options) -> Result<Self::Lines, InstanceError>;
}

/// A [`ComesByLine`] with its types erased.
#[derive(Debug, Clone, Copy)]
pub struct AnyLiveFormat {
    /// [`Problem::KIND`] of the class.
    pub kind: &'static str,
    /// [`FileFormat::NAME`].
    pub name: &'static str,
    open: OpenErased,
}

type OpenErased = fn(&Map<String, Value>) -> Result<Box<dyn LiveLines>, InstanceError>;

impl AnyLiveFormat {
    /// The format `F`.
    pub fn of<F: ComesByLine>() -> Self {
        Self {
            kind: F::Problem::KIND,
            name: F::NAME,
            open: |given| {
                let about = |message: String| InstanceError::about(std::path::Path::new("the stream"), message);
                let options = options::parse(given).map_err(|message| about(format!("reading option of {}: {message}", F::NAME)))?;
                Ok(Box::new(F::lines(options)?))
            },
        }
    }

    /// [`ComesByLine::lines`].
    ///
    /// # Errors
    /// As there, and for options that are none.
    pub fn lines(&self, given: &Map<String, Value>) -> Result<Box<dyn LiveLines>, InstanceError> {
        (self.open)(given)
    }
}
