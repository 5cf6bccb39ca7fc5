//! External functions: the Fortran code behind the parts of a SIF file, read into steps.
//!
//! What can be read is code whose course does not depend on real numbers that vary: loops with a counter, branches on integers, arrays, assignments. Such a
//! function is an expression, however long. Jumps and input or output are refused.

use super::code_expression::{CodeExpression, read_expression, whole_number};
use super::code_line::{CodeLine, code_lines};
use super::kind::Kind;
use super::literals::Literals;
use crate::nonlinear::fault::Fault;

/// A name of a procedure.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Symbol {
    pub name: String,
    pub kind: Kind,
    /// Its extents; none where it is a single value.
    pub extents: Vec<usize>,
    /// The value of a PARAMETER.
    pub constant: Option<i64>,
    /// The values of a DATA statement, in the order of storage.
    pub data: Vec<f64>,
}

/// One step of a procedure.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Step {
    /// A name or an element of an array is given a value.
    Assign {
        line: usize,
        name: usize,
        indices: Vec<CodeExpression>,
        value: CodeExpression,
    },
    /// The first branch whose condition holds; a branch without one always does.
    If {
        line: usize,
        branches: Vec<(Option<CodeExpression>, Vec<Step>)>,
    },
    /// A counted loop.
    Do {
        line: usize,
        counter: usize,
        range: [CodeExpression; 3],
        body: Vec<Step>,
    },
    Return,
}

/// A function in Fortran.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::nonlinear::sif) struct Procedure {
    /// Its name, in capitals; the name's value at the end is the function's.
    pub(in crate::nonlinear::sif) name: String,
    /// Its arguments, as positions in `symbols`.
    pub(super) arguments: Vec<usize>,
    pub(super) symbols: Vec<Symbol>,
    pub(super) steps: Vec<Step>,
}

/// An array has at most so many elements.
const MAX_ELEMENTS: usize = 1_000_000;
/// Loops and branches may be nested so deep.
const MAX_DEPTH: usize = 50;

/// The functions in `text`, whose first line has the number `first_line`; each alone, because one that cannot be read matters only where it is called.
pub(in crate::nonlinear::sif) fn procedures(text: &str, first_line: usize, literals: Literals) -> Vec<(String, Result<Procedure, Fault>)> {
    let mut found: Vec<(String, Vec<CodeLine>)> = Vec::new();
    for line in code_lines(text, first_line) {
        let heading = line
            .text
            .split_once("FUNCTION")
            .filter(|(kind, rest)| matches!(*kind, "DOUBLEPRECISION" | "REAL*8" | "REAL" | "") && rest.contains('('));
        if let Some((_, rest)) = heading {
            let name = rest.split('(').next().unwrap_or_default().to_owned();
            found.push((name, vec![line]));
        } else if let Some((_, lines)) = found.last_mut() {
            lines.push(line);
        }
    }
    found.into_iter().map(|(name, lines)| (name.clone(), Reader::new(name, literals).read(&lines))).collect()
}

/// A block that is still open.
enum Open {
    Body,
    If { line: usize, branches: Vec<(Option<CodeExpression>, Vec<Step>)>, condition: Option<CodeExpression> },
    Do { line: usize, label: String, counter: usize, range: Box<[CodeExpression; 3]> },
}

struct Reader {
    procedure: Procedure,
    literals: Literals,
    /// Open blocks with their steps so far.
    open: Vec<(Open, Vec<Step>)>,
}

fn fault(line: &CodeLine, found: impl Into<String>, expected: &str) -> Fault {
    Fault::at(line.number, 0, format!("{} in an external function", found.into()), expected)
}

const COUNTED: &str = "assignments, counted loops and branches on integers";

impl Reader {
    fn new(name: String, literals: Literals) -> Self {
        let procedure = Procedure { name, arguments: Vec::new(), symbols: Vec::new(), steps: Vec::new() };
        Self { procedure, literals, open: vec![(Open::Body, Vec::new())] }
    }

