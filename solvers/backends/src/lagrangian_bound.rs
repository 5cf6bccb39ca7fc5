//! The dual bound of a linear program.

use fathom_opt_problems::Sense;

use crate::model::Model;

/// HiGHS's dual feasibility tolerance (the default of its option of that name): a reduced cost below it counts as zero at a linear optimum.
pub(crate) const DUAL_TOLERANCE: f64 = 1e-7;

/// The Lagrangian bound of a linear program at any row multipliers `y`, by weak duality for minimization:
///
/// ```text
/// min c'x  >=  sum_i min over [L_i, U_i] of y_i a  +  sum_j min over [l_j, u_j] of (c_j - A_j' y) x
/// ```
///
/// and with max in place of min for maximization. It holds for every `y`, so also for those of an unfinished simplex run; it is infinite
/// when a multiplier points along an infinite bound by more than `tolerance`.
pub(crate) fn lagrangian_bound(model: &Model, multipliers: &[f64], tolerance: f64) -> f64 {
    let direction = if model.sense() == Sense::Minimize { 1.0 } else { -1.0 };
    let extreme = |factor: f64, lower: f64, upper: f64| {
        let towards = factor * direction;
        let side = if towards > 0.0 { lower } else { upper };
        if towards == 0.0 || (side.is_infinite() && towards.abs() <= tolerance) { 0.0 } else { factor * side }
    };
    let mut reduced_costs: Vec<f64> = model.column_data().iter().map(|column| column.cost).collect();
    let mut bound = model.offset();
    for (row, &multiplier) in model.row_data().iter().zip(multipliers) {
        bound += extreme(multiplier, row.lower, row.upper);
        for &(column, coefficient) in &row.terms {
            reduced_costs[column] -= multiplier * coefficient;
        }
    }
    for (column, &reduced_cost) in model.column_data().iter().zip(&reduced_costs) {
        bound += extreme(reduced_cost, column.lower, column.upper);
    }
    // Infinities of both signs cannot meet, because every term bounds from the same side; a NaN could only come from overflow.
    if bound.is_nan() { -f64::INFINITY * direction } else { bound }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Integrality;

    /// `2 <= x <= 6`, `0 <= y`, `x + 2 y >= 7`, cost `(3, 4)` (minimize, optimum 3 * 2 + 4 * 2.5 = 16) or its negative (maximize).
    fn small(sense: Sense) -> Model {
        let sign = if sense == Sense::Minimize { 1.0 } else { -1.0 };
        let mut model = Model::new(sense);
        let x = model.add_column(sign * 3.0, 2.0, 6.0, Integrality::Continuous).unwrap();
        let y = model.add_column(sign * 4.0, 0.0, f64::INFINITY, Integrality::Continuous).unwrap();
        model.add_row(7.0, f64::INFINITY, [(x, 1.0), (y, 2.0)]).unwrap();
        model
    }

    proptest! {
        #[test]
        fn no_multiplier_gives_a_lagrangian_bound_beyond_the_optimum(multiplier in -10.0..10.0_f64) {
            prop_assert!(lagrangian_bound(&small(Sense::Minimize), &[multiplier], 0.0) <= 16.0 + 1e-12);
            prop_assert!(lagrangian_bound(&small(Sense::Maximize), &[multiplier], 0.0) >= -16.0 - 1e-12);
        }
    }

    #[test]
    fn the_lagrangian_bound_is_tight_at_the_dual_and_infinite_along_an_open_bound() {
        assert_eq!(lagrangian_bound(&small(Sense::Minimize), &[2.0], 0.0), 16.0);
        assert_eq!(lagrangian_bound(&small(Sense::Maximize), &[-2.0], 0.0), -16.0);
        // The row has no upper bound to push against, and y none either.
        assert_eq!(lagrangian_bound(&small(Sense::Minimize), &[-1.0], 0.0), f64::NEG_INFINITY);
        assert_eq!(lagrangian_bound(&small(Sense::Minimize), &[3.0], 0.0), f64::NEG_INFINITY);
        assert_eq!(lagrangian_bound(&small(Sense::Maximize), &[1.0], 0.0), f64::INFINITY);
        assert_eq!(lagrangian_bound(&small(Sense::Minimize), &[f64::NAN], 0.0), f64::NEG_INFINITY);
    }
}
