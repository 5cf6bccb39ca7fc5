//! The cluster traces of the time-fairness experiments, against the reference table and the published means.

mod shared_data;

use fathom_online::{Acceptance, BoundsMode, Curve, CurveKind, Engine, Rule, Settings};
use fathom_problems::online_knapsack::{DensityBounds, Fairness, Offered, OnlineKnapsack, density};
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

const BOUNDS: DensityBounds = DensityBounds { lower: 10.008_633_333_333_334, upper: 49_697.64 };

fn engine(kind: CurveKind) -> Engine {
    let rule = Rule::Curve { kind, max_weight: None };
    Engine::new(Settings { rule, capacity: 100, bounds: Some(BOUNDS), mode: BoundsMode::Clamp, acceptance: Acceptance::Whole }).unwrap()
}

#[test]
fn every_row_of_the_reference_table_is_met() {
    let (Some(streams), Some(rows)) =
        (shared_data::google("google_cloud_theta50.csv.gz"), shared_data::table("google_theta50_reference.csv"))
    else {
        return;
    };
    assert_eq!((streams.len(), rows.len()), (86, 86));
    let near = |a: f64, b: f64| (a - b).abs() <= 1e-6 * a.abs().max(b.abs());
    for (stream, row) in streams.into_iter().zip(rows) {
        let advice = row["best_static_d"];
        let curves = [
            ("ZCL", CurveKind::Zcl),
            ("ECT0.33", CurveKind::Ect { alpha: 0.33 }),
            ("ECT0.5", CurveKind::Ect { alpha: 0.5 }),
            ("ECT0.66", CurveKind::Ect { alpha: 0.66 }),
            ("ECT1", CurveKind::Ect { alpha: 1.0 }),
            ("BASE0.66", CurveKind::Baseline { alpha: 0.66 }),
            ("LA0.33", CurveKind::LaEct { gamma: 0.33, prediction: advice }),
            ("LA0.66", CurveKind::LaEct { gamma: 0.66, prediction: advice }),
        ];
        let trace = row["trace"];
        for (name, kind) in curves {
            let mut engine = engine(kind);
            for &(value, weight) in &stream {
                engine.offer(value, weight);
            }
            let ledger = engine.ledger();
            assert!(near(ledger.value.value(), row[&format!("{name}_value")]), "{trace} {name}: {}", ledger.value.value());
            assert_eq!(ledger.used as f64, row[&format!("{name}_used_pct")], "{trace} {name}");
            assert_eq!(ledger.accepted as f64, row[&format!("{name}_count")], "{trace} {name}");
        }
        let problem = OnlineKnapsack::single(100, None, stream).unwrap();
        let hindsight = problem.hindsight();
        assert!(hindsight.proved && near(hindsight.lower, row["opt_dp"]) && near(hindsight.fractional, row["frac_ub"]), "{trace}");
    }
}

/// The value taken under the published experiments' rule, which refuses an item that fits exactly.
fn value_with_strict_fit(curve: &Curve, stream: &[(f64, u64)]) -> f64 {
    let (mut used, mut taken) = (0, 0.0);
    let mut price = curve.price(0.0);
    for &(value, weight) in stream {
        if used + weight < 100 && density(value, weight, 100) >= price * (1.0 - 1e-12) {
            used += weight;
            taken += value;
            price = curve.price(used as f64 / 100.0);
            if used == 99 {
                break;
            }
        }
    }
    taken
}

#[test]
fn the_published_means_and_their_order_are_reproduced() {
    let Some(streams) = shared_data::google("google_cloud_theta50.csv.gz") else { return };
    let kinds = [
        (CurveKind::Zcl, 4.286),
        (CurveKind::Ect { alpha: 0.33 }, 4.787),
        (CurveKind::Ect { alpha: 0.5 }, 5.681),
        (CurveKind::Ect { alpha: 0.66 }, 7.177),
        (CurveKind::Baseline { alpha: 0.66 }, 9.227),
        (CurveKind::Ect { alpha: 1.0 }, 18.264),
    ];
    let shuffles = 20;
    let (mut strict, mut exact) = ([0.0; 6], [0.0; 6]);
    for (trace, stream) in streams.iter().enumerate() {
        let optimum = OnlineKnapsack::single(100, None, stream.iter().copied()).unwrap().hindsight().lower;
        let mut rng = ChaCha8Rng::seed_from_u64(trace as u64);
        let mut shuffled = stream.clone();
        for _ in 0..shuffles {
            shuffled.shuffle(&mut rng);
            for (k, (kind, _)) in kinds.iter().enumerate() {
                strict[k] += optimum / value_with_strict_fit(&Curve::new(*kind, BOUNDS).unwrap(), &shuffled);
                let mut engine = engine(*kind);
                for &(value, weight) in &shuffled {
                    engine.offer(value, weight);
                    if engine.ledger().used == 100 {
                        break;
                    }
                }
                exact[k] += optimum / engine.ledger().value.value();
            }
        }
    }
    let runs = (streams.len() * shuffles) as f64;
    let (strict, exact) = (strict.map(|sum| sum / runs), exact.map(|sum| sum / runs));
    eprintln!("strict fit {strict:?}, exact fit {exact:?}");
    assert!(strict.windows(2).all(|pair| pair[0] < pair[1]) && exact.windows(2).all(|pair| pair[0] < pair[1]));
    for ((kind, published), mean) in kinds.iter().zip(strict) {
        assert!((mean / published - 1.0).abs() < 0.02, "{kind:?}: {mean} for {published}");
    }
    for (k, published) in [(0, 4.147), (3, 6.845)] {
        assert!((exact[k] / published - 1.0).abs() < 0.02, "{:?}: {} for {published}", kinds[k].0, exact[k]);
    }
}

