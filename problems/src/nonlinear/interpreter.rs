//! The checker's own evaluation: it walks the expressions as they were read and shares nothing with the compiled form that solvers use.

use crate::expression::{Binary, Function, Graph, Node, NodeId, Unary};

/// The values of all expressions of a program at one point.
pub(super) struct Interpreter<'a> {
    graph: &'a Graph,
    x: &'a [f64],
    values: Vec<f64>,
    /// Adjoints; all 0 between calls.
    adjoints: Vec<f64>,
    seen: Vec<bool>,
}

impl<'a> Interpreter<'a> {
    /// Evaluates every node of `graph` at `x`.
    pub fn new(graph: &'a Graph, x: &'a [f64]) -> Self {
        let mut values: Vec<f64> = Vec::with_capacity(graph.len());
        for &node in graph.nodes() {
            let at = |id: NodeId| values[id.index()];
            let value = match node {
                Node::Constant(value) => value,
                Node::Variable(index) => x.get(index as usize).copied().unwrap_or(f64::NAN),
                Node::Unary(op, a) => unary_value(op, at(a)),
                Node::Binary(op, a, b) => binary_value(op, at(a), at(b)),
                Node::If { condition, then, otherwise } => {
                    let test = at(condition);
                    if test.is_nan() {
                        f64::NAN
                    } else if test == 0.0 {
                        at(otherwise)
                    } else {
                        at(then)
                    }
                }
                Node::Sum(terms) => graph.terms(terms).iter().map(|&term| at(term)).sum(),
            };
            values.push(value);
        }
        Self { graph, x, adjoints: vec![0.0; values.len()], seen: vec![false; values.len()], values }
    }

    /// The value of `function`, and the sum of the magnitudes of its top-level terms: what rounding errors are measured by.
    pub fn value(&self, function: &Function) -> (f64, f64) {
        let (mut value, mut magnitude) = (function.constant, function.constant.abs());
        for &(variable, coefficient) in &function.linear {
            let term = coefficient * self.x[variable as usize];
            value += term;
            magnitude += term.abs();
        }
        if let Some(root) = function.nonlinear {
            value += self.values[root.index()];
            magnitude += self.magnitude(root);
        }
        (value, magnitude)
    }

    /// The sum of the magnitudes of the terms of the sum at `root`.
    fn magnitude(&self, root: NodeId) -> f64 {
        let (mut total, mut open, mut steps) = (0.0, vec![root], 0);
        while let Some(id) = open.pop() {
            steps += 1;
            match self.graph.node(id) {
                // A shared sum inside a shared sum could be entered exponentially often; what is left then counts by its value.
                Node::Binary(Binary::Add | Binary::Sub, a, b) if steps <= self.graph.len() => open.extend([a, b]),
                Node::Sum(terms) if steps <= self.graph.len() => open.extend(self.graph.terms(terms)),
                Node::Unary(Unary::Neg, a) => open.push(a),
                _ => total += self.values[id.index()].abs(),
            }
        }
        total
    }

    /// The gradient of `function`: variable (increasing) and derivative of each variable that it depends on.
    pub fn gradient(&mut self, function: &Function) -> Vec<(u32, f64)> {
        let mut entries: Vec<(u32, f64)> = function.linear.clone();
        if let Some(root) = function.nonlinear {
            let order = self.below(root);
            self.adjoints[root.index()] = 1.0;
            for id in order {
                let adjoint = std::mem::take(&mut self.adjoints[id.index()]);
                match self.graph.node(id) {
                    Node::Variable(variable) => entries.push((variable, adjoint)),
                    node if adjoint != 0.0 => self.pass_on(node, adjoint),
                    _ => {}
                }
            }
        }
        entries.sort_by_key(|(variable, _)| *variable);
        entries.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 += next.1;
            }
            same
        });
        entries
    }

    /// All nodes that `root` is made of, each once, users before their arguments.
    fn below(&mut self, root: NodeId) -> Vec<NodeId> {
        let mut found = vec![root];
        self.seen[root.index()] = true;
        let mut next = 0;
        while next < found.len() {
            let node = self.graph.node(found[next]);
            let seen = &mut self.seen;
            self.graph.arguments(node, |argument| {
                if !std::mem::replace(&mut seen[argument.index()], true) {
                    found.push(argument);
                }
            });
            next += 1;
        }
        for id in &found {
            self.seen[id.index()] = false;
        }
        found.sort_unstable_by(|a, b| b.cmp(a));
        found
    }

    fn pass_on(&mut self, node: Node, adjoint: f64) {
        let at = |id: NodeId| self.values[id.index()];
        match node {
            Node::Constant(_) | Node::Variable(_) => {}
            Node::Unary(op, a) => {
                let slope = unary_slope(op, at(a));
                self.adjoints[a.index()] += adjoint * slope;
            }
            Node::Binary(op, a, b) => {
                let (by_a, by_b) = binary_slopes(op, at(a), at(b), matches!(self.graph.node(b), Node::Constant(_)));
                self.adjoints[a.index()] += adjoint * by_a;
                self.adjoints[b.index()] += adjoint * by_b;
            }
            Node::If { condition, then, otherwise } => {
                let taken = if at(condition) == 0.0 { otherwise } else { then };
                self.adjoints[taken.index()] += adjoint;
            }
            Node::Sum(terms) => {
                for &term in self.graph.terms(terms) {
                    self.adjoints[term.index()] += adjoint;
                }
            }
        }
    }
}

