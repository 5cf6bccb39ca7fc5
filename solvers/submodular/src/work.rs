//! What maximizing costs, in units that do not depend on the machine.

use std::ops::{Add, AddAssign, Sub};

use serde::{Deserialize, Serialize};

/// Calls of the function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Work {
    /// Gains looked at: one for each element and prefix. A search through the prefixes counts every gain it compares, also where one pass gave them all.
    pub evaluations: u64,
    /// Passes over an element that gave its gains against many prefixes at once.
    pub passes: u64,
    /// Elements put on a stack.
    pub pushes: u64,
}

impl Add for Work {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { evaluations: self.evaluations + other.evaluations, passes: self.passes + other.passes, pushes: self.pushes + other.pushes }
    }
}

impl AddAssign for Work {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for Work {
    type Output = Self;

    fn sub(self, earlier: Self) -> Self {
        Self {
            evaluations: self.evaluations - earlier.evaluations,
            passes: self.passes - earlier.passes,
            pushes: self.pushes - earlier.pushes,
        }
    }
}
