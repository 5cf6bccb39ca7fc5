//! What is known about the graph before looking at the data.

use petgraph::graph::{DiGraph, NodeIndex};

use crate::malformed::{Malformed, Place};

/// Prior knowledge that every solution has to honour. Consistent: some DAG honours it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Knowledge {
    required: Vec<(usize, usize)>,
    forbidden: Vec<(usize, usize)>,
    tiers: Vec<Vec<usize>>,
    max_parents: Option<usize>,
}

impl Knowledge {
    /// Edges `required` and `forbidden` as pairs (from, to), `tiers` in the order of time, and the largest number of parents. `names` are the nodes.
    ///
    /// Tiers speak of edges: none leads from a node of a later tier to a node of an earlier one. A node in no tier is free, and a later tier may act on an
    /// earlier one through it.
    ///
    /// # Errors
    /// Nodes that do not exist, loops, nodes in two tiers, and knowledge that no DAG honours: the cycle or the clash is named.
    pub fn new(
        names: &[String],
        required: Vec<(usize, usize)>,
        forbidden: Vec<(usize, usize)>,
        tiers: Vec<Vec<usize>>,
        max_parents: Option<usize>,
    ) -> Result<Self, Malformed> {
        let mut knowledge = Self { required, forbidden, tiers, max_parents };
        for edges in [&mut knowledge.required, &mut knowledge.forbidden] {
            edges.sort_unstable();
            edges.dedup();
        }
        knowledge.validate(names)?;
        Ok(knowledge)
    }

    /// Edges (from, to) that have to be there, increasing.
    pub fn required(&self) -> &[(usize, usize)] {
        &self.required
    }

    /// Edges (from, to) that must not be there, increasing.
    pub fn forbidden(&self) -> &[(usize, usize)] {
        &self.forbidden
    }

    /// Groups of nodes in the order of time.
    pub fn tiers(&self) -> &[Vec<usize>] {
        &self.tiers
    }

