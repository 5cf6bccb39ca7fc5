//! Mixed-integer solves against brute force over every point of small binary programs.

use std::time::Duration;

use fathom_opt_backends::{Column, Integrality, LiveModel, Model, Row, Sense, Settings};
use fathom_opt_core::{Run, Status};
use good_lp::SolverModel as _;
use proptest::prelude::*;

const NONE: f64 = f64::INFINITY;

/// `max values' x, weights[i]' x <= capacities[i]`, x binary; small integers, so that every sum is exact.
#[derive(Debug, Clone)]
struct Knapsack {
    values: Vec<f64>,
    weights: Vec<Vec<f64>>,
    capacities: Vec<f64>,
}

impl Knapsack {
    fn model(&self, sense: Sense) -> Model {
        let mut model = Model::new(sense);
        let sign = if sense == Sense::Maximize { 1.0 } else { -1.0 };
        for value in &self.values {
            model.add_binary(sign * value).unwrap();
        }
        for (weights, &capacity) in self.weights.iter().zip(&self.capacities) {
            model.add_row(-NONE, capacity, weights.iter().enumerate().map(|(item, &weight)| (Column(item), weight))).unwrap();
        }
        model
    }

    fn best(&self) -> Option<f64> {
        let items = self.values.len();
        (0_u32..1 << items)
            .filter_map(|set| {
                let total = |numbers: &[f64]| (0..items).filter(|item| set >> item & 1 == 1).map(|item| numbers[item]).sum::<f64>();
                self.weights
                    .iter()
                    .zip(&self.capacities)
                    .all(|(weights, &capacity)| total(weights) <= capacity)
                    .then(|| total(&self.values))
            })
            .max_by(f64::total_cmp)
    }

    fn with_row(&self, weights: &[f64], capacity: f64) -> Self {
        let mut more = self.clone();
        more.weights.push(weights[..self.values.len()].to_vec());
        more.capacities.push(capacity);
        more
    }

    fn with_item(&self, value: f64, weights: &[f64]) -> Self {
        let mut more = self.clone();
        more.values.push(value);
        for (row, &weight) in more.weights.iter_mut().zip(weights) {
            row.push(weight);
        }
        more
    }
}

fn numbers(range: std::ops::RangeInclusive<i32>, count: impl Into<proptest::collection::SizeRange>) -> impl Strategy<Value = Vec<f64>> {
    proptest::collection::vec(range.prop_map(f64::from), count)
}

fn knapsacks() -> impl Strategy<Value = Knapsack> {
    (1_usize..=9, 1_usize..=3).prop_flat_map(|(items, rows)| {
        // Weights and values may be negative, so a row may also force items in; capacities may make it infeasible.
        (numbers(-5..=30, items), proptest::collection::vec(numbers(-3..=20, items), rows), numbers(-4..=60, rows))
            .prop_map(|(values, weights, capacities)| Knapsack { values, weights, capacities })
    })
}

