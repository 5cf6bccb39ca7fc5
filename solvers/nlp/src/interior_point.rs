//! The solver `nlp`.

use fathom_opt_core::{Limit, OptionError, Outcome, Run, SolveError, Solver, Status, WarmStart};
use fathom_opt_problems::nonlinear::{ExpressionNlp, Multipliers, Nlp, Nonlinear, NonlinearSolution};
use fathom_opt_problems::{Problem, Sense};
use rand::RngExt;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::barrier::{BARRIER_SHARE, Barrier, CondensedSystem, End, Iterate, Program, Watch, inside, run};
use crate::certificate::dual_bound;
use crate::penalty::{Settings, augmented_lagrangian, least_squares};
use crate::presolve::presolve;
use crate::reduced::Reduced;

/// A primal-dual interior point method with slacks, a filter line search, inertia correction and feasibility restoration (Waechter and Biegler, "On the
/// implementation of an interior-point filter line-search algorithm for large-scale nonlinear programming", 2006), for bounds, equations and inequalities.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct InteriorPoint {
    /// Stop when the scaled errors of the optimality conditions are at most this. Whatever it is, only points that the checker confirms are claimed.
    pub tolerance: f64,
    /// Iterations before giving up, those of restorations included.
    pub max_iterations: u64,
    /// The barrier parameter at the start.
    pub barrier: f64,
    /// How far from its bounds the start is moved, relative to the bounds' size or distance.
    pub push: f64,
}

impl Default for InteriorPoint {
    fn default() -> Self {
        Self { tolerance: 1e-8, max_iterations: 3000, barrier: 0.1, push: 1e-2 }
    }
}

impl Solver<Nonlinear> for InteriorPoint {
    const NAME: &'static str = "nlp";
    const SUMMARY: &'static str = "primal-dual interior point with a filter line search, for bounds, equations and inequalities";

    fn validate(&self) -> Result<(), OptionError> {
        let positive = |name: &str, value: f64| {
            if value > 0.0 && value.is_finite() { Ok(()) } else { Err(OptionError::new(name, value, "a positive number")) }
        };
        positive("tolerance", self.tolerance)?;
        positive("barrier", self.barrier)?;
        positive("push", self.push)?;
        if self.push >= 0.5 {
            return Err(OptionError::new("push", self.push, "a number below 1/2"));
        }
        Ok(())
    }

    fn accepts(&self, problem: &Nonlinear) -> Result<(), SolveError> {
        if problem.compiled().hessian().is_none() {
            return Err(SolveError::Unsupported { solver: Self::NAME, why: "its Hessian is too dense to be stored".into() });
        }
        Ok(())
    }

    fn warm_start(&self) -> Option<&dyn WarmStart<Nonlinear>> {
        Some(self)
    }

    fn solve_accepted(&self, problem: &Nonlinear, run: &Run) -> Result<Outcome<NonlinearSolution>, SolveError> {
        let mut nlp = ExpressionNlp::new(problem);
        let start = run.start::<NonlinearSolution>();
        let seen = presolve(problem);
        if let Some(why) = seen.contradiction {
            let mut outcome = Outcome::new(Status::Infeasible);
            outcome.notes.push(why);
            return Ok(outcome);
        }
        let sign = nlp.objective_sign();
        let mut confirm = |solution: &NonlinearSolution| is_confirmed(problem, solution);
        let row_name = |i: usize| problem.constraint_name(i).into_owned();
        let mut outcome = match start.filter(|start| start.multipliers.is_some() && is_confirmed(problem, start)) {
            Some(start) => Outcome::new(Status::LocallyOptimal).with_solution(start.clone(), nlp.objective(&start.x).ok()),
            None => self.run(&mut nlp, (start, &seen.redundant), sign, &mut confirm, &row_name, run),
        };
        if problem.objective_sense() == Sense::Maximize {
            outcome.objective = outcome.objective.map(|value| -value);
        }
        claim(problem, &mut nlp, &mut outcome);
        if let Some(start) = start {
            keep_better_start(problem, start, &mut outcome);
        }
        Ok(outcome)
    }
}

impl WarmStart<Nonlinear> for InteriorPoint {}

