//! A node with parents, and the regression on them kept up to date while parents come and go.

use crate::gram::Gram;
use crate::number::{Number, settled};

/// What a set of parents costs, as a function of the residual variance and the number of parents.
pub(crate) struct Criterion<F: Fn(f64) -> f64> {
    /// The price of a residual variance; increasing.
    pub(crate) fit: F,
    /// The price of one parent.
    pub(crate) per_parent: f64,
    /// The largest number of parents.
    pub(crate) most: usize,
}

impl<F: Fn(f64) -> f64> Criterion<F> {
    /// Whether a variance that falls from `before` to `after` pays for one parent more, beyond rounding.
    fn pays(&self, before: f64, after: f64) -> bool {
        let gain = (self.fit)(before) - (self.fit)(after) - self.per_parent;
        gain > 1e-9 * self.per_parent.max(1e-9 * (self.fit)(before).abs())
    }
}

/// A node, its parents, and what all variables look like once the parents are regressed out: one more parent is judged in `O(1)`. Every variable in its unit.
#[derive(Debug, Clone)]
pub(crate) struct Family<N> {
    node: usize,
    parents: Vec<usize>,
    /// One row per parent: the coordinates of every variable along what that parent has beyond the earlier ones (Cholesky rows, one per parent).
    along: Vec<N>,
    /// Variance of every variable given the parents.
    left: Vec<N>,
    /// Covariance of every variable with the node, given the parents.
    shared: Vec<N>,
}

impl<N: Number> Family<N> {
    /// A node without parents.
    pub(crate) fn new(gram: Gram<'_, N>, node: usize) -> Self {
        Self { node, parents: Vec::new(), along: Vec::new(), left: gram.variances().to_vec(), shared: gram.row(node).to_vec() }
    }

    pub(crate) fn node(&self) -> usize {
        self.node
    }

    /// The parents, in the sequence in which they came.
    pub(crate) fn parents(&self) -> &[usize] {
        &self.parents
    }

    /// The node's variance given the parents.
    pub(crate) fn variance(&self) -> f64 {
        self.left[self.node].value().max(0.0)
    }

    /// The node's variance if `candidate` joined.
    pub(crate) fn with(&self, gram: Gram<'_, N>, candidate: usize) -> f64 {
        let left = self.left[candidate];
        if gram.is_explained(candidate, left) {
            return self.variance();
        }
        let shared = self.shared[candidate];
        (self.left[self.node] - shared * shared / left).value().max(0.0)
    }

    pub(crate) fn add(&mut self, gram: Gram<'_, N>, parent: usize) {
        let d = self.left.len();
        let mut row = gram.row(parent).to_vec();
        for earlier in self.along.chunks_exact(d) {
            let factor = earlier[parent];
            for (entry, other) in row.iter_mut().zip(earlier) {
                *entry = *entry - factor * *other;
            }
        }
        if gram.is_explained(parent, row[parent]) {
            // It says nothing new: it explains nothing, of itself neither.
            row.fill(N::ZERO);
        } else {
            let root = row[parent].sqrt();
            for entry in &mut row {
                *entry = *entry / root;
            }
        }
        self.account_for(&row);
        self.along.extend(row);
        self.parents.push(parent);
    }

    /// Takes out what a row of coordinates explains.
    fn account_for(&mut self, row: &[N]) {
        let along_node = row[self.node];
        for ((left, shared), &value) in self.left.iter_mut().zip(&mut self.shared).zip(row) {
            *left = *left - value * value;
            *shared = *shared - along_node * value;
        }
    }

    /// Takes the parent at `place` out: the rows after it are made anew.
    pub(crate) fn remove(&mut self, gram: Gram<'_, N>, place: usize) {
        let d = self.left.len();
        let later: Vec<usize> = self.parents.drain(place..).skip(1).collect();
        self.along.truncate(place * d);
        self.left.copy_from_slice(gram.variances());
        self.shared.copy_from_slice(gram.row(self.node));
        let rows = std::mem::take(&mut self.along);
        for row in rows.chunks_exact(d) {
            self.account_for(row);
        }
        self.along = rows;
        for parent in later {
            self.add(gram, parent);
        }
    }

    /// By how much the variance would rise without each parent.
    fn rises(&self) -> Vec<f64> {
        let (d, k) = (self.left.len(), self.parents.len());
        // Row by row the inverse of the factor; its columns give the weights and the diagonal of the inverse covariance.
        let (mut inverse, mut weights, mut diagonal) = (vec![N::ZERO; k * k], vec![N::ZERO; k], vec![N::ZERO; k]);
        for (i, &parent) in self.parents.iter().enumerate() {
            let entry = |m: usize| self.along[m * d + parent];
            if entry(i).value() == 0.0 {
                continue;
            }
            let scale = N::new(1.0) / entry(i);
            let own = self.along[i * d + self.node];
            for j in 0..=i {
                let sum: N = if i == j { N::new(-1.0) } else { (j..i).map(|m| entry(m) * inverse[m * k + j]).sum() };
                let value = (N::ZERO - sum) * scale;
                inverse[i * k + j] = value;
                weights[j] = weights[j] + value * own;
                diagonal[j] = diagonal[j] + value * value;
            }
        }
        let rise = |(&weight, &inverse): (&N, &N)| if inverse.value() == 0.0 { 0.0 } else { (weight * weight / inverse).value() };
        weights.iter().zip(&diagonal).map(rise).collect()
    }

