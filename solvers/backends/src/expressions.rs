//! Models written with [`good_lp`]'s expressions.
//!
//! `good_lp` is the pleasant way to write a model, but its solver traits hide the proven bound, the gap and the reduced costs, drop the
//! bound when a limit strikes before an incumbent, and its HiGHS backend loses the objective's constant term. [`model`] takes what was
//! written and gives a [`Model`], which hides none of that and can be changed and solved again.
//!
//! ```
//! use fathom_opt_backends::{Settings, expressions};
//! use fathom_opt_core::Run;
//! use good_lp::{ObjectiveDirection, ProblemVariables, Expression, constraint, variable};
//!
//! let mut variables = ProblemVariables::new();
//! let x = variables.add(variable().integer().bounds(0..3));
//! let y = variables.add(variable().min(0));
//! let objective: Expression = 2 * x + y + 10;
//! let model = expressions::model(&variables, ObjectiveDirection::Maximisation, objective, [constraint!(x + y <= 4.5)])?;
//!
//! let result = model.solve(&Settings::default(), &Run::default())?;
//! assert_eq!(result.values, Some(vec![3.0, 1.5]));
//! assert_eq!((result.objective, result.bound), (Some(17.5), Some(17.5)));
//! # Ok::<(), fathom_opt_backends::Error>(())
//! ```

use std::collections::HashMap;

use fathom_opt_problems::Sense;
use good_lp::{Constraint, IntoAffineExpression, ObjectiveDirection, ProblemVariables, Variable};

use crate::error::Error;
use crate::model::{Column, Integrality, Model};

/// The model of a set of `good_lp` variables, an objective (its constant term included) and constraints.
///
/// Column `j` is the `j`-th variable added to `variables`, row `i` the `i`-th constraint, as `good_lp` normalises it:
/// `expression <= 0` with the constant on the right (a `>=` constraint has all its signs turned, and so has its dual value).
/// Initial values are left behind; [`start`] gives them.
///
/// # Errors
/// As [`Model::add_column`] and [`Model::add_row`]; a variable of another set.
pub fn model(
    variables: &ProblemVariables,
    direction: ObjectiveDirection,
    objective: impl IntoAffineExpression,
    constraints: impl IntoIterator<Item = Constraint>,
) -> Result<Model, Error> {
    let mut model = Model::new(match direction {
        ObjectiveDirection::Minimisation => Sense::Minimize,
        ObjectiveDirection::Maximisation => Sense::Maximize,
    });
    // A variable's index is private to good_lp; the order of addition is not.
    let mut columns = HashMap::with_capacity(variables.len());
    for (variable, definition) in variables.iter_variables_with_def() {
        let integrality = if definition.is_integer() { Integrality::Integer } else { Integrality::Continuous };
        columns.insert(variable, model.add_column(0.0, definition.get_min(), definition.get_max(), integrality)?);
    }
    let column = |variable: Variable, what: &dyn Fn() -> String| {
        columns.get(&variable).copied().ok_or_else(|| Error::ForeignVariable { what: what() })
    };

    model.set_offset(objective.constant())?;
    let mut costs = vec![0.0; variables.len()];
    for (variable, cost) in objective.linear_coefficients() {
        costs[column(variable, &|| "objective".into())?.0] += cost;
    }
    for (index, cost) in costs.into_iter().enumerate() {
        model.set_cost(Column(index), cost)?;
    }
    for (index, constraint) in constraints.into_iter().enumerate() {
        let expression = constraint.expression();
        let right = 0.0 - expression.constant();
        let left = if constraint.is_equality() { right } else { f64::NEG_INFINITY };
        let terms = expression
            .linear_coefficients()
            .map(|(variable, coefficient)| Ok((column(variable, &|| format!("constraint {index}"))?, coefficient)))
            .collect::<Result<Vec<_>, Error>>()?;
        model.add_row(left, right, terms)?;
    }
    Ok(model)
}

/// The variables' initial values as a full start for [`Settings::start`](crate::Settings::start), or `None` unless every variable has one:
/// filling the others with zeros, as `good_lp` does, makes a start that is mostly infeasible.
pub fn start(variables: &ProblemVariables) -> Option<Vec<f64>> {
    variables.iter_variables_with_def().map(|(_, definition)| definition.get_initial()).collect()
}
