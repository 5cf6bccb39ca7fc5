//! Steps of a primal-dual barrier method with a filter line search.

use fathom_opt_linalg::LdlError;
use fathom_opt_problems::expression::EvaluationError;

use super::filter::{Filter, GAMMA_PHI, GAMMA_THETA, Merit};
use super::iterate::{Iterate, barrier_slope, merit};
use super::newton::{Direction, NewtonStep, least_squares_multipliers};
use super::program::{Program, inside};
use super::system::CondensedSystem;
use crate::reduced::Reduced;

/// A barrier subproblem with the state of its solution: call [`Barrier::step`] until its errors are small or it ends.
///
/// The method is the line-search filter method of Waechter and Biegler ("On the implementation of an interior-point filter line-search algorithm for
/// large-scale nonlinear programming", 2006); equation and section numbers below are theirs.
#[derive(Debug, Clone)]
pub(crate) struct Barrier {
    pub program: Program,
    pub at: Iterate,
    trial: Iterate,
    pub mu: f64,
    /// The barrier parameter is not lowered below this.
    pub least_mu: f64,
    pub filter: Filter,
    /// Below this infeasibility, steps of decrease in the objective are told by the switching condition (equation 19).
    small_theta: f64,
    newton: NewtonStep,
    hessian: Vec<f64>,
    /// Consecutive steps that were too small to be seen.
    tiny_steps: u32,
}

/// What a step did.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Step {
    Moved(Move),
    /// No step along the direction is admitted.
    Blocked,
    /// Steps have become too small to be seen, at the smallest barrier parameter.
    Stalled,
    /// No shift makes the Newton system one of a minimum.
    Indefinite,
    Evaluation(EvaluationError),
    Factor(LdlError),
}

/// Why the method cannot go on from another point.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum MoveError {
    Evaluation(EvaluationError),
    Factor(LdlError),
}

/// A step that was taken.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Move {
    pub primal: f64,
    pub dual: f64,
    /// The shift of the Hessian.
    pub shift: f64,
    /// Points that were tried.
    pub trials: u64,
}

/// Parameters of the barrier update (equation 7).
const BARRIER_TOLERANCE: f64 = 10.0;
const LINEAR_DECREASE: f64 = 0.2;
const SUPERLINEAR_DECREASE: f64 = 1.5;
/// Least part of the way to the boundary that is left (equation 8).
const TAU: f64 = 0.99;
/// The switching condition (equation 19) and the Armijo condition (equation 20).
const S_THETA: f64 = 1.1;
const S_PHI: f64 = 2.3;
const ARMIJO: f64 = 1e-8;
/// Part of the smallest sensible step below which the search gives up (equation 23).
const GAMMA_ALPHA: f64 = 0.05;
/// No step shorter than this moves anything.
const LEAST_STEP: f64 = 1e-14;
/// The barrier objective may grow by so many orders of magnitude in one step.
const MOST_ORDERS: f64 = 5.0;
/// Second-order corrections, and by how much each must reduce the infeasibility (section 2.4).
const MAX_CORRECTIONS: u32 = 4;
const CORRECTION_DECREASE: f64 = 0.99;
/// Bound multipliers stay within this factor of `mu / slack` (equation 16).
const MULTIPLIER_SPREAD: f64 = 1e10;
/// Estimates of multipliers beyond this are not used (section 3.6).
pub(super) const LARGEST_ESTIMATE: f64 = 1e3;

impl Barrier {
    /// The method at `at` with barrier parameter `mu`.
    pub fn new(program: Program, at: Iterate, mu: f64, least_mu: f64) -> Self {
        let theta: f64 = at.g.iter().map(|g| g.abs()).sum();
        let bounded = program.lower.iter().chain(&program.upper).any(|bound| bound.is_finite());
        Self {
            program,
            trial: at.clone(),
            at,
            mu: if bounded { mu } else { least_mu },
            least_mu,
            filter: Filter::new(1e4 * theta.max(1.0)),
            small_theta: 1e-4 * theta.max(1.0),
            newton: NewtonStep::default(),
            hessian: Vec::new(),
            tiny_steps: 0,
        }
    }

