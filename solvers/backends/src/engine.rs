//! HiGHS itself: a model handed over, run, and read back.

use std::time::Instant;

use fathom_opt_core::{Limit, Status};
use fathom_opt_problems::Sense;
use highs::{HighsModelStatus, HighsSolutionStatus};

use crate::allowance::Allowance;
use crate::error::Error;
use crate::interrupt::run_until_cancelled;
use crate::lagrangian_bound::{DUAL_TOLERANCE, lagrangian_bound};
use crate::model::{ColumnData, Integrality, Model, RowData};
use crate::result::{Duals, SolveResult};
use crate::settings::Settings;

/// HiGHS's own copy of a model.
///
/// Beside the copy stand the handles that the `highs` crate wants for later edits. It gives them out only while building, rows from a
/// [`highs::ColProblem`] and columns from a [`highs::RowProblem`], and they are nothing but indices; so row handles come from an empty
/// problem kept for that purpose.
#[derive(Debug)]
pub(crate) struct Engine {
    model: highs::Model,
    columns: Vec<highs::Col>,
    rows: Vec<highs::Row>,
    row_handles: highs::ColProblem,
    /// Seconds spent in runs so far: HiGHS's clock for linear programs, and with it the time limit, counts on from run to run.
    seconds_run: f64,
}

impl Engine {
    /// Hands a model over to a new HiGHS object.
    pub fn new(model: &Model) -> Result<Self, Error> {
        let mut problem = highs::RowProblem::new();
        let columns = model
            .column_data()
            .iter()
            .map(|column| problem.add_column_with_integrality(column.cost, column.lower..=column.upper, is_integer(column)))
            .collect::<Vec<_>>();
        let mut row_handles = highs::ColProblem::new();
        let mut rows = Vec::with_capacity(model.rows());
        for row in model.row_data() {
            problem.add_row(row.lower..=row.upper, row.terms.iter().map(|&(column, coefficient)| (columns[column], coefficient)));
            rows.push(row_handles.add_row(row.lower..=row.upper));
        }
        let model = problem.try_optimise(sense(model.sense())).map_err(|_| Error::Highs { doing: "loading the model" })?;
        Ok(Self { model, columns, rows, row_handles, seconds_run: 0.0 })
    }

    pub fn add_column(&mut self, column: &ColumnData, terms: &[(usize, f64)]) -> Result<(), Error> {
        let terms = terms.iter().map(|&(row, coefficient)| (self.rows[row], coefficient)).collect::<Vec<_>>();
        let handle = self
            .model
            .try_add_column_with_integrality(column.cost, column.lower..=column.upper, terms, is_integer(column))
            .map_err(|_| Error::Highs { doing: "adding a column" })?;
        self.columns.push(handle);
        Ok(())
    }

    pub fn add_row(&mut self, row: &RowData) -> Result<(), Error> {
        let terms = row.terms.iter().map(|&(column, coefficient)| (self.columns[column], coefficient)).collect::<Vec<_>>();
        self.model.try_add_row(row.lower..=row.upper, terms).map_err(|_| Error::Highs { doing: "adding a row" })?;
        self.rows.push(self.row_handles.add_row(row.lower..=row.upper));
        Ok(())
    }

    pub fn set_cost(&mut self, column: usize, cost: f64) {
        self.model.change_column_cost(self.columns[column], cost);
    }

    pub fn set_column_bounds(&mut self, column: usize, lower: f64, upper: f64) {
        self.model.change_column_bounds(self.columns[column], lower..=upper);
    }

    pub fn set_sense(&mut self, to: Sense) {
        self.model.set_sense(sense(to));
    }

    /// Runs HiGHS on its copy, which must be of `model`, and hands the copy back for the next run.
    /// `since` is when the solve began: the time limit counts from there.
    pub fn run(mut self, model: &Model, settings: &Settings, allowance: &Allowance, since: Instant) -> Result<(SolveResult, Self), Error> {
        let mixed_integer = model.is_mixed_integer();
        if mixed_integer && let Some(start) = &settings.start {
            self.model.try_set_solution(Some(start), None, None, None).map_err(|_| Error::Highs { doing: "taking the start" })?;
        }
        // Branch and bound has a clock of its own, from zero.
        let already = if mixed_integer { 0.0 } else { self.seconds_run };
        let left = (allowance.seconds - since.elapsed().as_secs_f64()).max(0.0);
        self.set_options(settings, allowance, already + left)?;
        let started = Instant::now();
        let solved = run_until_cancelled(self.model, &allowance.cancel)?;
        let seconds_run = self.seconds_run + started.elapsed().as_secs_f64();
        let result = read(model, &solved);
        Ok((result, Self { model: highs::Model::from(solved), seconds_run, ..self }))
    }

