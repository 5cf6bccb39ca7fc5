//! The multipliers of a conic model.

/// The multipliers of a conic model: at an optimum, the gradient of the objective, plus every equation's multiplier times its gradient, plus every
/// inequality's, minus every cone's, is zero.
#[derive(Debug, Clone, PartialEq)]
pub struct ConicDuals {
    /// One value per equation, of any sign.
    pub zeros: Vec<f64>,
    /// One value per inequality, at least 0.
    pub at_most_zeros: Vec<f64>,
    /// One vector per cone, in the cone itself (second-order cones are their own duals).
    pub cones: Vec<Vec<f64>>,
}
