//! What solvers claim is so: inputs on which it once was not.

use std::path::Path;

use fathom_opt_core::{Outcome, Run, SolveError, Solver, Status};
use fathom_opt_problems::Problem;
use fathom_opt_problems::linear_sequence::{Change, LinearSequence, LinearSequenceSolution, RelativeTo, Start, System};
use fathom_opt_problems::sparse::{MatrixData, SparseMatrix};
use fathom_opt_relaxation::{Auto, BySor, BySsorCg, Keep, OmegaBandit, OmegaContextual, SorFixed, SsorCgFixed};

type Solved = Result<Outcome<LinearSequenceSolution>, SolveError>;

/// Every solver of the crate, by name.
fn with_every_solver(problem: &LinearSequence, keep: Keep, mut see: impl FnMut(&str, Solved)) {
    fn solve<S: Solver<LinearSequence>>(solver: &S, problem: &LinearSequence) -> Solved {
        assert_eq!(solver.accepts(problem).is_ok(), !matches!(solver.solve(problem, &Run::new(3)), Err(SolveError::Unsupported { .. })));
        solver.solve(problem, &Run::new(3))
    }
    see("auto", solve(&Auto { keep, ..Auto::default() }, problem));
    see("ssor-cg-fixed", solve(&SsorCgFixed { keep, ..SsorCgFixed::default() }, problem));
    see("ssor-cg-bandit", solve(&OmegaBandit::<BySsorCg> { keep, ..OmegaBandit::default() }, problem));
    see("ssor-cg-contextual", solve(&OmegaContextual::<BySsorCg> { keep, ..OmegaContextual::default() }, problem));
    see("sor-fixed", solve(&SorFixed { keep, ..SorFixed::default() }, problem));
    see("sor-bandit", solve(&OmegaBandit::<BySor> { keep, ..OmegaBandit::default() }, problem));
    see("sor-contextual", solve(&OmegaContextual::<BySor> { keep, ..OmegaContextual::default() }, problem));
}

/// Whether the checker confirms everything that the outcome says.
fn assert_true(name: &str, problem: &LinearSequence, outcome: &Outcome<LinearSequenceSolution>) {
    let Some(solution) = &outcome.solution else {
        assert_ne!(outcome.status, Status::Feasible, "{name}");
        return;
    };
    let verdict = problem.check(solution).unwrap();
    if outcome.status == Status::Feasible {
        assert!(verdict.holds(), "{name} claims what is not so: {:?}", verdict.violations);
    }
    let (claimed, found) = (outcome.objective.unwrap(), verdict.objective.unwrap().value);
    assert!((claimed - found).abs() <= 2e-3 * claimed.max(found), "{name}: claimed {claimed:e}, found {found:e}");
    for (t, claimed) in solution.residuals.iter().enumerate() {
        let of = |system: usize| solution.x.iter().find(|kept| kept.system == system).map(|kept| kept.values.as_slice());
        let found = problem.relative_residual(t, of(t).unwrap(), t.checked_sub(1).and_then(of)).unwrap();
        assert!((claimed - found).abs() <= 2e-3 * claimed.max(found), "{name}, system {t}: claimed {claimed:e}, found {found:e}");
    }
}

/// All solvers tell the truth, and none says more when it keeps fewer vectors. Returns what each found.
fn all_true(problem: &LinearSequence) -> Vec<(String, Solved)> {
    let mut all = Vec::new();
    with_every_solver(problem, Keep::All, |name, solved| {
        if let Ok(outcome) = &solved {
            assert_true(name, problem, outcome);
        }
        all.push((name.to_owned(), solved));
    });
    for keep in [Keep::Last, Keep::None] {
        let mut full = all.iter();
        with_every_solver(problem, keep, |name, solved| {
            let (_, full) = full.next().unwrap();
            match (solved, full) {
                (Ok(fewer), Ok(full)) => {
                    assert_eq!(fewer.status, full.status, "{name}");
                    assert_eq!(fewer.objective, full.objective, "{name}");
                }
                (Err(_), Err(_)) => {}
                (fewer, full) => panic!("{name}: {fewer:?} against {full:?}"),
            }
        });
    }
    all
}

