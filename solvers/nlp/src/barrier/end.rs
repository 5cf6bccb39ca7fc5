//! How a barrier method ends.

use fathom_opt_core::{Limit, Status, Stop};
use fathom_opt_linalg::LdlError;
use fathom_opt_problems::expression::EvaluationError;

/// How the method ended.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum End {
    /// The errors are within the tolerance, and the point was confirmed.
    Converged,
    /// The violation of the rows is stationary and not zero.
    LocallyInfeasible,
    /// Iterates or objective grow beyond all bounds.
    Diverging,
    /// No step is admitted, and the restoration did not help.
    Blocked,
    /// Steps have become too small to be seen.
    Stalled,
    /// No shift makes the Newton system one of a minimum.
    Indefinite,
    Evaluation(EvaluationError),
    Factor(LdlError),
    Stopped(Stop),
    Iterations,
}

impl End {
    /// The status in everybody's words, as far as the method knows.
    pub fn status(&self) -> Status {
        match self {
            Self::Converged => Status::LocallyOptimal,
            Self::LocallyInfeasible => Status::LocallyInfeasible,
            Self::Diverging => Status::Diverging,
            Self::Blocked => Status::Failed("no step improves the objective or the violation of the constraints".into()),
            Self::Stalled => Status::Failed("steps became too small to be seen".into()),
            Self::Indefinite => Status::Failed("no shift makes the Newton system one of a minimum".into()),
            Self::Evaluation(error) => Status::Failed(format!("cannot be evaluated: {error}")),
            Self::Factor(error) => Status::Failed(format!("the Newton system: {error}")),
            Self::Stopped(stop) => (*stop).into(),
            Self::Iterations => Status::Limit(Limit::Iterations),
        }
    }
}
