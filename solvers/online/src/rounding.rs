//! From parts of items to whole ones.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Takes an item whole when, in its class of densities `[(1+d)^j, (1+d)^(j+1))`, the whole items lag behind what the fractional algorithm earned.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ClassRounding {
    /// By class: value of the fractional algorithm, value of the whole items.
    classes: BTreeMap<i32, (f64, f64)>,
}

impl ClassRounding {
    fn class(density: f64, width: f64) -> i32 {
        // Densities are finite and positive here; the quotient is far within range.
        #[expect(clippy::cast_possible_truncation, reason = "a logarithm of a finite positive number over that of 1 + d")]
        let class = (density.ln() / width.ln_1p()).floor() as i32;
        class
    }

    /// Notes what the fractional algorithm earned, and says whether the whole items lag.
    pub fn lags(&mut self, density: f64, width: f64, earned: f64) -> bool {
        let (fractional, whole) = self.classes.entry(Self::class(density, width)).or_default();
        *fractional += earned;
        *fractional > *whole
    }

    /// Notes a whole item taken.
    pub fn take(&mut self, density: f64, width: f64, value: f64) {
        self.classes.entry(Self::class(density, width)).or_default().1 += value;
    }
}
