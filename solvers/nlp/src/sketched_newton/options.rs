//! The options of the sketched Newton method.

use fathom_opt_core::OptionError;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::inner::LinearSolver;

/// Which constants the options have that are not named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// Ours: tolerance 1e-8, forcing terms, regularisation by inertia.
    #[default]
    Fathom,
    /// The authors' experiments: tolerance 1e-4, their accuracy condition, their singular stop.
    Paper,
}

/// How accurately the Newton system is solved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Accuracy {
    /// The paper's adaptive condition with its bound on the inverse: nearly exact steps.
    Paper,
    /// A relative residual of `0.1 min(1, ||R||)`, tightened where the step is no descent direction: superlinear, and many times cheaper.
    Forcing,
}

/// How the Hessian is shifted where it has negative curvature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Regularization {
    /// By the inertia of a sparse factor; rank-deficient Jacobians are shifted too.
    Inertia,
    /// As the authors' code: dense null spaces (at most 500 variables), and a stop where the Jacobian is nearly rank-deficient.
    Paper,
}

/// An inexact Newton method on the KKT equations of an equality-constrained program, with an exact augmented Lagrangian as its merit function and a random
/// sketch-and-project solver for its Newton systems (Hong, Na, Mahoney and Kolar, "Constrained Optimization via Exact Augmented Lagrangian and Randomized
/// Iterative Sketching", ICML 2023). The paper's text could not be had: the method is rebuilt from its abstract and the authors' public code.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct SketchedNewton {
    /// The constants of the options that are not named.
    pub preset: Preset,
    /// The solver of the Newton systems. The sketches are the paper's; `direct` and `minres` are faster on every problem measured.
    pub linear_solver: LinearSolver,
    /// How accurately it solves: `forcing`, or `paper` (the preset's).
    pub accuracy: Option<Accuracy>,
    /// What negative curvature is answered with: `inertia`, or `paper` (the preset's).
    pub regularization: Option<Regularization>,
    /// Stop when the KKT residual `||(grad L, c)||_2`, absolute and unscaled, is at most this: 1e-8, in the paper 1e-4.
    pub tolerance: Option<f64>,
    /// Outer iterations before giving up.
    pub max_iterations: Option<u64>,
    /// Products or projections for one Newton system: 100,000.
    pub max_inner: Option<u64>,
    /// Rows or Gaussian vectors of a block: 16.
    pub block_size: Option<usize>,
    /// `eta1` at the start, the penalty of the constraints: 1.
    pub constraint_penalty: Option<f64>,
    /// `eta2` at the start, the penalty of the Lagrangian's gradient: 0.1.
    pub gradient_penalty: Option<f64>,
    /// `delta` at the start, the accuracy: 0.1.
    pub delta: Option<f64>,
    /// `beta` of the Armijo rule: 0.1.
    pub armijo: Option<f64>,
    /// `nu`, by which penalties change: 1.5.
    pub growth: Option<f64>,
    /// `xi_B`, the curvature that the paper's shift gives: 0.1.
    pub curvature: Option<f64>,
    /// The paper's stop: the smallest eigenvalue of `G G'` that it goes on with, 0.01 (their older code has 1e-6).
    pub singular: Option<f64>,
}

/// The options with all constants.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Constants {
    pub accuracy: Accuracy,
    pub regularization: Regularization,
    pub tolerance: f64,
    pub max_iterations: u64,
    pub max_inner: u64,
    pub block_size: usize,
    pub constraint_penalty: f64,
    pub gradient_penalty: f64,
    pub delta: f64,
    pub armijo: f64,
    pub growth: f64,
    pub curvature: f64,
    pub singular: f64,
}

impl SketchedNewton {
    /// The constants: what is named, else the preset's (section 1.6 of the reconstruction: the authors' defaults).
    pub(super) fn constants(&self) -> Constants {
        let paper = self.preset == Preset::Paper;
        let (accuracy, regularization, tolerance) =
            if paper { (Accuracy::Paper, Regularization::Paper, 1e-4) } else { (Accuracy::Forcing, Regularization::Inertia, 1e-8) };
        Constants {
            accuracy: self.accuracy.unwrap_or(accuracy),
            regularization: self.regularization.unwrap_or(regularization),
            tolerance: self.tolerance.unwrap_or(tolerance),
            max_iterations: self.max_iterations.unwrap_or(10_000),
            max_inner: self.max_inner.unwrap_or(100_000),
            block_size: self.block_size.unwrap_or(16),
            constraint_penalty: self.constraint_penalty.unwrap_or(1.0),
            gradient_penalty: self.gradient_penalty.unwrap_or(0.1),
            delta: self.delta.unwrap_or(0.1),
            armijo: self.armijo.unwrap_or(0.1),
            growth: self.growth.unwrap_or(1.5),
            curvature: self.curvature.unwrap_or(0.1),
            singular: self.singular.unwrap_or(1e-2),
        }
    }

    pub(super) fn check_options(&self) -> Result<(), OptionError> {
        let positive = |name: &str, value: Option<f64>| match value {
            Some(value) if !(value > 0.0 && value.is_finite()) => Err(OptionError::new(name, value, "a positive number")),
            _ => Ok(()),
        };
        positive("tolerance", self.tolerance)?;
        positive("constraint-penalty", self.constraint_penalty)?;
        positive("gradient-penalty", self.gradient_penalty)?;
        positive("delta", self.delta)?;
        positive("curvature", self.curvature)?;
        positive("singular", self.singular)?;
        if let Some(armijo) = self.armijo.filter(|armijo| !(*armijo > 0.0 && *armijo < 0.5)) {
            return Err(OptionError::new("armijo", armijo, "a number above 0 and below 1/2"));
        }
        if let Some(growth) = self.growth.filter(|growth| !(*growth > 1.0 && growth.is_finite())) {
            return Err(OptionError::new("growth", growth, "a number above 1"));
        }
        if self.block_size == Some(0) {
            return Err(OptionError::new("block-size", 0, "at least 1"));
        }
        let blocks = matches!(self.linear_solver, LinearSolver::BlockKaczmarz | LinearSolver::BlockGaussian);
        if let Some(size) = self.block_size.filter(|_| !blocks) {
            return Err(OptionError::new("block-size", size, "none (only `block-kaczmarz` and `block-gaussian` have blocks)"));
        }
        let constants = self.constants();
        if constants.regularization == Regularization::Inertia && (self.singular.is_some() || self.curvature.is_some()) {
            let name = if self.singular.is_some() { "singular" } else { "curvature" };
            return Err(OptionError::new(name, "a value", "none (only `regularization=paper` uses it)"));
        }
        if constants.accuracy == Accuracy::Forcing && self.delta.is_some() {
            return Err(OptionError::new("delta", "a value", "none (only `accuracy=paper` uses it)"));
        }
        Ok(())
    }
}
