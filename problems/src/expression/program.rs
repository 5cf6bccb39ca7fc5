//! The simplified form of a set of functions: one list of instructions, each result computed once.

use super::operator::{Binary, Unary};

/// What an instruction reads: a variable (its index) or an earlier result (number of variables + its position).
pub(super) type Operand = u32;

/// One result of the program.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Instruction {
    Constant(f64),
    Unary(Unary, Operand),
    Square(Operand),
    Reciprocal(Operand),
    Power(Operand, f64),
    Binary(Binary, Operand, Operand),
    If {
        condition: Operand,
        then: Operand,
        otherwise: Operand,
    },
    /// A constant (by its position in [`Program::constants`]) plus coefficients times operands, a range of [`Program::linear`].
    Linear {
        start: u32,
        end: u32,
        constant: u32,
    },
}

/// One function after simplification: `constant + linear . x + sum of coefficient * result`.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Row {
    pub constant: f64,
    /// Variable (increasing) and coefficient.
    pub linear: Vec<(u32, f64)>,
    /// Position of the instruction (increasing) and coefficient.
    pub terms: Vec<(u32, f64)>,
}

/// Instructions and the functions that use their results.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Program {
    pub variables: usize,
    pub instructions: Vec<Instruction>,
    /// Operand and coefficient of each term of a linear instruction.
    pub linear: Vec<(Operand, f64)>,
    pub constants: Vec<f64>,
    pub rows: Vec<Row>,
}

/// Where the partial derivative of an instruction by one of its operands is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Partial {
    /// Position in the list of computed partials: twice the instruction's position, plus 0 or 1.
    Computed(u32),
    /// Position in [`Program::linear`]: the coefficient is the partial.
    Coefficient(u32),
}

impl Program {
    /// The instruction that computes `operand`; `None` for a variable.
    pub fn position(&self, operand: Operand) -> Option<usize> {
        (operand as usize).checked_sub(self.variables)
    }

    /// Calls `visit` with each operand of instruction `at` through which it can be differentiated, and where its partial is.
    pub fn differentiable(&self, at: usize, mut visit: impl FnMut(Operand, Partial)) {
        #[allow(clippy::cast_possible_truncation)] // Positions fit 32 bits: graphs are bounded by MAX_NODES.
        let computed = |which: u32| Partial::Computed(2 * at as u32 + which);
        let mut active = |operand: Operand, partial: Partial| {
            if self.position(operand).is_none_or(|position| self.is_active(position)) {
                visit(operand, partial);
            }
        };
        match self.instructions[at] {
            Instruction::Constant(_) => {}
            Instruction::Unary(op, _) if op.is_flat() => {}
            Instruction::Binary(op, _, _) if op.is_flat() => {}
            Instruction::Unary(_, a) | Instruction::Square(a) | Instruction::Reciprocal(a) | Instruction::Power(a, _) => {
                active(a, computed(0));
            }
            Instruction::Binary(_, a, b) => {
                active(a, computed(0));
                active(b, computed(1));
            }
            Instruction::If { then, otherwise, .. } => {
                active(then, computed(0));
                active(otherwise, computed(1));
            }
            Instruction::Linear { start, end, .. } => {
                for k in start..end {
                    active(self.linear[k as usize].0, Partial::Coefficient(k));
                }
            }
        }
    }

    /// Calls `visit` with every operand of instruction `at`.
    pub fn operands(&self, at: usize, mut visit: impl FnMut(Operand)) {
        match self.instructions[at] {
            Instruction::Constant(_) => {}
            Instruction::Unary(_, a) | Instruction::Square(a) | Instruction::Reciprocal(a) | Instruction::Power(a, _) => visit(a),
            Instruction::Binary(_, a, b) => {
                visit(a);
                visit(b);
            }
            Instruction::If { condition, then, otherwise } => {
                visit(condition);
                visit(then);
                visit(otherwise);
            }
            Instruction::Linear { start, end, .. } => {
                self.linear[start as usize..end as usize].iter().for_each(|&(operand, _)| visit(operand));
            }
        }
    }

    /// Which second partials (aa, ab, bb) of instruction `at` can differ from 0.
    pub fn curved(&self, at: usize) -> [bool; 3] {
        match self.instructions[at] {
            Instruction::Unary(Unary::Neg | Unary::Abs, _) | Instruction::Constant(_) | Instruction::Linear { .. } => [false; 3],
            Instruction::Unary(op, _) => [!op.is_flat(), false, false],
            Instruction::Square(_) | Instruction::Reciprocal(_) | Instruction::Power(..) => [true, false, false],
            Instruction::Binary(Binary::Mul, ..) => [false, true, false],
            Instruction::Binary(Binary::Div, ..) => [false, true, true],
            Instruction::Binary(Binary::Pow | Binary::Atan2, ..) => [true; 3],
            Instruction::Binary(..) | Instruction::If { .. } => [false; 3],
        }
    }

    /// Whether instruction `at` has derivatives at all.
    fn is_active(&self, at: usize) -> bool {
        match self.instructions[at] {
            Instruction::Constant(_) => false,
            Instruction::Unary(op, _) => !op.is_flat(),
            Instruction::Binary(op, ..) => !op.is_flat(),
            _ => true,
        }
    }
}
