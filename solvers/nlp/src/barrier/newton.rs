//! Newton steps of a barrier subproblem.

use fathom_opt_linalg::{Inertia, LdlError};

use super::iterate::{Iterate, barrier_slope};
use super::program::Program;
use super::system::CondensedSystem;

/// A step in all variables.
#[derive(Debug, Clone)]
pub(super) struct Direction {
    pub v: Vec<f64>,
    pub l: Vec<f64>,
    pub lower: Vec<f64>,
    pub upper: Vec<f64>,
}

/// Shifts the Newton system until it has the inertia of a minimum, as [`crate::regularization::InertiaCorrection`] does for equations alone, and solves it.
#[derive(Debug, Clone, Default)]
pub(super) struct NewtonStep {
    /// The last shift of the Hessian that was needed.
    last: f64,
    /// How often the Jacobian was found rank-deficient.
    deficient: u32,
    /// The shifts in force.
    pub shift: f64,
    pub dual_shift: f64,
    /// Diagonal of the Hessian's block for each of `v`, shift included.
    diagonal: Vec<f64>,
}

const FIRST_SHIFT: f64 = 1e-4;
const SMALLEST_SHIFT: f64 = 1e-20;
const LARGEST_SHIFT: f64 = 1e40;
const FIRST_GROWTH: f64 = 100.0;
const GROWTH: f64 = 8.0;
const DECAY: f64 = 1.0 / 3.0;
/// The shift of the rows' block is this times `mu^(1/4)`.
const DUAL_SHIFT: f64 = 1e-8;
/// A Jacobian that was deficient so often is shifted at once.
const MOST_DEFICIENT: u32 = 3;
/// A private without curvature of its own has at least this, so that it can be eliminated.
const LEAST_CURVATURE: f64 = 1e-20;

impl NewtonStep {
    /// Factors the system at `at`; `hessian` holds the entries of the Hessian by `x`. Returns whether some shift gave it the inertia of a minimum.
    pub fn factor(
        &mut self,
        program: &Program,
        at: &Iterate,
        hessian: &[f64],
        mu: f64,
        system: &mut CondensedSystem,
        stop: &dyn Fn() -> bool,
    ) -> Result<bool, LdlError> {
        let (n, m) = (program.n, program.rows());
        let wanted = |inertia: Inertia| (inertia.positive, inertia.negative) == (n, m);
        let small = DUAL_SHIFT * mu.powf(0.25);
        let mut dual = if self.deficient >= MOST_DEFICIENT { small } else { 0.0 };
        let mut inertia = self.attempt(program, at, hessian, (0.0, dual), system, stop)?;
        if wanted(inertia) {
            return Ok(true);
        }
        if (inertia.zero > 0 || inertia.negative < m) && dual == 0.0 {
            dual = small;
            inertia = self.attempt(program, at, hessian, (0.0, dual), system, stop)?;
            if wanted(inertia) {
                self.deficient += 1;
                return Ok(true);
            }
        }
        let mut shift = if self.last == 0.0 { FIRST_SHIFT } else { (DECAY * self.last).max(SMALLEST_SHIFT) };
        // Ends: the shift grows by a factor until it exceeds the largest.
        while shift <= LARGEST_SHIFT {
            inertia = self.attempt(program, at, hessian, (shift, dual), system, stop)?;
            if wanted(inertia) {
                self.last = shift;
                return Ok(true);
            }
            shift *= if self.last == 0.0 { FIRST_GROWTH } else { GROWTH };
        }
        Ok(false)
    }

    fn attempt(
        &mut self,
        program: &Program,
        at: &Iterate,
        hessian: &[f64],
        (shift, dual_shift): (f64, f64),
        system: &mut CondensedSystem,
        stop: &dyn Fn() -> bool,
    ) -> Result<Inertia, LdlError> {
        (self.shift, self.dual_shift) = (shift, dual_shift);
        self.diagonal.clear();
        self.diagonal.extend((0..program.size()).map(|k| {
            let mut sum = shift + program.curvature(k);
            if program.lower[k].is_finite() {
                sum += at.lower[k] / (at.v[k] - program.lower[k]);
            }
            if program.upper[k].is_finite() {
                sum += at.upper[k] / (program.upper[k] - at.v[k]);
            }
            if k < program.n { sum } else { sum.max(LEAST_CURVATURE) }
        }));
        let (of_x, of_t) = self.diagonal.split_at(program.n);
        let mut dual = vec![dual_shift; program.rows()];
        for (private, curvature) in program.privates.iter().zip(of_t) {
            dual[private.row] += curvature.recip();
        }
        system.factor(hessian, at.jacobian.values(), of_x, &dual, stop)
    }