    /// Replaces the multipliers of the rows by those that fit the point best, where these are not too large; else by zero.
    pub fn estimate_multipliers(&mut self, system: &mut CondensedSystem, stop: &dyn Fn() -> bool) -> Result<(), LdlError> {
        let found = least_squares_multipliers(&self.program, &self.at, LARGEST_ESTIMATE, system, stop)?;
        self.at.l = found.unwrap_or_else(|| vec![0.0; self.program.rows()]);
        Ok(())
    }

    /// Goes on within bounds that are hardly relaxed any more.
    pub fn tighten(&mut self, nlp: &mut Reduced<'_>) -> Result<(), EvaluationError> {
        self.program.tighten(nlp);
        let program = &self.program;
        for (v, (&lower, &upper)) in self.at.v.iter_mut().zip(program.lower.iter().zip(&program.upper)) {
            *v = inside(*v, lower, upper, 0.1 * self.mu.min(1e-8));
        }
        self.filter.clear();
        self.tiny_steps = 0;
        self.at.evaluate(&self.program, nlp)?;
        self.tie_multipliers();
        Ok(())
    }

    /// Changes the weight of the proximity term.
    pub fn set_proximity(&mut self, nlp: &mut Reduced<'_>, weight: f64) -> Result<(), EvaluationError> {
        if let Some(near) = &mut self.program.proximity {
            near.weight = weight;
        }
        self.filter.clear();
        self.at.evaluate(&self.program, nlp)
    }

    /// Continues from the point `v` with multipliers to match: those of the bounds near `mu / slack`, those of the rows estimated.
    pub fn move_to(
        &mut self,
        nlp: &mut Reduced<'_>,
        v: &[f64],
        system: &mut CondensedSystem,
        stop: &dyn Fn() -> bool,
    ) -> Result<(), MoveError> {
        self.at.v.copy_from_slice(v);
        let mu = self.mu;
        let fitting = |slack: f64| if slack.is_finite() { (mu / slack.max(f64::MIN_POSITIVE)).min(LARGEST_ESTIMATE) } else { 0.0 };
        for (k, v) in v.iter().enumerate() {
            self.at.lower[k] = fitting(v - self.program.lower[k]);
            self.at.upper[k] = fitting(self.program.upper[k] - v);
        }
        self.at.evaluate(&self.program, nlp).map_err(MoveError::Evaluation)?;
        self.tie_multipliers();
        self.estimate_multipliers(system, stop).map_err(MoveError::Factor)
    }

    /// Where the present point stands for the filter.
    pub fn merit(&self) -> Merit {
        self.at.merit(&self.program, self.mu)
    }

    /// Lowers the barrier parameter as long as the present subproblem is solved well enough. Says whether it did.
    fn lower_barrier(&mut self) -> bool {
        let mut lowered = false;
        let mut forced = self.tiny_steps > 0;
        // Ends: the parameter falls by a factor each time until it is the least.
        while self.mu > self.least_mu && (forced || self.at.errors(&self.program, self.mu).largest() <= BARRIER_TOLERANCE * self.mu) {
            self.mu = (LINEAR_DECREASE * self.mu).min(self.mu.powf(SUPERLINEAR_DECREASE)).max(self.least_mu);
            forced = false;
            lowered = true;
        }
        if lowered {
            self.filter.clear();
        }
        lowered
    }

    /// One iteration.
    pub fn step(&mut self, nlp: &mut Reduced<'_>, system: &mut CondensedSystem, stop: &dyn Fn() -> bool) -> Step {
        if self.tiny_steps > 1 && self.mu <= self.least_mu {
            return Step::Stalled;
        }
        if self.lower_barrier() {
            self.tiny_steps = 0;
        }
        self.hessian.resize(nlp.hessian_pattern().entries(), 0.0);
        if let Err(error) = nlp.hessian(&self.at.v[..self.program.n], self.program.factor, &self.at.l, &mut self.hessian) {
            return Step::Evaluation(error);
        }
        match self.newton.factor(&self.program, &self.at, &self.hessian, self.mu, system, stop) {
            Ok(true) => {}
            Ok(false) => return Step::Indefinite,
            Err(error) => return Step::Factor(error),
        }
        match self.newton.direction(&self.program, &self.at, self.mu, &self.at.g, system) {
            Some(direction) => self.search(nlp, &direction, system),
            None => Step::Indefinite,
        }
    }

