//! Algorithms that decide as the data comes.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// A state machine that is offered one arrival at a time and never sees the future.
///
/// A decision is for good: [`decide`](OnlineAlgorithm::decide) returns it and nothing takes it back. Where the world answers (bandits, matching), the
/// answer comes through [`observe`](OnlineAlgorithm::observe) before the next arrival; where it does not (knapsack, paging), `Feedback` is `()`.
/// The solver for an instance and `fathom online` drive the same machine.
pub trait OnlineAlgorithm {
    /// What comes.
    type Arrival;
    /// What is decided about it.
    type Decision;
    /// What the world answers.
    type Feedback;
    /// All that later decisions depend on and the options do not determine.
    type State: Serialize + DeserializeOwned;

    /// The decision about `arrival`.
    fn decide(&mut self, arrival: &Self::Arrival) -> Self::Decision;

    /// Takes in the world's answer to the last decision.
    fn observe(&mut self, feedback: &Self::Feedback);

    /// The state, for a checkpoint.
    fn snapshot(&self) -> Self::State;

    /// Continues from `state`, the snapshot of a machine with the same options.
    fn restore(&mut self, state: Self::State);
}
