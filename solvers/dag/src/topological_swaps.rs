//! The published method: exchanges of nodes that weak paths suggest.

use fathom_core::{OptionError, Outcome, Run, SolveError, Solver, Status, Stop, Trace};
use fathom_problems::Problem as _;
use fathom_problems::dag_learning::{DagLearning, ScoreKind, WeightedDag};
use fixedbitset::FixedBitSet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::descent::Course;
use crate::evaluate::evaluate;
use crate::local_score::{LocalScore, ProblemScore};
use crate::local_search::Costs;
use crate::moments::Moments;
use crate::path_strength::path_strengths;
use crate::precedence::Precedence;
use crate::prune::{Prune, Pruning};
use crate::starts::{StartKind, random};

/// How candidate pairs are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Candidates {
    /// The pairs with the weakest blocking paths, as many as asked for, with ties (the authors' code since 2023).
    #[default]
    WeakestPaths,
    /// The threshold tau of the grid in the first release whose set comes closest to the size asked for, and the gradient condition `|dQ/dW| > xi`
    /// of the paper.
    TauGrid,
}

/// Topological swaps (Deng, Bello, Aragam, Ravikumar 2023, "Optimizing NOTEARS Objectives via Topological Swaps").
///
/// Given an order, the weights are the exact optimum of every node on its predecessors. Pairs whose blocking paths are weak by the gradient of the
/// acyclicity function are exchanged on trial; those that improve and do not overlap are kept. A large candidate set is tried where the small one fails.
/// An iteration is one set of trials.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct TopologicalSwaps {
    /// Pairs in the small set; by default `min(1.5 d, sqrt(d) (d - 1) log10 d, d (d - 1) / 2)`, the automatic choice of the authors' dagrad
    /// (their linear demos use 100 to 150).
    pub size_small: Option<usize>,
    /// Pairs in the large set; by default `max(1.5 d, min(sqrt(d) (d - 1) log10 d, d (d - 1) / 2))`, as dagrad (their demos use 400 to 2500).
    pub size_large: Option<usize>,
    /// How often the large set may succeed (`s0`); by default `min(d / 10, 1)`, as dagrad (their demos use 1 to 15).
    pub no_large_search: Option<u64>,
    /// How candidates are chosen.
    pub candidates: Candidates,
    /// The gradient that a pair has to exceed under `tau-grid`; 0 as in the paper.
    pub xi: f64,
    /// Whether moving one node of a pair next to the other is tried where exchanges fail on the large set (the second version of the authors' code).
    pub reinsert: bool,
    /// Where to start: the instance's start if it has one, otherwise random (the authors' code) or one of the other starts.
    pub start: Option<StartKind>,
    /// Which edges the order's graph keeps.
    pub prune: Prune,
    /// The smallest absolute weight that stays under `prune = threshold`; 0.3 as in the authors' demo.
    pub prune_threshold: f64,
    /// The l1 term under `prune = l1`.
    pub prune_l1: f64,
}

impl Default for TopologicalSwaps {
    fn default() -> Self {
        let pruning = Pruning::default();
        Self {
            size_small: None,
            size_large: None,
            no_large_search: None,
            candidates: Candidates::WeakestPaths,
            xi: 0.0,
            reinsert: false,
            start: None,
            prune: pruning.prune,
            prune_threshold: pruning.prune_threshold,
            prune_l1: pruning.prune_l1,
        }
    }
}

/// The grid of tau in the first release of the authors' code.
const TAUS: [f64; 32] = [
    0.0, 1e-7, 1e-6, 2e-6, 3e-6, 4e-6, 5e-6, 6e-6, 7e-6, 8e-6, 1e-5, 5e-5, 1e-4, 1e-3, 5e-3, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.1,
    0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 20.0, 30.0, 40.0,
];

/// Improvements below this share of the loss are rounding; the authors' code has no tolerance and can cycle.
const ROUNDING: f64 = 1e-13;

#[derive(Debug, Clone, Copy)]
struct Sizes {
    small: usize,
    large: usize,
    large_searches: u64,
}

impl TopologicalSwaps {
    fn pruning(&self) -> Pruning {
        Pruning { prune: self.prune, prune_threshold: self.prune_threshold, prune_l1: self.prune_l1 }
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "small numbers, at least 0, rounded down as the authors do"
    )]
    fn sizes(&self, d: usize) -> Sizes {
        let all = d * (d - 1) / 2;
        let half_more = (1.5 * d as f64) as usize;
        let grown = ((d as f64).sqrt() * (d - 1) as f64 * (d as f64).log10()) as usize;
        let small = self.size_small.unwrap_or_else(|| half_more.min(grown).max(1)).min(all);
        let large = self.size_large.unwrap_or_else(|| half_more.max(grown.min(all))).min(all);
        Sizes { small, large: large.max(small), large_searches: self.no_large_search.unwrap_or((d as u64 / 10).min(1)) }
    }
}

