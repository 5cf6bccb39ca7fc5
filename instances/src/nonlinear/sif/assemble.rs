//! From groups and elements to a nonlinear program.

use fathom_opt_problems::Sense;
use fathom_opt_problems::expression::{Binary, Function, Graph, NodeId};
use fathom_opt_problems::nonlinear::{Constraint, Nonlinear, Parts, Variable};

use super::Precision;
use super::decoder::{Description, sides};
use super::elements::{Element, Type};
use super::function_part::{FunctionPart, Rule, Values};
use super::groups::{Group, Role};
use crate::nonlinear::fault::Fault;

/// How many significant digits the reference decoder passes on.
const REFERENCE_DIGITS: usize = 11;

/// `value` as it is taken over with this precision.
fn rounded(precision: Precision, value: f64) -> f64 {
    match precision {
        // A number just written in this form reads back.
        Precision::Reference if value.is_finite() => format!("{value:.*e}", REFERENCE_DIGITS - 1).parse().unwrap_or(value),
        _ => value,
    }
}

/// `value` as it is taken over from the function parts.
fn of_function_part(precision: Precision, value: f64) -> f64 {
    match precision {
        #[allow(clippy::cast_possible_truncation)] // The reference decoder writes them as Fortran constants of single precision.
        Precision::Reference => f64::from(value as f32),
        Precision::Double => value,
    }
}

/// Writes groups into a graph.
struct Assembly<'a> {
    precision: Precision,
    described: &'a Description,
    element_part: &'a FunctionPart,
    group_part: &'a FunctionPart,
    graph: Graph,
    /// The node of each variable.
    variables: Vec<NodeId>,
    element_globals: Values,
    group_globals: Values,
    /// The node of each element, once it was needed.
    elements: Vec<Option<NodeId>>,
}

/// The program that a description and the two function parts make.
pub(super) fn assemble(
    described: &Description,
    element_part: &FunctionPart,
    group_part: &FunctionPart,
    precision: Precision,
) -> Result<Nonlinear, Fault> {
    let mut graph = Graph::new();
    let variables: Vec<NodeId> = (0_u32..).take(described.variables.len()).map(|index| graph.variable(index)).collect();
    let element_globals = element_part.globals(&mut graph)?;
    let group_globals = group_part.globals(&mut graph)?;
    let mut assembly = Assembly {
        precision,
        described,
        element_part,
        group_part,
        graph,
        variables,
        element_globals,
        group_globals,
        elements: vec![None; described.elements.list().len()],
    };
    let mut objective = Function::default();
    let mut objective_terms = Vec::new();
    let mut constraints = Vec::new();
    for group in described.groups.list() {
        let function = assembly.group(group)?;
        if group.role == Role::Objective {
            objective.linear.extend(function.linear);
            objective.constant += function.constant;
            objective_terms.extend(function.nonlinear);
        } else {
            let (lower, upper) = sides(group.role, group.range.map(|range| rounded(precision, range)));
            let multiplier = group.multiplier.map(|multiplier| rounded(precision, multiplier));
            constraints.push(Constraint { name: group.name.clone(), function, lower, upper, multiplier });
        }
    }
    objective_terms.extend(assembly.quadratic());
    objective.nonlinear = assembly.summed(&objective_terms);
    let list = described.variables.list().iter();
    let variables = list.map(|one| Variable {
        name: one.name.clone(),
        lower: rounded(precision, one.lower),
        upper: rounded(precision, one.upper),
        start: rounded(precision, one.start),
    });
    let variables = variables.collect();
    let parts = Parts { variables, graph: assembly.graph, sense: Sense::Minimize, objective, constraints, notes: notes(described) };
    Nonlinear::new(parts).map_err(|fault| Fault::whole(format!("{} at {}", fault.found, fault.place), fault.expected))
}

/// What the file says beyond the program.
fn notes(described: &Description) -> Vec<String> {
    let mut notes = Vec::new();
    let integers = described.variables.integers();
    if integers > 0 {
        notes.push(format!("the file declares {integers} integer variables; this is the relaxation in which they may take any value"));
    }
    if !described.passed_over.is_empty() {
        let lines: Vec<String> = described.passed_over.iter().map(usize::to_string).collect();
        notes.push(format!("cards that say nothing were passed over: line {}", lines.join(", ")));
    }
    notes
}

