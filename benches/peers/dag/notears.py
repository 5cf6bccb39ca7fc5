"""NOTEARS for linear models (Zheng, Aragam, Ravikumar, Xing 2018, "DAGs with NO TEARS"), written from the paper.

The package of that name is not on PyPI, so that here is the published algorithm: the augmented Lagrangian of

    min_W  1/(2n) ||X - X W||_F^2 + lambda ||W||_1   subject to   h(W) = tr exp(W o W) - d = 0

with W = P - N, P, N >= 0, minimised by L-BFGS-B for every pair (alpha, rho); rho grows tenfold until h falls to a quarter, then alpha += rho h.
"""

import numpy as np
from scipy.linalg import expm
from scipy.optimize import minimize


def notears(data, penalty=0.1, threshold=0.3, tolerance=1e-8, most_rho=1e16, rounds=100):
    """Weights (entry (i, j): effect of i on j), those below `threshold` in size set to 0. Defaults as in the paper's experiments."""
    n, d = data.shape
    centred = data - data.mean(axis=0)
    covariance = centred.T @ centred / n
    off = ~np.eye(d, dtype=bool)

    def weights_of(parts):
        halves = np.zeros((2, d, d))
        halves[:, off] = parts.reshape(2, -1)
        return halves[0] - halves[1]

    def cycles(weights):
        """h and its gradient."""
        power = expm(weights * weights)
        return np.trace(power) - d, 2.0 * power.T * weights

    def lagrangian(parts, alpha, rho):
        weights = weights_of(parts)
        left = covariance @ (np.eye(d) - weights)
        fit = 0.5 * np.sum((np.eye(d) - weights) * left)
        violation, slope = cycles(weights)
        gradient = (alpha + rho * violation) * slope - left
        value = fit + penalty * parts.sum() + (alpha + 0.5 * rho * violation) * violation
        return value, np.concatenate([gradient[off] + penalty, penalty - gradient[off]])

    parts, alpha, rho, violation = np.zeros(2 * d * (d - 1)), 0.0, 1.0, np.inf
    for _ in range(rounds):
        while True:
            result = minimize(lagrangian, parts, (alpha, rho), jac=True, method="L-BFGS-B", bounds=[(0.0, None)] * len(parts))
            now, _ = cycles(weights_of(result.x))
            if now <= 0.25 * violation or rho >= most_rho:
                break
            rho *= 10.0
        parts, violation = result.x, now
        alpha += rho * violation
        if violation <= tolerance or rho >= most_rho:
            break
    weights = weights_of(parts)
    weights[np.abs(weights) < threshold] = 0.0
    return weights
