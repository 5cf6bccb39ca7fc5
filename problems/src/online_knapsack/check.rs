//! The checker: replays the decisions and recomputes everything from the stream.

use std::collections::HashMap;

use super::arrival::density;
use super::fairness::{Fairness, Offered};
use super::{OnlineKnapsack, Packing};
use crate::malformed::{Malformed, Place};
use crate::sense::Sense;
use crate::verdict::{Certainty, Improvement, Measure, Objective, Property, Verdict, Violation, Witness};

/// Shares of items add up to rounding errors; whole items do not.
const ROUNDING: f64 = 1e-9;

pub(super) fn check(problem: &OnlineKnapsack, packing: &Packing) -> Result<Verdict, Malformed> {
    let shares = shares(problem, packing)?;
    let mut verdict = Verdict::default();
    capacity_over_time(problem, packing, &shares, &mut verdict);
    let value = value(problem, &shares);
    let exact = packing.shares.is_none();
    verdict.objective = Some(Objective { name: "value".into(), value, exact: None, sense: Sense::Maximize });
    let mut measure = |name: &str, value: f64| verdict.measures.push(Measure { name: name.into(), value });
    measure("accepted", packing.accepted.len() as f64);
    let hindsight = problem.hindsight();
    // Parts of items can be worth more than whole ones. With one capacity the bound for parts is attained; with several only a packing of whole items is known.
    let (lower, upper, proved) = match (exact, problem.capacity.dimensions()) {
        (true, _) => (hindsight.lower, hindsight.upper, hindsight.proved),
        (false, 1) => (hindsight.fractional, hindsight.fractional, true),
        (false, _) => (hindsight.lower, hindsight.fractional, false),
    };
    measure("hindsight lower bound", lower);
    measure("hindsight upper bound", upper);
    measure("hindsight optimum proved", f64::from(u8::from(proved)));
    if value > 0.0 {
        measure("empirical ratio at least", lower.max(value) / value);
        measure("empirical ratio at most", upper.max(value) / value);
    }
    if problem.capacity.dimensions() == 1 {
        fairness(problem, &shares, &mut verdict);
    }
    let optimality = optimality(value, lower, upper, proved);
    if let Some(witness) = optimality.witness.clone().filter(|_| optimality.holds == Some(false)) {
        verdict.improvements.push(Improvement::elsewhere(Some(lower), witness));
    }
    verdict.properties.push(optimality);
    Ok(verdict)
}

/// The share of each item that was taken, by position.
fn shares(problem: &OnlineKnapsack, packing: &Packing) -> Result<Vec<f64>, Malformed> {
    let root = Place::root();
    if let Some(shares) = &packing.shares {
        if shares.len() != packing.accepted.len() {
            let found = format!("{} numbers", shares.len());
            return Err(Malformed::new(root.field("shares"), found, format!("{} (as many as accepted)", packing.accepted.len())));
        }
        if let Some(k) = shares.iter().position(|share| !(*share > 0.0 && *share <= 1.0)) {
            return Err(Malformed::new(root.field("shares").index(k), shares[k].to_string(), "a share above 0 and at most 1"));
        }
    }
    let positions: HashMap<u64, usize> = problem.items.iter().enumerate().map(|(position, item)| (item.id, position)).collect();
    let mut taken = vec![0.0; problem.items.len()];
    let mut after = None;
    for (k, id) in packing.accepted.iter().enumerate() {
        let place = || root.field("accepted").index(k);
        let Some(&position) = positions.get(id) else {
            return Err(Malformed::new(place(), id.to_string(), "the id of an item of the stream"));
        };
        if after.is_some_and(|after| position <= after) {
            let expected = "ids in the order of arrival, each once (a decision is made when the item comes, and for good)";
            return Err(Malformed::new(place(), id.to_string(), expected));
        }
        after = Some(position);
        taken[position] = packing.shares.as_ref().map_or(1.0, |shares| shares[k]);
    }
    Ok(taken)
}

