//! How exactly a solve is to go.

use crate::error::{Error, ModelPlace};
use crate::model::Model;

/// How exactly one solve is to go. Time, threads, seed and cancel flag are the [`Run`](fathom_opt_core::Run)'s.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// A mixed-integer solve is optimal once `|objective - bound| <= relative_gap * |objective|`. Default 1e-6: HiGHS's own 1e-4
    /// stops earlier and proves less.
    pub relative_gap: f64,
    /// A mixed-integer solve is optimal once `|objective - bound| <= absolute_gap`. Default 1e-6.
    pub absolute_gap: f64,
    /// Branch-and-bound nodes; a limit that, unlike time, is the same on every machine. `None` for no limit.
    pub node_limit: Option<u32>,
    /// Simplex iterations of a linear program. `None` for no limit.
    pub iteration_limit: Option<u32>,
    /// A value for every column, from which a mixed-integer solve takes its first incumbent when it is feasible.
    /// A linear program needs none: a [`LiveModel`](crate::LiveModel) starts from the last basis.
    pub start: Option<Vec<f64>>,
    /// Refuse an infeasible [`start`](Self::start) instead of letting HiGHS repair or drop it. Default false.
    pub check_start: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { relative_gap: 1e-6, absolute_gap: 1e-6, node_limit: None, iteration_limit: None, start: None, check_start: false }
    }
}

impl Settings {
    /// HiGHS counts with 32-bit signed integers.
    const LARGEST_COUNT: u32 = i32::MAX.unsigned_abs();

    /// Refuses what HiGHS would refuse, or worse, reinterpret.
    pub(crate) fn check(&self, model: &Model) -> Result<(), Error> {
        let not_negative =
            |name, value: f64| if value >= 0.0 { Ok(()) } else { Err(Error::Setting { name, value, expected: "0 or more" }) };
        not_negative("relative_gap", self.relative_gap)?;
        not_negative("absolute_gap", self.absolute_gap)?;
        let counts = [("node_limit", self.node_limit), ("iteration_limit", self.iteration_limit)];
        for (name, count) in counts {
            if let Some(count) = count.filter(|count| *count > Self::LARGEST_COUNT) {
                return Err(Error::Setting { name, value: count.into(), expected: "at most 2^31 - 1" });
            }
        }
        let Some(start) = &self.start else { return Ok(()) };
        if start.len() != model.columns() {
            return Err(Error::Length { what: "start", found: start.len(), expected: model.columns() });
        }
        if let Some(column) = start.iter().position(|value| !value.is_finite()) {
            return Err(Error::NotFinite { what: "start value", place: ModelPlace::Column(column), value: start[column] });
        }
        if self.check_start
            && let Some(violation) = model.violation(start)?.filter(|violation| violation.amount > Model::FEASIBILITY_TOLERANCE)
        {
            return Err(Error::StartInfeasible { place: violation.place, amount: violation.amount });
        }
        Ok(())
    }
}
