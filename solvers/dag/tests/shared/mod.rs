//! Instances for the tests of this crate.
#![allow(dead_code, reason = "each test binary uses a part")]

use std::path::Path;

use fathom_opt_problems::dag_learning::{DagLearning, Edge, Sample, Score, ScoreKind};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution, StandardNormal};

/// A linear model with `k d` random edges, weights in +-[0.5, 2] and standard normal noise; its data and its graph.
pub fn linear(d: usize, k: f64, n: usize, seed: u64) -> (Vec<Vec<f64>>, Vec<Edge>) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut order: Vec<usize> = (0..d).collect();
    for i in (1..d).rev() {
        order.swap(i, rng.random_range(0..=i));
    }
    let chance = (2.0 * k / (d - 1) as f64).min(1.0);
    let mut edges = Vec::new();
    for a in 0..d {
        for b in a + 1..d {
            if rng.random_bool(chance) {
                let weight = rng.random_range(0.5..2.0);
                edges.push((order[a], order[b], if rng.random_bool(0.5) { weight } else { -weight }));
            }
        }
    }
    let mut columns = vec![vec![0.0; n]; d];
    for &node in &order {
        let mut column: Vec<f64> = (0..n).map(|_| StandardNormal.sample(&mut rng)).collect();
        for &(from, _, weight) in edges.iter().filter(|edge| edge.1 == node) {
            for (value, parent) in column.iter_mut().zip(&columns[from]) {
                *value += weight * parent;
            }
        }
        columns[node] = column;
    }
    (columns, edges)
}

pub fn names(d: usize) -> Vec<String> {
    (0..d).map(|k| format!("x{k}")).collect()
}

pub fn problem(columns: Vec<Vec<f64>>, kind: ScoreKind) -> DagLearning {
    DagLearning::new(names(columns.len()), Sample::Table { columns }, Score::new(kind, None).unwrap()).unwrap()
}

/// The columns of an NPY file of `f64` in C order, in the shared data beside the repository; `None` (and a printed reason) where there is none.
pub fn npy(file: &str) -> Option<Vec<Vec<f64>>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/dag").join(file);
    let Ok(bytes) = std::fs::read(path) else {
        eprintln!("skipped: there is no {file} in the shared data folder beside the repository");
        return None;
    };
    let header = usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    let text = std::str::from_utf8(&bytes[10..10 + header]).unwrap();
    let shape: Vec<usize> = text
        .split_once("'shape': (")
        .unwrap()
        .1
        .split_once(')')
        .unwrap()
        .0
        .split(',')
        .filter_map(|part| part.trim().parse().ok())
        .collect();
    let values: Vec<f64> = bytes[10 + header..].chunks_exact(8).map(|chunk| f64::from_le_bytes(chunk.try_into().unwrap())).collect();
    Some((0..shape[1]).map(|j| (0..shape[0]).map(|r| values[r * shape[1] + j]).collect()).collect())
}

/// The edges of a weight matrix given by columns.
pub fn edges(columns: &[Vec<f64>]) -> Vec<Edge> {
    let mut edges = Vec::new();
    for (to, column) in columns.iter().enumerate() {
        edges.extend(column.iter().enumerate().filter(|(_, weight)| **weight != 0.0).map(|(from, &weight)| (from, to, weight)));
    }
    edges
}
