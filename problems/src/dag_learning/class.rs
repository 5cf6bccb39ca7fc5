//! The class as the trait [`Problem`] asks for it.

use super::data::DagLearningData;
use super::instance::DagLearning;
use super::moments::Moments;
use super::score::ScoreKind;
use super::solution::WeightedDag;
use super::{check, diagnostics, equations, sortability};
use crate::bulk::{BulkSink, BulkSource};
use crate::malformed::Malformed;
use crate::problem::{Problem, Sense, Size};
use crate::verdict::{Measure, Verdict};

impl Problem for DagLearning {
    const KIND: &'static str = "dag-learning";
    const SUMMARY: &'static str = "a weighted directed acyclic graph that explains a table of data";
    type Data = DagLearningData;
    type Solution = WeightedDag;

    fn from_data(data: Self::Data, bulk: &mut dyn BulkSource) -> Result<Self, Malformed> {
        data.load(bulk)
    }

    fn to_data(&self, bulk: &mut dyn BulkSink) -> Result<Self::Data, Malformed> {
        DagLearningData::store(self, bulk)
    }

    fn check(&self, solution: &Self::Solution) -> Result<Verdict, Malformed> {
        check::check(self, solution)
    }

    fn fits(&self, solution: &Self::Solution) -> Result<(), Malformed> {
        check::fits(self, solution)
    }

    fn sense(&self) -> Sense {
        Sense::Minimize
    }

    fn sizes(&self) -> Vec<Size> {
        vec![Size::new("variables", self.variables()), Size::new("observations", self.sample().observations())]
    }

    /// How well sorting would find the directions of the true graph, where it is known.
    fn measures(&self) -> Vec<Measure> {
        self.truth().map_or_else(Vec::new, |truth| {
            let unexplained = Moments::of(self).and_then(|moments| moments.unexplained());
            sortability::measures(self, truth, " of the truth", unexplained.as_deref())
        })
    }

    fn warnings(&self) -> Vec<String> {
        diagnostics::warnings(self)
    }

    fn present(&self, solution: &Self::Solution) -> Vec<String> {
        equations::lines(self, solution)
    }

    /// Residual sums are taken in another order than the solvers take them.
    fn objective_tolerance(&self) -> f64 {
        1e-8
    }

    /// Squares are subtracted from the columns' variances; likelihoods add up logarithms, one for each observation and column, which may cancel:
    /// `n (1 + |ln var|)` of every column that varies stands for their magnitude.
    fn objective_scale(&self, _: Option<&Self::Solution>) -> f64 {
        let variances = self.sample().variances();
        match self.score().kind() {
            ScoreKind::Ev | ScoreKind::L1 => variances.iter().sum(),
            ScoreKind::EvEbic | ScoreKind::NvBic => {
                let varying = variances.iter().filter(|variance| **variance > 0.0);
                self.sample().observations() as f64 * varying.map(|variance| 1.0 + variance.ln().abs()).sum::<f64>()
            }
            ScoreKind::Logistic => 1.0,
        }
    }
}
