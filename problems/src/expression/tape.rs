//! The program laid out for evaluation: forward values with partial derivatives, and the flat list of arguments that reverse passes follow.

use super::differential;
use super::program::{Instruction, Partial, Program};

/// A program with its differentiable arguments in one list.
#[derive(Debug)]
pub(super) struct Tape {
    pub program: Program,
    /// Instruction `k` has the arguments `arguments[starts[k]..starts[k + 1]]`.
    pub starts: Vec<u32>,
    pub arguments: Vec<Argument>,
}

/// One way in which a result depends on another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Argument {
    /// The variable or result depended on.
    pub operand: u32,
    /// Position of the partial derivative in [`Slopes::first`].
    pub partial: u32,
}

/// Values of variables and results, variables first.
pub(super) type Values = Vec<f64>;

/// Partial derivatives of each instruction.
#[derive(Debug, Clone)]
pub(super) struct Slopes {
    /// Two for each instruction, then the coefficients of linear instructions.
    pub first: Vec<f64>,
    /// Three for each instruction: aa, ab, bb.
    pub second: Vec<f64>,
}

impl Tape {
    pub fn new(program: Program) -> Self {
        let count = program.instructions.len();
        let mut starts = Vec::with_capacity(count + 1);
        let mut arguments = Vec::new();
        starts.push(0);
        for at in 0..count {
            program.differentiable(at, |operand, partial| {
                let partial = match partial {
                    Partial::Computed(position) => position,
                    Partial::Coefficient(position) => index(2 * count) + position,
                };
                arguments.push(Argument { operand, partial });
            });
            starts.push(index(arguments.len()));
        }
        Self { program, starts, arguments }
    }

    /// The arguments of instruction `at`.
    pub fn arguments(&self, at: usize) -> &[Argument] {
        &self.arguments[self.starts[at] as usize..self.starts[at + 1] as usize]
    }

    /// Room for values, with constants in place.
    pub fn values(&self) -> Values {
        let mut values = vec![0.0; self.program.variables + self.program.instructions.len()];
        for (slot, instruction) in values[self.program.variables..].iter_mut().zip(&self.program.instructions) {
            if let Instruction::Constant(value) = instruction {
                *slot = *value;
            }
        }
        values
    }

    /// Room for partial derivatives, with the coefficients of linear instructions in place.
    pub fn slopes(&self) -> Slopes {
        let count = self.program.instructions.len();
        let mut first = vec![0.0; 2 * count];
        first.extend(self.program.linear.iter().map(|(_, coefficient)| coefficient));
        Slopes { first, second: vec![0.0; 3 * count] }
    }

    /// Runs the instructions `list` (increasing): values, and partial derivatives up to `ORDER`.
    pub fn forward<const ORDER: u8>(&self, list: &[u32], values: &mut [f64], slopes: &mut Slopes) {
        let variables = self.program.variables;
        for &at in list {
            let at = at as usize;
            let read = |operand: u32| values[operand as usize];
            let value = match self.program.instructions[at] {
                Instruction::Constant(value) => value,
                Instruction::Unary(op, a) => one::<ORDER>(at, slopes, differential::unary::<ORDER>(op, read(a))),
                Instruction::Power(a, exponent) => one::<ORDER>(at, slopes, differential::power::<ORDER>(read(a), exponent)),
                Instruction::Square(a) => {
                    let x = read(a);
                    one::<ORDER>(at, slopes, [x * x, 2.0 * x, 2.0])
                }
                Instruction::Reciprocal(a) => {
                    let inverse = read(a).recip();
                    let first = -inverse * inverse;
                    one::<ORDER>(at, slopes, [inverse, first, -2.0 * first * inverse])
                }
                Instruction::Binary(op, a, b) => {
                    let found = differential::binary::<ORDER>(op, read(a), read(b));
                    if ORDER > 0 {
                        slopes.first[2 * at..2 * at + 2].copy_from_slice(&found.first);
                    }
                    if ORDER > 1 {
                        slopes.second[3 * at..3 * at + 3].copy_from_slice(&found.second);
                    }
                    found.value
                }
                Instruction::If { condition, then, otherwise } => {
                    let test = read(condition);
                    let taken = test != 0.0;
                    if ORDER > 0 {
                        slopes.first[2 * at] = f64::from(u8::from(taken));
                        slopes.first[2 * at + 1] = f64::from(u8::from(!taken));
                    }
                    // An undefined test must not choose a branch.
                    if test.is_nan() { test } else { read(if taken { then } else { otherwise }) }
                }
                Instruction::Linear { start, end, constant } => {
                    let terms = &self.program.linear[start as usize..end as usize];
                    terms.iter().fold(self.program.constants[constant as usize], |sum, &(operand, c)| sum + c * read(operand))
                }
            };
            values[variables + at] = value;
        }
    }

    /// Value of row `row`, from the values of its terms.
    pub fn row(&self, row: usize, values: &[f64]) -> f64 {
        let row = &self.program.rows[row];
        let linear = row.linear.iter().fold(row.constant, |sum, &(variable, c)| sum + c * values[variable as usize]);
        row.terms.iter().fold(linear, |sum, &(at, c)| sum + c * values[self.program.variables + at as usize])
    }
}

fn one<const ORDER: u8>(at: usize, slopes: &mut Slopes, [value, first, second]: [f64; 3]) -> f64 {
    if ORDER > 0 {
        slopes.first[2 * at] = first;
    }
    if ORDER > 1 {
        slopes.second[3 * at] = second;
    }
    value
}

/// Positions fit 32 bits: graphs are bounded by `MAX_NODES`.
fn index(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
