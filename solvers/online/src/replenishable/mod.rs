//! Bandits with replenishable knapsacks: the primal-dual template of Bernasconi, Castiglioni, Celli and Fusco (ICLR 2024).

mod machine;
mod meter;
mod primal;
mod share;
mod solver;

pub use machine::{BudgetFrame, Choice, PlayLedger, PrimalDualMachine, PrimalDualState, RoundFeedback};
pub use meter::RegretMeter;
pub use primal::{BanditLearner, FeedbackMode};
pub use share::kept_share;
pub use solver::PrimalDual;
