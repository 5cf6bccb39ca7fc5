//! A model written with `good_lp`, solved with its proof: `cargo run -p fathom-opt-backends --example good_lp_knapsack`.

use std::time::Duration;

use fathom_opt_backends::{Error, Settings, expressions};
use fathom_opt_core::Run;
use good_lp::{Expression, ObjectiveDirection, ProblemVariables, Variable, constraint, variable};

fn main() -> Result<(), Error> {
    let (values, weights) = ([60.0, 100.0, 120.0, 75.0], [10.0, 20.0, 30.0, 15.0]);
    let mut variables = ProblemVariables::new();
    let chosen: Vec<Variable> = values.iter().map(|_| variables.add(variable().binary())).collect();
    let value: Expression = chosen.iter().zip(values).map(|(&item, value)| value * item).sum();
    let weight: Expression = chosen.iter().zip(weights).map(|(&item, weight)| weight * item).sum();

    let model = expressions::model(&variables, ObjectiveDirection::Maximisation, value, [constraint!(weight <= 50.0)])?;
    let run = Run::new(1).with_time_limit(Duration::from_secs(10));
    let result = model.solve(&Settings::default(), &run)?;
    println!("{}: value {:?}, proven bound {:?}, items {:?}", result.status, result.objective, result.bound, result.values);
    Ok(())
}
