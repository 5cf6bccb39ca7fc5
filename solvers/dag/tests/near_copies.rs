//! Columns that are nearly copies, in very different units, or nearly nothing once terms cancel: no claim but one that holds.

mod shared;

use std::time::Duration;

use fathom_opt_core::{Audit, BestKnown, Outcome, Run, Solver, Status};
use fathom_opt_dag::{ExactOrder, OrderSearch, TopologicalSwaps};
use fathom_opt_problems::dag_learning::{DagLearning, Edge, Knowledge, Sample, Score, ScoreKind, WeightedDag};
use fathom_opt_problems::{AnySolution, Problem};
use shared::{linear, names, problem};

/// The outcome, after the audit has found nothing against it, nor anything that it could not confirm.
fn audited<S: Solver<DagLearning>>(problem: &DagLearning, solver: &S, run: &Run) -> Outcome<WeightedDag> {
    let outcome = solver.solve(problem, run).unwrap();
    let audit = Audit::of(problem, &outcome.clone().map(AnySolution::new), BestKnown::default());
    assert!(audit.honest() && audit.solution_holds(), "{}: {:?} {:?}", S::NAME, audit.refuted, audit.verdict);
    assert!(audit.unconfirmed.is_empty(), "{}: {:?}", S::NAME, audit.unconfirmed);
    outcome
}

fn all_solvers(problem: &DagLearning, run: impl Fn() -> Run) -> [Outcome<WeightedDag>; 3] {
    [
        audited(problem, &OrderSearch::default(), &run()),
        audited(problem, &ExactOrder::default(), &run()),
        audited(problem, &TopologicalSwaps::default(), &run()),
    ]
}

/// A column, one that differs from it by a share `e`, and what their difference is proportional to.
fn near_copy(e: f64) -> Vec<Vec<f64>> {
    let own = [1.0, 2.0, -3.0, 1.0, -2.0, 4.0, -1.0, -2.0];
    let sign = [1.0, -1.0, 1.0, -1.0, -1.0, 1.0, 1.0, -1.0];
    vec![own.to_vec(), own.iter().zip(sign).map(|(x, s)| x + e * s).collect(), sign.to_vec()]
}

#[test]
fn nothing_is_claimed_about_near_copies_and_a_better_start_is_kept() {
    // The difference of the two, enlarged, is the third column: no regression that takes the second for the first sees that.
    for e in [1e-7, 1e-8, 1e-9, 1e-10, 1e-11, 1e-12] {
        for kind in [ScoreKind::Ev, ScoreKind::NvBic, ScoreKind::EvEbic] {
            for most in [None, Some(2)] {
                let knowledge = Knowledge::new(&names(3), vec![], vec![], vec![], most).unwrap();
                let problem = problem(near_copy(e), kind).with_knowledge(knowledge).unwrap();
                let start = WeightedDag { order: vec![], edges: vec![(0, 2, -1.0 / e), (1, 2, 1.0 / e), (0, 1, 1.0)] };
                let value = problem.check(&start).unwrap().objective.unwrap().value;
                for outcome in all_solvers(&problem, || Run::new(1)) {
                    assert_eq!(outcome.status, Status::Feasible, "{kind:?} {e}");
                    assert_eq!(outcome.bound, None, "{kind:?} {e}");
                    let notes = outcome.notes.join("\n");
                    assert!(notes.contains("`x0`") && notes.contains("nothing is claimed"), "{kind:?} {e}: {notes}");
                }
                for outcome in all_solvers(&problem, || Run::new(1).with_start(start.clone())) {
                    assert!(outcome.objective.unwrap() <= value + 1e-9 * value.abs(), "{kind:?} {e}: {:?} {value}", outcome.objective);
                }
            }
        }
    }
}

