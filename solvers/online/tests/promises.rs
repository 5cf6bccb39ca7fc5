//! Whatever an algorithm says about a stream holds for that very stream: guarantees against the optimum, on streams that look for trouble.

use fathom_opt_core::{Run, Solver};
use fathom_opt_online::{
    Acceptance, BoundsMode, Condition, CurveKind, Engine, Guarantee, KnapsackExact, LaEct, Rule, Settings, balanced_threshold,
};
use fathom_opt_problems::online_knapsack::{DensityBounds, OnlineKnapsack};
use proptest::prelude::*;

/// The best packing of whole items, or of parts.
fn optimum(problem: &OnlineKnapsack, acceptance: Acceptance) -> f64 {
    match acceptance {
        Acceptance::Whole => KnapsackExact::default().solve(problem, &Run::default()).unwrap().objective.unwrap(),
        Acceptance::Fractional => problem.hindsight().fractional,
    }
}

/// The value taken, and the guarantees that are said to hold.
fn run(problem: &OnlineKnapsack, rule: Rule, mode: BoundsMode, acceptance: Acceptance) -> Option<(f64, Vec<Guarantee>)> {
    let bounds = if mode == BoundsMode::Adapt { None } else { problem.bounds() };
    let settings = Settings { rule, capacity: problem.capacity().first(), bounds, mode, acceptance };
    let mut engine = Engine::new(settings).ok()?;
    for item in problem.items() {
        engine.offer(item.value, item.weight.first());
    }
    let holding = engine.guarantees().into_iter().filter(|guarantee| guarantee.holds).collect();
    Some((engine.ledger().value.value(), holding))
}

fn assert_promises(problem: &OnlineKnapsack, rule: Rule, mode: BoundsMode, acceptance: Acceptance) {
    let Some((value, guarantees)) = run(problem, rule, mode, acceptance) else { return };
    let best = optimum(problem, acceptance);
    for guarantee in guarantees.iter().filter(|guarantee| guarantee.condition != Condition::Expectation) {
        let ratio = guarantee.ratio.unwrap();
        assert!(best <= ratio * value * (1.0 + 1e-12), "{rule:?} {mode:?} {acceptance:?} {problem:?}: {best} against {value}, {guarantee}");
    }
}

/// Streams of few levels of density, each with a number of items of one weight: what the worst cases look like.
fn levels() -> impl Strategy<Value = (u64, f64, Vec<(f64, u64, usize)>)> {
    let capacity = prop::sample::select(vec![3_u64, 10, 30, 100, 400]);
    let spread = prop::sample::select(vec![1.0, 1.5, 3.0, 30.0, 1e3, 1e12]);
    let level = (0.0_f64..=1.0, 1_u64..60, 1_usize..120);
    (capacity, spread, prop::collection::vec(level, 1..6))
}

fn stream(capacity: u64, spread: f64, levels: &[(f64, u64, usize)]) -> OnlineKnapsack {
    let items = levels.iter().flat_map(|(place, weight, count)| {
        // Densities over the whole range, many of them at its ends.
        let place = if *place < 0.15 { 0.0 } else { ((place - 0.15) / 0.7).min(1.0) };
        let weight = 1 + weight % capacity.div_ceil(2).max(1);
        let value = spread.powf(place) * weight as f64 / capacity as f64;
        std::iter::repeat_n((value, weight), *count)
    });
    OnlineKnapsack::single(capacity, Some(DensityBounds { lower: 1.0, upper: spread }), items.collect::<Vec<_>>()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_guarantee_is_broken_by_the_stream_it_is_given_for(
        (capacity, spread, levels) in levels(),
        share in 0.0_f64..=1.0,
        place in 0.0_f64..=1.0,
        max_weight in prop::option::of(0.01_f64..0.6),
        mode in prop::sample::select(vec![BoundsMode::Clamp, BoundsMode::Adapt]),
    ) {
        let problem = stream(capacity, spread, &levels);
        let least = 1.0 / (1.0 + spread.ln());
        let alpha = least + (1.0 - least) * share;
        let prediction = spread.powf(place);
        let balanced = balanced_threshold(&problem).unwrap_or(1.0);
        let curves = [
            CurveKind::Constant { threshold: None },
            CurveKind::Constant { threshold: Some(prediction) },
            CurveKind::Zcl,
            CurveKind::Ect { alpha },
            CurveKind::Baseline { alpha },
            CurveKind::LaEct { gamma: share, prediction },
            CurveKind::LaEct { gamma: share, prediction: balanced },
            CurveKind::LaEct { gamma: 1.0, prediction: balanced },
        ];
        for acceptance in [Acceptance::Whole, Acceptance::Fractional] {
            for kind in curves {
                assert_promises(&problem, Rule::Curve { kind, max_weight: None }, mode, acceptance);
            }
            for kind in [CurveKind::Zcl, CurveKind::Ect { alpha }] {
                assert_promises(&problem, Rule::Curve { kind, max_weight }, mode, acceptance);
            }
            for advice in [prediction, fathom_opt_online::critical_density(&problem).unwrap_or(1.0)] {
                for trust in [1.0, 0.5] {
                    assert_promises(&problem, Rule::Advice { advice, trust, width: 0.1 }, mode, acceptance);
                }
            }
        }
    }

}

proptest! {
    #![proptest_config(ProptestConfig { cases: 25, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_drawn_price_keeps_its_expectation((capacity, spread, levels) in levels()) {
        let problem = stream(capacity, spread, &levels);
        for acceptance in [Acceptance::Whole, Acceptance::Fractional] {
            // The mean over a fine grid of draws; the value falls and rises in few places, so that the grid is close to the integral.
            let draws = 1000;
            let (mut sum, mut ratio) = (0.0, f64::INFINITY);
            for k in 0..draws {
                let rule = Rule::Drawn { zeta: (f64::from(k) + 0.5) / f64::from(draws) };
                let (value, guarantees) = run(&problem, rule, BoundsMode::Clamp, acceptance).unwrap();
                sum += value;
                ratio = guarantees.first().and_then(|guarantee| guarantee.ratio).unwrap_or(f64::INFINITY);
            }
            let mean = sum / f64::from(draws);
            prop_assert!(optimum(&problem, acceptance) <= 1.05 * ratio * mean, "{:?}: {} of {}", acceptance, mean, ratio);
        }
    }
}

