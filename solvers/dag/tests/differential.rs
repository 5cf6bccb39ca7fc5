//! The exact solver, and the others, against every acyclic graph of up to four variables. A longer run: `cargo run --release -p fathom-opt-dag --example
//! differential -- 20000`.

#[path = "shared/differential.rs"]
mod differential;

#[test]
fn every_claim_agrees_with_brute_force_over_all_graphs() {
    let (proven, open, faults) = differential::compare_all(0..400);
    eprintln!("{proven} proven, {open} without a proof");
    assert!(faults.is_empty(), "{} faults, such as {}", faults.len(), faults[0]);
    assert!(proven > 200);
}
