//! What a conic solve found.

use fathom_opt_core::Status;

use super::duals::ConicDuals;
use super::quality::Quality;

/// What a conic solve found.
#[derive(Debug, Clone, PartialEq)]
pub struct ConicResult {
    /// How the solve ended. `Optimal`: [`quality`](Self::quality) is within the tolerance. `Feasible`: only its violation is. `LocallyInfeasible`: Clarabel's
    /// certificate leaves no point out to the distance [`excluded`](Self::excluded); not a proof, since points beyond it are not excluded. `Diverging`: the objective
    /// falls along a ray, as Clarabel found within its tolerances. After a limit: the limit.
    pub status: Status,
    /// One value per variable; `None` where the solve ended without a point that meets the constraints to the tolerance.
    pub values: Option<Vec<f64>>,
    /// The objective at [`values`](Self::values).
    pub objective: Option<f64>,
    /// The multipliers that belong to [`values`](Self::values).
    pub duals: Option<ConicDuals>,
    /// What this crate measured on the model as it was given.
    pub quality: Option<Quality>,
    /// With `LocallyInfeasible`: no point whose values' magnitudes sum to less than this meets the constraints.
    pub excluded: Option<f64>,
    /// Interior-point iterations.
    pub iterations: u64,
}
