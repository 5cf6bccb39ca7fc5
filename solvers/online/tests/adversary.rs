//! Guarantees against streams that are bred to break them, and properties on random ones.

use fathom_opt_online::{Acceptance, BoundsMode, Condition, Curve, CurveKind, Engine, Rule, Settings};
use fathom_opt_problems::online_knapsack::{DensityBounds, density};
use proptest::prelude::*;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

const RATIO: f64 = 1000.0;
const BOUNDS: DensityBounds = DensityBounds { lower: 1.0, upper: RATIO };
const CAPACITY: u64 = 1000;

fn engine(kind: CurveKind, max_weight: Option<f64>) -> Engine {
    let rule = Rule::Curve { kind, max_weight };
    Engine::new(Settings { rule, capacity: CAPACITY, bounds: Some(BOUNDS), mode: BoundsMode::Clamp, acceptance: Acceptance::Whole })
        .unwrap()
}

/// The fractional optimum, an upper bound on every packing.
fn fractional_optimum(items: &[(f64, u64)]) -> f64 {
    let mut sorted: Vec<(f64, u64)> = items.to_vec();
    sorted.sort_by(|a, b| (b.0 / b.1 as f64).total_cmp(&(a.0 / a.1 as f64)));
    let (mut room, mut value) = (CAPACITY, 0.0);
    for (worth, weight) in sorted {
        if weight >= room {
            return value + worth * room as f64 / weight as f64;
        }
        room -= weight;
        value += worth;
    }
    value
}

/// Equal items in a row: density (as an exponent of `R`), weight, how many.
type Phase = (f64, u64, u64);

/// What is attacked. The adversary chooses the number that a prediction or advice consists of, too, unless it has to be right.
#[derive(Debug, Clone, Copy)]
enum Victim {
    Plain(CurveKind, Option<f64>),
    Predicted { gamma: f64 },
    Mixed { trust: f64 },
    RightlyAdvised,
}

impl Victim {
    fn rule(self, told: f64, phases: &[Phase]) -> Rule {
        match self {
            Self::Plain(kind, max_weight) => Rule::Curve { kind, max_weight },
            Self::Predicted { gamma } => Rule::Curve { kind: CurveKind::LaEct { gamma, prediction: RATIO.powf(told) }, max_weight: None },
            Self::Mixed { trust } => Rule::Advice { advice: RATIO.powf(told), trust, width: 0.1 },
            Self::RightlyAdvised => Rule::Advice { advice: critical(phases), trust: 1.0, width: 0.1 },
        }
    }

    /// The ratio for vanishing weights, which a search worth its name has to reach.
    fn limit(self) -> f64 {
        let c = 1.0 + RATIO.ln();
        match self {
            Self::Plain(kind, max_weight) => {
                let curve = Curve::new(kind, BOUNDS).unwrap();
                max_weight.map_or(curve, |share| curve.size_aware(share).unwrap()).small_item_ratio()
            }
            Self::Predicted { gamma } => c / (1.0 - gamma),
            Self::Mixed { trust } => c / (1.0 - trust),
            Self::RightlyAdvised => 2.0,
        }
    }
}

fn by_density(phases: &[Phase]) -> Vec<Phase> {
    let mut sorted = phases.to_vec();
    sorted.sort_by(|a, b| b.0.total_cmp(&a.0));
    sorted
}

/// The smallest density in the fractional optimum.
fn critical(phases: &[Phase]) -> f64 {
    let mut room = CAPACITY;
    for (exponent, weight, count) in by_density(phases) {
        if count > 0 && weight * count >= room {
            return RATIO.powf(exponent);
        }
        room -= weight * count;
    }
    BOUNDS.lower
}

/// The fractional optimum of phases.
fn optimum(phases: &[Phase]) -> f64 {
    let (mut room, mut value) = (CAPACITY, 0.0);
    for (exponent, weight, count) in by_density(phases) {
        let part = room.min(weight * count);
        value += RATIO.powf(exponent) * part as f64 / CAPACITY as f64;
        room -= part;
    }
    value
}

