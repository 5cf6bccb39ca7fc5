//! The residual norms of the checker.

use super::exact_sum::ExactSum;
use super::sequence::LinearSequence;
use super::system::{Change, RelativeTo, Start};
use crate::sparse::SparseMatrix;

impl LinearSequence {
    /// `||b_t - A_t x|| / reference` of system `t`, as the checker computes it: 0 where the residual is exactly zero, [`f64::MAX`] where it is beyond all numbers or
    /// where the reference is zero and the residual is not. `previous` is the solution of the system before, where the reference needs it; nothing is returned when it
    /// does and is not given, or when a vector has another length than there are unknowns.
    ///
    /// A caller that does not keep `x` can have it checked here before it is gone.
    pub fn relative_residual(&self, t: usize, x: &[f64], previous: Option<&[f64]>) -> Option<f64> {
        let fits = |vector: &[f64]| vector.len() == self.dimension();
        if t >= self.steps().len() || !fits(x) || !previous.is_none_or(fits) {
            return None;
        }
        if !x.iter().chain(previous.unwrap_or_default()).all(|value| value.is_finite()) {
            return Some(f64::MAX);
        }
        let reference = match (self.relative_to(), self.start()) {
            (RelativeTo::InitialResidual, Start::Previous) if t > 0 => residual_norm(self, t, previous?, 0.0),
            _ => self.steps()[t].rhs.iter().fold(Norm::default(), |norm, &entry| norm.with(entry)).value(),
        };
        let residual = residual_norm(self, t, x, self.tolerance() * reference);
        Some(if residual == 0.0 {
            0.0
        } else if reference == 0.0 {
            f64::MAX
        } else {
            (residual / reference).min(f64::MAX)
        })
    }
}

/// An error of this part of an entry, or of the norm that the residual is held against, changes nothing that anybody reads.
const NEGLIGIBLE: f64 = 1e-10;

/// `||b_t - A_t x||_2`, from the stored data, right to ten digits unless it is far below `goal`.
///
/// Each row is summed with its rounding errors kept beside it (Ogita, Rump, Oishi 2005, algorithm Dot2); where the error bound of that says that it might not be enough, the
/// row is summed again without any rounding.
fn residual_norm(problem: &LinearSequence, t: usize, x: &[f64], goal: f64) -> f64 {
    let row_goal = NEGLIGIBLE * goal / (problem.dimension() as f64).sqrt();
    let rows = Rows::of(problem, t);
    let mut norm = Norm::default();
    for (row, &b) in rows.rhs.iter().enumerate() {
        let mut sum = TwoSum::new(b);
        rows.products(row, x, |a, b| sum.subtract_product(a, b));
        let bound = sum.error_bound();
        let mut entry = sum.value();
        if !(entry.is_finite() && (bound <= NEGLIGIBLE * entry.abs() || bound <= row_goal)) {
            let mut exact = ExactSum::new();
            exact.add_product(b, 1.0);
            rows.products(row, x, |a, b| exact.add_product(-a, b));
            entry = exact.value();
        }
        norm = norm.with(entry);
    }
    norm.value()
}

/// The rows of one system's matrix and its right-hand side.
struct Rows<'a> {
    starts: &'a [u32],
    columns: &'a [u32],
    values: &'a [f64],
    change: &'a Change,
    rhs: &'a [f64],
}

impl<'a> Rows<'a> {
    fn of(problem: &'a LinearSequence, t: usize) -> Self {
        let step = &problem.steps()[t];
        let base = problem.base();
        let (matrix, values): (&SparseMatrix, &[f64]) = match &step.change {
            Change::Matrix(matrix) => (matrix, matrix.data()),
            Change::Values(values) => (base, values),
            Change::None | Change::Shift(_) | Change::Diagonal(_) => (base, base.data()),
        };
        Self { starts: matrix.indptr().into_raw_storage(), columns: matrix.indices(), values, change: &step.change, rhs: &step.rhs }
    }

    /// The two factors of every product in row `row` of `A_t x`; what is added to the diagonal is a product of its own, as it stands in the data.
    fn products(&self, row: usize, x: &[f64], mut product: impl FnMut(f64, f64)) {
        for k in self.starts[row] as usize..self.starts[row + 1] as usize {
            product(self.values[k], x[self.columns[k] as usize]);
        }
        match self.change {
            Change::Shift(shift) => product(*shift, x[row]),
            Change::Diagonal(diagonal) => product(diagonal[row], x[row]),
            Change::None | Change::Values(_) | Change::Matrix(_) => {}
        }
    }
}

/// A Euclidean norm as a scaled sum of squares, so that neither huge nor tiny entries overflow or vanish.
#[derive(Clone, Copy)]
struct Norm {
    scale: f64,
    sum_of_squares: f64,
}

impl Default for Norm {
    fn default() -> Self {
        Self { scale: 0.0, sum_of_squares: 1.0 }
    }
}

