//! The independent checker: every residual by its own sparse product, with the sum of each row carried to twice the working precision.

use super::{Change, LinearSequence, LinearSequenceSolution, RelativeTo, Start};
use crate::malformed::{Malformed, Place};
use crate::sense::Sense;
use crate::sparse::SparseMatrix;
use crate::verdict::{Certainty, Measure, Objective, Property, Verdict, Violation, Witness};

/// A residual may exceed the tolerance by this factor: the solver stopped on a sum that was rounded in another order.
const SLACK: f64 = 1.01;

pub(super) fn check(problem: &LinearSequence, solution: &LinearSequenceSolution) -> Result<Verdict, Malformed> {
    well_formed(problem, solution)?;
    let mut verdict = Verdict::default();
    let systems = problem.steps.len();
    let solved = solution.residuals.len();
    if solved < systems {
        verdict.violations.push(Violation {
            what: "every system is solved".into(),
            place: format!("systems {solved} to {}", systems - 1),
            amount: (systems - solved) as f64,
        });
    }
    // What is known about each residual: recomputed from the data where the vector was kept, otherwise only claimed.
    let mut worst: f64 = 0.0;
    let mut recomputed = 0;
    for (t, &claimed) in solution.residuals.iter().enumerate() {
        let (residual, source) = match recomputed_residual(problem, solution, t) {
            Some(residual) => {
                recomputed += 1;
                (residual, "recomputed")
            }
            None => (claimed, "claimed"),
        };
        worst = worst.max(residual);
        if residual > SLACK * problem.tolerance {
            verdict.violations.push(Violation {
                what: format!("relative residual at most {:e} ({source})", problem.tolerance),
                place: format!("system {t}"),
                amount: residual - problem.tolerance,
            });
        } else if residual > SLACK * claimed + ROUNDING {
            verdict.violations.push(Violation {
                what: format!("the residual is what the solution says ({claimed:e})"),
                place: format!("system {t}"),
                amount: residual - claimed,
            });
        }
    }
    let all = recomputed == solved && solved == systems;
    verdict.properties.push(if all {
        if verdict.holds() {
            Property::holds("residuals", Certainty::Within(problem.tolerance))
        } else {
            let violation = &verdict.violations[0];
            let text = format!("{}: {} broken by {:e}", violation.place, violation.what, violation.amount);
            Property::fails("residuals", Certainty::Within(problem.tolerance), Witness::new(text, serde_json::Value::Null))
        }
    } else {
        let text = format!("{recomputed} of {systems} residuals recomputed; the other solution vectors are not there");
        if recomputed < solved {
            verdict.unchecked.push(format!("{} of {solved} residuals: their solution vectors are not there", solved - recomputed));
        }
        Property::undecided("residuals", Witness::new(text, serde_json::Value::Null))
    });
    if solved > 0 {
        let name = if recomputed == solved { "worst relative residual" } else { "worst relative residual (partly claimed)" };
        verdict.objective = Some(Objective { name: name.into(), value: worst, exact: None, sense: Sense::Minimize });
    }
    let iterations: u64 = solution.iterations.iter().fold(0, |sum, &k| sum.saturating_add(k));
    verdict.measures.push(Measure { name: "iterations".into(), value: iterations as f64 });
    verdict.measures.push(Measure { name: "residuals recomputed".into(), value: f64::from(u32::try_from(recomputed).unwrap_or(u32::MAX)) });
    Ok(verdict)
}

/// Two correct ways to compute one residual differ by about this much relative to the right-hand side.
const ROUNDING: f64 = 1e-12;

fn well_formed(problem: &LinearSequence, solution: &LinearSequenceSolution) -> Result<(), Malformed> {
    let root = Place::root();
    let systems = problem.steps.len();
    if solution.residuals.len() > systems {
        return Err(Malformed::new(
            root.field("residuals"),
            format!("{} numbers", solution.residuals.len()),
            format!("at most {systems} (one per system)"),
        ));
    }
    if solution.iterations.len() != solution.residuals.len() {
        return Err(Malformed::new(
            root.field("iterations"),
            format!("{} numbers", solution.iterations.len()),
            format!("{} (as many as residuals)", solution.residuals.len()),
        ));
    }
    if let Some(t) = solution.residuals.iter().position(|residual| !(residual.is_finite() && *residual >= 0.0)) {
        return Err(Malformed::new(root.field("residuals").index(t), solution.residuals[t].to_string(), "a finite number, at least 0"));
    }
    let mut next = 0;
    for (k, kept) in solution.x.iter().enumerate() {
        let place = root.field("x").index(k);
        if kept.system < next || kept.system >= solution.residuals.len() {
            return Err(Malformed::new(
                place.field("system"),
                kept.system.to_string(),
                format!("an index from {next} to below {}, in increasing order", solution.residuals.len()),
            ));
        }
        next = kept.system + 1;
        if kept.values.len() != problem.dimension() {
            return Err(Malformed::new(
                place.field("values"),
                format!("{} numbers", kept.values.len()),
                format!("{} (one per unknown)", problem.dimension()),
            ));
        }
        if let Some(i) = kept.values.iter().position(|value| !value.is_finite()) {
            return Err(Malformed::new(place.field("values").index(i), kept.values[i].to_string(), "a finite number"));
        }
    }
    Ok(())
}

