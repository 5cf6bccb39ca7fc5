//! Each way of looking at moves against another one, on random covariances.

use super::walk::NodeCost as _;
use super::*;
use crate::dag_learning::{Knowledge, Sample, Score, WeightedDag};
use crate::problem::Problem as _;

/// As much work as it takes.
const ALL: f64 = 1e9;

fn before(problem: &DagLearning, order: &[usize]) -> Before {
    Before::of(problem.knowledge(), order, follows_tiers(problem, order))
}

/// Numbers between -1 and 1 from a linear congruential generator.
fn numbers(seed: u64) -> impl FnMut() -> f64 {
    let mut state = seed.wrapping_mul(2) + 1;
    move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    }
}

/// `columns[j]` is a noisy mixture of some of the ten before it.
fn columns(d: usize, n: usize, seed: u64) -> Vec<Vec<f64>> {
    let mut next = numbers(seed);
    let mut columns: Vec<Vec<f64>> = Vec::new();
    for j in 0..d {
        let weights: Vec<f64> = (0..j).map(|k| if next() > 0.2 && k + 10 >= j { 0.7 * next() } else { 0.0 }).collect();
        columns.push((0..n).map(|r| next() + columns.iter().zip(&weights).map(|(column, w)| w * column[r]).sum::<f64>()).collect());
    }
    columns
}

fn problem(columns: Vec<Vec<f64>>, kind: ScoreKind) -> DagLearning {
    let names = (0..columns.len()).map(|k| format!("x{k}")).collect();
    DagLearning::new(names, Sample::Table { columns }, Score::new(kind, None).unwrap()).unwrap()
}

fn shuffled(d: usize, seed: u64) -> Vec<usize> {
    let mut next = numbers(seed);
    let mut keyed: Vec<(f64, usize)> = (0..d).map(|k| (next(), k)).collect();
    keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
    keyed.into_iter().map(|(_, k)| k).collect()
}

fn gains(found: &[Found; 2]) -> [f64; 2] {
    found.clone().map(|found| match found {
        Found::All(best) | Found::Some(best, _) => best.gain,
        Found::Nothing(why) => panic!("{why}"),
    })
}

#[test]
fn elimination_finds_the_moves_that_regressions_find() {
    for (seed, d) in (0..30).zip((3..12).cycle()) {
        let problem = problem(columns(d, 40, seed), ScoreKind::Ev);
        let knowledge =
            if seed % 3 == 0 { Knowledge::new(problem.names(), vec![(0, 1)], vec![], vec![], None).unwrap() } else { Knowledge::default() };
        let problem = problem.with_knowledge(knowledge).unwrap();
        let mut order = shuffled(d, seed);
        let (a, b) = (order.iter().position(|&k| k == 0).unwrap(), order.iter().position(|&k| k == 1).unwrap());
        if a > b {
            order.swap(a, b);
        }
        let moments = Moments::of(&problem).unwrap();
        let earlier = before(&problem, &order);
        let observed = Observed::of(&problem);
        let regressions = Regressions::new(&moments, &observed, REGULAR, ALL).unwrap();
        let by_elimination = gains(&dense::moves(&moments, &order, &earlier, ALL));
        let by_regression =
            gains(&walk::moves(&convex::LeastSquares::new(&regressions, &ParentSets::new(&problem, true)), &order, &earlier, None, ALL));
        for (a, b) in by_elimination.iter().zip(by_regression) {
            assert!((a - b).abs() <= 1e-11 * b.abs().max(1.0), "seed {seed}: {by_elimination:?} {by_regression:?}");
        }
    }
}

#[test]
fn the_precision_finds_the_moves_to_the_right_that_elimination_finds() {
    let problem = problem(columns(340, 700, 5), ScoreKind::Ev);
    let moments = Moments::of(&problem).unwrap();
    let few: Vec<usize> = (0..60).collect();
    let small = DagLearning::new(
        few.iter().map(|k| format!("x{k}")).collect(),
        Sample::Table { columns: columns(60, 700, 5) },
        Score::new(ScoreKind::Ev, None).unwrap(),
    )
    .unwrap();
    let small_moments = Moments::of(&small).unwrap();
    let order = shuffled(60, 2);
    let earlier = before(&small, &order);
    let left = dense::Leftwards::new(&small_moments, &order);
    let mut by_precision = Best::default();
    assert!(dense::rightwards(&small_moments, &order, &earlier, &left, &mut by_precision));
    let mut by_elimination = Best::default();
    let mut eliminated = dense::Elimination::new(small_moments.permuted(&order));
    for p in 0..60 {
        dense::without(p, eliminated.clone(), &left, &order, &earlier, (&mut by_elimination, &mut Best::default()));
        eliminated.eliminate(p);
    }
    assert!((by_precision.gain - by_elimination.gain).abs() <= 1e-10 * by_elimination.gain, "{by_precision:?} {by_elimination:?}");
    assert_eq!((by_precision.first, by_precision.last), (by_elimination.first, by_elimination.last));
    // So many variables are only asked for re-insertions.
    let order = shuffled(340, 3);
    let found = dense::moves(&moments, &order, &before(&problem, &order), ALL);
    assert!(matches!((&found[0], &found[1]), (Found::All(best), Found::Nothing(_)) if best.gain > 0.0), "{found:?}");
}

