//! An expression after reading: operations in the order in which they are carried out.

use fathom_opt_problems::expression::{Binary, Graph, NodeId, Unary};

/// What kind of value an expression or a name has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::nonlinear::sif) enum Kind {
    Real,
    /// A constant of single precision.
    Single,
    Integer,
    Logical,
}

/// One operation on a stack of values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Operation {
    Number(f64),
    /// The value of a name, by its position in the scope.
    Load(usize),
    Unary(Unary),
    Binary(Binary),
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
    /// The position in the scope of a name without a value.
    pub(in crate::nonlinear::sif) fn write(&self, graph: &mut Graph, values: &[Option<NodeId>]) -> Result<NodeId, usize> {
        let mut stack: Vec<NodeId> = Vec::new();
        for operation in &self.operations {
            let node = match *operation {
                Operation::Number(value) => graph.constant(value),
                Operation::Load(position) => values.get(position).copied().flatten().ok_or(position)?,
                Operation::Unary(op) => match stack.pop() {
                    Some(a) => graph.unary(op, a),
                    None => continue,
                },
                Operation::Binary(op) => match (stack.pop(), stack.pop()) {
                    (Some(b), Some(a)) => graph.binary(op, a, b),
                    _ => continue,
                },
            };
            stack.push(node);
        }
        // The parser leaves exactly one value.
        Ok(stack.pop().unwrap_or_else(|| graph.constant(f64::NAN)))
    }
}
