//! Nonlinear programs in documents.

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::model::{Constraint, Nonlinear, Parts, Variable};
use crate::bulk::{Bulk, BulkSource};
use crate::expression::infix::{InfixError, Meaning, Names, Printer, parse, quoted};
use crate::expression::{Function, Graph, Node, NodeId};
use crate::malformed::{Malformed, Place};
use crate::problem::Problem;
use crate::sense::Sense;

/// A program written out, or a reference to an AMPL `.nl` or a `CUTEst` `.SIF` file.
pub type NonlinearData = Bulk<ModelData>;

/// A nonlinear program written out. Expressions are infix text over the variables' names: `100*(x2 - x1^2)^2`, with `+ - * / ^`, comparisons, `&&`, `||`,
/// `if(condition, then, otherwise)` and functions (`sqrt`, `exp`, `log`, `sin`, `min`, ...); `^` binds tighter than a sign. A name that is no plain word
/// stands between back quotes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ModelData {
    /// The variables, in the order of a solution's `x`.
    pub variables: Vec<VariableData>,
    /// Expressions with names, each of which may use those before it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub definitions: Vec<DefinitionData>,
    /// The objective.
    pub objective: ObjectiveData,
    /// The constraints, in the order of a solution's multipliers.
    #[serde(default)]
    pub constraints: Vec<ConstraintData>,
    /// What the source says beyond this, a sentence each: that integer variables were relaxed, for example.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// One variable.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VariableData {
    /// Its name, used in expressions.
    pub name: String,
    /// Its lower bound; none where it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lower: Option<f64>,
    /// Its upper bound; none where it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upper: Option<f64>,
    /// Where solvers start; 0 where it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<f64>,
}

/// An expression with a name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DefinitionData {
    /// Its name, used in later expressions.
    pub name: String,
    /// The expression.
    pub expression: String,
}

/// The objective.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ObjectiveData {
    /// Whether it is minimised or maximised.
    pub sense: Sense,
    /// The function.
    pub expression: String,
}

/// One constraint: `lower <= expression <= upper`, an equation where both are equal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConstraintData {
    /// Its name; `c` and its index where it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The body.
    pub expression: String,
    /// The lower side; none where it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lower: Option<f64>,
    /// The upper side; none where it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upper: Option<f64>,
    /// An estimate of the multiplier, in the convention of solutions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub multiplier: Option<f64>,
}

/// The most characters of one expression in a document.
const MAX_TEXT: usize = 1 << 26;

pub(super) fn from_data(data: NonlinearData, bulk: &mut dyn BulkSource) -> Result<Nonlinear, Malformed> {
    match data {
        Bulk::File(reference) => {
            let problem = bulk.problem(Nonlinear::KIND, &reference, &serde_json::Map::new())?;
            let other = |_| Malformed::new(Place::root(), format!("another class in `{}`", reference.file), "a nonlinear program");
            problem.downcast().map(|program| *program).map_err(other)
        }
        Bulk::Inline(model) => from_model(model),
    }
}

fn from_model(data: ModelData) -> Result<Nonlinear, Malformed> {
    let root = Place::root();
    let mut graph = Graph::new();
    let mut known: HashMap<String, Meaning> = HashMap::new();
    let mut variables = Vec::with_capacity(data.variables.len());
    for (index, variable) in (0_u32..).zip(data.variables) {
        let place = || root.field("variables").index(index as usize).field("name");
        if variable.name.is_empty() {
            return Err(Malformed::new(place(), "an empty name", "a name"));
        }
        if known.insert(variable.name.clone(), Meaning::Variable(index)).is_some() {
            return Err(Malformed::new(place(), format!("`{}` for the second time", variable.name), "a name of its own"));
        }
        variables.push(Variable {
            name: variable.name,
            lower: variable.lower.unwrap_or(f64::NEG_INFINITY),
            upper: variable.upper.unwrap_or(f64::INFINITY),
            start: variable.start.unwrap_or(0.0),
        });
    }
    for (k, definition) in data.definitions.into_iter().enumerate() {
        let place = root.field("definitions").index(k);
        if known.contains_key(&definition.name) {
            return Err(Malformed::new(place.field("name"), format!("`{}` for the second time", definition.name), "a name of its own"));
        }
        let node = read(&definition.expression, &mut graph, &known, || place.field("expression"))?;
        known.insert(definition.name, Meaning::Expression(node));
    }
    let objective = read(&data.objective.expression, &mut graph, &known, || root.field("objective").field("expression"))?;
    let mut constraints = Vec::with_capacity(data.constraints.len());
    for (i, constraint) in data.constraints.into_iter().enumerate() {
        let body = read(&constraint.expression, &mut graph, &known, || root.field("constraints").index(i).field("expression"))?;
        constraints.push(Constraint {
            name: constraint.name.unwrap_or_default(),
            function: whole(body),
            lower: constraint.lower.unwrap_or(f64::NEG_INFINITY),
            upper: constraint.upper.unwrap_or(f64::INFINITY),
            multiplier: constraint.multiplier,
        });
    }
    Nonlinear::new(Parts { variables, graph, sense: data.objective.sense, objective: whole(objective), constraints, notes: data.notes })
}

