//! Random instances of at most four variables, solved by trying every acyclic graph: slow, simple, and nothing like the solvers.

use fathom_opt_core::{Audit, BestKnown, Run, Solver, Status};
use fathom_opt_dag::{ExactOrder, OrderSearch, TopologicalSwaps};
use fathom_opt_problems::dag_learning::{DagLearning, Knowledge, Sample, Score, ScoreKind};
use fathom_opt_problems::{AnyProblem, AnySolution, Problem};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// What a comparison found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compared {
    /// The optimum was proven, and it is that of brute force.
    Proven,
    /// Nothing was claimed that brute force refutes, but no proof was given.
    Open,
}

/// What is known about the graph, of one kind or of several.
fn knowledge(d: usize, names: &[String], rng: &mut ChaCha8Rng) -> Option<Knowledge> {
    let all: Vec<(usize, usize)> = (0..d).flat_map(|i| (0..d).map(move |j| (i, j))).filter(|(i, j)| i != j).collect();
    let pairs = |chance: f64, rng: &mut ChaCha8Rng| all.iter().copied().filter(|_| rng.random_bool(chance)).collect::<Vec<_>>();
    let (mut required, mut forbidden, mut tiers, mut most) = (Vec::new(), Vec::new(), Vec::new(), None);
    let kinds = rng.random_range(0..32_u32);
    if kinds & 1 > 0 {
        required = pairs(0.12, rng);
    }
    if kinds & 2 > 0 {
        forbidden = pairs(0.2, rng);
    }
    if kinds & 4 > 0 {
        // Two or three tiers; a node is left out now and then.
        tiers = vec![Vec::new(); rng.random_range(2..4)];
        for node in 0..d {
            let tier = rng.random_range(0..tiers.len() + 1);
            if let Some(tier) = tiers.get_mut(tier) {
                tier.push(node);
            }
        }
    }
    if kinds & 8 > 0 {
        // A root: no edge leads to it.
        let root = rng.random_range(0..d);
        forbidden.extend((0..d).filter(|&from| from != root).map(|from| (from, root)));
    }
    if kinds & 16 > 0 {
        most = Some(rng.random_range(1..3));
    }
    Knowledge::new(names, required, forbidden, tiers, most).ok()
}

/// Data of one of several kinds: a linear model, with other units, with a copy or a near copy of a column, with few observations; binary for `logistic`.
fn sample(d: usize, kind: ScoreKind, rng: &mut ChaCha8Rng) -> Vec<Vec<f64>> {
    let n = if rng.random_bool(0.1) { rng.random_range(2..6) } else { rng.random_range(6..40) };
    let mut columns: Vec<Vec<f64>> = Vec::new();
    for _ in 0..d {
        let weights: Vec<f64> = columns.iter().map(|_| if rng.random_bool(0.6) { rng.random_range(-2.0..2.0) } else { 0.0 }).collect();
        let noise = rng.random_range(0.3..1.5);
        columns.push(
            (0..n)
                .map(|r| {
                    let mean: f64 = columns.iter().zip(&weights).map(|(column, weight)| weight * column[r]).sum();
                    mean + noise * rng.random_range(-1.7..1.7)
                })
                .collect(),
        );
    }
    if kind == ScoreKind::Logistic {
        return columns.iter().map(|column| column.iter().map(|&value| f64::from(u8::from(value > 0.1))).collect()).collect();
    }
    match rng.random_range(0..10) {
        0 => {
            let near = 10_f64.powi(-rng.random_range(2..7));
            columns[d - 1] = columns[0].iter().map(|value| value + near * rng.random_range(-1.0..1.0)).collect();
        }
        1 => columns[d - 1] = columns[0].iter().map(|value| 2.0 * value + 3.0).collect(),
        2 => {
            let unit = 10_f64.powi(rng.random_range(-80..80));
            for value in columns.iter_mut().flatten() {
                *value *= unit;
            }
        }
        3 => {
            for column in &mut columns {
                let unit = 10_f64.powi(rng.random_range(-3..4));
                for value in column {
                    *value *= unit;
                }
            }
        }
        _ => {}
    }
    columns
}