/// Whether the capacity holds after every decision.
fn capacity_over_time(problem: &OnlineKnapsack, packing: &Packing, shares: &[f64], verdict: &mut Verdict) {
    for (dimension, capacity) in problem.capacity.iter().enumerate() {
        let weight = |position: usize| problem.items[position].weight.iter().nth(dimension).unwrap_or(0);
        let exceeded = if packing.shares.is_none() {
            let mut used = 0_u128;
            let mut at = None;
            for position in (0..shares.len()).filter(|&position| shares[position] > 0.0) {
                used += u128::from(weight(position));
                if used > u128::from(capacity) && at.is_none() {
                    at = Some(position);
                }
            }
            at.map(|at| (at, (used - u128::from(capacity)) as f64))
        } else {
            let (mut used, mut at) = (0.0_f64, None);
            for (position, share) in shares.iter().enumerate() {
                used += share * weight(position) as f64;
                if used > capacity as f64 * (1.0 + ROUNDING) && at.is_none() {
                    at = Some(position);
                }
            }
            at.map(|at| (at, used - capacity as f64))
        };
        if let Some((position, amount)) = exceeded {
            let place = format!("item {}", problem.items[position].id);
            verdict.violations.push(Violation { what: format!("capacity {capacity} at every time"), place, amount });
        }
    }
}

/// The value taken, summed with its rounding errors kept (Neumaier).
fn value(problem: &OnlineKnapsack, shares: &[f64]) -> f64 {
    let (mut sum, mut error) = (0.0_f64, 0.0_f64);
    for (item, share) in problem.items.iter().zip(shares) {
        let term = item.value * share;
        let next = sum + term;
        error += if sum.abs() >= term.abs() { (sum - next) + term } else { (term - next) + sum };
        sum = next;
    }
    sum + error
}

fn fairness(problem: &OnlineKnapsack, shares: &[f64], verdict: &mut Verdict) {
    let capacity = problem.capacity.first();
    let offered: Vec<Offered<'_>> = problem
        .items
        .iter()
        .zip(shares)
        .map(|(item, &share)| Offered {
            density: density(item.value, item.weight.first(), capacity),
            accepted: share > 0.0,
            group: item.group.as_deref(),
        })
        .collect();
    let fairness = Fairness::of(&offered);
    let used: f64 = problem.items.iter().zip(shares).map(|(item, share)| item.weight.first() as f64 * share).sum();
    let mut measure = |name: String, value: f64| verdict.measures.push(Measure { name, value });
    measure("used share of the capacity".into(), used / capacity as f64);
    measure("envy share".into(), fairness.envy_share);
    measure("inverted pairs".into(), fairness.inverted_pairs);
    for (k, share) in fairness.quarters.iter().enumerate() {
        measure(format!("accepted in quarter {}", k + 1), *share);
    }
    for (group, (taken, offered)) in &fairness.groups {
        measure(format!("accepted of group {group}"), *taken as f64 / *offered as f64);
    }
}

fn optimality(value: f64, lower: f64, upper: f64, proved: bool) -> Property {
    let close = |a: f64, b: f64| (a - b).abs() <= ROUNDING * a.abs().max(b.abs());
    let data = serde_json::json!({ "value": value, "lower": lower, "upper": upper });
    if value >= upper || close(value, upper) {
        return Property::holds("optimal in hindsight", Certainty::Within(ROUNDING));
    }
    if proved || (lower > value && !close(lower, value)) {
        let text = format!("a packing of all items known is worth {lower}, this one {value}");
        return Property::fails("optimal in hindsight", Certainty::Within(ROUNDING), Witness::new(text, data));
    }
    let text = format!("the best packing is worth {lower} to {upper}; `knapsack-exact` can decide");
    Property::undecided("optimal in hindsight", Witness::new(text, data))
}

#[cfg(test)]
mod tests {
    use super::super::{Amounts, Arrival};
    use super::*;
    use crate::Problem;

    fn problem() -> OnlineKnapsack {
        OnlineKnapsack::single(10, None, [(5.0, 4), (6.0, 5), (3.0, 1), (9.0, 6)]).unwrap()
    }

    #[test]
    fn value_and_hindsight_are_recomputed() {
        let verdict = problem().check(&Packing::whole(vec![1, 2, 3])).unwrap();
        assert!(verdict.holds());
        assert_eq!(verdict.objective.as_ref().unwrap().value, 14.0);
        assert_eq!(verdict.measure("hindsight lower bound"), Some(14.0));
        assert_eq!(verdict.measure("hindsight upper bound"), Some(14.0));
        assert_eq!(verdict.measure("empirical ratio at most"), Some(1.0));
        assert_eq!(verdict.property("optimal in hindsight").unwrap().holds, Some(true));
    }

