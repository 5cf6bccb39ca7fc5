//! Verdicts against definitions written out naively, witnesses re-checked from their data, and what must not change a verdict.
#![cfg(feature = "fair-division")]

use fathom_opt_problems::fair_division::{Allocation, FairDivision, Notion};
use fathom_opt_problems::{Problem, Verdict};
use proptest::prelude::*;
use serde_json::Value;

type Rows = Vec<Vec<i64>>;

fn value(rows: &Rows, a: usize, bundle: &[usize]) -> i64 {
    bundle.iter().map(|&o| rows[a][o]).sum()
}

fn bundles(owner: &[usize], agents: usize) -> Vec<Vec<usize>> {
    (0..agents).map(|a| (0..owner.len()).filter(|&o| owner[o] == a).collect()).collect()
}

fn without(bundle: &[usize], item: usize) -> Vec<usize> {
    bundle.iter().copied().filter(|&o| o != item).collect()
}

/// The definition, word by word; nothing for notions that quantify over allocations.
fn by_definition(rows: &Rows, owner: &[usize], notion: Notion) -> Option<bool> {
    let n = rows.len();
    let bundle = bundles(owner, n);
    let everything: Vec<usize> = (0..owner.len()).collect();
    let pairs = || (0..n).flat_map(|a| (0..n).map(move |b| (a, b))).filter(|(a, b)| a != b);
    let fine = |a: usize, own: &[usize], other: &[usize]| value(rows, a, own) >= value(rows, a, other);
    let of_sign = |a: usize, items: &[usize], sign: i64| -> Vec<usize> {
        items.iter().copied().filter(|&o| sign == 0 || rows[a][o].signum() == sign).collect()
    };
    let ef1 = |a: usize, own: &[usize], other: &[usize]| {
        fine(a, own, other)
            || own.iter().any(|&o| fine(a, &without(own, o), other))
            || other.iter().any(|&o| fine(a, own, &without(other, o)))
    };
    let efx = |a: usize, own: &[usize], other: &[usize], own_zero: bool, other_zero: bool| {
        fine(a, own, other)
            || (own.iter().filter(|&&o| rows[a][o] < i64::from(own_zero)).all(|&o| fine(a, &without(own, o), other))
                && other.iter().filter(|&&o| rows[a][o] > -i64::from(other_zero)).all(|&o| fine(a, own, &without(other, o))))
    };
    let share = |a: usize, own: &[usize], strictly: bool| {
        let (mine, due) = (value(rows, a, own) * i64::try_from(n).unwrap(), value(rows, a, &everything));
        if strictly { mine > due } else { mine >= due }
    };
    let with = |bundle: &[usize], item: usize| [bundle, &[item]].concat();
    let outside = |a: usize| (0..owner.len()).filter(move |&o| owner[o] != a);
    let prop1 = |a: usize, strictly: bool| {
        share(a, &bundle[a], false)
            || outside(a).any(|o| share(a, &with(&bundle[a], o), strictly))
            || bundle[a].iter().any(|&o| share(a, &without(&bundle[a], o), strictly))
    };
    let dropping = |a: usize| bundle[a].iter().filter(|&&o| rows[a][o] < 0).all(|&o| share(a, &without(&bundle[a], o), false));
    Some(match notion {
        Notion::Ef => pairs().all(|(a, b)| fine(a, &bundle[a], &bundle[b])),
        Notion::Ef1 => pairs().all(|(a, b)| ef1(a, &bundle[a], &bundle[b])),
        Notion::Efx => pairs().all(|(a, b)| efx(a, &bundle[a], &bundle[b], false, false)),
        Notion::Efx0 => pairs().all(|(a, b)| efx(a, &bundle[a], &bundle[b], true, true)),
        Notion::Efx0EnviedSide => pairs().all(|(a, b)| efx(a, &bundle[a], &bundle[b], false, true)),
        Notion::Ef1Three => {
            pairs().all(|(a, b)| [0, 1, -1].iter().all(|&sign| ef1(a, &of_sign(a, &bundle[a], sign), &of_sign(a, &bundle[b], sign))))
        }
        Notion::EfxThree => pairs().all(|(a, b)| {
            [0, 1, -1].iter().all(|&sign| efx(a, &of_sign(a, &bundle[a], sign), &of_sign(a, &bundle[b], sign), false, false))
        }),
        Notion::Prop => (0..n).all(|a| share(a, &bundle[a], false)),
        Notion::Prop1 => (0..n).all(|a| prop1(a, false)),
        Notion::Prop1Strict => (0..n).all(|a| prop1(a, true)),
        Notion::PropX => (0..n).all(|a| {
            share(a, &bundle[a], false)
                || (dropping(a) && outside(a).filter(|&o| rows[a][o] > 0).all(|o| share(a, &with(&bundle[a], o), false)))
        }),
        Notion::PropM => (0..n).all(|a| {
            let least = |b: usize| bundle[b].iter().copied().filter(|&o| rows[a][o] > 0).min_by_key(|&o| rows[a][o]);
            let received = (0..n).filter(|&b| b != a).filter_map(least).max_by_key(|&o| rows[a][o]);
            share(a, &bundle[a], false) || (dropping(a) && received.is_none_or(|o| share(a, &with(&bundle[a], o), false)))
        }),
        _ => return None,
    })
}

