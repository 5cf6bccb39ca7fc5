//! What an update costs: gain evaluations and time, engine by engine, in one process and on one thread.
//!
//! ```text
//! cargo run --release -p fathom-opt-submodular --example work -- growth            killer streams, n = 2^11 .. 2^15, with the slopes
//! cargo run --release -p fathom-opt-submodular --example work -- killer 32000      one size
//! cargo run --release -p fathom-opt-submodular --example work -- window 128000     sliding windows
//! cargo run --release -p fathom-opt-submodular --example work -- cardinality       k = 10 .. 200
//! cargo run --release -p fathom-opt-submodular --example work -- memory 1000000    a million elements
//! cargo run --release -p fathom-opt-submodular --example work -- scales            growing and collapsing values, guesses kept
//! ```
//!
//! Uniform sets: every element covers 60 of 4000 items of nearly equal weight, so that gains are nearly equal and lazy evaluation helps little. A killer stream deletes
//! the live element of largest value and inserts it again 200 deletions later; it is fixed in advance.
#![allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "numbers of elements are 32-bit")]

use std::collections::{BTreeSet, VecDeque};
use std::time::Instant;

use fathom_opt_problems::submodular_stream::{Coverage, Rows};
use fathom_opt_submodular::{CoverageOracle, DynamicMaximizer, Engine, Settings, Update};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

const ITEMS: u32 = 4000;
const WIDTH: usize = 60;

fn uniform_sets(n: usize, seed: u64) -> (CoverageOracle, Vec<f64>) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let weights: Vec<f64> = (0..ITEMS).map(|_| rng.random_range(0.95..1.05)).collect();
    let mut sets: Rows<u32> = Rows::with_capacity(n, n * WIDTH);
    let mut singles = Vec::with_capacity(n);
    for _ in 0..n {
        let mut set = BTreeSet::new();
        while set.len() < WIDTH {
            set.insert(rng.random_range(0..ITEMS));
        }
        singles.push(set.iter().map(|&item| weights[item as usize]).sum());
        sets.push(set);
    }
    (CoverageOracle::new(Coverage::new(Some(weights), sets).expect("a coverage function")), singles)
}

/// All elements first, then `updates` updates of the killer stream.
fn killer(singles: &[f64], updates: usize) -> Vec<Update> {
    let key = |element: usize| (u64::MAX - singles[element].to_bits(), element);
    let mut live: BTreeSet<(u64, usize)> = (0..singles.len()).map(key).collect();
    let mut gone = VecDeque::new();
    let mut stream = Vec::new();
    while stream.len() < updates {
        if let Some(first) = live.pop_first() {
            stream.push(Update::Delete(first.1 as u32));
            gone.push_back(first);
        }
        if gone.len() > 200
            && let Some(back) = gone.pop_front()
        {
            live.insert(back);
            stream.push(Update::Insert(back.1 as u32));
        }
    }
    stream
}

/// Insert element `i`, delete element `i - n/2`, from the moment when the window is full.
fn window(n: usize, updates: usize) -> Vec<Update> {
    let pairs = (n / 2..).take(updates / 2).map(|i| [Update::Insert((i % n) as u32), Update::Delete((i - n / 2) as u32 % n as u32)]);
    pairs.flatten().collect()
}

struct Measured {
    evaluations: f64,
    p99: u64,
    max: u64,
    micros: f64,
    value: f64,
}

/// Loads `start` as one batch, then takes in `updates` one by one; a query every `every` updates.
fn measure(oracle: &CoverageOracle, start: &[Update], updates: &[Update], k: usize, engine: Engine, every: usize) -> Measured {
    let settings = Settings { engine, seed: 1, polish: false, ..Settings::default() };
    let mut maximizer = DynamicMaximizer::builder(oracle.clone()).k(k).settings(settings).build().expect("settings");
    maximizer.apply(start).expect("a stream");
    maximizer.solution().expect("an answer");
    let (before, clock) = (maximizer.stats().work.evaluations, Instant::now());
    let (mut sum, mut answers) = (0.0, 0);
    for (position, &update) in updates.iter().enumerate() {
        maximizer.update(update).expect("a stream");
        if (position + 1) % every == 0 {
            sum += maximizer.solution().expect("an answer").value;
            answers += 1;
        }
    }
    let seconds = clock.elapsed().as_secs_f64();
    let stats = maximizer.stats();
    let count = updates.len() as f64;
    Measured {
        evaluations: (stats.work.evaluations - before) as f64 / count,
        p99: stats.update_work.quantile(0.99),
        max: stats.update_work.max(),
        micros: 1e6 * seconds / count,
        value: sum / f64::from(answers.max(1)),
    }
}

fn row(n: usize, k: usize, engine: Engine, found: &Measured) {
    let Measured { evaluations, p99, max, micros, value } = found;
    println!("{n:>8} {k:>4} {:>16} {evaluations:>12.1} {p99:>10} {max:>10} {micros:>12.2} {value:>10.1}", engine.name());
}

