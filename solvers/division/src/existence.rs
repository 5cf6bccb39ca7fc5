//! Does an allocation with certain properties exist? Either one, or a finished search.

use std::ops::ControlFlow;

use fathom_opt_problems::fair_division::{FairDivision, Notion};

use crate::adjusted_winner::adjusted_winner;
use crate::double_round_robin::{Form, double_round_robin};
use crate::efficiency::{is_fpo, is_po};
use crate::fairness::has;
use crate::kinds::{Kinds, Visit, Walk};
use crate::multiway_partition::maximin_share;
use crate::two_sided_greedy::two_sided_greedy;
use crate::valuations::Valuations;
use crate::work_meter::WorkMeter;

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Existence {
    /// This allocation has the properties.
    Exists(Vec<usize>),
    /// None has; the search was finished.
    None,
    /// The run was stopped first.
    Unknown,
}

/// The properties asked for.
pub(crate) struct Question<'a> {
    pub(crate) valuations: &'a Valuations<'a>,
    pub(crate) notions: &'a [Notion],
    /// One per agent; all 1 where the instance has none.
    pub(crate) entitlements: &'a [u64],
}

impl Question<'_> {
    pub(crate) fn answer(&self, meter: &mut WorkMeter<'_>) -> Existence {
        let Some(shares) = self.shares(meter) else { return Existence::Unknown };
        for candidate in self.candidates(meter) {
            match self.holds(&candidate, &shares, meter) {
                Some(true) => return Existence::Exists(candidate),
                Some(false) => {}
                None => return Existence::Unknown,
            }
        }
        let kinds = Kinds::of(self.valuations, self.entitlements);
        let floors = self.floors(&shares);
        let mut walk = Walk::new(self.valuations, &kinds, floors, |visit| match visit {
            Visit::Node if meter.goes_on() => ControlFlow::Continue(()),
            Visit::Node => ControlFlow::Break(Existence::Unknown),
            Visit::Allocation(owner) => match self.holds(owner, &shares, meter) {
                Some(true) => ControlFlow::Break(Existence::Exists(owner.to_vec())),
                Some(false) => ControlFlow::Continue(()),
                None => ControlFlow::Break(Existence::Unknown),
            },
        });
        match walk.run() {
            ControlFlow::Break(answer) => answer,
            ControlFlow::Continue(()) => Existence::None,
        }
    }

    /// What the rules find that often have the properties.
    fn candidates(&self, meter: &mut WorkMeter<'_>) -> Vec<Vec<usize>> {
        let order: Vec<usize> = (0..self.valuations.agents()).collect();
        let mut candidates = vec![double_round_robin(self.valuations, Form::Modified, &order), two_sided_greedy(self.valuations)];
        if self.valuations.agents() == 2 {
            candidates.push(adjusted_winner(self.valuations, meter).0);
        }
        candidates
    }

    fn holds(&self, owner: &[usize], shares: &[i128], meter: &mut WorkMeter<'_>) -> Option<bool> {
        if !self.notions.iter().all(|&notion| has(self.valuations, owner, notion, shares, self.entitlements)) {
            return Some(false);
        }
        if self.notions.contains(&Notion::Fpo) && !is_fpo(self.valuations, owner) {
            return Some(false);
        }
        if self.notions.contains(&Notion::Po) && !is_fpo(self.valuations, owner) {
            return is_po(self.valuations, owner, &mut || meter.goes_on());
        }
        Some(true)
    }

    /// The agents' maximin shares, when they are asked for.
    fn shares(&self, meter: &mut WorkMeter<'_>) -> Option<Vec<i128>> {
        if !self.notions.contains(&Notion::Mms) {
            return Some(Vec::new());
        }
        maximin_shares(self.valuations, meter)
    }

    /// What every agent has at least when the properties hold. All notions that compare equal agents imply PROP1, which leaves an agent at most one item
    /// short of its share.
    fn floors(&self, shares: &[i128]) -> Vec<i128> {
        let n = i128::try_from(self.valuations.agents()).unwrap_or(i128::MAX);
        let compares = self.notions.iter().any(|notion| notion.is_per_agent() && !notion.is_weighted());
        (0..self.valuations.agents())
            .map(|a| {
                let row = self.valuations.row(a);
                let total: i128 = row.iter().copied().map(i128::from).sum();
                let largest = row.iter().map(|value| i128::from(value.unsigned_abs())).max().unwrap_or(0);
                // Rounded up: utilities are integers.
                let share = -(-total).div_euclid(n);
                let floor = if self.notions.contains(&Notion::Prop) {
                    share
                } else if compares {
                    share - largest
                } else {
                    i128::MIN / 2
                };
                shares.get(a).map_or(floor, |&mms| mms.max(floor))
            })
            .collect()
    }
}

/// What each agent is entitled to; 1 for each where the instance does not say.
pub(crate) fn entitlements(problem: &FairDivision) -> Vec<u64> {
    problem.entitlements().map_or_else(|| vec![1; problem.agents()], <[u64]>::to_vec)
}

/// Every agent's maximin share, computed once for agents with the same utilities; `None` when the run was stopped.
pub(crate) fn maximin_shares(valuations: &Valuations<'_>, meter: &mut WorkMeter<'_>) -> Option<Vec<i128>> {
    let mut shares: Vec<i128> = Vec::with_capacity(valuations.agents());
    for a in 0..valuations.agents() {
        let known = (0..a).find(|&b| valuations.row(a) == valuations.row(b)).map(|b| shares[b]);
        let share = match known {
            Some(share) => share,
            None => maximin_share(valuations.row(a), valuations.agents(), &mut || meter.goes_on())?.0,
        };
        shares.push(share);
    }
    Some(shares)
}
