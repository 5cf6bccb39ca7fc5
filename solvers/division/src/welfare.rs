//! What an allocation is worth by each of the checker's measures of welfare.

use fathom_opt_problems::fair_division::{FairDivision, Utilities, Welfare};
use num_bigint::{BigInt, Sign};

/// The checker's name of the measure.
pub(crate) fn measure_name(welfare: Welfare) -> &'static str {
    match welfare {
        Welfare::Utilitarian => "utilitarian",
        Welfare::Egalitarian => "egalitarian",
        Welfare::Nash => "nash",
    }
}

/// What the agents' bundles are worth to them, as stored integers.
pub(crate) fn stored_utilities(problem: &FairDivision, owner: &[usize]) -> Vec<BigInt> {
    let items = problem.items();
    match problem.utilities() {
        Utilities::Small(values) => {
            let mut sums = vec![0_i128; problem.agents()];
            for (item, &agent) in owner.iter().enumerate() {
                sums[agent] += i128::from(values[agent * items + item]);
            }
            sums.into_iter().map(BigInt::from).collect()
        }
        Utilities::Big(values) => {
            let mut sums = vec![BigInt::ZERO; problem.agents()];
            for (item, &agent) in owner.iter().enumerate() {
                sums[agent] += &values[agent * items + item];
            }
            sums
        }
    }
}

/// The value of an allocation.
pub(crate) fn value(problem: &FairDivision, welfare: Welfare, owner: &[usize]) -> f64 {
    let utilities = stored_utilities(problem, owner);
    match welfare {
        Welfare::Utilitarian => decimal(problem, &utilities.iter().sum()),
        Welfare::Egalitarian => utilities.iter().min().map_or(0.0, |least| decimal(problem, least)),
        Welfare::Nash => geometric_mean(problem, &utilities),
    }
}

/// A stored integer as the number it stands for, rounded once.
pub(crate) fn decimal(problem: &FairDivision, stored: &BigInt) -> f64 {
    let value: f64 = problem.display_utility(stored).parse().unwrap_or(f64::NAN);
    value.clamp(f64::MIN, f64::MAX)
}

/// The weighted geometric mean; 0 when a utility is not positive.
fn geometric_mean(problem: &FairDivision, utilities: &[BigInt]) -> f64 {
    if utilities.iter().any(|utility| utility.sign() != Sign::Plus) {
        return 0.0;
    }
    let weight = |agent: usize| problem.entitlements().map_or(1.0, |weights| weights[agent] as f64);
    nash_of_logarithm(problem, utilities.iter().enumerate().map(|(agent, utility)| weight(agent) * ln(utility)).sum())
}

/// The Nash welfare whose weighted sum of logarithms of stored utilities is `sum`.
pub(crate) fn nash_of_logarithm(problem: &FairDivision, sum: f64) -> f64 {
    let total: f64 = problem.entitlements().map_or(problem.agents() as f64, |weights| weights.iter().map(|&weight| weight as f64).sum());
    (sum / total - f64::from(problem.scale_digits()) * std::f64::consts::LN_10).exp().min(f64::MAX)
}

/// The natural logarithm of a positive integer, from its leading 64 bits.
pub(crate) fn ln(utility: &BigInt) -> f64 {
    let dropped = utility.bits().saturating_sub(64);
    let leading = u64::try_from(utility.magnitude() >> dropped).unwrap_or(u64::MAX);
    (leading as f64).ln() + dropped as f64 * std::f64::consts::LN_2
}
