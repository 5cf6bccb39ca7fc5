//! Search over orders with exact gains of all moves.

use fathom_core::{Counters, OptionError, Outcome, Run, SolveError, Solver, Status, Trace};
use fathom_problems::Problem as _;
use fathom_problems::dag_learning::{DagLearning, ScoreKind, WeightedDag};
use rand::RngExt;
use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::descent::{self, Course, Neighbourhood};
use crate::evaluate::evaluate;
use crate::local_score::ProblemScore;
use crate::local_search::{self, Costs};
use crate::moments::Moments;
use crate::order_factor::OrderFactor;
use crate::precedence::Precedence;
use crate::prune::Pruning;
use crate::starts::{StartKind, random};
use crate::threads::within;

/// Variable neighbourhood descent over orders from several starts, each followed by kicks, then the edges that the score wants.
///
/// Least squares without forbidden edges: all re-insertions in `O(d^2)` and all exchanges in `O(d^3)` from the Cholesky factor and its inverse, the best
/// disjoint ones applied together. Other scores: re-insertions with remembered node costs. An iteration is one pass of one start; the iteration and oracle
/// limits of a run hold for each start.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct OrderSearch {
    /// Deterministic starts.
    pub starts: Vec<StartKind>,
    /// Random starts beside them (by default 20 up to 32 variables, 10 up to 64, 4 up to 128, none beyond; fewer for scores without closed-form gains).
    pub restarts: Option<u64>,
    /// Kicks after each start's descent: `round(ln d)` random exchanges, another descent, kept if better (by default 2 up to 128 variables, else 0).
    pub kicks: Option<u64>,
    /// Whether exchanges are tried where no re-insertion improves (by default up to 300 variables).
    pub exchanges: Option<bool>,
    /// Whether runs of two to five nodes are moved where neither a re-insertion nor an exchange improves (by default up to 300 variables).
    pub blocks: Option<bool>,
    /// Which edges the order's graph keeps.
    pub prune: crate::prune::Prune,
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

/// Where a chain starts.
#[derive(Clone)]
enum Origin {
    Order(Vec<usize>),
    Random(u64),
}

/// Where a chain ended.
struct Chain {
    order: Vec<usize>,
    score: f64,
    course: Course,
}

/// What all chains share.
struct Search<'a> {
    moments: &'a Moments,
    score: &'a ProblemScore<'a>,
    precedence: Option<&'a Precedence>,
    dense: bool,
    kicks: u64,
    hood: Neighbourhood,
    run: &'a Run,
}

impl Search<'_> {
    fn chain(&self, index: usize, origin: &Origin) -> Option<Chain> {
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
        let (order, score) =
            if self.dense { self.dense(start, &mut kicks, &mut course) } else { self.local(start, &mut kicks, &mut course) };
        Some(Chain { order, score, course })
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
            if self.run.should_stop(&course.counters).is_some() {
                break;
            }
        }
        best
    }

    fn local(&self, mut order: Vec<usize>, rng: &mut impl RngExt, course: &mut Course) -> (Vec<usize>, f64) {
        let mut costs = Costs::new(self.score);
        let mut score = local_search::descend(&mut costs, &mut order, self.precedence, self.run, course);
        for _ in 0..self.kicks {
            if course.stopped.is_some() {
                break;
            }
            let mut trial_order = kicked(&order, self.precedence, rng);
            let mut trial = Course { counters: course.counters.clone(), ..Course::default() };
            let value = local_search::descend(&mut costs, &mut trial_order, self.precedence, self.run, &mut trial);
            course.counters = trial.counters;
            if trial.stopped.is_none() && score - value > descent::LEAST_GAIN * score.abs() {
                (order, score) = (trial_order, value);
                course.scores.push(score);
            }
            if self.run.should_stop(&course.counters).is_some() {
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

impl OrderSearch {
    fn pruning(&self) -> Pruning {
        Pruning { prune: self.prune, prune_threshold: self.prune_threshold, prune_l1: self.prune_l1 }
    }

    fn origins(&self, problem: &DagLearning, moments: &Moments, precedence: Option<&Precedence>, dense: bool) -> Vec<Origin> {
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
        let automatic = match (dense, d) {
            (true, ..=32) => 20,
            (true, ..=64) => 10,
            (true, ..=128) => 4,
            (false, ..=16) => 5,
            (false, ..=64) => 1,
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
        let dense = matches!(kind, ScoreKind::Ev | ScoreKind::EvEbic)
            && problem.knowledge().forbidden().is_empty()
            && problem.knowledge().max_parents().is_none();
        let search = Search {
            moments: &moments,
            score: &score,
            precedence: precedence.as_ref(),
            dense,
            kicks: self.kicks.unwrap_or(if d <= 128 { 2 } else { 0 }),
            hood: Neighbourhood { exchanges: self.exchanges.unwrap_or(d <= 300), blocks: self.blocks.unwrap_or(d <= 300) },
            run,
        };
        // Starts for a scale-free score must not depend on the scale.
        let standardised = (kind == ScoreKind::NvBic).then(|| standardised(&moments));
        let origins = self.origins(problem, standardised.as_ref().unwrap_or(&moments), precedence.as_ref(), dense);
        let chains: Vec<Option<Chain>> = origins.par_iter().enumerate().map(|(index, origin)| search.chain(index, origin)).collect();
        self.outcome(problem, &moments, chains, dense)
    }

    fn outcome(&self, problem: &DagLearning, moments: &Moments, chains: Vec<Option<Chain>>, dense: bool) -> Outcome<WeightedDag> {
        let kind = problem.score().kind();
        let mut counters = Counters::default();
        let mut best: Option<Chain> = None;
        let mut stopped = None;
        for chain in chains {
            let Some(chain) = chain else { continue };
            counters.iterations += chain.course.counters.iterations;
            counters.oracle_calls += chain.course.counters.oracle_calls;
            for (&name, &count) in &chain.course.counters.others {
                counters.add(name, count);
            }
            counters.add("starts", 1);
            stopped = stopped.or(chain.course.stopped);
            if best.as_ref().is_none_or(|best| chain.score < best.score) {
                best = Some(chain);
            }
        }
        let Some(best) = best else { return Outcome::new(Status::Failed("no start".into())) };
        let pruning = self.pruning();
        let solution = pruning.graph(problem, moments, &best.order);
        let objective = evaluate(problem, moments, &solution.edges);
        let whole = pruning.keeps_the_score(kind);
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
        if dense && moments.ridge() == 0.0 && best.course.stopped.is_none() {
            outcome.promised.push("insertion-optimal".into());
            if whole && kind == ScoreKind::Ev {
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

    fn solve(&self, problem: &DagLearning, run: &Run) -> Result<Outcome<WeightedDag>, SolveError> {
        self.validate()?;
        Ok(within(run.threads(), || self.search(problem, run)))
    }
}
