//! The notions that compare an agent's bundle with its share of everything.

use super::amount::Amount;
use super::view::View;

/// Why an agent has less than a notion grants.
#[derive(Debug, Clone)]
pub(super) struct Shortfall<A> {
    pub(super) agent: usize,
    /// Value of the own bundle.
    pub(super) own: A,
    /// Value of all items, of which the agent is due the part `parts / whole`.
    pub(super) total: A,
    pub(super) parts: u64,
    pub(super) whole: u128,
    /// Whether the part is the agent's entitlement among all agents'.
    pub(super) by_entitlement: bool,
    /// Changes of the bundle by one item that still leave it short: the item, its value, whether it would be dropped.
    pub(super) changes: Vec<Change<A>>,
}

/// One item dropped or received.
#[derive(Debug, Clone)]
pub(super) struct Change<A> {
    pub(super) item: usize,
    pub(super) value: A,
    pub(super) dropped: bool,
}

fn shortfall<A: Amount>(view: &View<A>, changes: Vec<Change<A>>) -> Shortfall<A> {
    let whole = view.bundles.len() as u128;
    Shortfall {
        agent: view.agent,
        own: view.own().value.clone(),
        total: view.total.clone(),
        parts: 1,
        whole,
        by_entitlement: false,
        changes,
    }
}

/// `n v >= u_a(M)`.
fn proportional<A: Amount>(view: &View<A>, value: &A) -> bool {
    value.times(view.bundles.len() as u64) >= view.total
}

pub(super) fn prop<A: Amount>(view: &View<A>) -> Option<Shortfall<A>> {
    (!proportional(view, &view.own().value)).then(|| shortfall(view, Vec::new()))
}

/// `W v_aa >= w_a u_a(M)`.
pub(super) fn wprop<A: Amount>(view: &View<A>, weights: &[u64]) -> Option<Shortfall<A>> {
    let parts = weights[view.agent];
    let own = view.own().value.clone();
    // Term by term, because the sum of the entitlements may be beyond 64 bits.
    let weighted = weights.iter().fold(A::zero(), |sum, &weight| sum.plus(&own.times(weight)));
    (weighted < view.total.times(parts)).then(|| Shortfall {
        agent: view.agent,
        own,
        total: view.total.clone(),
        parts,
        whole: weights.iter().map(|&weight| u128::from(weight)).sum(),
        by_entitlement: true,
        changes: Vec::new(),
    })
}

/// PROP, or the share reached (`strictly`: exceeded) by the best single change.
pub(super) fn prop1<A: Amount>(view: &View<A>, strictly: bool) -> Option<Shortfall<A>> {
    let own = view.own();
    if proportional(view, &own.value) {
        return None;
    }
    let mut changes = Vec::new();
    if let Some(worst) = own.worst.get() {
        changes.push((own.value.minus(worst), Change { item: own.worst.item, value: worst.clone(), dropped: true }));
    }
    let outside = view.others().map(|(_, bundle)| &bundle.best).filter(|best| best.get().is_some());
    // The first of equal ones, so that witnesses do not depend on how maxima are folded.
    if let Some(best) = outside.reduce(|best, other| if other.value > best.value { other } else { best }) {
        changes.push((own.value.plus(&best.value), Change { item: best.item, value: best.value.clone(), dropped: false }));
    }
    let n = view.bundles.len() as u64;
    let enough = |value: &A| if strictly { value.times(n) > view.total } else { value.times(n) >= view.total };
    if changes.iter().any(|(value, _)| enough(value)) {
        return None;
    }
    Some(shortfall(view, changes.into_iter().map(|(_, change)| change).collect()))
}

/// PROP, or the share reached by dropping any own negative item and by receiving any positive outside item.
pub(super) fn propx<A: Amount>(view: &View<A>) -> Option<Shortfall<A>> {
    let outside = view.others().map(|(_, bundle)| &bundle.least_positive).filter(|least| least.get().is_some());
    let received = outside.reduce(|least, other| if other.value < least.value { other } else { least });
    one_change(view, received.map(|least| Change { item: least.item, value: least.value.clone(), dropped: false }))
}

/// As `PROPx`, but with the most valuable of the other bundles' least positive items.
pub(super) fn propm<A: Amount>(view: &View<A>) -> Option<Shortfall<A>> {
    let outside = view.others().map(|(_, bundle)| &bundle.least_positive).filter(|least| least.get().is_some());
    let received = outside.reduce(|most, other| if other.value > most.value { other } else { most });
    one_change(view, received.map(|most| Change { item: most.item, value: most.value.clone(), dropped: false }))
}

fn one_change<A: Amount>(view: &View<A>, received: Option<Change<A>>) -> Option<Shortfall<A>> {
    let own = view.own();
    if proportional(view, &own.value) {
        return None;
    }
    if let Some(mildest) = own.mildest_negative.get()
        && !proportional(view, &own.value.minus(mildest))
    {
        let change = Change { item: own.mildest_negative.item, value: mildest.clone(), dropped: true };
        return Some(shortfall(view, vec![change]));
    }
    match received {
        Some(change) if !proportional(view, &own.value.plus(&change.value)) => Some(shortfall(view, vec![change])),
        _ => None,
    }
}
