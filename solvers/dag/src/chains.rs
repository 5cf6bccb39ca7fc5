//! Chains of descents and kicks, each from a start of its own.

use std::sync::atomic::{AtomicU64, Ordering};

use fathom_opt_core::{Counters, Progress, Run};
use fathom_opt_problems::dag_learning::WeightedDag;
use rand::RngExt;

use crate::descent::{self, Course, Neighbourhood};
use crate::local_score::{LocalScore, ProblemScore};
use crate::local_search::{self, Costs};
use crate::moments::Moments;
use crate::order_factor::OrderFactor;
use crate::precedence::Precedence;
use crate::release::released;
use crate::sparse_descent::SparseOrder;
use crate::starts::random;

/// Where a chain starts.
#[derive(Clone)]
pub(crate) enum Origin {
    Order(Vec<usize>),
    Random(u64),
}

/// Where a chain ended.
pub(crate) struct Chain {
    pub(crate) order: Vec<usize>,
    pub(crate) score: f64,
    /// Scores that differ by less are the same.
    pub(crate) least: f64,
    /// The graph that goes with the order, where the search kept one.
    pub(crate) graph: Option<WeightedDag>,
    pub(crate) course: Course,
}

/// How orders are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    /// Least squares on all predecessors: gains in closed form.
    Dense,
    /// BIC with a variance per node: nodes keep their parents.
    Sparse,
    /// Anything else: node costs, remembered.
    Costs,
}

/// What all chains share.
pub(crate) struct Search<'a> {
    pub(crate) moments: &'a Moments,
    pub(crate) score: &'a ProblemScore<'a>,
    pub(crate) precedence: Option<&'a Precedence>,
    pub(crate) method: Method,
    /// Whether the score has KKT points that an order can miss.
    pub(crate) convex: bool,
    pub(crate) kicks: u64,
    pub(crate) hood: Neighbourhood,
    /// Chains in all, and those that have ended: for whoever watches.
    pub(crate) chains: u64,
    pub(crate) finished: AtomicU64,
    pub(crate) run: &'a Run,
}