/// Whether the class's own checker finds the point feasible and stationary, with the multipliers it has.
fn holds(problem: &Nonlinear, solution: &NonlinearSolution) -> bool {
    problem.check(solution).is_ok_and(|verdict| {
        verdict.violations.is_empty() && verdict.property("KKT conditions").is_some_and(|property| property.holds == Some(true))
    })
}

/// The same with those multipliers or with the checker's own, of which it is enough that they exist: where rows are dependent, a method's may be large and
/// of little use.
fn is_confirmed(problem: &Nonlinear, solution: &NonlinearSolution) -> bool {
    holds(problem, solution) || holds(problem, &NonlinearSolution { x: solution.x.clone(), multipliers: None })
}

/// A gap between objective and dual bound up to this, relative to the objective, is none.
const GAP: f64 = 1e-6;

/// Words the outcome by what the checker says of the point, whatever the method believes.
fn claim(problem: &Nonlinear, nlp: &mut ExpressionNlp, outcome: &mut Outcome<NonlinearSolution>) {
    let Some(solution) = outcome.solution.as_mut() else { return };
    if !holds(problem, solution) {
        solution.multipliers = None;
    }
    let Ok(verdict) = problem.check(solution) else { return };
    let feasible = verdict.violations.is_empty();
    let stationary = verdict.property("KKT conditions").is_some_and(|property| property.holds == Some(true));
    if !feasible || !stationary {
        if outcome.status == Status::LocallyOptimal
            || feasible && !matches!(outcome.status, Status::Diverging | Status::Limit(_) | Status::Interrupted)
        {
            let why = || Status::Failed("the checker does not confirm the point reached".into());
            outcome.status = if feasible { Status::Feasible } else { why() };
        }
        return;
    }
    if matches!(outcome.status, Status::Limit(Limit::Time | Limit::OracleCalls) | Status::Interrupted) {
        return;
    }
    outcome.status = Status::LocallyOptimal;
    if !problem.is_convex() {
        return;
    }
    outcome
        .notes
        .push("the program is convex by rules: the point is a global optimum within the tolerance of its optimality conditions".into());
    let Some(multipliers) = &solution.multipliers else { return };
    if let (Some(bound), Some(objective)) = (dual_bound(nlp, &solution.x, multipliers), nlp.objective(&solution.x).ok()) {
        let bound = bound.min(objective);
        outcome.bound = Some(nlp.objective_sign() * bound);
        if objective - bound <= GAP * objective.abs().max(1.0) {
            outcome.status = Status::Optimal;
        }
    }
}

/// The given start where it is better than what was found.
fn keep_better_start(problem: &Nonlinear, start: &NonlinearSolution, outcome: &mut Outcome<NonlinearSolution>) {
    if matches!(outcome.status, Status::Optimal) {
        return;
    }
    let value = |solution: &NonlinearSolution| {
        let verdict = problem.check(solution).ok()?;
        verdict.objective.filter(|_| verdict.violations.is_empty()).map(|objective| objective.value)
    };
    let Some(at_start) = value(start) else { return };
    let better = outcome.solution.as_ref().and_then(value).is_none_or(|found| problem.objective_sense().advantage(at_start, found) > 0.0);
    // Of two points that are as good as each other within the tolerance, the stationary one is kept.
    let close = outcome.objective.is_some_and(|found| (found - at_start).abs() <= GAP * at_start.abs().max(1.0));
    if better && !(close && outcome.status == Status::LocallyOptimal) {
        outcome.status = if is_confirmed(problem, start) { Status::LocallyOptimal } else { Status::Feasible };
        outcome.objective = Some(at_start);
        outcome.solution = Some(start.clone());
        outcome.notes.push("the given start is returned: nothing better was found".into());
    }
}

/// What the solve of one program works with.
struct Attempt<'a, 'b> {
    options: &'a InteriorPoint,
    reduced: Reduced<'b>,
    watch: Watch<'a>,
    confirm: &'a mut dyn FnMut(&NonlinearSolution) -> bool,
    row_name: &'a dyn Fn(usize) -> String,
    notes: Vec<String>,
}

