//! Price curves: a non-decreasing price over the used share of the knapsack. An item is taken iff it fits and its density is at least the price.
//!
//! Everything of Zhou, Chakrabarty, Lukose (2008) and Lechowicz et al. (2024) is such a curve; the engine is one. `L`, `U` bound every density,
//! `R = U / L`, `c = 1 + ln R`.

use fathom_opt_core::OptionError;
use fathom_opt_problems::online_knapsack::DensityBounds;
use serde::{Deserialize, Serialize};

use crate::ratio::{ect_ratio, zcl_ratio};

/// Which curve, before the bounds on densities are known.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CurveKind {
    /// One price throughout.
    Constant {
        /// The price; `L` where it is missing.
        threshold: Option<f64>,
    },
    /// Zhou, Chakrabarty, Lukose: the best ratio for small items.
    Zcl,
    /// Extended constant threshold: a posted price for a share `alpha`, then exponential.
    Ect {
        /// Share of the capacity at the posted price `L`.
        alpha: f64,
    },
    /// The baseline that the extended constant threshold improves on.
    Baseline {
        /// Share of the capacity at the posted price `L`.
        alpha: f64,
    },
    /// Learning-augmented: flat at the predicted critical density for a share `gamma`.
    LaEct {
        /// Trust in the prediction, 0 to 1.
        gamma: f64,
        /// The predicted critical density.
        prediction: f64,
    },
}

/// An interval of the used share on which the price is constant: a posted price.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Plateau {
    /// Where it starts.
    pub from: f64,
    /// Where it ends.
    pub to: f64,
    /// The price.
    pub price: f64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Shape {
    Constant {
        price: f64,
    },
    Zcl,
    Ect {
        alpha: f64,
        beta: f64,
    },
    /// `L R^((z-alpha)/(1-alpha))` after `alpha`: the published form, with the cancelling terms taken out.
    Baseline {
        alpha: f64,
    },
    LaEct {
        gamma: f64,
        prediction: f64,
        reach: f64,
    },
}

/// A price curve for given bounds on densities.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Curve {
    lower: f64,
    upper: f64,
    /// `1 + ln(U / L)`.
    c: f64,
    shape: Shape,
    /// The share of the capacity over which the curve is stretched: 1, or `1 - m` where no weight exceeds the share `m` (size-aware).
    width: f64,
}

impl Curve {
    /// The curve `kind` for densities within `bounds`.
    ///
    /// # Errors
    /// Bounds that are none; a share outside its range, named with the range; a price that is not positive.
    pub fn new(kind: CurveKind, bounds: DensityBounds) -> Result<Self, OptionError> {
        if !bounds.is_valid() || bounds.lower < f64::MIN_POSITIVE {
            let found = format!("L = {}, U = {}", bounds.lower, bounds.upper);
            let expected = format!("{:e} <= L <= U, U and U/L finite (smaller numbers lose their digits)", f64::MIN_POSITIVE);
            return Err(OptionError::new("bounds", found, expected));
        }
        let c = zcl_ratio(bounds);
        let shape = match kind {
            CurveKind::Constant { threshold } => {
                let price = threshold.unwrap_or(bounds.lower);
                if !(price > 0.0 && price.is_finite()) {
                    return Err(OptionError::new("threshold", price, "a finite density above 0"));
                }
                Shape::Constant { price }
            }
            CurveKind::Zcl => Shape::Zcl,
            CurveKind::Ect { alpha } => {
                fair_share(alpha, c)?;
                Shape::Ect { alpha, beta: ect_ratio(bounds, alpha) }
            }
            CurveKind::Baseline { alpha } => {
                fair_share(alpha, c)?;
                // Without the first case: 0/0 at U = L, and 0 * infinity at alpha = 1.
                if c <= 1.0 || alpha >= 1.0 { Shape::Constant { price: bounds.lower } } else { Shape::Baseline { alpha } }
            }
            CurveKind::LaEct { gamma, prediction } => {
                if !(0.0..=1.0).contains(&gamma) {
                    return Err(OptionError::new("gamma", gamma, "0 (no trust) to 1 (full trust)"));
                }
                if !(prediction > 0.0 && prediction.is_finite()) {
                    return Err(OptionError::new("prediction", prediction, "a finite density above 0"));
                }
                let prediction = prediction.clamp(bounds.lower, bounds.upper);
                Shape::LaEct { gamma, prediction, reach: (1.0 - gamma) * ((prediction / bounds.lower).ln() + 1.0) / c }
            }
        };
        Ok(Self { lower: bounds.lower, upper: bounds.upper, c, shape, width: 1.0 })
    }

