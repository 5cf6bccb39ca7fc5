//! The one engine behind every algorithm: it offers each item to a price curve (or to advice), and keeps the ledger its guarantees depend on.

use fathom_opt_core::{OnlineAlgorithm, OptionError};
use fathom_opt_problems::online_knapsack::{Arrival, DensityBounds, density};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::advice_split::AdviceSplit;
use crate::curve::{Curve, CurveKind, zcl_ratio};
use crate::decision::{Decision, Reason};
use crate::guarantee::{Condition, Guarantee};
use crate::ledger::Ledger;
use crate::rounding::ClassRounding;

/// A density this little below the price, relatively, still meets it: densities and prices are quotients and powers of the same numbers.
const SLACK: f64 = 1.0 - 1e-12;

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

/// All that an [`Engine`] is made from.
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

/// The part of an [`Engine`] that changes.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct EngineState {
    /// Counts, sums and extremes.
    pub ledger: Ledger,
    bounds: Option<DensityBounds>,
    /// How often the bounds were widened.
    pub widened: u64,
    /// Why a widening ended the guarantee.
    broken: Option<String>,
    split: AdviceSplit,
    /// Share sold by `zcl` beside PP-a.
    beside: f64,
    rounding: ClassRounding,
}

/// The state machine; see [`OnlineAlgorithm`].
#[derive(Debug, Clone, PartialEq)]
pub struct Engine {
    settings: Settings,
    state: EngineState,
    /// `None` only before the first item of an adapting engine without bounds.
    curve: Option<Curve>,
    /// The price at the used share now. Between two acceptances it does not change, so that an item costs no exponential.
    price: f64,
}

impl Engine {
    /// An engine before the first item.
    ///
    /// # Errors
    /// A capacity of 0, missing or wrong bounds, parameters of the curve out of range.
    pub fn new(settings: Settings) -> Result<Self, OptionError> {
        if settings.capacity == 0 {
            return Err(OptionError::new("capacity", 0, "at least 1"));
        }
        if settings.bounds.is_none() && settings.mode != BoundsMode::Adapt && settings.needs_bounds() {
            return Err(OptionError::new("bounds", "none", "L and U of every density (in the header), or the mode `adapt`"));
        }
        if let Rule::Advice { advice, trust, width } = settings.rule {
            if !(advice > 0.0 && advice.is_finite()) {
                return Err(OptionError::new("advice", advice, "a finite density above 0"));
            }
            if !(trust > 0.0 && trust <= 1.0) {
                return Err(OptionError::new("trust", trust, "a share above 0, at most 1"));
            }
            if !(width > 0.0 && width <= 10.0) {
                return Err(OptionError::new("class-width", width, "above 0, at most 10"));
            }
        }
        let mut engine =
            Self { settings, state: EngineState { bounds: settings.bounds, ..EngineState::default() }, curve: None, price: 0.0 };
        engine.build_curve()?;
        Ok(engine)
    }

    fn build_curve(&mut self) -> Result<(), OptionError> {
        self.curve = match self.state.bounds {
            Some(bounds) => Some(self.settings.curve(bounds)?),
            None if self.settings.needs_bounds() => None,
            None => Some(self.settings.curve(DensityBounds { lower: 1.0, upper: 1.0 })?),
        };
        self.reprice();
        Ok(())
    }

    fn reprice(&mut self) {
        let z = self.used_share();
        self.price = self.curve.as_ref().map_or(0.0, |curve| curve.price(z));
    }

    /// Share of the capacity in use.
    pub fn used_share(&self) -> f64 {
        match self.settings.acceptance {
            Acceptance::Whole => self.state.ledger.used as f64 / self.settings.capacity as f64,
            Acceptance::Fractional => self.state.ledger.sold,
        }
    }

    /// Counts, sums and extremes so far.
    pub fn ledger(&self) -> &Ledger {
        &self.state.ledger
    }

    /// The curve now; `None` before the first item of an adapting engine without bounds, and where advice decides.
    pub fn curve(&self) -> Option<&Curve> {
        self.curve.as_ref()
    }

    /// The bounds now.
    pub fn bounds(&self) -> Option<DensityBounds> {
        self.state.bounds
    }

    /// How often the bounds were widened.
    pub fn widened(&self) -> u64 {
        self.state.widened
    }

    /// The price now.
    pub fn price(&self) -> f64 {
        self.price
    }

    /// Offers an item of this value (finite, at least 0) and weight.
    #[inline]
    pub fn offer(&mut self, value: f64, weight: u64) -> Decision {
        let ledger = &mut self.state.ledger;
        ledger.offered += 1;
        if weight > self.settings.capacity {
            ledger.too_large += 1;
            return self.refuse(Reason::TooLarge);
        }
        if weight == 0 && value > 0.0 {
            ledger.accepted += 1;
            ledger.value.add(value);
            return Decision { share: 1.0, reason: Reason::Weightless, price: Some(self.price) };
        }
        let density = density(value, weight, self.settings.capacity);
        ledger.see(density, weight);
        if let Some(reason) = self.outside(density) {
            return self.refuse(reason);
        }
        match (self.settings.rule, self.settings.acceptance) {
            (Rule::Advice { .. }, _) => self.offer_to_advice(density, value, weight),
            (_, Acceptance::Whole) => self.offer_whole(density, value, weight),
            (_, Acceptance::Fractional) => self.offer_in_part(density, value, weight),
        }
    }