    fn set_options(&mut self, settings: &Settings, allowance: &Allowance, time_limit: f64) -> Result<(), Error> {
        // Counts were checked to fit; a missing limit is HiGHS's own "no limit".
        let count = |count: Option<u32>| count.map_or(i32::MAX, |count| i32::try_from(count).unwrap_or(i32::MAX));
        let model = &mut self.model;
        let set = model
            .try_set_option("time_limit", time_limit)
            .and_then(|()| model.try_set_option("mip_rel_gap", settings.relative_gap))
            .and_then(|()| model.try_set_option("mip_abs_gap", settings.absolute_gap))
            .and_then(|()| model.try_set_option("threads", allowance.threads))
            .and_then(|()| model.try_set_option("random_seed", allowance.seed))
            .and_then(|()| model.try_set_option("mip_max_nodes", count(settings.node_limit)))
            .and_then(|()| model.try_set_option("simplex_iteration_limit", count(settings.iteration_limit)));
        set.map_err(|_| Error::Highs { doing: "setting its options" })
    }
}

fn read(model: &Model, solved: &highs::SolvedModel) -> SolveResult {
    let status = status(solved.status());
    let solution = solved.get_solution();
    let has_point = solved.primal_solution_status() == HighsSolutionStatus::Feasible;
    let values = has_point.then(|| with_whole_numbers(model, solution.columns()));
    let objective = values.as_deref().and_then(|values| model.objective(values).ok());
    let mixed_integer = model.is_mixed_integer();
    let bound = match status {
        Status::Infeasible | Status::Unbounded | Status::Failed(_) => None,
        // HiGHS's copy knows no offset.
        _ if mixed_integer => solved.double_info_value(c"mip_dual_bound").ok().map(|bound| bound + model.offset()),
        Status::Optimal => Some(lagrangian_bound(model, solution.dual_rows(), DUAL_TOLERANCE)),
        _ => Some(lagrangian_bound(model, solution.dual_rows(), 0.0)),
    };
    let bound = bound.map(|bound| tidied(model, bound, objective));
    let duals = (status == Status::Optimal && !mixed_integer)
        .then(|| Duals { rows: solution.dual_rows().to_vec(), reduced_costs: solution.dual_columns().to_vec() });
    SolveResult {
        status,
        values,
        objective,
        bound: bound.filter(|bound| bound.is_finite()),
        duals,
        // HiGHS says -1 where no simplex ran.
        iterations: u64::try_from(solved.simplex_iteration_count()).unwrap_or(0),
    }
}

/// HiGHS's word for how it ended, in Fathom's.
fn status(status: HighsModelStatus) -> Status {
    match status {
        HighsModelStatus::Optimal | HighsModelStatus::ModelEmpty => Status::Optimal,
        HighsModelStatus::Infeasible => Status::Infeasible,
        HighsModelStatus::Unbounded => Status::Unbounded,
        // Presolve saw that much and stopped; `solve_once` and live models find out which.
        HighsModelStatus::UnboundedOrInfeasible => Status::Failed(UNDECIDED.into()),
        HighsModelStatus::ReachedTimeLimit => Status::Limit(Limit::Time),
        HighsModelStatus::ReachedIterationLimit => Status::Limit(Limit::Iterations),
        // HiGHS reports its node limit as a "solution limit"; no other limit of that kind is ever set here.
        HighsModelStatus::ReachedSolutionLimit => Status::Limit(Limit::Nodes),
        HighsModelStatus::ReachedMemoryLimit => Status::Limit(Limit::Memory),
        HighsModelStatus::ReachedInterrupt => Status::Interrupted,
        // Objective bound and target are options this crate never sets; everything else is trouble.
        other => Status::Failed(format!("HiGHS gave up ({other:?})")),
    }
}

/// Why a solve failed that presolve ended.
pub(crate) const UNDECIDED: &str = "HiGHS found the model infeasible or unbounded, without saying which";

/// Integer columns come back within HiGHS's tolerance of whole numbers. The whole numbers themselves are what people want, unless a row with
/// large coefficients depends on the difference.
fn with_whole_numbers(model: &Model, values: &[f64]) -> Vec<f64> {
    let rounded: Vec<f64> =
        model.column_data().iter().zip(values).map(|(column, &value)| if is_integer(column) { value.round() } else { value }).collect();
    let amount = |point: &[f64]| model.violation(point).ok().flatten().map_or(0.0, |violation| violation.amount);
    if amount(&rounded) <= Model::FEASIBILITY_TOLERANCE.max(amount(values)) { rounded } else { values.to_vec() }
}

