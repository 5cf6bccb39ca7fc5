//! Expressions in Polish prefix form, read with a stack of their own.

use fathom_opt_problems::expression::infix::MAX_DEPTH;
use fathom_opt_problems::expression::{Binary, Graph, Node, NodeId, Unary};

use super::operator::{Operator, operator};
use super::source::Source;
use crate::nonlinear::fault::Fault;

/// An operator that waits for its arguments.
#[derive(Debug)]
struct Pending {
    operator: Operator,
    /// How many arguments are still to come.
    missing: usize,
    /// Where its arguments start in the list of finished nodes.
    start: usize,
}

/// The names that expressions refer to.
#[derive(Debug, Default)]
pub(super) struct References {
    /// The node of each variable.
    pub variables: Vec<NodeId>,
    /// The node of each defined variable, once it was defined.
    pub defined: Vec<Option<NodeId>>,
}

/// One token of an expression.
enum Token {
    Leaf(NodeId),
    Operator(Operator, usize),
}

/// Reads one expression into `graph`.
pub(super) fn read(source: &mut Source<'_>, graph: &mut Graph, references: &References) -> Result<NodeId, Fault> {
    let mut pending: Vec<Pending> = Vec::new();
    let mut done: Vec<NodeId> = Vec::new();
    loop {
        match token(source, graph, references)? {
            Token::Operator(operator, missing) => {
                if pending.len() >= MAX_DEPTH || graph.is_full() {
                    return Err(source.fault("deeper nesting or more operations", format!("nesting at most {MAX_DEPTH} deep")));
                }
                pending.push(Pending { operator, missing, start: done.len() });
                continue;
            }
            Token::Leaf(node) => done.push(node),
        }
        // The leaf may complete an operator, which may complete the one around it.
        loop {
            let Some(last) = pending.last_mut() else {
                return done.pop().ok_or_else(|| source.fault("nothing", "an expression"));
            };
            last.missing -= 1;
            if last.missing > 0 {
                break;
            }
            let (operator, start) = (last.operator, last.start);
            pending.pop();
            let node = apply(source, graph, operator, &done[start..])?;
            done.truncate(start);
            done.push(node);
        }
    }
}

fn token(source: &mut Source<'_>, graph: &mut Graph, references: &References) -> Result<Token, Fault> {
    let letter = source.letter();
    let leaf = match letter {
        Some(b'n') => {
            let value = source.real("a number")?;
            graph.constant(value)
        }
        Some(b's') => {
            let value = source.short()?;
            graph.constant(value)
        }
        Some(b'l') => {
            #[allow(clippy::cast_precision_loss)] // Integers of expressions become numbers.
            let value = source.integer("a long integer")? as f64;
            graph.constant(value)
        }
        Some(b'v') => {
            let known = references.variables.len();
            let index = source.index("a variable", known + references.defined.len())?;
            match references.variables.get(index) {
                Some(&node) => node,
                None => references.defined.get(index - known).copied().flatten().ok_or_else(|| {
                    source.fault(format!("the defined variable {index}, which is not defined yet"), "its segment V before its use")
                })?,
            }
        }
        Some(b'o') => return operator_token(source),
        Some(b'f') => return Err(source.fault("an imported function", "operators alone (imported functions are not supported)")),
        Some(b'h') => return Err(source.fault("a string", "numbers (strings belong to imported functions)")),
        other => return Err(source.unexpected(other, "an expression: n, s, l, v or o")),
    };
    Ok(Token::Leaf(leaf))
}

fn operator_token(source: &mut Source<'_>) -> Result<Token, Fault> {
    let code = source.integer("an operator")?;
    let operator = operator(code).map_err(|found| source.fault(found, "an arithmetic or logical operator"))?;
    let arguments = match operator {
        Operator::Unary(_) | Operator::Square => 1,
        Operator::Binary(_) | Operator::Less | Operator::Iff | Operator::Rounded(_) => 2,
        Operator::If => 3,
        Operator::List(_) | Operator::Sum => {
            // Each argument takes at least a byte.
            let count = source.index("a number of arguments", source.left() + 1)?;
            if count == 0 {
                return Err(source.fault("a list of no arguments", "at least one"));
            }
            count
        }
    };
    Ok(Token::Operator(operator, arguments))
}

fn apply(source: &Source<'_>, graph: &mut Graph, operator: Operator, arguments: &[NodeId]) -> Result<NodeId, Fault> {
    Ok(match (operator, arguments) {
        (Operator::Unary(op), &[a]) => graph.unary(op, a),
        (Operator::Binary(op), &[a, b]) => graph.binary(op, a, b),
        (Operator::Less, &[a, b]) => {
            let (difference, zero) = (graph.binary(Binary::Sub, a, b), graph.constant(0.0));
            graph.binary(Binary::Max, difference, zero)
        }
        (Operator::Square, &[a]) => {
            let two = graph.constant(2.0);
            graph.binary(Binary::Pow, a, two)
        }
        (Operator::Iff, &[a, b]) => {
            let (a, b) = (graph.unary(Unary::Not, a), graph.unary(Unary::Not, b));
            graph.binary(Binary::Equal, a, b)
        }
        (Operator::Rounded(op), &[a, digits]) => {
            if graph.node(digits) != Node::Constant(0.0) {
                return Err(source.fault("rounding to a number of digits", "rounding to an integer (0 digits)"));
            }
            graph.unary(op, a)
        }
        (Operator::If, &[condition, then, otherwise]) => graph.conditional(condition, then, otherwise),
        (Operator::List(op), &[first, ref others @ ..]) => others.iter().fold(first, |a, &b| graph.binary(op, a, b)),
        (Operator::Sum, terms) => graph.sum(terms),
        _ => return Err(source.fault(format!("{} arguments", arguments.len()), "as many as the operator takes")),
    })
}
