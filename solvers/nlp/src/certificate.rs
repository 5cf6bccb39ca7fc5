//! Bounds on the optimal value of convex programs.

use fathom_opt_problems::nonlinear::{Multipliers, Nlp};

/// What rounding may do to the sums below, relative to the magnitudes of their terms.
const ROUNDING: f64 = 1e-10;

/// A lower bound on the (minimised) objective of a convex program with the multipliers of a point `x` of its domain, by weak duality:
///
/// ```text
/// f* >= min over l <= y <= u of L(y) >= L(x) + sum_j min over l_j <= y_j <= u_j of (dL/dx_j) (y_j - x_j),     L = f + sum_i m_i (c_i - side_i)
/// ```
///
/// with `side_i` the upper one where `m_i > 0` and the lower one where `m_i < 0`. `None` where a variable without the bound that its derivative asks for
/// makes it minus infinity, or where something is undefined.
pub(crate) fn dual_bound(nlp: &mut dyn Nlp, x: &[f64], multipliers: &Multipliers) -> Option<f64> {
    let (n, m) = (nlp.variables(), nlp.constraints());
    let mut slope = vec![0.0; n];
    let mut sum = nlp.objective(x).ok()?;
    let mut magnitude = sum.abs();
    nlp.gradient(x, &mut slope).ok()?;
    let mut terms: Vec<f64> = slope.iter().map(|slope| slope.abs()).collect();
    if m > 0 {
        let (mut values, mut entries) = (vec![0.0; m], vec![0.0; nlp.jacobian_pattern().entries()]);
        nlp.constraint_values(x, &mut values).ok()?;
        nlp.jacobian(x, &mut entries).ok()?;
        let (below, above) = nlp.constraint_sides();
        let pattern = nlp.jacobian_pattern();
        for (i, &multiplier) in multipliers.constraints.iter().enumerate().filter(|(_, multiplier)| **multiplier != 0.0) {
            let side = if multiplier > 0.0 { above[i] } else { below[i] };
            if !side.is_finite() {
                return None;
            }
            sum += multiplier * (values[i] - side);
            magnitude += (multiplier * values[i]).abs() + (multiplier * side).abs();
            for (&j, entry) in pattern.row(i).iter().zip(&entries[pattern.range(i)]) {
                slope[j as usize] += multiplier * entry;
                terms[j as usize] += (multiplier * entry).abs();
            }
        }
    }
    let (lower, upper) = nlp.variable_bounds();
    for j in 0..n {
        // The derivative may be anything within its rounding.
        let rounding = ROUNDING * terms[j];
        let down = (slope[j] + rounding).max(0.0) * (x[j] - lower[j]).max(0.0);
        let up = (rounding - slope[j]).max(0.0) * (upper[j] - x[j]).max(0.0);
        let most = if terms[j] == 0.0 { 0.0 } else { down.max(up) };
        if !most.is_finite() {
            return None;
        }
        sum -= most;
        magnitude += most;
    }
    let bound = sum - ROUNDING * magnitude;
    bound.is_finite().then_some(bound)
}
