//! The filter: pairs of infeasibility and barrier objective that no new point may be worse than.

/// Margins of the filter and of the sufficient decrease (Waechter and Biegler 2006, equation 18; Ipopt's values).
pub(super) const GAMMA_THETA: f64 = 1e-5;
pub(super) const GAMMA_PHI: f64 = 1e-8;

/// What a point is judged by: `theta = ||g||_1` and the barrier objective `phi`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Merit {
    pub theta: f64,
    pub phi: f64,
}

impl Merit {
    /// Whether this is enough better than `other` in one of the two, up to rounding.
    pub fn improves(self, other: Self) -> bool {
        let rounding = 10.0 * f64::EPSILON * other.phi.abs();
        self.theta <= (1.0 - GAMMA_THETA) * other.theta || self.phi - other.phi <= rounding - GAMMA_PHI * other.theta
    }
}

/// Points that were left because a step away from them was no step of decrease in `phi` alone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    entries: Vec<Merit>,
    /// No point may be less feasible than this.
    pub most: f64,
}

impl Filter {
    /// An empty filter that admits infeasibility up to `most`.
    pub fn new(most: f64) -> Self {
        Self { entries: Vec::new(), most }
    }

    /// Whether `point` is admitted.
    pub fn admits(&self, point: Merit) -> bool {
        point.theta <= self.most && self.entries.iter().all(|entry| point.improves(*entry))
    }

    /// Remembers `point`, and forgets what it dominates.
    pub fn add(&mut self, point: Merit) {
        self.entries.retain(|entry| entry.theta < point.theta || entry.phi < point.phi);
        self.entries.push(point);
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.entries.clear();
    }
}
