//! Submodular functions over a changing set: elements come and go, and whenever it is asked, a feasible set of live elements with a large value is wanted.
//!
//! A function `f` of sets is submodular when an element adds the less the more is there already. The checker replays the stream, recomputes the value of each
//! answer from the data alone, and bounds the optimum at each query, by brute force where that is possible and by the answer's own marginal gains elsewhere.
//! Setting: Banihashem, Biabani, Goudarzi, Hajiaghayi, Jabbarzade, Monemizadeh, "Dynamic Constrained Submodular Optimization with Polylogarithmic Update
//! Time" (ICML 2023).

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "elements, items and clients are 32-bit numbers in documents; shares of counts are at least 0"
)]

mod check;
mod class;
mod constraint;
mod data;
mod function;
mod function_data;
mod ground;
mod matroid;
pub mod operation;
mod optimum;
mod rows;
mod share;
mod solution;
mod stream;
mod upper_bound;

pub use constraint::Constraint;
pub use data::{SubmodularStreamData, open};
pub use function::{CascadeSpec, Coverage, Cut, FacilityLocation, FeatureBased, Function, Influence, LogDeterminant, Shape, Similarity};
pub use function_data::{
    CoverageData, CutData, FacilityLocationData, FeatureBasedData, FunctionData, InfluenceData, LogDeterminantData, ModularData, PairsData,
    PartData,
};
pub use ground::{Elements, Ground};
pub use matroid::{Group, Matroid};
pub use operation::{Action, Operation, Step};
pub use rows::Rows;
pub use share::{SHARES, Share};
pub use solution::{Answer, Answers};
pub use stream::SubmodularStream;

#[cfg(test)]
mod tests;
