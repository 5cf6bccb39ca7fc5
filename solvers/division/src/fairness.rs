//! The fairness notions as the searches use them: yes or no, fast.

use fathom_opt_problems::fair_division::Notion;
use num_bigint::BigInt;

use crate::valuations::Valuations;

/// What an agent thinks of one bundle.
#[derive(Debug, Clone, Copy)]
struct Seen {
    value: i128,
    positive: i128,
    best: i128,
    worst: i128,
    least_positive: Option<i64>,
    mildest_negative: Option<i64>,
    has_zero: bool,
}

const UNSEEN: Seen = Seen { value: 0, positive: 0, best: 0, worst: 0, least_positive: None, mildest_negative: None, has_zero: false };

/// How agent `a` sees all bundles.
fn seen_by(valuations: &Valuations<'_>, owner: &[usize], a: usize, seen: &mut Vec<Seen>) {
    seen.clear();
    seen.resize(valuations.agents(), UNSEEN);
    for (&holder, &value) in owner.iter().zip(valuations.row(a)) {
        let bundle = &mut seen[holder];
        let wide = i128::from(value);
        bundle.value += wide;
        bundle.best = bundle.best.max(wide);
        bundle.worst = bundle.worst.min(wide);
        match value.signum() {
            1 => {
                bundle.positive += wide;
                bundle.least_positive = Some(bundle.least_positive.map_or(value, |least| least.min(value)));
            }
            -1 => bundle.mildest_negative = Some(bundle.mildest_negative.map_or(value, |mildest| mildest.max(value))),
            _ => bundle.has_zero = true,
        }
    }
}

fn every_pair(valuations: &Valuations<'_>, owner: &[usize], allows: impl Fn(&Seen, &Seen) -> bool) -> bool {
    let mut seen = Vec::new();
    (0..valuations.agents()).all(|a| {
        seen_by(valuations, owner, a, &mut seen);
        let own = seen[a];
        seen.iter().enumerate().all(|(b, other)| a == b || allows(&own, other))
    })
}

/// Some item of either bundle ends the envy.
pub(crate) fn is_ef1(valuations: &Valuations<'_>, owner: &[usize]) -> bool {
    every_pair(valuations, owner, ef1)
}

fn ef1(own: &Seen, other: &Seen) -> bool {
    own.value >= other.value - other.best || own.value - own.worst >= other.value
}

/// Every own chore and every good of the other ends the envy.
pub(crate) fn is_efx(valuations: &Valuations<'_>, owner: &[usize]) -> bool {
    every_pair(valuations, owner, |own, other| efx_gap(own, other) <= 0)
}

/// By how much envy remains after the removal that helps least; at most 0 when EFX allows it.
fn efx_gap(own: &Seen, other: &Seen) -> i128 {
    let envy = other.value - own.value;
    if envy <= 0 {
        return 0;
    }
    let after_own = own.mildest_negative.map_or(0, |mildest| envy + i128::from(mildest));
    let after_other = other.least_positive.map_or(0, |least| envy - i128::from(least));
    after_own.max(after_other)
}

/// The sum over all pairs of the envy that EFX does not allow, each relative to what the agent values everything at.
pub(crate) fn efx_excess(valuations: &Valuations<'_>, owner: &[usize], scale: &[f64]) -> f64 {
    let mut seen = Vec::new();
    let mut excess = 0.0;
    for a in 0..valuations.agents() {
        seen_by(valuations, owner, a, &mut seen);
        let own = seen[a];
        for (b, other) in seen.iter().enumerate() {
            if a != b {
                excess += efx_gap(&own, other).max(0) as f64 / scale[a];
            }
        }
    }
    excess
}

