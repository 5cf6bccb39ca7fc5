//! All solvers against elimination in four-fold precision, on random systems of every scale, singular ones and nearly singular ones among them.
//!
//! `FATHOM_DIFFERENTIAL=20000 cargo test --release -p fathom-opt-relaxation --test differential -- --nocapture` is the long run.

#![allow(clippy::cast_possible_truncation, clippy::needless_range_loop, reason = "elimination as textbooks write it")]

use std::collections::BTreeMap;

use fathom_opt_core::{Run, Solver, Status};
use fathom_opt_problems::Problem;
use fathom_opt_problems::linear_sequence::{Change, LinearSequence, RelativeTo, Start, System};
use fathom_opt_problems::sparse::{MatrixData, SparseMatrix};
use fathom_opt_relaxation::{Auto, BySor, BySsorCg, Keep, OmegaBandit, OmegaContextual, SorFixed, SsorCgFixed};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A number as the unevaluated sum of two doubles, about 32 digits.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Double2(f64, f64);

impl Double2 {
    const ZERO: Self = Self(0.0, 0.0);

    fn of(value: f64) -> Self {
        Self(value, 0.0)
    }

    fn normal(high: f64, low: f64) -> Self {
        let sum = high + low;
        Self(sum, low - (sum - high))
    }

    fn plus(self, other: Self) -> Self {
        let sum = self.0 + other.0;
        let part = sum - self.0;
        let error = (self.0 - (sum - part)) + (other.0 - part);
        Self::normal(sum, error + self.1 + other.1)
    }

    fn times(self, other: Self) -> Self {
        let product = self.0 * other.0;
        let error = self.0.mul_add(other.0, -product);
        Self::normal(product, error + self.0 * other.1 + self.1 * other.0)
    }

    fn negative(self) -> Self {
        Self(-self.0, -self.1)
    }

    fn over(self, other: Self) -> Self {
        let first = self.0 / other.0;
        let rest = self.plus(other.times(Self::of(-first)));
        let second = rest.0 / other.0;
        let rest = rest.plus(other.times(Self::of(-second)));
        Self::normal(first, second).plus(Self::of(rest.0 / other.0))
    }
}

/// A dense system `A x = b` of order one: rows and the right-hand side divided by powers of two.
struct Dense {
    rows: Vec<Vec<Double2>>,
    b: Vec<Double2>,
    matrix_exponent: i32,
    b_exponent: i32,
}

fn exponent(largest: f64) -> i32 {
    if largest == 0.0 { 0 } else { largest.log2().round() as i32 }
}

fn shrunk(value: f64, by: i32) -> f64 {
    // In two steps, since the power itself may be out of range.
    value * 2.0_f64.powi(-by / 2) * 2.0_f64.powi(-(by - by / 2))
}

impl Dense {
    fn of(problem: &LinearSequence, t: usize) -> Self {
        let n = problem.dimension();
        let step = &problem.steps()[t];
        let (matrix, added): (std::borrow::Cow<SparseMatrix>, Vec<f64>) = match &step.change {
            Change::Shift(shift) => (std::borrow::Cow::Borrowed(problem.base()), vec![*shift; n]),
            Change::Diagonal(diagonal) => (std::borrow::Cow::Borrowed(problem.base()), diagonal.clone()),
            _ => (problem.matrix(t), vec![0.0; n]),
        };
        let largest = matrix.data().iter().chain(&added).fold(0.0_f64, |largest, value| largest.max(value.abs()));
        let matrix_exponent = exponent(largest);
        let b_exponent = exponent(step.rhs.iter().fold(0.0_f64, |largest, value| largest.max(value.abs())));
        let mut rows = vec![vec![Double2::ZERO; n]; n];
        for (value, (row, col)) in matrix.iter() {
            rows[row as usize][col as usize] = Double2::of(shrunk(*value, matrix_exponent));
        }
        for (i, added) in added.iter().enumerate() {
            rows[i][i] = rows[i][i].plus(Double2::of(shrunk(*added, matrix_exponent)));
        }
        let b = step.rhs.iter().map(|b| Double2::of(shrunk(*b, b_exponent))).collect();
        Self { rows, b, matrix_exponent, b_exponent }
    }

