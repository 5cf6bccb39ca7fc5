//! Matrices whose pattern is not symmetric although their values are.

use std::borrow::Cow;

use fathom_opt_problems::sparse::SparseMatrix;

/// `matrix` with zeros stored where an entry has no mirror image; borrowed where there is no such entry.
pub(crate) fn with_symmetric_pattern(matrix: &SparseMatrix) -> Cow<'_, SparseMatrix> {
    let transposed: SparseMatrix = matrix.transpose_view().to_csr();
    let (mut starts, mut columns, mut values) = (vec![0_u32], Vec::with_capacity(matrix.nnz()), Vec::with_capacity(matrix.nnz()));
    for (row, image) in matrix.outer_iterator().zip(transposed.outer_iterator()) {
        let (mut own, mut mirrored) = (row.iter().peekable(), image.indices().iter().peekable());
        while let Some(column) =
            own.peek().map(|(column, _)| *column).into_iter().chain(mirrored.peek().map(|&&column| column as usize)).min()
        {
            mirrored.next_if(|&&next| next as usize == column);
            values.push(own.next_if(|(next, _)| *next == column).map_or(0.0, |(_, value)| *value));
            columns.push(u32::try_from(column).unwrap_or(u32::MAX));
        }
        starts.push(u32::try_from(columns.len()).unwrap_or(u32::MAX));
    }
    if columns.len() == matrix.nnz() {
        return Cow::Borrowed(matrix);
    }
    SparseMatrix::try_new(matrix.shape(), starts, columns, values).map_or(Cow::Borrowed(matrix), Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_mirror_images_are_stored_as_zeros() {
        let symmetric = SparseMatrix::new((2, 2), vec![0, 2, 4], vec![0, 1, 0, 1], vec![2.0, 1.0, 1.0, 2.0]);
        assert!(matches!(with_symmetric_pattern(&symmetric), Cow::Borrowed(_)));
        let lone_zero = SparseMatrix::new((2, 2), vec![0, 2, 3], vec![0, 1, 1], vec![2.0, 0.0, 3.0]);
        let both = with_symmetric_pattern(&lone_zero);
        assert_eq!((both.nnz(), both.get(1, 0), both.get(0, 1), both.get(1, 1)), (4, Some(&0.0), Some(&0.0), Some(&3.0)));
    }
}
