//! Solutions of nonlinear programs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A point, and the multipliers that show it to be stationary. A point alone can be checked too.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NonlinearSolution {
    /// The value of each variable.
    pub x: Vec<f64>,
    /// The multipliers, where they are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub multipliers: Option<Multipliers>,
}

/// Lagrange multipliers, all in one convention: with `s = 1` for a minimisation and `s = -1` for a maximisation of `f`, constraints
/// `a <= c(x) <= b` and bounds `l <= x <= u`,
///
/// ```text
/// s grad f(x) + sum_i constraints[i] grad c_i(x) - lower + upper = 0,     lower >= 0,  upper >= 0,
/// constraints[i] >= 0 where c_i(x) = b_i,  <= 0 where c_i(x) = a_i,  0 between
/// ```
///
/// AMPL's dual value (the change of the optimal objective with the right-hand side) is `-s * constraints[i]`, the reduced cost `s * (lower - upper)`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Multipliers {
    /// One for each constraint.
    pub constraints: Vec<f64>,
    /// One for each variable's lower bound; 0 where there is none.
    pub lower: Vec<f64>,
    /// One for each variable's upper bound; 0 where there is none.
    pub upper: Vec<f64>,
}
