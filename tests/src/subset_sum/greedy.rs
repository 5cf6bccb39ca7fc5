//! The largest number that still fits, again and again.

use fathom_opt_core::{Outcome, Run, SolveError, Solver, Status};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::class::{Chosen, SubsetSum};

/// The largest number that still fits, again and again.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct LargestFirst {}

impl Solver<SubsetSum> for LargestFirst {
    const NAME: &'static str = "largest-first";
    const SUMMARY: &'static str = "the largest number that still fits, again and again";

    fn solve_accepted(&self, problem: &SubsetSum, _: &Run) -> Result<Outcome<Chosen>, SolveError> {
        let mut order: Vec<usize> = (0..problem.numbers.len()).collect();
        order.sort_by_key(|&k| std::cmp::Reverse(problem.numbers[k]));
        let mut left = problem.target;
        order.retain(|&k| {
            let fits = u64::from(problem.numbers[k]) <= left;
            left -= if fits { u64::from(problem.numbers[k]) } else { 0 };
            fits
        });
        order.sort_unstable();
        let sum = (problem.target - left) as f64;
        let status = if left == 0 { Status::Optimal } else { Status::Feasible };
        let mut outcome = Outcome::new(status).with_solution(Chosen { positions: order }, Some(sum));
        outcome.bound = Some(problem.target as f64);
        Ok(outcome)
    }
}