#[test]
fn columns_that_differ_enough_and_exact_copies_are_proven_as_before() {
    for e in [1e-4, 1e-5, 1e-6] {
        for kind in [ScoreKind::Ev, ScoreKind::NvBic] {
            let mut columns = near_copy(e);
            // Not the difference of the other two, which would depend on them but for rounding.
            columns[2] = vec![0.5, -1.0, 2.0, 0.0, 1.0, 0.25, -3.0, 0.75];
            let outcome = audited(&problem(columns, kind), &ExactOrder::default(), &Run::new(1));
            assert_eq!(outcome.status, Status::Optimal, "{kind:?} {e}");
        }
    }
    let (mut columns, _) = linear(4, 1.0, 30, 5);
    columns.push(columns[1].iter().map(|value| -4.0 * value).collect());
    columns.push(vec![0.1; 30]);
    for kind in [ScoreKind::Ev, ScoreKind::NvBic] {
        assert_eq!(audited(&problem(columns.clone(), kind), &ExactOrder::default(), &Run::new(1)).status, Status::Optimal, "{kind:?}");
    }
}

#[test]
fn an_objective_whose_terms_cancel_is_proven_best_all_the_same() {
    let covariances: [(&[f64], usize, Option<f64>); 4] = [
        (&[1.0], 1000, None),
        (&[1.0, 1.0, 1.0, 2.0], 1_000_000, None),
        (&[1.0, 1.0, 1.0, 2.0], 1000, Some(0.5)),
        (&[4.0, 0.0, 0.0, 0.25], 1000, Some(1e-12)),
    ];
    for (matrix, n, penalty) in covariances {
        let sample = Sample::Covariance { matrix: matrix.to_vec(), n };
        let score = Score::new(ScoreKind::NvBic, penalty).unwrap();
        let problem = DagLearning::new(names(matrix.len().isqrt()), sample, score).unwrap();
        let outcome = audited(&problem, &ExactOrder::default(), &Run::new(1));
        assert_eq!(outcome.status, Status::Optimal, "{matrix:?} {n}");
    }
}

#[test]
fn a_good_answer_in_very_different_units_is_not_refuted() {
    let big = [0.0, 10_000.0, 0.0, 0.0, -30_000.0, 10_000.0];
    let small = [0.0001, -0.0002, 0.0, 0.0003, -0.0004, -0.0001];
    let other = [-0.0001, -0.0003, 0.0003, 0.0002, -0.0006, -0.0004];
    let problem = problem(vec![big.to_vec(), small.to_vec(), other.to_vec()], ScoreKind::L1);
    let [_, exact, _] = all_solvers(&problem, || Run::new(1));
    assert_eq!(exact.status, Status::Optimal);
}

#[test]
fn any_number_of_restarts_is_cut_short_by_the_time_and_what_was_found_is_returned() {
    let (columns, _) = linear(9, 1.5, 80, 11);
    for kind in [ScoreKind::Ev, ScoreKind::NvBic, ScoreKind::L1] {
        let problem = problem(columns.clone(), kind);
        let empty = problem.check(&WeightedDag::default()).unwrap().objective.unwrap().value;
        for restarts in [10_000_000, 1 << 32, u64::MAX] {
            let solver = OrderSearch { restarts: Some(restarts), ..OrderSearch::default() };
            let outcome = audited(&problem, &solver, &Run::new(1).with_time_limit(Duration::from_millis(300)));
            assert!(matches!(outcome.status, Status::Limit(_)), "{:?}", outcome.status);
            assert!(outcome.objective.unwrap() < empty, "{kind:?} {restarts}: {:?} {empty}", outcome.objective);
        }
    }
}

#[test]
fn a_start_with_huge_weights_is_scored_to_its_own_digits() {
    let problem = problem(near_copy(1e-12), ScoreKind::Ev);
    let edges: Vec<Edge> = vec![(0, 2, -1e12), (1, 2, 1e12)];
    let start = WeightedDag { order: vec![], edges };
    let value = problem.check(&start).unwrap().objective.unwrap().value;
    let outcome = audited(&problem, &OrderSearch::default(), &Run::new(1).with_start(start));
    assert!(outcome.objective.unwrap() <= value * (1.0 + 1e-8), "{:?} {value}", outcome.objective);
}
