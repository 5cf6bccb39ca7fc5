//! The compared side of `benches/peers/division`: CPU seconds of reading a table of utilities and of each fast rule, and the allocation by round-robin.
//!
//! Arguments: `AGENTS ITEMS FILE.csv`. The table is made by the generator `mixed-manna`, goods from 1 to 10^9: without ties, for all practical purposes.
use std::path::Path;

use fathom_opt_core::{Run, Solver};
use fathom_opt_division::{DoubleRoundRobin, EnvyCycle, Form, RoundRobin, Turns, TwoSidedGreedy};
use fathom_opt_problems::fair_division::{Allocation, FairDivision};
use nix::sys::resource::{UsageWho, getrusage};
use serde_json::json;

/// CPU seconds of this process.
fn cpu_seconds() -> f64 {
    let usage = getrusage(UsageWho::RUSAGE_SELF).expect("the kernel's accounting");
    [usage.user_time(), usage.system_time()].iter().map(|time| time.tv_sec() as f64 + time.tv_usec() as f64 * 1e-6).sum()
}

/// The least CPU seconds of a call over batches that last long enough for the clock's microseconds.
fn least<T>(mut work: impl FnMut() -> T) -> f64 {
    let mut batch = 1_u32;
    let mut least = f64::INFINITY;
    let begin = cpu_seconds();
    loop {
        let start = cpu_seconds();
        for _ in 0..batch {
            std::hint::black_box(work());
        }
        let taken = cpu_seconds() - start;
        if taken < 1e-3 && batch < 1 << 20 {
            batch *= 2;
            continue;
        }
        least = least.min(taken / f64::from(batch));
        if cpu_seconds() - begin > 0.5 {
            return least;
        }
    }
}

fn allocation<S: Solver<FairDivision>>(solver: &S, problem: &FairDivision) -> Allocation {
    solver.solve(problem, &Run::default()).expect("goods are taken").solution.expect("always one")
}

fn report<S: Solver<FairDivision>>(name: &str, solver: &S, problem: &FairDivision) {
    println!("{name}\t{:e}", least(|| allocation(solver, problem)));
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [agents, items, file] = arguments.as_slice() else {
        eprintln!("arguments: AGENTS ITEMS FILE.csv");
        std::process::exit(2);
    };
    let number = |text: &str| text.parse::<u64>().expect("a number");
    let parameters = json!({ "agents": number(agents), "items": number(items), "goods": 1, "largest": 1_000_000_000 });
    let parameters = parameters.as_object().expect("an object");
    let file = Path::new(file);
    let instance = fathom_opt_instances::generate("mixed-manna", parameters, 1).expect("valid parameters");
    fathom_opt_instances::write(file, &instance).expect("a table can be written");
    println!("generate\t{:e}", least(|| fathom_opt_instances::generate("mixed-manna", parameters, 1)));
    println!("parse\t{:e}", least(|| fathom_opt_instances::read(file)));
    let instance = fathom_opt_instances::read(file).expect("the table just written");
    let problem = instance.problem.downcast::<FairDivision>().expect("a table of utilities");
    let bidirectional = RoundRobin { turns: Turns::Bidirectional, ..RoundRobin::default() };
    report("round-robin", &RoundRobin::default(), problem);
    report("bidirectional", &bidirectional, problem);
    report("A1 (double-round-robin)", &DoubleRoundRobin { form: Form::Modified, ..DoubleRoundRobin::default() }, problem);
    report("A2 (two-sided-greedy)", &TwoSidedGreedy::default(), problem);
    report("envy-cycle", &EnvyCycle::default(), problem);
    for (name, allocation) in
        [("round-robin", allocation(&RoundRobin::default(), problem)), ("bidirectional", allocation(&bidirectional, problem))]
    {
        println!("owner {name}\t{}", allocation.owner.iter().map(ToString::to_string).collect::<Vec<_>>().join(","));
    }
}
