//! The solve of one program: a start, the barrier method, and what helps where that does not end at a stationary point.

use fathom_opt_core::{Outcome, Run, Status};
use fathom_opt_problems::Sense;
use fathom_opt_problems::nonlinear::{ExpressionNlp, Multipliers, Nlp, Nonlinear, NonlinearSolution};

use crate::barrier::{Barrier, CondensedSystem, End, Program, Watch, run};
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
    confirm: &'a mut dyn FnMut(&mut dyn Nlp, &NonlinearSolution) -> bool,
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
    let mut confirm = |_: &mut dyn Nlp, solution: &NonlinearSolution| is_confirmed(problem, solution);
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
pub(crate) type Questions<'a> = (&'a mut dyn FnMut(&mut dyn Nlp, &NonlinearSolution) -> bool, &'a dyn Fn(usize) -> String);

/// Solves `nlp` from `start` or its own start. `sign` is -1 where the declared objective is maximised.
pub(crate) fn solve_nlp(
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

impl Attempt<'_, '_> {
    /// Runs the barrier method, and what helps where it does not end at a stationary point.
    fn solve(&mut self, given: &[f64], multipliers: Option<&Multipliers>, sign: f64, allowed: &Run) -> (Status, Option<NonlinearSolution>) {
        let (program, v) = match self.settings.start_at(given, &mut self.reduced, allowed, &mut self.notes) {
            Ok(begun) => begun,
            Err(end) => return (end.status(), None),
        };
        self.watch.set_unit(sign * self.reduced.objective_scale());
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
        *end == End::Converged || (self.confirm)(self.reduced.given(), found)
    }

    fn augmented(&mut self, at: (Program, Vec<f64>), system: &mut CondensedSystem) -> Result<(End, NonlinearSolution), End> {
        let Self { settings, reduced, watch, confirm, .. } = self;
        let mut confirmed = |barrier: &Barrier, reduced: &mut Reduced<'_>| {
            let found = solution(barrier, reduced);
            confirm(reduced.given(), &found)
        };
        let (end, barrier) = augmented_lagrangian(at, *settings, reduced, system, watch, &mut confirmed)?;
        Ok((end, solution(&barrier, &mut self.reduced)))
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

    /// The barrier method on the scaled program from `v`.
    fn optimize(
        &mut self,
        at: (Program, Vec<f64>),
        multipliers: Option<&Multipliers>,
        system: &mut CondensedSystem,
    ) -> Result<(End, Barrier), End> {
        let Self { settings, reduced, watch, confirm, .. } = self;
        let mut barrier = settings.barrier_at(at, multipliers.is_some(), reduced, system, watch)?;
        let mut confirmed = |barrier: &Barrier, reduced: &mut Reduced<'_>| {
            let found = solution(barrier, reduced);
            confirm(reduced.given(), &found)
        };
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
