//! Inputs on which the checker of DAG learning or its data class once erred.

#![cfg(feature = "dag-learning")]

use fathom_opt_problems::dag_learning::{DagLearning, Edge, Knowledge, Sample, Score, ScoreKind, WeightedDag};
use fathom_opt_problems::{Problem, Verdict};

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

fn table(columns: &[&[f64]], kind: ScoreKind) -> DagLearning {
    let names = (0..columns.len()).map(|k| format!("x{k}")).collect();
    let columns = columns.iter().map(|column| column.to_vec()).collect();
    DagLearning::new(names, Sample::Table { columns }, Score::new(kind, None).unwrap()).unwrap()
}

fn graph(edges: &[Edge]) -> WeightedDag {
    WeightedDag { order: Vec::new(), edges: edges.to_vec() }
}

fn is_improved_nearby(verdict: &Verdict) -> bool {
    verdict.improvements.iter().any(|improvement| improvement.nearby)
}

/// `b` in an earlier tier than `a`, `u` in none; the covariance is that of `a -> u -> b` with weights 1.
fn tiers_chain(required: Vec<(usize, usize)>) -> DagLearning {
    let sample = Sample::Covariance { matrix: vec![3.0, 2.0, 1.0, 2.0, 2.0, 1.0, 1.0, 1.0, 1.0], n: 100 };
    let names = names(&["b", "u", "a"]);
    let knowledge = Knowledge::new(&names, required, vec![], vec![vec![0], vec![2]], None).unwrap();
    DagLearning::new(names, sample, Score::new(ScoreKind::Ev, None).unwrap()).unwrap().with_knowledge(knowledge).unwrap()
}

#[test]
fn tiers_speak_of_edges_and_a_path_through_a_free_node_is_allowed() {
    let problem = tiers_chain(Vec::new());
    let better = problem.check(&graph(&[(2, 1, 1.0), (1, 0, 1.0)])).unwrap();
    assert!(better.holds());
    assert!((better.objective.unwrap().value - 1.5).abs() < 1e-12);
    // What was once proven best under the sequence of tiers is improved by a move that the checker sees.
    let proven = problem.check(&WeightedDag { order: vec![0, 1, 2], edges: vec![(0, 1, 2.0 / 3.0), (1, 2, 0.5)] }).unwrap();
    assert!(proven.objective.as_ref().unwrap().value > 1.7 && is_improved_nearby(&proven), "{proven:?}");
    // An edge against time stays one.
    assert!(!problem.check(&graph(&[(2, 0, 1.0)])).unwrap().holds());
    // The chain may also be required.
    assert!(tiers_chain(vec![(2, 1), (1, 0)]).check(&graph(&[(2, 1, 1.0), (1, 0, 1.0)])).unwrap().holds());
}

#[test]
fn a_better_set_of_parents_under_a_limit_is_found() {
    let matrix = vec![3.0, -1.0, 1.0, 6.0, -1.0, 13.0, 10.0, 0.0, 1.0, 10.0, 9.0, 4.0, 6.0, 0.0, 4.0, 13.0];
    let names = names(&["x0", "x1", "x2", "x3"]);
    let knowledge = Knowledge::new(&names, vec![], vec![], vec![vec![0, 1, 2], vec![3]], Some(1)).unwrap();
    let score = Score::new(ScoreKind::L1, Some(0.1)).unwrap();
    let problem = DagLearning::new(names, Sample::Covariance { matrix, n: 100 }, score).unwrap().with_knowledge(knowledge).unwrap();
    let better = problem.check(&graph(&[(0, 2, 0.3), (2, 1, 1.1), (0, 3, 1.966_666_666_666_666_6)])).unwrap();
    assert!(better.objective.unwrap().value < 7.62);
    // The strongest weight of the fit on all parents chose another parent for x3.
    let greedy =
        problem.check(&WeightedDag { order: vec![0, 2, 1, 3], edges: vec![(0, 2, 0.3), (2, 1, 1.1), (2, 3, 0.433_333_333)] }).unwrap();
    assert_eq!(greedy.property("insertion-optimal").unwrap().holds, Some(false), "{greedy:?}");
}

