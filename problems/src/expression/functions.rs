//! Functions compiled for fast evaluation.

use std::ops::Range;
use std::sync::Arc;

use super::graph::{Function, Graph};
use super::pattern::Pattern;
use super::second_order::SecondOrder;
use super::simplify::simplify;
use super::structure::{self, Curvature, Degree};
use super::tape::Tape;

/// Functions of the same variables, simplified and compiled: patterns and evaluation order are fixed, evaluation is done by an
/// [`Evaluator`](super::Evaluator). Cloning is cheap; all clones share one program.
///
/// The functions are numbered in the order in which they were given and stand in *parts*: consecutive functions that are evaluated together, such as all
/// constraints of a problem.
#[derive(Debug, Clone)]
pub struct Functions {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    tape: Tape,
    parts: Vec<Part>,
    /// For each row, the instructions it depends on and that have derivatives, increasing: `steps[starts[row]..starts[row + 1]]`.
    row_starts: Vec<usize>,
    row_steps: Vec<u32>,
    second_order: Option<SecondOrder>,
    /// All instructions.
    all: Vec<u32>,
}

/// Rows that are evaluated together.
#[derive(Debug)]
struct Part {
    rows: Range<usize>,
    /// The instructions they depend on, increasing.
    steps: Vec<u32>,
    jacobian: Pattern,
}

impl Functions {
    /// Compiles `functions` of `variables` variables, whose expressions stand in `graph`; `parts` says how many functions each part has.
    /// Functions beyond the last part form one more.
    pub fn compile(variables: usize, graph: &Graph, functions: &[&Function], parts: &[usize]) -> Self {
        let program = simplify(variables, graph, functions);
        let tape = Tape::new(program);
        let mut dependence = Dependence::new(&tape);
        let rows = tape.program.rows.len();
        let (mut row_starts, mut row_steps, mut row_columns) = (vec![0], Vec::new(), Vec::with_capacity(rows));
        for row in 0..rows {
            row_columns.push(dependence.of_row(row, &mut row_steps));
            row_starts.push(row_steps.len());
        }
        let mut first = 0;
        let mut ranges: Vec<Range<usize>> = Vec::new();
        for &count in parts {
            let end = (first + count).min(rows);
            ranges.push(first..end);
            first = end;
        }
        if first < rows {
            ranges.push(first..rows);
        }
        let part = |range: Range<usize>| Part {
            steps: dependence.of_rows(range.clone()),
            jacobian: Pattern::from_rows(row_columns[range.clone()].iter().map(Vec::as_slice)),
            rows: range,
        };
        let parts = ranges.into_iter().map(part).collect();
        let all = (0..u32::try_from(tape.program.instructions.len()).unwrap_or(u32::MAX)).collect();
        let second_order = SecondOrder::plan(&tape);
        Self { inner: Arc::new(Inner { tape, parts, row_starts, row_steps, second_order, all }) }
    }

    /// Number of variables.
    pub fn variables(&self) -> usize {
        self.inner.tape.program.variables
    }

    /// Number of functions.
    pub fn len(&self) -> usize {
        self.inner.tape.program.rows.len()
    }

    /// Whether there are no functions.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The functions of `part`.
    pub fn rows(&self, part: usize) -> Range<usize> {
        self.inner.parts[part].rows.clone()
    }

    /// Where the Jacobian of `part` can differ from 0: a row for each of its functions.
    pub fn jacobian(&self, part: usize) -> &Pattern {
        &self.inner.parts[part].jacobian
    }

    /// Where the Hessian of a weighted sum of all functions can differ from 0: its lower triangle. `None` where it is too dense to be stored
    /// (more than 2^28 updates); products with vectors are available all the same.
    pub fn hessian(&self) -> Option<&Pattern> {
        self.inner.second_order.as_ref().map(|plan| &plan.pattern)
    }

    /// The polynomial degree of each function, as far as rules tell it.
    pub fn degrees(&self) -> Vec<Degree> {
        structure::degrees(&self.inner.tape.program)
    }

