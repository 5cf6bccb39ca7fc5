//! The method itself.

use fathom_opt_core::{Counters, Run, Trace};
use fathom_opt_linalg::{Identity, LdlError};
use fathom_opt_problems::expression::EvaluationError;
use rand_chacha::ChaCha8Rng;

use super::accuracy::{Bounds, LEAST_DELTA};
use super::end::End;
use super::inner::InnerSolver;
use super::merit::Penalties;
use super::options::{Accuracy, Constants, Regularization, SketchedNewton};
use crate::iterate::{Equalities, Iterate};
use crate::kkt_system::KktSystem;
use crate::regularization::{InertiaCorrection, Regularized, by_null_space};

/// The state of a solve: call [`Newton::step`] until it ends.
pub(super) struct Newton {
    constants: Constants,
    system: KktSystem,
    inner: InnerSolver,
    inertia: InertiaCorrection,
    rng: ChaCha8Rng,
    pub at: Iterate,
    trial: Iterate,
    penalties: Penalties,
    first_objective: f64,
    delta: f64,
    direction: Vec<f64>,
    /// Inner steps for the present system.
    inner_steps: u64,
    pub counters: Counters,
    pub trace: Trace,
}

/// What is known of a direction.
struct Found {
    /// The slope of the merit function along it.
    slope: f64,
    /// The residual of the Newton system.
    residual: f64,
    /// Whether that is what was asked for.
    reached: bool,
}

/// Halvings of the line search, at most: a step below 1e-12 moves nothing any more.
const MAX_HALVINGS: u32 = 40;

/// Penalties beyond these are not pushed further; the step is then taken as it is (the authors' escape).
const LARGEST_PENALTY: f64 = 1e8;
const SMALLEST_PENALTY: f64 = 1e-8;

/// An objective that falls to so many times the negative of what it was at the start diverges, where the method gets stuck.
const FAR: f64 = 1e10;

/// Objectives and iterates beyond this are taken for infinite.
const INFINITE: f64 = 1e20;

impl Newton {
    /// The state at `start`, or at the program's own start with multipliers zero.
    pub fn new(
        options: &SketchedNewton,
        program: &mut Equalities<'_>,
        start: Option<(Vec<f64>, Vec<f64>)>,
        run: &Run,
    ) -> Result<Self, End> {
        let constants = options.constants();
        let n = program.variables();
        let hessian = program.hessian_pattern().ok_or(End::Evaluation(EvaluationError::NoHessian))?;
        let system = KktSystem::new(hessian, program.jacobian_pattern(), n).map_err(End::Factor)?;
        let mut at = Iterate::of(program);
        if let Some((x, l)) = start {
            (at.x, at.l) = (x, l);
        }
        at.evaluate(program).map_err(End::Evaluation)?;
        let first_objective = at.objective;
        Ok(Self {
            trial: at.clone(),
            at,
            inner: InnerSolver::new(options.linear_solver, constants.block_size),
            inertia: InertiaCorrection::default(),
            rng: run.stream("sketches"),
            penalties: Penalties { constraints: constants.constraint_penalty, gradient: constants.gradient_penalty },
            first_objective,
            delta: constants.delta,
            direction: vec![0.0; system.order()],
            inner_steps: 0,
            counters: Counters::default(),
            trace: Trace::new([
                "iteration",
                "objective",
                "infeasibility",
                "dual-infeasibility",
                "kkt-residual",
                "eta1",
                "eta2",
                "shift",
                "step",
                "inner-steps",
                "inner-residual",
            ]),
            constants,
            system,
        })
    }

