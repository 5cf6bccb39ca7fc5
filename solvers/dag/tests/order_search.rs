//! The default solver: monotone, the same whatever the threads, at the targets on the development files, honouring knowledge.

mod shared;

use fathom_opt_core::{Outcome, Run, Solver, Status};
use fathom_opt_dag::gains::all_blocks;
use fathom_opt_dag::{ExactOrder, Moments, OrderFactor, OrderSearch, Prune, StartKind, TopologicalSwaps};
use fathom_opt_problems::Problem;
use fathom_opt_problems::dag_learning::{Comparison, DagLearning, Knowledge, Sample, Score, ScoreKind, Start, WeightedDag};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use shared::{edges, linear, names, npy, problem};

fn solve(problem: &DagLearning, solver: &OrderSearch) -> Outcome<WeightedDag> {
    let outcome = solver.solve(problem, &Run::new(1)).unwrap();
    let verdict = problem.check(outcome.solution.as_ref().unwrap()).unwrap();
    assert!(verdict.holds(), "{:?}", verdict.violations);
    let (claimed, found) = (outcome.objective.unwrap(), verdict.objective.as_ref().unwrap().value);
    assert!((claimed - found).abs() <= problem.objective_tolerance() * found.abs().max(1.0), "{claimed} {found}");
    for name in &outcome.promised {
        assert_ne!(verdict.property(name).unwrap().holds, Some(false), "{name}: {:?}", verdict.property(name));
    }
    outcome
}

#[test]
fn descents_are_monotone_from_random_starts_in_one_and_two_threads() {
    for seed in 0..10 {
        let (columns, _) = linear(15, 2.0, 200, seed);
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut order: Vec<usize> = (0..15).collect();
        for k in (1..15).rev() {
            order.swap(k, rng.random_range(0..=k));
        }
        let problem = problem(columns, ScoreKind::Ev).with_start(Some(Start::Order(order))).unwrap();
        let solver = OrderSearch { starts: vec![StartKind::Given], restarts: Some(0), kicks: Some(3), ..OrderSearch::default() };
        let one = solver.solve(&problem, &Run::new(seed)).unwrap();
        let trace: Vec<f64> = one.trace.as_ref().unwrap().rows().map(|row| row[1]).collect();
        assert!(trace.len() > 1 && trace.windows(2).all(|pair| pair[1] < pair[0]), "{trace:?}");
        assert!(one.objective.unwrap() <= trace[0]);
        let many = OrderSearch::default();
        let (one, two) = (many.solve(&problem, &Run::new(seed)).unwrap(), many.solve(&problem, &Run::new(seed).with_threads(2)).unwrap());
        assert_eq!(one, two);
    }
}

#[test]
fn the_development_files_reach_the_best_known_scores() {
    let targets = [
        ("ER2_d20", 9.784_614),
        ("ER4_d20", 9.786_009),
        ("ER2_d50", 24.107_220),
        ("ER4_d50", 24.096_624),
        ("ER2_d100", 47.392_667),
        ("ER4_d100", 47.407_686),
    ];
    for (name, target) in targets {
        let Some(columns) = npy(&format!("{name}_n1000_gauss_ev_seed1_X.npy")) else { continue };
        let value = solve(&problem(columns, ScoreKind::Ev), &OrderSearch::default()).objective.unwrap();
        eprintln!("{name}: {value:.6}, best known {target}, relative {:.2e}", value / target - 1.0);
        assert!(value <= target * (1.0 + 1e-4), "{name}: {value}");
    }
}

#[test]
fn extended_bic_finds_the_graphs_of_the_development_files() {
    for (name, most) in [("ER2_d20", 0), ("ER4_d20", 0), ("ER2_d50", 0), ("ER4_d50", 0), ("ER2_d100", 3), ("ER4_d100", 3)] {
        let Some(columns) = npy(&format!("{name}_n1000_gauss_ev_seed1_X.npy")) else { continue };
        let Some(weights) = npy(&format!("{name}_n1000_gauss_ev_seed1_W.npy")) else { continue };
        let d = columns.len();
        let outcome = solve(&problem(columns, ScoreKind::EvEbic), &OrderSearch::default());
        let comparison = Comparison::new(d, &outcome.solution.unwrap().edges, &edges(&weights));
        eprintln!("{name}: SHD {}, CPDAG-SHD {:?}", comparison.shd, comparison.cpdag_shd);
        assert!(comparison.shd <= most, "{name}: {comparison:?}");
    }
}

