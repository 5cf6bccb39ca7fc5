//! Sums of products without rounding.

/// A sum of products of doubles, kept as a sum of doubles that do not overlap (Shewchuk 1997, grow-expansion with zero elimination): nothing is rounded.
///
/// Products that leave the range in which their own rounding errors are doubles, and sums that overflow, are not represented; then it is known that nothing is known.
#[derive(Debug, Clone, Default)]
pub(crate) struct Expansion {
    /// By increasing magnitude, none of them zero.
    parts: Vec<f64>,
    lost: bool,
}

/// The rounding error of a product of at least this size is a double.
const SMALLEST_PRODUCT: f64 = 1e-280;

impl Expansion {
    /// Begins a new sum.
    pub(crate) fn clear(&mut self) {
        self.parts.clear();
        self.lost = false;
    }

    /// Adds `a b`.
    pub(crate) fn add_product(&mut self, a: f64, b: f64) {
        if a == 0.0 || b == 0.0 {
            return;
        }
        let product = a * b;
        if product.abs() < SMALLEST_PRODUCT || !product.is_finite() {
            self.lost = true;
            return;
        }
        let error = a.mul_add(b, -product);
        if error != 0.0 {
            self.add(error);
        }
        self.add(product);
    }

    fn add(&mut self, term: f64) {
        let mut carried = term;
        let mut kept = 0;
        for k in 0..self.parts.len() {
            let part = self.parts[k];
            let sum = carried + part;
            let virtual_part = sum - carried;
            // `carried + part - sum`, exactly (Knuth 1969).
            let error = (carried - (sum - virtual_part)) + (part - virtual_part);
            carried = sum;
            if error != 0.0 {
                self.parts[kept] = error;
                kept += 1;
            }
        }
        self.parts.truncate(kept);
        if carried != 0.0 {
            self.parts.push(carried);
        }
        self.lost |= !carried.is_finite();
    }

    /// The sum, rounded; nothing where it was lost. Zero only if it is zero.
    pub(crate) fn value(&self) -> Option<f64> {
        (!self.lost).then(|| self.parts.iter().sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(products: &[(f64, f64)]) -> Option<f64> {
        let mut sum = Expansion::default();
        for &(a, b) in products {
            sum.add_product(a, b);
        }
        sum.value()
    }

    #[test]
    fn nothing_is_rounded() {
        assert_eq!(sum(&[]), Some(0.0));
        assert_eq!(sum(&[(1.0, 1.0), (1e-16, 1.0), (-1.0, 1.0)]), Some(1e-16));
        assert_eq!(sum(&[(1e200, 1.0), (1.0, 1.0), (1e-200, 1.0), (-1e200, 1.0), (-1.0, 1.0)]), Some(1e-200));
        assert_eq!(sum(&[(0.1, 0.1), (-(0.1 * 0.1), 1.0)]), Some(0.1_f64.mul_add(0.1, -(0.1 * 0.1))));
        let terms: Vec<f64> = (1..200).map(|k| 1.1_f64.powi(k) / 3.0).collect();
        let cancelling: Vec<(f64, f64)> = terms.iter().map(|&a| (a, 0.7)).chain(terms.iter().rev().map(|&a| (a, -0.7))).collect();
        assert_eq!(sum(&cancelling), Some(0.0));
    }

    #[test]
    fn what_leaves_the_range_is_known_to_be_lost() {
        for products in [[(1e200, 1e200), (1.0, 1.0)], [(1e-200, 1e-200), (1.0, 1.0)], [(1.7e308, 1.0), (1.7e308, 1.0)]] {
            assert_eq!(sum(&products), None);
        }
        assert_eq!(sum(&[(0.0, 1e300), (5.0, 0.0)]), Some(0.0));
    }
}