    /// The slope of the barrier objective along `direction`.
    fn slope(&self, direction: &Direction) -> f64 {
        let along = |k: usize| (self.at.gradient[k] + barrier_slope(&self.program, &self.at.v, k, self.mu)) * direction.v[k];
        (0..self.at.v.len()).map(along).sum()
    }

    /// Backtracks along `direction` (algorithm A, steps 5 to 9).
    fn search(&mut self, nlp: &mut Reduced<'_>, direction: &Direction, system: &CondensedSystem) -> Step {
        let here = self.merit();
        let slope = self.slope(direction);
        let mut step = self.to_boundary(direction);
        let moves = |(d, v): (&f64, &f64)| d.abs() / (1.0 + v.abs());
        if direction.v.iter().zip(&self.at.v).map(moves).fold(0.0, f64::max) <= 10.0 * f64::EPSILON {
            self.tiny_steps += 1;
            self.place(direction, step);
            return match self.trial.evaluate(&self.program, nlp) {
                Ok(()) => self.accept(direction, step, 1),
                Err(error) => Step::Evaluation(error),
            };
        }
        self.tiny_steps = 0;
        let least = self.least_step(here, slope);
        let mut trials = 0;
        // Ends: the step is halved until it is below the least.
        while step >= least {
            trials += 1;
            self.place(direction, step);
            if let Some(found) = self.judge(nlp) {
                if let Some(kind) = self.admits(found, here, step, slope)
                    && self.trial.evaluate(&self.program, nlp).is_ok()
                {
                    self.remember(here, kind);
                    return self.accept(direction, step, trials);
                }
                if trials == 1
                    && found.theta >= here.theta
                    && let Some((corrected, length)) = self.correct(nlp, step, found.theta, (here, slope), system, &mut trials)
                {
                    return self.accept(&corrected, length, trials);
                }
            }
            step *= 0.5;
        }
        Step::Blocked
    }

    /// Second-order corrections of a full step that made the rows' violation larger: the direction and step that were admitted, if any was.
    fn correct(
        &mut self,
        nlp: &mut Reduced<'_>,
        step: f64,
        mut theta: f64,
        (here, slope): (Merit, f64),
        system: &CondensedSystem,
        trials: &mut u64,
    ) -> Option<(Direction, f64)> {
        let mut rows: Vec<f64> = self.at.g.iter().zip(&self.trial.g).map(|(g, trial)| step * g + trial).collect();
        for _ in 0..MAX_CORRECTIONS {
            let direction = self.newton.direction(&self.program, &self.at, self.mu, &rows, system)?;
            let length = self.to_boundary(&direction);
            self.place(&direction, length);
            *trials += 1;
            let found = self.judge(nlp)?;
            if let Some(kind) = self.admits(found, here, step, slope)
                && self.trial.evaluate(&self.program, nlp).is_ok()
            {
                self.remember(here, kind);
                return Some((direction, length));
            }
            if found.theta > CORRECTION_DECREASE * theta {
                return None;
            }
            theta = found.theta;
            rows.iter_mut().zip(&self.trial.g).for_each(|(row, g)| *row = length * *row + g);
        }
        None
    }

    /// Values at the trial point; `None` where something is not finite.
    fn judge(&mut self, nlp: &mut Reduced<'_>) -> Option<Merit> {
        self.trial.objective = self.program.values(nlp, &self.trial.v, &mut self.trial.g).ok()?;
        let found = merit(&self.program, &self.trial.v, self.trial.objective, &self.trial.g, self.mu);
        (found.theta.is_finite() && found.phi.is_finite()).then_some(found)
    }

    /// The step below which only a restoration helps (equation 23).
    fn least_step(&self, here: Merit, slope: f64) -> f64 {
        let mut least = GAMMA_THETA;
        if slope < 0.0 {
            least = least.min(GAMMA_PHI * here.theta / -slope);
            if here.theta <= self.small_theta {
                least = least.min(here.theta.powf(S_THETA) / (-slope).powf(S_PHI));
            }
        }
        (GAMMA_ALPHA * least).max(LEAST_STEP)
    }

