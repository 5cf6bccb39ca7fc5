//! Solving a model from nothing.

use std::time::Instant;

use fathom_opt_core::{Run, Status};

use crate::allowance::Allowance;
use crate::engine::{Engine, UNDECIDED};
use crate::error::Error;
use crate::model::Model;
use crate::result::{Duals, SolveResult};
use crate::settings::Settings;

impl Model {
    /// Solves the model from nothing (and from [`Settings::start`], if there is one), within what `run` allows: HiGHS looks at the clock and at the cancel flag
    /// between its steps.
    ///
    /// # Errors
    /// A setting out of range, a start of the wrong length or with values that are not finite, an infeasible start when the settings ask to
    /// check it, a failure inside HiGHS. An infeasible or unbounded model is no error but a [`Status`](fathom_opt_core::Status).
    pub fn solve(&self, settings: &Settings, run: &Run) -> Result<SolveResult, Error> {
        settings.check(self)?;
        solve_once(self, settings, run)
    }
}

/// Solves a model from nothing. Mixed-integer solves and solves on several threads go through here even from a live model.
pub(crate) fn solve_once(model: &Model, settings: &Settings, run: &Run) -> Result<SolveResult, Error> {
    let result = attempt(model, settings, run)?;
    if !is_undecided(&result.status) {
        return Ok(result);
    }
    // Without an objective nothing is unbounded: a point that exists, beside the ray that presolve saw, makes the model unbounded.
    let feasibility = attempt(&model.without_objective(), &Settings { start: None, ..settings.clone() }, run)?;
    let status = match feasibility.status {
        Status::Optimal => Status::Unbounded,
        other => other,
    };
    Ok(SolveResult { status, iterations: result.iterations + feasibility.iterations, ..result })
}

/// Whether HiGHS found a model infeasible or unbounded, without saying which.
pub(crate) fn is_undecided(status: &Status) -> bool {
    matches!(status, Status::Failed(why) if why == UNDECIDED)
}

fn attempt(model: &Model, settings: &Settings, run: &Run) -> Result<SolveResult, Error> {
    let (since, allowance) = (Instant::now(), Allowance::of(run));
    if model.columns() == 0 {
        return Ok(without_columns(model));
    }
    let solve = || Engine::new(model)?.run(model, settings, &allowance, since).map(|(result, _)| result);
    if allowance.threads == 1 {
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
