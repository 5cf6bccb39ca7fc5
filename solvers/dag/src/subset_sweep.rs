//! The conditional variances of all variables given every subset of them.

use std::ops::ControlFlow;

use crate::moments::Moments;

/// Calls `visit(S, variances)` for every subset `S` (as a bit mask, increasing): `variances[j]` is the variance of `j` given `S`, for `j` outside `S`.
///
/// A depth-first sweep over the bits, highest first: taking a variable in is one rank-one step on the rows that are still undecided,
/// so that most of the `2^d` subsets cost `O(d)`.
pub(crate) fn sweep(moments: &Moments, visit: &mut dyn FnMut(usize, &[f64]) -> ControlFlow<()>) -> ControlFlow<()> {
    let d = moments.variables();
    let mut levels: Vec<Level> = (0..=d).map(|undecided| Level { rows: vec![0.0; undecided * d], variances: vec![0.0; d] }).collect();
    if let Some(top) = levels.last_mut() {
        for i in 0..d {
            for j in 0..d {
                top.rows[i * d + j] = moments.regular(i, j);
            }
            top.variances[i] = moments.regular(i, i);
        }
    }
    decide(&mut levels, d, 0, visit)
}

/// What is left when some variables are decided: the covariances of the undecided with all, and all variances, given those taken in.
struct Level {
    rows: Vec<f64>,
    variances: Vec<f64>,
}

/// `levels` ends with the level at hand, whose length is the number of undecided variables.
fn decide(levels: &mut [Level], d: usize, subset: usize, visit: &mut dyn FnMut(usize, &[f64]) -> ControlFlow<()>) -> ControlFlow<()> {
    let Some((here, below)) = levels.split_last_mut() else { return ControlFlow::Continue(()) };
    let Some(next) = below.last_mut() else { return visit(subset, &here.variances) };
    let bit = here.rows.len() / d - 1;
    next.rows.copy_from_slice(&here.rows[..bit * d]);
    next.variances.copy_from_slice(&here.variances);
    decide(below, d, subset, visit)?;
    let Some(next) = below.last_mut() else { return ControlFlow::Continue(()) };
    let row = &here.rows[bit * d..(bit + 1) * d];
    let pivot = here.variances[bit].max(f64::MIN_POSITIVE);
    for undecided in 0..bit {
        let factor = row[undecided] / pivot;
        let (old, new) = (&here.rows[undecided * d..(undecided + 1) * d], &mut next.rows[undecided * d..(undecided + 1) * d]);
        for ((entry, before), other) in new.iter_mut().zip(old).zip(row) {
            *entry = before - factor * other;
        }
    }
    for ((entry, before), other) in next.variances.iter_mut().zip(&here.variances).zip(row) {
        *entry = (before - other * other / pivot).max(0.0);
    }
    decide(below, d, subset | 1 << bit, visit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::selection::conditional_variance;

    #[test]
    fn every_subset_comes_once_in_increasing_order_with_its_variances() {
        let covariance = vec![2.0, 0.5, 0.3, -0.2, 0.5, 1.0, 0.1, 0.4, 0.3, 0.1, 1.5, 0.2, -0.2, 0.4, 0.2, 1.2];
        let moments = Moments::from_covariance(covariance, 4, 100);
        let mut expected = 0;
        let ended = sweep(&moments, &mut |subset, variances| {
            assert_eq!(subset, expected);
            expected += 1;
            let inside: Vec<usize> = (0..4).filter(|j| subset >> j & 1 == 1).collect();
            for j in (0..4).filter(|j| subset >> j & 1 == 0) {
                assert!((variances[j] - conditional_variance(&moments, j, &inside)).abs() < 1e-12);
            }
            ControlFlow::Continue(())
        });
        assert_eq!((ended, expected), (ControlFlow::Continue(()), 16));
    }
}
