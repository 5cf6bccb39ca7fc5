//! Solving a conic model with Clarabel, and claiming what its answer is worth.

use clarabel::solver::{DefaultSettings, DefaultSolver, IPSolver, SolverStatus};
use fathom_opt_core::{Limit, Run, Status};

use super::duals::ConicDuals;
use super::error::ConicError;
use super::model::ConicModel;
use super::quality::{excluded, measure, violation};
use super::result::ConicResult;
use super::standard_form::StandardForm;

/// Tolerances that a solve may be asked for.
const TOLERANCES: std::ops::RangeInclusive<f64> = 1e-12..=1e-2;

/// Clarabel is asked for more than is claimed, since it measures otherwise than [`Quality`](super::Quality) does.
const AIM: f64 = 0.1;

impl ConicModel {
    /// Solves the model to a relative tolerance (1e-8 is usual; see [`Quality`](super::Quality) for what is measured), within what `run` allows: Clarabel looks at
    /// the clock and at the cancel flag between its iterations.
    ///
    /// # Errors
    /// A tolerance that is not between 1e-12 and 1e-2. An infeasible or unbounded model is no error but a [`Status`].
    pub fn solve(&self, tolerance: f64, run: &Run) -> Result<ConicResult, ConicError> {
        if !TOLERANCES.contains(&tolerance) {
            return Err(ConicError::Tolerance(tolerance));
        }
        if let Some(stop) = run.should_stop(&fathom_opt_core::Counters::default()) {
            return Ok(without_point(stop.into(), 0));
        }
        let form = StandardForm::of(self);
        let settings = DefaultSettings {
            verbose: false,
            time_limit: run.remaining().map_or(f64::INFINITY, |left| left.as_secs_f64()),
            tol_gap_abs: f64::MIN_POSITIVE,
            tol_gap_rel: AIM * tolerance,
            tol_feas: AIM * tolerance,
            // One thread: the same bits whatever the machine.
            max_threads: 1,
            ..DefaultSettings::default()
        };
        let mut solver = DefaultSolver::new(&form.quadratic, &form.costs, &form.rows, &form.constants, &form.cones, settings)
            .map_err(|error| ConicError::Refused(error.to_string()))?;
        let cancel = run.cancel_flag();
        solver.set_termination_callback(move |_| cancel.is_raised());
        solver.solve();
        let point: Vec<f64> = solver.solution.x[..self.variables()].iter().map(|value| value * form.unit).collect();
        let duals = self.duals(&form, &solver.solution.z);
        Ok(self.judge(solver.solution.status, point, duals, solver.solution.iterations.into(), tolerance))
    }

    /// Clarabel's multipliers, by the model's constraints.
    fn duals(&self, form: &StandardForm, all: &[f64]) -> ConicDuals {
        let mut rest = all.iter().map(|dual| dual * form.worth / form.unit).skip(form.definitions);
        ConicDuals {
            zeros: rest.by_ref().take(self.zeros.len()).collect(),
            at_most_zeros: rest.by_ref().take(self.at_most_zeros.len()).collect(),
            cones: self.cones.iter().map(|cone| rest.by_ref().take(cone.len()).collect()).collect(),
        }
    }

    /// Claims of Clarabel's answer what this crate's own measures confirm.
    fn judge(&self, ended: SolverStatus, point: Vec<f64>, duals: ConicDuals, iterations: u64, tolerance: f64) -> ConicResult {
        if matches!(ended, SolverStatus::PrimalInfeasible | SolverStatus::AlmostPrimalInfeasible)
            && let Some(radius) = excluded(self, &duals, tolerance)
        {
            return ConicResult { duals: Some(duals), excluded: Some(radius), ..without_point(Status::LocallyInfeasible, iterations) };
        }
        if ended == SolverStatus::DualInfeasible {
            return without_point(Status::Diverging, iterations);
        }
        let stopped = match ended {
            SolverStatus::MaxTime => Some(Status::Limit(Limit::Time)),
            SolverStatus::MaxIterations => Some(Status::Limit(Limit::Iterations)),
            SolverStatus::CallbackTerminated => Some(Status::Interrupted),
            _ => None,
        };
        let is_point = point.iter().all(|value| value.is_finite()) && violation(self, &point) <= tolerance;
        if !is_point {
            let status =
                stopped.unwrap_or_else(|| Status::Failed(format!("Clarabel ended with {ended:?}, and its point breaks the constraints")));
            return without_point(status, iterations);
        }
        let quality = measure(self, &point, &duals);
        let status = if quality.is_within(tolerance) { Status::Optimal } else { stopped.unwrap_or(Status::Feasible) };
        ConicResult {
            status,
            objective: Some(self.objective(&point).0),
            values: Some(point),
            duals: Some(duals),
            quality: Some(quality),
            excluded: None,
            iterations,
        }
    }
}

