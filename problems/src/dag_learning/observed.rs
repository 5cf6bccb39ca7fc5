//! The data as the checker computes with them: centred, every variable in a unit of its own.

use super::compensated::Double;
use super::instance::DagLearning;
use super::products::dot;
use super::sample::Sample;

/// One vector per variable. The inner product of two of them over the divisor is their covariance, in their units. Units are powers of two, so that
/// changing them rounds nothing, and no square or product leaves the range of numbers.
pub(super) struct Observed<'a> {
    vectors: Vec<Vec<f64>>,
    units: Vec<f64>,
    divisor: f64,
    sample: &'a Sample,
}

/// Up to this many variables a covariance is factored with twice the digits.
const PRECISE: usize = 400;

/// A pivot below this share of the variance is nothing but rounding in plain numbers, and in numbers with twice the digits.
const ROUNDING: (f64, f64) = (1e-13, 1e-26);

/// The power of two next below `value`; 1 for 0.
pub(super) fn unit_of(value: f64) -> f64 {
    if value > 0.0 { value.log2().floor().exp2() } else { 1.0 }
}

impl<'a> Observed<'a> {
    pub(super) fn of(problem: &'a DagLearning) -> Self {
        let sample = problem.sample();
        let d = problem.variables();
        match sample {
            Sample::Table { columns } => {
                let mut units = Vec::with_capacity(d);
                let vectors = columns
                    .iter()
                    .map(|column| {
                        let mut vector = centred(column);
                        let unit = unit_of(deviation(&vector));
                        for value in &mut vector {
                            *value /= unit;
                        }
                        units.push(unit);
                        vector
                    })
                    .collect();
                Self { vectors, units, divisor: sample.observations() as f64, sample }
            }
            Sample::Covariance { matrix, .. } => {
                let units: Vec<f64> = (0..d).map(|j| unit_of(matrix[j * d + j].sqrt())).collect();
                let scaled: Vec<f64> = (0..d * d).map(|k| matrix[k] / units[k / d] / units[k % d]).collect();
                Self { vectors: factor(&scaled, d), units, divisor: 1.0, sample }
            }
        }
    }

    pub(super) fn vectors(&self) -> &[Vec<f64>] {
        &self.vectors
    }

    /// Whether the vectors are observations, so that there are no more directions than observations less one.
    pub(super) fn is_table(&self) -> bool {
        matches!(self.sample, Sample::Table { .. })
    }

    pub(super) fn units(&self) -> &[f64] {
        &self.units
    }

    pub(super) fn divisor(&self) -> f64 {
        self.divisor
    }

    /// The residual of `node` on these parents, with weights in the data's own units, as a vector like the others.
    pub(super) fn residual(&self, node: usize, parents: &[(usize, f64)]) -> Vec<f64> {
        let mut residual = self.vectors[node].clone();
        for &(parent, weight) in parents {
            let weight = weight * (self.units[parent] / self.units[node]);
            for (value, entry) in residual.iter_mut().zip(&self.vectors[parent]) {
                *value -= weight * entry;
            }
        }
        residual
    }

    /// The mean square of that residual, in the node's unit: with twice the digits where large weights cancel.
    pub(super) fn residual_variance(&self, node: usize, parents: &[(usize, f64)], residual: &[f64]) -> f64 {
        let variance = dot(residual, residual) / self.divisor;
        let own = |k: usize| dot(&self.vectors[k], &self.vectors[k]) / self.divisor;
        let cancelling = |&(parent, weight): &(usize, f64)| (weight * (self.units[parent] / self.units[node])).powi(2) * own(parent);
        let largest = parents.iter().map(cancelling).fold(own(node), f64::max);
        if variance > CANCELS * largest || !largest.is_finite() {
            return variance;
        }
        self.precise_residual_variance(node, parents)
    }

    fn precise_residual_variance(&self, node: usize, parents: &[(usize, f64)]) -> f64 {
        let unit = self.units[node];
        match self.sample {
            Sample::Table { columns } => {
                let rows = columns[node].len();
                let entry = |r: usize| {
                    let mut sum = Double::new(columns[node][r] / unit);
                    for &(parent, weight) in parents {
                        sum = sum.minus(Double::product(weight, columns[parent][r] / unit));
                    }
                    sum
                };
                let entries: Vec<Double> = (0..rows).map(entry).collect();
                let mean = super::compensated::mean(entries.iter().copied());
                let squares = entries.iter().map(|entry| entry.minus(mean).value().powi(2));
                squares.sum::<f64>() / rows as f64
            }
            Sample::Covariance { matrix, .. } => {
                let d = self.units.len();
                let terms: Vec<(usize, f64)> = parents.iter().map(|&(parent, weight)| (parent, -weight)).chain([(node, 1.0)]).collect();
                let mut sum = Double::ZERO;
                for &(i, a) in &terms {
                    for &(j, b) in &terms {
                        sum = sum.plus(Double::product(a, b).times(Double::new(matrix[i * d + j] / unit / unit)));
                    }
                }
                sum.value().max(0.0)
            }
        }
    }
}