    fn read(mut self, lines: &[CodeLine]) -> Result<Procedure, Fault> {
        let (heading, lines) = lines.split_first().ok_or_else(|| Fault::whole("no code", "a function"))?;
        let arguments = heading.text.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')'));
        let arguments = arguments.ok_or_else(|| fault(heading, format!("`{}`", heading.text), "names in parentheses"))?;
        for name in arguments.split(',') {
            let position = self.symbol(name);
            self.procedure.arguments.push(position);
        }
        for line in lines {
            if line.text == "END" {
                break;
            }
            self.line(line)?;
        }
        match self.open.pop() {
            Some((Open::Body, steps)) if self.open.is_empty() => Ok(Procedure { steps, ..self.procedure }),
            _ => Err(fault(heading, "a loop or a branch without an end", "CONTINUE or END IF")),
        }
    }

    /// The position of a name, which is declared by its first letter where it was not declared before.
    fn symbol(&mut self, name: &str) -> usize {
        let symbols = &mut self.procedure.symbols;
        if let Some(at) = symbols.iter().position(|symbol| symbol.name == name) {
            return at;
        }
        let kind = if name.starts_with(|c| matches!(c, 'I'..='N')) { Kind::Integer } else { Kind::Real };
        symbols.push(Symbol { name: name.to_owned(), kind, extents: Vec::new(), constant: None, data: Vec::new() });
        symbols.len() - 1
    }

    fn expression(&mut self, line: &CodeLine, text: &str) -> Result<CodeExpression, Fault> {
        let literals = self.literals;
        read_expression(text, literals, &mut |name| self.symbol(name)).map_err(|(found, expected)| fault(line, found, &expected))
    }

    /// A whole number that is known while reading.
    fn whole(&mut self, line: &CodeLine, text: &str) -> Result<i64, Fault> {
        let expression = self.expression(line, text)?;
        let symbols = &self.procedure.symbols;
        whole_number(&expression, &|position| symbols.get(position).and_then(|symbol| symbol.constant))
            .ok_or_else(|| fault(line, format!("`{text}`"), "a whole number"))
    }

    fn line(&mut self, line: &CodeLine) -> Result<(), Fault> {
        if !self.declaration(line)? {
            self.statement(line, &line.text)?;
        }
        // The line with a loop's label is its last one, of all loops that name it.
        while let Some((Open::Do { label, .. }, _)) = self.open.last()
            && !line.label.is_empty()
            && *label == line.label
        {
            self.close(line)?;
        }
        Ok(())
    }

    /// Reads a declaration; false for anything else.
    fn declaration(&mut self, line: &CodeLine) -> Result<bool, Fault> {
        let text = line.text.as_str();
        if text.contains('=') && !text.starts_with("PARAMETER(") {
            return Ok(false);
        }
        for (word, kind) in [
            ("DOUBLEPRECISION", Kind::Real),
            ("REAL*8", Kind::Real),
            ("REAL", Kind::Real),
            ("INTEGER", Kind::Integer),
            ("LOGICAL", Kind::Logical),
        ] {
            if let Some(list) = text.strip_prefix(word) {
                for item in split(list) {
                    let (name, extents) = item.split_once('(').map_or((item, ""), |(name, rest)| (name, rest.trim_end_matches(')')));
                    let mut sizes = Vec::new();
                    for extent in split(extents).filter(|extent| !extent.is_empty()) {
                        sizes.push(usize::try_from(self.whole(line, extent)?).ok().filter(|size| (1..=MAX_ELEMENTS).contains(size)));
                    }
                    let sizes: Option<Vec<usize>> = sizes.into_iter().collect();
                    let sizes = sizes.filter(|sizes| {
                        sizes.iter().try_fold(1, |all: usize, &size| all.checked_mul(size)).is_some_and(|all| all <= MAX_ELEMENTS)
                    });
                    let position = self.symbol(name);
                    let symbol = &mut self.procedure.symbols[position];
                    symbol.kind = kind;
                    symbol.extents = sizes.ok_or_else(|| fault(line, format!("the array `{item}`"), "at most 1000000 elements"))?;
                }
                return Ok(true);
            }
        }
        if let Some(list) = text.strip_prefix("PARAMETER(").and_then(|rest| rest.strip_suffix(')')) {
            for item in split(list) {
                let (name, value) = item.split_once('=').ok_or_else(|| fault(line, format!("`{item}`"), "name = value"))?;
                let value = self.whole(line, value)?;
                let position = self.symbol(name);
                self.procedure.symbols[position].constant = Some(value);
            }
            return Ok(true);
        }
        if let Some(rest) = text.strip_prefix("DATA").and_then(|rest| rest.strip_suffix('/')) {
            let (name, values) = rest.split_once('/').ok_or_else(|| fault(line, format!("`{text}`"), "DATA name / values /"))?;
            let mut data = Vec::new();
            for value in split(values) {
                match self.expression(line, value)?.number() {
                    Some(number) => data.push(number),
                    None => return Err(fault(line, format!("`{value}`"), "a number")),
                }
            }
            let position = self.symbol(name);
            let symbol = &mut self.procedure.symbols[position];
            if data.len() != symbol.extents.iter().product::<usize>() {
                return Err(fault(line, format!("{} values for `{name}`", data.len()), "one for each element"));
            }
            symbol.data = data;
            return Ok(true);
        }
        Ok(["INTRINSIC", "SAVE", "IMPLICIT"].iter().any(|word| text.starts_with(word)))
    }

    fn push(&mut self, step: Step) {
        if let Some((_, steps)) = self.open.last_mut() {
            steps.push(step);
        }
    }

    fn enter(&mut self, line: &CodeLine, open: Open) -> Result<(), Fault> {
        if self.open.len() > MAX_DEPTH {
            return Err(fault(line, "deeper nesting", "loops and branches at most 50 deep"));
        }
        self.open.push((open, Vec::new()));
        Ok(())
    }

    fn statement(&mut self, line: &CodeLine, text: &str) -> Result<(), Fault> {
        match text {
            "CONTINUE" => return Ok(()),
            "RETURN" => {
                self.push(Step::Return);
                return Ok(());
            }
            "ENDIF" => return self.close(line),
            "ELSE" => return self.branch(line, None),
            _ => {}
        }
        if let Some((condition, rest)) = text.strip_prefix("ELSEIF").and_then(condition) {
            if rest != "THEN" {
                return Err(fault(line, format!("`{text}`"), "THEN"));
            }
            let condition = self.expression(line, condition)?;
            return self.branch(line, Some(condition));
        }
        if let Some((condition, rest)) = text.strip_prefix("IF").and_then(condition) {
            let condition = Some(self.expression(line, condition)?);
            if rest == "THEN" {
                return self.enter(line, Open::If { line: line.number, branches: Vec::new(), condition });
            }
            // One statement alone depends on the condition.
            self.enter(line, Open::If { line: line.number, branches: Vec::new(), condition })?;
            if rest.starts_with("IF") || is_do(rest).is_some() {
                return Err(fault(line, format!("`{text}`"), COUNTED));
            }
            self.statement(line, rest)?;
            return self.close(line);
        }
        if let Some((label, counter, range)) = is_do(text) {
            let parts: Vec<&str> = split(range).collect();
            if !(2..=3).contains(&parts.len()) {
                return Err(fault(line, format!("`{text}`"), "DO label counter = first, last, step"));
            }
            let (first, last) = (self.expression(line, parts[0])?, self.expression(line, parts[1])?);
            let step = self.expression(line, parts.get(2).copied().unwrap_or("1"))?;
            let counter = self.symbol(counter);
            let open = Open::Do { line: line.number, label: label.to_owned(), counter, range: Box::new([first, last, step]) };
            return self.enter(line, open);
        }
        let Some((target, value)) = text.split_once('=') else {
            return Err(fault(line, format!("`{text}`"), COUNTED));
        };
        let (name, indices) = target.split_once('(').map_or((target, None), |(name, rest)| (name, rest.strip_suffix(')')));
        if !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') || name.is_empty() {
            return Err(fault(line, format!("`{text}`"), COUNTED));
        }
        let name = self.symbol(name);
        let mut read = Vec::new();
        for index in indices.into_iter().flat_map(split) {
            read.push(self.expression(line, index)?);
        }
        let value = self.expression(line, value)?;
        self.push(Step::Assign { line: line.number, name, indices: read, value });
        Ok(())
    }

    /// Ends the present branch and begins the next one.
    fn branch(&mut self, line: &CodeLine, next: Option<CodeExpression>) -> Result<(), Fault> {
        match self.open.last_mut() {
            Some((Open::If { branches, condition, .. }, steps)) => {
                branches.push((std::mem::replace(condition, next), std::mem::take(steps)));
                Ok(())
            }
            _ => Err(fault(line, "ELSE", "IF before it")),
        }
    }

    /// Ends the innermost block.
    fn close(&mut self, line: &CodeLine) -> Result<(), Fault> {
        let step = match self.open.pop() {
            Some((Open::If { line, mut branches, condition }, steps)) => {
                branches.push((condition, steps));
                Step::If { line, branches }
            }
            Some((Open::Do { line, counter, range, .. }, body)) => Step::Do { line, counter, range: *range, body },
            Some((Open::Body, _)) | None => return Err(fault(line, format!("`{}`", line.text), "a loop or a branch to end")),
        };
        self.push(step);
        Ok(())
    }
}

/// The condition in parentheses, and what follows it.
fn condition(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix('(')?;
    let mut depth = 1;
    for (at, c) in inner.char_indices() {
        depth += i32::from(c == '(') - i32::from(c == ')');
        if depth == 0 {
            return Some((&inner[..at], &inner[at + 1..]));
        }
    }
    None
}

/// Label, counter and range of `DO label counter = range`.
fn is_do(text: &str) -> Option<(&str, &str, &str)> {
    let rest = text.strip_prefix("DO")?;
    let end = rest.find(|c: char| !c.is_ascii_digit()).filter(|end| *end > 0)?;
    let (counter, range) = rest[end..].split_once('=')?;
    let is_name = counter.starts_with(|c: char| c.is_ascii_alphabetic()) && counter.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    (is_name && range.contains(',')).then_some((&rest[..end], counter, range))
}

/// The parts between commas that stand in no parentheses.
fn split(text: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0;
    text.split(move |c| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        c == ',' && depth == 0
    })
}
