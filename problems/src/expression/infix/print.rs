//! From nodes to infix text, with a stack of its own instead of recursion.

use std::fmt::Write as _;

use crate::expression::graph::{Function, Graph, Node, NodeId};
use crate::expression::operator::{Binary, SIGN_BINDING, Unary};

/// What variables and shared expressions are called.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// The name of each variable.
    pub variables: Vec<String>,
    /// Names of expressions that are written by their name, by node.
    pub expressions: std::collections::HashMap<NodeId, String>,
}

/// The expression is longer than what may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an expression of more than {0} characters")]
pub struct TooLong(pub usize);

/// Writes expressions of one graph.
#[derive(Debug, Clone, Copy)]
pub struct Printer<'a> {
    /// The graph.
    pub graph: &'a Graph,
    /// What its variables are called.
    pub names: &'a Names,
    /// The most characters of one expression.
    pub max_length: usize,
}

/// `name` as it stands in infix text: between back quotes unless it is a plain word.
pub fn quoted(name: &str) -> String {
    let mut characters = name.chars();
    let plain =
        characters.next().is_some_and(|c| c.is_alphabetic() || c == '_') && characters.all(|c| c.is_alphanumeric() || c == '_' || c == '.');
    if plain { name.to_owned() } else { format!("`{}`", name.replace('`', "``")) }
}

/// What is still to be written.
enum Task {
    Text(&'static str),
    /// A node, in a place where operators must bind at least this tightly to go without parentheses.
    Node(NodeId, u8),
}

/// Binding of what needs no parentheses anywhere.
const TIGHTEST: u8 = 9;
const SUM: u8 = 4;

impl Printer<'_> {
    /// `function` as text: its expression, its linear terms, its constant.
    ///
    /// # Errors
    /// When the text would be too long.
    pub fn function(&self, function: &Function) -> Result<String, TooLong> {
        let mut text = match function.nonlinear {
            Some(root) => self.expression(root)?,
            None => String::new(),
        };
        if function.nonlinear.is_some_and(|root| self.binding(root) < SUM) && (!function.linear.is_empty() || function.constant != 0.0) {
            text = format!("({text})");
        }
        for &(variable, coefficient) in &function.linear {
            let name = self.variable(variable);
            append(
                &mut text,
                coefficient,
                |magnitude| if magnitude == 1.0 { name.clone() } else { format!("{}*{name}", number(magnitude)) },
            );
            self.bounded(&text)?;
        }
        if function.constant != 0.0 || text.is_empty() {
            append(&mut text, function.constant, number);
        }
        Ok(text)
    }

    /// The expression at `root` as text.
    ///
    /// # Errors
    /// When the text would be too long.
    pub fn expression(&self, root: NodeId) -> Result<String, TooLong> {
        let mut text = String::new();
        self.open(root, 0, &mut text, &mut Vec::new(), true)?;
        Ok(text)
    }

    fn open(&self, root: NodeId, level: u8, text: &mut String, tasks: &mut Vec<Task>, definition: bool) -> Result<(), TooLong> {
        // A definition is written out where it is defined, and by its name everywhere else.
        self.node(root, level, text, tasks, definition);
        while let Some(task) = tasks.pop() {
            match task {
                Task::Text(word) => text.push_str(word),
                Task::Node(id, level) => self.node(id, level, text, tasks, false),
            }
            self.bounded(text)?;
        }
        Ok(())
    }