    /// `||b - A x|| / ||b||`.
    fn relative_residual(&self, x: &[f64]) -> f64 {
        let x: Vec<f64> = x.iter().map(|x| shrunk(*x, self.b_exponent - self.matrix_exponent)).collect();
        let squares = self.rows.iter().zip(&self.b).map(|(row, b)| {
            let entry = row.iter().zip(&x).fold(*b, |sum, (a, x)| sum.plus(a.times(Double2::of(-x))));
            entry.0 * entry.0
        });
        let size: f64 = self.b.iter().map(|b| b.0 * b.0).sum();
        (squares.sum::<f64>() / size).sqrt()
    }

    /// The solution, rounded, and the smallest over the largest pivot; elimination with complete pivoting.
    fn solved(&self) -> Option<(Vec<f64>, f64)> {
        let n = self.b.len();
        let (mut rows, mut b) = (self.rows.clone(), self.b.clone());
        let mut columns: Vec<usize> = (0..n).collect();
        let (mut least, mut most) = (f64::INFINITY, 0.0_f64);
        for k in 0..n {
            let places = (k..n).flat_map(|i| (k..n).map(move |j| (i, j)));
            let (i, j) = places.max_by(|a, b| rows[a.0][a.1].0.abs().total_cmp(&rows[b.0][b.1].0.abs()))?;
            rows.swap(k, i);
            b.swap(k, i);
            columns.swap(k, j);
            for row in &mut rows {
                row.swap(k, j);
            }
            let pivot = rows[k][k];
            (least, most) = (least.min(pivot.0.abs()), most.max(pivot.0.abs()));
            if pivot.0 == 0.0 {
                return None;
            }
            for i in k + 1..n {
                let factor = rows[i][k].over(pivot).negative();
                for j in k..n {
                    rows[i][j] = rows[i][j].plus(factor.times(rows[k][j]));
                }
                b[i] = b[i].plus(factor.times(b[k]));
            }
        }
        let mut solution = vec![Double2::ZERO; n];
        for k in (0..n).rev() {
            let sum = (k + 1..n).fold(b[k], |sum, j| sum.plus(rows[k][j].times(solution[j]).negative()));
            solution[k] = sum.over(rows[k][k]);
        }
        let mut x = vec![0.0; n];
        for (k, column) in columns.into_iter().enumerate() {
            x[column] = shrunk(solution[k].0, self.matrix_exponent - self.b_exponent);
        }
        Some((x, least / most))
    }
}

struct Generator {
    rng: ChaCha8Rng,
}

impl Generator {
    fn chance(&mut self, part: f64) -> bool {
        self.rng.random::<f64>() < part
    }

    fn below(&mut self, n: usize) -> usize {
        self.rng.random_range(0..n)
    }

    fn signed(&mut self) -> f64 {
        self.rng.random_range(-1.0..1.0)
    }

    fn scale(&mut self, decades: f64) -> f64 {
        10.0_f64.powf(decades * self.signed())
    }