#[test]
fn a_graph_from_another_tool_is_never_made_worse() {
    let Some(columns) = npy("ER2_d20_n1000_gauss_ev_seed1_X.npy") else { return };
    let base = problem(columns, ScoreKind::Ev);
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    for _ in 0..5 {
        // A random graph with cycles, as some tools return.
        let edges: Vec<(usize, usize, f64)> = (0..20)
            .flat_map(|i| (0..20).map(move |j| (i, j)))
            .filter(|(i, j)| i != j)
            .filter(|_| rng.random_bool(0.15))
            .map(|(i, j)| (i, j, 1.0 + (i * j) as f64))
            .collect();
        let problem = base.clone().with_start(Some(Start::Graph(edges))).unwrap();
        let solver = OrderSearch { starts: vec![StartKind::Given], restarts: Some(0), kicks: Some(0), ..OrderSearch::default() };
        let outcome = solve(&problem, &solver);
        let trace: Vec<f64> = outcome.trace.unwrap().rows().map(|row| row[1]).collect();
        assert!(outcome.objective.unwrap() <= trace[0] * (1.0 + 1e-12));
    }
}

#[test]
fn a_given_graph_is_a_floor_for_every_score() {
    // Graphs that are far better than anything their own order suggests to a greedy choice, and random ones.
    let mut rng = ChaCha8Rng::seed_from_u64(17);
    for trial in 0..12 {
        let (columns, truth) = linear(10, 2.0, 80, 300 + trial);
        let binary: Vec<Vec<f64>> =
            columns.iter().map(|column| column.iter().map(|&value| f64::from(u8::from(value > 0.0))).collect()).collect();
        let random: Vec<(usize, usize, f64)> = (0..10)
            .flat_map(|i| (0..10).map(move |j| (i, j)))
            .filter(|(i, j)| i < j)
            .filter(|_| rng.random_bool(0.4))
            .map(|(i, j)| (i, j, 0.5))
            .collect();
        for kind in [ScoreKind::Ev, ScoreKind::EvEbic, ScoreKind::NvBic, ScoreKind::L1, ScoreKind::Logistic] {
            let base = problem(if kind == ScoreKind::Logistic { binary.clone() } else { columns.clone() }, kind);
            for edges in [truth.clone(), random.clone()] {
                let value = base.check(&WeightedDag { order: Vec::new(), edges: edges.clone() }).unwrap().objective.unwrap().value;
                let started = base.clone().with_start(Some(Start::Graph(edges))).unwrap();
                let alone = OrderSearch { starts: vec![StartKind::Given], restarts: Some(0), kicks: Some(0), ..OrderSearch::default() };
                let stopped = Run::new(1).with_iteration_limit(1);
                for outcome in [
                    solve(&started, &alone),
                    alone.solve(&started, &stopped).unwrap(),
                    TopologicalSwaps::default().solve(&started, &Run::new(1)).unwrap(),
                    ExactOrder::default().solve(&started, &stopped).unwrap(),
                ] {
                    let found = outcome.objective.unwrap();
                    assert!(found <= value + 1e-9 * value.abs().max(1.0), "{kind:?}: {found} from {value}");
                }
            }
        }
    }
}

#[test]
fn large_orders_come_out_the_same_in_one_and_two_threads() {
    // So many variables that rows and columns are shared out among threads.
    let (columns, _) = linear(320, 2.0, 700, 8);
    let problem = problem(columns, ScoreKind::EvEbic);
    let solver = OrderSearch { exchanges: Some(true), blocks: Some(true), ..OrderSearch::default() };
    let run = |threads| solver.solve(&problem, &Run::new(3).with_threads(threads).with_iteration_limit(40)).unwrap();
    let one = run(1);
    assert_eq!(one, run(2));
    assert_eq!(one, run(3));
}

#[test]
fn a_descent_ends_where_no_run_of_nodes_can_be_moved_either() {
    let mut moved = 0;
    for seed in 0..20 {
        let (columns, _) = linear(16, 2.0, 40, 700 + seed);
        let problem = problem(columns, ScoreKind::Ev);
        let alone = |blocks| OrderSearch {
            starts: vec![StartKind::R2],
            restarts: Some(0),
            kicks: Some(0),
            blocks: Some(blocks),
            ..OrderSearch::default()
        };
        let (with, without) = (solve(&problem, &alone(true)), solve(&problem, &alone(false)));
        assert!(with.objective.unwrap() <= without.objective.unwrap() * (1.0 + 1e-12));
        moved += with.counters.others["block moves"];
        let moments = Moments::of(&problem);
        let factor = OrderFactor::new(&moments, with.solution.unwrap().order);
        all_blocks(&factor, |_, _, _, gain| assert!(gain <= 1e-9 * factor.score(), "{gain:e}"));
    }
    eprintln!("{moved} block moves");
    assert!(moved > 0);
}

