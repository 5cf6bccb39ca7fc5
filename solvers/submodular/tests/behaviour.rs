//! What people rely on beside the guarantees: errors, reproducibility, saving, guesses that come and go.
#![allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small numbers")]

mod streams;

use fathom_opt_problems::submodular_stream::Function;
use fathom_opt_submodular::{
    DynamicMaximizer, Engine, FunctionOracle, MaximizeError, OracleFault, RestoreError, Settings, Solution, Update, ValueOracle, spot_check,
};
use proptest::prelude::*;
use streams::{function, stream};

const ENGINES: [Engine; 8] = [
    Engine::Auto,
    Engine::SingleSample,
    Engine::LeveledBuckets,
    Engine::RepairGreedy,
    Engine::Recompute,
    Engine::Sieve,
    Engine::Lattanzi,
    Engine::Monemizadeh,
];

fn settings(engine: Engine, seed: u64, threads: usize) -> Settings {
    Settings { engine, seed, threads, ..Settings::default() }
}

fn build(kind: &str, n: usize, k: usize, settings: Settings) -> DynamicMaximizer<FunctionOracle> {
    DynamicMaximizer::builder(FunctionOracle::new(&function(kind, n, 5))).k(k).settings(settings).build().unwrap()
}

/// One type of oracle for all functions keeps this file quick to build.
fn modular(values: Vec<f64>) -> FunctionOracle {
    FunctionOracle::new(&Function::modular(values).unwrap())
}

fn update((element, insert): (u32, bool)) -> Update {
    if insert { Update::Insert(element) } else { Update::Delete(element) }
}

#[test]
fn answers_and_counts_do_not_depend_on_threads_nor_on_saving() {
    let (n, k) = (60, 6);
    let updates = stream(n, 400, 3);
    for engine in ENGINES {
        for kind in ["weighted-coverage", "cut"] {
            if kind == "cut" && !matches!(engine, Engine::Auto | Engine::SingleSample | Engine::RepairGreedy) {
                continue;
            }
            let run = |threads: usize, save_at: Option<usize>| -> (Vec<Solution>, u64, fathom_opt_submodular::WorkHistogram) {
                let mut maximizer = build(kind, n, k, settings(engine, 9, threads));
                let mut answers = Vec::new();
                for (step, &change) in updates.iter().enumerate() {
                    maximizer.update(update(change)).unwrap();
                    if step % 7 == 0 {
                        answers.push(maximizer.solution().unwrap());
                    }
                    if save_at == Some(step) {
                        let bytes = maximizer.save().unwrap();
                        let builder = DynamicMaximizer::builder(FunctionOracle::new(&function(kind, n, 5))).k(k);
                        maximizer = builder.settings(settings(engine, 9, 3 - threads)).restore(&bytes).unwrap();
                    }
                }
                let stats = maximizer.stats();
                (answers, stats.work.evaluations, stats.update_work)
            };
            let one = run(1, None);
            for (threads, save_at) in [(2, None), (4, None), (1, Some(150)), (2, Some(203))] {
                let other = run(threads, save_at);
                assert_eq!(one.0, other.0, "{engine:?} {kind} {threads} {save_at:?}");
                assert_eq!((one.1, &one.2), (other.1, &other.2), "{engine:?} {kind} {threads} {save_at:?}");
            }
        }
    }
}