/// A solve of `knapsack` must say what brute force says, with a bound on the right side and a point that is really feasible.
fn agrees(result: &fathom_opt_backends::SolveResult, knapsack: &Knapsack, model: &Model) -> Result<(), TestCaseError> {
    let sign = if model.sense() == Sense::Maximize { 1.0 } else { -1.0 };
    let Some(best) = knapsack.best() else {
        prop_assert_eq!(&result.status, &Status::Infeasible);
        prop_assert_eq!((&result.values, result.objective, result.bound), (&None, None, None));
        return Ok(());
    };
    prop_assert_eq!(&result.status, &Status::Optimal);
    let values = result.values.as_ref().unwrap();
    prop_assert_eq!(model.violation(values).unwrap(), None);
    prop_assert_eq!(sign * result.objective.unwrap(), best);
    prop_assert_eq!(model.objective(values).unwrap(), result.objective.unwrap());
    let bound = sign * result.bound.unwrap();
    // Everything is a whole number here, and so must the bound be.
    prop_assert_eq!(bound, best);
    prop_assert!(result.duals.is_none());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_solve_finds_the_optimum_of_brute_force_in_both_senses(knapsack in knapsacks()) {
        for sense in [Sense::Maximize, Sense::Minimize] {
            let model = knapsack.model(sense);
            agrees(&model.solve(&Settings::default(), &Run::default()).unwrap(), &knapsack, &model)?;
        }
    }

    #[test]
    fn rows_and_columns_added_to_a_live_model_count_in_the_next_solve(
        knapsack in knapsacks(),
        cut in numbers(0..=9, 9),
        capacity in 0..=30_i32,
        value in -5..=30_i32,
        weights in numbers(-3..=20, 4),
    ) {
        let (capacity, value) = (f64::from(capacity), f64::from(value));
        let mut live = LiveModel::new(knapsack.model(Sense::Maximize));
        agrees(&live.solve(&Settings::default(), &Run::default()).unwrap(), &knapsack, live.model())?;

        let cut_off = knapsack.with_row(&cut, capacity);
        live.add_row(-NONE, capacity, (0..knapsack.values.len()).map(|item| (Column(item), cut[item]))).unwrap();
        agrees(&live.solve(&Settings::default(), &Run::default()).unwrap(), &cut_off, live.model())?;

        let wider = cut_off.with_item(value, &weights);
        let rows = wider.capacities.len();
        live.add_column_in_rows(value, 0.0, 1.0, Integrality::Integer, (0..rows).map(|row| (Row(row), weights[row]))).unwrap();
        agrees(&live.solve(&Settings::default(), &Run::default()).unwrap(), &wider, live.model())?;
    }

    #[test]
    fn a_live_model_after_any_edits_solves_as_a_fresh_model_does(
        knapsack in knapsacks(),
        edits in proptest::collection::vec((0..6_u8, 0..9_usize, 0..3_usize, -4..=12_i32), 1..8),
    ) {
        let mut live = LiveModel::new(knapsack.model(Sense::Maximize));
        for (kind, item, row, number) in edits {
            let (column, row) = (Column(item % knapsack.values.len()), Row(row % knapsack.capacities.len()));
            let number = f64::from(number);
            match kind {
                0 => live.set_cost(column, number).unwrap(),
                1 => live.set_column_bounds(column, number.min(0.0), number.max(1.0)).unwrap(),
                2 => live.set_row_bounds(row, -NONE, 5.0 * number).unwrap(),
                3 => live.set_coefficient(row, column, number).unwrap(),
                4 => live.set_integrality(column, if number > 3.0 { Integrality::Integer } else { Integrality::Continuous }).unwrap(),
                _ => live.set_offset(number).unwrap(),
            }
            let (again, fresh) = (live.solve(&Settings::default(), &Run::default()).unwrap(), live.model().solve(&Settings::default(), &Run::default()).unwrap());
            prop_assert_eq!(again.status, fresh.status);
            if let (Some(again), Some(fresh)) = (again.objective, fresh.objective) {
                prop_assert!((again - fresh).abs() <= 3e-6 * fresh.abs().max(1.0), "{} and {}", again, fresh);
            }
        }
    }

    #[test]
    fn expressions_of_good_lp_become_the_same_model_and_keep_the_constant(knapsack in knapsacks(), constant in -9..=9_i32) {
        let mut variables = good_lp::ProblemVariables::new();
        let items: Vec<_> = knapsack.values.iter().map(|_| variables.add(good_lp::variable().binary())).collect();
        let sum = |numbers: &[f64]| items.iter().zip(numbers).map(|(&item, &number)| item * number).sum::<good_lp::Expression>();
        let constraints = || knapsack.weights.iter().zip(&knapsack.capacities).map(|(weights, &capacity)| sum(weights).leq(capacity));
        let model = fathom_opt_backends::expressions::model(
            &variables,
            good_lp::ObjectiveDirection::Maximisation,
            sum(&knapsack.values) + constant,
            constraints(),
        ).unwrap();
        let result = model.solve(&Settings::default(), &Run::default()).unwrap();
        let constant = f64::from(constant);
        prop_assert_eq!(result.objective.map(|objective| objective - constant), knapsack.best());
        if let Some(best) = knapsack.best() {
            prop_assert!(result.bound.unwrap() == best + constant);
        }
        // The peer: good_lp's own way through HiGHS, which agrees on feasibility and on the value without the constant.
        let peer = variables.maximise(sum(&knapsack.values)).using(good_lp::highs).with_all(constraints()).solve();
        prop_assert_eq!(peer.is_ok(), knapsack.best().is_some());
    }
}

fn small() -> Knapsack {
    Knapsack { values: vec![10.0, 6.0, 4.0, 7.0], weights: vec![vec![3.0, 2.0, 2.0, 3.0]], capacities: vec![6.0] }
}