/// The random instance number `seed`; `None` where its knowledge or data are none.
pub fn instance(seed: u64) -> Option<DagLearning> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let d = rng.random_range(1..5);
    let kind = [ScoreKind::Ev, ScoreKind::EvEbic, ScoreKind::NvBic, ScoreKind::L1, ScoreKind::Logistic][rng.random_range(0..5)];
    let names: Vec<String> = (0..d).map(|k| format!("x{k}")).collect();
    let columns = sample(d, kind, &mut rng);
    let knowledge = knowledge(d, &names, &mut rng)?;
    let score = Score::new(kind, None).ok()?;
    DagLearning::new(names, Sample::Table { columns }, score).ok()?.with_knowledge(knowledge).ok()
}

/// The columns less their means, in units of their largest entries.
fn standard(columns: &[Vec<f64>]) -> (Vec<Vec<f64>>, Vec<f64>) {
    let mut units = Vec::new();
    let columns = columns
        .iter()
        .map(|column| {
            let about = column.iter().map(|value| value / column.len() as f64).sum::<f64>();
            let rest = column.iter().map(|value| (value - about) / column.len() as f64).sum::<f64>();
            let centred: Vec<f64> = column.iter().map(|value| value - about - rest).collect();
            let largest = centred.iter().fold(0.0, |largest: f64, value| largest.max(value.abs()));
            let unit = if largest > 0.0 { largest } else { 1.0 };
            units.push(unit);
            centred.iter().map(|value| value / unit).collect()
        })
        .collect();
    (columns, units)
}