#[test]
fn a_saved_state_is_refused_when_it_does_not_fit() {
    let mut maximizer = build("coverage", 20, 3, settings(Engine::SingleSample, 1, 1));
    for element in 0..15 {
        maximizer.insert(element).unwrap();
    }
    let bytes = maximizer.save().unwrap();
    let restore = |bytes: &[u8], k: usize, settings: Settings, n: usize| {
        DynamicMaximizer::builder(FunctionOracle::new(&function("coverage", n, 5))).k(k).settings(settings).restore(bytes).map(|_| ())
    };
    let own = settings(Engine::SingleSample, 1, 1);
    assert_eq!(restore(&bytes, 3, own.clone(), 20), Ok(()));
    for at in [0, 20, 45, bytes.len() - 1] {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1;
        assert!(matches!(restore(&damaged, 3, own.clone(), 20), Err(RestoreError::Damaged(_))), "byte {at}");
    }
    assert!(matches!(restore(&bytes[..30], 3, own.clone(), 20), Err(RestoreError::Damaged(_))));
    let what = |result: Result<(), RestoreError>| match result {
        Err(RestoreError::Mismatch { what, .. }) => what,
        other => panic!("{other:?}"),
    };
    assert_eq!(what(restore(&bytes, 4, own.clone(), 20)), "k");
    assert_eq!(what(restore(&bytes, 3, own.clone(), 21)), "elements");
    assert_eq!(what(restore(&bytes, 3, settings(Engine::SingleSample, 2, 1), 20)), "seed");
    assert_eq!(what(restore(&bytes, 3, settings(Engine::Auto, 1, 1), 20)), "engine");
    assert_eq!(what(restore(&bytes, 3, Settings { eps: 0.3, ..own }, 20)), "eps");
}

#[test]
fn wrong_updates_are_typed_errors_and_change_nothing() {
    for engine in ENGINES {
        let mut maximizer = build("coverage", 10, 2, settings(engine, 1, 1));
        maximizer.insert(3).unwrap();
        assert_eq!(maximizer.insert(3), Err(MaximizeError::AlreadyLive(3)));
        assert_eq!(maximizer.delete(4), Err(MaximizeError::NotLive(4)));
        assert_eq!(maximizer.insert(10), Err(MaximizeError::Unknown { element: 10, elements: 10 }));
        let batch = [Update::Insert(4), Update::Delete(3), Update::Delete(3)];
        assert_eq!(maximizer.apply(&batch), Err(MaximizeError::NotLive(3)));
        assert!(maximizer.is_live(3) && !maximizer.is_live(4));
        assert_eq!(maximizer.solution().unwrap().chosen, [3]);
        maximizer.delete(3).unwrap();
        let nothing = maximizer.solution().unwrap();
        assert_eq!((nothing.chosen.len(), nothing.value, nothing.upper_bound), (0, 0.0, 0.0));
    }
}

#[test]
fn settings_out_of_range_are_refused() {
    let refuse =
        |k: usize, settings: Settings| match DynamicMaximizer::builder(modular(vec![1.0; 4])).k(k).settings(settings).build().map(|_| ()) {
            Err(MaximizeError::Setting { setting, .. }) => setting,
            other => panic!("{other:?}"),
        };
    let base = Settings::default();
    assert_eq!(refuse(0, base.clone()), "k");
    for eps in [0.0, -1.0, f64::NAN, 1.5] {
        assert_eq!(refuse(1, Settings { eps, ..base.clone() }), "eps");
    }
    assert_eq!(refuse(1, Settings { trials: 0, ..base.clone() }), "trials");
    assert_eq!(refuse(1, Settings { threads: 0, ..base }), "threads");
    // More than there are is all of them.
    for engine in ENGINES {
        let mut maximizer = DynamicMaximizer::builder(modular(vec![1.0, 2.0, 0.0])).k(99).engine(engine).build().unwrap();
        for element in 0..3 {
            maximizer.insert(element).unwrap();
        }
        assert_eq!(maximizer.solution().unwrap().value, 3.0, "{engine:?}");
    }
    let unsupported = |engine| DynamicMaximizer::builder(modular(vec![1.0, -2.0])).engine(engine).build().map(|_| ());
    assert!(matches!(unsupported(Engine::LeveledBuckets), Err(MaximizeError::Unsupported { .. })));
}

