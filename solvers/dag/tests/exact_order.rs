//! The dynamic programme against every order there is, and the local search against the programme.

mod shared;

use fathom_opt_core::{Outcome, Run, Solver, Status};
use fathom_opt_dag::{ExactOrder, LocalScore, Moments, OrderSearch, ProblemScore, TopologicalSwaps};
use fathom_opt_problems::Problem;
use fathom_opt_problems::dag_learning::{DagLearning, Knowledge, Sample, ScoreKind, WeightedDag};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use shared::{linear, names, problem};

/// The least-squares score of the best of all orders: eliminating variables in every sequence.
fn brute_force(matrix: &[f64], d: usize, used: u32) -> f64 {
    let mut best = if used.count_ones() as usize == d { 0.0 } else { f64::INFINITY };
    for k in (0..d).filter(|k| used >> k & 1 == 0) {
        let pivot = matrix[k * d + k];
        let mut rest = matrix.to_vec();
        for i in 0..d {
            for j in 0..d {
                rest[i * d + j] -= matrix[i * d + k] * matrix[k * d + j] / pivot;
            }
        }
        best = f64::min(best, 0.5 * pivot + brute_force(&rest, d, used | 1 << k));
    }
    best
}

/// The best sum of node costs over all orders, by the costs themselves.
fn all_orders(score: &dyn LocalScore, before: &mut Vec<usize>) -> f64 {
    let d = score.variables();
    let mut best = if before.len() == d { 0.0 } else { f64::INFINITY };
    for node in 0..d {
        if !before.contains(&node) {
            let mut sorted = before.clone();
            sorted.sort_unstable();
            let cost = score.cost(node, &sorted);
            before.push(node);
            best = best.min(cost + all_orders(score, before));
            before.pop();
        }
    }
    best
}

fn solve(problem: &DagLearning, solver: &impl Solver<DagLearning>) -> Outcome<WeightedDag> {
    let outcome = solver.solve(problem, &Run::new(1)).unwrap();
    let verdict = problem.check(outcome.solution.as_ref().unwrap()).unwrap();
    assert!(verdict.holds(), "{:?}", verdict.violations);
    let (claimed, found) = (outcome.objective.unwrap(), verdict.objective.as_ref().unwrap().value);
    assert!((claimed - found).abs() <= problem.objective_tolerance() * found.abs().max(1.0), "{claimed} {found}");
    for name in &outcome.promised {
        assert_ne!(verdict.property(name).unwrap().holds, Some(false), "{name}");
    }
    outcome
}

#[test]
fn the_programme_finds_what_brute_force_finds() {
    for (d, n, seed) in [(1, 20, 1), (2, 20, 2), (4, 30, 3), (6, 15, 4), (7, 40, 5), (8, 60, 6)] {
        let (columns, _) = if d == 1 { (vec![(0..20).map(f64::from).collect()], vec![]) } else { linear(d, 1.5, n, seed) };
        let problem = problem(columns, ScoreKind::Ev);
        let outcome = solve(&problem, &ExactOrder::default());
        let moments = Moments::of(&problem);
        let matrix: Vec<f64> = (0..d * d).map(|k| moments.covariance(k / d, k % d)).collect();
        let best = brute_force(&matrix, d, 0);
        assert_eq!(outcome.status, Status::Optimal);
        assert!((outcome.objective.unwrap() - best).abs() <= 1e-10 * best, "d = {d}: {:?} {best}", outcome.objective);
        assert!((outcome.bound.unwrap() - best).abs() <= 1e-10 * best);
    }
}

#[test]
fn penalised_scores_are_solved_exactly_too() {
    let (columns, _) = linear(5, 1.0, 120, 7);
    let binary: Vec<Vec<f64>> =
        columns.iter().map(|column| column.iter().map(|&value| f64::from(u8::from(value > 0.3))).collect()).collect();
    for (kind, columns) in [(ScoreKind::L1, columns), (ScoreKind::Logistic, binary)] {
        let problem = problem(columns, kind);
        let moments = Moments::of(&problem);
        let best = all_orders(&ProblemScore::new(&problem, &moments), &mut Vec::new());
        let exact = solve(&problem, &ExactOrder::default());
        assert_eq!(exact.status, Status::Optimal);
        assert!((exact.objective.unwrap() - best).abs() <= 1e-6, "{kind:?}");
        let searched = solve(&problem, &OrderSearch::default());
        assert!((searched.objective.unwrap() - best).abs() <= 1e-6, "{kind:?}: {:?} {best}", searched.objective);
    }
}