impl Search<'_> {
    /// The chain that starts at `origin`; `None` where it is not begun because the run has to stop.
    pub(crate) fn chain(&self, index: usize, origin: &Origin) -> Option<Chain> {
        // The first chain always runs, so that there is an answer; later ones only while there is time.
        if index > 0 && self.run.should_stop(&Counters::default()).is_some() {
            return None;
        }
        let mut course = Course::default();
        let (start, name) = match origin {
            Origin::Order(order) => (order.clone(), format!("start {index}")),
            Origin::Random(number) => {
                let name = format!("restart {number}");
                (random(self.moments.variables(), self.precedence, &mut self.run.stream(&name)), name)
            }
        };
        let mut kicks = self.run.stream(&format!("{name} kicks"));
        let (order, score, least, graph) = match self.method {
            Method::Dense => {
                let (order, score) = self.dense(start, &mut kicks, &mut course);
                (order, score, 0.0, None)
            }
            Method::Sparse => {
                let best = self.sparse(start, &mut kicks, &mut course);
                (best.order().to_vec(), best.score(), best.least(), Some(best.graph()))
            }
            Method::Costs => {
                let (order, score) = self.local(start, &mut kicks, &mut course);
                (order, score, 0.0, None)
            }
        };
        let done = self.finished.fetch_add(1, Ordering::Relaxed) + 1;
        self.run.report(&Progress { done, total: Some(self.chains), objective: Some(score), bound: None });
        Some(Chain { order, score, least, graph, course })
    }

    fn dense(&self, start: Vec<usize>, rng: &mut impl RngExt, course: &mut Course) -> (Vec<usize>, f64) {
        let hood = self.hood;
        let mut factor = OrderFactor::new(self.moments, start);
        descent::descend(&mut factor, self.precedence, hood, self.run, course);
        let mut best = (factor.order().to_vec(), factor.score());
        for _ in 0..self.kicks {
            if course.stopped.is_some() {
                break;
            }
            factor.reset(kicked(&best.0, self.precedence, rng));
            let mut trial = Course { counters: course.counters.clone(), ..Course::default() };
            descent::descend(&mut factor, self.precedence, hood, self.run, &mut trial);
            course.counters = trial.counters;
            // A kick that was cut short changes nothing: what stands was reached by a descent that ended.
            if trial.stopped.is_none() && factor.score() < best.1 * (1.0 - descent::LEAST_GAIN) {
                best = (factor.order().to_vec(), factor.score());
                course.scores.push(best.1);
            }
            course.cut_short = self.run.should_stop(&course.counters);
            if course.cut_short.is_some() {
                break;
            }
        }
        best
    }

    fn sparse(&self, start: Vec<usize>, rng: &mut impl RngExt, course: &mut Course) -> SparseOrder<'_> {
        let mut best = SparseOrder::new(self.score, start);
        best.descend(self.precedence, self.run, course);
        for _ in 0..self.kicks {
            course.cut_short = self.run.should_stop(&course.counters);
            if course.stopped.is_some() || course.cut_short.is_some() {
                break;
            }
            let mut other = best.clone();
            other.rearrange(kicked(best.order(), self.precedence, rng));
            let mut trial = Course { counters: course.counters.clone(), ..Course::default() };
            other.descend(self.precedence, self.run, &mut trial);
            course.counters = trial.counters;
            if trial.stopped.is_none() && best.score() - other.score() > best.least() {
                best = other;
                course.scores.push(best.score());
            }
        }
        best
    }

    /// Descents until the weights are a KKT point: each that ends releases the pair that breaks the conditions most.
    fn descend_to_kkt(&self, costs: &mut Costs<'_>, order: &mut Vec<usize>, course: &mut Course) -> f64 {
        let mut score = local_search::descend(costs, order, self.precedence, self.run, course);
        while self.convex && course.stopped.is_none() {
            let mut fits = vec![Vec::new(); order.len()];
            for (k, &node) in order.iter().enumerate() {
                let mut before = order[..k].to_vec();
                before.sort_unstable();
                fits[node] = self.score.fit(node, &before);
            }
            let Some(mut other) = released(self.score, order, &fits, self.precedence) else {
                course.stationary = true;
                break;
            };
            if costs.of_order(&other) >= score {
                break;
            }
            course.counters.add("released pairs", 1);
            score = local_search::descend(costs, &mut other, self.precedence, self.run, course);
            *order = other;
        }
        score
    }

    fn local(&self, mut order: Vec<usize>, rng: &mut impl RngExt, course: &mut Course) -> (Vec<usize>, f64) {
        let mut costs = Costs::new(self.score);
        let mut score = self.descend_to_kkt(&mut costs, &mut order, course);
        for _ in 0..self.kicks {
            if course.stopped.is_some() {
                break;
            }
            let mut trial_order = kicked(&order, self.precedence, rng);
            let mut trial = Course { counters: course.counters.clone(), ..Course::default() };
            let value = self.descend_to_kkt(&mut costs, &mut trial_order, &mut trial);
            course.counters = trial.counters;
            if trial.stopped.is_none() && score - value > descent::LEAST_GAIN * score.abs() {
                (order, score) = (trial_order, value);
                course.stationary = trial.stationary;
                course.scores.push(score);
            }
            course.cut_short = self.run.should_stop(&course.counters);
            if course.cut_short.is_some() {
                break;
            }
        }
        (order, score)
    }
}

/// `order` with `round(ln d)` random pairs exchanged (the perturbation of FLOP).
fn kicked(order: &[usize], precedence: Option<&Precedence>, rng: &mut impl RngExt) -> Vec<usize> {
    let d = order.len();
    let mut kicked = order.to_vec();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small number, at least 0")]
    let count = (d as f64).ln().round().max(1.0) as usize;
    for _ in 0..count {
        kicked.swap(rng.random_range(0..d), rng.random_range(0..d));
    }
    precedence.map_or_else(|| kicked.clone(), |precedence| precedence.repair(&kicked))
}
