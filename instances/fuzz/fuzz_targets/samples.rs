//! Any text is refused with a place, or read as samples with two labels, -1 and 1.
#![no_main]

use fathom_opt_instances::nonlinear::{LabelledData, read_libsvm, read_table};
use libfuzzer_sys::fuzz_target;

fn is_sound(data: &LabelledData) {
    assert_eq!(data.labels.len(), data.samples.len());
    assert!(data.labels.iter().all(|label| label.abs() == 1.0));
    assert!(data.samples.iter().flatten().all(|(feature, value)| (*feature as usize) < data.features && value.is_finite()));
}

fuzz_target!(|text: &str| {
    if let Ok(data) = read_libsvm(text) {
        is_sound(&data);
    }
    for label in ["", "0", "label"] {
        if let Ok(data) = read_table(text, label) {
            is_sound(&data);
        }
    }
});