#[test]
fn bic_descents_are_monotone_and_the_same_in_one_and_two_threads() {
    for seed in 0..4 {
        let (columns, _) = linear(25, 2.0, 150, 40 + seed);
        let problem = problem(columns, ScoreKind::NvBic);
        let one = solve(&problem, &OrderSearch::default());
        let trace: Vec<f64> = one.trace.as_ref().unwrap().rows().map(|row| row[1]).collect();
        assert!(trace.len() > 1 && trace.windows(2).all(|pair| pair[1] < pair[0]), "{trace:?}");
        assert!((one.objective.unwrap() - trace[trace.len() - 1]).abs() <= 1e-7 * one.objective.unwrap().abs());
        assert_eq!(one, OrderSearch::default().solve(&problem, &Run::new(1).with_threads(2)).unwrap());
    }
}

#[test]
fn sparse_search_finds_the_proven_optimum_of_bic() {
    let mut hits = 0;
    for seed in 0..20 {
        let (columns, _) = linear(10, 2.0, if seed % 2 == 0 { 500 } else { 60 }, 1300 + seed);
        let problem = problem(columns, ScoreKind::NvBic);
        let proven = ExactOrder::default().solve(&problem, &Run::new(1)).unwrap().bound.unwrap();
        let found = solve(&problem, &OrderSearch::default()).objective.unwrap();
        assert!(found >= proven - 1e-9 * proven.abs(), "{found} below the proven {proven}");
        hits += usize::from(found <= proven + 1e-7 * proven.abs());
    }
    eprintln!("{hits} of 20 at the proven optimum");
    assert!(hits >= 18, "{hits} of 20");
}

#[test]
fn the_badly_scaled_protein_data_reach_their_optimum() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/dag/sachs_obs_853.csv");
    let Ok(text) = std::fs::read_to_string(path) else {
        eprintln!("skipped: no sachs_obs_853.csv in the shared data folder");
        return;
    };
    let rows: Vec<Vec<f64>> = text.lines().skip(1).map(|line| line.split(',').map(|cell| cell.parse().unwrap()).collect()).collect();
    let columns: Vec<Vec<f64>> = (0..11).map(|j| rows.iter().map(|row| row[j]).collect()).collect();
    let outcome = solve(&problem(columns, ScoreKind::Ev), &OrderSearch::default());
    assert!((outcome.objective.unwrap() - 73_964.552_279).abs() < 1e-6 * 73_964.0, "{:?}", outcome.objective);
}

#[test]
fn the_scale_free_score_gives_the_same_graph_in_other_units() {
    let (columns, truth) = linear(12, 2.0, 1000, 5);
    let scaled: Vec<Vec<f64>> = columns
        .iter()
        .enumerate()
        .map(|(j, column)| column.iter().map(|value| value * (j as f64 * 3.0 - 18.0).exp2() + 7.0).collect())
        .collect();
    let graph = |columns: Vec<Vec<f64>>| {
        let outcome = solve(&problem(columns, ScoreKind::NvBic), &OrderSearch::default());
        let mut pairs: Vec<(usize, usize)> = outcome.solution.unwrap().edges.iter().map(|&(from, to, _)| (from, to)).collect();
        pairs.sort_unstable();
        pairs
    };
    let (raw, other) = (graph(columns), graph(scaled));
    assert_eq!(raw, other);
    let found: Vec<(usize, usize, f64)> = raw.iter().map(|&(from, to)| (from, to, 1.0)).collect();
    eprintln!("CPDAG-SHD {:?}", Comparison::new(12, &found, &truth).cpdag_shd);
}

#[test]
fn standardised_data_are_warned_about() {
    let (mut columns, _) = linear(6, 1.0, 300, 1);
    for column in &mut columns {
        let mean = column.iter().sum::<f64>() / 300.0;
        let deviation = (column.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / 300.0).sqrt();
        for value in column.iter_mut() {
            *value = (*value - mean) / deviation;
        }
    }
    let outcome = solve(&problem(columns, ScoreKind::EvEbic), &OrderSearch::default());
    assert!(outcome.notes.iter().any(|note| note.contains("varsortability")), "{:?}", outcome.notes);
}

#[test]
fn knowledge_is_honoured_on_a_hundred_random_sets() {
    let mut rng = ChaCha8Rng::seed_from_u64(11);
    let kinds = [ScoreKind::Ev, ScoreKind::EvEbic, ScoreKind::NvBic, ScoreKind::L1];
    let mut solved = 0;
    for trial in 0..200 {
        let d = rng.random_range(3..9);
        let (columns, _) = linear(d, 1.0, 60, trial);
        let mut pairs = |chance: f64| -> Vec<(usize, usize)> {
            (0..d).flat_map(|i| (0..d).map(move |j| (i, j))).filter(|(i, j)| i != j).filter(|_| rng.random_bool(chance)).collect()
        };
        let (required, forbidden) = (pairs(0.06), pairs(0.15));
        let tiers = if trial % 3 == 0 { vec![vec![0], vec![1, 2]] } else { Vec::new() };
        let most = (trial % 2 == 0).then_some(2);
        let Ok(knowledge) = Knowledge::new(&names(d), required, forbidden, tiers, most) else { continue };
        let kind = kinds[usize::try_from(trial).unwrap() % kinds.len()];
        let solver = OrderSearch { prune: if trial % 5 == 0 { Prune::Threshold } else { Prune::Auto }, ..OrderSearch::default() };
        let problem = problem(columns, kind).with_knowledge(knowledge).unwrap();
        solve(&problem, &solver);
        for outcome in [TopologicalSwaps::default().solve(&problem, &Run::new(1)), ExactOrder::default().solve(&problem, &Run::new(1))] {
            let verdict = problem.check(&outcome.unwrap().solution.unwrap()).unwrap();
            assert!(verdict.holds(), "{:?}", verdict.violations);
        }
        solved += 1;
    }
    assert!(solved >= 100, "{solved} consistent sets");
}