/// Takes the rounding out of a bound where the model itself says how.
///
/// Where every feasible objective is a whole number, HiGHS's bound is one up to rounding, to either side: 3253.99999999998 must not stand as an
/// upper bound of 3254. And no bound can pass a feasible point; where rounding made it, the point's objective is the bound that is left.
fn tidied(model: &Model, bound: f64, objective: Option<f64>) -> f64 {
    /// HiGHS allows itself this much when it rounds bounds of whole objectives (its `mip_feasibility_tolerance`).
    const ALLOWANCE: f64 = 1e-6;
    /// Below this, double precision resolves the allowance with room to spare.
    const EXACT: f64 = 1e9;
    let whole = bound.abs() < EXACT
        && model.offset().fract() == 0.0
        && model.column_data().iter().all(|column| column.cost == 0.0 || (is_integer(column) && column.cost.fract() == 0.0));
    match model.sense() {
        Sense::Minimize => {
            let bound = if whole { (bound - ALLOWANCE).ceil() } else { bound };
            objective.map_or(bound, |objective| bound.min(objective))
        }
        Sense::Maximize => {
            let bound = if whole { (bound + ALLOWANCE).floor() } else { bound };
            objective.map_or(bound, |objective| bound.max(objective))
        }
    }
}

fn is_integer(column: &ColumnData) -> bool {
    column.integrality == Integrality::Integer
}

fn sense(sense: Sense) -> highs::Sense {
    match sense {
        Sense::Minimize => highs::Sense::Minimise,
        Sense::Maximize => highs::Sense::Maximise,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Column;

    /// `2 <= x <= 6`, `0 <= y`, `x + 2 y >= 7`, cost `(3, 4)` (minimize, optimum 3 * 2 + 4 * 2.5 = 16) or its negative (maximize).
    fn small(sense: Sense) -> Model {
        let sign = if sense == Sense::Minimize { 1.0 } else { -1.0 };
        let mut model = Model::new(sense);
        let x = model.add_column(sign * 3.0, 2.0, 6.0, Integrality::Continuous).unwrap();
        let y = model.add_column(sign * 4.0, 0.0, f64::INFINITY, Integrality::Continuous).unwrap();
        model.add_row(7.0, f64::INFINITY, [(x, 1.0), (y, 2.0)]).unwrap();
        model
    }

    #[test]
    fn a_bound_of_whole_objectives_becomes_the_whole_number_that_it_implies() {
        let mut model = small(Sense::Maximize);
        for column in 0..2 {
            model.set_integrality(Column(column), Integrality::Integer).unwrap();
        }
        assert_eq!(tidied(&model, -16.000_000_000_01, None), -16.0);
        assert_eq!(tidied(&model, -16.1, None), -17.0);
        model.set_sense(Sense::Minimize);
        assert_eq!(tidied(&model, 16.000_000_000_01, None), 16.0);
        assert_eq!(tidied(&model, 16.1, None), 17.0);
        model.set_cost(Column(1), 0.5).unwrap();
        assert_eq!(tidied(&model, 16.1, None), 16.1);
        model.set_cost(Column(1), 1.0).unwrap();
        model.set_offset(0.25).unwrap();
        assert_eq!(tidied(&model, 16.1, None), 16.1);
    }

    #[test]
    fn a_bound_never_passes_the_incumbent() {
        assert_eq!(tidied(&small(Sense::Minimize), 16.5, Some(16.0)), 16.0);
        assert_eq!(tidied(&small(Sense::Maximize), -16.5, Some(-16.0)), -16.0);
    }

    #[test]
    fn whole_numbers_are_restored_unless_a_row_depends_on_the_difference() {
        let mut model = Model::new(Sense::Minimize);
        let switch = model.add_binary(1.0).unwrap();
        let flow = model.add_column(0.0, 0.0, 1e7, Integrality::Continuous).unwrap();
        assert_eq!(with_whole_numbers(&model, &[1e-7, 1.0]), [0.0, 1.0]);
        model.add_row(f64::NEG_INFINITY, 0.0, [(flow, 1.0), (switch, -1e7)]).unwrap();
        assert_eq!(with_whole_numbers(&model, &[1e-7, 1.0]), [1e-7, 1.0]);
    }
}
