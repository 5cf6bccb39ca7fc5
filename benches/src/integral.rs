//! Primal and dual integrals: how good a run was, over the time that it had.

use crate::record::Record;
use crate::yardstick::Yardstick;

/// The integrals of a run's gaps over its time limit, in seconds: 0 for a run that is done at once, the whole limit for one that has nothing.
///
/// Berthold, "Measuring the impact of primal heuristics" (2013): `integral of p(t) dt` with `p(t)` the primal gap of what the run has at `t`, 1 while it has
/// nothing. The dual integral is the same with the bound in the place of the incumbent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Integrals {
    pub primal: f64,
    pub dual: f64,
}

impl Integrals {
    /// The integrals of the run behind `record`; `best` is the best value known.
    ///
    /// What a run says of its course counts only as far as its end confirms it: an incumbent is never better than the solution that was checked, a bound never
    /// better than the one that it ends with, and a run whose claims are refuted has neither.
    pub fn of(record: &Record, yardstick: &Yardstick, best: f64) -> Self {
        let report = &record.report;
        let honest = report.refuted.is_empty();
        let solution = report.checked_objective().filter(|value| honest && report.holds() == Some(true) && value.is_finite());
        let bound = report.bound.filter(|bound| honest && bound.is_finite());
        let limit = record.key.time_limit;
        let end = report.seconds.wall;
        let incumbents = record.course.0.iter().filter_map(|sample| Some((sample.seconds, sample.incumbent?)));
        let bounds = record.course.0.iter().filter_map(|sample| Some((sample.seconds, sample.bound?)));
        let over_time = OverTime { end, limit, yardstick, best };
        Self {
            primal: over_time.integral(incumbents, solution, Yardstick::worse),
            // A bound is weak where an objective would be good.
            dual: over_time.integral(bounds, bound, Yardstick::better),
        }
    }
}

/// What the gaps of a run are summed over.
struct OverTime<'a> {
    /// Seconds that the run took.
    end: f64,
    /// Seconds that it had.
    limit: f64,
    yardstick: &'a Yardstick,
    best: f64,
}

impl OverTime<'_> {
    /// The integral of the gap of the values in `course`, each no better than `last`, the one at the end; `weaker` tells the less good of two.
    fn integral(&self, course: impl Iterator<Item = (f64, f64)>, last: Option<f64>, weaker: fn(&Yardstick, f64, f64) -> f64) -> f64 {
        let Some(last) = last else { return self.limit };
        let steps = course.map(|(seconds, value)| (seconds.min(self.end), weaker(self.yardstick, value, last))).chain([(self.end, last)]);
        let (mut sum, mut since, mut gap) = (0.0, 0.0, 1.0);
        for (seconds, value) in steps {
            let now = seconds.clamp(since, self.limit.max(since));
            sum += gap * (now - since);
            (since, gap) = (now, self.yardstick.gap(value, self.best));
        }
        sum + gap * (self.limit - since).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use fathom_opt_problems::Sense;

    use super::*;
    use crate::course::{Course, Sample};
    use crate::store::tests::example;
    use crate::yardstick::tests::yardstick;

    /// A run of 10 seconds at most that minimises, ends after 8 with 0.5 and says this of its course.
    fn run(samples: &[(f64, Option<f64>, Option<f64>)]) -> Record {
        let mut record = example(1);
        record.key.time_limit = 10.0;
        record.report.seconds.wall = 8.0;
        record.report.refuted.clear();
        record.report.bound = Some(0.4);
        record.course = Course(samples.iter().map(|&(seconds, incumbent, bound)| Sample { seconds, incumbent, bound }).collect());
        record
    }

    fn integrals(record: &Record) -> (f64, f64) {
        let Integrals { primal, dual } = Integrals::of(record, &yardstick(Sense::Minimize, 1e-9, 0.0), 0.5);
        (primal, dual)
    }

    #[test]
    fn gaps_are_summed_over_the_time_limit() {
        // Nothing for 2 s, twice the best for 2 s (gap 1/2), then the best.
        let (primal, dual) = integrals(&run(&[(2.0, Some(1.0), None), (4.0, Some(0.5), Some(0.25)), (6.0, Some(0.5), Some(0.4))]));
        assert!((primal - 3.0).abs() < 1e-12, "{primal}");
        // Nothing for 4 s, half the best for 2 s, then a fifth below it.
        assert!((dual - (4.0 + 1.0 + 0.2 * 4.0)).abs() < 1e-12, "{dual}");
        let (primal, dual) = integrals(&run(&[]));
        assert!((primal - 8.0).abs() < 1e-12 && (dual - (8.0 + 0.4)).abs() < 1e-12, "{primal} {dual}");
    }

    #[test]
    fn what_the_end_does_not_confirm_counts_for_nothing() {
        // An incumbent that is better than what was handed in, and a bound that was given up.
        let boasting = run(&[(1.0, Some(0.1), Some(0.49))]);
        let (primal, dual) = integrals(&boasting);
        assert!((primal - 1.0).abs() < 1e-12, "{primal}");
        assert!((dual - (1.0 + 0.2 * 9.0)).abs() < 1e-12, "{dual}");
        let mut refuted = boasting.clone();
        refuted.report.refuted = example(1).report.refuted;
        assert_eq!(integrals(&refuted), (10.0, 10.0));
        let mut nothing = boasting;
        (nothing.report.verdict, nothing.report.bound) = (None, None);
        assert_eq!(integrals(&nothing), (10.0, 10.0));
    }
}
