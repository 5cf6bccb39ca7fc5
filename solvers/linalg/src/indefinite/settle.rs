//! The last word on pivots that rounding may have made: which are zero, and what the inertia is.

use super::factor::Factor;
use super::inertia::Inertia;

/// A pivot below this part of what was added up to make it is looked at again.
const SUSPICIOUS: f64 = 1e-6;

/// Rounding errors of an elimination, as a part of the magnitudes that it added up: 2^-46, or 64 units in the last place.
const UNCERTAINTY: f64 = 1.5e-14;

/// Looks at suspicious pivots may read so many times the entries of the factor.
const MAX_READS: usize = 200;

impl Factor {
    /// Sets pivots to zero that are within the rounding errors of the elimination, and counts the inertia.
    ///
    /// With `y = L^-T e_p`, pivot `p` is `d_p = y' A y`. The factor is exact for a matrix `A + E` with `|E| <= c eps |L| |D| |L'|`, so the pivot is known up to
    /// about `eps` times the sum of `y_i^2 (|L| |D| |L'|)_ii`: large multipliers in `y` make a pivot out of nothing that looks like one. A pivot within that
    /// uncertainty is a zero eigenvalue as far as this factor can tell. What it has contributed to later pivots is as small, since a pivot is only taken if
    /// its column is not much larger.
    pub(super) fn settle(&mut self) {
        let mut reads = self.entries.len().saturating_mul(MAX_READS);
        let mut y = vec![0.0; self.diagonal.len()];
        for node in 0..self.nodes.len() {
            let (first, pivots) = (self.nodes[node].diagonal, self.nodes[node].pivots);
            let mut p = 0;
            while p < pivots {
                let at = first + p;
                let order = if self.coupling[at] == 0.0 { 1 } else { 2 };
                let size = self.block_size(at, order);
                let scale = self.magnitude[at..at + order].iter().product::<f64>().powf(1.0 / order as f64);
                let cost = self.entries_below(node);
                if size != 0.0 && size <= SUSPICIOUS * scale && cost <= reads {
                    reads -= cost;
                    let uncertain = (0..order).all(|k| size <= UNCERTAINTY * self.spread(node, p + k, &mut y));
                    if uncertain {
                        self.diagonal[at..at + order].fill(0.0);
                        self.coupling[at] = 0.0;
                    }
                }
                p += order;
            }
        }
        self.inertia = self.count();
    }

    /// The largest entry of a block of `D`.
    fn block_size(&self, at: usize, order: usize) -> f64 {
        let diagonal = self.diagonal[at..at + order].iter().fold(0.0_f64, |largest, entry| largest.max(entry.abs()));
        diagonal.max(self.coupling[at].abs())
    }

    /// Entries of the factor in the subtree of `node`.
    fn entries_below(&self, node: usize) -> usize {
        let last = &self.nodes[node];
        last.entries + last.pivots * last.rows.len() - self.nodes[last.first].entries
    }

    /// The sum of `y_i^2` times the magnitude of pivot `i`, for `y = L^-T e_p` with `p` the `column`-th pivot of `node`. `y` is zero before and after.
    fn spread(&self, node: usize, column: usize, y: &mut [f64]) -> f64 {
        let top = &self.nodes[node];
        y[self.index[top.rows.start + column] as usize] = 1.0;
        let mut spread = 0.0;
        for n in (top.first..=node).rev() {
            let below = &self.nodes[n];
            let index = &self.index[below.rows.clone()];
            let size = index.len();
            let pivots = if n == node { column } else { below.pivots };
            for p in (0..pivots).rev() {
                let entries = &self.entries[below.entries + p * size..below.entries + (p + 1) * size];
                let mut sum = y[index[p] as usize];
                for (&place, entry) in index[p + 1..].iter().zip(&entries[p + 1..]) {
                    sum -= y[place as usize] * entry;
                }
                y[index[p] as usize] = sum;
                spread += sum * sum * self.magnitude[below.diagonal + p];
            }
        }
        for below in &self.nodes[top.first..=node] {
            for &place in &self.index[below.rows.start..below.rows.start + below.pivots] {
                y[place as usize] = 0.0;
            }
        }
        spread + self.magnitude[top.diagonal + column]
    }

    fn count(&self) -> Inertia {
        let mut inertia = Inertia::default();
        let mut p = 0;
        while p < self.diagonal.len() {
            let (a, b) = (self.diagonal[p], self.coupling[p]);
            if b == 0.0 {
                inertia.count(a);
                p += 1;
            } else {
                let c = self.diagonal[p + 1];
                // The sign of the determinant `a c - b^2`, without over- or underflow.
                inertia.count_block(a, c, (a / b) * (c / b) - 1.0);
                p += 2;
            }
        }
        inertia
    }
}
