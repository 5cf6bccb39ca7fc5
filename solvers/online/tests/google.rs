//! The cluster traces of the time-fairness experiments, against the reference table and the published means.

mod shared_data;

use fathom_opt_online::{
    Acceptance, BoundsMode, Curve, CurveKind, Engine, Rule, Settings, best_static_threshold, critical_density, zcl_ratio,
};
use fathom_opt_problems::online_knapsack::{DensityBounds, Fairness, Offered, OnlineKnapsack, density};
use rand::RngExt;
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
    let equal = |a: f64, b: f64| (a - b).abs() <= 1e-6 * a.abs().max(b.abs());
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
            assert!(equal(ledger.value.value(), row[&format!("{name}_value")]), "{trace} {name}: {}", ledger.value.value());
            assert_eq!(ledger.used as f64, row[&format!("{name}_used_pct")], "{trace} {name}");
            assert_eq!(ledger.accepted as f64, row[&format!("{name}_count")], "{trace} {name}");
        }
        let problem = OnlineKnapsack::single(100, None, stream).unwrap();
        let hindsight = problem.hindsight();
        assert!(hindsight.proved && equal(hindsight.lower, row["opt_dp"]) && equal(hindsight.fractional, row["frac_ub"]), "{trace}");
    }
}

/// The densities of all 86 streams with values uniform on [1, theta], of which for 10 and 250 only ten are shared.
const THETA_10: DensityBounds = DensityBounds { lower: 10.002_050_531_193_838, upper: 4_988.031_528_573_322 };
const THETA_250: DensityBounds = DensityBounds { lower: 10.082_728_682_872_073, upper: 247_219.226_733_580_2 };

const SHUFFLES: usize = 100;

/// The value that a curve takes of items (density, weight, value) while at most `most` of the capacity 100 is used. The published experiments refuse an
/// item that fits exactly, so that 99 is used at most.
fn taken(curve: &Curve, items: &[(f64, u64, f64)], most: u64) -> f64 {
    let (mut used, mut taken) = (0, 0.0);
    let mut least = curve.price(0.0) * (1.0 - 1e-12);
    for &(density, weight, value) in items {
        if density >= least && used + weight <= most {
            used += weight;
            taken += value;
            if used == most {
                break;
            }
            least = curve.price(used as f64 / 100.0) * (1.0 - 1e-12);
        }
    }
    taken
}

/// For each of the shuffled streams the ratio `OPT/ALG` of each entry of `curves(trace, shuffle, rng)`: a curve, and how much may be used. By trace and
/// shuffle, always in the same order; traces are shared out among threads.
fn ratios(streams: &[Vec<(f64, u64)>], curves: &(impl Fn(usize, &mut ChaCha8Rng) -> Vec<(Curve, u64)> + Sync)) -> Vec<Vec<f64>> {
    let of_trace = |trace: usize| -> Vec<Vec<f64>> {
        let optimum = OnlineKnapsack::single(100, None, streams[trace].iter().copied()).unwrap().hindsight().lower;
        let mut items: Vec<_> = streams[trace].iter().map(|&(value, weight)| (density(value, weight, 100), weight, value)).collect();
        let mut rng = ChaCha8Rng::seed_from_u64(trace as u64);
        let ratio = |items: &[(f64, u64, f64)], (curve, most): (Curve, u64)| match taken(&curve, items, most) {
            0.0 => f64::INFINITY,
            value => optimum / value,
        };
        (0..SHUFFLES)
            .map(|_| {
                items.shuffle(&mut rng);
                curves(trace, &mut rng).into_iter().map(|curve| ratio(&items, curve)).collect()
            })
            .collect()
    };
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let share = streams.len().div_ceil(threads);
    let parts: Vec<Vec<Vec<f64>>> = std::thread::scope(|scope| {
        let parts: Vec<_> = (0..threads)
            .map(|k| scope.spawn(move || (k * share..((k + 1) * share).min(streams.len())).flat_map(of_trace).collect()))
            .collect();
        parts.into_iter().map(|part| part.join().unwrap()).collect()
    });
    parts.into_iter().flatten().collect()
}

/// Mean of the finite ratios, how many are infinite, median, 95th percentile and maximum.
#[derive(Debug, Clone, Copy)]
struct Summary {
    mean: f64,
    infinite: usize,
    median: f64,
    p95: f64,
    most: f64,
}

