//! From graphs as read to programs: constants folded, sums flattened, equal parts computed once, linear parts set apart.

use std::collections::HashMap;

use super::differential;
use super::graph::{Function, Graph, Node, NodeId};
use super::operator::{Binary, Unary};
use super::program::{Instruction, Operand, Program, Row};

/// What became of a node.
#[derive(Debug, Clone, Copy)]
enum Form {
    /// Not needed by any function.
    Unused,
    Constant(f64),
    /// A coefficient (finite, not 0) times an operand.
    Scaled(f64, Operand),
    /// Part of the only sum that uses it, which flattens it.
    Deferred,
}

/// A linear combination under construction.
#[derive(Debug, Default)]
struct Combination {
    constant: f64,
    terms: Vec<(Operand, f64)>,
}

/// The program of `functions`, whose expressions stand in `graph`.
pub(super) fn simplify(variables: usize, graph: &Graph, functions: &[&Function]) -> Program {
    let roots = functions.iter().filter_map(|function| function.nonlinear);
    let reached = graph.reachable(roots.clone());
    let mut simplifier = Simplifier {
        graph,
        forms: vec![Form::Unused; graph.len()],
        deferred: deferrable(graph, &reached, roots),
        program: Program { variables, ..Program::default() },
        known: HashMap::new(),
        sums: HashMap::new(),
        stack: Vec::new(),
    };
    for (index, &node) in graph.nodes().iter().enumerate() {
        if reached[index] {
            simplifier.forms[index] = simplifier.form(index, node);
        }
    }
    let rows = functions.iter().map(|function| simplifier.row(function)).collect();
    Program { rows, ..simplifier.program }
}

/// Whether `node` adds or scales, so that a sum around it can take it in.
fn is_additive(node: Node) -> bool {
    matches!(node, Node::Unary(Unary::Neg, _) | Node::Binary(Binary::Add | Binary::Sub, ..) | Node::Sum(_))
}

/// Additive nodes that are used once, by a sum or as a function's root.
fn deferrable(graph: &Graph, reached: &[bool], roots: impl Iterator<Item = NodeId>) -> Vec<bool> {
    let mut uses = vec![0_u8; graph.len()];
    let mut by_sum = vec![false; graph.len()];
    for root in roots {
        uses[root.index()] = uses[root.index()].saturating_add(1);
        by_sum[root.index()] = true;
    }
    for (index, &node) in graph.nodes().iter().enumerate() {
        if reached[index] {
            graph.arguments(node, |argument| {
                uses[argument.index()] = uses[argument.index()].saturating_add(1);
                by_sum[argument.index()] |= is_additive(node);
            });
        }
    }
    graph.nodes().iter().enumerate().map(|(k, &node)| uses[k] == 1 && by_sum[k] && is_additive(node)).collect()
}

/// Linear combinations of variables up to this length are written into the sums that use them.
const SHORT: u32 = 8;

/// Key of an instruction among equal ones: a tag, its operands or bits.
type Key = (u8, u8, u64, u64);

struct Simplifier<'a> {
    graph: &'a Graph,
    forms: Vec<Form>,
    deferred: Vec<bool>,
    program: Program,
    known: HashMap<Key, Operand>,
    /// Sums by the hash of their terms; equal ones are found by comparing.
    sums: HashMap<u64, Vec<u32>>,
    stack: Vec<(NodeId, f64)>,
}

