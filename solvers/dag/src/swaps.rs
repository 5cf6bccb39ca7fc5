//! The search of the published method: trials of exchanges, applied where they improve and do not overlap.

use fathom_opt_core::{Outcome, Progress, Status, Stop, Trace};
use fathom_opt_problems::dag_learning::{ScoreKind, WeightedDag};
use fixedbitset::FixedBitSet;

use crate::candidate_sets::{CandidateSets, Candidates, Pair, Rule};
use crate::course::Course;
use crate::local_score::ProblemScore;
use crate::local_search::{Costs, is_insertion_optimal};
use crate::number::settled;
use crate::path_strength::path_strengths;
use crate::prune::Pruning;
use crate::release::{Fits, are_stationary, fits, released};
use crate::sparse_descent::least_gain;
use crate::task::{Task, ended};

/// Improvements below this share of the loss are rounding; the authors' code has no tolerance and can cycle.
const ROUNDING: f64 = 1e-13;

/// Up to this many variables every re-insertion is looked at in the end, to see whether one improves.
const LOOKED_AT: usize = 64;

/// How many pairs are tried.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sizes {
    pub(crate) small: usize,
    pub(crate) large: usize,
    /// How often the large set may succeed.
    pub(crate) large_searches: u64,
}

/// What the options say about the search.
pub(crate) struct Rules<'a> {
    pub(crate) sizes: Sizes,
    pub(crate) rule: Rule<'a>,
    pub(crate) xi: f64,
    pub(crate) log_det_s: f64,
    pub(crate) reinsert: bool,
}

/// The state between iterations.
pub(crate) struct Swaps<'a> {
    task: &'a Task<'a>,
    score: &'a ProblemScore<'a>,
    rules: Rules<'a>,
    costs: Costs<'a>,
    order: Vec<usize>,
    loss: f64,
    /// The last order whose nodes were all fitted, with the fits.
    fitted: Option<(Vec<usize>, Fits)>,
    /// Whether the order's weights were seen to be a KKT point.
    stationary: bool,
    /// Improvements below this are rounding.
    least: f64,
    course: Course,
}

/// A trial: the positions, the order it leads to within them, and the loss.
struct Trial {
    first: usize,
    last: usize,
    window: Vec<usize>,
    loss: f64,
}

impl<'a> Swaps<'a> {
    /// A search from `order`.
    pub(crate) fn new(task: &'a Task<'a>, score: &'a ProblemScore<'a>, rules: Rules<'a>, order: Vec<usize>) -> Self {
        let least = if score.kind() == ScoreKind::NvBic { least_gain(score) } else { 0.0 };
        Self {
            task,
            score,
            rules,
            costs: Costs::new(score, task.clock()),
            order,
            loss: f64::INFINITY,
            fitted: None,
            stationary: false,
            least,
            course: Course::default(),
        }
    }

    /// The small candidate set, and what the large one has beyond it.
    fn candidate_pairs(&mut self) -> Result<CandidateSets, Stop> {
        let d = self.order.len();
        let (options, sizes) = (&self.rules, self.rules.sizes);
        let fits = self.fits()?;
        let strengths = path_strengths(&self.weights_by_position(&fits), options.log_det_s);
        let ranges = self.task.precedence().map(|precedence| precedence.ranges(&self.order));
        let allowed = |a: usize, b: usize| ranges.as_ref().is_none_or(|ranges| ranges[b].0 <= a && ranges[a].1 >= b);
        let scale_free = self.score.kind() == ScoreKind::NvBic;
        // Gradients only where they matter.
        let by_gradient = options.rule.candidates == Candidates::TauGrid || options.xi > 0.0;
        let mut pairs: Vec<Pair> = Vec::new();
        for a in 0..d {
            let node = self.order[a];
            let pulls = if by_gradient { self.score.pulls(node, &fits[node]) } else { Vec::new() };
            for b in (a + 1..d).filter(|&b| allowed(a, b)) {
                let gradient = pulls.get(self.order[b]).map_or(f64::INFINITY, |pull| pull.abs());
                if gradient > options.xi {
                    let strength = if scale_free { settled(strengths[a * d + b]) } else { strengths[a * d + b] };
                    pairs.push(Pair { strength, gradient, a, b });
                }
            }
        }
        let sets = self.rules.rule.sets(pairs, sizes.small, sizes.large);
        self.fitted = Some((self.order.clone(), fits));
        Ok(sets)
    }

    /// Parents and weights of every node, of the order at hand.
    fn fits(&self) -> Result<Fits, Stop> {
        if let Some((order, fits)) = &self.fitted
            && *order == self.order
        {
            return Ok(fits.clone());
        }
        fits(self.score, &self.order, self.task.clock()).map_or_else(|| Err(self.stop()), Ok)
    }

    /// Why a cost or a fit did not come.
    fn stop(&self) -> Stop {
        self.task.clock().stop().unwrap_or(Stop::Interrupted)
    }

