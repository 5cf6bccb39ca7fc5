//! Facility location.

use std::sync::Arc;

use super::super::rows::{Rows, amount};
use crate::malformed::{Malformed, Place};

/// How similar elements and clients are. The numbers are shared: a clone costs next to nothing.
#[derive(Debug, Clone, PartialEq)]
pub enum Similarity {
    /// Every pair: `values[element * clients + client]`.
    Dense {
        /// Number of clients.
        clients: usize,
        /// The similarities, a row for each element.
        values: Arc<Vec<f64>>,
    },
    /// Only the pairs that are named; all others have similarity 0.
    Nearest {
        /// Number of clients.
        clients: usize,
        /// Client and similarity, a row for each element.
        rows: Arc<Rows<(u32, f64)>>,
    },
}

/// `f(S) = sum over clients c of max(0, max over e in S of similarity(e, c))`: monotone and submodular.
#[derive(Debug, Clone, PartialEq)]
pub struct FacilityLocation {
    similarity: Similarity,
}

impl FacilityLocation {
    /// From the similarity of every pair, a row of equal length for each element.
    ///
    /// # Errors
    /// Rows of different lengths; a similarity that is negative or not finite.
    pub fn dense(rows: &[Vec<f64>]) -> Result<Self, Malformed> {
        let clients = rows.first().map_or(0, Vec::len);
        let mut values = Vec::with_capacity(rows.len() * clients);
        for (element, row) in rows.iter().enumerate() {
            let place = Place::root().field("similarity").index(element);
            if row.len() != clients {
                return Err(Malformed::new(place, format!("{} values", row.len()), format!("{clients} (one for each client)")));
            }
            for (client, &value) in row.iter().enumerate() {
                values.push(amount(value, || place.index(client))?);
            }
        }
        Ok(Self { similarity: Similarity::Dense { clients, values: Arc::new(values) } })
    }

    /// From the similarities of the named pairs, a row of client and similarity for each element. Without `clients` there are as many as the rows mention.
    ///
    /// # Errors
    /// A similarity that is negative or not finite; a client out of range or twice in a row.
    pub fn nearest(clients: Option<usize>, rows: Rows<(u32, f64)>) -> Result<Self, Malformed> {
        let most = rows.iter().flatten().map(|&(client, _)| client as usize + 1).max().unwrap_or(0);
        let clients = clients.unwrap_or(most);
        let mut last_seen = vec![usize::MAX; clients];
        for (element, row) in rows.iter().enumerate() {
            for (position, &(client, value)) in row.iter().enumerate() {
                let place = || Place::root().field("nearest").index(element).index(position);
                let Some(seen) = last_seen.get_mut(client as usize) else {
                    return Err(Malformed::new(place(), client.to_string(), format!("a client below {clients}")));
                };
                if std::mem::replace(seen, element) == element {
                    return Err(Malformed::new(place(), format!("{client} again"), "each client once for an element"));
                }
                amount(value, place)?;
            }
        }
        Ok(Self { similarity: Similarity::Nearest { clients, rows: Arc::new(rows) } })
    }

    /// From a point for each element; the elements are the clients, too, and `similarity(x, y) = exp(-|x - y|^2 / (2 bandwidth^2))`. With `neighbours` only
    /// the nearest so many clients of each element count (itself among them; of equally near ones the first), and no matrix of all pairs is kept.
    ///
    /// # Errors
    /// Points of different dimensions; a number that is not finite; a bandwidth that is not above 0; no neighbours.
    pub fn gaussian(points: &[Vec<f64>], bandwidth: f64, neighbours: Option<usize>) -> Result<Self, Malformed> {
        let root = Place::root();
        if !(bandwidth > 0.0 && bandwidth.is_finite()) {
            return Err(Malformed::new(root.field("bandwidth"), bandwidth.to_string(), "a finite number above 0"));
        }
        if neighbours == Some(0) {
            return Err(Malformed::new(root.field("neighbours"), "0", "at least 1"));
        }
        let dimension = points.first().map_or(0, Vec::len);
        for (element, point) in points.iter().enumerate() {
            let place = root.field("points").index(element);
            if point.len() != dimension {
                return Err(Malformed::new(place, format!("{} numbers", point.len()), format!("{dimension}, as in the first point")));
            }
            if let Some(position) = point.iter().position(|value| !value.is_finite()) {
                return Err(Malformed::new(place.index(position), point[position].to_string(), "a finite number"));
            }
        }
        let similarity = |a: &[f64], b: &[f64]| {
            let square: f64 = a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum();
            (-square / (2.0 * bandwidth * bandwidth)).exp()
        };
        let row = |a: &Vec<f64>| points.iter().map(|b| similarity(a, b)).collect::<Vec<f64>>();
        let Some(most) = neighbours else {
            let values = points.iter().flat_map(row).collect();
            return Ok(Self { similarity: Similarity::Dense { clients: points.len(), values: Arc::new(values) } });
        };
        let rows = points.iter().map(|a| {
            let mut pairs: Vec<(u32, f64)> = (0_u32..).zip(row(a)).collect();
            pairs.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            pairs.truncate(most);
            pairs
        });
        Ok(Self { similarity: Similarity::Nearest { clients: points.len(), rows: Arc::new(rows.collect()) } })
    }

    /// The similarities.
    pub fn similarity(&self) -> &Similarity {
        &self.similarity
    }

    /// Number of elements.
    pub fn elements(&self) -> usize {
        match &self.similarity {
            Similarity::Dense { clients: 0, .. } => 0,
            Similarity::Dense { clients, values } => values.len() / clients,
            Similarity::Nearest { rows, .. } => rows.len(),
        }
    }

    /// How many similarities `element` has.
    pub fn width(&self, element: usize) -> usize {
        match &self.similarity {
            Similarity::Dense { clients, .. } => *clients,
            Similarity::Nearest { rows, .. } => rows.row(element).len(),
        }
    }

    pub(super) fn value(&self, chosen: &[usize]) -> f64 {
        self.best(chosen).iter().sum()
    }

    pub(super) fn gains(&self, chosen: &[usize], candidates: &[usize]) -> Vec<f64> {
        let best = self.best(chosen);
        let gain = |&element: &usize| {
            let mut gain = 0.0;
            self.each(element, |client, value| gain += (value - best[client]).max(0.0));
            gain
        };
        candidates.iter().map(gain).collect()
    }

    /// The largest similarity of each client to a chosen element.
    fn best(&self, chosen: &[usize]) -> Vec<f64> {
        let clients = match &self.similarity {
            Similarity::Dense { clients, .. } | Similarity::Nearest { clients, .. } => *clients,
        };
        let mut best = vec![0.0_f64; clients];
        for &element in chosen {
            self.each(element, |client, value| best[client] = best[client].max(value));
        }
        best
    }

    fn each(&self, element: usize, mut visit: impl FnMut(usize, f64)) {
        match &self.similarity {
            Similarity::Dense { clients, values } => {
                let row = &values[element * clients..(element + 1) * clients];
                row.iter().enumerate().for_each(|(client, &value)| visit(client, value));
            }
            Similarity::Nearest { rows, .. } => rows.row(element).iter().for_each(|&(client, value)| visit(client as usize, value)),
        }
    }
}
