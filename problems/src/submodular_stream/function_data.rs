//! The document form of a set function.

use std::io::Write;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::function::{CascadeSpec, Coverage, Cut, FacilityLocation, FeatureBased, Function, Influence, LogDeterminant, Shape, Similarity};
use super::rows::Rows;
use crate::bulk::{Bulk, BulkSink, BulkSource};
use crate::malformed::{FilePlace, Malformed, Place, without_position};

/// The `function` field of a `submodular-stream` document. Rows (one for each element) may stand in a file beside the document, a JSON array on each line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum FunctionData {
    /// The weight of all items that the chosen elements cover.
    Coverage(CoverageData),
    /// The sum over clients of their largest similarity to a chosen element; exactly one of `similarity`, `nearest` and `points`.
    FacilityLocation(Box<FacilityLocationData>),
    /// A weighted sum over features of a concave function of the chosen amount.
    FeatureBased(FeatureBasedData),
    /// `ln det(I + V V')`, where `V` has the feature vectors of the chosen elements as rows.
    LogDeterminant(LogDeterminantData),
    /// The weight of the edges with exactly one chosen end; the elements are the nodes.
    Cut(CutData),
    /// The estimated number of nodes that a cascade from the chosen ones reaches.
    Influence(InfluenceData),
    /// The sum of the chosen elements' values.
    Modular(ModularData),
    /// A weighted sum of functions.
    Mixture(Vec<PartData>),
}

/// See [`Coverage`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CoverageData {
    /// The weight of each item; every item weighs 1 without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weights: Option<Vec<f64>>,
    /// The items (0-based) that each element covers.
    pub sets: Bulk<Vec<Vec<u32>>>,
}

/// A row of columns (0-based) and values.
pub type PairsData = Vec<(u32, f64)>;

/// See [`FacilityLocation`].
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FacilityLocationData {
    /// The similarity of each element (row) and each client (column).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub similarity: Option<Bulk<Vec<Vec<f64>>>>,
    /// The clients (0-based) near each element, with their similarity; all others have 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nearest: Option<Bulk<Vec<PairsData>>>,
    /// How many clients there are, beside `nearest`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clients: Option<u32>,
    /// A point for each element; the elements are the clients, too, and the similarity of `x` and `y` is `exp(-|x - y|^2 / (2 bandwidth^2))`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points: Option<Bulk<Vec<Vec<f64>>>>,
    /// The bandwidth, beside `points`; 1 without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bandwidth: Option<f64>,
    /// Only so many nearest clients of each element count, beside `points`; all without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub neighbours: Option<u32>,
}

/// See [`FeatureBased`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FeatureBasedData {
    /// The weight of each feature; every feature weighs 1 without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weights: Option<Vec<f64>>,
    /// How amounts count.
    pub shape: Shape,
    /// Feature (0-based) and amount, a row for each element.
    pub features: Bulk<Vec<PairsData>>,
}

/// See [`LogDeterminant`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LogDeterminantData {
    /// The feature vector of each element.
    pub features: Bulk<Vec<Vec<f64>>>,
}

/// See [`Cut`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CutData {
    /// The edges: end, end, weight.
    pub edges: Bulk<Vec<(u32, u32, f64)>>,
}

/// See [`Influence`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InfluenceData {
    /// The directed edges: from, to.
    pub edges: Bulk<Vec<(u32, u32)>>,
    /// The probability that an edge is alive.
    pub probability: f64,
    /// How many reverse-reachable sets are drawn.
    pub samples: u32,
    /// The seed of the draws; it is a part of the instance.
    pub seed: u64,
}

/// A modular function.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ModularData {
    /// The value of each element; negative ones are costs.
    pub values: Bulk<Vec<f64>>,
}

/// A part of a mixture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PartData {
    /// The part's weight, at least 0.
    pub weight: f64,
    /// The part.
    pub function: FunctionData,
}

