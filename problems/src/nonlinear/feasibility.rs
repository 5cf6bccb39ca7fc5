//! By how much a point breaks bounds and constraints, and by how much it may.

use super::interpreter::Interpreter;
use super::model::Nonlinear;
use crate::verdict::Violation;

/// A requirement counts as met when it is missed by at most this, relative to its scale.
pub(super) const TOLERANCE: f64 = 1e-6;

/// Two correct ways to add up a constraint's terms differ by about this much, relative to the sum of their magnitudes.
const ROUNDING: f64 = 1e-10;

/// One constraint or bound at a point.
#[derive(Debug, Clone, Copy)]
pub(super) struct Requirement {
    /// What lies between the sides.
    pub value: f64,
    pub lower: f64,
    pub upper: f64,
    /// What amounts are relative to: the magnitude of the side at hand, or, where that is small, the size of the function's derivatives or of the
    /// variable's own range and start, up to 1.
    pub floor: f64,
    /// What rounding can do to the value.
    pub rounding: f64,
}

impl Requirement {
    /// The scale at one side.
    pub fn scale(&self, side: f64) -> f64 {
        side.abs().max(self.floor)
    }

    /// The side that is broken most, with the amount; `None` where the value lies between the sides or is undefined.
    pub fn broken(&self) -> Option<(f64, f64)> {
        let (below, above) = (self.lower - self.value, self.value - self.upper);
        if below > 0.0 && below >= above {
            Some((self.lower, below))
        } else if above > 0.0 {
            Some((self.upper, above))
        } else {
            None
        }
    }

    /// The amount by which a side is broken relative to its scale; 0 where none is, infinite where the value is undefined.
    pub fn relative_violation(&self) -> f64 {
        if self.value.is_nan() {
            return f64::INFINITY;
        }
        self.broken().map_or(0.0, |(side, amount)| ratio((amount - self.rounding).max(0.0), self.scale(side)))
    }

    /// Distance to the lower side, 0 where that is broken; infinite where there is none.
    pub fn lower_slack(&self) -> f64 {
        (self.value - self.lower).max(0.0)
    }

    /// Distance to the upper side.
    pub fn upper_slack(&self) -> f64 {
        (self.upper - self.value).max(0.0)
    }
}

/// `a / b`, with 0 for `0 / 0`.
pub(super) fn ratio(a: f64, b: f64) -> f64 {
    if a == 0.0 { 0.0 } else { a / b }
}

/// The bounds of all variables at `x`.
pub(super) fn bounds(problem: &Nonlinear, x: &[f64]) -> Vec<Requirement> {
    let requirement = |(variable, &value): (&super::model::Variable, &f64)| {
        let finite = |number: f64| if number.is_finite() { number.abs() } else { 0.0 };
        let size = finite(variable.lower).max(finite(variable.upper)).max(variable.start.abs());
        let floor = if size == 0.0 { 1.0 } else { size.min(1.0) };
        Requirement { value, lower: variable.lower, upper: variable.upper, floor, rounding: 0.0 }
    };
    problem.variables().iter().zip(x).map(requirement).collect()
}

/// All constraints at the interpreter's point; `slopes` holds for each the largest derivative seen.
pub(super) fn constraints(problem: &Nonlinear, at: &Interpreter<'_>, slopes: &[f64]) -> Vec<Requirement> {
    let requirement = |(constraint, &slope): (&super::model::Constraint, &f64)| {
        let (value, magnitude) = at.value(&constraint.function);
        let floor = if slope.is_finite() { slope.min(1.0) } else { 1.0 };
        Requirement { value, lower: constraint.lower, upper: constraint.upper, floor, rounding: ROUNDING * magnitude }
    };
    problem.constraints().iter().zip(slopes).map(requirement).collect()
}

/// The requirements that are broken by more than the tolerance, as violations.
pub(super) fn violations(problem: &Nonlinear, bounds: &[Requirement], constraints: &[Requirement]) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut add = |requirement: &Requirement, place: String| {
        if requirement.value.is_nan() {
            found.push(Violation { what: "a defined value".into(), place, amount: f64::INFINITY });
        } else if requirement.relative_violation() > TOLERANCE
            && let Some((side, amount)) = requirement.broken()
        {
            let word = if side == requirement.lower { "at least" } else { "at most" };
            found.push(Violation { what: format!("{word} {side}"), place, amount });
        }
    };
    for (j, requirement) in bounds.iter().enumerate() {
        add(requirement, format!("variable {}", problem.variable_name(j)));
    }
    for (i, requirement) in constraints.iter().enumerate() {
        add(requirement, format!("constraint {}", problem.constraint_name(i)));
    }
    found
}
