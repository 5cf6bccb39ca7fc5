//! The examples on the crates' own pages, compiled and run here, where every crate is at hand.
//!
//! Those of `dag`, `online` and `relaxation` are the front pages of their documentation and run there; that of `backends` needs HiGHS and stands in its documentation.

#[doc = include_str!("../../benches/README.md")]
pub mod benches {}

#[doc = include_str!("../../cli/README.md")]
pub mod cli {}

#[doc = include_str!("../../instances/README.md")]
pub mod instances {}

#[doc = include_str!("../../problems/README.md")]
pub mod problems {}

#[doc = include_str!("../../solvers/core/README.md")]
pub mod core {}

#[doc = include_str!("../../solvers/division/README.md")]
pub mod division {}

#[doc = include_str!("../../solvers/learners/README.md")]
pub mod learners {}

#[doc = include_str!("../../solvers/linalg/README.md")]
pub mod linalg {}

#[doc = include_str!("../../solvers/nlp/README.md")]
pub mod nlp {}

#[doc = include_str!("../../solvers/serve/README.md")]
pub mod serve {}

#[doc = include_str!("../../solvers/submodular/README.md")]
pub mod submodular {}
