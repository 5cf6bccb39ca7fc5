//! The one engine behind every algorithm: it offers each item to a price curve (or to advice), and keeps the ledger its guarantees depend on.

use fathom_opt_core::OptionError;
use fathom_opt_problems::online_knapsack::{DensityBounds, density};

use crate::curve::Curve;
use crate::decision::{Decision, Reason};
use crate::guarantee::Guarantee;
use crate::ledger::Ledger;
use crate::promise;
use crate::settings::{Acceptance, BoundsMode, Rule, Settings};
use crate::state::EngineState;

/// A density this little below the price, relatively, still meets it: densities and prices are quotients and powers of the same numbers.
const SLACK: f64 = 1.0 - 1e-12;

/// The state machine: items are [offered](Engine::offer) one at a time, each decision is for good, and the future is never seen. The solver for a stored
/// stream and the service for a live one drive the same machine.
#[derive(Debug, Clone, PartialEq)]
pub struct Engine {
    settings: Settings,
    state: EngineState,
    /// `None` only before the first item of an adapting engine without bounds.
    curve: Option<Curve>,
    /// The price at the used share now. Between two acceptances it does not change, so that an item costs no exponential.
    price: f64,
    /// The density that the curve is flat at by prediction. It changes with the bounds.
    predicted: Option<f64>,
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
        let mut engine = Self {
            settings,
            state: EngineState { bounds: settings.bounds, ..EngineState::default() },
            curve: None,
            price: 0.0,
            predicted: None,
        };
        engine.build_curve()?;
        Ok(engine)
    }

    fn build_curve(&mut self) -> Result<(), OptionError> {
        self.curve = match self.state.bounds {
            Some(bounds) => Some(self.settings.curve(bounds)?),
            None if self.settings.needs_bounds() => None,
            None => Some(self.settings.curve(DensityBounds { lower: 1.0, upper: 1.0 })?),
        };
        self.predicted = self.curve.as_ref().and_then(Curve::prediction);
        self.reprice();
        Ok(())
    }

    /// The price after the curve was built or the used share has changed.
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
        if let Some(prediction) = self.predicted {
            self.state.forecast.see(prediction, density, value);
        }
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
            if matches!(self.settings.rule, Rule::Advice { .. }) {
                self.state.broken =
                    Some(format!("bounds were widened to include {density} when items were compared with the old ones already"));
            } else if z > curve.flat_start() {
                self.state.broken = Some(format!("bounds were widened to include {density} when items were sold at lower prices already"));
            } else if self.state.ledger.dearest_refused >= curve.price(z) {
                self.state.broken = Some(format!("bounds were widened to include {density} when items that fit them were refused already"));
            }
        }
        // What was seen so far was compared with the old prediction.
        let predicted = curve.prediction();
        if old.is_some() && predicted != self.predicted {
            self.state.forecast.forget();
        }
        self.predicted = predicted;
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
        self.curve.as_ref().map(|curve| promise::guarantees(&self.settings, &self.state, curve)).unwrap_or_default()
    }

    /// All that later decisions depend on, the settings aside.
    pub fn state(&self) -> &EngineState {
        &self.state
    }

    /// Goes on from the state of an engine with the same settings.
    ///
    /// # Errors
    /// Why it is no such state.
    pub fn restore(&mut self, state: EngineState) -> Result<(), OptionError> {
        if state.ledger.used > self.settings.capacity {
            return Err(OptionError::new("used", state.ledger.used, format!("at most the capacity {}", self.settings.capacity)));
        }
        let shares = [state.ledger.sold, state.beside];
        if let Some(share) = shares.into_iter().find(|share| !(0.0..=1.0).contains(share)) {
            return Err(OptionError::new("sold", share, "a share, 0 to 1"));
        }
        self.state = state;
        self.build_curve()
    }
}
