//! What is claimed after a limit: incumbents are feasible and bounds hold, against an exact optimum found without HiGHS.

use std::thread;
use std::time::Duration;

use fathom_opt_backends::{Column, Integrality, LiveModel, Model, Sense, Settings, SolveResult};
use fathom_opt_core::{CancelFlag, Run, Status};

const NONE: f64 = f64::INFINITY;

/// A strongly correlated knapsack with several capacities (value = sum of the weights + a constant): hard for branch and bound.
struct Correlated {
    values: Vec<i32>,
    /// One weight per capacity and item.
    weights: Vec<Vec<usize>>,
    /// Half of all weights.
    capacities: Vec<usize>,
}

impl Correlated {
    fn new(seed: u64, items: usize, rows: usize, largest: usize) -> Self {
        // A linear congruential generator (Knuth's MMIX constants) is random enough for weights.
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            1 + usize::try_from(state >> 33).unwrap() % largest
        };
        let weights: Vec<Vec<usize>> = (0..rows).map(|_| (0..items).map(|_| next()).collect()).collect();
        let value = |item: usize| weights.iter().map(|row| row[item]).sum::<usize>() + largest / 10;
        let values = (0..items).map(|item| i32::try_from(value(item)).unwrap()).collect();
        let capacities = weights.iter().map(|row| row.iter().sum::<usize>() / 2).collect();
        Self { values, weights, capacities }
    }

    /// The optimum for two capacities, by a dynamic program over both.
    fn optimum_by_dynamic_program(&self) -> f64 {
        let (first, second) = (self.capacities[0], self.capacities[1]);
        let width = second + 1;
        let mut best = vec![0_i32; (first + 1) * width];
        for (item, &value) in self.values.iter().enumerate() {
            let (a, b) = (self.weights[0][item], self.weights[1][item]);
            for i in (a..=first).rev() {
                for j in (b..=second).rev() {
                    let with = best[(i - a) * width + j - b] + value;
                    let here = &mut best[i * width + j];
                    *here = with.max(*here);
                }
            }
        }
        f64::from(best[first * width + second])
    }

    /// The optimum for few items, over all sets in Gray code order (one item changes at a time).
    fn optimum_by_enumeration(&self) -> f64 {
        let mut left: Vec<isize> = self.capacities.iter().map(|&capacity| isize::try_from(capacity).unwrap()).collect();
        let (mut chosen, mut value, mut best) = (0_u32, 0_i32, 0_i32);
        for step in 1_u32..1 << self.values.len() {
            let item = step.trailing_zeros() as usize;
            chosen ^= 1 << item;
            let sign = if chosen >> item & 1 == 1 { 1 } else { -1 };
            value += i32::try_from(sign).unwrap() * self.values[item];
            for (left, weights) in left.iter_mut().zip(&self.weights) {
                *left -= sign * isize::try_from(weights[item]).unwrap();
            }
            if value > best && left.iter().all(|&left| left >= 0) {
                best = value;
            }
        }
        f64::from(best)
    }

    fn model(&self, sense: Sense) -> Model {
        let mut model = Model::new(sense);
        let sign = if sense == Sense::Maximize { 1.0 } else { -1.0 };
        for &value in &self.values {
            model.add_binary(sign * f64::from(value)).unwrap();
        }
        for (weights, &capacity) in self.weights.iter().zip(&self.capacities) {
            model.add_row(-NONE, capacity as f64, weights.iter().enumerate().map(|(item, &weight)| (Column(item), weight as f64))).unwrap();
        }
        model
    }
}

/// A run that ends so many seconds from now.
fn within(seconds: f64) -> Run {
    Run::default().with_time_limit(Duration::from_secs_f64(seconds))
}

/// Whatever the status: no claim may contradict the optimum.
fn claims_hold(result: &SolveResult, model: &Model, optimum: f64) {
    let sign = if model.sense() == Sense::Maximize { 1.0 } else { -1.0 };
    let tolerance = 1e-6 * optimum.abs().max(1.0);
    assert!(result.status == Status::Optimal || matches!(result.status, Status::Limit(_)), "{result:?}");
    if let Some(values) = &result.values {
        assert!(model.violation(values).unwrap().is_none_or(|violation| violation.amount <= Model::FEASIBILITY_TOLERANCE));
        assert_eq!(model.objective(values).unwrap(), result.objective.unwrap());
        assert!(sign * result.objective.unwrap() <= sign * optimum + tolerance, "{:?} beats the optimum {optimum}", result.objective);
    }
    assert_eq!(result.values.is_some(), result.objective.is_some());
    if let Some(bound) = result.bound {
        // Whole objectives get whole bounds, so not even rounding may put one on the wrong side.
        let tolerance = if model.is_mixed_integer() { 0.0 } else { tolerance };
        assert!(sign * bound >= sign * optimum - tolerance, "bound {bound} is on the wrong side of the optimum {optimum}");
    }
    if result.status == Status::Optimal {
        assert!((result.objective.unwrap() - optimum).abs() <= tolerance + 1e-6, "{:?} is not the optimum {optimum}", result.objective);
        assert!(result.absolute_gap().unwrap() <= tolerance + 1e-6);
    }
    assert!(result.relative_gap().is_none_or(|gap| gap >= 0.0));
}

