//! The best order of all, by dynamic programming over subsets.

use std::ops::ControlFlow;

use fathom_opt_core::{Counters, OptionError, Outcome, Run, SolveError, Solver, Status, Stop};
use fathom_opt_problems::Problem as _;
use fathom_opt_problems::dag_learning::{DagLearning, ScoreKind, WeightedDag};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::evaluate::evaluate;
use crate::given_graph::given_graph;
use crate::local_score::{LocalScore, ProblemScore};
use crate::moments::Moments;
use crate::precedence::Precedence;
use crate::prune::{Prune, Pruning};
use crate::selection::regress;
use crate::starts::StartKind;
use crate::subset_sweep::sweep;

/// Dynamic programming over subsets (Silander and Myllymaki 2006): `f(S) = min_j f(S \ j) + cost(j | S \ j)`, with proof.
///
/// Least squares need one number per subset; scores that choose parents need one per node and subset. Convex penalised scores refit every node for every
/// subset, so they take far fewer variables in the same time. `ev-ebic` does not split into node costs: its order is the proven best by least squares.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct ExactOrder {
    /// MiB that the tables may take: 256 are enough for 25 variables under least squares, for 20 under `nv-bic`.
    pub memory: u64,
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
        Self { memory: 256, prune: pruning.prune, prune_threshold: pruning.prune_threshold, prune_l1: pruning.prune_l1 }
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
        let limited = !problem.knowledge().forbidden().is_empty() || problem.knowledge().max_parents().is_some();
        match problem.score().kind() {
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
        if size > self.memory as f64 || d > 30 {
            let why = format!("{d} variables need {size:.0} MiB (the option `memory` allows {})", self.memory);
            return Err(SolveError::Unsupported { solver: Self::NAME, why });
        }
        Ok(())
    }

    fn solve_accepted(&self, problem: &DagLearning, run: &Run) -> Result<Outcome<WeightedDag>, SolveError> {
        let moments = Moments::of(problem);
        let mut programme = Programme::new(problem, &moments);
        if let Some(stop) = programme.fill(run) {
            return Ok(programme.cut_short(self.pruning(), stop));
        }
        Ok(programme.outcome(self.pruning()))
    }
}

/// The tables of one solve.
struct Programme<'a> {
    problem: &'a DagLearning,
    moments: &'a Moments,
    score: ProblemScore<'a>,
    precedence: Option<Precedence>,
    table: Table,
    /// `best[S]`: the cost of the best order of `S`.
    best: Vec<f64>,
    /// `parents[j * 2^d + S]`: the cost of `j` with the best parents within `S`; empty unless parents are chosen.
    parents: Vec<f64>,
    counters: Counters,
}

/// Subsets between two looks at the clock.
const INTERVAL: usize = 1 << 10;

fn nodes(subset: usize) -> impl Iterator<Item = usize> {
    let mut left = subset;
    std::iter::from_fn(move || {
        (left != 0).then(|| {
            let node = left.trailing_zeros() as usize;
            left &= left - 1;
            node
        })
    })
}

impl<'a> Programme<'a> {
    fn new(problem: &'a DagLearning, moments: &'a Moments) -> Self {
        let d = problem.variables();
        let table = Table::of(problem);
        let mut best = vec![f64::INFINITY; 1 << d];
        best[0] = 0.0;
        Self {
            problem,
            moments,
            score: ProblemScore::new(problem, moments),
            precedence: Precedence::of(problem.knowledge(), d),
            table,
            best,
            parents: if table == Table::ParentSets { vec![f64::INFINITY; d << d] } else { Vec::new() },
            counters: Counters::default(),
        }
    }

    /// Whether `node` may come right after the nodes of `subset`.
    fn may_follow(&self, node: usize, subset: usize) -> bool {
        let d = self.moments.variables();
        self.precedence.as_ref().is_none_or(|precedence| (0..d).all(|other| subset >> other & 1 == 1 || !precedence.is_before(other, node)))
    }

    fn fill(&mut self, run: &Run) -> Option<Stop> {
        let d = self.moments.variables();
        let mut stopped = None;
        let moments = self.moments;
        let all = (1_usize << d) - 1;
        let mut visit = |subset: usize, variances: &[f64]| {
            // Fits take long, so that the clock is asked at each.
            if self.table == Table::Fits || subset.is_multiple_of(INTERVAL) {
                stopped = run.should_stop(&self.counters);
                if stopped.is_some() {
                    return ControlFlow::Break(());
                }
            }
            self.counters.iterations += 1;
            for node in nodes(all & !subset) {
                if self.table == Table::ParentSets {
                    self.choose_parents(node, subset, variances[node]);
                }
                if self.best[subset].is_finite() && self.may_follow(node, subset) {
                    let value = self.best[subset] + self.cost(node, subset, variances[node]);
                    let target = &mut self.best[subset | 1 << node];
                    if value < *target {
                        *target = value;
                    }
                }
            }
            ControlFlow::Continue(())
        };
        // Why it ended stands in `stopped`.
        let _ = sweep(moments, &mut visit);
        stopped
    }

    /// `g(j, S) = min(cost of exactly S, min_i g(j, S \ i))`.
    fn choose_parents(&mut self, node: usize, subset: usize, variance: f64) {
        let at = node << self.moments.variables();
        let mut value = self.score.parent_set_cost(node, subset, variance);
        for other in nodes(subset) {
            value = value.min(self.parents[at + (subset & !(1 << other))]);
        }
        self.parents[at + subset] = value;
    }

