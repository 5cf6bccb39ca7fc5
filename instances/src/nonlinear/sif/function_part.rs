//! The function parts of a SIF file: what the types of elements and groups compute.

use std::collections::HashMap;
use std::sync::Arc;

use fathom_opt_problems::expression::{Graph, NodeId};

use super::card::Card;
use super::fortran::{Externals, Formula, Kind, Literals, Scope, Unwritable, parse};
use crate::nonlinear::fault::Fault;

/// One statement.
#[derive(Debug, Clone)]
struct Statement {
    line: usize,
    /// The name that is given a value.
    target: usize,
    /// A logical name on which it depends, and the value that is wanted of it.
    condition: Option<(usize, bool)>,
    formula: Formula,
}

/// One internal variable: a combination of elemental variables.
#[derive(Debug, Clone)]
pub(super) struct Internal {
    pub name: String,
    pub terms: Vec<(String, f64)>,
}

/// What one type computes.
#[derive(Debug, Clone, Default)]
pub(super) struct Rule {
    /// 1-based line where it starts.
    pub line: usize,
    scope: Scope,
    statements: Vec<Statement>,
    /// The rows of its internal transformation.
    pub internal: Vec<Internal>,
    value: Option<(usize, Formula)>,
    /// The file's own first derivatives: name and formula. They are for comparison alone, so that a fault in them is kept for whoever compares.
    pub first: Vec<(usize, String, Result<Formula, Fault>)>,
    /// The file's own second derivatives: two names and formula.
    pub second: Vec<(usize, String, String, Result<Formula, Fault>)>,
}

/// One function part: statements for all types, and a rule for each type.
#[derive(Debug, Default)]
pub(super) struct FunctionPart {
    temporaries: Scope,
    globals: Vec<Statement>,
    pub rules: HashMap<String, Rule>,
}

/// A statement's cards, joined.
struct Joined<'a> {
    card: &'a Card,
    text: String,
}

/// Reads the cards of a function part, up to its ENDATA; `names` are those that a type's formulas may use.
pub(super) fn read(
    cards: &[Card],
    names: &dyn Fn(&str) -> Option<Vec<String>>,
    literals: Literals,
    externals: &Arc<Externals>,
) -> Result<FunctionPart, Fault> {
    let mut part = FunctionPart { temporaries: Scope::new(literals, Arc::clone(externals)), ..FunctionPart::default() };
    let mut section = "";
    let mut present: Option<(String, Rule)> = None;
    for joined in join(cards)? {
        let card = joined.card;
        match card.keyword.as_str() {
            "TEMPORARIES" | "GLOBALS" | "INDIVIDUALS" => {
                section = card.keyword.as_str();
                continue;
            }
            "" => {}
            other => return Err(Fault::at(card.line, 1, format!("`{other}`"), "TEMPORARIES, GLOBALS, INDIVIDUALS or ENDATA")),
        }
        match section {
            "TEMPORARIES" => temporary(card, &mut part.temporaries)?,
            "GLOBALS" => {
                let statement = statement(&joined, &part.temporaries)?;
                part.globals.push(statement);
            }
            "INDIVIDUALS" if card.code == "T" => {
                part.rules.extend(present.take());
                let name = card.field(2).to_owned();
                let Some(own) = names(&name) else {
                    return Err(card.fault(2, format!("`{name}`"), "a type declared before"));
                };
                let mut rule = Rule { line: card.line, scope: part.temporaries.clone(), ..Rule::default() };
                for name in &own {
                    rule.scope.declare(name, Kind::Real);
                }
                if part.rules.contains_key(&name) {
                    return Err(card.fault(2, format!("`{name}` for the second time"), "each type once"));
                }
                present = Some((name, rule));
            }
            "INDIVIDUALS" => match &mut present {
                Some((_, rule)) => rule.add(&joined)?,
                None => return Err(card.fault(1, format!("`{}`", card.code), "T and a type first")),
            },
            // Some files declare the variables of their types here once more.
            "" if matches!(card.code.as_str(), "EV" | "IV" | "EP" | "GV" | "GP") => {}
            _ => return Err(card.fault(1, format!("`{}`", card.code), "TEMPORARIES, GLOBALS or INDIVIDUALS first")),
        }
    }
    part.rules.extend(present);
    Ok(part)
}

/// Joins continuation cards (`A+`, `F+`, ...) to what they continue.
fn join(cards: &[Card]) -> Result<Vec<Joined<'_>>, Fault> {
    let mut joined: Vec<Joined<'_>> = Vec::new();
    for card in cards {
        match card.code.strip_suffix('+').filter(|_| card.keyword.is_empty()) {
            Some(code) => match joined.last_mut() {
                Some(last) if last.card.code == code => last.text.push_str(&card.expression),
                _ => return Err(card.fault(1, format!("`{}`", card.code), format!("a card `{code}` right before it"))),
            },
            None => joined.push(Joined { card, text: card.expression.clone() }),
        }
    }
    Ok(joined)
}

fn temporary(card: &Card, scope: &mut Scope) -> Result<(), Fault> {
    let name = card.field(2);
    match card.code.as_str() {
        "R" | "I" | "L" if name.contains('(') => {
            scope.declare(name.split('(').next().unwrap_or_default(), Kind::Array);
            Ok(())
        }
        "R" | "I" | "L" => {
            let kind = match card.code.as_str() {
                "R" => Kind::Real,
                "I" => Kind::Integer,
                _ => Kind::Logical,
            };
            scope.declare(name, kind);
            Ok(())
        }
        // Intrinsic functions are known; external ones are refused where they are called.
        "M" => Ok(()),
        "F" => {
            scope.declare_external(name);
            Ok(())
        }
        other => Err(card.fault(1, format!("`{other}`"), "R, I, L, M or F")),
    }
}