#[test]
fn the_published_means_with_advice_are_reproduced() {
    let (Some(streams), Some(rows)) =
        (shared_data::google("google_cloud_theta50.csv.gz"), shared_data::table("google_theta50_reference.csv"))
    else {
        return;
    };
    let gammas = [(0.33, 2.106), (0.66, 1.396), (1.0, 1.023)];
    let mut sums = [0.0; 3];
    let shuffles = 20;
    for (trace, (stream, row)) in streams.iter().zip(&rows).enumerate() {
        let mut rng = ChaCha8Rng::seed_from_u64(trace as u64);
        let mut shuffled = stream.clone();
        for _ in 0..shuffles {
            shuffled.shuffle(&mut rng);
            for (k, (gamma, _)) in gammas.iter().enumerate() {
                let kind = CurveKind::LaEct { gamma: *gamma, prediction: row["best_static_d"] };
                sums[k] += row["opt_dp"] / value_with_strict_fit(&Curve::new(kind, BOUNDS).unwrap(), &shuffled);
            }
        }
    }
    let runs = (streams.len() * shuffles) as f64;
    for ((gamma, published), sum) in gammas.iter().zip(sums) {
        eprintln!("la-ect {gamma}: {:.4} (published {published})", sum / runs);
        assert!((sum / runs / published - 1.0).abs() < 0.02, "{gamma}: {}", sum / runs);
    }
}

#[test]
fn envy_afterwards_rises_with_the_posted_share() {
    let Some(streams) = shared_data::google("google_cloud_theta50.csv.gz") else { return };
    let kinds = [
        (CurveKind::Zcl, 0.92),
        (CurveKind::Ect { alpha: 0.33 }, 0.933),
        (CurveKind::Ect { alpha: 0.5 }, 0.947),
        (CurveKind::Ect { alpha: 0.66 }, 0.956),
        (CurveKind::Ect { alpha: 1.0 }, 0.971),
    ];
    let (mut envy, mut inverted) = ([0.0; 5], [0.0; 5]);
    let shuffles = 10;
    for (trace, stream) in streams.iter().enumerate() {
        let mut rng = ChaCha8Rng::seed_from_u64(trace as u64);
        let mut shuffled = stream.clone();
        for _ in 0..shuffles {
            shuffled.shuffle(&mut rng);
            for (k, (kind, _)) in kinds.iter().enumerate() {
                let mut engine = engine(*kind);
                let offered: Vec<Offered<'_>> = shuffled
                    .iter()
                    .map(|&(value, weight)| Offered {
                        density: density(value, weight, 100),
                        accepted: engine.offer(value, weight).accepted(),
                        group: None,
                    })
                    .collect();
                let fairness = Fairness::of(&offered);
                envy[k] += fairness.envy_share;
                inverted[k] += fairness.inverted_pairs;
            }
        }
    }
    let runs = (streams.len() * shuffles) as f64;
    eprintln!("envy {:?}, inverted pairs {:?}", envy.map(|sum| sum / runs), inverted.map(|sum| sum / runs));
    for (k, (_, expected)) in kinds.iter().enumerate() {
        assert!((envy[k] / runs - expected).abs() <= 0.01, "{k}: {}", envy[k] / runs);
    }
    assert!((inverted[0] / runs - 0.29).abs() < 0.02 && (inverted[4] / runs - 0.5).abs() < 0.02);
}

#[test]
fn the_bitcoin_reference_is_met() {
    let (Some(text), Some(rows)) = (shared_data::text("btc_minute_prices.csv.gz"), shared_data::table("btc_reference.csv")) else { return };
    let mut series: Vec<Vec<f64>> = vec![Vec::new(); rows.len()];
    for line in text.lines().skip(1) {
        let (number, price) = line.split_once(',').unwrap();
        series[number.parse::<usize>().unwrap() - 1].push(price.parse().unwrap());
    }
    let bounds = DensityBounds { lower: 700.0, upper: 20_000.0 };
    for (prices, row) in series.iter().zip(rows) {
        // The reference sells whole units, but for the advised algorithm.
        let whole = |kind| (Rule::Curve { kind, max_weight: None }, Acceptance::Whole);
        let critical = row["critical"];
        let rules = [
            ("zcl", whole(CurveKind::Zcl)),
            ("ect0.5", whole(CurveKind::Ect { alpha: 0.5 })),
            ("static_at_critical", whole(CurveKind::Constant { threshold: Some(critical) })),
            ("ppa_perfect", (Rule::Advice { advice: critical, trust: 1.0, width: 0.1 }, Acceptance::Fractional)),
        ];
        for (name, (rule, acceptance)) in rules {
            let settings = Settings { rule, capacity: 1000, bounds: Some(bounds), mode: BoundsMode::Clamp, acceptance };
            let mut engine = Engine::new(settings).unwrap();
            for price in prices {
                engine.offer(price / 1000.0, 1);
            }
            let found = engine.ledger().value.value();
            assert!((found / row[name] - 1.0).abs() <= 1e-6, "{} {name}: {found} for {}", row["series"], row[name]);
        }
        let problem = OnlineKnapsack::single(1000, Some(bounds), prices.iter().map(|price| (price / 1000.0, 1))).unwrap();
        assert!((problem.hindsight().lower / row["opt"] - 1.0).abs() <= 1e-6);
    }
}
