//! The workbench's sparse factor in builds without one (feature `cholesky` off): there never is a factor, and nothing that asks for one gets it.

use fathom_opt_linalg::{Ending, LevelCg, LevelMatrix, Solved};

use crate::cost_model::CostModel;
use crate::task::Task;

/// No factor.
#[derive(Debug, Default)]
pub(crate) struct Factor;

/// What a factor would have to be told about the matrix at hand.
#[derive(Debug, Clone, Copy)]
#[expect(dead_code, reason = "the same fields as where there is a factor")]
pub(crate) struct Terms {
    pub(crate) number: u64,
    pub(crate) costs: CostModel,
    pub(crate) max_uninterrupted: f64,
}

/// How a solve with a factor would have gone.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Direct {
    pub(crate) solved: Solved,
    pub(crate) cost: f64,
    pub(crate) given_up: bool,
}

const NO_FACTOR: Direct =
    Direct { solved: Solved { iterations: 0, residual: f64::NAN, ending: Ending::NoFactor }, cost: 0.0, given_up: false };

#[expect(clippy::unused_self, reason = "the same methods as where there is a factor")]
impl Factor {
    pub(crate) const AVAILABLE: bool = false;

    pub(crate) fn is_analysed(&self) -> bool {
        true
    }

    pub(crate) fn analyse(&mut self, _: &LevelMatrix, _: &Terms, _: usize) {}

    pub(crate) fn price(&self, _: &Terms, _: u64) -> Option<f64> {
        None
    }

    pub(crate) fn least_kept(&self, _: &CostModel) -> Option<f64> {
        None
    }

    pub(crate) fn kept_rate(&self) -> Option<f64> {
        None
    }

    pub(crate) fn solve_fresh(&mut self, _: &LevelMatrix, _: &Terms, _: &mut Task<'_>) -> Direct {
        NO_FACTOR
    }

    pub(crate) fn solve_kept(&mut self, _: &mut LevelCg, _: &mut LevelMatrix, _: &Terms, _: &mut Task<'_>, _: f64) -> Direct {
        NO_FACTOR
    }
}
