//! External functions, carried out once: what becomes of them is an expression of their arguments.

use fathom_opt_problems::expression::{Binary, Graph, Node, NodeId, Unary};

use super::code_expression::{CodeExpression, whole_operation};
use super::intrinsic::{Operator, Returns, extremum, intrinsic};
use super::kind::Kind;
use super::procedure::{Procedure, Step};
use crate::nonlinear::fault::Fault;

/// A value while the code runs: what depends on the arguments is an expression, everything else is known.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Value {
    Whole(i64),
    Logical(bool),
    Number(f64),
    Varying(NodeId),
}

impl Value {
    /// The number, where it is known.
    fn number(self) -> Option<f64> {
        match self {
            Self::Whole(value) => Some(value as f64),
            Self::Number(value) => Some(value),
            Self::Logical(_) | Self::Varying(_) => None,
        }
    }
}

/// At most so many steps are carried out by one call.
const MAX_STEPS: usize = 3_000_000;

/// What an argument is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Argument {
    Value(NodeId),
    /// An array that the function may fill; what it puts there is not used.
    Array,
}

/// The value of `procedure` for these arguments, as an expression in `graph`.
///
/// # Errors
/// Code whose course depends on a varying number, a value that is used before it is given, an index outside an array, too many steps.
pub(super) fn execute(procedure: &Procedure, arguments: &[Argument], graph: &mut Graph) -> Result<NodeId, Fault> {
    // The code computes derivatives as well, which are left behind with the rest of this graph.
    let mut own = Graph::new();
    let result = run(procedure, arguments, &mut own)?;
    let mut copied: Vec<Option<NodeId>> = Vec::with_capacity(own.len());
    for (&node, reached) in own.nodes().iter().zip(own.reachable([result])) {
        let of = |id: NodeId| copied.get(id.index()).copied().flatten();
        let copy = match node {
            _ if !reached => None,
            Node::Constant(value) => Some(graph.constant(value)),
            Node::Variable(index) => match arguments.get(index as usize) {
                Some(Argument::Value(node)) => Some(*node),
                _ => None,
            },
            Node::Unary(op, a) => of(a).map(|a| graph.unary(op, a)),
            Node::Binary(op, a, b) => of(a).zip(of(b)).map(|(a, b)| graph.binary(op, a, b)),
            // The code above makes none of these.
            Node::If { .. } | Node::Sum(_) => None,
        };
        copied.push(copy);
    }
    copied.get(result.index()).copied().flatten().ok_or_else(|| without_value(procedure))
}

fn without_value(procedure: &Procedure) -> Fault {
    Fault::whole(format!("the external function `{}` without a value", procedure.name), "one assigned to its name")
}

/// The value in a graph of its own, whose variables are the arguments by their positions.
fn run(procedure: &Procedure, arguments: &[Argument], graph: &mut Graph) -> Result<NodeId, Fault> {
    if arguments.len() != procedure.arguments.len() {
        return Err(Fault::whole(
            format!("{} arguments of the external function `{}`", arguments.len(), procedure.name),
            procedure.arguments.len().to_string(),
        ));
    }
    let mut storage: Vec<Vec<Option<Value>>> = Vec::with_capacity(procedure.symbols.len());
    for symbol in &procedure.symbols {
        let mut cells = vec![None; symbol.extents.iter().product()];
        for (cell, &number) in cells.iter_mut().zip(&symbol.data) {
            *cell = Some(known(symbol.kind, number));
        }
        if let Some(constant) = symbol.constant {
            cells[0] = Some(Value::Whole(constant));
        }
        storage.push(cells);
    }
    for ((index, &position), argument) in (0_u32..).zip(&procedure.arguments).zip(arguments) {
        if let (Argument::Value(_), Some(cell)) = (argument, storage[position].first_mut()) {
            *cell = Some(Value::Varying(graph.variable(index)));
        }
    }
    let mut run = Run { procedure, graph, storage, steps: 0 };
    run.all(&procedure.steps)?;
    let result = procedure.symbols.iter().position(|symbol| symbol.name == procedure.name);
    let value = result.and_then(|position| run.storage[position].first().copied().flatten());
    run.real(0, value.ok_or_else(|| without_value(procedure))?)
}

