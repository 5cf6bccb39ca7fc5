//! The published method: exchanges of nodes that weak paths suggest.

use fathom_opt_core::{OptionError, Outcome, Run, SolveError, Solver, Status, Stop, Trace};
use fathom_opt_problems::Problem as _;
use fathom_opt_problems::dag_learning::{DagLearning, ScoreKind, WeightedDag};
use fixedbitset::FixedBitSet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::candidate_sets::{CandidateSets, Candidates, Pair, Rule};
use crate::descent::Course;
use crate::evaluate::evaluate;
use crate::given_graph::given_graph;
use crate::local_score::{LocalScore, ProblemScore};
use crate::local_search::Costs;
use crate::moments::Moments;
use crate::path_strength::path_strengths;
use crate::precedence::Precedence;
use crate::prune::{Prune, Pruning};
use crate::release::{Fits, released};
use crate::starts::{StartKind, random};

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
    /// Candidates need `|dQ/dW| > xi`; 0 as in the paper's experiments.
    pub xi: f64,
    /// The grid under `tau-grid`; the 32 values of the authors' first release.
    pub taus: Vec<f64>,
    /// Under `tau-grid`: pairs that the small set may have too many at the smallest tau before xi rises; 20 as in the authors' first release.
    pub most_surplus: usize,
    /// Under `tau-grid`: pairs that the large set may lack before tau leaves the grid; 100 as in the authors' first release.
    pub most_shortage: usize,
    /// The `s` of the acyclicity function `h(A) = -log det(s I - A) + d log s` (DAGMA); 1 as in the authors' code.
    pub log_det_s: f64,
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
            taus: TAUS.to_vec(),
            most_surplus: 20,
            most_shortage: 100,
            log_det_s: 1.0,
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
    /// Whether the order's weights were seen to be a KKT point.
    stationary: bool,
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
    /// The small candidate set, and what the large one has beyond it.
    fn candidate_pairs(&self, sizes: Sizes) -> CandidateSets {
        let d = self.order.len();
        let options = self.options;
        let fits = self.fits();
        let strengths = path_strengths(&self.weights_by_position(&fits), options.log_det_s);
        let ranges = self.precedence.map(|precedence| precedence.ranges(&self.order));
        let allowed = |a: usize, b: usize| ranges.as_ref().is_none_or(|ranges| ranges[b].0 <= a && ranges[a].1 >= b);
        // Gradients only where they matter.
        let by_gradient = options.candidates == Candidates::TauGrid || options.xi > 0.0;
        let mut pairs: Vec<Pair> = Vec::new();
        for a in 0..d {
            let node = self.order[a];
            let pulls = if by_gradient { self.score.pulls(node, &fits[node]) } else { Vec::new() };
            for b in (a + 1..d).filter(|&b| allowed(a, b)) {
                let gradient = pulls.get(self.order[b]).map_or(f64::INFINITY, |pull| pull.abs());
                if gradient > options.xi {
                    pairs.push(Pair { strength: strengths[a * d + b], gradient, a, b });
                }
            }
        }
        let rule =
            Rule { candidates: options.candidates, taus: &options.taus, surplus: options.most_surplus, shortage: options.most_shortage };
        rule.sets(pairs, sizes.small, sizes.large)
    }

    /// Parents and weights of every node.
    fn fits(&self) -> Fits {
        let mut fits = vec![Vec::new(); self.order.len()];
        for (k, &node) in self.order.iter().enumerate() {
            let mut before = self.order[..k].to_vec();
            before.sort_unstable();
            fits[node] = self.score.fit(node, &before);
        }
        fits
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
                    row[position[parent]] = weight;
                }
                row
            })
            .collect()
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
        if let Some(stop) = run.should_stop(&self.course.counters) {
            return Err(stop);
        }
        self.course.counters.oracle_calls += 1;
        Ok(())
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

    /// Small sets while they improve, large ones at most so often in between; a KKT point on return.
    fn descend(&mut self, sizes: Sizes, run: &Run) -> Result<(), Stop> {
        let mut large_searches = 0;
        loop {
            let CandidateSets { small, beyond } = self.candidate_pairs(sizes);
            let trials = self.exchanges(&small, run)?;
            if self.apply(trials) {
                continue;
            }
            if large_searches < sizes.large_searches && self.search_large(&small, &beyond, run)? {
                large_searches += 1;
                continue;
            }
            if !self.release() {
                return Ok(());
            }
        }
    }

    /// One search of the large set; whether it improved.
    fn search_large(&mut self, small: &[(usize, usize)], beyond: &[(usize, usize)], run: &Run) -> Result<bool, Stop> {
        let trials = self.exchanges(beyond, run)?;
        if self.apply(trials) {
            return Ok(true);
        }
        if !self.options.reinsert || self.precedence.is_some() {
            return Ok(false);
        }
        let trials = self.reinsertions(&[small, beyond].concat(), run)?;
        Ok(self.apply(trials))
    }

    /// Frees the pair whose gradient breaks the KKT conditions most (`Y(W, 0, 0)` is not empty): whether there was one and the loss fell.
    fn release(&mut self) -> bool {
        if !self.is_convex() {
            return false;
        }
        let Some(order) = released(self.score, &self.order, &self.fits(), self.precedence) else {
            self.stationary = true;
            return false;
        };
        let loss = self.costs.of_order(&order);
        if loss >= self.loss {
            return false;
        }
        self.course.counters.add("released pairs", 1);
        (self.order, self.loss) = (order, loss);
        self.course.scores.push(loss);
        true
    }

    /// Whether weights that no edge improves are a KKT point: scores that choose parents have none.
    fn is_convex(&self) -> bool {
        let kind = self.problem.score().kind();
        matches!(kind, ScoreKind::Ev | ScoreKind::L1 | ScoreKind::Logistic) && self.problem.knowledge().max_parents().is_none()
    }

    fn outcome(self, stopped: Option<Stop>) -> Outcome<WeightedDag> {
        let pruning = self.options.pruning();
        let kind = self.problem.score().kind();
        let mut solution = pruning.graph(self.problem, self.moments, &self.order);
        let mut objective = evaluate(self.problem, self.moments, &solution.edges);
        let whole = pruning.keeps_the_score(kind);
        let given = if whole { given_graph(self.problem, self.moments, self.score) } else { None };
        let given = given.filter(|given| given.1 < objective);
        let own = given.is_none();
        if let Some(given) = given {
            (solution, objective) = given;
        }
        let status =
            stopped.map_or(if whole && kind != ScoreKind::EvEbic { Status::LocallyOptimal } else { Status::Feasible }, Status::from);
        let mut outcome = Outcome::new(status).with_solution(solution, Some(objective));
        outcome.promised.push("acyclic".into());
        if !self.problem.knowledge().is_empty() {
            outcome.promised.push("knowledge".into());
        }
        if whole && own && self.stationary && (self.moments.ridge() == 0.0 || kind == ScoreKind::Logistic) {
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
        if !(self.log_det_s.is_finite() && self.log_det_s > 0.0) {
            return Err(OptionError::new("log-det-s", self.log_det_s, "a finite number above 0"));
        }
        if self.taus.is_empty() || self.taus.iter().any(|tau| tau.is_nan() || *tau < 0.0) {
            return Err(OptionError::new("taus", format!("{:?}", self.taus), "at least one number, none below 0"));
        }
        Ok(())
    }

    fn solve_accepted(&self, problem: &DagLearning, run: &Run) -> Result<Outcome<WeightedDag>, SolveError> {
        let moments = Moments::of(problem);
        let d = moments.variables();
        let precedence = Precedence::of(problem.knowledge(), d);
        let score = ProblemScore::new(problem, &moments);
        let given = self.start.unwrap_or(StartKind::Given).order(&moments, problem.start(), precedence.as_ref());
        let order = given.unwrap_or_else(|| random(d, precedence.as_ref(), &mut run.stream("start")));
        let mut costs = Costs::new(&score);
        let loss = costs.of_order(&order);
        let course = Course { scores: vec![loss], ..Course::default() };
        let mut swaps = Swaps {
            options: self,
            problem,
            moments: &moments,
            score: &score,
            precedence: precedence.as_ref(),
            costs,
            order,
            loss,
            stationary: false,
            course,
        };
        let stopped = swaps.descend(self.sizes(d), run).err();
        Ok(swaps.outcome(stopped))
    }
}
