//! The loop over the systems of a sequence, shared by all solvers of the crate.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use fathom_opt_core::{Counters, Limit, Outcome, Progress, Run, SolveError, Status, Stop, Trace};
use fathom_opt_linalg::{Ending, Goal, MatrixError, ResidualNorm, Solved, norm};
use fathom_opt_problems::linear_sequence::{KeptSolution, LinearSequence, LinearSequenceSolution, RelativeTo, Start};

use crate::inconsistency::{Inconsistency, inconsistency};
use crate::keep::Keep;
use crate::rescaled::Rescaled;
use crate::start_at::StartAt;

/// One way to solve the systems of a sequence. A method knows the sequence and goes through its matrices.
pub(crate) trait Method {
    /// The solver's name.
    const NAME: &'static str;
    /// Columns of the trace after `system`, `iterations`, `residual` and `seconds`; asked for after the first solve.
    fn columns(&self) -> Vec<String>;

    /// Goes to system `index`.
    fn advance(&mut self, index: usize) -> Result<(), MatrixError>;

    /// `r = rhs - A x` for the system at hand, to about twice the working precision; nothing before the first system.
    fn residual(&mut self, rhs: &[f64], x: &[f64], r: &mut [f64]) -> Option<ResidualNorm>;

    /// No step that cannot be interrupted may be expected to take longer than this from now on.
    fn limit_uninterrupted(&mut self, max_uninterrupted: Duration) {
        let _ = max_uninterrupted;
    }

    /// Solves the system at hand from and into `x`, to `||rhs - A x||_2 <= tolerance * reference`. What it returns is the residual to about twice the working precision, and
    /// `x` the best vector that was met with.
    fn solve(&mut self, system: &System, x: &mut [f64], watch: &mut dyn FnMut(u64, f64) -> ControlFlow<()>) -> Result<Solved, MatrixError>;

    /// The values of [`Method::columns`] for the last solve.
    fn row(&self) -> Vec<f64>;

    /// The method's own counts, at the end.
    fn count(&self, counters: &mut Counters) {
        let _ = counters;
    }
}

/// What a method has to solve, besides the matrix.
pub(crate) struct System<'a> {
    /// The right-hand side.
    pub(crate) rhs: &'a [f64],
    /// Where to stop.
    pub(crate) goal: Goal,
    /// What the residual is compared with.
    pub(crate) reference: f64,
}

/// Options that every solver of the crate has.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame {
    pub(crate) max_iterations: u64,
    pub(crate) start: StartAt,
    pub(crate) keep: Keep,
}

/// Solves system after system by `method`, which goes through the sequence in the units that it was rescaled to. What is returned is in the units that were given.
pub(crate) fn solve_sequence<M: Method>(
    method: &mut M,
    frame: Frame,
    rescaled: &Rescaled<'_>,
    run: &Run,
) -> Result<Outcome<LinearSequenceSolution>, SolveError> {
    let problem = rescaled.problem();
    let n = problem.dimension();
    let keep = frame.keep.decided(problem.steps().len(), n);
    let mut drive = Drive {
        method,
        frame: Frame { keep, ..frame },
        problem,
        rescaled,
        run,
        given: run.start(),
        x: vec![0.0; n],
        scratch: vec![0.0; n],
        previous: None,
        record: Record::default(),
    };
    let status = drive.all_systems()?;
    drive.method.count(&mut drive.record.counters);
    Ok(drive.record.into_outcome(status))
}

/// A sequence on its way.
struct Drive<'a, M> {
    method: &'a mut M,
    frame: Frame,
    problem: &'a LinearSequence,
    rescaled: &'a Rescaled<'a>,
    run: &'a Run,
    /// The solution to start from, in the units that were given.
    given: Option<&'a LinearSequenceSolution>,
    x: Vec<f64>,
    scratch: Vec<f64>,
    /// The solution of the system before, where the reference of the residual needs it.
    previous: Option<Vec<f64>>,
    record: Record,
}

