//! One node's convex regressions: l1-penalised least squares and l1-penalised logistic loss.

use crate::active_set::ActiveSet;
use crate::clock::Clock;
use crate::moments::Moments;
use crate::products::dot;

/// Coordinate descent stops when no step moves the gradient by more than this, relative to the target's scale.
const TOLERANCE: f64 = 1e-11;

/// Sweeps before coordinate descent gives up on a model of the logistic loss; quadratic problems of these sizes need tens.
const SWEEPS: usize = 20_000;

/// Sweeps before coordinate descent on least squares leaves the rest to an active-set method: columns that nearly depend on each other make it crawl.
const LASSO_SWEEPS: usize = 500;

fn soft(value: f64, threshold: f64) -> f64 {
    value.signum() * (value.abs() - threshold).max(0.0)
}

/// Weights that minimise a convex loss, as nearly as they were computed.
#[derive(Debug, Clone)]
pub(crate) struct Fit {
    pub(crate) value: f64,
    pub(crate) weights: Vec<f64>,
    /// The value exceeds the least one by no more than this.
    pub(crate) gap: f64,
}

/// Sweeps between two looks at the clock.
const LOOK: usize = 32;

/// `min_w 1/2 var(node - w' parents) + lambda |w|_1`, by coordinate descent on the covariance. Where the clock says stop, the weights reached so far.
pub(crate) fn lasso(moments: &Moments, node: usize, parents: &[usize], lambda: f64, clock: Option<&Clock<'_>>) -> Fit {
    let k = parents.len();
    let mut weights = vec![0.0; k];
    // pull[i] = cov(parent i, residual).
    let mut pull: Vec<f64> = parents.iter().map(|&i| moments.covariance(i, node)).collect();
    // Without a ridge: the l1 term makes up for it where columns depend on each other, and the value is that of the problem's own score.
    let gram: Vec<f64> = parents.iter().flat_map(|&i| parents.iter().map(move |&j| moments.covariance(i, j))).collect();
    let scale = moments.covariance(node, node).max(f64::MIN_POSITIVE).sqrt();
    // Sweeps over the weights that are not 0 until they stand still, then one over all: most sweeps are short.
    let mut active = false;
    let mut settled = false;
    for sweep in 0..LASSO_SWEEPS {
        if sweep.is_multiple_of(LOOK) && clock.is_some_and(|clock| !clock.may_go_on()) {
            settled = true;
            break;
        }
        let mut largest: f64 = 0.0;
        for i in 0..k {
            if active && weights[i] == 0.0 {
                continue;
            }
            let own = gram[i * k + i];
            // A column that does not vary explains nothing.
            if own <= 0.0 {
                continue;
            }
            let weight = soft(pull[i] + own * weights[i], lambda) / own;
            let step = weight - weights[i];
            if step != 0.0 {
                weights[i] = weight;
                for (value, entry) in pull.iter_mut().zip(&gram[i * k..(i + 1) * k]) {
                    *value -= step * entry;
                }
                largest = largest.max(step.abs() * own.sqrt());
            }
        }
        let still = largest <= TOLERANCE * scale;
        if still && !active {
            settled = true;
            break;
        }
        active = !still;
    }
    if !settled {
        let linear: Vec<f64> = parents.iter().map(|&i| moments.covariance(i, node)).collect();
        let fit = ActiveSet { gram: &gram, linear: &linear, lambda };
        fit.finish(&mut weights, scale);
    }
    let pairs: Vec<(usize, f64)> = parents.iter().copied().zip(weights.iter().copied()).collect();
    let variance = moments.residual_variance(node, &pairs);
    let penalty = lambda * weights.iter().map(|weight| weight.abs()).sum::<f64>();
    let pulls = moments.pulls(node, parents, &weights);
    let gap = lasso_gap(moments.covariance(node, node), variance, penalty, &pulls, &weights, lambda);
    Fit { value: 0.5 * variance + penalty, weights, gap }
}

