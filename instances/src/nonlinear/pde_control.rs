//! Optimal control of Poisson's equation on a square.

use fathom_opt_problems::Sense;
use fathom_opt_problems::expression::{Binary, Function, Graph};
use fathom_opt_problems::nonlinear::{Constraint, Nonlinear, Parts, Variable};
use rand_chacha::ChaCha8Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::generator::Generator;
use crate::parameter_error::ParameterError;

/// A state `w` and a control `z` on the `grid * grid` interior points of a square with zero boundary, `h = 2 / (grid + 1)`:
///
/// ```text
/// min 1/2 ||w - d||^2 + weight ||z||^2   subject to   (five-point Laplacian of w) / h^2 + z = 0
/// d(i, j) = sin(4 + 0.1 / sqrt(15) (i - (grid + 1) / 2)) + cos(3 + 0.1 / sqrt(15) (j - (grid + 1) / 2)),   i, j = 1 .. grid
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct PdeControl {
    /// Interior points per side, 1 to 500: `2 grid^2` variables.
    pub grid: usize,
    /// Weight of the control, above 0.
    pub weight: f64,
}

impl Default for PdeControl {
    fn default() -> Self {
        Self { grid: 3, weight: 0.05 }
    }
}

impl Generator for PdeControl {
    const NAME: &'static str = "pde-control";
    const SUMMARY: &'static str = "tracking a state by distributed control of Poisson's equation on a square grid";
    const CITATION: &'static str =
        "Experiment of Hong, Na, Mahoney, Kolar, Constrained Optimization via Exact Augmented Lagrangian (ICML 2023).";
    type Problem = Nonlinear;

    fn generate(&self, _: &mut ChaCha8Rng) -> Result<Nonlinear, ParameterError> {
        let n = self.grid;
        if !(1..=500).contains(&n) {
            return Err(ParameterError::range("grid", n, "1 to 500"));
        }
        if !(self.weight > 0.0 && self.weight.is_finite()) {
            return Err(ParameterError::range("weight", self.weight, "a number above 0"));
        }
        let points = u32::try_from(n * n).map_err(|_| ParameterError::range("grid", n, "1 to 500"))?;
        let at = |i: usize, j: usize| u32::try_from((i - 1) * n + j - 1).unwrap_or(u32::MAX);
        let middle = f64::midpoint(n as f64, 1.0);
        let slope = 0.1 / 15.0_f64.sqrt();
        let mut graph = Graph::new();
        let mut terms = Vec::with_capacity(2 * n * n);
        let mut constraints = Vec::with_capacity(n * n);
        let square = (n as f64 + 1.0) * (n as f64 + 1.0) / 4.0;
        for i in 1..=n {
            for j in 1..=n {
                let wanted = (4.0 + slope * (i as f64 - middle)).sin() + (3.0 + slope * (j as f64 - middle)).cos();
                let (state, wanted) = (graph.variable(at(i, j)), graph.constant(wanted));
                let gap = graph.binary(Binary::Sub, state, wanted);
                let product = graph.binary(Binary::Mul, gap, gap);
                terms.push(graph.scaled(0.5, product));
                let mut linear = vec![(at(i, j), -4.0 * square), (points + at(i, j), 1.0)];
                let near = [(i - 1, j), (i + 1, j), (i, j - 1), (i, j + 1)];
                let inside = |&(a, b): &(usize, usize)| (1..=n).contains(&a) && (1..=n).contains(&b);
                linear.extend(near.iter().filter(|point| inside(point)).map(|&(a, b)| (at(a, b), square)));
                let function = Function { linear, ..Function::default() };
                constraints.push(Constraint { name: format!("state{i}.{j}"), function, lower: 0.0, upper: 0.0, multiplier: None });
            }
        }
        for k in 0..points {
            let control = graph.variable(points + k);
            let product = graph.binary(Binary::Mul, control, control);
            terms.push(graph.scaled(self.weight, product));
        }
        let objective = Function { nonlinear: Some(graph.sum(&terms)), ..Function::default() };
        let free = |name| Variable { name, lower: f64::NEG_INFINITY, upper: f64::INFINITY, start: 0.0 };
        let named = |letter: char| (0..n * n).map(move |k| format!("{letter}{}.{}", k / n + 1, k % n + 1));
        let variables = named('w').chain(named('z')).map(free).collect();
        Ok(Nonlinear::new(Parts { variables, graph, sense: Sense::Minimize, objective, constraints, notes: Vec::new() })?)
    }
}
