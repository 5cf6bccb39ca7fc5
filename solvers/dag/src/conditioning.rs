//! How nearly variables depend on each other.

use crate::products::dot;

/// What regressions on a covariance in plain numbers are worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Conditioning {
    /// Every residual variance keeps the digits that a claim needs.
    Regular,
    /// Factorisations exist, but small residual variances lose digits.
    Nearly,
    /// Some regressions are not determined.
    Singular,
}

/// A pivot below this share of the variance means that the variable is a linear combination of others, up to rounding.
const SINGULAR: f64 = 1e-11;

/// A variable of whose variance all others leave less than this share costs too many digits.
const REGULAR: f64 = 1e-7;

/// Up to this many variables the shares are computed; beyond, the pivots stand for them.
const INVERTED: usize = 1000;

impl Conditioning {
    pub(crate) fn is_regular(self) -> bool {
        self == Self::Regular
    }

    pub(crate) fn is_singular(self) -> bool {
        self == Self::Singular
    }
}

/// The conditioning of a covariance of `n` observations, row by row: by Cholesky's algorithm and the diagonal of the inverse.
pub(crate) fn condition(covariance: &[f64], d: usize, n: usize) -> Conditioning {
    if n <= d {
        return Conditioning::Singular;
    }
    let mut l = vec![0.0; d * d];
    let mut smallest = f64::INFINITY;
    for i in 0..d {
        for j in 0..i {
            let (head, tail) = l.split_at_mut(i * d);
            tail[j] = (covariance[i * d + j] - dot(&tail[..j], &head[j * d..j * d + j])) / head[j * d + j];
        }
        let row = &l[i * d..i * d + i];
        let own = covariance[i * d + i];
        let pivot = own - dot(row, row);
        if pivot.is_nan() || pivot <= SINGULAR * own {
            return Conditioning::Singular;
        }
        smallest = smallest.min(pivot / own);
        l[i * d + i] = pivot.sqrt();
    }
    if smallest >= REGULAR && d <= INVERTED {
        let precisions = inverse_diagonal(&l, d);
        smallest = (0..d).map(|j| 1.0 / (precisions[j] * covariance[j * d + j])).fold(smallest, f64::min);
    }
    if smallest >= REGULAR { Conditioning::Regular } else { Conditioning::Nearly }
}

/// The diagonal of the inverse of `L L'`.
fn inverse_diagonal(l: &[f64], d: usize) -> Vec<f64> {
    let mut inverse = vec![0.0; d * d];
    let mut diagonal = vec![0.0; d];
    for i in 0..d {
        let (head, tail) = inverse.split_at_mut(i * d);
        let row = &mut tail[..=i];
        for j in 0..i {
            let factor = l[i * d + j];
            for (entry, other) in row[..=j].iter_mut().zip(&head[j * d..=j * d + j]) {
                *entry -= factor * other;
            }
        }
        row[i] = 1.0;
        let scale = l[i * d + i].recip();
        for (entry, sum) in row.iter_mut().zip(&mut diagonal) {
            *entry *= scale;
            *sum += *entry * *entry;
        }
    }
    diagonal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_depends_is_told_from_what_nearly_depends() {
        let pair = |correlation: f64| condition(&[1.0, correlation, correlation, 1.0], 2, 100);
        assert_eq!(pair(0.5), Conditioning::Regular);
        assert_eq!(pair(1.0 - 1e-9), Conditioning::Nearly);
        assert_eq!(pair(1.0), Conditioning::Singular);
        assert_eq!(condition(&[1.0], 1, 1), Conditioning::Singular);
        // Three that nearly add up to nothing, though no two are alike.
        let e = 1e-9;
        assert_eq!(condition(&[1.0, 0.0, 1.0, 0.0, 1.0, 1.0, 1.0, 1.0, 2.0 + e], 3, 100), Conditioning::Nearly);
    }
}
