//! Nonlinear programs as `.nl` files.

use std::collections::HashMap;
use std::io::{self, Write};

use fathom_opt_problems::Sense;
use fathom_opt_problems::expression::{Binary, Graph, Node, NodeId, Unary};
use fathom_opt_problems::nonlinear::Nonlinear;

use super::layout::{Layout, WrittenRow};
use super::operator::{binary_code, unary_code};
use super::sink::Sink;

/// Writes `problem` as an `.nl` file, text or binary.
///
/// The format puts variables that stand in expressions first, and nonlinear constraints before linear ones. There are no comments, which some readers stumble
/// over. Returns the program's variables and constraints in the file's order: what a `.sol` for the file counts by.
///
/// # Errors
/// When `out` cannot be written.
pub fn write(problem: &Nonlinear, binary: bool, out: &mut dyn Write) -> io::Result<(Vec<usize>, Vec<usize>)> {
    let layout = Layout::of(problem);
    let mut writer = Writer { problem, graph: problem.graph(), sink: Sink::new(out, binary), layout: &layout, names: HashMap::new() };
    writer.header()?;
    writer.definitions()?;
    writer.body()?;
    Ok((layout.variables.iter().map(|&variable| variable as usize).collect(), layout.rows().collect()))
}

struct Writer<'a> {
    problem: &'a Nonlinear,
    graph: &'a Graph,
    sink: Sink<'a>,
    layout: &'a Layout,
    /// The file's number of each shared expression that was written.
    names: HashMap<NodeId, usize>,
}

/// Where an expression stands: arithmetic and logic are kept apart in `.nl` files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Number,
    Truth,
}

/// What is still to be written of an expression.
enum Task {
    Node(NodeId, Place),
    Constant(f64),
    Operator(i32),
}

const SUM: i32 = 54;
const IF: i32 = 35;

