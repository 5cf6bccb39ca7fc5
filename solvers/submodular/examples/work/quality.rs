//! Values beside those of the greedy algorithm and beside their own upper bounds, at queries all along a stream.

use std::collections::HashMap;
use std::io::Read;

use fathom_opt_problems::submodular_stream::{Coverage, Rows};
use fathom_opt_submodular::{CoverageOracle, DynamicMaximizer, Engine, LevelOracle, Settings, Update};

use crate::streams::{all, churn, killer, largest_first, singles, window};

/// Coverage of the neighbourhoods in a packed edge list, read as undirected; nodes in order of appearance.
pub fn graph(file: &str) -> Result<CoverageOracle, Box<dyn std::error::Error>> {
    let mut text = String::new();
    flate2::read::GzDecoder::new(std::fs::File::open(file)?).read_to_string(&mut text)?;
    let (mut numbers, mut sets): (HashMap<u64, u32>, Vec<Vec<u32>>) = (HashMap::new(), Vec::new());
    for line in text.lines().filter(|line| !line.starts_with(['#', '%'])) {
        let ends: Vec<u64> = line.split_whitespace().take(2).map(str::parse).collect::<Result<_, _>>()?;
        let mut number = |id: u64| {
            let next = sets.len() as u32;
            let number = *numbers.entry(id).or_insert(next);
            if number == next {
                sets.push(Vec::new());
            }
            number
        };
        if let [u, v] = ends[..] {
            let (u, v) = (number(u), number(v));
            sets[u as usize].push(v);
            sets[v as usize].push(u);
        }
    }
    for set in &mut sets {
        set.sort_unstable();
        set.dedup();
    }
    let items = sets.len();
    let rows: Rows<u32> = sets.into_iter().collect();
    Ok(CoverageOracle::new(Coverage::new(Some(vec![1.0; items]), rows)?))
}

/// Mean and least of what was added.
struct Shares {
    sum: f64,
    least: f64,
    count: f64,
}

impl Shares {
    fn new() -> Self {
        Self { sum: 0.0, least: f64::INFINITY, count: 0.0 }
    }

    fn add(&mut self, share: f64) {
        self.sum += share;
        self.least = self.least.min(share);
        self.count += 1.0;
    }

    fn text(&self) -> String {
        format!("{:.3} ({:.3})", self.sum / self.count, self.least)
    }
}

/// All streams over `oracle`, about 60 queries each.
pub fn quality(name: &str, oracle: &impl LevelOracle, k: usize) {
    let n = oracle.elements();
    let alone = singles(oracle);
    println!("{name}, n = {n}, k = {k}: mean (least) share of greedy's value, and of the own upper bound");
    println!("{:>14} {:>16} {:>16} {:>16} {:>16} {:>14}", "stream", "engine", "raw", "polished", "of the bound", "evals/update");
    for (stream, start, updates) in [
        ("window", all(n / 2), window(n, n)),
        ("largest-first", all(n), largest_first(&alone)),
        ("churn", all(n), churn(&alone, 4000)),
        ("killer", all(n), killer(&alone, 4000)),
    ] {
        let every = (updates.len() / 60).max(1);
        // The last queries of a stream that empties the set say nothing.
        let kept = if stream == "largest-first" { updates.len() * 9 / 10 } else { updates.len() };
        let updates = &updates[..kept];
        let greedy: Vec<f64> =
            answers(oracle, &start, updates, k, Engine::Recompute, false, every).0.iter().map(|answer| answer.0).collect();
        for engine in [Engine::SingleSample, Engine::LeveledBuckets, Engine::Auto, Engine::Lattanzi] {
            let (mut raw, mut polished, mut certified) = (Shares::new(), Shares::new(), Shares::new());
            for ((value, _), best) in answers(oracle, &start, updates, k, engine, false, every).0.iter().zip(&greedy) {
                raw.add(value / best);
            }
            let (found, evaluations) = answers(oracle, &start, updates, k, engine, true, every);
            for ((value, bound), best) in found.iter().zip(&greedy) {
                polished.add(value / best);
                certified.add(value / bound);
            }
            let (raw, polished, certified) = (raw.text(), polished.text(), certified.text());
            println!("{stream:>14} {:>16} {raw:>16} {polished:>16} {certified:>16} {evaluations:>14.1}", engine.name());
        }
    }
}

/// Value and bound at each query, and the evaluations per update, answers included.
fn answers(
    oracle: &impl LevelOracle,
    start: &[Update],
    updates: &[Update],
    k: usize,
    engine: Engine,
    polish: bool,
    every: usize,
) -> (Vec<(f64, f64)>, f64) {
    let settings = Settings { engine, seed: 1, polish, ..Settings::default() };
    let mut maximizer = DynamicMaximizer::builder(oracle.clone()).k(k).settings(settings).build().expect("settings");
    maximizer.apply(start).expect("a stream");
    maximizer.solution().expect("an answer");
    let before = maximizer.evaluations();
    let mut found = Vec::new();
    for (position, &update) in updates.iter().enumerate() {
        maximizer.update(update).expect("a stream");
        if (position + 1) % every == 0 {
            let solution = maximizer.solution().expect("an answer");
            found.push((solution.value, solution.upper_bound));
        }
    }
    (found, (maximizer.evaluations() - before) as f64 / updates.len() as f64)
}
