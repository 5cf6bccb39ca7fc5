//! Search over orders with exact gains of all moves.

use std::sync::atomic::AtomicU64;

use fathom_opt_core::{Counters, OptionError, Outcome, Run, SolveError, Solver, Status, Stop, Trace, WarmStart};
use fathom_opt_problems::dag_learning::{DagLearning, ScoreKind, WeightedDag};
use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::chains::{Chain, Method, Origin, Search};
use crate::clock::Clock;
use crate::descent::Neighbourhood;
use crate::polish::{Polished, polish};
use crate::prune::{Prune, Pruning};
use crate::starts::{StartKind, Units};
use crate::task::{Task, ended};
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

/// Chains between two looks at what was found: the same whatever the number of threads, so that the result is too.
const BATCH: u64 = 64;

/// Where chains start: at these orders, then at so many random ones.
struct Origins {
    orders: Vec<Vec<usize>>,
    random: u64,
}

impl Origins {
    fn count(&self) -> u64 {
        (self.orders.len() as u64).saturating_add(self.random)
    }

    fn at(&self, index: u64) -> Origin {
        let order = usize::try_from(index).ok().and_then(|index| self.orders.get(index));
        order.map_or_else(|| Origin::Random(index - self.orders.len() as u64), |order| Origin::Order(order.clone()))
    }
}

/// What is kept of the chains that have ended.
#[derive(Default)]
struct Harvest {
    counters: Counters,
    best: Option<Chain>,
    stopped: Option<Stop>,
}

impl Harvest {
    /// Whether further chains may begin.
    fn is_ongoing(&self, clock: &Clock<'_>) -> bool {
        self.best.is_none() || clock.stop().is_none()
    }

    /// Adds a chain, in the sequence of their numbers; `None` was not begun because the run had to stop.
    fn add(&mut self, chain: Option<Chain>, clock: &Clock<'_>) {
        let Some(chain) = chain else {
            self.stopped = self.stopped.or_else(|| clock.stop());
            return;
        };
        self.counters.iterations += chain.course.counters.iterations;
        self.counters.oracle_calls += chain.course.counters.oracle_calls;
        for (&name, &count) in &chain.course.counters.others {
            self.counters.add(name, count);
        }
        self.counters.add("starts", 1);
        self.stopped = self.stopped.or(chain.course.stopped).or(chain.course.cut_short);
        if self.best.as_ref().is_none_or(|best| chain.score < best.score - best.least) {
            self.best = Some(chain);
        }
    }
}

/// From this many variables on, only the given start, or else the top-down one, is descended from by default.
const ONE_START: usize = 200;

impl OrderSearch {
    fn pruning(&self) -> Pruning {
        Pruning { prune: self.prune, prune_threshold: self.prune_threshold, prune_l1: self.prune_l1 }
    }

