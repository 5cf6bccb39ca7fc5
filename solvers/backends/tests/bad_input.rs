//! Every way of asking for nonsense is an error that names the place, and a refused edit changes nothing.

use fathom_opt_backends::{Column, Error, Integrality, LiveModel, Model, ModelPlace, Row, Sense, Settings, expressions};
use fathom_opt_core::Run;

const NONE: f64 = f64::INFINITY;

fn square() -> Model {
    let mut model = Model::new(Sense::Maximize);
    let x = model.add_column(1.0, 0.0, 1.0, Integrality::Integer).unwrap();
    let y = model.add_column(1.0, 0.0, 1.0, Integrality::Integer).unwrap();
    model.add_row(-NONE, 1.0, [(x, 1.0), (y, 1.0)]).unwrap();
    model
}

#[test]
fn nonsense_in_a_model_is_refused_with_its_place_and_leaves_the_model_as_it_was() {
    type Edit = fn(&mut Model) -> Result<(), Error>;
    let cases: &[(Edit, &str)] = &[
        (|m| m.add_column(f64::NAN, 0.0, 1.0, Integrality::Integer).map(drop), "column 2: the cost is NaN"),
        (|m| m.add_column(NONE, 0.0, 1.0, Integrality::Integer).map(drop), "column 2: the cost is inf"),
        (|m| m.add_column(-1e20, 0.0, 1.0, Integrality::Integer).map(drop), "column 2: the cost is -1e20"),
        (|m| m.add_column(1.0, 2.0, 1.0, Integrality::Integer).map(drop), "column 2: bounds [2, 1]"),
        (|m| m.add_column(1.0, f64::NAN, 1.0, Integrality::Integer).map(drop), "column 2: bounds [NaN, 1]"),
        (|m| m.add_column(1.0, 0.0, f64::NAN, Integrality::Integer).map(drop), "column 2: bounds [0, NaN]"),
        (|m| m.add_column(1.0, NONE, NONE, Integrality::Integer).map(drop), "column 2: bounds [inf, inf]"),
        (|m| m.add_column(1.0, -NONE, -NONE, Integrality::Integer).map(drop), "column 2: bounds [-inf, -inf]"),
        (|m| m.add_column_in_rows(1.0, 0.0, 1.0, Integrality::Integer, [(Row(0), 1.0), (Row(1), 1.0)]).map(drop), "row 1 does not exist"),
        (
            |m| m.add_column_in_rows(1.0, 0.0, 1.0, Integrality::Integer, [(Row(0), NONE)]).map(drop),
            "row 0, column 2: the coefficient is inf",
        ),
        (|m| m.add_row(0.0, 1.0, [(Column(2), 1.0)]).map(drop), "column 2 does not exist: the model has 2 columns and 1 rows"),
        (|m| m.add_row(0.0, 1.0, [(Column(1), f64::NAN)]).map(drop), "row 1, column 1: the coefficient is NaN"),
        (|m| m.add_row(0.0, 1.0, [(Column(1), 1e-10)]).map(drop), "row 1, column 1: the coefficient is 1e-10"),
        (|m| m.add_row(0.0, 1.0, [(Column(1), -1e15)]).map(drop), "row 1, column 1: the coefficient is -1e15"),
        (|m| m.add_row(0.0, 1.0, [(Column(1), f64::MAX), (Column(1), f64::MAX)]).map(drop), "row 1, column 1: the coefficient is inf"),
        (|m| m.add_row(1.0, 0.0, []).map(drop), "row 1: bounds [1, 0]"),
        (|m| m.set_cost(Column(9), 1.0), "column 9 does not exist"),
        (|m| m.set_cost(Column(0), f64::NAN), "column 0: the cost is NaN"),
        (|m| m.set_offset(f64::NAN), "the objective's constant term: the value is NaN"),
        (|m| m.set_column_bounds(Column(0), 1.0, 0.0), "column 0: bounds [1, 0]"),
        (|m| m.set_column_bounds(Column(2), 0.0, 0.0), "column 2 does not exist"),
        (|m| m.set_row_bounds(Row(1), 0.0, 1.0), "row 1 does not exist"),
        (|m| m.set_row_bounds(Row(0), f64::NAN, 1.0), "row 0: bounds [NaN, 1]"),
        (|m| m.set_coefficient(Row(0), Column(0), f64::NAN), "row 0, column 0: the coefficient is NaN"),
        (|m| m.set_coefficient(Row(0), Column(5), 1.0), "column 5 does not exist"),
        (|m| m.set_integrality(Column(5), Integrality::Integer), "column 5 does not exist"),
    ];
    for (edit, expected) in cases {
        let mut model = square();
        let message = edit(&mut model).unwrap_err().to_string();
        assert!(message.starts_with(expected), "{message:?} should start with {expected:?}");
        assert_eq!(model, square(), "{expected}");
    }
}

