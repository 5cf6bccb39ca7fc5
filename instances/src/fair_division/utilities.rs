//! Random utilities of the special classes for which rules of fair division promise more than in general.

use fathom_opt_problems::fair_division::{FairDivision, Welfare};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::generator::Generator;
use crate::parameter_error::ParameterError;

/// How the agents' utilities hang together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum UtilityModel {
    /// Agents agree in part: `correlation` times a value common to all plus the rest of its own, rounded; utilities of 0 occur.
    #[default]
    Correlated,
    /// Every utility is -`alpha`, 0 or `beta`.
    Ternary,
    /// Each agent has utilities -a, 0 and a for an `a` of its own from 1 to `largest`.
    SymmetricTernary,
    /// All agents have the same utilities.
    Identical,
    /// All agents have the same utilities up to sign.
    AbsoluteIdentical,
    /// Goods: each agent cuts `points` into one share per item at uniformly random places, so that all rows have the same sum.
    Points,
}

/// Additive utilities of a special class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Utilities {
    /// Number of agents, at least 1.
    pub agents: usize,
    /// Number of items, at least 1.
    pub items: usize,
    /// How the agents' utilities hang together.
    pub model: UtilityModel,
    /// Probability that a utility which is not 0 is positive, 0 (all chores) to 1 (all goods); `points` has goods only.
    pub goods: f64,
    /// Largest magnitude of a utility, 1 to 10^12; not for `ternary` and `points`.
    pub largest: i64,
    /// For `correlated`: the part that all agents have in common, 0 (independent) to 1 (identical).
    pub correlation: f64,
    /// For `ternary` and `symmetric-ternary`: probability of a utility of 0, 0 to 1.
    pub zeros: f64,
    /// For `ternary`: magnitude of a chore, 1 to 10^12.
    pub alpha: i64,
    /// For `ternary`: value of a good, 1 to 10^12.
    pub beta: i64,
    /// For `points`: what each agent spreads over the items, 1 to 10^12.
    pub points: i64,
    /// The objective by which allocations are compared.
    pub welfare: Welfare,
}

impl Default for Utilities {
    fn default() -> Self {
        Self {
            agents: 5,
            items: 20,
            model: UtilityModel::default(),
            goods: 0.5,
            largest: 100,
            correlation: 0.7,
            zeros: 0.25,
            alpha: 2,
            beta: 1,
            points: 1000,
            welfare: Welfare::default(),
        }
    }
}

/// Largest magnitude that the parameters may ask for.
const LARGEST: i64 = 1_000_000_000_000;

impl Utilities {
    fn validate(&self) -> Result<(), ParameterError> {
        if self.agents == 0 || self.items == 0 || self.agents.saturating_mul(self.items) > 1 << 26 {
            let found = format!("{} agents, {} items", self.agents, self.items);
            return Err(ParameterError::range("agents", found, "at least one agent and item, at most 2^26 utilities"));
        }
        for (name, share) in [("goods", self.goods), ("correlation", self.correlation), ("zeros", self.zeros)] {
            if !(0.0..=1.0).contains(&share) {
                return Err(ParameterError::range(name, share, "0 to 1"));
            }
        }
        for (name, magnitude) in [("largest", self.largest), ("alpha", self.alpha), ("beta", self.beta), ("points", self.points)] {
            if !(1..=LARGEST).contains(&magnitude) {
                return Err(ParameterError::range(name, magnitude, "1 to 10^12"));
            }
        }
        Ok(())
    }

    fn signed(&self, magnitude: i64, rng: &mut ChaCha8Rng) -> i64 {
        if rng.random_bool(self.goods) { magnitude } else { -magnitude }
    }

    fn signed_row(&self, rng: &mut ChaCha8Rng) -> Vec<i64> {
        (0..self.items)
            .map(|_| {
                let magnitude = rng.random_range(1..=self.largest);
                self.signed(magnitude, rng)
            })
            .collect()
    }

    fn ternary_row(&self, chore: i64, good: i64, rng: &mut ChaCha8Rng) -> Vec<i64> {
        (0..self.items)
            .map(|_| {
                if rng.random_bool(self.zeros) {
                    0
                } else if rng.random_bool(self.goods) {
                    good
                } else {
                    -chore
                }
            })
            .collect()
    }

    fn points_row(&self, rng: &mut ChaCha8Rng) -> Vec<i64> {
        let mut cuts: Vec<i64> = (1..self.items).map(|_| rng.random_range(0..=self.points)).collect();
        cuts.sort_unstable();
        cuts.push(self.points);
        let mut last = 0;
        cuts.into_iter().map(|cut| cut - std::mem::replace(&mut last, cut)).collect()
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "magnitudes are at most 10^12")]
    fn blend(&self, common: i64, own: i64) -> i64 {
        (self.correlation * common as f64 + (1.0 - self.correlation) * own as f64).round() as i64
    }
}

