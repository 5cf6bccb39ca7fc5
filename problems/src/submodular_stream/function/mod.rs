//! Set functions and their plain evaluation: from the data and the chosen elements, without any state.
//!
//! All of them are submodular and 0 on the empty set.

mod coverage;
mod cut;
mod facility_location;
mod feature_based;
mod influence;
mod log_determinant;

pub use coverage::Coverage;
pub use cut::Cut;
pub use facility_location::{FacilityLocation, Similarity};
pub use feature_based::{FeatureBased, Shape};
pub use influence::{CascadeSpec, Influence};
pub use log_determinant::LogDeterminant;

use std::sync::Arc;

use crate::malformed::{Malformed, Place};

/// A submodular function over the elements `0..len()`. The data is shared: a clone costs next to nothing.
#[derive(Debug, Clone, PartialEq)]
pub enum Function {
    /// Weighted coverage.
    Coverage(Arc<Coverage>),
    /// Facility location.
    FacilityLocation(Arc<FacilityLocation>),
    /// Concave over modular.
    FeatureBased(Arc<FeatureBased>),
    /// The log-determinant.
    LogDeterminant(Arc<LogDeterminant>),
    /// A graph's cut.
    Cut(Arc<Cut>),
    /// Influence over sampled reverse-reachable sets.
    Influence(Arc<Influence>),
    /// `f(S) = sum of the elements' own values`, which may be negative.
    Modular(Arc<Vec<f64>>),
    /// A sum of functions, each with a weight of at least 0.
    Mixture(Vec<(f64, Function)>),
}

macro_rules! from_kinds {
    ($($kind:ident),*) => {
        $(impl From<$kind> for Function {
            fn from(function: $kind) -> Self {
                Self::$kind(Arc::new(function))
            }
        })*
    };
}

from_kinds!(Coverage, FacilityLocation, FeatureBased, LogDeterminant, Cut, Influence);

impl Function {
    /// A modular function with these values of the elements.
    ///
    /// # Errors
    /// A value that is not finite.
    pub fn modular(values: Vec<f64>) -> Result<Self, Malformed> {
        if let Some(element) = values.iter().position(|value| !value.is_finite()) {
            let place = Place::root().field("values").index(element);
            return Err(Malformed::new(place, values[element].to_string(), "a finite number"));
        }
        Ok(Self::Modular(Arc::new(values)))
    }

    /// A sum of functions over the same elements, each with a weight of at least 0.
    ///
    /// # Errors
    /// No part; parts with different numbers of elements; a weight that is negative or not finite.
    pub fn mixture(parts: Vec<(f64, Self)>) -> Result<Self, Malformed> {
        let root = Place::root();
        let Some(len) = parts.first().map(|(_, part)| part.len()) else {
            return Err(Malformed::new(root, "no part", "at least one"));
        };
        for (k, (weight, part)) in parts.iter().enumerate() {
            super::rows::amount(*weight, || root.index(k).field("weight"))?;
            if part.len() != len {
                let expected = format!("{len}, as in the first part");
                return Err(Malformed::new(root.index(k).field("function"), format!("{} elements", part.len()), expected));
            }
        }
        Ok(Self::Mixture(parts))
    }

