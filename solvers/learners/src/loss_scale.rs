//! What losses are divided by.

/// How losses are brought to the scale of 1 that the analyses assume.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum LossScale {
    /// The mean of all losses so far, recomputed each round and applied to all of them: the source experiments. No theorem covers it, and nothing else works as well.
    #[default]
    RunningMean,
    /// The largest loss so far.
    ObservedMaximum,
    /// A known upper bound: the theory.
    WorstCase(f64),
}

/// The losses seen, as far as scales need them.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct LossHistory {
    count: f64,
    sum: f64,
    largest: f64,
}

impl LossHistory {
    pub(crate) fn push(&mut self, loss: f64) {
        self.count += 1.0;
        self.sum += loss;
        self.largest = self.largest.max(loss);
    }

    /// The scale for losses with `offset` subtracted; at least 1, so that first losses of 0 or 1 do no harm.
    pub(crate) fn scale(&self, mode: LossScale, offset: f64) -> f64 {
        if self.count == 0.0 {
            return 1.0;
        }
        let scale = match mode {
            LossScale::RunningMean => self.sum / self.count,
            LossScale::ObservedMaximum => self.largest,
            LossScale::WorstCase(bound) => bound,
        };
        (scale - offset).max(1.0)
    }
}