fn summaries(ratios: &[Vec<f64>]) -> Vec<Summary> {
    (0..ratios[0].len())
        .map(|k| {
            let mut column: Vec<f64> = ratios.iter().map(|row| row[k]).collect();
            let finite: Vec<f64> = column.iter().copied().filter(|ratio| ratio.is_finite()).collect();
            column.sort_by(f64::total_cmp);
            let at = |percent: usize| column[(column.len() - 1) * percent / 100];
            Summary {
                mean: finite.iter().sum::<f64>() / finite.len() as f64,
                infinite: column.len() - finite.len(),
                median: at(50),
                p95: at(95),
                most: finite.iter().copied().fold(0.0, f64::max),
            }
        })
        .collect()
}

fn near(found: f64, published: f64, tolerance: f64, what: &str) {
    assert!((found / published - 1.0).abs() <= tolerance, "{what}: {found}, published {published}");
}

const KINDS: [(&str, CurveKind); 6] = [
    ("zcl", CurveKind::Zcl),
    ("ect 0.33", CurveKind::Ect { alpha: 0.33 }),
    ("ect 0.5", CurveKind::Ect { alpha: 0.5 }),
    ("ect 0.66", CurveKind::Ect { alpha: 0.66 }),
    ("baseline 0.66", CurveKind::Baseline { alpha: 0.66 }),
    ("ect 1", CurveKind::Ect { alpha: 1.0 }),
];

/// Published: means with the strict fit, in the order of `KINDS`; with the exact fit, of `zcl` and `ect 0.66`; of `zcl-randomized` where it takes anything.
#[test]
fn the_published_means_and_their_order_are_reproduced_on_all_shuffled_streams() {
    let tables = [
        ("google_cloud_theta50.csv.gz", BOUNDS, [4.286, 4.787, 5.681, 7.177, 9.227, 18.264], [4.147, 6.845], 11.21, 0.02),
        // Ten of 86 traces: their means are not those of all, but close.
        ("google_cloud_theta10_first10.csv.gz", THETA_10, [3.479, 3.715, 4.227, 5.074, 6.480, 11.211], [3.391, 4.896], 6.919, 0.06),
        ("google_cloud_theta250_first10.csv.gz", THETA_250, [4.859, 5.533, 6.589, 8.343, 10.279, 18.174], [4.699, 7.793], 12.02, 0.06),
    ];
    for (file, bounds, published, published_exact, published_drawn, tolerance) in tables {
        let Some(streams) = shared_data::google(file) else { return };
        let curve = |kind| Curve::new(kind, bounds).unwrap();
        let found = ratios(&streams, &|_, rng| {
            let zeta: f64 = rng.random();
            let strict = KINDS.map(|(_, kind)| (curve(kind), 99));
            let exact = KINDS.map(|(_, kind)| (curve(kind), 100));
            let aware = curve(CurveKind::Zcl).size_aware(0.05).unwrap();
            let drawn = curve(CurveKind::Constant { threshold: Some(curve(CurveKind::Zcl).price(zeta)) });
            strict.into_iter().chain(exact).chain([(aware, 100), (drawn, 99)]).collect()
        });
        let summary = summaries(&found);
        eprintln!("{file}: {} shuffled streams", found.len());
        for (k, (name, _)) in KINDS.iter().enumerate() {
            let (strict, exact) = (&summary[k], &summary[k + 6]);
            eprintln!(
                "  {name:14} mean {:.3} (published {:.3}), p95 {:.2}, max {:.2}; exact fit {:.3}",
                strict.mean, published[k], strict.p95, strict.most, exact.mean
            );
            near(strict.mean, published[k], tolerance, name);
        }
        near(summary[6].mean, published_exact[0], tolerance, "zcl, exact fit");
        near(summary[9].mean, published_exact[1], tolerance, "ect 0.66, exact fit");
        for half in [&summary[..6], &summary[6..12]] {
            assert!(half.windows(2).all(|pair| pair[0].mean < pair[1].mean), "{half:?}");
        }
        eprintln!("  size-aware zcl {:.3}, exact fit", summary[12].mean);
        assert!(summary[12].mean < summary[6].mean);
        let drawn = summary[13];
        let expected: f64 = found.iter().map(|row| 1.0 / row[13]).sum::<f64>() / found.len() as f64;
        eprintln!(
            "  zcl-randomized mean {:.2} of the finite ratios (published {published_drawn}), {} infinite; E[ALG]/OPT {expected:.4}",
            drawn.mean, drawn.infinite
        );
        // The mean of heavy-tailed ratios is no steady figure; the expected value is what is guaranteed.
        near(drawn.mean, published_drawn, 0.15, "zcl-randomized");
        assert!(drawn.infinite > 0 && expected >= 1.0 / (1.0 + bounds.ratio().ln()));
    }
}

