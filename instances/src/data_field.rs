//! The `data` field of a document, as an instance of its class.

use fathom_opt_problems::objects_only::{self, ObjectsOnly};
use fathom_opt_problems::{AnyProblem, BulkSource, Malformed, Place, Problem, Segment};
use serde::Deserialize;

/// Why a `data` field is not an instance of its class.
#[derive(Debug)]
pub(crate) enum DataFault {
    /// Not JSON of the class's form: line and column within the field, and the path that leads there.
    Json { line: usize, column: usize, place: Place, message: String },
    /// JSON of the right form that breaks a rule of the class.
    Malformed(Malformed),
}

/// The instance of `P` that the JSON text `data` describes.
pub(crate) fn parse<P: Problem>(data: &str, bulk: &mut dyn BulkSource) -> Result<Box<dyn AnyProblem>, DataFault> {
    let parsed: P::Data = objects_only::from_str(data).map_err(|error| explain::<P::Data>(data, &error))?;
    let problem = P::from_data(parsed, bulk).map_err(DataFault::Malformed)?;
    Ok(Box::new(problem))
}

/// Parses once more, this time keeping track of the path: most files are right, and large ones should not pay for it.
fn explain<T: for<'de> Deserialize<'de>>(data: &str, plain: &serde_json::Error) -> DataFault {
    let mut deserializer = serde_json::Deserializer::from_str(data);
    let (error_message, place) = match serde_path_to_error::deserialize::<_, T>(ObjectsOnly(&mut deserializer)) {
        Ok(_) => (plain.to_string(), Place::root()),
        Err(error) => (error.inner().to_string(), place_of(error.path())),
    };
    // serde_json puts the position into its message too; it would be the position within the field.
    let position = format!(" at line {} column {}", plain.line(), plain.column());
    let message = error_message.strip_suffix(&position).unwrap_or(&error_message).to_owned();
    DataFault::Json { line: plain.line(), column: plain.column(), place, message }
}

fn place_of(path: &serde_path_to_error::Path) -> Place {
    use serde_path_to_error::Segment as Step;
    let segments = path.iter().filter_map(|step| match step {
        Step::Seq { index } => Some(Segment::Index(*index)),
        Step::Map { key } => Some(Segment::Field(key.clone())),
        Step::Enum { .. } | Step::Unknown => None,
    });
    Place::from_segments(segments.collect())
}
