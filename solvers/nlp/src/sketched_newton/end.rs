//! How the method ends.

use fathom_opt_core::{Limit, Status, Stop};
use fathom_opt_linalg::LdlError;
use fathom_opt_problems::expression::EvaluationError;

/// How the method ended, before anybody words it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum End {
    /// The KKT residual is within the tolerance.
    Stationary,
    /// The constraints' violation is stationary and not zero: `||G' c||` is small beside `||G|| ||c||`.
    LocallyInfeasible,
    /// The paper's stop: the Jacobian is nearly rank-deficient.
    Singular(f64),
    /// No step of the line search reduces the merit function.
    NoDescent,
    /// The Newton system was not solved within the steps allowed, and the direction so far is of no use.
    InnerLimit(u64),
    /// Iterates or objective grow beyond all bounds.
    Diverging,
    /// Nothing can be evaluated at the start.
    Evaluation(EvaluationError),
    /// The Newton system cannot be factored.
    Factor(LdlError),
    /// Limit or interruption.
    Stopped(Stop),
    /// The outer iterations are used up.
    Iterations,
}

impl End {
    /// The status in everybody's words.
    pub fn status(self) -> Status {
        match self {
            Self::Stationary => Status::LocallyOptimal,
            Self::LocallyInfeasible => Status::LocallyInfeasible,
            Self::Singular(smallest) => Status::Failed(format!("singular: the smallest eigenvalue of G G' is {smallest:.1e}")),
            Self::NoDescent => Status::Failed("no step reduces the merit function".into()),
            Self::InnerLimit(steps) => Status::Failed(format!("the Newton system was not solved within {steps} inner steps")),
            Self::Diverging => Status::Diverging,
            Self::Evaluation(error) => Status::Failed(format!("cannot be evaluated: {error}")),
            Self::Factor(error) => Status::Failed(format!("the Newton system: {error}")),
            Self::Stopped(stop) => stop.into(),
            Self::Iterations => Status::Limit(Limit::Iterations),
        }
    }

    /// What there is to say beside the status, a sentence each.
    pub fn remarks(&self) -> Vec<String> {
        match self {
            Self::LocallyInfeasible => {
                vec!["the violation of the constraints is stationary here: no small change comes closer to them".into()]
            }
            Self::Singular(_) => vec!["`regularization=inertia` goes on where the Jacobian is rank-deficient".into()],
            _ => Vec::new(),
        }
    }
}