#[test]
fn degenerate_data_give_a_finite_answer() {
    let (mut columns, _) = linear(6, 1.0, 40, 2);
    columns[1] = columns[0].clone();
    columns[2] = vec![3.0; 40];
    columns[3] = columns[4].iter().zip(&columns[5]).map(|(a, b)| a - 2.0 * b).collect();
    let few: Vec<Vec<f64>> = linear(10, 1.0, 4, 2).0;
    let pair: Vec<Vec<f64>> = linear(5, 1.0, 2, 2).0;
    for columns in [columns, few, pair] {
        for kind in [ScoreKind::Ev, ScoreKind::EvEbic, ScoreKind::NvBic, ScoreKind::L1] {
            let outcome = solve(&problem(columns.clone(), kind), &OrderSearch::default());
            assert!(outcome.objective.unwrap().is_finite());
            assert!(!outcome.notes.is_empty());
        }
    }
}

#[test]
fn a_run_out_of_time_still_returns_a_graph() {
    let (columns, _) = linear(30, 2.0, 200, 4);
    let problem = problem(columns, ScoreKind::Ev);
    let outcome = OrderSearch::default().solve(&problem, &Run::new(1).with_time_limit(std::time::Duration::ZERO)).unwrap();
    assert!(matches!(outcome.status, Status::Limit(_)), "{:?}", outcome.status);
    assert!(problem.check(&outcome.solution.unwrap()).unwrap().holds());
}

#[test]
fn binary_data_are_explained_by_the_logistic_score() {
    let (columns, _) = linear(5, 1.0, 400, 8);
    let binary: Vec<Vec<f64>> =
        columns.iter().map(|column| column.iter().map(|&value| f64::from(u8::from(value > 0.0))).collect()).collect();
    let problem = problem(binary, ScoreKind::Logistic);
    let outcome = solve(&problem, &OrderSearch::default());
    assert_eq!(outcome.status, Status::LocallyOptimal);
    let verdict = problem.check(outcome.solution.as_ref().unwrap()).unwrap();
    for name in ["stationary", "insertion-optimal"] {
        assert_eq!(verdict.property(name).unwrap().holds, Some(true), "{:?}", verdict.property(name));
    }
}

#[test]
fn an_l1_result_satisfies_the_kkt_conditions_and_no_insertion_improves_it() {
    for seed in 0..6 {
        let (columns, _) = linear(12, 2.0, 300, 6 + seed);
        let problem = problem(columns, ScoreKind::L1);
        let outcome = solve(&problem, &OrderSearch::default());
        let verdict = problem.check(outcome.solution.as_ref().unwrap()).unwrap();
        for name in ["stationary", "insertion-optimal"] {
            assert_eq!(verdict.property(name).unwrap().holds, Some(true), "{:?}", verdict.property(name));
        }
        assert_ne!(verdict.property("swap-optimal").unwrap().holds, None);
    }
}

#[test]
fn a_covariance_and_its_table_give_the_same_graph() {
    let (columns, _) = linear(8, 1.5, 500, 3);
    let table = problem(columns.clone(), ScoreKind::EvEbic);
    let n = 500.0;
    let centred: Vec<Vec<f64>> = columns
        .iter()
        .map(|column| {
            let mean = column.iter().sum::<f64>() / n;
            column.iter().map(|value| value - mean).collect()
        })
        .collect();
    let matrix = (0..64).map(|k| centred[k / 8].iter().zip(&centred[k % 8]).map(|(a, b): (&f64, &f64)| a * b).sum::<f64>() / n).collect();
    let moments = DagLearning::new(names(8), Sample::Covariance { matrix, n: 500 }, Score::new(ScoreKind::EvEbic, None).unwrap()).unwrap();
    let pairs = |problem: &DagLearning| -> Vec<(usize, usize)> {
        solve(problem, &OrderSearch::default()).solution.unwrap().edges.iter().map(|&(from, to, _)| (from, to)).collect()
    };
    assert_eq!(pairs(&table), pairs(&moments));
}
