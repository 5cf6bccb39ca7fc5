//! The objectives by which allocations are compared.

use num_bigint::BigInt;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::amount::Amount;
use super::decimal::with_point;
use super::geometric_mean::geometric_mean;
use crate::problem::Sense;
use crate::verdict::Objective;

/// How the agents' utilities are put together into one objective (larger is better).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Welfare {
    /// The sum of the agents' utilities.
    #[default]
    Utilitarian,
    /// The smallest of the agents' utilities.
    Egalitarian,
    /// The geometric mean of the agents' utilities, weighted by entitlements; 0 when an agent's utility is not positive.
    Nash,
}

impl Welfare {
    /// The name of the checker's measure.
    pub(super) fn measure(self) -> &'static str {
        match self {
            Self::Utilitarian => "utilitarian",
            Self::Egalitarian => "egalitarian",
            Self::Nash => "nash",
        }
    }
}

/// The objective of an allocation in which the agents have these utilities (times `10^digits`).
pub(super) fn objective<T: Amount>(welfare: Welfare, utilities: &[T], entitlements: Option<&[u64]>, digits: u32) -> Objective {
    let (name, value, exact) = match welfare {
        Welfare::Utilitarian => {
            let sum = utilities.iter().fold(T::zero(), |sum, utility| sum.plus(utility));
            let (value, exact) = decimal(&sum, digits);
            ("utilitarian welfare", value, exact)
        }
        Welfare::Egalitarian => {
            let least = utilities.iter().min().cloned().unwrap_or_else(T::zero);
            let (value, exact) = decimal(&least, digits);
            ("egalitarian welfare", value, exact)
        }
        Welfare::Nash => {
            let (value, exact) = nash(utilities, entitlements, digits);
            ("Nash welfare (geometric mean)", value, Some(exact))
        }
    };
    Objective { name: name.into(), value, exact, sense: Sense::Maximize }
}

/// `amount / 10^digits` as a number, and in digits where the number cannot hold it.
pub(super) fn decimal<T: Amount>(amount: &T, digits: u32) -> (f64, Option<String>) {
    let text = with_point(&amount.to_string(), digits);
    let value: f64 = text.parse().unwrap_or(f64::NAN);
    let exact = digits > 0 || value.abs() >= 9_007_199_254_740_992.0;
    (value.clamp(f64::MIN, f64::MAX), exact.then_some(text))
}

/// The geometric mean, and in words the exact pair that maximum Nash welfare compares: positive agents first, then their product.
fn nash<T: Amount>(utilities: &[T], entitlements: Option<&[u64]>, digits: u32) -> (f64, String) {
    let weight = |agent: usize| entitlements.map_or(1, |weights| weights[agent]);
    let positive: Vec<usize> = (0..utilities.len()).filter(|&agent| utilities[agent].is_positive()).collect();
    let mut text = format!("{} of {} agents positive", positive.len(), utilities.len());
    // Powers of entitlements may be astronomically long; the plain product is what fits on a line.
    let digits_needed: f64 = positive.iter().map(|&agent| weight(agent) as f64 * utilities[agent].ln() / std::f64::consts::LN_10).sum();
    if digits_needed <= 2000.0 && !positive.is_empty() {
        let product = positive.iter().fold(BigInt::from(1), |product, &agent| {
            product * utilities[agent].to_big().pow(u32::try_from(weight(agent)).unwrap_or(u32::MAX))
        });
        let places = positive
            .iter()
            .fold(0_u32, |sum, &agent| sum.saturating_add(digits.saturating_mul(u32::try_from(weight(agent)).unwrap_or(u32::MAX))));
        if places <= 4000 {
            text = format!("{text}, product {}", with_point(&product.to_string(), places));
        }
    }
    if positive.len() < utilities.len() {
        return (0.0, text);
    }
    (geometric_mean(utilities, entitlements, digits), text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn welfare_is_exact_where_a_float_is_not() {
        let big = [i128::from(i64::MAX), 2];
        let sum = objective(Welfare::Utilitarian, &big, None, 0);
        assert_eq!(sum.exact.as_deref(), Some("9223372036854775809"));
        let half = objective(Welfare::Egalitarian, &[15_i128, 5], None, 1);
        assert_eq!((half.value, half.exact.as_deref()), (0.5, Some("0.5")));
    }

    #[test]
    fn nash_welfare_is_the_weighted_geometric_mean() {
        let even = objective(Welfare::Nash, &[4_i128, 9], None, 0);
        assert!((even.value - 6.0).abs() < 1e-12);
        assert_eq!(even.exact.as_deref(), Some("2 of 2 agents positive, product 36"));
        let weighted = objective(Welfare::Nash, &[8_i128, 1], Some(&[2, 1]), 0);
        assert!((weighted.value - 4.0).abs() < 1e-12);
        assert_eq!(objective(Welfare::Nash, &[4_i128, 0], None, 0).value, 0.0);
    }
}
