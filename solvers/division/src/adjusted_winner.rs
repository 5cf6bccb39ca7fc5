//! Generalised adjusted winner: two agents, any signs.

use fathom_opt_core::{Outcome, Run, SolveError, Solver, Status};
use fathom_opt_problems::fair_division::{Allocation, FairDivision, Notion};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::assignment::outcome;
use crate::fairness::is_ef1;
use crate::valuations::Valuations;
use crate::work_meter::WorkMeter;

/// Generalised adjusted winner (Aziz, Caragiannis, Igarashi, Walsh 2022): EF1 and fractionally Pareto optimal for two agents, any signs, `O(m^2)`.
///
/// What one agent likes and the other does not goes where it is liked. Of the rest agent 0 first has all goods and agent 1 all chores; then items change
/// sides by increasing `|u_0(o)| / |u_1(o)|`, so that every allocation on the way is fPO, until it is EF1.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AdjustedWinner {}

impl Solver<FairDivision> for AdjustedWinner {
    const NAME: &'static str = "adjusted-winner";
    const SUMMARY: &'static str = "two agents, any signs: EF1 and fractionally Pareto optimal";

    fn accepts(&self, problem: &FairDivision) -> Result<(), SolveError> {
        Valuations::cardinal(problem, Self::NAME)?;
        if problem.agents() == 2 {
            return Ok(());
        }
        Err(SolveError::Unsupported { solver: Self::NAME, why: format!("it has {} agents, not 2", problem.agents()) })
    }

    fn solve_accepted(&self, problem: &FairDivision, run: &Run) -> Result<Outcome<Allocation>, SolveError> {
        let valuations = Valuations::cardinal(problem, Self::NAME)?;
        let mut meter = WorkMeter::new(run);
        let (owner, ef1) = adjusted_winner(&valuations, &mut meter);
        let mut result = if ef1 {
            outcome(problem, owner, &[Notion::Ef1, Notion::Po, Notion::Fpo])
        } else {
            // Every allocation on the way is fractionally Pareto optimal.
            let failed = Status::Failed("no allocation on the way was EF1".into());
            Outcome { status: meter.stopped().unwrap_or(failed), ..outcome(problem, owner, &[Notion::Po, Notion::Fpo]) }
        };
        result.counters = meter.counters;
        Ok(result)
    }
}

/// The first allocation on the way that is EF1, and that it is; or the one at which the run had to stop, and that it is not.
pub(crate) fn adjusted_winner(valuations: &Valuations<'_>, meter: &mut WorkMeter<'_>) -> (Vec<usize>, bool) {
    let (first, second) = (valuations.row(0), valuations.row(1));
    let mut owner = vec![0; valuations.items()];
    let mut contested = Vec::new();
    for item in 0..valuations.items() {
        match (first[item].signum(), second[item].signum()) {
            (1, 1) | (-1, -1) => {
                owner[item] = usize::from(first[item] < 0);
                contested.push(item);
            }
            (mine, theirs) => owner[item] = usize::from(theirs > mine),
        }
    }
    // |u_0(x)| / |u_1(x)| against |u_0(y)| / |u_1(y)|, without dividing.
    let product = |x: usize, y: usize| u128::from(first[x].unsigned_abs()) * u128::from(second[y].unsigned_abs());
    contested.sort_by(|&x, &y| product(x, y).cmp(&product(y, x)).then(x.cmp(&y)));
    let work = 2 * valuations.items() as u64;
    for item in contested {
        if !meter.goes_on_after(work) {
            return (owner, false);
        }
        if is_ef1(valuations, &owner) {
            return (owner, true);
        }
        owner[item] = 1 - owner[item];
    }
    let ef1 = is_ef1(valuations, &owner);
    (owner, ef1)
}