    /// Whether `found`, a step away from `here`, may be next; and if so whether by decrease of the objective alone.
    fn admits(&self, found: Merit, here: Merit, step: f64, slope: f64) -> Option<Decrease> {
        if !self.filter.admits(found) {
            return None;
        }
        let switched = slope < 0.0 && step * (-slope).powf(S_PHI) > here.theta.powf(S_THETA);
        if switched && here.theta <= self.small_theta {
            let rounding = 10.0 * f64::EPSILON * here.phi.abs();
            return (found.phi - here.phi <= ARMIJO * step * slope + rounding).then_some(Decrease::Objective);
        }
        let growth = found.phi - here.phi;
        let exploded = growth > 0.0 && growth.log10() > MOST_ORDERS + here.phi.abs().log10().max(1.0);
        (!exploded && found.improves(here)).then_some(Decrease::Either)
    }

    fn remember(&mut self, here: Merit, kind: Decrease) {
        if kind == Decrease::Either {
            self.filter.add(here);
        }
    }

    /// The largest step along `direction` that keeps a part of the distance to every bound (equation 15a).
    fn to_boundary(&self, direction: &Direction) -> f64 {
        let tau = TAU.max(1.0 - self.mu);
        let mut step = 1.0_f64;
        for (k, &d) in direction.v.iter().enumerate() {
            let room = if d < 0.0 { self.at.v[k] - self.program.lower[k] } else { self.program.upper[k] - self.at.v[k] };
            if d != 0.0 && room.is_finite() {
                step = step.min(tau * room / d.abs());
            }
        }
        step
    }

    /// The same for the bound multipliers (equation 15b).
    fn dual_to_boundary(&self, direction: &Direction) -> f64 {
        let tau = TAU.max(1.0 - self.mu);
        let pairs = self.at.lower.iter().zip(&direction.lower).chain(self.at.upper.iter().zip(&direction.upper));
        pairs.filter(|(_, d)| **d < 0.0).fold(1.0, |step, (z, d)| step.min(tau * z / -d))
    }

    /// Moves the trial point.
    fn place(&mut self, direction: &Direction, step: f64) {
        for k in 0..self.at.v.len() {
            let (lower, upper) = (self.program.lower[k], self.program.upper[k]);
            let mut v = self.at.v[k] + step * direction.v[k];
            // Rounding must not put it onto a bound.
            let least = |bound: f64| 4.0 * f64::EPSILON * bound.abs();
            if lower.is_finite() && v - lower < least(lower) {
                v = lower + least(lower);
            }
            if upper.is_finite() && upper - v < least(upper) {
                v = upper - least(upper);
            }
            self.trial.v[k] = v;
        }
    }

    /// Makes the trial point the present one and moves the multipliers.
    fn accept(&mut self, direction: &Direction, step: f64, trials: u64) -> Step {
        let dual = self.dual_to_boundary(direction);
        let moved = |z: &[f64], d: &[f64], step: f64| -> Vec<f64> { z.iter().zip(d).map(|(z, d)| z + step * d).collect() };
        self.trial.l = moved(&self.at.l, &direction.l, step);
        self.trial.lower = moved(&self.at.lower, &direction.lower, dual);
        self.trial.upper = moved(&self.at.upper, &direction.upper, dual);
        std::mem::swap(&mut self.at, &mut self.trial);
        self.tie_multipliers();
        Step::Moved(Move { primal: step, dual, shift: self.newton.shift, trials })
    }

    /// Keeps the bound multipliers near `mu / slack` (equation 16).
    fn tie_multipliers(&mut self) {
        let mu = self.mu;
        let tie = |z: &mut f64, slack: f64| {
            if slack.is_finite() && slack > 0.0 {
                *z = z.clamp(mu / (MULTIPLIER_SPREAD * slack), MULTIPLIER_SPREAD * mu / slack);
            }
        };
        for k in 0..self.at.v.len() {
            tie(&mut self.at.lower[k], self.at.v[k] - self.program.lower[k]);
            tie(&mut self.at.upper[k], self.program.upper[k] - self.at.v[k]);
        }
    }
}

/// By what a step is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Decrease {
    /// The objective falls as its slope promises.
    Objective,
    /// The objective or the infeasibility falls.
    Either,
}
