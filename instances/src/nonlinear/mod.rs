//! How nonlinear programs come in and go out: CUTEst's SIF, AMPL's `.nl` and `.sol`, generators.

mod fault;
pub mod sif;

pub use fault::Fault;
