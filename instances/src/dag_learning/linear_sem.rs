//! Data from random structural equations.

use fathom_opt_problems::dag_learning::{DagLearning, Edge, Sample, Score, ScoreKind};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Exp1, Gumbel, StandardNormal};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::generator::Generator;
use crate::parameter_error::ParameterError;

/// How the graph is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Graph {
    /// Erdos-Renyi: `degree` times `variables` edges, uniformly among all pairs.
    #[default]
    Er,
    /// Scale-free (Barabasi-Albert): every node sends `degree` edges to earlier ones, preferably to those that have many.
    Sf,
}

/// How observations follow from the graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Noise {
    /// Standard normal errors.
    #[default]
    Gaussian,
    /// Exponential errors of mean 1, minus 1.
    Exponential,
    /// Standard Gumbel errors.
    Gumbel,
    /// No errors: each variable is 1 with the logistic probability of its parents' sum, else 0.
    Logistic,
}

/// What happens to the variables' scales.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Scale {
    /// Nothing: variances grow along the order (the data are varsortable).
    #[default]
    Raw,
    /// Every column is divided by its standard deviation at the end.
    Standardised,
    /// Every column is divided by its standard deviation before its children are made of it (iSCM, Ormaniec et al. 2025): neither variances nor `R^2`
    /// tell the order.
    Iscm,
}

/// Linear (or logistic) structural equations on a random graph: weights uniform in magnitude on `[weight-from, weight-to]` with a random sign,
/// columns centred, names permuted. The instance holds the true graph, and its checker reports distances to it and the data's sortabilities.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct LinearSem {
    /// Number of variables, 2 to 5000.
    pub variables: usize,
    /// Edges per variable, above 0; as many as fit.
    pub degree: f64,
    /// Number of observations.
    pub observations: usize,
    /// How the graph is drawn.
    pub graph: Graph,
    /// The errors.
    pub noise: Noise,
    /// The smallest standard deviation of an error, as a factor of `noise`.
    pub deviation_from: f64,
    /// The largest; equal to the smallest for equal variances.
    pub deviation_to: f64,
    /// What happens to the scales.
    pub scale: Scale,
    /// The smallest magnitude of a weight.
    pub weight_from: f64,
    /// The largest magnitude of a weight.
    pub weight_to: f64,
    /// What graphs are judged by (`logistic` needs logistic noise).
    pub score: ScoreKind,
}

impl Default for LinearSem {
    /// Deng, Bello, Aragam, Ravikumar 2023: weights in +-[0.5, 2], 1000 observations, equal variances.
    fn default() -> Self {
        Self {
            variables: 20,
            degree: 2.0,
            observations: 1000,
            graph: Graph::Er,
            noise: Noise::Gaussian,
            deviation_from: 1.0,
            deviation_to: 1.0,
            scale: Scale::Raw,
            weight_from: 0.5,
            weight_to: 2.0,
            score: ScoreKind::EvEbic,
        }
    }
}

impl LinearSem {
    fn validate(&self) -> Result<(), ParameterError> {
        let (d, n) = (self.variables, self.observations);
        if !(2..=5000).contains(&d) {
            return Err(ParameterError::range("variables", d, "2 to 5000"));
        }
        if n < 2 || n.saturating_mul(d) > 1 << 27 {
            return Err(ParameterError::range("observations", n, "at least 2, and at most 2^27 numbers in all"));
        }
        if !(self.degree > 0.0 && self.degree.is_finite()) {
            return Err(ParameterError::range("degree", self.degree, "a number above 0"));
        }
        for (name, from, to) in
            [("deviation-from", self.deviation_from, self.deviation_to), ("weight-from", self.weight_from, self.weight_to)]
        {
            if !(from > 0.0 && from <= to && to <= 1e6) {
                return Err(ParameterError::range(name, format!("{from} to {to}"), "a range above 0, at most 10^6"));
            }
        }
        if self.noise == Noise::Logistic && self.scale != Scale::Raw {
            return Err(ParameterError::range("scale", "another than raw, with logistic noise", "raw"));
        }
        Ok(())
    }