    /// The base matrix: symmetric, of one of the kinds that make trouble.
    fn matrix(&mut self, n: usize) -> Vec<Vec<f64>> {
        let kind = self.below(8);
        let mut a = vec![vec![0.0; n]; n];
        for i in 0..n {
            for j in 0..i {
                if self.chance(0.5) || j + 1 == i {
                    let value = match kind {
                        0 => -1.0,
                        1 => -self.rng.random::<f64>(),
                        _ => self.signed(),
                    };
                    a[i][j] = value;
                    a[j][i] = value;
                }
            }
        }
        for i in 0..n {
            let sum: f64 = a[i].iter().map(|value| value.abs()).sum();
            a[i][i] = match kind {
                // Singular, or next to it.
                0 => sum.max(1.0) * if self.chance(0.3) { 1.0 + self.scale(16.0).min(1.0) } else { 1.0 },
                1 => sum.max(1e-3) * (1.0 + 1e-12),
                // Perhaps indefinite.
                2 => 0.5 * sum + 0.1,
                3 => sum * (1.0 + 1e-6) + 1e-9,
                _ => 1.1 * sum + 0.1,
            };
        }
        if kind == 6 {
            // Badly scaled, symmetrically.
            let scales: Vec<f64> = (0..n).map(|_| self.scale(8.0)).collect();
            for i in 0..n {
                for j in 0..=i {
                    let value = a[i][j] * scales[i] * scales[j];
                    a[i][j] = value;
                    a[j][i] = value;
                }
            }
        }
        if kind == 7 && n > 1 {
            // Not quite symmetric.
            a[0][1] *= 1.0 + self.scale(8.0) * 1e-12;
        }
        let scale = if self.chance(0.3) { 1.0 } else { self.scale(150.0) };
        a.iter_mut().flatten().for_each(|value| *value *= scale);
        a
    }

    fn problem(&mut self) -> LinearSequence {
        let n = 1 + self.below(10);
        let a = self.matrix(n);
        let number = |i: usize| u32::try_from(i).unwrap();
        let mut entries = Vec::new();
        for (i, row) in a.iter().enumerate() {
            entries.extend(
                row.iter().enumerate().filter(|(j, value)| **value != 0.0 || i == *j).map(|(j, value)| (number(i), number(j), *value)),
            );
        }
        let base = MatrixData { rows: number(n), cols: number(n), symmetric: false, entries }.to_matrix().unwrap();
        let size = a.iter().enumerate().map(|(i, row)| row[i]).fold(0.0, f64::max);
        let count = 1 + self.below(4);
        let rhs_scale = if self.chance(0.5) { 1.0 } else { self.scale(120.0) };
        let steps = (0..count).map(|_| {
            let change = match self.below(5) {
                0 => Change::Shift(size * self.scale(17.0).min(1.0)),
                1 => Change::Diagonal((0..n).map(|_| size * self.rng.random::<f64>() * self.scale(3.0).min(1.0)).collect()),
                2 => Change::Values(base.data().iter().map(|value| 2.0 * value).collect()),
                _ => Change::None,
            };
            let rhs = match self.below(4) {
                // In the range of a matrix that takes the constant vector to zero.
                0 if n > 1 => (0..n).map(|i| rhs_scale * (f64::from(u8::from(i == 0)) - f64::from(u8::from(i == 1)))).collect(),
                1 => vec![if self.chance(0.2) { 0.0 } else { rhs_scale }; n],
                _ => (0..n).map(|_| rhs_scale * self.signed()).collect(),
            };
            System { change, rhs }
        });
        let steps = steps.collect();
        let tolerance = [1e-3, 1e-8, 1e-12][self.below(3)];
        let relative_to = if self.chance(0.2) { RelativeTo::InitialResidual } else { RelativeTo::Rhs };
        let start = if self.chance(0.5) { Start::Previous } else { Start::Zero };
        LinearSequence::new(base, steps, tolerance, relative_to, start).unwrap()
    }
}

#[derive(Debug, Default)]
struct Counts {
    claimed: u64,
    unsolved: u64,
    refused: u64,
    systems: u64,
}