/// Whether the allocation has a property that compares bundles, or a bundle with a share of everything; `mms` are the agents' maximin shares.
/// Weighted notions count the agents by `entitlements`. Efficiency is not among the properties: the answer for it is `true`.
pub(crate) fn has(valuations: &Valuations<'_>, owner: &[usize], notion: Notion, mms: &[i128], entitlements: &[u64]) -> bool {
    match notion {
        Notion::Ef => every_pair(valuations, owner, |own, other| own.value >= other.value),
        Notion::Ef1 => is_ef1(valuations, owner),
        Notion::Efx => is_efx(valuations, owner),
        Notion::Efx0 => every_pair(valuations, owner, |own, other| {
            own.value >= other.value || (!own.has_zero && !other.has_zero && efx_gap(own, other) <= 0)
        }),
        Notion::Efx0EnviedSide => {
            every_pair(valuations, owner, |own, other| own.value >= other.value || (!other.has_zero && efx_gap(own, other) <= 0))
        }
        Notion::Ef1Three => every_pair(valuations, owner, |own, other| {
            let (good, bad) = (own.positive, own.value - own.positive);
            let (other_good, other_bad) = (other.positive, other.value - other.positive);
            ef1(own, other) && good >= other_good - other.best && bad - own.worst >= other_bad
        }),
        Notion::EfxThree => every_pair(valuations, owner, |own, other| {
            let (good, bad) = (own.positive, own.value - own.positive);
            let (other_good, other_bad) = (other.positive, other.value - other.positive);
            efx_gap(own, other) <= 0
                && other.least_positive.is_none_or(|least| good >= other_good - i128::from(least))
                && own.mildest_negative.is_none_or(|mildest| bad - i128::from(mildest) >= other_bad)
        }),
        Notion::Mms => {
            let utilities = utilities(valuations, owner);
            utilities.iter().zip(mms).all(|(utility, share)| utility >= share)
        }
        Notion::Prop | Notion::PropX | Notion::PropM | Notion::Prop1 | Notion::Prop1Strict => {
            let mut seen = Vec::new();
            (0..valuations.agents()).all(|a| {
                seen_by(valuations, owner, a, &mut seen);
                proportional(&seen, a, notion)
            })
        }
        Notion::Wef | Notion::Wef1 | Notion::Wprop => {
            let mut seen = Vec::new();
            (0..valuations.agents()).all(|a| {
                seen_by(valuations, owner, a, &mut seen);
                weighted(&seen, a, notion, entitlements)
            })
        }
        Notion::Po | Notion::Fpo => true,
    }
}

/// The weighted notions, where sums times entitlements may be beyond 128 bits.
fn weighted(seen: &[Seen], a: usize, notion: Notion, entitlements: &[u64]) -> bool {
    let times = |value: i128, b: usize| BigInt::from(value) * entitlements[b];
    let own = seen[a];
    if notion == Notion::Wprop {
        let total: i128 = seen.iter().map(|bundle| bundle.value).sum();
        let all: BigInt = (0..seen.len()).map(|b| times(own.value, b)).sum();
        return all >= times(total, a);
    }
    seen.iter().enumerate().filter(|(b, _)| *b != a).all(|(b, other)| {
        let no_envy = |mine: i128, theirs: i128| times(mine, b) >= times(theirs, a);
        let ends_by_removal = || no_envy(own.value - own.worst, other.value) || no_envy(own.value, other.value - other.best);
        no_envy(own.value, other.value) || (notion == Notion::Wef1 && ends_by_removal())
    })
}

fn proportional(seen: &[Seen], a: usize, notion: Notion) -> bool {
    let n = i128::try_from(seen.len()).unwrap_or(i128::MAX);
    let total: i128 = seen.iter().map(|bundle| bundle.value).sum();
    let own = seen[a];
    let others = || seen.iter().enumerate().filter(|(b, _)| *b != a).map(|(_, bundle)| bundle);
    if own.value * n >= total {
        return true;
    }
    let best_outside = others().map(|bundle| bundle.best).max().unwrap_or(0);
    let best_change = (own.value + best_outside).max(own.value - own.worst);
    let least_outside = others().filter_map(|bundle| bundle.least_positive);
    let dropping_suffices = own.mildest_negative.is_none_or(|mildest| (own.value - i128::from(mildest)) * n >= total);
    let with = |item: Option<i64>| item.is_none_or(|item| (own.value + i128::from(item)) * n >= total);
    match notion {
        Notion::Prop1 => best_change * n >= total,
        Notion::Prop1Strict => best_change * n > total,
        Notion::PropX => dropping_suffices && with(least_outside.min()),
        Notion::PropM => dropping_suffices && with(least_outside.max()),
        _ => false,
    }
}

/// What each agent has.
pub(crate) fn utilities(valuations: &Valuations<'_>, owner: &[usize]) -> Vec<i128> {
    let mut utilities = vec![0; valuations.agents()];
    for (item, &agent) in owner.iter().enumerate() {
        utilities[agent] += i128::from(valuations.value(agent, item));
    }
    utilities
}

#[cfg(test)]
mod tests {
    use fathom_opt_problems::fair_division::{Allocation, FairDivision};
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_searches_and_the_checker_agree(rows in proptest::collection::vec(proptest::collection::vec(-3_i64..4, 5), 3), code in 0..243_usize) {
            let owner: Vec<usize> = (0..5).map(|k| code / 3_usize.pow(k) % 3).collect();
            let valuations = Valuations::from_rows(&rows);
            let entitlements = [3, 1, 2];
            let problem = FairDivision::new(rows.clone()).unwrap().with_entitlements(entitlements.to_vec()).unwrap();
            for notion in Notion::ALL.into_iter().filter(|notion| notion.is_per_agent()) {
                let checked = problem.holds(notion, &Allocation::new(owner.clone())).unwrap();
                prop_assert_eq!(Some(has(&valuations, &owner, notion, &[], &entitlements)), checked, "{}", notion.name());
            }
            let scale = [1.0; 3];
            prop_assert_eq!(efx_excess(&valuations, &owner, &scale) == 0.0, is_efx(&valuations, &owner));
        }
    }
}