impl Norm {
    fn with(self, entry: f64) -> Self {
        let entry = entry.abs();
        if entry > self.scale {
            // Once infinite, always infinite: no number says how wrong such a product is.
            let ratio = if entry.is_finite() { self.scale / entry } else { 0.0 };
            Self { scale: entry, sum_of_squares: 1.0 + self.sum_of_squares * ratio.powi(2) }
        } else if entry > 0.0 && self.scale.is_finite() {
            Self { sum_of_squares: self.sum_of_squares + (entry / self.scale).powi(2), ..self }
        } else {
            self
        }
    }

    /// JSON knows no infinity: the largest number stands for it.
    fn value(self) -> f64 {
        if self.scale == 0.0 { 0.0 } else { (self.scale * self.sum_of_squares.sqrt()).min(f64::MAX) }
    }
}

/// A running sum with its rounding errors kept beside it.
struct TwoSum {
    sum: f64,
    error: f64,
    /// The sum of all magnitudes, which the error bound is relative to.
    magnitude: f64,
    terms: f64,
    /// Whether the rounding error of some product is below the range of `f64`, or the product itself beyond it.
    out_of_range: bool,
}

/// The rounding error of a product above this is a number of `f64`.
const SMALLEST_PRODUCT: f64 = 1e-280;

impl TwoSum {
    fn new(start: f64) -> Self {
        Self { sum: start, error: 0.0, magnitude: start.abs(), terms: 1.0, out_of_range: false }
    }

    fn subtract_product(&mut self, a: f64, b: f64) {
        if a == 0.0 || b == 0.0 {
            return;
        }
        let product = -(a * b);
        self.out_of_range |= !(product.abs() > SMALLEST_PRODUCT && product.is_finite());
        let product_error = (-a).mul_add(b, -product);
        let sum = self.sum + product;
        let part = sum - self.sum;
        self.error += (self.sum - (sum - part)) + (product - part) + product_error;
        self.sum = sum;
        self.magnitude += product.abs();
        self.terms += 1.0;
    }

    fn value(&self) -> f64 {
        self.sum + self.error
    }

    /// How far [`TwoSum::value`] may be from the sum, apart from its own last bit: twice the bound of the algorithm's authors (their Proposition 5.5).
    fn error_bound(&self) -> f64 {
        if self.out_of_range { f64::INFINITY } else { 2.0 * (self.terms * f64::EPSILON).powi(2) * self.magnitude }
    }
}

#[cfg(test)]
mod tests {
    use super::super::System;
    use super::*;
    use crate::sparse::MatrixData;

    fn single(entries: Vec<(u32, u32, f64)>, rhs: Vec<f64>) -> LinearSequence {
        let n = u32::try_from(rhs.len()).unwrap();
        LinearSequence::single(MatrixData { rows: n, cols: n, symmetric: false, entries }.to_matrix().unwrap(), rhs, 1e-8).unwrap()
    }

    #[test]
    fn residuals_far_below_twice_the_working_precision_are_seen() {
        // 1e40 - 1e40 + 1 loses the 1 even when rounding errors are kept in a second double.
        let problem = single(vec![(0, 0, 1e40), (0, 1, 1.0), (0, 2, -1e40), (1, 1, 1.0), (2, 2, 1.0)], vec![0.0, 1.0, 1.0]);
        let found = problem.relative_residual(0, &[1.0; 3], None).unwrap();
        assert!((found - 1.0 / 2.0_f64.sqrt()).abs() < 1e-15, "{found}");
    }

    #[test]
    fn residuals_are_right_at_every_scale() {
        for scale in [1e-300, 1e-150, 1e-12, 1.0, 1e150, 1e300] {
            for size in [1e-150, 1.0, 1e150] {
                let rhs: [f64; 2] = [3.0 * scale * size, scale * size];
                if rhs.iter().any(|b| *b == 0.0 || !b.is_finite()) {
                    continue;
                }
                let problem = single(vec![(0, 0, 2.0 * scale), (0, 1, scale), (1, 1, scale)], rhs.to_vec());
                let found = problem.relative_residual(0, &[size, size * (1.0 + 1e-9)], None).unwrap();
                let expected = 1e-9 * 2.0_f64.sqrt() / 10.0_f64.sqrt();
                assert!((found / expected - 1.0).abs() < 1e-6, "{scale:e} {size:e}: {found:e}");
            }
        }
    }

    #[test]
    fn a_shift_is_added_exactly() {
        let matrix = MatrixData { rows: 1, cols: 1, symmetric: false, entries: vec![(0, 0, 1.0)] }.to_matrix().unwrap();
        let steps = vec![System { change: Change::Shift(1e-30), rhs: vec![1.0] }];
        let problem = LinearSequence::new(matrix, steps, 1e-8, RelativeTo::Rhs, Start::Zero).unwrap();
        assert_eq!(problem.relative_residual(0, &[1.0], None), Some(1e-30));
    }

    #[test]
    fn vectors_that_do_not_fit_have_no_residual() {
        let problem = single(vec![(0, 0, 1.0)], vec![1.0]);
        assert_eq!(problem.relative_residual(0, &[1.0, 2.0], None), None);
        assert_eq!(problem.relative_residual(1, &[1.0], None), None);
    }
}
