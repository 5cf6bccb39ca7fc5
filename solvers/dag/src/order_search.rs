//! Search over orders with exact gains of all moves.

use std::sync::atomic::AtomicU64;

use fathom_opt_core::{Counters, OptionError, Outcome, Run, SolveError, Solver, Status, Trace};
use fathom_opt_problems::Problem as _;
use fathom_opt_problems::dag_learning::{DagLearning, ScoreKind, WeightedDag};
use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::chains::{Chain, Method, Origin, Search};
use crate::descent::Neighbourhood;
use crate::evaluate::evaluate;
use crate::given_graph::given_graph;
use crate::local_score::ProblemScore;
use crate::moments::Moments;
use crate::precedence::Precedence;
use crate::prune::{Prune, Pruning};
use crate::starts::StartKind;
use crate::threads::within;

/// Variable neighbourhood descent over orders from several starts, each followed by kicks, then the edges that the score wants.
///
/// Least squares without forbidden edges: all re-insertions in `O(d^2)` and all exchanges in `O(d^3)` from the Cholesky factor and its inverse, the best
/// disjoint ones applied together, and moves of whole runs of nodes. BIC with a variance per node: re-insertions, with parents kept from step to step.
/// Other scores: re-insertions with remembered node costs, and for convex ones the pairs that the KKT conditions ask to be freed. An iteration
/// is one pass of one start; the iteration and oracle limits of a run hold for each start.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct OrderSearch {
    /// Deterministic starts.
    pub starts: Vec<StartKind>,
    /// Random starts beside them (by default 20 up to 32 variables, 10 up to 64, 4 up to 128, none beyond; fewer for scores without closed-form gains:
    /// 10 up to 32 and 4 up to 64 variables for `nv-bic`, 5 up to 16 and 1 up to 64 for the others).
    pub restarts: Option<u64>,
    /// Kicks after each start's descent: `round(ln d)` random exchanges, another descent, kept if better (by default 2 up to 128 variables, else 0;
    /// for `nv-bic` 10 up to 64 variables and 6 up to 200).
    pub kicks: Option<u64>,
    /// Whether exchanges are tried where no re-insertion improves (by default up to 300 variables).
    pub exchanges: Option<bool>,
    /// Whether runs of two to five nodes are moved where neither a re-insertion nor an exchange improves (by default up to 300 variables).
    pub blocks: Option<bool>,
    /// Which edges the order's graph keeps.
    pub prune: Prune,
    /// The smallest absolute weight that stays under `prune = threshold`; 0.3 as in NOTEARS and TOPO.
    pub prune_threshold: f64,
    /// The l1 term under `prune = l1`; 0.1 as in NOTEARS.
    pub prune_l1: f64,
}

impl Default for OrderSearch {
    fn default() -> Self {
        let pruning = Pruning::default();
        Self {
            starts: vec![StartKind::Given, StartKind::TopDown, StartKind::BottomUp, StartKind::Variance, StartKind::R2],
            restarts: None,
            kicks: None,
            exchanges: None,
            blocks: None,
            prune: pruning.prune,
            prune_threshold: pruning.prune_threshold,
            prune_l1: pruning.prune_l1,
        }
    }
}

/// From this many variables on, only the given start, or else the top-down one, is descended from by default.
const ONE_START: usize = 200;

impl OrderSearch {
    fn pruning(&self) -> Pruning {
        Pruning { prune: self.prune, prune_threshold: self.prune_threshold, prune_l1: self.prune_l1 }
    }

