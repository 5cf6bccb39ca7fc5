//! How a solve ended.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A limit that a run was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Limit {
    /// The deadline.
    Time,
    /// The iteration budget, of the run or of the solver's own options.
    Iterations,
    /// The budget of oracle calls.
    OracleCalls,
    /// Nodes of a search tree.
    Nodes,
    /// Memory.
    Memory,
}

impl Limit {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Time, Self::Iterations, Self::OracleCalls, Self::Nodes, Self::Memory];
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Time => "time",
            Self::Iterations => "iterations",
            Self::OracleCalls => "oracle calls",
            Self::Nodes => "nodes",
            Self::Memory => "memory",
        })
    }
}

/// Why a solver has to stop now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// A limit was reached.
    Limit(Limit),
    /// Somebody asked it to.
    Interrupted,
}

impl From<Stop> for Status {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Limit(limit) => Self::Limit(limit),
            Stop::Interrupted => Self::Interrupted,
        }
    }
}

/// How a solve ended, in the field's words. In documents it is two fields, `status` and, where the word leaves something out, `detail`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "StatusWords", into = "StatusWords")]
pub enum Status {
    /// The solution is proven best.
    Optimal,
    /// The solution is stationary or cannot be improved by the method's own moves.
    LocallyOptimal,
    /// The solution meets every requirement; nothing is said about better ones.
    Feasible,
    /// Proven: no solution exists.
    Infeasible,
    /// Proven: the objective has no bound.
    Unbounded,
    /// Claimed, not proven: the violation of the requirements cannot be made smaller from here by small steps; a solution elsewhere may exist.
    LocallyInfeasible,
    /// Claimed, not proven: the iterates or the objective grow beyond all measure; the problem may be unbounded.
    Diverging,
    /// A limit was reached; the solution, if any, is the best so far.
    Limit(Limit),
    /// Stopped from outside; the solution, if any, is the best so far.
    Interrupted,
    /// The method failed, for this reason; a solution, if any, is what it had.
    Failed(String),
}

impl Status {
    /// The name in solution documents.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Optimal => "optimal",
            Self::LocallyOptimal => "locally-optimal",
            Self::Feasible => "feasible",
            Self::Infeasible => "infeasible",
            Self::Unbounded => "unbounded",
            Self::LocallyInfeasible => "locally-infeasible",
            Self::Diverging => "diverging",
            Self::Limit(_) => "limit",
            Self::Interrupted => "interrupted",
            Self::Failed(_) => "failed",
        }
    }

    /// What the name leaves out: which limit, why it failed.
    pub fn detail(&self) -> Option<String> {
        match self {
            Self::Limit(limit) => Some(limit.to_string()),
            Self::Failed(why) => Some(why.clone()),
            _ => None,
        }
    }

    /// The status with this [`name`](Status::name) and [`detail`](Status::detail); `None` for words that are no status.
    pub fn of_words(name: &str, detail: Option<&str>) -> Option<Self> {
        Some(match name {
            "optimal" => Self::Optimal,
            "locally-optimal" => Self::LocallyOptimal,
            "feasible" => Self::Feasible,
            "infeasible" => Self::Infeasible,
            "unbounded" => Self::Unbounded,
            "locally-infeasible" => Self::LocallyInfeasible,
            "diverging" => Self::Diverging,
            "limit" => Self::Limit(Limit::ALL.into_iter().find(|limit| Some(limit.to_string().as_str()) == detail)?),
            "interrupted" => Self::Interrupted,
            "failed" => Self::Failed(detail.unwrap_or("no reason given").to_owned()),
            _ => return None,
        })
    }

    /// Whether the status claims a proof: nothing better, no solution at all, or no bound.
    pub fn is_proof(&self) -> bool {
        matches!(self, Self::Optimal | Self::Infeasible | Self::Unbounded)
    }

    /// Whether the status claims that the solution meets every requirement.
    pub fn claims_feasibility(&self) -> bool {
        matches!(self, Self::Optimal | Self::LocallyOptimal | Self::Feasible)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        match self.detail() {
            Some(detail) => write!(f, " ({detail})"),
            None => Ok(()),
        }
    }
}

/// A [`Status`] as documents have it.
#[derive(Serialize, Deserialize)]
struct StatusWords {
    status: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

impl From<Status> for StatusWords {
    fn from(status: Status) -> Self {
        Self { status: status.name().to_owned(), detail: status.detail() }
    }
}

/// A word that is no status.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("status: found {found}, expected one of optimal, infeasible, unbounded, locally-optimal, locally-infeasible, diverging, feasible, limit, interrupted, failed (and with `limit` which one as `detail`: {})", Limit::ALL.map(|limit| limit.to_string()).join(", "))]
pub struct UnknownStatus {
    found: String,
}

impl TryFrom<StatusWords> for Status {
    type Error = UnknownStatus;

    fn try_from(words: StatusWords) -> Result<Self, UnknownStatus> {
        let found = || match &words.detail {
            Some(detail) => format!("`{}` ({detail})", words.status),
            None => format!("`{}`", words.status),
        };
        Self::of_words(&words.status, words.detail.as_deref()).ok_or_else(|| UnknownStatus { found: found() })
    }
}
