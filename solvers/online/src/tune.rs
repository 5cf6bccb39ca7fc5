//! Choosing curve, share and prediction from past streams.

use fathom_core::OptionError;
use fathom_problems::online_knapsack::{DensityBounds, OnlineKnapsack, density};
use serde::Serialize;

use crate::curve::{Curve, CurveKind, zcl_ratio};
use crate::engine::{Acceptance, BoundsMode, Engine, Rule, Settings};
use crate::sketch::DensitySketch;

/// A curve that was tried on past streams.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tuned {
    /// The curve.
    pub kind: CurveKind,
    /// Mean over the streams of (best packing) / (value taken), with the fractional optimum for the best packing; infinite if nothing was taken once.
    pub mean_ratio: f64,
    /// Its worst case for small items over that of `zcl`: what the choice costs where the past does not repeat itself (Zeynali et al. 2021 call it the
    /// degradation factor).
    pub degradation: f64,
}

/// The density above which a typical stream's items just fill the knapsack: the threshold to predict for the next stream. `None` where past streams do
/// not fill it.
pub fn estimate_threshold(past: &[OnlineKnapsack]) -> Option<f64> {
    let mut all = DensitySketch::default();
    for stream in past {
        let capacity = stream.capacity().first();
        let mut sketch = DensitySketch::default();
        for item in stream.items().iter().filter(|item| item.weight.first() <= capacity) {
            let weight = item.weight.first();
            sketch.add(density(item.value, weight, capacity), item.value, weight as f64 / capacity as f64);
        }
        all.merge(&sketch);
    }
    all.threshold(past.len() as f64)
}

/// Every curve of a grid whose worst case is at most `most_degradation` times that of `zcl`, the best on `past` first. `zcl` itself is always among them.
///
/// # Errors
/// Bounds that are none; a cap below 1.
pub fn tune(past: &[OnlineKnapsack], bounds: DensityBounds, most_degradation: f64) -> Result<Vec<Tuned>, OptionError> {
    if most_degradation.is_nan() || most_degradation < 1.0 {
        return Err(OptionError::new("most-degradation", most_degradation, "at least 1 (the worst case of `zcl`)"));
    }
    Curve::new(CurveKind::Zcl, bounds)?;
    let c = zcl_ratio(bounds);
    let mut kinds = vec![CurveKind::Zcl];
    kinds.extend((1..=20).map(|k| CurveKind::Ect { alpha: 1.0 / c + (1.0 - 1.0 / c) * f64::from(k) / 20.0 }));
    if let Some(prediction) = estimate_threshold(past) {
        for scale in [0.5, 0.8, 1.0] {
            kinds.extend((1..=19).map(|k| CurveKind::LaEct { gamma: f64::from(k) / 20.0, prediction: prediction * scale }));
        }
    }
    let optima: Vec<f64> = past.iter().map(|stream| stream.hindsight().fractional).collect();
    let mut tuned = Vec::new();
    for kind in kinds {
        let degradation = Curve::new(kind, bounds)?.small_item_ratio() / c;
        if degradation > most_degradation * (1.0 + 1e-12) {
            continue;
        }
        let mut sum = 0.0;
        for (stream, optimum) in past.iter().zip(&optima).filter(|(_, optimum)| **optimum > 0.0) {
            sum += optimum / value_taken(kind, bounds, stream)?;
        }
        tuned.push(Tuned { kind, mean_ratio: sum / past.len().max(1) as f64, degradation });
    }
    tuned.sort_by(|a, b| a.mean_ratio.total_cmp(&b.mean_ratio).then(a.degradation.total_cmp(&b.degradation)));
    Ok(tuned)
}

fn value_taken(kind: CurveKind, bounds: DensityBounds, stream: &OnlineKnapsack) -> Result<f64, OptionError> {
    let rule = Rule::Curve { kind, max_weight: None };
    let capacity = stream.capacity().first();
    let settings = Settings { rule, capacity, bounds: Some(bounds), mode: BoundsMode::Clamp, acceptance: Acceptance::Whole };
    let mut engine = Engine::new(settings)?;
    for item in stream.items() {
        engine.offer(item.value, item.weight.first());
    }
    Ok(engine.ledger().value.value())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 400 items of 1 % of the capacity, densities spread evenly on a logarithmic scale, in a fixed odd order.
    fn stream(shift: u64) -> OnlineKnapsack {
        let items = (0..400_u64).map(|k| {
            let place = (k * 149 + shift * 31) % 400;
            (1000_f64.powf(place as f64 / 399.0) / 100.0, 1)
        });
        OnlineKnapsack::single(100, None, items).unwrap()
    }

    #[test]
    fn a_prediction_from_the_past_beats_the_safe_curve_within_its_cap() {
        let past: Vec<OnlineKnapsack> = (0..5).map(stream).collect();
        let bounds = DensityBounds { lower: 1.0, upper: 1000.0 };
        // The densest quarter fills the knapsack.
        let threshold = estimate_threshold(&past).unwrap();
        assert!((threshold.ln() / 1000_f64.ln() - 0.75).abs() < 0.01, "{threshold}");
        let tuned = tune(&past, bounds, 4.0).unwrap();
        assert!(matches!(tuned[0].kind, CurveKind::LaEct { .. }) && tuned[0].degradation <= 4.0);
        let zcl = tuned.iter().find(|tuned| tuned.kind == CurveKind::Zcl).unwrap();
        assert!(tuned[0].mean_ratio < 0.8 * zcl.mean_ratio, "{} {}", tuned[0].mean_ratio, zcl.mean_ratio);
        assert!(tune(&past, bounds, 1.0).unwrap().iter().all(|tuned| tuned.degradation <= 1.0 + 1e-9));
        assert!(tune(&past, bounds, 0.5).is_err());
    }
}
