//! Evaluation of compiled functions: values, Jacobians, Hessians and their products, without allocation.

use super::functions::Functions;
use super::tape::Slopes;

/// Why functions could not be evaluated.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum EvaluationError {
    /// A value or derivative is not finite at this point.
    #[error("the {what} of {} is {value}", name(*function))]
    NotFinite {
        /// What is not finite: `value`, `gradient`, `Hessian`.
        what: &'static str,
        /// Which function, in the order in which they were compiled; `None` where it cannot be told.
        function: Option<usize>,
        /// What was found.
        value: f64,
    },
    /// A vector of the wrong length was given.
    #[error("found {found} {what}, expected {expected}")]
    Length {
        /// What the vector holds.
        what: &'static str,
        /// Its length.
        found: usize,
        /// The right length.
        expected: usize,
    },
    /// The Hessian is too dense to be stored; products with vectors are to be had.
    #[error("the Hessian is too dense to be stored; use products with vectors")]
    DenseHessian,
    /// No second derivatives were given.
    #[error("no second derivatives were given")]
    NoHessian,
}

fn name(function: Option<usize>) -> String {
    function.map_or_else(|| "a function".into(), |function| format!("function {function}"))
}

/// Evaluates [`Functions`] at one point after the other.
///
/// What was computed for a point is kept until another point is asked about, so that value, Jacobian and Hessian at one point cost one pass forward.
/// Every evaluator has room of its own: clone it to evaluate in several threads.
#[derive(Debug, Clone)]
pub struct Evaluator {
    functions: Functions,
    /// Variables, then results.
    values: Vec<f64>,
    slopes: Slopes,
    adjoints: Vec<f64>,
    tangents: Vec<f64>,
    adjoint_tangents: Vec<f64>,
    edges: Vec<f64>,
    /// For each part, up to which order of derivatives it was run at the present point.
    known: Vec<Option<u8>>,
}

impl Evaluator {
    /// An evaluator of `functions`.
    pub fn new(functions: &Functions) -> Self {
        let tape = functions.tape();
        let values = tape.values();
        let size = values.len();
        Self {
            slopes: tape.slopes(),
            adjoints: vec![0.0; size],
            tangents: vec![0.0; size],
            adjoint_tangents: vec![0.0; size],
            edges: functions.second_order().map(super::second_order::SecondOrder::room).unwrap_or_default(),
            known: vec![None; functions.parts()],
            values,
            functions: functions.clone(),
        }
    }

    /// What is evaluated.
    pub fn functions(&self) -> &Functions {
        &self.functions
    }

    /// The values of the functions of `part` at `x`, into `out`.
    ///
    /// # Errors
    /// A value that is not finite, with its function; a wrong length.
    pub fn values(&mut self, part: usize, x: &[f64], out: &mut [f64]) -> Result<(), EvaluationError> {
        self.run(part, x, 0)?;
        let rows = self.functions.rows(part);
        expect("values", out.len(), rows.len())?;
        for (slot, row) in out.iter_mut().zip(rows) {
            *slot = self.functions.tape().row(row, &self.values);
            if !slot.is_finite() {
                return Err(EvaluationError::NotFinite { what: "value", function: Some(row), value: *slot });
            }
        }
        Ok(())
    }

    /// The Jacobian of `part` at `x`: the entries of [`Functions::jacobian`], into `out`.
    ///
    /// # Errors
    /// A derivative that is not finite, with its function; a wrong length.
    pub fn jacobian(&mut self, part: usize, x: &[f64], out: &mut [f64]) -> Result<(), EvaluationError> {
        self.run(part, x, 1)?;
        let functions = self.functions.clone();
        let pattern = functions.jacobian(part);
        expect("Jacobian entries", out.len(), pattern.entries())?;
        for (k, row) in functions.rows(part).enumerate() {
            self.seed(row, 1.0);
            self.reverse(functions.row_steps(row));
            let range = pattern.range(k);
            for (slot, &column) in out[range.clone()].iter_mut().zip(pattern.row(k)) {
                *slot = std::mem::take(&mut self.adjoints[column as usize]);
            }
            if let Some(&value) = out[range].iter().find(|value| !value.is_finite()) {
                return Err(EvaluationError::NotFinite { what: "gradient", function: Some(row), value });
            }
        }
        Ok(())
    }