fn matrix(n: u32, symmetric: bool, entries: Vec<(u32, u32, f64)>) -> SparseMatrix {
    MatrixData { rows: n, cols: n, symmetric, entries }.to_matrix().unwrap()
}

fn status<'a>(found: &'a [(String, Solved)], name: &str) -> &'a Status {
    let (_, solved) = found.iter().find(|(known, _)| known == name).unwrap();
    &solved.as_ref().unwrap().status
}

#[test]
fn entries_of_every_scale_are_solved() {
    for scale in [1e-150, 1e-75, 1e-12, 1e-8, 1.0, 1e12, 1e75, 1e150] {
        for size in [1e-100, 1.0, 1e100] {
            let entries = vec![(0, 0, 4.0), (1, 0, -1.0), (1, 1, 4.0), (2, 0, -1.0), (2, 1, -1.0), (2, 2, 5.0)];
            let entries = entries.into_iter().map(|(i, j, value)| (i, j, scale * value)).collect();
            let step = System { change: Change::None, rhs: vec![size, 2.0 * size, 3.0 * size] };
            let problem = LinearSequence::new(matrix(3, true, entries), vec![step; 6], 1e-8, RelativeTo::Rhs, Start::Zero).unwrap();
            for (name, solved) in all_true(&problem) {
                assert_eq!(solved.unwrap().status, Status::Feasible, "{name} at {scale:e}, {size:e}");
            }
        }
    }
}

#[test]
fn tiny_relaxation_factors_lose_no_digits() {
    let entries = vec![(0, 0, 4.0), (1, 0, -1.0), (1, 1, 4.0), (2, 0, -1.0), (2, 1, -1.0), (2, 2, 5.0)];
    let problem = LinearSequence::single(matrix(3, true, entries), vec![1.0, 2.0, 3.0], 1e-12).unwrap();
    for omega in [1e-200, 1e-100, 1e-17, 1e-9, 1e-3, 1.0, 1.999] {
        for explore in [false, true] {
            let outcome = Auto { omega: Some(omega), explore, ..Auto::default() }.solve(&problem, &Run::new(1)).unwrap();
            assert_eq!(outcome.status, Status::Feasible, "omega {omega:e}");
            assert_true("auto", &problem, &outcome);
        }
        let outcome = SsorCgFixed { omega, ..SsorCgFixed::default() }.solve(&problem, &Run::new(1)).unwrap();
        assert_eq!(outcome.status, Status::Feasible, "omega {omega:e}");
        assert_true("ssor-cg-fixed", &problem, &outcome);
    }
}

fn neumann(n: u32, scale: f64) -> SparseMatrix {
    let mut entries = Vec::new();
    for i in 0..n {
        let ends = f64::from(u32::from(i > 0) + u32::from(i + 1 < n));
        entries.push((i, i, scale * ends));
        if i > 0 {
            entries.push((i, i - 1, -scale));
        }
    }
    matrix(n, true, entries)
}

#[test]
fn systems_without_a_solution_are_said_to_have_none_and_the_best_vector_is_returned() {
    for n in [2, 3, 4, 10, 60] {
        for scale in [0.5, 1.0, 1e-12, 3e100] {
            let mut rhs = vec![0.0; n as usize];
            rhs[0] = 3.0;
            rhs[1] = 1.0;
            let least = 4.0 / f64::from(n).sqrt();
            let problem = LinearSequence::single(neumann(n, scale), rhs, 1e-8).unwrap();
            for (name, solved) in all_true(&problem) {
                let outcome = solved.unwrap();
                let residual = outcome.objective.unwrap() * 10.0_f64.sqrt();
                assert!(residual < 3.2 && residual >= 0.999 * least, "{name}, {n} unknowns: {residual}, least {least}");
                let said = format!("{} {:?}", outcome.status, outcome.notes);
                assert!(said.contains("no solution"), "{name}, {n} unknowns at {scale:e}: {said}");
                assert_ne!(outcome.status, Status::Feasible);
            }
        }
    }
}

