//! What may be chosen together.

use std::fmt;
use std::sync::Arc;

use fathom_opt_problems::submodular_stream as class;

use crate::error::MaximizeError;

/// A matroid over the elements `0..n`: what may be chosen together.
pub trait Matroid: Send + Sync {
    /// Whether `element`, not one of `independent`, may be chosen beside them. `independent` may be chosen together.
    fn can_add(&self, independent: &[u32], element: u32) -> bool;

    /// A bound on the size of a largest independent set.
    fn rank_bound(&self) -> usize;

    /// Those of `independent` whose removal makes room for `element`, which cannot be added as it is: the rest of its circuit.
    fn circuit(&self, independent: &[u32], element: u32) -> Vec<u32> {
        let mut others = Vec::with_capacity(independent.len());
        let mut circuit = Vec::new();
        for &out in independent {
            others.clear();
            others.extend(independent.iter().copied().filter(|&other| other != out));
            if self.can_add(&others, element) {
                circuit.push(out);
            }
        }
        circuit
    }
}

/// A matroid of the problem class.
impl Matroid for class::Matroid {
    fn can_add(&self, independent: &[u32], element: u32) -> bool {
        match self {
            Self::Partition { parts, capacities } => {
                let part = parts[element as usize];
                let used = independent.iter().filter(|&&other| parts[other as usize] == part).count();
                used < capacities[part as usize] as usize
            }
            Self::Laminar { .. } | Self::Graphic { .. } => {
                let mut chosen: Vec<usize> = independent.iter().map(|&other| other as usize).collect();
                chosen.push(element as usize);
                self.is_independent(&chosen)
            }
        }
    }

    fn rank_bound(&self) -> usize {
        match self {
            Self::Partition { parts, capacities } => {
                let mut sizes = vec![0_usize; capacities.len()];
                for &part in parts {
                    sizes[part as usize] += 1;
                }
                sizes.iter().zip(capacities).map(|(&size, &capacity)| size.min(capacity as usize)).sum()
            }
            // Elements outside all groups are free; whoever knows the ground set bounds their number.
            Self::Laminar { .. } => usize::MAX,
            Self::Graphic { edges } => {
                let mut ends: Vec<u32> = edges.iter().flat_map(|&(u, v)| [u, v]).collect();
                ends.sort_unstable();
                ends.dedup();
                ends.len().saturating_sub(1)
            }
        }
    }
}

/// What may be chosen together.
#[derive(Clone)]
pub enum Constraint {
    /// At most so many elements.
    Cardinality(usize),
    /// An independent set of a matroid.
    Matroid(Arc<dyn Matroid>),
}

impl Constraint {
    /// The constraint of a document.
    pub fn of(constraint: &class::Constraint) -> Self {
        match constraint {
            class::Constraint::Cardinality(most) => Self::Cardinality(*most as usize),
            class::Constraint::Matroid(matroid) => Self::Matroid(Arc::new(matroid.clone())),
        }
    }

    /// Whether `element` may be chosen beside `chosen`, which may be chosen together.
    pub fn can_add(&self, chosen: &[u32], element: u32) -> bool {
        match self {
            Self::Cardinality(most) => chosen.len() < *most,
            Self::Matroid(matroid) => matroid.can_add(chosen, element),
        }
    }

    /// The constraint over `elements` elements, with a cardinality of at most that.
    pub(crate) fn checked(self, elements: usize) -> Result<Self, MaximizeError> {
        let refuse = |found: usize, expected| Err(MaximizeError::Setting { setting: "k", found: found.to_string(), expected });
        let constraint = match self {
            Constraint::Cardinality(0) => return refuse(0, "at least 1"),
            Constraint::Cardinality(k) => Constraint::Cardinality(k.min(elements.max(1))),
            Constraint::Matroid(matroid) => Constraint::Matroid(matroid),
        };
        match (&constraint, constraint.most(elements)) {
            (Constraint::Cardinality(_), most) if most > 50_000 => refuse(most, "at most 50000 (or all elements)"),
            (Constraint::Matroid(_), most) if most > 2000 => refuse(most, "a matroid of rank at most 2000"),
            // A matroid without independent elements chooses nothing; a rank of 1 does that, too.
            _ => Ok(constraint),
        }
    }

    /// A bound on the size of a largest feasible set among `elements` elements.
    pub fn most(&self, elements: usize) -> usize {
        match self {
            Self::Cardinality(most) => *most,
            Self::Matroid(matroid) => matroid.rank_bound().min(elements),
        }
    }
}

impl fmt::Debug for Constraint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cardinality(most) => write!(f, "Cardinality({most})"),
            Self::Matroid(_) => write!(f, "Matroid"),
        }
    }
}
