//! Multipliers for a point that came without any: the least-squares estimate over the active constraints.

/// A constraint that is active at the point.
#[derive(Debug, Clone)]
pub(super) struct Active {
    /// Its position among all constraints.
    pub constraint: usize,
    /// Its gradient: variable and derivative.
    pub gradient: Vec<(u32, f64)>,
    /// Whether its multiplier may be positive (the upper side is active).
    pub positive: bool,
    /// Whether its multiplier may be negative (the lower side is active).
    pub negative: bool,
}

/// How often constraints are dropped whose multiplier has the wrong sign, and variables at bounds are counted that pull the wrong way.
const ROUNDS: usize = 20;

/// Multipliers (as many as `active`) that make `gradient + sum of multiplier * constraint gradient` small: over variables between their bounds in both
/// directions, at a lower bound (`at_lower`) where it is negative, at an upper one where it is positive.
///
/// It is an estimate: a small rest proves the point stationary, a large one does not prove that it is not.
pub(super) fn estimate(gradient: &[f64], active: &[Active], at_lower: &[bool], at_upper: &[bool]) -> Vec<f64> {
    let n = gradient.len();
    let mut counted: Vec<bool> = (0..n).map(|j| !at_lower[j] && !at_upper[j]).collect();
    let mut kept = vec![true; active.len()];
    let mut multipliers = vec![0.0; active.len()];
    for _ in 0..ROUNDS {
        multipliers = conjugate_gradients(gradient, active, &counted, &kept);
        let mut changed = false;
        for (k, row) in active.iter().enumerate() {
            if kept[k] && (multipliers[k] > 0.0 && !row.positive || multipliers[k] < 0.0 && !row.negative) {
                kept[k] = false;
                multipliers[k] = 0.0;
                changed = true;
            }
        }
        let rest = residual(gradient, active, &multipliers);
        for j in 0..n {
            let wrong = (rest[j] < 0.0 && !at_upper[j]) || (rest[j] > 0.0 && !at_lower[j]);
            if wrong && !counted[j] {
                counted[j] = true;
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    multipliers
}

/// `gradient + sum of multiplier * constraint gradient`.
pub(super) fn residual(gradient: &[f64], active: &[Active], multipliers: &[f64]) -> Vec<f64> {
    let mut rest = gradient.to_vec();
    for (row, multiplier) in active.iter().zip(multipliers) {
        for &(variable, derivative) in &row.gradient {
            rest[variable as usize] += multiplier * derivative;
        }
    }
    rest
}

/// Conjugate gradients on the normal equations, rows scaled to length 1 (Paige and Saunders' CGLS).
fn conjugate_gradients(gradient: &[f64], active: &[Active], counted: &[bool], kept: &[bool]) -> Vec<f64> {
    let weight: Vec<f64> = active
        .iter()
        .zip(kept)
        .map(|(row, kept)| {
            let length = row.gradient.iter().filter(|(j, _)| counted[*j as usize]).map(|(_, d)| d * d).sum::<f64>().sqrt();
            if *kept && length > 0.0 && length.is_finite() { length.recip() } else { 0.0 }
        })
        .collect();
    let times = |vector: &[f64]| -> Vec<f64> {
        let product = |(row, w): (&Active, &f64)| -> f64 {
            w * row.gradient.iter().filter(|(j, _)| counted[*j as usize]).map(|&(j, d)| d * vector[j as usize]).sum::<f64>()
        };
        active.iter().zip(&weight).map(product).collect()
    };
    let transposed = |vector: &[f64]| -> Vec<f64> {
        let mut product = vec![0.0; counted.len()];
        for ((row, w), v) in active.iter().zip(&weight).zip(vector) {
            for &(j, d) in row.gradient.iter().filter(|(j, _)| counted[*j as usize]) {
                product[j as usize] += w * d * v;
            }
        }
        product
    };
    let square = |vector: &[f64]| vector.iter().map(|v| v * v).sum::<f64>();
    let mut solution = vec![0.0; active.len()];
    let mut rest: Vec<f64> = gradient.iter().zip(counted).map(|(g, counted)| if *counted { -g } else { 0.0 }).collect();
    let mut slope = times(&rest);
    let mut direction = slope.clone();
    let mut size = square(&slope);
    let enough = 1e-30 * size;
    for _ in 0..(4 * active.len() + 20).min(2000) {
        if size <= enough || size == 0.0 {
            break;
        }
        let image = transposed(&direction);
        let length = square(&image);
        if length == 0.0 || !length.is_finite() {
            break;
        }
        let step = size / length;
        solution.iter_mut().zip(&direction).for_each(|(s, d)| *s += step * d);
        rest.iter_mut().zip(&image).for_each(|(r, i)| *r -= step * i);
        slope = times(&rest);
        let next = square(&slope);
        let turn = next / size;
        direction.iter_mut().zip(&slope).for_each(|(d, s)| *d = s + turn * *d);
        size = next;
    }
    solution.iter().zip(&weight).map(|(s, w)| s * w).collect()
}