    /// The name in documents.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Coverage(_) => "coverage",
            Self::FacilityLocation(_) => "facility-location",
            Self::FeatureBased(_) => "feature-based",
            Self::LogDeterminant(_) => "log-determinant",
            Self::Cut(_) => "cut",
            Self::Influence(_) => "influence",
            Self::Modular(_) => "modular",
            Self::Mixture(_) => "mixture",
        }
    }

    /// Number of elements of the ground set.
    pub fn len(&self) -> usize {
        match self {
            Self::Coverage(f) => f.sets().len(),
            Self::FacilityLocation(f) => f.elements(),
            Self::FeatureBased(f) => f.features().len(),
            Self::LogDeterminant(f) => f.elements(),
            Self::Cut(f) => f.neighbours().len(),
            Self::Influence(f) => f.nodes(),
            Self::Modular(values) => values.len(),
            Self::Mixture(parts) => parts.first().map_or(0, |(_, part)| part.len()),
        }
    }

    /// Whether the ground set is empty.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether every marginal gain is known to be at least 0.
    pub fn is_monotone(&self) -> bool {
        match self {
            Self::Cut(_) => false,
            Self::Modular(values) => values.iter().all(|&value| value >= 0.0),
            Self::Mixture(parts) => parts.iter().all(|(weight, part)| *weight == 0.0 || part.is_monotone()),
            _ => true,
        }
    }

    /// Whether every value is known to be at least 0.
    pub fn is_non_negative(&self) -> bool {
        match self {
            Self::Modular(values) => values.iter().all(|&value| value >= 0.0),
            Self::Mixture(parts) => parts.iter().all(|(weight, part)| *weight == 0.0 || part.is_non_negative()),
            _ => true,
        }
    }

    /// `f(chosen)`, computed from the data alone. The elements are distinct and below [`len`](Self::len).
    pub fn value(&self, chosen: &[usize]) -> f64 {
        match self {
            Self::Coverage(f) => f.value(chosen),
            Self::FacilityLocation(f) => f.value(chosen),
            Self::FeatureBased(f) => f.value(chosen),
            Self::LogDeterminant(f) => f.value(chosen),
            Self::Cut(f) => f.value(chosen),
            Self::Influence(f) => f.coverage().value(chosen),
            Self::Modular(values) => chosen.iter().map(|&element| values[element]).sum(),
            Self::Mixture(parts) => parts.iter().map(|(weight, part)| weight * part.value(chosen)).sum(),
        }
    }

    /// `f(chosen + e) - f(chosen)` for every candidate `e`, computed from the data alone; 0 for those chosen already.
    pub fn gains(&self, chosen: &[usize], candidates: &[usize]) -> Vec<f64> {
        match self {
            Self::Coverage(f) => f.gains(chosen, candidates),
            Self::FacilityLocation(f) => f.gains(chosen, candidates),
            Self::LogDeterminant(f) => f.gains(chosen, candidates),
            Self::Cut(f) => f.gains(chosen, candidates),
            Self::Influence(f) => f.coverage().gains(chosen, candidates),
            Self::FeatureBased(f) => without(chosen, candidates, f.gains(chosen, candidates)),
            Self::Modular(values) => without(chosen, candidates, candidates.iter().map(|&element| values[element]).collect()),
            Self::Mixture(parts) => {
                let mut sums = vec![0.0; candidates.len()];
                for (weight, part) in parts {
                    let gains = part.gains(chosen, candidates);
                    sums.iter_mut().zip(gains).for_each(|(sum, gain)| *sum += weight * gain);
                }
                sums
            }
        }
    }

    /// How many numbers of the data the gain of `element` looks at, beyond what all elements share.
    pub fn width(&self, element: usize) -> usize {
        match self {
            Self::Coverage(f) => f.sets().row(element).len(),
            Self::FacilityLocation(f) => f.width(element),
            Self::FeatureBased(f) => f.features().row(element).len(),
            Self::LogDeterminant(f) => f.dimension(),
            Self::Cut(f) => f.neighbours().row(element).len(),
            Self::Influence(f) => f.coverage().sets().row(element).len(),
            Self::Modular(_) => 1,
            Self::Mixture(parts) => parts.iter().map(|(_, part)| part.width(element)).sum(),
        }
    }
}

/// The gains with those of chosen candidates set to 0.
fn without(chosen: &[usize], candidates: &[usize], mut gains: Vec<f64>) -> Vec<f64> {
    for (gain, candidate) in gains.iter_mut().zip(candidates) {
        if chosen.contains(candidate) {
            *gain = 0.0;
        }
    }
    gains
}

#[cfg(test)]
mod tests {
    use super::super::rows::Rows;
    use super::*;

