//! A matrix from a file whose diagonal drifts.

use fathom_opt_problems::linear_sequence::{Change, LinearSequence, RelativeTo, Start, System};
use fathom_opt_problems::sparse::SparseMatrix;
use rand::RngExt;
use rand::distr::Distribution;
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::size_limit::MOST_UNKNOWNS;
use crate::generator::FileGenerator;
use crate::inputs::Inputs;
use crate::parameter_error::ParameterError;

/// `(A + c_t D) x = b_t` with a symmetric matrix `A` from a file, `D` its diagonal or the identity, and a factor `c_t` between 0 and `most` that drifts or jumps: what an
/// implicit time step, a load that grows or a penalty that changes make of a matrix.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct MatrixDrift {
    /// Where `A` comes from: a Matrix Market file (compressed or not), a document of a linear sequence, or `library:NAME`. Of a sequence its base matrix is taken.
    pub matrix: String,
    /// Number of systems, at least 1.
    pub systems: usize,
    /// What is added.
    pub along: Along,
    /// Largest `c_t`, at least 0.
    pub most: f64,
    /// How `c_t` moves.
    pub course: Course,
    /// How far it moves from system to system, relative to the whole range, above 0: the angle over 2 pi of a swing, the deviation of a walk's step.
    pub pace: f64,
    /// The first system of a second regime, whose largest `c_t` is `switch-most`; 0 for none.
    pub switch_at: usize,
    /// Largest `c_t` after the switch, at least 0.
    pub switch_most: f64,
    /// Relative tolerance, in (0, 1).
    pub tolerance: f64,
}

/// What drifts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Along {
    /// A multiple of the matrix's own diagonal.
    #[default]
    Diagonal,
    /// A multiple of the identity.
    Identity,
}

/// How the factor moves in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Course {
    /// Up and down like a sine.
    #[default]
    Swing,
    /// A random walk, reflected at the ends.
    Walk,
    /// Independent from system to system.
    Independent,
}

impl Default for MatrixDrift {
    fn default() -> Self {
        Self {
            matrix: "library:poisson-15".into(),
            systems: 50,
            along: Along::Diagonal,
            most: 0.1,
            course: Course::Swing,
            pace: 0.01,
            switch_at: 0,
            switch_most: 1.0,
            tolerance: 1e-8,
        }
    }
}

impl FileGenerator for MatrixDrift {
    const NAME: &'static str = "matrix-drift";
    const SUMMARY: &'static str = "A + c_t D for any symmetric matrix from a file, with a factor that swings, walks or jumps";
    const CITATION: &'static str = "A matrix from a file with a diagonal that drifts.";
    const FILES: &'static [&'static str] = &["matrix"];
    type Problem = LinearSequence;

    fn generate(&self, inputs: &Inputs<'_>, rng: &mut ChaCha8Rng) -> Result<LinearSequence, ParameterError> {
        if !(self.pace > 0.0 && self.pace.is_finite()) {
            return Err(ParameterError::range("pace", self.pace, "a number above 0"));
        }
        for (name, value) in [("most", self.most), ("switch-most", self.switch_most)] {
            if !(0.0..=1e12).contains(&value) {
                return Err(ParameterError::range(name, value, "0 to 1e12"));
            }
        }
        let matrix = base(inputs)?;
        let n = matrix.rows();
        if self.systems == 0 || self.systems.saturating_mul(n) > MOST_UNKNOWNS {
            return Err(ParameterError::range("systems", self.systems, "at least 1, and at most 2^30 unknowns over all systems"));
        }
        let diagonal: Vec<f64> = (0..n).map(|row| matrix.get(row, row).copied().unwrap_or(0.0)).collect();
        let mut place: f64 = rng.random();
        let mut steps = Vec::with_capacity(self.systems);
        for t in 0..self.systems {
            let most = if self.switch_at > 0 && t >= self.switch_at { self.switch_most } else { self.most };
            let part = match self.course {
                Course::Swing => 0.5 + 0.5 * (std::f64::consts::TAU * self.pace * t as f64).sin(),
                Course::Walk => {
                    let step: f64 = StandardNormal.sample(rng);
                    place = reflected(place + self.pace * step);
                    place
                }
                Course::Independent => rng.random(),
            };
            let change = match self.along {
                Along::Identity => Change::Shift(most * part),
                Along::Diagonal => Change::Diagonal(diagonal.iter().map(|entry| most * part * entry).collect()),
            };
            steps.push(System { change, rhs: (0..n).map(|_| StandardNormal.sample(rng)).collect() });
        }
        Ok(LinearSequence::new(matrix, steps, self.tolerance, RelativeTo::Rhs, Start::Zero)?)
    }
}

