//! The solve of one program: a start, the barrier method, and what helps where that does not end at a stationary point.

use fathom_opt_core::{Outcome, Run, Status};
use fathom_opt_problems::Sense;
use fathom_opt_problems::nonlinear::{ExpressionNlp, Multipliers, Nlp, Nonlinear, NonlinearSolution};
use rand::RngExt;

use crate::barrier::{BARRIER_SHARE, Barrier, CondensedSystem, End, Iterate, Program, Watch, inside, run};
use crate::claim::{claim, is_confirmed, keep_better_start};
use crate::penalty::{augmented_lagrangian, least_squares};
use crate::presolve::presolve;
use crate::recovery::solution;
use crate::reduced::Reduced;
use crate::settings::{Method, Settings};

/// What the solve of one program works with.
struct Attempt<'a, 'b> {
    settings: Settings,
    reduced: Reduced<'b>,
    watch: Watch<'a>,
    confirm: &'a mut dyn FnMut(&NonlinearSolution) -> bool,
    row_name: &'a dyn Fn(usize) -> String,
    notes: Vec<String>,
}

/// Solves `problem` within what `run` allows, and claims of the result what the checker confirms.
pub(crate) fn solve_problem(settings: Settings, problem: &Nonlinear, run: &Run) -> Outcome<NonlinearSolution> {
    let seen = presolve(problem);
    if let Some(why) = seen.contradiction {
        let mut outcome = Outcome::new(Status::Infeasible);
        outcome.notes.push(why);
        return outcome;
    }
    let mut nlp = ExpressionNlp::new(problem);
    let start = run.start::<NonlinearSolution>();
    let mut confirm = |solution: &NonlinearSolution| is_confirmed(problem, solution);
    let row_name = |i: usize| problem.constraint_name(i).into_owned();
    let sign = nlp.objective_sign();
    let mut outcome = if let Some(start) = start.filter(|start| start.multipliers.is_some() && is_confirmed(problem, start)) {
        Outcome::new(Status::LocallyOptimal).with_solution(start.clone(), nlp.objective(&start.x).ok())
    } else {
        solve_nlp(settings, &mut nlp, (start, &seen.redundant), sign, (&mut confirm, &row_name), run)
    };
    if problem.objective_sense() == Sense::Maximize {
        outcome.objective = outcome.objective.map(|value| -value);
    }
    claim(problem, &mut nlp, &mut outcome);
    if let Some(start) = start {
        keep_better_start(problem, start, &mut outcome);
    }
    outcome
}

/// What is asked about the given program: whether a point is confirmed, and what a row is called.
type Questions<'a> = (&'a mut dyn FnMut(&NonlinearSolution) -> bool, &'a dyn Fn(usize) -> String);

