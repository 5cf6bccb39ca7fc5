//! The conditional variances of all variables given every subset of them.

use std::ops::ControlFlow;

use crate::gram::Gram;
use crate::number::Number;

/// Calls `visit(S, variances)` for every subset `S` (as a bit mask, increasing): `variances[j]` is the variance of `j` given `S` in its unit, for `j` outside
/// `S`.
///
/// A depth-first sweep over the bits, highest first: taking a variable in is one rank-one step on the rows that are still undecided,
/// so that most of the `2^d` subsets cost `O(d)`.
pub(crate) fn sweep<N: Number>(gram: Gram<'_, N>, visit: &mut dyn FnMut(usize, &[N]) -> ControlFlow<()>) -> ControlFlow<()> {
    let d = gram.variables();
    let mut levels: Vec<Level<N>> =
        (0..=d).map(|undecided| Level { rows: vec![N::ZERO; undecided * d], variances: vec![N::ZERO; d] }).collect();
    if let Some(top) = levels.last_mut() {
        for i in 0..d {
            top.rows[i * d..(i + 1) * d].copy_from_slice(gram.row(i));
        }
        top.variances.copy_from_slice(gram.variances());
    }
    decide(gram, &mut levels, 0, visit)
}

/// What is left when some variables are decided: the covariances of the undecided with all, and all variances, given those taken in.
struct Level<N> {
    rows: Vec<N>,
    variances: Vec<N>,
}

/// `levels` ends with the level at hand, whose length is the number of undecided variables.
fn decide<N: Number>(
    gram: Gram<'_, N>,
    levels: &mut [Level<N>],
    subset: usize,
    visit: &mut dyn FnMut(usize, &[N]) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let d = gram.variables();
    let Some((here, below)) = levels.split_last_mut() else { return ControlFlow::Continue(()) };
    let Some(next) = below.last_mut() else { return visit(subset, &here.variances) };
    let bit = here.rows.len() / d - 1;
    next.rows.copy_from_slice(&here.rows[..bit * d]);
    next.variances.copy_from_slice(&here.variances);
    decide(gram, below, subset, visit)?;
    let Some(next) = below.last_mut() else { return ControlFlow::Continue(()) };
    let row = &here.rows[bit * d..(bit + 1) * d];
    let pivot = here.variances[bit];
    if gram.is_explained(bit, pivot) {
        // What the others explain already tells nothing new.
        next.rows.copy_from_slice(&here.rows[..bit * d]);
        next.variances.copy_from_slice(&here.variances);
        return decide(gram, below, subset | 1 << bit, visit);
    }
    for undecided in 0..bit {
        let factor = row[undecided] / pivot;
        let (old, new) = (&here.rows[undecided * d..(undecided + 1) * d], &mut next.rows[undecided * d..(undecided + 1) * d]);
        for ((entry, &before), &other) in new.iter_mut().zip(old).zip(row) {
            *entry = before - factor * other;
        }
    }
    for ((entry, &before), &other) in next.variances.iter_mut().zip(&here.variances).zip(row) {
        let left = before - other * other / pivot;
        *entry = if left.value() > 0.0 { left } else { N::ZERO };
    }
    decide(gram, below, subset | 1 << bit, visit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::moments::Moments;
    use crate::selection::conditional_variance;

    #[test]
    fn every_subset_comes_once_in_increasing_order_with_its_variances() {
        let covariance = vec![2.0, 0.5, 0.3, -0.2, 0.5, 1.0, 0.1, 0.4, 0.3, 0.1, 1.5, 0.2, -0.2, 0.4, 0.2, 1.2];
        let moments = Moments::from_covariance(covariance, 4, 100);
        let mut expected = 0;
        let ended = sweep(moments.plain(), &mut |subset, variances| {
            assert_eq!(subset, expected);
            expected += 1;
            let inside: Vec<usize> = (0..4).filter(|j| subset >> j & 1 == 1).collect();
            for j in (0..4).filter(|j| subset >> j & 1 == 0) {
                assert!(
                    (variances[j] * moments.square(j) - conditional_variance(moments.plain(), j, &inside) * moments.square(j)).abs()
                        < 1e-12
                );
            }
            ControlFlow::Continue(())
        });
        assert_eq!((ended, expected), (ControlFlow::Continue(()), 16));
    }
}