impl<M: Method> Drive<'_, M> {
    fn all_systems(&mut self) -> Result<Status, SolveError> {
        let started = Instant::now();
        let systems = self.problem.steps().len();
        for index in 0..systems {
            if let Some(stop) = self.run.should_stop(&self.record.counters) {
                return Ok(stop.into());
            }
            if let Err(fault) = self.method.advance(index) {
                if index == 0 {
                    return Err(unsupported::<M>(&fault));
                }
                return Ok(Status::Failed(format!("system {index}: {fault}")));
            }
            self.rescaled.carry(index, &mut self.x);
            let reference = self.reference(index);
            if !reference.is_finite() {
                let beyond = "the norm of the right-hand side or the initial residual is beyond the range of f64";
                return Ok(Status::Failed(format!("system {index}: {beyond}")));
            }
            if let Some(end) = self.one_system(index, reference, started)? {
                return Ok(end);
            }
            let objective = Some(self.record.worst);
            self.run.report(&Progress { done: index as u64 + 1, total: Some(systems as u64), objective, bound: None });
        }
        Ok(Status::Feasible)
    }

    /// What the residual of system `index` is compared with.
    fn reference(&mut self, index: usize) -> f64 {
        let rhs = &self.problem.steps()[index].rhs;
        match (self.problem.relative_to(), self.problem.start()) {
            (RelativeTo::Rhs, _) | (RelativeTo::InitialResidual, Start::Zero) => norm(rhs),
            (RelativeTo::InitialResidual, Start::Previous) => {
                self.previous = Some(self.x.clone());
                self.method.residual(rhs, &self.x, &mut self.scratch).map_or(f64::NAN, |found| found.norm)
            }
        }
    }

    /// Solves system `index` and records it; returns how the sequence ends, if it ends here.
    fn one_system(&mut self, index: usize, reference: f64, started: Instant) -> Result<Option<Status>, SolveError> {
        let Self { method, frame, problem, rescaled, run, given, x, scratch, record, .. } = self;
        let rhs = &problem.steps()[index].rhs;
        if frame.start.is_zero(problem.start()) || norm(rhs) == 0.0 || rescaled.is_unrelated(index) {
            x.fill(0.0);
        }
        if let Some(given) = given.and_then(|given| given.x.iter().find(|kept| kept.system == index)) {
            let mut values = given.values.clone();
            rescaled.scale(index, &mut values);
            start_from_the_better(*method, rhs, x, &values, scratch);
        }
        let goal = Goal { residual: problem.tolerance() * reference, max_iterations: frame.max_iterations };
        let before = record.counters.iterations;
        let mut stop = None;
        let mut spent = Counters { iterations: before, ..Counters::default() };
        let mut watch = |iterations, _| {
            spent.iterations = before + iterations;
            stop = run.should_stop(&spent);
            if stop.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        method.limit_uninterrupted(run.remaining().map_or(Duration::MAX, |left| left / 2));
        let system = System { rhs, goal, reference };
        let mut solved = method.solve(&system, x, &mut watch).map_err(|fault| unsupported::<M>(&fault))?;
        record.counters.iterations += solved.iterations;
        let size = norm(rhs);
        if solved.ending != Ending::Converged && (solved.residual > size || solved.residual.is_nan()) {
            // Nothing that was met with is better than zero.
            x.fill(0.0);
            solved.residual = size;
        }
        let mut relative = relative_to(reference, solved.residual);
        let mut end = unfinished(solved.ending, stop, index, relative);
        if end.is_some() && solved.ending != Ending::Stopped {
            self.explain(index, goal.residual, relative, &mut end);
        }
        let Self { method, frame, rescaled, x, previous, record, .. } = self;
        let mut own = None;
        if rescaled.is_rescaled() {
            let unscaled = |x: &[f64]| {
                let mut x = x.to_vec();
                rescaled.unscale(index, &mut x);
                x
            };
            *previous = previous.as_deref().map(unscaled);
            let x = unscaled(x);
            // In the units that were given a solution may have fewer digits, or none.
            relative = rescaled.given().relative_residual(index, &x, previous.as_deref()).unwrap_or(relative);
            own = Some(x);
        }
        let x = own.as_ref().unwrap_or(&*x);
        // A vector that is dropped is out of reach of whoever checks the solution, and one that was rescaled is another: these are checked here.
        if end.is_none() && (frame.keep != Keep::All || rescaled.is_rescaled()) {
            end = doubted_by_the_checker(rescaled.given(), index, x, previous.as_deref());
        }
        // An unfinished system is listed too, with its iterate: the best there is, and the checker says how far from solved it is.
        if end.is_none() || relative.is_finite() && x.iter().all(|value| value.is_finite()) {
            record.push(index, &solved, relative, started.elapsed().as_secs_f64(), *method);
            match frame.keep {
                Keep::All => record.solution.x.push(KeptSolution { system: index, values: x.clone() }),
                Keep::Last => record.keep_last(index, x),
                Keep::Auto | Keep::None => {}
            }
        }
        record.finished += u64::from(end.is_none());
        Ok(end)
    }

    /// Puts into `end` why system `index` has no solution, if that can be told.
    fn explain(&mut self, index: usize, goal: f64, relative: f64, end: &mut Option<Status>) {
        let rhs = &self.problem.steps()[index].rhs;
        self.method.residual(rhs, &self.x, &mut self.scratch);
        match inconsistency(self.problem, index, &self.scratch, goal) {
            Some(Inconsistency::Shown(reason)) if matches!(end, Some(Status::Failed(_))) => {
                *end = Some(Status::Failed(format!("system {index}: {reason} (relative residual {relative:.2e})")));
            }
            Some(Inconsistency::Shown(reason) | Inconsistency::Seen(reason)) => self.record.notes.push(format!("system {index}: {reason}")),
            None => {}
        }
    }
}

