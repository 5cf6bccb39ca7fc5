//! Who envies whom while items are given out one by one.

use crate::valuations::Valuations;

/// The values `v_ab` that every agent puts on every bundle, kept up to date, and the number of enviers of each agent.
///
/// Bundles have numbers of their own, so that swapping bundles moves no item.
#[derive(Debug)]
pub(crate) struct EnvyGraph {
    agents: usize,
    /// `worth[a * agents + k]`: what agent `a` puts on bundle `k`.
    worth: Vec<i128>,
    /// The bundle of each agent.
    bundle: Vec<usize>,
}

impl EnvyGraph {
    /// All bundles are empty.
    pub(crate) fn new(agents: usize) -> Self {
        Self { agents, worth: vec![0; agents * agents], bundle: (0..agents).collect() }
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

    /// `v_ab`.
    fn value(&self, a: usize, b: usize) -> i128 {
        self.worth[a * self.agents + self.bundle[b]]
    }

    /// Whether `a` envies `b`.
    pub(crate) fn envies(&self, a: usize, b: usize) -> bool {
        self.value(a, a) < self.value(a, b)
    }

    /// Puts `item` into agent `a`'s bundle.
    pub(crate) fn add(&mut self, valuations: &Valuations<'_>, item: usize, a: usize) {
        let bundle = self.bundle[a];
        for agent in 0..self.agents {
            self.worth[agent * self.agents + bundle] += i128::from(valuations.value(agent, item));
        }
    }

    /// The first of `candidates` whom no candidate envies.
    pub(crate) fn source(&self, candidates: &[usize]) -> Option<usize> {
        candidates.iter().copied().find(|&b| !candidates.iter().any(|&a| self.envies(a, b)))
    }

    /// The first agent who envies nobody.
    pub(crate) fn sink(&self) -> Option<usize> {
        (0..self.agents).find(|&a| {
            let own = self.value(a, a);
            self.worth[a * self.agents..(a + 1) * self.agents].iter().all(|&worth| worth <= own)
        })
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
            self.bundle[agent] = bundles[(k + 1) % cycle.len()];
        }
    }
}
