//! Columns that depend on others so nearly that nothing can be proven about graphs over them.
//!
//! A column that others explain but for a tiny share of its variance is a variable of its own to every score: with weights as large as the share is small,
//! what is left of it may explain any other column. Numbers keep residual variances to `d^2 e / s` of themselves, `e` being their rounding and `s` the
//! smallest share that all others leave of a column. Where `s` is too small for that, or is rounding itself, a better graph may be missed.

use fathom_opt_problems::dag_learning::Sample;

use crate::gram::Gram;
use crate::number::{Number, Twofold};

/// The smallest share of a variance that is worth a claim: above what regressions with twice the digits take for nothing new, and by far above their
/// rounding.
const NEAR: f64 = 1e-13;

/// Up to this many variables the shares are computed with twice the digits (`d^3` steps).
const VARIABLES: usize = 300;

/// With as few observations as variables every set of columns of full rank is looked at, up to this many.
const SETS: usize = 20_000;

/// Why nothing can be proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// Others explain this variable but for less than the smallest share.
    Column(usize),
    /// Whether there is such a column would take too long to see.
    Unseen,
}

impl Doubt {
    /// What is in doubt about covariances with twice the digits; nothing where every residual variance comes out accurately, or is exactly 0.
    ///
    /// Exact zeros are those of columns that do not vary, of exact copies, and of more columns than observations have directions.
    pub(crate) fn about(gram: Gram<'_, Twofold>, sample: &Sample) -> Option<Self> {
        let columns = distinct(gram, sample);
        if columns.len() > VARIABLES {
            return Some(Self::Unseen);
        }
        let rank = match sample {
            Sample::Table { .. } => sample.observations().saturating_sub(1),
            Sample::Covariance { .. } => usize::MAX,
        };
        if columns.len() <= rank {
            return nearest(gram, &columns).map(Self::Column);
        }
        let mut chosen: Vec<usize> = (0..rank).collect();
        for _ in 0..SETS {
            let set: Vec<usize> = chosen.iter().map(|&k| columns[k]).collect();
            if let Some(column) = nearest(gram, &set) {
                return Some(Self::Column(column));
            }
            if !advance(&mut chosen, columns.len()) {
                return None;
            }
        }
        Some(Self::Unseen)
    }
}

/// The next set of so many of `0..total` in lexicographic sequence; whether there was one.
fn advance(chosen: &mut [usize], total: usize) -> bool {
    let size = chosen.len();
    let Some(k) = (0..size).rev().find(|&k| chosen[k] < total - size + k) else { return false };
    chosen[k] += 1;
    for later in k + 1..size {
        chosen[later] = chosen[later - 1] + 1;
    }
    true
}

/// The variables that vary and are no exact copies of earlier ones.
fn distinct(gram: Gram<'_, Twofold>, sample: &Sample) -> Vec<usize> {
    let mut columns: Vec<usize> = Vec::new();
    for j in (0..gram.variables()).filter(|&j| gram.at(j, j).value() > 0.0) {
        if !columns.iter().any(|&i| is_copy(gram, sample, i, j)) {
            columns.push(j);
        }
    }
    columns
}

/// Whether variable `j` is variable `i` times a power of two or its negative, to the last digit.
fn is_copy(gram: Gram<'_, Twofold>, sample: &Sample, i: usize, j: usize) -> bool {
    let factor = if gram.at(i, j).value() < 0.0 { -1.0 } else { 1.0 };
    match sample {
        Sample::Table { columns } => {
            let (a, b) = (&columns[i], &columns[j]);
            // The ratio of the first entries that are not 0: a power of two, or no exact copy.
            let Some(r) = a.iter().position(|value| *value != 0.0) else { return false };
            let ratio = b[r] / a[r];
            let is_power = ratio.is_normal() && ratio.abs().log2().fract() == 0.0 && ratio.signum() == factor;
            is_power && a.iter().zip(b).all(|(a, b)| a * ratio == *b)
        }
        Sample::Covariance { .. } => {
            let row = |k: usize| (gram.at(i, k).value() * factor).total_cmp(&gram.at(j, k).value()).is_eq();
            (0..gram.variables()).all(row)
        }
    }
}

