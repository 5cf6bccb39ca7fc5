//! The covariance of the data with twice the digits.

use fathom_opt_problems::dag_learning::Sample;
use rayon::prelude::*;

use crate::number::{Number, Twofold};

/// Products (`n d^2`) that may be taken with twice the digits: a second or two.
const MOST: usize = 60_000_000;

/// `X'X / n` of the centred data in these units, row by row; `None` where that takes too long, or there is no time for it.
pub(crate) fn precise(sample: &Sample, units: &[f64], may_go_on: &(dyn Fn() -> bool + Sync)) -> Option<Vec<Twofold>> {
    let d = units.len();
    match sample {
        Sample::Covariance { matrix, .. } => Some((0..d * d).map(|k| Twofold::new(matrix[k] / units[k / d] / units[k % d])).collect()),
        Sample::Table { columns } => {
            if sample.observations().saturating_mul(d).saturating_mul(d) > MOST {
                return None;
            }
            let columns: Vec<Vec<Twofold>> = columns.iter().zip(units).map(|(column, unit)| centred(column, *unit)).collect();
            products(&columns, may_go_on)
        }
    }
}

/// The column less its mean, in its unit.
fn centred(column: &[f64], unit: f64) -> Vec<Twofold> {
    // The mean of one and the same number is that number, whatever rounding says.
    if column.iter().all(|&value| value == column[0]) {
        return vec![Twofold::ZERO; column.len()];
    }
    let sum: Twofold = column.iter().map(|&value| Twofold::new(value / unit)).sum();
    let mean = sum / Twofold::new(column.len() as f64);
    column.iter().map(|&value| Twofold::new(value / unit) - mean).collect()
}

fn products(columns: &[Vec<Twofold>], may_go_on: &(dyn Fn() -> bool + Sync)) -> Option<Vec<Twofold>> {
    let d = columns.len();
    let n = Twofold::new(columns.first().map_or(1, Vec::len) as f64);
    let entry = |i: usize, j: usize| columns[i].iter().zip(&columns[j]).map(|(&a, &b)| a * b).sum::<Twofold>() / n;
    let row = |i: usize| -> Option<Vec<Twofold>> { may_go_on().then(|| (0..=i).map(|j| entry(i, j)).collect()) };
    let lower: Vec<Vec<Twofold>> = (0..d).into_par_iter().map(row).collect::<Option<_>>()?;
    let mut matrix = vec![Twofold::ZERO; d * d];
    for (i, row) in lower.iter().enumerate() {
        for (j, &value) in row.iter().enumerate() {
            matrix[i * d + j] = value;
            matrix[j * d + i] = value;
        }
    }
    Some(matrix)
}
