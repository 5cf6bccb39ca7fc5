//! The exact worst-case families of the curves.

use fathom_opt_online::{Acceptance, BoundsMode, Curve, CurveKind, Engine, Rule, Settings, ect_ratio};
use fathom_opt_problems::online_knapsack::DensityBounds;

fn bounds(ratio: f64) -> DensityBounds {
    DensityBounds { lower: 1.0, upper: ratio }
}

fn engine(kind: CurveKind, ratio: f64, capacity: u64, acceptance: Acceptance) -> Engine {
    let rule = Rule::Curve { kind, max_weight: None };
    Engine::new(Settings { rule, capacity, bounds: Some(bounds(ratio)), mode: BoundsMode::Clamp, acceptance }).unwrap()
}

/// The ratio on `I_x`: `levels` densities from `L` to `x`, `items` items of weight 1 at each, ascending; the capacity is `items`.
fn prefix_ratio(engine: &mut Engine, items: u64, levels: u64, x: f64) -> f64 {
    for level in 0..=levels {
        let density = x.powf(level as f64 / levels as f64);
        for _ in 0..items {
            let before = engine.ledger().accepted;
            engine.offer(density / items as f64, 1);
            if engine.ledger().accepted == before {
                // The price does not change before the next density comes.
                break;
            }
        }
    }
    x / engine.ledger().value.value()
}

#[test]
fn the_table_of_worst_cases_is_met() {
    let zcl = CurveKind::Zcl;
    let ect = CurveKind::Ect { alpha: 0.5 };
    let table = [
        (10.0, 100, 3.34884, 3.53848),
        (10.0, 1000, 3.30716, 3.49576),
        (100.0, 100, 5.75133, 6.98192),
        (100.0, 1000, 5.61949, 6.79193),
        (1000.0, 100, 8.19979, 11.02527),
        (1000.0, 1000, 7.93633, 10.55036),
        (1000.0, 10_000, 7.91061, 10.50433),
    ];
    for (ratio, items, zcl_expected, ect_expected) in table {
        for (kind, expected) in [(zcl, zcl_expected), (ect, ect_expected)] {
            let curve = Curve::new(kind, bounds(ratio)).unwrap();
            let n = f64::from(items);
            let taken: f64 = (0..items).map(|i| curve.price(f64::from(i) / n).max(1.0)).sum::<f64>() / n;
            let limit = ratio / taken;
            assert!(limit >= curve.small_item_ratio() && limit <= curve.small_item_ratio() * (curve.small_item_ratio() / n).exp());
            let items = u64::try_from(items).unwrap();
            let found = prefix_ratio(&mut engine(kind, ratio, items, Acceptance::Whole), items, 10 * items, ratio);
            assert!((found - expected).abs() <= 1e-4 * expected, "{kind:?} {ratio} {items}: {found} for {expected}");
            let slack = 1.0 + 1e-9;
            assert!(found <= limit * slack && found * slack >= limit * ratio.powf(-0.1 / n), "{kind:?} {ratio} {items}: {found} {limit}");
        }
    }
}

#[test]
fn the_ratio_of_whole_items_falls_to_the_limit_as_they_shrink() {
    for kind in [CurveKind::Zcl, CurveKind::Ect { alpha: 0.5 }, CurveKind::Baseline { alpha: 0.66 }] {
        let curve = Curve::new(kind, bounds(1000.0)).unwrap();
        let ratios = [10, 100, 1000, 10_000].map(|n| {
            let taken: f64 = (0..n).map(|i| curve.price(f64::from(i) / f64::from(n))).sum::<f64>() / f64::from(n);
            1000.0 / taken
        });
        assert!(ratios.windows(2).all(|pair| pair[1] < pair[0]), "{ratios:?}");
        assert!((ratios[3] / curve.small_item_ratio() - 1.0).abs() < 2e-3);
    }
}

