//! Chains of descents and kicks, each from a start of its own.

use std::sync::atomic::{AtomicU64, Ordering};

use fathom_opt_core::Progress;
use fathom_opt_problems::dag_learning::WeightedDag;
use rand::RngExt;

use crate::clock::Clock;
use crate::course::{Course, LEAST_GAIN};
use crate::descent::{self, Neighbourhood};
use crate::gram::Gram;
use crate::local_score::ProblemScore;
use crate::local_search::{self, Costs};
use crate::moments::Moments;
use crate::number::Number;
use crate::order_factor::OrderFactor;
use crate::precedence::Precedence;
use crate::release::{are_stationary, fits, released};
use crate::sparse_descent::SparseOrder;
use crate::starts::random;

/// Where a chain starts.
pub(crate) enum Origin {
    Order(Vec<usize>),
    Random(u64),
}

/// Where a chain ended.
pub(crate) struct Chain {
    pub(crate) order: Vec<usize>,
    pub(crate) score: f64,
    /// Scores that differ by no more are the same.
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
    /// The best score so far, as bits: likewise.
    pub(crate) incumbent: AtomicU64,
    pub(crate) clock: &'a Clock<'a>,
}

impl Search<'_> {
    /// The chain that starts at `origin`; `None` where it is not begun because the run has to stop.
    pub(crate) fn chain(&self, index: u64, origin: Origin) -> Option<Chain> {
        // The first chain always runs, so that there is an answer; later ones only while there is time.
        if index > 0 && self.clock.stop().is_some() {
            return None;
        }
        self.report();
        let mut course = Course::default();
        let (start, name) = match origin {
            Origin::Order(order) => (order, format!("start {index}")),
            Origin::Random(number) => {
                let name = format!("restart {number}");
                (random(self.moments.variables(), self.precedence, &mut self.clock.run().stream(&name)), name)
            }
        };
        let mut kicks = self.clock.run().stream(&format!("{name} kicks"));
        let (order, score, least, graph) = match self.method {
            Method::Dense => {
                let (order, score) = self.dense(start, &mut kicks, &mut course);
                (order, score, 0.0, None)
            }
            Method::Sparse => match self.moments.precise() {
                Some(gram) => self.sparse(gram, start, &mut kicks, &mut course),
                None => self.sparse(self.moments.plain(), start, &mut kicks, &mut course),
            },
            Method::Costs => {
                let (order, score) = self.local(start, &mut kicks, &mut course);
                (order, score, 0.0, None)
            }
        };
        self.finished.fetch_add(1, Ordering::Relaxed);
        self.note(score);
        Some(Chain { order, score, least, graph, course })
    }

    /// Takes note of a score that was reached, and tells whoever watches.
    fn note(&self, score: f64) {
        let smaller = |known: u64| (score < f64::from_bits(known)).then(|| score.to_bits());
        // Whoever else has a better one at the same moment keeps it.
        let _ = self.incumbent.fetch_update(Ordering::Relaxed, Ordering::Relaxed, smaller);
        self.report();
    }

    fn report(&self) {
        self.clock.report(|| {
            let best = f64::from_bits(self.incumbent.load(Ordering::Relaxed));
            let objective = best.is_finite().then(|| best + self.score.offset());
            Progress { done: self.finished.load(Ordering::Relaxed), total: Some(self.chains), objective, bound: None }
        });
    }

    fn dense(&self, start: Vec<usize>, rng: &mut impl RngExt, course: &mut Course) -> (Vec<usize>, f64) {
        let (hood, run) = (self.hood, self.clock.run());
        let Some(mut factor) = OrderFactor::within(self.moments, start.clone(), self.clock) else {
            course.stopped = self.clock.stop();
            return (start, f64::INFINITY);
        };
        descent::descend(&mut factor, self.precedence, hood, run, course);
        let mut best = (factor.order().to_vec(), factor.score());
        self.note(best.1);
        for _ in 0..self.kicks {
            if course.stopped.is_some() {
                break;
            }
            factor.reset(kicked(&best.0, self.precedence, rng));
            let mut trial = Course { counters: course.counters.clone(), ..Course::default() };
            descent::descend(&mut factor, self.precedence, hood, run, &mut trial);
            course.counters = trial.counters;
            // A kick that was cut short changes nothing: what stands was reached by a descent that ended.
            if trial.stopped.is_none() && factor.score() < best.1 * (1.0 - LEAST_GAIN) {
                best = (factor.order().to_vec(), factor.score());
                course.scores.push(best.1);
            }
            self.note(best.1);
            course.cut_short = run.should_stop(&course.counters);
            if course.cut_short.is_some() {
                break;
            }
        }
        best
    }

    fn sparse<N: Number>(
        &self,
        gram: Gram<'_, N>,
        start: Vec<usize>,
        rng: &mut impl RngExt,
        course: &mut Course,
    ) -> (Vec<usize>, f64, f64, Option<WeightedDag>) {
        let mut best = SparseOrder::new(self.score, gram, self.clock, start);
        best.descend(self.precedence, course);
        self.note(best.score());
        for _ in 0..self.kicks {
            course.cut_short = self.clock.run().should_stop(&course.counters);
            if course.stopped.is_some() || course.cut_short.is_some() {
                break;
            }
            let mut other = best.clone();
            other.rearrange(kicked(best.order(), self.precedence, rng));
            let mut trial = Course { counters: course.counters.clone(), ..Course::default() };
            other.descend(self.precedence, &mut trial);
            course.counters = trial.counters;
            if trial.stopped.is_none() && best.score() - other.score() > best.least() {
                best = other;
                course.scores.push(best.score());
            }
            self.note(best.score());
        }
        (best.order().to_vec(), best.score(), best.least(), Some(best.graph()))
    }

    /// Descents until the weights are a KKT point: each that ends releases the pair that breaks the conditions most.
    fn descend_to_kkt(&self, costs: &mut Costs<'_>, order: &mut Vec<usize>, course: &mut Course) -> f64 {
        let mut score = local_search::descend(costs, order, self.precedence, 0.0, course);
        self.note(score);
        while self.convex && course.stopped.is_none() {
            let Some(fits) = fits(self.score, order, self.clock) else {
                course.stopped = self.clock.stop();
                break;
            };
            let Some(mut other) = released(self.score, order, &fits, self.precedence) else {
                course.stationary = are_stationary(self.score, &fits);
                break;
            };
            match costs.of_order(&other) {
                None => {
                    course.stopped = self.clock.stop();
                    break;
                }
                Some(value) if value >= score => break,
                Some(_) => {}
            }
            course.counters.add("released pairs", 1);
            score = local_search::descend(costs, &mut other, self.precedence, 0.0, course);
            *order = other;
            self.note(score);
        }
        score
    }

    fn local(&self, mut order: Vec<usize>, rng: &mut impl RngExt, course: &mut Course) -> (Vec<usize>, f64) {
        let mut costs = Costs::new(self.score, self.clock);
        let mut score = self.descend_to_kkt(&mut costs, &mut order, course);
        for _ in 0..self.kicks {
            if course.stopped.is_some() {
                break;
            }
            let mut trial_order = kicked(&order, self.precedence, rng);
            let mut trial = Course { counters: course.counters.clone(), ..Course::default() };
            let value = self.descend_to_kkt(&mut costs, &mut trial_order, &mut trial);
            course.counters = trial.counters;
            if trial.stopped.is_none() && score - value > LEAST_GAIN * score.abs() {
                (order, score) = (trial_order, value);
                course.stationary = trial.stationary;
                course.scores.push(score);
            }
            course.cut_short = self.clock.run().should_stop(&course.counters);
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