fn examine<S: Solver<LinearSequence>>(solver: &S, problem: &LinearSequence, seed: u64, counts: &mut BTreeMap<&'static str, Counts>) {
    let counts = counts.entry(S::NAME).or_default();
    let said = || format!("{} on instance {seed}", S::NAME);
    let outcome = match solver.solve(problem, &Run::new(seed)) {
        Ok(outcome) => outcome,
        Err(refused) => {
            assert!(solver.accepts(problem).is_err(), "{}: {refused}", said());
            counts.refused += 1;
            return;
        }
    };
    assert!(solver.accepts(problem).is_ok(), "{}", said());
    let claims = outcome.status == Status::Feasible;
    *(if claims { &mut counts.claimed } else { &mut counts.unsolved }) += 1;
    let Some(solution) = outcome.solution else {
        assert!(!claims, "{}", said());
        return;
    };
    let verdict = problem.check(&solution).unwrap();
    assert!(!claims || verdict.holds(), "{}: {:?}", said(), verdict.violations);
    let (claimed, found) = (outcome.objective.unwrap(), verdict.objective.unwrap().value);
    // Far below every tolerance neither is right to many digits.
    assert!((claimed - found).abs() <= 2e-3 * claimed.max(found) + 1e-18, "{}: claimed {claimed:e}, found {found:e}", said());
    for (t, kept) in solution.x.iter().enumerate() {
        let claimed = solution.residuals[t];
        // The checker against elimination's arithmetic, where that has the digits.
        let is_rhs = problem.relative_to() == RelativeTo::Rhs || problem.start() == Start::Zero;
        let solved = claims || t + 1 < solution.x.len();
        if is_rhs && problem.steps()[t].rhs.iter().any(|b| *b != 0.0) {
            let dense = Dense::of(problem, t);
            let residual = dense.relative_residual(&kept.values);
            let size = kept.values.iter().fold(0.0_f64, |size, x| size.max(shrunk(*x, dense.b_exponent - dense.matrix_exponent).abs()));
            let error = 1e-28 * (1.0 + size);
            assert!(
                (residual - claimed).abs() <= 2e-3 * residual + error || residual > 1e150,
                "{}, system {t}: {residual:e} {claimed:e}",
                said()
            );
            if solved {
                counts.systems += 1;
            } else if S::NAME == "auto"
                && let Some((x, pivots)) = dense.solved()
                && pivots > 1e-7
            {
                // Not every matrix with good pivots is positive definite, but whoever has a solution in reach should not do worse than zero.
                assert!(claimed <= 1.0 + 1e-9, "{}, system {t}: {claimed:e}", said());
                let reachable = dense.relative_residual(&x) <= 0.1 * problem.tolerance();
                let definite = (0..x.len()).all(|i| {
                    let row = &dense.rows[i];
                    row[i].0 > row.iter().enumerate().filter(|(j, _)| *j != i).map(|(_, a)| a.0.abs()).sum::<f64>()
                });
                assert!(!(reachable && definite), "{}, system {t}: unsolved with a residual of {claimed:e}, {:?}", said(), outcome.status);
            }
        }
    }
}

#[test]
fn no_solver_claims_what_elimination_in_fourfold_precision_refutes() {
    let instances = std::env::var("FATHOM_DIFFERENTIAL").ok().and_then(|count| count.parse().ok()).unwrap_or(400_u64);
    let mut counts = BTreeMap::new();
    for seed in 0..instances {
        let problem = Generator { rng: ChaCha8Rng::seed_from_u64(seed) }.problem();
        let max_iterations = 300;
        examine(&Auto { max_iterations, ..Auto::default() }, &problem, seed, &mut counts);
        examine(&Auto { max_iterations, omega: Some(1e-9), explore: false, ..Auto::default() }, &problem, seed, &mut counts);
        examine(&SsorCgFixed { max_iterations, ..SsorCgFixed::default() }, &problem, seed, &mut counts);
        examine(&OmegaBandit::<BySsorCg> { max_iterations, ..OmegaBandit::default() }, &problem, seed, &mut counts);
        examine(&OmegaContextual::<BySsorCg> { max_iterations, ..OmegaContextual::default() }, &problem, seed, &mut counts);
        examine(&SorFixed { max_iterations, ..SorFixed::default() }, &problem, seed, &mut counts);
        examine(&OmegaBandit::<BySor> { max_iterations, ..OmegaBandit::default() }, &problem, seed, &mut counts);
        examine(&OmegaContextual::<BySor> { max_iterations, keep: Keep::All, ..OmegaContextual::default() }, &problem, seed, &mut counts);
    }
    for (solver, counts) in &counts {
        println!(
            "{solver}: {} claimed (all true), {} unsolved, {} refused; {} systems solved",
            counts.claimed, counts.unsolved, counts.refused, counts.systems
        );
        assert!(counts.claimed > 0);
    }
}
