//! How values of a run's criterion are compared.

use fathom_opt_problems::Sense;

use crate::job::Description;
use crate::record::Record;

/// How values of a run's criterion are compared: which way is better, and what counts as equal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Yardstick {
    sense: Sense,
    /// Relative to the larger of two values, or to the scale.
    tolerance: f64,
    scale: f64,
}

impl Yardstick {
    /// The yardstick of the run behind `record`, of an instance that is `description`.
    pub fn of(description: &Description, record: &Record) -> Self {
        let name = measure(record);
        let measure = description.criteria.iter().find(|criterion| Some(criterion.name.as_str()) == name);
        let (sense, tolerance) =
            measure.map_or((description.sense, description.objective_tolerance), |measure| (measure.sense, measure.tolerance));
        Self { sense, tolerance, scale: description.objective_scale }
    }

    /// The better of two values.
    pub fn better(&self, a: f64, b: f64) -> f64 {
        if self.sense.advantage(a, b) >= 0.0 { a } else { b }
    }

    /// The worse of two values.
    pub fn worse(&self, a: f64, b: f64) -> f64 {
        if self.sense.advantage(a, b) >= 0.0 { b } else { a }
    }

    /// Whether `a` is better than `b` by more than the tolerance, and by more than `least`, relative to the larger of them.
    pub fn beats(&self, a: f64, b: f64, least: f64) -> bool {
        self.sense.advantage(a, b) > self.tolerance.max(least) * a.abs().max(b.abs()).max(self.scale)
    }

    /// On which side bounds lie.
    pub fn side(&self) -> &'static str {
        match self.sense {
            Sense::Minimize => "lower",
            Sense::Maximize => "upper",
        }
    }

    /// The primal gap of Berthold ("Measuring the impact of primal heuristics", 2013): `|z - z*| / max(|z|, |z*|)`, 1 for opposite signs, and 0 for values that
    /// are equal within the tolerance.
    pub fn gap(&self, value: f64, best: f64) -> f64 {
        let largest = value.abs().max(best.abs());
        if value == best || (value - best).abs() <= self.tolerance * largest.max(self.scale) {
            0.0
        } else if value * best < 0.0 {
            1.0
        } else {
            (value - best).abs() / largest
        }
    }
}

/// The measure that a run optimised, if it is another than the class's objective.
pub(crate) fn measure(record: &Record) -> Option<&str> {
    record.report.criterion.as_deref().filter(|_| !record.report.is_of_the_objective())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A yardstick for these.
    pub fn yardstick(sense: Sense, tolerance: f64, scale: f64) -> Yardstick {
        Yardstick { sense, tolerance, scale }
    }

    #[test]
    fn the_primal_gap_follows_its_definition() {
        let gap = |value, best, tolerance, scale| yardstick(Sense::Minimize, tolerance, scale).gap(value, best);
        assert_eq!(gap(8.0, 10.0, 1e-9, 0.0), 0.2);
        assert_eq!(gap(-10.0, -8.0, 1e-9, 0.0), 0.2);
        assert_eq!(gap(3.0, -1.0, 1e-9, 0.0), 1.0);
        assert_eq!(gap(0.0, 0.0, 0.0, 0.0), 0.0);
        assert_eq!(gap(1e-9, 2e-9, 1e-9, 0.0), 0.5, "small numbers are numbers, too");
        assert_eq!(gap(1e-9, 2e-9, 1e-9, 10.0), 0.0, "unless they are what is left of large ones");
    }

    #[test]
    fn better_is_as_the_sense_says() {
        let (least, most) = (yardstick(Sense::Minimize, 1e-9, 0.0), yardstick(Sense::Maximize, 1e-9, 0.0));
        assert_eq!((least.better(1.0, 2.0), most.better(1.0, 2.0)), (1.0, 2.0));
        assert_eq!((least.worse(1.0, 2.0), most.worse(1.0, 2.0)), (2.0, 1.0));
        assert!(least.beats(1.0, 2.0, 0.0) && !most.beats(1.0, 2.0, 0.0) && !least.beats(1.0, 1.0 + 1e-8, 1e-6));
    }
}