    fn node(&self, id: NodeId, level: u8, text: &mut String, tasks: &mut Vec<Task>, written_out: bool) {
        if !written_out && let Some(name) = self.names.expressions.get(&id) {
            text.push_str(name);
            return;
        }
        if self.binding(id) < level {
            text.push('(');
            tasks.push(Task::Text(")"));
        }
        match self.graph.node(id) {
            Node::Constant(value) => text.push_str(&number(value)),
            Node::Variable(index) => text.push_str(&self.variable(index)),
            Node::Unary(Unary::Neg, a) => {
                text.push('-');
                tasks.push(Task::Node(a, SIGN_BINDING));
            }
            Node::Unary(op, a) => call(op.name(), &[a], text, tasks),
            Node::Binary(op, a, b) => match op.binding() {
                None => call(op.name(), &[a, b], text, tasks),
                Some(binding) => {
                    // A sign inside an operand is put into parentheses, except at the very left.
                    let (left, right) = if op == Binary::Pow { (binding + 1, binding) } else { (binding, binding + 1) };
                    tasks.push(Task::Node(b, right));
                    tasks.push(Task::Text(spaced(op)));
                    tasks.push(Task::Node(a, left));
                }
            },
            Node::If { condition, then, otherwise } => call("if", &[condition, then, otherwise], text, tasks),
            Node::Sum(terms) => match self.graph.terms(terms) {
                [] => text.push('0'),
                terms => {
                    for (k, &term) in terms.iter().enumerate().rev() {
                        tasks.push(Task::Node(term, if k == 0 { SUM } else { SUM + 1 }));
                        if k > 0 {
                            tasks.push(Task::Text(" + "));
                        }
                    }
                }
            },
        }
    }

    /// How tightly the outermost operator of a node binds.
    fn binding(&self, id: NodeId) -> u8 {
        if self.names.expressions.contains_key(&id) {
            return TIGHTEST;
        }
        match self.graph.node(id) {
            Node::Constant(value) if value < 0.0 || (value == 0.0 && value.is_sign_negative()) => SIGN_BINDING - 2,
            Node::Constant(value) if !value.is_finite() => SUM,
            Node::Unary(Unary::Neg, _) => SIGN_BINDING - 2,
            Node::Binary(op, ..) => op.binding().unwrap_or(TIGHTEST),
            Node::Sum(terms) => match self.graph.terms(terms).len() {
                0 => TIGHTEST,
                _ => SUM,
            },
            _ => TIGHTEST,
        }
    }

    fn variable(&self, index: u32) -> String {
        match self.names.variables.get(index as usize) {
            Some(name) => name.clone(),
            None => format!("`variable {index}`"),
        }
    }

    fn bounded(&self, text: &str) -> Result<(), TooLong> {
        if text.len() > self.max_length { Err(TooLong(self.max_length)) } else { Ok(()) }
    }
}

/// A number that reads back to the same bits; what is not finite is written by an operation that gives it.
fn number(value: f64) -> String {
    if value.is_nan() {
        "0/0".into()
    } else if value.is_infinite() {
        if value > 0.0 { "1/0".into() } else { "-1/0".into() }
    } else {
        let (plain, scientific) = (value.to_string(), format!("{value:e}"));
        if plain.len() <= scientific.len() + 3 { plain } else { scientific }
    }
}

fn append(text: &mut String, value: f64, term: impl Fn(f64) -> String) {
    let negative = value < 0.0;
    let sign = match (text.is_empty(), negative) {
        (true, false) => "",
        (true, true) => "-",
        (false, false) => " + ",
        (false, true) => " - ",
    };
    // Writing to a string cannot fail.
    let _ = write!(text, "{sign}{}", term(value.abs()));
}

fn call(name: &'static str, arguments: &[NodeId], text: &mut String, tasks: &mut Vec<Task>) {
    text.push_str(name);
    text.push('(');
    tasks.push(Task::Text(")"));
    for (k, &argument) in arguments.iter().enumerate().rev() {
        tasks.push(Task::Node(argument, 0));
        if k > 0 {
            tasks.push(Task::Text(", "));
        }
    }
}

fn spaced(op: Binary) -> &'static str {
    match op {
        Binary::Add => " + ",
        Binary::Sub => " - ",
        Binary::Less => " < ",
        Binary::LessEqual => " <= ",
        Binary::Equal => " == ",
        Binary::GreaterEqual => " >= ",
        Binary::Greater => " > ",
        Binary::NotEqual => " != ",
        Binary::And => " && ",
        Binary::Or => " || ",
        other => other.name(),
    }
}