fn claims_hold_under_time_limits(instance: &Correlated, optimum: f64) {
    for (sense, sign) in [(Sense::Maximize, 1.0), (Sense::Minimize, -1.0)] {
        let mut model = instance.model(sense);
        model.set_offset(-1000.0).unwrap();
        for time_limit in [0.0, 0.01, 0.1, 1.0] {
            let result = model.solve(&Settings::default(), &within(time_limit)).unwrap();
            claims_hold(&result, &model, sign * optimum - 1000.0);
        }
    }
}

#[test]
fn claims_under_time_limits_never_contradict_a_dynamic_program() {
    for seed in 0..3 {
        let instance = Correlated::new(seed, 60, 2, 40);
        claims_hold_under_time_limits(&instance, instance.optimum_by_dynamic_program());
    }
}

#[test]
fn claims_under_time_limits_never_contradict_an_enumeration() {
    for seed in 0..2 {
        let instance = Correlated::new(seed, 23, 5, 100);
        claims_hold_under_time_limits(&instance, instance.optimum_by_enumeration());
    }
}

#[test]
fn a_solve_stopped_by_nodes_keeps_a_bound_and_the_next_solve_starts_from_its_incumbent() {
    let instance = Correlated::new(11, 60, 2, 40);
    let optimum = instance.optimum_by_dynamic_program();
    let mut live = LiveModel::new(instance.model(Sense::Maximize));
    let first = live.solve(&Settings { node_limit: Some(1), ..Settings::default() }, &Run::default()).unwrap();
    claims_hold(&first, live.model(), optimum);
    assert!(first.bound.is_some(), "the root relaxation is a bound: {first:?}");
    let second = live.solve(&Settings { node_limit: Some(1), ..Settings::default() }, &Run::new(5)).unwrap();
    claims_hold(&second, live.model(), optimum);
    if let Some(before) = first.objective {
        assert!(second.objective.unwrap() >= before, "the incumbent was lost: {first:?}, then {second:?}");
    }
}

#[test]
fn a_wide_gap_stops_early_with_an_honest_bound() {
    let instance = Correlated::new(3, 60, 2, 40);
    let optimum = instance.optimum_by_dynamic_program();
    let model = instance.model(Sense::Maximize);
    let result = model.solve(&Settings { relative_gap: 0.5, ..Settings::default() }, &Run::default()).unwrap();
    assert_eq!(result.status, Status::Optimal);
    assert!(result.relative_gap().unwrap() <= 0.5);
    assert!(result.bound.unwrap() >= optimum && result.objective.unwrap() <= optimum);
}

#[test]
fn a_linear_program_without_time_claims_only_what_weak_duality_proves() {
    let instance = Correlated::new(5, 200, 2, 50);
    for sense in [Sense::Maximize, Sense::Minimize] {
        let mut model = instance.model(sense);
        for column in 0..model.columns() {
            model.set_integrality(Column(column), Integrality::Continuous).unwrap();
        }
        let optimum = model.solve(&Settings::default(), &Run::default()).unwrap().objective.unwrap();
        let mut live = LiveModel::new(model);
        for time_limit in [0.0, 1e-4, 1e-3, 0.01, 1.0] {
            let result = live.solve(&Settings::default(), &within(time_limit)).unwrap();
            claims_hold(&result, live.model(), optimum);
        }
    }
}

#[test]
fn a_cancelled_mixed_integer_solve_ends_with_what_it_has() {
    // Branch and bound does not finish this one in hours: without the interrupt callback the test would not end.
    let model = Correlated::new(7, 300, 8, 1000).model(Sense::Maximize);
    for threads in [1, 2] {
        let cancel = CancelFlag::new();
        let run = Run::default().with_threads(threads).with_cancel(cancel.clone());
        let result = thread::scope(|scope| {
            scope.spawn(|| {
                thread::sleep(Duration::from_millis(500));
                cancel.raise();
            });
            model.solve(&Settings::default(), &run).unwrap()
        });
        assert_eq!(result.status, Status::Interrupted);
        if let (Some(objective), Some(bound)) = (result.objective, result.bound) {
            assert!(objective <= bound);
        }
    }
}

#[test]
fn a_flag_that_is_up_already_stops_a_solve_at_its_first_step() {
    let model = Correlated::new(7, 300, 8, 1000).model(Sense::Maximize);
    let cancel = CancelFlag::new();
    cancel.raise();
    assert_eq!(model.solve(&Settings::default(), &Run::default().with_cancel(cancel)).unwrap().status, Status::Interrupted);
}
