//! The loop over the systems of a sequence, shared by all solvers of the crate.

use std::ops::ControlFlow;
use std::time::Instant;

use fathom_opt_core::{Counters, Limit, Outcome, Progress, Run, SolveError, Status, Stop, Trace};
use fathom_opt_linalg::{Ending, Goal, MatrixError, Solved, norm};
use fathom_opt_problems::linear_sequence::{KeptSolution, LinearSequence, LinearSequenceSolution, RelativeTo, Start};

use crate::keep::Keep;
use crate::start_at::StartAt;

/// One way to solve the systems of a sequence. A method knows the sequence and goes through its matrices.
pub(crate) trait Method {
    /// The solver's name.
    const NAME: &'static str;
    /// Columns of the trace after `system`, `iterations`, `residual` and `seconds`; asked for after the first solve.
    fn columns(&self) -> Vec<String>;

    /// Goes to system `index`.
    fn advance(&mut self, index: usize) -> Result<(), MatrixError>;

    /// `||rhs - A x||_2` for the system at hand.
    fn residual_norm(&mut self, rhs: &[f64], x: &[f64]) -> f64;

    /// Solves the system at hand from and into `x`, to `||rhs - A x||_2 <= tolerance * reference`.
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
    pub(crate) most_iterations: u64,
    pub(crate) start: StartAt,
    pub(crate) keep: Keep,
}

/// Solves system after system by `method`.
pub(crate) fn solve_sequence<M: Method>(
    method: &mut M,
    frame: Frame,
    problem: &LinearSequence,
    run: &Run,
) -> Result<Outcome<LinearSequenceSolution>, SolveError> {
    let n = problem.dimension();
    let systems = problem.steps().len();
    let keep = frame.keep.decided(systems, n);
    let started = Instant::now();
    let mut record = Record::default();
    let mut x = vec![0.0; n];
    let mut status = Status::Feasible;
    for (index, step) in problem.steps().iter().enumerate() {
        if let Some(stop) = run.should_stop(&record.counters) {
            status = stop.into();
            break;
        }
        if let Err(fault) = method.advance(index) {
            if index == 0 {
                return Err(unsupported::<M>(&fault));
            }
            status = Status::Failed(format!("system {index}: {fault}"));
            break;
        }
        let reference = match (problem.relative_to(), problem.start()) {
            (RelativeTo::Rhs, _) | (RelativeTo::InitialResidual, Start::Zero) => norm(&step.rhs),
            (RelativeTo::InitialResidual, Start::Previous) => method.residual_norm(&step.rhs, &x),
        };
        if !reference.is_finite() {
            status = Status::Failed(format!(
                "system {index}: the norm of the right-hand side or the initial residual is beyond the range of f64"
            ));
            break;
        }
        if frame.start.is_zero(problem.start()) || norm(&step.rhs) == 0.0 {
            x.fill(0.0);
        }
        let goal = Goal { residual: problem.tolerance() * reference, most_iterations: frame.most_iterations };
        let before = record.counters.iterations;
        let mut stop = None;
        let mut spent = Counters { iterations: before, ..Counters::default() };
        let mut watch = |iterations, _| {
            spent.iterations = before + iterations;
            stop = run.should_stop(&spent);
            if stop.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let system = System { rhs: &step.rhs, goal, reference };
        let solved = method.solve(&system, &mut x, &mut watch).map_err(|fault| unsupported::<M>(&fault))?;
        record.counters.iterations += solved.iterations;
        let relative = if solved.residual == 0.0 { 0.0 } else { solved.residual / reference };
        let end = unfinished(solved.ending, stop, index, relative);
        // An unfinished system is listed too, with its iterate: the best there is, and the checker says how far from solved it is.
        if end.is_none() || relative.is_finite() && x.iter().all(|value| value.is_finite()) {
            record.push(index, &solved, relative, started.elapsed().as_secs_f64(), method);
            match keep {
                Keep::All => record.solution.x.push(KeptSolution { system: index, values: x.clone() }),
                Keep::Last => record.keep_last(index, &x),
                Keep::Auto | Keep::None => {}
            }
        }
        if let Some(end) = end {
            status = end;
            break;
        }
        record.finished += 1;
        run.report(&Progress { done: index as u64 + 1, total: Some(systems as u64), objective: Some(record.worst), bound: None });
    }
    method.count(&mut record.counters);
    Ok(record.into_outcome(status))
}

/// The status that an unfinished system gives the whole sequence; nothing when it was solved.
fn unfinished(ending: Ending, stop: Option<Stop>, index: usize, relative: f64) -> Option<Status> {
    let failed = |why: &str| Some(Status::Failed(format!("system {index}: {why} (relative residual {relative:.2e})")));
    match ending {
        Ending::Converged => None,
        Ending::Capped => Some(Status::Limit(Limit::Iterations)),
        Ending::Stopped => Some(stop.map_or(Status::Interrupted, Status::from)),
        Ending::Stagnated => failed("the residual stays at its rounding level, above the tolerance"),
        Ending::Diverged => failed("the iteration diverges"),
        Ending::IndefiniteMatrix => failed("the matrix is not positive definite"),
        Ending::IndefinitePreconditioner => failed("the preconditioner is not positive definite"),
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
        if !self.solution.residuals.is_empty() {
            outcome = outcome.with_solution(self.solution, Some(self.worst));
        }
        outcome
    }
}