    fn samples() -> Vec<Function> {
        let sets: Rows<u32> = vec![vec![0, 1, 2], vec![2, 3], vec![3, 4, 0], vec![1], vec![]].into_iter().collect();
        let rows: Rows<(u32, f64)> =
            vec![vec![(0, 1.0), (1, 0.5)], vec![(1, 2.0)], vec![(0, 0.25), (2, 3.0)], vec![], vec![(2, 1.0)]].into_iter().collect();
        let coverage = Function::from(Coverage::new(Some(vec![1.0, 2.5, 0.5, 4.0, 1.5]), sets).unwrap());
        let cut = Function::from(Cut::new(5, vec![(0, 1, 1.0), (1, 2, 2.0), (2, 0, 0.5), (3, 4, 1.0), (4, 0, 3.0)]).unwrap());
        let vectors: Vec<Vec<f64>> = vec![vec![1.0, 0.0], vec![0.6, 0.8], vec![2.0, -1.0], vec![0.0, 0.5], vec![1.0, 1.0]];
        let dense: Vec<Vec<f64>> = vec![vec![1.0, 0.2], vec![0.5, 0.9], vec![0.0, 1.0], vec![0.7, 0.7], vec![0.1, 0.1]];
        let spec = CascadeSpec { edges: vec![(0, 1), (1, 2), (2, 3), (3, 4), (4, 0)], probability: 0.6, samples: 40, seed: 3 };
        vec![
            coverage.clone(),
            cut.clone(),
            Function::from(FacilityLocation::dense(&dense).unwrap()),
            Function::from(FacilityLocation::nearest(None, rows.clone()).unwrap()),
            Function::from(FeatureBased::new(None, Shape::Sqrt, rows.clone()).unwrap()),
            Function::from(FeatureBased::new(None, Shape::Log, rows.clone()).unwrap()),
            Function::from(FeatureBased::new(None, Shape::Saturated(1.2), rows).unwrap()),
            Function::from(LogDeterminant::new(&vectors).unwrap()),
            Function::from(Influence::new(5, spec).unwrap()),
            Function::modular(vec![1.0, -2.0, 0.0, 3.5, 0.25]).unwrap(),
            Function::mixture(vec![(0.5, coverage), (2.0, cut), (1.0, Function::modular(vec![-0.25; 5]).unwrap())]).unwrap(),
        ]
    }

    fn subsets(n: usize) -> impl Iterator<Item = Vec<usize>> {
        (0..1_usize << n).map(move |bits| (0..n).filter(|element| bits >> element & 1 == 1).collect())
    }

    #[test]
    fn gains_are_differences_of_values_and_every_function_is_submodular() {
        let everything: Vec<usize> = (0..5).collect();
        for function in samples() {
            assert_eq!(function.value(&[]), 0.0, "{}", function.name());
            for set in subsets(5) {
                let gains = function.gains(&set, &everything);
                for (element, &gain) in gains.iter().enumerate() {
                    let mut more = set.clone();
                    if set.contains(&element) {
                        assert_eq!(gain, 0.0);
                        continue;
                    }
                    more.push(element);
                    let difference = function.value(&more) - function.value(&set);
                    assert!((gain - difference).abs() < 1e-12, "{}: {set:?} + {element}", function.name());
                    assert!(!function.is_monotone() || gain >= -1e-12);
                    for without in &set {
                        let fewer: Vec<usize> = set.iter().copied().filter(|other| other != without).collect();
                        assert!(function.gains(&fewer, &[element])[0] >= gain - 1e-12, "{}", function.name());
                    }
                }
                assert!(!function.is_non_negative() || function.value(&set) >= -1e-12);
            }
        }
    }

    #[test]
    fn influence_of_certain_edges_is_what_can_be_reached() {
        let spec = CascadeSpec { edges: vec![(0, 1), (1, 2)], probability: 1.0, samples: 3000, seed: 9 };
        let influence = Function::from(Influence::new(3, spec).unwrap());
        assert!((influence.value(&[0]) - 3.0).abs() < 1e-9);
        assert!((influence.value(&[2]) - 1.0).abs() < 0.1);
    }
}