/// The least penalised logistic loss of `target` on these columns, by accelerated proximal gradient steps: slow, simple, and nothing like the solver.
fn logistic_by_gradients(columns: &[&Vec<f64>], target: &[f64], lambda: f64) -> f64 {
    let n = target.len() as f64;
    let bound: f64 = 0.25 * columns.iter().map(|column| column.iter().map(|x| x * x).sum::<f64>() / n).sum::<f64>().max(1e-9);
    let linear = |weights: &[f64]| -> Vec<f64> {
        (0..target.len()).map(|r| columns.iter().zip(weights).map(|(column, weight)| weight * column[r]).sum()).collect()
    };
    let (mut weights, mut ahead, mut momentum) = (vec![0.0; columns.len()], vec![0.0; columns.len()], 1.0_f64);
    for _ in 0..4000 {
        let m = linear(&ahead);
        let residual: Vec<f64> = m.iter().zip(target).map(|(m, y)| 1.0 / (1.0 + (-m).exp()) - y).collect();
        let next: Vec<f64> = columns
            .iter()
            .zip(&ahead)
            .map(|(column, weight)| {
                let slope = column.iter().zip(&residual).map(|(x, r)| x * r).sum::<f64>() / n;
                let free = weight - slope / bound;
                free.signum() * (free.abs() - lambda / bound).max(0.0)
            })
            .collect();
        let grown = f64::midpoint(1.0, (1.0 + 4.0 * momentum * momentum).sqrt());
        ahead = next.iter().zip(&weights).map(|(new, old)| new + (momentum - 1.0) / grown * (new - old)).collect();
        (weights, momentum) = (next, grown);
    }
    let m = linear(&weights);
    let loss: f64 = m.iter().zip(target).map(|(&m, &y)| if m > 0.0 { m + (-m).exp().ln_1p() } else { m.exp().ln_1p() } - y * m).sum();
    loss / n + lambda * weights.iter().map(|weight| weight.abs()).sum::<f64>()
}

#[test]
fn the_logistic_optimum_is_that_of_a_generic_method_over_all_orders() {
    for (d, seed) in [(4, 1), (6, 2)] {
        let (columns, _) = linear(d, 1.5, 150, 60 + seed);
        let binary: Vec<Vec<f64>> =
            columns.iter().map(|column| column.iter().map(|&value| f64::from(u8::from(value > 0.2))).collect()).collect();
        let problem = problem(binary.clone(), ScoreKind::Logistic);
        let cost = |node: usize, set: usize| {
            let parents: Vec<&Vec<f64>> = (0..d).filter(|k| set >> k & 1 == 1).map(|k| &binary[k]).collect();
            logistic_by_gradients(&parents, &binary[node], problem.score().l1())
        };
        let table: Vec<Vec<f64>> =
            (0..d).map(|node| (0..1 << d).map(|set| if set >> node & 1 == 1 { f64::NAN } else { cost(node, set) }).collect()).collect();
        // Every order, one after another.
        let mut best = f64::INFINITY;
        let mut orders = vec![(0_usize, 0.0)];
        while let Some((before, value)) = orders.pop() {
            if before == (1 << d) - 1 {
                best = best.min(value);
            }
            orders.extend((0..d).filter(|k| before >> k & 1 == 0).map(|k| (before | 1 << k, value + table[k][before])));
        }
        let exact = solve(&problem, &ExactOrder::default());
        assert!((exact.objective.unwrap() - best).abs() <= 1e-6, "{:?} {best}", exact.objective);
        for found in [solve(&problem, &OrderSearch::default()), solve(&problem, &TopologicalSwaps::default())] {
            assert!(found.objective.unwrap() >= best - 1e-6);
        }
        assert!((solve(&problem, &OrderSearch::default()).objective.unwrap() - best).abs() <= 1e-6);
    }
}

/// The cheapest DAG of all over `d` nodes, edge set by edge set, under BIC with a variance per node.
fn best_dag(problem: &DagLearning) -> f64 {
    let d = problem.variables();
    let pairs: Vec<(usize, usize)> = (0..d).flat_map(|i| (0..d).map(move |j| (i, j))).filter(|(i, j)| i != j).collect();
    let Sample::Table { columns } = problem.sample() else { return f64::NAN };
    let n = columns[0].len() as f64;
    let centred: Vec<Vec<f64>> = columns
        .iter()
        .map(|column| {
            let mean = column.iter().sum::<f64>() / n;
            column.iter().map(|value| value - mean).collect()
        })
        .collect();
    let moment = |i: usize, j: usize| centred[i].iter().zip(&centred[j]).map(|(a, b)| a * b).sum::<f64>() / n;
    // Variance given a set, by elimination.
    let variance = |node: usize, parents: &[usize]| {
        let all: Vec<usize> = parents.iter().copied().chain([node]).collect();
        let k = all.len();
        let mut a: Vec<f64> = (0..k * k).map(|e| moment(all[e / k], all[e % k])).collect();
        for p in 0..k - 1 {
            for i in p + 1..k {
                let factor = a[i * k + p] / a[p * k + p];
                for j in p..k {
                    a[i * k + j] -= factor * a[p * k + j];
                }
            }
        }
        a[k * k - 1]
    };
    let cost: Vec<Vec<f64>> = (0..d)
        .map(|node| {
            (0..1 << d)
                .map(|set: usize| {
                    let parents: Vec<usize> = (0..d).filter(|&p| set >> p & 1 == 1 && p != node).collect();
                    n * variance(node, &parents).ln() + 2.0 * n.ln() * parents.len() as f64
                })
                .collect()
        })
        .collect();
    let mut best = f64::INFINITY;
    'graphs: for graph in 0_u64..1 << pairs.len() {
        let mut parents = vec![0_usize; d];
        for (k, &(from, to)) in pairs.iter().enumerate() {
            if graph >> k & 1 == 1 {
                if graph >> pairs.iter().position(|&pair| pair == (to, from)).unwrap() & 1 == 1 {
                    continue 'graphs;
                }
                parents[to] |= 1 << from;
            }
        }
        let mut left: Vec<usize> = (0..d).collect();
        let mut placed = 0_usize;
        while let Some(k) = left.iter().position(|&node| parents[node] & !placed == 0) {
            placed |= 1 << left.remove(k);
        }
        if left.is_empty() {
            best = best.min((0..d).map(|node| cost[node][parents[node]]).sum());
        }
    }
    best
}

