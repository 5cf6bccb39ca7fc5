//! An allocation in the making, and the outcome it becomes.

use fathom_opt_core::{Outcome, Status};
use fathom_opt_problems::fair_division::{Allocation, FairDivision, Notion, Welfare};

use crate::welfare;

/// Marks an item that nobody has yet.
const NOBODY: usize = usize::MAX;

/// Who has which item so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Assignment {
    owner: Vec<usize>,
}

impl Assignment {
    /// Nobody has anything.
    pub(crate) fn empty(items: usize) -> Self {
        Self { owner: vec![NOBODY; items] }
    }

    /// Gives `item` to `agent`.
    pub(crate) fn give(&mut self, item: usize, agent: usize) {
        self.owner[item] = agent;
    }

    /// Whether nobody has `item`.
    pub(crate) fn is_free(&self, item: usize) -> bool {
        self.owner[item] == NOBODY
    }

    /// Who has each item.
    pub(crate) fn into_owner(self) -> Vec<usize> {
        self.owner
    }
}

/// As many allocations can be looked through by whoever wants to see Pareto optimality for themselves.
const FEW_ALLOCATIONS: usize = 100_000;

/// Tells of the Pareto optimality that follows from a finished proof of something else. It is promised, to be confirmed by the checker, where there are few
/// allocations; elsewhere nobody can decide it from the data alone, and it is said in a note what it follows from.
pub(crate) fn add_pareto_optimality(outcome: &mut Outcome<Allocation>, problem: &FairDivision, follows: &str) {
    let allocations = u32::try_from(problem.items()).ok().and_then(|items| problem.agents().checked_pow(items));
    if allocations.is_some_and(|allocations| allocations <= FEW_ALLOCATIONS) {
        outcome.promised.push(Notion::Po.name().into());
    } else {
        outcome.notes.push(format!("Pareto optimal, since {follows}"));
    }
}

/// The outcome of a rule that ended with this allocation and guarantees these notions.
pub(crate) fn outcome(problem: &FairDivision, owner: Vec<usize>, promised: &[Notion]) -> Outcome<Allocation> {
    outcome_in(problem, problem.welfare(), owner, promised)
}

/// The same for a rule that optimises `welfare`, whatever the instance's objective is.
pub(crate) fn outcome_in(problem: &FairDivision, welfare: Welfare, owner: Vec<usize>, promised: &[Notion]) -> Outcome<Allocation> {
    let value = welfare::value(problem, welfare, &owner);
    let mut outcome = Outcome::new(Status::Feasible).with_solution(Allocation::new(owner), Some(value));
    if welfare != problem.welfare() {
        outcome = outcome.in_criterion(welfare::measure_name(welfare));
    }
    outcome.promised = promised.iter().map(|notion| notion.name().to_owned()).collect();
    outcome
}
