//! The engines: one guess of the optimum each, except for greedy ones.

mod bucket_levels;
mod gate;
mod lattanzi_levels;
mod levels;
mod many_samples;
mod sample_levels;
mod sieve;
mod swap_gate;
mod two_runs;

#[cfg(test)]
mod test_frame;

pub(crate) use bucket_levels::{BucketLevels, BucketState, estimate_error, size_grid};
pub(crate) use gate::ThresholdGate;
pub(crate) use lattanzi_levels::{LattanziLevels, LattanziState};
pub(crate) use levels::{Frame, Levels, Offer};
pub(crate) use many_samples::{ManySamples, ManyState};
pub(crate) use sample_levels::{SampleLevels, SampleState};
pub(crate) use sieve::{Sieve, SieveState};
pub(crate) use swap_gate::SwapGate;
pub(crate) use two_runs::{TwoRuns, TwoStates};
