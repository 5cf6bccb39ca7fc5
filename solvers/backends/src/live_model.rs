//! A model that is solved, changed and solved again.

use std::time::Instant;

use fathom_opt_core::{Run, Status};
use fathom_opt_problems::Sense;

use crate::allowance::Allowance;
use crate::engine::Engine;
use crate::error::Error;
use crate::model::{Column, ColumnData, Integrality, Model, Row};
use crate::result::SolveResult;
use crate::settings::Settings;
use crate::solve::{is_undecided, solve_once};

/// A model together with what the last solve left behind: rows and columns are added, costs and bounds changed, and it is solved again
/// from there. A linear program goes on from its last basis inside HiGHS, a mixed-integer one takes the last incumbent as its start
/// (unless [`Settings::start`] gives another), which still holds if the changes kept it feasible and which HiGHS tries to repair if not.
///
/// The edits are those of [`Model`], with the same errors. A live model stays on the thread that made it; send the [`Model`] instead.
///
/// ```
/// use fathom_opt_backends::{Integrality, Model, Sense, LiveModel, Settings};
/// use fathom_opt_core::Run;
///
/// // Cutting planes: max x + y over the unit square, then cut the corner off.
/// let mut model = Model::new(Sense::Maximize);
/// let x = model.add_column(1.0, 0.0, 1.0, Integrality::Continuous)?;
/// let y = model.add_column(1.0, 0.0, 1.0, Integrality::Continuous)?;
/// let mut live = LiveModel::new(model);
/// assert_eq!(live.solve(&Settings::default(), &Run::default())?.objective, Some(2.0));
/// live.add_row(f64::NEG_INFINITY, 1.5, [(x, 1.0), (y, 1.0)])?;
/// assert_eq!(live.solve(&Settings::default(), &Run::default())?.objective, Some(1.5));
/// # Ok::<(), fathom_opt_backends::Error>(())
/// ```
#[derive(Debug)]
pub struct LiveModel {
    model: Model,
    /// HiGHS's copy, equal to `model`, once a linear program was solved. Gone whenever an edit came that the safe interface of the `highs`
    /// crate does not offer on it; the next solve hands the model over afresh.
    engine: Option<Engine>,
    incumbent: Option<Vec<f64>>,
}

impl LiveModel {
    /// Takes a model, which may be empty, and keeps it alive.
    pub fn new(model: Model) -> Self {
        Self { model, engine: None, incumbent: None }
    }

    /// The model as it stands.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Lets the solver go and keeps the model.
    pub fn into_model(self) -> Model {
        self.model
    }

    /// Adds a column; see [`Model::add_column`].
    ///
    /// # Errors
    /// As [`Model::add_column`].
    pub fn add_column(&mut self, cost: f64, lower: f64, upper: f64, integrality: Integrality) -> Result<Column, Error> {
        self.add_column_in_rows(cost, lower, upper, integrality, [])
    }

    /// Adds a column with its coefficients in existing rows; see [`Model::add_column_in_rows`].
    ///
    /// # Errors
    /// As [`Model::add_column_in_rows`].
    pub fn add_column_in_rows(
        &mut self,
        cost: f64,
        lower: f64,
        upper: f64,
        integrality: Integrality,
        terms: impl IntoIterator<Item = (Row, f64)>,
    ) -> Result<Column, Error> {
        let mut terms: Vec<(Row, f64)> = terms.into_iter().collect();
        let column = self.model.add_column_in_rows(cost, lower, upper, integrality, terms.iter().copied())?;
        terms.sort_by_key(|term| term.0);
        terms.dedup_by_key(|term| term.0);
        // The model has added up repeated rows, so its coefficients are the ones to pass on.
        let merged = terms.iter().filter_map(|&(row, _)| Some((row.0, self.model.coefficient(row, column)?))).collect::<Vec<_>>();
        self.follow(|engine, _| engine.add_column(&ColumnData { cost, lower, upper, integrality }, &merged));
        if let Some(incumbent) = &mut self.incumbent {
            // Zero leaves every row as it was; where it is out of bounds, the nearest bound.
            incumbent.push(if lower > 0.0 { lower } else { upper.min(0.0) });
        }
        Ok(column)
    }

    /// Adds a row; see [`Model::add_row`].
    ///
    /// # Errors
    /// As [`Model::add_row`].
    pub fn add_row(&mut self, lower: f64, upper: f64, terms: impl IntoIterator<Item = (Column, f64)>) -> Result<Row, Error> {
        let row = self.model.add_row(lower, upper, terms)?;
        self.follow(|engine, model| engine.add_row(&model.row_data()[row.0]));
        Ok(row)
    }