/// The state between iterations.
struct Swaps<'a> {
    options: &'a TopologicalSwaps,
    problem: &'a DagLearning,
    moments: &'a Moments,
    score: &'a ProblemScore<'a>,
    precedence: Option<&'a Precedence>,
    costs: Costs<'a>,
    order: Vec<usize>,
    loss: f64,
    course: Course,
}

/// A trial: the positions, the order it leads to within them, and the loss.
struct Trial {
    first: usize,
    last: usize,
    window: Vec<usize>,
    loss: f64,
}

impl Swaps<'_> {
    /// Pairs of positions, weakest blocking paths first, with the sizes of the small and of the large set.
    fn candidate_pairs(&self, sizes: Sizes) -> (Vec<(usize, usize)>, usize, usize) {
        let d = self.order.len();
        let weights = self.weights();
        let strengths = path_strengths(&weights);
        let ranges = self.precedence.map(|precedence| precedence.ranges(&self.order));
        let allowed = |a: usize, b: usize| ranges.as_ref().is_none_or(|ranges| ranges[b].0 <= a && ranges[a].1 >= b);
        let mut pairs: Vec<(f64, usize, usize)> = Vec::new();
        for a in 0..d {
            for b in a + 1..d {
                if allowed(a, b) && (self.options.candidates == Candidates::WeakestPaths || self.gradient(&weights, a, b) > self.options.xi)
                {
                    pairs.push((strengths[a * d + b], a, b));
                }
            }
        }
        pairs.sort_by(|x, y| x.0.total_cmp(&y.0).then((x.1, x.2).cmp(&(y.1, y.2))));
        let up_to = |tau: f64| pairs.partition_point(|pair| pair.0 <= tau);
        let count = |size: usize| match self.options.candidates {
            // Everything up to the size-th smallest value: ties enlarge the set.
            Candidates::WeakestPaths => pairs.get(size.saturating_sub(1)).map_or(pairs.len(), |pair| up_to(pair.0)),
            Candidates::TauGrid => TAUS.iter().map(|&tau| up_to(tau)).min_by_key(|count| count.abs_diff(size)).unwrap_or(pairs.len()),
        };
        let (small, large) = (count(sizes.small), count(sizes.large));
        (pairs.into_iter().map(|(_, a, b)| (a, b)).collect(), small, large.max(small))
    }

    /// The weights of every position on the earlier ones.
    fn weights(&self) -> Vec<Vec<f64>> {
        let mut position = vec![0; self.order.len()];
        for (k, &node) in self.order.iter().enumerate() {
            position[node] = k;
        }
        (0..self.order.len())
            .map(|k| {
                let mut before = self.order[..k].to_vec();
                before.sort_unstable();
                let mut row = vec![0.0; k];
                for (parent, weight) in self.score.fit(self.order[k], &before) {
                    row[position[parent]] = weight;
                }
                row
            })
            .collect()
    }

    /// `|dQ/dW|` of the edge from position `b` to the earlier position `a`, by least squares.
    fn gradient(&self, weights: &[Vec<f64>], a: usize, b: usize) -> f64 {
        let (target, source) = (self.order[a], self.order[b]);
        let fitted: f64 =
            weights[a].iter().zip(&self.order).map(|(weight, &parent)| weight * self.moments.covariance(source, parent)).sum();
        (self.moments.covariance(source, target) - fitted).abs()
    }

    /// The loss after the positions from `first` on take the nodes of `window`.
    fn trial(&mut self, first: usize, window: Vec<usize>) -> Trial {
        let mut before = FixedBitSet::with_capacity(self.order.len());
        before.extend(self.order[..first].iter().copied());
        let mut after = before.clone();
        let mut loss = self.loss;
        for (k, &node) in window.iter().enumerate() {
            let old = self.order[first + k];
            loss -= self.costs.of(old, &before);
            loss += self.costs.of(node, &after);
            before.insert(old);
            after.insert(node);
        }
        Trial { first, last: first + window.len() - 1, window, loss }
    }

    fn exchanges(&mut self, pairs: &[(usize, usize)], run: &Run) -> Result<Vec<Trial>, Stop> {
        let mut trials = Vec::with_capacity(pairs.len());
        for &(a, b) in pairs {
            self.count(run)?;
            let mut window = self.order[a..=b].to_vec();
            window.swap(0, b - a);
            trials.push(self.trial(a, window));
        }
        Ok(trials)
    }

    /// The later node to the earlier's place, and the earlier node to the later's.
    fn reinsertions(&mut self, pairs: &[(usize, usize)], run: &Run) -> Result<Vec<Trial>, Stop> {
        let mut trials = Vec::with_capacity(2 * pairs.len());
        for &(a, b) in pairs {
            self.count(run)?;
            let mut left = self.order[a..=b].to_vec();
            left.rotate_right(1);
            trials.push(self.trial(a, left));
            let mut right = self.order[a..=b].to_vec();
            right.rotate_left(1);
            trials.push(self.trial(a, right));
        }
        Ok(trials)
    }

    fn count(&mut self, run: &Run) -> Result<(), Stop> {
        self.course.counters.oracle_calls += 1;
        run.should_stop(&self.course.counters).map_or(Ok(()), Err)
    }

    /// Applies improving trials, best first, each unless it overlaps one already applied; whether any did.
    fn apply(&mut self, mut trials: Vec<Trial>) -> bool {
        self.course.counters.iterations += 1;
        trials.retain(|trial| trial.loss < self.loss - ROUNDING * self.loss.abs());
        trials.sort_by(|x, y| x.loss.total_cmp(&y.loss).then((x.first, x.last).cmp(&(y.first, y.last))));
        let mut applied: Vec<(usize, usize)> = Vec::new();
        let mut order = self.order.clone();
        for trial in trials {
            if applied.iter().all(|&(first, last)| trial.last < first || last < trial.first) {
                order[trial.first..=trial.last].copy_from_slice(&trial.window);
                applied.push((trial.first, trial.last));
            }
        }
        let loss = self.costs.of_order(&order);
        if applied.is_empty() || loss >= self.loss {
            return false;
        }
        self.course.counters.add("exchanges", applied.len() as u64);
        (self.order, self.loss) = (order, loss);
        self.course.scores.push(loss);
        true
    }

    /// Small sets while they improve, large ones at most so often in between.
    fn descend(&mut self, sizes: Sizes, run: &Run) -> Result<(), Stop> {
        let mut large_searches = 0;
        loop {
            let (pairs, small, large) = self.candidate_pairs(sizes);
            let trials = self.exchanges(&pairs[..small], run)?;
            if self.apply(trials) {
                continue;
            }
            if large_searches >= sizes.large_searches {
                return Ok(());
            }
            let trials = self.exchanges(&pairs[small..large], run)?;
            let mut improved = self.apply(trials);
            if !improved && self.options.reinsert && self.precedence.is_none() {
                let trials = self.reinsertions(&pairs[..large], run)?;
                improved = self.apply(trials);
            }
            if !improved {
                return Ok(());
            }
            large_searches += 1;
        }
    }

    fn outcome(self, stopped: Option<Stop>) -> Outcome<WeightedDag> {
        let pruning = self.options.pruning();
        let kind = self.problem.score().kind();
        let solution = pruning.graph(self.problem, self.moments, &self.order);
        let objective = evaluate(self.problem, self.moments, &solution.edges);
        let whole = pruning.keeps_the_score(kind);
        let status =
            stopped.map_or(if whole && kind != ScoreKind::EvEbic { Status::LocallyOptimal } else { Status::Feasible }, Status::from);
        let mut outcome = Outcome::new(status).with_solution(solution, Some(objective));
        outcome.promised.push("acyclic".into());
        if !self.problem.knowledge().is_empty() {
            outcome.promised.push("knowledge".into());
        }
        // Dense weights block every reverse pair; sparse ones can leave one free whose gradient only another order would use.
        let knowledge = self.problem.knowledge();
        let dense = kind == ScoreKind::Ev && knowledge.forbidden().is_empty() && knowledge.max_parents().is_none();
        if whole && dense && self.moments.ridge() == 0.0 {
            outcome.promised.push("stationary".into());
        }
        let mut trace = Trace::new(["iteration", "objective"]);
        for (k, &loss) in self.course.scores.iter().enumerate() {
            trace.push(&[k as f64, loss]);
        }
        outcome.counters = self.course.counters;
        outcome.trace = Some(trace);
        outcome.notes = self.problem.warnings();
        outcome
    }
}

