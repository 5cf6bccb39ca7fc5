//! Why a system has no solution.

use fathom_opt_linalg::norm;
use fathom_opt_problems::linear_sequence::{Change, LinearSequence};
use fathom_opt_problems::sparse::SparseMatrix;

use crate::expansion::Expansion;

/// What was found about a system that was not solved.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Inconsistency {
    /// Shown beyond rounding: no `x` reaches the goal.
    Shown(String),
    /// Seen to within rounding; there may be a solution all the same.
    Seen(String),
}

/// To within rounding a vector `v` counts as orthogonal to a column when the product is below this part of the sum of magnitudes that it was summed from.
const ORTHOGONAL: f64 = 1e-12;
/// The same for a residual, which is in the null space only as far as the iteration got.
const NEARLY_ORTHOGONAL: f64 = 1e-8;
/// Entries of the residual are rounded to multiples of this part of the largest one: the vector that it came close to is often one of such numbers.
const GRID: f64 = 1.0 / 1_048_576.0;
/// The rounding errors of a norm, generously.
const ROUNDING: f64 = 1e-6;

/// Looks for a reason why no `x` brings `||b - A x||_2` of system `index` down to `goal`, with the help of the residual of the best `x` that was found.
///
/// Where `A^T v = 0`, every `x` has `v . (b - A x) = v . b`, so no residual is smaller than `|v . b| / ||v||`. Tried are the constant vector, which the matrices of pure
/// Neumann problems and graph Laplacians take to zero, and the residual, which conjugate gradients leave in the null space of a singular matrix. It is shown only where
/// every product of `v` with a column is zero without any rounding, what is added to the diagonal being a term of its own: a matrix that looks singular need not be.
pub(crate) fn inconsistency(problem: &LinearSequence, index: usize, residual: &[f64], goal: f64) -> Option<Inconsistency> {
    let columns = Columns::of(problem, index);
    let b = &problem.steps()[index].rhs;
    let ones = vec![1.0; b.len()];
    let largest = residual.iter().fold(0.0_f64, |largest, entry| largest.max(entry.abs()));
    // No vector at all where the residual is no number.
    let of_residual: Vec<f64> = residual.iter().map(|entry| entry / largest).filter(|entry| entry.is_finite()).collect();
    let of_residual = if of_residual.len() == b.len() { of_residual } else { vec![0.0; b.len()] };
    let rounded: Vec<f64> = of_residual.iter().map(|entry| (entry / GRID).round() * GRID).collect();
    let named = [
        (&ones, "the columns of the matrix sum to zero, and the right-hand side does not"),
        (&rounded, "a vector is orthogonal to every column of the matrix, and not to the right-hand side"),
    ];
    for (v, reason) in named {
        let Some(least) = least_residual(v, b).filter(|least| *least > (1.0 + ROUNDING) * goal) else { continue };
        if columns.are_orthogonal_to(v) {
            let share = least / norm(b);
            return Some(Inconsistency::Shown(format!(
                "the system has no solution: {reason}; it has a component of {share:.2e} of its norm that no x takes away"
            )));
        }
    }
    let named = [
        (&ones, ORTHOGONAL, "the columns of the matrix sum to zero"),
        (&of_residual, NEARLY_ORTHOGONAL, "the matrix takes the residual to zero"),
    ];
    named.into_iter().find_map(|(v, part, seen)| {
        let least = least_residual(v, b)?;
        (least > goal && columns.seem_orthogonal_to(v, part)).then(|| {
            Inconsistency::Seen(format!("to within rounding {seen}, but not the right-hand side: the matrix is singular or close to it, and the system may be one that no x solves"))
        })
    })
}

/// `|v . b| / ||v||`, summed without rounding; nothing where that is no number.
fn least_residual(v: &[f64], b: &[f64]) -> Option<f64> {
    let mut sum = Expansion::default();
    for (v, b) in v.iter().zip(b) {
        sum.add_product(*v, *b);
    }
    Some((sum.value()? / norm(v)).abs()).filter(|least| least.is_finite())
}

/// The columns of one system's matrix, and what is added to its diagonal.
struct Columns<'a> {
    matrix: SparseMatrix,
    change: &'a Change,
}

impl<'a> Columns<'a> {
    fn of(problem: &'a LinearSequence, index: usize) -> Self {
        let change = &problem.steps()[index].change;
        let assembled = problem.matrix(index);
        let given = match change {
            // Assembled, the sum would be rounded.
            Change::Shift(_) | Change::Diagonal(_) => problem.base(),
            Change::None | Change::Values(_) | Change::Matrix(_) => &assembled,
        };
        Self { matrix: given.to_csc(), change }
    }

    fn added(&self, row: usize) -> f64 {
        match self.change {
            Change::Shift(shift) => *shift,
            Change::Diagonal(diagonal) => diagonal[row],
            Change::None | Change::Values(_) | Change::Matrix(_) => 0.0,
        }
    }

    /// Whether `A^T v` is zero, without rounding; false also where that cannot be told.
    fn are_orthogonal_to(&self, v: &[f64]) -> bool {
        let mut sum = Expansion::default();
        self.matrix.outer_iterator().enumerate().all(|(index, column)| {
            sum.clear();
            for (row, value) in column.iter() {
                sum.add_product(*value, v[row]);
            }
            sum.add_product(self.added(index), v[index]);
            sum.value() == Some(0.0)
        })
    }