    /// Edges (from, to) between positions of the order, without weights: `from < to`.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count, at most the number of pairs")]
    fn skeleton(&self, rng: &mut ChaCha8Rng) -> Vec<(usize, usize)> {
        let d = self.variables;
        match self.graph {
            Graph::Er => {
                let pairs = d * (d - 1) / 2;
                let count = ((self.degree * d as f64).round() as usize).min(pairs);
                let mut chosen = rand::seq::index::sample(rng, pairs, count).into_vec();
                chosen.sort_unstable();
                // Pairs in lexicographic order: row `a` starts after the rows before it.
                let start = |a: usize| a * (2 * d - a - 1) / 2;
                let mut a = 0;
                chosen
                    .into_iter()
                    .map(|k| {
                        while a + 1 < d && start(a + 1) <= k {
                            a += 1;
                        }
                        (a, a + 1 + k - start(a))
                    })
                    .collect()
            }
            Graph::Sf => {
                let per_node = (self.degree.round() as usize).max(1);
                // Every node stands once in the urn, and once more per edge that it receives. Late nodes come first in the order: they are the causes.
                let mut urn: Vec<usize> = vec![0];
                let mut edges = Vec::new();
                for node in 1..d {
                    let mut targets: Vec<usize> = Vec::new();
                    while targets.len() < per_node.min(node) {
                        let target = urn[rng.random_range(0..urn.len())];
                        if !targets.contains(&target) {
                            targets.push(target);
                        }
                    }
                    urn.extend(&targets);
                    urn.push(node);
                    edges.extend(targets.into_iter().map(|target| (d - 1 - node, d - 1 - target)));
                }
                edges.sort_unstable();
                edges
            }
        }
    }

    fn error(&self, rng: &mut ChaCha8Rng) -> f64 {
        match self.noise {
            Noise::Gaussian | Noise::Logistic => StandardNormal.sample(rng),
            Noise::Exponential => {
                let value: f64 = Exp1.sample(rng);
                value - 1.0
            }
            // The parameters are constants in range.
            Noise::Gumbel => Gumbel::new(0.0, 1.0).map_or(0.0, |gumbel| gumbel.sample(rng)),
        }
    }

    /// One column from its parents' columns.
    fn column(&self, parents: &[(&[f64], f64)], rng: &mut ChaCha8Rng) -> Vec<f64> {
        let mut column = vec![0.0; self.observations];
        for (parent, weight) in parents {
            for (value, entry) in column.iter_mut().zip(*parent) {
                *value += weight * entry;
            }
        }
        if self.noise == Noise::Logistic {
            for value in &mut column {
                *value = f64::from(u8::from(rng.random::<f64>() < 1.0 / (1.0 + (-*value).exp())));
            }
        } else {
            let deviation = self.deviation_from + (self.deviation_to - self.deviation_from) * rng.random::<f64>();
            for value in &mut column {
                *value += deviation * self.error(rng);
            }
            let mean = column.iter().sum::<f64>() / column.len() as f64;
            for value in &mut column {
                *value -= mean;
            }
        }
        column
    }
}

/// Divides a centred column by its standard deviation, and says by how much.
fn standardise(column: &mut [f64]) -> f64 {
    let deviation = (column.iter().map(|value| value * value).sum::<f64>() / column.len() as f64).sqrt();
    if deviation > 0.0 {
        for value in column {
            *value /= deviation;
        }
        deviation
    } else {
        1.0
    }
}

impl Generator for LinearSem {
    const NAME: &'static str = "linear-sem";
    const SUMMARY: &'static str = "data from linear or logistic structural equations on a random graph";
    const CITATION: &'static str =
        "Random structural equations as in Zheng et al. 2018 (NOTEARS) and Deng et al. 2023 (topological swaps).";
    type Problem = DagLearning;

