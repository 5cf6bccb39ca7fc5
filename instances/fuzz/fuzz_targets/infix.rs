//! Any text is refused with a place, or read as an expression that is printed and read again.
#![no_main]

use fathom_opt_problems::expression::Graph;
use fathom_opt_problems::expression::infix::{Meaning, Names, Printer, parse};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let meaning = |name: &str| name.strip_prefix('x')?.parse().ok().filter(|index| *index < 10).map(Meaning::Variable);
    let mut graph = Graph::new();
    if let Ok(root) = parse(text, &mut graph, meaning) {
        let names = Names { variables: (0..10).map(|k| format!("x{k}")).collect(), ..Names::default() };
        let printed = Printer { graph: &graph, names: &names, max_length: 1 << 20 }.expression(root);
        if let Ok(printed) = printed {
            parse(&printed, &mut Graph::new(), meaning).expect("what was printed can be read");
        }
    }
});
