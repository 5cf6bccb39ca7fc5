//! A sequence in units in which nothing overflows.

use fathom_opt_problems::linear_sequence::{Change, LinearSequence, System};
use fathom_opt_problems::sparse::SparseMatrix;

/// A sequence whose matrices are multiplied by one power of two and whose right-hand sides by one each, where their numbers are so large or small that products and squares
/// could leave the range of `f64`. No digit changes: `(2^p A) (2^(q - p) x) = 2^q b`.
pub(crate) struct Rescaled<'a> {
    given: &'a LinearSequence,
    scaled: Option<LinearSequence>,
    /// `p`.
    matrix: i32,
    /// `q` of every system.
    rhs: Vec<i32>,
}

/// Numbers between `2^-200` and `2^200`, in the middle of their range, stay as they are.
const HARMLESS: i32 = 200;

impl<'a> Rescaled<'a> {
    /// `given`, rescaled where that is needed and where no digit is lost by it.
    pub(crate) fn of(given: &'a LinearSequence) -> Self {
        let unscaled = Self { given, scaled: None, matrix: 0, rhs: vec![0; given.steps().len()] };
        let mut entries = Extremes::default();
        entries.see(given.base().data());
        for step in given.steps() {
            match &step.change {
                Change::None => {}
                Change::Shift(shift) => entries.see(&[*shift]),
                Change::Diagonal(values) | Change::Values(values) => entries.see(values),
                Change::Matrix(matrix) => entries.see(matrix.data()),
            }
        }
        let power = |middle: i32| if middle.abs() > HARMLESS { -middle } else { 0 };
        // The middle between the largest and the smallest entry, so that neither of them leaves the range where it can be helped.
        let matrix = power(entries.middle());
        let rhs: Vec<i32> = given.steps().iter().map(|step| power(exponent(most(&step.rhs)))).collect();
        if matrix == 0 && rhs.iter().all(|&q| q == 0) {
            return unscaled;
        }
        let Some(scaled) = scaled(given, matrix, &rhs) else { return unscaled };
        Self { scaled: Some(scaled), matrix, rhs, ..unscaled }
    }

    /// The sequence to solve.
    pub(crate) fn problem(&self) -> &LinearSequence {
        self.scaled.as_ref().unwrap_or(self.given)
    }

    /// The sequence as it was given.
    pub(crate) fn given(&self) -> &'a LinearSequence {
        self.given
    }

    /// Whether the two differ.
    pub(crate) fn is_rescaled(&self) -> bool {
        self.scaled.is_some()
    }

    /// Puts a vector of system `index` as it was given into the units of [`Rescaled::problem`].
    pub(crate) fn scale(&self, index: usize, x: &mut [f64]) {
        multiply(x, self.rhs[index] - self.matrix);
    }

    /// Puts a vector in the units of system `index` of [`Rescaled::problem`] into the units of the sequence as it was given. An entry that is beyond all doubles there
    /// becomes infinite.
    pub(crate) fn unscale(&self, index: usize, x: &mut [f64]) {
        multiply(x, self.matrix - self.rhs[index]);
    }

    /// Whether the right-hand sides of system `index` and the one before are so far apart in size that the solution of one is no start for the other.
    pub(crate) fn is_unrelated(&self, index: usize) -> bool {
        index > 0 && (self.rhs[index] - self.rhs[index - 1]).abs() > HARMLESS / 2
    }

    /// Puts the solution of the system before `index` into the units of that system.
    pub(crate) fn carry(&self, index: usize, x: &mut [f64]) {
        if index > 0 {
            multiply(x, self.rhs[index] - self.rhs[index - 1]);
        }
    }
}

/// `given` with its matrices multiplied by `2^p` and its right-hand sides by `2^q`, if no digit is lost.
fn scaled(given: &LinearSequence, p: i32, q: &[i32]) -> Option<LinearSequence> {
    let values = |values: &[f64], power: i32| -> Option<Vec<f64>> { values.iter().map(|value| exactly(*value, power)).collect() };
    let matrix = |matrix: &SparseMatrix| -> Option<SparseMatrix> {
        let data = values(matrix.data(), p)?;
        let mut scaled = matrix.clone();
        scaled.data_mut().copy_from_slice(&data);
        Some(scaled)
    };
    let step = |(step, &q): (&System, &i32)| -> Option<System> {
        let change = match &step.change {
            Change::None => Change::None,
            Change::Shift(shift) => Change::Shift(exactly(*shift, p)?),
            Change::Diagonal(diagonal) => Change::Diagonal(values(diagonal, p)?),
            Change::Values(entries) => Change::Values(values(entries, p)?),
            Change::Matrix(own) => Change::Matrix(matrix(own)?),
        };
        Some(System { change, rhs: values(&step.rhs, q)? })
    };
    let steps = given.steps().iter().zip(q).map(step).collect::<Option<Vec<System>>>()?;
    LinearSequence::new(matrix(given.base())?, steps, given.tolerance(), given.relative_to(), given.start()).ok()
}