/// The duality gap: the residual, shrunk until no covariance with it exceeds lambda, is feasible for the dual `max_r 1/2 var(y) - 1/2 var(y - r)`. `pulls` are
/// those covariances, each with what rounding may have done to it.
fn lasso_gap(own: f64, variance: f64, penalty: f64, pulls: &[(f64, f64)], weights: &[f64], lambda: f64) -> f64 {
    let largest = pulls.iter().fold(0.0, |largest: f64, (pull, rounding)| largest.max(pull.abs() + rounding));
    let shrink = if largest > lambda { lambda / largest } else { 1.0 };
    // cov(y, r) = var(r) + sum_i w_i cov(x_i, r).
    let along = variance + pulls.iter().zip(weights).map(|((pull, _), weight)| pull * weight).sum::<f64>();
    let rounding: f64 = pulls.iter().zip(weights).map(|((_, rounding), weight)| rounding * weight.abs()).sum();
    let dual = shrink * along - 0.5 * shrink * shrink * variance;
    let gap = 0.5 * variance + penalty - dual + rounding;
    // The two agree up to rounding of the largest terms.
    if gap.is_nan() { f64::INFINITY } else { gap.max(4.0 * f64::EPSILON * own) }
}

/// `min_w 1/n sum (ln(1 + e^m) - x m) + lambda |w|_1` with `m = sum_i w_i column_i`. Where the clock says stop, the weights reached so far.
///
/// Proximal Newton: the quadratic model is minimised by coordinate descent, the step is halved until the objective falls enough.
pub(crate) fn logistic(columns: &[Vec<f64>], node: usize, parents: &[usize], lambda: f64, clock: Option<&Clock<'_>>) -> Fit {
    let is_over = || clock.is_some_and(|clock| !clock.may_go_on());
    let target = &columns[node];
    let n = target.len() as f64;
    let k = parents.len();
    let mut weights = vec![0.0; k];
    let mut mixed = vec![0.0; target.len()];
    let objective = |mixed: &[f64], weights: &[f64]| {
        let loss: f64 = mixed.iter().zip(target).map(|(&m, &x)| m.max(0.0) + (-m.abs()).exp().ln_1p() - x * m).sum();
        loss / n + lambda * weights.iter().map(|weight| weight.abs()).sum::<f64>()
    };
    let mut value = objective(&mixed, &weights);
    let mut violation = f64::INFINITY;
    // Whether the last step changed the value by no more than rounding: the violation alone tells then whether steps still help.
    let mut flat = false;
    'newton: for _ in 0..200 {
        let chance: Vec<f64> = mixed.iter().map(|&m| 1.0 / (1.0 + (-m).exp())).collect();
        let residual: Vec<f64> = target.iter().zip(&chance).map(|(x, p)| x - p).collect();
        // A floor keeps the model strictly convex where all chances are 0 or 1.
        let curvature: Vec<f64> = chance.iter().map(|p| (p * (1.0 - p)).max(1e-8)).collect();
        let pull: Vec<f64> = parents.iter().map(|&i| dot(&columns[i], &residual) / n).collect();
        let before = std::mem::replace(&mut violation, kkt_violation(&pull, &weights, lambda));
        if violation <= STATIONARY || flat && violation > 0.5 * before {
            break;
        }
        let mut hessian = vec![0.0; k * k];
        for (a, &i) in parents.iter().enumerate() {
            if is_over() {
                break 'newton;
            }
            let weighted: Vec<f64> = columns[i].iter().zip(&curvature).map(|(x, c)| x * c).collect();
            for (b, &j) in parents.iter().enumerate().take(a + 1) {
                let entry = dot(&weighted, &columns[j]) / n;
                hessian[a * k + b] = entry;
                hessian[b * k + a] = entry;
            }
            hessian[a * k + a] += 1e-12;
        }
        let direction = newton_direction(&hessian, &pull, &weights, lambda);
        let slope: f64 = direction.iter().zip(&pull).map(|(step, pull)| -step * pull).sum::<f64>()
            + lambda * (0..k).map(|i| (weights[i] + direction[i]).abs() - weights[i].abs()).sum::<f64>();
        let mut length = 1.0;
        let mut moved = false;
        for _ in 0..40 {
            if is_over() {
                break 'newton;
            }
            let trial: Vec<f64> = weights.iter().zip(&direction).map(|(weight, step)| weight + length * step).collect();
            let mut trial_mixed = vec![0.0; mixed.len()];
            for (&i, &weight) in parents.iter().zip(&trial) {
                if weight != 0.0 {
                    for (m, x) in trial_mixed.iter_mut().zip(&columns[i]) {
                        *m += weight * x;
                    }
                }
            }
            let trial_value = objective(&trial_mixed, &trial);
            if trial_value <= value + 1e-4 * length * slope.min(0.0) + 8.0 * f64::EPSILON * value {
                moved = trial_value < value || trial != weights;
                flat = (trial_value - value).abs() <= 8.0 * f64::EPSILON * value;
                (weights, mixed, value) = (trial, trial_mixed, trial_value);
                break;
            }
            length *= 0.5;
        }
        if !moved {
            break;
        }
    }
    // By convexity the value exceeds the least by at most the violation times the distance in |w|_1, and lambda |w|_1 of the best weights is at most ln 2,
    // the loss of no weights at all.
    let distance = weights.iter().map(|weight| weight.abs()).sum::<f64>() + std::f64::consts::LN_2 / lambda;
    Fit { value, weights, gap: (violation * distance).max(4.0 * f64::EPSILON * value) }
}

