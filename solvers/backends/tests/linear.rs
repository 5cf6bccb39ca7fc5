//! Linear programs: duality recomputed from the model's data, statuses, and solving again from the last basis.

use fathom_opt_backends::{Column, Duals, Integrality, LiveModel, Model, Row, Sense, Settings, SolveResult};
use fathom_opt_core::{Limit, Run, Status};
use proptest::prelude::*;

const NONE: f64 = f64::INFINITY;
const TOLERANCE: f64 = 1e-6;

/// A linear program with at least one feasible point, held densely beside its model so that the tests need nothing from the crate's own sums.
#[derive(Debug, Clone)]
struct Program {
    sense: Sense,
    costs: Vec<f64>,
    column_bounds: Vec<(f64, f64)>,
    matrix: Vec<Vec<f64>>,
    row_bounds: Vec<(f64, f64)>,
}

impl Program {
    fn model(&self) -> Model {
        let mut model = Model::new(self.sense);
        for (&cost, &(lower, upper)) in self.costs.iter().zip(&self.column_bounds) {
            model.add_column(cost, lower, upper, Integrality::Continuous).unwrap();
        }
        for (row, &(lower, upper)) in self.matrix.iter().zip(&self.row_bounds) {
            model.add_row(lower, upper, row.iter().enumerate().map(|(column, &value)| (Column(column), value))).unwrap();
        }
        model
    }

    fn activity(&self, row: usize, values: &[f64]) -> f64 {
        self.matrix[row].iter().zip(values).map(|(a, x)| a * x).sum()
    }
}

fn programs() -> impl Strategy<Value = Program> {
    let sense = prop_oneof![Just(Sense::Minimize), Just(Sense::Maximize)];
    (sense, 1_usize..=7, 0_usize..=6).prop_flat_map(|(sense, columns, rows)| {
        let number = || (-9..=9_i32).prop_map(f64::from);
        let slack = || (0..=3_i32, 0..=6_i32);
        let vector = move |count: usize| proptest::collection::vec(number(), count);
        (
            vector(columns),
            vector(columns),
            proptest::collection::vec(slack(), columns),
            proptest::collection::vec(vector(columns), rows),
            proptest::collection::vec(slack(), rows),
        )
            .prop_map(move |(costs, point, around_columns, matrix, around_rows)| {
                // Bounds around a random point make it feasible: kind 0 both sides, 1 below only, 2 above only, 3 equal (rows) or both.
                let bounds = |value: f64, (kind, distance): (i32, i32), row: bool| match kind {
                    1 if row => (value - f64::from(distance), NONE),
                    2 if row => (-NONE, value + f64::from(distance)),
                    3 if row => (value, value),
                    _ => (value - f64::from(distance), value + f64::from(distance)),
                };
                let row_bounds = matrix
                    .iter()
                    .zip(around_rows)
                    .map(|(row, around)| bounds(row.iter().zip(&point).map(|(a, x)| a * x).sum(), around, true));
                Program {
                    sense,
                    row_bounds: row_bounds.collect(),
                    column_bounds: point.iter().zip(around_columns).map(|(&value, around)| bounds(value, around, false)).collect(),
                    costs,
                    matrix,
                }
            })
    })
}