    fn refuse(&self, reason: Reason) -> Decision {
        Decision { share: 0.0, reason, price: Some(self.price) }
    }

    /// Why an item of this density is not considered at all, if so.
    #[inline]
    fn outside(&mut self, density: f64) -> Option<Reason> {
        if let Some(bounds) = self.state.bounds
            && density >= bounds.lower * SLACK
            && density * SLACK <= bounds.upper
        {
            return None;
        }
        match (self.settings.mode, self.state.bounds) {
            _ if density <= 0.0 => Some(Reason::BelowBounds),
            (BoundsMode::Adapt, _) => {
                self.widen(density);
                None
            }
            (_, None) => None,
            (BoundsMode::Strict, _) => Some(Reason::OutsideBounds),
            (BoundsMode::Clamp, Some(bounds)) => (density < bounds.lower).then_some(Reason::BelowBounds),
        }
    }

    /// Takes `density` into the bounds and recomputes the curve. The guarantee for the wider bounds stands only if the wider curve would have decided
    /// the same so far.
    fn widen(&mut self, density: f64) {
        let old = self.state.bounds;
        let wider = old.map_or(DensityBounds { lower: density, upper: density }, |bounds| DensityBounds {
            lower: bounds.lower.min(density),
            upper: bounds.upper.max(density),
        });
        // A density at which no curve can be built (it overflows) leaves the old curve in place.
        let Ok(curve) = self.settings.curve(wider) else { return };
        self.state.bounds = Some(wider);
        if old.is_some() {
            self.state.widened += 1;
            let z = self.used_share();
            if z > curve.flat_start() {
                self.state.broken = Some(format!("bounds were widened to include {density} when items were sold at lower prices already"));
            } else if self.state.ledger.dearest_refused >= curve.price(z) {
                self.state.broken = Some(format!("bounds were widened to include {density} when items that fit them were refused already"));
            }
        }
        self.curve = Some(curve);
        self.reprice();
    }

    #[inline]
    fn offer_whole(&mut self, density: f64, value: f64, weight: u64) -> Decision {
        let price = self.price;
        let ledger = &mut self.state.ledger;
        if density < price * SLACK {
            ledger.dearest_refused = ledger.dearest_refused.max(density);
            return Decision { share: 0.0, reason: Reason::Price, price: Some(price) };
        }
        if weight > self.settings.capacity - ledger.used {
            ledger.no_room += 1;
            return Decision { share: 0.0, reason: Reason::Room, price: Some(price) };
        }
        ledger.used += weight;
        ledger.accepted += 1;
        ledger.value.add(value);
        self.reprice();
        Decision { share: 1.0, reason: Reason::Taken, price: Some(price) }
    }

    /// The part of the item up to where the price passes its density.
    fn offer_in_part(&mut self, density: f64, value: f64, weight: u64) -> Decision {
        let price = self.price;
        let weight = weight as f64 / self.settings.capacity as f64;
        let reach = self.curve.as_ref().map_or(0.0, |curve| curve.inverse(density));
        let ledger = &mut self.state.ledger;
        let part = (reach - ledger.sold).clamp(0.0, weight);
        if part <= 0.0 {
            ledger.dearest_refused = ledger.dearest_refused.max(density);
            return Decision { share: 0.0, reason: Reason::Price, price: Some(price) };
        }
        let share = (part / weight).min(1.0);
        ledger.sold = (ledger.sold + part).min(1.0);
        ledger.accepted += 1;
        ledger.value.add(value * share);
        self.reprice();
        Decision { share, reason: Reason::Taken, price: Some(price) }
    }

    fn offer_to_advice(&mut self, density: f64, value: f64, weight: u64) -> Decision {
        let Rule::Advice { advice, trust, width } = self.settings.rule else {
            return self.refuse(Reason::Price);
        };
        let weight_share = weight as f64 / self.settings.capacity as f64;
        let mut part = trust * self.state.split.sell(advice, density, weight_share);
        if trust < 1.0 {
            let reach = self.curve.as_ref().map_or(0.0, |curve| curve.inverse(density));
            let beside = (reach - self.state.beside).clamp(0.0, weight_share);
            self.state.beside += beside;
            part += (1.0 - trust) * beside;
        }
        let share = (part / weight_share).min(1.0);
        let price = Some(advice);
        let ledger = &mut self.state.ledger;
        if self.settings.acceptance == Acceptance::Fractional {
            if share <= 0.0 {
                return Decision { share: 0.0, reason: Reason::Price, price };
            }
            ledger.sold = (ledger.sold + part).min(1.0);
            ledger.accepted += 1;
            ledger.value.add(value * share);
            return Decision { share, reason: Reason::Taken, price };
        }
        if !self.state.rounding.lags(density, width, value * share) {
            let reason = if share > 0.0 { Reason::Ahead } else { Reason::Price };
            return Decision { share: 0.0, reason, price };
        }
        if weight > self.settings.capacity - ledger.used {
            ledger.no_room += 1;
            return Decision { share: 0.0, reason: Reason::Room, price };
        }
        ledger.used += weight;
        ledger.accepted += 1;
        ledger.value.add(value);
        self.state.rounding.take(density, width, value);
        Decision { share: 1.0, reason: Reason::Taken, price }
    }

