//! How a solve ended.

use highs::HighsModelStatus;

/// How a solve ended. After a limit there may still be an incumbent, a proven bound, both or neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Status {
    /// The incumbent is optimal within the gap settings and HiGHS's feasibility tolerances.
    Optimal,
    /// No point satisfies the rows, bounds and integrality.
    Infeasible,
    /// The objective improves without limit.
    Unbounded,
    /// One of the two; presolve saw that much and stopped. An objective of zero tells which.
    InfeasibleOrUnbounded,
    /// [`Settings::time_limit`](crate::Settings::time_limit) ran out.
    TimeLimit,
    /// [`Settings::iteration_limit`](crate::Settings::iteration_limit) ran out (linear programs).
    IterationLimit,
    /// [`Settings::node_limit`](crate::Settings::node_limit) ran out (mixed-integer programs).
    NodeLimit,
    /// HiGHS ran out of the memory it allows itself.
    MemoryLimit,
    /// HiGHS was interrupted from outside.
    Interrupted,
    /// HiGHS gave up on numerical or internal trouble.
    Failed,
}

impl Status {
    /// Whether the solve stopped because a limit ran out or somebody interrupted it: more time might give more.
    pub fn is_limit(self) -> bool {
        matches!(self, Self::TimeLimit | Self::IterationLimit | Self::NodeLimit | Self::MemoryLimit | Self::Interrupted)
    }
}

impl From<HighsModelStatus> for Status {
    fn from(status: HighsModelStatus) -> Self {
        match status {
            HighsModelStatus::Optimal | HighsModelStatus::ModelEmpty => Self::Optimal,
            HighsModelStatus::Infeasible => Self::Infeasible,
            HighsModelStatus::Unbounded => Self::Unbounded,
            HighsModelStatus::UnboundedOrInfeasible => Self::InfeasibleOrUnbounded,
            HighsModelStatus::ReachedTimeLimit => Self::TimeLimit,
            HighsModelStatus::ReachedIterationLimit => Self::IterationLimit,
            // HiGHS reports its node limit as a "solution limit"; no other limit of that kind is ever set here.
            HighsModelStatus::ReachedSolutionLimit => Self::NodeLimit,
            HighsModelStatus::ReachedMemoryLimit => Self::MemoryLimit,
            HighsModelStatus::ReachedInterrupt => Self::Interrupted,
            // Objective bound and target are options this crate never sets; everything else is trouble.
            _ => Self::Failed,
        }
    }
}
