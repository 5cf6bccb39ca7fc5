//! Linear sequences as a class of problems.

use super::check;
use super::data::LinearSequenceData;
use super::sequence::LinearSequence;
use super::solution::LinearSequenceSolution;
use crate::bulk::{BulkSink, BulkSource};
use crate::malformed::Malformed;
use crate::problem::{Problem, Size};
use crate::sense::Sense;
use crate::verdict::Verdict;

impl Problem for LinearSequence {
    const KIND: &'static str = "linear-sequence";
    const SUMMARY: &'static str = "a sequence of related sparse linear systems, each to a relative tolerance";
    type Data = LinearSequenceData;
    type Solution = LinearSequenceSolution;

    fn from_data(data: Self::Data, bulk: &mut dyn BulkSource) -> Result<Self, Malformed> {
        data.load(bulk)
    }

    fn to_data(&self, bulk: &mut dyn BulkSink) -> Result<Self::Data, Malformed> {
        LinearSequenceData::store(self, bulk)
    }

    fn check(&self, solution: &Self::Solution) -> Result<Verdict, Malformed> {
        check::check(self, solution)
    }

    fn fits(&self, solution: &Self::Solution) -> Result<(), Malformed> {
        check::well_formed(self, solution)
    }

    fn sense(&self) -> Sense {
        Sense::Minimize
    }

    fn sizes(&self) -> Vec<Size> {
        vec![Size::new("unknowns", self.dimension()), Size::new("nonzeros", self.base().nnz()), Size::new("systems", self.steps().len())]
    }

    fn ranks_by_objective(&self) -> bool {
        false
    }

    /// Two correct ways to compute a residual differ by rounding, about 1e-12 relative to the right-hand side, and by what a solver stops on: 1 %. Whether each is small
    /// enough is a requirement of its own.
    fn objective_tolerance(&self) -> f64 {
        1e-2
    }

    /// Residuals are relative to the right-hand side already; smaller ones than this are all rounding.
    fn objective_scale(&self, _: Option<&Self::Solution>) -> f64 {
        1e-10
    }
}