fn without_point(status: Status, iterations: u64) -> ConicResult {
    ConicResult { status, values: None, objective: None, duals: None, quality: None, excluded: None, iterations }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use fathom_opt_core::CancelFlag;
    use proptest::prelude::*;

    use super::super::Affine;
    use super::*;

    const TOLERANCE: f64 = 1e-8;

    fn solve(model: &ConicModel) -> ConicResult {
        model.solve(TOLERANCE, &Run::default()).unwrap()
    }

    /// The point of `sum x = 1, x >= 0` nearest to `target`, by sorting (the well-known projection onto the simplex).
    fn onto_the_simplex(target: &[f64]) -> Vec<f64> {
        let mut sorted = target.to_vec();
        sorted.sort_by(|a, b| b.total_cmp(a));
        let (mut sum, mut shift) = (0.0, 0.0);
        for (place, value) in sorted.iter().enumerate() {
            sum += value;
            let candidate = (sum - 1.0) / (place as f64 + 1.0);
            if value - candidate > 0.0 {
                shift = candidate;
            }
        }
        target.iter().map(|value| (value - shift).max(0.0)).collect()
    }

    fn simplex_projection(target: &[f64], unit: f64) -> ConicModel {
        let mut model = ConicModel::new(target.len());
        for (variable, value) in target.iter().enumerate() {
            model.add_square(1.0, Affine::new([(variable, 1.0)], -value * unit)).unwrap();
            model.add_at_most_zero(Affine::new([(variable, -1.0)], 0.0)).unwrap();
        }
        model.add_zero(Affine::new((0..target.len()).map(|variable| (variable, 1.0)), -unit)).unwrap();
        model
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn projections_onto_the_simplex_are_those_of_sorting_in_any_unit(target in prop::collection::vec(-2.0..2.0_f64, 1..12), power in -6..6_i32) {
            let unit = 10.0_f64.powi(power);
            let result = solve(&simplex_projection(&target, unit));
            prop_assert_eq!(&result.status, &Status::Optimal);
            let values = result.values.unwrap();
            for (value, expected) in values.iter().zip(onto_the_simplex(&target)) {
                prop_assert!((value / unit - expected).abs() < 1e-3, "{} for {}", value / unit, expected);
            }
        }

        #[test]
        fn the_nearest_point_of_a_ball_lies_on_the_ray(mut target in prop::collection::vec(-5.0..5.0_f64, 2..8)) {
            // At the centre of the ball everything vanishes, and nothing is left to be relative to.
            target[0] += 6.0;
            let norm = target.iter().fold(0.0_f64, |norm, value| norm.hypot(*value));
            let mut model = ConicModel::new(target.len());
            for (variable, value) in target.iter().enumerate() {
                model.add_square(0.5, Affine::new([(variable, 1.0)], -value)).unwrap();
            }
            let inner = (0..target.len()).map(|variable| Affine::new([(variable, 1.0)], 0.0));
            model.add_norm_bound(std::iter::once(Affine::new([], 1.0)).chain(inner).collect()).unwrap();
            let result = solve(&model);
            prop_assert_eq!(&result.status, &Status::Optimal);
            for (value, target) in result.values.unwrap().iter().zip(&target) {
                prop_assert!((value - target / norm.max(1.0)).abs() < 1e-3);
            }
        }
    }

    #[test]
    fn a_linear_program_has_the_multipliers_of_its_textbook() {
        // max 3x + 5y, x <= 4, 2y <= 12, 3x + 2y <= 18, x, y >= 0: (2, 6), multipliers 0, 3/2, 1.
        let mut model = ConicModel::new(2);
        model.add_cost(0, -3.0).unwrap();
        model.add_cost(1, -5.0).unwrap();
        for (terms, most) in [
            (vec![(0, 1.0)], 4.0),
            (vec![(1, 2.0)], 12.0),
            (vec![(0, 3.0), (1, 2.0)], 18.0),
            (vec![(0, -1.0)], 0.0),
            (vec![(1, -1.0)], 0.0),
        ] {
            model.add_at_most_zero(Affine::new(terms, -most)).unwrap();
        }
        let result = solve(&model);
        assert_eq!(result.status, Status::Optimal);
        assert!((result.objective.unwrap() + 36.0).abs() < 1e-6);
        let duals = result.duals.unwrap().at_most_zeros;
        for (dual, expected) in duals.iter().zip([0.0, 1.5, 1.0, 0.0, 0.0]) {
            assert!((dual - expected).abs() < 1e-6, "{duals:?}");
        }
    }

    #[test]
    fn squares_of_several_variables_are_least_squares() {
        // Points (0, 1), (1, 3), (2, 4): the line 7/6 + 3/2 t.
        let mut model = ConicModel::new(2);
        for (t, value) in [(0.0, 1.0), (1.0, 3.0), (2.0, 4.0)] {
            model.add_square(1.0, Affine::new([(0, 1.0), (1, t)], -value)).unwrap();
        }
        let result = solve(&model);
        assert_eq!(result.status, Status::Optimal);
        let values = result.values.unwrap();
        assert!((values[0] - 7.0 / 6.0).abs() < 1e-6 && (values[1] - 1.5).abs() < 1e-6, "{values:?}");
        assert!((result.objective.unwrap() - 1.0 / 6.0).abs() < 1e-6);
    }

    #[test]
    fn what_has_no_solution_is_called_so_as_far_as_it_is_shown() {
        let mut model = ConicModel::new(1);
        model.add_at_most_zero(Affine::new([(0, 1.0)], 1.0)).unwrap();
        model.add_at_most_zero(Affine::new([(0, -1.0)], 1.0)).unwrap();
        let result = solve(&model);
        assert_eq!(result.status, Status::LocallyInfeasible);
        assert!(result.values.is_none() && result.excluded.unwrap() > 1e6, "{:?}", result.excluded);

        let mut falling = ConicModel::new(1);
        falling.add_cost(0, 1.0).unwrap();
        falling.add_at_most_zero(Affine::new([(0, 1.0)], 0.0)).unwrap();
        assert_eq!(solve(&falling).status, Status::Diverging);
    }

    #[test]
    fn limits_and_cancelling_are_obeyed() {
        let model = simplex_projection(&[0.3, 0.4], 1.0);
        let late = model.solve(TOLERANCE, &Run::default().with_time_limit(Duration::ZERO)).unwrap();
        assert_eq!((late.status, late.values), (Status::Limit(Limit::Time), None));
        let flag = CancelFlag::new();
        flag.raise();
        assert_eq!(model.solve(TOLERANCE, &Run::default().with_cancel(flag)).unwrap().status, Status::Interrupted);
    }

    #[test]
    fn what_is_no_convex_model_is_refused() {
        let mut model = ConicModel::new(1);
        assert_eq!(model.add_square(-1.0, Affine::new([(0, 1.0)], 0.0)), Err(ConicError::NegativeWeight(-1.0)));
        assert_eq!(model.add_cost(1, 1.0), Err(ConicError::NoSuchVariable { variable: 1, variables: 1 }));
        assert!(matches!(model.add_zero(Affine::new([(0, f64::NAN)], 0.0)), Err(ConicError::NotFinite { what: "coefficient", .. })));
        assert!(matches!(model.add_at_most_zero(Affine::new([], f64::INFINITY)), Err(ConicError::NotFinite { what: "constant", .. })));
        assert_eq!(model.add_norm_bound(Vec::new()), Err(ConicError::EmptyCone));
        assert_eq!(model, ConicModel::new(1));
        assert!(matches!(model.solve(0.0, &Run::default()), Err(ConicError::Tolerance(_))));
        assert!(matches!(model.solve(f64::NAN, &Run::default()), Err(ConicError::Tolerance(_))));
    }

    #[test]
    fn multipliers_that_do_not_belong_to_the_point_are_measured() {
        let model = simplex_projection(&[0.3, 0.4], 1.0);
        let result = solve(&model);
        let (values, mut duals) = (result.values.unwrap(), result.duals.unwrap());
        assert!(measure(&model, &values, &duals).is_within(TOLERANCE));
        duals.zeros[0] += 0.01;
        assert!(measure(&model, &values, &duals).stationarity > 1e-3);
        assert!(violation(&model, &[0.5, 0.6]) > 1e-3);
        assert!(measure(&model, &[f64::NAN, 0.5], &duals).violation.is_nan());
    }
}
