//! The inverse factor by columns.

use crate::order_factor::OrderFactor;

/// The inverse factor column by column: entry `p * d + k` is `M_kp`, so that walks down a column run along memory.
pub(super) fn columns_of_inverse(factor: &OrderFactor<'_>) -> Vec<f64> {
    let d = factor.variables();
    let mut columns = vec![0.0; d * d];
    for k in 0..d {
        for (p, &entry) in factor.inverse_row(k).iter().enumerate() {
            columns[p * d + k] = entry;
        }
    }
    columns
}
