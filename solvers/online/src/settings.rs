//! What an engine is made from.

use fathom_opt_core::OptionError;
use fathom_opt_problems::online_knapsack::DensityBounds;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::curve::{Curve, CurveKind};
use crate::ratio::zcl_ratio;

/// What to do about densities outside `[L, U]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum BoundsMode {
    /// Refuse the item; it is an error that it came.
    Strict,
    /// Refuse an item below `L`, treat one above `U` like one at `U`.
    #[default]
    Clamp,
    /// Widen the bounds and the curve with them; without bounds, start from the first density.
    Adapt,
}

/// How items are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Acceptance {
    /// Whole or not at all.
    Whole,
    /// In any part.
    Fractional,
}

/// What decides.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rule {
    /// A price curve.
    Curve {
        /// Which.
        kind: CurveKind,
        /// Largest weight as a share of the capacity, for the size-aware form.
        max_weight: Option<f64>,
    },
    /// A constant price drawn once: `zcl`'s price at a uniform share.
    Drawn {
        /// The draw, uniform on [0, 1].
        zeta: f64,
    },
    /// PP-a on a share `trust` and `zcl` on the rest.
    Advice {
        /// The advised density.
        advice: f64,
        /// Share of the capacity that follows the advice: 1 for PP-a alone.
        trust: f64,
        /// Width of the classes of densities when whole items are taken.
        width: f64,
    },
}

/// All that an engine is made from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// What decides.
    pub rule: Rule,
    /// What the knapsack holds, above 0.
    pub capacity: u64,
    /// Bounds on densities; may be missing in the mode `adapt` only.
    pub bounds: Option<DensityBounds>,
    /// What to do about densities outside.
    pub mode: BoundsMode,
    /// How items are taken.
    pub acceptance: Acceptance,
}

impl Settings {
    /// Whether nothing can be decided without bounds on densities.
    pub(crate) fn needs_bounds(&self) -> bool {
        match self.rule {
            Rule::Curve { kind: CurveKind::Constant { threshold }, .. } => threshold.is_none(),
            Rule::Advice { trust, .. } => trust < 1.0,
            _ => true,
        }
    }

    /// The curve for these bounds.
    pub(crate) fn curve(&self, bounds: DensityBounds) -> Result<Curve, OptionError> {
        match self.rule {
            Rule::Curve { kind, max_weight } => {
                // Bounds that still widen start close together, where no share is fair enough: the promise is for the bounds in the end.
                let kind = match kind {
                    CurveKind::Ect { alpha } if self.mode == BoundsMode::Adapt => {
                        CurveKind::Ect { alpha: alpha.max(1.0 / zcl_ratio(bounds)) }
                    }
                    CurveKind::Baseline { alpha } if self.mode == BoundsMode::Adapt => {
                        CurveKind::Baseline { alpha: alpha.max(1.0 / zcl_ratio(bounds)) }
                    }
                    kind => kind,
                };
                let curve = Curve::new(kind, bounds)?;
                max_weight.map_or(Ok(curve), |share| curve.size_aware(share))
            }
            Rule::Drawn { zeta } => {
                let price = Curve::new(CurveKind::Zcl, bounds)?.price(zeta);
                Curve::new(CurveKind::Constant { threshold: Some(price) }, bounds)
            }
            Rule::Advice { .. } => Curve::new(CurveKind::Zcl, bounds),
        }
    }
}