    /// Whether `candidate` pays for itself as one more parent.
    pub(crate) fn wants<F: Fn(f64) -> f64>(&self, gram: Gram<'_, N>, candidate: usize, criterion: &Criterion<F>) -> bool {
        self.parents.len() < criterion.most && criterion.pays(self.variance(), self.with(gram, candidate))
    }

    /// Grows by the best of `candidates` while that pays, drops the least useful parent (none of `required`) while that pays, until neither does. Of
    /// candidates that only rounding tells apart the first joins.
    pub(crate) fn improve<F: Fn(f64) -> f64>(
        &mut self,
        gram: Gram<'_, N>,
        candidates: &(impl Iterator<Item = usize> + Clone),
        required: &[usize],
        criterion: &Criterion<F>,
    ) {
        // Each round lowers the criterion; the bound only guards against rounding.
        for _ in 0..20 {
            while self.parents.len() < criterion.most {
                let mut best = (f64::INFINITY, usize::MAX);
                for candidate in candidates.clone() {
                    let variance = self.with(gram, candidate);
                    if variance < best.0 && settled(variance) < settled(best.0) && !self.parents.contains(&candidate) {
                        best = (variance, candidate);
                    }
                }
                if best.1 == usize::MAX || !criterion.pays(self.variance(), best.0) {
                    break;
                }
                self.add(gram, best.1);
            }
            if !self.shrink(gram, required, criterion) {
                break;
            }
        }
    }

    /// Drops the least useful parent while that pays; whether any went.
    fn shrink<F: Fn(f64) -> f64>(&mut self, gram: Gram<'_, N>, required: &[usize], criterion: &Criterion<F>) -> bool {
        let mut shrunk = false;
        loop {
            let rises = self.rises();
            let removable = (0..rises.len()).filter(|&place| !required.contains(&self.parents[place]));
            let key = |place: usize| settled(rises[place].max(0.0));
            let Some(place) = removable.min_by(|&a, &b| key(a).total_cmp(&key(b)).then(self.parents[a].cmp(&self.parents[b]))) else {
                return shrunk;
            };
            let without = self.variance() + rises[place].max(0.0);
            if self.parents.len() <= criterion.most && (criterion.fit)(without) - (criterion.fit)(self.variance()) >= criterion.per_parent {
                return shrunk;
            }
            self.remove(gram, place);
            shrunk = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::moments::Moments;
    use crate::selection::conditional_variance;

    /// `B B' + I` with entries of `B` from a short sequence.
    fn moments() -> Moments {
        let d = 7;
        let b = |i: usize, k: usize| ((i * 31 + k * 17 + i * k * 5) % 13) as f64 / 6.0 - 1.0;
        let entry = |i: usize, j: usize| (0..d).map(|k| b(i, k) * b(j, k)).sum::<f64>() + f64::from(u8::from(i == j));
        Moments::from_covariance((0..d * d).map(|e| entry(e / d, e % d)).collect(), d, 100)
    }

    #[test]
    fn variances_follow_parents_that_come_and_go() {
        let moments = moments();
        let mut family = Family::new(moments.plain(), 6);
        for parent in [3, 0, 5, 1] {
            let predicted = family.with(moments.plain(), parent);
            family.add(moments.plain(), parent);
            assert!((family.variance() - predicted).abs() < 1e-12);
        }
        let rises = family.rises();
        for (place, rise) in rises.iter().enumerate() {
            let mut fewer = family.clone();
            fewer.remove(moments.plain(), place);
            let exact = conditional_variance(moments.plain(), 6, fewer.parents());
            assert!((fewer.variance() - exact).abs() < 1e-12);
            assert!((family.variance() + rise - exact).abs() < 1e-12);
        }
    }

    #[test]
    fn parents_end_where_neither_one_more_nor_one_less_pays() {
        let moments = moments();
        for per_parent in [0.5, 5.0, 30.0] {
            let criterion = Criterion { fit: |variance: f64| 100.0 * variance.ln(), per_parent, most: 4 };
            let mut family = Family::new(moments.plain(), 2);
            family.improve(moments.plain(), &[0, 1, 3, 4, 5, 6].into_iter(), &[4], &criterion);
            let cost =
                |parents: &[usize]| 100.0 * conditional_variance(moments.plain(), 2, parents).ln() + per_parent * parents.len() as f64;
            let parents = family.parents().to_vec();
            for other in [0, 1, 3, 4, 5, 6] {
                let changed: Vec<usize> = match parents.iter().position(|&parent| parent == other) {
                    Some(place) => parents.iter().enumerate().filter(|&(k, _)| k != place).map(|(_, &parent)| parent).collect(),
                    None => parents.iter().copied().chain([other]).collect(),
                };
                let allowed = changed.len() <= 4;
                assert!(!allowed || cost(&changed) >= cost(&parents) - 1e-6, "{parents:?} {changed:?}");
            }
        }
    }
}
