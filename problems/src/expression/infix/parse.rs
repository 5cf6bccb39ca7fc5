//! From infix text to nodes, with a stack of its own instead of recursion.

use std::ops::Range;

use super::token::{Token, next, skip_space};
use crate::expression::graph::{Graph, NodeId};
use crate::expression::operator::{Binary, SIGN_BINDING, Unary};

/// How deep signs, parentheses and functions may be nested.
pub const MAX_DEPTH: usize = 2_000_000;

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// A variable (0-based).
    Variable(u32),
    /// An expression of the same graph.
    Expression(NodeId),
}

/// Text that is no expression: which part of it, what was found there, what was expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("found {found}, expected {expected}, at character {} of `{}`", span.start + 1, excerpt)]
pub struct InfixError {
    /// The bytes at fault.
    pub span: Range<usize>,
    /// What stands there.
    pub found: String,
    /// What should stand there.
    pub expected: String,
    /// The text around the fault.
    pub excerpt: String,
}

/// What waits on the stack until its arguments are complete.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Pending {
    Minus,
    Operator(Binary, u8),
    Parenthesis,
    /// A function call, and how many arguments are complete.
    Call(Callee, usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Callee {
    Unary(Unary),
    Binary(Binary),
    If,
}

impl Callee {
    fn named(name: &str) -> Option<Self> {
        let unary = Unary::FUNCTIONS.iter().find(|(known, _)| *known == name).map(|(_, op)| Self::Unary(*op));
        let binary = || Binary::FUNCTIONS.iter().find(|(known, _)| *known == name).map(|(_, op)| Self::Binary(*op));
        unary.or_else(binary).or_else(|| (name == "if").then_some(Self::If))
    }

    fn accepts(self, arguments: usize) -> bool {
        match self {
            Self::Unary(_) => arguments == 1,
            Self::Binary(Binary::Min | Binary::Max) => arguments >= 2,
            Self::Binary(_) => arguments == 2,
            Self::If => arguments == 3,
        }
    }

    fn expectation(self) -> &'static str {
        match self {
            Self::Unary(_) => "one argument",
            Self::Binary(Binary::Min | Binary::Max) => "two or more arguments",
            Self::Binary(_) => "two arguments",
            Self::If => "three arguments: if(condition, then, otherwise)",
        }
    }
}

/// Reads `text` into `graph`; `meaning` says what names stand for.
///
/// # Errors
/// Text that is no expression, an unknown name, nesting beyond [`MAX_DEPTH`].
pub fn parse(text: &str, graph: &mut Graph, meaning: impl Fn(&str) -> Option<Meaning>) -> Result<NodeId, InfixError> {
    let mut parser = Parser { text, rest: text, start: 0, pending: Vec::new(), done: Vec::new(), graph };
    parser.run(&meaning)
}

struct Parser<'a, 'g> {
    text: &'a str,
    rest: &'a str,
    /// Where the present token starts.
    start: usize,
    pending: Vec<Pending>,
    done: Vec<NodeId>,
    graph: &'g mut Graph,
}

