//! Bandits with replenishable knapsacks: the primal-dual template of Bernasconi, Castiglioni, Celli and Fusco (ICLR 2024).

use fathom_core::{OnlineAlgorithm, OptionError, Outcome, Run, SolveError, Solver, Status, Trace};
use fathom_learners::{Exp3Ix, Hedge};
use fathom_problems::replenishable_bandit::{Outcome as Played, Play, ReplenishableBandit};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is seen after a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FeedbackMode {
    /// Reward and consumption of the action played.
    #[default]
    Bandit,
    /// Reward and consumption of every action.
    Full,
}

/// Primal-dual learning: a dual player prices the resources, a primal player picks actions against those prices; when any budget falls below 1, what one
/// round may consume, the round is idle, so that nothing is ever overspent. With bandit feedback the primal player is EXP3-IX, with full feedback Hedge;
/// the dual player is Hedge over the resources and a slack. Regret is of the order `sqrt(T) / nu` against drawn outcomes, `nu` the budget per round plus
/// what idling gives back, and a share `nu / (1 + beta)` of the benchmark is kept against any outcomes.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct PrimalDual {
    /// What is seen after a round.
    pub feedback: FeedbackMode,
    /// What idling gives back per round (`beta`), if another value than the instance's is to be believed. A smaller one is safe and slower.
    pub replenishment: Option<f64>,
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

    fn solve(&self, problem: &ReplenishableBandit, run: &Run) -> Result<Outcome<Play>, SolveError> {
        let mut outcome = Outcome::new(Status::Feasible);
        let beta = self.replenishment.unwrap_or(problem.replenishment());
        let frame = BudgetFrame {
            rounds: problem.rounds(),
            actions: problem.actions(),
            resources: problem.resources(),
            budget: problem.budget(),
            replenishment: beta,
        };
        let mut machine = PrimalDualMachine::new(frame, self.feedback, run.stream("primal-dual"));
        let mut play = Play::default();
        let (mut forced, mut reward) = (0_u64, 0.0);
        let mut seen = RoundFeedback::default();
        let mut trace = Trace::new(["round", "reward", "least budget"]);
        for round in 0..problem.rounds() {
            if round.is_multiple_of(1024) {
                if let Some(stop) = run.should_stop(&outcome.counters) {
                    outcome.status = stop.into();
                    break;
                }
                trace.push(&[round as f64, reward, machine.least_budget()]);
            }
            outcome.counters.iterations += 1;
            let choice = machine.decide(&round);
            forced += u64::from(choice.forced);
            problem.play(round, choice.action, &mut seen.played);
            reward += seen.played.reward;
            if self.feedback == FeedbackMode::Full {
                seen.all.resize_with(problem.actions(), Played::default);
                for (action, outcome) in seen.all.iter_mut().enumerate() {
                    problem.play(round, Some(action), outcome);
                }
            }
            machine.observe(&seen);
            play.actions.push(choice.action.and_then(|action| u32::try_from(action).ok()));
        }
        outcome.counters.add("forced-idle", forced);
        outcome.trace = Some(trace);
        let nu = problem.budget() / problem.rounds() as f64 + beta;
        let root = (problem.rounds() as f64).sqrt();
        outcome.notes.push(format!("regret is of the order of sqrt(T)/nu = {:.1} against drawn outcomes (up to logarithms)", root / nu));
        outcome
            .notes
            .push(format!("against any outcomes a share nu/(1+beta) = {:.3} of the benchmark is kept, less that", nu / (1.0 + beta)));
        Ok(outcome.with_solution(play, Some(reward)))
    }
}

/// What the machine has to know in advance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BudgetFrame {
    /// Rounds, `T`.
    pub rounds: u64,
    /// Actions, the void action not counted.
    pub actions: usize,
    /// Resources.
    pub resources: usize,
    /// Budget of every resource.
    pub budget: f64,
    /// What idling gives back per round, `beta`.
    pub replenishment: f64,
}

/// The choice of a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// The action; `None` is the void action.
    pub action: Option<usize>,
    /// Whether a low budget forced the void action.
    pub forced: bool,
}

/// What came of a round.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RoundFeedback {
    /// Of the action played.
    pub played: Played,
    /// Of every action, with full feedback.
    pub all: Vec<Played>,
}

