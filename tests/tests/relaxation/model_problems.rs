//! SOR and SSOR-CG on the model problems, against known counts and closed forms.

use std::ops::ControlFlow;

use fathom_opt_core::{Limit, Outcome, Run, Solver, Status};
use fathom_opt_linalg::{Goal, RelaxationFactor, Sor, SplitMatrix};
use fathom_opt_problems::Problem;
use fathom_opt_problems::linear_sequence::{Change, LinearSequence, LinearSequenceSolution, RelativeTo, Start, System};
use fathom_opt_relaxation::{SorFixed, SsorCgFixed, StartAt};
use serde_json::{Value, json};

fn generated(family: &str, parameters: Value) -> LinearSequence {
    let Value::Object(parameters) = parameters else { unreachable!("literal objects only") };
    let instance = fathom_opt_instances::generate(family, &parameters, 1).unwrap();
    instance.problem.downcast::<LinearSequence>().unwrap().clone()
}

fn poisson(side: usize) -> LinearSequence {
    generated("poisson", json!({ "grid": side }))
}

fn solved(solver: &impl Solver<LinearSequence>, problem: &LinearSequence) -> Outcome<LinearSequenceSolution> {
    let outcome = solver.solve(problem, &Run::default()).unwrap();
    assert_eq!(outcome.status, Status::Feasible);
    let verdict = problem.check(outcome.solution.as_ref().unwrap()).unwrap();
    assert!(verdict.violations.is_empty(), "{verdict:?}");
    outcome
}

fn sweeps(side: usize, omega: f64) -> u64 {
    let outcome = solved(&SorFixed { omega, ..SorFixed::default() }, &poisson(side));
    outcome.counters.iterations
}

/// Sweeps to reduce the residual by 1e-8 from zero, right-hand side of ones, natural ordering: counted with an independent implementation.
#[test]
fn sor_takes_the_known_number_of_sweeps_on_poisson() {
    for (side, known) in
        [(10, [223, 62, 41, 46, 40]), (15, [472, 147, 60, 68, 60]), (31, [1891, 621, 121, 146, 125]), (63, [7562, 2512, 244, 321, 256])]
    {
        let best = RelaxationFactor::optimal((std::f64::consts::PI / (side + 1) as f64).cos()).unwrap().get();
        for (omega, expected) in [1.0, 1.5, best, best - 0.01, best + 0.01].into_iter().zip(known) {
            let found = sweeps(side, omega);
            assert!(found.abs_diff(expected) <= 1, "side {side}, omega {omega}: {found} sweeps, expected {expected}");
        }
    }
}