    /// The largest number of parents of any node.
    pub fn max_parents(&self) -> Option<usize> {
        self.max_parents
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The tier of each of `d` nodes, if any.
    pub fn tier_of(&self, d: usize) -> Vec<Option<usize>> {
        let mut tier_of = vec![None; d];
        for (tier, nodes) in self.tiers.iter().enumerate() {
            for &node in nodes {
                tier_of[node] = Some(tier);
            }
        }
        tier_of
    }

    /// Whether each of `d` nodes is in a tier, of two or more. Every graph that the tiers allow then follows some order that takes one tier after another;
    /// with free nodes it need not.
    pub fn is_layered(&self, d: usize) -> bool {
        self.tiers.len() > 1 && self.tiers.iter().map(Vec::len).sum::<usize>() == d
    }

    /// For each of `d` nodes the parents that it must not have, increasing: by forbidden edges and by tiers.
    pub fn forbidden_parents(&self, d: usize) -> Vec<Vec<usize>> {
        let tier_of = self.tier_of(d);
        let mut forbidden = vec![Vec::new(); d];
        for &(from, to) in &self.forbidden {
            forbidden[to].push(from);
        }
        if self.tiers.len() > 1 {
            for (to, forbidden) in forbidden.iter_mut().enumerate() {
                let Some(early) = tier_of[to] else { continue };
                forbidden.extend((0..d).filter(|&from| tier_of[from].is_some_and(|late| late > early)));
            }
        }
        for parents in &mut forbidden {
            parents.sort_unstable();
            parents.dedup();
        }
        forbidden
    }

    pub(super) fn validate(&self, names: &[String]) -> Result<(), Malformed> {
        let d = names.len();
        let root = Place::root().field("knowledge");
        let arrow = |(from, to): (usize, usize)| format!("{} -> {}", names[from], names[to]);
        for (field, edges) in [("required", &self.required), ("forbidden", &self.forbidden)] {
            for (k, &(from, to)) in edges.iter().enumerate() {
                if from >= d || to >= d {
                    let found = format!("the edge {from} -> {to}");
                    return Err(Malformed::new(root.field(field).index(k), found, format!("nodes below {d}")));
                }
                if field == "required" && from == to {
                    return Err(Malformed::new(root.field(field).index(k), arrow((from, to)), "an edge between two nodes"));
                }
            }
        }
        let mut seen = vec![false; d];
        for (tier, nodes) in self.tiers.iter().enumerate() {
            for (k, &node) in nodes.iter().enumerate() {
                let place = root.field("tiers").index(tier).index(k);
                match seen.get_mut(node) {
                    None => return Err(Malformed::new(place, node.to_string(), format!("a node below {d}"))),
                    Some(true) => return Err(Malformed::new(place, format!("`{}` again", names[node]), "each node in at most one tier")),
                    Some(seen) => *seen = true,
                }
            }
        }
        let tier_of = self.tier_of(d);
        let mut parents = vec![0_usize; d];
        for (k, &edge) in self.required.iter().enumerate() {
            let place = root.field("required").index(k);
            if self.forbidden.binary_search(&edge).is_ok() {
                return Err(Malformed::new(place, format!("{}, which is also forbidden", arrow(edge)), "an edge that is not forbidden"));
            }
            if let (Some(from), Some(to)) = (tier_of[edge.0], tier_of[edge.1])
                && from > to
            {
                let found = format!("{}, from tier {from} to tier {to}", arrow(edge));
                return Err(Malformed::new(place, found, "no edge from a later tier to an earlier one"));
            }
            parents[edge.1] += 1;
        }
        if let (Some(most), Some(node)) = (self.max_parents, (0..d).find(|&node| self.max_parents.is_some_and(|most| parents[node] > most)))
        {
            let found = format!("{} required parents of `{}`", parents[node], names[node]);
            return Err(Malformed::new(root.field("max-parents"), found, format!("at most {most}")));
        }
        match self.cycle(d) {
            None => Ok(()),
            Some(cycle) => {
                let path: Vec<&str> = cycle.iter().chain(cycle.first()).map(|&node| names[node].as_str()).collect();
                let found = format!("the cycle {} of required edges", path.join(" -> "));
                Err(Malformed::new(root.field("required"), found, "edges that some DAG can have"))
            }
        }
    }

    /// A shortest cycle of required edges.
    fn cycle(&self, d: usize) -> Option<Vec<usize>> {
        let mut graph: DiGraph<(), ()> = DiGraph::with_capacity(d, self.required.len());
        for _ in 0..d {
            graph.add_node(());
        }
        for &(from, to) in &self.required {
            graph.add_edge(NodeIndex::new(from), NodeIndex::new(to), ());
        }
        let component = petgraph::algo::tarjan_scc(&graph).into_iter().find(|component| component.len() > 1)?;
        let start = *component.iter().min()?;
        // Breadth first from `start` back to it, inside the component.
        let mut came_from = vec![None; graph.node_count()];
        let mut queue = std::collections::VecDeque::from([start]);
        while let Some(node) = queue.pop_front() {
            for next in graph.neighbors(node).filter(|next| component.contains(next)) {
                if next == start {
                    let mut cycle = vec![node.index()];
                    let mut at = node;
                    while let Some(before) = came_from[at.index()] {
                        at = before;
                        cycle.push(at.index());
                    }
                    cycle.reverse();
                    return Some(cycle);
                }
                if came_from[next.index()].is_none() {
                    came_from[next.index()] = Some(node);
                    queue.push_back(next);
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(d: usize) -> Vec<String> {
        (0..d).map(|k| format!("x{k}")).collect()
    }

    fn refusal(required: &[(usize, usize)], forbidden: &[(usize, usize)], tiers: &[Vec<usize>], most: Option<usize>) -> String {
        Knowledge::new(&names(4), required.to_vec(), forbidden.to_vec(), tiers.to_vec(), most).unwrap_err().to_string()
    }

    #[test]
    fn a_cycle_of_required_edges_is_named() {
        let message = refusal(&[(0, 1), (1, 2), (2, 0), (2, 3)], &[], &[], None);
        assert!(message.contains("the cycle x0 -> x1 -> x2 -> x0"), "{message}");
    }

    #[test]
    fn a_later_tier_may_act_on_an_earlier_one_through_a_free_node() {
        // 3 acts on 0 through 1, which is in no tier; 0 is in the earlier tier. No edge leads from a later tier to an earlier one.
        let knowledge = Knowledge::new(&names(4), vec![(3, 1), (1, 0)], vec![(2, 0)], vec![vec![0], vec![3]], None).unwrap();
        assert!(!knowledge.is_layered(4));
        assert_eq!(knowledge.forbidden_parents(4), [vec![2, 3], vec![], vec![], vec![]]);
        let layered = Knowledge::new(&names(4), vec![], vec![], vec![vec![0, 1], vec![3], vec![2]], None).unwrap();
        assert!(layered.is_layered(4));
        assert_eq!(layered.forbidden_parents(4), [vec![2, 3], vec![2, 3], vec![], vec![2]]);
    }

    #[test]
    fn clashes_are_refused() {
        assert!(refusal(&[(0, 1)], &[(0, 1)], &[], None).contains("also forbidden"));
        assert!(refusal(&[(1, 0)], &[], &[vec![0], vec![1]], None).contains("from tier 1 to tier 0"));
        assert!(refusal(&[(0, 3), (1, 3)], &[], &[], Some(1)).contains("2 required parents of `x3`"));
        assert!(refusal(&[], &[], &[vec![0], vec![0]], None).contains("`x0` again"));
        assert!(refusal(&[(0, 9)], &[], &[], None).contains("nodes below 4"));
        assert!(refusal(&[(2, 2)], &[], &[], None).contains("between two nodes"));
    }
}
