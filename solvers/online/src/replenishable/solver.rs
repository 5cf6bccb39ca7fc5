//! The solver over a stored or drawn instance.

use fathom_opt_core::{OptionError, Outcome, Run, SolveError, Solver, Status, Trace};
use fathom_opt_problems::replenishable_bandit::{Outcomes, Payoff, Play, ReplenishableBandit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::machine::{BudgetFrame, PrimalDualMachine, RoundFeedback};
use super::primal::{BanditLearner, FeedbackMode};
use super::share::kept_share;

/// Primal-dual learning: a dual player prices the resources, a primal player picks actions against those prices; when any budget falls below 1, what one
/// round may consume, the round is idle, so that nothing is ever overspent. The dual player is Hedge over the resources and a slack; the primal one
/// Hedge with full feedback, and a variant of EXP3 otherwise. But for rounds of forced idling, the regret is of the order `sqrt(T) / nu` against drawn
/// outcomes, `nu` the budget per round plus what idling gives back, and a share `nu / (1 + beta)` of the benchmark (at most all of it) is kept against any
/// outcomes, less that.
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

/// With more numbers per round than these the benchmark, a linear program, is left to the checker.
const MOST_METERED: u64 = 10_000;

impl PrimalDual {
    /// The machine for a play in `frame`, its draws from `run`.
    pub fn machine(&self, frame: BudgetFrame, run: &Run) -> PrimalDualMachine {
        let frame = BudgetFrame { replenishment: self.replenishment.unwrap_or(frame.replenishment), ..frame };
        PrimalDualMachine::new(frame, self.feedback, self.learner, run.stream("primal-dual"))
    }
}

impl PrimalDual {
    /// What is proved about the reward of such a play, in expectation over the solver's draws (and the instance's, where its outcomes are drawn).
    fn promise(&self, problem: &ReplenishableBandit, machine: &PrimalDualMachine) -> String {
        let (regrets, forced) = (machine.regret_bound(), machine.ledger().forced);
        let share = match problem.outcomes() {
            Outcomes::Drawn { .. } => Some(1.0),
            Outcomes::Phases(_) => {
                let per_round = problem.budget() / problem.rounds() as f64;
                kept_share(per_round, problem.replenishment(), self.replenishment.unwrap_or(problem.replenishment()))
            }
        };
        let Some(share) = share else {
            return "nothing is promised: more is believed of idling than it gives back".into();
        };
        // What the forced rounds could have earned is at most 1 each; the ones of this play stand for their expectation.
        if (problem.actions().saturating_mul(problem.resources()) as u64) > MOST_METERED {
            return format!(
                "in expectation the players lose at most {:.0} against {share:.3} times the benchmark, but for forced idling",
                regrets.ceil()
            );
        }
        let benchmark = problem.benchmark();
        if share * benchmark <= regrets {
            return format!("at this length nothing is promised: the players may lose {regrets:.0}, as much as there is to gain");
        }
        format!(
            "in expectation the reward is at least {share:.3} times (the benchmark {benchmark:.1} less one for each round of forced idling, {forced} here), less \
             {:.0} that the players may lose",
            regrets.ceil()
        )
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
        // Between two looks at the clock pass about a million numbers.
        let numbers = problem.actions().saturating_mul(problem.resources()) as u64;
        let look = (1 << 20) / numbers.clamp(1, 1 << 20);
        for round in 0..problem.rounds() {
            if round.is_multiple_of(look)
                && let Some(stop) = run.should_stop(&outcome.counters)
            {
                outcome.status = stop.into();
                break;
            }
            if round.is_multiple_of(stride) && numbers <= MOST_METERED {
                meter(&machine);
            }
            outcome.counters.iterations += 1;
            let choice = machine.decide();
            problem.play(round, choice.action, &mut seen.played);
            if self.feedback == FeedbackMode::Full {
                seen.all.resize_with(problem.actions(), Payoff::default);
                for (action, outcome) in seen.all.iter_mut().enumerate() {
                    problem.play(round, Some(action), outcome);
                }
            }
            machine.observe(&seen);
            play.actions.push(choice.action.and_then(|action| u32::try_from(action).ok()));
        }
        let whole = outcome.status == Status::Feasible;
        if numbers <= MOST_METERED && whole {
            meter(&machine);
        }
        let ledger = machine.ledger();
        outcome.counters.add("forced-idle", ledger.forced);
        outcome.trace = Some(trace);
        if whole {
            outcome.notes.push(self.promise(problem, &machine));
        }
        let reward = ledger.reward.value();
        Ok(outcome.with_solution(play, Some(reward)))
    }
}