/// Solves `nlp` from `start` or its own start. `sign` is -1 where the declared objective is maximised.
fn solve_nlp(
    settings: Settings,
    nlp: &mut dyn Nlp,
    (start, redundant): (Option<&NonlinearSolution>, &[bool]),
    sign: f64,
    (confirm, row_name): Questions<'_>,
    allowed: &Run,
) -> Outcome<NonlinearSolution> {
    let given = start.map_or_else(|| nlp.start().to_vec(), |start| start.x.clone());
    let reduced = match Reduced::new(nlp, redundant) {
        Ok(reduced) => reduced,
        Err(error) => return Outcome::new(Status::Failed(error.to_string())),
    };
    let watch = Watch::new(allowed, settings.max_iterations);
    let mut attempt = Attempt { settings, reduced, watch, confirm, row_name, notes: Vec::new() };
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

/// Points around the given start that are tried where it cannot be evaluated.
const MAX_STARTS: i32 = 20;

impl Attempt<'_, '_> {
    /// Runs the barrier method, and what helps where it does not end at a stationary point.
    fn solve(&mut self, given: &[f64], multipliers: Option<&Multipliers>, sign: f64, allowed: &Run) -> (Status, Option<NonlinearSolution>) {
        let (program, v) = match self.begin(given, sign, allowed) {
            Ok(begun) => begun,
            Err(end) => return (end.status(), None),
        };
        let mut system = match CondensedSystem::new(self.reduced.hessian_pattern(), self.reduced.jacobian_pattern(), program.n) {
            Ok(system) => system,
            Err(error) => return (End::Factor(error).status(), None),
        };
        let overdetermined = self.reduced.equations() > program.n;
        if overdetermined && self.is_flat(&program, &v) {
            return self.least_squares((program, v), &mut system);
        }
        if self.settings.method == Method::AugmentedLagrangian {
            return match self.augmented((program.clone(), v.clone()), &mut system) {
                Ok((end, found)) if end == End::LocallyInfeasible && overdetermined && !self.is_solved(&end, &found) => {
                    self.least_squares((program, v), &mut system)
                }
                Ok((end, found)) => (end.status(), Some(found)),
                Err(end) => (end.status(), None),
            };
        }
        let (end, barrier) = match self.optimize((program.clone(), v.clone()), multipliers, &mut system) {
            Ok(ended) => ended,
            Err(end) => return (end.status(), None),
        };
        let mut found = solution(&barrier, &mut self.reduced);
        if matches!(end, End::Stopped(_) | End::Diverging) || program.rows() == 0 || self.is_solved(&end, &found) {
            return (end.status(), Some(found));
        }
        if end != End::Iterations
            && let Ok((again, other)) = self.augmented((program.clone(), v.clone()), &mut system)
            && self.is_solved(&again, &other)
        {
            let why = end.status();
            self.notes
                .push(format!("the interior point method ended with `{why}`; the augmented Lagrangian method took over from the start"));
            return (Status::LocallyOptimal, Some(other));
        }
        if overdetermined {
            return self.least_squares((program, v), &mut system);
        }
        if end == End::LocallyInfeasible {
            let blocking = self.blocking(&barrier);
            self.notes.push(blocking);
            found.multipliers = None;
        }
        (end.status(), Some(found))
    }

    /// Whether a solve that ended so found what was asked for.
    fn is_solved(&mut self, end: &End, found: &NonlinearSolution) -> bool {
        *end == End::Converged || (self.confirm)(found)
    }

    fn augmented(&mut self, at: (Program, Vec<f64>), system: &mut CondensedSystem) -> Result<(End, NonlinearSolution), End> {
        let Self { settings, reduced, watch, confirm, .. } = self;
        let mut confirmed = |barrier: &Barrier, reduced: &mut Reduced<'_>| confirm(&solution(barrier, reduced));
        let (end, barrier) = augmented_lagrangian(at, *settings, reduced, system, watch, &mut confirmed)?;
        Ok((end, solution(&barrier, &mut self.reduced)))
    }

    /// The scaled program and a start inside its bounds where it can be evaluated.
    fn begin(&mut self, given: &[f64], sign: f64, allowed: &Run) -> Result<(Program, Vec<f64>), End> {
        let push = self.settings.push;
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
        let Self { settings, reduced, watch, confirm, .. } = self;
        let l = vec![0.0; program.rows()];
        let mu = if multipliers.is_some() { settings.barrier.min(WARM_BARRIER) } else { settings.barrier };
        let warm = multipliers.is_some();
        let z = |slack: f64| if warm { (mu / slack.max(f64::MIN_POSITIVE)).min(1.0) } else { 1.0 };
        let at = Iterate::new(&program, reduced, v, l, z).map_err(End::Evaluation)?;
        let mut barrier = Barrier::new(program, at, mu, BARRIER_SHARE * settings.tolerance);
        barrier.estimate_multipliers(system, &watch.stop()).map_err(End::Factor)?;
        let mut confirmed = |barrier: &Barrier, reduced: &mut Reduced<'_>| confirm(&solution(barrier, reduced));
        let end = run(&mut barrier, reduced, system, settings.tolerance, watch, &mut confirmed);
        Ok((end, barrier))
    }

    fn least_squares(&mut self, at: (Program, Vec<f64>), system: &mut CondensedSystem) -> (Status, Option<NonlinearSolution>) {
        let (n, m) = (at.0.n, self.reduced.equations());
        let settings = self.settings;
        let (end, barrier) = match least_squares(at, settings, &mut self.reduced, system, &mut self.watch) {
            Ok(ended) => ended,
            Err(end) => return (end.status(), None),
        };
        let mut found = solution(&barrier, &mut self.reduced);
        let size = barrier.at.objective.max(0.0);
        self.notes.push(format!(
            "there are {m} equations in {n} variables: half the sum of their squares (as they are scaled) was minimised instead of the objective, to {size:.3e}"
        ));
        found.multipliers = None;
        // A minimum of the violation: a solution where the checker finds it feasible, else a point where no small change comes closer to the equations.
        let ended = if end == End::Converged { Status::LocallyInfeasible } else { end.status() };
        (ended, Some(found))
    }

    /// A sentence that names the rows that are violated at a point of stationary infeasibility.
    fn blocking(&self, barrier: &Barrier) -> String {
        let mut rows: Vec<(f64, usize)> = barrier.at.g.iter().map(|g| g.abs()).zip(0..).filter(|(g, _)| *g > 1e-8).collect();
        rows.sort_by(|a, b| b.0.total_cmp(&a.0));
        let total: f64 = rows.iter().map(|(g, _)| g).sum();
        let named: Vec<String> = rows.iter().take(5).map(|&(_, i)| (self.row_name)(self.reduced.given_row(i))).collect();
        format!(
            "no small change makes the sum of the violations, {total:.3e} as they are scaled, smaller; {} constraints block, the most violated ones: {}",
            rows.len(),
            named.join(", ")
        )
    }
}

/// The barrier parameter of a start that comes with multipliers.
const WARM_BARRIER: f64 = 1e-4;
