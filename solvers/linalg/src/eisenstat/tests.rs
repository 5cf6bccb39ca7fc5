use super::*;
use crate::conjugate_gradient::ConjugateGradient;
use crate::preconditioner::Ssor;
use crate::relaxation_factor::RelaxationFactor;
use crate::scaling::Pivots;
use crate::split_matrix::SplitMatrix;
use crate::vector::norm;
use proptest::prelude::*;

type Compressed = (Vec<u32>, Vec<u32>, Vec<f64>);

/// A random symmetric matrix, diagonally dominant.
fn dominant(n: usize, edges: &[(usize, usize, f64)]) -> Compressed {
    let mut dense = vec![vec![0.0; n]; n];
    for &(i, j, value) in edges {
        if i != j {
            dense[i][j] = value;
            dense[j][i] = value;
        }
    }
    let (mut starts, mut columns, mut values) = (vec![0], Vec::new(), Vec::new());
    for (i, row) in dense.iter().enumerate() {
        let sum: f64 = row.iter().map(|value| value.abs()).sum();
        for (j, &value) in row.iter().enumerate() {
            if i == j || value != 0.0 {
                columns.push(u32::try_from(j).unwrap());
                values.push(if i == j { 1.05 * sum + 0.1 } else { value });
            }
        }
        starts.push(u32::try_from(columns.len()).unwrap());
    }
    (starts, columns, values)
}

fn edges(n: usize) -> impl Strategy<Value = Vec<(usize, usize, f64)>> {
    proptest::collection::vec((0..n, 0..n, -1.0..1.0_f64), 0..4 * n)
}

fn go_on(_: u64, _: f64) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

proptest! {
    #[test]
    fn the_scaled_product_is_the_product_with_the_matrix(edges in edges(20), x in proptest::collection::vec(-1.0..1.0, 20), omega in 0.3..1.9) {
        let (starts, columns, values) = dominant(20, &edges);
        let mut split = SplitMatrix::from_rows(20, &starts, &columns, &values).unwrap();
        let mut level = LevelMatrix::from_rows(20, &starts, &columns, &values).unwrap();
        split.set_shift(0.3).unwrap();
        level.set_shift(0.3).unwrap();
        let mut expected = vec![0.0; 20];
        split.multiply(&x, &mut expected);
        for pivots in [Pivots::Relaxed(RelaxationFactor::new(omega).unwrap()), Pivots::Incomplete { modification: 0.9 }] {
            level.prepare(pivots);
            let scaled: Vec<f64> = level.pattern().order.iter().zip(&level.scaling().scale).map(|(&old, scale)| x[old as usize] / scale).collect();
            let mut product = vec![0.0; 20];
            level.multiply_scaled(&scaled, &mut product);
            for ((found, &old), scale) in product.iter().zip(&level.pattern().order).zip(&level.scaling().scale) {
                prop_assert!((found / scale - expected[old as usize]).abs() < 1e-12);
            }
        }
    }

    /// The same method as plain SSOR-CG, iteration by iteration.
    #[test]
    fn iterates_and_counts_are_those_of_plain_ssor_cg(edges in edges(40), b in proptest::collection::vec(-1.0..1.0, 40), omega in 0.3..1.9) {
        let (starts, columns, values) = dominant(40, &edges);
        let split = SplitMatrix::from_rows(40, &starts, &columns, &values).unwrap();
        let mut level = LevelMatrix::from_rows(40, &starts, &columns, &values).unwrap();
        let omega = RelaxationFactor::new(omega).unwrap();
        level.prepare(Pivots::Relaxed(omega));
        let run = |max_iterations: u64, residual: f64| {
            let goal = Goal { residual, max_iterations };
            let (mut plain, mut ours) = (vec![0.0; 40], vec![0.0; 40]);
            let first = ConjugateGradient::new().solve(&split, &mut Ssor::new(&split, omega).unwrap(), &b, &mut plain, &goal, go_on);
            let second = EisenstatCg::new().solve(&level, &b, &mut ours, &goal, go_on);
            (plain, ours, first, second)
        };
        for most in [1, 3, 6] {
            let (plain, ours, ..) = run(most, 0.0);
            for (a, b) in plain.iter().zip(&ours) {
                prop_assert!((a - b).abs() < 1e-9, "{} iterations: {} {}", most, a, b);
            }
        }
        let (_, ours, first, second) = run(1000, 1e-8 * norm(&b));
        prop_assert_eq!(second.ending, Ending::Converged);
        // The residual is looked at when the recurrence suggests it, which may be a little late.
        prop_assert!(second.iterations + 1 >= first.iterations && second.iterations <= first.iterations + 3, "{:?} {:?}", first, second);
        let mut residual = vec![0.0; 40];
        split.residual(&ours, &b, &mut residual);
        prop_assert!(norm(&residual) <= 1.01e-8 * norm(&b));
    }
}

#[test]
fn values_that_are_not_symmetric_are_refused_and_change_nothing() {
    let (starts, columns, values) = dominant(3, &[(0, 1, -1.0), (1, 2, -0.5)]);
    let mut level = LevelMatrix::from_rows(3, &starts, &columns, &values).unwrap();
    let mut bad = values.clone();
    bad[1] = 7.0;
    assert!(matches!(level.set_values(&bad), Err(crate::MatrixError::NotSymmetric { row: 0, col: 1, .. })));
    bad[1] = f64::NAN;
    assert!(matches!(level.set_values(&bad), Err(crate::MatrixError::NotFinite { row: 0, col: 1, .. })));
    level.set_values(&values).unwrap();
    assert!(level.set_shift(-100.0).is_err());
    assert!(LevelMatrix::from_rows(2, &[0, 2, 3], &[0, 1, 1], &[1.0, 0.5, 1.0]).is_err());
}