/// Above the optimal factor every eigenvalue of the iteration has modulus `omega - 1`, for shifted Laplacians too. The residuals of the recurrence
/// can be followed over a hundred digits.
#[test]
fn sor_contracts_by_omega_minus_one_above_the_optimal_factor() {
    for shift in [-0.1, 0.0, 0.4] {
        let beta = 4.0 * (std::f64::consts::PI / 11.0).cos() / (4.0 + shift);
        let omega = RelaxationFactor::new(RelaxationFactor::optimal(beta).unwrap().get() + 0.05).unwrap();
        let mut matrix = SplitMatrix::from_sprs(poisson(10).base()).unwrap();
        matrix.set_shift(shift).unwrap();
        let mut residuals = Vec::new();
        let goal = Goal { residual: 0.0, max_iterations: 10_000 };
        let mut x: Vec<f64> = (0..100).map(|i| f64::from(i).sin()).collect();
        Sor::new().solve(&matrix, omega, &[0.0; 100], &mut x, &goal, |_, residual| {
            residuals.push(residual);
            if residual > 1e-120 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        let sweeps = |level: f64| residuals.iter().take_while(|&&residual| residual > level).count() as f64;
        let rate = (1e-100_f64.ln() / (sweeps(1e-120) - sweeps(1e-20))).exp();
        assert!((rate / (omega.get() - 1.0) - 1.0).abs() < 0.02, "shift {shift}: rate {rate}, omega {omega:?}");
    }
}

#[test]
fn the_heat_equation_is_solved_from_the_previous_step() {
    let problem = generated("heat-equation", json!({ "intervals": 25, "steps": 60, "stride": 2 }));
    let warm = solved(&SsorCgFixed::default(), &problem).counters;
    let cold = solved(&SsorCgFixed { start: StartAt::Zero, ..SsorCgFixed::default() }, &problem).counters;
    assert_eq!(warm.others["systems"], 30);
    assert!(warm.iterations < cold.iterations, "{warm:?} {cold:?}");
}

fn single(diagonal: f64, rhs: Vec<f64>) -> LinearSequence {
    let n = rhs.len();
    let indices: Vec<u32> = (0..n).map(|i| u32::try_from(i).unwrap()).collect();
    let starts: Vec<u32> = (0..=n).map(|i| u32::try_from(i).unwrap()).collect();
    let matrix = fathom_opt_problems::sparse::SparseMatrix::new((n, n), starts, indices, vec![diagonal; n]);
    LinearSequence::single(matrix, rhs, 1e-8).unwrap()
}

#[test]
fn a_zero_right_hand_side_has_the_zero_solution_after_no_iteration() {
    let base = poisson(5);
    let ones = System { change: Change::None, rhs: vec![1.0; 25] };
    let zeros = System { change: Change::None, rhs: vec![0.0; 25] };
    for relative_to in [RelativeTo::Rhs, RelativeTo::InitialResidual] {
        let problem =
            LinearSequence::new(base.base().clone(), vec![ones.clone(), zeros.clone()], 1e-8, relative_to, Start::Previous).unwrap();
        for solution in
            [solved(&SsorCgFixed::default(), &problem).solution.unwrap(), solved(&SorFixed::default(), &problem).solution.unwrap()]
        {
            assert_eq!(solution.iterations[1], 0);
            assert_eq!(solution.x[1].values, vec![0.0; 25]);
        }
    }
}

#[test]
fn a_start_at_the_solution_needs_no_iteration() {
    let base = poisson(5);
    let steps = vec![System { change: Change::None, rhs: vec![1.0; 25] }; 2];
    let problem = LinearSequence::new(base.base().clone(), steps, 1e-8, RelativeTo::Rhs, Start::Previous).unwrap();
    assert_eq!(solved(&SsorCgFixed::default(), &problem).solution.unwrap().iterations[1], 0);
    assert_eq!(solved(&SorFixed::default(), &problem).solution.unwrap().iterations[1], 0);
}

#[test]
fn relaxation_factors_outside_their_range_are_refused() {
    for omega in [0.0, 2.0, -0.5, f64::NAN] {
        assert!(SorFixed { omega, ..SorFixed::default() }.validate().is_err());
        let error = SsorCgFixed { omega, ..SsorCgFixed::default() }.solve(&poisson(3), &Run::default()).unwrap_err();
        assert_eq!(error.to_string(), format!("option `omega`: found {omega}, expected a number above 0 and below 2"));
    }
}

#[test]
fn sor_takes_a_negative_diagonal_and_ssor_cg_refuses_it() {
    let problem = single(-2.0, vec![1.0, 2.0]);
    solved(&SorFixed::default(), &problem);
    let error = SsorCgFixed::default().solve(&problem, &Run::default()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "ssor-cg-fixed does not take this instance: the diagonal entry of row 0 is -2, expected a positive number"
    );
    let error = SorFixed::default().solve(&single(0.0, vec![1.0]), &Run::default()).unwrap_err();
    assert!(error.to_string().contains("the diagonal entry of row 0 is zero"), "{error}");
}

#[test]
fn a_matrix_that_is_not_symmetric_is_refused_by_ssor_cg() {
    let matrix = fathom_opt_problems::sparse::SparseMatrix::new((2, 2), vec![0, 2, 3], vec![0, 1, 1], vec![3.0, 1.0, 3.0]);
    let problem = LinearSequence::single(matrix, vec![1.0, 1.0], 1e-8).unwrap();
    solved(&SorFixed { omega: 1.0, ..SorFixed::default() }, &problem);
    let error = SsorCgFixed::default().solve(&problem, &Run::default()).unwrap_err();
    assert!(error.to_string().contains("row 0, column 1 is 1, its mirror image 0: they differ by 1e0"), "{error}");
}

#[test]
fn a_later_system_that_fails_leaves_the_earlier_solutions() {
    let base = poisson(4);
    let step = |shift| System { change: Change::Shift(shift), rhs: vec![1.0; 16] };
    let problem =
        LinearSequence::new(base.base().clone(), vec![step(0.0), step(-2.0), step(0.0)], 1e-8, RelativeTo::Rhs, Start::Zero).unwrap();
    let outcome = SsorCgFixed::default().solve(&problem, &Run::default()).unwrap();
    let Status::Failed(why) = &outcome.status else { panic!("{:?}", outcome.status) };
    assert!(why.starts_with("system 1: the matrix is not positive definite"), "{why}");
    assert_eq!(outcome.counters.others["systems"], 1);
    let residuals = outcome.solution.unwrap().residuals;
    assert!(residuals[0] <= 1e-8 && residuals.len() <= 2, "{residuals:?}");
}

#[test]
fn caps_budgets_and_deadlines_end_with_what_is_solved() {
    let problem = generated("poisson", json!({ "grid": 20, "systems": 3, "shift-from": 2.0 }));
    let capped = SorFixed { omega: 1.0, max_iterations: 100, ..SorFixed::default() }.solve(&problem, &Run::default()).unwrap();
    assert_eq!(capped.status, Status::Limit(Limit::Iterations));
    assert_eq!(capped.counters.others["systems"], 2);
    let solution = capped.solution.unwrap();
    // The system at which it stopped is listed with the iterate it reached.
    assert_eq!((solution.residuals.len(), solution.x.len()), (3, 3));
    let verdict = problem.check(&solution).unwrap();
    assert_eq!(verdict.violations.len(), 1, "{:?}", verdict.violations);
    assert_eq!(verdict.violations[0].place, "system 2");
    let budget = solution.iterations[..2].iter().sum::<u64>() + 3;
    let limited = SorFixed { omega: 1.0, ..SorFixed::default() }.solve(&problem, &Run::default().with_iteration_limit(budget)).unwrap();
    assert_eq!(limited.status, Status::Limit(Limit::Iterations));
    assert_eq!(limited.counters.iterations, budget);
    assert_eq!(limited.counters.others["systems"], 2);
    assert_eq!(limited.solution.unwrap().iterations[2], 3);
    let late = SsorCgFixed::default().solve(&problem, &Run::default().with_time_limit(std::time::Duration::ZERO)).unwrap();
    assert_eq!(late.status, Status::Limit(Limit::Time));
    assert_eq!(late.solution, None);
}

#[test]
fn every_kind_of_change_is_solved_in_any_order() {
    let base = poisson(4).base().clone();
    let n = base.rows();
    let doubled: Vec<f64> = base.data().iter().map(|value| 2.0 * value).collect();
    let rhs: Vec<f64> = (0..n).map(|i| (i as f64).sin()).collect();
    let changes = [
        Change::Shift(1.0),
        Change::Values(doubled),
        Change::None,
        Change::Diagonal((0..n).map(|i| i as f64 / 10.0).collect()),
        Change::Matrix(poisson(4).base().map(|value| 3.0 * value)),
        Change::Shift(0.5),
        Change::Matrix(single(2.0, vec![0.0; n]).base().clone()),
        Change::Values(base.data().to_vec()),
    ];
    let steps = changes.map(|change| System { change, rhs: rhs.clone() }).to_vec();
    for start in [Start::Zero, Start::Previous] {
        let problem = LinearSequence::new(base.clone(), steps.clone(), 1e-8, RelativeTo::InitialResidual, start).unwrap();
        solved(&SorFixed::default(), &problem);
        solved(&SsorCgFixed::default(), &problem);
    }
}

#[test]
fn vectors_are_kept_as_asked() {
    use fathom_opt_relaxation::Keep;
    let problem = generated("poisson", json!({ "grid": 4, "systems": 3, "shift-to": 1.0 }));
    let kept = |keep| {
        let outcome = SsorCgFixed { keep, ..SsorCgFixed::default() }.solve(&problem, &Run::default()).unwrap();
        let solution = outcome.solution.unwrap();
        assert!(problem.check(&solution).unwrap().violations.is_empty());
        solution.x.iter().map(|kept| kept.system).collect::<Vec<_>>()
    };
    assert_eq!(kept(Keep::Auto), [0, 1, 2]);
    assert_eq!(kept(Keep::Last), [2]);
    assert!(kept(Keep::None).is_empty());
}