impl Generator for Utilities {
    const NAME: &'static str = "utilities";
    const SUMMARY: &'static str = "correlated, ternary, identical, absolute identical or normalised utilities";
    const CITATION: &'static str = "The classes of M. Aleksandrov and T. Walsh, Two Algorithms for Additive and Fair Division of Mixed Manna (KI 2020); normalised rows as on Spliddit.";
    type Problem = FairDivision;

    fn generate(&self, rng: &mut ChaCha8Rng) -> Result<FairDivision, ParameterError> {
        self.validate()?;
        // Drawn before the agents' own rows; the models without anything in common draw nothing.
        let common = match self.model {
            UtilityModel::Correlated | UtilityModel::Identical | UtilityModel::AbsoluteIdentical => self.signed_row(rng),
            UtilityModel::Ternary | UtilityModel::SymmetricTernary | UtilityModel::Points => Vec::new(),
        };
        let rows = (0..self.agents)
            .map(|_| match self.model {
                UtilityModel::Correlated => {
                    let own = self.signed_row(rng);
                    common.iter().zip(own).map(|(&common, own)| self.blend(common, own)).collect()
                }
                UtilityModel::Ternary => self.ternary_row(self.alpha, self.beta, rng),
                UtilityModel::SymmetricTernary => {
                    let magnitude = rng.random_range(1..=self.largest);
                    self.ternary_row(magnitude, magnitude, rng)
                }
                UtilityModel::Identical => common.clone(),
                UtilityModel::AbsoluteIdentical => common.iter().map(|value| self.signed(value.abs(), rng)).collect(),
                UtilityModel::Points => self.points_row(rng),
            })
            .collect();
        Ok(FairDivision::new(rows)?.with_welfare(self.welfare))
    }
}

#[cfg(test)]
mod tests {
    use rand_chacha::rand_core::SeedableRng;

    use super::*;

    fn rows(utilities: &Utilities, seed: u64) -> Vec<Vec<i64>> {
        let problem = utilities.generate(&mut ChaCha8Rng::seed_from_u64(seed)).unwrap();
        problem.small_utilities().unwrap().chunks(problem.items()).map(<[i64]>::to_vec).collect()
    }

    #[test]
    fn each_model_keeps_to_its_class() {
        for seed in 0..20 {
            let of = |model| rows(&Utilities { model, ..Utilities::default() }, seed);
            assert!(of(UtilityModel::Ternary).concat().iter().all(|value| [-2, 0, 1].contains(value)));
            for row in of(UtilityModel::SymmetricTernary) {
                let largest = row.iter().map(|value| value.abs()).max().unwrap();
                assert!(row.iter().all(|value| value.abs() == largest || *value == 0));
            }
            let identical = of(UtilityModel::Identical);
            assert!(identical.iter().all(|row| *row == identical[0]));
            let absolute = of(UtilityModel::AbsoluteIdentical);
            let magnitudes = |row: &[i64]| row.iter().map(|value| value.abs()).collect::<Vec<_>>();
            assert!(absolute.iter().all(|row| magnitudes(row) == magnitudes(&absolute[0])));
            assert!(absolute.iter().any(|row| *row != absolute[0]));
            assert!(of(UtilityModel::Points).iter().all(|row| row.iter().sum::<i64>() == 1000 && row.iter().all(|value| *value >= 0)));
            assert!(of(UtilityModel::Correlated).concat().iter().all(|value| value.abs() <= 100));
        }
    }

    #[test]
    fn correlation_goes_from_nothing_in_common_to_everything() {
        let of = |correlation| rows(&Utilities { correlation, ..Utilities::default() }, 3);
        let (same, other) = (of(1.0), of(0.0));
        assert!(same.iter().all(|row| *row == same[0]));
        assert!(other[1..].iter().all(|row| *row != other[0]));
    }

    #[test]
    fn parameters_out_of_range_are_named() {
        let refusal = |utilities: Utilities| utilities.generate(&mut ChaCha8Rng::seed_from_u64(1)).unwrap_err().to_string();
        assert!(refusal(Utilities { agents: 0, ..Utilities::default() }).starts_with("parameter `agents`: found 0 agents, 20 items"));
        assert_eq!(refusal(Utilities { zeros: f64::NAN, ..Utilities::default() }), "parameter `zeros`: found NaN, expected 0 to 1");
        assert_eq!(refusal(Utilities { points: 0, ..Utilities::default() }), "parameter `points`: found 0, expected 1 to 10^12");
    }
}