#[test]
fn singular_systems_with_a_solution_are_solved() {
    for n in [2, 4, 10] {
        for scale in [0.5, 1e-12, 3e100] {
            let mut rhs = vec![0.0; n as usize];
            rhs[0] = 3.0;
            rhs[n as usize - 1] = -3.0;
            let problem = LinearSequence::single(neumann(n, scale), rhs, 1e-8).unwrap();
            let found = all_true(&problem);
            for name in ["auto", "ssor-cg-fixed", "sor-fixed"] {
                assert_eq!(status(&found, name), &Status::Feasible, "{name}, {n} unknowns at {scale:e}");
            }
        }
    }
}

#[test]
fn indefinite_matrices_are_never_solved_wrongly() {
    for (diagonal, off) in [(1.0, 3.0), (1.0, 1.0 + 1e-9), (1e-8, -1.0), (2.0, 2.0)] {
        let entries = vec![(0, 0, diagonal), (1, 0, off), (1, 1, diagonal), (2, 1, 0.25 * off), (2, 2, diagonal)];
        all_true(&LinearSequence::single(matrix(3, true, entries), vec![1.0, 2.0, -1.0], 1e-8).unwrap());
    }
}

#[test]
fn good_answers_of_ill_conditioned_systems_are_not_called_wrong() {
    let base = matrix(2, true, vec![(0, 0, 4e6), (1, 0, -4e6), (1, 1, 4e6)]);
    for shift in [0.02, 1.0, 1e-3, 1e-5, 1e-7, 1e-9] {
        let step = System { change: Change::Shift(shift), rhs: vec![-6e9, -5e9] };
        let problem = LinearSequence::new(base.clone(), vec![step], 1e-8, RelativeTo::Rhs, Start::Zero).unwrap();
        let found = all_true(&problem);
        if shift >= 0.02 {
            assert_eq!(status(&found, "auto"), &Status::Feasible, "shift {shift}");
        }
    }
}

#[test]
fn a_shift_that_rounding_would_change_is_solved_for_as_it_stands() {
    // 1 + 1e-9 is no double, and the solution is 1e9 times as large as the right-hand side.
    let base = matrix(2, true, vec![(0, 0, 1.0), (1, 0, -1.0), (1, 1, 1.0)]);
    for change in [Change::Shift(1e-9), Change::Diagonal(vec![1e-9, 2e-9])] {
        let step = System { change, rhs: vec![1.0, 0.25] };
        let problem = LinearSequence::new(base.clone(), vec![step], 3e-7, RelativeTo::Rhs, Start::Zero).unwrap();
        assert_eq!(status(&all_true(&problem), "auto"), &Status::Feasible);
    }
}

#[test]
fn a_base_matrix_that_is_nothing_without_its_shift_is_no_hindrance() {
    for base_diagonal in [0.0, -3.0] {
        let base = matrix(2, true, vec![(0, 0, base_diagonal), (1, 0, -1.0), (1, 1, base_diagonal)]);
        let step = |change| System { change, rhs: vec![1.0, 2.0] };
        let steps = vec![
            step(Change::Shift(7.0)),
            step(Change::Values(vec![3.0, -1.0, -1.0, 3.0])),
            step(Change::Diagonal(vec![8.0, 9.0])),
            step(Change::Shift(6.5)),
        ];
        let problem = LinearSequence::new(base, steps, 1e-8, RelativeTo::Rhs, Start::Previous).unwrap();
        for (name, solved) in all_true(&problem) {
            assert_eq!(solved.unwrap().status, Status::Feasible, "{name}");
        }
    }
}