    fn origins(&self, problem: &DagLearning, moments: &Moments, precedence: Option<&Precedence>, method: Method) -> Vec<Origin> {
        let d = moments.variables();
        let default_starts = self.starts == Self::default().starts;
        let mut orders: Vec<Vec<usize>> = Vec::new();
        for kind in &self.starts {
            if d >= ONE_START && default_starts && !orders.is_empty() {
                break;
            }
            if let Some(order) = kind.order(moments, problem.start(), precedence)
                && !orders.contains(&order)
            {
                orders.push(order);
            }
        }
        let automatic = match (method, d) {
            (Method::Dense, ..=32) => 20,
            (Method::Dense, ..=64) | (Method::Sparse, ..=32) => 10,
            (Method::Dense, ..=128) | (Method::Sparse, ..=64) => 4,
            (Method::Costs, ..=16) => 5,
            (Method::Costs, ..=64) => 1,
            _ => 0,
        };
        let mut random = self.restarts.unwrap_or(automatic);
        if orders.is_empty() {
            random = random.max(1);
        }
        orders.into_iter().map(Origin::Order).chain((0..random).map(Origin::Random)).collect()
    }

    fn search(&self, problem: &DagLearning, run: &Run) -> Outcome<WeightedDag> {
        let moments = Moments::of(problem);
        let d = moments.variables();
        let precedence = Precedence::of(problem.knowledge(), d);
        let score = ProblemScore::new(problem, &moments);
        let kind = problem.score().kind();
        let limited = !problem.knowledge().forbidden().is_empty() || problem.knowledge().max_parents().is_some();
        let method = match kind {
            ScoreKind::Ev | ScoreKind::EvEbic if !limited => Method::Dense,
            ScoreKind::NvBic => Method::Sparse,
            ScoreKind::Ev | ScoreKind::EvEbic | ScoreKind::L1 | ScoreKind::Logistic => Method::Costs,
        };
        // Starts for a scale-free score must not depend on the scale.
        let standardised = (kind == ScoreKind::NvBic).then(|| standardised(&moments));
        let origins = self.origins(problem, standardised.as_ref().unwrap_or(&moments), precedence.as_ref(), method);
        let knowledge = problem.knowledge();
        let search = Search {
            moments: &moments,
            score: &score,
            precedence: precedence.as_ref(),
            method,
            convex: matches!(kind, ScoreKind::Ev | ScoreKind::L1 | ScoreKind::Logistic) && knowledge.max_parents().is_none(),
            kicks: self.kicks.unwrap_or(match (method, d) {
                (Method::Sparse, ..=64) => 10,
                (Method::Sparse, ..=200) => 6,
                (_, ..=128) => 2,
                _ => 0,
            }),
            hood: Neighbourhood { exchanges: self.exchanges.unwrap_or(d <= 300), blocks: self.blocks.unwrap_or(d <= 300) },
            chains: origins.len() as u64,
            finished: AtomicU64::new(0),
            run,
        };
        let chains: Vec<Option<Chain>> = origins.par_iter().enumerate().map(|(index, origin)| search.chain(index, origin)).collect();
        self.outcome(problem, &search, chains)
    }

    /// The best graph that the best order gives, or the given start where that is better.
    fn graph(&self, problem: &DagLearning, search: &Search<'_>, best: &Chain) -> (WeightedDag, f64, bool) {
        let (moments, pruning, kind) = (search.moments, self.pruning(), problem.score().kind());
        let valued = |graph: WeightedDag| {
            let value = evaluate(problem, moments, &graph.edges);
            (graph, value)
        };
        let mut found = valued(pruning.graph(problem, moments, &best.order));
        if !pruning.keeps_the_score(kind) {
            return (found.0, found.1, true);
        }
        if let Some(kept) = best.graph.clone().filter(|_| self.prune == Prune::Auto).map(valued)
            && kept.1 < found.1
        {
            found = kept;
        }
        // The criterion is not what orders were compared by: the start's own order may give a better graph.
        let start = problem.start().filter(|_| kind == ScoreKind::EvEbic);
        let own = start.and_then(|start| StartKind::Given.order(moments, Some(start), search.precedence));
        let given = own.map(|order| valued(pruning.graph(problem, moments, &order)));
        match given.into_iter().chain(given_graph(problem, moments, search.score)).min_by(|a, b| a.1.total_cmp(&b.1)) {
            Some(given) if given.1 < found.1 => (given.0, given.1, false),
            _ => (found.0, found.1, true),
        }
    }