    /// The same curve stretched over a share `1 - max_weight` of the capacity, for items whose weights are at most the share `max_weight`: the last
    /// item always fits, and the worst case is lower than that of the plain curve (derived in the family's specification, 1.7).
    ///
    /// # Errors
    /// A share that is not in [0, 1).
    pub fn size_aware(mut self, max_weight: f64) -> Result<Self, OptionError> {
        if !(0.0..1.0).contains(&max_weight) {
            return Err(OptionError::new("max-weight", max_weight, "a share of the capacity, at least 0 and below 1"));
        }
        // A posted price throughout has nothing to stretch.
        if !matches!(self.shape, Shape::Constant { .. }) {
            self.width = 1.0 - max_weight;
        }
        Ok(self)
    }

    /// The price at the used share `z`.
    pub fn price(&self, z: f64) -> f64 {
        let z = if self.width == 1.0 { z } else { (z / self.width).min(1.0) };
        match self.shape {
            Shape::Constant { price } => price,
            Shape::Zcl => self.lower * (self.c * z - 1.0).exp().max(1.0),
            Shape::Ect { alpha, .. } if z < alpha => self.lower,
            Shape::Ect { beta, .. } => self.upper * (beta * (z - 1.0)).exp(),
            Shape::Baseline { alpha } if z < alpha => self.lower,
            Shape::Baseline { alpha } => self.lower * ((self.c - 1.0) * (z - alpha) / (1.0 - alpha)).exp(),
            Shape::LaEct { gamma, prediction, reach } => {
                if gamma >= 1.0 || (z > reach && z < reach + gamma) {
                    prediction
                } else {
                    let risen = if z <= reach { z } else { z - gamma };
                    self.lower * (self.c * risen / (1.0 - gamma) - 1.0).exp().max(1.0)
                }
            }
        }
    }

    /// The largest used share at which the price is at most `density`, 0 to 1: up to there a fractional algorithm takes an item of this density.
    pub fn inverse(&self, density: f64) -> f64 {
        // Densities and prices are quotients and powers of the same numbers: one that falls short by rounding alone is none the worse.
        let density = density * (1.0 + 1e-12);
        let rise = |origin: f64| ((density / origin).ln() + 1.0) / self.c;
        let z = match self.shape {
            Shape::Constant { price } => f64::from(u8::from(density >= price)),
            _ if density < self.lower => 0.0,
            Shape::Zcl => rise(self.lower),
            Shape::Ect { alpha, beta } => (1.0 + (density / self.upper).ln() / beta).max(alpha),
            Shape::Baseline { alpha } => alpha + (1.0 - alpha) * (density / self.lower).ln() / (self.c - 1.0),
            Shape::LaEct { gamma, prediction, .. } => {
                let flat = if density >= prediction { gamma } else { 0.0 };
                if gamma >= 1.0 { flat } else { (1.0 - gamma) * rise(self.lower) + flat }
            }
        };
        (z * self.width).clamp(0.0, 1.0)
    }

    /// The posted prices: intervals on which the curve is flat.
    pub fn plateaus(&self) -> Vec<Plateau> {
        let flat = |from: f64, to: f64, price: f64| Plateau { from: from * self.width, to: to * self.width, price };
        match self.shape {
            Shape::Constant { price } => vec![Plateau { from: 0.0, to: 1.0, price }],
            Shape::Zcl => vec![flat(0.0, 1.0 / self.c, self.lower)],
            Shape::Ect { alpha, .. } | Shape::Baseline { alpha } => vec![flat(0.0, alpha, self.lower)],
            Shape::LaEct { gamma, prediction, reach } => {
                let start = flat(0.0, (1.0 - gamma) / self.c, self.lower);
                let middle = flat(reach, reach + gamma, prediction);
                [start, middle].into_iter().filter(|plateau| plateau.to > plateau.from).collect()
            }
        }
    }

