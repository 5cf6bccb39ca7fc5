//! Whether any single move of a node improves: every re-insertion of one node and every exchange of two, each recomputed from the data.

mod all_sets;
mod convex;
mod dense;
mod greedy;
mod moves;
mod parent_sets;
mod regressions;
#[cfg(test)]
mod tests;
mod walk;

use super::diagnostics;
use super::instance::DagLearning;
use super::moments::{Moments, REGULAR};
use super::observed::Observed;
use super::score::ScoreKind;
use super::solution::Edge;
use crate::verdict::{Certainty, Improvement, Measure, Property, Verdict, Witness};
use all_sets::AllSets;
use moves::{Before, Best, Found};
use parent_sets::ParentSets;
use regressions::Regressions;

/// An improvement below this share of the score is rounding.
const TOLERANCE: f64 = 1e-9;

/// Multiply-adds that may be spent on one of the two properties, whatever the size of the instance: some tenths of a second.
const WORK: f64 = 3e8;

/// A variable of whose variance the others leave less than this share makes sums of residual variances lose more digits than the tolerance allows.
const BEARABLE: f64 = 1e-8;

/// The names of the two properties.
const NAMES: [&str; 2] = ["insertion-optimal", "swap-optimal"];

/// The measure that orders are compared by under least squares.
const ORDER_SCORE: &str = "least squares of the order";

const TOO_MANY_DATA: &str = "too many data to look at every move";

/// Multiply-adds that may be spent on one of the two properties. Any solver takes the moments of the data (`n d^2`) and factors them (`d^3`); so may the
/// checker, several times, so that it takes a share of the time that a solve takes.
fn work(problem: &DagLearning) -> f64 {
    let (n, d) = (problem.sample().observations() as f64, problem.variables() as f64);
    (WORK + 4.0 * d.powi(3) + n * d * d).min(1e10)
}

/// What was found about one order.
pub(super) struct Certificate {
    /// Half the sum of the residual variances, every node regressed on all earlier ones.
    order_score: Option<f64>,
    /// What gains are measured against.
    scale: f64,
    /// The solution's score.
    value: f64,
    /// By re-insertions, by exchanges.
    found: [Found; 2],
}

impl Certificate {
    /// The moves of `order`, which the `edges` follow; `value` is the solution's score.
    pub(super) fn of(
        problem: &DagLearning,
        order: &[usize],
        edges: &[Edge],
        value: f64,
        observed: &Observed<'_>,
        moments: Option<&Moments>,
    ) -> Self {
        let Some(moments) = moments else {
            return Self { order_score: None, scale: 1.0, value, found: Found::nothing(TOO_MANY_DATA) };
        };
        let (kind, work) = (problem.score().kind(), work(problem));
        let order_score = if kind == ScoreKind::Logistic { None } else { dense::order_score(moments, order, work) };
        let scale = match kind {
            ScoreKind::Ev | ScoreKind::EvEbic => order_score.unwrap_or(value.abs()),
            // Logarithms may add up to 0; their natural unit is the number of observations.
            ScoreKind::NvBic => value.abs().max(moments.observations() as f64),
            ScoreKind::L1 | ScoreKind::Logistic => value.abs(),
        };
        let by_tiers = follows_tiers(problem, order);
        let before = Before::of(problem.knowledge(), order, by_tiers);
        let sets = ParentSets::new(problem, by_tiers);
        let found = if matches!(kind, ScoreKind::Ev | ScoreKind::EvEbic) && !sets.are_limited() {
            match order_score {
                None => Found::nothing("some columns are linear combinations of others"),
                Some(_) => dense::moves(moments, order, &before, work),
            }
        } else if kind == ScoreKind::EvEbic {
            // With equal variances the order is judged by fit alone, whatever the graph's own criterion.
            Found::nothing("not decided under forbidden edges or a limit on parents")
        } else {
            Self::chosen(problem, (order, edges), (observed, moments), (&sets, &before), work)
        };
        let found = found.map(|found| found.because(walk::UNSURE, || diagnostics::dependent(problem, moments)));
        Self { order_score, scale, value, found }
    }