    fn outcome(&self, problem: &DagLearning, search: &Search<'_>, chains: Vec<Option<Chain>>) -> Outcome<WeightedDag> {
        let (kind, moments) = (problem.score().kind(), search.moments);
        let mut counters = Counters::default();
        let mut best: Option<Chain> = None;
        let mut stopped = None;
        for chain in chains {
            let Some(chain) = chain else {
                // It was not begun because the run had to stop.
                stopped = stopped.or_else(|| search.run.should_stop(&Counters::default()));
                continue;
            };
            counters.iterations += chain.course.counters.iterations;
            counters.oracle_calls += chain.course.counters.oracle_calls;
            for (&name, &count) in &chain.course.counters.others {
                counters.add(name, count);
            }
            counters.add("starts", 1);
            stopped = stopped.or(chain.course.stopped).or(chain.course.cut_short);
            if best.as_ref().is_none_or(|best| chain.score < best.score - best.least) {
                best = Some(chain);
            }
        }
        let Some(best) = best else { return Outcome::new(Status::Failed("no start".into())) };
        let (solution, objective, own) = self.graph(problem, search, &best);
        let whole = self.pruning().keeps_the_score(kind);
        let status = match stopped {
            Some(stop) => stop.into(),
            None if whole && kind != ScoreKind::EvEbic => Status::LocallyOptimal,
            None => Status::Feasible,
        };
        let mut outcome = Outcome::new(status).with_solution(solution, Some(objective));
        outcome.promised.push("acyclic".into());
        if !problem.knowledge().is_empty() {
            outcome.promised.push("knowledge".into());
        }
        // Near-singular data leave the checker's tolerances no room: nothing is promised there.
        let regular = moments.ridge() == 0.0 || kind == ScoreKind::Logistic;
        if own && regular && best.course.stopped.is_none() && (search.method == Method::Dense || search.convex) {
            outcome.promised.push("insertion-optimal".into());
            if whole && (kind == ScoreKind::Ev && search.method == Method::Dense || best.course.stationary) {
                outcome.promised.push("stationary".into());
            }
        }
        let mut trace = Trace::new(["iteration", "objective"]);
        for (k, &score) in best.course.scores.iter().enumerate() {
            trace.push(&[k as f64, score]);
        }
        outcome.counters = counters;
        outcome.trace = Some(trace);
        outcome.notes = problem.warnings();
        if moments.ridge() > 0.0 && kind != ScoreKind::Logistic {
            outcome.notes.push(format!(
                "some variables are linear combinations of others (or there are too few observations): regressions use a ridge of {:e} of each variance",
                moments.ridge()
            ));
        }
        outcome
    }
}

/// The moments of the standardised variables.
fn standardised(moments: &Moments) -> Moments {
    let d = moments.variables();
    let scale: Vec<f64> = (0..d)
        .map(|j| {
            let own = moments.covariance(j, j);
            if own > 0.0 { own.sqrt() } else { 1.0 }
        })
        .collect();
    let covariance = (0..d * d).map(|k| moments.covariance(k / d, k % d) / (scale[k / d] * scale[k % d])).collect();
    Moments::from_covariance(covariance, d, moments.observations())
}

impl Solver<DagLearning> for OrderSearch {
    const NAME: &'static str = "order-search";
    const SUMMARY: &'static str = "descent over orders with exact gains of all moves, restarts and kicks";

    fn validate(&self) -> Result<(), OptionError> {
        self.pruning().validate()?;
        if self.starts.is_empty() && self.restarts == Some(0) {
            return Err(OptionError::new("starts", "none, with `restarts` 0", "at least one start"));
        }
        Ok(())
    }

    fn solve_accepted(&self, problem: &DagLearning, run: &Run) -> Result<Outcome<WeightedDag>, SolveError> {
        Ok(within(run.threads(), || self.search(problem, run)))
    }
}
