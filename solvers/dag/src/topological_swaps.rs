//! The published method: exchanges of nodes that weak paths suggest.

use fathom_opt_core::{OptionError, Outcome, Run, SolveError, Solver, WarmStart};
use fathom_opt_problems::dag_learning::{DagLearning, ScoreKind, WeightedDag};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::candidate_sets::{Candidates, Rule};
use crate::clock::Clock;
use crate::prune::{Prune, Pruning};
use crate::starts::{StartKind, Units, random};
use crate::swaps::{Rules, Sizes, Swaps};
use crate::task::Task;

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
    pub max_large_searches: Option<u64>,
    /// How candidates are chosen.
    pub candidates: Candidates,
    /// Candidates need `|dQ/dW| > xi`; 0 as in the paper's experiments.
    pub xi: f64,
    /// The grid under `tau-grid`; the 32 values of the authors' first release.
    pub taus: Vec<f64>,
    /// Under `tau-grid`: pairs that the small set may have too many at the smallest tau before xi rises; 20 as in the authors' first release.
    pub max_surplus: usize,
    /// Under `tau-grid`: pairs that the large set may lack before tau leaves the grid; 100 as in the authors' first release.
    pub max_shortage: usize,
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
            max_large_searches: None,
            candidates: Candidates::WeakestPaths,
            xi: 0.0,
            taus: TAUS.to_vec(),
            max_surplus: 20,
            max_shortage: 100,
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
        Sizes { small, large: large.max(small), large_searches: self.max_large_searches.unwrap_or((d as u64 / 10).min(1)) }
    }

    fn rules(&self, d: usize) -> Rules<'_> {
        let rule = Rule { candidates: self.candidates, taus: &self.taus, surplus: self.max_surplus, shortage: self.max_shortage };
        Rules { sizes: self.sizes(d), rule, xi: self.xi, log_det_s: self.log_det_s, reinsert: self.reinsert }
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

    fn warm_start(&self) -> Option<&dyn WarmStart<DagLearning>> {
        Some(self)
    }

    fn solve_accepted(&self, problem: &DagLearning, run: &Run) -> Result<Outcome<WeightedDag>, SolveError> {
        let clock = Clock::new(run);
        let task = match Task::new(problem, &clock) {
            Ok(task) => task,
            Err(outcome) => return Ok(*outcome),
        };
        let score = task.score();
        let d = problem.variables();
        let units = if score.kind() == ScoreKind::NvBic { Units::Deviations } else { Units::Own };
        let given = self.start.unwrap_or(StartKind::Given).order(task.moments(), units, task.start(), task.precedence(), &clock);
        let order = given.unwrap_or_else(|| random(d, task.precedence(), &mut run.stream("start")));
        let mut swaps = Swaps::new(&task, &score, self.rules(d), order);
        let stopped = swaps.descend().err();
        Ok(swaps.outcome(self.pruning(), stopped))
    }
}

/// From an order (a solution without edges), a graph, or both: the search starts there, and nothing worse than the graph is returned.
impl WarmStart<DagLearning> for TopologicalSwaps {}
