use super::*;
use proptest::prelude::*;

fn dense(matrix: &SplitMatrix) -> Vec<Vec<f64>> {
    let n = matrix.dimension();
    let mut columns = vec![vec![0.0; n]; n];
    for (j, column) in columns.iter_mut().enumerate() {
        let mut unit = vec![0.0; n];
        unit[j] = 1.0;
        matrix.multiply(&unit, column);
    }
    (0..n).map(|i| (0..n).map(|j| columns[j][i]).collect()).collect()
}

fn small() -> SplitMatrix {
    SplitMatrix::from_rows(3, &[0, 2, 4, 7], &[0, 2, 0, 1, 0, 1, 2], &[4.0, 1.0, 2.0, 5.0, 1.0, 0.5, 6.0]).unwrap()
}

#[test]
fn products_are_those_of_the_dense_matrix() {
    assert_eq!(dense(&small()), vec![vec![4.0, 0.0, 1.0], vec![2.0, 5.0, 0.0], vec![1.0, 0.5, 6.0]]);
    let mut residual = [0.0; 3];
    assert_eq!(small().residual(&[1.0, 1.0, 1.0], &[5.0, 7.0, 8.5], &mut residual), 1.0);
    assert_eq!(residual, [0.0, 0.0, 1.0]);
}

#[test]
fn values_change_in_place_and_shifts_start_from_them() {
    let mut matrix = small();
    matrix.set_shift(1.0).unwrap();
    assert_eq!(matrix.diagonal(), [5.0, 6.0, 7.0]);
    matrix.set_added_diagonal(&[0.0, -1.0, 2.0]).unwrap();
    assert_eq!(matrix.diagonal(), [4.0, 4.0, 8.0]);
    matrix.set_values(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]).unwrap();
    matrix.set_shift(0.5).unwrap();
    assert_eq!(dense(&matrix), vec![vec![1.5, 0.0, 2.0], vec![3.0, 4.5, 0.0], vec![5.0, 6.0, 7.5]]);
}

#[test]
fn refused_values_leave_the_matrix_as_it_was() {
    let mut matrix = small();
    assert_eq!(matrix.set_shift(-5.0), Err(MatrixError::ZeroDiagonal { row: 1 }));
    assert!(matches!(matrix.set_shift(f64::NAN), Err(MatrixError::NotFinite { row: 0, col: 0, .. })));
    assert!(matches!(matrix.set_added_diagonal(&[1.0]), Err(MatrixError::WrongLength { found: 1, expected: 3, .. })));
    let mut values = [1.0; 7];
    values[5] = f64::INFINITY;
    assert!(matches!(matrix.set_values(&values), Err(MatrixError::NotFinite { row: 2, col: 1, .. })));
    assert_eq!(matrix, small());
}

#[test]
fn every_malformed_matrix_has_its_own_error() {
    let from = |n: usize, starts: &[u32], columns: &[u32], values: &[f64]| SplitMatrix::from_rows(n, starts, columns, values).unwrap_err();
    assert!(matches!(from(2, &[0, 1], &[0], &[1.0]), MatrixError::WrongLength { what: "row starts", .. }));
    assert!(matches!(from(1, &[0, 1], &[0], &[]), MatrixError::WrongLength { what: "values", .. }));
    assert_eq!(from(2, &[0, 2, 1], &[0], &[1.0]), MatrixError::BadRowPointer { row: 0 });
    assert_eq!(from(1, &[0, 2], &[0], &[1.0]), MatrixError::BadRowPointer { row: 1 });
    assert_eq!(from(1, &[0, 1], &[3], &[1.0]), MatrixError::ColumnOutOfRange { row: 0, col: 3, dimension: 1 });
    assert_eq!(from(2, &[0, 2, 3], &[1, 0, 1], &[1.0; 3]), MatrixError::Unsorted { row: 0, col: 0, previous: 1 });
    assert_eq!(from(2, &[0, 2, 3], &[0, 0, 1], &[1.0; 3]), MatrixError::Duplicate { row: 0, col: 0 });
    assert!(matches!(from(1, &[0, 1], &[0], &[f64::NAN]), MatrixError::NotFinite { row: 0, col: 0, .. }));
    assert_eq!(from(1, &[0, 1], &[0], &[0.0]), MatrixError::ZeroDiagonal { row: 0 });
    assert_eq!(from(2, &[0, 1, 2], &[1, 1], &[1.0; 2]), MatrixError::ZeroDiagonal { row: 0 });
    let wide = CsMatI::<f64, u32>::zero((2, 3));
    assert_eq!(SplitMatrix::from_sprs(&wide).unwrap_err(), MatrixError::NotSquare { rows: 2, cols: 3 });
    let negative = SplitMatrix::from_rows(1, &[0, 1], &[0], &[-2.0]).unwrap();
    assert_eq!(negative.require_positive_diagonal(), Err(MatrixError::NonPositiveDiagonal { row: 0, value: -2.0 }));
}

proptest! {
    #[test]
    fn symmetry_is_what_the_dense_matrix_says(entries in proptest::collection::vec((0_usize..5, 0_usize..5, -2_i8..3), 0..14), mirrored: bool) {
        let mut dense = vec![vec![None; 5]; 5];
        for (i, j, value) in entries {
            dense[i][j] = Some(f64::from(value));
            if mirrored {
                dense[j][i] = Some(f64::from(value));
            }
        }
        let (mut starts, mut columns, mut values) = (vec![0], Vec::new(), Vec::new());
        for (i, row) in dense.iter_mut().enumerate() {
            row[i] = Some(9.0);
            for (j, value) in row.iter().enumerate() {
                if let Some(value) = value {
                    columns.push(u32::try_from(j).unwrap());
                    values.push(*value);
                }
            }
            starts.push(u32::try_from(columns.len()).unwrap());
        }
        let matrix = SplitMatrix::from_rows(5, &starts, &columns, &values).unwrap();
        let entry = |i: usize, j: usize| dense[i][j].unwrap_or(0.0);
        let symmetric = (0..5).all(|i| (0..5).all(|j| entry(i, j) == entry(j, i)));
        prop_assert_eq!(matrix.require_symmetric().is_ok(), symmetric);
    }
}