    /// One outer iteration; says how it ended once it has.
    pub fn step(&mut self, program: &mut Equalities<'_>, run: &Run) -> Option<End> {
        let residual = self.at.residual();
        if residual <= self.constants.tolerance {
            return Some(End::Stationary);
        }
        if let Some(stop) = run.should_stop(&self.counters) {
            return Some(End::Stopped(stop));
        }
        if self.counters.iterations >= self.constants.max_iterations {
            return Some(End::Iterations);
        }
        if self.at.objective.abs() > INFINITE || self.at.x.iter().any(|x| x.abs() > INFINITE) {
            return Some(End::Diverging);
        }
        let smallest = match self.regularize(program, run) {
            Ok(smallest) => smallest,
            Err(end) => return Some(end),
        };
        let found = self.find_direction(smallest, residual, run);
        if let Some(stop) = run.should_stop(&self.counters) {
            return Some(End::Stopped(stop));
        }
        let step = self.search(program, found.slope);
        self.counters.iterations += 1;
        self.counters.add("inner-steps", self.inner_steps);
        let c = norm(&self.at.c);
        self.trace.push(&[
            self.counters.iterations as f64,
            self.at.objective,
            c,
            norm(&self.at.lagrangian_gradient),
            self.at.residual(),
            self.penalties.constraints,
            self.penalties.gradient,
            self.system.shift,
            step.unwrap_or(0.0),
            self.inner_steps as f64,
            found.residual,
        ]);
        run.report(&fathom_opt_core::Progress {
            done: self.counters.iterations,
            total: None,
            objective: Some(self.at.objective),
            bound: None,
        });
        if step.is_none() {
            return Some(if self.infeasibility_is_stationary() {
                End::LocallyInfeasible
            } else if self.has_fallen_far() {
                End::Diverging
            } else if found.reached {
                End::NoDescent
            } else {
                End::InnerLimit(self.inner_steps)
            });
        }
        None
    }

    /// Step 1: the Newton system with a Hessian shifted until the step is one of descent. Returns the smallest eigenvalue of `G G'` where it is known.
    fn regularize(&mut self, program: &mut Equalities<'_>, run: &Run) -> Result<f64, End> {
        self.at.hessian(program, self.system.hessian_mut()).map_err(End::Evaluation)?;
        let spent = Counters::default();
        let stop = || run.should_stop(&spent).is_some();
        let interrupted = |error| match (error, run.should_stop(&spent)) {
            (LdlError::Interrupted, Some(stop)) => End::Stopped(stop),
            (error, _) => End::Factor(error),
        };
        let smallest = match self.constants.regularization {
            Regularization::Inertia => {
                let regularized = self.inertia.regularize(&mut self.system, &self.at.jacobian, &stop).map_err(interrupted)?;
                if regularized == Regularized::No {
                    return Err(End::NoDescent);
                }
                1.0
            }
            Regularization::Paper => {
                let least = self.constants.curvature.min(1e-6);
                let found = by_null_space(&self.system, &self.at.jacobian, least, self.constants.curvature);
                if found.smallest < self.constants.singular {
                    return Err(End::Singular(found.smallest));
                }
                self.system.assemble(self.at.jacobian.values(), found.shift, 0.0);
                if self.inner.is_direct() {
                    self.system.factor(&stop).map_err(interrupted)?;
                }
                found.smallest
            }
        };
        self.inner.prepare(&self.system);
        Ok(smallest)
    }