impl<'a> Parser<'a, '_> {
    fn run(&mut self, meaning: &impl Fn(&str) -> Option<Meaning>) -> Result<NodeId, InfixError> {
        loop {
            self.operand(meaning)?;
            if let Some(root) = self.after_operand()? {
                return Ok(root);
            }
        }
    }

    /// Reads up to the end of one operand: signs, opening parentheses, and a number or name.
    fn operand(&mut self, meaning: &impl Fn(&str) -> Option<Meaning>) -> Result<(), InfixError> {
        loop {
            if self.pending.len() > MAX_DEPTH || self.graph.is_full() {
                return Err(self.fault("deeper nesting or more operators", format!("nesting at most {MAX_DEPTH} deep")));
            }
            match self.token() {
                Token::Number(value) => {
                    let node = self.graph.constant(value);
                    self.done.push(node);
                    return Ok(());
                }
                Token::Sign("-") => self.pending.push(Pending::Minus),
                Token::Sign("+") => {}
                Token::Sign("(") => self.pending.push(Pending::Parenthesis),
                Token::Name(name) => {
                    skip_space(&mut self.rest);
                    if self.rest.starts_with('(') {
                        let Some(callee) = Callee::named(&name) else {
                            return Err(self.fault(format!("`{name}(`"), "a function: abs, sqrt, exp, log, sin, min, if, ..."));
                        };
                        self.rest = &self.rest[1..];
                        self.pending.push(Pending::Call(callee, 0));
                        continue;
                    }
                    let node = match meaning(&name) {
                        Some(Meaning::Variable(index)) => self.graph.variable(index),
                        Some(Meaning::Expression(node)) => node,
                        None => return Err(self.fault(format!("`{name}`"), "the name of a variable")),
                    };
                    self.done.push(node);
                    return Ok(());
                }
                other => return Err(self.unexpected(&other, "a number, a name, a sign or `(`")),
            }
        }
    }

    /// Reads what follows an operand, up to the operator or comma after which the next operand comes; the whole expression at the end of the text.
    fn after_operand(&mut self) -> Result<Option<NodeId>, InfixError> {
        loop {
            match self.token() {
                Token::End => {
                    self.reduce(0);
                    return match (self.pending.last(), self.done.pop()) {
                        (None, Some(root)) => Ok(Some(root)),
                        _ => Err(self.fault("the end", "`)`")),
                    };
                }
                Token::Sign(")") => {
                    self.reduce(0);
                    match self.pending.pop() {
                        Some(Pending::Parenthesis) => {}
                        Some(Pending::Call(callee, complete)) => self.call(callee, complete + 1)?,
                        _ => return Err(self.fault("`)`", "an operator or the end (no parenthesis is open)")),
                    }
                }
                Token::Sign(",") => {
                    self.reduce(0);
                    match self.pending.last_mut() {
                        Some(Pending::Call(_, complete)) => *complete += 1,
                        _ => return Err(self.fault("`,`", "an operator (commas stand between arguments of functions)")),
                    }
                    return Ok(None);
                }
                Token::Sign(sign) => {
                    let Some(&(_, op, binding)) = Binary::INFIX.iter().find(|(name, ..)| *name == sign) else {
                        return Err(self.fault(format!("`{sign}`"), "an operator, `)` or the end"));
                    };
                    // `a^b^c` is `a^(b^c)`: an equal operator to the left waits.
                    self.reduce(if op == Binary::Pow { binding + 1 } else { binding });
                    self.pending.push(Pending::Operator(op, binding));
                    return Ok(None);
                }
                other => return Err(self.unexpected(&other, "an operator, `)` or the end")),
            }
        }
    }

    /// Completes the waiting signs and operators that bind at least as tightly as `binding`, back to the last open parenthesis.
    fn reduce(&mut self, binding: u8) {
        loop {
            let node = match self.pending.last() {
                Some(Pending::Minus) if SIGN_BINDING >= binding => {
                    let Some(a) = self.done.pop() else { return };
                    self.graph.unary(Unary::Neg, a)
                }
                Some(&Pending::Operator(op, tightness)) if tightness >= binding => {
                    let (Some(b), Some(a)) = (self.done.pop(), self.done.pop()) else { return };
                    self.graph.binary(op, a, b)
                }
                _ => return,
            };
            self.pending.pop();
            self.done.push(node);
        }
    }

    fn call(&mut self, callee: Callee, count: usize) -> Result<(), InfixError> {
        if !callee.accepts(count) || self.done.len() < count {
            return Err(self.fault(format!("{count} argument{}", if count == 1 { "" } else { "s" }), callee.expectation()));
        }
        let arguments = self.done.split_off(self.done.len() - count);
        let node = match (callee, &arguments[..]) {
            (Callee::Unary(op), &[a]) => self.graph.unary(op, a),
            (Callee::If, &[condition, then, otherwise]) => self.graph.conditional(condition, then, otherwise),
            (Callee::Binary(op), &[first, ref others @ ..]) => others.iter().fold(first, |a, &b| self.graph.binary(op, a, b)),
            _ => return Err(self.fault(format!("{count} arguments"), callee.expectation())),
        };
        self.done.push(node);
        Ok(())
    }

    fn token(&mut self) -> Token<'a> {
        skip_space(&mut self.rest);
        self.start = self.text.len() - self.rest.len();
        next(&mut self.rest)
    }

    fn unexpected(&self, token: &Token<'_>, expected: &str) -> InfixError {
        match token {
            Token::End => self.fault("the end", expected),
            Token::Number(_) => self.fault(format!("`{}`", &self.text[self.start..self.text.len() - self.rest.len()]), expected),
            Token::Name(name) => self.fault(format!("`{name}`"), expected),
            Token::Sign(sign) => self.fault(format!("`{sign}`"), expected),
            Token::Unknown(c) => self.fault(format!("`{c}`"), expected),
            Token::TooLarge(digits) => self.fault(format!("`{digits}`"), "a number within the range of 64-bit floats"),
            Token::Unclosed => self.fault("an unclosed back quote", "a name between back quotes"),
        }
    }

    fn fault(&self, found: impl Into<String>, expected: impl Into<String>) -> InfixError {
        let end = (self.text.len() - self.rest.len()).max(self.start);
        InfixError { span: self.start..end, found: found.into(), expected: expected.into(), excerpt: excerpt(self.text, self.start) }
    }
}

/// At most this many characters before and after a fault are shown.
const WINDOW: usize = 30;

fn excerpt(text: &str, at: usize) -> String {
    let start = text[..at].char_indices().rev().nth(WINDOW).map_or(0, |(start, _)| start);
    let end = text[at..].char_indices().nth(WINDOW).map_or(text.len(), |(end, _)| at + end);
    let (before, after) = (if start > 0 { "..." } else { "" }, if end < text.len() { "..." } else { "" });
    format!("{before}{}{after}", &text[start..end])
}