fn truth(holds: bool) -> f64 {
    if holds { 1.0 } else { 0.0 }
}

fn unary_value(op: Unary, x: f64) -> f64 {
    match op {
        Unary::Neg => -x,
        Unary::Abs => x.abs(),
        Unary::Sqrt => x.sqrt(),
        Unary::Exp => x.exp(),
        Unary::Log => x.ln(),
        Unary::Log10 => x.log10(),
        Unary::Sin => x.sin(),
        Unary::Cos => x.cos(),
        Unary::Tan => x.tan(),
        Unary::Asin => x.asin(),
        Unary::Acos => x.acos(),
        Unary::Atan => x.atan(),
        Unary::Sinh => x.sinh(),
        Unary::Cosh => x.cosh(),
        Unary::Tanh => x.tanh(),
        Unary::Asinh => x.asinh(),
        Unary::Acosh => x.acosh(),
        Unary::Atanh => x.atanh(),
        Unary::Softplus if x > 0.0 => x + (-x).exp().ln_1p(),
        Unary::Softplus => x.exp().ln_1p(),
        Unary::Floor => x.floor(),
        Unary::Ceil => x.ceil(),
        Unary::Trunc => x.trunc(),
        Unary::Round => x.round(),
        Unary::Not => truth(x == 0.0),
    }
}

fn unary_slope(op: Unary, x: f64) -> f64 {
    match op {
        Unary::Neg => -1.0,
        Unary::Abs => truth(x >= 0.0) - truth(x < 0.0),
        Unary::Sqrt => 1.0 / (2.0 * x.sqrt()),
        Unary::Exp => x.exp(),
        Unary::Log => 1.0 / x,
        Unary::Log10 => 1.0 / (x * 10.0_f64.ln()),
        Unary::Sin => x.cos(),
        Unary::Cos => -x.sin(),
        Unary::Tan => x.cos().powi(-2),
        Unary::Asin => 1.0 / (1.0 - x * x).sqrt(),
        Unary::Acos => -1.0 / (1.0 - x * x).sqrt(),
        Unary::Atan => 1.0 / (1.0 + x * x),
        Unary::Sinh => x.cosh(),
        Unary::Cosh => x.sinh(),
        Unary::Tanh => x.cosh().powi(-2),
        Unary::Asinh => 1.0 / (x * x + 1.0).sqrt(),
        Unary::Acosh => 1.0 / (x * x - 1.0).sqrt(),
        Unary::Atanh => 1.0 / (1.0 - x * x),
        Unary::Softplus => 1.0 / (1.0 + (-x).exp()),
        Unary::Floor | Unary::Ceil | Unary::Trunc | Unary::Round | Unary::Not => 0.0,
    }
}

fn binary_value(op: Binary, a: f64, b: f64) -> f64 {
    match op {
        Binary::Add => a + b,
        Binary::Sub => a - b,
        Binary::Mul => a * b,
        Binary::Div => a / b,
        Binary::Pow => a.powf(b),
        Binary::Atan2 => a.atan2(b),
        Binary::Mod => a % b,
        Binary::IntDiv => (a / b).trunc(),
        // `f64::min` would pass over a NaN.
        Binary::Min | Binary::Max if a.is_nan() || b.is_nan() => f64::NAN,
        Binary::Min => a.min(b),
        Binary::Max => a.max(b),
        Binary::CopySign if b.is_nan() => f64::NAN,
        Binary::CopySign => {
            if b < 0.0 {
                -a.abs()
            } else {
                a.abs()
            }
        }
        Binary::And => truth(a != 0.0 && b != 0.0),
        Binary::Or => truth(a != 0.0 || b != 0.0),
        Binary::Less => truth(a < b),
        Binary::LessEqual => truth(a <= b),
        Binary::Equal => truth(a == b),
        Binary::GreaterEqual => truth(a >= b),
        Binary::Greater => truth(a > b),
        Binary::NotEqual => truth(a != b),
    }
}

fn binary_slopes(op: Binary, a: f64, b: f64, constant_exponent: bool) -> (f64, f64) {
    match op {
        Binary::Add => (1.0, 1.0),
        Binary::Sub => (1.0, -1.0),
        Binary::Mul => (b, a),
        Binary::Div => (1.0 / b, -a / (b * b)),
        Binary::Pow if b == 0.0 && constant_exponent => (0.0, 0.0),
        Binary::Pow => {
            let by_exponent = if constant_exponent || a == 0.0 && b > 0.0 { 0.0 } else { a.powf(b) * a.ln() };
            (b * a.powf(b - 1.0), by_exponent)
        }
        Binary::Atan2 => (b / (a * a + b * b), -a / (a * a + b * b)),
        Binary::Mod => (1.0, -(a / b).trunc()),
        Binary::Min => {
            if a <= b {
                (1.0, 0.0)
            } else {
                (0.0, 1.0)
            }
        }
        Binary::Max => {
            if a >= b {
                (1.0, 0.0)
            } else {
                (0.0, 1.0)
            }
        }
        Binary::CopySign => ((truth(a >= 0.0) - truth(a < 0.0)) * if b < 0.0 { -1.0 } else { 1.0 }, 0.0),
        _ => (0.0, 0.0),
    }
}