impl InteriorPoint {
    fn run(
        &self,
        nlp: &mut dyn Nlp,
        (start, redundant): (Option<&NonlinearSolution>, &[bool]),
        sign: f64,
        confirm: &mut dyn FnMut(&NonlinearSolution) -> bool,
        row_name: &dyn Fn(usize) -> String,
        allowed: &Run,
    ) -> Outcome<NonlinearSolution> {
        let given = start.map_or_else(|| nlp.start().to_vec(), |start| start.x.clone());
        let reduced = match Reduced::new(nlp, redundant) {
            Ok(reduced) => reduced,
            Err(error) => return Outcome::new(Status::Failed(error.to_string())),
        };
        let watch = Watch::new(allowed, self.max_iterations);
        let mut attempt = Attempt { options: self, reduced, watch, confirm, row_name, notes: Vec::new() };
        let (status, solution) = attempt.solve(&given, start.and_then(|start| start.multipliers.as_ref()), sign, allowed);
        let Attempt { mut reduced, watch, notes, .. } = attempt;
        let mut outcome = Outcome::new(status);
        if let Some(solution) = solution {
            let objective = reduced.given().objective(&solution.x).ok();
            outcome = outcome.with_solution(solution, objective);
        }
        outcome.counters = watch.counters;
        outcome.trace = Some(watch.trace);
        outcome.notes = notes;
        outcome
    }
}

/// Points around the given start that are tried where it cannot be evaluated.
const MAX_STARTS: i32 = 20;

impl Attempt<'_, '_> {
    /// Runs the barrier method, and what helps where it does not end at a stationary point.
    fn solve(&mut self, given: &[f64], multipliers: Option<&Multipliers>, sign: f64, allowed: &Run) -> (Status, Option<NonlinearSolution>) {
        let (program, v) = match self.begin(given, sign, allowed) {
            Ok(begun) => begun,
            Err(end) => return (status(&end), None),
        };
        let mut system = match CondensedSystem::new(self.reduced.hessian_pattern(), self.reduced.jacobian_pattern(), program.n) {
            Ok(system) => system,
            Err(error) => return (status(&End::Factor(error)), None),
        };
        let overdetermined = self.reduced.equations() > program.n;
        if overdetermined && self.is_flat(&program, &v) {
            return self.least_squares((program, v), &mut system);
        }
        let (end, barrier) = match self.optimize((program.clone(), v.clone()), multipliers, &mut system) {
            Ok(ended) => ended,
            Err(end) => return (status(&end), None),
        };
        let mut found = solution(&barrier, &mut self.reduced);
        if matches!(end, End::Converged | End::Stopped(_) | End::Diverging) || (self.confirm)(&found) || program.rows() == 0 {
            return (status(&end), Some(found));
        }
        let blocking = (end == End::LocallyInfeasible).then(|| self.blocking(&barrier));
        if end != End::Iterations {
            let settings = self.settings();
            let Self { reduced, watch, confirm, .. } = self;
            let mut confirmed = |barrier: &Barrier, reduced: &mut Reduced<'_>| confirm(&solution(barrier, reduced));
            let again = augmented_lagrangian((program.clone(), v.clone()), settings, reduced, &mut system, watch, &mut confirmed);
            if let Ok((again, barrier)) = again {
                let other = solution(&barrier, &mut self.reduced);
                if again == End::Converged || (self.confirm)(&other) {
                    let why = status(&end);
                    self.notes.push(format!(
                        "the interior point method ended with `{why}`; the augmented Lagrangian method went on from the start"
                    ));
                    return (Status::LocallyOptimal, Some(other));
                }
            }
        }
        if overdetermined {
            return self.least_squares((program, v), &mut system);
        }
        if let Some(blocking) = blocking {
            self.notes.extend(blocking);
            found.multipliers = None;
        }
        (status(&end), Some(found))
    }

    fn settings(&self) -> Settings {
        Settings { tolerance: self.options.tolerance, barrier: self.options.barrier }
    }

