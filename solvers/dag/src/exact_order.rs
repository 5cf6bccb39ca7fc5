//! The best order of all, by dynamic programming over subsets.

use std::ops::ControlFlow;

use fathom_opt_core::{Counters, Limit, OptionError, Outcome, Progress, Run, SolveError, Solver, Status, Stop, WarmStart};
use fathom_opt_problems::dag_learning::{DagLearning, ScoreKind, WeightedDag};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::clock::Clock;
use crate::local_score::{LocalScore, ProblemScore, is_limited};
use crate::number::Number as _;
use crate::parent_table::{ParentTable, nodes};
use crate::prune::{Prune, Pruning};
use crate::starts::{StartKind, Units};
use crate::subset_sweep::sweep;
use crate::task::Task;

/// Dynamic programming over subsets (Silander and Myllymaki 2006): `f(S) = min_j f(S \ j) + cost(j | S \ j)`, with proof.
///
/// Least squares need one number per subset; scores that choose parents need one per node and subset. Convex penalised scores refit every node for every
/// subset, so they take far fewer variables in the same time; with a limit on parents, all sets of so many. `ev-ebic` does not split into node costs: its order is the proven best by least squares.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct ExactOrder {
    /// MiB that the tables may take: 256 are enough for 25 variables under least squares, for 20 under `nv-bic` or where knowledge limits parents.
    pub max_memory: u64,
    /// Which edges the order's graph keeps.
    pub prune: Prune,
    /// The smallest absolute weight that stays under `prune = threshold`.
    pub prune_threshold: f64,
    /// The l1 term under `prune = l1`.
    pub prune_l1: f64,
}

impl Default for ExactOrder {
    fn default() -> Self {
        let pruning = Pruning::default();
        Self { max_memory: 256, prune: pruning.prune, prune_threshold: pruning.prune_threshold, prune_l1: pruning.prune_l1 }
    }
}

/// Which numbers the table holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Table {
    /// One per subset: costs are conditional variances.
    Variances,
    /// One per subset and one per node and subset: the best parents within the subset.
    ParentSets,
    /// One per subset: costs come from a convex fit.
    Fits,
}

impl Table {
    fn of(problem: &DagLearning) -> Self {
        let knowledge = problem.knowledge();
        let limited = is_limited(knowledge, problem.variables());
        match problem.score().kind() {
            ScoreKind::L1 | ScoreKind::Logistic if knowledge.max_parents().is_some() => Self::ParentSets,
            ScoreKind::L1 | ScoreKind::Logistic => Self::Fits,
            ScoreKind::NvBic => Self::ParentSets,
            ScoreKind::Ev | ScoreKind::EvEbic if limited => Self::ParentSets,
            ScoreKind::Ev | ScoreKind::EvEbic => Self::Variances,
        }
    }

    /// MiB for `d` variables.
    fn size(self, d: usize) -> f64 {
        let per_subset = if self == Self::ParentSets { d + 1 } else { 1 };
        // 2^d numbers of 8 bytes are 2^(d - 17) MiB.
        per_subset as f64 * (d as f64 - 17.0).exp2()
    }
}

impl ExactOrder {
    fn pruning(&self) -> Pruning {
        Pruning { prune: self.prune, prune_threshold: self.prune_threshold, prune_l1: self.prune_l1 }
    }
}

impl Solver<DagLearning> for ExactOrder {
    const NAME: &'static str = "exact-order";
    const SUMMARY: &'static str = "dynamic programming over subsets: the best order, with proof";

    fn validate(&self) -> Result<(), OptionError> {
        self.pruning().validate()
    }

    fn accepts(&self, problem: &DagLearning) -> Result<(), SolveError> {
        let (d, table) = (problem.variables(), Table::of(problem));
        let size = table.size(d);
        if size > self.max_memory as f64 || d > 30 {
            let why = format!("{d} variables need {size:.0} MiB (the option `max-memory` allows {})", self.max_memory);
            return Err(SolveError::Unsupported { solver: Self::NAME, why });
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
        let mut programme = Programme::new(&task, &score);
        Ok(match programme.fill() {
            Some(stop) => programme.cut_short(self.pruning(), stop),
            None => programme.outcome(self.pruning()),
        })
    }
}

/// What is returned when a limit ends the programme, where it is better than the top-down order.
impl WarmStart<DagLearning> for ExactOrder {}

/// The tables of one solve.
struct Programme<'a> {
    task: &'a Task<'a>,
    score: &'a ProblemScore<'a>,
    table: Table,
    /// `best[S]`: the cost of the best order of `S`.
    best: Vec<f64>,
    /// The best parents of every node within every subset, where parents are chosen.
    parents: Option<ParentTable<'a>>,
    /// How far the true cost of a node may lie below a fitted one.
    gap: f64,
    /// Values that differ by less are the same.
    least: f64,
    counters: Counters,
}