#[test]
fn matrices_that_are_not_symmetric_are_refused_by_all_solvers_that_need_it_with_place_and_amount() {
    for asymmetry in [1e-8, 3e-9, 1e-11, 0.5] {
        let entries = vec![(0, 0, 4.0), (0, 1, -1.0), (1, 0, -1.0 - asymmetry), (1, 1, 4.0)];
        let base = matrix(2, false, entries);
        let steps = [
            System { change: Change::None, rhs: vec![1.0, 2.0] },
            System { change: Change::Values(base.data().to_vec()), rhs: vec![1.0, 2.0] },
            System { change: Change::Matrix(base.clone()), rhs: vec![1.0, 2.0] },
        ];
        let symmetric = matrix(2, true, vec![(0, 0, 4.0), (1, 0, -1.0), (1, 1, 4.0)]);
        let problems = [
            LinearSequence::new(base.clone(), steps[..1].to_vec(), 1e-8, RelativeTo::Rhs, Start::Zero).unwrap(),
            LinearSequence::new(symmetric.clone(), steps.to_vec(), 1e-8, RelativeTo::Rhs, Start::Zero).unwrap(),
            LinearSequence::new(symmetric, vec![steps[0].clone(), steps[2].clone()], 1e-8, RelativeTo::Rhs, Start::Zero).unwrap(),
        ];
        for problem in problems {
            for (name, solved) in all_true(&problem) {
                if name.starts_with("sor") {
                    assert_eq!(solved.unwrap().status, Status::Feasible, "{name}");
                } else {
                    let refused = solved.unwrap_err().to_string();
                    assert!(refused.contains("row 0, column 1 is -1, its mirror image -1."), "{name}: {refused}");
                    assert!(refused.contains("they differ by"), "{name}: {refused}");
                }
            }
        }
    }
}

#[test]
fn asymmetry_that_is_rounding_is_part_of_the_matrix_that_is_solved() {
    // Off by 1e-13, and so badly conditioned that one triangle alone has another solution.
    let entries = vec![(0, 0, 1.0), (0, 1, -1.0 + 1e-6), (1, 0, -1.0 + 1e-6 + 5e-13), (1, 1, 1.0)];
    let problem = LinearSequence::single(matrix(2, false, entries), vec![1.0, 2.0], 1e-8).unwrap();
    let found = all_true(&problem);
    for name in ["auto", "ssor-cg-fixed"] {
        assert_eq!(status(&found, name), &Status::Feasible, "{name}");
    }
}

#[test]
fn a_pattern_that_is_not_symmetric_is_one_where_the_values_are() {
    let base = matrix(2, false, vec![(0, 0, 4.0), (0, 1, 0.0), (1, 1, 4.0)]);
    let step = |change| System { change, rhs: vec![1.0, 2.0] };
    let steps = vec![step(Change::None), step(Change::Values(vec![3.0, 0.0, 5.0])), step(Change::Shift(1.0))];
    let problem = LinearSequence::new(base, steps, 1e-8, RelativeTo::Rhs, Start::Zero).unwrap();
    for (name, solved) in all_true(&problem) {
        assert_eq!(solved.unwrap().status, Status::Feasible, "{name}");
    }
}

