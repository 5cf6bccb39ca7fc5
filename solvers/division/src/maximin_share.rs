//! Maximin shares: everybody as close to, or as far above, its share as possible.

use fathom_opt_core::{Outcome, Run, SolveError, Solver, Status};
use fathom_opt_problems::fair_division::{Allocation, FairDivision, Notion};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::assignment::outcome;
use crate::double_round_robin::{Form, double_round_robin};
use crate::existence::maximin_shares;
use crate::fairness::utilities;
use crate::floor_search::{FloorSearch, Goal};
use crate::two_sided_greedy::two_sided_greedy;
use crate::valuations::Valuations;
use crate::watch::Watch;

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

    fn solve_accepted(&self, problem: &FairDivision, run: &Run) -> Result<Outcome<Allocation>, SolveError> {
        let valuations = Valuations::searchable(problem, Self::NAME)?;
        let mut watch = Watch::new(run);
        let Some(shares) = maximin_shares(&valuations, &mut watch) else {
            let mut result = outcome(problem, two_sided_greedy(&valuations), &[]);
            result.status = watch.stopped().unwrap_or(Status::Interrupted);
            result.notes.push("the maximin shares were not all found in time; this allocation is that of two-sided-greedy".into());
            result.counters = watch.counters;
            return Ok(result);
        };
        let mut best = Best::start(&valuations, shares);
        let mut search = FloorSearch::new(&valuations, &best.floors);
        let finished = search.run(&mut best, &mut watch);
        let all_served = best.worst.excess >= 0;
        let promised: &[Notion] = if all_served { &[Notion::Mms] } else { &[] };
        let mut result = outcome(problem, best.owner, promised);
        if !finished {
            result.status = watch.stopped().unwrap_or(Status::Interrupted);
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
        result.counters = watch.counters;
        Ok(result)
    }
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
        self.excess * other.size < other.excess * self.size
    }
}

struct Best {
    shares: Vec<i128>,
    owner: Vec<usize>,
    worst: Standing,
    floors: Vec<i128>,
}

impl Best {
    fn start(valuations: &Valuations<'_>, shares: Vec<i128>) -> Self {
        let order: Vec<usize> = (0..valuations.agents()).collect();
        let first = two_sided_greedy(valuations);
        let mut best = Self {
            worst: Standing { excess: i128::from(i64::MIN), size: 1 },
            floors: vec![i128::MIN / 2; shares.len()],
            shares,
            owner: first.clone(),
        };
        for owner in [first, double_round_robin(valuations, Form::Modified, &order)] {
            best.found(&owner, &utilities(valuations, &owner));
        }
        best
    }
}

impl Goal for Best {
    fn floors(&self) -> &[i128] {
        &self.floors
    }

    fn found(&mut self, owner: &[usize], utilities: &[i128]) {
        let standings = utilities.iter().zip(&self.shares).map(|(&utility, &share)| Standing::of(utility, share));
        let Some(worst) = standings.reduce(|worst, other| if other.is_below(worst) { other } else { worst }) else { return };
        if self.worst.is_below(worst) {
            self.worst = worst;
            self.owner = owner.to_vec();
            // The least integer v with (v - share) / size above the worst standing.
            self.floors = self.shares.iter().map(|&share| share + (worst.excess * share.abs().max(1)).div_euclid(worst.size) + 1).collect();
        }
    }

    fn hopeful(&self, _: &[i128]) -> bool {
        true
    }
}