/// The reference loop of the tables is the engine, where it is allowed an exact fit.
#[test]
fn the_tables_are_made_by_what_the_engine_does() {
    let Some(streams) = shared_data::google("google_cloud_theta50.csv.gz") else { return };
    for stream in &streams[..10] {
        let items: Vec<_> = stream.iter().map(|&(value, weight)| (density(value, weight, 100), weight, value)).collect();
        for (_, kind) in KINDS {
            let mut engine = engine(kind);
            for &(value, weight) in stream {
                engine.offer(value, weight);
            }
            near(engine.ledger().value.value(), taken(&Curve::new(kind, BOUNDS).unwrap(), &items, 100), 1e-12, "engine");
        }
    }
}

/// A standard normal number, by Box and Muller.
fn normal(rng: &mut ChaCha8Rng) -> f64 {
    let (radius, angle): (f64, f64) = (1.0 - rng.random::<f64>(), rng.random());
    (-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * angle).cos()
}

#[test]
fn the_published_table_with_advice_of_every_error_is_reproduced_on_all_shuffled_streams() {
    let (Some(streams), Some(rows)) =
        (shared_data::google("google_cloud_theta50.csv.gz"), shared_data::table("google_theta50_reference.csv"))
    else {
        return;
    };
    // By error: mean of the finite ratios of zcl and la-ect 0.33, 0.66, 1; infinite ones of the last, of 8,600.
    let published = [
        (0.0, [4.283, 2.106, 1.396, 1.023], 0.0),
        (0.25, [4.297, 2.278, 1.842, 1.852], 63.0),
        (0.5, [4.284, 2.858, 3.146, 3.367], 584.0),
        (1.0, [4.290, 3.566, 4.907, 4.095], 1798.0),
        (2.0, [4.289, 4.158, 6.854, 4.321], 3622.0),
    ];
    let found = ratios(&streams, &|trace, rng| {
        let mut curves = vec![(Curve::new(CurveKind::Zcl, BOUNDS).unwrap(), 99)];
        for (sigma, ..) in published {
            let prediction = rows[trace]["best_static_d"] * (1.0 + sigma * normal(rng)).abs();
            for gamma in [0.33, 0.66, 1.0] {
                // The experiments leave predictions beyond U as they are: nothing is dense enough then.
                let curve = if gamma == 1.0 {
                    CurveKind::Constant { threshold: Some(prediction) }
                } else {
                    CurveKind::LaEct { gamma, prediction: prediction.max(f64::MIN_POSITIVE) }
                };
                curves.push((Curve::new(curve, BOUNDS).unwrap(), 99));
            }
        }
        curves
    });
    let summary = summaries(&found);
    let zcl = summary[0].mean;
    for (k, (sigma, means, infinite)) in published.into_iter().enumerate() {
        let la = &summary[1 + 3 * k..4 + 3 * k];
        eprintln!(
            "sigma {sigma}: zcl {zcl:.3}, la-ect {} ({} infinite); published {means:.3?} ({infinite} infinite)",
            la.iter().map(|la| format!("{:.3} (median {:.2})", la.mean, la.median)).collect::<Vec<_>>().join(", "),
            la[2].infinite
        );
        near(zcl, means[0], 0.02, "zcl");
        near(la[0].mean, means[1], 0.02, "la-ect 0.33");
        if sigma == 0.0 {
            near(la[1].mean, means[2], 0.02, "la-ect 0.66");
            near(la[2].mean, means[3], 0.02, "la-ect 1");
            assert!(la[2].mean < la[1].mean && la[1].mean < la[0].mean && la[0].mean < zcl);
        }
        // Up to an error of about 2 a little trust pays; more trust does not from 1 on.
        assert!(la[0].mean < zcl && (sigma < 1.0 || la[1].mean > zcl), "{sigma}");
        assert!((la[2].infinite as f64 - infinite).abs() <= 5.0 * infinite.sqrt(), "{sigma}: {} infinite", la[2].infinite);
    }
}

