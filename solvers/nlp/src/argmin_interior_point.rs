//! The interior point method as a solver of argmin.

use argmin::core::{ArgminFloat, Error, IterState, KV, Problem, Solver, TerminationReason, TerminationStatus};
use fathom_opt_core::{Counters, Run};
use fathom_opt_problems::nonlinear::{Multipliers, Nlp, NonlinearSolution};

use crate::barrier::{Barrier, CondensedSystem, End, OuterLoop, Watch};
use crate::evidence::is_stationary;
use crate::interior_point::InteriorPoint;
use crate::recovery::solution;
use crate::reduced::Reduced;

/// [`InteriorPoint`] for argmin's `Executor`: constraints and bounds under its observers, time and iteration limits.
///
/// The problem is any [`Nlp`] with a Hessian. The state's parameters are the variables and its cost the objective; since points on the way may be infeasible,
/// argmin's *best* cost says little, and [`ArgminInteriorPoint::multipliers`] belong to the *last* parameters. It ends with `SolverConverged` where the
/// optimality conditions hold. It is the barrier method alone: where that fails, the solver `nlp` goes on with others.
///
/// ```
/// use argmin::core::{Executor, State, TerminationReason};
/// use fathom_opt_core::Run;
/// use fathom_opt_nlp::{ArgminInteriorPoint, InteriorPoint};
/// use fathom_opt_problems::expression::Pattern;
/// use fathom_opt_problems::nonlinear::ClosureNlp;
///
/// // minimise (x - 2)^2 + (y - 1)^2 in the unit disc
/// let nlp = ClosureNlp::new(vec![0.0, 0.0], |x| (x[0] - 2.0).powi(2) + (x[1] - 1.0).powi(2), |x, g| {
///     g.copy_from_slice(&[2.0 * (x[0] - 2.0), 2.0 * (x[1] - 1.0)]);
/// })
/// .with_constraints(vec![f64::NEG_INFINITY], vec![1.0], |x, c| c[0] = x[0] * x[0] + x[1] * x[1])
/// .with_jacobian(Pattern::dense(1, 2), |x, j| j.copy_from_slice(&[2.0 * x[0], 2.0 * x[1]]))
/// .with_hessian(Pattern::from_rows([&[0][..], &[1]]), |_, factor, l, h| h.fill(2.0 * factor + 2.0 * l[0]));
/// let solver = ArgminInteriorPoint::new(InteriorPoint::default(), Run::new(1));
/// let result = Executor::new(nlp, solver).configure(|state| state.max_iters(100)).run()?;
/// assert_eq!(result.state.get_termination_reason(), Some(&TerminationReason::SolverConverged));
/// let x = result.state.get_param().unwrap();
/// assert!((x[0] / x[1] - 2.0).abs() < 1e-6);
/// assert!((result.solver.multipliers().unwrap().constraints[0] - (5.0_f64.sqrt() - 1.0)).abs() < 1e-6);
/// # Ok::<(), argmin::core::Error>(())
/// ```
pub struct ArgminInteriorPoint {
    options: InteriorPoint,
    run: Run,
    state: Option<Method>,
    last: Option<NonlinearSolution>,
    end: Option<End>,
}

/// What the method keeps between iterations.
struct Method {
    barrier: Barrier,
    system: CondensedSystem,
    outer: OuterLoop,
    objective_scale: f64,
    row_scales: Vec<f64>,
    counters: Counters,
}

impl ArgminInteriorPoint {
    /// The method with these options; the limits of `run` hold beside argmin's own.
    pub fn new(options: InteriorPoint, run: Run) -> Self {
        Self { options, run, state: None, last: None, end: None }
    }

    /// The multipliers at the last parameters; `None` before the first iteration.
    pub fn multipliers(&self) -> Option<&Multipliers> {
        self.last.as_ref().and_then(|last| last.multipliers.as_ref())
    }

    /// What the method counted.
    pub fn counters(&self) -> Counters {
        self.state.as_ref().map_or_else(Counters::default, |state| state.counters.clone())
    }
}