fn inner(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

/// The mean squared residual of `target` on `parents` by Gram and Schmidt, twice.
fn residual(target: &[f64], parents: &[&Vec<f64>]) -> f64 {
    let mut basis: Vec<Vec<f64>> = Vec::new();
    let project = |vector: &mut Vec<f64>, basis: &[Vec<f64>]| {
        for _ in 0..2 {
            for unit in basis {
                let along = inner(unit, vector);
                vector.iter_mut().zip(unit).for_each(|(value, entry)| *value -= along * entry);
            }
        }
    };
    for parent in parents {
        let length = inner(parent, parent).sqrt();
        let mut left = (*parent).clone();
        project(&mut left, &basis);
        let kept = inner(&left, &left).sqrt();
        if kept > 1e-7 * length {
            for value in &mut left {
                *value /= kept;
            }
            basis.push(left);
        }
    }
    let mut left = target.to_vec();
    project(&mut left, &basis);
    inner(&left, &left) / target.len() as f64
}

/// The least of `1/2 mean (y - X w)^2 + sum_i l_i |w_i|`, by every pattern of signs: the minimum is the least value of those whose weights have these signs.
fn lasso(target: &[f64], parents: &[&Vec<f64>], penalties: &[f64]) -> f64 {
    let (n, k) = (target.len() as f64, parents.len());
    let mut best = 0.5 * inner(target, target) / n;
    for pattern in 0..3_usize.pow(u32::try_from(k).unwrap()) {
        let signs: Vec<f64> =
            (0..k).map(|i| f64::from(u8::try_from(pattern / 3_usize.pow(u32::try_from(i).unwrap()) % 3).unwrap()) - 1.0).collect();
        let active: Vec<usize> = (0..k).filter(|&i| signs[i] != 0.0).collect();
        // Normal equations of the active weights, by Gauss-Jordan elimination with row exchanges.
        let m = active.len();
        let mut a: Vec<Vec<f64>> = active
            .iter()
            .map(|&i| {
                let mut row: Vec<f64> = active.iter().map(|&j| inner(parents[i], parents[j]) / n).collect();
                row.push(inner(parents[i], target) / n - penalties[i] * signs[i]);
                row
            })
            .collect();
        let mut singular = false;
        for c in 0..m {
            let pivot = (c..m).max_by(|&x, &y| a[x][c].abs().total_cmp(&a[y][c].abs())).unwrap();
            a.swap(c, pivot);
            if a[c][c].abs() < 1e-13 {
                singular = true;
                break;
            }
            let row = a[c].clone();
            for (_, other) in a.iter_mut().enumerate().filter(|&(r, _)| r != c) {
                let factor = other[c] / row[c];
                for (entry, pivot) in other.iter_mut().zip(&row).skip(c) {
                    *entry -= factor * pivot;
                }
            }
        }
        if singular {
            continue;
        }
        let mut left = target.to_vec();
        let mut penalty = 0.0;
        for (c, &i) in active.iter().enumerate() {
            let weight = a[c][m] / a[c][c];
            left.iter_mut().zip(parents[i]).for_each(|(value, x)| *value -= weight * x);
            penalty += penalties[i] * weight.abs();
        }
        best = best.min(0.5 * inner(&left, &left) / n + penalty);
    }
    best
}

/// The least penalised logistic loss, by accelerated proximal gradient steps.
fn logistic(target: &[f64], parents: &[&Vec<f64>], lambda: f64) -> f64 {
    let n = target.len() as f64;
    let bound = 0.25 * parents.iter().map(|column| inner(column, column) / n).sum::<f64>().max(1e-9);
    let mix =
        |weights: &[f64]| -> Vec<f64> { (0..target.len()).map(|r| parents.iter().zip(weights).map(|(x, w)| w * x[r]).sum()).collect() };
    let (mut weights, mut ahead, mut momentum) = (vec![0.0; parents.len()], vec![0.0; parents.len()], 1.0_f64);
    for _ in 0..3000 {
        let slopes: Vec<f64> = mix(&ahead).iter().zip(target).map(|(m, y)| 1.0 / (1.0 + (-m).exp()) - y).collect();
        let step = |(column, weight): (&&Vec<f64>, &f64)| {
            let free = weight - inner(column, &slopes) / n / bound;
            free.signum() * (free.abs() - lambda / bound).max(0.0)
        };
        let next: Vec<f64> = parents.iter().zip(&ahead).map(step).collect();
        let grown = f64::midpoint(1.0, (1.0 + 4.0 * momentum * momentum).sqrt());
        ahead = next.iter().zip(&weights).map(|(new, old)| new + (momentum - 1.0) / grown * (new - old)).collect();
        (weights, momentum) = (next, grown);
    }
    let loss: f64 = mix(&weights).iter().zip(target).map(|(&m, &y)| m.max(0.0) + (-m.abs()).exp().ln_1p() - y * m).sum();
    loss / n + lambda * weights.iter().map(|weight| weight.abs()).sum::<f64>()
}

/// What every node contributes with every set of parents: `[node][set]`.
fn costs(problem: &DagLearning) -> Vec<Vec<f64>> {
    let Sample::Table { columns } = problem.sample() else { return Vec::new() };
    let (d, n) = (problem.variables(), problem.sample().observations());
    let (score, (standard, units)) = (problem.score(), standard(columns));
    let cost = |node: usize, set: usize| {
        let members: Vec<usize> = (0..d).filter(|k| set >> k & 1 == 1).collect();
        let raw: Vec<&Vec<f64>> = members.iter().map(|&k| &columns[k]).collect();
        let parents: Vec<&Vec<f64>> = members.iter().map(|&k| &standard[k]).collect();
        let square = units[node] * units[node];
        match score.kind() {
            ScoreKind::Ev => 0.5 * square * residual(&standard[node], &parents),
            ScoreKind::EvEbic => square * residual(&standard[node], &parents),
            ScoreKind::NvBic => {
                let own = residual(&standard[node], &[]);
                let fit = if own > 0.0 { residual(&standard[node], &parents).max(1e-12 * own).ln() + square.ln() } else { 0.0 };
                n as f64 * fit + score.per_edge(n, d) * members.len() as f64
            }
            ScoreKind::L1 => {
                let penalties: Vec<f64> = members.iter().map(|&k| score.l1() / (units[k] * units[node])).collect();
                square * lasso(&standard[node], &parents, &penalties)
            }
            ScoreKind::Logistic => logistic(&columns[node], &raw, score.l1()),
        }
    };
    (0..d).map(|node| (0..1 << d).map(|set: usize| if set >> node & 1 == 1 { f64::NAN } else { cost(node, set) }).collect()).collect()
}

/// Whether the graph with these sets of parents has no cycle and is what knowledge allows.
fn is_allowed(problem: &DagLearning, sets: &[usize]) -> bool {
    let (d, knowledge) = (sets.len(), problem.knowledge());
    let has = |from: usize, to: usize| sets[to] >> from & 1 == 1;
    let tier_of = knowledge.tier_of(d);
    let against_time = |from: usize, to: usize| matches!((tier_of[from], tier_of[to]), (Some(late), Some(early)) if late > early);
    let pairs = || (0..d).flat_map(|from| (0..d).map(move |to| (from, to)));
    if knowledge.required().iter().any(|&(from, to)| !has(from, to))
        || knowledge.forbidden().iter().any(|&(from, to)| has(from, to))
        || pairs().any(|(from, to)| has(from, to) && against_time(from, to))
        || knowledge.max_parents().is_some_and(|most| sets.iter().any(|set| set.count_ones() as usize > most))
    {
        return false;
    }
    let mut placed = 0_usize;
    while let Some(next) = (0..d).find(|&node| placed >> node & 1 == 0 && sets[node] & !placed == 0) {
        placed |= 1 << next;
    }
    placed.count_ones() as usize == d
}

/// The best score of all graphs.
pub fn brute_force(problem: &DagLearning) -> f64 {
    let (d, n) = (problem.variables(), problem.sample().observations());
    let (costs, per_edge) = (costs(problem), problem.score().per_edge(n, d));
    let total: f64 = (0..d).map(|node| costs[node][0]).sum();
    let mut best = f64::INFINITY;
    let mut sets = vec![0_usize; d];
    for code in 0..1_usize << (d * d) {
        sets.iter_mut().enumerate().for_each(|(node, set)| *set = code >> (node * d) & ((1 << d) - 1));
        if sets.iter().enumerate().any(|(node, set)| set >> node & 1 == 1) || !is_allowed(problem, &sets) {
            continue;
        }
        let sum: f64 = sets.iter().enumerate().map(|(node, &set)| costs[node][set]).sum();
        best = best.min(if problem.score().kind() == ScoreKind::EvEbic {
            let edges: u32 = sets.iter().map(|set| set.count_ones()).sum();
            (n * d) as f64 * (sum.max(1e-12 * total) / d as f64).ln() + per_edge * f64::from(edges)
        } else {
            sum
        });
    }
    best
}

/// One solver on one instance; what it claims against the audit and against `best`.
fn one<S: Solver<DagLearning>>(problem: &DagLearning, solver: &S, best: f64) -> Result<Status, String> {
    let outcome = solver.solve(problem, &Run::new(1)).map_err(|error| format!("{}: {error}", S::NAME))?;
    let (status, objective, bound) = (outcome.status.clone(), outcome.objective, outcome.bound);
    let any: &dyn AnyProblem = problem;
    let audit = Audit::of(any, &outcome.map(AnySolution::new), BestKnown::default());
    if let Some(refuted) = audit.refuted.first() {
        return Err(format!("{}: {} refuted: {}", S::NAME, refuted.claim, refuted.found));
    }
    if !audit.solution_holds() {
        return Err(format!("{}: the solution breaks a requirement: {:?}", S::NAME, audit.verdict));
    }
    // In the unit of the score: observations, where logarithms may add up to 0.
    let kind = problem.score().kind();
    let logarithms = matches!(kind, ScoreKind::NvBic | ScoreKind::EvEbic);
    let unit = if logarithms { best.abs().max(problem.sample().observations() as f64) } else { best.abs() };
    let slack = 2.0 * Problem::objective_tolerance(problem) * unit;
    let objective = objective.ok_or_else(|| format!("{}: no objective", S::NAME))?;
    if objective < best - slack {
        return Err(format!("{}: objective {objective:e} below the best of all graphs, {best:e}", S::NAME));
    }
    if bound.is_some_and(|bound| bound > best + slack) {
        return Err(format!("{}: bound {bound:?} above the best of all graphs, {best:e}", S::NAME));
    }
    if status == Status::Optimal && objective > best + slack {
        return Err(format!("{}: optimal with {objective:e}, the best of all graphs has {best:e}", S::NAME));
    }
    Ok(status)
}

/// Every solver against brute force on one instance.
pub fn compare(problem: &DagLearning) -> Result<Compared, String> {
    let best = brute_force(problem);
    let status = one(problem, &ExactOrder::default(), best)?;
    one(problem, &OrderSearch { restarts: Some(1), ..OrderSearch::default() }, best)?;
    one(problem, &TopologicalSwaps { reinsert: true, ..TopologicalSwaps::default() }, best)?;
    Ok(if status == Status::Optimal { Compared::Proven } else { Compared::Open })
}

/// Compares the instances of these seeds; how many were proven, left open, and what went wrong.
pub fn compare_all(seeds: std::ops::Range<u64>) -> (usize, usize, Vec<String>) {
    let (mut proven, mut open, mut faults) = (0, 0, Vec::new());
    for seed in seeds {
        let Some(problem) = instance(seed) else { continue };
        match compare(&problem) {
            Ok(Compared::Proven) => proven += 1,
            Ok(Compared::Open) => open += 1,
            Err(fault) => faults.push(format!("instance {seed} ({:?}, {:?}): {fault}", problem.score().kind(), problem.knowledge())),
        }
    }
    (proven, open, faults)
}
