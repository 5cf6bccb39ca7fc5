//! The solver over a stored or drawn instance.

use fathom_opt_core::{OnlineAlgorithm, OptionError, Outcome, Run, SolveError, Solver, Status, Trace};
use fathom_opt_problems::replenishable_bandit::{Outcome as Played, Play, ReplenishableBandit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::machine::{BudgetFrame, PrimalDualMachine, RoundFeedback};
use super::primal::{BanditLearner, FeedbackMode};

/// Primal-dual learning: a dual player prices the resources, a primal player picks actions against those prices; when any budget falls below 1, what one
/// round may consume, the round is idle, so that nothing is ever overspent. The dual player is Hedge over the resources and a slack; the primal one
/// Hedge with full feedback, and a variant of EXP3 otherwise. Regret is of the order `sqrt(T) / nu` against drawn outcomes, `nu` the budget per round
/// plus what idling gives back, and a share `nu / (1 + beta)` of the benchmark is kept against any outcomes.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct PrimalDual {
    /// What is seen after a round.
    pub feedback: FeedbackMode,
    /// The learner over the actions, with bandit feedback.
    pub learner: BanditLearner,
    /// What idling gives back per round (`beta`), if another value than the instance's is to be believed. A smaller one is safe and slower.
    pub replenishment: Option<f64>,
}

impl PrimalDual {
    /// The machine for a play in `frame`, its draws from `run`.
    pub fn machine(&self, frame: BudgetFrame, run: &Run) -> PrimalDualMachine {
        let frame = BudgetFrame { replenishment: self.replenishment.unwrap_or(frame.replenishment), ..frame };
        PrimalDualMachine::new(frame, self.feedback, self.learner, run.stream("primal-dual"))
    }
}

impl Solver<ReplenishableBandit> for PrimalDual {
    const NAME: &'static str = "primal-dual";
    const SUMMARY: &'static str = "prices for resources against a learner over actions; never overspends";

    fn validate(&self) -> Result<(), OptionError> {
        match self.replenishment {
            Some(beta) if !(0.0..=1.0).contains(&beta) => Err(OptionError::new("replenishment", beta, "0 to 1")),
            _ => Ok(()),
        }
    }

    fn solve_accepted(&self, problem: &ReplenishableBandit, run: &Run) -> Result<Outcome<Play>, SolveError> {
        let mut outcome = Outcome::new(Status::Feasible);
        let frame = BudgetFrame {
            rounds: problem.rounds(),
            actions: problem.actions(),
            resources: problem.resources(),
            budget: problem.budget(),
            replenishment: problem.replenishment(),
        };
        let mut machine = self.machine(frame, run);
        let mut play = Play::default();
        let mut seen = RoundFeedback::default();
        // The regret meter, with what the learners may lose at most beside it.
        let mut trace = Trace::new(["round", "reward", "benchmark", "regret", "regret bound", "least budget"]);
        let mut meter = |machine: &PrimalDualMachine| {
            let (rounds, reward) = (machine.ledger().rounds, machine.ledger().reward.value());
            let benchmark = if rounds == 0 { 0.0 } else { problem.benchmark_after(rounds) };
            trace.push(&[rounds as f64, reward, benchmark, benchmark - reward, machine.regret_bound(), machine.least_budget()]);
        };
        let stride = (problem.rounds() / 200).max(1);
        for round in 0..problem.rounds() {
            if round.is_multiple_of(1024)
                && let Some(stop) = run.should_stop(&outcome.counters)
            {
                outcome.status = stop.into();
                break;
            }
            if round.is_multiple_of(stride) {
                meter(&machine);
            }
            outcome.counters.iterations += 1;
            let choice = machine.decide(&round);
            problem.play(round, choice.action, &mut seen.played);
            if self.feedback == FeedbackMode::Full {
                seen.all.resize_with(problem.actions(), Played::default);
                for (action, outcome) in seen.all.iter_mut().enumerate() {
                    problem.play(round, Some(action), outcome);
                }
            }
            machine.observe(&seen);
            play.actions.push(choice.action.and_then(|action| u32::try_from(action).ok()));
        }
        meter(&machine);
        let ledger = machine.ledger();
        outcome.counters.add("forced-idle", ledger.forced);
        outcome.trace = Some(trace);
        let beta = self.replenishment.unwrap_or(problem.replenishment());
        let nu = problem.budget() / problem.rounds() as f64 + beta;
        let root = (problem.rounds() as f64).sqrt();
        outcome.notes.push(format!(
            "against drawn outcomes both players lose at most {:.0} in expectation ({:.1} sqrt(T))",
            machine.regret_bound(),
            machine.regret_bound() / root
        ));
        outcome
            .notes
            .push(format!("against any outcomes a share nu/(1+beta) = {:.3} of the benchmark is kept, less that", nu / (1.0 + beta)));
        let reward = ledger.reward.value();
        Ok(outcome.with_solution(play, Some(reward)))
    }
}
