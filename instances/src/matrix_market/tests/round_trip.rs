use crate::matrix_market::{Symmetry, WriteError, read, write_array, write_coordinate};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use sprs::CsMatI;
use std::collections::BTreeMap;
use std::fmt::Write;

type Positions = BTreeMap<(u32, u32), f64>;

/// Any finite float, subnormal numbers and both zeros included.
fn finite() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<u64>().prop_map(f64::from_bits).prop_filter("finite", |value| value.is_finite()),
        (-1000i32..1000).prop_map(|value| f64::from(value) / 8.0),
        Just(0.0),
        Just(-0.0),
        Just(f64::MIN_POSITIVE / 8.0),
        Just(f64::MAX),
    ]
}

fn csr((rows, columns): (u32, u32), positions: &Positions) -> CsMatI<f64, u32> {
    let mut pointers = vec![0];
    for row in 0..rows {
        pointers.push(u32::try_from(positions.range(..(row + 1, 0)).count()).unwrap());
    }
    let indices = positions.keys().map(|&(_, column)| column).collect();
    CsMatI::try_new((rows as usize, columns as usize), pointers, indices, positions.values().copied().collect()).unwrap()
}

fn general_matrix() -> impl Strategy<Value = CsMatI<f64, u32>> {
    (0u32..9, 0u32..9).prop_flat_map(|(rows, columns)| {
        let most = (rows * columns) as usize;
        btree_map((0..rows.max(1), 0..columns.max(1)), finite(), 0..=most)
            .prop_map(move |positions| csr((rows, columns), &if most == 0 { Positions::new() } else { positions }))
    })
}

/// A matrix that is the mirror image of itself with the sign given; no zeros if the sign is negative, since a zero's image has the other sign.
fn mirrored_matrix(sign: f64) -> impl Strategy<Value = CsMatI<f64, u32>> {
    (1u32..9).prop_flat_map(move |size| {
        btree_map((0..size, 0..size), finite(), 0..=(size * size) as usize).prop_map(move |positions| {
            let mut both = Positions::new();
            for (&(row, column), &value) in positions.iter().filter(|&(&(row, column), _)| row > column || (row == column && sign > 0.0)) {
                both.insert((row, column), value);
                both.insert((column, row), sign * value);
            }
            csr((size, size), &both)
        })
    })
}

fn assert_round_trip(matrix: &CsMatI<f64, u32>, symmetry: Symmetry) -> Result<(), TestCaseError> {
    let mut text = Vec::new();
    write_coordinate(&mut text, matrix, symmetry, &["two\nlines", "", "%%MatrixMarket"]).unwrap();
    let file = read(&text).map_err(|error| TestCaseError::fail(format!("{error}\n{}", String::from_utf8_lossy(&text))))?;
    prop_assert_eq!(file.header().symmetry, symmetry);
    let back = file.to_csr().unwrap();
    prop_assert_eq!(back.shape(), matrix.shape());
    prop_assert_eq!(back.indptr(), matrix.indptr());
    prop_assert_eq!(back.indices(), matrix.indices());
    let bits = |matrix: &CsMatI<f64, u32>| matrix.data().iter().map(|value| value.to_bits()).collect::<Vec<_>>();
    prop_assert_eq!(bits(&back), bits(matrix));
    Ok(())
}

