//! Solvers that know the truth and say something else on request: the mutations against which the audit is tested.

use fathom_opt_core::{Limit, Outcome, Registry, Run, SolveError, Solver, Status};
use fathom_opt_problems::Problem;
use fathom_opt_problems::fair_division::{Allocation, FairDivision};
use fathom_opt_problems::linear_sequence::{KeptSolution, LinearSequence, LinearSequenceSolution};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Adds every solver of this module.
pub fn register(registry: &mut Registry) {
    registry.add::<FairDivision, Mutant>();
    registry.add::<LinearSequence, ResidualMutant>();
}

/// What [`Mutant`] says that is not so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Lie {
    /// Nothing: it answers with the optimum and its proof.
    #[default]
    None,
    /// The worst allocation is optimal.
    Optimal,
    /// The worst allocation is optimal, beside a bound that it does not reach.
    OptimalBesideBound,
    /// There is a solution, but none is given.
    Feasible,
    /// No solution exists.
    Infeasible,
    /// No solution exists, beside one.
    InfeasibleBesideSolution,
    /// No solution is near, beside one.
    LocallyInfeasible,
    /// The objective has no bound.
    Unbounded,
    /// A bound that its own solution beats.
    Bound,
    /// A bound, without a solution, that a known solution beats.
    BoundAlone,
    /// A bound that is no number.
    BoundNan,
    /// An objective that is too good by one.
    Objective,
    /// An objective without a solution.
    ObjectiveAlone,
    /// An objective in a measure that there is not.
    Criterion,
    /// A property that the solution does not have.
    Promised,
    /// A property that nobody knows.
    PromisedUnknown,
    /// A property of a solution that is not given.
    PromisedAlone,
    /// An allocation for another instance.
    Solution,
}

impl Lie {
    /// All of them, the truth left out.
    pub const ALL: [Self; 17] = [
        Self::Optimal,
        Self::OptimalBesideBound,
        Self::Feasible,
        Self::Infeasible,
        Self::InfeasibleBesideSolution,
        Self::LocallyInfeasible,
        Self::Unbounded,
        Self::Bound,
        Self::BoundAlone,
        Self::BoundNan,
        Self::Objective,
        Self::ObjectiveAlone,
        Self::Criterion,
        Self::Promised,
        Self::PromisedUnknown,
        Self::PromisedAlone,
        Self::Solution,
    ];
}

/// Finds the best and the worst allocation by trying all, and says what `lie` asks for.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Mutant {
    /// What is said that is not so.
    pub lie: Lie,
}

impl Solver<FairDivision> for Mutant {
    const NAME: &'static str = "mutant";
    const SUMMARY: &'static str = "tells the truth, or one chosen lie";

    fn solve_accepted(&self, problem: &FairDivision, _: &Run) -> Result<Outcome<Allocation>, SolveError> {
        let (best, worst) = extremes(problem)?;
        let optimum = best.1;
        let mut truth = Outcome::new(Status::Optimal).with_solution(best.0, Some(optimum));
        truth.bound = Some(optimum);
        let worst = || Outcome::new(Status::Optimal).with_solution(worst.0.clone(), Some(worst.1));
        let stopped = Status::Limit(Limit::Iterations);
        let mut outcome = match self.lie {
            Lie::OptimalBesideBound | Lie::Optimal => worst(),
            Lie::Promised => Outcome { status: Status::Feasible, ..Outcome::new(stopped).with_solution(one_takes_all(problem), None) },
            Lie::Feasible => Outcome::new(Status::Feasible),
            Lie::Infeasible => Outcome::new(Status::Infeasible),
            Lie::Unbounded => Outcome::new(Status::Unbounded),
            Lie::BoundAlone | Lie::ObjectiveAlone | Lie::PromisedAlone => Outcome::new(stopped),
            Lie::Solution => Outcome::new(Status::Feasible).with_solution(Allocation::new(vec![0; problem.items() + 1]), None),
            _ => truth,
        };
        match self.lie {
            Lie::OptimalBesideBound => outcome.bound = Some(optimum),
            Lie::InfeasibleBesideSolution => outcome.status = Status::Infeasible,
            Lie::LocallyInfeasible => outcome.status = Status::LocallyInfeasible,
            Lie::Bound | Lie::BoundAlone => outcome.bound = Some(optimum - 1.0),
            Lie::BoundNan => outcome.bound = Some(f64::NAN),
            Lie::Objective => outcome.objective = Some(optimum + 1.0),
            Lie::ObjectiveAlone => outcome.objective = Some(optimum),
            Lie::Criterion => outcome.criterion = Some("splendour".into()),
            Lie::Promised | Lie::PromisedAlone => outcome.promised = vec!["EF1".into()],
            Lie::PromisedUnknown => outcome.promised = vec!["splendour".into()],
            _ => {}
        }
        Ok(outcome)
    }
}