    fn origins(&self, task: &Task<'_>, method: Method) -> Origins {
        let d = task.moments().variables();
        let units = if method == Method::Sparse { Units::Deviations } else { Units::Own };
        let default_starts = self.starts == Self::default().starts;
        let mut orders: Vec<Vec<usize>> = Vec::new();
        for kind in &self.starts {
            if (d >= ONE_START && default_starts || task.clock().stop().is_some()) && !orders.is_empty() {
                break;
            }
            if let Some(order) = kind.order(task.moments(), units, task.start(), task.precedence(), task.clock())
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
        Origins { orders, random }
    }

    fn search(&self, problem: &DagLearning, run: &Run) -> Outcome<WeightedDag> {
        let clock = Clock::new(run);
        let task = match Task::new(problem, &clock) {
            Ok(task) => task,
            Err(outcome) => return *outcome,
        };
        let (d, kind) = (problem.variables(), problem.score().kind());
        let score = task.score();
        let method = match kind {
            ScoreKind::Ev | ScoreKind::EvEbic if score.is_unlimited() => Method::Dense,
            ScoreKind::NvBic => Method::Sparse,
            ScoreKind::Ev | ScoreKind::EvEbic | ScoreKind::L1 | ScoreKind::Logistic => Method::Costs,
        };
        let origins = self.origins(&task, method);
        let search = Search {
            moments: task.moments(),
            score: &score,
            precedence: task.precedence(),
            method,
            convex: matches!(kind, ScoreKind::Ev | ScoreKind::L1 | ScoreKind::Logistic) && score.is_exact(),
            kicks: self.kicks.unwrap_or(match (method, d) {
                (Method::Sparse, ..=64) => 10,
                (Method::Sparse, ..=200) => 6,
                (_, ..=128) => 2,
                _ => 0,
            }),
            hood: Neighbourhood { exchanges: self.exchanges.unwrap_or(d <= 300), blocks: self.blocks.unwrap_or(d <= 300) },
            chains: origins.count(),
            finished: AtomicU64::new(0),
            incumbent: AtomicU64::new(f64::INFINITY.to_bits()),
            clock: &clock,
        };
        let mut harvest = Harvest::default();
        let mut first = 0;
        // So many at a time, and the best kept of each: memory does not grow with their number.
        while first < origins.count() && harvest.is_ongoing(&clock) {
            let size = (origins.count() - first).min(BATCH);
            let chains: Vec<Option<Chain>> =
                (0..size).collect::<Vec<u64>>().into_par_iter().map(|k| search.chain(first + k, origins.at(first + k))).collect();
            for chain in chains {
                harvest.add(chain, &clock);
            }
            first += size;
        }
        if first < origins.count() {
            harvest.stopped = harvest.stopped.or_else(|| clock.stop());
        }
        self.outcome(&task, &search, harvest)
    }

    /// The best graph that the best order gives, or the given start where that is better; whether it is the order's own.
    fn graph(&self, task: &Task<'_>, search: &Search<'_>, order: &[usize], kept: Option<WeightedDag>) -> (WeightedDag, f64, bool) {
        let (score, pruning, clock) = (search.score, self.pruning(), task.clock());
        let valued = |graph: WeightedDag| {
            let value = task.evaluate(&graph.edges);
            (graph, value)
        };
        let found = match kept.filter(|_| self.prune == Prune::Auto) {
            Some(kept) => valued(kept),
            None => valued(pruning.graph(score, clock, order)),
        };
        if !pruning.keeps_the_score(score.kind()) {
            return (found.0, found.1, true);
        }
        // The criterion is not what orders were compared by: the start's own order may give a better graph.
        let start = task.start().filter(|_| score.kind() == ScoreKind::EvEbic);
        let own = start.and_then(|start| StartKind::Given.order(task.moments(), Units::Own, Some(start), task.precedence(), clock));
        let given = own.map(|order| valued(pruning.graph(score, clock, &order)));
        let least = 1e-12 * found.1.abs();
        match given.into_iter().chain(task.given_graph(score)).min_by(|a, b| a.1.total_cmp(&b.1)) {
            Some(given) if given.1 < found.1 - least => (given.0, given.1, false),
            _ => (found.0, found.1, true),
        }
    }

    fn outcome(&self, task: &Task<'_>, search: &Search<'_>, harvest: Harvest) -> Outcome<WeightedDag> {
        let kind = task.problem().score().kind();
        let Harvest { counters, best, mut stopped } = harvest;
        let Some(mut best) = best else { return Outcome::new(Status::Failed("no start".into())) };
        let whole = self.pruning().keeps_the_score(kind);
        let polished = if stopped.is_none() && whole { polish(search, &best) } else { Polished::unseen() };
        if let Some((graph, value)) = polished.better {
            best.course.scores.push(value);
            best.order.clone_from(&graph.order);
            // Under ev-ebic the order alone counts: its edges are chosen by the criterion.
            best.graph = (kind != ScoreKind::EvEbic).then_some(graph);
        }
        stopped = stopped.or(polished.stopped);
        task.clock().begin_last_pass();
        let (solution, objective, own) = self.graph(task, search, &best.order, best.graph);
        // A graph for which there was no time left is not the order's own.
        let is_cut = !task.clock().may_go_on();
        if is_cut {
            stopped = stopped.or_else(|| task.clock().stop());
        }
        let optimal = match search.method {
            // The descent itself has looked at every insertion.
            Method::Dense => true,
            Method::Costs if search.score.is_exact() => true,
            Method::Sparse | Method::Costs => polished.is_optimal,
        };
        let regular = kind == ScoreKind::Logistic || task.moments().is_regular();
        let reliable = regular || polished.is_optimal && task.moments().is_certain();
        let locally = whole && own && optimal && reliable && kind != ScoreKind::EvEbic;
        let status = ended(stopped, if locally { Status::LocallyOptimal } else { Status::Feasible });
        let mut outcome = Outcome::new(status).with_solution(task.in_variables(solution), Some(objective));
        // Near-singular data leave the checker's tolerances no room: nothing is promised there.
        if own && !is_cut && regular && best.course.stopped.is_none() && (search.method == Method::Dense || search.convex) {
            outcome.promised.push("insertion-optimal".into());
            if whole && (kind == ScoreKind::Ev && search.method == Method::Dense || best.course.stationary) {
                outcome.promised.push("stationary".into());
            }
        }
        let mut trace = Trace::new(["iteration", "objective"]);
        for (k, &score) in best.course.scores.iter().enumerate() {
            trace.push(&[k as f64, score + search.score.offset()]);
        }
        outcome.trace = Some(trace);
        if kind != ScoreKind::Logistic && !task.moments().is_certain() {
            outcome.notes.push(task.moments().doubtful(task.problem().names()));
        }
        if task.moments().ridge() > 0.0 && kind != ScoreKind::Logistic {
            outcome.notes.push(format!(
                "some variables are linear combinations of others (or there are too few observations): the search uses a ridge of {:e} of each variance",
                task.moments().ridge()
            ));
        }
        task.annotate(&mut outcome, counters);
        outcome
    }
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

    fn warm_start(&self) -> Option<&dyn WarmStart<DagLearning>> {
        Some(self)
    }

    fn solve_accepted(&self, problem: &DagLearning, run: &Run) -> Result<Outcome<WeightedDag>, SolveError> {
        Ok(within(run.threads(), || self.search(problem, run)))
    }
}

/// From an order (a solution without edges), a graph, or both: it is descended from, and nothing worse than the graph is returned.
impl WarmStart<DagLearning> for OrderSearch {}