impl Simplifier<'_> {
    fn form(&mut self, index: usize, node: Node) -> Form {
        match node {
            Node::Constant(value) => Form::Constant(value),
            Node::Variable(variable) => Form::Scaled(1.0, variable),
            _ if self.deferred[index] => Form::Deferred,
            Node::Unary(Unary::Neg, _) | Node::Binary(Binary::Add | Binary::Sub, ..) | Node::Sum(_) => {
                let combination = self.flatten_node(node);
                self.settle(combination)
            }
            Node::Unary(op, a) => {
                if let Form::Constant(value) = self.forms[a.index()] {
                    return Form::Constant(differential::unary::<0>(op, value)[0]);
                }
                let (mut op, mut a) = (op, self.operand(a));
                // The derivatives of the root and of the square cancel each other near 0 until no digit is left; those of the absolute value do not.
                if op == Unary::Sqrt
                    && let Some(position) = self.program.position(a)
                    && let Instruction::Square(root) = self.program.instructions[position]
                {
                    (op, a) = (Unary::Abs, root);
                }
                self.intern((0, op as u8, u64::from(a), 0), Instruction::Unary(op, a))
            }
            Node::Binary(Binary::Mul, a, b) => self.product(a, b),
            Node::Binary(Binary::Div, a, b) => self.quotient(a, b),
            Node::Binary(op, a, b) => self.two(op, a, b),
            Node::If { condition, then, otherwise } => {
                if let Form::Constant(value) = self.forms[condition.index()] {
                    let taken = if value == 0.0 { otherwise } else { then };
                    return self.forms[taken.index()];
                }
                let (condition, then, otherwise) = (self.operand(condition), self.operand(then), self.operand(otherwise));
                if then == otherwise {
                    return Form::Scaled(1.0, then);
                }
                let key = (2, 0, u64::from(condition) << 32 | u64::from(then), u64::from(otherwise));
                self.intern(key, Instruction::If { condition, then, otherwise })
            }
        }
    }

    fn product(&mut self, a: NodeId, b: NodeId) -> Form {
        let (left, right) = (self.forms[a.index()], self.forms[b.index()]);
        match (left, right) {
            (Form::Constant(x), Form::Constant(y)) => Form::Constant(x * y),
            (Form::Constant(0.0), _) | (_, Form::Constant(0.0)) => Form::Constant(0.0),
            (Form::Constant(c), Form::Scaled(factor, operand)) | (Form::Scaled(factor, operand), Form::Constant(c))
                if usable(c * factor) =>
            {
                Form::Scaled(c * factor, operand)
            }
            (Form::Scaled(p, x), Form::Scaled(q, y)) if usable(p * q) => {
                let inner = if x == y {
                    self.intern((1, 0, u64::from(x), 0), Instruction::Square(x))
                } else {
                    let (x, y) = (x.min(y), x.max(y));
                    self.binary(Binary::Mul, x, y)
                };
                rescaled(p * q, inner)
            }
            _ => self.two(Binary::Mul, a, b),
        }
    }

    fn quotient(&mut self, a: NodeId, b: NodeId) -> Form {
        let (above, below) = (self.forms[a.index()], self.forms[b.index()]);
        match (above, below) {
            (Form::Constant(x), Form::Constant(y)) => Form::Constant(x / y),
            (Form::Scaled(factor, operand), Form::Constant(c)) if usable(factor / c) => Form::Scaled(factor / c, operand),
            (Form::Constant(c), Form::Scaled(factor, operand)) if usable(c / factor) => {
                let inner = self.intern((1, 1, u64::from(operand), 0), Instruction::Reciprocal(operand));
                rescaled(c / factor, inner)
            }
            (Form::Scaled(p, x), Form::Scaled(q, y)) if usable(p / q) && x != y => {
                let inner = self.binary(Binary::Div, x, y);
                rescaled(p / q, inner)
            }
            _ => self.two(Binary::Div, a, b),
        }
    }

    /// Any operator with two arguments, none of them taken apart.
    fn two(&mut self, op: Binary, a: NodeId, b: NodeId) -> Form {
        match (self.forms[a.index()], self.forms[b.index()]) {
            (Form::Constant(x), Form::Constant(y)) => return Form::Constant(differential::binary::<0>(op, x, y).value),
            (_, Form::Constant(exponent)) if op == Binary::Pow => {
                if exponent == 1.0 {
                    return self.forms[a.index()];
                }
                if exponent == 0.0 {
                    return Form::Constant(1.0);
                }
                if let (true, Form::Scaled(factor, x)) = (exponent == 2.0, self.forms[a.index()])
                    && usable(factor * factor)
                {
                    let inner = self.intern((1, 0, u64::from(x), 0), Instruction::Square(x));
                    return rescaled(factor * factor, inner);
                }
                let a = self.operand(a);
                return self.intern((3, 0, u64::from(a), exponent.to_bits()), Instruction::Power(a, exponent));
            }
            _ => {}
        }
        let (x, y) = (self.operand(a), self.operand(b));
        self.binary(op, x, y)
    }

    /// Derivative rules want distinct operands, so the second of two equal ones is copied.
    fn binary(&mut self, op: Binary, x: Operand, y: Operand) -> Form {
        let y = if x == y { self.linear(&Combination { constant: 0.0, terms: vec![(x, 1.0)] }) } else { y };
        self.intern((4, op as u8, u64::from(x), u64::from(y)), Instruction::Binary(op, x, y))
    }

    /// The function's linear part and expression, flattened into one row.
    fn row(&mut self, function: &Function) -> Row {
        let mut combination = Combination { constant: function.constant, terms: function.linear.clone() };
        if let Some(root) = function.nonlinear {
            self.flatten(&mut combination, &[(root, 1.0)], true);
        }
        merge(&mut combination.terms);
        let cut = combination.terms.partition_point(|(operand, _)| self.program.position(*operand).is_none());
        let variables = self.program.variables;
        #[allow(clippy::cast_possible_truncation)] // Operands are 32 bits.
        let terms = combination.terms[cut..].iter().map(|&(operand, c)| (operand - variables as u32, c)).collect();
        combination.terms.truncate(cut);
        Row { constant: combination.constant, linear: combination.terms, terms }
    }

    fn flatten_node(&mut self, node: Node) -> Combination {
        let mut combination = Combination::default();
        let mut first = Vec::new();
        children(self.graph, node, 1.0, &mut first);
        self.flatten(&mut combination, &first, false);
        combination
    }

    /// Adds `roots`, each with its factor, to `combination`: sums are entered, everything else is a term.
    fn flatten(&mut self, combination: &mut Combination, roots: &[(NodeId, f64)], whole: bool) {
        let mut stack = std::mem::take(&mut self.stack);
        stack.extend_from_slice(roots);
        while let Some((id, factor)) = stack.pop() {
            match self.forms[id.index()] {
                Form::Constant(value) => combination.constant += factor * value,
                Form::Scaled(scale, operand) => self.add_term(combination, operand, factor * scale, whole),
                Form::Deferred => children(self.graph, self.graph.node(id), factor, &mut stack),
                Form::Unused => {}
            }
        }
        self.stack = stack;
    }

    /// Adds one term; a combination of variables alone is written out where it is short, or where the whole row is wanted.
    fn add_term(&self, combination: &mut Combination, operand: Operand, factor: f64, whole: bool) {
        if let Some(position) = self.program.position(operand)
            && let Instruction::Linear { start, end, constant } = self.program.instructions[position]
            && (whole || end - start <= SHORT)
        {
            let terms = &self.program.linear[start as usize..end as usize];
            if terms.iter().all(|(operand, _)| self.program.position(*operand).is_none()) {
                combination.constant += factor * self.program.constants[constant as usize];
                combination.terms.extend(terms.iter().map(|&(operand, c)| (operand, factor * c)));
                return;
            }
        }
        combination.terms.push((operand, factor));
    }

    /// The combination as a constant, a scaled operand, or a linear instruction.
    fn settle(&mut self, mut combination: Combination) -> Form {
        merge(&mut combination.terms);
        match combination.terms[..] {
            [] => Form::Constant(combination.constant),
            [(operand, factor)] if combination.constant == 0.0 && usable(factor) => Form::Scaled(factor, operand),
            _ => Form::Scaled(1.0, self.linear(&combination)),
        }
    }

    /// The operand that holds the value of node `id`.
    fn operand(&mut self, id: NodeId) -> Operand {
        match self.forms[id.index()] {
            Form::Scaled(1.0, operand) => operand,
            Form::Scaled(factor, operand) => self.linear(&Combination { constant: 0.0, terms: vec![(operand, factor)] }),
            Form::Constant(value) => match self.intern((5, 0, value.to_bits(), 0), Instruction::Constant(value)) {
                Form::Scaled(_, operand) => operand,
                _ => 0,
            },
            // Only parts of sums are deferred, and sums flatten them.
            Form::Deferred | Form::Unused => 0,
        }
    }

    fn linear(&mut self, combination: &Combination) -> Operand {
        let hash = content_hash(combination);
        let same = |program: &Program, at: u32| match program.instructions[at as usize] {
            Instruction::Linear { start, end, constant } => {
                program.linear[start as usize..end as usize] == combination.terms[..]
                    && program.constants[constant as usize] == combination.constant
            }
            _ => false,
        };
        let variables = index(self.program.variables);
        if let Some(&at) = self.sums.get(&hash).and_then(|known| known.iter().find(|&&at| same(&self.program, at))) {
            return variables + at;
        }
        let program = &mut self.program;
        let start = index(program.linear.len());
        program.linear.extend_from_slice(&combination.terms);
        let constant = index(program.constants.len());
        program.constants.push(combination.constant);
        let at = index(program.instructions.len());
        program.instructions.push(Instruction::Linear { start, end: index(program.linear.len()), constant });
        self.sums.entry(hash).or_default().push(at);
        variables + at
    }

    fn intern(&mut self, key: Key, instruction: Instruction) -> Form {
        let next = index(self.program.variables + self.program.instructions.len());
        let operand = *self.known.entry(key).or_insert(next);
        if operand == next {
            self.program.instructions.push(instruction);
        }
        Form::Scaled(1.0, operand)
    }
}

