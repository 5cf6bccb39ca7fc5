//! Linear sequences as they are shipped, generated and published: what the family's solvers do with them.

mod auto;
mod learned_omega;
mod matrix_market;
mod model_problems;
