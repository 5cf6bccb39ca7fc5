//! The matrix of utilities as the rules read it.

use std::borrow::Cow;

use fathom_opt_core::SolveError;
use fathom_opt_problems::fair_division::{FairDivision, Utilities};
use num_bigint::{BigInt, Sign};

/// Most pairs of agents and items that exhaustive searches take.
const MOST_PAIRS: usize = 5000;

/// Utilities of all agents, row by row.
#[derive(Debug, Clone)]
pub(crate) struct Valuations<'a> {
    agents: usize,
    items: usize,
    values: Cow<'a, [i64]>,
}

impl<'a> Valuations<'a> {
    /// The utilities themselves, for rules that add them up.
    ///
    /// # Errors
    /// When some utility is beyond 64 bits.
    pub(crate) fn cardinal(problem: &'a FairDivision, solver: &'static str) -> Result<Self, SolveError> {
        let values = problem.small_utilities().ok_or_else(|| SolveError::Unsupported {
            solver,
            why: "utilities beyond 64 bits; `double-round-robin` and `round-robin` take them".into(),
        })?;
        Ok(Self { agents: problem.agents(), items: problem.items(), values: Cow::Borrowed(values) })
    }

    /// The utilities, for rules that search through allocations and go as deep as there are agents and items.
    ///
    /// # Errors
    /// As [`Self::cardinal`], and when there are more than 5000 pairs of agents and items.
    pub(crate) fn searchable(problem: &'a FairDivision, solver: &'static str) -> Result<Self, SolveError> {
        let pairs = problem.agents().saturating_mul(problem.items());
        if pairs > MOST_PAIRS {
            let why =
                format!("it has {} agents and {} items, more than an exhaustive search gets through", problem.agents(), problem.items());
            return Err(SolveError::Unsupported { solver, why });
        }
        Self::cardinal(problem, solver)
    }

    /// The utilities with each agent's divided by their greatest common divisor, and the divisors: for rules whose choice does not depend on the units
    /// that each agent counts in, such as maximum Nash welfare.
    ///
    /// # Errors
    /// When some utility is beyond 64 bits even so.
    pub(crate) fn in_own_units(problem: &'a FairDivision, solver: &'static str) -> Result<(Self, Vec<BigInt>), SolveError> {
        let (agents, items) = (problem.agents(), problem.items());
        let (values, units) = match problem.utilities() {
            Utilities::Small(values) => {
                let units: Vec<u64> = values.chunks_exact(items).map(common_unit).collect();
                let values = if units.iter().all(|&unit| unit == 1) {
                    Cow::Borrowed(values.as_slice())
                } else {
                    let scaled =
                        values.chunks_exact(items).zip(&units).flat_map(|(row, &unit)| row.iter().map(move |&value| quotient(value, unit)));
                    Cow::Owned(scaled.collect())
                };
                (values, units.into_iter().map(BigInt::from).collect())
            }
            Utilities::Big(values) => {
                let units: Vec<BigInt> = values.chunks_exact(items).map(big_common_unit).collect();
                let scaled: Option<Vec<i64>> = values
                    .chunks_exact(items)
                    .zip(&units)
                    .flat_map(|(row, unit)| row.iter().map(move |value| i64::try_from(value / unit).ok()))
                    .collect();
                let why = "it has utilities beyond 64 bits, also when each agent's are divided by their greatest common divisor";
                let values = scaled.ok_or_else(|| SolveError::Unsupported { solver, why: why.into() })?;
                (Cow::Owned(values), units)
            }
        };
        Ok((Self { agents, items, values }, units))
    }

    /// Numbers in the same order as each agent's utilities and with the same signs, for rules that only compare an agent's utilities with each other.
    pub(crate) fn ordinal(problem: &'a FairDivision) -> Self {
        let (agents, items) = (problem.agents(), problem.items());
        let values = match problem.utilities() {
            Utilities::Small(values) => Cow::Borrowed(values.as_slice()),
            Utilities::Big(values) => Cow::Owned(values.chunks_exact(items).flat_map(ranks).collect()),
        };
        Self { agents, items, values }
    }

