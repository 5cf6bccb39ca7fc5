//! Whether any single move of a node improves the order: Gaussian elimination of every window of the order, moved and unmoved.

use super::check::dot;
use super::sample::{Sample, mean};
use super::{DagLearning, ScoreKind};
use crate::verdict::{Certainty, Measure, Property, Verdict, Witness};

/// Beyond this many variables the `d^5 / 20` multiply-adds take too long.
const LARGEST: usize = 100;

/// Sums of squares of the data take `n d^2 / 2`; beyond this they are not taken.
const WORK: usize = 1_000_000_000;

/// An improvement below this share of the score is rounding.
const TOLERANCE: f64 = 1e-9;

/// What was found about one order under dense least squares.
pub(super) struct Certificate {
    /// Half the sum of the residual variances, every node regressed on all earlier ones.
    order_score: Option<f64>,
    moves: Result<Moves, String>,
}

struct Moves {
    insertion: Best,
    swap: Best,
}

/// The best move found: its gain in units of the score, and the nodes that stand at the window's ends.
#[derive(Clone, Copy, Default)]
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

impl Certificate {
    pub(super) fn of(problem: &DagLearning, order: &[usize]) -> Self {
        let (n, d) = (problem.sample.observations(), problem.variables());
        if problem.score.kind() == ScoreKind::Logistic {
            return Self { order_score: None, moves: Err("least squares is not what this instance asks for".into()) };
        }
        if n.saturating_mul(d).saturating_mul(d) > WORK || d.pow(3) > WORK {
            return Self { order_score: None, moves: Err("too many data to look at every move".into()) };
        }
        let schur = permuted_covariance(problem, order);
        let scale: Vec<f64> = (0..d).map(|k| schur[k * d + k]).collect();
        let Some(complements) = complements(schur, d, &scale) else {
            let why = "some columns are linear combinations of others".to_owned();
            return Self { order_score: None, moves: Err(why) };
        };
        let order_score = 0.5 * complements.diagonal.iter().sum::<f64>();
        let limited = !problem.knowledge.forbidden().is_empty() || problem.knowledge.max_parents().is_some();
        let moves = if !matches!(problem.score.kind(), ScoreKind::Ev | ScoreKind::EvEbic) {
            Err("only decided for least squares".into())
        } else if limited {
            Err("not decided under forbidden edges or a limit on parents".into())
        } else if d > LARGEST {
            Err(format!("not decided beyond {LARGEST} variables"))
        } else {
            Ok(complements.moves(problem, order))
        };
        Self { order_score: Some(order_score), moves }
    }

    pub(super) fn report(&self, problem: &DagLearning, verdict: &mut Verdict) {
        if let Some(value) = self.order_score {
            verdict.measures.push(Measure { name: "least squares of the order".into(), value });
        }
        if !matches!(problem.score.kind(), ScoreKind::Ev | ScoreKind::EvEbic) {
            return;
        }
        for name in ["insertion-optimal", "swap-optimal"] {
            verdict.properties.push(match &self.moves {
                Err(why) => Property::undecided(name, Witness::new(why.clone(), serde_json::Value::Null)),
                Ok(moves) => {
                    let best = if name == "swap-optimal" { moves.swap } else { moves.insertion };
                    let relative = best.gain / self.order_score.unwrap_or(0.0).max(f64::MIN_POSITIVE);
                    if relative <= TOLERANCE {
                        Property::holds(name, Certainty::Within(TOLERANCE))
                    } else {
                        let (first, last) = (&problem.names[best.first], &problem.names[best.last]);
                        let text = match name {
                            "swap-optimal" => format!("exchanging {first} and {last} improves least squares by {:.3e}", best.gain),
                            _ => format!("moving {first} to the place of {last} improves least squares by {:.3e}", best.gain),
                        };
                        let data = serde_json::json!({ "gain": best.gain, "nodes": [best.first, best.last] });
                        Property::fails(name, Certainty::Within(TOLERANCE), Witness::new(text, data))
                    }
                }
            });
        }
    }
}

/// The covariance with rows and columns in the order's sequence.
pub(super) fn permuted_covariance(problem: &DagLearning, order: &[usize]) -> Vec<f64> {
    let d = order.len();
    let mut matrix = vec![0.0; d * d];
    match &problem.sample {
        Sample::Covariance { matrix: given, .. } => {
            for (a, &i) in order.iter().enumerate() {
                for (b, &j) in order.iter().enumerate() {
                    matrix[a * d + b] = given[i * d + j];
                }
            }
        }
        Sample::Table { columns } => {
            let centred: Vec<Vec<f64>> = order
                .iter()
                .map(|&node| {
                    let mean = mean(&columns[node]);
                    columns[node].iter().map(|value| value - mean).collect()
                })
                .collect();
            let n = problem.sample.observations() as f64;
            for a in 0..d {
                for b in 0..=a {
                    let value = dot(&centred[a], &centred[b]) / n;
                    matrix[a * d + b] = value;
                    matrix[b * d + a] = value;
                }
            }
        }
    }
    matrix
}

