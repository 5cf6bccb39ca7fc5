//! What all sources of nonlinear programs promise.

mod derivatives;
mod generators;
mod mutation;
