//! Which sets of parents knowledge allows.

use super::super::instance::DagLearning;

/// Per node the parents it must have and must not have, and how many it may have.
pub(super) struct ParentSets {
    required: Vec<Vec<usize>>,
    forbidden: Vec<Vec<usize>>,
    most: usize,
}

impl ParentSets {
    /// What the problem's knowledge allows; tiers are left out where the order of nodes takes care of them.
    pub(super) fn new(problem: &DagLearning, by_tiers: bool) -> Self {
        let (d, knowledge) = (problem.variables(), problem.knowledge());
        let mut required = vec![Vec::new(); d];
        for &(from, to) in knowledge.required() {
            required[to].push(from);
        }
        let mut forbidden = vec![Vec::new(); d];
        if by_tiers {
            for &(from, to) in knowledge.forbidden() {
                forbidden[to].push(from);
            }
        } else {
            forbidden = knowledge.forbidden_parents(d);
        }
        Self { required, forbidden, most: knowledge.max_parents().unwrap_or(usize::MAX) }
    }

    pub(super) fn variables(&self) -> usize {
        self.required.len()
    }

    /// The largest number of parents.
    pub(super) fn most(&self) -> usize {
        self.most
    }

    /// Whether some node may not have every earlier node as a parent.
    pub(super) fn are_limited(&self) -> bool {
        self.most < usize::MAX || self.forbidden.iter().any(|parents| !parents.is_empty())
    }

    pub(super) fn required(&self, node: usize) -> &[usize] {
        &self.required[node]
    }

    /// Those of `before` that `node` may have as parents.
    pub(super) fn candidates(&self, node: usize, before: &[usize]) -> Vec<usize> {
        before.iter().copied().filter(|parent| !self.forbidden[node].contains(parent)).collect()
    }

    /// Whether `node` may have exactly these parents.
    pub(super) fn allow(&self, node: usize, parents: &[usize]) -> bool {
        parents.len() <= self.most
            && !parents.iter().any(|parent| self.forbidden[node].contains(parent))
            && self.required[node].iter().all(|parent| parents.contains(parent))
    }
}
