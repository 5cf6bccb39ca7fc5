//! The independent checker: well-formedness, then every notion from the agents' views of the bundles, in `O(n m + n^2)`.

use super::amount::{Amount, Table};
use super::efficiency::{self, CheckLimits};
use super::envy::{self, Envy};
use super::instance::{FairDivision, TableWork};
use super::maximin_share;
use super::neighbour;
use super::notion::Notion;
use super::proportionality::{self, Shortfall};
use super::solution::Allocation;
use super::view::View;
use super::welfare::{self, Welfare};
use super::wording::Wording;
use crate::malformed::{Malformed, Place};
use crate::verdict::{Certainty, Measure, Property, Verdict, Witness};

pub(super) fn check(problem: &FairDivision, solution: &Allocation) -> Result<Verdict, Malformed> {
    check_within(problem, solution, CheckLimits::default())
}

pub(super) fn check_within(problem: &FairDivision, solution: &Allocation, limits: CheckLimits) -> Result<Verdict, Malformed> {
    well_formed(problem, solution)?;
    Ok(problem.with_table(Check { problem, owner: &solution.owner, limits }))
}

/// Whether every item has an owner and every owner exists.
pub(super) fn well_formed(problem: &FairDivision, solution: &Allocation) -> Result<(), Malformed> {
    let place = Place::root().field("owner");
    let owner = &solution.owner;
    if owner.len() > problem.items() {
        return Err(Malformed::new(place, format!("{} owners", owner.len()), format!("{} (one per item)", problem.items())));
    }
    let unassigned = || (0..problem.items()).filter(|&item| owner.get(item).is_none_or(|&agent| agent == Allocation::NOBODY));
    if let Some(first) = unassigned().next() {
        let name = problem.item_name(first);
        let found = match unassigned().count() {
            1 => format!("no owner of {name}, which is unassigned"),
            count => format!("no owner of {name} and {} more items, which are unassigned", count - 1),
        };
        return Err(Malformed::new(place.index(first), found, "an owner for each item"));
    }
    match owner.iter().position(|&agent| agent >= problem.agents()) {
        Some(item) => Err(Malformed::new(
            place.index(item),
            format!("agent {} as the owner of {}", owner[item], problem.item_name(item)),
            format!("an agent's index, below {}", problem.agents()),
        )),
        None => Ok(()),
    }
}

/// The measure that tells how the worst-off agent stands: `min_a (v_aa - MMS_a) / |MMS_a|`, with the smallest unit of the data in place of a share of 0.
/// It is there when the shares can be found within the limits.
pub(super) const MMS_MARGIN: &str = "mms margin";

struct Check<'a> {
    problem: &'a FairDivision,
    owner: &'a [usize],
    limits: CheckLimits,
}

impl TableWork for Check<'_> {
    type Output = Verdict;

    fn on<T: Table>(self, table: &T) -> Verdict {
        let Self { problem, owner, limits } = self;
        let wording = Wording { problem };
        let mut verdict = Verdict::default();
        let notions: Vec<Notion> = Notion::ALL
            .into_iter()
            .filter(|notion| notion.is_per_agent() && (!notion.is_weighted() || problem.entitlements().is_some()))
            .collect();
        let mut witnesses: Vec<Option<Witness>> = vec![None; notions.len()];
        let mut utilities = Vec::with_capacity(problem.agents());
        for agent in 0..problem.agents() {
            let view = View::of(table, owner, agent);
            for (notion, witness) in notions.iter().zip(&mut witnesses) {
                if witness.is_none() {
                    *witness = objection(problem, *notion, &view).map(|objection| objection.witness(&wording));
                }
            }
            utilities.push(view.own().value.clone());
        }
        verdict.objective = Some(welfare::objective(problem.welfare(), &utilities, problem.entitlements(), problem.scale_digits()));
        for (notion, witness) in notions.into_iter().zip(witnesses) {
            verdict.properties.push(match witness {
                None => Property::holds(notion.name(), Certainty::Exact),
                Some(witness) => Property::fails(notion.name(), Certainty::Exact, witness),
            });
        }
        verdict.properties.push(efficiency::maximin_shares(problem, table, &utilities, limits));
        verdict.properties.extend(efficiency::pareto_optimality(problem, table, owner, limits));
        verdict.measures = measures(problem, &utilities);
        if let Some(margin) = efficiency::mms_margin(problem, table, &utilities, limits) {
            verdict.measures.push(Measure { name: MMS_MARGIN.into(), value: margin });
        }
        verdict.improvements = neighbour::improvements(problem, table, owner, &utilities, limits.neighbours);
        verdict
    }
}

/// What one agent objects to.
pub(super) enum Objection<A> {
    Envy(Envy<A>),
    Shortfall(Shortfall<A>),
}

impl<A: Amount> Objection<A> {
    fn witness(&self, wording: &Wording<'_>) -> Witness {
        match self {
            Self::Envy(envy) => wording.envy(envy),
            Self::Shortfall(shortfall) => wording.shortfall(shortfall),
        }
    }
}

