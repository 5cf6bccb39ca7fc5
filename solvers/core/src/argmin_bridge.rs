//! Running an argmin solver under a [`Run`]: its deadline, its budgets of iterations and oracle calls and its cancel flag stop the solver, and its observer
//! hears of every iteration.
//!
//! Oracle calls are argmin's own counts of evaluations (cost, gradient, Hessian, ...), added up. Everything is asked between iterations, so that the last
//! iteration, with its line search, may pass the budget.

use argmin::core::{
    Error, Executor, IterState, KV, OptimizationResult, Problem as ArgminProblem, Solver as ArgminSolver, State, TerminationReason,
    TerminationStatus,
};

use crate::counters::Counters;
use crate::progress::Progress;
use crate::run::Run;
use crate::status::{Limit, Status, Stop};

/// Runs `solver` on `problem` from the state that `configure` prepares (start point, iteration limit), within what `run` allows.
///
/// ```
/// use argmin::core::{CostFunction, Error, Gradient};
/// use argmin::solver::{linesearch::MoreThuenteLineSearch, quasinewton::LBFGS};
/// use fathom_opt_core::{Run, argmin_bridge};
///
/// struct Parabola;
/// impl CostFunction for Parabola {
///     type Param = Vec<f64>;
///     type Output = f64;
///     fn cost(&self, x: &Vec<f64>) -> Result<f64, Error> {
///         Ok((x[0] - 3.0).powi(2))
///     }
/// }
/// impl Gradient for Parabola {
///     type Param = Vec<f64>;
///     type Gradient = Vec<f64>;
///     fn gradient(&self, x: &Vec<f64>) -> Result<Vec<f64>, Error> {
///         Ok(vec![2.0 * (x[0] - 3.0)])
///     }
/// }
///
/// let solver = LBFGS::new(MoreThuenteLineSearch::new(), 5);
/// let result = argmin_bridge::run(Parabola, solver, &Run::default(), |state| state.param(vec![0.0]).max_iters(50))?;
/// assert!((result.state.best_param.unwrap()[0] - 3.0).abs() < 1e-8);
/// # Ok::<(), Error>(())
/// ```
///
/// # Errors
/// Whatever the solver or the problem's functions return.
#[expect(clippy::type_complexity, reason = "argmin's own state type, spelt out so that `configure` infers")]
pub fn run<O, S, P, G, J, H, R>(
    problem: O,
    solver: S,
    run: &Run,
    configure: impl FnOnce(IterState<P, G, J, H, R, f64>) -> IterState<P, G, J, H, R, f64>,
) -> Result<SupervisedResult<O, S, IterState<P, G, J, H, R, f64>>, Error>
where
    S: ArgminSolver<O, IterState<P, G, J, H, R, f64>>,
    IterState<P, G, J, H, R, f64>: State<Float = f64>,
{
    Executor::new(problem, Supervised { solver, run: run.clone(), oracle_calls: 0 }).configure(configure).timer(false).run()
}

/// What argmin returns for a supervised solver: the problem, the solver and the final state.
pub type SupervisedResult<O, S, I> = OptimizationResult<O, Supervised<S>, I>;

/// The status that an argmin run ended with, in Fathom's words. `stationary` says whether the solver's own test means that a stationary point was found.
pub fn status(termination: &TerminationStatus, stationary: bool, run: &Run) -> Status {
    match termination {
        TerminationStatus::Terminated(TerminationReason::SolverConverged) if stationary => Status::LocallyOptimal,
        TerminationStatus::Terminated(TerminationReason::SolverConverged | TerminationReason::TargetCostReached) => Status::Feasible,
        TerminationStatus::Terminated(TerminationReason::MaxItersReached) => Status::Limit(Limit::Iterations),
        TerminationStatus::Terminated(TerminationReason::Timeout) => Status::Limit(Limit::Time),
        TerminationStatus::Terminated(TerminationReason::Interrupt) => {
            run.should_stop(&Counters::default()).map_or(Status::Interrupted, Status::from)
        }
        TerminationStatus::Terminated(TerminationReason::SolverExit(why)) if why == OUT_OF_ORACLE_CALLS => {
            Status::Limit(Limit::OracleCalls)
        }
        TerminationStatus::Terminated(reason) => Status::Failed(reason.to_string()),
        TerminationStatus::NotTerminated => Status::Failed("the argmin solver did not terminate".into()),
    }
}

/// The reason of a run that ended with its budget of oracle calls; argmin has no word of its own for it.
const OUT_OF_ORACLE_CALLS: &str = "the budget of oracle calls is spent";

/// All evaluations so far.
fn evaluations<O>(problem: &ArgminProblem<O>) -> u64 {
    problem.counts.values().sum()
}

/// An argmin solver that also stops when its [`Run`] says so.
#[derive(Debug, Clone)]
pub struct Supervised<S> {
    solver: S,
    run: Run,
    oracle_calls: u64,
}