    /// The cost of a node; an error where the time is over.
    fn cost(&mut self, node: usize, before: &FixedBitSet) -> Result<f64, Stop> {
        self.costs.of(node, before).map_or_else(|| Err(self.stop()), Ok)
    }

    fn cost_of_order(&mut self, order: &[usize]) -> Result<f64, Stop> {
        self.costs.of_order(order).map_or_else(|| Err(self.stop()), Ok)
    }

    /// The weights of every position on the earlier ones.
    fn weights_by_position(&self, fits: &Fits) -> Vec<Vec<f64>> {
        let mut position = vec![0; self.order.len()];
        for (k, &node) in self.order.iter().enumerate() {
            position[node] = k;
        }
        self.order
            .iter()
            .enumerate()
            .map(|(k, &node)| {
                let mut row = vec![0.0; k];
                for &(parent, weight) in &fits[node] {
                    row[position[parent]] = self.in_deviations(parent, node, weight);
                }
                row
            })
            .collect()
    }

    /// The weight, or under a score that does not depend on units the one that standardised variables have.
    fn in_deviations(&self, parent: usize, node: usize, weight: f64) -> f64 {
        if self.score.kind() != ScoreKind::NvBic {
            return weight;
        }
        let deviation = |k: usize| self.score.moments().covariance(k, k).sqrt();
        if deviation(node) > 0.0 { settled(weight * (deviation(parent) / deviation(node))) } else { 0.0 }
    }

    /// The loss after the positions from `first` on take the nodes of `window`.
    fn trial(&mut self, first: usize, window: Vec<usize>) -> Result<Trial, Stop> {
        let mut before = FixedBitSet::with_capacity(self.order.len());
        before.extend(self.order[..first].iter().copied());
        let mut after = before.clone();
        let mut loss = self.loss;
        for (k, &node) in window.iter().enumerate() {
            let old = self.order[first + k];
            loss -= self.cost(old, &before)?;
            loss += self.cost(node, &after)?;
            before.insert(old);
            after.insert(node);
        }
        Ok(Trial { first, last: first + window.len() - 1, window, loss })
    }

    fn exchanges(&mut self, pairs: &[(usize, usize)]) -> Result<Vec<Trial>, Stop> {
        let mut trials = Vec::with_capacity(pairs.len());
        for &(a, b) in pairs {
            self.count()?;
            let mut window = self.order[a..=b].to_vec();
            window.swap(0, b - a);
            trials.push(self.trial(a, window)?);
        }
        Ok(trials)
    }

    /// The later node to the earlier's place, and the earlier node to the later's.
    fn reinsertions(&mut self, pairs: &[(usize, usize)]) -> Result<Vec<Trial>, Stop> {
        let mut trials = Vec::with_capacity(2 * pairs.len());
        for &(a, b) in pairs {
            self.count()?;
            let mut left = self.order[a..=b].to_vec();
            left.rotate_right(1);
            trials.push(self.trial(a, left)?);
            let mut right = self.order[a..=b].to_vec();
            right.rotate_left(1);
            trials.push(self.trial(a, right)?);
        }
        Ok(trials)
    }

    fn count(&mut self) -> Result<(), Stop> {
        if let Some(stop) = self.task.clock().run().should_stop(&self.course.counters) {
            return Err(stop);
        }
        self.course.counters.oracle_calls += 1;
        Ok(())
    }

    /// Applies improving trials, best first, each unless it overlaps one already applied; whether any did.
    fn apply(&mut self, mut trials: Vec<Trial>) -> Result<bool, Stop> {
        self.course.counters.iterations += 1;
        let least = self.least.max(ROUNDING * self.loss.abs());
        trials.retain(|trial| trial.loss < self.loss - least);
        // Under a score with many equal graphs, what only rounding tells apart counts as the same.
        let scale_free = self.score.kind() == ScoreKind::NvBic;
        let key = |trial: &Trial| if scale_free { -settled(self.loss - trial.loss) } else { trial.loss };
        trials.sort_by(|x, y| key(x).total_cmp(&key(y)).then((x.first, x.last).cmp(&(y.first, y.last))));
        let mut applied: Vec<(usize, usize)> = Vec::new();
        let mut order = self.order.clone();
        for trial in trials {
            if applied.iter().all(|&(first, last)| trial.last < first || last < trial.first) {
                order[trial.first..=trial.last].copy_from_slice(&trial.window);
                applied.push((trial.first, trial.last));
            }
        }
        if applied.is_empty() {
            return Ok(false);
        }
        let loss = self.cost_of_order(&order)?;
        if loss >= self.loss {
            return Ok(false);
        }
        self.course.counters.add("exchanges", applied.len() as u64);
        (self.order, self.loss) = (order, loss);
        self.moved_to(loss);
        Ok(true)
    }

    fn moved_to(&mut self, loss: f64) {
        self.course.scores.push(loss);
        let objective = Some(loss + self.score.offset());
        self.task.clock().report(|| Progress { done: self.course.counters.iterations, total: None, objective, bound: None });
    }

