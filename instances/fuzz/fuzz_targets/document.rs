//! Any bytes are refused with a place, or read into an instance that survives being written and read again.
#![no_main]

use fathom_opt_instances::parse_bytes;
use fathom_opt_problems::InlineOnly;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| {
    if let Ok(instance) = parse_bytes("fuzzed.fathom.json", text) {
        let data = instance.problem.data_json(&mut InlineOnly).expect("an instance has a document form");
        let again = format!("{{\"fathom\":1,\"problem\":\"{}\",\"data\":{}}}", instance.problem.kind(), data.get());
        parse_bytes("again.fathom.json", again.as_bytes()).expect("what was written can be read");
    }
});
