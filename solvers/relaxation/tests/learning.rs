//! Table 2.1 of the specification: the source paper's SOR experiment, T = 5000, learners over 10 seeds. Run with `--nocapture` for the whole table.

mod shifted_laplacians;

use fathom_opt_core::Run;
use fathom_opt_learners::{Bandit, Binned, ChebCb, DriftReset, Estimator, LossScale, ThompsonSampling, TsallisInf, Uniform};
use shifted_laplacians::{ARMS, HIGH_VARIANCE, Instance, LOW_VARIANCE, RANGE, Shifts, best_fixed, fixed, mean_total, omega, play, table};

fn tsallis(estimator: Estimator, scale: LossScale) -> TsallisInf {
    TsallisInf::new(ARMS, estimator, scale)
}

/// Name, total and ratio to the best fixed arm.
fn show(name: &str, total: f64, best: f64) -> f64 {
    eprintln!("{name:<36} {total:>12.0} {:>8.3}", total / best);
    total / best
}

struct Ratios {
    plain: f64,
    reduced: f64,
    contextual: f64,
    /// Against the instance-optimal arm.
    informed: f64,
}

fn measured(shifts: Shifts, table: &[Instance]) -> Ratios {
    use Estimator::{ImportanceWeighted as Iw, ReducedVariance as Rv};
    let (arm, best) = best_fixed(table);
    eprintln!("\n{}, {} instances, best fixed factor {}", shifts.name, table.len(), omega(arm));
    let seeds = 10;
    show("omega = 1", fixed(table, 0), best);
    show("omega = 1.5", fixed(table, 10), best);
    show("best fixed", best, best);
    let optimal: f64 = table.iter().map(|instance| instance.sweeps.iter().copied().fold(f64::INFINITY, f64::min)).sum();
    show("instance-optimal arm", optimal, best);
    let informed: f64 = table.iter().map(|instance| instance.informed).sum();
    show("closed form from the Jacobi radius", informed, best);
    show("uniform", mean_total(table, seeds, || Box::new(Uniform::new(ARMS))), best);
    let mean = |make: &dyn Fn() -> Box<dyn Bandit + Send>| mean_total(table, seeds, make);
    let plain = show("Tsallis-INF", mean(&|| Box::new(tsallis(Iw, LossScale::RunningMean))), best);
    let reduced = show("Tsallis-INF, reduced variance", mean(&|| Box::new(tsallis(Rv, LossScale::RunningMean))), best);
    show("Tsallis-INF, K = observed maximum", mean(&|| Box::new(tsallis(Iw, LossScale::ObservedMaximum))), best);
    show("Thompson sampling", mean(&|| Box::new(ThompsonSampling::new(ARMS))), best);
    show("Tsallis-INF, 5 bins", mean(&|| Box::new(Binned::new(RANGE, 5, &tsallis(Iw, LossScale::RunningMean)))), best);
    show("Tsallis-INF RV, 5 bins", mean(&|| Box::new(Binned::new(RANGE, 5, &tsallis(Rv, LossScale::RunningMean)))), best);
    let contextual = show("ChebCB", mean(&|| Box::new(ChebCb::new(ARMS, RANGE))), best);
    Ratios { plain, reduced, contextual, informed: informed / optimal }
}

#[test]
fn learners_come_as_close_to_the_best_fixed_factor_as_the_paper_says() {
    for (shifts, contextual) in [(LOW_VARIANCE, 0.82), (HIGH_VARIANCE, 0.72)] {
        let ratios = measured(shifts, &table(shifts, 5000, 1));
        assert!(ratios.plain <= 1.25 && ratios.reduced <= 1.20, "{} {}", ratios.plain, ratios.reduced);
        assert!(ratios.contextual <= contextual, "{}", ratios.contextual);
        assert!(ratios.informed <= 1.03, "{}", ratios.informed);
    }
}

/// Regret per round against the best fixed arm falls from 500 to 5 000 to 50 000 rounds (a table of 1000 instances, repeated in a new order each time).
#[test]
fn regret_per_round_falls() {
    let table = table(LOW_VARIANCE, 1000, 2);
    let (_, best) = best_fixed(&table);
    let mut previous = f64::INFINITY;
    for rounds in [500, 5_000, 50_000] {
        let mut regret = 0.0;
        for seed in 0..3 {
            let mut learner = tsallis(Estimator::ReducedVariance, LossScale::RunningMean);
            let mut rng = Run::new(seed).stream("arms");
            let mut order = Run::new(seed).stream("order");
            for _ in 0..rounds {
                let instance = &table[rand::RngExt::random_range(&mut order, 0..table.len())];
                let draw = learner.draw(0.0, &mut rng);
                learner.observe(0.0, draw, instance.sweeps[draw.arm]);
                regret += (instance.sweeps[draw.arm] - best / 1000.0) / (3.0 * f64::from(rounds));
            }
        }
        assert!(regret < 0.6 * previous, "{regret} after {rounds} rounds, before {previous}");
        previous = regret;
    }
}

/// The distribution of shifts switches half-way.
#[test]
fn after_a_switch_the_learner_starts_again() {
    let (first, second) = (table(LOW_VARIANCE, 2500, 3), table(HIGH_VARIANCE, 2500, 4));
    let (_, best) = best_fixed(&second);
    let mut total = 0.0;
    for seed in 0..10 {
        let mut learner = DriftReset::new(tsallis(Estimator::ReducedVariance, LossScale::RunningMean));
        let mut rng = Run::new(seed).stream("arms");
        play(&first, &mut learner, &mut rng);
        total += play(&second, &mut learner, &mut rng) / 10.0;
    }
    assert!(total <= 1.25 * best, "{}", total / best);
}