/// The rows that stand in the document or, a JSON value on each line, in a file beside it.
pub(super) fn rows<T: DeserializeOwned>(field: &str, rows: Bulk<Vec<T>>, bulk: &mut dyn BulkSource) -> Result<Vec<T>, Malformed> {
    let reference = match rows {
        Bulk::Inline(rows) => return Ok(rows),
        Bulk::File(reference) => reference,
    };
    let place = Place::root().field(field);
    let text = bulk.stream(&reference).map_err(|fault| fault.below(&place))?;
    let mut found = Vec::new();
    for (number, line) in text.split(|&byte| byte == b'\n').enumerate() {
        if line.trim_ascii().is_empty() {
            continue;
        }
        let row = serde_json::from_slice(line).map_err(|error| {
            let at = FilePlace { file: reference.file.clone(), line: number + 1, column: error.column() };
            Malformed::new(place.clone(), without_position(&error), "a row as a JSON array").in_file(at)
        })?;
        found.push(row);
    }
    Ok(found)
}

/// `rows`, in a file of their own where `bulk` wants that; `numbers` is how many numbers they hold.
pub(super) fn stored<T: Serialize>(name: &str, rows: Vec<T>, numbers: usize, bulk: &mut dyn BulkSink) -> Result<Bulk<Vec<T>>, Malformed> {
    let write = |out: &mut dyn Write| {
        rows.iter().try_for_each(|row| {
            serde_json::to_writer(&mut *out, row)?;
            out.write_all(b"\n")
        })
    };
    let reference = bulk.stream(name, numbers, &write)?;
    Ok(reference.map_or_else(|| Bulk::Inline(rows), Bulk::File))
}