#[test]
fn the_best_sparse_graph_is_the_best_of_all_graphs() {
    for seed in 0..3 {
        let (columns, _) = linear(4, 1.2, 60, 40 + seed);
        let problem = problem(columns, ScoreKind::NvBic);
        let exact = solve(&problem, &ExactOrder::default());
        assert_eq!(exact.status, Status::Optimal);
        let best = best_dag(&problem);
        assert!((exact.objective.unwrap() - best).abs() <= 1e-8 * best.abs(), "{:?} {best}", exact.objective);
        assert!(solve(&problem, &OrderSearch::default()).objective.unwrap() >= best - 1e-8 * best.abs());
    }
}

#[test]
fn restarts_find_the_proven_optimum() {
    let mut hits = 0;
    for seed in 0..50 {
        let (columns, _) = linear(12, 2.0, if seed % 2 == 0 { 1000 } else { 60 }, 1000 + seed);
        let problem = problem(columns, ScoreKind::Ev);
        let proven = solve(&problem, &ExactOrder::default()).bound.unwrap();
        let found =
            OrderSearch { restarts: Some(20), ..OrderSearch::default() }.solve(&problem, &Run::new(seed)).unwrap().objective.unwrap();
        assert!(found >= proven * (1.0 - 1e-10));
        hits += usize::from(found <= proven * (1.0 + 1e-9));
    }
    eprintln!("{hits} of 50 at the proven optimum");
    assert!(hits >= 48, "{hits} of 50");
}

#[test]
fn knowledge_limits_the_proof() {
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    for trial in 0..40 {
        let d = rng.random_range(3..7);
        let (columns, _) = linear(d, 1.2, 50, trial);
        let mut pairs = |chance: f64| -> Vec<(usize, usize)> {
            (0..d).flat_map(|i| (0..d).map(move |j| (i, j))).filter(|(i, j)| i != j).filter(|_| rng.random_bool(chance)).collect()
        };
        let (required, forbidden) = (pairs(0.08), pairs(0.1));
        let most = (trial % 2 == 0).then_some(2);
        let Ok(knowledge) = Knowledge::new(&names(d), required, forbidden, vec![vec![0], vec![d - 1]], most) else { continue };
        let kind = if trial % 3 == 0 { ScoreKind::NvBic } else { ScoreKind::Ev };
        let problem = problem(columns, kind).with_knowledge(knowledge).unwrap();
        let exact = solve(&problem, &ExactOrder::default());
        assert_eq!(exact.status, Status::Optimal);
        for found in [solve(&problem, &OrderSearch::default()), solve(&problem, &TopologicalSwaps::default())] {
            let (bound, value) = (exact.bound.unwrap(), found.objective.unwrap());
            assert!(value >= bound - 1e-9 * bound.abs().max(1.0), "{value} below the proven {bound}");
        }
    }
}

#[test]
fn too_many_variables_are_refused_and_a_limit_is_kept() {
    let (columns, _) = linear(26, 1.0, 100, 1);
    let error = ExactOrder::default().accepts(&problem(columns, ScoreKind::Ev)).unwrap_err();
    assert!(error.to_string().contains("512 MiB"), "{error}");
    let (columns, _) = linear(16, 1.0, 100, 1);
    let problem = problem(columns, ScoreKind::Ev);
    let outcome = ExactOrder::default().solve(&problem, &Run::new(1).with_iteration_limit(10_000)).unwrap();
    assert!(matches!(outcome.status, Status::Limit(_)));
    assert_eq!(outcome.bound, None);
    let late = ExactOrder::default().solve(&problem, &Run::new(1).with_time_limit(std::time::Duration::ZERO)).unwrap();
    assert!(matches!(late.status, Status::Limit(_)) && late.solution.is_some());
    assert!(problem.check(&outcome.solution.unwrap()).unwrap().holds());
}
