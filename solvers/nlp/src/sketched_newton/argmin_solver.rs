//! The method as a solver of argmin.

use argmin::core::{ArgminFloat, Error, IterState, KV, Problem, Solver, TerminationReason, TerminationStatus};
use fathom_opt_core::{Counters, Run};
use fathom_opt_problems::nonlinear::Nlp;

use super::end::End;
use super::newton::Newton;
use super::options::SketchedNewton;
use crate::iterate::Equalities;

/// [`SketchedNewton`] for argmin's `Executor`: observers, time and iteration limits are argmin's.
///
/// The problem is any [`Nlp`] that [`SketchedNewton::solve_nlp`] takes (equations only, with a Hessian). The state's parameters are the variables and its
/// cost the objective; since points on the way are infeasible, argmin's *best* cost says little here, and [`ArgminSketchedNewton::multipliers`] belong to
/// the *last* parameters. It ends with `SolverConverged` where the KKT residual is within the tolerance.
///
/// ```
/// use argmin::core::{Executor, State, TerminationReason};
/// use fathom_opt_core::Run;
/// use fathom_opt_nlp::{ArgminSketchedNewton, SketchedNewton};
/// use fathom_opt_problems::expression::Pattern;
/// use fathom_opt_problems::nonlinear::ClosureNlp;
///
/// // minimise x^2 + y^2 subject to x + y = 1
/// let nlp = ClosureNlp::new(vec![3.0, 0.0], |x| x[0] * x[0] + x[1] * x[1], |x, g| {
///     g[0] = 2.0 * x[0];
///     g[1] = 2.0 * x[1];
/// })
/// .with_constraints(vec![1.0], vec![1.0], |x, c| c[0] = x[0] + x[1])
/// .with_jacobian(Pattern::dense(1, 2), |_, j| j.fill(1.0))
/// .with_hessian(Pattern::from_rows([&[0][..], &[1]]), |_, factor, _, h| h.fill(2.0 * factor));
/// let solver = ArgminSketchedNewton::new(SketchedNewton::default(), Run::new(1));
/// let result = Executor::new(nlp, solver).configure(|state| state.max_iters(50)).run()?;
/// assert_eq!(result.state.get_termination_reason(), Some(&TerminationReason::SolverConverged));
/// assert!((result.state.get_param().unwrap()[0] - 0.5).abs() < 1e-8);
/// assert!((result.solver.multipliers()[0] + 1.0).abs() < 1e-8);
/// # Ok::<(), argmin::core::Error>(())
/// ```
pub struct ArgminSketchedNewton {
    options: SketchedNewton,
    run: Run,
    newton: Option<Newton>,
    end: Option<End>,
    evaluations: u64,
}

impl ArgminSketchedNewton {
    /// The method with these options; `run` gives the seed of the sketches, and its limits hold beside argmin's own.
    pub fn new(options: SketchedNewton, run: Run) -> Self {
        Self { options, run, newton: None, end: None, evaluations: 0 }
    }

    /// The multipliers of the equations at the last parameters; empty before the first iteration.
    pub fn multipliers(&self) -> &[f64] {
        self.newton.as_ref().map_or(&[], |newton| &newton.at.l)
    }

    /// What the method counted.
    pub fn counters(&self) -> Counters {
        self.newton.as_ref().map_or_else(Counters::default, |newton| newton.counters.clone())
    }
}

type Iteration<F> = IterState<Vec<F>, Vec<F>, (), (), (), F>;

/// The program within argmin's problem.
fn program<O>(problem: &mut Problem<O>) -> Result<&mut O, Error> {
    problem.problem.as_mut().ok_or_else(|| Error::msg("argmin gave no problem"))
}

impl<O: Nlp> Solver<O, Iteration<f64>> for ArgminSketchedNewton
where
    f64: ArgminFloat,
{
    fn name(&self) -> &'static str {
        "sketched Newton"
    }

    fn init(&mut self, problem: &mut Problem<O>, mut state: Iteration<f64>) -> Result<(Iteration<f64>, Option<KV>), Error> {
        let nlp = program(problem)?;
        self.options.accepts_nlp(nlp)?;
        let start = state.take_param().unwrap_or_else(|| nlp.start().to_vec());
        if start.len() != nlp.variables() {
            return Err(Error::msg(format!("the start has {} numbers, expected {} (one for each variable)", start.len(), nlp.variables())));
        }
        let multipliers = vec![0.0; nlp.constraints()];
        let mut equalities = Equalities::new(nlp);
        let newton = Newton::new(&self.options, &mut equalities, Some((start, multipliers)), &self.run)
            .map_err(|end| Error::msg(end.status().to_string()))?;
        let state = state.param(newton.at.x.clone()).cost(newton.at.objective);
        self.newton = Some(newton);
        Ok((state, None))
    }

    fn next_iter(&mut self, problem: &mut Problem<O>, state: Iteration<f64>) -> Result<(Iteration<f64>, Option<KV>), Error> {
        let Some(newton) = &mut self.newton else {
            return Err(Error::msg("`next_iter` was called before `init`"));
        };
        self.end = newton.step(&mut Equalities::new(program(problem)?), &self.run);
        let evaluated = newton.counters.oracle_calls - self.evaluations;
        self.evaluations += evaluated;
        *problem.counts.entry("cost_count").or_insert(0) += evaluated;
        let state = state.param(newton.at.x.clone()).cost(newton.at.objective);
        Ok((state, None))
    }

    fn terminate(&mut self, _: &Iteration<f64>) -> TerminationStatus {
        match &self.end {
            None => TerminationStatus::NotTerminated,
            Some(End::Stationary) => TerminationStatus::Terminated(TerminationReason::SolverConverged),
            Some(End::Iterations) => TerminationStatus::Terminated(TerminationReason::MaxItersReached),
            Some(end) => TerminationStatus::Terminated(TerminationReason::SolverExit(end.clone().status().to_string())),
        }
    }
}
