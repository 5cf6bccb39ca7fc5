use super::super::test_frame::{frame, function, stream};
use super::*;
use crate::oracles::FunctionOracle;

type Engine = BucketLevels<FunctionOracle>;

/// L1 to L6, recomputed.
fn check_invariants(levels: &Engine, live: &[u32], threshold: f64, most: usize) {
    let state = &levels.state;
    let eps = levels.frame.eps;
    let mut candidates: Vec<u32> = state.candidates.elements_from(1).collect();
    candidates.sort_unstable();
    assert_eq!(candidates, live);
    let stack: Vec<u32> = levels.stack().collect();
    assert!(stack.len() <= most, "L6");
    let mut oracle = levels.oracle.fresh();
    for &element in &stack {
        oracle.push(element);
    }
    let last = if stack.len() == most { state.blocks.len() - 1 } else { state.blocks.len() };
    for &element in live {
        let passed = levels.heights[..=last].iter().take_while(|&&height| oracle.reaches(element, height, threshold).unwrap()).count();
        assert_eq!(state.candidates.depth(element), passed, "L1, element {element}");
        assert!(passed <= state.blocks.len(), "L5, element {element} passes all levels, but there is room");
    }
    for (index, block) in state.blocks.iter().enumerate() {
        let now = state.candidates.from(index + 1);
        assert!((now as f64) < GROWTH * block.built as f64, "L2");
        let dead = block.bucket.iter().filter(|element| live.binary_search(element).is_err()).count();
        assert_eq!(block.dead, dead, "L3");
        assert!((dead as f64) < wear_limit(index, eps) * block.bucket.len() as f64, "L3");
        assert!(block.sample.iter().all(|element| block.bucket.binary_search(element).is_ok()), "L4");
        let height = levels.heights[index];
        for &element in &block.bucket {
            let gain = oracle.gain(element, height).unwrap();
            assert!(gain >= block.low && gain < block.low * (1.0 + eps) * (1.0 + 1e-9), "L4, gain {gain} from {}", block.low);
        }
        let buckets = ((2.0 * (1.0 + eps) * most as f64).ln() / (1.0 + eps).ln()).ceil() + 1.0;
        assert!(block.bucket.len() as f64 >= FULLEST_SHARE * block.built.min(CONSIDERED.max(8 * most)) as f64 / buckets, "L4");
        assert_eq!(levels.heights[index + 1], height + block.sample.len());
    }
}

fn feed(levels: &mut Engine, live: &mut Vec<u32>, (element, insert): (u32, bool)) {
    if insert {
        levels.insert(element).unwrap();
        live.push(element);
    } else {
        levels.delete(element).unwrap();
        live.retain(|&other| other != element);
    }
    live.sort_unstable();
}

#[test]
fn the_invariants_hold_after_every_update() {
    for seed in 0..24 {
        let (n, most) = (40, 1 + seed as usize % 8);
        let mut oracle = function(n, seed);
        let threshold = if seed % 2 == 0 { [2.0, 5.0, 8.0][seed as usize % 3] } else { [0.8, 1.5, 2.5][seed as usize % 3] };
        let mut levels = Engine::new(&oracle, frame(threshold, most, seed));
        let mut live = Vec::new();
        for update in stream(&mut oracle, n, threshold, 200, seed) {
            feed(&mut levels, &mut live, update);
            check_invariants(&levels, &live, threshold, most);
        }
    }
}

#[test]
fn when_a_level_is_rebuilt_does_not_depend_on_its_sample() {
    let mut compared = 0;
    for seed in 0..40 {
        let (n, most, threshold) = (40, 12, if seed % 2 == 0 { 3.0 } else { 0.8 });
        let mut oracle = function(n, seed);
        let updates = stream(&mut oracle, n, threshold, 300, seed);
        let mut levels = Engine::new(&oracle, frame(threshold, most, seed));
        let mut live = Vec::new();
        for &update in &updates[..100] {
            feed(&mut levels, &mut live, update);
        }
        for level in 1..=levels.state.blocks.len() {
            // The same engine, but with another sample at this level and everything after it built anew.
            let mut state = levels.save();
            let block = &mut state.blocks[level - 1];
            let mut draws = Draws::new(seed + 1000, 0, level as u64);
            let size = block.sample.len();
            block.sample = draw(&mut block.bucket.clone(), size, &mut draws);
            let wanted = block.number;
            state.blocks.truncate(level);
            let later = state.candidates.drain_from(level);
            for element in later {
                state.candidates.insert(element, level);
            }
            let mut other = Engine::restore(&oracle, frame(threshold, most, seed), state).unwrap();
            let height = other.oracle.height();
            for element in other.state.candidates.drain_from(level) {
                let passes = height < most && other.oracle.reaches(element, height, threshold).unwrap();
                other.state.candidates.insert(element, level + usize::from(passes));
            }
            if other.state.candidates.from(level + 1) > 0 {
                other.rebuild(level + 1).unwrap();
            }
            let mut levels = Engine::restore(&oracle, frame(threshold, most, seed), levels.save()).unwrap();
            let stands = |engine: &Engine| engine.state.blocks.get(level - 1).is_some_and(|block| block.number == wanted);
            let (mut live, mut other_live) = (live.clone(), live.clone());
            for &update in &updates[100..] {
                feed(&mut levels, &mut live, update);
                feed(&mut other, &mut other_live, update);
                assert_eq!(stands(&levels), stands(&other), "L7, level {level}");
                compared += 1;
                if !stands(&levels) {
                    break;
                }
            }
        }
    }
    assert!(compared > 500, "{compared}");
}

#[test]
fn the_error_of_an_estimate_is_a_binomial_tail() {
    // 10 trials, at most one failure accepted (eps / 2 = 0.1), each failing with probability 1/2: 11 / 1024.
    assert!((estimate_error(10, 0.2, 0.5) - 11.0 / 1024.0).abs() < 1e-12);
    assert_eq!(size_grid(50, 0.2)[..4], [1, 2, 3, 4]);
    assert_eq!(size_grid(50, 0.2).last(), Some(&50));
    assert_eq!(size_grid(1, 0.2), [1]);
}