#[test]
fn a_matrix_that_is_no_covariance_is_refused() {
    let covariance = |matrix: &[f64]| {
        let d = matrix.len().isqrt();
        let names = (0..d).map(|k| format!("x{k}")).collect();
        DagLearning::new(names, Sample::Covariance { matrix: matrix.to_vec(), n: 100 }, Score::new(ScoreKind::Ev, None).unwrap())
    };
    let fault = covariance(&[1.0, 0.9, -0.9, 0.9, 1.0, 0.9, -0.9, 0.9, 1.0]).unwrap_err().to_string();
    assert!(fault.contains("positive semidefinite") && fault.contains("`x0`"), "{fault}");
    // In other units it is none either, and hardly varying columns do not hide it.
    assert!(covariance(&[1e-200, 9e-151, -9e-101, 9e-151, 1e-100, 0.9e-50, -9e-101, 0.9e-50, 1.0]).is_err());
    assert!(covariance(&[1.0, 1.0, 0.0, 1.0, 1.0, 1e-3, 0.0, 1e-3, 1.0]).is_err());
    // Rounded copies and rank deficits are covariances.
    assert!(covariance(&[1.0, 1.0, 1.0, 1.0]).is_ok());
    assert!(covariance(&[1.0, 0.0, 1.0, 0.0, 1.0, 1.0, 1.0, 1.0, 2.0]).is_ok());
    assert!(covariance(&[0.1, 0.3, 0.3, 0.9]).is_ok());
    assert!(covariance(&[0.0, 0.0, 0.0, 1.0]).is_ok());
}

#[test]
fn nothing_is_certified_where_numbers_are_not_finite() {
    let data: [&[f64]; 3] = [&[1.0, 2.0, 4.0, 0.5], &[2.0, 3.5, 8.0, 1.5], &[0.5, -1.0, 2.0, 2.0]];
    for kind in [ScoreKind::Ev, ScoreKind::EvEbic, ScoreKind::NvBic, ScoreKind::L1] {
        let verdict = table(&data, kind).check(&graph(&[(0, 1, 1e300), (2, 1, -1e300)])).unwrap();
        assert!(!verdict.holds() && verdict.objective.is_none(), "{kind:?}: {verdict:?}");
        for property in ["stationary", "stationary-on-edges", "insertion-optimal", "swap-optimal"] {
            assert_ne!(verdict.property(property).and_then(|property| property.holds), Some(true), "{kind:?} {property}");
        }
        let json = serde_json::to_string(&verdict).unwrap();
        assert!(!json.contains("NaN") && !json.contains("inf"), "{json}");
    }
}

/// Celsius and Kelvin, each measured to its own digits: the difference of the two is a residual of about 1e-11 of the variance.
const CELSIUS: [f64; 4] = [9.56, 33.2, 37.67, 16.71];
const KELVIN: [f64; 4] = [282.7103, 306.3497, 310.8201, 289.8601];

#[test]
fn the_score_of_a_near_copy_is_right_to_its_own_digits_in_any_unit() {
    // Residuals of Kelvin on Celsius with weight 1, by hand: 273.1503, 273.1497, 273.1501, 273.1501 less their mean.
    let residuals = [2.5e-4, -3.5e-4, 0.5e-4, 0.5e-4];
    let variance = residuals.iter().map(|r| r * r).sum::<f64>() / 4.0;
    let mean = CELSIUS.iter().sum::<f64>() / 4.0;
    let own = CELSIUS.iter().map(|c| (c - mean) * (c - mean)).sum::<f64>() / 4.0;
    let expected = 4.0 * (variance.ln() + own.ln()) + 2.0 * 4_f64.ln();
    for (unit, scale) in [(1.0, 1.0), (1e-90, 1e60), (1e70, 1e-70)] {
        let columns: [Vec<f64>; 2] = [CELSIUS.iter().map(|c| c * unit).collect(), KELVIN.iter().map(|k| k * scale).collect()];
        let problem = table(&[&columns[0], &columns[1]], ScoreKind::NvBic);
        let verdict = problem.check(&graph(&[(0, 1, scale / unit)])).unwrap();
        let value = verdict.objective.unwrap().value - 8.0 * unit.ln() - 8.0 * scale.ln();
        assert!((value - expected).abs() < 1e-6, "{value} {expected}");
    }
}

