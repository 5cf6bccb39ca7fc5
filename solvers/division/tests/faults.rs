//! Inputs on which a solver once claimed too much, went on for ever or kept no limit, and others of their kinds.

use std::time::Duration;

use fathom_opt_core::{Outcome, Run, Solver, Status};
use fathom_opt_division::{Auto, EfxSearch, Leximin, MaxNashWelfare, MaximinShare};
use fathom_opt_problems::Problem;
use fathom_opt_problems::fair_division::{Allocation, FairDivision, Utilities, Welfare};
use num_bigint::BigInt;
use proptest::prelude::*;
use rand::RngExt;

fn nash(rows: Vec<Vec<i64>>) -> FairDivision {
    FairDivision::new(rows).unwrap().with_welfare(Welfare::Nash)
}

fn score(problem: &FairDivision, owner: &[usize]) -> (usize, BigInt) {
    let Utilities::Small(values) = problem.utilities() else { panic!("small utilities") };
    let mut sums = vec![BigInt::ZERO; problem.agents()];
    for (o, &a) in owner.iter().enumerate() {
        sums[a] += values[a * problem.items() + o];
    }
    let positive: Vec<&BigInt> = sums.iter().filter(|sum| **sum > BigInt::ZERO).collect();
    (positive.len(), positive.into_iter().product())
}

fn best(problem: &FairDivision) -> (usize, BigInt) {
    let (n, m) = (problem.agents(), problem.items());
    let owner = |code: usize| (0..m).map(|o| code / n.pow(u32::try_from(o).unwrap()) % n).collect::<Vec<_>>();
    (0..n.pow(u32::try_from(m).unwrap())).map(|code| score(problem, &owner(code))).max().unwrap()
}

fn proven(problem: &FairDivision) -> Outcome<Allocation> {
    let outcome = MaxNashWelfare::default().solve(problem, &Run::default()).unwrap();
    assert_eq!(outcome.status, Status::Optimal, "{problem:?}");
    assert_eq!(outcome.bound, outcome.objective);
    let verdict = problem.check(outcome.solution.as_ref().unwrap()).unwrap();
    assert!(verdict.improvements.iter().all(|step| step.criterion.as_deref() != Some("nash")), "{verdict:?}");
    outcome
}

#[test]
fn a_product_one_swap_below_the_best_is_not_optimal() {
    let row = vec![52456, 83298, 74106, 53400, 14098, 10499, 26647, 26901, 51813, 24605, 62313, 72001];
    let problem = nash(vec![row.clone(), row]);
    let outcome = proven(&problem);
    assert_eq!(score(&problem, &outcome.solution.unwrap().owner).1, BigInt::from(276_066_u64) * 276_071_u64);
}

#[test]
fn three_agents_and_two_items_come_to_an_end() {
    for row in [vec![4, 2], vec![63, 44]] {
        let problem = nash(vec![row.clone(), row.clone(), row]);
        let outcome = proven(&problem);
        assert_eq!(outcome.objective, Some(0.0));
        assert_eq!(score(&problem, &outcome.solution.unwrap().owner).0, 2);
        let by_default = Auto::default().solve(&problem, &Run::default()).unwrap();
        assert_eq!(by_default.status, Status::Optimal);
    }
    // The same with agents who are not alike, and with chores.
    proven(&nash(vec![vec![4, 2], vec![4, 3], vec![5, 2]]));
    proven(&nash(vec![vec![1 << 60, 1], vec![1 << 60, 2], vec![(1 << 60) + 1, 2], vec![3, 3]]));
    let mixed = nash(vec![vec![4, -2], vec![4, -2], vec![4, -2]]);
    assert_eq!(MaxNashWelfare::default().solve(&mixed, &Run::default()).unwrap().status, Status::LocallyOptimal);
}

#[test]
fn the_optimum_is_found_when_the_start_leaves_somebody_without_need() {
    // Whoever is poorest takes the items one by one until nothing is left that agent 2 values.
    let problem = nash(vec![vec![900, 1, 1], vec![1, 900, 0], vec![1, 0, 0]]);
    let outcome = MaxNashWelfare { rounds: 0, ..MaxNashWelfare::default() }.solve(&problem, &Run::default()).unwrap();
    assert_eq!(outcome.status, Status::Optimal);
    assert_eq!(score(&problem, &outcome.solution.unwrap().owner), best(&problem));
}

#[test]
fn utilities_in_any_unit_have_their_optimum() {
    let rows = vec![vec!["1e200", "0"], vec!["0", "1e-200"]];
    let problem = FairDivision::from_decimal_rows(None, None, &rows).unwrap().with_welfare(Welfare::Nash);
    let outcome = proven(&problem);
    assert!((outcome.objective.unwrap() - 1.0).abs() < 1e-12);
    assert_eq!(outcome.solution.unwrap().owner, [0, 1]);
}