    /// The moves where a node's parents are chosen: among all earlier nodes that it may have, or as many as it may have.
    fn chosen(
        problem: &DagLearning,
        (order, edges): (&[usize], &[Edge]),
        (observed, moments): (&Observed<'_>, &Moments),
        (sets, before): (&ParentSets, &Before),
        work: f64,
    ) -> [Found; 2] {
        let kind = problem.score().kind();
        // Least squares alone bear columns that leave less of each other than BIC does, whose logarithms enlarge what rounding does to small variances.
        let regressions = || Regressions::new(moments, observed, if kind == ScoreKind::NvBic { REGULAR } else { BEARABLE }, work);
        match kind {
            ScoreKind::L1 if sets.most() == usize::MAX => {
                walk::moves(&convex::Lasso::new(moments, sets, problem, work), order, before, None, work)
            }
            ScoreKind::Logistic if sets.most() == usize::MAX => {
                walk::moves(&convex::Logistic::new(problem, sets, work), order, before, None, work)
            }
            ScoreKind::L1 => {
                let cost = convex::Lasso::new(moments, sets, problem, work);
                all_sets::moves(&AllSets::new(&cost, sets, work), (order, edges), before, work)
            }
            ScoreKind::Logistic => {
                let cost = convex::Logistic::new(problem, sets, work);
                all_sets::moves(&AllSets::new(&cost, sets, work), (order, edges), before, work)
            }
            ScoreKind::Ev | ScoreKind::EvEbic | ScoreKind::NvBic => match regressions() {
                None => Found::nothing("too many data to regress nearly dependent columns on each other"),
                Some(regressions) if kind != ScoreKind::NvBic => {
                    let cost = convex::LeastSquares::new(&regressions, sets);
                    if sets.most() == usize::MAX {
                        walk::moves(&cost, order, before, None, work)
                    } else {
                        all_sets::moves(&AllSets::new(&cost, sets, work), (order, edges), before, work)
                    }
                }
                Some(regressions) => {
                    let bic = greedy::Bic::new(problem, &regressions);
                    let all = AllSets::new(&bic, sets, work);
                    if all.is_complete() {
                        all_sets::moves(&all, (order, edges), before, work)
                    } else {
                        greedy::moves(&bic, sets, (order, edges), before, work)
                    }
                }
            },
        }
    }

    /// Adds the two properties to the verdict, and every move that improves to its improvements: a re-insertion as one nearby.
    pub(super) fn report(&self, problem: &DagLearning, verdict: &mut Verdict) {
        if let Some(value) = self.order_score {
            verdict.measures.push(Measure { name: ORDER_SCORE.into(), value });
        }
        for (name, found) in NAMES.into_iter().zip(&self.found) {
            let undecided = |why: &str| Property::undecided(name, Witness::new(why, serde_json::Value::Null));
            let (best, open) = match found {
                Found::All(best) if best.undefined => (best, Some("some moves lead to numbers that are not finite")),
                Found::All(best) => (best, None),
                Found::Some(best, why) => (best, Some(why.as_str())),
                Found::Nothing(why) => {
                    verdict.properties.push(undecided(why));
                    continue;
                }
            };
            let least = TOLERANCE * self.scale.max(f64::MIN_POSITIVE);
            verdict.properties.push(if best.gain > least {
                let witness = witness(problem, name, best);
                verdict.improvements.push(self.improvement(problem, name, best, witness.clone()));
                Property::fails(name, Certainty::Within(TOLERANCE), witness)
            } else if let Some(why) = open {
                undecided(why)
            } else {
                Property::holds(name, Certainty::Within(TOLERANCE))
            });
        }
    }

    fn improvement(&self, problem: &DagLearning, name: &str, best: &Best, witness: Witness) -> Improvement {
        let by_order = problem.score().kind() == ScoreKind::EvEbic;
        // Weights that are not the best of their order are improved by more than the order is.
        let value = if by_order { self.order_score.map(|score| score - best.gain) } else { Some(self.value - best.gain) };
        let found = if name == NAMES[0] { Improvement::nearby(value, witness) } else { Improvement::elsewhere(value, witness) };
        if by_order { found.of_measure(ORDER_SCORE) } else { found }
    }
}

fn witness(problem: &DagLearning, name: &str, best: &Best) -> Witness {
    let score = match problem.score().kind() {
        ScoreKind::Ev | ScoreKind::EvEbic => "least squares",
        ScoreKind::NvBic | ScoreKind::L1 | ScoreKind::Logistic => "the score",
    };
    let (first, last) = (&problem.names()[best.first], &problem.names()[best.last]);
    let text = if best.first == best.last {
        format!("other parents of {first} improve {score} by {:.3e}", best.gain)
    } else if name == NAMES[0] {
        format!("moving {first} to the place of {last} improves {score} by {:.3e}", best.gain)
    } else {
        format!("exchanging {first} and {last} improves {score} by {:.3e}", best.gain)
    };
    Witness::new(text, serde_json::json!({ "gain": best.gain, "nodes": [best.first, best.last] }))
}

/// Whether every node is in a tier and `order` takes one tier after another: moves then stay within tiers. Otherwise tiers are forbidden edges.
fn follows_tiers(problem: &DagLearning, order: &[usize]) -> bool {
    let tier_of = problem.knowledge().tier_of(order.len());
    problem.knowledge().is_layered(order.len()) && order.windows(2).all(|pair| tier_of[pair[0]] <= tier_of[pair[1]])
}