#[test]
fn mixed_units_are_warned_about_and_equal_errors_are_not() {
    // A chain with errors of variance 1, then the same with its middle in a unit a hundred times smaller.
    let noise = |seed: u64| {
        let mut state = seed;
        move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            3.46 * ((state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5)
        }
    };
    let (mut a, mut b, mut c) = (noise(1), noise(2), noise(3));
    let x: Vec<f64> = (0..300).map(|_| a()).collect();
    let y: Vec<f64> = x.iter().map(|x| 1.5 * x + b()).collect();
    let z: Vec<f64> = y.iter().map(|y| 0.8 * y + c()).collect();
    let small: Vec<f64> = y.iter().map(|y| 0.01 * y).collect();
    for kind in [ScoreKind::Ev, ScoreKind::EvEbic, ScoreKind::L1] {
        assert!(table(&[&x, &y, &z], kind).warnings().is_empty());
        let warnings = table(&[&x, &small, &z], kind).warnings().join("\n");
        assert!(warnings.contains("different units") && warnings.contains("`x1`"), "{warnings}");
    }
    assert!(table(&[&x, &small, &z], ScoreKind::NvBic).warnings().is_empty());
}

#[test]
fn a_column_that_others_explain_nearly_is_named_with_them() {
    let power = [6.93, 5.02, 5.2, 2.23];
    let warnings = table(&[&CELSIUS, &power, &KELVIN], ScoreKind::NvBic).warnings().join("\n");
    assert!(warnings.contains("the column `x2` is `x0` in another unit"), "{warnings}");
    let sum: Vec<f64> = CELSIUS.iter().zip(power).map(|(a, b)| a + b).collect();
    let five = [1.0, 0.0, 2.0, 1.0];
    let warnings = table(&[&CELSIUS, &power, &sum], ScoreKind::NvBic).warnings().join("\n");
    assert!(warnings.contains("linear combination of `x0`, `x1`"), "{warnings}");
    assert!(!table(&[&CELSIUS, &five], ScoreKind::NvBic).warnings().join("\n").contains("information"));
}

#[test]
fn data_of_any_unit_are_taken_and_those_without_a_variance_are_refused() {
    let values = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    let other = [2.1, 3.9, 6.2, 7.8, 10.1, 12.2];
    let scaled = |unit: f64, values: &[f64; 6]| values.map(|value| value * unit);
    let reference = table(&[&values, &other], ScoreKind::NvBic).check(&graph(&[(0, 1, 2.0)])).unwrap();
    for unit in [1e-100, 1e78] {
        let problem = table(&[&scaled(unit, &values), &scaled(unit, &other)], ScoreKind::NvBic);
        let verdict = problem.check(&graph(&[(0, 1, 2.0)])).unwrap();
        let expected = reference.objective.as_ref().unwrap().value + 4.0 * 6.0 * unit.ln();
        assert!((verdict.objective.as_ref().unwrap().value / expected - 1.0).abs() < 1e-12);
        for (a, b) in verdict.properties.iter().zip(&reference.properties) {
            assert_eq!((&a.name, a.holds), (&b.name, b.holds), "{unit}");
        }
    }
    let names = names(&["a", "b"]);
    let columns = vec![scaled(1e-150, &values).to_vec(), other.to_vec()];
    let fault = DagLearning::new(names, Sample::Table { columns }, Score::new(ScoreKind::NvBic, None).unwrap()).unwrap_err().to_string();
    assert!(fault.contains("1e-140"), "{fault}");
}
