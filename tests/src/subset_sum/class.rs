//! Choose numbers whose sum comes close to a target.

use fathom_opt_problems::{BulkSink, BulkSource, Malformed, Objective, Place, Problem, Sense, Size, Verdict, Violation};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Choose numbers whose sum comes close to a target without exceeding it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubsetSum {
    /// The numbers.
    pub numbers: Vec<u32>,
    /// What their sum may not exceed.
    pub target: u64,
}

/// The `data` field of a document.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SubsetSumData {
    numbers: Vec<u32>,
    target: u64,
}

/// The positions of the chosen numbers, increasing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Chosen {
    /// The positions, from 0.
    pub positions: Vec<usize>,
}

impl SubsetSum {
    /// Numbers and what their sum may not exceed.
    ///
    /// # Errors
    /// No number.
    pub fn new(numbers: Vec<u32>, target: u64) -> Result<Self, Malformed> {
        if numbers.is_empty() {
            return Err(Malformed::new(Place::root().field("numbers"), "none", "at least one number"));
        }
        Ok(Self { numbers, target })
    }
}

impl Problem for SubsetSum {
    const KIND: &'static str = "subset-sum";
    const SUMMARY: &'static str = "numbers whose sum comes close to a target";
    type Data = SubsetSumData;
    type Solution = Chosen;

    fn from_data(data: SubsetSumData, _: &mut dyn BulkSource) -> Result<Self, Malformed> {
        Self::new(data.numbers, data.target)
    }

    fn to_data(&self, _: &mut dyn BulkSink) -> Result<SubsetSumData, Malformed> {
        Ok(SubsetSumData { numbers: self.numbers.clone(), target: self.target })
    }

    fn check(&self, chosen: &Chosen) -> Result<Verdict, Malformed> {
        let mut sum = 0;
        for (k, &position) in chosen.positions.iter().enumerate() {
            let place = Place::root().field("positions").index(k);
            let number = self.numbers.get(position).filter(|_| k == 0 || chosen.positions[k - 1] < position);
            let expected = "an increasing position below the count";
            sum += u64::from(*number.ok_or_else(|| Malformed::new(place, position.to_string(), expected))?);
        }
        let mut verdict = Verdict::default();
        if sum > self.target {
            let amount = (sum - self.target) as f64;
            verdict.violations.push(Violation { what: "sum at most the target".into(), place: "sum".into(), amount });
        }
        verdict.objective = Some(Objective { name: "sum".into(), value: sum as f64, exact: None, sense: Sense::Maximize });
        Ok(verdict)
    }

    fn sense(&self) -> Sense {
        Sense::Maximize
    }

    fn sizes(&self) -> Vec<Size> {
        vec![Size::new("numbers", self.numbers.len())]
    }
}