    #[cfg(test)]
    pub(crate) fn from_rows(rows: &[Vec<i64>]) -> Self {
        let items = rows.first().map_or(0, Vec::len);
        Self { agents: rows.len(), items, values: Cow::Owned(rows.concat()) }
    }

    /// `copies` agents who all have agent `a`'s utilities.
    pub(crate) fn copies_of_agent(&self, a: usize, copies: usize) -> Valuations<'static> {
        Valuations { agents: copies, items: self.items, values: Cow::Owned(self.row(a).repeat(copies)) }
    }

    /// Number of agents `n`.
    pub(crate) fn agents(&self) -> usize {
        self.agents
    }

    /// Number of items `m`.
    pub(crate) fn items(&self) -> usize {
        self.items
    }

    /// All of agent `a`'s utilities.
    pub(crate) fn row(&self, a: usize) -> &[i64] {
        &self.values[a * self.items..(a + 1) * self.items]
    }

    /// What agent `a` values item `o` at.
    pub(crate) fn value(&self, a: usize, o: usize) -> i64 {
        self.values[a * self.items + o]
    }

    /// For each item the largest utility that any agent has for it.
    pub(crate) fn largest(&self) -> Vec<i64> {
        let mut largest = self.row(0).to_vec();
        for a in 1..self.agents {
            for (most, value) in largest.iter_mut().zip(self.row(a)) {
                *most = (*most).max(*value);
            }
        }
        largest
    }
}

/// The greatest common divisor of the numbers, or 1 when all are 0.
fn common_unit(row: &[i64]) -> u64 {
    let mut unit = 0_u64;
    for value in row {
        let (mut a, mut b) = (unit, value.unsigned_abs());
        while b != 0 {
            (a, b) = (b, a % b);
        }
        unit = a;
        if unit == 1 {
            break;
        }
    }
    unit.max(1)
}

/// `value` divided by a divisor of it.
fn quotient(value: i64, unit: u64) -> i64 {
    // The divisor of -2^63 alone may be beyond the positive numbers.
    i64::try_from(i128::from(value) / i128::from(unit)).unwrap_or(value)
}

fn big_common_unit(row: &[BigInt]) -> BigInt {
    let mut unit = BigInt::ZERO;
    for value in row {
        let (mut a, mut b) = (unit, BigInt::from(value.magnitude().clone()));
        while b != BigInt::ZERO {
            let rest = &a % &b;
            (a, b) = (b, rest);
        }
        unit = a;
    }
    if unit == BigInt::ZERO { BigInt::from(1) } else { unit }
}

/// Each number's rank among the distinct numbers of the row, counted away from zero.
fn ranks(row: &[BigInt]) -> Vec<i64> {
    let mut distinct: Vec<&BigInt> = row.iter().collect();
    distinct.sort_unstable();
    distinct.dedup();
    let position =
        |is_before: &dyn Fn(&BigInt) -> bool| i64::try_from(distinct.partition_point(|value| is_before(value))).unwrap_or(i64::MAX);
    let first_not_negative = position(&|value| value.sign() == Sign::Minus);
    let first_positive = position(&|value| value.sign() != Sign::Plus);
    row.iter()
        .map(|value| match value.sign() {
            Sign::Minus => position(&|other| other < value) - first_not_negative,
            Sign::NoSign => 0,
            Sign::Plus => position(&|other| other < value) - first_positive + 1,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_keep_order_and_sign() {
        let row: Vec<BigInt> = [30, -5, 0, 30, 7, -9].into_iter().map(BigInt::from).collect();
        assert_eq!(ranks(&row), [2, -1, 0, 2, 1, -2]);
        let goods: Vec<BigInt> = [3, 2].into_iter().map(BigInt::from).collect();
        assert_eq!(ranks(&goods), [2, 1]);
    }
}