/// The signs, complementary slackness and strong duality of an optimal result, each from its definition.
fn is_optimal_with_duals(program: &Program, result: &SolveResult) -> Result<(), TestCaseError> {
    prop_assert_eq!(&result.status, &Status::Optimal);
    let values = result.values.as_ref().unwrap();
    let Duals { rows, reduced_costs } = result.duals.as_ref().unwrap();
    let sign = if program.sense == Sense::Minimize { 1.0 } else { -1.0 };
    let complementary = |activity: f64, (lower, upper): (f64, f64), dual: f64| {
        // A dual that pushes up (in the sense of minimization) needs an active lower bound, one that pushes down an active upper bound.
        let active = |bound: f64| (activity - bound).abs() <= TOLERANCE * bound.abs().max(1.0);
        (sign * dual <= TOLERANCE || active(lower)) && (sign * dual >= -TOLERANCE || active(upper))
    };
    let mut dual_objective = 0.0;
    let mut add = |dual: f64, (lower, upper): (f64, f64)| {
        if dual.abs() > TOLERANCE {
            dual_objective += dual * if sign * dual > 0.0 { lower } else { upper };
        }
    };
    for (row, &dual) in rows.iter().enumerate() {
        let activity = program.activity(row, values);
        prop_assert!(complementary(activity, program.row_bounds[row], dual), "row {}: dual {}, activity {}", row, dual, activity);
        add(dual, program.row_bounds[row]);
    }
    for (column, &reduced_cost) in reduced_costs.iter().enumerate() {
        let from_rows: f64 = rows.iter().enumerate().map(|(row, dual)| dual * program.matrix[row][column]).sum();
        prop_assert!((program.costs[column] - from_rows - reduced_cost).abs() <= TOLERANCE * 100.0, "column {}", column);
        prop_assert!(complementary(values[column], program.column_bounds[column], reduced_cost), "column {}", column);
        add(reduced_cost, program.column_bounds[column]);
    }
    let objective: f64 = program.costs.iter().zip(values).map(|(cost, value)| cost * value).sum();
    prop_assert!((objective - result.objective.unwrap()).abs() <= 1e-9 * objective.abs().max(1.0));
    prop_assert!(
        (objective - dual_objective).abs() <= TOLERANCE * 100.0 * objective.abs().max(1.0),
        "{} against {}",
        objective,
        dual_objective
    );
    // The bound is the dual's value: never beyond the objective, and equal to it up to HiGHS's tolerances.
    let bound = result.bound.unwrap();
    prop_assert!(sign * (result.objective.unwrap() - bound) >= 0.0, "bound {} beyond the objective {:?}", bound, result.objective);
    prop_assert!((dual_objective - bound).abs() <= TOLERANCE * 100.0 * objective.abs().max(1.0), "{} against {}", dual_objective, bound);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn an_optimal_solve_satisfies_strong_duality_and_complementary_slackness(program in programs()) {
        is_optimal_with_duals(&program, &program.model().solve(&Settings::default(), &Run::default()).unwrap())?;
    }

    #[test]
    fn a_live_model_that_gets_its_rows_and_columns_one_by_one_ends_at_the_same_optimum(program in programs()) {
        let whole = program.model().solve(&Settings::default(), &Run::default()).unwrap();
        // Columns first, half of them before any solve, then the rows, then the other columns with their coefficients.
        let half = program.costs.len().div_ceil(2);
        let mut live = LiveModel::new(Model::new(program.sense));
        for column in 0..half {
            let (lower, upper) = program.column_bounds[column];
            live.add_column(program.costs[column], lower, upper, Integrality::Continuous).unwrap();
        }
        live.solve(&Settings::default(), &Run::default()).unwrap();
        for (row, &(lower, upper)) in program.row_bounds.iter().enumerate() {
            live.add_row(lower, upper, (0..half).map(|column| (Column(column), program.matrix[row][column]))).unwrap();
            live.solve(&Settings::default(), &Run::default()).unwrap();
        }
        for column in half..program.costs.len() {
            let (lower, upper) = program.column_bounds[column];
            let terms = (0..program.matrix.len()).map(|row| (Row(row), program.matrix[row][column]));
            live.add_column_in_rows(program.costs[column], lower, upper, Integrality::Continuous, terms).unwrap();
            live.solve(&Settings::default(), &Run::default()).unwrap();
        }
        prop_assert_eq!(live.model(), &program.model());
        let last = live.solve(&Settings::default(), &Run::default()).unwrap();
        is_optimal_with_duals(&program, &last)?;
        prop_assert!((last.objective.unwrap() - whole.objective.unwrap()).abs() <= 1e-6 * whole.objective.unwrap().abs().max(1.0));
    }

    #[test]
    fn changed_costs_bounds_and_sense_count_in_the_next_solve(
        program in programs(),
        changes in proptest::collection::vec((0..3_u8, 0..7_usize, -9..=9_i32), 1..6),
    ) {
        let mut program = program;
        let mut live = LiveModel::new(program.model());
        live.solve(&Settings::default(), &Run::default()).unwrap();
        for (kind, column, number) in changes {
            let (column, number) = (column % program.costs.len(), f64::from(number));
            match kind {
                0 => {
                    program.costs[column] = number;
                    live.set_cost(Column(column), number).unwrap();
                }
                1 => {
                    // Wider, so that the program stays feasible.
                    let (lower, upper) = program.column_bounds[column];
                    program.column_bounds[column] = (lower.min(number), upper.max(number));
                    live.set_column_bounds(Column(column), lower.min(number), upper.max(number)).unwrap();
                }
                _ => {
                    program.sense = if number > 0.0 { Sense::Minimize } else { Sense::Maximize };
                    live.set_sense(program.sense);
                }
            }
            is_optimal_with_duals(&program, &live.solve(&Settings::default(), &Run::default()).unwrap())?;
        }
    }

    #[test]
    fn a_bound_after_an_iteration_limit_is_on_the_right_side(program in programs(), iteration_limit in 0..6_u32) {
        let optimum = program.model().solve(&Settings::default(), &Run::default()).unwrap().objective.unwrap();
        let result = program.model().solve(&Settings { iteration_limit: Some(iteration_limit), ..Settings::default() }, &Run::default()).unwrap();
        prop_assert!(matches!(result.status, Status::Optimal | Status::Limit(Limit::Iterations)), "{:?}", result);
        let sign = if program.sense == Sense::Minimize { 1.0 } else { -1.0 };
        let slack = 1e-6 * optimum.abs().max(1.0);
        if let Some(bound) = result.bound {
            prop_assert!(sign * bound <= sign * optimum + slack, "bound {} for optimum {}", bound, optimum);
        }
        if let Some(objective) = result.objective {
            prop_assert!(sign * objective >= sign * optimum - slack);
        }
        prop_assert!(result.status == Status::Optimal || result.duals.is_none());
    }
}

