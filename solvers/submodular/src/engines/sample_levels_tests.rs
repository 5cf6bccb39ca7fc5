use super::super::gate::ThresholdGate;
use super::super::test_frame::{frame, function, stream};
use super::*;
use crate::oracle::reaches;
use crate::oracles::FunctionOracle;

type Engine = SampleLevels<FunctionOracle, ThresholdGate>;

/// Recomputes everything: every candidate's depth is that of the filter, every sample is a candidate of its level, and the levels end where they have to.
fn check_invariants(levels: &Engine, live: &[u32], threshold: f64, most: usize) {
    let state = &levels.state;
    let mut candidates: Vec<u32> = state.candidates.elements_from(1).collect();
    candidates.sort_unstable();
    assert_eq!(candidates, live, "the candidates are the live elements that matter");
    assert!(state.chosen.len() <= most);
    assert!(live.is_empty() || !state.chosen.is_empty());
    let mut oracle = levels.oracle.fresh();
    for &element in &state.chosen {
        oracle.push(element);
    }
    for &element in live {
        let expected = if let Some(position) = state.chosen.iter().position(|&chosen| chosen == element) {
            position + 1
        } else {
            let passed = (0..=state.chosen.len()).take_while(|&level| oracle.reaches(element, level, threshold).unwrap()).count();
            if state.chosen.len() == most { passed.min(most) } else { passed }
        };
        assert!(expected <= state.chosen.len(), "element {element} passes all levels, but there are more");
        assert_eq!(state.candidates.depth(element), expected, "element {element}");
    }
}

#[test]
fn the_invariants_hold_after_every_update() {
    for seed in 0..30 {
        let (n, most) = (24, 1 + seed as usize % 6);
        let mut oracle = function(n, seed);
        let threshold = if seed % 2 == 0 { [1.0, 3.0, 5.0][seed as usize % 3] } else { [0.3, 1.0, 2.5][seed as usize % 3] };
        let updates = stream(&mut oracle, n, threshold, 200, seed);
        let mut levels = Engine::new(&oracle, frame(threshold, most, seed));
        let mut live: Vec<u32> = Vec::new();
        for (step, (element, insert)) in updates.into_iter().enumerate() {
            if insert {
                levels.insert(element).unwrap();
                live.push(element);
            } else {
                levels.delete(element).unwrap();
                live.retain(|&other| other != element);
            }
            live.sort_unstable();
            check_invariants(&levels, &live, threshold, most);
            if step % 50 == 17 {
                levels.load(live.clone()).unwrap();
                check_invariants(&levels, &live, threshold, most);
            }
        }
    }
}

#[test]
fn samples_are_uniform_given_those_before_them() {
    let (n, most, threshold) = (12, 3, 2.0);
    let mut oracle = function(n, 4);
    let mut updates = stream(&mut oracle, n, threshold, 60, 4);
    // Deletions of the most valuable elements at the end, as an adversary would choose who knows the function.
    let mut live = vec![false; n];
    for &(element, insert) in &updates {
        live[element as usize] = insert;
    }
    let mut order: Vec<u32> = (0..n as u32).filter(|&element| live[element as usize]).collect();
    order.sort_by(|&a, &b| oracle.gain(b, 0).unwrap().total_cmp(&oracle.gain(a, 0).unwrap()));
    updates.extend(order.iter().take(2).map(|&element| (element, false)));
    let mut counts: std::collections::BTreeMap<Vec<u32>, std::collections::BTreeMap<u32, u32>> = std::collections::BTreeMap::new();
    let mut sizes = std::collections::BTreeMap::new();
    for seed in 0..20_000 {
        let mut levels = Engine::new(&oracle, frame(threshold, most, seed));
        for &(element, insert) in &updates {
            if insert { levels.insert(element).unwrap() } else { levels.delete(element).unwrap() }
        }
        for level in 1..=levels.state.chosen.len() {
            let before = levels.state.chosen[..level - 1].to_vec();
            sizes.insert(before.clone(), levels.state.candidates.from(level));
            *counts.entry(before).or_default().entry(levels.state.chosen[level - 1]).or_insert(0) += 1;
        }
    }
    // Every level's sample given those before is one chi-square test; the sum of all has a chi-square distribution, too.
    let (mut statistic, mut freedom) = (0.0, 0.0);
    for (before, drawn) in &counts {
        let total: u32 = drawn.values().sum();
        let expected = f64::from(total) / sizes[before] as f64;
        if expected < 10.0 {
            continue;
        }
        assert_eq!(drawn.len(), sizes[before], "after {before:?} some candidate was never drawn");
        statistic += drawn.values().map(|&count| (f64::from(count) - expected).powi(2) / expected).sum::<f64>();
        freedom += (sizes[before] - 1) as f64;
    }
    assert!(freedom > 20.0, "{freedom}");
    // Wilson and Hilferty's normal approximation; 3.72 is the upper 1e-4 quantile.
    let normal = ((statistic / freedom).cbrt() - (1.0 - 2.0 / (9.0 * freedom))) / (2.0 / (9.0 * freedom)).sqrt();
    assert!(normal < 3.72, "chi-square {statistic} at {freedom} degrees of freedom");
}

#[test]
fn a_restored_engine_has_the_same_levels() {
    let (n, most, threshold) = (24, 4, 2.0);
    let mut oracle = function(n, 6);
    let updates = stream(&mut oracle, n, threshold, 120, 6);
    let mut levels = Engine::new(&oracle, frame(threshold, most, 1));
    for &(element, insert) in &updates[..60] {
        if insert { levels.insert(element).unwrap() } else { levels.delete(element).unwrap() }
    }
    let mut other = Engine::restore(&oracle, frame(threshold, most, 1), levels.save()).unwrap();
    for &(element, insert) in &updates[60..] {
        for engine in [&mut levels, &mut other] {
            if insert { engine.insert(element).unwrap() } else { engine.delete(element).unwrap() }
        }
        assert_eq!(levels.state.chosen, other.state.chosen);
        assert_eq!(levels.work(), other.work());
    }
    let mut damaged = levels.save();
    damaged.chosen.push(n as u32 + 5);
    assert!(Engine::restore(&oracle, frame(threshold, most, 1), damaged).is_none());
    assert!(reaches(1.0, 1.0));
}
