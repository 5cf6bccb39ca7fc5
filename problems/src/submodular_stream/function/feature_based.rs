//! Feature-based functions: concave over modular.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::rows::{Rows, amount};
use crate::malformed::{Malformed, Place};

/// How the amount of a feature counts: concave, increasing, 0 at 0.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Shape {
    /// `sqrt(x)`.
    Sqrt,
    /// `ln(1 + x)`.
    Log,
    /// `min(x, cap)`.
    Saturated(f64),
}

impl Shape {
    /// The shape's value at `amount`, which is at least 0.
    pub fn at(self, amount: f64) -> f64 {
        match self {
            Self::Sqrt => amount.sqrt(),
            Self::Log => amount.ln_1p(),
            Self::Saturated(cap) => amount.min(cap),
        }
    }
}

/// `f(S) = sum over features u of w_u phi(sum over e in S of x_eu)` with a concave `phi`: monotone and submodular.
#[derive(Debug, Clone, PartialEq)]
pub struct FeatureBased {
    weights: Vec<f64>,
    shape: Shape,
    features: Rows<(u32, f64)>,
}

impl FeatureBased {
    /// Elements with these amounts of features (feature, amount). Without `weights` every feature weighs 1.
    ///
    /// # Errors
    /// A weight, amount or cap that is negative or not finite; a feature out of range or twice for one element.
    pub fn new(weights: Option<Vec<f64>>, shape: Shape, features: Rows<(u32, f64)>) -> Result<Self, Malformed> {
        let most = features.iter().flatten().map(|&(feature, _)| feature as usize + 1).max().unwrap_or(0);
        let weights = weights.unwrap_or_else(|| vec![1.0; most]);
        for (feature, &weight) in weights.iter().enumerate() {
            amount(weight, || Place::root().field("weights").index(feature))?;
        }
        if let Shape::Saturated(cap) = shape {
            amount(cap, || Place::root().field("shape").field("saturated"))?;
        }
        let mut last_seen = vec![usize::MAX; weights.len()];
        for (element, row) in features.iter().enumerate() {
            for (position, &(feature, value)) in row.iter().enumerate() {
                let place = || Place::root().field("features").index(element).index(position);
                let Some(seen) = last_seen.get_mut(feature as usize) else {
                    return Err(Malformed::new(place(), feature.to_string(), format!("a feature below {}", weights.len())));
                };
                if std::mem::replace(seen, element) == element {
                    return Err(Malformed::new(place(), format!("{feature} again"), "each feature once for an element"));
                }
                amount(value, place)?;
            }
        }
        Ok(Self { weights, shape, features })
    }

    /// The weight of each feature.
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// How amounts count.
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// Feature and amount, a row for each element.
    pub fn features(&self) -> &Rows<(u32, f64)> {
        &self.features
    }

    pub(super) fn value(&self, chosen: &[usize]) -> f64 {
        self.amounts(chosen).iter().zip(&self.weights).map(|(&amount, weight)| weight * self.shape.at(amount)).sum()
    }

    pub(super) fn gains(&self, chosen: &[usize], candidates: &[usize]) -> Vec<f64> {
        let amounts = self.amounts(chosen);
        let gain = |&element: &usize| {
            let row = self.features.row(element).iter();
            row.map(|&(feature, value)| {
                let before = amounts[feature as usize];
                self.weights[feature as usize] * (self.shape.at(before + value) - self.shape.at(before))
            })
            .sum()
        };
        candidates.iter().map(gain).collect()
    }

    fn amounts(&self, chosen: &[usize]) -> Vec<f64> {
        let mut amounts = vec![0.0; self.weights.len()];
        for &element in chosen {
            self.features.row(element).iter().for_each(|&(feature, value)| amounts[feature as usize] += value);
        }
        amounts
    }
}