/// Residual variances below this share of the largest term lose more digits than the score's tolerance allows.
const CANCELS: f64 = 1e-8;

/// `column` less its mean. The mean is taken twice: the second time of what the first left, so that a large common offset costs no digits.
fn centred(column: &[f64]) -> Vec<f64> {
    // The mean of one and the same number is that number, whatever rounding says.
    if column.iter().all(|&value| value == column[0]) {
        return vec![0.0; column.len()];
    }
    let n = column.len() as f64;
    let about = column.iter().map(|value| value / n).sum::<f64>();
    let left: Vec<f64> = column.iter().map(|value| value - about).collect();
    let rest = left.iter().sum::<f64>() / n;
    left.iter().map(|value| value - rest).collect()
}

/// The root mean square, without squares of numbers that are very large or very small.
fn deviation(vector: &[f64]) -> f64 {
    let unit = unit_of(vector.iter().fold(0.0, |largest: f64, value| largest.max(value.abs())));
    let sum: f64 = vector.iter().map(|value| (value / unit).powi(2)).sum();
    unit * (sum / vector.len().max(1) as f64).sqrt()
}

/// The rows of the Cholesky factor of a covariance: vectors with its entries as inner products. A variable that the earlier ones explain adds no direction.
fn factor(matrix: &[f64], d: usize) -> Vec<Vec<f64>> {
    if d > PRECISE {
        return plain_factor(matrix, d);
    }
    let mut rows: Vec<Vec<Double>> = Vec::with_capacity(d);
    for i in 0..d {
        let mut row: Vec<Double> = Vec::with_capacity(d);
        for j in 0..i {
            let other = &rows[j];
            let mut left = Double::new(matrix[i * d + j]);
            for (a, b) in row.iter().zip(other) {
                left = left.minus(a.times(*b));
            }
            let pivot = other[j];
            row.push(if pivot.value() > 0.0 { left.over(pivot) } else { Double::ZERO });
        }
        let mut left = Double::new(matrix[i * d + i]);
        for a in &row {
            left = left.minus(a.times(*a));
        }
        let is_new = left.value() > ROUNDING.1 * matrix[i * d + i];
        row.push(if is_new { left.root() } else { Double::ZERO });
        rows.push(row);
    }
    rows.into_iter().map(|row| row.into_iter().map(Double::value).chain(std::iter::repeat(0.0)).take(d).collect()).collect()
}

fn plain_factor(matrix: &[f64], d: usize) -> Vec<Vec<f64>> {
    let mut rows: Vec<Vec<f64>> = Vec::with_capacity(d);
    for i in 0..d {
        let mut row = vec![0.0; d];
        for j in 0..i {
            let other = &rows[j];
            if other[j] > 0.0 {
                row[j] = (matrix[i * d + j] - dot(&row[..j], &other[..j])) / other[j];
            }
        }
        let left = matrix[i * d + i] - dot(&row[..i], &row[..i]);
        if left > ROUNDING.0 * matrix[i * d + i] {
            row[i] = left.sqrt();
        }
        rows.push(row);
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dag_learning::{Score, ScoreKind};

    fn table(columns: Vec<Vec<f64>>) -> DagLearning {
        let names = (0..columns.len()).map(|k| format!("x{k}")).collect();
        DagLearning::new(names, Sample::Table { columns }, Score::new(ScoreKind::NvBic, None).unwrap()).unwrap()
    }

    #[test]
    fn a_large_offset_and_any_unit_cost_no_digits() {
        let values = [1.0, 2.0, 4.0, 4.5, -3.0];
        let plain = table(vec![values.to_vec()]);
        let expected = Observed::of(&plain).vectors()[0].clone();
        for (factor, offset) in [(1.0, 1_048_576.0 * 1e6), (2_f64.powi(300), 0.0), (2_f64.powi(-300), 0.0)] {
            let problem = table(vec![values.iter().map(|value| factor * value + offset).collect()]);
            let found = Observed::of(&problem).vectors()[0].clone();
            assert!(found.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-14), "{factor} {offset}: {found:?} {expected:?}");
        }
    }

    #[test]
    fn the_residual_of_a_near_copy_is_right_to_its_own_digits() {
        // b = a + e with e of 1e-7: by hand, the residual of b on a with weight 1 is e, centred.
        let a = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0];
        let e = [1.0, -1.0, 2.0, 0.0, -3.0, 1.0, 1.0, -1.0];
        let tiny = 2_f64.powi(-24);
        let b: Vec<f64> = a.iter().zip(e).map(|(a, e)| a + tiny * e).collect();
        let problem = table(vec![a.to_vec(), b]);
        let observed = Observed::of(&problem);
        let parents = [(0, 1.0)];
        let variance = observed.residual_variance(1, &parents, &observed.residual(1, &parents)) * observed.units()[1].powi(2);
        let expected = tiny * tiny * (e.iter().map(|e| e * e).sum::<f64>() / 8.0);
        assert!((variance / expected - 1.0).abs() < 1e-14, "{variance:e} {expected:e}");
    }
}
