//! `knapsack-exact` on the instances of a folder with an `optima.json`, as CSV: instance, value, proved, seconds.
#![allow(clippy::print_stdout, reason = "an example")]

use std::path::Path;
use std::time::Instant;

use fathom_opt_core::{Run, Solver, Status};
use fathom_opt_online::KnapsackExact;
use fathom_opt_problems::online_knapsack::OnlineKnapsack;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).ok_or("expected a folder")?;
    let folder = Path::new(&folder);
    let optima: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(&std::fs::read(folder.join("optima.json"))?)?;
    println!("instance,value,proved,seconds");
    for name in optima.keys() {
        let text = std::fs::read_to_string(folder.join(name))?;
        let numbers = text.split_ascii_whitespace().map(str::parse).collect::<Result<Vec<u64>, _>>()?;
        let count = usize::try_from(*numbers.first().ok_or("an empty file")?)?;
        let items = numbers.get(2..2 + 2 * count).ok_or("a file cut short")?.chunks_exact(2).map(|pair| (pair[0] as f64, pair[1]));
        let problem = OnlineKnapsack::single(numbers[1], None, items)?;
        let started = Instant::now();
        let outcome = KnapsackExact::default().solve(&problem, &Run::default())?;
        let seconds = started.elapsed().as_secs_f64();
        println!("{name},{},{},{seconds}", outcome.objective.unwrap_or(0.0), outcome.status == Status::Optimal);
    }
    Ok(())
}
