//! An allocation in the making, and the outcome it becomes.

use fathom_opt_core::{Outcome, Status};
use fathom_opt_problems::fair_division::{Allocation, FairDivision, Notion, Welfare};

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

/// The outcome of a rule that ended with this allocation and guarantees these notions.
pub(crate) fn outcome(problem: &FairDivision, owner: Vec<usize>, promised: &[Notion]) -> Outcome<Allocation> {
    let objective = welfare(problem, &owner);
    let mut outcome = Outcome::new(Status::Feasible).with_solution(Allocation::new(owner), objective);
    outcome.promised = promised.iter().map(|notion| notion.name().to_owned()).collect();
    outcome
}

/// The instance's objective, or nothing when utilities are beyond 64 bits.
pub(crate) fn welfare(problem: &FairDivision, owner: &[usize]) -> Option<f64> {
    let values = problem.small_utilities()?;
    let mut utilities = vec![0_i128; problem.agents()];
    for (item, &agent) in owner.iter().enumerate() {
        utilities[agent] += i128::from(values[agent * problem.items() + item]);
    }
    let scale = 10_f64.powi(i32::try_from(problem.scale_digits()).unwrap_or(i32::MAX));
    Some(match problem.welfare() {
        Welfare::Utilitarian => utilities.iter().sum::<i128>() as f64 / scale,
        Welfare::Egalitarian => utilities.iter().copied().min().unwrap_or(0) as f64 / scale,
        Welfare::Nash => geometric_mean(&utilities, problem.entitlements()) / scale,
    })
}

/// The weighted geometric mean of positive numbers; 0 when one is not positive.
fn geometric_mean(utilities: &[i128], weights: Option<&[u64]>) -> f64 {
    if utilities.iter().any(|&utility| utility <= 0) {
        return 0.0;
    }
    let weight = |agent: usize| weights.map_or(1.0, |weights| weights[agent] as f64);
    let total: f64 = (0..utilities.len()).map(weight).sum();
    let mean: f64 = utilities.iter().enumerate().map(|(agent, &utility)| weight(agent) * (utility as f64).ln()).sum();
    (mean / total).exp()
}
