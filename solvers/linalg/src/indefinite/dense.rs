//! Products of dense blocks, column-major: faer's where they are large, plain loops where its bookkeeping would cost more than the product.

use faer::linalg::matmul::matmul;
use faer::linalg::matmul::triangular::{self, BlockStructure};
use faer::{Accum, MatMut, MatRef, Par};

/// Products of fewer multiplications than this are made by plain loops (measured: faer's call costs about as much as 500 multiplications).
const SMALL: usize = 2048;

/// A block that is written: `stride` numbers per column, of which the first `skip` do not belong to it.
pub(super) struct Block<'a> {
    pub data: &'a mut [f64],
    pub stride: usize,
    pub skip: usize,
}

/// A block that is read.
#[derive(Clone, Copy)]
pub(super) struct Factor<'a> {
    pub data: &'a [f64],
    pub stride: usize,
    pub skip: usize,
}

/// The shape of a product.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    pub rows: usize,
    pub columns: usize,
    pub depth: usize,
}

impl Factor<'_> {
    fn view(&self, rows: usize, columns: usize) -> MatRef<'_, f64> {
        MatRef::from_column_major_slice_with_stride(&self.data[self.skip..], rows, columns, self.stride)
    }

    fn column(&self, j: usize) -> &[f64] {
        &self.data[j * self.stride + self.skip..]
    }
}

/// `y -= factor * x`.
#[inline]
pub(super) fn subtract_multiple(y: &mut [f64], x: &[f64], factor: f64) {
    for (y, x) in y.iter_mut().zip(x) {
        *y -= factor * x;
    }
}

/// `target -= left right^T`, where `left` has `rows` rows, `right` has `columns` rows, and both have `depth` columns.
pub(super) fn subtract_product(target: &mut Block<'_>, left: Factor<'_>, right: Factor<'_>, shape: Shape) {
    let Shape { rows, columns, depth } = shape;
    if rows * columns * depth < SMALL {
        for (j, column) in target.data.chunks_exact_mut(target.stride).enumerate() {
            for p in 0..depth {
                let factor = right.column(p)[j];
                if factor != 0.0 {
                    subtract_multiple(&mut column[target.skip..target.skip + rows], left.column(p), factor);
                }
            }
        }
        return;
    }
    let target = MatMut::from_column_major_slice_with_stride_mut(&mut target.data[target.skip..], rows, columns, target.stride);
    matmul(target, Accum::Add, left.view(rows, depth), right.view(columns, depth).transpose(), -1.0, Par::Seq);
}

/// The lower triangle of `target` (square, `order` rows) less that of `left right^T`, where `right` is stored without gaps.
pub(super) fn subtract_symmetric_product(target: &mut [f64], order: usize, left: Factor<'_>, right: &[f64], depth: usize) {
    if order * order * depth < 2 * SMALL {
        for (j, column) in target.chunks_exact_mut(order).enumerate() {
            for p in 0..depth {
                let factor = right[p * order + j];
                if factor != 0.0 {
                    subtract_multiple(&mut column[j..], &left.column(p)[j..], factor);
                }
            }
        }
        return;
    }
    triangular::matmul(
        MatMut::from_column_major_slice_mut(target, order, order),
        BlockStructure::TriangularLower,
        Accum::Add,
        left.view(order, depth),
        BlockStructure::Rectangular,
        MatRef::from_column_major_slice(right, order, depth).transpose(),
        BlockStructure::Rectangular,
        -1.0,
        Par::Seq,
    );
}