#[test]
fn a_function_at_fault_is_an_error_from_then_on() {
    for engine in ENGINES {
        let nan = |set: &[usize]| if set.len() == 3 { f64::NAN } else { set.len() as f64 };
        let falling = |set: &[usize]| if set.len() >= 2 { 1.0 - set.len() as f64 } else { set.len() as f64 };
        let run = |function: fn(&[usize]) -> f64| {
            let settings = Settings { engine, ..Settings::default() };
            let mut maximizer = DynamicMaximizer::builder(ValueOracle::monotone(8, function)).k(4).settings(settings).build().unwrap();
            let first = (0..8).try_for_each(|element| maximizer.insert(element)).and_then(|()| maximizer.solution().map(|_| ()));
            let first = first.unwrap_err();
            // NaN differs from itself; its text does not.
            assert_eq!(first.to_string(), maximizer.solution().unwrap_err().to_string(), "{engine:?}: broken for good");
            first
        };
        assert!(matches!(run(nan), MaximizeError::Oracle(OracleFault::NotFinite { .. })), "{engine:?}");
        assert!(matches!(run(falling), MaximizeError::Oracle(OracleFault::Negative { .. })), "{engine:?}");
    }
}

#[test]
fn a_function_that_is_not_submodular_is_found_with_a_witness() {
    let square = |set: &[usize]| (set.len() * set.len()) as f64;
    match spot_check(&ValueOracle::monotone(10, square), 5, 4, 1) {
        Err(OracleFault::NotSubmodular { element, prefix, more, smaller, larger }) => {
            assert!(larger > smaller && !more.is_empty() && !prefix.contains(&element) && !more.contains(&element));
        }
        other => panic!("{other:?}"),
    }
    for kind in streams::MONOTONE {
        spot_check(&FunctionOracle::new(&function(kind, 12, 3)), 20, 6, 2).unwrap();
    }
    spot_check(&FunctionOracle::new(&function("cut", 12, 3)), 20, 6, 2).unwrap();
}

#[test]
fn k_can_change_on_the_way() {
    for engine in ENGINES {
        let mut maximizer = build("coverage", 30, 2, settings(engine, 4, 1));
        for element in 0..25 {
            maximizer.insert(element).unwrap();
        }
        let two = maximizer.solution().unwrap();
        maximizer.set_k(5).unwrap();
        let five = maximizer.solution().unwrap();
        assert!(two.chosen.len() <= 2 && five.chosen.len() <= 5 && five.value > two.value, "{engine:?}");
        maximizer.delete(five.chosen[0]).unwrap();
        assert!(!maximizer.solution().unwrap().chosen.contains(&five.chosen[0]));
        assert!(maximizer.set_k(0).is_err());
    }
}

#[test]
fn guesses_come_and_go_with_the_scale_of_values() {
    // Values alone from 1e-6 to 1e9 and back, in a window; an element that toggles between great and gone must not rebuild everything each time.
    let n = 3000;
    let values: Vec<f64> = (0..n).map(|element| 1e-6 * 10_f64.powf(15.0 * f64::from(element) / f64::from(n))).collect();
    for engine in [Engine::SingleSample, Engine::LeveledBuckets] {
        let mut maximizer = DynamicMaximizer::builder(modular(values.clone())).k(10).engine(engine).build().unwrap();
        let (mut most, mut steady) = (0, 0);
        for element in (0..n as u32).chain((0..n as u32 - 300).rev()) {
            if !maximizer.is_live(element) {
                maximizer.insert(element).unwrap();
            }
            let old = if element as usize >= 300 { element - 300 } else { element + 300 };
            if maximizer.len() > 300 && maximizer.is_live(old) {
                maximizer.delete(old).unwrap();
            }
            let guesses = maximizer.stats().guesses;
            most = most.max(guesses);
            steady = steady.max(if element == 1500 { guesses } else { 0 });
        }
        assert!(most <= 2 * steady.max(20), "{engine:?}: {most} guesses, {steady} in the middle");
    }
    let mut toggled = DynamicMaximizer::builder(modular(values)).k(10).engine(Engine::SingleSample).build().unwrap();
    for element in 1000..1400 {
        toggled.insert(element).unwrap();
    }
    let before = toggled.stats().work.evaluations;
    for _ in 0..500 {
        toggled.insert(2999).unwrap();
        toggled.delete(2999).unwrap();
    }
    let each = (toggled.stats().work.evaluations - before) / 1000;
    assert!(each < 400, "{each} evaluations per toggle");
}