    /// Small sets while they improve, large ones at most so often in between; a KKT point on return.
    pub(crate) fn descend(&mut self) -> Result<(), Stop> {
        let order = self.order.clone();
        self.loss = self.cost_of_order(&order)?;
        self.moved_to(self.loss);
        let mut large_searches = 0;
        loop {
            let CandidateSets { small, beyond } = self.candidate_pairs()?;
            let trials = self.exchanges(&small)?;
            if self.apply(trials)? {
                continue;
            }
            if large_searches < self.rules.sizes.large_searches && self.search_large(&small, &beyond)? {
                large_searches += 1;
                continue;
            }
            if !self.release()? {
                return Ok(());
            }
        }
    }

    /// One search of the large set; whether it improved.
    fn search_large(&mut self, small: &[(usize, usize)], beyond: &[(usize, usize)]) -> Result<bool, Stop> {
        let trials = self.exchanges(beyond)?;
        if self.apply(trials)? {
            return Ok(true);
        }
        if !self.rules.reinsert || self.task.precedence().is_some() {
            return Ok(false);
        }
        let trials = self.reinsertions(&[small, beyond].concat())?;
        self.apply(trials)
    }

    /// Frees the pair whose gradient breaks the KKT conditions most (`Y(W, 0, 0)` is not empty): whether there was one and the loss fell.
    fn release(&mut self) -> Result<bool, Stop> {
        if !self.is_convex() {
            return Ok(false);
        }
        let fits = self.fits()?;
        let Some(order) = released(self.score, &self.order, &fits, self.task.precedence()) else {
            self.stationary = are_stationary(self.score, &fits);
            return Ok(false);
        };
        let loss = self.cost_of_order(&order)?;
        if loss >= self.loss {
            return Ok(false);
        }
        self.course.counters.add("released pairs", 1);
        (self.order, self.loss) = (order, loss);
        self.moved_to(loss);
        Ok(true)
    }

    /// Whether weights that no edge improves are a KKT point: scores that choose parents have none.
    fn is_convex(&self) -> bool {
        matches!(self.score.kind(), ScoreKind::Ev | ScoreKind::L1 | ScoreKind::Logistic) && self.score.is_exact()
    }

    /// Whether a last look at every re-insertion finds none that improves.
    fn is_locally_optimal(&mut self) -> bool {
        let order = self.order.clone();
        let precedence = self.task.precedence();
        order.len() <= LOOKED_AT && is_insertion_optimal(&mut self.costs, &order, precedence, self.least) == Some(true)
    }

    /// The graph of the order; where the time is over, that of the last order that was fitted.
    fn graph(&mut self, pruning: Pruning, stopped: Option<Stop>) -> WeightedDag {
        let clock = self.task.clock();
        clock.begin_last_pass();
        let last = self.fitted.take().filter(|_| stopped.is_some() && clock.stop().is_some() && pruning.keeps_the_fit(self.score.kind()));
        let Some((order, fits)) = last else { return pruning.graph(self.score, clock, &self.order) };
        let edges = order.iter().flat_map(|&node| fits[node].iter().map(move |&(parent, weight)| (parent, node, weight))).collect();
        WeightedDag { order, edges }
    }

    pub(crate) fn outcome(mut self, pruning: Pruning, stopped: Option<Stop>) -> Outcome<WeightedDag> {
        let kind = self.score.kind();
        let whole = pruning.keeps_the_score(kind);
        // Where parents are chosen greedily, a better choice may always be left.
        let locally = stopped.is_none() && whole && self.score.is_exact() && kind != ScoreKind::EvEbic && self.is_locally_optimal();
        let mut solution = self.graph(pruning, stopped);
        let mut objective = self.task.evaluate(&solution.edges);
        let given = if whole { self.task.given_graph(self.score) } else { None };
        let given = given.filter(|given| given.1 < objective);
        let own = given.is_none();
        if let Some(given) = given {
            (solution, objective) = given;
        }
        let reliable = kind == ScoreKind::Logistic || self.task.moments().is_certain();
        let status = ended(stopped, if locally && own && reliable { Status::LocallyOptimal } else { Status::Feasible });
        let mut outcome = Outcome::new(status).with_solution(self.task.in_variables(solution), Some(objective));
        if whole && own && self.stationary && (self.task.moments().is_regular() || kind == ScoreKind::Logistic) {
            outcome.promised.push("stationary".into());
        }
        let mut trace = Trace::new(["iteration", "objective"]);
        for (k, &loss) in self.course.scores.iter().enumerate() {
            trace.push(&[k as f64, loss + self.score.offset()]);
        }
        outcome.trace = Some(trace);
        if !reliable {
            outcome.notes.push(self.task.moments().doubtful(self.task.problem().names()));
        }
        self.task.annotate(&mut outcome, self.course.counters);
        outcome
    }
}
