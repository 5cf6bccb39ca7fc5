//! The optimal solvers and the searches for existence against brute force, on as many random instances of at most 6 items as the first argument says
//! (seed: the second one). The first difference ends the program.
#[path = "../tests/differential/mod.rs"]
mod differential;

use std::time::Instant;

use differential::{Counts, compare, instance};
use fathom_opt_core::Run;

fn main() {
    let number = |position: usize, default: u64| std::env::args().nth(position).map_or(default, |text| text.parse().expect("a number"));
    let (instances, seed) = (number(1, 1000), number(2, 1));
    let mut random = Run::new(seed).stream("differential");
    let mut counts = Counts::default();
    let start = Instant::now();
    for _ in 0..instances {
        compare(&instance(&mut random, 6), &mut counts);
    }
    println!(
        "{} instances in {:?}: {} outcomes proven optimal, {} searches that found nothing, {} refusals of utilities beyond 64 bits, no difference",
        counts.instances,
        start.elapsed(),
        counts.proofs,
        counts.impossible,
        counts.refused
    );
}