    /// The scaled program and a start inside its bounds where it can be evaluated.
    fn begin(&mut self, given: &[f64], sign: f64, allowed: &Run) -> Result<(Program, Vec<f64>), End> {
        let push = self.options.push;
        let (lower, upper) = self.reduced.bounds();
        let bounds: Vec<(f64, f64)> = lower.iter().copied().zip(upper.iter().copied()).collect();
        let center = self.reduced.moving(given);
        let mut x: Vec<f64> = center.iter().zip(&bounds).map(|(&x, &(l, u))| inside(x, l, u, push)).collect();
        let mut rng = allowed.stream("start");
        let mut tried = 0;
        // Ends: after so many points it gives up.
        loop {
            self.reduced.scale(&x);
            let program = Program::of(&self.reduced);
            let mut rows = vec![0.0; program.rows()];
            let slacks = |rows: &[f64]| -> Vec<f64> {
                program.privates.iter().map(|slack| inside(rows[slack.row], slack.lower, slack.upper, push)).collect()
            };
            let evaluated = self.reduced.constraints(&x, &mut rows).and_then(|()| {
                let v: Vec<f64> = x.iter().copied().chain(slacks(&rows)).collect();
                Iterate::new(&program, &mut self.reduced, v.clone(), vec![0.0; program.rows()], |_| 1.0).map(|_| v)
            });
            match evaluated {
                Ok(v) => {
                    self.watch.set_unit(sign * self.reduced.objective_scale());
                    return Ok((program, v));
                }
                Err(error) if tried == MAX_STARTS => return Err(End::Evaluation(error)),
                Err(_) => {}
            }
            if tried == 0 {
                self.notes.push("the start cannot be evaluated: points near it were tried instead".into());
            }
            tried += 1;
            let spread = 0.1 * 1.4_f64.powi(tried);
            for ((x, &center), &(l, u)) in x.iter_mut().zip(&center).zip(&bounds) {
                *x = inside(center + spread * center.abs().max(1.0) * (2.0 * rng.random::<f64>() - 1.0), l, u, push);
            }
        }
    }

    /// Whether the objective has no slope at the start nor at its mirror image: a system of equations.
    fn is_flat(&mut self, program: &Program, v: &[f64]) -> bool {
        let mut slope = vec![0.0; program.n];
        let mirrored: Vec<f64> = v[..program.n].iter().map(|x| 0.5 - x).collect();
        let flat = |slope: &[f64]| slope.iter().all(|slope| *slope == 0.0);
        self.reduced.gradient(&v[..program.n], &mut slope).is_ok()
            && flat(&slope)
            && (self.reduced.gradient(&mirrored, &mut slope).is_err() || flat(&slope))
    }

    fn optimize(
        &mut self,
        (program, v): (Program, Vec<f64>),
        multipliers: Option<&Multipliers>,
        system: &mut CondensedSystem,
    ) -> Result<(End, Barrier), End> {
        let Self { options, reduced, watch, confirm, .. } = self;
        let l = vec![0.0; program.rows()];
        let mu = if multipliers.is_some() { options.barrier.min(WARM_BARRIER) } else { options.barrier };
        let warm = multipliers.is_some();
        let z = |slack: f64| if warm { (mu / slack.max(f64::MIN_POSITIVE)).min(1.0) } else { 1.0 };
        let at = Iterate::new(&program, reduced, v, l, z).map_err(End::Evaluation)?;
        let mut barrier = Barrier::new(program, at, mu, BARRIER_SHARE * options.tolerance);
        barrier.estimate_multipliers(system, &watch.stop()).map_err(End::Factor)?;
        let mut confirmed = |barrier: &Barrier, reduced: &mut Reduced<'_>| confirm(&solution(barrier, reduced));
        let end = run(&mut barrier, reduced, system, options.tolerance, watch, &mut confirmed);
        Ok((end, barrier))
    }

    fn least_squares(&mut self, at: (Program, Vec<f64>), system: &mut CondensedSystem) -> (Status, Option<NonlinearSolution>) {
        let (n, m) = (at.0.n, self.reduced.equations());
        let settings = self.settings();
        let (end, barrier) = match least_squares(at, settings, &mut self.reduced, system, &mut self.watch) {
            Ok(ended) => ended,
            Err(end) => return (status(&end), None),
        };
        let mut found = solution(&barrier, &mut self.reduced);
        let size = barrier.at.objective.max(0.0);
        self.notes.push(format!(
            "there are {m} equations in {n} variables: half the sum of their squares (as they are scaled) was minimised instead of the objective, to {size:.3e}"
        ));
        found.multipliers = None;
        // A minimum of the violation: a solution where the checker finds it feasible, else a point where no small change comes closer to the equations.
        let ended = if end == End::Converged { Status::LocallyInfeasible } else { status(&end) };
        (ended, Some(found))
    }