    /// The competitive ratio for vanishingly small items (and for fractional acceptance); infinite where there is none. A curve that is stretched over a
    /// share of the capacity earns that share of what the plain one does by the time its price has reached any density.
    pub fn small_item_ratio(&self) -> f64 {
        self.plain_ratio() / self.width
    }

    /// The same of the curve before it was stretched.
    fn plain_ratio(&self) -> f64 {
        let spread = self.upper / self.lower;
        match self.shape {
            Shape::Constant { price } if price <= self.lower => spread,
            Shape::Constant { .. } => f64::INFINITY,
            Shape::Zcl => self.c,
            Shape::Ect { beta, .. } => beta,
            Shape::Baseline { alpha } => self.upper / (self.lower * alpha + (self.upper - self.lower) * (1.0 - alpha) / (self.c - 1.0)),
            // Infinite for gamma = 1: no price but the predicted one.
            Shape::LaEct { gamma, .. } => self.c / (1.0 - gamma),
        }
    }

    /// The rate `r` of the rising part, which grows like `exp(r z)`; 0 where nothing rises.
    fn rate(&self) -> f64 {
        match self.shape {
            Shape::Constant { .. } => 0.0,
            Shape::Zcl => self.c,
            Shape::Ect { beta, .. } => beta,
            Shape::Baseline { alpha } => (self.c - 1.0) / (1.0 - alpha),
            Shape::LaEct { gamma, .. } => self.c / (1.0 - gamma),
        }
    }

    /// Where the rising part starts.
    fn rising_from(&self) -> f64 {
        match self.shape {
            Shape::Constant { .. } => 0.0,
            Shape::Zcl => 1.0 / self.c,
            Shape::Ect { alpha, .. } | Shape::Baseline { alpha } => alpha,
            Shape::LaEct { gamma, .. } => (1.0 - gamma) / self.c,
        }
    }

    /// The ratio that holds when no weight exceeds the share `m` of the capacity; `roomy` when no item was ever refused for lack of room. `None`
    /// where nothing is proved. (The first exponential is the left Riemann sum of the curve's integral, the second the capacity that the last item may leave
    /// unused; the proof stands in `promise.rs`.)
    pub fn finite_ratio(&self, m: f64, roomy: bool) -> Option<f64> {
        let rho = self.plain_ratio();
        if !rho.is_finite() || !(0.0..1.0).contains(&m) {
            return None;
        }
        if let Shape::Constant { .. } = self.shape {
            return Some(if roomy { rho } else { rho / (1.0 - m) });
        }
        if self.width < 1.0 {
            // Stretched for weights up to 1 - width: nothing is refused for lack of room before the price has reached U.
            return (m <= 1.0 - self.width + 1e-12).then(|| rho / self.width * (self.rate() * m / self.width).exp());
        }
        if 1.0 - m < self.rising_from() {
            return None;
        }
        let powers = if roomy { 1.0 } else { 2.0 };
        Some(rho * (powers * self.rate() * m).exp())
    }

    /// The predicted density, within the bounds, of a curve that has one.
    pub(crate) fn prediction(&self) -> Option<f64> {
        match self.shape {
            Shape::LaEct { prediction, .. } => Some(prediction),
            _ => None,
        }
    }

    /// Where the flat stretch at the prediction ends; 0 where there is none.
    pub(crate) fn flat_end(&self) -> f64 {
        match self.shape {
            Shape::LaEct { gamma, reach, .. } => reach + gamma,
            _ => 0.0,
        }
    }

