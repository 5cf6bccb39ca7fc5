//! What a maximizer occupies.

use std::collections::VecDeque;
use std::time::Instant;

use fathom_opt_problems::submodular_stream::{Coverage, Rows};
use fathom_opt_submodular::{CoverageOracle, DynamicMaximizer, Engine, LevelOracle, ModularOracle};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use crate::measure::processor_seconds;

/// A field of the process's status in MiB: `VmHWM` is the most it ever occupied, `VmRSS` what it occupies now.
fn mib(field: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(field)).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<f64>().ok()).unwrap_or(f64::NAN) / 1024.0
}

/// `n` elements that each cover up to nine of as many items, one by one.
pub fn many(n: usize, engine: Engine) {
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let mut sets: Rows<u32> = Rows::with_capacity(n, 5 * n);
    for _ in 0..n {
        let size = rng.random_range(1..=9);
        let mut set: Vec<u32> = (0..size).map(|_| rng.random_range(0..n as u32)).collect();
        set.sort_unstable();
        set.dedup();
        sets.push(set);
    }
    let oracle = CoverageOracle::new(Coverage::new(Some(vec![1.0; n]), sets).expect("a coverage function"));
    println!("data: {:.0} MiB", mib("VmHWM"));
    let mut maximizer = DynamicMaximizer::builder(oracle).k(50).engine(engine).eps(0.2).build().expect("settings");
    let clock = Instant::now();
    let before = processor_seconds(clock);
    for element in 0..n as u32 {
        maximizer.insert(element).expect("a stream");
    }
    let solution = maximizer.solution().expect("an answer");
    println!(
        "{}: {n} insertions in {:.1} s, value {}, {} guesses, {:.0} MiB at most, data included",
        engine.name(),
        processor_seconds(clock) - before,
        solution.value,
        maximizer.stats().guesses,
        mib("VmHWM")
    );
}

/// Takes in `order` in a window of `window` elements; the most guesses and the most memory on the way.
fn slide<O: LevelOracle>(
    maximizer: &mut DynamicMaximizer<O>,
    live: &mut VecDeque<u32>,
    window: usize,
    order: impl Iterator<Item = u32>,
) -> (usize, f64) {
    let (mut guesses, mut memory) = (0, 0.0_f64);
    for (step, element) in order.enumerate() {
        if maximizer.is_live(element) {
            continue;
        }
        maximizer.insert(element).expect("a stream");
        live.push_back(element);
        if live.len() > window
            && let Some(old) = live.pop_front()
        {
            maximizer.delete(old).expect("a stream");
        }
        guesses = guesses.max(maximizer.stats().guesses);
        if step % 100 == 0 {
            memory = memory.max(mib("VmRSS"));
        }
    }
    (guesses, memory)
}

/// Values alone stay where they are, then grow from 1 to 1e9, collapse to 1e-6 and grow again: guesses come and go.
pub fn scales(engine: Engine) {
    let n = 120_000_u32;
    let (third, window) = (n / 3, 10_000);
    // Elements come in an order of their own, so that those of every part have numbers all over the ground set.
    let number = |time: u32| (u64::from(time) * 77_773 % u64::from(n)) as u32;
    let value_at = |time: u32| match time / third {
        0 => 1.0 + f64::from(time % 97) / 97.0,
        1 => 10_f64.powf(9.0 * f64::from(time - third) / f64::from(third)),
        _ => 10_f64.powf(9.0 - 15.0 * f64::from(time - 2 * third) / f64::from(third)),
    };
    let mut values = vec![0.0; n as usize];
    for time in 0..n {
        values[number(time) as usize] = value_at(time);
    }
    let oracle = ModularOracle::new(values);
    let mut maximizer = DynamicMaximizer::builder(oracle).k(50).engine(engine).build().expect("settings");
    let mut live = VecDeque::new();
    let steady = slide(&mut maximizer, &mut live, window, (0..third).map(number));
    let growing = slide(&mut maximizer, &mut live, window, (third..2 * third).map(number));
    let collapsing = slide(&mut maximizer, &mut live, window, (2 * third..n).map(number));
    let back = slide(&mut maximizer, &mut live, window, (third..n).rev().chain(0..third).map(number));
    println!("{}: guesses and MiB at most, with {window} live elements", engine.name());
    for (name, (guesses, memory)) in [("steady", steady), ("growing", growing), ("collapsing", collapsing), ("all the way back", back)] {
        println!("  {name:<18} {guesses:>4} {memory:>8.1} MiB, {:.2} of the steady state", memory / steady.1);
    }
}
