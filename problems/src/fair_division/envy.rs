//! The notions that compare an agent's bundle with another's.

use super::amount::Amount;
use super::view::{Bundle, NONE, View};

/// Why an agent's envy is not allowed by a notion.
#[derive(Debug, Clone)]
pub(super) struct Envy<A> {
    /// The agent who envies.
    pub(super) agent: usize,
    /// The agent who is envied.
    pub(super) envied: usize,
    /// Which of the agent's items count (EF1^3 and EFX^3 look thrice).
    pub(super) scope: Scope,
    /// Value of the own bundle, in that scope.
    pub(super) own: A,
    /// Value of the envied bundle, in that scope.
    pub(super) other: A,
    /// What the agent and the envied one are entitled to, where the notion weighs their bundles by it.
    pub(super) entitlements: Option<[u64; 2]>,
    /// An item whose removal leaves the envy, with its value: for the "some item" notions the item that helps most.
    pub(super) removed: Vec<Removal<A>>,
}

/// One item taken away that does not end the envy.
#[derive(Debug, Clone)]
pub(super) struct Removal<A> {
    pub(super) item: usize,
    pub(super) value: A,
    /// Whether it is taken from one's own bundle.
    pub(super) own: bool,
}

/// Which items a comparison counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    All,
    Positive,
    Negative,
}

impl Scope {
    fn value<A: Amount>(self, bundle: &Bundle<A>) -> &A {
        match self {
            Self::All => &bundle.value,
            Self::Positive => &bundle.positive,
            Self::Negative => &bundle.negative,
        }
    }
}

/// `v_aa >= v_ab` for every other `b`, or the first `b` for which neither that nor `excuse` holds. `excuse` lists the removals it tried.
fn compare<A: Amount>(
    view: &View<A>,
    scope: Scope,
    excuse: impl Fn(&Bundle<A>, &Bundle<A>) -> Result<(), Vec<Removal<A>>>,
) -> Option<Envy<A>> {
    let own = view.own();
    for (envied, bundle) in view.others() {
        if scope.value(own) >= scope.value(bundle) {
            continue;
        }
        if let Err(removed) = excuse(own, bundle) {
            let (own, other) = (scope.value(own).clone(), scope.value(bundle).clone());
            return Some(Envy { agent: view.agent, envied, scope, own, other, entitlements: None, removed });
        }
    }
    None
}

pub(super) fn ef<A: Amount>(view: &View<A>) -> Option<Envy<A>> {
    compare(view, Scope::All, |_, _| Err(Vec::new()))
}

pub(super) fn ef1<A: Amount>(view: &View<A>) -> Option<Envy<A>> {
    ef1_in(view, Scope::All)
}

pub(super) fn efx<A: Amount>(view: &View<A>) -> Option<Envy<A>> {
    efx_in(view, Scope::All)
}

/// EF1 for all items, for the positive ones alone and for the negative ones alone.
pub(super) fn ef1_three<A: Amount>(view: &View<A>) -> Option<Envy<A>> {
    [Scope::All, Scope::Positive, Scope::Negative].into_iter().find_map(|scope| ef1_in(view, scope))
}

/// EFX in the same three ways.
pub(super) fn efx_three<A: Amount>(view: &View<A>) -> Option<Envy<A>> {
    [Scope::All, Scope::Positive, Scope::Negative].into_iter().find_map(|scope| efx_in(view, scope))
}

/// Some own item `o` with `v_aa - u_a(o) >= v_ab`, or some item of `b` with `v_aa >= v_ab - u_a(o)`. Within the positive or the negative items the
/// extremes of all items serve as well: an item of the other sign never ends envy there.
fn ef1_in<A: Amount>(view: &View<A>, scope: Scope) -> Option<Envy<A>> {
    compare(view, scope, |own, other| {
        let (mine, theirs) = (scope.value(own), scope.value(other));
        let mut tried = Vec::new();
        if let Some(worst) = own.worst.get().filter(|worst| worst.is_negative() && scope != Scope::Positive) {
            if mine.minus(worst) >= *theirs {
                return Ok(());
            }
            tried.push(Removal { item: own.worst.item, value: worst.clone(), own: true });
        }
        if let Some(best) = other.best.get().filter(|best| best.is_positive() && scope != Scope::Negative) {
            if *mine >= theirs.minus(best) {
                return Ok(());
            }
            tried.push(Removal { item: other.best.item, value: best.clone(), own: false });
        }
        Err(tried)
    })
}

