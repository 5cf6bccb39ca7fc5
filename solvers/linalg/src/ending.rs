//! When an iteration stops, and how it ended.

use crate::compensated::ResidualNorm;

/// What an iteration is asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Goal {
    /// Stop when `||b - A x||_2` is at most this. A relative tolerance is multiplied by its reference first.
    pub residual: f64,
    /// Stop after this many iterations.
    pub max_iterations: u64,
}

impl Goal {
    /// The part of the target that the residual may have: whoever recomputes it to ten digits finds it below the target too.
    const PART: f64 = 1.0 - 1e-9;

    /// Whether a vector with this residual is a solution, whatever the residual's own rounding errors are.
    pub fn is_met_by(&self, found: ResidualNorm) -> bool {
        found.norm + found.error <= Self::PART * self.residual
    }
}

/// How an iteration ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The residual, recomputed to about twice the working precision, meets the goal.
    Converged,
    /// The cap on iterations was reached.
    Capped,
    /// The caller asked it to stop.
    Stopped,
    /// Restarts from the recomputed residual no longer halve it: what is left may be what rounding leaves.
    Stagnated,
    /// The residual grew beyond bounds or is no number.
    Diverged,
    /// A direction of negative curvature, `p . A p < 0`: the matrix is not positive definite.
    IndefiniteMatrix,
    /// A direction without curvature, as far as doubles can tell: the matrix is singular to working precision, and the residual has a part along that direction, which no
    /// step takes away.
    SingularMatrix,
    /// `r . M^-1 r <= 0`: the preconditioner is not positive definite.
    IndefinitePreconditioner,
    /// There is no factor to solve with: it would need more memory, or more time in one piece, than is allowed.
    NoFactor,
}

/// The end of an iteration.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Solved {
    /// Iterations done.
    pub iterations: u64,
    /// `||b - A x||_2`, recomputed from `x` to about twice the working precision. The vector that is returned has the least one that was met with, also where the iteration
    /// failed.
    pub residual: f64,
    /// How it ended.
    pub ending: Ending,
}

/// Tells directions without curvature from others, by the quotient of `p . A p` and `p . M p` for the preconditioner `M`.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Curvature {
    /// The largest quotient so far.
    largest: f64,
    /// `p . M p` of the present direction.
    length: f64,
}

/// Quotients below this part of the largest one are made of rounding errors.
const FLAT: f64 = 1e-14;
/// Steps along directions with quotients below this part may leave everything behind that was reached.
const RISKY: f64 = 1e-8;
/// Negative ones beyond this part are not.
const NEGATIVE: f64 = 1e-11;

impl Curvature {
    /// The next direction is `z + beta p`, where `z . M z = rho` and `z` and `p` are conjugate in `M`.
    pub(crate) fn next_direction(&mut self, rho: f64, beta: f64) {
        self.length = rho + beta * beta * self.length;
    }

    /// Whether a step along a direction of this curvature is so long that the iterate before it should be kept.
    pub(crate) fn is_risky(&self, curvature: f64) -> bool {
        curvature < RISKY * self.largest * self.length
    }

    /// What is wrong with a direction of this curvature; nothing where a step along it makes sense.
    pub(crate) fn fault(&mut self, curvature: f64) -> Option<Ending> {
        let quotient = curvature / self.length;
        if quotient < -NEGATIVE * self.largest {
            return Some(Ending::IndefiniteMatrix);
        }
        if quotient <= FLAT * self.largest {
            return Some(Ending::SingularMatrix);
        }
        self.largest = self.largest.max(quotient);
        None
    }
}
