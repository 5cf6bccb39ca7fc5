//! What a solve is allowed and asked.

use fathom_opt_core::Run;
use rand::Rng;

use crate::{Error, Model, Place};

/// What one solve is allowed and asked.
///
/// HiGHS has no way, in its safe interface, of being stopped from another thread: a caller that must react to a cancel flag sets a
/// short [`time_limit`](Self::time_limit).
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Wall-clock seconds for this solve, building HiGHS's copy of the model included; infinite (the default) for no limit.
    /// HiGHS looks at the clock between its steps, so it may run over by the length of a step.
    pub time_limit: f64,
    /// A mixed-integer solve is optimal once `|objective - bound| <= relative_gap * |objective|`. Default 1e-6: HiGHS's own 1e-4
    /// stops earlier and proves less.
    pub relative_gap: f64,
    /// A mixed-integer solve is optimal once `|objective - bound| <= absolute_gap`. Default 1e-6.
    pub absolute_gap: f64,
    /// Threads HiGHS may use; at least 1, the default. Runs are reproducible for a fixed number as long as no time limit strikes.
    pub threads: u32,
    /// Seed of HiGHS's random choices, 0 (the default) to 2^31 - 1.
    pub seed: u32,
    /// Branch-and-bound nodes; a limit that, unlike time, is the same on every machine. `None` for no limit.
    pub node_limit: Option<u32>,
    /// Simplex iterations of a linear program. `None` for no limit.
    pub iteration_limit: Option<u32>,
    /// A value for every column, from which a mixed-integer solve takes its first incumbent when it is feasible.
    /// A linear program needs none: a [`Session`](crate::Session) starts from the last basis.
    pub start: Option<Vec<f64>>,
    /// Refuse an infeasible [`start`](Self::start) instead of letting HiGHS repair or drop it. Default false.
    pub check_start: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            time_limit: f64::INFINITY,
            relative_gap: 1e-6,
            absolute_gap: 1e-6,
            threads: 1,
            seed: 0,
            node_limit: None,
            iteration_limit: None,
            start: None,
            check_start: false,
        }
    }
}

impl Settings {
    /// Default settings within what `run` still allows: the time left until its deadline, its threads, and a seed drawn from its stream `highs`.
    pub fn within(run: &Run) -> Self {
        Self {
            time_limit: run.remaining().map_or(f64::INFINITY, |left| left.as_secs_f64()),
            threads: u32::try_from(run.threads()).unwrap_or(Self::LARGEST_COUNT).min(Self::LARGEST_COUNT),
            seed: run.stream("highs").next_u32() & Self::LARGEST_COUNT,
            ..Self::default()
        }
    }

    /// HiGHS counts with 32-bit signed integers.
    const LARGEST_COUNT: u32 = i32::MAX.unsigned_abs();

    /// Refuses what HiGHS would refuse, or worse, reinterpret.
    pub(crate) fn check(&self, model: &Model) -> Result<(), Error> {
        let not_negative =
            |name, value: f64| if value >= 0.0 { Ok(()) } else { Err(Error::Setting { name, value, expected: "0 or more" }) };
        not_negative("time_limit", self.time_limit)?;
        not_negative("relative_gap", self.relative_gap)?;
        not_negative("absolute_gap", self.absolute_gap)?;
        let counts = [
            ("threads", Some(self.threads)),
            ("seed", Some(self.seed)),
            ("node_limit", self.node_limit),
            ("iteration_limit", self.iteration_limit),
        ];
        for (name, count) in counts {
            if let Some(count) = count.filter(|count| *count > Self::LARGEST_COUNT) {
                return Err(Error::Setting { name, value: count.into(), expected: "at most 2^31 - 1" });
            }
        }
        if self.threads == 0 {
            return Err(Error::Setting { name: "threads", value: 0.0, expected: "at least 1" });
        }
        let Some(start) = &self.start else { return Ok(()) };
        if start.len() != model.columns() {
            return Err(Error::Length { what: "start", found: start.len(), expected: model.columns() });
        }
        if let Some(column) = start.iter().position(|value| !value.is_finite()) {
            return Err(Error::NotFinite { what: "start value", place: Place::Column(column), value: start[column] });
        }
        if self.check_start
            && let Some(violation) = model.violation(start)?.filter(|violation| violation.amount > Model::FEASIBILITY_TOLERANCE)
        {
            return Err(Error::StartInfeasible { place: violation.place, amount: violation.amount });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_run_hands_its_limits_on() {
        let free = Settings::within(&Run::new(3));
        assert_eq!(free, Settings { seed: free.seed, ..Settings::default() });
        assert_ne!(free.seed, Settings::within(&Run::new(4)).seed);
        let bounded = Settings::within(&Run::new(3).with_threads(2).with_time_limit(Duration::ZERO));
        assert_eq!((bounded.time_limit, bounded.threads, bounded.seed), (0.0, 2, free.seed));
    }
}