fn one_takes_all(problem: &FairDivision) -> Allocation {
    Allocation::new(vec![0; problem.items()])
}

/// The best and the worst allocation and their objectives, of the few that a small instance has.
#[expect(clippy::type_complexity, reason = "two pairs, used once")]
fn extremes(problem: &FairDivision) -> Result<((Allocation, f64), (Allocation, f64)), SolveError> {
    let first = one_takes_all(problem);
    let value = |allocation: &Allocation| -> Result<f64, SolveError> {
        Ok(problem.check(allocation)?.objective.map_or(f64::NAN, |objective| objective.value))
    };
    let (mut best, mut worst) = ((first.clone(), value(&first)?), (first.clone(), value(&first)?));
    let mut owner = first.owner;
    // Counts through all owners like a number whose digits are the agents.
    while let Some(digit) = owner.iter().position(|&agent| agent + 1 < problem.agents()) {
        owner[..digit].fill(0);
        owner[digit] += 1;
        let allocation = Allocation::new(owner.clone());
        let value = value(&allocation)?;
        if value > best.1 {
            best = (allocation, value);
        } else if value < worst.1 {
            worst = (allocation, value);
        }
    }
    Ok((best, worst))
}

/// What [`ResidualMutant`] says that is not so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ResidualLie {
    /// Nothing: the identity is solved exactly.
    #[default]
    None,
    /// Zero solves the system.
    Vector,
    /// The residual of a good vector is smaller than it is.
    Smaller,
    /// The objective is smaller than the residual.
    Objective,
    /// Every system is solved, but the last one is left out.
    LeftOut,
}

impl ResidualLie {
    /// All of them, the truth left out.
    pub const ALL: [Self; 4] = [Self::Vector, Self::Smaller, Self::Objective, Self::LeftOut];
}

/// Solves systems with the matrix 1 (a single unknown), and says what `lie` asks for.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ResidualMutant {
    /// What is said that is not so.
    pub lie: ResidualLie,
    /// Whether the vectors are left out, so that nothing can be recomputed.
    pub drop: bool,
}

impl Solver<LinearSequence> for ResidualMutant {
    const NAME: &'static str = "residual-mutant";
    const SUMMARY: &'static str = "tells the truth about x = b, or one chosen lie";

    fn solve_accepted(&self, problem: &LinearSequence, _: &Run) -> Result<Outcome<LinearSequenceSolution>, SolveError> {
        let systems = problem.steps().len() - usize::from(self.lie == ResidualLie::LeftOut);
        // Off by a tenth of the tolerance, relative to a right-hand side of 1.
        let error = match self.lie {
            ResidualLie::Vector => 1.0,
            ResidualLie::Smaller | ResidualLie::Objective => 0.1 * problem.tolerance(),
            ResidualLie::None | ResidualLie::LeftOut => 0.0,
        };
        let said = if self.lie == ResidualLie::Objective { error } else { 0.0 };
        let vector = |system| KeptSolution { system, values: vec![1.0 - error; problem.dimension()] };
        let solution = LinearSequenceSolution {
            residuals: vec![said; systems],
            iterations: vec![1; systems],
            x: if self.drop { Vec::new() } else { (0..systems).map(vector).collect() },
        };
        Ok(Outcome::new(Status::Feasible).with_solution(solution, Some(0.0)))
    }
}