    /// Steps 2 and 3: solves the system until the step descends on the merit function, changing penalties where more accuracy does not help.
    fn find_direction(&mut self, smallest: f64, residual: f64, run: &Run) -> Found {
        let rhs: Vec<f64> = self.at.lagrangian_gradient.iter().chain(&self.at.c).map(|value| -value).collect();
        self.direction.fill(0.0);
        self.inner_steps = 0;
        let hessian = self.system.hessian_norm();
        let shifted = hessian + self.system.shift * (self.at.x.len() as f64).sqrt();
        let bounds = Bounds::new(shifted, smallest, self.constants.curvature, self.at.jacobian.norm(), hessian, self.system.rows.norm());
        if self.constants.accuracy == Accuracy::Paper {
            self.delta = self.delta.min(bounds.trial(self.penalties, self.constants.armijo)).max(LEAST_DELTA);
        }
        // The forcing term, tightened by tens where needed.
        let mut forcing = 0.1 * residual.min(1.0);
        let mut tightened = 0;
        // Ends: penalties change by a factor each time until one of them is out of bounds.
        loop {
            let goal = match self.constants.accuracy {
                Accuracy::Paper => bounds.residual(1.0, self.delta, residual),
                Accuracy::Forcing => forcing * residual,
            };
            let left = self.constants.max_inner.saturating_sub(self.inner_steps);
            let solved = self.inner.solve(&self.system, &mut Identity, &rhs, &mut self.direction, goal, left, &mut self.rng, run);
            self.inner_steps += solved.steps;
            let slope = self.penalties.slope(&self.at, &self.system, &self.direction);
            let enough = slope <= -0.5 * self.penalties.gradient * residual * residual;
            let exhausted = self.penalties.constraints > LARGEST_PENALTY || self.penalties.gradient < SMALLEST_PENALTY;
            if enough || exhausted || run.should_stop(&self.counters).is_some() {
                let reached = self.inner.is_direct() || solved.residual <= goal;
                return Found { slope, residual: solved.residual, reached };
            }
            let can_tighten = !self.inner.is_direct() && left > solved.steps && solved.residual <= goal;
            if self.constants.accuracy == Accuracy::Forcing && tightened < 3 && can_tighten {
                tightened += 1;
                forcing *= 0.1;
                continue;
            }
            let growth = self.constants.growth;
            self.penalties.constraints *= growth * growth;
            self.penalties.gradient /= growth;
            if self.constants.accuracy == Accuracy::Paper {
                let trial = bounds.trial(self.penalties, self.constants.armijo);
                self.delta = (self.delta / growth.powi(4)).min(trial).max(LEAST_DELTA);
            }
        }
    }

    /// Step 4: Armijo's rule on the merit function, for `x` and `l` together. A point where something is not finite counts as no decrease. Returns the
    /// step taken.
    fn search(&mut self, program: &mut Equalities<'_>, slope: f64) -> Option<f64> {
        let merit = self.penalties.merit(&self.at);
        // Two sums that differ by less than this are the same up to rounding.
        let rounding = 10.0 * f64::EPSILON * merit.abs();
        let mut step = 1.0;
        for _ in 0..=MAX_HALVINGS {
            self.trial.place(&self.at, &self.direction, step);
            if self.trial.evaluate(program).is_ok() {
                self.counters.oracle_calls += 1;
                let found = self.penalties.merit(&self.trial);
                let decreased = found <= merit + step * self.constants.armijo * slope;
                // Near the solution the decrease drowns in rounding: then the residual itself has to fall.
                let at_rounding = (found - merit).abs() <= rounding && self.trial.residual() < self.at.residual();
                if found.is_finite() && (decreased || at_rounding) {
                    std::mem::swap(&mut self.at, &mut self.trial);
                    return Some(step);
                }
            }
            step *= 0.5;
        }
        None
    }

    /// Whether the objective has fallen so far at feasible points that a minimum is not to be expected: the merit function, whose penalty of the gradient is
    /// bounded below, ends there before the objective does.
    fn has_fallen_far(&self) -> bool {
        norm(&self.at.c) <= self.constants.tolerance && self.at.objective < -FAR * (1.0 + self.first_objective.abs())
    }

    /// Whether the violation of the constraints is at a stationary point that is no zero.
    fn infeasibility_is_stationary(&self) -> bool {
        let c = norm(&self.at.c);
        let mut gradient = vec![0.0; self.at.x.len()];
        self.at.jacobian.add_transposed(&self.at.c, &mut gradient);
        c > self.constants.tolerance && norm(&gradient) <= 1e-6 * c * self.at.jacobian.norm().max(f64::MIN_POSITIVE)
    }
}

fn norm(values: &[f64]) -> f64 {
    crate::iterate::square(values).sqrt()
}