    fn generate(&self, rng: &mut ChaCha8Rng) -> Result<DagLearning, ParameterError> {
        self.validate()?;
        let d = self.variables;
        let mut name: Vec<usize> = (0..d).collect();
        for k in (1..d).rev() {
            name.swap(k, rng.random_range(0..=k));
        }
        let mut parents: Vec<Vec<(usize, f64)>> = vec![Vec::new(); d];
        for (from, to) in self.skeleton(rng) {
            let magnitude = self.weight_from + (self.weight_to - self.weight_from) * rng.random::<f64>();
            parents[to].push((from, if rng.random_bool(0.5) { magnitude } else { -magnitude }));
        }
        let mut made: Vec<Vec<f64>> = Vec::with_capacity(d);
        let mut scales = vec![1.0; d];
        for k in 0..d {
            let sources: Vec<(&[f64], f64)> = parents[k].iter().map(|&(from, weight)| (made[from].as_slice(), weight)).collect();
            let mut column = self.column(&sources, rng);
            if self.scale == Scale::Iscm {
                scales[k] = standardise(&mut column);
            }
            made.push(column);
        }
        if self.scale == Scale::Standardised {
            scales = made.iter_mut().map(|column| standardise(column)).collect();
        }
        let mut truth: Vec<Edge> = Vec::new();
        for (to, parents) in parents.iter().enumerate() {
            for &(from, weight) in parents {
                // In the units of the columns as they are handed out.
                let weight = match self.scale {
                    Scale::Raw => weight,
                    Scale::Standardised => weight * scales[from] / scales[to],
                    Scale::Iscm => weight / scales[to],
                };
                truth.push((name[from], name[to], weight));
            }
        }
        truth.sort_by_key(|edge| (edge.0, edge.1));
        let mut columns = vec![Vec::new(); d];
        for (k, column) in made.into_iter().enumerate() {
            columns[name[k]] = column;
        }
        let names = (0..d).map(|k| format!("x{k}")).collect();
        let problem = DagLearning::new(names, Sample::Table { columns }, Score::new(self.score, None)?)?;
        Ok(problem.with_truth(Some(truth))?)
    }
}

#[cfg(test)]
mod tests {
    use fathom_opt_problems::dag_learning::varsortability;
    use rand_chacha::rand_core::SeedableRng;

    use super::*;

    fn generate(family: &LinearSem) -> DagLearning {
        family.generate(&mut ChaCha8Rng::seed_from_u64(1)).unwrap()
    }

    #[test]
    fn graphs_have_the_edges_asked_for() {
        assert_eq!(generate(&LinearSem::default()).truth().unwrap().len(), 40);
        let all = LinearSem { variables: 6, degree: 100.0, ..LinearSem::default() };
        assert_eq!(generate(&all).truth().unwrap().len(), 15);
        let sf = LinearSem { graph: Graph::Sf, ..LinearSem::default() };
        assert_eq!(generate(&sf).truth().unwrap().len(), 1 + 18 * 2);
    }

    #[test]
    fn raw_data_are_varsortable_and_the_others_are_not() {
        let sortability = |scale| {
            let problem = generate(&LinearSem { scale, variables: 30, ..LinearSem::default() });
            varsortability(&problem.sample().variances(), problem.truth().unwrap()).unwrap()
        };
        assert!(sortability(Scale::Raw) > 0.9);
        assert_eq!(sortability(Scale::Standardised), 0.5);
        assert_eq!(sortability(Scale::Iscm), 0.5);
    }

    #[test]
    fn every_kind_of_data_is_an_instance() {
        for noise in [Noise::Gaussian, Noise::Exponential, Noise::Gumbel] {
            for scale in [Scale::Raw, Scale::Standardised, Scale::Iscm] {
                generate(&LinearSem { noise, scale, variables: 5, deviation_from: 0.5, deviation_to: 2.0, ..LinearSem::default() });
            }
        }
        let binary = LinearSem { noise: Noise::Logistic, score: ScoreKind::Logistic, variables: 5, ..LinearSem::default() };
        assert_eq!(generate(&binary).score().kind(), ScoreKind::Logistic);
    }

    #[test]
    fn parameters_out_of_range_are_refused() {
        let refusal = |family: LinearSem| family.generate(&mut ChaCha8Rng::seed_from_u64(1)).unwrap_err().to_string();
        assert!(refusal(LinearSem { variables: 1, ..LinearSem::default() }).contains("variables"));
        assert!(refusal(LinearSem { degree: f64::NAN, ..LinearSem::default() }).contains("degree"));
        assert!(refusal(LinearSem { weight_from: 3.0, ..LinearSem::default() }).contains("weight-from"));
        assert!(refusal(LinearSem { score: ScoreKind::Logistic, ..LinearSem::default() }).contains("0 or 1"));
        assert!(refusal(LinearSem { observations: 1, ..LinearSem::default() }).contains("observations"));
    }
}
