//! How fast the incumbent works, and when a trial of another arm has lost against it.

/// The course of the last solve by an iterative incumbent: how much of the needed reduction was reached after each part of the cost. Only its shape is used, so it
/// serves for trials against a factor as well.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pace {
    /// Logarithms of the residual reduction after every `stride` iterations, the largest so far.
    reductions: Vec<f64>,
    stride: u64,
    first: f64,
    setup: f64,
    per_iteration: f64,
    /// Of the complete solve; 0 while there is none.
    cost: f64,
}

/// Samples kept at most; beyond that every other one is dropped.
const SAMPLES: usize = 128;
/// A trial is judged from this part of the incumbent's cost on; residuals say little of the way still to go before.
const JUDGED_FROM: f64 = 0.6;
/// What is left to do has to look dearer than the incumbent's whole solve by this factor before a trial is given up: courses differ in shape. The incumbent then has to
/// begin anew, since conjugate gradients lose what they have learned of the matrix.
const DOUBT: f64 = 1.5;
/// The same where no course has been seen, and the way is taken as even: CG is slower at first than in the end.
const DOUBT_UNSEEN: f64 = 3.0;

impl Pace {
    /// A solve of the incumbent begins, with these costs.
    pub(crate) fn begin(&mut self, setup: f64, per_iteration: f64) {
        self.reductions.clear();
        self.reductions.reserve(SAMPLES);
        self.stride = 1;
        self.first = f64::NAN;
        self.setup = setup;
        self.per_iteration = per_iteration;
        self.cost = 0.0;
    }

    /// The residual before iteration `iteration`.
    pub(crate) fn note(&mut self, iteration: u64, residual: f64) {
        if self.first.is_nan() {
            self.first = residual;
        }
        if iteration != self.reductions.len() as u64 * self.stride {
            return;
        }
        if self.reductions.len() == SAMPLES {
            let mut keep = false;
            self.reductions.retain(|_| {
                keep = !keep;
                keep
            });
            self.stride *= 2;
        }
        let before = self.reductions.last().copied().unwrap_or(0.0);
        self.reductions.push((self.first / residual).ln().max(before));
    }

    /// The solve succeeded after so many iterations.
    pub(crate) fn finish(&mut self, iterations: u64) {
        self.cost = self.setup + iterations as f64 * self.per_iteration;
    }

    /// The part of the incumbent's cost after which it had reached this part of its whole reduction.
    fn part_of_cost(&self, part_of_reduction: f64) -> Option<f64> {
        let whole = self.reductions.last().copied().filter(|whole| *whole > 0.0 && self.cost > 0.0)?;
        let samples = self.reductions.partition_point(|reduction| *reduction < part_of_reduction * whole);
        Some((self.setup + samples as f64 * self.stride as f64 * self.per_iteration) / self.cost)
    }
}

/// A trial of another arm against the incumbent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Race {
    /// What the incumbent is expected to cost on this system.
    pub(crate) expected: f64,
    /// The residual to reach.
    pub(crate) goal: f64,
    /// The residual at the start.
    pub(crate) first: f64,
}

impl Race {
    /// What a trial may cost whose progress tells nothing.
    pub(crate) fn max_cost(&self) -> f64 {
        2.0 * self.expected
    }

    /// Whether a trial that has cost `spent` and reached this residual should be given up; then an estimate of its whole cost.
    pub(crate) fn lost(&mut self, pace: &Pace, spent: f64, residual: f64) -> Option<f64> {
        if self.first.is_nan() {
            self.first = residual;
        }
        let part = spent / self.expected;
        if part < JUDGED_FROM {
            return None;
        }
        let needed = (self.first / self.goal).ln();
        let reached = if needed > 0.0 { ((self.first / residual).ln() / needed).clamp(0.0, 1.0) } else { 1.0 };
        let (done, doubt) = pace.part_of_cost(reached).map_or((reached, DOUBT_UNSEEN), |done| (done, DOUBT));
        // An arm that has reached nothing yet is not judged worse than twenty times.
        let whole = spent / done.max(0.05 * part).min(1.0);
        (whole - spent > doubt * self.expected).then_some(whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every iteration costs 1 and takes one twentieth of the way, after a setup of 2.
    fn even() -> Pace {
        let mut pace = Pace::default();
        pace.begin(2.0, 1.0);
        for iteration in 0..20 {
            pace.note(iteration, (-(iteration as f64)).exp());
        }
        pace.finish(20);
        pace
    }

    fn race() -> Race {
        Race { expected: 22.0, goal: (-19.0_f64).exp(), first: 1.0 }
    }

    #[test]
    fn a_trial_that_keeps_pace_goes_on_and_one_three_times_as_slow_is_given_up_before_it_costs_as_much_as_the_incumbent() {
        let pace = even();
        for spent in 1..20_u32 {
            assert_eq!(race().lost(&pace, f64::from(spent) + 2.0, (-f64::from(spent)).exp()), None);
        }
        let given_up = (1..40_u32).find_map(|spent| {
            let estimate = race().lost(&pace, 2.0 + f64::from(spent), (-0.33 * f64::from(spent)).exp())?;
            Some((spent, estimate))
        });
        let (spent, estimate) = given_up.unwrap();
        assert!(spent <= 18, "{spent}");
        assert!((35.0..66.0).contains(&estimate), "{estimate} after {spent}");
    }

    /// Little is left to do: going on is cheaper than beginning anew, however slow it was.
    #[test]
    fn a_trial_that_is_almost_done_goes_on() {
        let pace = even();
        assert_eq!(race().lost(&pace, 60.0, (-16.0_f64).exp()), None);
    }

    #[test]
    fn long_courses_are_thinned_out_and_stay_right() {
        let mut pace = Pace::default();
        pace.begin(0.0, 1.0);
        for iteration in 0..5000 {
            pace.note(iteration, (-0.01 * iteration as f64).exp());
        }
        pace.finish(5000);
        assert!(pace.reductions.len() <= SAMPLES);
        assert!((pace.part_of_cost(0.5).unwrap() - 0.5).abs() < 0.02);
    }

    #[test]
    fn against_a_factor_the_course_is_taken_as_even() {
        let pace = Pace::default();
        assert_eq!(race().lost(&pace, 14.0, (-6.0_f64).exp()), None);
        assert!(race().lost(&pace, 14.0, (-1.0_f64).exp()).is_some_and(|whole| (150.0..300.0).contains(&whole)));
    }
}
