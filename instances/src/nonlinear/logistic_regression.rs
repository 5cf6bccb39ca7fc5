//! Logistic regression with constraints.

use fathom_opt_problems::Sense;
use fathom_opt_problems::expression::{Binary, Function, Graph, NodeId, Unary};
use fathom_opt_problems::nonlinear::{Constraint, Nonlinear, Parts, Variable};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::labelled_data::{read_libsvm, read_table};
use crate::generator::FileGenerator;
use crate::inputs::Inputs;
use crate::parameter_error::ParameterError;

/// `min mean_i log(1 + exp(-y_i x_i . w)) + regularization / 2 ||w||^2` subject to `A w = b` with independent standard normal `A` and `b`, and `||w||^2 = 1`:
/// the experiment of Hong, Na, Mahoney and Kolar (ICML 2023), started at ones.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct LogisticRegression {
    /// The samples: a LIBSVM file, or a table with commas (`.csv`).
    pub data: String,
    /// The column of labels of a table: its name or 0-based position; the last one where it is empty.
    pub label: String,
    /// Number of random linear equations.
    pub equations: usize,
    /// Whether the weights have to lie on the unit sphere.
    pub sphere: bool,
    /// Weight of the squared norm in the objective, at least 0.
    pub regularization: f64,
    /// The start of every weight.
    pub start: f64,
}

impl Default for LogisticRegression {
    fn default() -> Self {
        Self { data: String::new(), label: String::new(), equations: 10, sphere: true, regularization: 0.0, start: 1.0 }
    }
}

impl FileGenerator for LogisticRegression {
    const NAME: &'static str = "logistic-regression";
    const SUMMARY: &'static str = "logistic loss of a LIBSVM or CSV file, with random linear equations and the unit sphere";
    const CITATION: &'static str =
        "Experiment of Hong, Na, Mahoney, Kolar, Constrained Optimization via Exact Augmented Lagrangian (ICML 2023).";
    const FILES: &'static [&'static str] = &["data"];
    type Problem = Nonlinear;

    fn generate(&self, inputs: &Inputs<'_>, rng: &mut ChaCha8Rng) -> Result<Nonlinear, ParameterError> {
        let file = inputs.file("data")?;
        let text = file.text().map_err(|error| ParameterError::file("data", error))?;
        let read = if std::path::Path::new(&file.name()).extension().is_some_and(|ending| ending == "csv") {
            read_table(text, &self.label)
        } else {
            read_libsvm(text)
        };
        let data = read.map_err(|fault| ParameterError::file("data", format!("{}: {fault}", file.path().display())))?;
        if self.equations > data.features {
            return Err(ParameterError::range("equations", self.equations, "at most the number of features"));
        }
        if !(self.regularization >= 0.0 && self.regularization.is_finite()) {
            return Err(ParameterError::range("regularization", self.regularization, "a number from 0 on"));
        }
        let mut graph = Graph::new();
        let weights: Vec<NodeId> = (0_u32..).take(data.features).map(|j| graph.variable(j)).collect();
        let mut losses = Vec::with_capacity(data.samples.len());
        for (sample, label) in data.samples.iter().zip(&data.labels) {
            let terms: Vec<NodeId> = sample.iter().map(|&(j, value)| graph.scaled(-label * value, weights[j as usize])).collect();
            let margin = graph.sum(&terms);
            losses.push(graph.unary(Unary::Softplus, margin));
        }
        let total = graph.sum(&losses);
        let mut objective = graph.scaled((data.samples.len() as f64).recip(), total);
        let square = squared_norm(&mut graph, &weights);
        if self.regularization > 0.0 {
            let penalty = graph.scaled(0.5 * self.regularization, square);
            objective = graph.binary(Binary::Add, objective, penalty);
        }
        let mut constraints = Vec::new();
        for k in 0..self.equations {
            let linear = (0_u32..).take(data.features).map(|j| (j, StandardNormal.sample(rng))).collect();
            let side: f64 = StandardNormal.sample(rng);
            let function = Function { linear, ..Function::default() };
            constraints.push(Constraint { name: format!("equation{k}"), function, lower: side, upper: side, multiplier: None });
        }
        if self.sphere {
            let function = Function { nonlinear: Some(square), ..Function::default() };
            constraints.push(Constraint { name: "sphere".into(), function, lower: 1.0, upper: 1.0, multiplier: None });
        }
        // The published runs start the multipliers at ones, too.
        for constraint in &mut constraints {
            constraint.multiplier = Some(1.0);
        }
        let free = |j| Variable { name: format!("w{j}"), lower: f64::NEG_INFINITY, upper: f64::INFINITY, start: self.start };
        Ok(Nonlinear::new(Parts {
            variables: (0..data.features).map(free).collect(),
            graph,
            sense: Sense::Minimize,
            objective: Function { nonlinear: Some(objective), ..Function::default() },
            constraints,
            notes: Vec::new(),
        })?)
    }
}

fn squared_norm(graph: &mut Graph, weights: &[NodeId]) -> NodeId {
    let squares: Vec<NodeId> = weights.iter().map(|&w| graph.binary(Binary::Mul, w, w)).collect();
    graph.sum(&squares)
}
