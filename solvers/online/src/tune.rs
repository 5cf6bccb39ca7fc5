//! Choosing curve, share and prediction from past streams.

use fathom_opt_core::OptionError;
use fathom_opt_problems::online_knapsack::{DensityBounds, OnlineKnapsack, density};
use fathom_opt_serve::{Choice, Figure, Tuner, Tuning};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::curve::{Curve, CurveKind};
use crate::engine::Engine;
use crate::ratio::zcl_ratio;
use crate::settings::{Acceptance, BoundsMode, Rule, Settings};
use crate::sketch::DensitySketch;

/// A curve that was tried on past streams.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Tuned {
    /// The algorithm that has this curve.
    pub algorithm: &'static str,
    /// Its options.
    pub options: Map<String, Value>,
    /// Mean over the streams of (best packing, items in parts) / (value taken); infinite if nothing was taken once. A predicted threshold was estimated
    /// from the other streams each time, where there are others.
    pub mean_ratio: f64,
    /// The largest of these ratios.
    pub worst_ratio: f64,
    /// Its worst case for small items over that of `zcl`: what the choice costs where the past does not repeat itself (Zeynali et al. 2021 call it the
    /// degradation factor).
    pub degradation: f64,
}

/// What was learned from past streams of items.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct TunedItems {
    /// Streams with any value in them, on which the curves were tried.
    pub streams: usize,
    /// The bounds that the curves were built for.
    pub bounds: DensityBounds,
    /// The density above which a typical stream's items just fill the knapsack.
    pub threshold: Option<f64>,
    /// The largest weight of an item that fits, as a share of the capacity.
    pub heaviest: f64,
    /// The curves within the cap, the best first.
    pub choices: Vec<Tuned>,
}

/// The density above which a typical stream's items just fill the knapsack: the threshold to predict for the next stream. `None` where past streams do
/// not fill it.
pub fn estimate_threshold(past: &[&OnlineKnapsack]) -> Option<f64> {
    let sketches: Vec<DensitySketch> = past.iter().map(|stream| sketch(stream)).collect();
    threshold(sketches.iter())
}

fn threshold<'a>(sketches: impl Iterator<Item = &'a DensitySketch>) -> Option<f64> {
    let (mut all, mut streams) = (DensitySketch::default(), 0.0);
    for sketch in sketches {
        all.merge(sketch);
        streams += 1.0;
    }
    all.threshold(streams)
}

fn sketch(stream: &OnlineKnapsack) -> DensitySketch {
    let capacity = stream.capacity().first();
    let mut sketch = DensitySketch::default();
    for item in stream.items().iter().filter(|item| item.weight.first() <= capacity) {
        let weight = item.weight.first();
        sketch.add(density(item.value, weight, capacity), item.value, weight as f64 / capacity as f64);
    }
    sketch
}

/// A curve that may depend on a predicted threshold.
#[derive(Debug, Clone, Copy)]
enum Candidate {
    Fixed(CurveKind, Option<f64>),
    /// Flat for a share `gamma` at the prediction times `scale`; constant there for `gamma = 1`.
    Predicted {
        gamma: f64,
        scale: f64,
    },
}

impl Candidate {
    fn rule(self, prediction: f64) -> (CurveKind, Option<f64>) {
        match self {
            Self::Fixed(kind, max_weight) => (kind, max_weight),
            Self::Predicted { gamma, scale } if gamma >= 1.0 => (CurveKind::Constant { threshold: Some(prediction * scale) }, None),
            Self::Predicted { gamma, scale } => (CurveKind::LaEct { gamma, prediction: prediction * scale }, None),
        }
    }

    /// The algorithm and its options, for the prediction `prediction`.
    fn named(self, prediction: f64) -> (&'static str, Map<String, Value>) {
        let (kind, max_weight) = self.rule(prediction);
        let (algorithm, mut options) = match kind {
            CurveKind::Zcl => ("zcl", json!({})),
            CurveKind::Ect { alpha } => ("ect", json!({ "alpha": alpha })),
            CurveKind::Baseline { alpha } => ("baseline", json!({ "alpha": alpha })),
            CurveKind::LaEct { gamma, prediction } => ("la-ect", json!({ "gamma": gamma, "prediction": prediction })),
            CurveKind::Constant { threshold } => ("constant", json!({ "threshold": threshold })),
        };
        if let (Some(max_weight), Value::Object(options)) = (max_weight, &mut options) {
            options.insert("max-weight".into(), json!(max_weight));
        }
        (algorithm, options.as_object().cloned().unwrap_or_default())
    }
}

