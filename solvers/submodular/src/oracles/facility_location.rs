//! Facility location: the largest similarity of each client after every level.

use std::sync::Arc;

use fathom_opt_problems::submodular_stream::Rows;

use super::stairs::Stairs;
use crate::oracle::LevelOracle;

/// Facility location over all pairs, with a stack. A gain costs one pass over the clients. Similarities may be kept in single precision; sums are always
/// in double precision.
#[derive(Debug, Clone)]
pub struct DenseFacilityOracle<T> {
    clients: usize,
    rows: Arc<Vec<T>>,
    /// The largest similarity of each client after each level, level 0 first: levels that were taken off stay allocated.
    best: Vec<Vec<f64>>,
    values: Vec<f64>,
}

impl<T: Copy + Into<f64> + Send + Sync> DenseFacilityOracle<T> {
    /// Facility location with the similarities `rows[element * clients + client]`, which are at least 0, and an empty stack.
    pub fn new(clients: usize, rows: impl Into<Arc<Vec<T>>>) -> Self {
        Self { clients, rows: rows.into(), best: vec![vec![0.0; clients]], values: Vec::new() }
    }

    fn row(&self, element: usize) -> &[T] {
        &self.rows[element * self.clients..(element + 1) * self.clients]
    }
}

/// `sum of max(0, row - best)`, with eight partial sums so that it runs in parallel lanes.
fn excess<T: Copy + Into<f64>>(row: &[T], best: &[f64]) -> f64 {
    let mut sums = [0.0_f64; 8];
    let (rows, rest) = row.as_chunks::<8>();
    let (bests, rest_best) = best.as_chunks::<8>();
    for (row, best) in rows.iter().zip(bests) {
        for lane in 0..8 {
            let value: f64 = row[lane].into();
            sums[lane] += (value - best[lane]).max(0.0);
        }
    }
    let tail: f64 = rest.iter().zip(rest_best).map(|(&value, best)| (value.into() - best).max(0.0)).sum();
    sums.iter().sum::<f64>() + tail
}

impl<T: Copy + Into<f64> + Send + Sync> LevelOracle for DenseFacilityOracle<T> {
    fn elements(&self) -> usize {
        self.rows.len().checked_div(self.clients).unwrap_or(0)
    }

    fn height(&self) -> usize {
        self.values.len()
    }

    fn value(&self) -> f64 {
        self.values.last().copied().unwrap_or(0.0)
    }

    fn gain(&self, element: usize, level: usize) -> f64 {
        excess(self.row(element), &self.best[level])
    }

    fn push(&mut self, element: usize) {
        let level = self.values.len();
        let gain = self.gain(element, level);
        if self.best.len() == level + 1 {
            self.best.push(Vec::with_capacity(self.clients));
        }
        let (before, after) = self.best.split_at_mut(level + 1);
        let row = &self.rows[element * self.clients..(element + 1) * self.clients];
        after[0].clear();
        after[0].extend(before[level].iter().zip(row).map(|(best, &value)| best.max(value.into())));
        self.values.push(self.value() + gain);
    }

    fn truncate(&mut self, height: usize) {
        self.values.truncate(height);
    }
}

/// Facility location over the named pairs, with a stack. A gain costs one pass over the element's clients; memory follows what levels change.
#[derive(Debug, Clone)]
pub struct NearestFacilityOracle {
    rows: Arc<Rows<(u32, f64)>>,
    best: Stairs,
    values: Vec<f64>,
}

impl NearestFacilityOracle {
    /// Facility location over `clients` clients, with an empty stack. Each element has a row of clients below that number and similarities of at least 0;
    /// all other pairs have similarity 0.
    pub fn new(clients: usize, rows: impl Into<Arc<Rows<(u32, f64)>>>) -> Self {
        Self { rows: rows.into(), best: Stairs::new(clients), values: Vec::new() }
    }
}

impl LevelOracle for NearestFacilityOracle {
    fn elements(&self) -> usize {
        self.rows.len()
    }

    fn height(&self) -> usize {
        self.best.height()
    }

    fn value(&self) -> f64 {
        self.values.last().copied().unwrap_or(0.0)
    }

    fn gain(&self, element: usize, level: usize) -> f64 {
        self.rows.row(element).iter().map(|&(client, value)| (value - self.best.at(client, level)).max(0.0)).sum()
    }

    fn push(&mut self, element: usize) {
        let level = self.height();
        let value = self.value() + self.gain(element, level);
        for &(client, similarity) in self.rows.row(element) {
            if similarity > self.best.at(client, level) {
                self.best.set(client, similarity);
            }
        }
        self.best.end_level();
        self.values.push(value);
    }

    fn truncate(&mut self, height: usize) {
        self.best.truncate(height);
        self.values.truncate(height);
    }
}
