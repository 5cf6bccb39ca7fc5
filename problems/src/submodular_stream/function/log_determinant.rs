//! The log-determinant of a kernel (determinantal diversity).

use crate::malformed::{Malformed, Place};

/// `f(S) = ln det(I + V_S V_S')`, where `V_S` holds the feature vectors of the chosen elements as rows: monotone and submodular.
#[derive(Debug, Clone, PartialEq)]
pub struct LogDeterminant {
    dimension: usize,
    values: Vec<f64>,
    elements: usize,
}

impl LogDeterminant {
    /// Elements with these feature vectors, all of one length.
    ///
    /// # Errors
    /// Vectors of different lengths; a number that is not finite.
    pub fn new(features: &[Vec<f64>]) -> Result<Self, Malformed> {
        let dimension = features.first().map_or(0, Vec::len);
        let mut values = Vec::with_capacity(features.len() * dimension);
        for (element, row) in features.iter().enumerate() {
            let place = Place::root().field("features").index(element);
            if row.len() != dimension {
                return Err(Malformed::new(place, format!("{} numbers", row.len()), format!("{dimension}, as in the first row")));
            }
            if let Some(position) = row.iter().position(|value| !value.is_finite()) {
                return Err(Malformed::new(place.index(position), row[position].to_string(), "a finite number"));
            }
            values.extend_from_slice(row);
        }
        Ok(Self { dimension, values, elements: features.len() })
    }

    /// Number of elements.
    pub fn elements(&self) -> usize {
        self.elements
    }

    /// Length of every feature vector.
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// The feature vector of `element`.
    pub fn features(&self, element: usize) -> &[f64] {
        &self.values[element * self.dimension..(element + 1) * self.dimension]
    }

    pub(super) fn value(&self, chosen: &[usize]) -> f64 {
        let factor = self.factor(chosen);
        (0..chosen.len()).map(|row| 2.0 * factor[row * (row + 1) / 2 + row].ln()).sum()
    }

    /// The gain of `e` is `ln(1 + |v_e|^2 - |x|^2)` with `L x = V_S v_e` and `L L' = I + V_S V_S'`.
    pub(super) fn gains(&self, chosen: &[usize], candidates: &[usize]) -> Vec<f64> {
        let factor = self.factor(chosen);
        let mut x = vec![0.0; chosen.len()];
        let gain = |&element: &usize| {
            if chosen.contains(&element) {
                return 0.0;
            }
            let mut rest = 1.0 + self.inner(element, element);
            for (row, &other) in chosen.iter().enumerate() {
                let start = row * (row + 1) / 2;
                let before: f64 = factor[start..start + row].iter().zip(&x).map(|(l, x)| l * x).sum();
                x[row] = (self.inner(other, element) - before) / factor[start + row];
                rest -= x[row] * x[row];
            }
            // The Schur complement of I + V V' is at least 1; rounding may put it below.
            rest.max(1.0).ln()
        };
        candidates.iter().map(gain).collect()
    }

    /// The Cholesky factor of `I + V_S V_S'`, its lower triangle by rows.
    fn factor(&self, chosen: &[usize]) -> Vec<f64> {
        let mut factor: Vec<f64> = Vec::with_capacity(chosen.len() * (chosen.len() + 1) / 2);
        for (row, &element) in chosen.iter().enumerate() {
            let start = factor.len();
            for (column, &other) in chosen[..=row].iter().enumerate() {
                let top = column * (column + 1) / 2;
                let before: f64 = (0..column).map(|k| factor[start + k] * factor[top + k]).sum();
                let entry = self.inner(element, other) - before;
                if column < row {
                    factor.push(entry / factor[top + column]);
                } else {
                    factor.push((1.0 + entry).max(1.0).sqrt());
                }
            }
        }
        factor
    }

    fn inner(&self, a: usize, b: usize) -> f64 {
        self.features(a).iter().zip(self.features(b)).map(|(a, b)| a * b).sum()
    }
}