fn formula(joined: &Joined<'_>, scope: &Scope) -> Result<Formula, Fault> {
    parse(&joined.text, scope).map_err(|(found, expected)| {
        Fault::at(joined.card.line, 25, format!("{found} in the expression of card `{}`", joined.card.code), expected)
    })
}

fn statement(joined: &Joined<'_>, scope: &Scope) -> Result<Statement, Fault> {
    let card = joined.card;
    let name = |field: usize| {
        scope.position(card.field(field)).ok_or_else(|| card.fault(field, format!("`{}`", card.field(field)), "a declared name"))
    };
    let (condition, target) = match card.code.as_str() {
        "A" => (None, name(2)?),
        "I" => (Some((name(2)?, true)), name(3)?),
        "E" => (Some((name(2)?, false)), name(3)?),
        other => return Err(card.fault(1, format!("`{other}`"), "A, I or E")),
    };
    Ok(Statement { line: card.line, target, condition, formula: formula(joined, scope)? })
}

impl Rule {
    fn add(&mut self, joined: &Joined<'_>) -> Result<(), Fault> {
        let card = joined.card;
        match card.code.as_str() {
            "R" => {
                let name = card.field(2).to_owned();
                let known = self.internal.iter().position(|row| row.name == name);
                let row = known.unwrap_or(self.internal.len());
                if known.is_none() {
                    self.internal.push(Internal { name, terms: Vec::new() });
                }
                for (variable, number) in [(3, 4), (5, 6)] {
                    if !card.field(variable).is_empty() {
                        let term = (card.field(variable).to_owned(), card.number(number)?);
                        self.internal[row].terms.push(term);
                    }
                }
            }
            "A" | "I" | "E" => {
                let statement = statement(joined, &self.scope)?;
                self.statements.push(statement);
            }
            "F" => self.value = Some((card.line, formula(joined, &self.scope)?)),
            "G" => self.first.push((card.line, card.field(2).to_owned(), formula(joined, &self.scope))),
            "H" => self.second.push((card.line, card.field(2).to_owned(), card.field(3).to_owned(), formula(joined, &self.scope))),
            other => return Err(card.fault(1, format!("`{other}`"), "R, A, I, E, F, G or H")),
        }
        Ok(())
    }
}

/// The values of a rule's names, as nodes.
pub(super) type Values = Vec<Option<NodeId>>;

impl FunctionPart {
    /// The nodes of the global statements' names.
    pub fn globals(&self, graph: &mut Graph) -> Result<Values, Fault> {
        let mut values = vec![None; self.temporaries.len()];
        run(&self.globals, &self.temporaries, graph, &mut values)?;
        Ok(values)
    }
}

impl Rule {
    /// The values of all names after the rule's statements; `given` are names and nodes of variables and parameters.
    pub fn prepare(&self, graph: &mut Graph, globals: &Values, given: &[(&str, NodeId)]) -> Result<Values, Fault> {
        let mut values = globals.clone();
        values.resize(self.scope.len(), None);
        for (name, node) in given {
            if let Some(position) = self.scope.position(name) {
                values[position] = Some(*node);
            }
        }
        run(&self.statements, &self.scope, graph, &mut values)?;
        Ok(values)
    }

    /// The function itself.
    pub fn value(&self, graph: &mut Graph, values: &Values) -> Result<NodeId, Fault> {
        let Some((line, formula)) = &self.value else {
            return Err(Fault::at(self.line, 2, "a type without a card `F`", "a card `F` with its function"));
        };
        self.write(*line, formula, graph, values)
    }

    /// Any formula of the rule.
    pub fn write(&self, line: usize, formula: &Formula, graph: &mut Graph, values: &Values) -> Result<NodeId, Fault> {
        formula.write(graph, values).map_err(|error| unwritten(line, &self.scope, error))
    }
}

fn unwritten(line: usize, scope: &Scope, error: Unwritable) -> Fault {
    match error {
        Unwritable::NoValue(position) => unassigned(line, scope.name(position)),
        Unwritable::External(fault) => fault,
    }
}

fn unassigned(line: usize, name: &str) -> Fault {
    Fault::at(line, 25, format!("`{name}`, which has no value here"), "names that were given a value before")
}

fn run(statements: &[Statement], scope: &Scope, graph: &mut Graph, values: &mut Values) -> Result<(), Fault> {
    for statement in statements {
        let mut node = statement.formula.write(graph, values).map_err(|error| unwritten(statement.line, scope, error))?;
        // A real assigned to an integer loses its fraction.
        if scope.kind(statement.target) == Kind::Integer && statement.formula.kind != Kind::Integer {
            node = graph.unary(fathom_opt_problems::expression::Unary::Trunc, node);
        }
        if let Some((condition, wanted)) = statement.condition {
            let test = values[condition].ok_or_else(|| unassigned(statement.line, scope.name(condition)))?;
            let old = match values[statement.target] {
                Some(old) => old,
                None => graph.constant(f64::NAN),
            };
            node = if wanted { graph.conditional(test, node, old) } else { graph.conditional(test, old, node) };
        }
        values[statement.target] = Some(node);
    }
    Ok(())
}
