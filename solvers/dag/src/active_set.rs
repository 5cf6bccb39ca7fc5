//! The exact end of an l1-penalised least-squares fit, where coordinate descent crawls.

use crate::products::dot;

/// A quadratic with an l1 term, `1/2 w' G w - c' w + lambda |w|_1`, and where its minimisation stands.
pub(crate) struct ActiveSet<'a> {
    /// `G`, `k x k`, row by row.
    pub(crate) gram: &'a [f64],
    /// `c`.
    pub(crate) linear: &'a [f64],
    pub(crate) lambda: f64,
}

/// Steps per weight before the method gives up; it needs a few.
const STEPS: usize = 30;

/// A gradient beyond the l1 term by less than this share of the column's scale is rounding.
const VIOLATION: f64 = 1e-12;

/// A pivot below this share of the diagonal depends on the others: its weight stays where it is.
const DEPENDENT: f64 = 1e-13;

impl ActiveSet<'_> {
    /// From `weights` to the minimum. Weights that are not 0 keep their signs while they move to the minimum that they would have without the others; one
    /// that comes to 0 stays there, and one at 0 whose gradient exceeds the l1 term most is let go, until there is none (an active-set method for
    /// quadratic programmes; each step lowers the value).
    pub(crate) fn finish(&self, weights: &mut [f64], scale: f64) {
        let k = weights.len();
        let mut signs: Vec<f64> = weights.iter().map(|weight| if *weight == 0.0 { 0.0 } else { weight.signum() }).collect();
        let mut barred = vec![false; k];
        for _ in 0..STEPS * k + STEPS {
            let active: Vec<usize> = (0..k).filter(|&i| signs[i] != 0.0).collect();
            let Some(target) = self.minimum(&active, &signs) else {
                // The last one let in depends on the others: it has to stay out.
                let Some(&last) = active.iter().min_by(|&&a, &&b| weights[a].abs().total_cmp(&weights[b].abs())) else { return };
                (weights[last], signs[last], barred[last]) = (0.0, 0.0, true);
                continue;
            };
            // How far the way leads before a weight comes to 0.
            let mut reach = (1.0, None);
            for (&i, &end) in active.iter().zip(&target) {
                if end * signs[i] < 0.0 || (end == 0.0 && weights[i] != 0.0) {
                    let share = if weights[i] == 0.0 { 0.0 } else { weights[i] / (weights[i] - end) };
                    if share < reach.0 {
                        reach = (share, Some(i));
                    }
                }
            }
            for (&i, &end) in active.iter().zip(&target) {
                weights[i] += reach.0 * (end - weights[i]);
            }
            if let Some(i) = reach.1 {
                (weights[i], signs[i]) = (0.0, 0.0);
                continue;
            }
            let pulls = self.pulls(weights);
            let excess = |i: usize| (pulls[i].abs() - self.lambda) / (self.gram[i * k + i].sqrt() * scale);
            let worst = (0..k)
                .filter(|&i| signs[i] == 0.0 && !barred[i] && self.gram[i * k + i] > 0.0)
                .max_by(|&a, &b| excess(a).total_cmp(&excess(b)));
            match worst {
                Some(i) if excess(i) > VIOLATION => signs[i] = pulls[i].signum(),
                _ => return,
            }
        }
    }

    /// `c - G w`.
    pub(crate) fn pulls(&self, weights: &[f64]) -> Vec<f64> {
        self.linear.iter().zip(self.gram.chunks_exact(weights.len().max(1))).map(|(c, row)| c - dot(row, weights)).collect()
    }

    /// The minimum over the active weights with these signs; `None` where they depend on each other.
    fn minimum(&self, active: &[usize], signs: &[f64]) -> Option<Vec<f64>> {
        let (k, m) = (self.linear.len(), active.len());
        let mut l = vec![0.0; m * m];
        let mut values: Vec<f64> = active.iter().map(|&i| self.linear[i] - self.lambda * signs[i]).collect();
        for i in 0..m {
            for j in 0..=i {
                let (head, tail) = l.split_at_mut(i * m);
                let entry = self.gram[active[i] * k + active[j]];
                if i == j {
                    let pivot = entry - dot(&tail[..i], &tail[..i]);
                    if pivot.is_nan() || pivot <= DEPENDENT * entry {
                        return None;
                    }
                    tail[i] = pivot.sqrt();
                } else {
                    tail[j] = (entry - dot(&tail[..j], &head[j * m..j * m + j])) / head[j * m + j];
                }
            }
            values[i] = (values[i] - dot(&l[i * m..i * m + i], &values[..i])) / l[i * m + i];
        }
        for i in (0..m).rev() {
            let later: f64 = (i + 1..m).map(|j| l[j * m + i] * values[j]).sum();
            values[i] = (values[i] - later) / l[i * m + i];
        }
        Some(values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_minimum_satisfies_the_kkt_conditions_however_close_columns_are() {
        // Three columns, the second within 1e-5 of the first.
        let e = 1e-5;
        let gram = [1.0, 1.0, 0.3, 1.0, 1.0 + e * e, 0.3 + 0.5 * e, 0.3, 0.3 + 0.5 * e, 1.0];
        let linear = [0.8, 0.8 - 0.7 * e, -0.4];
        for lambda in [0.0, 1e-7, 1e-3, 0.1, 0.5, 2.0] {
            let fit = ActiveSet { gram: &gram, linear: &linear, lambda };
            let mut weights = vec![0.0; 3];
            fit.finish(&mut weights, 1.0);
            for (pull, weight) in fit.pulls(&weights).iter().zip(&weights) {
                let violation = if *weight == 0.0 { pull.abs() - lambda } else { (pull - lambda * weight.signum()).abs() };
                assert!(violation <= 1e-10, "{lambda}: {weights:?} {violation:e}");
            }
        }
    }
}
