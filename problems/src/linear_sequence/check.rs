//! The independent checker: every residual recomputed from the data, right to ten digits whatever the condition of the matrix and the scale of its entries.

use super::sequence::LinearSequence;
use super::solution::LinearSequenceSolution;
use crate::malformed::{Malformed, Place};
use crate::sense::Sense;
use crate::verdict::{Certainty, Measure, Objective, Property, Verdict, Violation, Witness};

pub(super) fn check(problem: &LinearSequence, solution: &LinearSequenceSolution) -> Result<Verdict, Malformed> {
    well_formed(problem, solution)?;
    let mut verdict = Verdict::default();
    let systems = problem.steps().len();
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
        if residual > problem.tolerance() {
            let nothing_to_compare = if residual == f64::MAX { ", zero or finite at all" } else { "" };
            verdict.violations.push(Violation {
                what: format!("relative residual at most {:e}{nothing_to_compare} ({source})", problem.tolerance()),
                place: format!("system {t}"),
                amount: residual - problem.tolerance(),
            });
        } else if residual > CLAIMED * claimed + ROUNDING {
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
            Property::holds("residuals", Certainty::Within(problem.tolerance()))
        } else {
            let violation = &verdict.violations[0];
            let text = format!("{}: {} broken by {:e}", violation.place, violation.what, violation.amount);
            Property::fails("residuals", Certainty::Within(problem.tolerance()), Witness::new(text, serde_json::Value::Null))
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

/// A residual that was claimed may be too small by this factor: other programs sum in plain doubles. What the residual is held against is not the claim but the tolerance,
/// and that as it stands: a residual right to ten digits needs no allowance. Nothing is small relative to zero, so a zero right-hand side asks for `A x = 0` exactly.
const CLAIMED: f64 = 1.01;

/// Two correct ways to compute one residual differ by about this much relative to the right-hand side.
const ROUNDING: f64 = 1e-12;

pub(super) fn well_formed(problem: &LinearSequence, solution: &LinearSequenceSolution) -> Result<(), Malformed> {
    let root = Place::root();
    let systems = problem.steps().len();
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

/// The relative residual of system `t`, or nothing when a vector it needs was not kept.
fn recomputed_residual(problem: &LinearSequence, solution: &LinearSequenceSolution, t: usize) -> Option<f64> {
    let kept = |system: usize| {
        solution.x.binary_search_by_key(&system, |kept| kept.system).ok().map(|position| solution.x[position].values.as_slice())
    };
    problem.relative_residual(t, kept(t)?, t.checked_sub(1).and_then(kept))
}

#[cfg(test)]
mod tests {
    use super::super::{Change, KeptSolution, RelativeTo, Start, System};
    use super::*;
    use crate::Problem;
    use crate::sparse::{MatrixData, SparseMatrix};

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
        let steps = vec![
            System { change: Change::Shift(1.0), rhs: vec![2.0, 1.0, 2.0] },
            System { change: Change::None, rhs: vec![0.0, 2.0, 0.0] },
        ];
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
    fn a_residual_just_above_the_tolerance_is_above_it() {
        for tolerance in [1e-3, 1e-15] {
            let matrix = MatrixData { rows: 1, cols: 1, symmetric: true, entries: vec![(0, 0, 1e-3)] }.to_matrix().unwrap();
            let problem = LinearSequence::single(matrix, vec![1.0], tolerance).unwrap();
            let verdict = |x: f64| {
                let x = vec![KeptSolution { system: 0, values: vec![x] }];
                problem.check(&LinearSequenceSolution { residuals: vec![tolerance], iterations: vec![1], x }).unwrap()
            };
            // In steps of the last place, residuals on both sides of the tolerance.
            let mut seen = (false, false);
            for step in [0.5, 0.9, 0.99, 0.999_999, 1.000_001, 1.004, 1.0099, 1.02, 1.2] {
                for x in [1000.0 * (1.0 - step * tolerance), (1000.0_f64).next_up(), (1000.0_f64).next_down()] {
                    let verdict = verdict(x);
                    let found = verdict.objective.as_ref().unwrap().value;
                    assert_eq!(verdict.holds(), found <= tolerance, "{x:e}: {found:e} for {tolerance:e}");
                    seen = (seen.0 || found <= tolerance, seen.1 || found > tolerance);
                }
            }
            assert!(seen.0 && seen.1, "{tolerance:e}");
        }
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
    fn a_zero_right_hand_side_has_only_exact_solutions() {
        let scaled = tridiagonal(2).map(|value| 1e-12 * value);
        let problem = LinearSequence::single(scaled, vec![0.0; 2], 1e-8).unwrap();
        let claim = |x: [f64; 2], residual| LinearSequenceSolution {
            residuals: vec![residual],
            iterations: vec![0],
            x: vec![KeptSolution { system: 0, values: x.to_vec() }],
        };
        assert!(problem.check(&claim([0.0; 2], 0.0)).unwrap().holds());
        for x in [[500.0, -500.0], [1e-200, 0.0], [5e-324, 0.0]] {
            let verdict = problem.check(&claim(x, 1e-8)).unwrap();
            assert_eq!(verdict.violations.len(), 1, "{x:?}");
            assert_eq!(verdict.property("residuals").unwrap().holds, Some(false));
        }
        // A null vector of a singular matrix is a solution.
        let singular = MatrixData { rows: 2, cols: 2, symmetric: true, entries: vec![(0, 0, 1e-12), (1, 0, -1e-12), (1, 1, 1e-12)] };
        let problem = LinearSequence::single(singular.to_matrix().unwrap(), vec![0.0; 2], 1e-8).unwrap();
        assert!(problem.check(&claim([500.0; 2], 0.0)).unwrap().holds());
    }

    #[test]
    fn initial_residuals_follow_the_previous_solution() {
        let steps =
            vec![System { change: Change::None, rhs: vec![1.0, 0.0, 1.0] }, System { change: Change::None, rhs: vec![1.0, 0.0, 1.0] }];
        let problem = LinearSequence::new(tridiagonal(3), steps, 1e-8, RelativeTo::InitialResidual, Start::Previous).unwrap();
        // The first vector is a little off; the second only halves that error, which is not a reduction by 1e-8.
        let mut halved = solution(&[(0, [1.0, 1.0, 1.0 + 1e-9]), (1, [1.0, 1.0, 1.0 + 0.5e-9])]);
        halved.residuals = vec![1e-8; 2];
        let verdict = problem.check(&halved).unwrap();
        assert_eq!(verdict.violations.len(), 1);
        assert_eq!(verdict.violations[0].place, "system 1");
    }
}
