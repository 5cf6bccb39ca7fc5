//! What an update costs and what an answer is worth: gain evaluations, processor time, memory and quality, engine by engine, in one process and on one thread.
//!
//! ```text
//! cargo run --release -p fathom-opt-submodular --example work -- growth [FILE.svg]          killer streams, n = 2^11 .. 2^15, with the slopes; also as a picture
//! cargo run --release -p fathom-opt-submodular --example work -- killer 32000 [K]           one size
//! cargo run --release -p fathom-opt-submodular --example work -- window 128000 [all]        sliding windows; with the comparators
//! cargo run --release -p fathom-opt-submodular --example work -- facility 4000              facility location, killer stream
//! cargo run --release -p fathom-opt-submodular --example work -- adaptive 8000              somebody deletes every answer, 200 times in a row
//! cargo run --release -p fathom-opt-submodular --example work -- cardinality                k = 10 .. 200
//! cargo run --release -p fathom-opt-submodular --example work -- quality N | GRAPH.txt.gz   beside greedy, on every kind of stream
//! cargo run --release -p fathom-opt-submodular --example work -- memory 1000000             a million elements
//! cargo run --release -p fathom-opt-submodular --example work -- scales                     growing and collapsing values
//! ```
//!
//! Uniform sets: every element covers 60 of 4000 items of nearly equal weight, so that gains are nearly equal and lazy evaluation helps little. A killer stream deletes
//! the live element of largest value and inserts it again 200 deletions later; it is fixed in advance.
#![allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "numbers of elements are 32-bit")]

mod growth;
mod measure;
mod memory;
mod quality;
mod streams;

use fathom_opt_submodular::{DynamicMaximizer, Engine, LevelOracle};

use growth::{Growth, picture};
use measure::{Measured, head, measure, row};
use streams::{all, facility, killer, singles, uniform_sets, window};

/// Engines with the number of updates each is measured over.
type Engines = [(Engine, usize)];

fn on_killer(oracle: &impl LevelOracle, k: usize, engine: Engine, updates: usize) -> Measured {
    let n = oracle.elements();
    let greedy = matches!(engine, Engine::Recompute | Engine::RepairGreedy);
    let found = measure(oracle, &all(n), &killer(&singles(oracle), updates), k, engine, if greedy { 1 } else { 200 });
    row(n, k, engine, &found);
    found
}

fn grow(file: Option<&String>) -> Result<(), Box<dyn std::error::Error>> {
    head();
    let mut all = Vec::new();
    for (engine, updates) in [(Engine::SingleSample, 4000), (Engine::LeveledBuckets, 40_000), (Engine::Recompute, 100)] {
        let point = |power: u32| (f64::from(1 << power), on_killer(&uniform_sets(1 << power, 7), 50, engine, updates).evaluations);
        let growth = Growth { engine, points: (11..=15).map(point).collect() };
        println!("{:>30} slope {:.3}", engine.name(), growth.slope());
        all.push(growth);
    }
    if let Some(file) = file {
        std::fs::write(file, picture(&all)?)?;
    }
    Ok(())
}

fn compare(oracle: &impl LevelOracle, k: usize, engines: &Engines) {
    head();
    let found: Vec<Measured> = engines.iter().map(|&(engine, updates)| on_killer(oracle, k, engine, updates)).collect();
    if let Some(recompute) = found.last() {
        for (&(engine, _), found) in engines.iter().zip(&found) {
            let (evaluations, time) = (recompute.evaluations / found.evaluations, recompute.micros / found.micros);
            println!("{:>30} recompute takes {evaluations:.1} times the evaluations, {time:.1} times the time", engine.name());
        }
    }
}

