//! Expressions as they were read: an arena of nodes, unsimplified.

use super::operator::{Binary, Unary};

/// The position of a node in its [`Graph`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(u32);

impl NodeId {
    /// The position as an index: below [`Graph::len`], and above the positions of the node's arguments.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// One node of an expression. Its arguments stand before it in the arena.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Node {
    /// A number.
    Constant(f64),
    /// The variable with this index (0-based).
    Variable(u32),
    /// An operator with one argument.
    Unary(Unary, NodeId),
    /// An operator with two arguments.
    Binary(Binary, NodeId, NodeId),
    /// `then` where `condition` is not 0, `otherwise` elsewhere; differentiated along the branch taken.
    If {
        /// What is tested.
        condition: NodeId,
        /// The value where the condition is not 0.
        then: NodeId,
        /// The value where it is 0.
        otherwise: NodeId,
    },
    /// A sum of any number of terms; see [`Graph::terms`].
    Sum(Terms),
}

/// The terms of a sum: a range of the arena's list of terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    start: u32,
    count: u32,
}

/// An arena of expression nodes, in which several expressions may share parts.
///
/// Nothing is simplified here: this is the form that checkers evaluate. Solvers use the simplified, compiled form ([`super::Functions`]).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Graph {
    nodes: Vec<Node>,
    terms: Vec<NodeId>,
}

/// How many nodes a graph may have.
pub const MAX_NODES: usize = 1 << 28;

impl Graph {
    /// An empty arena.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there are no nodes.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Whether [`MAX_NODES`] is reached; whoever reads a file asks this and stops.
    pub fn is_full(&self) -> bool {
        self.nodes.len().max(self.terms.len()) >= MAX_NODES
    }

    /// All nodes, arguments before what uses them.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The node at `id`.
    pub fn node(&self, id: NodeId) -> Node {
        self.nodes[id.index()]
    }

    /// The terms of a sum.
    pub fn terms(&self, terms: Terms) -> &[NodeId] {
        &self.terms[terms.start as usize..][..terms.count as usize]
    }

    /// The number `value`.
    pub fn constant(&mut self, value: f64) -> NodeId {
        self.push(Node::Constant(value))
    }

    /// The variable `index`.
    pub fn variable(&mut self, index: u32) -> NodeId {
        self.push(Node::Variable(index))
    }

    /// `op` applied to `argument`, a node of this graph.
    pub fn unary(&mut self, op: Unary, argument: NodeId) -> NodeId {
        self.push(Node::Unary(op, argument))
    }

    /// `op` applied to `a` and `b`, nodes of this graph.
    pub fn binary(&mut self, op: Binary, a: NodeId, b: NodeId) -> NodeId {
        self.push(Node::Binary(op, a, b))
    }

    /// `then` where `condition` is not 0, otherwise `otherwise`; all nodes of this graph.
    pub fn conditional(&mut self, condition: NodeId, then: NodeId, otherwise: NodeId) -> NodeId {
        self.push(Node::If { condition, then, otherwise })
    }

    /// The sum of `terms`, nodes of this graph.
    pub fn sum(&mut self, terms: &[NodeId]) -> NodeId {
        let start = index(self.terms.len());
        self.terms.extend_from_slice(terms);
        self.push(Node::Sum(Terms { start, count: index(terms.len()) }))
    }

    /// `factor * node`; `node` itself where the factor is 1.
    pub fn scaled(&mut self, factor: f64, node: NodeId) -> NodeId {
        if factor == 1.0 {
            return node;
        }
        let factor = self.constant(factor);
        self.binary(Binary::Mul, factor, node)
    }

    /// Calls `visit` with each argument of `node`.
    pub fn arguments(&self, node: Node, mut visit: impl FnMut(NodeId)) {
        match node {
            Node::Constant(_) | Node::Variable(_) => {}
            Node::Unary(_, a) => visit(a),
            Node::Binary(_, a, b) => {
                visit(a);
                visit(b);
            }
            Node::If { condition, then, otherwise } => {
                visit(condition);
                visit(then);
                visit(otherwise);
            }
            Node::Sum(terms) => self.terms(terms).iter().for_each(|&term| visit(term)),
        }
    }

    /// Which nodes `roots` are made of, one flag a node.
    pub fn reachable(&self, roots: impl IntoIterator<Item = NodeId>) -> Vec<bool> {
        let mut reached = vec![false; self.nodes.len()];
        for root in roots {
            reached[root.index()] = true;
        }
        for index in (0..self.nodes.len()).rev() {
            if reached[index] {
                self.arguments(self.nodes[index], |argument| reached[argument.index()] = true);
            }
        }
        reached
    }

    fn push(&mut self, node: Node) -> NodeId {
        let id = NodeId(index(self.nodes.len()));
        self.nodes.push(node);
        id
    }
}

/// Positions fit 32 bits: readers stop at [`MAX_NODES`].
fn index(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// A function of the variables: a linear part, a constant, and an expression for the rest.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Function {
    /// Variable and coefficient of each linear term; a variable that stands twice counts with the sum.
    pub linear: Vec<(u32, f64)>,
    /// The constant term.
    pub constant: f64,
    /// The rest, in the arena that belongs to the function.
    pub nonlinear: Option<NodeId>,
}