    /// The gradient of the sum of all functions with these weights, at `x`: one number for each variable, into `out`.
    ///
    /// # Errors
    /// As [`Evaluator::jacobian`].
    pub fn weighted_gradient(&mut self, x: &[f64], weights: &[f64], out: &mut [f64]) -> Result<(), EvaluationError> {
        self.run_weighted(x, weights, 1)?;
        expect("gradient entries", out.len(), self.functions.variables())?;
        let functions = self.functions.clone();
        self.seed_all(weights);
        self.reverse(functions.all_steps());
        for (slot, adjoint) in out.iter_mut().zip(&mut self.adjoints) {
            *slot = std::mem::take(adjoint);
        }
        self.finite("gradient", out, weights)
    }

    /// The Hessian of the sum of all functions with these weights, at `x`: the entries of [`Functions::hessian`], into `out`.
    ///
    /// # Errors
    /// A derivative that is not finite; a wrong length; a Hessian that is too dense.
    pub fn weighted_hessian(&mut self, x: &[f64], weights: &[f64], out: &mut [f64]) -> Result<(), EvaluationError> {
        let functions = self.functions.clone();
        let Some(plan) = functions.second_order() else {
            return Err(EvaluationError::DenseHessian);
        };
        expect("Hessian entries", out.len(), plan.pattern.entries())?;
        self.run_weighted(x, weights, 2)?;
        self.seed_all(weights);
        plan.run(functions.tape(), &self.slopes, &mut self.adjoints, &mut self.edges);
        self.adjoints[..functions.variables()].fill(0.0);
        out.copy_from_slice(&self.edges[..out.len()]);
        self.finite("Hessian", out, weights)
    }

    /// The product of that Hessian with `direction`: one number for each variable, into `out`. It needs no stored Hessian.
    ///
    /// # Errors
    /// As [`Evaluator::jacobian`].
    pub fn weighted_hessian_product(
        &mut self,
        x: &[f64],
        weights: &[f64],
        direction: &[f64],
        out: &mut [f64],
    ) -> Result<(), EvaluationError> {
        let functions = self.functions.clone();
        let variables = functions.variables();
        expect("components of the direction", direction.len(), variables)?;
        expect("components of the product", out.len(), variables)?;
        self.run_weighted(x, weights, 2)?;
        let tape = functions.tape();
        self.tangents[..variables].copy_from_slice(direction);
        for at in 0..tape.program.instructions.len() {
            let tangent = tape.arguments(at).iter().fold(0.0, |sum, argument| {
                let tangent = self.tangents[argument.operand as usize];
                if tangent == 0.0 { sum } else { sum + self.slopes.first[argument.partial as usize] * tangent }
            });
            self.tangents[variables + at] = tangent;
        }
        self.seed_all(weights);
        for at in (0..tape.program.instructions.len()).rev() {
            self.reverse_twice(&functions, at);
        }
        for (slot, adjoint) in out.iter_mut().zip(&mut self.adjoint_tangents) {
            *slot = std::mem::take(adjoint);
        }
        self.adjoints[..variables].fill(0.0);
        self.finite("Hessian", out, weights)
    }

    /// Passes adjoint and derivative of the adjoint of instruction `at` on to its arguments.
    fn reverse_twice(&mut self, functions: &Functions, at: usize) {
        let tape = functions.tape();
        let slot = functions.variables() + at;
        let adjoint = std::mem::take(&mut self.adjoints[slot]);
        let change = std::mem::take(&mut self.adjoint_tangents[slot]);
        let arguments = tape.arguments(at);
        for argument in arguments {
            let partial = self.slopes.first[argument.partial as usize];
            if adjoint != 0.0 {
                self.adjoints[argument.operand as usize] += partial * adjoint;
            }
            if change != 0.0 {
                self.adjoint_tangents[argument.operand as usize] += partial * change;
            }
        }
        let curved = tape.program.curved(at);
        if adjoint == 0.0 || curved == [false; 3] {
            return;
        }
        let second = &self.slopes.second[3 * at..3 * at + 3];
        // The argument's place among the two of the operator is told by the place of its partial.
        let which = |partial: u32| usize::from(partial as usize == 2 * at + 1);
        for argument in arguments {
            let by = which(argument.partial);
            for other in arguments {
                let pair = by + which(other.partial);
                let tangent = self.tangents[other.operand as usize];
                if curved[pair] && tangent != 0.0 {
                    self.adjoint_tangents[argument.operand as usize] += adjoint * second[pair] * tangent;
                }
            }
        }
    }