    /// The curvature of each function over the box of these bounds, as far as rules tell it; see [`Curvature`].
    pub fn curvatures(&self, lower: &[f64], upper: &[f64]) -> Vec<Curvature> {
        structure::curvatures(&self.inner.tape.program, lower, upper)
    }

    /// The linear terms of `row`, variable (increasing) and coefficient, apart from those inside nonlinear parts.
    pub fn linear(&self, row: usize) -> &[(u32, f64)] {
        &self.inner.tape.program.rows[row].linear
    }

    /// Whether `row` is its linear terms and its constant, and nothing else.
    pub fn is_affine(&self, row: usize) -> bool {
        self.inner.tape.program.rows[row].terms.is_empty()
    }

    /// The constant term of `row`.
    pub fn constant(&self, row: usize) -> f64 {
        self.inner.tape.program.rows[row].constant
    }

    /// How many operations one evaluation of everything takes, sums counted by their terms.
    pub fn operations(&self) -> usize {
        let program = &self.inner.tape.program;
        program.instructions.len() + program.linear.len() + program.rows.iter().map(|row| row.linear.len() + row.terms.len()).sum::<usize>()
    }

    pub(super) fn tape(&self) -> &Tape {
        &self.inner.tape
    }

    pub(super) fn parts(&self) -> usize {
        self.inner.parts.len()
    }

    pub(super) fn part_steps(&self, part: usize) -> &[u32] {
        &self.inner.parts[part].steps
    }

    pub(super) fn row_steps(&self, row: usize) -> &[u32] {
        &self.inner.row_steps[self.inner.row_starts[row]..self.inner.row_starts[row + 1]]
    }

    pub(super) fn all_steps(&self) -> &[u32] {
        &self.inner.all
    }

    pub(super) fn second_order(&self) -> Option<&SecondOrder> {
        self.inner.second_order.as_ref()
    }
}

/// Finds what rows depend on.
struct Dependence<'a> {
    tape: &'a Tape,
    /// The row for which a variable or result was last seen, plus 1.
    seen: Vec<usize>,
}

impl<'a> Dependence<'a> {
    fn new(tape: &'a Tape) -> Self {
        Self { tape, seen: vec![0; tape.program.variables + tape.program.instructions.len()] }
    }

    /// Appends the instructions with derivatives that `row` depends on, increasing; returns the variables, increasing.
    fn of_row(&mut self, row: usize, steps: &mut Vec<u32>) -> Vec<u32> {
        let program = &self.tape.program;
        let variables = program.variables;
        let start = steps.len();
        let mut columns: Vec<u32> = Vec::new();
        for &(variable, _) in &program.rows[row].linear {
            self.seen[variable as usize] = row + 1;
            columns.push(variable);
        }
        let mut stack: Vec<u32> = program.rows[row].terms.iter().map(|(at, _)| *at).collect();
        for &at in &stack {
            self.seen[variables + at as usize] = row + 1;
        }
        while let Some(at) = stack.pop() {
            steps.push(at);
            for argument in self.tape.arguments(at as usize) {
                let operand = argument.operand as usize;
                if self.seen[operand] != row + 1 {
                    self.seen[operand] = row + 1;
                    match program.position(argument.operand) {
                        #[allow(clippy::cast_possible_truncation)] // A position below a 32-bit operand.
                        Some(position) => stack.push(position as u32),
                        None => columns.push(argument.operand),
                    }
                }
            }
        }
        steps[start..].sort_unstable();
        columns.sort_unstable();
        columns
    }

    /// All instructions that `rows` depend on in any way, increasing, without constants.
    fn of_rows(&self, rows: Range<usize>) -> Vec<u32> {
        let program = &self.tape.program;
        let mut needed = vec![false; program.instructions.len()];
        for row in rows {
            program.rows[row].terms.iter().for_each(|(at, _)| needed[*at as usize] = true);
        }
        for at in (0..needed.len()).rev() {
            if needed[at] {
                program.operands(at, |operand| {
                    if let Some(position) = program.position(operand) {
                        needed[position] = true;
                    }
                });
            }
        }
        (0_u32..).zip(needed).filter(|(_, needed)| *needed).map(|(at, _)| at).collect()
    }
}
