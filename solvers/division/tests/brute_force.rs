//! The optimal solvers and the searches for existence against brute force, on random instances of at most 6 items. More of them:
//! `cargo run --release -p fathom-opt-division --example differential -- 2000`.

mod differential;

use differential::{Counts, compare, instance};
use fathom_opt_core::Run;

#[test]
fn optima_and_impossibilities_are_what_brute_force_finds() {
    let mut random = Run::new(1).stream("differential");
    let mut counts = Counts::default();
    for _ in 0..400 {
        compare(&instance(&mut random, 5), &mut counts);
    }
    for _ in 0..40 {
        compare(&instance(&mut random, 6), &mut counts);
    }
    assert!(counts.proofs > 100 && counts.refused > 0 && counts.impossible > 0, "{counts:?}");
}