/// `value 2^power`, if that is a double.
fn exactly(value: f64, power: i32) -> Option<f64> {
    let scaled = times_power(value, power);
    (scaled.is_finite() && times_power(scaled, -power) == value).then_some(scaled)
}

fn multiply(x: &mut [f64], power: i32) {
    if power != 0 {
        for x in x {
            *x = times_power(*x, power);
        }
    }
}

/// `value 2^power`, in steps that are themselves doubles.
fn times_power(mut value: f64, mut power: i32) -> f64 {
    while power != 0 {
        let step = power.clamp(-900, 900);
        value *= 2.0_f64.powi(step);
        power -= step;
    }
    value
}

/// The largest magnitude.
fn most(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |most, value| most.max(value.abs()))
}

/// The exponent of a finite double's leading digit; 0 for zero.
fn exponent(value: f64) -> i32 {
    const TO_NORMAL: i32 = 60;
    if value == 0.0 {
        return 0;
    }
    let biased = |value: f64| i32::try_from((value.to_bits() >> 52) & 0x7ff).unwrap_or(0);
    if biased(value) == 0 { biased(times_power(value, TO_NORMAL)) - TO_NORMAL - 1023 } else { biased(value) - 1023 }
}

/// The largest and the smallest magnitude of the numbers seen, zeros not counted.
struct Extremes {
    least: f64,
    most: f64,
}

impl Default for Extremes {
    fn default() -> Self {
        Self { least: f64::INFINITY, most: 0.0 }
    }
}

impl Extremes {
    fn see(&mut self, values: &[f64]) {
        for value in values {
            let size = value.abs();
            self.most = self.most.max(size);
            self.least = self.least.min(if size == 0.0 { f64::INFINITY } else { size });
        }
    }

    /// The exponent halfway between the two.
    fn middle(&self) -> i32 {
        if self.most == 0.0 { 0 } else { i32::midpoint(exponent(self.most), exponent(self.least)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fathom_opt_problems::linear_sequence::{RelativeTo, Start};
    use fathom_opt_problems::sparse::MatrixData;

    fn problem(entries: [f64; 2], systems: &[(Change, [f64; 2])]) -> LinearSequence {
        let entries = vec![(0, 0, entries[0]), (1, 1, entries[1])];
        let matrix = MatrixData { rows: 2, cols: 2, symmetric: false, entries }.to_matrix().unwrap();
        let steps = systems.iter().map(|(change, rhs)| System { change: change.clone(), rhs: rhs.to_vec() }).collect();
        LinearSequence::new(matrix, steps, 1e-8, RelativeTo::Rhs, Start::Previous).unwrap()
    }

    #[test]
    fn numbers_in_the_middle_of_their_range_stay() {
        let given = problem([1e50, 1e-40], &[(Change::None, [1e-60, 3.0]), (Change::Shift(1e20), [0.0; 2])]);
        assert!(!Rescaled::of(&given).is_rescaled());
        assert_eq!(Rescaled::of(&given).problem(), &given);
    }

    #[test]
    fn extreme_numbers_are_brought_to_the_middle_and_back_without_a_change() {
        let systems =
            [(Change::None, [1e-160, 3e-160]), (Change::Shift(3e-310), [7.0, 1.0]), (Change::Diagonal(vec![1e-309, 0.0]), [5e-324, 0.0])];
        let given = problem([1e-310, 3e-309], &systems);
        let rescaled = Rescaled::of(&given);
        assert!(rescaled.is_rescaled());
        let scaled = rescaled.problem();
        assert!(scaled.base().data().iter().all(|value| (1e-10..1e10).contains(value)), "{:?}", scaled.base().data());
        for (t, step) in scaled.steps().iter().enumerate() {
            let size = step.rhs[0];
            assert!((0.1..10.0).contains(&size), "system {t}: {size:e}");
            let mut x = [1.25, -3.0];
            let before = given.relative_residual(t, &x, None);
            rescaled.scale(t, &mut x);
            let found = scaled.relative_residual(t, &x, None);
            // Both are ratios of the same numbers.
            assert!((found.unwrap() / before.unwrap() - 1.0).abs() < 1e-9, "system {t}: {found:?}, {before:?}");
            rescaled.unscale(t, &mut x);
            assert_eq!(x, [1.25, -3.0]);
        }
        let mut x = [1.0, 2.0];
        rescaled.unscale(0, &mut x);
        let mut carried = [1.0, 2.0];
        rescaled.carry(1, &mut carried);
        rescaled.unscale(1, &mut carried);
        assert_eq!(x, carried);
    }

    #[test]
    fn what_would_lose_digits_is_left_alone() {
        let given = problem([1e150, 1e-160], &[(Change::None, [1e300, 1e-300 / 3.0])]);
        assert!(!Rescaled::of(&given).is_rescaled());
    }

    #[test]
    fn exponents_are_those_of_the_leading_digit() {
        for (value, expected) in
            [(1.0, 0), (1.99, 0), (0.5, -1), (1e300, 996), (f64::MAX, 1023), (f64::MIN_POSITIVE, -1022), (5e-324, -1074), (0.0, 0)]
        {
            assert_eq!(exponent(value), expected, "{value:e}");
        }
    }
}