/// Subsets between two looks at the clock.
const INTERVAL: usize = 1 << 10;

/// A proof holds if the optimum is known to this share of it: half of what the checker allows an objective.
const PROVEN: f64 = 5e-9;

impl<'a> Programme<'a> {
    fn new(task: &'a Task<'a>, score: &'a ProblemScore<'a>) -> Self {
        let d = score.variables();
        let table = Table::of(task.problem());
        let mut best = vec![f64::INFINITY; 1 << d];
        best[0] = 0.0;
        let scale_free = score.kind() == ScoreKind::NvBic;
        let least = if scale_free { 1e-11 * score.moments().observations() as f64 } else { 0.0 };
        let parents = (table == Table::ParentSets).then(|| ParentTable::new(score));
        Self { task, score, table, best, parents, gap: 0.0, least, counters: Counters::default() }
    }

    /// Whether `node` may come right after the nodes of `subset`.
    fn may_follow(&self, node: usize, subset: usize) -> bool {
        let d = self.score.variables();
        self.task.precedence().is_none_or(|precedence| (0..d).all(|other| subset >> other & 1 == 1 || !precedence.is_before(other, node)))
    }

    fn fill(&mut self) -> Option<Stop> {
        let mut stopped = None;
        let moments = self.score.moments();
        // Why it ended stands in `stopped`.
        let _ = match moments.precise() {
            Some(gram) => sweep(gram, &mut |subset, variances| self.visit(subset, &|node| variances[node].value(), &mut stopped)),
            None => sweep(moments.plain(), &mut |subset, variances| self.visit(subset, &|node| variances[node], &mut stopped)),
        };
        stopped
    }

    /// Extends the best order of `subset` by every node; `variance` is that of a node given the subset, in its unit.
    fn visit(&mut self, subset: usize, variance: &dyn Fn(usize) -> f64, stopped: &mut Option<Stop>) -> ControlFlow<()> {
        let (clock, all) = (self.task.clock(), self.best.len() - 1);
        // Fits take long, so that the clock is asked at each.
        let fits = matches!(self.score.kind(), ScoreKind::L1 | ScoreKind::Logistic);
        if fits || subset.is_multiple_of(INTERVAL) {
            *stopped = clock.run().should_stop(&self.counters);
            if stopped.is_some() {
                return ControlFlow::Break(());
            }
            clock.report(|| Progress { done: self.counters.iterations, total: Some(self.best.len() as u64), objective: None, bound: None });
        }
        self.counters.iterations += 1;
        for node in nodes(all & !subset) {
            if let Some(parents) = &mut self.parents {
                parents.choose(node, subset, variance(node));
            }
            if self.best[subset].is_finite() && self.may_follow(node, subset) {
                let value = self.best[subset] + self.cost(node, subset, variance(node));
                let target = &mut self.best[subset | 1 << node];
                if value < *target {
                    *target = value;
                }
            }
            if fits && !clock.may_go_on() {
                *stopped = clock.stop();
                return ControlFlow::Break(());
            }
        }
        ControlFlow::Continue(())
    }

    fn cost(&mut self, node: usize, subset: usize, variance: f64) -> f64 {
        match (&self.parents, self.table) {
            (Some(parents), _) => parents.cost(node, subset),
            (None, Table::Fits) => {
                let (value, gap) = self.score.fitted_cost(node, &nodes(subset).collect::<Vec<_>>());
                self.gap = self.gap.max(gap);
                value
            }
            (None, _) => 0.5 * (variance * self.score.moments().square(node)),
        }
    }

    /// Backwards from the whole set: the last node, the last but one, ...
    fn order(&mut self) -> Vec<usize> {
        let d = self.score.variables();
        let mut left = (1_usize << d) - 1;
        let mut order = Vec::with_capacity(d);
        while left != 0 {
            // Each value once: a fit may be expensive. Of values that only rounding tells apart the first counts.
            let mut last = (f64::INFINITY, left.trailing_zeros() as usize);
            for node in nodes(left) {
                let before = left & !(1 << node);
                if !self.best[before].is_finite() || !self.may_follow(node, before) {
                    continue;
                }
                let cost = match self.table {
                    Table::Variances => self.score.cost(node, &nodes(before).collect::<Vec<_>>()),
                    Table::ParentSets | Table::Fits => self.cost(node, before, 0.0),
                };
                let value = self.best[before] + cost;
                if value < last.0 - self.least {
                    last = (value, node);
                }
            }
            order.push(last.1);
            left &= !(1 << last.1);
        }
        order.reverse();
        order
    }

