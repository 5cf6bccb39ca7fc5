//! The inertia and the solutions of the indefinite factor against dense eigenvalues.

use fathom_opt_linalg::{Inertia, LdlError, LdlOptions, SparseLdl, SymmetricPattern};
use nalgebra::DMatrix;
use proptest::prelude::*;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

fn index(i: usize) -> u32 {
    u32::try_from(i).unwrap()
}

/// A symmetric matrix by its entries of one triangle.
#[derive(Clone)]
struct Matrix {
    n: usize,
    entries: Vec<(u32, u32, f64)>,
}

impl Matrix {
    fn dense(&self) -> DMatrix<f64> {
        let mut dense = DMatrix::zeros(self.n, self.n);
        for &(i, j, value) in &self.entries {
            dense[(i as usize, j as usize)] += value;
            if i != j {
                dense[(j as usize, i as usize)] += value;
            }
        }
        dense
    }

    fn pattern(&self) -> (SymmetricPattern, Vec<f64>) {
        let places: Vec<(u32, u32)> = self.entries.iter().map(|&(i, j, _)| (i, j)).collect();
        let (pattern, positions) = SymmetricPattern::from_entries(self.n, &places).unwrap();
        let mut values = vec![0.0; pattern.entries()];
        for (&position, &(_, _, value)) in positions.iter().zip(&self.entries) {
            values[position] += value;
        }
        (pattern, values)
    }

    /// `S A S`, which has the inertia of `A` (Sylvester).
    fn scaled(&self, scales: &[f64]) -> Self {
        let entries = self.entries.iter().map(|&(i, j, value)| (i, j, value * scales[i as usize] * scales[j as usize])).collect();
        Self { n: self.n, entries }
    }

    fn inertia_by_eigenvalues(&self) -> Inertia {
        let eigenvalues = self.dense().symmetric_eigenvalues();
        let largest = eigenvalues.amax();
        let mut inertia = Inertia::default();
        for &value in &eigenvalues {
            if value.abs() <= 1e-11 * largest {
                inertia.zero += 1;
            } else if value > 0.0 {
                inertia.positive += 1;
            } else {
                inertia.negative += 1;
            }
        }
        inertia
    }
}

fn small_integer(rng: &mut impl Rng) -> f64 {
    f64::from(rng.random_range(1..=3_i32)) * if rng.random() { 1.0 } else { -1.0 }
}

/// A KKT matrix `[H J'; J 0]` of `n` variables and `m` constraints; `dependent` of these repeat sums of others, and `H` has rank `curved` at most
/// and may be indefinite. Entries are small integers, so that dependence is exact.
fn kkt(rng: &mut ChaCha8Rng, n: usize, m: usize, dependent: usize, convex: bool) -> Matrix {
    let mut entries = Vec::new();
    for i in 0..n {
        if rng.random_bool(0.8) {
            let value = small_integer(rng);
            entries.push((index(i), index(i), if convex { value.abs() } else { value }));
        }
        if !convex && i > 0 && rng.random_bool(0.5) {
            entries.push((index(i), index(rng.random_range(0..i)), small_integer(rng)));
        }
    }
    let mut rows: Vec<Vec<f64>> = Vec::new();
    for row in 0..m {
        let mut values = vec![0.0; n];
        if row >= m - dependent && row > 1 {
            let (first, second) = (rng.random_range(0..row), rng.random_range(0..row));
            for (j, value) in values.iter_mut().enumerate() {
                *value = rows[first][j] + rows[second][j];
            }
        } else {
            for _ in 0..3.min(n) {
                values[rng.random_range(0..n)] = small_integer(rng);
            }
        }
        rows.push(values);
    }
    for (row, values) in rows.iter().enumerate() {
        for (j, &value) in values.iter().enumerate().filter(|&(_, &value)| value != 0.0) {
            entries.push((index(n + row), index(j), value));
        }
    }
    Matrix { n: n + m, entries }
}

fn factored(matrix: &Matrix) -> (SparseLdl, Inertia) {
    let (pattern, values) = matrix.pattern();
    let mut ldl = SparseLdl::analyse(pattern, &values, LdlOptions::default()).unwrap();
    let inertia = ldl.factor(&values, &|| false).unwrap();
    (ldl, inertia)
}