type Iteration<F> = IterState<Vec<F>, Vec<F>, (), (), (), F>;

/// The program within argmin's problem.
fn program<O>(problem: &mut Problem<O>) -> Result<&mut O, Error> {
    problem.problem.as_mut().ok_or_else(|| Error::msg("argmin gave no problem"))
}

fn ended(end: &End) -> Error {
    Error::msg(end.status().to_string())
}

impl<O: Nlp> Solver<O, Iteration<f64>> for ArgminInteriorPoint
where
    f64: ArgminFloat,
{
    fn name(&self) -> &'static str {
        "interior point"
    }

    fn init(&mut self, problem: &mut Problem<O>, mut state: Iteration<f64>) -> Result<(Iteration<f64>, Option<KV>), Error> {
        let nlp = program(problem)?;
        self.options.accepts_nlp(nlp)?;
        let settings = self.options.settings();
        let given = state.take_param().unwrap_or_else(|| nlp.start().to_vec());
        if given.len() != nlp.variables() {
            return Err(Error::msg(format!("the start has {} numbers, expected {} (one for each variable)", given.len(), nlp.variables())));
        }
        let mut reduced = Reduced::new(nlp, &[])?;
        let watch = Watch::new(&self.run, settings.max_iterations);
        let at = settings.start_at(&given, &mut reduced, &self.run, &mut Vec::new()).map_err(|end| ended(&end))?;
        let mut system = CondensedSystem::new(reduced.hessian_pattern(), reduced.jacobian_pattern(), reduced.variables())?;
        let barrier = settings.barrier_at(at, false, &mut reduced, &mut system, &watch).map_err(|end| ended(&end))?;
        let first = solution(&barrier, &mut reduced);
        let (objective_scale, row_scales) = (reduced.objective_scale(), reduced.row_scales().to_vec());
        let state = state.param(first.x.clone()).cost(barrier.at.objective / objective_scale);
        let outer = OuterLoop::new(settings.tolerance);
        self.state = Some(Method { barrier, system, outer, objective_scale, row_scales, counters: Counters::default() });
        self.last = Some(first);
        Ok((state, None))
    }

    fn next_iter(&mut self, problem: &mut Problem<O>, state: Iteration<f64>) -> Result<(Iteration<f64>, Option<KV>), Error> {
        let Some(method) = &mut self.state else {
            return Err(Error::msg("`next_iter` was called before `init`"));
        };
        let mut reduced = Reduced::new(program(problem)?, &[])?;
        reduced.set_scales(method.objective_scale, &method.row_scales);
        let mut watch = Watch::new(&self.run, self.options.max_iterations);
        watch.counters = std::mem::take(&mut method.counters);
        let before = watch.counters.oracle_calls;
        let mut confirm = |barrier: &Barrier, reduced: &mut Reduced<'_>| {
            let found = solution(barrier, reduced);
            is_stationary(reduced.given(), &found)
        };
        self.end = method.outer.advance(&mut method.barrier, &mut reduced, &mut method.system, &mut watch, &mut confirm);
        method.counters = watch.counters;
        let found = solution(&method.barrier, &mut reduced);
        let evaluated = method.counters.oracle_calls - before;
        *problem.counts.entry("cost_count").or_insert(0) += evaluated;
        let state = state.param(found.x.clone()).cost(method.barrier.at.objective / method.objective_scale);
        self.last = Some(found);
        Ok((state, None))
    }

    fn terminate(&mut self, _: &Iteration<f64>) -> TerminationStatus {
        match &self.end {
            None => TerminationStatus::NotTerminated,
            Some(End::Converged) => TerminationStatus::Terminated(TerminationReason::SolverConverged),
            Some(End::Iterations) => TerminationStatus::Terminated(TerminationReason::MaxItersReached),
            Some(end) => TerminationStatus::Terminated(TerminationReason::SolverExit(end.status().to_string())),
        }
    }
}