impl Solver<DagLearning> for TopologicalSwaps {
    const NAME: &'static str = "topological-swaps";
    const SUMMARY: &'static str = "the published bi-level method: exchanges that weak paths suggest";

    fn validate(&self) -> Result<(), OptionError> {
        self.pruning().validate()?;
        if !(self.xi.is_finite() && self.xi >= 0.0) {
            return Err(OptionError::new("xi", self.xi, "a finite number, at least 0"));
        }
        Ok(())
    }

    fn solve(&self, problem: &DagLearning, run: &Run) -> Result<Outcome<WeightedDag>, SolveError> {
        self.validate()?;
        let moments = Moments::of(problem);
        let d = moments.variables();
        let precedence = Precedence::of(problem.knowledge(), d);
        let score = ProblemScore::new(problem, &moments);
        let given = self.start.unwrap_or(StartKind::Given).order(&moments, problem.start(), precedence.as_ref());
        let order = given.unwrap_or_else(|| random(d, precedence.as_ref(), &mut run.stream("start")));
        let mut costs = Costs::new(&score);
        let loss = costs.of_order(&order);
        let course = Course { scores: vec![loss], ..Course::default() };
        let mut swaps =
            Swaps { options: self, problem, moments: &moments, score: &score, precedence: precedence.as_ref(), costs, order, loss, course };
        let stopped = swaps.descend(self.sizes(d), run).err();
        Ok(swaps.outcome(stopped))
    }
}
