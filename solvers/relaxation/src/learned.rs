//! Systems solved with the relaxation factors that a learner draws.

use std::marker::PhantomData;
use std::ops::ControlFlow;

use fathom_opt_core::{Counters, Outcome, Run, SolveError};
use fathom_opt_learners::{Bandit, Draw};
use fathom_opt_linalg::{ConjugateGradient, MatrixError, RelaxationFactor, ResidualNorm, Solved, Sor, Ssor};
use fathom_opt_problems::linear_sequence::LinearSequenceSolution;
use rand_chacha::ChaCha8Rng;

use crate::current_matrix::CurrentMatrix;
use crate::driver::{Frame, Method, System, solve_sequence};
use crate::regret::Regret;
use crate::relaxed::Relaxed;
use crate::rescaled::Rescaled;

/// Solves each system with the factor that the learner draws.
pub(crate) struct Learned<'a, M> {
    method: PhantomData<M>,
    rescaled: &'a Rescaled<'a>,
    matrix: CurrentMatrix<'a>,
    grid: Vec<RelaxationFactor>,
    learner: Box<dyn Bandit + Send>,
    contexts: Vec<f64>,
    context: f64,
    rng: ChaCha8Rng,
    draw: Draw,
    sor: Sor,
    cg: ConjugateGradient,
    regret: Option<Regret>,
}

impl<'a, M: Relaxed> Learned<'a, M> {
    pub(crate) fn new(
        rescaled: &'a Rescaled<'a>,
        run: &Run,
        grid: Vec<RelaxationFactor>,
        learner: Box<dyn Bandit + Send>,
        contexts: Vec<f64>,
        regret: bool,
    ) -> Self {
        Self {
            method: PhantomData,
            regret: regret.then(|| Regret::new(grid.len(), rescaled.problem().dimension())),
            rescaled,
            matrix: CurrentMatrix::new(rescaled.problem()),
            grid,
            learner,
            contexts,
            context: 0.0,
            rng: run.stream("relaxation factors"),
            draw: Draw { arm: 0, probability: 1.0 },
            sor: Sor::new(),
            cg: ConjugateGradient::new(),
        }
    }

    pub(crate) fn run(mut self, frame: Frame, run: &Run) -> Result<Outcome<LinearSequenceSolution>, SolveError> {
        let rescaled = self.rescaled;
        solve_sequence(&mut self, frame, rescaled, run)
    }

    fn omega(&self) -> RelaxationFactor {
        self.grid[self.draw.arm]
    }

    fn solve_with(
        &mut self,
        omega: RelaxationFactor,
        system: &System,
        x: &mut [f64],
        watch: &mut dyn FnMut(u64, f64) -> ControlFlow<()>,
    ) -> Result<Solved, MatrixError> {
        let matrix = self.matrix.matrix()?;
        Ok(if M::CG {
            self.cg.solve(matrix, &mut Ssor::new(matrix, omega)?, system.rhs, x, &system.goal, watch)
        } else {
            self.sor.solve(matrix, omega, system.rhs, x, &system.goal, watch)
        })
    }
}

impl<M: Relaxed> Method for Learned<'_, M> {
    const NAME: &'static str = if M::CG { "ssor-cg-bandit" } else { "sor-bandit" };

    fn advance(&mut self, index: usize) -> Result<(), MatrixError> {
        self.context = self.contexts.get(index).copied().unwrap_or(0.0);
        self.matrix.advance(index)
    }

    fn residual(&mut self, rhs: &[f64], x: &[f64], r: &mut [f64]) -> Option<ResidualNorm> {
        self.matrix.residual(rhs, x, r)
    }

    fn solve(&mut self, system: &System, x: &mut [f64], watch: &mut dyn FnMut(u64, f64) -> ControlFlow<()>) -> Result<Solved, MatrixError> {
        self.draw = self.learner.draw(self.context, &mut self.rng);
        if let Some(mut regret) = self.regret.take() {
            for arm in 0..self.grid.len() {
                // Only asked whether to stop: these iterations are not counted.
                if arm != self.draw.arm && watch(0, f64::NAN).is_continue() {
                    regret.x.copy_from_slice(x);
                    let solved = self.solve_with(self.grid[arm], system, &mut regret.x, &mut |_, residual| watch(0, residual))?;
                    regret.iterations[arm] = solved.iterations as f64;
                }
            }
            self.regret = Some(regret);
        }
        let solved = self.solve_with(self.omega(), system, x, watch)?;
        // A start at the solution says nothing about the factor.
        if solved.iterations > 0 {
            self.learner.observe(self.context, self.draw, solved.iterations as f64);
        }
        if let Some(regret) = &mut self.regret {
            regret.push(self.draw.arm, solved.iterations as f64);
        }
        Ok(solved)
    }

    fn columns(&self) -> Vec<String> {
        let mut columns = ["arm", "probability", "omega", "context"].map(String::from).to_vec();
        if self.regret.is_some() {
            columns.extend(["regret-fixed", "regret-instance"].map(String::from));
        }
        if self.learner.probabilities().len() == self.grid.len() {
            columns.extend(self.grid.iter().map(|omega| format!("p:{:.4}", omega.get())));
        }
        columns
    }

    fn row(&self) -> Vec<f64> {
        let mut row = vec![self.draw.arm as f64, self.draw.probability, self.omega().get(), self.context];
        row.extend(self.regret.iter().flat_map(|regret| [regret.against_fixed(), regret.against_each()]));
        row.extend_from_slice(self.learner.probabilities());
        row
    }

    fn count(&self, counters: &mut Counters) {
        counters.add("arms", self.grid.len() as u64);
    }
}