impl Assembly<'_> {
    fn summed(&mut self, terms: &[NodeId]) -> Option<NodeId> {
        match *terms {
            [] => None,
            [one] => Some(one),
            _ => Some(self.graph.sum(terms)),
        }
    }

    /// The quadratic part of the objective: `1/2 x^T Q x`, of which each pair is given once and counts on both sides.
    fn quadratic(&mut self) -> Vec<NodeId> {
        let mut terms = Vec::with_capacity(self.described.quadratic.len());
        for &(row, column, value) in &self.described.quadratic {
            let (x, y) = (self.variables[row as usize], self.variables[column as usize]);
            let product = self.graph.binary(Binary::Mul, x, y);
            let value = rounded(self.precision, value);
            terms.push(self.graph.scaled(if row == column { 0.5 * value } else { value }, product));
        }
        terms
    }

    /// `(1 / scale) g(...)` of a group.
    fn group(&mut self, group: &Group) -> Result<Function, Fault> {
        let mut terms = Vec::with_capacity(group.elements.len());
        for &(element, weight) in &group.elements {
            let node = self.element(element)?;
            terms.push(self.graph.scaled(rounded(self.precision, weight), node));
        }
        let factor = rounded(self.precision, group.scale).recip();
        let constant = rounded(self.precision, group.constant);
        let linear: Vec<(u32, f64)> = group.linear.iter().map(|&(variable, c)| (variable, rounded(self.precision, c))).collect();
        let Some(kind) =
            self.described.groups.kind(group).filter(|kind| *kind != "TRIVIAL" || self.group_part.rules.contains_key("TRIVIAL"))
        else {
            let linear = linear.into_iter().map(|(variable, c)| (variable, factor * c)).collect();
            let nonlinear = self.summed(&terms).map(|sum| self.graph.scaled(factor, sum));
            return Ok(Function { linear, constant: 0.0 - factor * constant, nonlinear });
        };
        let fault = |found: String, expected: &str| Fault::whole(format!("{found} of group `{}`", group.name), expected);
        let Some(declared) = self.described.group_types.get(kind) else {
            return Err(fault(format!("the type `{kind}`"), "a type of the section GROUP TYPE"));
        };
        let Some(rule) = self.group_part.rules.get(kind) else {
            return Err(fault(format!("the type `{kind}` without a function"), "its cards in the part GROUPS"));
        };
        for (variable, coefficient) in linear {
            let node = self.variables[variable as usize];
            terms.push(self.graph.scaled(coefficient, node));
        }
        if constant != 0.0 || terms.is_empty() {
            terms.push(self.graph.constant(0.0 - constant));
        }
        let inner = self.graph.sum(&terms);
        let mut given: Vec<(&str, NodeId)> = declared.variables.iter().map(|name| (name.as_str(), inner)).collect();
        for name in &declared.parameters {
            let Some(&value) = group.parameters.get(name) else {
                return Err(fault(format!("no value for the parameter `{name}`"), "one in the section GROUP USES"));
            };
            given.push((name, self.graph.constant(rounded(self.precision, value))));
        }
        let values = rule.prepare(&mut self.graph, &self.group_globals, &given)?;
        let node = rule.value(&mut self.graph, &values)?;
        Ok(Function { nonlinear: Some(self.graph.scaled(factor, node)), ..Function::default() })
    }

    /// The node of an element.
    fn element(&mut self, index: u32) -> Result<NodeId, Fault> {
        if let Some(known) = self.elements[index as usize] {
            return Ok(known);
        }
        let described = self.described;
        let element = &described.elements.list()[index as usize];
        let fault = |found: String, expected: &str| Fault::at(element.line, 0, format!("{found} (element `{}`)", element.name), expected);
        let kind = element.kind.as_deref().ok_or_else(|| fault("an element without a type".into(), "a card T"))?;
        let Some(declared) = described.element_types.get(kind) else {
            return Err(fault(format!("the type `{kind}`"), "a type of the section ELEMENT TYPE"));
        };
        let Some(rule) = self.element_part.rules.get(kind) else {
            return Err(fault(format!("the type `{kind}` without a function"), "its cards in the part ELEMENTS"));
        };
        let given = self.given(element, declared, rule)?;
        let values = rule.prepare(&mut self.graph, &self.element_globals, &given)?;
        let node = rule.value(&mut self.graph, &values)?;
        if self.graph.is_full() {
            return Err(fault("a program with more operations".into(), "at most 2^28"));
        }
        self.elements[index as usize] = Some(node);
        Ok(node)
    }

    /// The nodes of an element's elemental variables, internal variables and parameters.
    fn given<'n>(&mut self, element: &'n Element, declared: &'n Type, rule: &'n Rule) -> Result<Vec<(&'n str, NodeId)>, Fault> {
        let fault = |found: String, expected: &str| Fault::at(element.line, 0, format!("{found} (element `{}`)", element.name), expected);
        let mut given: Vec<(&str, NodeId)> = Vec::new();
        for name in &declared.variables {
            let Some((_, variable)) = element.variables.iter().find(|(known, _)| known == name) else {
                return Err(fault(format!("no variable for `{name}`"), "a card V"));
            };
            given.push((name, self.variables[*variable as usize]));
        }
        for name in &declared.parameters {
            let Some((_, value)) = element.parameters.iter().rev().find(|(known, _)| known == name) else {
                return Err(fault(format!("no value for the parameter `{name}`"), "a card P"));
            };
            given.push((name, self.graph.constant(rounded(self.precision, *value))));
        }
        let elemental = given.clone();
        for row in &rule.internal {
            let mut terms = Vec::with_capacity(row.terms.len());
            for (name, coefficient) in &row.terms {
                let Some((_, node)) = elemental.iter().find(|(known, _)| known == name) else {
                    let expected = "an elemental variable of the type";
                    return Err(Fault::at(rule.line, 0, format!("`{name}` in the row of `{}`", row.name), expected));
                };
                terms.push(self.graph.scaled(of_function_part(self.precision, *coefficient), *node));
            }
            given.push((&row.name, self.graph.sum(&terms)));
        }
        Ok(given)
    }
}