#[test]
fn duals_are_derivatives_of_the_objective_in_both_senses() {
    // max 3 x + 2 y, x + y <= 4, x + 3 y <= 6, x <= 3: the optimum (3, 1) has the first row and x's upper bound active.
    for (sense, sign) in [(Sense::Maximize, 1.0), (Sense::Minimize, -1.0)] {
        let mut model = Model::new(sense);
        let x = model.add_column(sign * 3.0, 0.0, 3.0, Integrality::Continuous).unwrap();
        let y = model.add_column(sign * 2.0, 0.0, NONE, Integrality::Continuous).unwrap();
        model.add_row(-NONE, 4.0, [(x, 1.0), (y, 1.0)]).unwrap();
        model.add_row(-NONE, 6.5, [(x, 1.0), (y, 3.0)]).unwrap();
        let result = model.solve(&Settings::default(), &Run::default()).unwrap();
        assert_eq!(result.objective, Some(sign * 11.0));
        let duals = result.duals.unwrap();
        assert_eq!(duals.rows, [sign * 2.0, 0.0]);
        assert_eq!(duals.reduced_costs, [sign, 0.0]);
        model.set_row_bounds(Row(0), -NONE, 4.1).unwrap();
        assert!((model.solve(&Settings::default(), &Run::default()).unwrap().objective.unwrap() - sign * 11.2).abs() < 1e-9);
    }
}

#[test]
fn the_offset_is_in_the_objective_and_in_the_bound() {
    let mut model = Model::new(Sense::Minimize);
    model.add_column(1.0, 2.0, 5.0, Integrality::Continuous).unwrap();
    model.set_offset(100.0).unwrap();
    let result = model.solve(&Settings::default(), &Run::default()).unwrap();
    assert_eq!((result.objective, result.bound), (Some(102.0), Some(102.0)));
    model.set_integrality(Column(0), Integrality::Integer).unwrap();
    let result = model.solve(&Settings::default(), &Run::default()).unwrap();
    assert_eq!((result.objective, result.bound), (Some(102.0), Some(102.0)));
}

#[test]
fn infeasible_and_unbounded_linear_programs_say_so_and_prove_nothing() {
    let mut model = Model::new(Sense::Minimize);
    let x = model.add_column(-1.0, 0.0, NONE, Integrality::Continuous).unwrap();
    let y = model.add_column(-1.0, 0.0, NONE, Integrality::Continuous).unwrap();
    model.add_row(-NONE, 1.0, [(x, 1.0), (y, -1.0)]).unwrap();
    let mut live = LiveModel::new(model);
    let result = live.solve(&Settings::default(), &Run::default()).unwrap();
    assert_eq!(result.status, Status::Unbounded, "{result:?}");
    assert_eq!((result.bound, result.duals), (None, None));
    live.add_row(-NONE, 5.0, [(y, 1.0)]).unwrap();
    assert_eq!(live.solve(&Settings::default(), &Run::default()).unwrap().objective, Some(-11.0));
    live.add_row(7.0, NONE, [(x, 1.0)]).unwrap();
    let result = live.solve(&Settings::default(), &Run::default()).unwrap();
    assert_eq!((result.status, result.values, result.bound), (Status::Infeasible, None, None));
}

#[test]
fn a_model_without_columns_is_judged_by_its_rows() {
    let mut model = Model::new(Sense::Minimize);
    model.set_offset(3.0).unwrap();
    model.add_row(-1.0, 1.0, []).unwrap();
    let result = model.solve(&Settings::default(), &Run::default()).unwrap();
    assert_eq!((result.status, result.objective, result.bound), (Status::Optimal, Some(3.0), Some(3.0)));
    model.add_row(1.0, 2.0, []).unwrap();
    assert_eq!(model.solve(&Settings::default(), &Run::default()).unwrap().status, Status::Infeasible);
    model.add_column(1.0, 0.0, 1.0, Integrality::Continuous).unwrap();
    assert_eq!(model.solve(&Settings::default(), &Run::default()).unwrap().status, Status::Infeasible);
}
