//! The audit against a class whose checker looks for better solutions by itself.

use fathom_opt_core::{Audit, BestKnown, ErasedOutcome, Outcome, Status};
use fathom_opt_problems::{
    AnySolution, BulkSink, BulkSource, Criterion, Improvement, Malformed, Measure, Objective, Problem, Sense, Size, Verdict, Witness,
};
use serde_json::Value;

/// Maximise the height over a row of hills; a solution is a position, its neighbours are one step away. The slope to the right is a measure to minimise.
struct Hills(Vec<f64>);

impl Problem for Hills {
    const KIND: &'static str = "hills";
    const SUMMARY: &'static str = "the highest of some hills";
    type Data = Vec<f64>;
    type Solution = usize;

    fn from_data(data: Vec<f64>, _: &mut dyn BulkSource) -> Result<Self, Malformed> {
        Ok(Self(data))
    }

    fn to_data(&self, _: &mut dyn BulkSink) -> Result<Vec<f64>, Malformed> {
        Ok(self.0.clone())
    }

    fn check(&self, &position: &usize) -> Result<Verdict, Malformed> {
        let height = |position: usize| self.0[position];
        let mut verdict = Verdict {
            objective: Some(Objective { name: "height".into(), value: height(position), exact: None, sense: Sense::Maximize }),
            measures: vec![Measure { name: "slope".into(), value: self.0.get(position + 1).map_or(0.0, |next| next - height(position)) }],
            ..Verdict::default()
        };
        for (other, &value) in self.0.iter().enumerate().filter(|&(_, &value)| value > height(position)) {
            let witness = Witness::new(format!("position {other}"), Value::from(other));
            verdict.improvements.push(if other.abs_diff(position) == 1 {
                Improvement::nearby(Some(value), witness)
            } else {
                Improvement::elsewhere(Some(value), witness)
            });
        }
        if self.0.len() == 3 {
            verdict.improvements.push(Improvement::elsewhere(Some(-9.0), Witness::new("a cliff", Value::Null)).of_measure("slope"));
        }
        Ok(verdict)
    }

    fn sense(&self) -> Sense {
        Sense::Maximize
    }

    fn criteria(&self) -> Vec<Criterion> {
        vec![Criterion { name: "slope".into(), sense: Sense::Minimize, tolerance: 0.0 }]
    }

    fn sizes(&self) -> Vec<Size> {
        vec![Size::new("positions", self.0.len())]
    }
}

/// The claims about `position` that are refuted, after `change`.
fn refuted(heights: &[f64], status: Status, position: usize, change: impl FnOnce(&mut ErasedOutcome)) -> Vec<String> {
    let mut outcome = Outcome::new(status).with_solution(AnySolution::new(position), None);
    change(&mut outcome);
    let audit = Audit::of(&Hills(heights.to_vec()), &outcome, BestKnown::default());
    audit.refuted.into_iter().map(|refuted| format!("{}: {}", refuted.claim, refuted.found)).collect()
}

#[test]
fn a_better_solution_in_the_same_verdict_refutes_optimality() {
    let heights = [5.0, 1.0, 2.0, 9.0];
    assert_eq!(refuted(&heights, Status::Optimal, 0, |_| ()), ["status optimal: there is a better solution with objective 9: position 3"]);
    assert_eq!(refuted(&heights, Status::Optimal, 3, |_| ()), Vec::<String>::new());
    assert_eq!(refuted(&heights, Status::Feasible, 0, |_| ()), Vec::<String>::new());
}

#[test]
fn an_improving_move_refutes_local_optimality_and_a_distant_solution_does_not() {
    let heights = [5.0, 1.0, 2.0, 9.0];
    assert_eq!(refuted(&heights, Status::LocallyOptimal, 0, |_| ()), Vec::<String>::new());
    assert!(refuted(&heights, Status::LocallyOptimal, 2, |_| ())[0].starts_with("status locally-optimal: there is a better solution"));
}

#[test]
fn a_better_solution_in_the_same_verdict_refutes_a_bound_below_it() {
    let with_bound = |bound| refuted(&[5.0, 1.0, 2.0, 9.0], Status::Feasible, 0, |outcome| outcome.bound = Some(bound));
    assert_eq!(with_bound(8.0), ["upper bound 8: there is a better solution with objective 9: position 3"]);
    assert!(with_bound(9.0).is_empty());
}

#[test]
fn values_are_compared_relative_to_themselves_in_whatever_unit_the_data_are() {
    for unit in [1e-12, 1.0, 1e12] {
        let heights = [5.0 * unit, 1.0 * unit, 9.0 * unit];
        let claiming = |claimed: f64| refuted(&heights, Status::Feasible, 0, |outcome| outcome.objective = Some(claimed * unit));
        assert!(claiming(5.0 * (1.0 + 1e-10)).is_empty(), "{unit}");
        assert_eq!(claiming(5.001).len(), 1, "{unit}");
        let bounded = |bound: f64| refuted(&heights, Status::Feasible, 2, |outcome| outcome.bound = Some(bound * unit));
        assert!(bounded(9.0).is_empty(), "{unit}");
        assert_eq!(bounded(8.9).len(), 1, "{unit}");
    }
}

#[test]
fn claims_are_compared_in_the_criterion_that_the_outcome_names() {
    // The slope at position 0 of these two is -4, the smallest there is; the height is not the greatest.
    let in_slope = |change: fn(&mut ErasedOutcome)| {
        refuted(&[5.0, 1.0, 9.0, 8.0], Status::Optimal, 0, |outcome| {
            outcome.criterion = Some("slope".into());
            (outcome.objective, outcome.bound) = (Some(-4.0), Some(-4.0));
            change(outcome);
        })
    };
    assert!(in_slope(|_| ()).is_empty());
    assert_eq!(in_slope(|outcome| outcome.objective = Some(-5.0)), ["slope -5: slope -4"]);
    assert_eq!(in_slope(|outcome| outcome.bound = Some(-3.0)), ["lower bound -3: this solution has slope -4"]);
    assert_eq!(in_slope(|outcome| outcome.bound = Some(-6.0)), ["status optimal: slope -4 is short of the bound -6"]);
    assert_eq!(in_slope(|outcome| outcome.criterion = Some("depth".into())), ["criterion depth: the checker has no such measure"]);
    // The class's objective may be named, too.
    assert!(
        refuted(&[5.0, 1.0], Status::Optimal, 0, |outcome| {
            outcome.criterion = Some("height".into());
            (outcome.objective, outcome.bound) = (Some(5.0), Some(5.0));
        })
        .is_empty()
    );
    // An improvement of a measure concerns claims about that measure only.
    let three =
        |criterion: Option<&str>| refuted(&[5.0, 1.0, 0.5], Status::Optimal, 0, |outcome| outcome.criterion = criterion.map(Into::into));
    assert!(three(None).is_empty());
    assert_eq!(three(Some("slope")), ["status optimal: there is a better solution with slope -9: a cliff"]);
}
