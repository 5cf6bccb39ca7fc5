//! Which sets are feasible.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::matroid::Matroid;
use crate::malformed::{Malformed, Place};

/// Which sets of live elements may be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum Constraint {
    /// At most so many elements, at least 1.
    Cardinality(u32),
    /// An independent set of a matroid.
    Matroid(Matroid),
}

impl Constraint {
    /// Whether this is a constraint over `elements` elements.
    ///
    /// # Errors
    /// A cardinality of 0; as [`Matroid::validate`].
    pub fn validate(&self, elements: usize) -> Result<(), Malformed> {
        match self {
            Self::Cardinality(0) => Err(Malformed::new(Place::root().field("cardinality"), "0", "at least 1")),
            Self::Cardinality(_) => Ok(()),
            Self::Matroid(matroid) => matroid.validate(elements).map_err(|fault| fault.below(&Place::root().field("matroid"))),
        }
    }

    /// Whether `chosen`, distinct elements of the ground set, may be chosen together.
    pub fn allows(&self, chosen: &[usize]) -> bool {
        match self {
            Self::Cardinality(most) => chosen.len() <= *most as usize,
            Self::Matroid(matroid) => matroid.is_independent(chosen),
        }
    }

    /// The largest sum of `values` over a feasible set; values below 0 are left out. For a matroid the greedy algorithm is exact (Rado 1957).
    pub fn most(&self, mut values: Vec<(f64, usize)>) -> f64 {
        values.retain(|(value, _)| *value > 0.0);
        values.sort_by(|a, b| b.0.total_cmp(&a.0));
        match self {
            Self::Cardinality(most) => values.iter().take(*most as usize).map(|(value, _)| value).sum(),
            Self::Matroid(matroid) => {
                let (mut sum, mut chosen) = (0.0, Vec::new());
                for (value, element) in values {
                    chosen.push(element);
                    if matroid.is_independent(&chosen) {
                        sum += value;
                    } else {
                        chosen.pop();
                    }
                }
                sum
            }
        }
    }
}
