//! Columns that are linear combinations of others, exactly or nearly.

use super::moments::Moments;

/// A column that others explain but for a small share of its variance.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Dependence {
    pub(super) column: usize,
    /// The share of its variance that they leave.
    pub(super) share: f64,
    /// Those that explain it, increasing.
    pub(super) on: Vec<usize>,
}

/// Columns that depend on others for all but this share of their variance are named.
const NEARLY: f64 = 1e-8;

/// A column whose part in a combination has less than this share of its variance takes no part.
const PART: f64 = 1e-4;

/// Steps (`d^3`) beyond which nothing is looked for.
const WORK: f64 = 2e8;

/// Every column that those before it in the sequence explain nearly: Cholesky's algorithm, column by column.
pub(super) fn dependences(moments: &Moments) -> Vec<Dependence> {
    let d = moments.variables();
    if (d as f64).powi(3) > WORK {
        return Vec::new();
    }
    let mut found = Vec::new();
    // The columns kept so far with their rows of the factor.
    let mut kept: Vec<usize> = Vec::new();
    let mut rows: Vec<Vec<f64>> = Vec::new();
    for column in 0..d {
        let own = moments.at(column, column);
        if own <= 0.0 {
            continue;
        }
        let mut row: Vec<f64> = Vec::with_capacity(kept.len() + 1);
        for (&other, before) in kept.iter().zip(&rows) {
            let known: f64 = row.iter().zip(before).map(|(a, b)| a * b).sum();
            row.push((moments.at(column, other) - known) / before[row.len()]);
        }
        let left = own - row.iter().map(|value| value * value).sum::<f64>();
        if left > NEARLY * own {
            row.push(left.sqrt());
            kept.push(column);
            rows.push(row);
        } else {
            // Weights on the kept columns by substitution from the last one back.
            let mut weights = row;
            for k in (0..kept.len()).rev() {
                let later: f64 = (k + 1..kept.len()).map(|m| rows[m][k] * weights[m]).sum();
                weights[k] = (weights[k] - later) / rows[k][k];
            }
            let takes_part = |k: &usize| weights[*k].powi(2) * moments.at(kept[*k], kept[*k]) > PART * own;
            let on: Vec<usize> = (0..kept.len()).filter(takes_part).map(|k| kept[k]).collect();
            found.push(Dependence { column, share: (left / own).max(0.0), on });
        }
    }
    found
}