/// Every own negative item `o` has `v_aa - u_a(o) >= v_ab`, and every positive item of `b` has `v_aa >= v_ab - u_a(o)`.
fn efx_in<A: Amount>(view: &View<A>, scope: Scope) -> Option<Envy<A>> {
    compare(view, scope, |own, other| any_removal_ends_envy(own, other, scope))
}

fn any_removal_ends_envy<A: Amount>(own: &Bundle<A>, other: &Bundle<A>, scope: Scope) -> Result<(), Vec<Removal<A>>> {
    let (mine, theirs) = (scope.value(own), scope.value(other));
    if let Some(mildest) = own.mildest_negative.get().filter(|_| scope != Scope::Positive)
        && mine.minus(mildest) < *theirs
    {
        return Err(vec![Removal { item: own.mildest_negative.item, value: mildest.clone(), own: true }]);
    }
    if let Some(least) = other.least_positive.get().filter(|_| scope != Scope::Negative)
        && *mine < theirs.minus(least)
    {
        return Err(vec![Removal { item: other.least_positive.item, value: least.clone(), own: false }]);
    }
    Ok(())
}

/// EFX where items of value zero count as well: in the envied bundle, and if `both_sides` in one's own.
pub(super) fn efx0<A: Amount>(view: &View<A>, both_sides: bool) -> Option<Envy<A>> {
    compare(view, Scope::All, |own, other| {
        if both_sides && own.zero != NONE {
            return Err(vec![Removal { item: own.zero, value: A::zero(), own: true }]);
        }
        if other.zero != NONE {
            return Err(vec![Removal { item: other.zero, value: A::zero(), own: false }]);
        }
        any_removal_ends_envy(own, other, Scope::All)
    })
}

/// `v_aa w_b >= v_ab w_a`.
pub(super) fn wef<A: Amount>(view: &View<A>, weights: &[u64]) -> Option<Envy<A>> {
    weighted(view, weights, |_, _, _| Err(Vec::new()))
}

/// WEF after removing some own item or some item of the other bundle.
pub(super) fn wef1<A: Amount>(view: &View<A>, weights: &[u64]) -> Option<Envy<A>> {
    weighted(view, weights, |own, other, no_envy| {
        let mut tried = Vec::new();
        if let Some(worst) = own.worst.get().filter(|worst| worst.is_negative()) {
            if no_envy(&own.value.minus(worst), &other.value) {
                return Ok(());
            }
            tried.push(Removal { item: own.worst.item, value: worst.clone(), own: true });
        }
        if let Some(best) = other.best.get().filter(|best| best.is_positive()) {
            if no_envy(&own.value, &other.value.minus(best)) {
                return Ok(());
            }
            tried.push(Removal { item: other.best.item, value: best.clone(), own: false });
        }
        Err(tried)
    })
}

fn weighted<A: Amount>(
    view: &View<A>,
    weights: &[u64],
    excuse: impl Fn(&Bundle<A>, &Bundle<A>, &dyn Fn(&A, &A) -> bool) -> Result<(), Vec<Removal<A>>>,
) -> Option<Envy<A>> {
    let own = view.own();
    for (envied, bundle) in view.others() {
        let no_envy = |mine: &A, theirs: &A| mine.times(weights[envied]) >= theirs.times(weights[view.agent]);
        if no_envy(&own.value, &bundle.value) {
            continue;
        }
        if let Err(removed) = excuse(own, bundle, &no_envy) {
            let (own, other) = (own.value.clone(), bundle.value.clone());
            let entitlements = Some([weights[view.agent], weights[envied]]);
            return Some(Envy { agent: view.agent, envied, scope: Scope::All, own, other, entitlements, removed });
        }
    }
    None
}