/// `||b - A x|| / reference` of system `t`, or nothing when a vector it needs was not kept.
fn recomputed_residual(problem: &LinearSequence, solution: &LinearSequenceSolution, t: usize) -> Option<f64> {
    let kept = |system: usize| {
        solution.x.binary_search_by_key(&system, |kept| kept.system).ok().map(|position| solution.x[position].values.as_slice())
    };
    let x = kept(t)?;
    let zero = vec![0.0; problem.dimension()];
    let reference = match (problem.relative_to, problem.start) {
        (RelativeTo::Rhs, _) | (RelativeTo::InitialResidual, Start::Zero) => residual_norm(problem, t, &zero),
        (RelativeTo::InitialResidual, Start::Previous) if t == 0 => residual_norm(problem, t, &zero),
        (RelativeTo::InitialResidual, Start::Previous) => residual_norm(problem, t, kept(t - 1)?),
    };
    let residual = residual_norm(problem, t, x);
    Some(if residual == 0.0 {
        0.0
    } else if reference == 0.0 {
        // Nothing is small relative to zero: report the absolute residual.
        residual
    } else {
        (residual / reference).min(f64::MAX)
    })
}

/// `||b_t - A_t x||_2`, from the stored data.
fn residual_norm(problem: &LinearSequence, t: usize, x: &[f64]) -> f64 {
    let step = &problem.steps[t];
    let (matrix, values): (&SparseMatrix, &[f64]) = match &step.change {
        Change::Matrix(matrix) => (matrix, matrix.data()),
        Change::Values(values) => (&problem.base, values),
        Change::None | Change::Shift(_) | Change::Diagonal(_) => (&problem.base, problem.base.data()),
    };
    let indptr = matrix.indptr();
    let starts = indptr.raw_storage();
    let columns = matrix.indices();
    // Scaled sum of squares, so that neither huge nor tiny residuals overflow or vanish.
    let (mut scale, mut sum_of_squares) = (0.0_f64, 1.0_f64);
    for row in 0..matrix.rows() {
        let mut sum = TwoSum::new(step.rhs[row]);
        for k in starts[row] as usize..starts[row + 1] as usize {
            sum.subtract_product(values[k], x[columns[k] as usize]);
        }
        match &step.change {
            Change::Shift(shift) => sum.subtract_product(*shift, x[row]),
            Change::Diagonal(diagonal) => sum.subtract_product(diagonal[row], x[row]),
            Change::None | Change::Values(_) | Change::Matrix(_) => {}
        }
        let entry = sum.value().abs();
        if !entry.is_finite() {
            // The product overflows: no number says how wrong that is, and JSON knows no infinity.
            return f64::MAX;
        }
        if entry > scale {
            sum_of_squares = 1.0 + sum_of_squares * (scale / entry).powi(2);
            scale = entry;
        } else if entry > 0.0 {
            sum_of_squares += (entry / scale).powi(2);
        }
    }
    (scale * sum_of_squares.sqrt()).min(f64::MAX)
}

/// A running sum with its rounding errors kept beside it (Ogita, Rump, Oishi 2005, algorithm Dot2).
struct TwoSum {
    sum: f64,
    error: f64,
}

impl TwoSum {
    fn new(start: f64) -> Self {
        Self { sum: start, error: 0.0 }
    }

    fn subtract_product(&mut self, a: f64, b: f64) {
        let product = -(a * b);
        let product_error = (-a).mul_add(b, -product);
        let sum = self.sum + product;
        let part = sum - self.sum;
        self.error += (self.sum - (sum - part)) + (product - part) + product_error;
        self.sum = sum;
    }

    fn value(&self) -> f64 {
        self.sum + self.error
    }
}

#[cfg(test)]
mod tests {
    use super::super::{KeptSolution, Step};
    use super::*;
    use crate::Problem;
    use crate::sparse::MatrixData;

    fn tridiagonal(n: u32) -> SparseMatrix {
        let mut entries = Vec::new();
        for i in 0..n {
            entries.push((i, i, 2.0));
            if i > 0 {
                entries.push((i, i - 1, -1.0));
            }
        }
        MatrixData { rows: n, cols: n, symmetric: true, entries }.to_matrix().unwrap()
    }

    fn problem() -> LinearSequence {
        // (A + I) (1, 1, 1) = (2, 1, 2) and A (1, 2, 1) = (0, 2, 0).
        let steps =
            vec![Step { change: Change::Shift(1.0), rhs: vec![2.0, 1.0, 2.0] }, Step { change: Change::None, rhs: vec![0.0, 2.0, 0.0] }];
        LinearSequence::new(tridiagonal(3), steps, 1e-8, RelativeTo::Rhs, Start::Zero).unwrap()
    }

