//! What is still open at a node of the search.

use std::collections::HashMap;

use super::market::Market;

/// The search space of one node: which agents may still have each item, and what each agent has for sure.
#[derive(Debug, Clone)]
pub(crate) struct Domain {
    agents: usize,
    items: usize,
    /// `allowed[a * items + o]`.
    allowed: Vec<bool>,
    /// The agent who has the item for sure.
    settled: Vec<Option<usize>>,
    /// What each agent's settled items are worth to it.
    base: Vec<i128>,
}

impl Domain {
    /// Everybody may have everything it values.
    pub(crate) fn full(market: &Market<'_>) -> Self {
        let mut domain = Self {
            agents: market.agents,
            items: market.items,
            allowed: market.values.iter().map(|&value| value > 0.0).collect(),
            settled: vec![None; market.items],
            base: vec![0; market.agents],
        };
        domain.settle_singles(market);
        domain
    }

    /// Whether agent `a` may have item `o`, or has it.
    pub(crate) fn allows(&self, a: usize, o: usize) -> bool {
        self.allowed[a * self.items + o]
    }

    pub(crate) fn forbid(&mut self, a: usize, o: usize) {
        self.allowed[a * self.items + o] = false;
    }

    /// Item `o` is agent `a`'s.
    pub(crate) fn settle(&mut self, market: &Market<'_>, a: usize, o: usize) {
        self.settled[o] = Some(a);
        self.base[a] += i128::from(market.valuations.value(a, o));
        for other in 0..self.agents {
            self.allowed[other * self.items + o] = other == a;
        }
    }

    /// Who has item `o` for sure.
    pub(crate) fn holder(&self, o: usize) -> Option<usize> {
        self.settled[o]
    }

    /// Whether nobody has item `o` for sure.
    pub(crate) fn is_open(&self, o: usize) -> bool {
        self.settled[o].is_none()
    }

    /// What each agent's settled items are worth to it.
    pub(crate) fn base(&self) -> &[i128] {
        &self.base
    }

    pub(crate) fn candidates(&self, o: usize) -> impl Iterator<Item = usize> {
        (0..self.agents).filter(move |&a| self.allowed[a * self.items + o])
    }

    /// Pairs of agents and items that are still open.
    pub(crate) fn open_pairs(&self) -> usize {
        (0..self.items).filter(|&o| self.is_open(o)).map(|o| self.candidates(o).count()).sum()
    }

    /// How many allocations there are at this node; what nobody wants is not counted.
    pub(crate) fn allocations(&self) -> f64 {
        (0..self.items).filter(|&o| self.is_open(o)).map(|o| self.candidates(o).count().max(1) as f64).product()
    }

    /// Settles items that only one agent may have. Items that nobody wants any more are left to anybody.
    pub(crate) fn settle_singles(&mut self, market: &Market<'_>) {
        for o in 0..self.items {
            if self.settled[o].is_none() {
                let mut candidates = self.candidates(o);
                if let (Some(only), None) = (candidates.next(), candidates.next()) {
                    drop(candidates);
                    self.settle(market, only, o);
                }
            }
        }
    }

    /// Forbids the pair `(a, o)` and every pair that a symmetry of this node maps to it: agents with the same utilities, the same settled utility and the
    /// same open items may exchange what else they get, and so may items that are alike. If a better allocation uses any of these pairs, then one of the
    /// same product uses `(a, o)` itself (orbital branching; Ostrowski, Linderoth, Rossi, Smriglio 2011).
    pub(crate) fn forbid_orbit(&mut self, market: &Market<'_>, a: usize, o: usize) {
        let same_openings = |b: usize| {
            (0..self.items).all(|item| !self.is_open(item) || self.allowed[a * self.items + item] == self.allowed[b * self.items + item])
        };
        let agents: Vec<usize> = (0..self.agents)
            .filter(|&b| b == a || (market.twin[b] == market.twin[a] && self.base[b] == self.base[a] && same_openings(b)))
            .collect();
        let alike = |item: usize| {
            (0..self.agents).all(|b| {
                let allowed = self.allowed[b * self.items + o];
                allowed == self.allowed[b * self.items + item]
                    && (!allowed || market.valuations.value(b, o) == market.valuations.value(b, item))
            })
        };
        let items: Vec<usize> = (0..self.items).filter(|&item| self.is_open(item) && alike(item)).collect();
        for &agent in &agents {
            for &item in &items {
                self.forbid(agent, item);
            }
        }
    }

    /// For each item the first one that is like it: open, valued alike by every agent who may have it, and open to the same agents.
    pub(crate) fn alike(&self, market: &Market<'_>) -> Vec<usize> {
        let mut first: HashMap<Vec<u64>, usize> = HashMap::new();
        (0..self.items)
            .map(|o| {
                if self.settled[o].is_some() {
                    return o;
                }
                let column = (0..self.agents).map(|a| {
                    let position = a * self.items + o;
                    if self.allowed[position] { market.values[position].to_bits() } else { 0 }
                });
                *first.entry(column.collect()).or_insert(o)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::valuations::Valuations;

    #[test]
    fn a_pair_is_forbidden_with_all_that_symmetry_makes_of_it() {
        // Agents 0 and 1 are alike, and so are items 0 and 1.
        let valuations = Valuations::from_rows(&[vec![5, 5, 2], vec![5, 5, 2], vec![4, 4, 9]]);
        let market = Market::new(&valuations, &[1, 1, 1], true);
        let mut domain = Domain::full(&market);
        domain.forbid_orbit(&market, 0, 0);
        for (a, o) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            assert!(!domain.allows(a, o));
        }
        assert_eq!(domain.open_pairs(), 2 + 3);
        // Once the agents have different bundles, they are not exchanged any more; nor are agents of different weights.
        let mut domain = Domain::full(&market);
        domain.settle(&market, 0, 2);
        domain.forbid_orbit(&market, 0, 0);
        assert!(domain.allows(1, 0) && !domain.allows(0, 1));
        let weighted = Market::new(&valuations, &[1, 2, 1], true);
        let mut domain = Domain::full(&weighted);
        domain.forbid_orbit(&weighted, 0, 0);
        assert!(domain.allows(1, 0));
    }
}
