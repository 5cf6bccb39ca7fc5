//! One lazy greedy solution from nothing, timed: what `benches/peers/submodular` compares with other people's tools.
//!
//! ```text
//! cargo run --release -p fathom-opt-submodular --example greedy -- dense SIMILARITY.f32 N K       an N x N matrix of single-precision numbers, little-endian
//! cargo run --release -p fathom-opt-submodular --example greedy -- coverage EDGES.txt.gz K        neighbourhoods of an undirected graph
//! ```
//!
//! Reading and building are not timed; values of elements alone are.
#![allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "numbers of elements are 32-bit")]

use std::collections::HashMap;
use std::io::Read;
use std::time::Instant;

use fathom_opt_problems::submodular_stream::{Coverage, Rows};
use fathom_opt_submodular::{CoverageOracle, DenseFacilityOracle, DynamicMaximizer, Engine, LevelOracle, Update};

fn select(oracle: &impl LevelOracle, k: usize) -> Result<(), Box<dyn std::error::Error>> {
    let n = oracle.elements() as u32;
    let updates: Vec<Update> = (0..n).map(Update::Insert).collect();
    let mut best = f64::INFINITY;
    let mut result = None;
    // Small instances take microseconds: the best of several runs.
    for _ in 0..if n > 8000 { 3 } else { 20 } {
        let mut maximizer = DynamicMaximizer::builder(oracle.clone()).k(k).engine(Engine::Recompute).build()?;
        let clock = Instant::now();
        maximizer.apply(&updates)?;
        let solution = maximizer.solution()?;
        best = best.min(clock.elapsed().as_secs_f64());
        result = Some((solution, maximizer.evaluations()));
    }
    if let Some((solution, evaluations)) = result {
        println!(
            "{}",
            serde_json::json!({ "seconds": best, "value": solution.value, "chosen": solution.chosen, "evaluations": evaluations })
        );
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["dense", file, n, k] => {
            let bytes = std::fs::read(file)?;
            let rows: Vec<f32> = bytes.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
            drop(bytes);
            select(&DenseFacilityOracle::new(n.parse()?, rows), k.parse()?)
        }
        ["coverage", file, k] => {
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
            select(&CoverageOracle::new(Coverage::new(Some(vec![1.0; items]), rows)?), k.parse()?)
        }
        _ => Err("expected: dense FILE N K | coverage FILE K".into()),
    }
}
