//! The solver for maximum Nash welfare.

use fathom_opt_core::{Limit, Outcome, Run, SolveError, Solver, Status, Trace, WarmStart};
use fathom_opt_problems::fair_division::{Allocation, FairDivision, Notion, Welfare};
use num_bigint::BigInt;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::branch_and_bound::{BranchAndBound, Proof};
use super::local_search::LocalSearch;
use super::market::Market;
use super::product::{Incumbent, NashScore};
use super::product_partition::product_partition;
use crate::assignment::{add_pareto_optimality, outcome_in};
use crate::double_round_robin::{Form, double_round_robin};
use crate::efficiency::is_fpo;
use crate::fairness::is_ef1;
use crate::instance_class::InstanceClass;
use crate::matching::positive_matching;
use crate::two_sided_greedy::two_sided_greedy;
use crate::valuations::Valuations;
use crate::welfare::{ln, nash_of_logarithm, stored_utilities, value};
use crate::work_meter::WorkMeter;

/// Maximum Nash welfare: as many agents as possible with positive utility, then the largest product of their utilities (to the power of their
/// entitlements).
///
/// Iterated local search, with products compared in integers; then, for goods, a proof by branch and bound over prices that ends in integers: `optimal`
/// means that no allocation has a larger product, not by a single unit. Where very many allocations are too close to the best for prices to tell them
/// apart, the proof is given up with the status `feasible` and its bound. Agents who are all alike are a partition problem of its own. For goods the
/// optimum is EF1 and Pareto optimal (Caragiannis et al. 2019). With chores or mixed items the method is a heuristic, and promises only what its result is
/// seen to have.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct MaxNashWelfare {
    /// Whether to go on until the optimum is proven. Without it the search ends at the root of the proof: in a moment, and usually at the optimum.
    pub prove: bool,
    /// Perturbations of the local search.
    pub rounds: u32,
    /// Nodes of the proof at most (0: as many as it takes). Almost all instances take a handful; agents who agree on nearly everything can take millions.
    pub max_nodes: u64,
}

impl Default for MaxNashWelfare {
    fn default() -> Self {
        Self { prove: true, rounds: 60, max_nodes: 0 }
    }
}

impl Solver<FairDivision> for MaxNashWelfare {
    const NAME: &'static str = "max-nash-welfare";
    const SUMMARY: &'static str = "the largest product of utilities, proven for goods: EF1 and Pareto optimal";

    fn accepts(&self, problem: &FairDivision) -> Result<(), SolveError> {
        Basis::of(problem, &mut WorkMeter::new(&Run::default()))?;
        exponents(problem).map(|_| ())
    }

    fn warm_start(&self) -> Option<&dyn WarmStart<FairDivision>> {
        Some(self)
    }

    fn solve_accepted(&self, problem: &FairDivision, run: &Run) -> Result<Outcome<Allocation>, SolveError> {
        let mut meter = WorkMeter::new(run);
        let basis = Basis::of(problem, &mut meter)?;
        let exponents = exponents(problem)?;
        let mut solve = Solve::new(problem, &basis, &exponents, meter);
        let class = InstanceClass::of(&basis.valuations);
        let finding = if class.goods && class.identical && exponents.iter().all(|&exponent| exponent == exponents[0]) {
            solve.divide_among_identical_agents()
        } else {
            solve.search(self, class.goods)
        };
        let unfinished = if self.prove { Status::Limit(Limit::Iterations) } else { Status::Feasible };
        Ok(solve.report(finding, unfinished, class.goods))
    }
}

impl WarmStart<FairDivision> for MaxNashWelfare {}

/// Agents up to which an allocation is tested for fPO in the end (cubic, in long fractions).
const MOST_AGENTS_FOR_FPO: usize = 50;

/// The exponents of the product.
fn exponents(problem: &FairDivision) -> Result<Vec<u32>, SolveError> {
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

/// The utilities that products are formed of.
struct Basis<'a> {
    valuations: Valuations<'a>,
    /// What one unit of each agent stands for, in stored utilities.
    units: Vec<BigInt>,
    /// Agents who can have positive utility at once, each with the item that it then has; nothing when the run had to stop.
    matching: Option<Vec<Option<usize>>>,
}

impl<'a> Basis<'a> {
    /// Each agent's own units where everybody can have something: which product is largest does not depend on them, and they are the smallest numbers.
    /// Where somebody has to go without, it does depend on them, and utilities count as they stand.
    fn of(problem: &'a FairDivision, meter: &mut WorkMeter<'_>) -> Result<Self, SolveError> {
        let (valuations, units) = Valuations::in_own_units(problem, MaxNashWelfare::NAME)?;
        let matching = positive_matching(&valuations, meter);
        let everybody = matching.as_ref().is_some_and(|matching| matching.iter().flatten().count() == problem.agents());
        if (everybody && InstanceClass::of(&valuations).goods) || (matching.is_none() && problem.small_utilities().is_none()) {
            return Ok(Self { valuations, units, matching });
        }
        let valuations = Valuations::cardinal(problem, MaxNashWelfare::NAME)?;
        Ok(Self { valuations, units: vec![BigInt::from(1); problem.agents()], matching })
    }
}

