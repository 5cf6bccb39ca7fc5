//! The ground set: elements by the ids that people gave them.

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::malformed::{Malformed, Place};

/// The elements of a document: how many (their ids are then 0, 1, ...), or their ids.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Elements {
    /// So many elements with the ids 0, 1, ...
    Count(u32),
    /// The id of each element.
    Ids(Vec<u64>),
}

/// The ground set. Inside the library an element is its position; documents, streams and answers name it by its id.
#[derive(Debug, Clone, PartialEq)]
pub struct Ground {
    elements: Elements,
    positions: HashMap<u64, usize>,
}

impl Ground {
    /// The ground set of these elements.
    ///
    /// # Errors
    /// An id that stands twice.
    pub fn new(elements: Elements) -> Result<Self, Malformed> {
        let mut positions = HashMap::new();
        if let Elements::Ids(ids) = &elements {
            for (position, &id) in ids.iter().enumerate() {
                if positions.insert(id, position).is_some() {
                    return Err(Malformed::new(Place::root().index(position), format!("{id} again"), "each id once"));
                }
            }
        }
        Ok(Self { elements, positions })
    }

    /// Number of elements.
    pub fn len(&self) -> usize {
        match &self.elements {
            Elements::Count(count) => *count as usize,
            Elements::Ids(ids) => ids.len(),
        }
    }

    /// Whether there is no element.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The document form.
    pub fn elements(&self) -> &Elements {
        &self.elements
    }

    /// The element called `id`.
    pub fn position(&self, id: u64) -> Option<usize> {
        match &self.elements {
            Elements::Count(count) => usize::try_from(id).ok().filter(|&position| position < *count as usize),
            Elements::Ids(_) => self.positions.get(&id).copied(),
        }
    }

    /// The id of the element at `position`, which is below [`len`](Self::len).
    pub fn id(&self, position: usize) -> u64 {
        match &self.elements {
            Elements::Count(_) => position as u64,
            Elements::Ids(ids) => ids[position],
        }
    }
}