/// The ratio of a stream of phases; and the least that the engine guarantees for it.
fn attack(victim: Victim, acceptance: Acceptance, told: f64, phases: &[Phase]) -> (f64, f64) {
    let rule = victim.rule(told, phases);
    let mut engine = Engine::new(Settings { rule, capacity: CAPACITY, bounds: Some(BOUNDS), mode: BoundsMode::Clamp, acceptance }).unwrap();
    for &(exponent, weight, count) in phases {
        let value = RATIO.powf(exponent) * weight as f64 / CAPACITY as f64;
        for _ in 0..count {
            // What a price curve refuses once it refuses again; advice may change its mind.
            if !engine.offer(value, weight).accepted() && matches!(rule, Rule::Curve { .. }) {
                break;
            }
        }
    }
    let taken = engine.ledger().value.value();
    let promised = |condition: &Condition| match condition {
        Condition::MaxWeight(_) | Condition::Fractional => true,
        Condition::RightAdvice => matches!(victim, Victim::RightlyAdvised),
        _ => false,
    };
    let guarantees = engine.guarantees().into_iter().filter(|guarantee| guarantee.holds && promised(&guarantee.condition));
    let guaranteed = guarantees.filter_map(|guarantee| guarantee.ratio).fold(f64::INFINITY, f64::min);
    (if taken > 0.0 { optimum(phases) / taken } else { f64::INFINITY }, guaranteed)
}

/// Hill climbing over streams: change a phase (or what the victim is told), keep what is worse for the algorithm.
fn climb(victim: Victim, acceptance: Acceptance, steps: u32, seed: u64) -> f64 {
    let heaviest = CAPACITY / 20;
    // More of a kind than fill the knapsack change neither side.
    let most = |weight: u64| CAPACITY / weight + 1;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut phases: Vec<Phase> =
        (0..24).map(|k| (f64::from(k) / 23.0, rng.random_range(heaviest / 5..=heaviest), rng.random_range(1..60))).collect();
    let mut told = 0.5;
    let mut worst = attack(victim, acceptance, told, &phases).0;
    for _ in 0..steps {
        let (mut changed, mut says) = (phases.clone(), told);
        for _ in 0..rng.random_range(1..3) {
            let at = rng.random_range(0..changed.len());
            match rng.random_range(0..5) {
                0 => changed[at].0 = (changed[at].0 + rng.random_range(-0.1..0.1)).clamp(0.0, 1.0),
                1 => changed[at].1 = rng.random_range(1..=heaviest),
                2 => changed[at].2 = rng.random_range(0..=most(changed[at].1)),
                3 => says = (says + rng.random_range(-0.1..0.1_f64)).clamp(0.0, 1.0),
                _ => changed[at].1 = if rng.random_bool(0.5) { heaviest } else { (changed[at].1 + 1).min(heaviest) },
            }
            changed[at].2 = changed[at].2.min(most(changed[at].1));
        }
        if rng.random_bool(0.5) {
            changed.sort_by(|a, b| a.0.total_cmp(&b.0));
        }
        let (ratio, guaranteed) = attack(victim, acceptance, says, &changed);
        assert!(ratio <= guaranteed * (1.0 + 1e-9), "{victim:?} {acceptance:?}, told {says}: {ratio} beats {guaranteed} with {changed:?}");
        if ratio >= worst && ratio.is_finite() {
            (worst, phases, told) = (ratio, changed, says);
        }
    }
    worst
}