/// The column of which the others of `set` leave too small a share, if there is one: by Cholesky's algorithm and the diagonal of the inverse.
fn nearest(gram: Gram<'_, Twofold>, set: &[usize]) -> Option<usize> {
    let k = set.len();
    let mut l = vec![Twofold::ZERO; k * k];
    for i in 0..k {
        let (head, tail) = l.split_at_mut(i * k);
        for j in 0..i {
            let known: Twofold = (0..j).map(|m| tail[m] * head[j * k + m]).sum();
            tail[j] = (gram.at(set[i], set[j]) - known) / head[j * k + j];
        }
        let known: Twofold = (0..i).map(|m| tail[m] * tail[m]).sum();
        let own = gram.at(set[i], set[i]);
        let left = own - known;
        if left.value().is_nan() || left.value() <= NEAR * own.value() {
            return Some(set[i]);
        }
        tail[i] = left.sqrt();
    }
    // The diagonal of the inverse needs no more than plain numbers once the factor is known: all its terms have one sign.
    let plain: Vec<f64> = l.into_iter().map(Number::value).collect();
    let mut inverse = vec![0.0; k * k];
    let mut precisions = vec![0.0; k];
    for i in 0..k {
        for j in 0..=i {
            let sum: f64 = (j..i).map(|m| plain[i * k + m] * inverse[m * k + j]).sum();
            let value = (if i == j { 1.0 } else { 0.0 } - sum) / plain[i * k + i];
            inverse[i * k + j] = value;
            precisions[j] += value * value;
        }
    }
    let share = |j: usize| 1.0 / (precisions[j] * gram.at(set[j], set[j]).value());
    (0..k).find(|&j| share(j).is_nan() || share(j) <= NEAR).map(|j| set[j])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::precise::precise;

    fn doubt(columns: Vec<Vec<f64>>) -> Option<Doubt> {
        let d = columns.len();
        let sample = Sample::Table { columns };
        let entries = precise(&sample, &vec![1.0; d], &|| true).unwrap();
        let variances: Vec<Twofold> = (0..d).map(|j| entries[j * d + j]).collect();
        Doubt::about(Gram::new(&entries, &variances, 1e-14), &sample)
    }

    #[test]
    fn copies_and_exact_zeros_are_no_doubt_and_near_copies_are() {
        let a = vec![1.0, 2.0, -3.0, 1.0, -2.0, 4.0, -1.0, -2.0];
        let b = vec![0.3, -1.1, 0.7, 2.2, -0.4, 0.1, 0.9, -1.6];
        let near = |e: f64| a.iter().zip(&b).map(|(a, b)| a + e * b).collect::<Vec<f64>>();
        assert_eq!(doubt(vec![a.clone(), b.clone()]), None);
        assert_eq!(doubt(vec![a.clone(), near(1e-5)]), None);
        for e in [1e-7, 1e-9, 1e-12, 1e-15] {
            assert_eq!(doubt(vec![a.clone(), near(e)]), Some(Doubt::Column(1)), "{e}");
        }
        let twice: Vec<f64> = a.iter().map(|value| -2.0 * value).collect();
        assert_eq!(doubt(vec![a.clone(), b.clone(), twice, vec![0.1; 8]]), None);
        // Three observations have two directions: any two of these columns span them, and a near copy among more does not hide.
        let short = |column: &[f64]| column[..3].to_vec();
        assert_eq!(doubt(vec![short(&a), short(&b), vec![1.0, 0.0, 0.0]]), None);
        assert!(doubt(vec![short(&a), short(&b), short(&near(1e-9))]).is_some());
    }
}