fn dominates(rows: &Rows, better: &[usize], than: &[usize]) -> bool {
    let (new, old) = (bundles(better, rows.len()), bundles(than, rows.len()));
    let change: Vec<i64> = (0..rows.len()).map(|a| value(rows, a, &new[a]) - value(rows, a, &old[a])).collect();
    change.iter().all(|&change| change >= 0) && change.iter().any(|&change| change > 0)
}

fn index(data: &Value, field: &str) -> usize {
    usize::try_from(data[field].as_u64().unwrap()).unwrap()
}

fn owners(data: &Value) -> Vec<usize> {
    data.as_array().unwrap().iter().map(|agent| usize::try_from(agent.as_u64().unwrap()).unwrap()).collect()
}

/// Checks the evidence that a failed property comes with, from its data alone.
fn recheck(rows: &Rows, owner: &[usize], name: &str, data: &Value) {
    let bundle = bundles(owner, rows.len());
    match name {
        "MMS" => {
            let agent = index(data, "agent");
            let parts = bundles(&owners(&data["partition"]), rows.len());
            assert!(parts.iter().all(|part| value(rows, agent, part) > value(rows, agent, &bundle[agent])));
        }
        "fPO" if data.get("cycle").is_some() => {
            // Going round, what is given up for one unit of gain multiplies to less than 1.
            let cycle = data["cycle"].as_array().unwrap();
            let (mut costs, mut gains) = (1_i64, 1_i64);
            for (k, step) in cycle.iter().enumerate() {
                let (payer, gainer, item) = (index(step, "payer"), index(step, "gainer"), index(step, "item"));
                let (cost, gain) = (rows[payer][item], rows[gainer][item]);
                assert!(if cost > 0 { owner[item] == payer && gain > 0 } else { owner[item] == gainer && gain < 0 });
                assert_eq!(gainer, index(&cycle[(k + 1) % cycle.len()], "payer"));
                costs *= cost.abs();
                gains *= gain.abs();
            }
            assert!(costs < gains);
        }
        "PO" | "fPO" => assert!(dominates(rows, &owners(&data["owner"]), owner)),
        _ if data.get("envied").is_some() => {
            let (agent, envied) = (index(data, "agent"), index(data, "envied"));
            let counted = |items: &[usize]| -> Vec<usize> {
                let counts = |o: &usize| match data["items"].as_str().unwrap() {
                    "positive" => rows[agent][*o] > 0,
                    "negative" => rows[agent][*o] < 0,
                    _ => true,
                };
                items.iter().copied().filter(counts).collect()
            };
            let (own, other) = (counted(&bundle[agent]), counted(&bundle[envied]));
            assert_eq!(data["own"], value(rows, agent, &own));
            assert_eq!(data["other"], value(rows, agent, &other));
            assert!(value(rows, agent, &own) < value(rows, agent, &other));
            for removal in data["removed"].as_array().unwrap() {
                let item = index(removal, "item");
                assert_eq!(owner[item], index(removal, "from"));
                assert!(value(rows, agent, &without(&own, item)) < value(rows, agent, &other) || owner[item] != agent);
                assert!(value(rows, agent, &own) < value(rows, agent, &without(&other, item)) || owner[item] != envied);
            }
        }
        _ => {
            let agent = index(data, "agent");
            let all: Vec<usize> = (0..owner.len()).collect();
            let (own, total) = (value(rows, agent, &bundle[agent]), value(rows, agent, &all));
            assert_eq!((&data["own"], &data["all"]), (&Value::from(own), &Value::from(total)));
            assert!(own * i64::try_from(rows.len()).unwrap() < total);
        }
    }
}

/// The weights that prove fPO make every owner the one to whom the item is worth most.
fn recheck_weights(rows: &Rows, owner: &[usize], data: &Value) {
    let weights: Vec<(i128, i128)> = data["weights"]
        .as_array()
        .unwrap()
        .iter()
        .map(|weight| {
            let text = weight.as_str().unwrap();
            let (numerator, denominator) = text.split_once('/').unwrap_or((text, "1"));
            (numerator.parse().unwrap(), denominator.parse().unwrap())
        })
        .collect();
    for (o, &holder) in owner.iter().enumerate() {
        for a in 0..rows.len() {
            let (p, q) = weights[holder];
            let (r, s) = weights[a];
            assert!(p > 0 && q > 0 && p * i128::from(rows[holder][o]) * s >= r * i128::from(rows[a][o]) * q);
        }
    }
}