/// The covariance of what is left at every position once all earlier nodes are regressed out.
struct Complements {
    d: usize,
    /// `at[s]`: the Schur complement after eliminating the first `s` positions (`d x d`, only rows and columns from `s` on mean anything).
    at: Vec<Vec<f64>>,
    /// Residual variance of each position given all earlier ones.
    diagonal: Vec<f64>,
}

/// `None` when a pivot is lost to rounding.
fn complements(mut schur: Vec<f64>, d: usize, scale: &[f64]) -> Option<Complements> {
    let keep = d <= LARGEST;
    let (mut at, mut diagonal) = (Vec::new(), Vec::with_capacity(d));
    for s in 0..d {
        if keep {
            at.push(schur.clone());
        }
        let pivot = schur[s * d + s];
        if pivot <= 1e-10 * scale[s] {
            return None;
        }
        diagonal.push(pivot);
        let row: Vec<f64> = schur[s * d..(s + 1) * d].to_vec();
        for i in s + 1..d {
            let factor = schur[i * d + s] / pivot;
            for j in s + 1..d {
                schur[i * d + j] -= factor * row[j];
            }
        }
    }
    Some(Complements { d, at, diagonal })
}

impl Complements {
    fn moves(&self, problem: &DagLearning, order: &[usize]) -> Moves {
        let d = self.d;
        let earlier = before(problem, order);
        let mut moves = Moves { insertion: Best::default(), swap: Best::default() };
        let mut sequence = Vec::with_capacity(d);
        for s in 0..d {
            let mut old = self.diagonal[s];
            // The nearest later position that has to stay behind the node at `s`.
            let first_after = (s + 1..d).find(|&k| earlier[k * d + s]).unwrap_or(d);
            for e in s + 1..d {
                old += self.diagonal[e];
                let last_free = (s..e).all(|k| !earlier[e * d + k]);
                let first_free = e < first_after;
                let gain = |sequence: &[usize]| 0.5 * (old - self.window(s, sequence));
                if last_free {
                    sequence.clear();
                    sequence.push(e);
                    sequence.extend(s..e);
                    moves.insertion.see(gain(&sequence), order[e], order[s]);
                }
                if first_free {
                    sequence.clear();
                    sequence.extend(s + 1..=e);
                    sequence.push(s);
                    moves.insertion.see(gain(&sequence), order[s], order[e]);
                }
                if last_free && first_free {
                    sequence.clear();
                    sequence.push(e);
                    sequence.extend(s + 1..e);
                    sequence.push(s);
                    moves.swap.see(gain(&sequence), order[s], order[e]);
                }
            }
        }
        moves
    }

    /// Sum of the residual variances when the positions `sequence` (a window that starts at `s`) are eliminated in this sequence.
    fn window(&self, s: usize, sequence: &[usize]) -> f64 {
        let (d, w) = (self.d, sequence.len());
        let source = &self.at[s];
        let mut a = vec![0.0; w * w];
        for (i, &p) in sequence.iter().enumerate() {
            for (j, &q) in sequence.iter().enumerate().take(i + 1) {
                a[i * w + j] = source[p * d + q];
            }
        }
        let mut sum = 0.0;
        for k in 0..w {
            let pivot = a[k * w + k];
            sum += pivot;
            if pivot <= 0.0 {
                continue;
            }
            let column: Vec<f64> = (k + 1..w).map(|i| a[i * w + k]).collect();
            for i in k + 1..w {
                let factor = column[i - k - 1] / pivot;
                for (entry, other) in a[i * w + k + 1..=i * w + i].iter_mut().zip(&column) {
                    *entry -= factor * other;
                }
            }
        }
        sum
    }
}

/// `before[b * d + a]`: whether knowledge asks that the node at position `a` stands before the one at `b`.
fn before(problem: &DagLearning, order: &[usize]) -> Vec<bool> {
    let d = order.len();
    let mut position = vec![0; d];
    for (k, &node) in order.iter().enumerate() {
        position[node] = k;
    }
    let tier_of = problem.knowledge.tier_of(d);
    let mut before = vec![false; d * d];
    for &(from, to) in problem.knowledge.required() {
        before[position[to] * d + position[from]] = true;
    }
    for a in 0..d {
        for b in 0..d {
            if let (Some(early), Some(late)) = (tier_of[order[a]], tier_of[order[b]])
                && early < late
            {
                before[b * d + a] = true;
            }
        }
    }
    before
}