/// What is known about the incumbent in the end.
#[derive(Debug, Clone, Copy)]
enum Finding {
    /// Nothing is better.
    Optimal,
    /// The proof was given up; no sum of logarithms (in the agents' own units) is larger than this.
    GivenUp(f64),
    /// The run or the limit on nodes ended the search; no sum of logarithms is larger than this.
    Stopped(f64),
    /// No move of the local search is an improvement.
    LocallyOptimal,
}

/// One solve.
struct Solve<'a> {
    problem: &'a FairDivision,
    valuations: &'a Valuations<'a>,
    matching: Option<&'a [Option<usize>]>,
    exponents: &'a [u32],
    meter: WorkMeter<'a>,
    incumbent: Incumbent,
    /// What the agents' own units add to the sum of logarithms.
    offset: f64,
    /// Whether somebody has to end without positive utility: the welfare is then 0 whatever is done.
    somebody_has_nothing: bool,
    trace: Trace,
}

impl<'a> Solve<'a> {
    fn new(problem: &'a FairDivision, basis: &'a Basis<'a>, exponents: &'a [u32], meter: WorkMeter<'a>) -> Self {
        let valuations = &basis.valuations;
        // Items to whoever is poorest: cheap at any size, so that there is something to return.
        let incumbent = Incumbent::new(valuations, exponents, two_sided_greedy(valuations));
        let offset = basis.units.iter().zip(exponents).map(|(unit, &exponent)| f64::from(exponent) * ln(unit)).sum();
        let trace = Trace::new(["iteration", "objective", "bound"]);
        let matching = basis.matching.as_deref();
        let mut solve = Self { problem, valuations, matching, exponents, meter, incumbent, offset, somebody_has_nothing: false, trace };
        if let Some(start) = solve.meter.run().start::<Allocation>() {
            solve.incumbent.offer(valuations, exponents, &start.owner);
        }
        solve
    }

    /// Agents who are all alike, with equal entitlements: numbers divided into parts.
    fn divide_among_identical_agents(&mut self) -> Finding {
        let partition = product_partition(self.valuations.row(0), self.valuations.agents(), &mut self.meter);
        self.incumbent.offer(self.valuations, self.exponents, &partition.part);
        self.somebody_has_nothing = self.incumbent.score.positive < self.valuations.agents();
        let bound = f64::from(self.exponents[0]) * ln(&BigInt::from(partition.bound));
        if partition.proven {
            Finding::Optimal
        } else if self.meter.stopped().is_some() {
            Finding::Stopped(bound)
        } else {
            Finding::GivenUp(bound)
        }
    }

    /// Local search, then the proof.
    fn search(&mut self, options: &MaxNashWelfare, goods: bool) -> Finding {
        let Self { problem, valuations, exponents, offset, .. } = *self;
        let nash = |incumbent: &Incumbent| value(problem, Welfare::Nash, &incumbent.owner);
        if self.meter.must_stop() {
            return Finding::Stopped(f64::INFINITY);
        }
        let order: Vec<usize> = (0..valuations.agents()).collect();
        self.incumbent.offer(valuations, exponents, &double_round_robin(valuations, Form::Modified, &order));
        let Some(holders) = self.matching else { return Finding::Stopped(f64::INFINITY) };
        let most_positive = holders.iter().flatten().count();
        self.somebody_has_nothing = most_positive < valuations.agents() && goods;
        if goods && self.incumbent.score.positive < most_positive {
            let owner: Vec<usize> = holders.iter().zip(&self.incumbent.owner).map(|(holder, &owner)| holder.unwrap_or(owner)).collect();
            self.incumbent.offer(valuations, exponents, &owner);
        }
        let mut trace = std::mem::take(&mut self.trace);
        let mut local = LocalSearch::new(valuations, exponents, &self.incumbent.owner);
        local.iterate(&mut self.incumbent, options.rounds, &mut self.meter, |incumbent, meter| {
            let objective = nash(incumbent);
            meter.report(Some(objective), None);
            trace.push(&[meter.counters.iterations as f64, objective]);
        });
        self.trace = trace;
        if !goods {
            return if self.meter.stopped().is_some() { Finding::Stopped(f64::INFINITY) } else { Finding::LocallyOptimal };
        }
        if self.meter.must_stop() {
            return Finding::Stopped(f64::INFINITY);
        }
        // Without a proof the root is still worth its while: its prices lead the local search to better allocations.
        let max_nodes = if options.prove { options.max_nodes } else { 1 };
        let market = Market::new(valuations, exponents, !self.somebody_has_nothing);
        let mut trace = std::mem::take(&mut self.trace);
        let mut last = (f64::NAN, f64::NAN);
        let somebody_has_nothing = self.somebody_has_nothing;
        let proof =
            BranchAndBound::new(exponents, &market, max_nodes).prove(&mut self.incumbent, &mut self.meter, |incumbent, bound, meter| {
                let objective = nash(incumbent);
                let bound = if somebody_has_nothing { 0.0 } else { upper_bound(problem, bound + offset) };
                meter.report(Some(objective), bound.is_finite().then_some(bound));
                if (objective, bound) != last {
                    last = (objective, bound);
                    trace.push(&[meter.counters.iterations as f64, objective, if bound.is_finite() { bound } else { f64::NAN }]);
                }
            });
        self.trace = trace;
        match proof {
            Proof::Exact => Finding::Optimal,
            Proof::Close(bound) => Finding::GivenUp(bound),
            Proof::Bounded(bound) => Finding::Stopped(bound),
        }
    }

