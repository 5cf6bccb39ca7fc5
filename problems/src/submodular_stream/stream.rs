//! The problem class: a function, a constraint, and a stream of insertions, deletions and queries.

use super::constraint::Constraint;
use super::function::Function;
use super::ground::Ground;
use super::operation::{Action, Operation, Step};
use crate::malformed::{Malformed, Place};

/// A submodular function to be kept large over a changing set of live elements; see the [module](super).
#[derive(Debug, Clone, PartialEq)]
pub struct SubmodularStream {
    function: Function,
    ground: Ground,
    constraint: Constraint,
    operations: Vec<Operation>,
    times: Option<Vec<Option<f64>>>,
}

impl SubmodularStream {
    /// The stream `steps` over the elements `ground` of `function`.
    ///
    /// # Errors
    /// A ground set of another size than the function's; a constraint that is none over it; an insertion of a live element, a deletion of one that is not
    /// live, an unknown id, a missing or superfluous id; a stream without a query.
    pub fn new(function: Function, ground: Ground, constraint: Constraint, steps: &[Step]) -> Result<Self, Malformed> {
        let root = Place::root();
        if ground.len() != function.len() {
            let expected = format!("{} (as many as the function has)", function.len());
            return Err(Malformed::new(root.field("elements"), format!("{} elements", ground.len()), expected));
        }
        constraint.validate(ground.len()).map_err(|fault| fault.below(&root.field("constraint")))?;
        let operations = replay(&ground, steps).map_err(|fault| fault.below(&root.field("operations")))?;
        if !operations.contains(&Operation::Query) {
            return Err(Malformed::new(root.field("operations"), "no query", "at least one (nothing is asked otherwise)"));
        }
        let times = steps.iter().any(|step| step.time.is_some()).then(|| steps.iter().map(|step| step.time).collect());
        Ok(Self { function, ground, constraint, operations, times })
    }

    /// The function.
    pub fn function(&self) -> &Function {
        &self.function
    }

    /// The ground set.
    pub fn ground(&self) -> &Ground {
        &self.ground
    }

    /// The constraint.
    pub fn constraint(&self) -> &Constraint {
        &self.constraint
    }

    /// The stream.
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// The stream in the form of documents.
    pub fn steps(&self) -> impl Iterator<Item = Step> + '_ {
        self.operations.iter().enumerate().map(|(at, operation)| {
            let (action, element) = match operation {
                Operation::Insert(element) => (Action::Insert, Some(element)),
                Operation::Delete(element) => (Action::Delete, Some(element)),
                Operation::Query => (Action::Query, None),
            };
            let time = self.times.as_ref().and_then(|times| times[at]);
            Step { action, id: element.map(|&element| self.ground.id(element as usize)), time }
        })
    }

    /// The positions of the queries in the stream.
    pub fn queries(&self) -> impl Iterator<Item = usize> + '_ {
        self.operations.iter().enumerate().filter(|(_, operation)| **operation == Operation::Query).map(|(at, _)| at)
    }
}

/// The steps over positions, each checked against the elements that are live then.
fn replay(ground: &Ground, steps: &[Step]) -> Result<Vec<Operation>, Malformed> {
    let mut live = vec![false; ground.len()];
    let mut operations = Vec::with_capacity(steps.len());
    for (at, step) in steps.iter().enumerate() {
        let place = || Place::root().index(at).field("id");
        let operation = match (step.action, step.id) {
            (Action::Query, None) => Operation::Query,
            (Action::Query, Some(id)) => return Err(Malformed::new(place(), id.to_string(), "no id in a query")),
            (Action::Insert | Action::Delete, None) => return Err(Malformed::new(place(), "none", "the id of an element")),
            (action, Some(id)) => {
                let Some(element) = ground.position(id) else {
                    return Err(Malformed::new(place(), id.to_string(), "the id of an element of the ground set"));
                };
                let insert = action == Action::Insert;
                if std::mem::replace(&mut live[element], insert) == insert {
                    let (found, expected) =
                        if insert { ("which is live", "an element that is not live") } else { ("which is not live", "a live element") };
                    return Err(Malformed::new(place(), format!("{id}, {found}"), expected));
                }
                let element = element as u32;
                if insert { Operation::Insert(element) } else { Operation::Delete(element) }
            }
        };
        operations.push(operation);
    }
    Ok(operations)
}
