//! Divides course sections among students by their ratings: `cargo run --release --example courses -- umass_ratings_702x108.csv 6 auto`.
use std::time::Instant;

use fathom_opt_core::{Registry, Run};
use fathom_opt_problems::Problem;
use fathom_opt_problems::fair_division::{Allocation, FairDivision};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [path, students, solver] = arguments.as_slice() else {
        eprintln!("arguments: FILE STUDENTS SOLVER");
        std::process::exit(2);
    };
    let text = std::fs::read_to_string(path).expect("a readable file");
    let students: usize = students.parse().expect("a number of students");
    let mut lines = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let sections = lines.next().expect("a header")[3..].iter().map(ToString::to_string).collect();
    let rows: Vec<Vec<&str>> = lines.take(students).collect();
    let names = rows.iter().map(|row| format!("student {}", row[0])).collect();
    let ratings: Vec<Vec<&str>> = rows.iter().map(|row| row[3..].to_vec()).collect();
    let problem = FairDivision::from_decimal_rows(Some(names), Some(sections), &ratings).expect("a table of ratings");
    let mut registry = Registry::new();
    fathom_opt_division::register(&mut registry);
    let entry = registry.find(FairDivision::KIND, Some(solver)).expect("a solver of the family");
    let start = Instant::now();
    let outcome = entry.configure(&serde_json::Map::new()).expect("default options").solve(&problem, &Run::default()).expect("it is taken");
    println!("{} students, {} sections: {} in {:.1?}", problem.agents(), problem.items(), outcome.status, start.elapsed());
    for note in &outcome.notes {
        println!("note: {note}");
    }
    println!("promised: {}", outcome.promised.join(", "));
    let solution = outcome.solution.expect("an allocation");
    let allocation: &Allocation = solution.downcast().expect("of this class");
    for line in problem.present(allocation) {
        println!("{line}");
    }
    let verdict = problem.check(allocation).expect("well formed");
    for property in &verdict.properties {
        let finding = match property.holds {
            Some(true) => "holds",
            Some(false) => "fails",
            None => "undecided",
        };
        println!(
            "{} {finding}{}",
            property.name,
            property.witness.as_ref().map(|witness| format!(": {}", witness.text)).unwrap_or_default()
        );
    }
}
