//! The solvers against every acyclic graph of up to four variables, on as many random instances as the argument says (2,000 without one).

#[path = "../tests/shared/differential.rs"]
mod differential;

fn main() {
    let count = std::env::args().nth(1).and_then(|count| count.parse().ok()).unwrap_or(2_000);
    // Seeds that the test does not use.
    let (proven, open, faults) = differential::compare_all(1_000_000..1_000_000 + count);
    println!("{proven} proven and right, {open} without a proof, {} faults", faults.len());
    for fault in &faults {
        println!("{fault}");
    }
    std::process::exit(i32::from(!faults.is_empty()));
}