fn verdict(rows: &Rows, owner: &[usize]) -> Verdict {
    FairDivision::new(rows.clone()).unwrap().check(&Allocation::new(owner.to_vec())).unwrap()
}

fn findings(verdict: &Verdict, names: &[&str]) -> Vec<Option<bool>> {
    names.iter().map(|name| verdict.property(name).unwrap().holds).collect()
}

fn instance() -> impl Strategy<Value = (Rows, Vec<usize>)> {
    (2_usize..4, 1_usize..6)
        .prop_flat_map(|(n, m)| (proptest::collection::vec(proptest::collection::vec(-4_i64..5, m), n), proptest::collection::vec(0..n, m)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn verdicts_follow_the_definitions_and_witnesses_hold((rows, owner) in instance()) {
        let verdict = verdict(&rows, &owner);
        for notion in Notion::ALL {
            let Some(property) = verdict.property(notion.name()) else { continue };
            if let Some(expected) = by_definition(&rows, &owner, notion) {
                prop_assert_eq!(property.holds, Some(expected), "{}", notion.name());
            }
            match (property.holds, &property.witness) {
                (Some(false), Some(witness)) => recheck(&rows, &owner, notion.name(), &witness.data),
                (Some(true), Some(witness)) => recheck_weights(&rows, &owner, &witness.data),
                (Some(true), None) => {}
                _ => prop_assert!(false, "{} has no witness", notion.name()),
            }
        }
    }

    #[test]
    fn a_mutated_allocation_is_judged_anew((rows, owner) in instance(), item in 0_usize..6, agent in 0_usize..5) {
        let item = item % owner.len();
        let mut mutated = owner.clone();
        mutated[item] = agent;
        let problem = FairDivision::new(rows.clone()).unwrap();
        let checked = problem.check(&Allocation::new(mutated.clone()));
        if agent >= rows.len() {
            let place = format!("owner[{item}]: found agent {agent} as the owner of ");
            prop_assert!(checked.unwrap_err().to_string().starts_with(&place));
        } else {
            // Nothing of the original's verdict survives that the definitions do not grant the mutant.
            let checked = checked.unwrap();
            for notion in Notion::ALL {
                if let Some(expected) = by_definition(&rows, &mutated, notion) {
                    prop_assert_eq!(checked.property(notion.name()).unwrap().holds, Some(expected));
                }
            }
            if mutated != owner && dominates(&rows, &owner, &mutated) {
                prop_assert_eq!(checked.property("PO").unwrap().holds, Some(false));
            }
        }
    }

    #[test]
    fn scaling_an_agents_utilities_changes_no_property((rows, owner) in instance(), agent in 0_usize..3, factor in 1_i64..1000) {
        let mut scaled = rows.clone();
        let agent = agent % rows.len();
        for value in &mut scaled[agent] {
            *value *= factor;
        }
        let names: Vec<&str> = Notion::ALL.into_iter().filter(|notion| !notion.is_weighted()).map(Notion::name).collect();
        prop_assert_eq!(findings(&verdict(&rows, &owner), &names), findings(&verdict(&scaled, &owner), &names));
    }

    #[test]
    fn an_item_that_nobody_cares_for_changes_little((rows, owner) in instance(), agent in 0_usize..3) {
        let mut wider = rows.clone();
        for row in &mut wider {
            row.push(0);
        }
        let mut extended = owner.clone();
        extended.push(agent % rows.len());
        let names = ["EF", "EF1", "EFX", "EF1^3", "EFX^3", "PROP", "PROPx", "MMS", "PO", "fPO"];
        prop_assert_eq!(findings(&verdict(&rows, &owner), &names), findings(&verdict(&wider, &extended), &names));
    }

    #[test]
    fn names_of_agents_and_items_do_not_matter((rows, owner) in instance()) {
        // Reversed agents and reversed items.
        let n = rows.len();
        let turned: Rows = rows.iter().rev().map(|row| row.iter().rev().copied().collect()).collect();
        let turned_owner: Vec<usize> = owner.iter().rev().map(|agent| n - 1 - agent).collect();
        let names: Vec<&str> = Notion::ALL.into_iter().filter(|notion| !notion.is_weighted()).map(Notion::name).collect();
        prop_assert_eq!(findings(&verdict(&rows, &owner), &names), findings(&verdict(&turned, &turned_owner), &names));
    }
}
