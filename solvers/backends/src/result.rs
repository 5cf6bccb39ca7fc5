//! What a solve found and what it proved.

use fathom_opt_core::Status;

/// The dual values of a linear program.
///
/// One convention for both senses: a dual value is a derivative of the optimal objective as the model states it. `rows[i]` is the change of
/// the objective per unit by which row `i`'s active bound moves up, and `reduced_costs[j] = cost[j] - sum_i A[i][j] rows[i]` the same for
/// column `j`'s active bound. So a row active at its lower bound has a dual `>= 0` when minimizing and `<= 0` when maximizing, at its
/// upper bound the reverse, and 0 when inactive; reduced costs likewise with the column's bounds.
#[derive(Debug, Clone, PartialEq)]
pub struct Duals {
    /// One value per row.
    pub rows: Vec<f64>,
    /// One value per column.
    pub reduced_costs: Vec<f64>,
}

/// What a solve found (status, incumbent, objective) and what it proved (bound).
#[derive(Debug, Clone, PartialEq)]
pub struct SolveResult {
    /// How the solve ended. `Optimal` is meant within the gap settings and HiGHS's feasibility tolerances. After a limit there may still be an incumbent, a
    /// proven bound, both or neither.
    pub status: Status,
    /// The best feasible point found, one value per column; integer columns hold whole numbers unless rounding them would break a row.
    /// HiGHS's feasibility tolerance applies ([`Model::violation`](crate::Model::violation) measures it). `None` without an incumbent.
    pub values: Option<Vec<f64>>,
    /// The objective at [`values`](Self::values), offset included.
    pub objective: Option<f64>,
    /// A value that no feasible point's objective can pass: at most the optimum when minimizing, at least it when maximizing. Proven in
    /// floating-point arithmetic and up to HiGHS's tolerances, by branch and bound (mixed-integer) or by weak duality (linear). `None` when
    /// nothing finite was proven; for an infeasible model nothing is needed.
    pub bound: Option<f64>,
    /// The dual values of a linear program solved to optimality, else `None`.
    pub duals: Option<Duals>,
    /// Simplex iterations, those inside branch and bound included.
    pub iterations: u64,
}

impl SolveResult {
    /// `|objective - bound|`, when both are known.
    pub fn absolute_gap(&self) -> Option<f64> {
        Some((self.objective? - self.bound?).abs())
    }

    /// `|objective - bound| / |objective|`, HiGHS's measure, when both are known; 0 when they are equal, infinite at objective 0 otherwise.
    pub fn relative_gap(&self) -> Option<f64> {
        let gap = self.absolute_gap()?;
        Some(if gap == 0.0 { 0.0 } else { gap / self.objective?.abs() })
    }
}
