//! Expressions over real variables: as they are read, as infix text, and compiled for fast exact derivatives.
//!
//! | noun | what it is |
//! |---|---|
//! | [`Graph`] | an arena of nodes as they were read, unsimplified; what checkers evaluate |
//! | [`Function`] | a linear part, a constant and an expression of a graph |
//! | [`infix`] | expressions as text |
//! | [`Functions`] | functions simplified and compiled: constants folded, equal parts computed once, linear parts apart, patterns fixed |
//! | [`Evaluator`] | values, Jacobians, Hessians of weighted sums, products with them, at one point after the other |
//!
//! Derivatives are exact. At kinks they are: of `abs` and `copysign` at 0: those from the right; of `min` and `max` where both arguments are equal: that of
//! the first; of `if`: that of the branch taken; of `floor`, `ceil`, `trunc`, `round`, `intdiv`, comparisons and logical operators: 0.

mod differential;
mod evaluator;
mod functions;
mod graph;
pub mod infix;
mod operator;
mod pattern;
mod program;
mod second_order;
mod simplify;
mod structure;
mod tape;
#[cfg(test)]
mod tests;

pub use evaluator::{EvaluationError, Evaluator};
pub use functions::Functions;
pub use graph::{Function, Graph, MAX_NODES, Node, NodeId, Terms};
pub use operator::{Binary, SIGN_BINDING, Unary};
pub use pattern::Pattern;
pub use structure::{Curvature, Degree};