    /// What is sold by the end of the flat stretch, at least, in knapsacks full at the predicted density, for weights up to the share `m`; at most 1.
    pub(crate) fn flat_share(&self, m: f64) -> f64 {
        match self.shape {
            Shape::LaEct { gamma, .. } if gamma >= 1.0 => 1.0 - m,
            Shape::LaEct { gamma, .. } => {
                let integral = gamma + (1.0 - gamma) / self.c;
                (integral * (-self.rate() * m).exp()).max(gamma - m).min(1.0)
            }
            _ => 0.0,
        }
    }

    /// `L`.
    pub fn lower(&self) -> f64 {
        self.lower
    }

    /// `U`.
    pub fn upper(&self) -> f64 {
        self.upper
    }

    /// The share at the end of which the first rise starts.
    pub(crate) fn flat_start(&self) -> f64 {
        self.rising_from() * self.width
    }
}

/// `alpha` has to lie in `[1/c, 1]`: `zcl` is flat for a share `1/c` as it is.
fn fair_share(alpha: f64, c: f64) -> Result<(), OptionError> {
    let least = 1.0 / c;
    if alpha >= least * (1.0 - 1e-12) && alpha <= 1.0 {
        return Ok(());
    }
    let expected = format!("{least} = 1/(1 + ln(U/L)) to 1 (`zcl` posts one price for that share already, less of it buys nothing)");
    Err(OptionError::new("alpha", alpha, expected))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATIOS: [f64; 9] = [1.0001, 1.5, 10.0, 100.0, 1e3, 12_500.0, 1e6, 1e8, 1e9];

    fn bounds(ratio: f64) -> DensityBounds {
        DensityBounds { lower: 2.5, upper: 2.5 * ratio }
    }

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() <= 1e-9 * a.abs().max(b.abs())
    }

    fn curve(kind: CurveKind, ratio: f64) -> Curve {
        Curve::new(kind, bounds(ratio)).unwrap()
    }

    #[test]
    fn the_identities_of_the_curves_hold() {
        for ratio in RATIOS {
            let b = bounds(ratio);
            let (c, alpha0) = (zcl_ratio(b), 1.0 / zcl_ratio(b));
            assert!(near(ect_ratio(b, alpha0), c));
            assert!(near(ect_ratio(b, 1.0), ratio));
            let zcl = curve(CurveKind::Zcl, ratio);
            assert!(near(zcl.price(1.0 / c), b.lower) && near(zcl.price(1.0), b.upper));
            let fairest = curve(CurveKind::Ect { alpha: alpha0 }, ratio);
            let trusting_nothing = curve(CurveKind::LaEct { gamma: 0.0, prediction: b.lower * 1.7 }, ratio);
            for k in 0..=1000 {
                let z = f64::from(k) / 1000.0;
                assert!(near(fairest.price(z), zcl.price(z)), "{ratio} {z}");
                assert!(near(trusting_nothing.price(z), zcl.price(z)));
                assert_eq!(curve(CurveKind::LaEct { gamma: 1.0, prediction: b.lower }, ratio).price(z), b.lower);
            }
            let mut last = 0.0;
            for k in 0..=50 {
                let alpha = alpha0 + (1.0 - alpha0) * f64::from(k) / 50.0;
                let beta = ect_ratio(b, alpha);
                assert!(beta >= last * (1.0 - 1e-12), "beta increases in alpha");
                last = beta;
                let ect = curve(CurveKind::Ect { alpha }, ratio);
                assert!(near(ect.price(alpha), b.lower * alpha * beta));
                let base = curve(CurveKind::Baseline { alpha }, ratio);
                assert!(near(base.price(alpha), b.lower), "continuous at alpha");
                if alpha < 1.0 {
                    assert!(near(base.price(1.0), b.upper));
                }
            }
        }
    }

    #[test]
    fn equal_bounds_mean_greedy() {
        for kind in [CurveKind::Zcl, CurveKind::Ect { alpha: 1.0 }, CurveKind::Baseline { alpha: 1.0 }] {
            let greedy = curve(kind, 1.0);
            assert_eq!(greedy.price(0.3), 2.5);
            assert!(near(greedy.small_item_ratio(), 1.0));
        }
    }

    #[test]
    fn ratios_are_those_of_the_specification() {
        let table = [
            (10.0, [3.3026, 3.3065, 3.4911, 3.9523, 6.0609], [3.3912, 4.0744, 5.0278]),
            (1000.0, [7.9078, 8.7307, 10.4992, 13.8160, 34.6719], [10.2854, 13.7344, 20.0679]),
            (12_500.0, [10.4335, 12.0229, 14.8564, 20.1366, 55.2667], [14.0757, 18.8542, 27.7072]),
        ];
        for (ratio, ect, base) in table {
            assert!((zcl_ratio(bounds(ratio)) - ect[0]).abs() < 6e-5);
            for (alpha, expected) in [0.33, 0.5, 0.66, 0.9].into_iter().zip(&ect[1..]) {
                assert!((ect_ratio(bounds(ratio), alpha) - expected).abs() < 6e-5);
            }
            for (alpha, expected) in [0.33, 0.5, 0.66].into_iter().zip(base) {
                assert!((curve(CurveKind::Baseline { alpha }, ratio).small_item_ratio() - expected).abs() < 6e-5);
            }
        }
    }

    #[test]
    fn the_inverse_is_where_the_price_passes_the_density() {
        let kinds = [
            CurveKind::Zcl,
            CurveKind::Ect { alpha: 0.5 },
            CurveKind::Baseline { alpha: 0.5 },
            CurveKind::LaEct { gamma: 0.4, prediction: 30.0 },
        ];
        for kind in kinds {
            for aware in [0.0, 0.1] {
                let curve = curve(kind, 100.0).size_aware(aware).unwrap();
                for k in 0..200 {
                    let density = 2.5 * 100_f64.powf((f64::from(k) + 0.5) / 200.0);
                    let z = curve.inverse(density);
                    assert!(z <= 1e-9 || curve.price(z - 1e-9) <= density, "{kind:?} {density}");
                    assert!(z >= 1.0 - aware - 1e-9 || curve.price(z + 1e-9) >= density, "{kind:?} {density}");
                }
            }
        }
    }

    #[test]
    fn plateaus_are_as_long_as_promised() {
        let longest = |kind| curve(kind, 1000.0).plateaus().iter().map(|p| p.to - p.from).fold(0.0, f64::max);
        assert!(longest(CurveKind::Ect { alpha: 0.66 }) >= 0.66 - 1e-12);
        assert!(longest(CurveKind::Baseline { alpha: 0.5 }) >= 0.5 - 1e-12);
        assert!(longest(CurveKind::LaEct { gamma: 0.5, prediction: 40.0 }) >= 0.5 - 1e-12);
        assert!(near(longest(CurveKind::Zcl), 1.0 / zcl_ratio(bounds(1000.0))));
    }

    #[test]
    fn what_makes_no_curve_is_refused_with_its_range() {
        let refuse = |kind, b| Curve::new(kind, b).unwrap_err().to_string();
        let error = refuse(CurveKind::Ect { alpha: 0.1 }, bounds(1000.0));
        assert!(error.starts_with("option `alpha`: found 0.1, expected 0.126") && error.contains("buys nothing"), "{error}");
        assert!(refuse(CurveKind::Ect { alpha: 1.1 }, bounds(10.0)).contains("alpha"));
        assert!(refuse(CurveKind::LaEct { gamma: -0.1, prediction: 3.0 }, bounds(10.0)).contains("gamma"));
        assert!(refuse(CurveKind::LaEct { gamma: f64::NAN, prediction: 3.0 }, bounds(10.0)).contains("gamma"));
        for (lower, upper) in [(2.0, 1.0), (0.0, 1.0), (-1.0, 1.0), (f64::NAN, 1.0), (1.0, f64::INFINITY)] {
            assert!(refuse(CurveKind::Zcl, DensityBounds { lower, upper }).contains("<= L <= U"));
        }
        assert!(curve(CurveKind::Zcl, 10.0).size_aware(1.0).is_err());
    }
}