#[test]
fn the_inertia_of_kkt_matrices_is_that_of_their_eigenvalues() {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let (mut singular, mut indefinite) = (0, 0);
    for round in 0..400 {
        let n = rng.random_range(1..40);
        let m = rng.random_range(0..=n);
        let dependent = if round % 3 == 0 { rng.random_range(0..=m.min(4)) } else { 0 };
        let matrix = kkt(&mut rng, n, m, dependent, round % 2 == 0);
        let expected = matrix.inertia_by_eigenvalues();
        let (ldl, inertia) = factored(&matrix);
        assert_eq!(inertia, expected, "round {round}: n = {n}, m = {m}, {dependent} dependent");
        singular += usize::from(expected.zero > 0);
        indefinite += usize::from(expected.negative > 0);
        // Scales from 1e-60 to 1e60 change no sign.
        let scales: Vec<f64> = (0..matrix.n).map(|_| 2.0_f64.powi(rng.random_range(-200..200))).collect();
        let (_, inertia) = factored(&matrix.scaled(&scales));
        assert_eq!(inertia, expected, "round {round}, scaled");
        if expected.zero == 0 {
            let truth: Vec<f64> = (0..matrix.n).map(|i| (i % 7) as f64 - 3.0).collect();
            let b = matrix.dense() * nalgebra::DVector::from_vec(truth);
            let mut x = vec![0.0; matrix.n];
            let refined = ldl.solve_refined(b.as_slice(), &mut x);
            assert!(refined.backward_error < 1e-14, "round {round}: backward error {}", refined.backward_error);
        }
    }
    assert!(singular >= 60 && indefinite >= 300, "{singular} singular, {indefinite} indefinite");
}

#[test]
fn large_dense_fronts_agree_with_dense_eigenvalues() {
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    for (n, m) in [(120, 50), (90, 90), (150, 0), (20, 130)] {
        let mut entries = Vec::new();
        for i in 0..n + m {
            for j in 0..=i {
                if i < n || j < n {
                    entries.push((index(i), index(j), rng.random_range(-1.0..1.0)));
                }
            }
        }
        let matrix = Matrix { n: n + m, entries };
        let (ldl, inertia) = factored(&matrix);
        let expected = matrix.inertia_by_eigenvalues();
        assert_eq!(inertia, expected, "{n} + {m}");
        let b: Vec<f64> = (0..n + m).map(|_| rng.random_range(-1.0..1.0)).collect();
        let mut x = vec![0.0; n + m];
        if expected.zero == 0 {
            assert!(ldl.solve_refined(&b, &mut x).backward_error < 1e-14);
        }
    }
}

#[test]
fn a_matrix_of_nothing_is_all_zero_eigenvalues() {
    let (_, inertia) = factored(&Matrix { n: 5, entries: vec![(0, 0, 0.0), (3, 1, 0.0)] });
    assert_eq!(inertia, Inertia { positive: 0, negative: 0, zero: 5 });
    let (_, inertia) = factored(&Matrix { n: 0, entries: Vec::new() });
    assert_eq!(inertia, Inertia::default());
}

#[test]
fn values_that_are_not_finite_are_refused_by_their_place() {
    let matrix = Matrix { n: 3, entries: vec![(0, 0, 1.0), (2, 1, f64::NAN)] };
    let (pattern, values) = matrix.pattern();
    let found = SparseLdl::analyse(pattern, &values, LdlOptions::default()).unwrap_err();
    assert_eq!(found, LdlError::NotFinite { row: 2, column: 1 });
}

#[test]
fn memory_is_limited_and_a_stop_is_heard() {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let matrix = kkt(&mut rng, 30, 10, 0, true);
    let (pattern, values) = matrix.pattern();
    let mut small = SparseLdl::analyse(pattern.clone(), &values, LdlOptions { max_entries: 50, ..LdlOptions::default() }).unwrap();
    assert_eq!(small.factor(&values, &|| false), Err(LdlError::Memory));
    assert_eq!(small.inertia(), None);
    let mut ldl = SparseLdl::analyse(pattern, &values, LdlOptions::default()).unwrap();
    assert_eq!(ldl.factor(&values, &|| true), Err(LdlError::Interrupted));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn renaming_the_variables_changes_nothing(seed in 0_u64..1000) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let matrix = kkt(&mut rng, 12, 6, 1, false);
        let mut names: Vec<u32> = (0..index(matrix.n)).collect();
        for i in (1..names.len()).rev() {
            names.swap(i, rng.random_range(0..=i));
        }
        let entries = matrix.entries.iter().map(|&(i, j, value)| (names[i as usize], names[j as usize], value)).collect();
        let renamed = Matrix { n: matrix.n, entries };
        prop_assert_eq!(factored(&matrix).1, factored(&renamed).1);
    }
}