proptest! {
    #[test]
    fn a_written_sparse_matrix_reads_back_bit_for_bit(matrix in general_matrix()) {
        assert_round_trip(&matrix, Symmetry::General)?;
    }

    #[test]
    fn a_written_symmetric_matrix_reads_back_bit_for_bit(matrix in mirrored_matrix(1.0)) {
        assert_round_trip(&matrix, Symmetry::Symmetric)?;
        assert_round_trip(&matrix, Symmetry::General)?;
    }

    #[test]
    fn a_written_skew_symmetric_matrix_reads_back_bit_for_bit(matrix in mirrored_matrix(-1.0)) {
        assert_round_trip(&matrix, Symmetry::SkewSymmetric)?;
    }

    #[test]
    fn a_matrix_stored_by_columns_reads_back_as_the_same_by_rows(matrix in general_matrix()) {
        let mut text = Vec::new();
        write_coordinate(&mut text, &matrix.to_csc(), Symmetry::General, &[]).unwrap();
        prop_assert_eq!(read(&text).unwrap().to_csr().unwrap(), matrix);
    }

    #[test]
    fn a_written_array_reads_back_bit_for_bit((rows, values) in (1usize..6, 0usize..6).prop_flat_map(|(rows, columns)| (Just(rows), vec(finite(), rows * columns)))) {
        let mut text = Vec::new();
        write_array(&mut text, rows, values.len() / rows, &values, &["dense"]).unwrap();
        let back = read(&text).unwrap().to_dense_columns().unwrap();
        let bits = |values: &[f64]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
        prop_assert_eq!(bits(&back), bits(&values));
    }

    #[test]
    fn compressing_shuffled_entries_equals_compressing_sorted_ones(matrix in general_matrix(), order in vec(any::<u32>(), 64)) {
        let mut entries: Vec<_> = matrix.iter().map(|(&value, position)| (position, value)).zip(&order).collect();
        entries.sort_by_key(|&(_, key)| *key);
        let mut text = format!("%%MatrixMarket matrix coordinate real general\n{} {} {}\n", matrix.rows(), matrix.cols(), entries.len());
        for (((row, column), value), _) in entries {
            writeln!(text, "{} {} {value:e}", row + 1, column + 1).unwrap();
        }
        prop_assert_eq!(read(text.as_bytes()).unwrap().to_csr().unwrap(), matrix);
    }
}

#[test]
fn values_are_written_with_the_fewest_digits() {
    let mut text = Vec::new();
    write_array(&mut text, 8, 1, &[0.1, 1.0, -0.0, 1e300, 1e-7, 1e15, 1e16, 1.0 / 3.0], &[]).unwrap();
    let text = String::from_utf8(text).unwrap();
    let lines: Vec<_> = text.lines().skip(2).collect();
    assert_eq!(lines, ["0.1", "1", "-0", "1e300", "1e-7", "1000000000000000", "1e16", "0.3333333333333333"]);
}

#[test]
fn a_matrix_without_the_symmetry_asked_for_is_refused_and_nothing_is_written() {
    let lopsided = csr((2, 2), &Positions::from([((0, 1), 1.0), ((1, 0), 2.0)]));
    let lonely = csr((2, 2), &Positions::from([((0, 1), 1.0)]));
    let diagonal = csr((2, 2), &Positions::from([((1, 1), 0.0)]));
    let wide = csr((1, 2), &Positions::new());
    let mut text = Vec::new();
    for matrix in [&lopsided, &lonely] {
        let error = write_coordinate(&mut text, matrix, Symmetry::Symmetric, &[]).unwrap_err();
        assert!(matches!(error, WriteError::NotSymmetric { row: 0, column: 1, .. }), "{error}");
    }
    let error = write_coordinate(&mut text, &diagonal, Symmetry::SkewSymmetric, &[]).unwrap_err();
    assert!(matches!(error, WriteError::NotSymmetric { row: 1, column: 1, .. }), "{error}");
    let error = write_coordinate(&mut text, &wide, Symmetry::Symmetric, &[]).unwrap_err();
    assert!(matches!(error, WriteError::NotSquare { rows: 1, columns: 2, .. }), "{error}");
    assert!(text.is_empty());
}

#[test]
fn what_a_file_cannot_hold_is_refused_and_nothing_is_written() {
    let mut text = Vec::new();
    let infinite = csr((2, 2), &Positions::from([((1, 0), f64::INFINITY)]));
    let error = write_coordinate(&mut text, &infinite, Symmetry::General, &[]).unwrap_err();
    assert!(matches!(error, WriteError::NotFinite { row: 1, column: 0, .. }), "{error}");
    let error = write_array(&mut text, 2, 2, &[0.0, 0.0, f64::NAN, 0.0], &[]).unwrap_err();
    assert!(matches!(error, WriteError::NotFinite { row: 0, column: 1, .. }), "{error}");
    let error = write_array(&mut text, 2, 2, &[0.0; 3], &[]).unwrap_err();
    assert!(matches!(error, WriteError::WrongLength { found: 3, rows: 2, columns: 2 }), "{error}");
    assert!(write_array(&mut text, usize::MAX, 2, &[], &[]).is_err());
    assert!(text.is_empty());
}
