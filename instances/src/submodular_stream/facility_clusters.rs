//! Facility location among points in clusters.

use fathom_opt_problems::submodular_stream::{Constraint, Elements, FacilityLocation, Function, Ground, SubmodularStream};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::churning::{Churning, StreamKind};
use crate::generator::Generator;
use crate::parameter_error::ParameterError;

/// Points of a Gaussian mixture, each a facility and a client; similarity falls with distance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct FacilityClusters {
    /// Number of points, 1 to 20000.
    pub elements: u32,
    /// Number of clusters, 1 to 1000.
    pub clusters: u32,
    /// Dimension of the points, 1 to 1000.
    pub dimension: u32,
    /// The bandwidth of the Gaussian similarity, above 0.
    pub bandwidth: f64,
    /// Only so many nearest points of each count; all without.
    pub neighbours: Option<usize>,
    /// How many elements may be chosen.
    pub k: u32,
    /// How elements come and go.
    pub stream: StreamKind,
    /// Number of elements that the stream speaks of; half of all (200 for killer and churn) without.
    pub window: Option<usize>,
    /// At most so many updates; as many as make every element come and go once without.
    pub updates: Option<usize>,
    /// A query after every so many updates.
    pub every: usize,
}

impl Default for FacilityClusters {
    fn default() -> Self {
        Self {
            elements: 500,
            clusters: 10,
            dimension: 20,
            bandwidth: 5.0,
            neighbours: None,
            k: 20,
            stream: StreamKind::Window,
            window: None,
            updates: None,
            every: 100,
        }
    }
}

impl Generator for FacilityClusters {
    const NAME: &'static str = "facility-clusters";
    const SUMMARY: &'static str = "facility location among points of a Gaussian mixture that come and go";
    const CITATION: &'static str = "A Gaussian mixture, the usual stand-in for exemplar selection.";
    type Problem = SubmodularStream;

    fn generate(&self, rng: &mut ChaCha8Rng) -> Result<SubmodularStream, ParameterError> {
        if !(1..=20_000).contains(&self.elements) {
            return Err(ParameterError::range("elements", self.elements, "1 to 20000"));
        }
        for (name, found) in [("clusters", self.clusters), ("dimension", self.dimension)] {
            if !(1..=1000).contains(&found) {
                return Err(ParameterError::range(name, found, "1 to 1000"));
            }
        }
        let normal = |rng: &mut ChaCha8Rng| -> Vec<f64> { (0..self.dimension).map(|_| rng.sample(StandardNormal)).collect() };
        let centres: Vec<Vec<f64>> = (0..self.clusters).map(|_| normal(rng).into_iter().map(|x| 3.0 * x).collect()).collect();
        let points: Vec<Vec<f64>> = (0..self.elements)
            .map(|_| {
                let centre = &centres[rng.random_range(0..centres.len())];
                normal(rng).into_iter().zip(centre).map(|(x, centre)| x + centre).collect()
            })
            .collect();
        let function: Function = FacilityLocation::gaussian(&points, self.bandwidth, self.neighbours)?.into();
        let ids: Vec<u64> = (0..u64::from(self.elements)).collect();
        let singles = function.gains(&[], &(0..self.elements as usize).collect::<Vec<_>>());
        let steps = Churning { kind: self.stream, window: self.window, updates: self.updates, every: self.every }.steps(&ids, &singles)?;
        let ground = Ground::new(Elements::Count(self.elements))?;
        Ok(SubmodularStream::new(function, ground, Constraint::Cardinality(self.k), &steps)?)
    }
}
