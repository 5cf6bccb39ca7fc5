//! Bandit algorithms: choose an arm, see the loss of that arm alone, do better next time.
//!
//! | noun | what it is |
//! |---|---|
//! | [`Bandit`] | draws an arm for a context and learns from its loss |
//! | [`TsallisInf`] | best of both worlds without context (Zimmert and Seldin 2021), by a safe Newton iteration |
//! | [`ThompsonSampling`] | Gaussian posterior sampling |
//! | [`Uniform`] | the baseline |
//! | [`Binned`] | one learner per bin of a scalar context |
//! | [`ChebCb`] | inverse-gap weighting over Chebyshev regressions in a scalar context |
//! | [`Hedge`] | exponential weights when every loss is seen |
//! | [`Exp3Ix`] | a bandit with implicit exploration, against any sequence of losses |
//! | [`AnchoredExp3`] | a bandit in which one arm's loss is known each round |
//! | [`DriftReset`] | starts any learner again when losses leave what was known |
//! | [`LossScale`] | what losses are divided by |
//!
//! Learners hold no random numbers: every draw comes from the stream that the caller hands in.
#![forbid(unsafe_code)]

mod anchored_exp3;
mod bandit;
mod binned;
mod box_least_squares;
mod cheb_cb;
mod drift_reset;
mod exp3_ix;
mod hedge;
mod loss_scale;
mod thompson_sampling;
mod tsallis_inf;

pub use anchored_exp3::AnchoredExp3;
pub use bandit::{Bandit, Draw, Uniform};
pub use binned::Binned;
pub use cheb_cb::{ChebCb, inverse_gap_weights};
pub use drift_reset::DriftReset;
pub use exp3_ix::Exp3Ix;
pub use hedge::Hedge;
pub use loss_scale::LossScale;
pub use thompson_sampling::ThompsonSampling;
pub use tsallis_inf::{Estimator, TsallisInf, tsallis_distribution};
