//! The graph that a search was given: what it returns is never worse.

use fathom_opt_problems::dag_learning::{DagLearning, Edge, WeightedDag};

use crate::evaluate::evaluate;
use crate::local_score::ProblemScore;
use crate::moments::Moments;
use crate::starts::{acyclic_part, topological};

/// The instance's start as a solution, without its weakest edges on cycles and with the better of its own and refitted weights, and its score; `None` where
/// the start is no graph, or knowledge forbids it.
pub(crate) fn given_graph(problem: &DagLearning, moments: &Moments, score: &ProblemScore<'_>) -> Option<(WeightedDag, f64)> {
    let edges = acyclic_part(problem.variables(), problem.start()?.edges()?);
    if !honours(problem, &edges) {
        return None;
    }
    let order = topological(problem.variables(), &edges)?;
    let mut parents = vec![Vec::new(); problem.variables()];
    for &(from, to, _) in &edges {
        parents[to].push(from);
    }
    let refitted: Vec<Edge> = order
        .iter()
        .flat_map(|&node| {
            let weights = score.refit(node, &parents[node]);
            parents[node].iter().zip(weights).map(move |(&from, weight)| (from, node, weight)).collect::<Vec<_>>()
        })
        .collect();
    let both = [edges, refitted].map(|edges| (evaluate(problem, moments, &edges), edges));
    let (value, edges) = both.into_iter().min_by(|a, b| a.0.total_cmp(&b.0))?;
    Some((WeightedDag { order, edges }, value))
}

/// Whether a graph is what knowledge allows.
fn honours(problem: &DagLearning, edges: &[Edge]) -> bool {
    let knowledge = problem.knowledge();
    let tier_of = knowledge.tier_of(problem.variables());
    let mut parents = vec![0; problem.variables()];
    let mut there: Vec<(usize, usize)> = edges.iter().map(|&(from, to, _)| (from, to)).collect();
    there.sort_unstable();
    for &(_, to) in &there {
        parents[to] += 1;
    }
    let in_time = |&(from, to): &(usize, usize)| !matches!((tier_of[from], tier_of[to]), (Some(late), Some(early)) if late > early);
    knowledge.required().iter().all(|edge| there.binary_search(edge).is_ok())
        && there.iter().all(|edge| in_time(edge) && knowledge.forbidden().binary_search(edge).is_err())
        && knowledge.max_parents().is_none_or(|most| parents.iter().all(|&count| count <= most))
}
