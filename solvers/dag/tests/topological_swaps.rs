//! The published method: monotone, stationary on return, at the scores that the authors' own code reaches.

mod shared;

use fathom_opt_core::{Run, Solver, Status};
use fathom_opt_dag::{Candidates, TopologicalSwaps};
use fathom_opt_problems::Problem;
use fathom_opt_problems::dag_learning::{ScoreKind, Start};
use shared::{linear, npy, problem};

fn binary(columns: &[Vec<f64>]) -> Vec<Vec<f64>> {
    columns.iter().map(|column| column.iter().map(|&value| f64::from(u8::from(value > 0.0))).collect()).collect()
}

#[test]
fn candidates_follow_tau_xi_and_the_sizes() {
    let (columns, _) = linear(15, 2.0, 300, 21);
    let problem = problem(columns, ScoreKind::Ev);
    let calls = |solver: TopologicalSwaps| solver.solve(&problem, &Run::new(1).with_iteration_limit(1)).unwrap().counters.oracle_calls;
    let base = TopologicalSwaps { max_large_searches: Some(0), ..TopologicalSwaps::default() };
    assert_eq!(calls(TopologicalSwaps { size_small: Some(9), ..base.clone() }), 9);
    // All 105 pairs, or those alone whose gradient is large, or none.
    assert_eq!(calls(TopologicalSwaps { size_small: Some(1000), ..base.clone() }), 105);
    let some = calls(TopologicalSwaps { size_small: Some(1000), xi: 1.0, ..base.clone() });
    assert!(some > 0 && some < 105, "{some}");
    assert_eq!(calls(TopologicalSwaps { size_small: Some(1000), xi: 1e9, ..base.clone() }), 0);
    let grid = TopologicalSwaps { candidates: Candidates::TauGrid, size_small: Some(9), ..base };
    // A grid whose only value lets every pair in: xi rises until 9 are left, unless so many are tolerated.
    assert_eq!(calls(TopologicalSwaps { taus: vec![1e300], ..grid.clone() }), 9);
    assert_eq!(calls(TopologicalSwaps { taus: vec![1e300], max_surplus: 96, ..grid.clone() }), 105);
    // With a larger s, paths weigh less: the same tau lets more pairs in.
    let tau = |s: f64| calls(TopologicalSwaps { taus: vec![0.01], max_surplus: 1000, log_det_s: s, ..grid.clone() });
    assert!(tau(1.0) < tau(50.0), "{} {}", tau(1.0), tau(50.0));
    for wrong in [
        TopologicalSwaps { taus: Vec::new(), ..grid.clone() },
        TopologicalSwaps { taus: vec![f64::NAN], ..grid.clone() },
        TopologicalSwaps { log_det_s: 0.0, ..grid.clone() },
        TopologicalSwaps { xi: -1.0, ..grid },
    ] {
        assert!(wrong.solve(&problem, &Run::new(1)).is_err(), "{wrong:?}");
    }
}

#[test]
fn losses_fall_strictly_and_the_result_is_stationary() {
    for (kind, seed) in [(ScoreKind::Ev, 3), (ScoreKind::L1, 3), (ScoreKind::L1, 4), (ScoreKind::L1, 5), (ScoreKind::Logistic, 3)] {
        for candidates in [Candidates::WeakestPaths, Candidates::TauGrid] {
            let (columns, _) = linear(if kind == ScoreKind::Logistic { 7 } else { 12 }, 2.0, 300, seed);
            let problem = problem(if kind == ScoreKind::Logistic { binary(&columns) } else { columns }, kind);
            let solver = TopologicalSwaps { candidates, reinsert: candidates == Candidates::TauGrid, ..TopologicalSwaps::default() };
            let outcome = solver.solve(&problem, &Run::new(1)).unwrap();
            let trace: Vec<f64> = outcome.trace.as_ref().unwrap().rows().map(|row| row[1]).collect();
            assert!(trace.len() > 2 && trace.windows(2).all(|pair| pair[1] < pair[0]));
            assert!(outcome.promised.contains(&"stationary".to_owned()), "{kind:?}");
            let verdict = problem.check(&outcome.solution.unwrap()).unwrap();
            assert!(verdict.holds());
            // Exchanges may end where a re-insertion still improves: then nothing is said about better orders nearby.
            let improves = verdict.property("insertion-optimal").unwrap().holds != Some(true);
            assert_eq!(outcome.status, if improves { Status::Feasible } else { Status::LocallyOptimal }, "{kind:?} {seed}");
            assert_eq!(verdict.property("stationary").unwrap().holds, Some(true), "{:?}", verdict.property("stationary"));
        }
    }
}

#[test]
fn the_scores_of_the_authors_code_are_reached() {
    // What their code reached on these files from one random start (specification, section 4.3).
    for (name, theirs) in [("ER2_d20", 9.784_87), ("ER4_d20", 9.786_09)] {
        let Some(columns) = npy(&format!("{name}_n1000_gauss_ev_seed1_X.npy")) else { continue };
        let problem = problem(columns, ScoreKind::Ev);
        let found = (0..5).map(|seed| TopologicalSwaps::default().solve(&problem, &Run::new(seed)).unwrap().objective.unwrap());
        let values: Vec<f64> = found.collect();
        eprintln!("{name}: {values:?}, theirs {theirs}");
        // From the default seed, and from most random starts: the published search has no restarts and can end early.
        let as_good = values.iter().filter(|&&value| value <= theirs + 5e-6).count();
        assert!(values[0] <= theirs + 5e-6 && as_good >= 3, "{name}: {values:?}");
    }
}

#[test]
fn a_given_graph_is_refined_and_never_made_worse() {
    let (columns, truth) = linear(15, 2.0, 400, 9);
    let base = problem(columns, ScoreKind::Ev);
    let started = base.with_start(Some(Start::Graph(truth))).unwrap();
    let outcome = TopologicalSwaps::default().solve(&started, &Run::new(1)).unwrap();
    let trace: Vec<f64> = outcome.trace.unwrap().rows().map(|row| row[1]).collect();
    assert!(outcome.objective.unwrap() <= trace[0] * (1.0 + 1e-12));
}

#[test]
fn binary_data_never_get_worse_than_the_start() {
    let (columns, _) = linear(6, 1.0, 300, 4);
    let problem = problem(binary(&columns), ScoreKind::Logistic).with_start(Some(Start::Order(vec![5, 4, 3, 2, 1, 0]))).unwrap();
    let outcome = TopologicalSwaps::default().solve(&problem, &Run::new(1)).unwrap();
    let trace: Vec<f64> = outcome.trace.unwrap().rows().map(|row| row[1]).collect();
    let verdict = problem.check(outcome.solution.as_ref().unwrap()).unwrap();
    assert!((verdict.objective.unwrap().value - outcome.objective.unwrap()).abs() < 1e-9);
    assert!(outcome.objective.unwrap() <= trace[0]);
}
