//! Matroids: which sets may be chosen together.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::malformed::{Malformed, Place};

/// A group of elements of which at most `capacity` may be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Positions of the elements in the ground set, each once.
    pub elements: Vec<u32>,
    /// How many of them may be chosen.
    pub capacity: u32,
}

/// A matroid over the ground set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum Matroid {
    /// Every element belongs to one part, and of each part at most its capacity may be chosen.
    Partition {
        /// The part (0-based) of each element.
        parts: Vec<u32>,
        /// The capacity of each part.
        capacities: Vec<u32>,
    },
    /// Groups of which any two are disjoint or one inside the other; of each at most its capacity may be chosen.
    Laminar {
        /// The groups; an element in none of them may always be chosen.
        groups: Vec<Group>,
    },
    /// Every element is an edge of a graph, and the chosen ones may close no cycle.
    Graphic {
        /// The two ends of each element.
        edges: Vec<(u32, u32)>,
    },
}

impl Matroid {
    /// Whether this is a matroid over `elements` elements.
    ///
    /// # Errors
    /// A part or an element out of range, another number of elements, groups that cross.
    pub fn validate(&self, elements: usize) -> Result<(), Malformed> {
        let root = Place::root();
        let count = |field: &str, found: usize| {
            if found == elements {
                return Ok(());
            }
            Err(Malformed::new(root.field(field), format!("{found} entries"), format!("{elements} (one for each element)")))
        };
        match self {
            Self::Partition { parts, capacities } => {
                count("parts", parts.len())?;
                match parts.iter().position(|&part| part as usize >= capacities.len()) {
                    None => Ok(()),
                    Some(element) => {
                        let expected = format!("a part below {} (as many as capacities)", capacities.len());
                        Err(Malformed::new(root.field("parts").index(element), parts[element].to_string(), expected))
                    }
                }
            }
            Self::Graphic { edges } => count("edges", edges.len()),
            Self::Laminar { groups } => Self::validate_groups(groups, elements),
        }
    }

    /// Groups are laminar exactly when, taken from the largest to the smallest, the members of each have the same smallest group so far.
    fn validate_groups(groups: &[Group], elements: usize) -> Result<(), Malformed> {
        let place = |group: usize| Place::root().field("groups").index(group).field("elements");
        let mut order: Vec<usize> = (0..groups.len()).collect();
        order.sort_by_key(|&group| std::cmp::Reverse(groups[group].elements.len()));
        let mut innermost = vec![usize::MAX; elements];
        for group in order {
            let mut around = None;
            for (position, &element) in groups[group].elements.iter().enumerate() {
                let Some(inner) = innermost.get_mut(element as usize) else {
                    let expected = format!("an element below {elements}");
                    return Err(Malformed::new(place(group).index(position), element.to_string(), expected));
                };
                let before = std::mem::replace(inner, group);
                if before == group {
                    return Err(Malformed::new(place(group).index(position), format!("{element} again"), "each element once in a group"));
                }
                if *around.get_or_insert(before) != before {
                    let expected = "groups of which any two are disjoint or one inside the other";
                    return Err(Malformed::new(place(group), "a group that crosses another one", expected));
                }
            }
        }
        Ok(())
    }

    /// Whether `chosen`, distinct elements of the ground set, may be chosen together.
    pub fn is_independent(&self, chosen: &[usize]) -> bool {
        match self {
            Self::Partition { parts, capacities } => {
                let mut left = capacities.clone();
                chosen.iter().all(|&element| {
                    let room = &mut left[parts[element] as usize];
                    let fits = *room > 0;
                    *room = room.saturating_sub(1);
                    fits
                })
            }
            Self::Laminar { groups } => groups.iter().all(|group| {
                let inside = chosen.iter().filter(|&&element| group.elements.contains(&(element as u32))).count();
                inside <= group.capacity as usize
            }),
            Self::Graphic { edges } => Self::is_forest(chosen.iter().map(|&element| edges[element])),
        }
    }

    /// Whether the edges close no cycle: every edge joins two components.
    fn is_forest(edges: impl Iterator<Item = (u32, u32)>) -> bool {
        let mut above: std::collections::HashMap<u32, u32> = std::collections::HashMap::new();
        for (u, v) in edges {
            let (mut a, mut b) = (u, v);
            while let Some(&next) = above.get(&a) {
                a = next;
            }
            while let Some(&next) = above.get(&b) {
                b = next;
            }
            if a == b {
                return false;
            }
            above.insert(a, b);
        }
        true
    }
}
