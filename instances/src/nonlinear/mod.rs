//! How nonlinear programs come in and go out: `CUTEst`'s SIF, AMPL's `.nl` and `.sol`, generators.

mod ampl_stub;
mod fault;
mod labelled_data;
mod logistic_regression;
pub mod nl;
mod nl_file;
mod optimal_control;
mod pde_control;
pub mod sif;
mod sif_file;
#[cfg(test)]
mod tests;

use fathom_opt_problems::nonlinear::Nonlinear;

pub use fault::Fault;
pub use labelled_data::{LabelledData, read_libsvm, read_table};
pub use logistic_regression::LogisticRegression;
pub use nl_file::{NlFile, NlOptions, SolSolution};
pub use optimal_control::{Model, OptimalControl};
pub use pde_control::PdeControl;
pub use sif_file::SifFile;

use crate::class::Class;

/// The class, with all by which it comes in and goes out.
pub fn class() -> Class {
    Class::of::<Nonlinear>()
        .reads::<NlFile>()
        .writes::<NlFile>()
        .answers_stubs::<NlFile>()
        .reads::<SifFile>()
        .takes_solutions::<SolSolution>()
        .writes_solutions::<SolSolution>()
        .generates_from_files::<LogisticRegression>()
        .generates::<PdeControl>()
        .generates::<OptimalControl>()
}