fn head() {
    println!(
        "{:>8} {:>4} {:>16} {:>12} {:>10} {:>10} {:>12} {:>10}",
        "n", "k", "engine", "evals/update", "p99", "max", "us/update", "value"
    );
}

fn on_killer(n: usize, k: usize, engine: Engine, updates: usize) -> Measured {
    let (oracle, singles) = uniform_sets(n, 7);
    let start: Vec<Update> = (0..n as u32).map(Update::Insert).collect();
    let greedy = matches!(engine, Engine::Recompute | Engine::RepairGreedy);
    let found = measure(&oracle, &start, &killer(&singles, updates), k, engine, if greedy { 1 } else { 200 });
    row(n, k, engine, &found);
    found
}

fn slope(points: &[(f64, f64)]) -> f64 {
    let count = points.len() as f64;
    let (x, y) = (points.iter().map(|p| p.0.ln()).sum::<f64>() / count, points.iter().map(|p| p.1.ln()).sum::<f64>() / count);
    let above: f64 = points.iter().map(|p| (p.0.ln() - x) * (p.1.ln() - y)).sum();
    above / points.iter().map(|p| (p.0.ln() - x).powi(2)).sum::<f64>()
}

fn growth() {
    head();
    for (engine, updates) in [(Engine::SingleSample, 4000), (Engine::LeveledBuckets, 40_000), (Engine::Recompute, 100)] {
        let points: Vec<(f64, f64)> =
            (11..=15).map(|power| (f64::from(1 << power), on_killer(1 << power, 50, engine, updates).evaluations)).collect();
        println!("{:>30} slope {:.3}", engine.name(), slope(&points));
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |position: usize, default: usize| arguments.get(position).and_then(|text| text.parse().ok()).unwrap_or(default);
    match arguments.first().map(String::as_str) {
        Some("growth") => growth(),
        Some("killer") => {
            head();
            let n = number(1, 8000);
            let k = number(2, 50);
            on_killer(n, k, Engine::SingleSample, 4000);
            on_killer(n, k, Engine::LeveledBuckets, 40_000);
            on_killer(n, k, Engine::Lattanzi, 4000);
            on_killer(n, k, Engine::Monemizadeh, 1000);
            on_killer(n, k, Engine::RepairGreedy, 100);
            on_killer(n, k, Engine::Recompute, 100);
        }
        Some("window") => {
            head();
            let n = number(1, 8000);
            let (oracle, _) = uniform_sets(n, 7);
            let start: Vec<Update> = (0..n as u32 / 2).map(Update::Insert).collect();
            for (engine, every) in [
                (Engine::SingleSample, 200),
                (Engine::LeveledBuckets, 200),
                (Engine::Lattanzi, 200),
                (Engine::Monemizadeh, 200),
                (Engine::RepairGreedy, 1),
                (Engine::Recompute, 40),
            ] {
                row(n, 50, engine, &measure(&oracle, &start, &window(n, 4000), 50, engine, every));
            }
        }
        Some("cardinality") => {
            head();
            for k in [10, 20, 50, 100, 200] {
                let found = on_killer(8000, k, Engine::SingleSample, 3000);
                let logarithm = (k as f64).log2();
                println!("{:>30} of 2 k log2(k)^2: {:.3}", "", found.evaluations / (2.0 * k as f64 * logarithm * logarithm));
            }
        }
        Some("memory") => memory(number(1, 1_000_000)),
        Some("scales") => scales(),
        _ => println!("growth | killer N K | window N | cardinality | memory N | scales"),
    }
}

fn peak_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<f64>().ok()).unwrap_or(f64::NAN) / 1024.0
}

/// A million elements that each cover five of as many items.
fn memory(n: usize) {
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
    println!("data: {:.0} MiB", peak_mib());
    let mut maximizer = DynamicMaximizer::builder(oracle).k(50).engine(Engine::SingleSample).build().expect("settings");
    let clock = Instant::now();
    for element in 0..n as u32 {
        maximizer.insert(element).expect("a stream");
    }
    let solution = maximizer.solution().expect("an answer");
    println!(
        "{n} insertions in {:.1} s, value {}, {} guesses, peak {:.0} MiB",
        clock.elapsed().as_secs_f64(),
        solution.value,
        maximizer.stats().guesses,
        peak_mib()
    );
}

/// Values alone grow from 1e-6 to 1e9 and fall again: guesses come and go.
fn scales() {
    let n = 20_000;
    let values: Vec<f64> = (0..n).map(|element| 1e-6 * 10_f64.powf(15.0 * f64::from(element) / f64::from(n))).collect();
    let oracle = fathom_opt_submodular::ModularOracle::new(values);
    let mut maximizer = DynamicMaximizer::builder(oracle).k(50).engine(Engine::SingleSample).build().expect("settings");
    let mut most = 0;
    let mut steady = 0;
    let window = 2000;
    let order = (0..n as u32).chain((0..n as u32).rev());
    let mut live = VecDeque::new();
    for element in order {
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
        let guesses = maximizer.stats().guesses;
        most = most.max(guesses);
        steady = guesses;
    }
    println!("guesses kept: at most {most}, in the end {steady}; peak {:.0} MiB", peak_mib());
}
