//! Maximin shares: everybody as close to, or as far above, its share as possible.

use fathom_opt_core::{Outcome, Run, SolveError, Solver, Status, Trace, WarmStart};
use fathom_opt_problems::fair_division::{Allocation, CheckLimits, FairDivision, Notion};
use num_bigint::{BigInt, Sign};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::assignment::outcome;
use crate::double_round_robin::{Form, double_round_robin};
use crate::existence::maximin_shares;
use crate::fairness::utilities;
use crate::floor_search::{FloorSearch, Goal};
use crate::two_sided_greedy::two_sided_greedy;
use crate::valuations::Valuations;
use crate::work_meter::WorkMeter;

/// Exact maximin shares, then the allocation whose worst agent does best relative to its share.
///
/// Shares by branch and bound over multiway partitions; then `min_a (v_a - MMS_a) / |MMS_a|` is maximised (for goods that is the ratio `v_a / MMS_a`
/// less 1; where a share is 0 the utility itself counts). When the optimum is negative, no allocation gives everybody its share.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MaximinShare {}

impl Solver<FairDivision> for MaximinShare {
    const NAME: &'static str = "mms";
    const SUMMARY: &'static str = "exact maximin shares, and the allocation whose worst agent does best relative to its share";

    fn accepts(&self, problem: &FairDivision) -> Result<(), SolveError> {
        Valuations::searchable(problem, Self::NAME).map(|_| ())
    }

    fn warm_start(&self) -> Option<&dyn WarmStart<FairDivision>> {
        Some(self)
    }

    fn solve_accepted(&self, problem: &FairDivision, run: &Run) -> Result<Outcome<Allocation>, SolveError> {
        let valuations = Valuations::searchable(problem, Self::NAME)?;
        let mut meter = WorkMeter::new(run);
        let start = run.start::<Allocation>();
        let Some(shares) = maximin_shares(&valuations, &mut meter) else {
            let (owner, whose) = match start {
                Some(start) => (start.owner.clone(), "the start"),
                None => (two_sided_greedy(&valuations), "that of two-sided-greedy"),
            };
            let mut result = outcome(problem, owner, &[]);
            result.status = meter.stopped().unwrap_or(Status::Interrupted);
            result.notes.push(format!("the maximin shares were not all found in time; this allocation is {whose}"));
            result.counters = meter.counters;
            return Ok(result);
        };
        let mut best = Best::start(&valuations, shares, start, &meter);
        let mut search = FloorSearch::new(&valuations, &best.floors);
        let finished = search.run(&mut best, &mut meter);
        let all_served = best.worst.excess >= 0;
        let promised: &[Notion] = if all_served { &[Notion::Mms] } else { &[] };
        let margin = best.worst.ratio();
        let mut result = outcome(problem, best.owner, promised);
        if checker_finds_the_shares(problem, &valuations) {
            result = Outcome { objective: Some(margin), ..result }.in_criterion(MARGIN);
            if finished {
                result.status = Status::Optimal;
                result.bound = Some(margin);
            }
        }
        if !finished {
            result.status = meter.stopped().unwrap_or(Status::Interrupted);
        }
        let shown: Vec<String> = best.shares.iter().take(20).map(|share| problem.display_utility(share)).collect();
        result.notes.push(format!("maximin shares: {}{}", shown.join(", "), if best.shares.len() > 20 { ", …" } else { "" }));
        if finished && !all_served {
            result.notes.push(format!(
                "no allocation gives everybody its maximin share: the search was finished; here the worst agent is short by {} of {}",
                problem.display_utility(&-best.worst.excess),
                problem.display_utility(&best.worst.size)
            ));
        }
        result.trace = (!best.trace.is_empty()).then_some(best.trace);
        result.counters = meter.counters;
        Ok(result)
    }
}

impl WarmStart<FairDivision> for MaximinShare {}

/// The checker's measure that is optimised.
const MARGIN: &str = "mms margin";

/// Whether the checker has the measure: it is left out where the shares take the checker too long.
fn checker_finds_the_shares(problem: &FairDivision, valuations: &Valuations<'_>) -> bool {
    let work = CheckLimits::default().maximin_share;
    let is_first = |a: usize| (0..a).all(|b| valuations.row(a) != valuations.row(b));
    (0..problem.agents()).filter(|&a| is_first(a)).all(|a| problem.maximin_share(a, work).is_some())
}

/// How an agent does: `excess / size`.
#[derive(Debug, Clone, Copy)]
struct Standing {
    excess: i128,
    size: i128,
}

impl Standing {
    fn of(utility: i128, share: i128) -> Self {
        Self { excess: utility - share, size: share.abs().max(1) }
    }

    fn is_below(self, other: Self) -> bool {
        match (self.excess.checked_mul(other.size), other.excess.checked_mul(self.size)) {
            (Some(mine), Some(theirs)) => mine < theirs,
            _ => BigInt::from(self.excess) * other.size < BigInt::from(other.excess) * self.size,
        }
    }

    fn ratio(self) -> f64 {
        self.excess as f64 / self.size as f64
    }

    /// The least integer utility with which an agent of this share stands better.
    fn floor(self, share: i128) -> i128 {
        let size = share.abs().max(1);
        if let Some(product) = self.excess.checked_mul(size) {
            return share + product.div_euclid(self.size) + 1;
        }
        // The quotient is about as large as the share, or as the excess where the share is smaller than the size.
        let (product, divisor) = (BigInt::from(self.excess) * size, BigInt::from(self.size));
        let quotient = &product / &divisor;
        let rounded_down = if product.sign() == Sign::Minus && &quotient * &divisor != product { quotient - 1 } else { quotient };
        let least = i128::try_from(rounded_down).unwrap_or(if self.excess < 0 { i128::MIN / 4 } else { i128::MAX / 4 });
        share + least + 1
    }
}

struct Best {
    shares: Vec<i128>,
    owner: Vec<usize>,
    worst: Standing,
    floors: Vec<i128>,
    trace: Trace,
}

impl Best {
    fn start(valuations: &Valuations<'_>, shares: Vec<i128>, start: Option<&Allocation>, meter: &WorkMeter<'_>) -> Self {
        let order: Vec<usize> = (0..valuations.agents()).collect();
        let mut best = Self {
            // Below what any allocation attains: no agent loses more than all items together are worth.
            worst: Standing { excess: i128::MIN / 4, size: 1 },
            floors: Vec::new(),
            shares,
            owner: Vec::new(),
            trace: Trace::new(["iteration", "objective"]),
        };
        let rules = [two_sided_greedy(valuations), double_round_robin(valuations, Form::Modified, &order)];
        for owner in rules.into_iter().chain(start.map(|start| start.owner.clone())) {
            best.found(&owner, &utilities(valuations, &owner), meter);
        }
        best
    }
}

impl Goal for Best {
    fn floors(&self) -> &[i128] {
        &self.floors
    }

    fn found(&mut self, owner: &[usize], utilities: &[i128], meter: &WorkMeter<'_>) {
        let standings = utilities.iter().zip(&self.shares).map(|(&utility, &share)| Standing::of(utility, share));
        let Some(worst) = standings.reduce(|worst, other| if other.is_below(worst) { other } else { worst }) else { return };
        if self.worst.is_below(worst) {
            self.worst = worst;
            self.owner = owner.to_vec();
            self.floors = self.shares.iter().map(|&share| worst.floor(share)).collect();
            meter.report(Some(worst.ratio()), None);
            self.trace.push(&[meter.counters.iterations as f64, worst.ratio()]);
        }
    }

    fn hopeful(&self, _: &[i128]) -> bool {
        true
    }
}
