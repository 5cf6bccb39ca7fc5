//! Who envies whom while items are given out one by one.

use crate::valuations::Valuations;

/// The values `v_ab` that every agent puts on every bundle, kept up to date, and how many bundles each agent envies and how many agents envy each bundle.
///
/// Bundles have numbers of their own, so that swapping bundles moves no item. Giving out an item takes `O(n)`.
#[derive(Debug)]
pub(crate) struct EnvyGraph {
    agents: usize,
    /// `worth[a * agents + k]`: what agent `a` puts on bundle `k`.
    worth: Vec<i128>,
    /// The bundle of each agent.
    bundle: Vec<usize>,
    /// How many bundles each agent envies.
    envied_by: Vec<usize>,
    /// How many agents envy each bundle.
    enviers_of: Vec<usize>,
}

impl EnvyGraph {
    /// All bundles are empty.
    pub(crate) fn new(agents: usize) -> Self {
        Self {
            agents,
            worth: vec![0; agents * agents],
            bundle: (0..agents).collect(),
            envied_by: vec![0; agents],
            enviers_of: vec![0; agents],
        }
    }

    /// The bundle that agent `a` holds.
    pub(crate) fn bundle(&self, a: usize) -> usize {
        self.bundle[a]
    }

    /// Who holds each bundle.
    pub(crate) fn holders(&self) -> Vec<usize> {
        let mut holder = vec![0; self.agents];
        for (agent, &bundle) in self.bundle.iter().enumerate() {
            holder[bundle] = agent;
        }
        holder
    }

    fn own(&self, a: usize) -> i128 {
        self.worth[a * self.agents + self.bundle[a]]
    }

    /// `v_ab`.
    fn value(&self, a: usize, b: usize) -> i128 {
        self.worth[a * self.agents + self.bundle[b]]
    }

    /// Whether `a` envies `b`.
    pub(crate) fn envies(&self, a: usize, b: usize) -> bool {
        self.own(a) < self.value(a, b)
    }

    /// Takes agent `a`'s envy out of the counts, or puts it back in.
    fn count_row(&mut self, a: usize, present: bool) {
        let own = self.own(a);
        let row = &self.worth[a * self.agents..(a + 1) * self.agents];
        for (worth, enviers) in row.iter().zip(&mut self.enviers_of) {
            if *worth > own {
                if present {
                    *enviers += 1;
                    self.envied_by[a] += 1;
                } else {
                    *enviers -= 1;
                    self.envied_by[a] -= 1;
                }
            }
        }
    }

    /// Puts `item` into agent `a`'s bundle.
    pub(crate) fn add(&mut self, valuations: &Valuations<'_>, item: usize, a: usize) {
        let bundle = self.bundle[a];
        self.count_row(a, false);
        for agent in 0..self.agents {
            let position = agent * self.agents + bundle;
            let before = self.worth[position];
            let after = before + i128::from(valuations.value(agent, item));
            self.worth[position] = after;
            if agent != a {
                let own = self.own(agent);
                match (before > own, after > own) {
                    (false, true) => {
                        self.enviers_of[bundle] += 1;
                        self.envied_by[agent] += 1;
                    }
                    (true, false) => {
                        self.enviers_of[bundle] -= 1;
                        self.envied_by[agent] -= 1;
                    }
                    _ => {}
                }
            }
        }
        self.count_row(a, true);
    }

    /// A candidate whom no candidate envies: the first whom nobody envies, or else the first with enviers outside only.
    pub(crate) fn source(&self, candidates: &[usize]) -> Option<usize> {
        let unenvied = candidates.iter().copied().find(|&b| self.enviers_of[self.bundle[b]] == 0);
        if unenvied.is_some() || candidates.len() == self.agents {
            return unenvied;
        }
        candidates.iter().copied().find(|&b| !candidates.iter().any(|&a| self.envies(a, b)))
    }

    /// The first agent who envies nobody.
    pub(crate) fn sink(&self) -> Option<usize> {
        (0..self.agents).find(|&a| self.envied_by[a] == 0)
    }

    /// Lets every agent on a cycle of envy among `candidates` have the bundle it envies. There is one when no candidate is a [`source`](Self::source).
    pub(crate) fn resolve_cycle(&mut self, candidates: &[usize]) {
        // Walking from envied to envier never ends, so it closes a cycle.
        let envier = |b: usize| candidates.iter().copied().find(|&a| self.envies(a, b));
        let mut position = vec![usize::MAX; self.agents];
        let mut walk: Vec<usize> = Vec::new();
        let mut next = candidates.first().copied();
        while let Some(agent) = next {
            if position[agent] != usize::MAX {
                // walk[k + 1] envies walk[k], and the first of the cycle envies the last.
                let cycle: Vec<usize> = walk[position[agent]..].iter().rev().copied().collect();
                self.shift(&cycle);
                return;
            }
            position[agent] = walk.len();
            walk.push(agent);
            next = envier(agent);
        }
    }

    /// Top-trading: every agent points to the bundle it values most; the agents on a cycle of pointers get what they point to. There is a cycle in which
    /// all gain when there is no [`sink`](Self::sink).
    pub(crate) fn resolve_top_trading_cycle(&mut self) {
        let favourite = |a: usize| (0..self.agents).rev().max_by_key(|&b| self.value(a, b)).unwrap_or(a);
        let mut position = vec![usize::MAX; self.agents];
        let mut walk: Vec<usize> = Vec::new();
        let mut agent = 0;
        while position[agent] == usize::MAX {
            position[agent] = walk.len();
            walk.push(agent);
            agent = favourite(agent);
        }
        let cycle = walk[position[agent]..].to_vec();
        self.shift(&cycle);
    }

    /// Each agent of the cycle gets the bundle of the next one.
    fn shift(&mut self, cycle: &[usize]) {
        let bundles: Vec<usize> = cycle.iter().map(|&agent| self.bundle[agent]).collect();
        for (k, &agent) in cycle.iter().enumerate() {
            self.count_row(agent, false);
            self.bundle[agent] = bundles[(k + 1) % cycle.len()];
            self.count_row(agent, true);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_counts_follow_the_values(
            rows in proptest::collection::vec(proptest::collection::vec(-4_i64..5, 8), 4),
            receivers in proptest::collection::vec(0_usize..4, 8),
        ) {
            let valuations = Valuations::from_rows(&rows);
            let mut graph = EnvyGraph::new(4);
            for (item, &receiver) in receivers.iter().enumerate() {
                graph.add(&valuations, item, receiver);
                if graph.sink().is_none() {
                    graph.resolve_top_trading_cycle();
                    prop_assert!(graph.sink().is_some());
                }
                let everyone: Vec<usize> = (0..4).collect();
                if graph.source(&everyone).is_none() {
                    graph.resolve_cycle(&everyone);
                }
                for a in 0..4 {
                    prop_assert_eq!(graph.envied_by[a], (0..4).filter(|&b| graph.envies(a, b)).count());
                    prop_assert_eq!(graph.enviers_of[graph.bundle[a]], (0..4).filter(|&b| graph.envies(b, a)).count());
                }
            }
        }
    }
}