    #[test]
    fn the_first_item_beyond_the_capacity_is_named() {
        let verdict = problem().check(&Packing::whole(vec![2, 4])).unwrap();
        assert_eq!(verdict.violations[0].place, "item 4");
        assert_eq!(verdict.violations[0].amount, 1.0);
    }

    #[test]
    fn a_decision_cannot_be_taken_back_or_made_twice() {
        for accepted in [vec![3, 1], vec![1, 1]] {
            let error = problem().check(&Packing::whole(accepted)).unwrap_err();
            assert!(error.to_string().contains("order of arrival"), "{error}");
        }
        let error = problem().check(&Packing::whole(vec![9])).unwrap_err().to_string();
        assert_eq!(error, "accepted[0]: found 9, expected the id of an item of the stream");
    }

    #[test]
    fn parts_of_items_are_compared_with_the_fractional_optimum() {
        let packing = Packing { accepted: vec![3, 4], shares: Some(vec![1.0, 1.0]) };
        let verdict = problem().check(&packing).unwrap();
        // 3 + 9 + 3 left at density 1.25.
        assert_eq!(verdict.measure("hindsight upper bound"), Some(15.75));
        let packing = Packing { accepted: vec![3], shares: Some(vec![1.5]) };
        assert!(problem().check(&packing).is_err());
    }

    #[test]
    fn a_better_packing_is_an_improvement_and_none_is_made_up() {
        let worse = problem().check(&Packing::whole(vec![1, 2])).unwrap();
        assert_eq!(worse.improvements.iter().map(|better| better.value).collect::<Vec<_>>(), [Some(14.0)]);
        assert!(problem().check(&Packing::whole(vec![1, 2, 3])).unwrap().improvements.is_empty());
        // Of parts under two capacities nothing better than whole items is known: Dantzig's bound need not be attained.
        let item = |id, weight: [u64; 2]| Arrival { id, value: 1.0, weight: Amounts::new(&weight).unwrap(), group: None };
        let items = vec![item(1, [2, 1]), item(2, [1, 2])];
        let problem = OnlineKnapsack::new(Amounts::new(&[2, 2]).unwrap(), None, items).unwrap();
        let verdict = problem.check(&Packing { accepted: vec![1], shares: Some(vec![1.0]) }).unwrap();
        assert_eq!(verdict.measure("hindsight lower bound"), Some(1.0));
        assert!(verdict.measure("hindsight upper bound").unwrap() > 1.0 && verdict.improvements.is_empty());
    }

    #[test]
    fn groups_and_envy_are_counted() {
        let item = |id, value, weight, group: &str| Arrival { id, value, weight: Amounts::single(weight), group: Some(group.into()) };
        let items = vec![item(1, 1.0, 5, "a"), item(2, 9.0, 6, "b"), item(3, 8.0, 5, "b"), item(4, 0.5, 5, "a")];
        let problem = OnlineKnapsack::new(Amounts::single(10), None, items).unwrap();
        let verdict = problem.check(&Packing::whole(vec![1, 3])).unwrap();
        assert_eq!(verdict.measure("envy share"), Some(0.5));
        assert_eq!(verdict.measure("inverted pairs"), Some(0.25));
        assert_eq!(verdict.measure("accepted of group b"), Some(0.5));
        assert_eq!(verdict.measure("accepted in quarter 2"), Some(0.0));
    }

    #[test]
    fn every_dimension_has_its_capacity() {
        let item = |id, value, weight: [u64; 2]| Arrival { id, value, weight: Amounts::new(&weight).unwrap(), group: None };
        let items = vec![item(1, 4.0, [3, 1]), item(2, 4.0, [1, 3]), item(3, 1.0, [1, 1])];
        let problem = OnlineKnapsack::new(Amounts::new(&[5, 4]).unwrap(), None, items).unwrap();
        assert!(problem.check(&Packing::whole(vec![1, 2])).unwrap().holds());
        let verdict = problem.check(&Packing::whole(vec![1, 2, 3])).unwrap();
        assert_eq!(verdict.violations.len(), 1);
        assert_eq!(verdict.violations[0].what, "capacity 4 at every time");
        let hindsight = problem.hindsight();
        assert!(hindsight.lower <= 8.0 && hindsight.upper >= 8.0);
    }
}