    /// Whether every entry of `A^T v` is below `part` of the magnitudes that it is summed from. A product that underflows is not small but unknown.
    fn seem_orthogonal_to(&self, v: &[f64], part: f64) -> bool {
        v.iter().any(|entry| *entry != 0.0)
            && self.matrix.outer_iterator().enumerate().all(|(index, column)| {
                let factors = column.iter().map(|(row, value)| (*value, v[row])).chain([(self.added(index), v[index])]);
                let (mut sum, mut size, mut known) = (0.0_f64, 0.0_f64, true);
                for (value, entry) in factors {
                    let product = value * entry;
                    known &= product != 0.0 || value == 0.0 || entry.abs() < GRID;
                    sum += product;
                    size += product.abs();
                }
                known && size.is_finite() && sum.abs() <= part * size
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fathom_opt_problems::linear_sequence::{RelativeTo, Start, System};
    use fathom_opt_problems::sparse::MatrixData;

    fn found(entries: &[(u32, u32, f64)], change: Change, b: [f64; 2], residual: [f64; 2]) -> Option<Inconsistency> {
        let matrix = MatrixData { rows: 2, cols: 2, symmetric: false, entries: entries.to_vec() }.to_matrix().unwrap();
        let steps = vec![System { change, rhs: b.to_vec() }];
        let problem = LinearSequence::new(matrix, steps, 1e-8, RelativeTo::Rhs, Start::Zero).unwrap();
        inconsistency(&problem, 0, &residual, 1e-8)
    }

    const LAPLACIAN: [(u32, u32, f64); 4] = [(0, 0, 1.0), (0, 1, -1.0), (1, 0, -1.0), (1, 1, 1.0)];

    #[expect(clippy::needless_pass_by_value, reason = "what is found is asked for nothing else")]
    fn assert_shown(found: Option<Inconsistency>, words: &str) {
        assert!(matches!(&found, Some(Inconsistency::Shown(said)) if said.contains("no solution") && said.contains(words)), "{found:?}");
    }

    #[test]
    fn vectors_that_every_column_is_orthogonal_to_exactly_show_it() {
        assert_shown(found(&LAPLACIAN, Change::None, [3.0, 1.0], [2.0, 2.0]), "the columns of the matrix sum to zero");
        assert_shown(found(&LAPLACIAN, Change::Shift(0.0), [3.0, 1.0], [2.0, 2.0]), "8.94e-1 of its norm");
        assert_eq!(found(&LAPLACIAN, Change::None, [1.0, -1.0], [0.1, -0.1]), None);
        let ones = [(0, 0, 3.0), (0, 1, 3.0), (1, 0, 3.0), (1, 1, 3.0)];
        assert_shown(found(&ones, Change::None, [3.0, 1.0], [1.0, -1.0 + 1e-9]), "a vector is orthogonal");
        // A column of its own size, and one that is nothing but its shift.
        let regular = [(0, 0, 2.0), (0, 1, -1.0), (1, 0, -1.0), (1, 1, 2.0)];
        assert_eq!(found(&regular, Change::None, [1.0, 1.0], [1.0, 1.0]), None);
    }

    #[test]
    fn what_is_zero_only_to_within_rounding_shows_nothing() {
        for shift in [1e-14, 1e-15, 1e-16, -1e-300] {
            let found = found(&LAPLACIAN, Change::Shift(shift), [1.0, 1.0], [1.0, 1.0]);
            assert!(matches!(&found, Some(Inconsistency::Seen(said)) if !said.contains("no solution")), "{shift:e}: {found:?}");
        }
        let ones = [(0, 0, 1e8), (0, 1, 1e8), (1, 0, 1e8), (1, 1, 1e8)];
        let found = found(&ones, Change::Shift(1e-6), [-1.0, 1.0], [-1.0, 1.0]);
        assert!(matches!(found, Some(Inconsistency::Seen(_))), "{found:?}");
    }

    #[test]
    fn rows_that_sum_to_zero_show_nothing_where_the_columns_do_not() {
        // x = (1, 0).
        let entries = [(0, 0, 1.0), (0, 1, -1.0), (1, 0, -2.0), (1, 1, 2.0)];
        assert_eq!(found(&entries, Change::None, [1.0, -2.0], [1.0, -2.0]), None);
        assert_shown(found(&entries, Change::None, [1.0, 0.0], [1.0, 0.5]), "a vector is orthogonal");
    }

    #[test]
    fn numbers_beyond_the_range_show_nothing() {
        assert_eq!(found(&[(0, 0, 1e-310), (1, 1, 1e-310)], Change::None, [1e-150, 2e-150], [1e-150, 2e-150]), None);
        assert_eq!(found(&[(0, 0, 5e11), (1, 1, 1e139)], Change::None, [0.0, -1e300], [f64::NAN, f64::INFINITY]), None);
        assert_eq!(found(&[(0, 0, 1e300), (1, 1, 1e300)], Change::None, [1e308, 1e308], [1e308, 1e308]), None);
        assert_eq!(found(&[(0, 0, 5e-324), (1, 1, 5e-324)], Change::None, [1.0, 1.0], [1.0, 0.1]), None);
    }
}