    /// The step from `at` towards the conditions for `mu`, with `g` in the place of the rows' values. `None` where it is not finite.
    pub fn direction(&self, program: &Program, at: &Iterate, mu: f64, g: &[f64], system: &CondensedSystem) -> Option<Direction> {
        let n = program.n;
        let mut residual = at.lagrangian_gradient(program);
        for (k, r) in residual.iter_mut().enumerate() {
            *r += barrier_slope(program, &at.v, k, mu);
        }
        let mut rhs: Vec<f64> = residual[..n].iter().map(|r| -r).chain(g.iter().map(|g| -g)).collect();
        for ((private, r), curvature) in program.privates.iter().zip(&residual[n..]).zip(&self.diagonal[n..]) {
            rhs[n + private.row] += private.sign * r / curvature;
        }
        let mut solution = vec![0.0; rhs.len()];
        system.solve(&rhs, &mut solution)?;
        let l = solution.split_off(n);
        let mut v = solution;
        for ((private, r), curvature) in program.privates.iter().zip(&residual[n..]).zip(&self.diagonal[n..]) {
            v.push((-r - private.sign * l[private.row]) / curvature);
        }
        let mut direction = Direction { lower: vec![0.0; v.len()], upper: vec![0.0; v.len()], v, l };
        for (k, d) in direction.v.iter().enumerate() {
            if program.lower[k].is_finite() {
                let slack = at.v[k] - program.lower[k];
                direction.lower[k] = mu / slack - at.lower[k] - at.lower[k] / slack * d;
            }
            if program.upper[k].is_finite() {
                let slack = program.upper[k] - at.v[k];
                direction.upper[k] = mu / slack - at.upper[k] + at.upper[k] / slack * d;
            }
        }
        let finite = |values: &[f64]| values.iter().all(|value| value.is_finite());
        (finite(&direction.v) && finite(&direction.l) && finite(&direction.lower) && finite(&direction.upper)).then_some(direction)
    }
}

/// Multipliers of the rows that make the gradient of the Lagrangian at `at` smallest; `None` where they are larger than `most` or cannot be had.
pub(super) fn least_squares_multipliers(
    program: &Program,
    at: &Iterate,
    most: f64,
    system: &mut CondensedSystem,
    stop: &dyn Fn() -> bool,
) -> Result<Option<Vec<f64>>, LdlError> {
    let (n, m) = (program.n, program.rows());
    let mut dual = vec![0.0; m];
    for private in &program.privates {
        dual[private.row] += 1.0;
    }
    let inertia = system.factor(&[], at.jacobian.values(), &vec![1.0; n], &dual, stop)?;
    if inertia.zero > 0 {
        for d in &mut dual {
            *d += DUAL_SHIFT;
        }
        system.factor(&[], at.jacobian.values(), &vec![1.0; n], &dual, stop)?;
    }
    let residual: Vec<f64> = at.gradient.iter().zip(&at.lower).zip(&at.upper).map(|((g, lower), upper)| g - lower + upper).collect();
    let mut rhs: Vec<f64> = residual[..n].iter().map(|r| -r).chain(std::iter::repeat_n(0.0, m)).collect();
    for (private, r) in program.privates.iter().zip(&residual[n..]) {
        rhs[n + private.row] += private.sign * r;
    }
    let mut solution = vec![0.0; rhs.len()];
    let solved = system.solve(&rhs, &mut solution).is_some();
    let l = solution.split_off(n);
    Ok((solved && l.iter().all(|l| l.abs() <= most)).then_some(l))
}
