//! How much weight came at which density, in little memory.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Width of a class of densities: bounds from the sketch are within this share of the truth.
pub const SKETCH_WIDTH: f64 = 0.01;

/// Weight by class of density `[1.01^j, 1.01^(j+1))`: about 700 classes for densities that span three orders of magnitude, however long the stream.
///
/// It gives a live bound on the best packing, and thresholds for the streams to come.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct DensitySketch {
    classes: BTreeMap<i32, f64>,
    /// Value of the items that weigh nothing.
    weightless: f64,
}

impl DensitySketch {
    /// Adds an item of weight share `weight` (of the capacity; at most 1). Items above the capacity do not belong here.
    pub fn add(&mut self, density: f64, value: f64, weight: f64) {
        if weight <= 0.0 {
            self.weightless += value;
        } else if density > 0.0 && density.is_finite() {
            #[expect(clippy::cast_possible_truncation, reason = "a logarithm of a finite positive number over that of 1.01")]
            let class = (density.ln() / SKETCH_WIDTH.ln_1p()).floor() as i32;
            *self.classes.entry(class).or_default() += weight;
        }
    }

    /// Adds another sketch.
    pub fn merge(&mut self, other: &Self) {
        for (class, weight) in &other.classes {
            *self.classes.entry(*class).or_default() += weight;
        }
        self.weightless += other.weightless;
    }

    /// No packing of the items so far is worth more, not even in parts; at most 1.01 times the fractional optimum (but for rounding).
    pub fn upper_bound(&self) -> f64 {
        let (mut room, mut value) = (1.0, self.weightless);
        for (class, weight) in self.classes.iter().rev() {
            let part = weight.min(room);
            value += part * edge(class.saturating_add(1));
            room -= part;
            if room <= 0.0 {
                break;
            }
        }
        value * (1.0 + 1e-12)
    }

    /// The density above which the items of a typical stream just fill the knapsack, where the sketch holds `streams` streams; `None` where they do
    /// not fill it.
    pub fn threshold(&self, streams: f64) -> Option<f64> {
        let mut weight = 0.0;
        for (class, more) in self.classes.iter().rev() {
            weight += more;
            if weight >= streams {
                return Some(edge(*class));
            }
        }
        None
    }
}

/// The lower edge of a class.
fn edge(class: i32) -> f64 {
    (f64::from(class) * SKETCH_WIDTH.ln_1p()).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_is_above_the_fractional_optimum_and_close() {
        let mut sketch = DensitySketch::default();
        for k in 1..=1000 {
            let density = 10.0 * f64::from(k);
            sketch.add(density, density * 0.005, 0.005);
        }
        // The 200 densest fill the knapsack: densities 8010 to 10000.
        let optimum = 9005.0;
        let bound = sketch.upper_bound();
        assert!(bound >= optimum && bound <= optimum * 1.0101, "{bound}");
        let threshold = sketch.threshold(1.0).unwrap();
        assert!((threshold / 8010.0 - 1.0).abs() < 0.011, "{threshold}");
    }
}
