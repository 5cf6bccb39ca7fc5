//! Whether any single move of a node improves: every re-insertion of one node and every exchange of two, each recomputed from the data.

mod chosen_parents;
mod convex;
mod dense;
#[cfg(test)]
mod tests;
mod walk;

use super::moments::Moments;
use super::{DagLearning, Edge, ScoreKind};
use crate::verdict::{Certainty, Measure, Property, Verdict, Witness};
use walk::NodeCost;

/// An improvement below this share of the score is rounding.
const TOLERANCE: f64 = 1e-9;

/// Multiply-adds that may be spent on one of the two properties.
const WORK: f64 = 4e9;

/// The names of the two properties.
const NAMES: [&str; 2] = ["insertion-optimal", "swap-optimal"];

/// The best move of one kind: its gain in units of the score, and the nodes that stand at the ends of what it touches.
#[derive(Debug, Clone, Copy, Default)]
struct Best {
    gain: f64,
    first: usize,
    last: usize,
}

impl Best {
    fn see(&mut self, gain: f64, first: usize, last: usize) {
        if gain > self.gain {
            *self = Self { gain, first, last };
        }
    }
}

/// What was found about the moves of one kind.
#[derive(Debug, Clone)]
enum Found {
    /// The best of all moves.
    All(Best),
    /// The best of those seen; whether others are better is open, for this reason.
    Some(Best, String),
    /// Nothing, for this reason.
    Nothing(String),
}

impl Found {
    fn nothing(why: &str) -> [Self; 2] {
        [Self::Nothing(why.to_owned()), Self::Nothing(why.to_owned())]
    }
}

/// What was found about one order.
pub(super) struct Certificate {
    /// Half the sum of the residual variances, every node regressed on all earlier ones.
    order_score: Option<f64>,
    /// What gains are measured against.
    scale: f64,
    /// By re-insertions, by exchanges.
    found: [Found; 2],
}

impl Certificate {
    /// The moves of `order`, which the `edges` follow; `value` is the solution's score.
    pub(super) fn of(problem: &DagLearning, order: &[usize], edges: &[Edge], value: f64, moments: Option<&Moments>) -> Self {
        let Some(moments) = moments else {
            return Self { order_score: None, scale: 1.0, found: Found::nothing("too many data to look at every move") };
        };
        let kind = problem.score.kind();
        let order_score = if kind == ScoreKind::Logistic { None } else { dense::order_score(moments, order) };
        let limited = !problem.knowledge.forbidden().is_empty() || problem.knowledge.max_parents().is_some();
        let scale = match kind {
            ScoreKind::Ev | ScoreKind::EvEbic => order_score.unwrap_or(value.abs()),
            // Logarithms may add up to 0; their natural unit is the number of observations.
            ScoreKind::NvBic => value.abs().max(moments.observations() as f64),
            ScoreKind::L1 | ScoreKind::Logistic => value.abs(),
        };
        let earlier = before(problem, order);
        let found = match kind {
            ScoreKind::Ev | ScoreKind::EvEbic if !limited => match order_score {
                None => Found::nothing("some columns are linear combinations of others"),
                Some(_) => dense::moves(moments, order, &earlier),
            },
            // With equal variances the order is judged by fit alone, whatever the graph's own criterion.
            ScoreKind::EvEbic => Found::nothing("not decided under forbidden edges or a limit on parents"),
            ScoreKind::Ev | ScoreKind::L1 | ScoreKind::Logistic if problem.knowledge.max_parents().is_none() => {
                let cost: Box<dyn NodeCost> = match kind {
                    ScoreKind::Ev => Box::new(convex::LeastSquares::new(moments, problem)),
                    ScoreKind::L1 => Box::new(convex::Lasso::new(moments, problem)),
                    _ => Box::new(convex::Logistic::new(problem)),
                };
                walk::moves(cost.as_ref(), order, &earlier, None)
            }
            ScoreKind::NvBic => chosen_parents::moves(problem, moments, order, edges, &earlier),
            ScoreKind::Ev | ScoreKind::L1 | ScoreKind::Logistic => Found::nothing("not decided under a limit on parents"),
        };
        Self { order_score, scale, found }
    }

    pub(super) fn report(&self, problem: &DagLearning, verdict: &mut Verdict) {
        if let Some(value) = self.order_score {
            verdict.measures.push(Measure { name: "least squares of the order".into(), value });
        }
        let score = match problem.score.kind() {
            ScoreKind::Ev | ScoreKind::EvEbic => "least squares",
            ScoreKind::NvBic | ScoreKind::L1 | ScoreKind::Logistic => "the score",
        };
        for (name, found) in NAMES.into_iter().zip(&self.found) {
            let (best, open) = match found {
                Found::All(best) => (best, None),
                Found::Some(best, why) => (best, Some(why)),
                Found::Nothing(why) => {
                    verdict.properties.push(Property::undecided(name, Witness::new(why.clone(), serde_json::Value::Null)));
                    continue;
                }
            };
            let improves = best.gain > TOLERANCE * self.scale.max(f64::MIN_POSITIVE);
            verdict.properties.push(match open {
                _ if improves => {
                    let (first, last) = (&problem.names[best.first], &problem.names[best.last]);
                    let text = if name == NAMES[0] {
                        format!("moving {first} to the place of {last} improves {score} by {:.3e}", best.gain)
                    } else {
                        format!("exchanging {first} and {last} improves {score} by {:.3e}", best.gain)
                    };
                    let data = serde_json::json!({ "gain": best.gain, "nodes": [best.first, best.last] });
                    Property::fails(name, Certainty::Within(TOLERANCE), Witness::new(text, data))
                }
                None => Property::holds(name, Certainty::Within(TOLERANCE)),
                Some(why) => Property::undecided(name, Witness::new(why.clone(), serde_json::Value::Null)),
            });
        }
    }
}

/// Which positions have to stand before which: `before[b * d + a]` whether knowledge asks that the node at position `a` stands before the one at `b`.
struct Before {
    d: usize,
    matrix: Vec<bool>,
}

impl Before {
    fn is(&self, a: usize, b: usize) -> bool {
        self.matrix[b * self.d + a]
    }

    /// The first position that the node at `p` may move to.
    fn lowest(&self, p: usize) -> usize {
        (0..p).rev().find(|&k| self.is(k, p)).map_or(0, |k| k + 1)
    }

    /// The last position that the node at `p` may move to.
    fn highest(&self, p: usize) -> usize {
        (p + 1..self.d).find(|&k| self.is(p, k)).map_or(self.d - 1, |k| k - 1)
    }
}

fn before(problem: &DagLearning, order: &[usize]) -> Before {
    let d = order.len();
    let mut position = vec![0; d];
    for (k, &node) in order.iter().enumerate() {
        position[node] = k;
    }
    let tier_of = problem.knowledge.tier_of(d);
    let mut matrix = vec![false; d * d];
    for &(from, to) in problem.knowledge.required() {
        matrix[position[to] * d + position[from]] = true;
    }
    for a in 0..d {
        for b in 0..d {
            if let (Some(early), Some(late)) = (tier_of[order[a]], tier_of[order[b]])
                && early < late
            {
                matrix[b * d + a] = true;
            }
        }
    }
    Before { d, matrix }
}