#[test]
fn every_score_says_that_a_bad_order_can_be_improved_and_a_single_node_cannot() {
    for kind in [ScoreKind::Ev, ScoreKind::EvEbic, ScoreKind::NvBic, ScoreKind::L1] {
        // x1 = 2 x0 + noise: the edge is missing.
        let mut next = numbers(7);
        let cause: Vec<f64> = (0..200).map(|_| next()).collect();
        let effect: Vec<f64> = cause.iter().map(|x| 2.0 * x + 0.2 * next()).collect();
        let other: Vec<f64> = (0..200).map(|_| next()).collect();
        let problem = problem(vec![cause, effect, other], kind);
        let backwards = WeightedDag { order: vec![1, 0, 2], edges: Vec::new() };
        let verdict = problem.check(&backwards).unwrap();
        for name in NAMES {
            assert_eq!(verdict.property(name).unwrap().holds, Some(false), "{kind:?} {name}");
        }
    }
    let single = problem(vec![vec![1.0, 2.0, 4.0]], ScoreKind::L1);
    let verdict = single.check(&WeightedDag::default()).unwrap();
    assert_eq!(verdict.property("insertion-optimal").unwrap().holds, Some(true));
}

#[test]
fn greedy_parents_never_cost_less_than_the_best_of_all_sets() {
    for seed in 0..10 {
        let problem = problem(columns(8, 60, 90 + seed), ScoreKind::NvBic);
        let moments = Moments::of(&problem).unwrap();
        let order = shuffled(8, seed);
        let observed = Observed::of(&problem);
        let regressions = Regressions::new(&moments, &observed, REGULAR, ALL).unwrap();
        let (bic, sets) = (greedy::Bic::new(&problem, &regressions), ParentSets::new(&problem, true));
        let (all, greedy) = (AllSets::new(&bic, &sets, ALL), greedy::Greedy::new(&bic, &sets));
        for k in 0..8 {
            let (best, good) = (all.cost(order[k], &order[..k]).unwrap(), greedy.cost(order[k], &order[..k]).unwrap());
            assert!(best <= good + 1e-9 * good.abs(), "{best} {good}");
        }
    }
}

#[test]
fn binary_fits_reach_the_kkt_point() {
    let binary: Vec<Vec<f64>> =
        columns(5, 300, 3).iter().map(|column| column.iter().map(|&x| f64::from(u8::from(x > 0.1))).collect()).collect();
    let problem = problem(binary, ScoreKind::Logistic);
    let sets = ParentSets::new(&problem, true);
    let cost = convex::Logistic::new(&problem, &sets, ALL);
    let value = cost.cost(1, &[0]).unwrap();
    let solution = |w: f64| WeightedDag { order: vec![0, 1, 2, 3, 4], edges: vec![(0, 1, w)] };
    let base = problem.check(&WeightedDag { order: vec![0, 1, 2, 3, 4], edges: vec![] }).unwrap().objective.unwrap().value;
    // The loss is convex in the weight: the interval that holds the best one shrinks by thirds.
    let loss = |w: f64| problem.check(&solution(w)).unwrap().objective.unwrap().value;
    let (mut low, mut high) = (-4.0, 4.0);
    for _ in 0..60 {
        let (a, b) = (low + (high - low) / 3.0, high - (high - low) / 3.0);
        if loss(a) < loss(b) { high = b } else { low = a }
    }
    let best = base.min(loss(0.5 * (low + high)));
    let rest = base - cost.cost(1, &[]).unwrap();
    assert!(value <= best - rest + 1e-12 && value >= best - rest - 1e-12, "{value} {}", best - rest);
}
