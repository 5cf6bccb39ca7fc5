//! The document form of a sequence.

use std::fmt;

use schemars::JsonSchema;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::sequence::LinearSequence;
use super::system::{Change, RelativeTo, Start, System};
use super::validation;
use crate::bulk::{Bulk, BulkSink, BulkSource, FileReference};
use crate::malformed::{Malformed, Place};
use crate::sparse::MatrixData;

/// The `data` field of a `linear-sequence` document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LinearSequenceData {
    /// The base matrix `A`, square.
    pub matrix: Bulk<MatrixData>,
    /// The systems, in order.
    pub systems: Vec<StepData>,
    /// Relative tolerance of every residual, in (0, 1).
    #[serde(default = "default_tolerance")]
    pub tolerance: f64,
    /// What residuals are compared with.
    #[serde(default)]
    pub relative_to: RelativeTo,
    /// The reference initial guess.
    #[serde(default)]
    pub start: Start,
}

/// The tolerance of the source paper's experiments.
fn default_tolerance() -> f64 {
    1e-8
}

/// One system: at most one of `shift`, `diagonal`, `values`, `matrix`, and a right-hand side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StepData {
    /// `A_t = A + shift I`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shift: Option<f64>,
    /// `A_t = A + diag(diagonal)`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diagonal: Option<Bulk<Vec<f64>>>,
    /// All values of `A_t`, in `A`'s places in row order (both triangles).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub values: Option<Bulk<Vec<f64>>>,
    /// `A_t` itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matrix: Option<Bulk<MatrixData>>,
    /// The right-hand side `b_t`.
    pub rhs: RhsData,
}

/// A right-hand side: numbers, a file, or a name.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum RhsData {
    /// A right-hand side that needs no numbers.
    Named(NamedRhs),
    /// In a file beside the document.
    File(FileReference),
    /// `n` numbers.
    Inline(Vec<f64>),
}

/// A right-hand side that needs no numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NamedRhs {
    /// `b = (1, ..., 1)`.
    Ones,
    /// `b = A_t (1, ..., 1)`, so that the exact solution is all ones.
    RowSums,
}

impl<'de> Deserialize<'de> for RhsData {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct RhsVisitor;
        impl<'de> Visitor<'de> for RhsVisitor {
            type Value = RhsData;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array of numbers, a file reference, \"ones\" or \"row-sums\"")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<RhsData, E> {
                match name {
                    "ones" => Ok(RhsData::Named(NamedRhs::Ones)),
                    "row-sums" => Ok(RhsData::Named(NamedRhs::RowSums)),
                    _ => Err(E::invalid_value(serde::de::Unexpected::Str(name), &self)),
                }
            }

            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<RhsData, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(seq)).map(RhsData::Inline)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RhsData, A::Error> {
                FileReference::deserialize(MapAccessDeserializer::new(map)).map(RhsData::File)
            }
        }
        deserializer.deserialize_any(RhsVisitor)
    }
}

impl LinearSequenceData {
    pub(super) fn load(self, bulk: &mut dyn BulkSource) -> Result<LinearSequence, Malformed> {
        let base = self.matrix.load(bulk).map_err(|fault| fault.below(&Place::root().field("matrix")))?;
        validation::frame(&base, self.tolerance)?;
        let mut steps: Vec<System> = Vec::with_capacity(self.systems.len());
        for (t, system) in self.systems.into_iter().enumerate() {
            let place = Place::root().field("systems").index(t);
            let (change, rhs) = system.load(bulk).map_err(|fault| fault.below(&place))?;
            let (rhs, named) = match rhs {
                LoadedRhs::Numbers(rhs) => (rhs, None),
                LoadedRhs::Named(named) => (vec![1.0; base.rows()], Some(named)),
            };
            let mut step = System { change, rhs };
            // Lengths first: a named right-hand side may need the assembled matrix.
            validation::system(&base, &step, t)?;
            if named == Some(NamedRhs::RowSums) {
                step.rhs = step.change.apply(&base).outer_iterator().map(|row| row.data().iter().sum()).collect();
            }
            steps.push(step);
        }
        LinearSequence::new(base, steps, self.tolerance, self.relative_to, self.start)
    }

