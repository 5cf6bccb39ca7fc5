//! The classes of instances for which a rule promises more than in general.

use crate::valuations::Valuations;

/// Which special classes an instance belongs to. Signs are subjective: an item may be a good for one agent and a chore for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "the classes overlap in every combination")]
pub(crate) struct InstanceClass {
    /// No utility is negative.
    pub(crate) goods: bool,
    /// No utility is positive.
    pub(crate) chores: bool,
    /// All agents have the same utilities.
    pub(crate) identical: bool,
    /// All agents have the same utilities up to sign: `|u_a(o)|` depends on `o` alone.
    pub(crate) absolute_identical: bool,
    /// Every utility is `-alpha`, 0 or `beta` for two positive numbers common to all agents.
    pub(crate) ternary: bool,
    /// Each agent `a` has utilities `-alpha_a`, 0 and `alpha_a` only.
    pub(crate) symmetric_ternary: bool,
}

impl InstanceClass {
    pub(crate) fn of(valuations: &Valuations<'_>) -> Self {
        let first = valuations.row(0);
        let rows = || (0..valuations.agents()).map(|a| valuations.row(a));
        let values = || rows().flatten().copied();
        Self {
            goods: values().all(|value| value >= 0),
            chores: values().all(|value| value <= 0),
            identical: rows().all(|row| row == first),
            absolute_identical: rows().all(|row| row.iter().zip(first).all(|(value, other)| value.unsigned_abs() == other.unsigned_abs())),
            ternary: at_most_one_value(values().filter(|&value| value < 0)) && at_most_one_value(values().filter(|&value| value > 0)),
            symmetric_ternary: rows()
                .all(|row| at_most_one_value(row.iter().filter(|&&value| value != 0).map(|value| value.unsigned_abs()))),
        }
    }
}

fn at_most_one_value<T: PartialEq>(mut values: impl Iterator<Item = T>) -> bool {
    match values.next() {
        Some(first) => values.all(|value| value == first),
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(rows: &[[i64; 3]]) -> InstanceClass {
        InstanceClass::of(&Valuations::from_rows(&rows.iter().map(|row| row.to_vec()).collect::<Vec<_>>()))
    }

    #[test]
    fn classes_are_told_apart() {
        let mixed = class(&[[2, -1, 0], [2, 1, 0]]);
        assert!(mixed.absolute_identical && !mixed.identical && !mixed.goods && !mixed.chores && !mixed.ternary);
        let ternary = class(&[[2, -1, 0], [2, 2, -1]]);
        assert!(ternary.ternary && !ternary.symmetric_ternary && !ternary.absolute_identical);
        let symmetric = class(&[[3, -3, 0], [1, 1, -1]]);
        assert!(symmetric.symmetric_ternary && !symmetric.ternary);
        let goods = class(&[[1, 2, 0]]);
        assert!(goods.goods && goods.identical && !goods.chores);
        assert!(class(&[[0; 3]]).chores);
    }
}
