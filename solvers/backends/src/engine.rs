//! HiGHS itself: a model handed over, run, and read back.

use std::time::Instant;

use highs::HighsSolutionStatus;

use crate::model::{ColumnData, Integrality, RowData};
use crate::{Duals, Error, Model, Sense, Settings, SolveResult, Status};

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
    pub fn run(mut self, model: &Model, settings: &Settings, since: Instant) -> Result<(SolveResult, Self), Error> {
        let mixed_integer = model.is_mixed_integer();
        if mixed_integer && let Some(start) = &settings.start {
            self.model.try_set_solution(Some(start), None, None, None).map_err(|_| Error::Highs { doing: "taking the start" })?;
        }
        // Branch and bound has a clock of its own, from zero.
        let already = if mixed_integer { 0.0 } else { self.seconds_run };
        let left = (settings.time_limit - since.elapsed().as_secs_f64()).max(0.0);
        self.set_options(settings, already + left)?;
        let started = Instant::now();
        let solved = self.model.try_solve().map_err(|_| Error::Highs { doing: "solving" })?;
        let seconds_run = self.seconds_run + started.elapsed().as_secs_f64();
        let result = read(model, &solved);
        Ok((result, Self { model: highs::Model::from(solved), seconds_run, ..self }))
    }

    fn set_options(&mut self, settings: &Settings, time_limit: f64) -> Result<(), Error> {
        // Counts were checked to fit; a missing limit is HiGHS's own "no limit".
        let count = |count: Option<u32>| count.map_or(i32::MAX, |count| i32::try_from(count).unwrap_or(i32::MAX));
        let model = &mut self.model;
        let set = model
            .try_set_option("time_limit", time_limit)
            .and_then(|()| model.try_set_option("mip_rel_gap", settings.relative_gap))
            .and_then(|()| model.try_set_option("mip_abs_gap", settings.absolute_gap))
            .and_then(|()| model.try_set_option("threads", count(Some(settings.threads))))
            .and_then(|()| model.try_set_option("random_seed", count(Some(settings.seed))))
            .and_then(|()| model.try_set_option("mip_max_nodes", count(settings.node_limit)))
            .and_then(|()| model.try_set_option("simplex_iteration_limit", count(settings.iteration_limit)));
        set.map_err(|_| Error::Highs { doing: "setting its options" })
    }
}

/// Solves a model from nothing. Mixed-integer solves and solves on several threads go through here even from a session.
pub(crate) fn solve_once(model: &Model, settings: &Settings) -> Result<SolveResult, Error> {
    let since = Instant::now();
    if model.columns() == 0 {
        return Ok(without_columns(model));
    }
    let solve = || Engine::new(model)?.run(model, settings, since).map(|(result, _)| result);
    if settings.threads == 1 {
        match solve() {
            // HiGHS keeps one scheduler per calling thread and refuses a run that asks for another number of threads than a run before it
            // whose HiGHS object still lives there (it need not be ours). A thread of its own has a scheduler of its own.
            Err(Error::Highs { doing: "solving" }) => {}
            done => return done,
        }
    }
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new()
            .name("highs".into())
            .spawn_scoped(scope, solve)
            .map_err(|error| Error::Thread(error.to_string()))?;
        thread.join().unwrap_or(Err(Error::Highs { doing: "solving" }))
    })
}

/// HiGHS calls such a model empty without looking at its rows.
fn without_columns(model: &Model) -> SolveResult {
    let feasible = model.row_data().iter().all(|row| row.lower <= 0.0 && row.upper >= 0.0);
    let objective = feasible.then(|| model.offset());
    SolveResult {
        status: if feasible { Status::Optimal } else { Status::Infeasible },
        values: feasible.then(Vec::new),
        objective,
        bound: objective,
        duals: feasible.then(|| Duals { rows: vec![0.0; model.rows()], reduced_costs: Vec::new() }),
        iterations: 0,
    }
}

fn read(model: &Model, solved: &highs::SolvedModel) -> SolveResult {
    let status = Status::from(solved.status());
    let solution = solved.get_solution();
    let has_point = solved.primal_solution_status() == HighsSolutionStatus::Feasible;
    let values = has_point.then(|| with_whole_numbers(model, solution.columns()));
    let objective = values.as_deref().and_then(|values| model.objective(values).ok());
    let mixed_integer = model.is_mixed_integer();
    let bound = match status {
        Status::Infeasible | Status::Unbounded | Status::InfeasibleOrUnbounded | Status::Failed => None,
        // HiGHS's copy knows no offset.
        _ if mixed_integer => solved.double_info_value(c"mip_dual_bound").ok().map(|bound| bound + model.offset()),
        Status::Optimal => objective,
        _ => Some(lagrangian_bound(model, solution.dual_rows())),
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

/// The Lagrangian bound of a linear program at any row multipliers `y`, by weak duality for minimization:
///
/// ```text
/// min c'x  >=  sum_i min over [L_i, U_i] of y_i a  +  sum_j min over [l_j, u_j] of (c_j - A_j' y) x
/// ```
///
/// and with max in place of min for maximization. It holds for every `y`, so also for those of an unfinished simplex run; it is infinite
/// when a multiplier points along an infinite bound.
pub(crate) fn lagrangian_bound(model: &Model, multipliers: &[f64]) -> f64 {
    let direction = if model.sense() == Sense::Minimize { 1.0 } else { -1.0 };
    let extreme = |factor: f64, lower: f64, upper: f64| match factor * direction {
        0.0 => 0.0,
        towards if towards > 0.0 => factor * lower,
        _ => factor * upper,
    };
    let mut reduced_costs: Vec<f64> = model.column_data().iter().map(|column| column.cost).collect();
    let mut bound = model.offset();
    for (row, &multiplier) in model.row_data().iter().zip(multipliers) {
        bound += extreme(multiplier, row.lower, row.upper);
        for &(column, coefficient) in &row.terms {
            reduced_costs[column] -= multiplier * coefficient;
        }
    }
    for (column, &reduced_cost) in model.column_data().iter().zip(&reduced_costs) {
        bound += extreme(reduced_cost, column.lower, column.upper);
    }
    // Infinities of both signs cannot meet, because every term bounds from the same side; a NaN could only come from overflow.
    if bound.is_nan() { -f64::INFINITY * direction } else { bound }
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
    use proptest::prelude::*;

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

    proptest! {
        #[test]
        fn no_multiplier_gives_a_lagrangian_bound_beyond_the_optimum(multiplier in -10.0..10.0_f64) {
            prop_assert!(lagrangian_bound(&small(Sense::Minimize), &[multiplier]) <= 16.0 + 1e-12);
            prop_assert!(lagrangian_bound(&small(Sense::Maximize), &[multiplier]) >= -16.0 - 1e-12);
        }
    }

    #[test]
    fn the_lagrangian_bound_is_tight_at_the_dual_and_infinite_along_an_open_bound() {
        assert_eq!(lagrangian_bound(&small(Sense::Minimize), &[2.0]), 16.0);
        assert_eq!(lagrangian_bound(&small(Sense::Maximize), &[-2.0]), -16.0);
        // The row has no upper bound to push against, and y none either.
        assert_eq!(lagrangian_bound(&small(Sense::Minimize), &[-1.0]), f64::NEG_INFINITY);
        assert_eq!(lagrangian_bound(&small(Sense::Minimize), &[3.0]), f64::NEG_INFINITY);
        assert_eq!(lagrangian_bound(&small(Sense::Maximize), &[1.0]), f64::INFINITY);
        assert_eq!(lagrangian_bound(&small(Sense::Minimize), &[f64::NAN]), f64::NEG_INFINITY);
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