/// The matrix in the file, or the base matrix of the sequence in it.
fn base(inputs: &Inputs<'_>) -> Result<SparseMatrix, ParameterError> {
    let instance = inputs.instance("matrix")?;
    let sequence = instance.problem.downcast::<LinearSequence>().ok_or_else(|| {
        ParameterError::file("matrix", format!("found {}, expected a matrix or a linear sequence", instance.problem.kind()))
    })?;
    Ok(sequence.base().clone())
}

/// Into [0, 1], as if there were mirrors at both ends.
fn reflected(place: f64) -> f64 {
    let folded = place.rem_euclid(2.0);
    if folded > 1.0 { 2.0 - folded } else { folded }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shifts(generator: &MatrixDrift) -> Vec<f64> {
        let parameters = serde_json::to_value(generator).unwrap();
        let instance = crate::generate("matrix-drift", parameters.as_object().unwrap(), 3).unwrap();
        let problem = instance.problem.downcast::<LinearSequence>().unwrap();
        let factor = |step: &System| match &step.change {
            Change::Shift(shift) => *shift,
            Change::Diagonal(added) => added[0] / problem.base().get(0, 0).unwrap(),
            other => panic!("{other:?}"),
        };
        problem.steps().iter().map(factor).collect()
    }

    #[test]
    fn factors_stay_in_their_range_and_jump_at_the_switch() {
        for course in [Course::Swing, Course::Walk, Course::Independent] {
            for along in [Along::Diagonal, Along::Identity] {
                let generator = MatrixDrift { systems: 200, course, along, switch_at: 100, switch_most: 10.0, ..MatrixDrift::default() };
                let shifts = shifts(&generator);
                assert!(shifts[..100].iter().all(|c| (0.0..=0.1).contains(c)));
                assert!(shifts[100..].iter().all(|c| (0.0..=10.0).contains(c)));
                assert!(shifts[100..].iter().any(|c| *c > 0.1));
            }
        }
    }

    #[test]
    fn a_walk_moves_by_its_pace() {
        let generator =
            MatrixDrift { systems: 500, course: Course::Walk, pace: 0.02, along: Along::Identity, most: 1.0, ..MatrixDrift::default() };
        let shifts = shifts(&generator);
        let square: f64 = shifts.windows(2).map(|pair| (pair[1] - pair[0]).powi(2)).sum::<f64>() / 499.0;
        assert!((square.sqrt() / 0.02 - 1.0).abs() < 0.15, "{square}");
    }

    #[test]
    fn matrix_market_files_are_read_and_named_and_their_contents_count() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("small.mtx");
        let write = |corner: f64| {
            std::fs::write(&file, format!("%%MatrixMarket matrix coordinate real symmetric\n2 2 3\n1 1 {corner}\n2 1 -1\n2 2 3\n"))
                .unwrap();
        };
        let parameters = serde_json::json!({ "matrix": file, "systems": 3 });
        let instance = || crate::generate("matrix-drift", parameters.as_object().unwrap(), 1);
        write(2.0);
        let first = instance().unwrap();
        assert_eq!(first.name, "matrix-drift-matrix-small-systems3-s1");
        assert_eq!(first.sha256, instance().unwrap().sha256);
        write(4.0);
        assert_ne!(first.sha256, instance().unwrap().sha256);
        std::fs::write(&file, "nonsense").unwrap();
        let message = instance().unwrap_err().to_string();
        assert!(message.starts_with("parameter `matrix`: ") && message.contains("small.mtx"), "{message}");
        std::fs::remove_file(&file).unwrap();
        assert!(instance().unwrap_err().to_string().contains("small.mtx"));
    }

    #[test]
    fn other_kinds_are_refused() {
        let refusal = |matrix: &str| {
            let parameters = serde_json::json!({ "matrix": matrix });
            crate::generate("matrix-drift", parameters.as_object().unwrap(), 1).unwrap_err().to_string()
        };
        let message = refusal("library:estate-3x8");
        assert!(message.contains("found fair-division, expected a matrix or a linear sequence"), "{message}");
        assert!(refusal("library:nothing").contains("expected one of estate-3x8"));
        assert!(refusal("").contains("found no file"));
    }
}
