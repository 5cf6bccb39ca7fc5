//! Any bytes are refused with a place, or decoded; the start can then be evaluated without a panic.
#![no_main]

use fathom_opt_instances::nonlinear::sif::{SifOptions, derivative_cards, read};
use fathom_opt_problems::nonlinear::{ExpressionNlp, Nlp};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = derivative_cards(bytes);
    if let Ok(sif) = read(bytes, &SifOptions::default()) {
        let mut nlp = ExpressionNlp::new(&sif.problem);
        let _ = nlp.objective(&sif.problem.start());
    }
});