#[derive(Debug, Clone)]
enum Primal {
    Bandit(Exp3Ix),
    Full(Hedge),
}

/// The state machine behind [`PrimalDual`].
#[derive(Debug, Clone)]
pub struct PrimalDualMachine {
    frame: BudgetFrame,
    /// `rho`: budget per round.
    per_round: f64,
    /// `nu = rho + beta`.
    nu: f64,
    primal: Primal,
    dual: Hedge,
    budgets: Vec<f64>,
    last: Choice,
    rng: ChaCha8Rng,
}

impl PrimalDualMachine {
    /// The machine before the first round.
    pub fn new(frame: BudgetFrame, feedback: FeedbackMode, rng: ChaCha8Rng) -> Self {
        let rounds = frame.rounds.max(1) as f64;
        let per_round = (frame.budget / rounds).clamp(0.0, 1.0);
        // Without any budget or refill there is nothing to spend; the prices stay finite all the same.
        let nu = (per_round + frame.replenishment).max(1.0 / rounds);
        let primal = match feedback {
            FeedbackMode::Bandit => Primal::Bandit(Exp3Ix::for_horizon(frame.actions + 1, frame.rounds)),
            FeedbackMode::Full => Primal::Full(Hedge::for_horizon(frame.actions + 1, frame.rounds)),
        };
        // Exponentiated gradient on the resources and a slack, steps on consumption - rho.
        let step = (2.0 * (frame.resources as f64 + 1.0).ln() / rounds).sqrt() / (1.0 + per_round);
        Self {
            frame,
            per_round,
            nu,
            primal,
            dual: Hedge::new(frame.resources + 1, step),
            budgets: vec![frame.budget; frame.resources],
            last: Choice { action: None, forced: true },
            rng,
        }
    }

    /// The smallest budget left.
    pub fn least_budget(&self) -> f64 {
        self.budgets.iter().copied().fold(f64::INFINITY, f64::min)
    }

    /// The loss of an outcome under the prices now, in `[0, 1]`: the utility is `f + <lambda, rho - c>`.
    fn loss(&self, played: &Played) -> f64 {
        let priced: f64 =
            played.consumption.iter().enumerate().map(|(i, c)| self.dual.probability(i) / self.nu * (self.per_round - c)).sum();
        let utility = played.reward + priced;
        ((1.0 + (1.0 + self.per_round) / self.nu - utility) / (1.0 + 2.0 / self.nu)).clamp(0.0, 1.0)
    }
}

impl OnlineAlgorithm for PrimalDualMachine {
    type Arrival = u64;
    type Decision = Choice;
    type Feedback = RoundFeedback;
    type State = Vec<f64>;

    fn decide(&mut self, _: &u64) -> Choice {
        let void = self.frame.actions;
        let drawn = match &self.primal {
            Primal::Bandit(bandit) => bandit.draw(self.rng.random()),
            Primal::Full(hedge) => hedge.draw(self.rng.random()),
        };
        let forced = self.least_budget() < 1.0;
        self.last = Choice { action: (!forced && drawn != void).then_some(drawn), forced };
        self.last
    }

    fn observe(&mut self, feedback: &RoundFeedback) {
        let void = Played { reward: 0.0, consumption: vec![-self.frame.replenishment; self.frame.resources] };
        if !self.last.forced {
            let played = self.last.action.unwrap_or(self.frame.actions);
            let loss = self.loss(&feedback.played);
            let all: Vec<f64> = feedback.all.iter().chain([&void]).map(|outcome| self.loss(outcome)).collect();
            match &mut self.primal {
                Primal::Bandit(bandit) => bandit.update(played, loss),
                Primal::Full(hedge) => hedge.update(all),
            }
        }
        // The dual gains from what was consumed beyond the share of the round; the slack gains nothing.
        let per_round = self.per_round;
        self.dual.update(feedback.played.consumption.iter().map(|c| per_round - c).chain([0.0]));
        for (budget, consumed) in self.budgets.iter_mut().zip(&feedback.played.consumption) {
            *budget -= consumed;
        }
    }

    fn snapshot(&self) -> Vec<f64> {
        self.budgets.clone()
    }

    fn restore(&mut self, state: Vec<f64>) {
        self.budgets = state;
    }
}