#[test]
fn a_start_is_used_where_it_is_better_and_does_no_harm_where_it_is_not() {
    let problem = LinearSequence::single(neumann(30, 1.0).map(|value| 1.1 * value), vec![1.0; 30], 1e-8).unwrap();
    let shifted = LinearSequence::new(
        problem.base().clone(),
        vec![
            System { change: Change::Shift(0.01), rhs: problem.steps()[0].rhs.iter().enumerate().map(|(i, b)| b + i as f64).collect() };
            2
        ],
        1e-8,
        RelativeTo::Rhs,
        Start::Zero,
    )
    .unwrap();
    let solver = SsorCgFixed::default();
    let cold = solver.solve(&shifted, &Run::new(1)).unwrap();
    let solution = cold.solution.unwrap();
    let warm = solver.solve(&shifted, &Run::new(1).with_start(solution.clone())).unwrap();
    assert_eq!(warm.counters.iterations, 0);
    let mut bad = solution.clone();
    for kept in &mut bad.x {
        kept.values.fill(1e9);
    }
    let unharmed = solver.solve(&shifted, &Run::new(1).with_start(bad)).unwrap();
    assert_eq!(unharmed.counters.iterations, cold.counters.iterations);
    let empty = LinearSequenceSolution::default();
    assert!(matches!(solver.solve(&shifted, &Run::new(1).with_start(empty)), Err(SolveError::Start(_))));
    let mut short = solution;
    short.x[0].values.pop();
    assert!(matches!(Auto::default().solve(&shifted, &Run::new(1).with_start(short)), Err(SolveError::Start(_))));
}

/// The inputs that were collected from reports, where they are at hand.
#[test]
fn the_inputs_of_the_fault_collection_are_solved_or_said_to_be_unsolved() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/faults/relaxation");
    if !folder.is_dir() {
        println!("skipped: no folder {}", folder.display());
        return;
    }
    let mut seen = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let Some(problem) = collected(&path, &name) else { continue };
        let found = all_true(&problem);
        let solved = |name: &str| matches!(found.iter().find(|(known, _)| known == name), Some((_, Ok(outcome))) if outcome.status == Status::Feasible);
        match name.split('.').next().unwrap() {
            "small_units" | "laplace_tiny_shift" | "zero_rhs_small" => assert!(solved("auto"), "{name}"),
            "singular_2x2" | "neumann_inconsistent" => {
                assert!(found.iter().all(|(_, solved)| solved.as_ref().unwrap().status != Status::Feasible), "{name}");
            }
            "asym_1e-8" | "poisson_asym3e-9" => {
                assert!(found.iter().all(|(solver, solved)| solver.starts_with("sor") || solved.is_err()), "{name}");
            }
            _ => {}
        }
        seen += 1;
    }
    assert!(seen >= 8);
}

fn collected(path: &Path, name: &str) -> Option<LinearSequence> {
    let text = std::fs::read_to_string(path).unwrap();
    if path.extension().is_some_and(|ending| ending == "mtx") {
        let mut lines = text.lines().filter(|line| !line.starts_with('%'));
        let n = lines.next().unwrap().split_whitespace().next().unwrap().parse().unwrap();
        let entries = lines.filter(|line| !line.trim().is_empty()).map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            (words[0].parse::<u32>().unwrap() - 1, words[1].parse::<u32>().unwrap() - 1, words[2].parse().unwrap())
        });
        let base = matrix(n, false, entries.collect());
        let rhs = base.outer_iterator().map(|row| row.data().iter().sum()).collect();
        return Some(LinearSequence::single(base, rhs, 1e-8).unwrap());
    }
    if !name.ends_with(".fathom.json") {
        return None;
    }
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    let data = &document["data"];
    let base: MatrixData = serde_json::from_value(data["matrix"].clone()).unwrap();
    let steps = data["systems"].as_array().unwrap().iter().map(|system| System {
        change: system.get("shift").and_then(serde_json::Value::as_f64).map_or(Change::None, Change::Shift),
        rhs: serde_json::from_value(system["rhs"].clone()).unwrap_or_else(|_| vec![1.0; base.rows as usize]),
    });
    let tolerance = data.get("tolerance").and_then(serde_json::Value::as_f64).unwrap_or(1e-8);
    Some(LinearSequence::new(base.to_matrix().unwrap(), steps.collect(), tolerance, RelativeTo::Rhs, Start::Zero).unwrap())
}

/// One system with this shift.
fn with_shift(base: SparseMatrix, shift: f64, rhs: Vec<f64>) -> LinearSequence {
    let steps = vec![System { change: Change::Shift(shift), rhs }];
    LinearSequence::new(base, steps, 1e-8, RelativeTo::Rhs, Start::Zero).unwrap()
}