    fn outcome(mut self, pruning: Pruning) -> Outcome<WeightedDag> {
        let kind = self.score.kind();
        let order = self.order();
        let clock = self.task.clock();
        clock.begin_last_pass();
        let by_parents = self.parents.as_ref().filter(|_| pruning.prune == Prune::Auto && kind != ScoreKind::EvEbic);
        let mut solution = match by_parents {
            Some(parents) => graph_of_parents(parents, order),
            None => pruning.graph(self.score, clock, &order),
        };
        let mut objective = self.task.evaluate(&solution.edges);
        // Numbers that are in doubt may rank orders wrongly: what was given is then kept where it is better.
        let given = self.task.given_graph(self.score).filter(|_| pruning.keeps_the_score(kind));
        let is_own = given.as_ref().is_none_or(|given| given.1 >= objective - 1e-12 * objective.abs() - self.least);
        if let (Some(given), false) = (given, is_own) {
            (solution, objective) = given;
        }
        let fitted = self.gap + self.parents.as_ref().map_or(0.0, ParentTable::gap);
        let uncertain = (fitted + self.least) * self.score.variables() as f64;
        let best = self.best.last().map_or(f64::NEG_INFINITY, |best| best + self.score.offset() - uncertain);
        // The objective's natural unit: the number of observations under BIC, whose logarithms may add up to 0.
        let size = if kind == ScoreKind::NvBic { objective.abs().max(self.score.moments().observations() as f64) } else { objective.abs() };
        let is_over = clock.stop().filter(|stop| !matches!(stop, Stop::Limit(Limit::Iterations | Limit::OracleCalls)));
        let moments = self.score.moments();
        let reliable = match kind {
            ScoreKind::Logistic => true,
            // The duality gap of a fit accounts for what rounding does to it, and the l1 term keeps weights small.
            ScoreKind::L1 => moments.is_reliable(),
            ScoreKind::Ev | ScoreKind::EvEbic | ScoreKind::NvBic => moments.is_certain(),
        };
        // A greedy choice of parents by another pruning would not attain what was proven.
        let attains =
            kind != ScoreKind::EvEbic && pruning.keeps_the_score(kind) && (by_parents.is_some() || self.table != Table::ParentSets);
        let proven = attains && reliable && (objective - best).abs() <= PROVEN * size;
        let mut outcome = Outcome::new(match is_over {
            // The graph may have been cut short.
            Some(stop) if !proven => stop.into(),
            _ if proven => Status::Optimal,
            _ => Status::Feasible,
        });
        if !reliable {
            outcome.notes.push(moments.doubtful(self.task.problem().names()));
        } else if kind == ScoreKind::EvEbic {
            outcome
                .notes
                .push("the order is the proven best by least squares; the score ev-ebic itself does not split into node costs".into());
        } else {
            outcome.bound = Some(best.min(objective));
            if attains && !proven {
                outcome.notes.push("some convex fits ended before they were accurate enough for a proof of optimality".into());
            }
        }
        if is_own && moments.is_regular() && self.table == Table::Variances {
            outcome.promised.extend(["insertion-optimal".into(), "swap-optimal".into()]);
        }
        let outcome_solution = self.task.in_variables(solution);
        let mut outcome = outcome.with_solution(outcome_solution, Some(objective));
        self.task.annotate(&mut outcome, self.counters);
        outcome
    }

    /// A run that was stopped returns the better of the top-down order and what it was given, unproven.
    fn cut_short(self, pruning: Pruning, stop: Stop) -> Outcome<WeightedDag> {
        let (task, score, clock) = (self.task, self.score, self.task.clock());
        clock.begin_last_pass();
        let mut outcome = Outcome::new(stop.into());
        let starts = [StartKind::TopDown, StartKind::Given];
        let units = if score.kind() == ScoreKind::NvBic { Units::Deviations } else { Units::Own };
        let orders = starts.iter().filter_map(|kind| kind.order(score.moments(), units, task.start(), task.precedence(), clock));
        let graphs = orders.map(|order| {
            let solution = pruning.graph(score, clock, &order);
            let objective = task.evaluate(&solution.edges);
            (solution, objective)
        });
        let given = task.given_graph(score);
        if let Some((solution, objective)) = graphs.chain(given).min_by(|a, b| a.1.total_cmp(&b.1)) {
            outcome = outcome.with_solution(task.in_variables(solution), Some(objective));
        }
        task.annotate(&mut outcome, self.counters);
        outcome
    }
}

fn graph_of_parents(table: &ParentTable<'_>, order: Vec<usize>) -> WeightedDag {
    let mut edges = Vec::new();
    for (k, &node) in order.iter().enumerate() {
        edges.extend(table.fit(node, &order[..k]).into_iter().map(|(parent, weight)| (parent, node, weight)));
    }
    WeightedDag { order, edges }
}
