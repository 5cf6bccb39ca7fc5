//! The independent checker: the graph by petgraph, the score and its gradient from the data, column by column.

use serde_json::json;

use super::certificate::Certificate;
use super::columns::{Columns, Seen};
use super::comparison::Comparison;
use super::graph::{ancestors, are_edges, is_permutation, positions, topological_order};
use super::instance::DagLearning;
use super::moments::Moments;
use super::observed::Observed;
use super::score::ScoreKind;
use super::solution::WeightedDag;
use super::sortability;
use crate::malformed::{Malformed, Place};
use crate::problem::{Problem as _, Sense};
use crate::verdict::{Certainty, Improvement, Measure, Objective, Property, Verdict, Violation, Witness};

/// A better score counts as one where it is better by more than this share of the score: a weight that is not the best while nothing but rounding shows it
/// contradicts no claim about the score.
const SHARE: f64 = 1e-9;

/// Whether `solution` speaks of this instance's nodes.
pub(super) fn fits(problem: &DagLearning, solution: &WeightedDag) -> Result<(), Malformed> {
    let d = problem.variables();
    are_edges(&solution.edges, d, &Place::root().field("edges"))?;
    if solution.order.is_empty() { Ok(()) } else { is_permutation(&solution.order, d, &Place::root().field("order")) }
}

pub(super) fn check(problem: &DagLearning, solution: &WeightedDag) -> Result<Verdict, Malformed> {
    fits(problem, solution)?;
    let d = problem.variables();
    let mut verdict = Verdict::default();
    let order = acyclic(problem, solution, &mut verdict);
    knowledge(problem, solution, &mut verdict);
    let observed = Observed::of(problem);
    let moments = order.as_ref().and_then(|_| Moments::of_observed(problem, &observed));
    let columns = Columns::of(problem, &observed, moments.as_ref(), &solution.edges);
    let blocked = order.as_ref().map(|order| ancestors(d, order, &solution.edges));
    let Seen { value, gradient, gain } = columns.score(blocked.as_deref());
    if let (Ok(value), Some(witness)) = (value, &gradient.witness)
        && gain > SHARE * value.abs().max(problem.objective_scale(Some(solution)))
    {
        let text = format!("other weights fit better ({})", witness.text);
        verdict.improvements.push(Improvement::nearby(Some(value - gain), Witness::new(text, witness.data.clone())));
    }
    verdict.properties.push(gradient);
    match value {
        Ok(value) => {
            verdict.objective = Some(Objective { name: score_name(problem), value, exact: None, sense: Sense::Minimize });
            if let Some(order) = &order {
                Certificate::of(problem, order, &solution.edges, value, &observed, moments.as_ref()).report(problem, &mut verdict);
            }
        }
        Err(node) => {
            let place = problem.names()[node].clone();
            verdict.violations.push(Violation { what: "the score is a finite number".into(), place, amount: 1.0 });
        }
    }
    if order.is_some() {
        let unexplained = moments.as_ref().and_then(Moments::unexplained);
        verdict.measures.extend(sortability::measures(problem, &solution.edges, "", unexplained.as_deref()));
        if let Some(truth) = problem.truth() {
            verdict.measures.extend(sortability::measures(problem, truth, " of the truth", unexplained.as_deref()));
        }
    }
    verdict.measures.push(Measure { name: "edges".into(), value: solution.edges.len() as f64 });
    if let Some(truth) = problem.truth() {
        Comparison::new(d, &solution.edges, truth).report(&mut verdict);
    }
    Ok(verdict)
}

fn score_name(problem: &DagLearning) -> String {
    match problem.score().kind() {
        ScoreKind::Ev => "least squares".into(),
        ScoreKind::EvEbic => "extended BIC (equal variances)".into(),
        ScoreKind::NvBic => "BIC (a variance per node)".into(),
        ScoreKind::L1 => "l1-penalised least squares".into(),
        ScoreKind::Logistic => "l1-penalised logistic loss".into(),
    }
}

/// Decides acyclicity, and whether the edges follow the order; the order to judge moves by, if there is one.
fn acyclic(problem: &DagLearning, solution: &WeightedDag, verdict: &mut Verdict) -> Option<Vec<usize>> {
    let own = topological_order(problem.variables(), &solution.edges);
    if let Err(component) = &own {
        let mut component = component.clone();
        component.sort_unstable();
        let shown: Vec<&str> = component.iter().take(12).map(|&node| problem.names()[node].as_str()).collect();
        let text = format!("{} nodes reach each other: {}", component.len(), shown.join(", "));
        verdict.violations.push(Violation { what: "no cycle".into(), place: shown.join(", "), amount: 1.0 });
        verdict.properties.push(Property::fails("acyclic", Certainty::Exact, Witness::new(text, json!(component))));
    }
    let own = own.ok()?;
    verdict.properties.push(Property::holds("acyclic", Certainty::Exact));
    if solution.order.is_empty() {
        return Some(own);
    }
    let position = positions(&solution.order);
    let mut follows = true;
    for &(from, to, _) in solution.edges.iter().filter(|&&(from, to, _)| position[from] > position[to]) {
        follows = false;
        let place = arrow(problem, from, to);
        verdict.violations.push(Violation { what: "edges follow the order".into(), place, amount: (position[from] - position[to]) as f64 });
    }
    Some(if follows { solution.order.clone() } else { own })
}

fn arrow(problem: &DagLearning, from: usize, to: usize) -> String {
    format!("{} -> {}", problem.names()[from], problem.names()[to])
}

/// Knowledge speaks of edges, whatever the order: those that have to be there, those that must not, those against time, and how many lead to a node.
fn knowledge(problem: &DagLearning, solution: &WeightedDag, verdict: &mut Verdict) {
    let knowledge = problem.knowledge();
    if knowledge.is_empty() {
        return;
    }
    let before = verdict.violations.len();
    let d = problem.variables();
    let present: std::collections::HashSet<(usize, usize)> = solution.edges.iter().map(|&(from, to, _)| (from, to)).collect();
    let tier_of = knowledge.tier_of(d);
    let mut broken = |what: &str, place: String| verdict.violations.push(Violation { what: what.into(), place, amount: 1.0 });
    for &(from, to) in knowledge.required().iter().filter(|edge| !present.contains(edge)) {
        broken("required edges are there", arrow(problem, from, to));
    }
    for &(from, to) in knowledge.forbidden().iter().filter(|edge| present.contains(edge)) {
        broken("forbidden edges are not there", arrow(problem, from, to));
    }
    let mut parents = vec![0_usize; d];
    for &(from, to, _) in &solution.edges {
        parents[to] += 1;
        if let (Some(early), Some(late)) = (tier_of[from], tier_of[to])
            && early > late
        {
            broken("no edge leads to an earlier tier", arrow(problem, from, to));
        }
    }
    if let Some(most) = knowledge.max_parents() {
        for node in (0..d).filter(|&node| parents[node] > most) {
            broken(&format!("at most {most} parents"), problem.names()[node].clone());
        }
    }
    verdict.properties.push(match verdict.violations.get(before) {
        None => Property::holds("knowledge", Certainty::Exact),
        Some(first) => {
            let text = format!("{}: {} is broken", first.place, first.what);
            Property::fails("knowledge", Certainty::Exact, Witness::new(text, serde_json::Value::Null))
        }
    });
}
