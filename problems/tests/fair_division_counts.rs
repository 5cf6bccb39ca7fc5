//! The checker against counts that an independent program made by full enumeration.
#![cfg(feature = "fair-division")]

use std::collections::BTreeMap;
use std::path::Path;

use fathom_opt_problems::fair_division::{Allocation, FairDivision};
use fathom_opt_problems::{Problem, Verdict};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Golden {
    name: String,
    u: Vec<Vec<i64>>,
    usw: i64,
    leximin: Vec<i64>,
    mnw_positive_agents: usize,
    mnw_product: String,
    mms: Vec<i64>,
    counts: BTreeMap<String, u64>,
}

/// The name that a count's part has in verdicts.
fn property(part: &str) -> &str {
    match part {
        "EF1_3" => "EF1^3",
        "EFX_3" => "EFX^3",
        "EFX0" => "EFX_0",
        "PROP1_strict" => "PROP1-strict",
        other => other,
    }
}

fn has(verdict: &Verdict, names: &str) -> bool {
    names.split('+').all(|name| {
        let property = verdict.property(property(name)).unwrap();
        property.holds.unwrap_or_else(|| panic!("{name} was not decided"))
    })
}

#[test]
fn every_count_of_the_golden_instances_is_reproduced() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/fair-division/golden_small.json");
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("skipped: {} is not there", path.display());
        return;
    };
    let golden: Vec<Golden> = serde_json::from_str(&text).unwrap();
    assert_eq!(golden.len(), 49);
    for instance in golden {
        let (n, m) = (instance.u.len(), instance.u[0].len());
        let problem = FairDivision::new(instance.u.clone()).unwrap();
        let mut counts: BTreeMap<&str, u64> = instance.counts.keys().map(|name| (name.as_str(), 0)).collect();
        assert_eq!(counts.len(), 17);
        let mut best = (i64::MIN, Vec::new(), (0, 0_u128));
        for code in 0..n.pow(u32::try_from(m).unwrap()) {
            let owner: Vec<usize> = (0..m).map(|o| code / n.pow(u32::try_from(o).unwrap()) % n).collect();
            let mut utilities = vec![0_i64; n];
            for (o, &agent) in owner.iter().enumerate() {
                utilities[agent] += instance.u[agent][o];
            }
            let verdict = problem.check(&Allocation::new(owner)).unwrap();
            for (name, count) in &mut counts {
                *count += u64::from(has(&verdict, name));
            }
            let utilitarian: i64 = utilities.iter().sum();
            assert_eq!(verdict.objective.as_ref().unwrap().value, utilitarian as f64);
            assert_eq!(verdict.measure("egalitarian"), utilities.iter().min().map(|&least| least as f64));
            let positive: Vec<u128> =
                utilities.iter().filter_map(|&utility| u128::try_from(utility).ok()).filter(|&utility| utility > 0).collect();
            assert_eq!(verdict.measure("positive agents"), Some(positive.len() as f64));
            let product = positive.iter().product();
            utilities.sort_unstable();
            best = (best.0.max(utilitarian), best.1.max(utilities), best.2.max((positive.len(), product)));
        }
        let expected: BTreeMap<&str, u64> = instance.counts.iter().map(|(name, &count)| (name.as_str(), count)).collect();
        assert_eq!(counts, expected, "{}", instance.name);
        assert_eq!((best.0, &best.1), (instance.usw, &instance.leximin), "{}", instance.name);
        assert_eq!(best.2, (instance.mnw_positive_agents, instance.mnw_product.parse().unwrap()), "{}", instance.name);
        for (agent, share) in instance.mms.iter().enumerate() {
            assert_eq!(problem.maximin_share(agent, 1_000_000), Some((*share).into()), "{} agent {agent}", instance.name);
        }
    }
}
