//! An expression after reading: operations in the order in which they are carried out.

use std::sync::Arc;

use fathom_opt_problems::expression::{Binary, Graph, NodeId, Unary};

use super::execute::{Argument, execute};
use super::kind::Kind;
use super::procedure::Procedure;
use crate::nonlinear::fault::Fault;

/// One operation on a stack of values.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Operation {
    Number(f64),
    /// The value of a name, by its position in the scope.
    Load(usize),
    Unary(Unary),
    Binary(Binary),
    /// A call of an external function: for each argument whether it is a value, on the stack, or an array.
    External(Arc<Procedure>, Vec<bool>),
}

/// Why a formula cannot be written into a graph.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::nonlinear::sif) enum Unwritable {
    /// The name at this position of the scope has no value.
    NoValue(usize),
    /// An external function cannot be carried out.
    External(Fault),
}

/// An expression, ready to be written into a graph.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::nonlinear::sif) struct Formula {
    pub(super) operations: Vec<Operation>,
    /// What kind of value it has.
    pub(in crate::nonlinear::sif) kind: Kind,
}

impl Formula {
    /// Writes the expression into `graph`; `values` are the nodes of the scope's names, `None` where nothing was assigned yet.
    ///
    /// # Errors
    /// A name without a value; what stops an external function.
    pub(in crate::nonlinear::sif) fn write(&self, graph: &mut Graph, values: &[Option<NodeId>]) -> Result<NodeId, Unwritable> {
        let mut stack: Vec<NodeId> = Vec::new();
        for operation in &self.operations {
            let node = match operation {
                Operation::Number(value) => graph.constant(*value),
                Operation::Load(position) => values.get(*position).copied().flatten().ok_or(Unwritable::NoValue(*position))?,
                Operation::External(procedure, arguments) => {
                    let count = arguments.iter().filter(|is_value| **is_value).count();
                    let mut given = stack.split_off(stack.len().saturating_sub(count)).into_iter();
                    let argument =
                        |is_value: &bool| if *is_value { given.next().map_or(Argument::Array, Argument::Value) } else { Argument::Array };
                    let arguments: Vec<Argument> = arguments.iter().map(argument).collect();
                    execute(procedure, &arguments, graph).map_err(Unwritable::External)?
                }
                Operation::Unary(op) => match stack.pop() {
                    Some(a) => graph.unary(*op, a),
                    None => continue,
                },
                Operation::Binary(op) => match (stack.pop(), stack.pop()) {
                    (Some(b), Some(a)) => graph.binary(*op, a, b),
                    _ => continue,
                },
            };
            stack.push(node);
        }
        // The parser leaves exactly one value.
        Ok(stack.pop().unwrap_or_else(|| graph.constant(f64::NAN)))
    }
}
