//! The state machine of the primal-dual template.

use fathom_opt_core::OptionError;
use fathom_opt_learners::Hedge;
use fathom_opt_problems::replenishable_bandit::Payoff;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::primal::{BanditLearner, FeedbackMode, Primal, PrimalState};
use crate::ledger::PreciseSum;

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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
    pub played: Payoff,
    /// Of every action, with full feedback.
    pub all: Vec<Payoff>,
}

/// Counts and sums of a play so far.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct PlayLedger {
    /// Rounds decided.
    pub rounds: u64,
    /// Rounds with the void action, forced or chosen.
    pub idle: u64,
    /// Rounds in which a low budget forced the void action.
    pub forced: u64,
    /// Reward so far.
    pub reward: PreciseSum,
    /// What is left of each budget.
    pub budgets: Vec<f64>,
}

/// All that later choices of a [`PrimalDualMachine`] depend on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct PrimalDualState {
    /// Counts and sums.
    pub ledger: PlayLedger,
    /// The choice whose outcome is still to be observed.
    awaiting: Option<Choice>,
    primal: PrimalState,
    dual: Vec<f64>,
    /// Position in the random stream, in words of 32 bits.
    drawn: u64,
}

/// The state machine behind [`PrimalDual`](super::PrimalDual). Every [`decide`](PrimalDualMachine::decide) is followed by one
/// [`observe`](PrimalDualMachine::observe).
#[derive(Debug, Clone)]
pub struct PrimalDualMachine {
    frame: BudgetFrame,
    /// `rho`: budget per round.
    per_round: f64,
    /// `nu = rho + beta`.
    nu: f64,
    primal: Primal,
    dual: Hedge,
    ledger: PlayLedger,
    awaiting: Option<Choice>,
    void: Payoff,
    rng: ChaCha8Rng,
}

impl PrimalDualMachine {
    /// The machine before the first round.
    pub fn new(frame: BudgetFrame, feedback: FeedbackMode, learner: BanditLearner, rng: ChaCha8Rng) -> Self {
        let rounds = frame.rounds.max(1) as f64;
        let per_round = (frame.budget / rounds).clamp(0.0, 1.0);
        // Without any budget or refill there is nothing to spend; the prices stay finite all the same.
        let nu = (per_round + frame.replenishment).max(1.0 / rounds);
        // Exponentiated gradient on the resources and a slack, steps on consumption - rho.
        let step = (2.0 * (frame.resources as f64 + 1.0).ln() / rounds).sqrt() / (1.0 + per_round);
        Self {
            frame,
            per_round,
            nu,
            primal: Primal::new(feedback, learner, frame.actions + 1, frame.rounds),
            dual: Hedge::new(frame.resources + 1, step),
            ledger: PlayLedger { budgets: vec![frame.budget; frame.resources], ..PlayLedger::default() },
            awaiting: None,
            void: Payoff { reward: 0.0, consumption: vec![-frame.replenishment; frame.resources] },
            rng,
        }
    }

    /// Counts and sums so far.
    pub fn ledger(&self) -> &PlayLedger {
        &self.ledger
    }

    /// The choice whose outcome is still to be observed.
    pub fn awaiting(&self) -> Option<Choice> {
        self.awaiting
    }

    /// The smallest budget left.
    pub fn least_budget(&self) -> f64 {
        self.ledger.budgets.iter().copied().fold(f64::INFINITY, f64::min)
    }

    /// The most that both players together can lose in expectation over the rounds so far, in units of reward: the primal one against the best mixture,
    /// `(1 + 2/nu)` times its learner's bound, and the dual one, `(1 + rho)/nu sqrt(2 T ln(m + 1))`. The regret against drawn outcomes is at most this and
    /// what is lost while idling is forced.
    pub fn regret_bound(&self) -> f64 {
        let primal = self.primal.regret_bound(self.frame.actions + 1, self.ledger.rounds, self.frame.rounds);
        let resources = self.frame.resources as f64 + 1.0;
        let dual = (1.0 + self.per_round) / self.nu * (2.0 * self.frame.rounds as f64 * resources.ln()).sqrt();
        (1.0 + 2.0 / self.nu) * primal + dual
    }

    /// The loss of an outcome under the prices now, in `[0, 1]`: the utility is `f + <lambda, rho - c>`.
    fn loss(&self, played: &Payoff) -> f64 {
        let priced: f64 =
            played.consumption.iter().enumerate().map(|(i, c)| self.dual.probability(i) / self.nu * (self.per_round - c)).sum();
        let utility = played.reward + priced;
        ((1.0 + (1.0 + self.per_round) / self.nu - utility) / (1.0 + 2.0 / self.nu)).clamp(0.0, 1.0)
    }

    /// The choice of the next round, for good.
    pub fn decide(&mut self) -> Choice {
        let drawn = self.primal.draw(self.rng.random());
        // What one round may consume is 1: with less than that left, nothing but idling is sure not to overspend.
        let forced = self.least_budget() < 1.0;
        let choice = Choice { action: (!forced && drawn != self.frame.actions).then_some(drawn), forced };
        self.ledger.rounds += 1;
        self.ledger.idle += u64::from(choice.action.is_none());
        self.ledger.forced += u64::from(forced);
        self.awaiting = Some(choice);
        choice
    }