    /// Moves to `x` and runs `part` there with derivatives up to `order`, unless that was done.
    fn run(&mut self, part: usize, x: &[f64], order: u8) -> Result<(), EvaluationError> {
        let variables = self.functions.variables();
        expect("variables", x.len(), variables)?;
        // Compared bit for bit: a NaN equals itself, and 0 and -0 differ.
        let same = self.values[..variables].iter().zip(x).all(|(a, b)| a.to_bits() == b.to_bits());
        if !same {
            self.values[..variables].copy_from_slice(x);
            self.known.fill(None);
        }
        if self.known[part].is_some_and(|known| known >= order) {
            return Ok(());
        }
        let (tape, steps) = (self.functions.tape(), self.functions.part_steps(part));
        match order {
            0 => tape.forward::<0>(steps, &mut self.values, &mut self.slopes),
            1 => tape.forward::<1>(steps, &mut self.values, &mut self.slopes),
            _ => tape.forward::<2>(steps, &mut self.values, &mut self.slopes),
        }
        self.known[part] = Some(order);
        Ok(())
    }

    /// Runs every part that has a weight other than 0.
    fn run_weighted(&mut self, x: &[f64], weights: &[f64], order: u8) -> Result<(), EvaluationError> {
        expect("weights", weights.len(), self.functions.len())?;
        for part in 0..self.functions.parts() {
            if weights[self.functions.rows(part)].iter().any(|&weight| weight != 0.0) {
                self.run(part, x, order)?;
            }
        }
        Ok(())
    }

    /// Adds the derivatives of `weight` times row `row` by its terms and its linear part.
    fn seed(&mut self, row: usize, weight: f64) {
        let program = &self.functions.tape().program;
        let row = &program.rows[row];
        for &(variable, coefficient) in &row.linear {
            self.adjoints[variable as usize] += weight * coefficient;
        }
        for &(at, coefficient) in &row.terms {
            self.adjoints[program.variables + at as usize] += weight * coefficient;
        }
    }

    fn seed_all(&mut self, weights: &[f64]) {
        for (row, &weight) in weights.iter().enumerate() {
            if weight != 0.0 {
                self.seed(row, weight);
            }
        }
    }

    /// Passes the adjoints of the instructions `steps` (increasing) on to their arguments, the last first, and leaves 0 behind.
    fn reverse(&mut self, steps: &[u32]) {
        let tape = self.functions.tape();
        let variables = tape.program.variables;
        for &at in steps.iter().rev() {
            let adjoint = std::mem::take(&mut self.adjoints[variables + at as usize]);
            // What does not matter here may be undefined: a branch not taken, `0 * log(0)`.
            if adjoint != 0.0 {
                for argument in tape.arguments(at as usize) {
                    self.adjoints[argument.operand as usize] += self.slopes.first[argument.partial as usize] * adjoint;
                }
            }
        }
    }

    fn finite(&self, what: &'static str, found: &[f64], weights: &[f64]) -> Result<(), EvaluationError> {
        let Some(&value) = found.iter().find(|value| !value.is_finite()) else {
            return Ok(());
        };
        // The first weighted row with an undefined partial is the one to name.
        let undefined = |at: u32| {
            let at = at as usize;
            let second = what == "Hessian" && self.slopes.second[3 * at..3 * at + 3].iter().any(|partial| !partial.is_finite());
            second || self.slopes.first[2 * at..2 * at + 2].iter().any(|partial| !partial.is_finite())
        };
        let function = (0..weights.len()).find(|&row| weights[row] != 0.0 && self.functions.row_steps(row).iter().any(|&at| undefined(at)));
        Err(EvaluationError::NotFinite { what, function, value })
    }
}

fn expect(what: &'static str, found: usize, expected: usize) -> Result<(), EvaluationError> {
    if found == expected { Ok(()) } else { Err(EvaluationError::Length { what, found, expected }) }
}