fn whole(root: NodeId) -> Function {
    Function { nonlinear: Some(root), ..Function::default() }
}

fn read(text: &str, graph: &mut Graph, known: &HashMap<String, Meaning>, place: impl Fn() -> Place) -> Result<NodeId, Malformed> {
    parse(text, graph, |name| known.get(name).copied()).map_err(|error| {
        let InfixError { span, found, expected, excerpt } = error;
        Malformed::new(place(), format!("{found} at character {} of `{excerpt}`", span.start + 1), expected)
    })
}

pub(super) fn to_data(problem: &Nonlinear) -> Result<NonlinearData, Malformed> {
    let parts = problem.parts();
    let mut names =
        Names { variables: (0..parts.variables.len()).map(|j| quoted(&problem.variable_name(j))).collect(), expressions: HashMap::new() };
    let shared = shared(parts);
    let prefix = free_prefix(problem);
    let mut definitions = Vec::with_capacity(shared.len());
    for (k, node) in shared.into_iter().enumerate() {
        let name = format!("{prefix}{k}");
        let printer = Printer { graph: &parts.graph, names: &names, max_length: MAX_TEXT };
        let expression = printer.expression(node).map_err(too_long(Place::root().field("definitions").index(k)))?;
        names.expressions.insert(node, name.clone());
        definitions.push(DefinitionData { name, expression });
    }
    let printer = Printer { graph: &parts.graph, names: &names, max_length: MAX_TEXT };
    let text = |function: &Function, place: Place| match function.nonlinear {
        // A shared root is written by its name.
        Some(root) if names.expressions.contains_key(&root) => {
            let rest = printer.function(&Function { nonlinear: None, ..function.clone() }).map_err(too_long(place))?;
            Ok(if rest == "0" { names.expressions[&root].clone() } else { format!("{} + ({rest})", names.expressions[&root]) })
        }
        _ => printer.function(function).map_err(too_long(place)),
    };
    let variables = parts.variables.iter().enumerate().map(|(j, variable)| VariableData {
        name: problem.variable_name(j).into_owned(),
        lower: finite(variable.lower),
        upper: finite(variable.upper),
        start: (variable.start != 0.0).then_some(variable.start),
    });
    let constraints = parts.constraints.iter().enumerate().map(|(i, constraint)| {
        Ok(ConstraintData {
            name: (!constraint.name.is_empty()).then(|| constraint.name.clone()),
            expression: text(&constraint.function, Place::root().field("constraints").index(i).field("expression"))?,
            lower: finite(constraint.lower),
            upper: finite(constraint.upper),
            multiplier: constraint.multiplier,
        })
    });
    Ok(Bulk::Inline(ModelData {
        variables: variables.collect(),
        definitions,
        objective: ObjectiveData { sense: parts.sense, expression: text(&parts.objective, Place::root().field("objective"))? },
        constraints: constraints.collect::<Result<_, Malformed>>()?,
        notes: parts.notes.clone(),
    }))
}

fn too_long(place: Place) -> impl Fn(crate::expression::infix::TooLong) -> Malformed {
    move |error| Malformed::new(place.clone(), error.to_string(), "a shorter one; write the instance as `.nl`")
}

fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

/// Expressions that are used more than once, arguments before what uses them: written out once each, or texts could grow exponentially.
fn shared(parts: &Parts) -> Vec<NodeId> {
    let graph = &parts.graph;
    let roots: Vec<NodeId> = std::iter::once(&parts.objective)
        .chain(parts.constraints.iter().map(|constraint| &constraint.function))
        .filter_map(|function| function.nonlinear)
        .collect();
    let reached = graph.reachable(roots.iter().copied());
    let mut uses = vec![0_u8; graph.len()];
    let mut ids: Vec<Option<NodeId>> = vec![None; graph.len()];
    let mut count = |id: NodeId| {
        uses[id.index()] = uses[id.index()].saturating_add(1);
        ids[id.index()] = Some(id);
    };
    roots.into_iter().for_each(&mut count);
    for (index, &node) in graph.nodes().iter().enumerate() {
        if reached[index] {
            graph.arguments(node, &mut count);
        }
    }
    let compound = |id: &NodeId| !matches!(graph.node(*id), Node::Constant(_) | Node::Variable(_));
    ids.into_iter().zip(uses).filter(|(_, uses)| *uses > 1).filter_map(|(id, _)| id).filter(compound).collect()
}

/// A beginning of names that no variable has.
fn free_prefix(problem: &Nonlinear) -> String {
    let mut prefix = "d".to_owned();
    while (0..problem.variables().len()).any(|j| problem.variable_name(j).starts_with(&prefix)) {
        prefix.push('_');
    }
    prefix
}
