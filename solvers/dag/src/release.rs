//! The KKT conditions beyond an order: edges against the order that close no cycle and would lower the score.
//!
//! Weights that are best for an order are stationary in every entry that the order allows. An entry (i, j) with `i` after `j` is free as well if `j` does
//! not reach `i`; where its gradient exceeds the l1 term, some order that the graph follows puts `i` before `j`, and its best weights are better
//! (Wei, Gao, Yu 2020; the set `Y(W, 0, 0)` of Deng et al. 2023).

use fixedbitset::FixedBitSet;

use crate::clock::Clock;
use crate::local_score::{LocalScore as _, ProblemScore};
use crate::precedence::Precedence;

/// Gradients beyond the l1 term up to this size, relative to the scale of the two columns, count as zero: a tenth of what the checker allows.
const GRADIENT: f64 = 1e-7;

/// Parents and weights of every node.
pub(crate) type Fits = Vec<Vec<(usize, f64)>>;

/// The fits of every node on the earlier ones; `None` where there is no time for them.
pub(crate) fn fits(score: &ProblemScore<'_>, order: &[usize], clock: &Clock<'_>) -> Option<Fits> {
    let mut fits = vec![Vec::new(); order.len()];
    for (k, &node) in order.iter().enumerate() {
        let mut before = order[..k].to_vec();
        before.sort_unstable();
        fits[node] = score.fit(node, &before);
        // A fit that was cut short is none.
        if !clock.may_go_on() {
            return None;
        }
    }
    Some(fits)
}

/// An order that the graph of `fits` (which follows `order`) follows as well, with the edge of the largest such gradient in front; `None` where there is
/// none, so that the weights are a KKT point.
pub(crate) fn released(score: &ProblemScore<'_>, order: &[usize], fits: &Fits, precedence: Option<&Precedence>) -> Option<Vec<usize>> {
    let d = order.len();
    let mut position = vec![0; d];
    for (k, &node) in order.iter().enumerate() {
        position[node] = k;
    }
    let reached = descendants(order, fits, precedence);
    let mut worst: Option<(f64, usize, usize)> = None;
    for &to in order {
        let pulls = score.pulls(to, &fits[to]);
        for &from in &order[position[to] + 1..] {
            let violation = (pulls[from].abs() - score.lambda()) / score.gradient_scale(from, to);
            let free = !reached[to].contains(from) && !score.is_forbidden(from, to);
            if free && violation > worst.map_or(GRADIENT, |worst| worst.0) {
                worst = Some((violation, from, to));
            }
        }
    }
    let (_, from, to) = worst?;
    // Between the two, what `to` reaches follows behind `from`, with `to` in front.
    let (start, end) = (position[to], position[from]);
    let behind = |node: &usize| *node == to || reached[to].contains(*node);
    let window = &order[start..=end];
    let mut released = order.to_vec();
    let rearranged = window.iter().filter(|node| !behind(node)).chain(window.iter().filter(|node| behind(node)));
    for (place, &node) in released[start..=end].iter_mut().zip(rearranged) {
        *place = node;
    }
    Some(released)
}

/// Whether the fits themselves are stationary: a fit that ended early is not.
pub(crate) fn are_stationary(score: &ProblemScore<'_>, fits: &Fits) -> bool {
    fits.iter().enumerate().all(|(to, parents)| {
        let pulls = score.pulls(to, parents);
        parents.iter().all(|&(from, weight)| {
            let residual =
                if weight == 0.0 { pulls[from].abs() - score.lambda() } else { (pulls[from] - score.lambda() * weight.signum()).abs() };
            residual <= GRADIENT * score.gradient_scale(from, to)
        })
    })
}

/// For every node, the nodes that it reaches by edges (weights other than 0 or not) and by what has to stand before what.
fn descendants(order: &[usize], fits: &Fits, precedence: Option<&Precedence>) -> Vec<FixedBitSet> {
    let d = order.len();
    let mut children = vec![Vec::new(); d];
    for (to, parents) in fits.iter().enumerate() {
        for &(from, _) in parents {
            children[from].push(to);
        }
    }
    let mut reached = vec![FixedBitSet::with_capacity(d); d];
    for &node in order.iter().rev() {
        let mut own = FixedBitSet::with_capacity(d);
        for &child in &children[node] {
            own.insert(child);
            own.union_with(&reached[child]);
        }
        if let Some(precedence) = precedence {
            for later in (0..d).filter(|&later| precedence.is_before(node, later)) {
                own.insert(later);
                own.union_with(&reached[later]);
            }
        }
        reached[node] = own;
    }
    reached
}