/// Tries curves on past streams: `zcl` and `ect`, plain and size-aware, for a grid of shares, and `la-ect` and constant prices at the estimated
/// threshold and around it. Those whose worst case is at most `max_degradation` times that of `zcl`, the best on `past` first; `zcl` itself is always
/// among them.
///
/// One threshold is all that is learned, so that some ten streams tell what a hundred would (pseudo-dimension 1).
///
/// # Errors
/// Bounds that are none; a cap below 1; several dimensions.
pub fn tune(past: &[&OnlineKnapsack], bounds: DensityBounds, max_degradation: f64) -> Result<TunedItems, OptionError> {
    if max_degradation.is_nan() || max_degradation < 1.0 {
        return Err(OptionError::new("max-degradation", max_degradation, "at least 1 (the worst case of `zcl`)"));
    }
    if let Some(stream) = past.iter().find(|stream| stream.capacity().dimensions() != 1) {
        return Err(OptionError::new("past", format!("{} dimensions", stream.capacity().dimensions()), "streams of one dimension"));
    }
    Curve::new(CurveKind::Zcl, bounds)?;
    let sketches: Vec<DensitySketch> = past.iter().map(|stream| sketch(stream)).collect();
    let overall = threshold(sketches.iter());
    let others = |own: usize| {
        if past.len() < 2 { overall } else { threshold(sketches.iter().enumerate().filter(|(k, _)| *k != own).map(|(_, s)| s)) }
    };
    let streams: Vec<(&OnlineKnapsack, f64, Option<f64>)> = past
        .iter()
        .copied()
        .enumerate()
        .map(|(k, stream)| (stream, stream.hindsight().fractional, others(k)))
        .filter(|(_, optimum, _)| *optimum > 0.0)
        .collect();
    let heaviest = past.iter().map(|stream| heaviest(stream)).fold(0.0, f64::max);
    let mut choices = Vec::new();
    for candidate in candidates(bounds, heaviest, overall.is_some()) {
        let (kind, max_weight) = candidate.rule(overall.unwrap_or(bounds.lower));
        let degradation = curve(kind, max_weight, bounds)?.small_item_ratio() / zcl_ratio(bounds);
        if degradation > max_degradation * (1.0 + 1e-12) && !matches!(candidate, Candidate::Fixed(CurveKind::Zcl, None)) {
            continue;
        }
        let (mut sum, mut worst_ratio) = (0.0, 0.0_f64);
        for (stream, optimum, prediction) in &streams {
            let (kind, max_weight) = candidate.rule(prediction.or(overall).unwrap_or(bounds.lower));
            let ratio = optimum / value_taken(Rule::Curve { kind, max_weight }, bounds, stream)?;
            sum += ratio;
            worst_ratio = worst_ratio.max(ratio);
        }
        let (algorithm, options) = candidate.named(overall.unwrap_or(bounds.lower));
        choices.push(Tuned { algorithm, options, mean_ratio: sum / streams.len().max(1) as f64, worst_ratio, degradation });
    }
    choices.sort_by(|a, b| a.mean_ratio.total_cmp(&b.mean_ratio).then(a.degradation.total_cmp(&b.degradation)));
    Ok(TunedItems { streams: streams.len(), bounds, threshold: overall, heaviest, choices })
}

fn candidates(bounds: DensityBounds, heaviest: f64, predictable: bool) -> Vec<Candidate> {
    let least = 1.0 / zcl_ratio(bounds);
    let mut fixed = vec![CurveKind::Zcl];
    fixed.extend((1..=20).map(|k| CurveKind::Ect { alpha: (least + (1.0 - least) * f64::from(k) / 20.0).min(1.0) }));
    let mut candidates: Vec<Candidate> = fixed.iter().map(|kind| Candidate::Fixed(*kind, None)).collect();
    if heaviest > 0.0 && heaviest < 0.5 {
        candidates.extend(fixed.iter().map(|kind| Candidate::Fixed(*kind, Some(heaviest))));
    }
    candidates.push(Candidate::Fixed(CurveKind::Constant { threshold: None }, None));
    if predictable {
        for scale in [0.5, 0.8, 1.0] {
            candidates.extend((1..=20).map(|k| Candidate::Predicted { gamma: f64::from(k) / 20.0, scale }));
        }
    }
    candidates
}

fn heaviest(stream: &OnlineKnapsack) -> f64 {
    let capacity = stream.capacity().first();
    let fitting = stream.items().iter().map(|item| item.weight.first()).filter(|weight| *weight <= capacity);
    fitting.max().unwrap_or(0) as f64 / capacity as f64
}

fn curve(kind: CurveKind, max_weight: Option<f64>, bounds: DensityBounds) -> Result<Curve, OptionError> {
    let curve = Curve::new(kind, bounds)?;
    max_weight.map_or(Ok(curve), |share| curve.size_aware(share))
}

fn value_taken(rule: Rule, bounds: DensityBounds, stream: &OnlineKnapsack) -> Result<f64, OptionError> {
    let capacity = stream.capacity().first();
    let settings = Settings { rule, capacity, bounds: Some(bounds), mode: BoundsMode::Clamp, acceptance: Acceptance::Whole };
    let mut engine = Engine::new(settings)?;
    for item in stream.items() {
        engine.offer(item.value, item.weight.first());
    }
    Ok(engine.ledger().value.value())
}