/// The agent's objection under a notion that [`Notion::is_per_agent`]; weighted notions count every agent alike where there are no entitlements.
pub(super) fn objection<A: Amount>(problem: &FairDivision, notion: Notion, view: &View<A>) -> Option<Objection<A>> {
    let equal;
    let weights: &[u64] = match problem.entitlements() {
        Some(weights) => weights,
        None if notion.is_weighted() => {
            equal = vec![1; problem.agents()];
            &equal
        }
        None => &[],
    };
    match notion {
        Notion::Ef => envy::ef(view).map(Objection::Envy),
        Notion::Ef1 => envy::ef1(view).map(Objection::Envy),
        Notion::Efx => envy::efx(view).map(Objection::Envy),
        Notion::Efx0 => envy::efx0(view, true).map(Objection::Envy),
        Notion::Efx0EnviedSide => envy::efx0(view, false).map(Objection::Envy),
        Notion::Ef1Three => envy::ef1_three(view).map(Objection::Envy),
        Notion::EfxThree => envy::efx_three(view).map(Objection::Envy),
        Notion::Wef => envy::wef(view, weights).map(Objection::Envy),
        Notion::Wef1 => envy::wef1(view, weights).map(Objection::Envy),
        Notion::Prop => proportionality::prop(view).map(Objection::Shortfall),
        Notion::Prop1 => proportionality::prop1(view, false).map(Objection::Shortfall),
        Notion::Prop1Strict => proportionality::prop1(view, true).map(Objection::Shortfall),
        Notion::PropM => proportionality::propm(view).map(Objection::Shortfall),
        Notion::PropX => proportionality::propx(view).map(Objection::Shortfall),
        Notion::Wprop => proportionality::wprop(view, weights).map(Objection::Shortfall),
        Notion::Mms | Notion::Po | Notion::Fpo => None,
    }
}

fn measures<A: Amount>(problem: &FairDivision, utilities: &[A]) -> Vec<Measure> {
    let digits = problem.scale_digits();
    let sum = utilities.iter().fold(A::zero(), |sum, utility| sum.plus(utility));
    let figure = |amount: &A| welfare::decimal(amount, digits).0;
    let mut measures = vec![Measure { name: Welfare::Utilitarian.measure().into(), value: figure(&sum) }];
    if let (Some(least), Some(most)) = (utilities.iter().min(), utilities.iter().max()) {
        measures.push(Measure { name: Welfare::Egalitarian.measure().into(), value: figure(least) });
        measures.push(Measure { name: "largest utility".into(), value: figure(most) });
    }
    let positive = utilities.iter().filter(|utility| utility.is_positive()).count();
    measures.push(Measure { name: "positive agents".into(), value: positive as f64 });
    let nash = welfare::objective(Welfare::Nash, utilities, problem.entitlements(), digits);
    measures.push(Measure { name: Welfare::Nash.measure().into(), value: nash.value });
    measures
}

impl FairDivision {
    /// [`check`](crate::Problem::check) with other limits on its searches.
    ///
    /// # Errors
    /// As [`check`](crate::Problem::check).
    pub fn check_within(&self, allocation: &Allocation, limits: CheckLimits) -> Result<Verdict, Malformed> {
        check_within(self, allocation, limits)
    }

    /// The maximin share of `agent`: the largest worth that the least of `n` parts of all items can have in its eyes (as a stored integer, see
    /// [`FairDivision::scale_digits`]). `None` when that takes more than `work` placements, or when there is no such agent.
    pub fn maximin_share(&self, agent: usize, work: u64) -> Option<num_bigint::BigInt> {
        struct Share<'a>(&'a FairDivision, usize, u64);
        impl TableWork for Share<'_> {
            type Output = Option<num_bigint::BigInt>;

            fn on<T: Table>(self, table: &T) -> Self::Output {
                let values: Vec<T::Amount> = (0..table.items()).map(|o| table.value(self.1, o)).collect();
                maximin_share::maximin_share(&values, self.0.agents(), &mut { self.2 }).map(|share| share.to_big())
            }
        }
        (agent < self.agents()).then(|| self.with_table(Share(self, agent, work))).flatten()
    }

    /// Whether `allocation` has the property `notion`, for notions that [`Notion::is_per_agent`]; `None` for the others, which need a search or a
    /// cycle test and are part of [`check`](crate::Problem::check). Weighted notions count every agent alike where there are no entitlements.
    ///
    /// # Errors
    /// As [`check`](crate::Problem::check).
    pub fn holds(&self, notion: Notion, allocation: &Allocation) -> Result<Option<bool>, Malformed> {
        struct Holds<'a>(&'a FairDivision, Notion, &'a [usize]);
        impl TableWork for Holds<'_> {
            type Output = bool;

            fn on<T: Table>(self, table: &T) -> bool {
                (0..self.0.agents()).all(|agent| objection(self.0, self.1, &View::of(table, self.2, agent)).is_none())
            }
        }
        well_formed(self, allocation)?;
        Ok(notion.is_per_agent().then(|| self.with_table(Holds(self, notion, &allocation.owner))))
    }
}
