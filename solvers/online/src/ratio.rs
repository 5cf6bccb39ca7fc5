//! Competitive ratios in closed form, for vanishing weights.

use fathom_opt_problems::online_knapsack::DensityBounds;

use crate::lambert_w::lambert_w;

/// The ratio of `zcl` for small items: `1 + ln(U / L)`.
pub fn zcl_ratio(bounds: DensityBounds) -> f64 {
    1.0 + bounds.ratio().ln()
}

/// `beta(alpha) = W0((U/L) (1-alpha)/alpha) / (1-alpha)`, the ratio of the extended constant threshold for small items; `beta(1) = U/L`.
pub fn ect_ratio(bounds: DensityBounds, alpha: f64) -> f64 {
    let rest = 1.0 - alpha;
    let x = bounds.ratio() * rest / alpha;
    if rest < 1e-6 && x < 1e-3 {
        // W(x) = x - x^2 + 3/2 x^3 - ...; the quotient would be 0/0 at alpha = 1.
        return bounds.ratio() / alpha * (1.0 - x + 1.5 * x * x);
    }
    lambert_w(x) / rest
}
