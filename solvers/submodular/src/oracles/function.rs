//! The oracle of any function that a document may hold.

use fathom_opt_problems::submodular_stream::{Function, Similarity};

use super::{CoverageOracle, CutOracle, DenseFacilityOracle, FeatureOracle, LogDeterminantOracle, ModularOracle, NearestFacilityOracle};
use crate::oracle::LevelOracle;

/// An oracle for a [`Function`].
#[derive(Debug, Clone)]
pub enum FunctionOracle {
    /// Coverage, and influence as coverage of sampled sets.
    Coverage(CoverageOracle),
    /// Facility location over all pairs.
    DenseFacility(DenseFacilityOracle<f64>),
    /// Facility location over the named pairs.
    NearestFacility(NearestFacilityOracle),
    /// Concave over modular.
    Features(FeatureOracle),
    /// The log-determinant.
    LogDeterminant(LogDeterminantOracle),
    /// A cut.
    Cut(CutOracle),
    /// Modular.
    Modular(ModularOracle),
    /// A weighted sum.
    Mixture(Vec<(f64, FunctionOracle)>),
}

macro_rules! each {
    ($self:expr, $oracle:ident => $single:expr, $parts:ident => $mixture:expr) => {
        match $self {
            FunctionOracle::Coverage($oracle) => $single,
            FunctionOracle::DenseFacility($oracle) => $single,
            FunctionOracle::NearestFacility($oracle) => $single,
            FunctionOracle::Features($oracle) => $single,
            FunctionOracle::LogDeterminant($oracle) => $single,
            FunctionOracle::Cut($oracle) => $single,
            FunctionOracle::Modular($oracle) => $single,
            FunctionOracle::Mixture($parts) => $mixture,
        }
    };
}

impl FunctionOracle {
    /// The oracle of `function`, with an empty stack.
    pub fn new(function: &Function) -> Self {
        match function {
            Function::Coverage(f) => Self::Coverage(CoverageOracle::new(f.clone())),
            Function::Influence(f) => Self::Coverage(CoverageOracle::new(f.coverage().clone())),
            Function::FeatureBased(f) => Self::Features(FeatureOracle::new(f.clone())),
            Function::LogDeterminant(f) => Self::LogDeterminant(LogDeterminantOracle::new(f.clone())),
            Function::Cut(f) => Self::Cut(CutOracle::new(f.clone())),
            Function::Modular(values) => Self::Modular(ModularOracle::new(values.clone())),
            Function::Mixture(parts) => Self::Mixture(parts.iter().map(|(weight, part)| (*weight, Self::new(part))).collect()),
            Function::FacilityLocation(f) => match f.similarity() {
                Similarity::Dense { clients, values } => Self::DenseFacility(DenseFacilityOracle::new(*clients, values.clone())),
                Similarity::Nearest { clients, rows } => Self::NearestFacility(NearestFacilityOracle::new(*clients, rows.clone())),
            },
        }
    }
}

impl LevelOracle for FunctionOracle {
    fn elements(&self) -> usize {
        each!(self, oracle => oracle.elements(), parts => parts.first().map_or(0, |(_, part)| part.elements()))
    }

    fn height(&self) -> usize {
        each!(self, oracle => oracle.height(), parts => parts.first().map_or(0, |(_, part)| part.height()))
    }

    fn value(&self) -> f64 {
        each!(self, oracle => oracle.value(), parts => parts.iter().map(|(weight, part)| weight * part.value()).sum())
    }

    fn gain(&self, element: usize, level: usize) -> f64 {
        each!(self, oracle => oracle.gain(element, level), parts => parts.iter().map(|(weight, part)| weight * part.gain(element, level)).sum())
    }

    fn profile(&self, element: usize, from: usize, to: usize, gains: &mut Vec<f64>) -> bool {
        each!(self, oracle => oracle.profile(element, from, to, gains), _parts => false)
    }

    fn push(&mut self, element: usize) {
        each!(self, oracle => oracle.push(element), parts => for (_, part) in parts {
            part.push(element);
        });
    }

    fn truncate(&mut self, height: usize) {
        each!(self, oracle => oracle.truncate(height), parts => for (_, part) in parts {
            part.truncate(height);
        });
    }

    fn is_monotone(&self) -> bool {
        each!(self, oracle => oracle.is_monotone(), parts => parts.iter().all(|(weight, part)| *weight == 0.0 || part.is_monotone()))
    }

    fn is_non_negative(&self) -> bool {
        each!(self, oracle => oracle.is_non_negative(), parts => parts.iter().all(|(weight, part)| *weight == 0.0 || part.is_non_negative()))
    }
}