    /// Sets a column's objective coefficient; see [`Model::set_cost`].
    ///
    /// # Errors
    /// As [`Model::set_cost`].
    pub fn set_cost(&mut self, column: Column, cost: f64) -> Result<(), Error> {
        self.model.set_cost(column, cost)?;
        self.follow(|engine, _| {
            engine.set_cost(column.0, cost);
            Ok(())
        });
        Ok(())
    }

    /// Sets a column's bounds; see [`Model::set_column_bounds`].
    ///
    /// # Errors
    /// As [`Model::set_column_bounds`].
    pub fn set_column_bounds(&mut self, column: Column, lower: f64, upper: f64) -> Result<(), Error> {
        self.model.set_column_bounds(column, lower, upper)?;
        self.follow(|engine, _| {
            engine.set_column_bounds(column.0, lower, upper);
            Ok(())
        });
        Ok(())
    }

    /// Sets the objective's sense.
    pub fn set_sense(&mut self, sense: Sense) {
        self.model.set_sense(sense);
        self.follow(|engine, _| {
            engine.set_sense(sense);
            Ok(())
        });
    }

    /// Sets the objective's constant term; see [`Model::set_offset`].
    ///
    /// # Errors
    /// As [`Model::set_offset`].
    pub fn set_offset(&mut self, offset: f64) -> Result<(), Error> {
        // HiGHS never sees the offset.
        self.model.set_offset(offset)
    }

    /// Sets which values a column may take; see [`Model::set_integrality`]. The next solve starts without the last basis.
    ///
    /// # Errors
    /// As [`Model::set_integrality`].
    pub fn set_integrality(&mut self, column: Column, integrality: Integrality) -> Result<(), Error> {
        self.engine = None;
        self.model.set_integrality(column, integrality)
    }

    /// Sets a row's bounds; see [`Model::set_row_bounds`]. The next solve starts without the last basis.
    ///
    /// # Errors
    /// As [`Model::set_row_bounds`].
    pub fn set_row_bounds(&mut self, row: Row, lower: f64, upper: f64) -> Result<(), Error> {
        self.engine = None;
        self.model.set_row_bounds(row, lower, upper)
    }

    /// Sets a coefficient; see [`Model::set_coefficient`]. The next solve starts without the last basis.
    ///
    /// # Errors
    /// As [`Model::set_coefficient`].
    pub fn set_coefficient(&mut self, row: Row, column: Column, coefficient: f64) -> Result<(), Error> {
        self.engine = None;
        self.model.set_coefficient(row, column, coefficient)
    }

    /// Solves the model as it stands, from where the last solve ended.
    ///
    /// # Errors
    /// As [`Model::solve`].
    pub fn solve(&mut self, settings: &Settings, run: &Run) -> Result<SolveResult, Error> {
        settings.check(&self.model)?;
        let result = if self.model.is_mixed_integer() || self.model.columns() == 0 || run.threads() != 1 {
            // Branch and bound keeps nothing between runs but a start, and a HiGHS object cannot change threads.
            self.engine = None;
            match &self.incumbent {
                Some(incumbent) if settings.start.is_none() => {
                    solve_once(&self.model, &Settings { start: Some(incumbent.clone()), ..settings.clone() }, run)?
                }
                _ => solve_once(&self.model, settings, run)?,
            }
        } else {
            self.solve_linear(settings, run)?
        };
        if result.values.is_some() {
            self.incumbent.clone_from(&result.values);
        }
        Ok(result)
    }

    fn solve_linear(&mut self, settings: &Settings, run: &Run) -> Result<SolveResult, Error> {
        let (since, allowance) = (Instant::now(), Allowance::of(run));
        let engine = match self.engine.take() {
            Some(engine) => engine,
            None => Engine::new(&self.model)?,
        };
        match engine.run(&self.model, settings, &allowance, since) {
            Ok((result, _)) if is_undecided(&result.status) => solve_once(&self.model, settings, run),
            Ok((result, engine)) => {
                // A basis that a failed run left behind is no place to go on from.
                self.engine = (!matches!(result.status, Status::Failed(_))).then_some(engine);
                Ok(result)
            }
            // From nothing, what failed from a basis may still work; it is also the way round a thread that HiGHS refuses.
            Err(_) => solve_once(&self.model, settings, run),
        }
    }

    /// Makes HiGHS's copy follow an edit of the model, or drops it.
    fn follow(&mut self, edit: impl FnOnce(&mut Engine, &Model) -> Result<(), Error>) {
        if let Some(engine) = &mut self.engine
            && edit(engine, &self.model).is_err()
        {
            self.engine = None;
        }
    }
}