#[test]
fn one_element_in_and_out_a_hundred_thousand_times() {
    let mut maximizer = build("weighted-coverage", 20, 3, settings(Engine::SingleSample, 2, 1));
    for element in 0..15 {
        maximizer.insert(element).unwrap();
    }
    for _ in 0..50_000 {
        maximizer.delete(7).unwrap();
        maximizer.insert(7).unwrap();
    }
    let solution = maximizer.solution().unwrap();
    assert!(solution.value >= 0.45 * solution.upper_bound.min(solution.value / 0.45));
    for element in 0..15 {
        maximizer.delete(element).unwrap();
    }
    assert_eq!(maximizer.solution().unwrap().value, 0.0);
    for element in 0..20 {
        maximizer.insert(element).unwrap();
    }
    assert!(maximizer.solution().unwrap().value > 0.0);
}

#[test]
fn auto_turns_to_the_net_when_greedy_is_dear_and_answers_as_well() {
    let (n, k) = (600, 10);
    let f = function("facility", n, 1);
    let mut auto = DynamicMaximizer::builder(FunctionOracle::new(&f)).k(k).engine(Engine::Auto).build().unwrap();
    let mut greedy = DynamicMaximizer::builder(FunctionOracle::new(&f)).k(k).engine(Engine::Recompute).build().unwrap();
    (0..n as u32).for_each(|element| {
        auto.insert(element).unwrap();
        greedy.insert(element).unwrap();
    });
    let (mut sum, mut best) = (0.0, 0.0);
    for _ in 0..400 {
        // The first choice of the greedy solution goes and comes back.
        let first = greedy.solution().unwrap().chosen[0];
        for maximizer in [&mut auto, &mut greedy] {
            maximizer.delete(first).unwrap();
        }
        sum += auto.solution().unwrap().value;
        best += greedy.solution().unwrap().value;
        for maximizer in [&mut auto, &mut greedy] {
            maximizer.insert(first).unwrap();
        }
    }
    assert!(sum >= 0.95 * best, "{sum} of {best}");
    assert!(auto.stats().work.evaluations <= 2 * greedy.stats().work.evaluations);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_stream_is_answered_soundly(seed in 0_u64..1000, k in 1_usize..12, changes in prop::collection::vec(0_u32..14, 1..80), equal in any::<bool>()) {
        // Equal gains, zero gains and more room than elements are all among these.
        let f = if equal { function("coverage", 14, 0) } else { function("nearest", 14, seed) };
        for engine in ENGINES {
            let mut maximizer = DynamicMaximizer::builder(FunctionOracle::new(&f)).k(k).settings(settings(engine, seed, 1)).build().unwrap();
            for &element in &changes {
                if maximizer.is_live(element) { maximizer.delete(element).unwrap() } else { maximizer.insert(element).unwrap() }
                let solution = maximizer.solution().unwrap();
                prop_assert!(solution.chosen.len() <= k);
                prop_assert!(solution.chosen.iter().all(|&chosen| maximizer.is_live(chosen)));
                let chosen: Vec<usize> = solution.chosen.iter().map(|&chosen| chosen as usize).collect();
                let value = f.value(&chosen);
                prop_assert!((value - solution.value).abs() <= 1e-9 * value.max(1.0));
                prop_assert!(solution.upper_bound >= value * (1.0 - 1e-9));
            }
        }
    }
}