    fn cost(&self, node: usize, subset: usize, variance: f64) -> f64 {
        match self.table {
            Table::Variances => 0.5 * variance,
            Table::ParentSets => self.parents[(node << self.moments.variables()) + subset],
            Table::Fits => self.score.cost(node, &nodes(subset).collect::<Vec<_>>()),
        }
    }

    /// Backwards from the whole set: the last node, the last but one, ...
    fn order(&self) -> Vec<usize> {
        let d = self.moments.variables();
        let mut left = (1_usize << d) - 1;
        let mut order = Vec::with_capacity(d);
        while left != 0 {
            let value = |node: usize| {
                let before = left & !(1 << node);
                if !self.best[before].is_finite() || !self.may_follow(node, before) {
                    return f64::INFINITY;
                }
                let members: Vec<usize> = nodes(before).collect();
                self.best[before]
                    + match self.table {
                        Table::Variances => self.score.cost(node, &members),
                        Table::ParentSets | Table::Fits => self.cost(node, before, 0.0),
                    }
            };
            // Each value once: a fit may be expensive.
            let values: Vec<(usize, f64)> = nodes(left).map(|node| (node, value(node))).collect();
            let last = values.iter().min_by(|a, b| a.1.total_cmp(&b.1)).map_or(0, |&(node, _)| node);
            order.push(last);
            left &= !(1 << last);
        }
        order.reverse();
        order
    }

    /// The parents that attain `g(j, S)`: nodes leave while the value stays.
    fn chosen_parents(&self, node: usize, subset: usize) -> Vec<usize> {
        let at = node << self.moments.variables();
        let mut subset = subset;
        while let Some(other) = nodes(subset).find(|other| self.parents[at + (subset & !(1 << other))] == self.parents[at + subset]) {
            subset &= !(1 << other);
        }
        nodes(subset).collect()
    }

    fn outcome(&self, pruning: Pruning) -> Outcome<WeightedDag> {
        let kind = self.problem.score().kind();
        let order = self.order();
        let by_parents = self.table == Table::ParentSets && pruning.prune == Prune::Auto && kind != ScoreKind::EvEbic;
        let solution = if by_parents { self.graph_of_parents(order) } else { pruning.graph(self.problem, self.moments, &order) };
        let objective = evaluate(self.problem, self.moments, &solution.edges);
        let proven = kind != ScoreKind::EvEbic && pruning.keeps_the_score(kind);
        // A greedy choice of parents by another pruning would not attain what was proven.
        let proven = proven && (by_parents || self.table != Table::ParentSets);
        let mut outcome = Outcome::new(if proven { Status::Optimal } else { Status::Feasible }).with_solution(solution, Some(objective));
        outcome.notes = self.problem.warnings();
        if self.moments.ridge() > 0.0 && kind != ScoreKind::Logistic {
            // The table was computed for the regularised moments; the score is not.
            outcome.status = Status::Feasible;
            outcome.notes.push(
                "the data do not determine every regression: the order is the best for slightly regularised data, without proof".into(),
            );
        } else if kind != ScoreKind::EvEbic {
            outcome.bound = self.best.last().map(|&best| best.min(objective));
        } else {
            outcome
                .notes
                .push("the order is the proven best by least squares; the score ev-ebic itself does not split into node costs".into());
        }
        outcome.promised.push("acyclic".into());
        if !self.problem.knowledge().is_empty() {
            outcome.promised.push("knowledge".into());
        }
        if self.moments.ridge() == 0.0 && self.table == Table::Variances {
            outcome.promised.extend(["insertion-optimal".into(), "swap-optimal".into()]);
        }
        outcome.counters = self.counters.clone();
        outcome
    }

    fn graph_of_parents(&self, order: Vec<usize>) -> WeightedDag {
        let mut before = 0;
        let mut edges = Vec::new();
        for &node in &order {
            let parents = self.chosen_parents(node, before);
            let weights = regress(self.moments, node, &parents);
            edges.extend(parents.into_iter().zip(weights).map(|(parent, weight)| (parent, node, weight)));
            before |= 1 << node;
        }
        WeightedDag { order, edges }
    }

    /// A run that was stopped returns the better of the top-down order and what it was given, unproven.
    fn cut_short(&self, pruning: Pruning, stop: Stop) -> Outcome<WeightedDag> {
        let mut outcome = Outcome::new(stop.into());
        let starts = [StartKind::TopDown, StartKind::Given];
        let orders = starts.iter().filter_map(|kind| kind.order(self.moments, self.problem.start(), self.precedence.as_ref()));
        let graphs = orders.map(|order| {
            let solution = pruning.graph(self.problem, self.moments, &order);
            let objective = evaluate(self.problem, self.moments, &solution.edges);
            (solution, objective)
        });
        let given = given_graph(self.problem, self.moments, &self.score);
        if let Some((solution, objective)) = graphs.chain(given).min_by(|a, b| a.1.total_cmp(&b.1)) {
            outcome = outcome.with_solution(solution, Some(objective));
        }
        outcome.promised.push("acyclic".into());
        outcome.notes = self.problem.warnings();
        outcome.counters = self.counters.clone();
        outcome
    }
}
