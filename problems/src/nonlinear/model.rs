//! A nonlinear program: variables, objective, constraints.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::OnceLock;

use crate::expression::{Function, Functions, Graph};
use crate::malformed::{Malformed, Place};
use crate::sense::Sense;

/// One variable.
#[derive(Debug, Clone, PartialEq)]
pub struct Variable {
    /// Its name; an empty one stands for `x` and the index.
    pub name: String,
    /// Its lower bound; minus infinity where there is none.
    pub lower: f64,
    /// Its upper bound; infinity where there is none.
    pub upper: f64,
    /// Where solvers start.
    pub start: f64,
}

/// One constraint: `lower <= function <= upper`.
#[derive(Debug, Clone, PartialEq)]
pub struct Constraint {
    /// Its name; an empty one stands for `c` and the index.
    pub name: String,
    /// The body.
    pub function: Function,
    /// The lower side; minus infinity where there is none.
    pub lower: f64,
    /// The upper side; infinity where there is none.
    pub upper: f64,
    /// An estimate of its multiplier, in the convention of [`super::Multipliers`], where the source has one.
    pub multiplier: Option<f64>,
}

/// The parts that make a [`Nonlinear`].
#[derive(Debug, Clone, PartialEq)]
pub struct Parts {
    /// The variables.
    pub variables: Vec<Variable>,
    /// The arena in which all expressions stand.
    pub graph: Graph,
    /// Whether the objective is minimised or maximised.
    pub sense: Sense,
    /// The objective.
    pub objective: Function,
    /// The constraints.
    pub constraints: Vec<Constraint>,
    /// What the source says beyond this, a sentence each: that integer variables were relaxed, for example.
    pub notes: Vec<String>,
}

/// Minimise or maximise a function of real variables within bounds, subject to constraints with two sides:
///
/// ```text
/// f(x)  subject to  a <= c(x) <= b,  l <= x <= u
/// ```
///
/// The functions are expressions, twice differentiable almost everywhere; see [`crate::expression`] for operators and derivatives at kinks.
#[derive(Debug)]
pub struct Nonlinear {
    parts: Parts,
    /// Compiled when first asked for: a checker needs none of it.
    compiled: OnceLock<Functions>,
}

impl Clone for Nonlinear {
    fn clone(&self) -> Self {
        Self { parts: self.parts.clone(), compiled: self.compiled.clone() }
    }
}

impl PartialEq for Nonlinear {
    fn eq(&self, other: &Self) -> bool {
        self.parts == other.parts
    }
}

impl Nonlinear {
    /// The program made of `parts`.
    ///
    /// # Errors
    /// Bounds or sides that are not numbers or cross each other in the wrong infinity, a start that is not finite, a name that stands twice,
    /// an index of a variable that does not exist.
    pub fn new(parts: Parts) -> Result<Self, Malformed> {
        validate(&parts)?;
        Ok(Self { parts, compiled: OnceLock::new() })
    }

    /// What the program is made of.
    pub fn parts(&self) -> &Parts {
        &self.parts
    }

    /// The parts, for making another program.
    pub fn into_parts(self) -> Parts {
        self.parts
    }

    /// The variables.
    pub fn variables(&self) -> &[Variable] {
        &self.parts.variables
    }

    /// The constraints.
    pub fn constraints(&self) -> &[Constraint] {
        &self.parts.constraints
    }

    /// The objective.
    pub fn objective(&self) -> &Function {
        &self.parts.objective
    }

    /// The arena of all expressions.
    pub fn graph(&self) -> &Graph {
        &self.parts.graph
    }

    /// Whether the objective is minimised or maximised.
    pub fn objective_sense(&self) -> Sense {
        self.parts.sense
    }