    fn solution(xs: &[(usize, [f64; 3])]) -> LinearSequenceSolution {
        LinearSequenceSolution {
            residuals: vec![0.0, 0.0],
            iterations: vec![3, 4],
            x: xs.iter().map(|(system, values)| KeptSolution { system: *system, values: values.to_vec() }).collect(),
        }
    }

    #[test]
    fn exact_solutions_hold() {
        let verdict = problem().check(&solution(&[(0, [1.0; 3]), (1, [1.0, 2.0, 1.0])])).unwrap();
        assert!(verdict.holds());
        assert_eq!(verdict.objective.as_ref().unwrap().value, 0.0);
        assert_eq!(verdict.property("residuals").unwrap().holds, Some(true));
        assert_eq!(verdict.measure("iterations"), Some(7.0));
    }

    #[test]
    fn a_wrong_vector_is_a_violation_at_its_system() {
        let verdict = problem().check(&solution(&[(0, [1.0; 3]), (1, [1.0, 2.0, 1.1])])).unwrap();
        assert!(!verdict.holds());
        assert_eq!(verdict.violations[0].place, "system 1");
        // b - A x = (0, 0.1, -0.2) against ||b|| = 2.
        let expected = (0.01_f64 + 0.04).sqrt() / 2.0;
        assert!((verdict.objective.unwrap().value - expected).abs() < 1e-15);
    }

    #[test]
    fn vectors_that_were_not_kept_leave_their_residuals_undecided() {
        let verdict = problem().check(&solution(&[(1, [1.0, 2.0, 1.0])])).unwrap();
        assert!(verdict.violations.is_empty());
        assert_eq!(verdict.unchecked, ["1 of 2 residuals: their solution vectors are not there"]);
        assert!(!verdict.holds());
        assert_eq!(verdict.property("residuals").unwrap().holds, None);
    }

    #[test]
    fn a_vector_whose_product_overflows_is_no_solution() {
        for huge in [1e308, f64::MAX, -f64::MAX] {
            let verdict = problem().check(&solution(&[(0, [huge; 3]), (1, [1.0, 2.0, 1.0])])).unwrap();
            assert_eq!(verdict.violations[0].place, "system 0");
            assert_eq!(verdict.property("residuals").unwrap().holds, Some(false));
        }
    }

    #[test]
    fn systems_that_were_not_reached_are_a_violation() {
        let partial = LinearSequenceSolution { residuals: vec![0.0], iterations: vec![1], x: Vec::new() };
        let verdict = problem().check(&partial).unwrap();
        assert_eq!(verdict.violations[0].place, "systems 1 to 1");
    }

    #[test]
    fn what_is_no_solution_is_malformed() {
        let mut long = solution(&[]);
        long.residuals.push(0.0);
        assert!(problem().check(&long).unwrap_err().to_string().starts_with("residuals: found 3 numbers"));
        let mut short = solution(&[(0, [1.0; 3])]);
        short.x[0].values.pop();
        assert_eq!(problem().check(&short).unwrap_err().to_string(), "x[0].values: found 2 numbers, expected 3 (one per unknown)");
        assert!(problem().check(&solution(&[(5, [0.0; 3])])).is_err());
    }

    #[test]
    fn residuals_below_the_working_precision_of_a_plain_sum_are_seen() {
        // 1e16 + 1 - 1e16 loses the 1 in plain f64 arithmetic.
        let matrix = MatrixData {
            rows: 3,
            cols: 3,
            symmetric: false,
            entries: vec![(0, 0, 1e16), (0, 1, 1.0), (0, 2, -1e16), (1, 1, 1.0), (2, 2, 1.0)],
        };
        let problem = LinearSequence::single(matrix.to_matrix().unwrap(), vec![0.0, 1.0, 1.0], 1e-3).unwrap();
        let claim =
            LinearSequenceSolution { residuals: vec![0.0], iterations: vec![1], x: vec![KeptSolution { system: 0, values: vec![1.0; 3] }] };
        let verdict = problem.check(&claim).unwrap();
        assert!((verdict.objective.unwrap().value - 1.0 / 2.0_f64.sqrt()).abs() < 1e-15);
    }

    #[test]
    fn initial_residuals_follow_the_previous_solution() {
        let steps = vec![Step { change: Change::None, rhs: vec![1.0, 0.0, 1.0] }, Step { change: Change::None, rhs: vec![1.0, 0.0, 1.0] }];
        let problem = LinearSequence::new(tridiagonal(3), steps, 1e-8, RelativeTo::InitialResidual, Start::Previous).unwrap();
        // The first vector is a little off; the second only halves that error, which is not a reduction by 1e-8.
        let mut halved = solution(&[(0, [1.0, 1.0, 1.0 + 1e-9]), (1, [1.0, 1.0, 1.0 + 0.5e-9])]);
        halved.residuals = vec![1e-8; 2];
        let verdict = problem.check(&halved).unwrap();
        assert_eq!(verdict.violations.len(), 1);
        assert_eq!(verdict.violations[0].place, "system 1");
    }
}
