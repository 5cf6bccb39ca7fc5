//! Optimal control of ordinary differential equations, discretised by the trapezoidal rule.

use fathom_opt_problems::Sense;
use fathom_opt_problems::expression::{Binary, Function, Graph, NodeId, Unary};
use fathom_opt_problems::nonlinear::{Constraint, Nonlinear, Parts, Variable};
use rand_chacha::ChaCha8Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::generator::Generator;
use crate::parameter_error::ParameterError;

/// A state `(p, q)` and a bounded control `u` on `intervals + 1` points of time, three variables each; the differential equations hold by the trapezoidal rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct OptimalControl {
    /// Which system is controlled.
    pub model: Model,
    /// Intervals of time, 2 to 500000.
    pub intervals: usize,
    /// The last point of time, above 0.
    pub horizon: f64,
}

/// A system to control.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Model {
    /// Van der Pol's oscillator: `p' = (1 - q^2) p - q + u`, `q' = p` from (0, 1), with `-0.3 <= u <= 1` and the integral of `p^2 + q^2 + u^2` minimised.
    #[default]
    VanDerPol,
    /// A pendulum swung up: `p' = u - sin(q)`, `q' = p` from (0, 0) to (0, pi), with `-2 <= u <= 2` and the integral of `u^2` minimised.
    Pendulum,
}

impl Default for OptimalControl {
    fn default() -> Self {
        Self { model: Model::VanDerPol, intervals: 100, horizon: 5.0 }
    }
}

/// What differs between the models.
struct System {
    control: (f64, f64),
    first: (f64, f64),
    last: Option<(f64, f64)>,
}

impl Model {
    fn system(self) -> System {
        match self {
            Self::VanDerPol => System { control: (-0.3, 1.0), first: (0.0, 1.0), last: None },
            Self::Pendulum => System { control: (-2.0, 2.0), first: (0.0, 0.0), last: Some((0.0, std::f64::consts::PI)) },
        }
    }

    /// The derivative of `p`; that of `q` is `p`.
    fn derivative(self, graph: &mut Graph, [p, q, u]: [NodeId; 3]) -> NodeId {
        match self {
            Self::VanDerPol => {
                let square = graph.binary(Binary::Mul, q, q);
                let one = graph.constant(1.0);
                let damping = graph.binary(Binary::Sub, one, square);
                let product = graph.binary(Binary::Mul, damping, p);
                let rest = graph.binary(Binary::Sub, u, q);
                graph.binary(Binary::Add, product, rest)
            }
            Self::Pendulum => {
                let sine = graph.unary(Unary::Sin, q);
                graph.binary(Binary::Sub, u, sine)
            }
        }
    }

    /// What is integrated.
    fn cost(self, graph: &mut Graph, [p, q, u]: [NodeId; 3]) -> NodeId {
        let of: &[NodeId] = match self {
            Self::VanDerPol => &[p, q, u],
            Self::Pendulum => &[u],
        };
        let squares: Vec<NodeId> = of.iter().map(|&x| graph.binary(Binary::Mul, x, x)).collect();
        graph.sum(&squares)
    }
}

impl Generator for OptimalControl {
    const NAME: &'static str = "optimal-control";
    const SUMMARY: &'static str = "Van der Pol's oscillator or a pendulum, controlled optimally, in three variables for each point of time";
    const CITATION: &'static str = "Textbook models of optimal control, discretised by the trapezoidal rule.";
    type Problem = Nonlinear;

    fn generate(&self, _: &mut ChaCha8Rng) -> Result<Nonlinear, ParameterError> {
        if !(2..=500_000).contains(&self.intervals) {
            return Err(ParameterError::range("intervals", self.intervals, "2 to 500000"));
        }
        if !(self.horizon > 0.0 && self.horizon.is_finite()) {
            return Err(ParameterError::range("horizon", self.horizon, "a number above 0"));
        }
        let step = self.horizon / self.intervals as f64;
        let system = self.model.system();
        let mut graph = Graph::new();
        let (mut variables, mut constraints, mut costs) = (Vec::new(), Vec::new(), Vec::new());
        let mut before: Option<([NodeId; 3], NodeId)> = None;
        for k in 0..=self.intervals {
            let first = u32::try_from(3 * k).unwrap_or(u32::MAX);
            let now = [graph.variable(first), graph.variable(first + 1), graph.variable(first + 2)];
            let fixed = if k == 0 { Some(system.first) } else { system.last.filter(|_| k == self.intervals) };
            let state = |name: &str, value: Option<f64>| {
                let (lower, upper) = value.map_or((f64::NEG_INFINITY, f64::INFINITY), |value| (value, value));
                Variable { name: format!("{name}{k}"), lower, upper, start: value.unwrap_or(0.0) }
            };
            variables.push(state("p", fixed.map(|(p, _)| p)));
            variables.push(state("q", fixed.map(|(_, q)| q)));
            let (lower, upper) = system.control;
            variables.push(Variable { name: format!("u{k}"), lower, upper, start: 0.0 });
            let derivative = self.model.derivative(&mut graph, now);
            let cost = self.model.cost(&mut graph, now);
            let share = if k == 0 || k == self.intervals { 0.5 * step } else { step };
            costs.push(graph.scaled(share, cost));
            if let Some((_, old)) = before {
                // x_k - x_{k-1} = step / 2 (x'_k + x'_{k-1})
                let sum = graph.binary(Binary::Add, derivative, old);
                let change = graph.scaled(-0.5 * step, sum);
                let momentum = Function { linear: vec![(first, 1.0), (first - 3, -1.0)], constant: 0.0, nonlinear: Some(change) };
                let place = Function {
                    linear: vec![(first + 1, 1.0), (first - 2, -1.0), (first, -0.5 * step), (first - 3, -0.5 * step)],
                    ..Function::default()
                };
                for (name, function) in [("p", momentum), ("q", place)] {
                    let name = format!("d{name}{k}");
                    constraints.push(Constraint { name, function, lower: 0.0, upper: 0.0, multiplier: None });
                }
            }
            before = Some((now, derivative));
        }
        let objective = Function { nonlinear: Some(graph.sum(&costs)), ..Function::default() };
        Ok(Nonlinear::new(Parts { variables, graph, sense: Sense::Minimize, objective, constraints, notes: Vec::new() })?)
    }
}