    /// What is guaranteed for the stream so far.
    pub fn guarantees(&self) -> Vec<Guarantee> {
        let broken = self.broken();
        let Some(curve) = &self.curve else { return Vec::new() };
        let mut guarantees = self.robust_guarantees(curve, broken.as_ref());
        if let Rule::Curve { kind: CurveKind::LaEct { gamma, .. }, .. } = self.settings.rule {
            // Consistency: the flat stretch alone sells a share gamma of what the best static threshold sells, which is at least half of the best.
            guarantees.push(Guarantee::new(2.0 / gamma, Condition::RightPrediction, broken));
        }
        guarantees
    }

    fn robust_guarantees(&self, curve: &Curve, broken: Option<&String>) -> Vec<Guarantee> {
        let broken = broken.cloned();
        match (self.settings.rule, self.settings.acceptance) {
            (Rule::Drawn { .. }, _) => vec![Guarantee::new(self.zcl_ratio(), Condition::Expectation, broken)],
            (Rule::Advice { trust, .. }, acceptance) => {
                let whole =
                    (acceptance == Acceptance::Whole).then(|| "whole items follow the fractional algorithm only roughly".to_owned());
                let broken = broken.or(whole);
                let omega = self.state.split.omega();
                let robust = if trust < 1.0 { self.zcl_ratio() / (1.0 - trust) } else { f64::INFINITY };
                vec![
                    Guarantee::new((1.0 + omega.min(1.0)) / trust, Condition::RightAdvice, broken.clone()),
                    Guarantee::new(robust, Condition::Fractional, broken),
                ]
            }
            (Rule::Curve { .. }, Acceptance::Fractional) => {
                vec![Guarantee::new(curve.small_item_ratio(), Condition::Fractional, broken)]
            }
            (Rule::Curve { max_weight, .. }, Acceptance::Whole) => {
                let ledger = &self.state.ledger;
                let heaviest = ledger.heaviest as f64 / self.settings.capacity as f64;
                let small = Guarantee::new(curve.small_item_ratio(), Condition::SmallItems, broken.clone());
                let share = max_weight.unwrap_or(heaviest);
                let beyond = (heaviest > share * (1.0 + 1e-12))
                    .then(|| format!("an item weighed {heaviest} of the capacity, more than max-weight = {share}"));
                let share = share.max(heaviest);
                let ratio = curve.finite_ratio(share, ledger.no_room == 0).unwrap_or(f64::INFINITY);
                vec![small, Guarantee::new(ratio, Condition::MaxWeight(share), broken.or(beyond))]
            }
        }
    }

    fn zcl_ratio(&self) -> f64 {
        self.state.bounds.map_or(f64::INFINITY, zcl_ratio)
    }

    /// Why no guarantee stands, if so.
    fn broken(&self) -> Option<String> {
        if let Some(broken) = &self.state.broken {
            return Some(broken.clone());
        }
        let (bounds, ledger) = (self.state.bounds?, &self.state.ledger);
        match (ledger.lowest, ledger.highest) {
            (Some(lowest), _) if lowest < bounds.lower * SLACK => Some(format!("a density was {lowest}, below L = {}", bounds.lower)),
            (_, Some(highest)) if highest * SLACK > bounds.upper => Some(format!("a density was {highest}, above U = {}", bounds.upper)),
            _ => None,
        }
    }
}

impl Settings {
    fn needs_bounds(&self) -> bool {
        match self.rule {
            Rule::Curve { kind: CurveKind::Constant { threshold }, .. } => threshold.is_none(),
            Rule::Advice { trust, .. } => trust < 1.0,
            _ => true,
        }
    }

    fn curve(&self, bounds: DensityBounds) -> Result<Curve, OptionError> {
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

impl OnlineAlgorithm for Engine {
    type Arrival = Arrival;
    type Decision = Decision;
    type Feedback = ();
    type State = EngineState;

    fn decide(&mut self, arrival: &Arrival) -> Decision {
        self.offer(arrival.value, arrival.weight.first())
    }

    fn observe(&mut self, (): &()) {}

    fn snapshot(&self) -> EngineState {
        self.state.clone()
    }

    fn restore(&mut self, state: EngineState) {
        self.state = state;
        // The bounds of a snapshot gave a curve when it was made; should they not, the old curve stays.
        let _ = self.build_curve();
    }
}