/// The relative residual, as the checker says it: nothing is small relative to zero.
fn relative_to(reference: f64, residual: f64) -> f64 {
    if residual == 0.0 { 0.0 } else { (residual / reference).min(f64::MAX) }
}

/// Replaces `x` by `given` where that has the smaller residual.
fn start_from_the_better<M: Method>(method: &mut M, rhs: &[f64], x: &mut [f64], given: &[f64], scratch: &mut [f64]) {
    let own = method.residual(rhs, x, scratch);
    let other = method.residual(rhs, given, scratch);
    if let (Some(own), Some(other)) = (own, other)
        && other.norm < own.norm
    {
        x.copy_from_slice(given);
    }
}

/// The status of a sequence with a solved system whose residual the independent checker finds to be above the tolerance; nothing when it agrees.
fn doubted_by_the_checker(problem: &LinearSequence, index: usize, x: &[f64], previous: Option<&[f64]>) -> Option<Status> {
    if x.iter().any(|value| value.is_infinite()) {
        return Some(Status::Failed(format!("system {index}: the solution that was found is beyond the range of f64")));
    }
    let found = problem.relative_residual(index, x, previous)?;
    let doubted = found > problem.tolerance();
    doubted.then(|| Status::Failed(format!("system {index}: the checker finds a relative residual of {found:.2e}")))
}

/// The status that an unfinished system gives the whole sequence; nothing when it was solved.
fn unfinished(ending: Ending, stop: Option<Stop>, index: usize, relative: f64) -> Option<Status> {
    let failed = |why: &str| Some(Status::Failed(format!("system {index}: {why} (relative residual {relative:.2e})")));
    match ending {
        Ending::Converged => None,
        Ending::Capped => Some(Status::Limit(Limit::Iterations)),
        Ending::Stopped => Some(stop.map_or(Status::Interrupted, Status::from)),
        Ending::Stagnated => failed("the residual no longer falls; the tolerance may be below what rounding allows for this matrix"),
        Ending::Diverged => failed("the residual grew beyond all bounds, or numbers left the range of f64"),
        Ending::IndefiniteMatrix => failed("the matrix is not positive definite"),
        Ending::SingularMatrix => failed(
            "along a direction that was met the matrix is zero to working precision, and the right-hand side asks for a step along it",
        ),
        Ending::IndefinitePreconditioner => failed("the preconditioner is not positive definite"),
        Ending::NoFactor => failed("a sparse factor would need more memory or time than is allowed"),
    }
}

fn unsupported<M: Method>(fault: &MatrixError) -> SolveError {
    SolveError::Unsupported { solver: M::NAME, why: fault.to_string() }
}

/// What is known of the systems tried so far.
#[derive(Default)]
struct Record {
    solution: LinearSequenceSolution,
    counters: Counters,
    trace: Option<Trace>,
    worst: f64,
    /// Systems solved to the tolerance.
    finished: u64,
    notes: Vec<String>,
}

impl Record {
    fn push<M: Method>(&mut self, index: usize, solved: &Solved, relative: f64, seconds: f64, method: &M) {
        self.solution.residuals.push(relative);
        self.solution.iterations.push(solved.iterations);
        self.worst = self.worst.max(relative);
        let mut row = vec![index as f64, solved.iterations as f64, relative, seconds];
        row.extend(method.row());
        let columns = ["system", "iterations", "residual", "seconds"].map(String::from);
        self.trace.get_or_insert_with(|| Trace::new(columns.into_iter().chain(method.columns()))).push(&row);
    }

    fn keep_last(&mut self, index: usize, x: &[f64]) {
        match self.solution.x.first_mut() {
            Some(kept) => {
                kept.system = index;
                kept.values.copy_from_slice(x);
            }
            None => self.solution.x.push(KeptSolution { system: index, values: x.to_vec() }),
        }
    }

    fn into_outcome(self, status: Status) -> Outcome<LinearSequenceSolution> {
        let mut outcome = Outcome::new(status);
        outcome.counters = self.counters;
        outcome.counters.add("systems", self.finished);
        outcome.trace = self.trace;
        outcome.notes = self.notes;
        if !self.solution.residuals.is_empty() {
            outcome = outcome.with_solution(self.solution, Some(self.worst));
        }
        outcome
    }
}
