//! Solving with the factor.

use super::factor::Factor;

impl Factor {
    /// `x <- (L D L')^-1 x`, in the order of elimination. Null pivots give zero.
    pub(super) fn solve_in_place(&self, x: &mut [f64]) {
        let largest = self.nodes.iter().map(|node| node.pivots).max().unwrap_or(0);
        let mut own = vec![0.0; largest];
        for node in &self.nodes {
            let (pivots, index) = (node.pivots, &self.index[node.rows.clone()]);
            let size = index.len();
            let own = &mut own[..pivots];
            for (value, &place) in own.iter_mut().zip(index) {
                *value = x[place as usize];
            }
            for p in 0..pivots {
                let column = &self.entries[node.entries + p * size..node.entries + (p + 1) * size];
                let factor = own[p];
                if factor == 0.0 {
                    continue;
                }
                for (value, entry) in own[p + 1..].iter_mut().zip(&column[p + 1..]) {
                    *value -= factor * entry;
                }
                for (&place, entry) in index[pivots..].iter().zip(&column[pivots..]) {
                    x[place as usize] -= factor * entry;
                }
            }
            for (value, &place) in own.iter().zip(index) {
                x[place as usize] = *value;
            }
        }
        for node in self.nodes.iter().rev() {
            let (pivots, index) = (node.pivots, &self.index[node.rows.clone()]);
            let size = index.len();
            let own = &mut own[..pivots];
            for (value, &place) in own.iter_mut().zip(index) {
                *value = x[place as usize];
            }
            self.divide(node.diagonal, own);
            for p in (0..pivots).rev() {
                let column = &self.entries[node.entries + p * size..node.entries + (p + 1) * size];
                let mut sum = own[p];
                for (value, entry) in own[p + 1..].iter().zip(&column[p + 1..]) {
                    sum -= value * entry;
                }
                for (&place, entry) in index[pivots..].iter().zip(&column[pivots..]) {
                    sum -= x[place as usize] * entry;
                }
                own[p] = sum;
            }
            for (value, &place) in own.iter().zip(index) {
                x[place as usize] = *value;
            }
        }
    }

    /// Divides by the blocks of `D` that begin at `first`.
    fn divide(&self, first: usize, x: &mut [f64]) {
        let mut p = 0;
        while p < x.len() {
            let (a, b) = (self.diagonal[first + p], self.coupling[first + p]);
            if b == 0.0 {
                x[p] = if a == 0.0 { 0.0 } else { x[p] / a };
                p += 1;
                continue;
            }
            let c = self.diagonal[first + p + 1];
            // Divided by the coupling, which is the block's largest entry or close to it, so that the determinant neither over- nor underflows.
            let (ab, cb, u, v) = (a / b, c / b, x[p] / b, x[p + 1] / b);
            let determinant = ab * cb - 1.0;
            x[p] = (cb * u - v) / determinant;
            x[p + 1] = (ab * v - u) / determinant;
            p += 2;
        }
    }
}