fn known(kind: Kind, number: f64) -> Value {
    #[allow(clippy::cast_possible_truncation)] // A fraction given to an integer is cut, as in Fortran.
    match kind {
        Kind::Integer => Value::Whole(number as i64),
        _ => Value::Number(number),
    }
}

struct Run<'a> {
    procedure: &'a Procedure,
    graph: &'a mut Graph,
    storage: Vec<Vec<Option<Value>>>,
    steps: usize,
}

fn fault(line: usize, found: impl Into<String>, expected: &str) -> Fault {
    Fault::at(line, 0, format!("{} in an external function", found.into()), expected)
}

impl Run<'_> {
    /// Carries out `steps`; false where they end in RETURN.
    fn all(&mut self, steps: &[Step]) -> Result<bool, Fault> {
        for step in steps {
            if !self.one(step)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn one(&mut self, step: &Step) -> Result<bool, Fault> {
        self.steps += 1;
        if self.steps > MAX_STEPS || self.graph.is_full() {
            return Err(Fault::whole(
                "more steps of an external function",
                format!("at most {MAX_STEPS}, and a program of at most 2^28 operations"),
            ));
        }
        match step {
            Step::Return => return Ok(false),
            Step::Assign { line, name, indices, value } => {
                let value = self.value(*line, value)?;
                let kind = self.procedure.symbols[*name].kind;
                let value = match (kind, value, value.number()) {
                    (Kind::Logical, Value::Logical(_), _) => value,
                    (Kind::Logical, ..) => return Err(fault(*line, "a number", "a logical value")),
                    (_, Value::Logical(_), _) => return Err(fault(*line, "a logical value", "a number")),
                    (_, _, Some(number)) => known(kind, number),
                    (Kind::Integer, ..) => return Err(fault(*line, "an integer that varies", "integers that are known")),
                    _ => value,
                };
                let at = self.element(*line, *name, indices)?;
                self.storage[*name][at] = Some(value);
            }
            Step::If { line, branches } => {
                for (condition, steps) in branches {
                    let holds = match condition {
                        None => true,
                        Some(condition) => self.truth(*line, condition)?,
                    };
                    if holds {
                        return self.all(steps);
                    }
                }
            }
            Step::Do { line, counter, range, body } => {
                let mut whole = |part: &CodeExpression| match self.value(*line, part)? {
                    Value::Whole(value) => Ok(value),
                    _ => Err(fault(*line, "a loop over numbers that are not whole", "whole numbers")),
                };
                let (first, last, step) = (whole(&range[0])?, whole(&range[1])?, whole(&range[2])?);
                if step == 0 {
                    return Err(fault(*line, "a step 0", "another step"));
                }
                let mut at = first;
                while if step > 0 { at <= last } else { at >= last } {
                    self.storage[*counter][0] = Some(Value::Whole(at));
                    // An empty body costs a step as well, so that no loop is endless.
                    self.steps += 1;
                    if self.steps > MAX_STEPS {
                        return Err(fault(*line, "more steps", "at most 3000000"));
                    }
                    if !self.all(body)? {
                        return Ok(false);
                    }
                    let Some(next) = at.checked_add(step) else { break };
                    at = next;
                }
                self.storage[*counter][0] = Some(Value::Whole(at));
            }
        }
        Ok(true)
    }

    /// The place of an element in storage, columns first.
    fn element(&mut self, line: usize, name: usize, indices: &[CodeExpression]) -> Result<usize, Fault> {
        let symbol = &self.procedure.symbols[name];
        if indices.len() != symbol.extents.len() {
            return Err(fault(line, format!("{} indices of `{}`", indices.len(), symbol.name), &format!("{}", symbol.extents.len())));
        }
        let (mut at, mut stride) = (0, 1);
        for (index, &extent) in indices.iter().zip(&symbol.extents) {
            let Value::Whole(index) = self.value(line, index)? else {
                return Err(fault(line, format!("an index of `{}` that is no whole number", symbol.name), "a whole number"));
            };
            let place = usize::try_from(index).ok().filter(|index| (1..=extent).contains(index));
            let place = place.ok_or_else(|| fault(line, format!("the index {index} of `{}`", symbol.name), &format!("1 to {extent}")))?;
            at += (place - 1) * stride;
            stride *= extent;
        }
        Ok(at)
    }

    fn real(&mut self, line: usize, value: Value) -> Result<NodeId, Fault> {
        match value {
            Value::Varying(node) => Ok(node),
            Value::Whole(value) => Ok(self.graph.constant(value as f64)),
            Value::Number(value) => Ok(self.graph.constant(value)),
            Value::Logical(_) => Err(fault(line, "a logical value", "a number")),
        }
    }

    fn truth(&mut self, line: usize, condition: &CodeExpression) -> Result<bool, Fault> {
        match self.value(line, condition)? {
            Value::Logical(holds) => Ok(holds),
            _ => Err(fault(line, "a number", "a condition")),
        }
    }

    fn load(&self, line: usize, name: usize, at: usize) -> Result<Value, Fault> {
        let value = self.storage[name].get(at).copied().flatten();
        value.ok_or_else(|| {
            fault(line, format!("`{}`, which has no value here", self.procedure.symbols[name].name), "names that were given a value before")
        })
    }

    fn value(&mut self, line: usize, expression: &CodeExpression) -> Result<Value, Fault> {
        match expression {
            CodeExpression::Integer(value) => Ok(Value::Whole(*value)),
            CodeExpression::Real(value) => Ok(Value::Number(*value)),
            CodeExpression::Logical(value) => Ok(Value::Logical(*value)),
            CodeExpression::Name(name) => {
                let at = self.element(line, *name, &[])?;
                self.load(line, *name, at)
            }
            CodeExpression::Applied { position, arguments, .. } if !self.procedure.symbols[*position].extents.is_empty() => {
                let at = self.element(line, *position, arguments)?;
                self.load(line, *position, at)
            }
            CodeExpression::Applied { name, arguments, .. } => self.call(line, name, arguments),
            CodeExpression::Unary(sign, of) => match (*sign, self.value(line, of)?) {
                ("NOT", Value::Logical(value)) => Ok(Value::Logical(!value)),
                ("-", Value::Whole(value)) => Ok(Value::Whole(value.wrapping_neg())),
                ("-", Value::Number(value)) => Ok(Value::Number(-value)),
                ("-", Value::Varying(node)) => Ok(Value::Varying(self.graph.unary(Unary::Neg, node))),
                _ => Err(fault(line, format!("a value of the wrong kind after `{sign}`"), "a number, or a logical value after .NOT.")),
            },
            CodeExpression::Binary(sign, a, b) => {
                let (a, b) = (self.value(line, a)?, self.value(line, b)?);
                self.binary(line, sign, a, b)
            }
        }
    }

    fn binary(&mut self, line: usize, sign: &str, a: Value, b: Value) -> Result<Value, Fault> {
        if let (Value::Logical(a), Value::Logical(b)) = (a, b) {
            return match sign {
                "AND" => Ok(Value::Logical(a && b)),
                "OR" => Ok(Value::Logical(a || b)),
                "EQV" => Ok(Value::Logical(a == b)),
                "NEQV" => Ok(Value::Logical(a != b)),
                _ => Err(fault(line, format!("logical values beside `{sign}`"), "numbers")),
            };
        }
        let op = match sign {
            "+" => Binary::Add,
            "-" => Binary::Sub,
            "*" => Binary::Mul,
            "/" => Binary::Div,
            "**" => Binary::Pow,
            _ => return Self::relation(line, sign, a, b),
        };
        if let (Value::Whole(a), Value::Whole(b)) = (a, b) {
            let result = whole_operation(sign, a, b);
            return result.map(Value::Whole).ok_or_else(|| fault(line, format!("{a} {sign} {b}"), "a result of 64 bits"));
        }
        if let (Some(x), Some(y)) = (a.number(), b.number()) {
            return Ok(Value::Number(match op {
                Binary::Add => x + y,
                Binary::Sub => x - y,
                Binary::Mul => x * y,
                Binary::Div => x / y,
                _ => match b {
                    Value::Whole(exponent) => i32::try_from(exponent).map_or_else(|_| x.powf(y), |exponent| x.powi(exponent)),
                    _ => x.powf(y),
                },
            }));
        }
        let (a, b) = (self.real(line, a)?, self.real(line, b)?);
        Ok(Value::Varying(self.graph.binary(op, a, b)))
    }

    fn relation(line: usize, sign: &str, a: Value, b: Value) -> Result<Value, Fault> {
        let order = match (a, b) {
            (Value::Whole(a), Value::Whole(b)) => Some(a.cmp(&b)),
            _ => match a.number().zip(b.number()) {
                Some((a, b)) => a.partial_cmp(&b),
                None => return Err(fault(line, "a branch that depends on a varying number", "branches on numbers that are known")),
            },
        };
        Ok(Value::Logical(match sign {
            "GT" | ">" => order.is_some_and(std::cmp::Ordering::is_gt),
            "GE" | ">=" => order.is_some_and(std::cmp::Ordering::is_ge),
            "LT" | "<" => order.is_some_and(std::cmp::Ordering::is_lt),
            "LE" | "<=" => order.is_some_and(std::cmp::Ordering::is_le),
            "EQ" | "==" => order.is_some_and(std::cmp::Ordering::is_eq),
            "NE" | "/=" => !order.is_some_and(std::cmp::Ordering::is_eq),
            _ => return Err(fault(line, format!("numbers beside `{sign}`"), "logical values")),
        }))
    }

    fn call(&mut self, line: usize, name: &str, arguments: &[CodeExpression]) -> Result<Value, Fault> {
        let mut values = Vec::with_capacity(arguments.len());
        for argument in arguments {
            values.push(self.value(line, argument)?);
        }
        let whole: Option<Vec<i64>> =
            values.iter().map(|value| if let Value::Whole(value) = value { Some(*value) } else { None }).collect();
        if let Some(whole) = whole {
            // What these functions make of whole numbers is a whole number.
            let result = match (name, &whole[..]) {
                ("MOD", [a, b]) => a.checked_rem(*b),
                ("ABS" | "IABS", [a]) => a.checked_abs(),
                ("MIN" | "MIN0", all) => all.iter().copied().min(),
                ("MAX" | "MAX0", all) => all.iter().copied().max(),
                _ => None,
            };
            if let Some(result) = result {
                return Ok(Value::Whole(result));
            }
        }
        if let Some(numbers) = values.iter().map(|value| value.number()).collect::<Option<Vec<f64>>>()
            && let Some(result) = of_numbers(name, &numbers)
        {
            return Ok(match intrinsic(name) {
                Some((_, _, Returns::Kind(Kind::Integer))) => known(Kind::Integer, result),
                _ => Value::Number(result),
            });
        }
        let mut nodes = Vec::with_capacity(values.len());
        for value in values {
            nodes.push(self.real(line, value)?);
        }
        if let (Some(join), Some((&first, rest))) = (extremum(name), nodes.split_first()) {
            return Ok(Value::Varying(rest.iter().fold(first, |so_far, &next| self.graph.binary(join, so_far, next))));
        }
        match (intrinsic(name), &nodes[..]) {
            (Some((_, _, Returns::Kind(Kind::Integer))), _) => Err(fault(line, "an integer that varies", "integers that are known")),
            (Some((1, Some(Operator::Unary(op)), _)), &[a]) => Ok(Value::Varying(self.graph.unary(op, a))),
            (Some((1, None, _)), &[a]) => Ok(Value::Varying(a)),
            (Some((2, Some(Operator::Binary(op)), _)), &[a, b]) => Ok(Value::Varying(self.graph.binary(op, a, b))),
            _ => Err(fault(line, format!("`{name}(` with {} arguments", nodes.len()), "an array or a function of Fortran")),
        }
    }
}

/// A function of numbers that are known, for the most common functions; the others become expressions of constants.
fn of_numbers(name: &str, numbers: &[f64]) -> Option<f64> {
    Some(match (name.strip_prefix('D').filter(|rest| rest.len() > 2).unwrap_or(name), numbers) {
        ("SIN", &[a]) => a.sin(),
        ("COS", &[a]) => a.cos(),
        ("TAN", &[a]) => a.tan(),
        ("ATAN", &[a]) => a.atan(),
        ("EXP", &[a]) => a.exp(),
        ("LOG", &[a]) => a.ln(),
        ("SQRT", &[a]) => a.sqrt(),
        ("ABS", &[a]) => a.abs(),
        ("BLE" | "FLOAT" | "FLOT" | "REAL", &[a]) => a,
        ("INT", &[a]) => a.trunc(),
        ("NINT", &[a]) => a.round(),
        _ => return None,
    })
}
