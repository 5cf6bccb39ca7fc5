//! Optimal rules against optima that an independent program found.

use std::path::Path;

use fathom_opt_core::{Outcome, Run, Solver, Status};
use fathom_opt_division::{Auto, Leximin, MaxNashWelfare, MaximinShare};
use fathom_opt_problems::Problem;
use fathom_opt_problems::fair_division::{Allocation, FairDivision, Welfare};
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    name: String,
    u: Vec<Vec<i64>>,
    leximin: Vec<i64>,
    mnw_positive_agents: usize,
    mnw_product: String,
    mms: Vec<i64>,
    counts: std::collections::BTreeMap<String, u64>,
}

#[derive(Deserialize)]
struct Medium {
    n: usize,
    product: String,
    values: Vec<Vec<i64>>,
}

fn data(file: &str) -> Option<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/fair-division").join(file);
    let text = std::fs::read_to_string(&path).ok();
    if text.is_none() {
        eprintln!("skipped: {} is not there", path.display());
    }
    text
}

fn utilities(rows: &[Vec<i64>], owner: &[usize]) -> Vec<i64> {
    (0..rows.len()).map(|a| owner.iter().zip(&rows[a]).filter(|(holder, _)| **holder == a).map(|(_, value)| value).sum()).collect()
}

fn nash_score(utilities: &[i64]) -> (usize, u128) {
    let positive: Vec<u128> = utilities.iter().filter(|&&utility| utility > 0).map(|&utility| u128::try_from(utility).unwrap()).collect();
    (positive.len(), positive.iter().product())
}

/// Every promise, by the checker: none is refuted, and all but Pareto optimality, which a proof may imply where a search would take too long, are confirmed.
fn verified(problem: &FairDivision, outcome: &Outcome<Allocation>) {
    let verdict = problem.check(outcome.solution.as_ref().unwrap()).unwrap();
    for name in &outcome.promised {
        let holds = verdict.property(name).unwrap().holds;
        assert!(holds == Some(true) || (holds.is_none() && name == "PO"), "{name} for {problem:?} with {outcome:?}");
    }
    let value = match &outcome.criterion {
        None => verdict.objective.unwrap().value,
        Some(name) => verdict.measure(name).unwrap(),
    };
    assert!((value - outcome.objective.unwrap()).abs() <= 1e-12 * value.abs().max(1.0));
}

#[test]
fn golden_optima_are_found_and_proven() {
    let Some(text) = data("golden_small.json") else { return };
    let golden: Vec<Golden> = serde_json::from_str(&text).unwrap();
    let mut missed = 0;
    for instance in golden {
        let problem = FairDivision::new(instance.u.clone()).unwrap();
        let nash = MaxNashWelfare::default().solve(&problem.clone().with_welfare(Welfare::Nash), &Run::default()).unwrap();
        let expected = (instance.mnw_positive_agents, instance.mnw_product.parse().unwrap());
        let score = nash_score(&utilities(&instance.u, &nash.solution.as_ref().unwrap().owner));
        let goods = instance.u.iter().flatten().all(|&value| value >= 0);
        // With chores the rule is a heuristic; with goods it proves its optimum.
        assert!(if goods { score == expected } else { score <= expected }, "{}: {score:?} against {expected:?}", instance.name);
        missed += usize::from(score != expected);
        verified(&problem.clone().with_welfare(Welfare::Nash), &nash);
        assert_eq!(nash.status == Status::Optimal, goods, "{}", instance.name);

        let leximin = Leximin::default().solve(&problem.clone().with_welfare(Welfare::Egalitarian), &Run::default()).unwrap();
        let mut sorted = utilities(&instance.u, &leximin.solution.as_ref().unwrap().owner);
        sorted.sort_unstable();
        assert_eq!((sorted, leximin.status.clone()), (instance.leximin, Status::Optimal), "{}", instance.name);
        verified(&problem.clone().with_welfare(Welfare::Egalitarian), &leximin);

        let mms = MaximinShare::default().solve(&problem, &Run::default()).unwrap();
        let shares: Vec<String> = instance.mms.iter().map(ToString::to_string).collect();
        assert_eq!(mms.notes[0], format!("maximin shares: {}", shares.join(", ")), "{}", instance.name);
        assert_eq!(mms.promised.is_empty(), instance.counts["MMS"] == 0, "{}", instance.name);
        verified(&problem, &mms);

        verified(&problem, &Auto::default().solve(&problem, &Run::default()).unwrap());
    }
    assert!(missed <= 2, "the heuristic missed {missed} of 49 optima");
}