impl FunctionData {
    /// The name in documents.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Coverage(_) => "coverage",
            Self::FacilityLocation(_) => "facility-location",
            Self::FeatureBased(_) => "feature-based",
            Self::LogDeterminant(_) => "log-determinant",
            Self::Cut(_) => "cut",
            Self::Influence(_) => "influence",
            Self::Modular(_) => "modular",
            Self::Mixture(_) => "mixture",
        }
    }

    /// The function over `elements` elements.
    pub(super) fn load(self, elements: usize, bulk: &mut dyn BulkSource) -> Result<Function, Malformed> {
        let function = match self {
            Self::Coverage(data) => {
                let sets: Rows<u32> = rows("sets", data.sets, bulk)?.into_iter().collect();
                Function::from(Coverage::new(data.weights, sets)?)
            }
            Self::FacilityLocation(data) => Function::from(data.load(bulk)?),
            Self::FeatureBased(data) => {
                let features = rows("features", data.features, bulk)?.into_iter().collect();
                Function::from(FeatureBased::new(data.weights, data.shape, features)?)
            }
            Self::LogDeterminant(data) => Function::from(LogDeterminant::new(&rows("features", data.features, bulk)?)?),
            Self::Cut(data) => Function::from(Cut::new(elements, rows("edges", data.edges, bulk)?)?),
            Self::Influence(data) => {
                let edges = rows("edges", data.edges, bulk)?;
                let spec = CascadeSpec { edges, probability: data.probability, samples: data.samples, seed: data.seed };
                Function::from(Influence::new(elements, spec)?)
            }
            Self::Modular(data) => Function::modular(rows("values", data.values, bulk)?)?,
            Self::Mixture(parts) => {
                let mut loaded = Vec::with_capacity(parts.len());
                for (k, part) in parts.into_iter().enumerate() {
                    let place = Place::root().index(k).field("function");
                    let function = part.function.load(elements, bulk).map_err(|fault| fault.below(&place))?;
                    loaded.push((part.weight, function));
                }
                Function::mixture(loaded)?
            }
        };
        Ok(function)
    }

    /// The document form of `function`.
    pub(super) fn store(function: &Function, bulk: &mut dyn BulkSink) -> Result<Self, Malformed> {
        let pairs = |rows: &Rows<(u32, f64)>| rows.iter().map(<[_]>::to_vec).collect::<Vec<_>>();
        Ok(match function {
            Function::Coverage(f) => {
                let sets = f.sets().iter().map(<[u32]>::to_vec).collect();
                let plain = f.weights().iter().all(|&weight| weight == 1.0);
                let mentioned = f.sets().iter().flatten().max().map_or(0, |&item| item as usize + 1);
                let weights = (!plain || mentioned != f.weights().len()).then(|| f.weights().to_vec());
                Self::Coverage(CoverageData { weights, sets: stored("sets", sets, f.sets().entries(), bulk)? })
            }
            Function::FacilityLocation(f) => {
                let mut data = FacilityLocationData::default();
                match f.similarity() {
                    Similarity::Dense { clients, values } => {
                        let rows = values.chunks_exact((*clients).max(1)).map(<[f64]>::to_vec).collect();
                        data.similarity = Some(stored("similarity", rows, values.len(), bulk)?);
                    }
                    Similarity::Nearest { clients, rows } => {
                        data.clients = Some(*clients as u32);
                        data.nearest = Some(stored("nearest", pairs(rows), rows.entries(), bulk)?);
                    }
                }
                Self::FacilityLocation(Box::new(data))
            }
            Function::FeatureBased(f) => {
                let features = stored("features", pairs(f.features()), f.features().entries(), bulk)?;
                Self::FeatureBased(FeatureBasedData { weights: Some(f.weights().to_vec()), shape: f.shape(), features })
            }
            Function::LogDeterminant(f) => {
                let rows = (0..f.elements()).map(|element| f.features(element).to_vec()).collect();
                Self::LogDeterminant(LogDeterminantData { features: stored("features", rows, f.elements() * f.dimension(), bulk)? })
            }
            Function::Cut(f) => Self::Cut(CutData { edges: stored("edges", f.edges().to_vec(), 3 * f.edges().len(), bulk)? }),
            Function::Influence(f) => {
                let CascadeSpec { edges, probability, samples, seed } = f.spec().clone();
                let edges = stored("edges", edges, 2 * f.spec().edges.len(), bulk)?;
                Self::Influence(InfluenceData { edges, probability, samples, seed })
            }
            Function::Modular(values) => Self::Modular(ModularData { values: stored("values", values.to_vec(), values.len(), bulk)? }),
            Function::Mixture(parts) => {
                let part = |(weight, function): &(f64, Function)| Ok(PartData { weight: *weight, function: Self::store(function, bulk)? });
                Self::Mixture(parts.iter().map(part).collect::<Result<_, Malformed>>()?)
            }
        })
    }
}

impl FacilityLocationData {
    fn load(self, bulk: &mut dyn BulkSource) -> Result<FacilityLocation, Malformed> {
        let root = Place::root();
        let stray = |given: bool, field: &str, beside: &str| {
            if given { Err(Malformed::new(root.field(field), "a value", format!("it beside `{beside}` only"))) } else { Ok(()) }
        };
        stray(self.clients.is_some() && self.nearest.is_none(), "clients", "nearest")?;
        stray(self.bandwidth.is_some() && self.points.is_none(), "bandwidth", "points")?;
        stray(self.neighbours.is_some() && self.points.is_none(), "neighbours", "points")?;
        match (self.similarity, self.nearest, self.points) {
            (Some(similarity), None, None) => FacilityLocation::dense(&rows("similarity", similarity, bulk)?),
            (None, Some(nearest), None) => {
                let nearest = rows("nearest", nearest, bulk)?.into_iter().collect();
                FacilityLocation::nearest(self.clients.map(|clients| clients as usize), nearest)
            }
            (None, None, Some(points)) => {
                let points = rows("points", points, bulk)?;
                FacilityLocation::gaussian(&points, self.bandwidth.unwrap_or(1.0), self.neighbours.map(|most| most as usize))
            }
            _ => Err(Malformed::new(root, "none or several of them", "exactly one of `similarity`, `nearest`, `points`")),
        }
    }
}
