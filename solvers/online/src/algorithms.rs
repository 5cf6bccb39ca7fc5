//! The algorithms: each is a rule for the engine, with its options.

use fathom_opt_core::{Counters, OptionError, Outcome, Registry, Run, SolveError, Solver};
use fathom_opt_problems::online_knapsack::{OnlineKnapsack, Packing};
use rand::RngExt;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::curve::CurveKind;
use crate::exact::{KnapsackExact, one_dimensional};
use crate::hindsight::{balanced_threshold, best_static_threshold_until, critical_density};
use crate::policy::{Frame, Policy, bounds, drive};
use crate::ratio::zcl_ratio;
use crate::settings::{Acceptance, BoundsMode, Rule, Settings};

/// A struct of options: the common ones and its own; its solver and its policy.
macro_rules! algorithm {
    (
        $(#[$doc:meta])* $type:ident, $name:literal, $summary:literal,
        { $($(#[$field_doc:meta])* $field:ident: $field_type:ty = $default:expr,)* },
        |$self:ident, $frame:ident, $run:ident, $notes:ident| $rule:expr
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
        pub struct $type {
            $($(#[$field_doc])* pub $field: $field_type,)*
            /// Take items in parts where the price passes their density: the ratio for vanishing weights then holds for all weights.
            pub fractional: bool,
            /// What to do about densities outside the bounds: `strict` takes that for an error (and refuses the item), `clamp` refuses it below `L` and
            /// treats it as `U` above, `adapt` widens the bounds.
            pub bounds: BoundsMode,
            /// `L`, instead of the stream's.
            pub lower: Option<f64>,
            /// `U`, instead of the stream's.
            pub upper: Option<f64>,
        }

        impl Default for $type {
            fn default() -> Self {
                Self { $($field: $default,)* fractional: false, bounds: BoundsMode::default(), lower: None, upper: None }
            }
        }

        impl Policy for $type {
            fn settings(&$self, $frame: &Frame<'_>, $run: &Run, $notes: &mut Vec<String>) -> Result<Settings, OptionError> {
                let bounds = bounds(($self.lower, $self.upper), $self.bounds, $frame, $notes)?;
                let $frame = &Frame { bounds, ..*$frame };
                // Most rules draw nothing.
                let _ = $run;
                let rule: Rule = $rule;
                let acceptance = if $self.fractional { Acceptance::Fractional } else { Acceptance::Whole };
                Ok(Settings { rule, capacity: $frame.capacity, bounds, mode: $self.bounds, acceptance })
            }
        }

        impl Solver<OnlineKnapsack> for $type {
            const NAME: &'static str = $name;
            const SUMMARY: &'static str = $summary;

            fn accepts(&self, problem: &OnlineKnapsack) -> Result<(), SolveError> {
                one_dimensional(problem, $name)
            }

            fn solve_accepted(&self, problem: &OnlineKnapsack, run: &Run) -> Result<Outcome<Packing>, SolveError> {
                drive($name, self, problem, run)
            }
        }
    };
}

algorithm! {
    /// The threshold of Zhou, Chakrabarty and Lukose (2008): `max(L, (U e / L)^z L / e)` at the used share `z`, with the best possible ratio
    /// `1 + ln(U/L)` for vanishing weights.
    Zcl, "zcl", "exponential price over the used share; the best ratio for small items",
    {
        /// Largest weight as a share of the capacity. Where it is known, the size-aware form nearly halves the worst case.
        max_weight: Option<f64> = None,
    },
    |self, frame, run, notes| Rule::Curve { kind: CurveKind::Zcl, max_weight: self.max_weight }
}

algorithm! {
    /// One price for the whole knapsack: as fair as can be (1-CTIF), ratio `U/L` at the price `L`.
    Constant, "constant", "one posted price throughout",
    {
        /// The price, in value per full capacity; `L` where it is missing.
        threshold: Option<f64> = None,
    },
    |self, frame, run, notes| Rule::Curve { kind: CurveKind::Constant { threshold: self.threshold }, max_weight: None }
}

algorithm! {
    /// Extended constant threshold (Lechowicz et al. 2024): the posted price `L` for a share `alpha` of the capacity, then exponential;
    /// `alpha`-CTIF with the ratio `W(R (1-alpha)/alpha) / (1-alpha)`, `R = U/L`.
    Ect, "ect", "a posted price for a share alpha of the capacity, then exponential",
    {
        /// Share of the capacity at the posted price, `1/(1 + ln(U/L))` to 1; without one, a half, or the least share where that is more. A larger one
        /// treats more of the stream alike and costs ratio.
        alpha: Option<f64> = None,
        /// Largest weight as a share of the capacity, for the size-aware form.
        max_weight: Option<f64> = None,
    },
    |self, frame, run, notes| Rule::Curve { kind: CurveKind::Ect { alpha: posted_share(self.alpha, frame) }, max_weight: self.max_weight }
}

algorithm! {
    /// The baseline of Lechowicz et al. (2024): like `ect` with a continuous rise. Dominated by it; for comparison.
    Baseline, "baseline", "the curve that ect improves on, for comparison",
    {
        /// Share of the capacity at the posted price; as in `ect`.
        alpha: Option<f64> = None,
    },
    |self, frame, run, notes| Rule::Curve { kind: CurveKind::Baseline { alpha: posted_share(self.alpha, frame) }, max_weight: None }
}

/// The share at the posted price: a half, unless another one was given or the bounds are so close together that less than `1/(1 + ln(U/L))` buys nothing.
fn posted_share(given: Option<f64>, frame: &Frame<'_>) -> f64 {
    given.unwrap_or_else(|| frame.bounds.map_or(0.5, |bounds| (1.0 / zcl_ratio(bounds)).max(0.5)))
}

algorithm! {
    /// Learning-augmented extended threshold (Lechowicz et al. 2024): flat at a predicted threshold for a share `gamma`; robust with the ratio
    /// `(1 + ln(U/L)) / (1 - gamma)` whatever the prediction, and with `2 / gamma` for a *balanced* one: the items denser than it are worth at most a knapsack
    /// full at the predicted density, and those at least as dense at least as much. (The best static threshold need not be balanced; with it alone no
    /// constant ratio holds. The proof stands in `promise.rs`.)
    LaEct, "la-ect", "a posted price at a predicted threshold for a share gamma, exponential around it",
    {
        /// Trust in the prediction, 0 to 1.
        gamma: f64 = 0.5,
        /// The predicted threshold, in value per full capacity. A stored stream can do without: its best static threshold is then used.
        prediction: Option<f64> = None,
        /// Without a prediction, use the balanced threshold of a stored stream instead of its best static one: the ratio `2 / gamma` is then certain.
        balanced: bool = false,
        /// The prediction is the critical density and items at exactly that density are not worth it: predict the next number above.
        strictly_above: bool = false,
    },
    |self, frame, run, notes| {
        let prediction = match (self.prediction, frame.stream) {
            (Some(prediction), _) => prediction,
            (None, Some(stream)) => {
                let (threshold, what) = if self.balanced {
                    (balanced_threshold(stream), "balanced threshold")
                } else {
                    match best_static_threshold_until(stream, || run.should_stop(&Counters::default()).is_some()) {
                        (threshold, true) => (threshold, "best static threshold"),
                        (threshold, false) => (threshold, "best static threshold that was found in time"),
                    }
                };
                let threshold = threshold.or(frame.bounds.map(|bounds| bounds.lower)).unwrap_or(1.0);
                notes.push(format!("no prediction was given; {threshold}, the {what} of this very stream, was used"));
                threshold
            }
            (None, None) => return Err(OptionError::new("prediction", "none", "a predicted threshold (value per full capacity)")),
        };
        if let Some(bounds) = frame.bounds.filter(|bounds| !(bounds.lower..=bounds.upper).contains(&prediction)) {
            notes.push(format!("the prediction {prediction} lies outside [{}, {}] and was clamped", bounds.lower, bounds.upper));
        }
        let prediction = if self.strictly_above { prediction.next_up() } else { prediction };
        Rule::Curve { kind: CurveKind::LaEct { gamma: self.gamma, prediction }, max_weight: None }
    }
}

algorithm! {
    /// A constant price drawn once from `zcl`'s curve: 1-CTIF, with the ratio `1 + ln(U/L)` in expectation in parts (`1/(1-m)` times that in whole items of weight up
    /// to `m`), and nothing at all taken now and then.
    ZclRandomized, "zcl-randomized", "one posted price drawn from the exponential curve",
    {},
    |self, frame, run, notes| Rule::Drawn { zeta: run.stream("zcl-randomized").random() }
}

algorithm! {
    /// PP-a (Daneshvaramoli et al. 2024): ratio `1 + min(1, omega)` in parts if the advice is right; nothing is promised if it is wrong, or for whole items.
    PpA, "pp-a", "sells against one advised density; best when the advice is right",
    {
        /// The smallest density in the fractional optimum, in value per full capacity. A stored stream can do without.
        advice: Option<f64> = None,
        /// Width of the classes of densities by which whole items follow the fractional algorithm.
        class_width: f64 = 0.1,
    },
    |self, frame, run, notes| Rule::Advice { advice: advice(self.advice, frame, notes)?, trust: 1.0, width: self.class_width }
}

algorithm! {
    /// PP-a on a share `trust` of every item and `zcl` on the rest (Daneshvaramoli et al. 2024): consistency `(1 + omega) / trust`, robustness
    /// `(1 + ln(U/L)) / (1 - trust)`, in parts.
    Mix, "mix", "pp-a and zcl side by side: advice with a safety net",
    {
        /// Share that follows the advice, above 0, at most 1.
        trust: f64 = 0.5,
        /// The smallest density in the fractional optimum, in value per full capacity. A stored stream can do without.
        advice: Option<f64> = None,
        /// Width of the classes of densities by which whole items follow the fractional algorithm.
        class_width: f64 = 0.1,
    },
    |self, frame, run, notes| Rule::Advice { advice: advice(self.advice, frame, notes)?, trust: self.trust, width: self.class_width }
}

fn advice(given: Option<f64>, frame: &Frame<'_>, notes: &mut Vec<String>) -> Result<f64, OptionError> {
    match (given, frame.stream) {
        (Some(advice), _) => Ok(advice),
        (None, Some(stream)) => {
            let lower = || stream.density_range().map_or(1.0, |range| range.lower);
            let critical = critical_density(stream).unwrap_or_else(lower);
            notes.push(format!("no advice was given; {critical}, the critical density of this very stream, was used"));
            Ok(critical)
        }
        (None, None) => Err(OptionError::new("advice", "none", "an advised density (value per full capacity)")),
    }
}

pub(crate) fn register(registry: &mut Registry) {
    registry.add::<OnlineKnapsack, Zcl>();
    registry.add::<OnlineKnapsack, Constant>();
    registry.add::<OnlineKnapsack, Ect>();
    registry.add::<OnlineKnapsack, Baseline>();
    registry.add::<OnlineKnapsack, LaEct>();
    registry.add::<OnlineKnapsack, ZclRandomized>();
    registry.add::<OnlineKnapsack, PpA>();
    registry.add::<OnlineKnapsack, Mix>();
    registry.add::<OnlineKnapsack, KnapsackExact>();
}