    /// The name of variable `index`.
    pub fn variable_name(&self, index: usize) -> Cow<'_, str> {
        named(self.parts.variables.get(index).map(|variable| variable.name.as_str()), 'x', index)
    }

    /// The name of constraint `index`.
    pub fn constraint_name(&self, index: usize) -> Cow<'_, str> {
        named(self.parts.constraints.get(index).map(|constraint| constraint.name.as_str()), 'c', index)
    }

    /// The start, one value for each variable.
    pub fn start(&self) -> Vec<f64> {
        self.parts.variables.iter().map(|variable| variable.start).collect()
    }

    /// The compiled form: function 0 (part 0) is the objective as it stands, the others (part 1) are the constraints.
    pub fn compiled(&self) -> &Functions {
        self.compiled.get_or_init(|| {
            let parts = &self.parts;
            let functions: Vec<&Function> =
                std::iter::once(&parts.objective).chain(parts.constraints.iter().map(|constraint| &constraint.function)).collect();
            Functions::compile(parts.variables.len(), &parts.graph, &functions, &[1, parts.constraints.len()])
        })
    }
}

fn named(name: Option<&str>, letter: char, index: usize) -> Cow<'_, str> {
    match name {
        Some(name) if !name.is_empty() => Cow::Borrowed(name),
        _ => Cow::Owned(format!("{letter}{index}")),
    }
}

fn validate(parts: &Parts) -> Result<(), Malformed> {
    let root = Place::root();
    let mut seen: HashMap<&str, usize> = HashMap::new();
    for (j, variable) in parts.variables.iter().enumerate() {
        let place = || root.field("variables").index(j);
        sides(variable.lower, variable.upper, &place)?;
        if !variable.start.is_finite() {
            return Err(Malformed::new(place().field("start"), variable.start.to_string(), "a finite number"));
        }
        if !variable.name.is_empty()
            && let Some(first) = seen.insert(&variable.name, j)
        {
            let found = format!("`{}`, which is variable {first} too", variable.name);
            return Err(Malformed::new(place().field("name"), found, "a name of its own"));
        }
    }
    let mut seen: HashMap<&str, usize> = HashMap::new();
    for (i, constraint) in parts.constraints.iter().enumerate() {
        let place = || root.field("constraints").index(i);
        sides(constraint.lower, constraint.upper, &place)?;
        function(&constraint.function, parts, &place)?;
        if constraint.multiplier.is_some_and(|multiplier| !multiplier.is_finite()) {
            return Err(Malformed::new(place().field("multiplier"), "a number that is not finite", "a finite number"));
        }
        if !constraint.name.is_empty()
            && let Some(first) = seen.insert(&constraint.name, i)
        {
            let found = format!("`{}`, which is constraint {first} too", constraint.name);
            return Err(Malformed::new(place().field("name"), found, "a name of its own"));
        }
    }
    function(&parts.objective, parts, &|| root.field("objective"))
}

/// Sides must be numbers, and leave room for some value: `[infinity, infinity]` has none. Crossing finite sides are an infeasible program, not a fault.
fn sides(lower: f64, upper: f64, place: &dyn Fn() -> Place) -> Result<(), Malformed> {
    if lower.is_nan() || lower == f64::INFINITY {
        return Err(Malformed::new(place().field("lower"), lower.to_string(), "a number or minus infinity"));
    }
    if upper.is_nan() || upper == f64::NEG_INFINITY {
        return Err(Malformed::new(place().field("upper"), upper.to_string(), "a number or infinity"));
    }
    Ok(())
}

fn function(function: &Function, parts: &Parts, place: &dyn Fn() -> Place) -> Result<(), Malformed> {
    let variables = parts.variables.len();
    for &(variable, coefficient) in &function.linear {
        if variable as usize >= variables {
            return Err(Malformed::new(place(), format!("variable {variable}"), format!("an index below {variables} (0-based)")));
        }
        if !coefficient.is_finite() {
            return Err(Malformed::new(place(), format!("the coefficient {coefficient}"), "a finite number"));
        }
    }
    if !function.constant.is_finite() {
        return Err(Malformed::new(place(), format!("the constant {}", function.constant), "a finite number"));
    }
    match function.nonlinear {
        Some(root) if root.index() >= parts.graph.len() => {
            Err(Malformed::new(place(), "an expression of another graph", "one of the program's own graph"))
        }
        _ => Ok(()),
    }
}