/// Deletes the whole answer again and again; what was deleted comes back one answer later.
fn adaptive(n: usize, k: usize) -> Result<(), Box<dyn std::error::Error>> {
    let oracle = uniform_sets(n, 7);
    let build = |engine| DynamicMaximizer::builder(oracle.clone()).k(k).engine(engine).seed(1).build();
    let (mut maximizer, mut greedy) = (build(Engine::SingleSample)?, build(Engine::Recompute)?);
    maximizer.apply(&all(n))?;
    greedy.apply(&all(n))?;
    let (mut gone, mut least, mut certified): (Vec<u32>, f64, f64) = (Vec::new(), 1.0, 1.0);
    for _ in 0..200 {
        let solution = maximizer.solution()?;
        least = least.min(solution.value / greedy.solution()?.value);
        certified = certified.min(solution.value / solution.upper_bound);
        for &element in &solution.chosen {
            maximizer.delete(element)?;
            greedy.delete(element)?;
        }
        for element in std::mem::replace(&mut gone, solution.chosen) {
            maximizer.insert(element)?;
            greedy.insert(element)?;
        }
    }
    let stats = maximizer.stats();
    println!("200 answers deleted: at least {least:.4} of greedy's value and {certified:.4} of the upper bound at each");
    println!(
        "evaluations per update: {:.0} on average, {} at most, {:.3} of elements times guesses ({})",
        stats.update_work.mean(),
        stats.update_work.max(),
        stats.update_work.max() as f64 / (n * stats.guesses) as f64,
        stats.guesses
    );
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |position: usize, default: usize| arguments.get(position).and_then(|text| text.parse().ok()).unwrap_or(default);
    match arguments.first().map(String::as_str) {
        Some("growth") => grow(arguments.get(1))?,
        Some("killer") => {
            let n = number(1, 8000);
            let mut engines = vec![(Engine::SingleSample, 4000), (Engine::LeveledBuckets, 40_000), (Engine::Lattanzi, 4000)];
            // Many samples per level cost more than all others together.
            engines.extend((n <= 8000).then_some((Engine::Monemizadeh, 100)));
            engines.extend([(Engine::RepairGreedy, 100), (Engine::Recompute, 100)]);
            compare(&uniform_sets(n, 7), number(2, 50), &engines);
        }
        Some("facility") => {
            let engines =
                [(Engine::SingleSample, 1000), (Engine::LeveledBuckets, 4000), (Engine::RepairGreedy, 20), (Engine::Recompute, 20)];
            compare(&facility(number(1, 4000), 7), 50, &engines);
        }
        Some("window") => {
            head();
            let n = number(1, 8000);
            let oracle = uniform_sets(n, 7);
            let mut engines = vec![(Engine::SingleSample, 4000, 200), (Engine::LeveledBuckets, n.max(4000), 200)];
            if arguments.get(2).is_some_and(|word| word == "all") {
                engines.extend([(Engine::Lattanzi, n.max(4000), 200), (Engine::Monemizadeh, 40, 20), (Engine::RepairGreedy, 400, 1)]);
            }
            engines.push((Engine::Recompute, 40, 1));
            for (engine, updates, every) in engines {
                row(n, 50, engine, &measure(&oracle, &all(n / 2), &window(n, updates), 50, engine, every));
            }
        }
        Some("cardinality") => {
            head();
            let oracle = uniform_sets(8000, 7);
            for k in [10, 20, 50, 100, 200] {
                let found = on_killer(&oracle, k, Engine::SingleSample, 3000);
                let logarithm = (k as f64).log2();
                println!("{:>30} of 2 k log2(k)^2: {:.3}", "", found.evaluations / (2.0 * k as f64 * logarithm * logarithm));
            }
        }
        Some("quality") => match arguments.get(1) {
            Some(file) if file.parse::<usize>().is_err() => quality::quality(file, &quality::graph(file)?, 50),
            _ => quality::quality("uniform sets", &uniform_sets(number(1, 4000), 7), 50),
        },
        Some("adaptive") => adaptive(number(1, 8000), 50)?,
        Some("memory") => memory::many(number(1, 1_000_000), Engine::SingleSample),
        Some("scales") => [Engine::SingleSample, Engine::LeveledBuckets].into_iter().for_each(memory::scales),
        _ => println!(
            "growth [FILE.svg] | killer N [K] | window N [all] | facility N | adaptive N | cardinality | quality N or GRAPH | memory N | scales"
        ),
    }
    Ok(())
}