impl Writer<'_> {
    fn header(&mut self) -> io::Result<()> {
        let (problem, layout) = (self.problem, self.layout);
        let (n, m) = (problem.variables().len(), problem.constraints().len());
        let ranges =
            problem.constraints().iter().filter(|row| row.lower.is_finite() && row.upper.is_finite() && row.lower != row.upper).count();
        let equations = problem.constraints().iter().filter(|row| row.lower == row.upper).count();
        let [in_constraints, in_objective, in_both] = layout.nonlinear_variables;
        let nonzeros: usize = layout.constraints.iter().map(|row| row.linear.len()).sum();
        let letter = if self.sink.binary { 'b' } else { 'g' };
        let lines = [
            format!("{letter}3 1 1 0"),
            format!(" {n} {m} 1 {ranges} {equations}"),
            format!(" {} {}", layout.nonlinear_constraints, usize::from(layout.objective.root.is_some())),
            " 0 0".to_owned(),
            format!(" {in_constraints} {in_objective} {in_both}"),
            format!(" 0 0 {} 1", u8::from(self.sink.binary)),
            " 0 0 0 0 0".to_owned(),
            format!(" {nonzeros} {}", layout.objective.linear.len()),
            " 0 0".to_owned(),
            format!(" {} 0 0 0 0", layout.defined.len()),
        ];
        lines.iter().try_for_each(|line| self.sink.header(line))
    }

    fn definitions(&mut self) -> io::Result<()> {
        let n = self.problem.variables().len();
        for (k, &id) in self.layout.defined.iter().enumerate() {
            self.sink.segment('V', &[n + k, 0, 0])?;
            self.expression(id)?;
            self.names.insert(id, n + k);
        }
        Ok(())
    }

    fn body(&mut self) -> io::Result<()> {
        let (problem, layout) = (self.problem, self.layout);
        for (row, written) in layout.constraints.iter().enumerate() {
            self.sink.segment('C', &[row])?;
            self.function(written)?;
        }
        self.sink.segment('O', &[0, usize::from(problem.objective_sense() == Sense::Maximize)])?;
        self.function(&layout.objective)?;
        let starts: Vec<(usize, f64)> = layout
            .variables
            .iter()
            .enumerate()
            .map(|(at, &j)| (at, problem.variables()[j as usize].start))
            .filter(|(_, start)| *start != 0.0)
            .collect();
        self.pairs('x', &[], &starts)?;
        let sign = if problem.objective_sense() == Sense::Minimize { 1.0 } else { -1.0 };
        let duals: Vec<(usize, f64)> =
            layout.rows().enumerate().filter_map(|(at, i)| Some((at, -sign * problem.constraints()[i].multiplier?))).collect();
        self.pairs('d', &[], &duals)?;
        if !problem.constraints().is_empty() {
            self.sink.segment('r', &[])?;
            for i in layout.rows() {
                let row = &problem.constraints()[i];
                self.sink.sides(row.lower, row.upper)?;
            }
        }
        self.sink.segment('b', &[])?;
        for &j in &layout.variables {
            let variable = &problem.variables()[j as usize];
            self.sink.sides(variable.lower, variable.upper)?;
        }
        self.column_counts()?;
        for (row, written) in layout.constraints.iter().enumerate() {
            self.linear('J', row, written)?;
        }
        self.linear('G', 0, &layout.objective)
    }

    fn function(&mut self, row: &WrittenRow) -> io::Result<()> {
        match row.root {
            None => self.sink.constant(row.constant),
            Some(root) => {
                if row.constant != 0.0 {
                    self.operator(Binary::Add)?;
                    self.sink.constant(row.constant)?;
                }
                self.tasks(vec![Task::Node(root, Place::Number)], None)
            }
        }
    }

    fn pairs(&mut self, letter: char, before: &[usize], pairs: &[(usize, f64)]) -> io::Result<()> {
        if pairs.is_empty() {
            return Ok(());
        }
        self.sink.segment(letter, &[before, &[pairs.len()]].concat())?;
        pairs.iter().try_for_each(|&(index, value)| self.sink.pair(index, value))
    }

    fn linear(&mut self, letter: char, number: usize, row: &WrittenRow) -> io::Result<()> {
        let mut pairs: Vec<(usize, f64)> = row.linear.iter().map(|&(j, c)| (self.layout.position[j as usize] as usize, c)).collect();
        pairs.sort_by_key(|(position, _)| *position);
        self.pairs(letter, &[number], &pairs)
    }

    /// How many Jacobian entries stand in the columns up to each but the last.
    fn column_counts(&mut self) -> io::Result<()> {
        let mut counts = vec![0; self.layout.variables.len()];
        for row in &self.layout.constraints {
            for &(variable, _) in &row.linear {
                counts[self.layout.position[variable as usize] as usize] += 1;
            }
        }
        counts.pop();
        self.sink.segment('k', &[counts.len()])?;
        let mut sum = 0;
        for count in counts {
            sum += count;
            self.sink.integer(sum)?;
        }
        Ok(())
    }

    fn operator(&mut self, op: Binary) -> io::Result<()> {
        self.sink.operator(binary_code(op).unwrap_or_default())
    }

    /// The expression at `id`, written out although it may have a name.
    fn expression(&mut self, id: NodeId) -> io::Result<()> {
        self.tasks(vec![Task::Node(id, Place::Number)], Some(id))
    }

    fn tasks(&mut self, mut tasks: Vec<Task>, written_out: Option<NodeId>) -> io::Result<()> {
        while let Some(task) = tasks.pop() {
            match task {
                Task::Constant(value) => self.sink.constant(value)?,
                Task::Operator(code) => self.sink.operator(code)?,
                Task::Node(id, place) => match self.names.get(&id).filter(|_| written_out != Some(id)) {
                    Some(&name) if place == Place::Number => self.sink.variable(name)?,
                    Some(&name) => {
                        self.operator(Binary::NotEqual)?;
                        self.sink.variable(name)?;
                        self.sink.constant(0.0)?;
                    }
                    None => self.node(id, place, &mut tasks)?,
                },
            }
        }
        Ok(())
    }

    fn node(&mut self, id: NodeId, place: Place, tasks: &mut Vec<Task>) -> io::Result<()> {
        let node = self.graph.node(id);
        let logical = is_logical(node);
        match (place, logical) {
            (Place::Number, true) => {
                self.sink.operator(IF)?;
                tasks.extend([Task::Constant(0.0), Task::Constant(1.0), Task::Node(id, Place::Truth)]);
                return Ok(());
            }
            (Place::Truth, false) => {
                self.operator(Binary::NotEqual)?;
                tasks.extend([Task::Constant(0.0), Task::Node(id, Place::Number)]);
                return Ok(());
            }
            _ => {}
        }
        let number = |id| Task::Node(id, Place::Number);
        match node {
            Node::Constant(value) => self.sink.constant(value)?,
            Node::Variable(variable) => self.sink.variable(self.layout.position[variable as usize] as usize)?,
            Node::Unary(op, a) => tasks.extend(unary(op, a)),
            Node::Binary(op @ (Binary::And | Binary::Or), a, b) => {
                self.operator(op)?;
                tasks.extend([Task::Node(b, Place::Truth), Task::Node(a, Place::Truth)]);
            }
            Node::Binary(op @ (Binary::Min | Binary::Max), a, b) => {
                self.sink.operator(if op == Binary::Min { 11 } else { 12 })?;
                self.sink.integer(2)?;
                tasks.extend([number(b), number(a)]);
            }
            // `|a|`, with a minus where b is negative.
            Node::Binary(Binary::CopySign, a, b) => {
                let code = |op: Unary| Task::Operator(unary_code(op).unwrap_or_default());
                let less = Task::Operator(binary_code(Binary::Less).unwrap_or_default());
                tasks.extend([number(a), code(Unary::Abs), number(a), code(Unary::Abs), code(Unary::Neg)]);
                tasks.extend([Task::Constant(0.0), number(b), less, Task::Operator(IF)]);
            }
            Node::Binary(op, a, b) => {
                self.operator(op)?;
                tasks.extend([number(b), number(a)]);
            }
            Node::If { condition, then, otherwise } => {
                self.sink.operator(IF)?;
                tasks.extend([number(otherwise), number(then), Task::Node(condition, Place::Truth)]);
            }
            Node::Sum(terms) => match *self.graph.terms(terms) {
                [] => self.sink.constant(0.0)?,
                [one] => tasks.push(number(one)),
                [a, b] => {
                    self.operator(Binary::Add)?;
                    tasks.extend([number(b), number(a)]);
                }
                ref terms => {
                    self.sink.operator(SUM)?;
                    self.sink.integer(terms.len())?;
                    tasks.extend(terms.iter().rev().map(|&term| number(term)));
                }
            },
        }
        Ok(())
    }
}

fn is_logical(node: Node) -> bool {
    match node {
        Node::Unary(op, _) => op == Unary::Not,
        Node::Binary(op, ..) => op.is_flat() && op != Binary::IntDiv,
        _ => false,
    }
}

/// An operator with one argument, the last task first; some have to be said by others.
fn unary(op: Unary, a: NodeId) -> Vec<Task> {
    let code = |op: Unary| Task::Operator(unary_code(op).unwrap_or_default());
    let two = |op: Binary| Task::Operator(binary_code(op).unwrap_or_default());
    let argument = Task::Node(a, Place::Number);
    match op {
        Unary::Not => vec![Task::Node(a, Place::Truth), code(op)],
        Unary::Trunc => vec![Task::Constant(1.0), argument, two(Binary::IntDiv)],
        Unary::Round => vec![Task::Constant(0.0), argument, Task::Operator(57)],
        Unary::Softplus => vec![argument, code(Unary::Exp), Task::Constant(1.0), two(Binary::Add), code(Unary::Log)],
        _ => vec![argument, code(op)],
    }
}
