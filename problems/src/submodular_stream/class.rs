//! The class as a [`Problem`].

use super::check;
use super::constraint::Constraint;
use super::data::SubmodularStreamData;
use super::operation::Operation;
use super::solution::Answers;
use super::stream::SubmodularStream;
use crate::bulk::{BulkSink, BulkSource};
use crate::malformed::Malformed;
use crate::problem::{Problem, Sense, Size};
use crate::verdict::Verdict;

impl Problem for SubmodularStream {
    const KIND: &'static str = "submodular-stream";
    const SUMMARY: &'static str = "a submodular function over elements that come and go, to be kept large";
    type Data = SubmodularStreamData;
    type Solution = Answers;

    fn from_data(data: Self::Data, bulk: &mut dyn BulkSource) -> Result<Self, Malformed> {
        data.load(bulk)
    }

    fn to_data(&self, bulk: &mut dyn BulkSink) -> Result<Self::Data, Malformed> {
        SubmodularStreamData::store(self, bulk)
    }

    fn check(&self, solution: &Self::Solution) -> Result<Verdict, Malformed> {
        check::check(self, solution)
    }

    fn sense(&self) -> Sense {
        Sense::Maximize
    }

    fn sizes(&self) -> Vec<Size> {
        let queries = self.queries().count();
        let (mut live, mut peak) = (0_usize, 0_usize);
        for operation in self.operations() {
            match operation {
                Operation::Insert(_) => live += 1,
                Operation::Delete(_) => live -= 1,
                Operation::Query => {}
            }
            peak = peak.max(live);
        }
        let mut sizes = vec![
            Size::new("elements", self.ground().len()),
            Size::new("updates", self.operations().len() - queries),
            Size::new("queries", queries),
            Size::new("live at most", peak),
        ];
        if let Constraint::Cardinality(most) = self.constraint() {
            sizes.push(Size::new("cardinality", *most as usize));
        }
        sizes
    }

    /// What single elements are worth: values that are kept up to date while elements come and go are sums and differences of such numbers.
    fn objective_scale(&self, _: Option<&Self::Solution>) -> f64 {
        let all: Vec<usize> = (0..self.function().len()).collect();
        self.function().gains(&[], &all).into_iter().fold(0.0, |largest, gain| gain.abs().max(largest))
    }

    fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if !self.function().is_non_negative() {
            warnings.push("the function may be negative: no share of the optimum can be promised".to_owned());
        }
        if self.function().name() == "influence" {
            warnings.push("the function is an estimate over sampled reverse-reachable sets; answers are judged by the estimate".to_owned());
        }
        warnings
    }

    fn present(&self, solution: &Self::Solution) -> Vec<String> {
        let line = |answer: &super::Answer| {
            let ids: Vec<String> = answer.chosen.iter().take(20).map(u64::to_string).collect();
            let more = if answer.chosen.len() > 20 { " ..." } else { "" };
            format!("at {}: {}{more}", answer.at, ids.join(" "))
        };
        let last = solution.answers.len().saturating_sub(5);
        solution.answers[last..].iter().map(line).collect()
    }
}
