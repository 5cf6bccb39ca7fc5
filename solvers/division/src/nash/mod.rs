//! Maximum Nash welfare.

mod branch_and_bound;
mod bundle;
mod local_search;
mod prices;
mod product;

use fathom_opt_core::{Limit, Outcome, Run, SolveError, Solver, Status};
use fathom_opt_problems::fair_division::{Allocation, FairDivision, Notion, Welfare};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::branch_and_bound::{BranchAndBound, Proof, ROUNDING};
use self::local_search::LocalSearch;
use self::prices::Market;
use self::product::Incumbent;
use crate::assignment::outcome;
use crate::double_round_robin::{Form, double_round_robin};
use crate::efficiency::is_fpo;
use crate::fairness::is_ef1;
use crate::instance_class::InstanceClass;
use crate::matching::most_positive_agents;
use crate::two_sided_greedy::two_sided_greedy;
use crate::valuations::Valuations;
use crate::watch::Watch;

/// Maximum Nash welfare: as many agents as possible with positive utility, then the largest product of their utilities (to the power of their
/// entitlements).
///
/// Iterated local search, with products compared in big integers; then, for goods, a proof by branch and bound over prices. For goods the optimum is EF1
/// and Pareto optimal (Caragiannis et al. 2019). With chores or mixed items it is a heuristic, and promises only
/// what its result is seen to have.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MaxNashWelfare {
    /// Whether to go on until the optimum is proven. Without it the search ends at the root of the proof: in a moment, and usually at the optimum.
    pub prove: bool,
    /// Perturbations of the local search.
    pub rounds: u32,
    /// Nodes of the proof at most (0: as many as it takes). Almost all instances take a handful; agents who agree on nearly everything can take millions.
    pub most_nodes: u64,
}

impl Default for MaxNashWelfare {
    fn default() -> Self {
        Self { prove: true, rounds: 60, most_nodes: 0 }
    }
}

impl Solver<FairDivision> for MaxNashWelfare {
    const NAME: &'static str = "max-nash-welfare";
    const SUMMARY: &'static str = "the largest product of utilities, proven for goods: EF1 and Pareto optimal";

    fn accepts(&self, problem: &FairDivision) -> Result<(), SolveError> {
        let valuations = Valuations::cardinal(problem, Self::NAME)?;
        weights(problem)?;
        let largest =
            (0..valuations.agents()).map(|a| valuations.row(a).iter().map(|value| u128::from(value.unsigned_abs())).sum::<u128>()).max();
        if largest.is_some_and(|sum| sum >= 1 << 53) {
            let why = "an agent's utilities add up to 2^53 or more".into();
            return Err(SolveError::Unsupported { solver: Self::NAME, why });
        }
        Ok(())
    }

    fn solve_accepted(&self, problem: &FairDivision, run: &Run) -> Result<Outcome<Allocation>, SolveError> {
        let valuations = Valuations::cardinal(problem, Self::NAME)?;
        let weights = weights(problem)?;
        let mut watch = Watch::new(run);
        let mut incumbent = start(&valuations, &weights);
        let goods = InstanceClass::of(&valuations).goods;
        LocalSearch::new(&valuations, &weights, &incumbent.owner).iterate(&mut incumbent, &weights, self.rounds, &mut watch);
        // Without a proof the root is still worth its while: its prices lead the local search to better allocations.
        let most_nodes = if self.prove { self.most_nodes } else { 1 };
        let proof = goods.then(|| {
            let market = market(&valuations, &weights);
            let proof = BranchAndBound::new(&valuations, &weights, &market, most_nodes).prove(&mut incumbent, &mut watch);
            (proof, market)
        });
        let unfinished = if self.prove { Status::Limit(Limit::Iterations) } else { Status::Feasible };
        Ok(report(problem, &valuations, &incumbent, proof, unfinished, &weights, watch))
    }
}

/// Agents up to which an allocation is tested for fPO in the end (cubic, in long fractions).
const MOST_AGENTS_FOR_FPO: usize = 50;