#[test]
fn no_stream_found_by_climbing_breaks_a_guarantee_and_the_climb_reaches_the_small_item_ratio() {
    let plain = Victim::Plain;
    let ect = CurveKind::Ect { alpha: 0.5 };
    let whole = [
        plain(CurveKind::Zcl, None),
        plain(CurveKind::Zcl, Some(0.05)),
        plain(ect, None),
        plain(ect, Some(0.05)),
        plain(CurveKind::Baseline { alpha: 0.5 }, None),
        plain(CurveKind::Constant { threshold: None }, None),
        Victim::Predicted { gamma: 0.5 },
    ];
    let in_parts = [
        plain(CurveKind::Zcl, None),
        plain(CurveKind::Zcl, Some(0.05)),
        plain(ect, None),
        plain(CurveKind::Baseline { alpha: 0.5 }, None),
        Victim::Predicted { gamma: 0.5 },
        Victim::Mixed { trust: 0.5 },
        Victim::RightlyAdvised,
    ];
    let victims =
        whole.map(|victim| (victim, Acceptance::Whole)).into_iter().chain(in_parts.map(|victim| (victim, Acceptance::Fractional)));
    for (k, (victim, acceptance)) in victims.enumerate() {
        let worst = climb(victim, acceptance, 100_000, k as u64);
        let limit = victim.limit();
        eprintln!("{victim:?} {acceptance:?}: worst found {worst:.3}, small-item ratio {limit:.3}");
        // Whole items approach the ratio for vanishing ones from above, parts of items from below.
        let least = match (victim, acceptance) {
            (_, Acceptance::Whole) => limit,
            (Victim::Mixed { .. } | Victim::RightlyAdvised, _) => 0.5 * limit,
            // Two dozen densities follow a curve only roughly.
            _ => 0.85 * limit,
        };
        assert!(worst >= least, "{victim:?} {acceptance:?}: only {worst} of {limit}");
    }
}

fn items() -> impl Strategy<Value = Vec<(f64, u64)>> {
    prop::collection::vec((0.0_f64..=1.0, 0_u64..120), 0..200)
        .prop_map(|items| items.into_iter().map(|(exponent, weight)| (RATIO.powf(exponent) * weight as f64 / 1000.0, weight)).collect())
}

fn kind() -> impl Strategy<Value = CurveKind> {
    prop_oneof![
        Just(CurveKind::Zcl),
        (0.2_f64..=1.0).prop_map(|alpha| CurveKind::Ect { alpha }),
        (0.2_f64..=1.0).prop_map(|alpha| CurveKind::Baseline { alpha }),
        (0.0_f64..=1.0, 0.0_f64..=1.0).prop_map(|(gamma, x)| CurveKind::LaEct { gamma, prediction: RATIO.powf(x) }),
        (0.0_f64..=1.0).prop_map(|x| CurveKind::Constant { threshold: Some(RATIO.powf(x)) }),
    ]
}