/// Pushes the arguments of an additive node, each with its factor.
fn children(graph: &Graph, node: Node, factor: f64, stack: &mut Vec<(NodeId, f64)>) {
    match node {
        Node::Unary(_, a) => stack.push((a, -factor)),
        Node::Binary(op, a, b) => {
            stack.push((b, if op == Binary::Sub { -factor } else { factor }));
            stack.push((a, factor));
        }
        Node::Sum(terms) => stack.extend(graph.terms(terms).iter().rev().map(|&term| (term, factor))),
        Node::Constant(_) | Node::Variable(_) | Node::If { .. } => {}
    }
}

/// Terms in order of their operands, each once, none 0.
fn merge(terms: &mut Vec<(Operand, f64)>) {
    terms.sort_by_key(|(operand, _)| *operand);
    terms.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 += next.1;
        }
        same
    });
    terms.retain(|(_, factor)| *factor != 0.0);
}

/// Whether a factor can stand before an operand without changing what is computed.
fn usable(factor: f64) -> bool {
    factor.is_normal()
}

fn rescaled(factor: f64, inner: Form) -> Form {
    match inner {
        Form::Scaled(scale, operand) => Form::Scaled(factor * scale, operand),
        other => other,
    }
}

fn content_hash(combination: &Combination) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    combination.constant.to_bits().hash(&mut hasher);
    for (operand, factor) in &combination.terms {
        operand.hash(&mut hasher);
        factor.to_bits().hash(&mut hasher);
    }
    hasher.finish()
}

/// Positions fit 32 bits: graphs are bounded by `MAX_NODES`.
fn index(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
