//! What a solver works on: the problem with its moments, its variables perhaps numbered by what they hold.

use fathom_opt_core::{Counters, Outcome, Run, Status, Stop};
use fathom_opt_problems::Problem as _;
use fathom_opt_problems::dag_learning::{DagLearning, Edge, ScoreKind, Start, WeightedDag};

use crate::clock::Clock;
use crate::evaluate::evaluate;
use crate::local_score::ProblemScore;
use crate::moments::Moments;
use crate::numbering::Numbering;
use crate::precedence::Precedence;
use crate::starts::{acyclic_part, topological};

/// A problem made ready. Nodes are numbers; [`in_variables`](Self::in_variables) turns a graph back.
pub(crate) struct Task<'a> {
    problem: &'a DagLearning,
    moments: Moments,
    precedence: Option<Precedence>,
    start: Option<Start>,
    numbering: Option<Numbering>,
    clock: &'a Clock<'a>,
}

/// The start that the run brings, or else the instance's own.
fn start_of(problem: &DagLearning, run: &Run) -> Option<Start> {
    run.start::<WeightedDag>().map(|solution| Start::from_solution(solution.clone())).or_else(|| problem.start().cloned())
}

impl<'a> Task<'a> {
    /// The problem made ready; where there is no time for that, the best answer without it.
    pub(crate) fn new(problem: &'a DagLearning, clock: &'a Clock<'a>) -> Result<Self, Box<Outcome<WeightedDag>>> {
        let start = start_of(problem, clock.run());
        let stopped = |clock: &Clock<'_>| clock.stop().map_or(Status::Failed("no moments of the data".into()), Status::from);
        let Some(moments) = Moments::within(problem, clock) else {
            return Err(Box::new(without_data(problem, start.as_ref(), stopped(clock))));
        };
        let d = problem.variables();
        // A score that sees no direction ends at one of many equal graphs: which one must not depend on units or the sequence of the columns.
        let numbering = (problem.score().kind() == ScoreKind::NvBic).then(|| Numbering::of(problem, &moments));
        let precedence = Precedence::of(problem.knowledge(), d);
        let Some(numbering) = numbering else { return Ok(Self { problem, moments, precedence, start, numbering: None, clock }) };
        Ok(Self {
            problem,
            moments: moments.renumbered(numbering.variables()),
            precedence: precedence.map(|precedence| precedence.renumbered(numbering.variables())),
            start: start.map(|start| numbering.start(&start)),
            numbering: Some(numbering),
            clock,
        })
    }

    pub(crate) fn problem(&self) -> &'a DagLearning {
        self.problem
    }

    pub(crate) fn moments(&self) -> &Moments {
        &self.moments
    }

    pub(crate) fn precedence(&self) -> Option<&Precedence> {
        self.precedence.as_ref()
    }

    /// Where to start, if somebody said so.
    pub(crate) fn start(&self) -> Option<&Start> {
        self.start.as_ref()
    }

    pub(crate) fn clock(&self) -> &'a Clock<'a> {
        self.clock
    }

    /// The problem's score over the task's numbers.
    pub(crate) fn score(&self) -> ProblemScore<'_> {
        ProblemScore::numbered(self.problem, &self.moments, self.numbering.as_ref(), Some(self.clock))
    }

    /// The problem's score of a graph over numbers.
    pub(crate) fn evaluate(&self, edges: &[Edge]) -> f64 {
        evaluate(self.problem, &self.moments, self.numbering.as_ref(), edges)
    }

    /// A graph over numbers as one over the problem's variables.
    pub(crate) fn in_variables(&self, dag: WeightedDag) -> WeightedDag {
        match &self.numbering {
            None => dag,
            Some(numbering) => numbering.to_variables(&dag),
        }
    }

    /// The start as a solution, without its weakest edges on cycles and with the better of its own and refitted weights, and its score; `None` where the
    /// start is no graph, or knowledge forbids it. What a solver returns is never worse.
    pub(crate) fn given_graph(&self, score: &ProblemScore<'_>) -> Option<(WeightedDag, f64)> {
        let d = self.moments.variables();
        let edges = acyclic_part(d, self.start.as_ref()?.edges()?);
        let order = topological(d, &edges)?;
        let as_given = WeightedDag { order, edges };
        if !honours(self.problem, &self.in_variables(as_given.clone()).edges) {
            return None;
        }
        let mut parents = vec![Vec::new(); d];
        for &(from, to, _) in &as_given.edges {
            parents[to].push(from);
        }
        let refitted: Vec<Edge> = as_given
            .order
            .iter()
            .flat_map(|&node| {
                let weights = score.refit(node, &parents[node]);
                parents[node].iter().zip(weights).map(move |(&from, weight)| (from, node, weight)).collect::<Vec<_>>()
            })
            .collect();
        let refitted = WeightedDag { order: as_given.order.clone(), edges: refitted };
        [as_given, refitted]
            .map(|dag| (self.evaluate(&dag.edges), dag))
            .into_iter()
            .min_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(value, dag)| (dag, value))
    }

    /// What every outcome says: what was to be known about the data, and what the solution has in any case.
    pub(crate) fn annotate(&self, outcome: &mut Outcome<WeightedDag>, counters: Counters) {
        outcome.promised.insert(0, "acyclic".into());
        if !self.problem.knowledge().is_empty() {
            outcome.promised.insert(1, "knowledge".into());
        }
        outcome.counters = counters;
        outcome.notes.splice(0..0, self.problem.warnings());
    }
}

/// The answer where there was no time to look at the data: the start if it honours what is known, or the edges that are required, without an effect.
fn without_data(problem: &DagLearning, start: Option<&Start>, status: Status) -> Outcome<WeightedDag> {
    let d = problem.variables();
    let given = start.and_then(Start::edges).map(|edges| acyclic_part(d, edges)).filter(|edges| honours(problem, edges));
    let edges = given.unwrap_or_else(|| problem.knowledge().required().iter().map(|&(from, to)| (from, to, 0.0)).collect());
    let order = topological(d, &edges).unwrap_or_default();
    let mut outcome = Outcome::new(status).with_solution(WeightedDag { order, edges }, None);
    outcome.promised.push("acyclic".into());
    if !problem.knowledge().is_empty() {
        outcome.promised.push("knowledge".into());
    }
    outcome.notes.push("the time was over before the data had been read once".into());
    outcome
}

/// Whether a graph over the problem's variables is what knowledge allows.
fn honours(problem: &DagLearning, edges: &[Edge]) -> bool {
    let (d, knowledge) = (problem.variables(), problem.knowledge());
    let forbidden = knowledge.forbidden_parents(d);
    let mut parents = vec![0; d];
    let mut there: Vec<(usize, usize)> = edges.iter().map(|&(from, to, _)| (from, to)).collect();
    there.sort_unstable();
    for &(_, to) in &there {
        parents[to] += 1;
    }
    knowledge.required().iter().all(|edge| there.binary_search(edge).is_ok())
        && there.iter().all(|&(from, to)| forbidden[to].binary_search(&from).is_err())
        && knowledge.max_parents().is_none_or(|most| parents.iter().all(|&count| count <= most))
}

/// Why a search ended, as a status.
pub(crate) fn ended(stopped: Option<Stop>, otherwise: Status) -> Status {
    stopped.map_or(otherwise, Status::from)
}