#[test]
fn settings_out_of_range_are_refused_by_name() {
    let wrong = [
        (Settings { relative_gap: -1e-9, ..Settings::default() }, "setting relative_gap is"),
        (Settings { absolute_gap: f64::NAN, ..Settings::default() }, "setting absolute_gap is NaN"),
        (Settings { node_limit: Some(u32::MAX), ..Settings::default() }, "setting node_limit is"),
        (Settings { iteration_limit: Some(u32::MAX), ..Settings::default() }, "setting iteration_limit is"),
        (Settings { start: Some(vec![0.0]), ..Settings::default() }, "the start has 1 values, expected 2"),
        (Settings { start: Some(vec![0.0, NONE]), ..Settings::default() }, "column 1: the start value is inf"),
        (
            Settings { start: Some(vec![1.0, 1.0]), check_start: true, ..Settings::default() },
            "the start is infeasible: row 0 is violated by 1e0",
        ),
        (Settings { start: Some(vec![0.5, 0.0]), check_start: true, ..Settings::default() }, "the start is infeasible: column 0"),
    ];
    let run = Run::default();
    let mut live = LiveModel::new(square());
    for (settings, expected) in wrong {
        for message in [square().solve(&settings, &run), live.solve(&settings, &run)].map(|result| result.unwrap_err().to_string()) {
            assert!(message.starts_with(expected), "{message:?} should start with {expected:?}");
        }
    }
}

#[test]
fn a_refused_edit_leaves_a_live_model_solving_as_before() {
    let mut model = square();
    for column in 0..2 {
        model.set_integrality(Column(column), Integrality::Continuous).unwrap();
    }
    let mut live = LiveModel::new(model);
    let before = live.solve(&Settings::default(), &Run::default()).unwrap();
    assert!(live.add_row(0.0, 0.0, [(Column(7), 1.0)]).is_err());
    assert!(live.add_column_in_rows(1.0, 0.0, 1.0, Integrality::Continuous, [(Row(7), 1.0)]).is_err());
    assert!(live.set_cost(Column(0), NONE).is_err());
    assert!(live.set_column_bounds(Column(0), NONE, 0.0).is_err());
    assert_eq!(live.solve(&Settings::default(), &Run::default()).unwrap().objective, before.objective);
}

#[test]
fn a_point_of_the_wrong_length_has_neither_objective_nor_violation() {
    let expected = Error::Length { what: "point", found: 3, expected: 2 };
    assert_eq!(square().objective(&[0.0; 3]), Err(expected.clone()));
    assert_eq!(square().violation(&[0.0; 3]), Err(expected));
    assert_eq!(square().violation(&[f64::NAN, 0.0]).unwrap().unwrap().amount, NONE);
    assert_eq!(square().violation(&[1.0, 1.0]).unwrap().unwrap().place, ModelPlace::Row(0));
}

#[test]
fn terms_on_the_same_column_add_up_and_what_cancels_is_gone() {
    let mut model = square();
    let row = model.add_row(0.0, 1.0, [(Column(1), 0.1), (Column(0), 2.0), (Column(1), 0.2), (Column(1), -0.3), (Column(0), 3.0)]).unwrap();
    assert_eq!((model.coefficient(row, Column(0)), model.coefficient(row, Column(1))), (Some(5.0), None));
    let column = model.add_column_in_rows(0.0, 0.0, 1.0, Integrality::Continuous, [(row, 1.0), (row, 1.5), (Row(0), 0.0)]).unwrap();
    assert_eq!((model.coefficient(row, column), model.coefficient(Row(0), column)), (Some(2.5), None));
}

#[test]
fn a_variable_of_another_problem_is_refused_with_the_constraint_it_stands_in() {
    let mut ours = good_lp::ProblemVariables::new();
    let x = ours.add(good_lp::variable().min(0).max(1).initial(1));
    let mut others = good_lp::ProblemVariables::new();
    let foreign = others.add_vector(good_lp::variable(), 3)[2];
    let minimise = good_lp::ObjectiveDirection::Minimisation;
    let message = |result: Result<Model, Error>| result.unwrap_err().to_string();
    assert!(message(expressions::model(&ours, minimise, x + foreign, [])).starts_with("the objective uses a variable"));
    assert!(message(expressions::model(&ours, minimise, x, [(x + foreign).leq(1)])).starts_with("the constraint 0 uses a variable"));
    assert_eq!((expressions::start(&ours), expressions::start(&others)), (Some(vec![1.0]), None));
}
