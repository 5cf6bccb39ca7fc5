//! The best vector that an iteration came by.

/// Keeps copies of iterates on their way down, few enough to cost next to nothing: the norms of residuals need not fall, and an iteration that fails should not return
/// the worst of its vectors.
#[derive(Debug, Clone, Default)]
pub(crate) struct BestIterate {
    x: Vec<f64>,
    residual: f64,
    copied_at: u64,
}

/// Iterations between two copies at least.
const STRIDE: u64 = 8;
/// A copy is made when the residual has shrunk to this part of the last one's.
const SMALLER: f64 = 0.5;

impl BestIterate {
    /// A new iteration over vectors of this length; the vector it starts from has this residual norm and is kept elsewhere.
    pub(crate) fn begin(&mut self, dimension: usize, residual: f64) {
        self.x.resize(dimension, 0.0);
        self.residual = residual;
        self.copied_at = 0;
    }

    /// Offers the iterate after so many iterations; at once where the step after it is risky.
    #[inline]
    pub(crate) fn offer(&mut self, iterations: u64, x: &[f64], residual: f64, risky: bool) {
        let due = iterations >= self.copied_at + STRIDE && residual < SMALLER * self.residual;
        if due || (risky && iterations > self.copied_at && residual < self.residual) {
            self.x.copy_from_slice(x);
            self.residual = residual;
            self.copied_at = iterations;
        }
    }

    /// A copy whose residual norm seemed to be below `residual`, if there is one.
    pub(crate) fn better_than(&mut self, residual: f64) -> Option<&mut [f64]> {
        (self.copied_at > 0 && (self.residual < residual || residual.is_nan())).then_some(self.x.as_mut_slice())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_are_made_on_the_way_down_only() {
        let mut best = BestIterate::default();
        best.begin(1, 1.0);
        assert!(best.better_than(0.5).is_none());
        for iterations in 1..=40_u32 {
            // Down to the twentieth iteration, up again from there.
            let residual = 2.0_f64.powi(-20 + (20 - i32::try_from(iterations).unwrap()).abs());
            best.offer(u64::from(iterations), &[f64::from(iterations)], residual, false);
        }
        assert_eq!(best.better_than(1e-4).map(|x| x[0]), Some(16.0));
        assert!(best.better_than(1e-9).is_none());
        best.offer(41, &[41.0], 1e-9, true);
        assert_eq!(best.better_than(f64::INFINITY).map(|x| x[0]), Some(41.0));
    }
}
