//! The problem classes that documents may hold.

use fathom_opt_problems::dag_learning::DagLearning;
use fathom_opt_problems::fair_division::FairDivision;
use fathom_opt_problems::linear_sequence::LinearSequence;
use fathom_opt_problems::objects_only::{self, ObjectsOnly};
use fathom_opt_problems::online_knapsack::OnlineKnapsack;
use fathom_opt_problems::replenishable_bandit::ReplenishableBandit;
use fathom_opt_problems::{AnyProblem, BulkSource, Malformed, Place, Problem, Segment};
use serde::Deserialize;
use serde_json::Value;

/// Why a `data` field is not an instance of its class.
#[derive(Debug)]
pub(crate) enum DataFault {
    /// Not JSON of the class's form: line and column within the field, and the path that leads there.
    Json { line: usize, column: usize, place: Place, message: String },
    /// JSON of the right form that breaks a rule of the class.
    Malformed(Malformed),
}

/// A problem class, with its types erased.
#[derive(Debug, Clone, Copy)]
pub struct Class {
    /// The name in documents and on the command line.
    pub kind: &'static str,
    /// The class in one line.
    pub summary: &'static str,
    schema: fn() -> (Value, Value),
    parse: Parse,
}

/// From the JSON text of a `data` field to the instance.
type Parse = fn(&str, &mut dyn BulkSource) -> Result<Box<dyn AnyProblem>, DataFault>;

impl Class {
    fn of<P: Problem>() -> Self {
        Self {
            kind: P::KIND,
            summary: P::SUMMARY,
            schema: || (schemars::schema_for!(P::Data).to_value(), schemars::schema_for!(P::Solution).to_value()),
            parse: parse::<P>,
        }
    }

    /// JSON Schema of the class's `data` field.
    pub fn data_schema(&self) -> Value {
        (self.schema)().0
    }

    /// JSON Schema of the class's solutions.
    pub fn solution_schema(&self) -> Value {
        (self.schema)().1
    }

    pub(crate) fn parse(&self, data: &str, bulk: &mut dyn BulkSource) -> Result<Box<dyn AnyProblem>, DataFault> {
        (self.parse)(data, bulk)
    }
}

/// All classes of this build, in the order in which people meet them.
pub fn classes() -> Vec<Class> {
    vec![
        Class::of::<FairDivision>(),
        Class::of::<LinearSequence>(),
        Class::of::<DagLearning>(),
        Class::of::<OnlineKnapsack>(),
        Class::of::<ReplenishableBandit>(),
    ]
}

/// The class called `kind`.
pub fn class(kind: &str) -> Option<Class> {
    classes().into_iter().find(|class| class.kind == kind)
}

fn parse<P: Problem>(data: &str, bulk: &mut dyn BulkSource) -> Result<Box<dyn AnyProblem>, DataFault> {
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