/// Residuals of the KKT conditions up to this size are rounding.
const STATIONARY: f64 = 1e-12;

/// `x - sigmoid(m)` of every observation, with `m = sum_i w_i column_i` over these parents and weights of `node`.
pub(crate) fn logistic_residual(columns: &[Vec<f64>], node: usize, parents: &[(usize, f64)]) -> Vec<f64> {
    let target = &columns[node];
    let mut mixed = vec![0.0; target.len()];
    for &(parent, weight) in parents {
        for (m, x) in mixed.iter_mut().zip(&columns[parent]) {
            *m += weight * x;
        }
    }
    mixed.iter().zip(target).map(|(&m, &x)| x - 1.0 / (1.0 + (-m).exp())).collect()
}

/// The largest residual of the KKT conditions of the penalised loss.
fn kkt_violation(pull: &[f64], weights: &[f64], lambda: f64) -> f64 {
    let residual =
        |(&pull, &weight): (&f64, &f64)| if weight == 0.0 { pull.abs() - lambda } else { (pull - lambda * weight.signum()).abs() };
    pull.iter()
        .zip(weights)
        .map(residual)
        .fold(0.0, |largest: f64, residual| if residual.is_nan() { f64::INFINITY } else { largest.max(residual) })
}

/// The step that minimises the quadratic model with the l1 term, by coordinate descent.
fn newton_direction(hessian: &[f64], pull: &[f64], weights: &[f64], lambda: f64) -> Vec<f64> {
    let k = weights.len();
    let mut step = vec![0.0; k];
    let mut model = pull.to_vec();
    for _ in 0..SWEEPS {
        let mut largest: f64 = 0.0;
        for i in 0..k {
            let own = hessian[i * k + i];
            let current = weights[i] + step[i];
            let change = soft(model[i] + own * current, lambda) / own - current;
            if change != 0.0 {
                step[i] += change;
                for (value, entry) in model.iter_mut().zip(&hessian[i * k..(i + 1) * k]) {
                    *value -= change * entry;
                }
                largest = largest.max(change.abs() * own.sqrt());
            }
        }
        if largest <= TOLERANCE {
            break;
        }
    }
    step
}