/// Chooses price curve, share of the posted price and predicted threshold by the mean ratio of the best packing in hindsight to what would have been taken,
/// among those whose worst case stays within a cap.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct ItemTuner {
    /// How many times the best possible worst case, `1 + ln(U/L)`, the worst case may be; none for no cap.
    pub max_degradation: Option<f64>,
}

impl Default for ItemTuner {
    fn default() -> Self {
        Self { max_degradation: Some(2.0) }
    }
}

impl Tuner for ItemTuner {
    type Problem = OnlineKnapsack;
    const SUMMARY: &'static str = "price curve, posted share and predicted threshold from past streams of items";

    fn tune(&self, past: &[&OnlineKnapsack]) -> Result<Tuning, OptionError> {
        let Some(bounds) = common_bounds(past) else {
            return Err(OptionError::new("past", "no item with a density", "some"));
        };
        let tuned = tune(past, bounds, self.max_degradation.unwrap_or(f64::INFINITY))?;
        let mut shown = vec![
            Figure::new("past", format!("{} streams, densities {} to {}", tuned.streams, bounds.lower, bounds.upper)),
            Figure::new("heaviest", format!("{} of the capacity", tuned.heaviest)),
        ];
        if let Some(threshold) = tuned.threshold {
            let text = format!("{threshold}: items of larger density just fill the knapsack of a typical stream");
            shown.push(Figure::new("threshold", text));
        }
        let data = serde_json::to_value(&tuned).unwrap_or_default();
        let choices = tuned.choices.into_iter().map(|choice| Choice {
            service: choice.algorithm,
            options: choice.options,
            figures: vec![choice.mean_ratio, choice.worst_ratio, choice.degradation],
        });
        Ok(Tuning { shown, columns: vec!["mean ratio", "worst ratio", "degradation"], choices: choices.collect(), data })
    }
}

/// The bounds that all streams keep: those they promise, or the range of their densities.
fn common_bounds(past: &[&OnlineKnapsack]) -> Option<DensityBounds> {
    past.iter()
        .filter_map(|stream| stream.bounds().or(stream.density_range()))
        .reduce(|a, b| DensityBounds { lower: a.lower.min(b.lower), upper: a.upper.max(b.upper) })
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
        let past: Vec<&OnlineKnapsack> = past.iter().collect();
        let bounds = DensityBounds { lower: 1.0, upper: 1000.0 };
        // The densest quarter fills the knapsack.
        let threshold = estimate_threshold(&past).unwrap();
        assert!((threshold.ln() / 1000_f64.ln() - 0.75).abs() < 0.01, "{threshold}");
        let tuning = tune(&past, bounds, 4.0).unwrap();
        let best = &tuning.choices[0];
        assert!(best.algorithm == "la-ect" && best.degradation <= 4.0, "{best:?}");
        let zcl = tuning.choices.iter().find(|tuned| tuned.algorithm == "zcl" && tuned.options.is_empty()).unwrap();
        assert!(best.mean_ratio < 0.8 * zcl.mean_ratio && best.worst_ratio >= best.mean_ratio, "{best:?} {zcl:?}");
        assert_eq!((tuning.streams, tuning.heaviest), (5, 0.01));
        assert!(tune(&past, bounds, 1.0).unwrap().choices.iter().all(|tuned| tuned.degradation <= 1.0 + 1e-9));
        // Without a cap the constant price at the threshold is best of all.
        assert_eq!(tune(&past, bounds, f64::INFINITY).unwrap().choices[0].algorithm, "constant");
        assert!(tune(&past, bounds, 0.5).is_err());
    }

    #[test]
    fn streams_without_value_and_no_streams_at_all_leave_the_safe_curve() {
        let bounds = DensityBounds { lower: 1.0, upper: 1000.0 };
        let empty = OnlineKnapsack::single(100, None, [(0.0, 3)]).unwrap();
        for past in [vec![], vec![&empty]] {
            let tuning = tune(&past, bounds, 1.0).unwrap();
            assert_eq!((tuning.streams, tuning.threshold, tuning.choices[0].algorithm), (0, None, "zcl"));
        }
    }

    #[test]
    fn every_choice_names_options_that_the_algorithm_takes() {
        let past: Vec<OnlineKnapsack> = (0..2).map(stream).collect();
        let past: Vec<&OnlineKnapsack> = past.iter().collect();
        let tuning = tune(&past, DensityBounds { lower: 1.0, upper: 1000.0 }, f64::INFINITY).unwrap();
        assert!(tuning.choices.len() > 100);
        let mut services = fathom_opt_serve::Services::new();
        crate::register_services(&mut services);
        for choice in tuning.choices {
            services.find(choice.algorithm).unwrap().session(&choice.options, 0).unwrap();
        }
    }
}