#[test]
fn two_over_gamma_is_not_promised_where_it_does_not_hold() {
    // 53 items of density 1, then 48 of density 30: the best static threshold is 1, and la-ect with it takes less than a sixth of the best packing.
    let items = std::iter::repeat_n((0.01, 1), 53).chain(std::iter::repeat_n((0.3, 1), 48));
    let problem = OnlineKnapsack::single(100, Some(DensityBounds { lower: 1.0, upper: 1e12 }), items).unwrap();
    let outcome = LaEct::default().solve(&problem, &Run::default()).unwrap();
    let ratio = optimum(&problem, Acceptance::Whole) / outcome.objective.unwrap();
    assert!(ratio > 6.0, "{ratio}");
    let notes = outcome.notes.join("\n");
    assert!(notes.contains("no ratio is guaranteed for a balanced prediction: items denser than the prediction 1 are worth"), "{notes}");
    // The balanced threshold earns what is promised for it.
    let outcome = LaEct { balanced: true, ..LaEct::default() }.solve(&problem, &Run::default()).unwrap();
    let notes = outcome.notes.join("\n");
    let promised = notes.lines().find(|note| note.contains("for a balanced prediction")).unwrap();
    assert!(promised.starts_with("ratio at most 4."), "{promised}");
    assert!(optimum(&problem, Acceptance::Whole) <= 4.2 * outcome.objective.unwrap());
}

#[test]
fn bounds_that_nobody_promised_are_the_reason_for_no_guarantee() {
    let problem = OnlineKnapsack::single(10, None, [(5.0, 5), (90.0, 9)]).unwrap();
    let rule = Rule::Curve { kind: CurveKind::Constant { threshold: Some(0.5) }, max_weight: None };
    let settings = Settings { rule, capacity: 10, bounds: None, mode: BoundsMode::Clamp, acceptance: Acceptance::Whole };
    let mut engine = Engine::new(settings).unwrap();
    for item in problem.items() {
        engine.offer(item.value, item.weight.first());
    }
    assert!(engine.guarantees().iter().all(|guarantee| !guarantee.holds), "{:?}", engine.guarantees());
}

#[test]
fn an_item_at_the_lower_bound_is_taken_in_parts_whatever_rounding_does() {
    // 0.3 / (1 / 10) is a little less than 3.
    let problem = OnlineKnapsack::single(10, Some(DensityBounds { lower: 3.0, upper: 30.0 }), [(0.3, 1), (0.3, 1)]).unwrap();
    let least = 1.0 / (1.0 + 10_f64.ln());
    let kinds = [
        CurveKind::Constant { threshold: None },
        CurveKind::Zcl,
        CurveKind::Ect { alpha: 0.5 },
        CurveKind::Baseline { alpha: least },
        CurveKind::LaEct { gamma: 0.5, prediction: 3.0 },
    ];
    for kind in kinds {
        let (value, _) = run(&problem, Rule::Curve { kind, max_weight: None }, BoundsMode::Clamp, Acceptance::Fractional).unwrap();
        assert!((value - 0.6).abs() < 1e-9, "{kind:?}: {value}");
    }
}

#[test]
fn equal_bounds_are_served_by_every_default() {
    let problem = OnlineKnapsack::single(10, Some(DensityBounds { lower: 3.0, upper: 3.0 }), [(0.9, 3), (0.9, 3)]).unwrap();
    let mut registry = fathom_opt_core::Registry::new();
    fathom_opt_online::register(&mut registry);
    for entry in registry.for_kind("online-knapsack") {
        let solver = entry.configure(&serde_json::Map::new()).unwrap();
        let outcome = solver.solve(&problem, &Run::default()).unwrap();
        assert!((outcome.objective.unwrap() - 1.8).abs() < 1e-9, "{}", entry.name());
    }
}
