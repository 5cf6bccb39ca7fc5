//! Items per second: the engine alone, and a session over JSON lines with answers in blocks and line by line.
//!
//! `cargo run --release -p fathom-opt-online --example throughput -- [ITEMS]`
#![allow(clippy::print_stdout, reason = "an example")]

use std::fmt::Write as _;
use std::io::Write as _;
use std::time::Instant;

use fathom_opt_online::{Acceptance, BoundsMode, CurveKind, Engine, Rule, Settings, register_services};
use fathom_opt_problems::online_knapsack::DensityBounds;
use fathom_opt_serve::Services;

/// A generator small enough not to be what is measured.
struct Items(u64);

impl Iterator for Items {
    type Item = (f64, u64);

    fn next(&mut self) -> Option<(f64, u64)> {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let weight = 1 + (self.0 >> 58);
        // Densities 10 to 5000 for the capacity below.
        let density = 10.0 + (self.0 >> 20 & 0xf_ffff) as f64 * (4990.0 / f64::from(1 << 20));
        Some((density * weight as f64 * 1e-6, weight))
    }
}

fn per_second(count: usize, started: Instant) -> f64 {
    count as f64 / started.elapsed().as_secs_f64()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let count: usize = std::env::args().nth(1).map_or(Ok(20_000_000), |word| word.parse())?;
    let bounds = Some(DensityBounds { lower: 10.0, upper: 5000.0 });
    for kind in [CurveKind::Zcl, CurveKind::Ect { alpha: 0.5 }, CurveKind::LaEct { gamma: 0.5, prediction: 400.0 }] {
        let rule = Rule::Curve { kind, max_weight: None };
        let settings = Settings { rule, capacity: 1_000_000, bounds, mode: BoundsMode::Clamp, acceptance: Acceptance::Whole };
        let mut engine = Engine::new(settings)?;
        let started = Instant::now();
        for (value, weight) in Items(1).take(count) {
            std::hint::black_box(engine.offer(value, weight));
        }
        println!("core {kind:?}: {:.1} M items/s ({} taken)", per_second(count, started) / 1e6, engine.ledger().accepted);
    }
    let lines = (count / 20).max(1);
    let mut text = String::from("{\"stream\":1,\"kind\":\"online-knapsack\",\"capacity\":[1000000],\"bounds\":{\"L\":10,\"U\":5000}}\n");
    for (id, (value, weight)) in Items(1).take(lines).enumerate() {
        writeln!(text, "{{\"id\":{},\"v\":{value},\"w\":[{weight}]}}", id + 1)?;
    }
    let mut services = Services::new();
    register_services(&mut services);
    for flushed in [false, true] {
        let mut session = services.find("zcl")?.session(&serde_json::Map::new(), 0)?;
        let mut sink = std::fs::OpenOptions::new().write(true).open("/dev/null")?;
        let mut out = Vec::new();
        let mut slowest = Vec::with_capacity(lines);
        let started = Instant::now();
        for line in text.lines() {
            let before = flushed.then(Instant::now);
            session.answer(line.as_bytes(), &mut out)?;
            if flushed || out.len() > 1 << 16 {
                sink.write_all(&out)?;
                out.clear();
            }
            slowest.extend(before.map(|before| before.elapsed()));
        }
        println!("JSON lines, flushed {flushed}: {:.0} k lines/s", per_second(lines, started) / 1e3);
        if flushed {
            slowest.sort_unstable();
            println!("latency: median {:?}, p99 {:?}", slowest[lines / 2], slowest[lines * 99 / 100]);
        }
    }
    Ok(())
}