#[test]
fn systems_that_only_look_singular_are_not_said_to_have_no_solution() {
    let constant = |value: f64, other: f64| matrix(2, true, vec![(0, 0, value), (1, 0, other), (1, 1, value)]);
    let mut problems = vec![with_shift(constant(1e8, 1e8), 1e-6, vec![-1.0, 1.0])];
    for shift in [1e-12, 1e-14, 1e-15, 1e-16, 1e-17, 1e-300] {
        problems.push(with_shift(constant(1.0, -1.0), shift, vec![1.0, 1.0]));
    }
    // Rows that sum to zero in a matrix whose columns do not.
    let unsymmetric = matrix(2, false, vec![(0, 0, 1.0), (0, 1, -1.0), (1, 0, -2.0), (1, 1, 2.0)]);
    problems.push(LinearSequence::single(unsymmetric, vec![1.0, -2.0], 1e-8).unwrap());
    for problem in problems {
        for (name, solved) in all_true(&problem) {
            let Ok(outcome) = solved else { continue };
            let said = format!("{} {:?}", outcome.status, outcome.notes);
            assert!(!said.contains("no solution"), "{name}: {said}");
        }
    }
}

#[test]
fn numbers_at_the_ends_of_their_range_are_solved() {
    let cases = [
        ([1e-310, 1e-310], [1e-150, 2e-150]),
        ([5e11, 1e139], [0.0, -1e300]),
        ([1e139, 1e139], [-1e300, 1.0]),
        ([1e-150, 1e-150], [1e150, 2e150]),
        ([1e150, 1e150], [1e-150, 2e-150]),
        ([1e300, 1e300], [1e308, -1e308]),
    ];
    for (entries, rhs) in cases {
        let base = matrix(2, true, vec![(0, 0, entries[0]), (1, 1, entries[1])]);
        let problem = LinearSequence::single(base, rhs.to_vec(), 1e-8).unwrap();
        for (name, solved) in all_true(&problem) {
            assert_eq!(solved.unwrap().status, Status::Feasible, "{name}, {entries:?}, {rhs:?}");
        }
        let tiny = SsorCgFixed { omega: 1e-9, ..SsorCgFixed::default() }.solve(&problem, &Run::new(1)).unwrap();
        assert_eq!(tiny.status, Status::Feasible, "{entries:?}, {rhs:?}");
        assert_true("ssor-cg-fixed", &problem, &tiny);
    }
    // Systems of one sequence may have units of their own.
    for (scale, start, relative_to) in [
        (1e-150, Start::Previous, RelativeTo::Rhs),
        (1e150, Start::Zero, RelativeTo::Rhs),
        (1e-150, Start::Previous, RelativeTo::InitialResidual),
    ] {
        let base = matrix(2, true, vec![(0, 0, 2.0 * scale), (1, 0, -scale), (1, 1, 3.0 * scale)]);
        let step = |size: f64| System { change: Change::None, rhs: vec![size, -2.0 * size] };
        let steps = [1e150, 1.0, 1e-150, 3e149].map(step).to_vec();
        let problem = LinearSequence::new(base, steps, 1e-8, relative_to, start).unwrap();
        for (name, solved) in all_true(&problem) {
            let outcome = solved.unwrap();
            if relative_to == RelativeTo::Rhs {
                assert_eq!(outcome.status, Status::Feasible, "{name} at {scale:e}");
            }
        }
    }
}

#[test]
fn a_solution_beyond_all_doubles_is_said_to_be_that() {
    let problem = LinearSequence::single(matrix(1, true, vec![(0, 0, 1e-200)]), vec![1e200], 1e-8).unwrap();
    for (name, solved) in all_true(&problem) {
        let said = solved.unwrap().status.to_string();
        assert!(said.contains("beyond the range"), "{name}: {said}");
    }
}