    pub(super) fn store(sequence: &LinearSequence, bulk: &mut dyn BulkSink) -> Result<Self, Malformed> {
        let matrix = bulk.matrix("matrix", sequence.base())?;
        let rhs: Vec<&[f64]> = sequence.steps().iter().map(|step| step.rhs.as_slice()).collect();
        let diagonals: Vec<&[f64]> = sequence.steps().iter().filter_map(|step| step.change.diagonal()).collect();
        let values: Vec<&[f64]> = sequence.steps().iter().filter_map(|step| step.change.values()).collect();
        let rhs = bulk.vectors("rhs", &rhs)?;
        let mut diagonals = bulk.vectors("diagonals", &diagonals)?.into_iter();
        let mut values = bulk.vectors("values", &values)?.into_iter();
        let mut systems = Vec::with_capacity(sequence.steps().len());
        for (t, (step, rhs)) in sequence.steps().iter().zip(rhs).enumerate() {
            let rhs = match rhs {
                Bulk::File(reference) => RhsData::File(reference),
                Bulk::Inline(values) => RhsData::Inline(values),
            };
            let mut data = StepData { shift: None, diagonal: None, values: None, matrix: None, rhs };
            match &step.change {
                Change::None => {}
                Change::Shift(shift) => data.shift = Some(*shift),
                Change::Diagonal(_) => data.diagonal = diagonals.next(),
                Change::Values(_) => data.values = values.next(),
                Change::Matrix(matrix) => data.matrix = Some(bulk.matrix(&format!("matrix-{t}"), matrix)?),
            }
            systems.push(data);
        }
        Ok(Self { matrix, systems, tolerance: sequence.tolerance(), relative_to: sequence.relative_to(), start: sequence.start() })
    }
}

impl Change {
    fn diagonal(&self) -> Option<&[f64]> {
        match self {
            Self::Diagonal(diagonal) => Some(diagonal),
            _ => None,
        }
    }

    fn values(&self) -> Option<&[f64]> {
        match self {
            Self::Values(values) => Some(values),
            _ => None,
        }
    }
}

enum LoadedRhs {
    Named(NamedRhs),
    Numbers(Vec<f64>),
}

impl StepData {
    fn load(self, bulk: &mut dyn BulkSource) -> Result<(Change, LoadedRhs), Malformed> {
        let root = Place::root();
        let named: Vec<&str> = [
            ("shift", self.shift.is_some()),
            ("diagonal", self.diagonal.is_some()),
            ("values", self.values.is_some()),
            ("matrix", self.matrix.is_some()),
        ]
        .into_iter()
        .filter_map(|(name, given)| given.then_some(name))
        .collect();
        if named.len() > 1 {
            return Err(Malformed::new(
                root,
                format!("`{}` together", named.join("` and `")),
                "at most one of `shift`, `diagonal`, `values`, `matrix`",
            ));
        }
        let vector = |data: Bulk<Vec<f64>>, name: &str, bulk: &mut dyn BulkSource| match data {
            Bulk::File(reference) => bulk.vector(&reference).map_err(|fault| fault.below(&Place::root().field(name))),
            Bulk::Inline(values) => Ok(values),
        };
        let change = if let Some(shift) = self.shift {
            Change::Shift(shift)
        } else if let Some(diagonal) = self.diagonal {
            Change::Diagonal(vector(diagonal, "diagonal", bulk)?)
        } else if let Some(values) = self.values {
            Change::Values(vector(values, "values", bulk)?)
        } else if let Some(matrix) = self.matrix {
            Change::Matrix(matrix.load(bulk).map_err(|fault| fault.below(&root.field("matrix")))?)
        } else {
            Change::None
        };
        let rhs = match self.rhs {
            RhsData::Named(named) => LoadedRhs::Named(named),
            RhsData::File(reference) => LoadedRhs::Numbers(bulk.vector(&reference).map_err(|fault| fault.below(&root.field("rhs")))?),
            RhsData::Inline(values) => LoadedRhs::Numbers(values),
        };
        Ok((change, rhs))
    }
}