#[test]
fn shares_that_cannot_all_be_met_are_missed_by_one() {
    let rows = vec![vec![1, 16, 23, 26, 4, 10, 12, 19, 9], vec![1, 16, 22, 26, 4, 9, 13, 20, 9], vec![1, 15, 23, 25, 4, 10, 13, 20, 9]];
    let outcome = MaximinShare::default().solve(&FairDivision::new(rows).unwrap(), &Run::default()).unwrap();
    assert_eq!(outcome.notes[0], "maximin shares: 40, 40, 40");
    assert!(outcome.notes[1].ends_with("here the worst agent is short by 1 of 40"), "{:?}", outcome.notes);
}

#[test]
fn published_nash_optima_are_proven() {
    let Some(text) = data("mnw_medium.json") else { return };
    let instances: Vec<Medium> = serde_json::from_str(&text).unwrap();
    for instance in instances {
        let problem = FairDivision::new(instance.values).unwrap().with_welfare(Welfare::Nash);
        let outcome = MaxNashWelfare::default().solve(&problem, &Run::default()).unwrap();
        assert_eq!(outcome.status, Status::Optimal);
        let verdict = problem.check(outcome.solution.as_ref().unwrap()).unwrap();
        let optimum = verdict.objective.unwrap();
        assert!(optimum.exact.unwrap().ends_with(&format!("product {}", instance.product)));
        verified(&problem, &outcome);
        // Without the proof the geometric mean is as good to 1e-4 in the logarithm of the product.
        let quick = MaxNashWelfare { prove: false, ..MaxNashWelfare::default() }.solve(&problem, &Run::default()).unwrap();
        assert!(quick.status.claims_feasibility(), "{:?}", quick.status);
        let found = problem.check(quick.solution.as_ref().unwrap()).unwrap().objective.unwrap().value;
        assert!(instance.n as f64 * (optimum.value / found).ln() < 1e-4, "{found} against {}", optimum.value);
    }
}

#[test]
fn published_counterexamples_are_what_they_are() {
    // Maximum Nash welfare without EFX, and without fPO; leximin without EF1 (all found by search, see the specification).
    let solve = |rows: &[Vec<i64>], leximin: bool| {
        let problem = FairDivision::new(rows.to_vec()).unwrap();
        let outcome = if leximin {
            Leximin::default().solve(&problem, &Run::default())
        } else {
            MaxNashWelfare::default().solve(&problem, &Run::default())
        };
        problem.check(&outcome.unwrap().solution.unwrap()).unwrap()
    };
    let fails = |verdict: &fathom_opt_problems::Verdict, name: &str| verdict.property(name).unwrap().holds == Some(false);
    assert!(fails(&solve(&[vec![1, 0, 3], vec![1, 5, 8]], false), "EFX"));
    assert!(fails(&solve(&[vec![3, 1, 0], vec![4, 1, 1]], false), "fPO"));
    assert!(fails(&solve(&[vec![1, 2, 2, 2, 2], vec![0, 0, 1, 1, 1]], true), "EF1"));
    assert!(fails(&solve(&[vec![-1, -1], vec![-2, -2]], true), "EF1"));
}

#[test]
fn the_same_seed_gives_the_same_allocation() {
    let rows: Vec<Vec<i64>> = (0..6).map(|a: i64| (0..18).map(|o: i64| (a * 37 + o * 91 + a * o * 13) % 101).collect()).collect();
    let problem = FairDivision::new(rows).unwrap().with_welfare(Welfare::Nash);
    let solve = |threads| MaxNashWelfare::default().solve(&problem, &Run::new(7).with_threads(threads)).unwrap();
    // As text, because a trace has cells that are not numbers.
    assert_eq!(format!("{:?}", solve(1)), format!("{:?}", solve(4)));
}

