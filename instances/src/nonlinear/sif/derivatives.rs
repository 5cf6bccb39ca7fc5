//! The derivatives that a SIF file itself states, for comparison with ours.

use fathom_opt_problems::expression::{Function, Graph};

use super::elements::{Type, Types};
use super::function_part::{FunctionPart, Rule};
use super::{SifOptions, parts};
use crate::nonlinear::fault::Fault;

/// One type's function and the derivatives stated for it, as functions of its own variables: internal ones where it has some, and parameters.
#[derive(Debug, Clone)]
pub struct DerivativeCards {
    /// The type's name.
    pub kind: String,
    /// The names of its variables; those in `derivatives` are among them.
    pub variables: Vec<String>,
    /// The arena of all functions here.
    pub graph: Graph,
    /// The function of card F.
    pub value: Function,
    /// For each card G or H: positions of the variables (one or two) and the stated derivative.
    pub derivatives: Vec<(Vec<usize>, Function)>,
}

/// The derivative cards of all types of elements and groups in a file.
///
/// # Errors
/// As [`super::read`].
pub fn derivative_cards(bytes: &[u8]) -> Result<Vec<DerivativeCards>, Fault> {
    let (described, elements, groups) = parts(bytes, &SifOptions::default())?;
    let mut found = of_part(&elements, &described.element_types)?;
    found.extend(of_part(&groups, &described.group_types)?);
    Ok(found)
}

fn of_part(part: &FunctionPart, types: &Types) -> Result<Vec<DerivativeCards>, Fault> {
    let mut names: Vec<&String> = part.rules.keys().collect();
    names.sort();
    names
        .into_iter()
        .filter_map(|name| Some((name, types.get(name)?, part.rules.get(name)?)))
        .map(|(name, kind, rule)| of_rule(part, name, kind, rule))
        .collect()
}

fn of_rule(part: &FunctionPart, name: &str, kind: &Type, rule: &Rule) -> Result<DerivativeCards, Fault> {
    let own = if rule.internal.is_empty() { kind.variables.clone() } else { rule.internal.iter().map(|row| row.name.clone()).collect() };
    let variables = [own, kind.parameters.clone()].concat();
    let mut graph = Graph::new();
    let globals = part.globals(&mut graph)?;
    let given: Vec<_> = (0_u32..).zip(&variables).map(|(index, name)| (name.as_str(), graph.variable(index))).collect();
    let values = rule.prepare(&mut graph, &globals, &given)?;
    let value = rule.value(&mut graph, &values)?;
    let position = |line: usize, wanted: &str| {
        // A group's cards name no variable: there is but one.
        let found = if wanted.is_empty() { Some(0) } else { variables.iter().position(|name| name == wanted) };
        found.ok_or_else(|| Fault::at(line, 5, format!("`{wanted}`"), "a variable of the type"))
    };
    let whole = |node| Function { nonlinear: Some(node), ..Function::default() };
    let mut derivatives = Vec::new();
    for (line, by, formula) in &rule.first {
        derivatives
            .push((vec![position(*line, by)?], whole(rule.write(*line, formula.as_ref().map_err(Clone::clone)?, &mut graph, &values)?)));
    }
    for (line, by, also, formula) in &rule.second {
        derivatives.push((
            vec![position(*line, by)?, position(*line, also)?],
            whole(rule.write(*line, formula.as_ref().map_err(Clone::clone)?, &mut graph, &values)?),
        ));
    }
    Ok(DerivativeCards { kind: name.to_owned(), variables, value: whole(value), graph, derivatives })
}
