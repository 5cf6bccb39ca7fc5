//! Any bytes are refused with a place, or read into a model that survives being written and read again, as text and as binary.
#![no_main]

use fathom_opt_instances::nonlinear::nl::{NlNames, read, read_sol, write};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(sol) = read_sol(bytes) {
        read_sol(sol.text().as_bytes()).expect("what was written can be read");
    }
    if let Ok(model) = read(bytes, &NlNames::default(), 0) {
        for binary in [false, true] {
            let mut again = Vec::new();
            write(&model.problem, binary, &mut again).expect("writing to memory does not fail");
            read(&again, &NlNames::default(), 0).expect("what was written can be read");
        }
    }
});
