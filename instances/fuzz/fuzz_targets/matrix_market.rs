//! Any bytes are refused, or read into a matrix that holds what it promises and survives being written and read again.
#![no_main]

use fathom_opt_instances::matrix_market::{Entries, Symmetry, read, write_coordinate};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| {
    let file = match read(text) {
        Ok(file) => file,
        Err(error) => {
            assert!(error.line >= 1 && error.column >= 1);
            return;
        }
    };
    assert!(file.stored() <= text.len());
    match file.entries() {
        Entries::Coordinate(triplets) => assert!(
            triplets
                .iter()
                .all(|(row, column, value)| { (row as usize) < file.rows() && (column as usize) < file.columns() && value.is_finite() })
        ),
        Entries::Array(values) => {
            assert!(values.iter().all(|value| value.is_finite()));
            assert_eq!(file.to_dense_columns().map(|dense| dense.len()), Ok(file.rows() * file.columns()));
        }
    }
    // A million empty rows are allowed but slow to fuzz.
    if file.rows() > 10_000 {
        return;
    }
    if let Ok(matrix) = file.to_csr() {
        let mut written = Vec::new();
        write_coordinate(&mut written, &matrix, Symmetry::General, &[]).expect("finite values can be written");
        let again = read(&written).expect("what was written can be read").to_csr().expect("and has no duplicates");
        assert_eq!(again, matrix);
    }
});
