//! Level-stack oracles for the functions that documents may hold.

mod coverage;
mod cut;
mod facility_location;
mod feature_based;
mod function;
#[cfg(feature = "petgraph")]
mod graph;
mod log_determinant;
mod modular;
mod stairs;
mod value;

pub use coverage::CoverageOracle;
pub use cut::CutOracle;
pub use facility_location::{DenseFacilityOracle, NearestFacilityOracle};
pub use feature_based::FeatureOracle;
pub use function::FunctionOracle;
#[cfg(feature = "petgraph")]
pub use graph::{neighbourhoods, undirected_cut};
pub use log_determinant::LogDeterminantOracle;
pub use modular::ModularOracle;
pub use value::ValueOracle;

/// The level of what no pushed element reaches.
const NEVER: u32 = u32::MAX;