    /// Sentences that name the rows that are violated at a point of stationary infeasibility.
    fn blocking(&self, barrier: &Barrier) -> Vec<String> {
        let mut rows: Vec<(f64, usize)> = barrier.at.g.iter().map(|g| g.abs()).zip(0..).filter(|(g, _)| *g > 1e-8).collect();
        rows.sort_by(|a, b| b.0.total_cmp(&a.0));
        let total: f64 = rows.iter().map(|(g, _)| g).sum();
        let named: Vec<String> = rows.iter().take(5).map(|&(_, i)| (self.row_name)(self.reduced.given_row(i))).collect();
        vec![format!(
            "no small change makes the sum of the violations, {total:.3e} as they are scaled, smaller; {} constraints block, the most violated ones: {}",
            rows.len(),
            named.join(", ")
        )]
    }
}

/// The barrier parameter of a start that comes with multipliers.
const WARM_BARRIER: f64 = 1e-4;

/// The point and multipliers of the given program.
fn solution(barrier: &Barrier, reduced: &mut Reduced<'_>) -> NonlinearSolution {
    let (program, at) = (&barrier.program, &barrier.at);
    let n = program.n;
    let (lower, upper) = reduced.bounds();
    let x: Vec<f64> = at.v[..n].iter().zip(lower.iter().zip(upper)).map(|(x, (l, u))| x.max(*l).min(*u)).collect();
    let unit = reduced.objective_scale().recip();
    let mut rows = at.l.clone();
    // The multiplier of an inequality is the difference of its slack's, which have the right signs.
    for (k, slack) in program.privates.iter().enumerate().filter(|(_, slack)| slack.cost == 0.0 && slack.curvature == 0.0) {
        rows[slack.row] = at.upper[n + k] - at.lower[n + k];
    }
    for (l, scale) in rows.iter_mut().zip(reduced.row_scales()) {
        *l *= scale * unit;
    }
    let scaled = |z: &[f64]| -> Vec<f64> { z[..n].iter().map(|z| z * unit).collect() };
    let mut multipliers = Multipliers {
        constraints: reduced.spread_rows(&rows),
        lower: reduced.spread(&scaled(&at.lower)),
        upper: reduced.spread(&scaled(&at.upper)),
    };
    let x = reduced.full(&x).to_vec();
    multiply_fixed(reduced.given(), &x, &mut multipliers);
    NonlinearSolution { x, multipliers: Some(multipliers) }
}

/// Fixed variables take what is left of the Lagrangian's gradient as their bounds' multipliers.
fn multiply_fixed(nlp: &mut dyn Nlp, x: &[f64], multipliers: &mut Multipliers) {
    let fixed: Vec<usize> = {
        let (lower, upper) = nlp.variable_bounds();
        (0..x.len()).filter(|&j| lower[j] == upper[j]).collect()
    };
    if fixed.is_empty() {
        return;
    }
    let mut slope = vec![0.0; x.len()];
    let mut entries = vec![0.0; nlp.jacobian_pattern().entries()];
    if nlp.gradient(x, &mut slope).is_err() || nlp.constraints() > 0 && nlp.jacobian(x, &mut entries).is_err() {
        return;
    }
    let pattern = nlp.jacobian_pattern();
    for (i, l) in multipliers.constraints.iter().enumerate() {
        for (&j, entry) in pattern.row(i).iter().zip(&entries[pattern.range(i)]) {
            slope[j as usize] += l * entry;
        }
    }
    for j in fixed {
        (multipliers.lower[j], multipliers.upper[j]) = (slope[j].max(0.0), (-slope[j]).max(0.0));
    }
}

fn status(end: &End) -> Status {
    match end {
        End::Converged => Status::LocallyOptimal,
        End::LocallyInfeasible => Status::LocallyInfeasible,
        End::Diverging => Status::Diverging,
        End::Blocked => Status::Failed("no step improves the objective or the violation of the constraints".into()),
        End::Stalled => Status::Failed("steps became too small to be seen".into()),
        End::Indefinite => Status::Failed("no shift makes the Newton system one of a minimum".into()),
        End::Evaluation(error) => Status::Failed(format!("cannot be evaluated: {error}")),
        End::Factor(error) => Status::Failed(format!("the Newton system: {error}")),
        End::Stopped(stop) => (*stop).into(),
        End::Iterations => Status::Limit(Limit::Iterations),
    }
}