#[test]
fn instances_too_large_to_search_are_refused_and_still_checked() {
    let problem = FairDivision::new(vec![vec![1, -1]; 2]).unwrap().with_copies(vec![30_000, 30_000]).unwrap();
    let error = Leximin::default().solve(&problem, &Run::default()).unwrap_err().to_string();
    assert_eq!(error, "leximin does not take this instance: it has 2 agents and 60000 items, more than an exhaustive search gets through");
    // Crossed preferences would need a search for a dominating allocation as deep as there are items.
    let rows: Vec<Vec<i64>> = (0..2).map(|a| (0..10_000).map(|o| 5000 + (o * 7919 + a * 31) % 997).collect()).collect();
    let problem = FairDivision::new(rows).unwrap();
    let verdict = problem.check(&Allocation::new((0..10_000).map(|o| o / 5000).collect())).unwrap();
    assert!(verdict.property("PO").is_some());
}

#[test]
fn a_run_that_may_not_start_says_so() {
    let problem = FairDivision::new(vec![vec![3, 1, 4, 1, 5], vec![2, 7, 1, 8, 2], vec![1, 6, 1, 8, 0]]).unwrap();
    let run = || Run::default().with_time_limit(std::time::Duration::ZERO);
    let limited = Status::Limit(fathom_opt_core::Limit::Time);
    assert_eq!(MaxNashWelfare::default().solve(&problem, &run()).unwrap().status, limited);
    assert_eq!(Leximin::default().solve(&problem, &run()).unwrap().status, limited);
    let mms = MaximinShare::default().solve(&problem, &run()).unwrap();
    assert_eq!(mms.status, limited);
    assert!(mms.solution.is_some());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn the_proven_nash_optimum_is_the_best_of_all(
        rows in proptest::collection::vec(proptest::collection::vec(0_i64..6, 5), 3),
        weights in proptest::collection::vec(1_u64..4, 3),
    ) {
        let problem = FairDivision::new(rows.clone()).unwrap().with_welfare(Welfare::Nash).with_entitlements(weights.clone()).unwrap();
        let outcome = MaxNashWelfare { rounds: 0, ..MaxNashWelfare::default() }.solve(&problem, &Run::default()).unwrap();
        prop_assert_eq!(&outcome.status, &Status::Optimal);
        let score = |owner: &[usize]| {
            let utilities = utilities(&rows, owner);
            let power = |(utility, weight): (&i64, &u64)| u128::try_from(*utility).unwrap().pow(u32::try_from(*weight).unwrap());
            let positive = utilities.iter().filter(|&&utility| utility > 0).count();
            (positive, utilities.iter().zip(&weights).filter(|(utility, _)| **utility > 0).map(power).product::<u128>())
        };
        let best = (0..243_usize).map(|code| score(&(0..5).map(|k| code / 3_usize.pow(k) % 3).collect::<Vec<_>>())).max().unwrap();
        prop_assert_eq!(score(&outcome.solution.as_ref().unwrap().owner), best);
        verified(&problem, &outcome);
    }

    #[test]
    fn identical_goods_do_not_stall_the_proof(agents in 2_usize..8, items in 1_usize..20, value in 1_i64..1000) {
        let problem = FairDivision::new(vec![vec![value; items]; agents]).unwrap().with_welfare(Welfare::Nash);
        let outcome = MaxNashWelfare::default().solve(&problem, &Run::default()).unwrap();
        prop_assert_eq!(&outcome.status, &Status::Optimal);
        let counts = outcome.solution.as_ref().unwrap().bundles(agents).into_iter().map(|bundle| bundle.len());
        let (least, most) = counts.fold((usize::MAX, 0), |(least, most), count| (least.min(count), most.max(count)));
        prop_assert!(items < agents || most - least <= 1);
        verified(&problem, &outcome);
    }
}
