//! EFX: by rule where one is known, otherwise by local search, otherwise by exhaustive search.

use fathom_opt_core::{Outcome, Run, SolveError, Solver, Status};
use fathom_opt_problems::fair_division::{Allocation, FairDivision, Notion};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::assignment::outcome;
use crate::double_round_robin::{Form, double_round_robin};
use crate::efx_local_search::efx_local_search;
use crate::existence::{Existence, Question, entitlements};
use crate::fairness::is_efx;
use crate::instance_class::InstanceClass;
use crate::two_sided_greedy::two_sided_greedy;
use crate::valuations::Valuations;
use crate::work_meter::WorkMeter;

/// Search for an EFX allocation.
///
/// Two agents: one cuts (two-sided greedy as if both were like it), the other chooses. Agents who agree up to signs, or utilities `-alpha`, 0, `beta`:
/// two-sided greedy. Otherwise local search over transfers and swaps from several starts, then every allocation, identical items and agents taken
/// together; the status `infeasible` means that none is EFX. Whether EFX always exists is open for four agents and goods; for chores it does not
/// (He and Tao 2026).
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct EfxSearch {
    /// Starts of the local search. More of them find rare allocations before the exhaustive search begins.
    pub starts: u32,
}

impl Default for EfxSearch {
    fn default() -> Self {
        Self { starts: 20 }
    }
}

impl Solver<FairDivision> for EfxSearch {
    const NAME: &'static str = "efx-search";
    const SUMMARY: &'static str = "an EFX allocation by rule, local search or exhaustive search, or a proof that there is none";

    fn accepts(&self, problem: &FairDivision) -> Result<(), SolveError> {
        Valuations::cardinal(problem, Self::NAME).map(|_| ())
    }

    fn solve_accepted(&self, problem: &FairDivision, run: &Run) -> Result<Outcome<Allocation>, SolveError> {
        let valuations = Valuations::cardinal(problem, Self::NAME)?;
        let promised = [Notion::Ef1, Notion::Efx];
        if let Some(owner) = by_rule(&valuations) {
            return Ok(outcome(problem, owner, &promised));
        }
        let mut meter = WorkMeter::new(run);
        if let Some(owner) = efx_local_search(&valuations, self.starts, &mut meter) {
            return Ok(Outcome { counters: meter.counters, ..outcome(problem, owner, &promised) });
        }
        if let Err(error) = Valuations::searchable(problem, Self::NAME) {
            let failed = Status::Failed(format!("no rule and no local search found an EFX allocation, and {error}"));
            let status = meter.stopped().unwrap_or(failed);
            return Ok(Outcome { counters: meter.counters, ..Outcome::new(status) });
        }
        let entitlements = entitlements(problem);
        let question = Question { valuations: &valuations, notions: &[Notion::Efx], entitlements: &entitlements };
        let answer = question.answer(&mut meter);
        let mut result = match answer {
            Existence::Exists(owner) => outcome(problem, owner, &promised),
            Existence::None => {
                let mut none = Outcome::new(Status::Infeasible);
                none.sought = vec![Notion::Efx.name().into()];
                none.notes.push("no allocation is EFX: the search was finished".into());
                none
            }
            Existence::Unknown => Outcome::new(meter.stopped().unwrap_or(Status::Interrupted)),
        };
        result.counters = meter.counters;
        Ok(result)
    }
}

/// An EFX allocation where a rule is known to find one.
fn by_rule(valuations: &Valuations<'_>) -> Option<Vec<usize>> {
    if valuations.agents() == 1 {
        return Some(vec![0; valuations.items()]);
    }
    if valuations.agents() == 2 {
        return Some(cut_and_choose(valuations));
    }
    let class = InstanceClass::of(valuations);
    if class.absolute_identical || class.ternary {
        return Some(two_sided_greedy(valuations));
    }
    let order: Vec<usize> = (0..valuations.agents()).collect();
    [two_sided_greedy(valuations), double_round_robin(valuations, Form::Modified, &order)]
        .into_iter()
        .find(|owner| is_efx(valuations, owner))
}

/// Agent 0 divides so that either part is EFX for it, agent 1 takes the part it prefers.
pub(crate) fn cut_and_choose(valuations: &Valuations<'_>) -> Vec<usize> {
    let parts = two_sided_greedy(&valuations.copies_of_agent(0, 2));
    let worth = |part: usize| -> i128 {
        (0..parts.len()).filter(|&item| parts[item] == part).map(|item| i128::from(valuations.value(1, item))).sum()
    };
    let chosen = usize::from(worth(1) > worth(0));
    parts.into_iter().map(|part| usize::from(part == chosen)).collect()
}