    /// Takes in what came of the last choice.
    pub fn observe(&mut self, feedback: &RoundFeedback) {
        let Some(choice) = self.awaiting.take() else { return };
        if !choice.forced {
            let played = choice.action.unwrap_or(self.frame.actions);
            let (loss, void) = (self.loss(&feedback.played), self.loss(&self.void));
            let all: Vec<f64> = feedback.all.iter().map(|outcome| self.loss(outcome)).collect();
            self.primal.update(played, loss, void, all.into_iter());
        }
        // The dual gains from what was consumed beyond the share of the round; the slack gains nothing.
        let per_round = self.per_round;
        self.dual.update(feedback.played.consumption.iter().map(|c| per_round - c).chain([0.0]));
        for (budget, consumed) in self.ledger.budgets.iter_mut().zip(&feedback.played.consumption) {
            *budget -= consumed;
        }
        self.ledger.reward.add(feedback.played.reward);
    }

    /// All that later choices depend on, frame, options and seed aside.
    pub fn snapshot(&self) -> PrimalDualState {
        PrimalDualState {
            ledger: self.ledger.clone(),
            awaiting: self.awaiting,
            primal: self.primal.state(),
            dual: self.dual.exponents().to_vec(),
            // One round draws two words: the count stays far below 2^64.
            drawn: u64::try_from(self.rng.get_word_pos()).unwrap_or(u64::MAX),
        }
    }

    /// Goes on from the snapshot of a machine with the same frame and options.
    ///
    /// # Errors
    /// When it is that of another machine: other resources, other actions.
    pub fn restore(&mut self, state: PrimalDualState) -> Result<(), OptionError> {
        let resources = self.frame.resources;
        if state.ledger.budgets.len() != resources || state.dual.len() != resources + 1 {
            let found = format!("{} budgets and {} prices", state.ledger.budgets.len(), state.dual.len());
            return Err(OptionError::new("state", found, format!("{resources} budgets and {} prices", resources + 1)));
        }
        if let Some(action) = state.awaiting.and_then(|choice| choice.action).filter(|action| *action >= self.frame.actions) {
            return Err(OptionError::new("state", format!("a choice of action {action}"), format!("one below {}", self.frame.actions)));
        }
        self.primal.resume(state.primal)?;
        self.ledger = state.ledger;
        self.awaiting = state.awaiting;
        self.dual.resume(&state.dual);
        self.rng.set_word_pos(u128::from(state.drawn));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fathom_opt_core::Run;
    use proptest::prelude::*;

    fn outcome(round: u64, action: usize) -> Payoff {
        let wave = |k: f64| (((round as f64 + 1.0) * k).sin() * 1e4).fract();
        Payoff { reward: wave(0.7 + action as f64).abs(), consumption: vec![wave(1.3 + action as f64), wave(2.1 + action as f64)] }
    }

    fn play(machine: &mut PrimalDualMachine, rounds: std::ops::Range<u64>, choices: &mut Vec<Choice>) {
        for round in rounds {
            let choice = machine.decide();
            choices.push(choice);
            let played = choice.action.map_or_else(|| machine.void.clone(), |action| outcome(round, action));
            machine.observe(&RoundFeedback { played, all: (0..3).map(|action| outcome(round, action)).collect() });
            assert!(machine.least_budget() >= -1e-9);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_machine_restored_from_json_plays_on_bit_for_bit(
            cut in 0_u64..400, budget in 1.0_f64..60.0, beta in 0.0_f64..0.5, kind in 0_usize..3, half_way: bool,
        ) {
            let frame = BudgetFrame { rounds: 400, actions: 3, resources: 2, budget, replenishment: beta };
            let (feedback, learner) = [
                (FeedbackMode::Bandit, BanditLearner::Anchored),
                (FeedbackMode::Bandit, BanditLearner::Exp3Ix),
                (FeedbackMode::Full, BanditLearner::Anchored),
            ][kind];
            let fresh = || PrimalDualMachine::new(frame, feedback, learner, Run::new(3).stream("test"));
            let (mut whole, mut parts) = (Vec::new(), Vec::new());
            let mut uninterrupted = fresh();
            play(&mut uninterrupted, 0..400, &mut whole);
            let mut first = fresh();
            play(&mut first, 0..cut, &mut parts);
            if half_way {
                // Between the choice and its outcome.
                parts.push(first.decide());
            }
            let state = serde_json::to_string(&serde_json::to_value(first.snapshot()).unwrap()).unwrap();
            let mut second = fresh();
            second.restore(serde_json::from_str(&state).unwrap()).unwrap();
            let mut next = cut;
            if half_way {
                let choice = second.awaiting().unwrap();
                let played = choice.action.map_or_else(|| second.void.clone(), |action| outcome(cut, action));
                second.observe(&RoundFeedback { played, all: (0..3).map(|action| outcome(cut, action)).collect() });
                next += 1;
            }
            play(&mut second, next..400.max(next), &mut parts);
            prop_assert_eq!(&whole, &parts[..400]);
            if next <= 400 {
                prop_assert_eq!(uninterrupted.snapshot(), second.snapshot());
            }
        }
    }

    #[test]
    fn a_state_of_another_size_is_refused() {
        let frame = |actions, resources| BudgetFrame { rounds: 10, actions, resources, budget: 3.0, replenishment: 0.1 };
        let machine = |actions, resources| {
            PrimalDualMachine::new(frame(actions, resources), FeedbackMode::Bandit, BanditLearner::Anchored, Run::new(1).stream("test"))
        };
        for (actions, resources) in [(5, 3), (2, 1)] {
            let error = machine(2, 3).restore(machine(actions, resources).snapshot()).unwrap_err();
            assert!(error.to_string().contains("expected"), "{error}");
        }
        machine(2, 3).restore(machine(2, 3).snapshot()).unwrap();
    }
}