fn decisions(engine: &mut Engine, items: &[(f64, u64)]) -> Vec<bool> {
    items.iter().map(|&(value, weight)| engine.offer(value, weight).accepted()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn capacity_holds_and_equal_items_inside_a_plateau_are_treated_alike(kind in kind(), items in items()) {
        let mut engine = engine(kind, None);
        let plateaus = engine.curve().unwrap().plateaus();
        for &(value, weight) in &items {
            let before = engine.used_share();
            let accepted = engine.offer(value, weight).accepted();
            let used = engine.ledger().used;
            prop_assert!(used <= CAPACITY);
            let after = before + weight as f64 / CAPACITY as f64;
            for plateau in &plateaus {
                if weight > 0 && before > plateau.from && after < plateau.to && value > 0.0 {
                    let meets = density(value, weight, CAPACITY) >= plateau.price * (1.0 - 1e-12);
                    prop_assert_eq!(accepted, meets, "a posted price while the use lies in {:?}", plateau);
                }
            }
        }
    }

    #[test]
    fn whole_factors_of_weights_and_powers_of_two_of_values_change_nothing(kind in kind(), items in items(), factor in 1_u64..1000) {
        let plain = decisions(&mut engine(kind, None), &items);
        let rule = Rule::Curve { kind, max_weight: None };
        let settings = Settings { rule, capacity: CAPACITY * factor, bounds: Some(BOUNDS), mode: BoundsMode::Clamp, acceptance: Acceptance::Whole };
        let heavier: Vec<(f64, u64)> = items.iter().map(|&(value, weight)| (value, weight * factor)).collect();
        prop_assert_eq!(&plain, &decisions(&mut Engine::new(settings).unwrap(), &heavier));
        let scaled_kind = match kind {
            CurveKind::LaEct { gamma, prediction } => CurveKind::LaEct { gamma, prediction: prediction * 4.0 },
            CurveKind::Constant { threshold } => CurveKind::Constant { threshold: threshold.map(|price| price * 4.0) },
            kind => kind,
        };
        let rule = Rule::Curve { kind: scaled_kind, max_weight: None };
        let bounds = DensityBounds { lower: 4.0, upper: 4.0 * RATIO };
        let settings = Settings { rule, capacity: CAPACITY, bounds: Some(bounds), mode: BoundsMode::Clamp, acceptance: Acceptance::Whole };
        let dearer: Vec<(f64, u64)> = items.iter().map(|&(value, weight)| (value * 4.0, weight)).collect();
        prop_assert_eq!(&plain, &decisions(&mut Engine::new(settings).unwrap(), &dearer));
    }

    #[test]
    fn which_of_two_equal_items_in_a_row_comes_first_matters_for_nothing(kind in kind(), items in items(), at in 0_usize..200) {
        let mut doubled = items;
        if doubled.is_empty() {
            doubled.push((1.0, 20));
        }
        let at = at % doubled.len();
        doubled.insert(at, doubled[at]);
        let (mut one, mut other) = (engine(kind, None), engine(kind, None));
        decisions(&mut one, &doubled);
        doubled.swap(at, at + 1);
        decisions(&mut other, &doubled);
        prop_assert_eq!(one.ledger(), other.ledger());
        // And of two equal items in a row the second is never taken where the first is refused.
        let mut again = engine(kind, None);
        let decided = decisions(&mut again, &doubled);
        prop_assert!(decided[at] || !decided[at + 1]);
    }

    #[test]
    fn adapting_bounds_never_claim_a_guarantee_that_the_stream_refutes(items in items()) {
        let rule = Rule::Curve { kind: CurveKind::Zcl, max_weight: None };
        let settings = Settings { rule, capacity: CAPACITY, bounds: None, mode: BoundsMode::Adapt, acceptance: Acceptance::Whole };
        let mut engine = Engine::new(settings).unwrap();
        decisions(&mut engine, &items);
        let weighty: Vec<(f64, u64)> = items.iter().copied().filter(|item| item.1 > 0).collect();
        let taken = engine.ledger().value.value();
        for guarantee in engine.guarantees().iter().filter(|guarantee| guarantee.holds && matches!(guarantee.condition, Condition::MaxWeight(_))) {
            prop_assert!(fractional_optimum(&weighty) <= taken * guarantee.ratio.unwrap() * (1.0 + 1e-9), "{:?} {}", guarantee, taken);
        }
    }
}

#[test]
fn treating_equals_alike_at_all_times_is_for_the_constant_price_only() {
    // An item of density 2 at the start, and again once the knapsack is nearly full of denser ones.
    let value = 2.0 * 10.0 / CAPACITY as f64;
    let mut stream = vec![(value, 10)];
    stream.extend(std::iter::repeat_n((900.0 * 10.0 / CAPACITY as f64, 10), 80));
    stream.push((value, 10));
    for kind in [
        CurveKind::Zcl,
        CurveKind::Ect { alpha: 0.5 },
        CurveKind::Baseline { alpha: 0.5 },
        CurveKind::LaEct { gamma: 0.5, prediction: 30.0 },
        CurveKind::LaEct { gamma: 0.5, prediction: 1.0 },
    ] {
        let decided = decisions(&mut engine(kind, None), &stream);
        assert!(decided[0] && !decided[decided.len() - 1], "{kind:?}");
    }
    let constant = decisions(&mut engine(CurveKind::Constant { threshold: Some(1.5) }, None), &stream);
    assert!(constant[0] && constant[constant.len() - 1]);
}

#[test]
fn a_guarantee_is_turned_off_when_its_condition_breaks() {
    let fresh = || engine(CurveKind::Zcl, Some(0.05));
    let finite = |engine: &Engine| engine.guarantees().into_iter().find(|g| matches!(g.condition, Condition::MaxWeight(_))).unwrap();
    let mut kept = fresh();
    kept.offer(1.0, 50);
    assert!(finite(&kept).holds);
    let mut too_heavy = fresh();
    too_heavy.offer(1.0, 51);
    assert!(finite(&too_heavy).why.unwrap().contains("max-weight"));
    for (value, side) in [(0.01, "below L"), (60.0, "above U")] {
        let mut outside = fresh();
        outside.offer(value, 50);
        assert!(outside.guarantees().iter().all(|g| !g.holds && g.why.as_ref().unwrap().contains(side)));
    }
}
