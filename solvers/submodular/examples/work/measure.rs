//! Evaluations and time per update.

use std::time::Instant;

use fathom_opt_submodular::{DynamicMaximizer, Engine, LevelOracle, Settings, Update};

/// What a stream cost.
pub struct Measured {
    pub evaluations: f64,
    p99: u64,
    max: u64,
    pub micros: f64,
    value: f64,
}

/// Seconds of processor time of this thread, which other programs on a busy machine do not disturb; wall-clock time where the system does not tell.
pub fn processor_seconds(start: Instant) -> f64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = told.and_then(|text| text.split_whitespace().next().and_then(|number| number.parse::<f64>().ok()));
    nanos.map_or_else(|| start.elapsed().as_secs_f64(), |nanos| nanos / 1e9)
}

/// Loads `start` as one batch, then takes in `updates` one by one; a query every `every` updates.
pub fn measure(oracle: &impl LevelOracle, start: &[Update], updates: &[Update], k: usize, engine: Engine, every: usize) -> Measured {
    let settings = Settings { engine, seed: 1, polish: false, ..Settings::default() };
    let mut maximizer = DynamicMaximizer::builder(oracle.clone()).k(k).settings(settings).build().expect("settings");
    maximizer.apply(start).expect("a stream");
    maximizer.solution().expect("an answer");
    let started = Instant::now();
    let (before, clock) = (maximizer.stats().work.evaluations, processor_seconds(started));
    let (mut sum, mut answers) = (0.0, 0);
    for (position, &update) in updates.iter().enumerate() {
        maximizer.update(update).expect("a stream");
        if (position + 1) % every == 0 {
            sum += maximizer.solution().expect("an answer").value;
            answers += 1;
        }
    }
    let seconds = processor_seconds(started) - clock;
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

/// The head of the table of [`row`].
pub fn head() {
    println!(
        "{:>8} {:>4} {:>16} {:>12} {:>10} {:>10} {:>12} {:>10}",
        "n", "k", "engine", "evals/update", "p99", "max", "us/update", "value"
    );
}

/// One line of the table.
pub fn row(n: usize, k: usize, engine: Engine, found: &Measured) {
    let Measured { evaluations, p99, max, micros, value } = found;
    println!("{n:>8} {k:>4} {:>16} {evaluations:>12.1} {p99:>10} {max:>10} {micros:>12.2} {value:>10.1}", engine.name());
}
