//! From a point of the scaled and reduced program back to the given one.

use fathom_opt_problems::nonlinear::{Multipliers, Nlp, NonlinearSolution};

use crate::barrier::Barrier;
use crate::reduced::Reduced;

/// The point and multipliers of the given program.
pub(crate) fn solution(barrier: &Barrier, reduced: &mut Reduced<'_>) -> NonlinearSolution {
    let (program, at) = (&barrier.program, &barrier.at);
    let n = program.n;
    let (lower, upper) = reduced.bounds();
    let x: Vec<f64> = at.v[..n].iter().zip(lower.iter().zip(upper)).map(|(x, (l, u))| x.max(*l).min(*u)).collect();
    let unit = reduced.objective_scale().recip();
    let mut rows = at.l.clone();
    // The multiplier of an inequality is the difference of its slack's, which have the right signs.
    for (k, slack) in program.privates.iter().enumerate().filter(|(_, private)| private.is_slack()) {
        rows[slack.row] = at.upper[n + k] - at.lower[n + k];
    }
    for (l, scale) in rows.iter_mut().zip(reduced.row_scales()) {
        *l *= scale * unit;
    }
    let scaled = |z: &[f64]| -> Vec<f64> { z[..n].iter().map(|z| z * unit).collect() };
    let mut multipliers = Multipliers {
        constraints: reduced.spread_rows(&rows),
        lower: reduced.spread(&scaled(&at.lower)),
        upper: reduced.spread(&scaled(&at.upper)),
    };
    let x = reduced.full(&x).to_vec();
    multiply_fixed(reduced.given(), &x, &mut multipliers);
    NonlinearSolution { x, multipliers: Some(multipliers) }
}

/// Fixed variables take what is left of the Lagrangian's gradient as their bounds' multipliers.
fn multiply_fixed(nlp: &mut dyn Nlp, x: &[f64], multipliers: &mut Multipliers) {
    let fixed: Vec<usize> = {
        let (lower, upper) = nlp.variable_bounds();
        (0..x.len()).filter(|&j| lower[j] == upper[j]).collect()
    };
    if fixed.is_empty() {
        return;
    }
    let mut slope = vec![0.0; x.len()];
    let mut entries = vec![0.0; nlp.jacobian_pattern().entries()];
    if nlp.gradient(x, &mut slope).is_err() || nlp.constraints() > 0 && nlp.jacobian(x, &mut entries).is_err() {
        return;
    }
    let pattern = nlp.jacobian_pattern();
    for (i, l) in multipliers.constraints.iter().enumerate() {
        for (&j, entry) in pattern.row(i).iter().zip(&entries[pattern.range(i)]) {
            slope[j as usize] += l * entry;
        }
    }
    for j in fixed {
        (multipliers.lower[j], multipliers.upper[j]) = (slope[j].max(0.0), (-slope[j]).max(0.0));
    }
}