impl<O, S, I> ArgminSolver<O, I> for Supervised<S>
where
    S: ArgminSolver<O, I>,
    I: State<Float = f64>,
{
    fn name(&self) -> &str {
        self.solver.name()
    }

    fn init(&mut self, problem: &mut ArgminProblem<O>, state: I) -> Result<(I, Option<KV>), Error> {
        let ready = self.solver.init(problem, state)?;
        self.oracle_calls = evaluations(problem);
        Ok(ready)
    }

    fn next_iter(&mut self, problem: &mut ArgminProblem<O>, state: I) -> Result<(I, Option<KV>), Error> {
        let next = self.solver.next_iter(problem, state)?;
        self.oracle_calls = evaluations(problem);
        let cost = next.0.get_best_cost();
        self.run.report(&Progress { done: next.0.get_iter() + 1, objective: cost.is_finite().then_some(cost), ..Progress::default() });
        Ok(next)
    }

    fn terminate(&mut self, state: &I) -> TerminationStatus {
        self.solver.terminate(state)
    }

    fn terminate_internal(&mut self, state: &I) -> TerminationStatus {
        let own = self.solver.terminate_internal(state);
        if own.terminated() {
            return own;
        }
        let spent = Counters { iterations: state.get_iter(), oracle_calls: self.oracle_calls, ..Counters::default() };
        match self.run.should_stop(&spent) {
            None => own,
            Some(Stop::Interrupted) => TerminationStatus::Terminated(TerminationReason::Interrupt),
            Some(Stop::Limit(Limit::Time)) => TerminationStatus::Terminated(TerminationReason::Timeout),
            Some(Stop::Limit(Limit::OracleCalls)) => {
                TerminationStatus::Terminated(TerminationReason::SolverExit(OUT_OF_ORACLE_CALLS.into()))
            }
            Some(Stop::Limit(_)) => TerminationStatus::Terminated(TerminationReason::MaxItersReached),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::Duration;

    use argmin::core::{CostFunction, Gradient};
    use argmin::solver::linesearch::MoreThuenteLineSearch;
    use argmin::solver::quasinewton::LBFGS;

    use super::*;
    use crate::run::CancelFlag;

    /// Rosenbrock's function, minimum 0 at (1, 1).
    struct Rosenbrock;

    impl CostFunction for Rosenbrock {
        type Param = Vec<f64>;
        type Output = f64;

        fn cost(&self, x: &Vec<f64>) -> Result<f64, Error> {
            Ok((1.0 - x[0]).powi(2) + 100.0 * (x[1] - x[0] * x[0]).powi(2))
        }
    }

    impl Gradient for Rosenbrock {
        type Param = Vec<f64>;
        type Gradient = Vec<f64>;

        fn gradient(&self, x: &Vec<f64>) -> Result<Vec<f64>, Error> {
            let bend = x[1] - x[0] * x[0];
            Ok(vec![-2.0 * (1.0 - x[0]) - 400.0 * x[0] * bend, 200.0 * bend])
        }
    }

    type Lbfgs = LBFGS<MoreThuenteLineSearch<Vec<f64>, Vec<f64>, f64>, Vec<f64>, Vec<f64>, f64>;

    fn lbfgs() -> Lbfgs {
        LBFGS::new(MoreThuenteLineSearch::new(), 7)
    }

    fn solve(under: &Run) -> (Status, f64, u64) {
        let result = run(Rosenbrock, lbfgs(), under, |state| state.param(vec![-1.2, 1.0]).max_iters(200)).unwrap();
        let state = result.state;
        (status(&state.termination_status, true, under), state.best_cost, state.iter)
    }

    #[test]
    fn lbfgs_reaches_the_minimum_and_reports_each_iteration() {
        let heard = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&heard);
        let observed = Run::default().with_observer(Arc::new(move |progress: &Progress| counter.store(progress.done, Ordering::Relaxed)));
        let (status, cost, iterations) = solve(&observed);
        assert_eq!(status, Status::LocallyOptimal);
        assert!(cost < 1e-12, "{cost}");
        assert!(iterations > 5);
        assert_eq!(heard.load(Ordering::Relaxed), iterations);
    }

    #[test]
    fn the_limits_of_the_run_stop_an_argmin_solver() {
        let (status, _, iterations) = solve(&Run::default().with_iteration_limit(3));
        assert_eq!((status, iterations), (Status::Limit(Limit::Iterations), 3));
        let (status, _, iterations) = solve(&Run::default().with_oracle_limit(10));
        assert_eq!(status, Status::Limit(Limit::OracleCalls));
        assert!((1..=10).contains(&iterations), "{iterations}");
        assert_eq!(solve(&Run::default().with_time_limit(Duration::ZERO)).0, Status::Limit(Limit::Time));
        let cancel = CancelFlag::new();
        cancel.raise();
        assert_eq!(solve(&Run::default().with_cancel(cancel)).0, Status::Interrupted);
    }
}