/// The exponents of the product.
fn weights(problem: &FairDivision) -> Result<Vec<u32>, SolveError> {
    const LARGEST: u32 = 1000;
    match problem.entitlements() {
        None => Ok(vec![1; problem.agents()]),
        Some(weights) => {
            weights.iter().map(|&weight| u32::try_from(weight).ok().filter(|&weight| weight <= LARGEST)).collect::<Option<_>>().ok_or_else(
                || SolveError::Unsupported {
                    solver: MaxNashWelfare::NAME,
                    why: format!("it has an entitlement above {LARGEST}, and products to that power are too long to compare"),
                },
            )
        }
    }
}

fn start(valuations: &Valuations<'_>, weights: &[u32]) -> Incumbent {
    let order: Vec<usize> = (0..valuations.agents()).collect();
    let mut incumbent = Incumbent::new(valuations, weights, double_round_robin(valuations, Form::Modified, &order));
    incumbent.offer(valuations, weights, &two_sided_greedy(valuations));
    incumbent
}

fn market(valuations: &Valuations<'_>, weights: &[u32]) -> Market {
    let (n, m) = (valuations.agents(), valuations.items());
    let values: Vec<f64> = (0..n).flat_map(|a| valuations.row(a).iter().map(|&value| value as f64)).collect();
    let weights: Vec<f64> = weights.iter().copied().map(f64::from).collect();
    let everyone = most_positive_agents(valuations) == n;
    let most: f64 = values.chunks_exact(m).zip(&weights).map(|(row, weight)| weight * row.iter().sum::<f64>().max(1.0).ln()).sum();
    let (nothing, bonus) = if everyone { (f64::NEG_INFINITY, 0.0) } else { (0.0, most + 1.0) };
    Market { agents: n, items: m, values, weights, nothing, bonus }
}

fn report(
    problem: &FairDivision,
    valuations: &Valuations<'_>,
    incumbent: &Incumbent,
    proof: Option<(Proof, Market)>,
    unfinished: Status,
    weights: &[u32],
    watch: Watch<'_>,
) -> Outcome<Allocation> {
    let equal = weights.iter().all(|&weight| weight == weights[0]);
    let is_objective = problem.welfare() == Welfare::Nash;
    let proven = matches!(proof, Some((Proof::Exact | Proof::Within, _)));
    let exact = matches!(proof, Some((Proof::Exact, _)));
    // The theorem speaks of the exact optimum and of equal weights; beyond it, what is easily seen to hold is promised as well.
    let mut promised = Vec::new();
    if (exact && equal) || is_ef1(valuations, &incumbent.owner) {
        promised.push(Notion::Ef1);
    }
    let easily_seen = valuations.agents() <= MOST_AGENTS_FOR_FPO && is_fpo(valuations, &incumbent.owner);
    if exact || easily_seen {
        promised.push(Notion::Po);
    }
    if easily_seen {
        promised.push(Notion::Fpo);
    }
    let mut result = outcome(problem, incumbent.owner.clone(), &promised);
    if proven {
        let note = if exact {
            "the Nash welfare is proven maximal: the search over prices was finished".into()
        } else {
            format!(
                "the product of utilities is proven maximal within a factor of 1 + {:e}: some branches were too close to tell apart",
                3.0 * ROUNDING
            )
        };
        result.notes.push(note);
        if is_objective {
            result.status = Status::Optimal;
            result.bound = result.objective;
        }
    } else if proof.is_some() || watch.stopped().is_some() {
        result.status = watch.stopped().unwrap_or(unfinished);
        if let Some((Proof::Bounded(bound), market)) = proof
            && is_objective
            && bound.is_finite()
            && market.bonus == 0.0
        {
            let total: f64 = market.weights.iter().sum();
            let scale = 10_f64.powi(i32::try_from(problem.scale_digits()).unwrap_or(i32::MAX));
            // Rounded outwards by more than exp and the logarithms lose.
            result.bound = Some(((bound + ROUNDING) / total).exp() / scale * (1.0 + 1e-12));
        }
    } else {
        result.status = Status::LocallyOptimal;
    }
    let digits = incumbent.score.product.bits() * 3 / 10;
    if digits <= 400 {
        let note =
            format!("{} agents have positive utility; the product of theirs is {}", incumbent.score.positive, incumbent.score.product);
        result.notes.push(note);
    }
    result.counters = watch.counters;
    result
}