#[test]
fn limits_are_kept_on_large_instances() {
    // What is asserted is that every method ends by itself, with an allocation where it has one.
    let mut random = Run::new(1).stream("limits");
    let mut rows =
        |least: i64| -> Vec<Vec<i64>> { (0..120).map(|_| (0..900).map(|_| random.random_range(least..1000)).collect()).collect() };
    let problem = FairDivision::new(rows(0)).unwrap();
    let mixed = FairDivision::new(rows(-1000)).unwrap();
    let run = || Run::new(1).with_time_limit(Duration::from_millis(10));
    let limited = Status::Limit(fathom_opt_core::Limit::Time);
    let outcome = MaxNashWelfare::default().solve(&problem, &run()).unwrap();
    assert_eq!(outcome.status, limited);
    assert!(outcome.solution.is_some());
    // Either one of the rules was lucky, or the search was stopped.
    let outcome = EfxSearch::default().solve(&mixed, &run()).unwrap();
    assert!(outcome.status == limited || outcome.promised.contains(&"EFX".to_owned()), "{:?}", outcome.status);
}

#[test]
fn a_start_never_makes_the_result_worse() {
    let rows: Vec<Vec<i64>> = (0..4).map(|a: i64| (0..14).map(|o: i64| 1 + (a * 37 + o * 91 + a * o * 13) % 101).collect()).collect();
    let problem = nash(rows.clone());
    let optimum = Allocation::new(proven(&problem).solution.unwrap().owner);
    let stopped = || Run::new(1).with_time_limit(Duration::ZERO);
    let without = MaxNashWelfare::default().solve(&problem, &stopped()).unwrap();
    let with = MaxNashWelfare::default().solve(&problem, &stopped().with_start(optimum.clone())).unwrap();
    assert!(with.objective > without.objective);
    assert_eq!(with.solution.unwrap(), optimum);
    // A bad start is as good as none.
    let bad = Allocation::new(vec![0; 14]);
    let outcome = MaxNashWelfare::default().solve(&problem, &Run::default().with_start(bad.clone())).unwrap();
    assert_eq!((outcome.status, outcome.objective), (Status::Optimal, proven(&problem).objective));

    let problem = FairDivision::new(rows).unwrap().with_welfare(Welfare::Egalitarian);
    let best = Leximin::default().solve(&problem, &Run::default()).unwrap();
    assert_eq!(best.status, Status::Optimal);
    let with = Leximin::default().solve(&problem, &stopped().with_start(best.solution.clone().unwrap())).unwrap();
    assert_eq!(with.objective, best.objective);
    let shares = MaximinShare::default().solve(&problem, &Run::default().with_start(bad)).unwrap();
    assert_eq!(shares.objective, MaximinShare::default().solve(&problem, &Run::default()).unwrap().objective);
    // One that is no allocation of the instance is an error.
    let error = Leximin::default().solve(&problem, &Run::default().with_start(Allocation::new(vec![9; 14]))).unwrap_err().to_string();
    assert_eq!(error, "the start: owner[0]: found agent 9 as the owner of item 0, expected an agent's index, below 4");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn identical_agents_are_proven_to_the_last_unit(row in proptest::collection::vec(1_i64..1_000_000, 3..11), agents in 2_usize..4) {
        let problem = nash(vec![row; agents]);
        let outcome = proven(&problem);
        prop_assert_eq!(score(&problem, &outcome.solution.unwrap().owner), best(&problem));
    }

    #[test]
    fn nearly_identical_agents_are_proven_to_the_last_unit(
        row in proptest::collection::vec(1_i64..1_000_000_000, 3..9),
        odd in 0_usize..3,
        more in 0_i64..3,
        agents in 2_usize..4,
    ) {
        let mut rows = vec![row; agents];
        rows[0][odd] += more;
        let problem = nash(rows);
        let outcome = proven(&problem);
        prop_assert_eq!(score(&problem, &outcome.solution.unwrap().owner), best(&problem));
    }
}

#[test]
fn where_the_unit_of_utilities_matters_the_claim_names_it() {
    // Somebody goes without, and entitlements differ: 0.529^7 < 2.993, and yet 529^7 > 2993.
    let data = r#"{"utilities": [["0.529"], ["2.993"]], "entitlements": [7, 1], "welfare": "nash"}"#;
    let problem = FairDivision::from_data(serde_json::from_str(data).unwrap(), &mut fathom_opt_problems::InlineOnly).unwrap();
    let outcome = MaxNashWelfare::default().solve(&problem, &Run::default()).unwrap();
    assert_eq!((&outcome.status, outcome.objective, outcome.bound), (&Status::Optimal, Some(0.0), Some(0.0)));
    assert!(outcome.notes.iter().any(|note| note.contains("in units of 1e-3")), "{:?}", outcome.notes);
    assert!(!outcome.notes.iter().any(|note| note.contains("proven maximal")), "{:?}", outcome.notes);
    // With equal entitlements the unit does not matter.
    let equal = r#"{"utilities": [["0.529"], ["2.993"]], "welfare": "nash"}"#;
    let problem = FairDivision::from_data(serde_json::from_str(equal).unwrap(), &mut fathom_opt_problems::InlineOnly).unwrap();
    let outcome = MaxNashWelfare::default().solve(&problem, &Run::default()).unwrap();
    assert!(outcome.notes.iter().any(|note| note.contains("proven maximal")), "{:?}", outcome.notes);
    assert_eq!(outcome.solution.unwrap().owner, [1]);
}