/// A run whose deadline has passed.
fn no_time() -> Run {
    Run::default().with_time_limit(Duration::ZERO)
}

#[test]
fn a_feasible_start_is_the_incumbent_when_nothing_else_gets_a_turn() {
    let model = small().model(Sense::Maximize);
    let start = vec![0.0, 1.0, 1.0, 0.0];
    let settings = Settings { start: Some(start.clone()), ..Settings::default() };
    let result = model.solve(&settings, &no_time()).unwrap();
    assert!(result.objective.unwrap() >= model.objective(&start).unwrap(), "{result:?}");
    assert_eq!(model.violation(result.values.as_ref().unwrap()).unwrap(), None);
}

#[test]
fn a_live_model_hands_its_last_incumbent_to_the_next_solve() {
    let mut live = LiveModel::new(small().model(Sense::Maximize));
    assert_eq!(live.solve(&Settings::default(), &Run::default()).unwrap().objective, Some(17.0));
    assert_eq!(live.solve(&Settings::default(), &no_time()).unwrap().objective, Some(17.0));
    // A column whose bounds exclude zero enters the incumbent at the nearest bound; the row is changed to leave room for it.
    live.add_column_in_rows(1.0, 2.0, 5.0, Integrality::Integer, [(Row(0), 1.0)]).unwrap();
    live.set_row_bounds(Row(0), -NONE, 8.0).unwrap();
    let result = live.solve(&Settings::default(), &no_time()).unwrap();
    assert!(result.objective.unwrap() >= 19.0, "{result:?}");
}

#[test]
fn an_infeasible_start_does_not_change_the_optimum() {
    let model = small().model(Sense::Maximize);
    let settings = Settings { start: Some(vec![1.0; 4]), ..Settings::default() };
    assert_eq!(model.solve(&settings, &Run::default()).unwrap().objective, Some(17.0));
}

#[test]
fn solves_on_one_and_several_threads_may_alternate() {
    let model = small().model(Sense::Maximize);
    let mut live = LiveModel::new(model.clone());
    for threads in [2, 1, 3, 1] {
        let run = Run::default().with_threads(threads);
        assert_eq!(model.solve(&Settings::default(), &run).unwrap().objective, Some(17.0));
        assert_eq!(live.solve(&Settings::default(), &run).unwrap().objective, Some(17.0));
    }
}

#[test]
fn a_thread_on_which_highs_ran_with_another_number_of_threads_still_solves() {
    let mut problem = highs::RowProblem::new();
    let columns = [3.0, 2.0, 2.0].map(|weight| (problem.add_integer_column(weight, 0.0..=1.0), weight));
    problem.add_row(..=4.0, columns);
    let mut other = problem.optimise(highs::Sense::Maximise);
    other.set_option("threads", 2);
    // Kept alive, because dropping it would clear the thread's scheduler.
    let other = other.solve();
    assert_eq!(other.objective_value(), 4.0);
    assert_eq!(small().model(Sense::Maximize).solve(&Settings::default(), &Run::default()).unwrap().objective, Some(17.0));
    let mut relaxed = small().model(Sense::Maximize);
    for column in 0..4 {
        relaxed.set_integrality(Column(column), Integrality::Continuous).unwrap();
    }
    assert_eq!(LiveModel::new(relaxed).solve(&Settings::default(), &Run::default()).unwrap().status, Status::Optimal);
    drop(other);
}

#[test]
fn the_same_seed_gives_the_same_result() {
    let model = small().model(Sense::Maximize);
    let solve = || model.solve(&Settings::default(), &Run::new(7)).unwrap();
    assert_eq!(solve(), solve());
}

#[test]
fn infeasible_and_unbounded_mixed_integer_models_say_so() {
    let mut model = Model::new(Sense::Maximize);
    let x = model.add_column(1.0, 0.0, NONE, Integrality::Integer).unwrap();
    let result = model.solve(&Settings::default(), &Run::default()).unwrap();
    assert_eq!(result.status, Status::Unbounded, "{result:?}");
    assert_eq!(result.bound, None);
    // 3 <= 7 x <= 5 has no whole number though it has real ones.
    model.add_row(3.0, 5.0, [(x, 7.0)]).unwrap();
    let result = model.solve(&Settings::default(), &Run::default()).unwrap();
    assert_eq!((result.status, result.values, result.bound), (Status::Infeasible, None, None));
}
