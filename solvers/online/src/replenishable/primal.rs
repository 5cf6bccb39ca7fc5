//! The primal player: a learner over the actions and the void one.

use fathom_opt_core::OptionError;
use fathom_opt_learners::{AnchoredExp3, Exp3Ix, Hedge};
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

/// The learner that picks actions where only the one played is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum BanditLearner {
    /// EXP3 with losses counted from that of the void action, which is known in every round, and a rate that needs no horizon. Its regret is bounded
    /// in expectation.
    #[default]
    Anchored,
    /// EXP3-IX with the rate for the horizon, as the template is usually instantiated: its regret is bounded with high probability, and several times as
    /// large in practice.
    Exp3Ix,
}

#[derive(Debug, Clone)]
pub(super) enum Primal {
    Anchored(AnchoredExp3),
    Implicit(Exp3Ix),
    Full(Hedge),
}

/// What a learner's later draws depend on.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct PrimalState {
    estimates: Vec<f64>,
    rounds: u64,
}

impl Primal {
    pub fn new(feedback: FeedbackMode, learner: BanditLearner, arms: usize, horizon: u64) -> Self {
        match (feedback, learner) {
            (FeedbackMode::Full, _) => Self::Full(Hedge::for_horizon(arms, horizon)),
            (FeedbackMode::Bandit, BanditLearner::Anchored) => Self::Anchored(AnchoredExp3::new(arms)),
            (FeedbackMode::Bandit, BanditLearner::Exp3Ix) => Self::Implicit(Exp3Ix::for_horizon(arms, horizon)),
        }
    }

    /// The arm whose share contains `uniform`, a draw from `[0, 1)`.
    pub fn draw(&self, uniform: f64) -> usize {
        match self {
            Self::Anchored(learner) => learner.draw(uniform),
            Self::Implicit(learner) => learner.draw(uniform),
            Self::Full(learner) => learner.draw(uniform),
        }
    }

    /// Takes in the loss of the arm `played`, that of the void action, and, where it is seen, that of every arm; all in `[0, 1]`.
    pub fn update(&mut self, played: usize, loss: f64, void: f64, all: impl Iterator<Item = f64>) {
        match self {
            Self::Anchored(learner) => learner.update(played, loss, void),
            Self::Implicit(learner) => learner.update(played, loss),
            Self::Full(learner) => learner.update(all.chain([void])),
        }
    }

    /// The most that the expected regret can be over `rounds` rounds with losses in `[0, 1]`, `horizon` rounds having been announced.
    pub fn regret_bound(&self, arms: usize, rounds: u64, horizon: u64) -> f64 {
        let (count, longest) = (arms.max(2) as f64, horizon.max(rounds) as f64);
        match self {
            Self::Anchored(_) => AnchoredExp3::regret_bound(arms, rounds),
            Self::Implicit(_) => 2.0 * (2.0 * count * longest * count.ln()).sqrt(),
            Self::Full(_) => (longest * count.ln() / 2.0).sqrt(),
        }
    }

    pub fn state(&self) -> PrimalState {
        match self {
            Self::Anchored(learner) => PrimalState { estimates: learner.losses().to_vec(), rounds: learner.rounds() },
            Self::Implicit(learner) => PrimalState { estimates: learner.exponents().to_vec(), rounds: 0 },
            Self::Full(learner) => PrimalState { estimates: learner.exponents().to_vec(), rounds: 0 },
        }
    }

    /// Goes on from `state`.
    ///
    /// # Errors
    /// When it is that of a learner over another number of arms.
    pub fn resume(&mut self, state: PrimalState) -> Result<(), OptionError> {
        let (arms, found) = (self.state().estimates.len(), state.estimates.len());
        if arms != found {
            return Err(OptionError::new("state", format!("a learner over {found} arms"), format!("one over {arms}")));
        }
        match self {
            Self::Anchored(learner) => *learner = AnchoredExp3::resume(state.estimates, state.rounds),
            Self::Implicit(learner) => learner.resume(&state.estimates),
            Self::Full(learner) => learner.resume(&state.estimates),
        }
        Ok(())
    }
}
