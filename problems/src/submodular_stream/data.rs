//! The document form of a stream.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::constraint::Constraint;
use super::function::Function;
use super::function_data::{FunctionData, stored};
use super::ground::{Elements, Ground};
use super::operation::{self, Step};
use super::stream::SubmodularStream;
use crate::bulk::{Bulk, BulkSink, BulkSource};
use crate::malformed::{Malformed, Place};

/// The `data` field of a `submodular-stream` document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SubmodularStreamData {
    /// The function. Its rows stand in the order of the elements.
    pub function: FunctionData,
    /// How many elements there are (their ids are then 0, 1, ...), or their ids.
    pub elements: Elements,
    /// Which sets of live elements may be chosen.
    pub constraint: Constraint,
    /// What happens, in order; or a file beside the document (JSON lines, `+id`, `-id` and `?`, or CSV).
    pub operations: Bulk<Vec<Step>>,
}

/// The function and the ground set of a document or of a stream's header; the constraint is looked at, too.
///
/// # Errors
/// As [`SubmodularStream::new`], and what is no function.
pub fn open(
    function: FunctionData,
    elements: Elements,
    constraint: &Constraint,
    bulk: &mut dyn BulkSource,
) -> Result<(Function, Ground), Malformed> {
    let root = Place::root();
    let ground = Ground::new(elements).map_err(|fault| fault.below(&root.field("elements")))?;
    let place = root.field("function").field(function.name());
    let function = function.load(ground.len(), bulk).map_err(|fault| fault.below(&place))?;
    if ground.len() != function.len() {
        let expected = format!("{} (as many as the function has)", function.len());
        return Err(Malformed::new(root.field("elements"), format!("{} elements", ground.len()), expected));
    }
    constraint.validate(ground.len()).map_err(|fault| fault.below(&root.field("constraint")))?;
    Ok((function, ground))
}

impl SubmodularStreamData {
    pub(super) fn load(self, bulk: &mut dyn BulkSource) -> Result<SubmodularStream, Malformed> {
        let root = Place::root();
        let (function, ground) = open(self.function, self.elements, &self.constraint, bulk)?;
        let steps = match self.operations {
            Bulk::Inline(steps) => steps,
            Bulk::File(reference) => {
                let below = |fault: Malformed| fault.below(&root.field("operations"));
                let text = bulk.stream(&reference).map_err(below)?;
                operation::parse(&reference.file, &text).map_err(below)?
            }
        };
        SubmodularStream::new(function, ground, self.constraint, &steps)
    }

    pub(super) fn store(stream: &SubmodularStream, bulk: &mut dyn BulkSink) -> Result<Self, Malformed> {
        Ok(Self {
            function: FunctionData::store(stream.function(), bulk)?,
            elements: stream.ground().elements().clone(),
            constraint: stream.constraint().clone(),
            operations: stored("operations", stream.steps().collect(), 2 * stream.operations().len(), bulk)?,
        })
    }
}