#[test]
fn items_in_parts_approach_the_limit_from_below() {
    for kind in [CurveKind::Zcl, CurveKind::Ect { alpha: 0.5 }, CurveKind::LaEct { gamma: 0.5, prediction: 20.0 }] {
        let limit = Curve::new(kind, bounds(1000.0)).unwrap().small_item_ratio();
        for x in [1.0, 1.7, 10.0, 120.0, 1000.0] {
            let found = prefix_ratio(&mut engine(kind, 1000.0, 10, Acceptance::Fractional), 10, 10_000, x);
            assert!(found <= limit * (1.0 + 1e-9), "{kind:?} {x}: {found} {limit}");
            if x == 1000.0 && !matches!(kind, CurveKind::LaEct { .. }) {
                assert!(found >= limit * (1.0 - 1e-3), "{kind:?}: {found} {limit}");
            }
        }
    }
}

/// As [`prefix_ratio`], in parts, with all the densities between `from` and `x` and one at `L` before them: below `from` nothing is sold.
fn jump_ratio(engine: &mut Engine, from: f64, levels: u64, x: f64) -> f64 {
    engine.offer(1.0, 1);
    for level in 0..=levels {
        engine.offer(from * (x / from).powf(level as f64 / levels as f64), 1);
    }
    x / engine.ledger().value.value()
}

#[test]
fn the_extended_threshold_equalises_all_prefixes() {
    for (ratio, alpha) in [(100.0, 0.5), (1000.0, 0.33), (1000.0, 0.66)] {
        let beta = ect_ratio(bounds(ratio), alpha);
        let jump = alpha * beta;
        for x in [jump, (jump * ratio).sqrt(), ratio] {
            let found = jump_ratio(&mut engine(CurveKind::Ect { alpha }, ratio, 1, Acceptance::Fractional), jump, 4_000_000, x);
            assert!((found / beta - 1.0).abs() <= 1e-6, "{ratio} {alpha} {x}: {found} {beta}");
        }
    }
}

#[test]
fn a_stretched_curve_has_the_ratio_of_the_plain_one_over_its_share() {
    for kind in [CurveKind::Zcl, CurveKind::Ect { alpha: 0.5 }] {
        let plain = Curve::new(kind, bounds(1000.0)).unwrap();
        let stretched = plain.size_aware(0.1).unwrap();
        assert!((stretched.small_item_ratio() * 0.9 / plain.small_item_ratio() - 1.0).abs() < 1e-12);
        let rule = Rule::Curve { kind, max_weight: Some(0.1) };
        let settings =
            Settings { rule, capacity: 10, bounds: Some(bounds(1000.0)), mode: BoundsMode::Clamp, acceptance: Acceptance::Fractional };
        let found = prefix_ratio(&mut Engine::new(settings).unwrap(), 10, 10_000, 999.0);
        let limit = stretched.small_item_ratio();
        assert!(found <= limit * (1.0 + 1e-9) && found >= limit * (1.0 - 2e-3), "{kind:?}: {found} {limit}");
    }
}

#[test]
fn a_price_drawn_once_earns_the_ratio_in_expectation() {
    for ratio in [10.0_f64, 1000.0] {
        let draws = 20_000;
        for x in [2.0, ratio.sqrt(), ratio] {
            let expected: f64 = (0..draws)
                .map(|k| {
                    let zeta = (f64::from(k) + 0.5) / f64::from(draws);
                    let rule = Rule::Drawn { zeta };
                    let settings =
                        Settings { rule, capacity: 1, bounds: Some(bounds(ratio)), mode: BoundsMode::Clamp, acceptance: Acceptance::Whole };
                    // Enough of the first density at or above the price fills the knapsack.
                    let price = Engine::new(settings).unwrap().price();
                    if price <= x { price } else { 0.0 }
                })
                .sum::<f64>()
                / f64::from(draws);
            let c = 1.0 + ratio.ln();
            assert!((x / expected / c - 1.0).abs() < 1e-3, "{ratio} {x}");
        }
    }
}