#[test]
fn the_means_in_order_of_arrival_and_the_worst_of_sorted_streams_are_reproduced() {
    let (Some(streams), Some(rows)) =
        (shared_data::google("google_cloud_theta50.csv.gz"), shared_data::table("google_theta50_reference.csv"))
    else {
        return;
    };
    let curve = |kind| Curve::new(kind, BOUNDS).unwrap();
    let mut sums = [0.0; 11];
    let (mut sorted, mut worst) = ([0.0; 3], [0.0_f64; 3]);
    for (stream, row) in streams.iter().zip(&rows) {
        let mut items: Vec<_> = stream.iter().map(|&(value, weight)| (density(value, weight, 100), weight, value)).collect();
        let problem = OnlineKnapsack::single(100, None, stream.iter().copied()).unwrap();
        let best = best_static_threshold(&problem).unwrap();
        let static_value = taken(&curve(CurveKind::Constant { threshold: Some(best) }), &items, 100);
        near(static_value, row["best_static_value"], 1e-6, "best static threshold");
        let critical = critical_density(&problem).unwrap();
        near(critical, row["critical_density"], 1e-6, "critical density");
        let advised = [0.33, 0.66].map(|gamma| CurveKind::LaEct { gamma, prediction: best });
        for (sum, kind) in sums.iter_mut().zip(KINDS.map(|(_, kind)| kind).into_iter().chain(advised)) {
            *sum += row["opt_dp"] / taken(&curve(kind), &items, 100) / 86.0;
        }
        sums[8] += row["opt_dp"] / static_value / 86.0;
        sums[9] += problem.hindsight().fractional / row["opt_dp"] / 86.0;
        items.sort_by(|a, b| a.0.total_cmp(&b.0));
        let aware = curve(CurveKind::Zcl).size_aware(0.05).unwrap();
        for (k, curve) in [curve(CurveKind::Zcl), aware, curve(CurveKind::Ect { alpha: 0.66 })].into_iter().enumerate() {
            let ratio = row["opt_dp"] / taken(&curve, &items, 100);
            sorted[k] += ratio / 86.0;
            worst[k] = worst[k].max(ratio);
        }
    }
    eprintln!("order of arrival: {sums:.4?}; by rising density: mean {sorted:.3?}, worst {worst:.3?} (zcl, size-aware, ect 0.66)");
    let published = [4.307, 4.791, 5.666, 7.118, 9.080, 20.43, 2.090, 1.374, 1.0023, 1.0002];
    for (k, (found, published)) in sums.iter().zip(published).enumerate() {
        near(*found, published, 5e-4, &format!("column {k}"));
    }
    for (found, published) in [(sorted[0], 7.71), (sorted[1], 7.02), (worst[0], 9.58), (worst[1], 9.28), (worst[2], 23.1)] {
        near(found, published, 2e-3, "sorted streams");
    }
    // Whole items go beyond the ratio for vanishing ones; the size-aware curve stays below it here.
    assert!(worst[0] > zcl_ratio(BOUNDS) && worst[1] < zcl_ratio(BOUNDS));
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

/// The prices of each series, as densities.
fn bitcoin(series: usize) -> Option<Vec<Vec<f64>>> {
    let text = shared_data::text("btc_minute_prices.csv.gz")?;
    let mut prices: Vec<Vec<f64>> = vec![Vec::new(); series];
    for line in text.lines().skip(1) {
        let (number, price) = line.split_once(',').unwrap();
        prices[number.parse::<usize>().unwrap() - 1].push(price.parse().unwrap());
    }
    Some(prices)
}

const BITCOIN: DensityBounds = DensityBounds { lower: 700.0, upper: 20_000.0 };

/// The value taken by selling a thousandth of the capacity at each price, or a part of it.
fn sold(rule: Rule, acceptance: Acceptance, prices: &[f64]) -> f64 {
    let settings = Settings { rule, capacity: 1000, bounds: Some(BITCOIN), mode: BoundsMode::Clamp, acceptance };
    let mut engine = Engine::new(settings).unwrap();
    for price in prices {
        engine.offer(price / 1000.0, 1);
    }
    engine.ledger().value.value()
}

fn whole(kind: CurveKind, prices: &[f64]) -> f64 {
    sold(Rule::Curve { kind, max_weight: None }, Acceptance::Whole, prices)
}

fn advised(advice: f64, trust: f64, prices: &[f64]) -> f64 {
    sold(Rule::Advice { advice, trust, width: 0.1 }, Acceptance::Fractional, prices)
}

#[test]
fn the_bitcoin_reference_is_met() {
    let Some(rows) = shared_data::table("btc_reference.csv") else { return };
    let Some(series) = bitcoin(rows.len()) else { return };
    for (prices, row) in series.iter().zip(rows) {
        let critical = row["critical"];
        // The reference sells whole units, but for the advised algorithm.
        let found = [
            ("zcl", whole(CurveKind::Zcl, prices)),
            ("ect0.5", whole(CurveKind::Ect { alpha: 0.5 }, prices)),
            ("static_at_critical", whole(CurveKind::Constant { threshold: Some(critical) }, prices)),
            ("ppa_perfect", advised(critical, 1.0, prices)),
        ];
        for (name, found) in found {
            assert!((found / row[name] - 1.0).abs() <= 1e-6, "{} {name}: {found} for {}", row["series"], row[name]);
        }
        let problem = OnlineKnapsack::single(1000, Some(BITCOIN), prices.iter().map(|price| (price / 1000.0, 1))).unwrap();
        assert!((problem.hindsight().lower / row["opt"] - 1.0).abs() <= 1e-6);
    }
}

#[test]
fn on_bitcoin_prices_the_order_turns_around_and_last_months_advice_needs_a_safety_net() {
    let Some(rows) = shared_data::table("btc_reference.csv") else { return };
    let Some(series) = bitcoin(rows.len()) else { return };
    let summary = |ratios: &[f64]| {
        let finite: Vec<f64> = ratios.iter().copied().filter(|ratio| ratio.is_finite()).collect();
        (finite.iter().sum::<f64>() / finite.len() as f64, finite.iter().copied().fold(0.0, f64::max), ratios.len() - finite.len())
    };
    let la = |prediction: f64, prices: &[f64]| whole(CurveKind::LaEct { gamma: 0.5, prediction }, prices);
    let ratios = |value: &dyn Fn(usize, &[f64]) -> f64| -> Vec<f64> {
        series.iter().zip(&rows).enumerate().map(|(k, (prices, row))| row["opt"] / value(k, prices)).collect()
    };
    let right = [
        ("zcl", summary(&ratios(&|_, prices| whole(CurveKind::Zcl, prices))), (1.772, 3.28)),
        ("ect 0.5", summary(&ratios(&|_, prices| whole(CurveKind::Ect { alpha: 0.5 }, prices))), (1.594, 2.37)),
        ("la-ect 0.5, true threshold", summary(&ratios(&|k, prices| la(rows[k]["critical"], prices))), (1.255, f64::NAN)),
        ("pp-a, true advice", summary(&ratios(&|k, prices| advised(rows[k]["critical"], 1.0, prices))), (1.011, 1.047)),
        (
            "static at the threshold",
            summary(&ratios(&|k, prices| whole(CurveKind::Constant { threshold: Some(rows[k]["critical"]) }, prices))),
            (1.0, 1.0),
        ),
    ];
    for (name, found, published) in right {
        eprintln!("{name}: mean {:.3}, max {:.2}; published {published:?}", found.0, found.1);
        near(found.0, published.0, 1e-3, name);
        assert!(published.1.is_nan() || (found.1 / published.1 - 1.0).abs() < 3e-3, "{name}: {found:?}");
    }
    // Series 1 to 12 are December to January of one year, 13 to 24 of the next, and each runs from its newest price to its oldest.
    let months: Vec<usize> = (0..12).rev().chain((12..24).rev()).collect();
    let forwards: Vec<Vec<f64>> = series.iter().map(|prices| prices.iter().rev().copied().collect()).collect();
    let late = |value: &dyn Fn(f64, &[f64]) -> f64| -> Vec<f64> {
        months.windows(2).map(|pair| rows[pair[1]]["opt"] / value(rows[pair[0]]["critical"], &forwards[pair[1]])).collect()
    };
    let late = [
        ("pp-a", summary(&late(&|advice, prices| advised(advice, 1.0, prices))), (1.58, 6.65, 8)),
        ("la-ect 0.5", summary(&late(&la)), (1.96, 3.12, 0)),
        ("mix 0.5", summary(&late(&|advice, prices| advised(advice, 0.5, prices))), (1.98, 3.12, 0)),
    ];
    for (name, found, published) in late {
        eprintln!(
            "{name} with last month's threshold: mean {:.2}, max {:.2}, {} infinite; published {published:?}",
            found.0, found.1, found.2
        );
        assert_eq!(found.2, published.2, "{name}");
        near(found.0, published.0, 5e-3, name);
        near(found.1, published.1, 5e-3, name);
    }
}