    /// What is proven of an optimal allocation. With equal powers, or where everybody has something, the unit of utilities does not matter; else it may.
    fn proven(&self) -> String {
        let equal = self.exponents.iter().all(|&exponent| exponent == self.exponents[0]);
        let digits = self.problem.scale_digits();
        if equal || digits == 0 || self.incumbent.score.positive == self.problem.agents() {
            return "the Nash welfare is proven maximal, in integers".into();
        }
        format!(
            "the Nash welfare is 0, whatever is done, and no allocation leaves more agents with something; which product over them is the largest depends on \
             the unit of utilities where entitlements differ, and this one is proven the largest in units of 1e-{digits}"
        )
    }

    fn report(mut self, finding: Finding, unfinished: Status, goods: bool) -> Outcome<Allocation> {
        let (problem, valuations) = (self.problem, self.valuations);
        let equal = self.exponents.iter().all(|&exponent| exponent == self.exponents[0]);
        let optimal = matches!(finding, Finding::Optimal);
        // The theorem speaks of equal weights; beyond it, what is easily seen to hold is promised as well.
        let mut promised = Vec::new();
        if (optimal && equal) || is_ef1(valuations, &self.incumbent.owner) {
            promised.push(Notion::Ef1);
        }
        let easily_seen = valuations.agents() <= MOST_AGENTS_FOR_FPO && is_fpo(valuations, &self.incumbent.owner);
        if easily_seen {
            promised.extend([Notion::Po, Notion::Fpo]);
        }
        let mut result = outcome_in(problem, Welfare::Nash, self.incumbent.owner.clone(), &promised);
        let bound = match finding {
            Finding::Optimal => {
                result.status = Status::Optimal;
                result.bound = result.objective;
                result.notes.push(self.proven());
                if !easily_seen {
                    add_pareto_optimality(&mut result, problem, "no allocation has more Nash welfare");
                }
                None
            }
            Finding::GivenUp(bound) => {
                let note = "the proof was given up: too many allocations are within a factor of 1 + 1e-9 of the best that was found";
                result.notes.push(note.into());
                Some(bound)
            }
            Finding::Stopped(bound) => {
                result.status = self.meter.stopped().unwrap_or(unfinished);
                Some(bound)
            }
            Finding::LocallyOptimal => {
                result.status = Status::LocallyOptimal;
                None
            }
        };
        if self.somebody_has_nothing && goods {
            result.bound = Some(0.0);
        } else if let Some(bound) = bound.filter(|bound| bound.is_finite()) {
            // A bound by logarithms may be rounded to below what was found.
            let attained = result.objective.unwrap_or(0.0);
            result.bound = Some(upper_bound(problem, bound + self.offset).max(attained));
        }
        self.describe(&mut result);
        if !self.trace.is_empty() {
            result.trace = Some(std::mem::take(&mut self.trace));
        }
        result.counters = self.meter.counters;
        result
    }

    /// The product itself, where it fits on a line.
    fn describe(&self, result: &mut Outcome<Allocation>) {
        let digits = self.incumbent.score.product.bits() * 3 / 10;
        if digits > 400 {
            return;
        }
        let utilities: Option<Vec<i128>> =
            stored_utilities(self.problem, &self.incumbent.owner).iter().map(|utility| i128::try_from(utility).ok()).collect();
        if let Some(utilities) = utilities {
            let score = NashScore::of_utilities(&utilities, self.exponents);
            result.notes.push(format!("{} agents have positive utility; the product of theirs is {}", score.positive, score.product));
        }
    }
}

/// The Nash welfare with this sum of logarithms of stored utilities, rounded up by more than the logarithms and the exponential lose.
fn upper_bound(problem: &FairDivision, sum: f64) -> f64 {
    nash_of_logarithm(problem, sum) * (1.0 + 1e-11)
}
