//! Nonlinear programming: minimise or maximise a function of real variables within bounds, subject to constraints with two sides.
//!
//! Multipliers have one convention everywhere, that of [`Multipliers`]. What a solver evaluates is [`Nlp`]; what the checker evaluates is the
//! program as it was read, by an interpreter of its own.

mod check;
mod closure_nlp;
mod data;
mod derivative_check;
#[cfg(feature = "num-dual")]
mod dual_nlp;
mod expression_nlp;
mod feasibility;
mod interpreter;
mod kkt;
mod least_squares;
mod model;
mod nlp;
mod reduced_hessian;
mod solution;
#[cfg(test)]
mod tests;

pub use closure_nlp::ClosureNlp;
pub use data::{ConstraintData, DefinitionData, ModelData, NonlinearData, ObjectiveData, VariableData};
pub use derivative_check::DerivativeCheck;
#[cfg(feature = "num-dual")]
pub use dual_nlp::DualNlp;
pub use expression_nlp::ExpressionNlp;
pub use model::{Constraint, Nonlinear, Parts, Variable};
pub use nlp::Nlp;
pub use solution::{Multipliers, NonlinearSolution};

use interpreter::Interpreter;

use crate::bulk::{BulkSink, BulkSource};
use crate::expression::{Curvature, Degree};
use crate::malformed::Malformed;
use crate::problem::{Problem, Size};
use crate::sense::Sense;
use crate::verdict::{Measure, Verdict};

impl Problem for Nonlinear {
    const KIND: &'static str = "nonlinear";
    const SUMMARY: &'static str = "minimise or maximise a smooth function within bounds and constraints";
    type Data = NonlinearData;
    type Solution = NonlinearSolution;

    fn from_data(data: NonlinearData, bulk: &mut dyn BulkSource) -> Result<Self, Malformed> {
        data::from_data(data, bulk)
    }

    fn to_data(&self, _bulk: &mut dyn BulkSink) -> Result<NonlinearData, Malformed> {
        data::to_data(self)
    }

    fn check(&self, solution: &NonlinearSolution) -> Result<Verdict, Malformed> {
        check::check(self, solution)
    }

    fn sense(&self) -> Sense {
        self.objective_sense()
    }

    /// The sum of the magnitudes of the objective's terms at the solution, but no less than a thousandth of that at the start: where terms vanish, as squares of
    /// residuals do, what is left of them is rounding of the larger numbers inside.
    fn objective_scale(&self, solution: Option<&NonlinearSolution>) -> f64 {
        const SHARE_OF_START: f64 = 1e-3;
        let magnitude = |x: &[f64]| {
            let (_, magnitude) = Interpreter::new(self.graph(), x).value(self.objective());
            if magnitude.is_finite() { magnitude } else { 0.0 }
        };
        let start = magnitude(&self.start());
        match solution {
            Some(solution) if solution.x.len() == self.variables().len() => magnitude(&solution.x).max(SHARE_OF_START * start),
            _ => start,
        }
    }

    fn sizes(&self) -> Vec<Size> {
        let (variables, constraints) = (self.variables(), self.constraints());
        let equations = constraints.iter().filter(|constraint| constraint.lower == constraint.upper).count();
        let compiled = self.compiled();
        let mut sizes = vec![
            Size::new("variables", variables.len()),
            Size::new("free variables", variables.iter().filter(|x| x.lower == f64::NEG_INFINITY && x.upper == f64::INFINITY).count()),
            Size::new("fixed variables", variables.iter().filter(|x| x.lower == x.upper).count()),
            Size::new("constraints", constraints.len()),
            Size::new("equations", equations),
            Size::new("linear constraints", compiled.degrees().iter().skip(1).filter(|degree| **degree <= Degree::Linear).count()),
            Size::new("Jacobian nonzeros", compiled.jacobian(1).entries()),
        ];
        if let Some(hessian) = compiled.hessian() {
            sizes.push(Size::new("Hessian nonzeros", hessian.entries()));
        }
        sizes.push(Size::new("operations", compiled.operations()));
        sizes
    }

    fn measures(&self) -> Vec<Measure> {
        let flag = |name: &str, holds: bool| Measure { name: name.into(), value: f64::from(u8::from(holds)) };
        let degrees = self.compiled().degrees();
        let most = degrees.iter().max().copied().unwrap_or(Degree::Constant);
        vec![
            flag("linear program", most <= Degree::Linear),
            flag("quadratic program", degrees[0] <= Degree::Quadratic && degrees.iter().skip(1).all(|degree| *degree <= Degree::Linear)),
            flag("polynomial program", most < Degree::General),
            flag("convex by rules", self.is_convex()),
        ]
    }

    fn warnings(&self) -> Vec<String> {
        let mut warnings = self.parts().notes.clone();
        let equations = self.constraints().iter().filter(|constraint| constraint.lower == constraint.upper).count();
        let moving = self.variables().iter().filter(|variable| variable.lower != variable.upper).count();
        if equations > moving {
            warnings.push(format!(
                "{equations} equations in {moving} variables that can move: no point may meet them all, and a least-squares solution is the most one can hope for"
            ));
        }
        for (j, variable) in self.variables().iter().enumerate().filter(|(_, variable)| variable.lower > variable.upper) {
            warnings.push(format!("the bounds of {} cross: [{}, {}]", self.variable_name(j), variable.lower, variable.upper));
        }
        warnings
    }

    fn present(&self, solution: &NonlinearSolution) -> Vec<String> {
        /// More lines than this are for a file, not for a person.
        const MOST_LINES: usize = 50;
        if solution.x.len() != self.variables().len() || solution.x.len() > MOST_LINES {
            return Vec::new();
        }
        solution.x.iter().enumerate().map(|(j, value)| format!("{} = {value}", self.variable_name(j))).collect()
    }
}

impl Nonlinear {
    /// Whether the rules of [`Curvature`] show the program to be convex: a convex objective to minimise (concave to maximise), convex constraint
    /// functions below their sides, concave ones above, affine equations. Where they do not, it may be convex all the same.
    pub fn is_convex(&self) -> bool {
        let lower: Vec<f64> = self.variables().iter().map(|variable| variable.lower).collect();
        let upper: Vec<f64> = self.variables().iter().map(|variable| variable.upper).collect();
        let curvatures = self.compiled().curvatures(&lower, &upper);
        let objective = match self.objective_sense() {
            Sense::Minimize => curvatures[0].is_convex(),
            Sense::Maximize => curvatures[0].is_concave(),
        };
        let fits = |(constraint, curvature): (&Constraint, &Curvature)| {
            (constraint.upper == f64::INFINITY || curvature.is_convex())
                && (constraint.lower == f64::NEG_INFINITY || curvature.is_concave())
        };
        objective && self.constraints().iter().zip(&curvatures[1..]).all(fits)
    }
}
