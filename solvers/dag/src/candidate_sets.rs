//! Which pairs of nodes the published method exchanges on trial.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How candidate pairs are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Candidates {
    /// The pairs with the weakest blocking paths, as many as asked for, with ties (the authors' code since 2023).
    #[default]
    WeakestPaths,
    /// The threshold tau of `taus` whose set comes closest to the size asked for (the paper's FINDPARAMS, as in the authors' first release): if the
    /// smallest tau lets more than `max-surplus` pairs too many into the small set, the largest gradients stay (a larger xi); if the large set lacks
    /// more than `max-shortage` pairs, tau rises to the size-th smallest value.
    TauGrid,
}

/// A pair of positions `a < b`: how strongly `a` acts on `b`, and the gradient of the loss in the edge from `b` to `a` that this forbids.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pair {
    pub(crate) strength: f64,
    pub(crate) gradient: f64,
    pub(crate) a: usize,
    pub(crate) b: usize,
}

/// Pairs of positions to exchange on trial.
pub(crate) struct CandidateSets {
    pub(crate) small: Vec<(usize, usize)>,
    /// What is in the large set and not in the small one.
    pub(crate) beyond: Vec<(usize, usize)>,
}

/// How the sets are taken from all pairs.
pub(crate) struct Rule<'a> {
    pub(crate) candidates: Candidates,
    pub(crate) taus: &'a [f64],
    pub(crate) surplus: usize,
    pub(crate) shortage: usize,
}

impl Rule<'_> {
    /// The sets of about `small` and `large` pairs.
    pub(crate) fn sets(&self, mut pairs: Vec<Pair>, small: usize, large: usize) -> CandidateSets {
        pairs.sort_by(|x, y| x.strength.total_cmp(&y.strength).then((x.a, x.b).cmp(&(y.a, y.b))));
        let up_to = |tau: f64| pairs.partition_point(|pair| pair.strength <= tau);
        // Everything up to the size-th smallest value: ties enlarge the set.
        let weakest = |size: usize| pairs.get(size.saturating_sub(1)).map_or(pairs.len(), |pair| up_to(pair.strength));
        let of = |pairs: &[Pair]| pairs.iter().map(|pair| (pair.a, pair.b)).collect::<Vec<_>>();
        if self.candidates == Candidates::WeakestPaths {
            let (first, last) = (weakest(small), weakest(large));
            return CandidateSets { small: of(&pairs[..first]), beyond: of(&pairs[first..last.max(first)]) };
        }
        let nearest = |size: usize| self.taus.iter().map(|&tau| up_to(tau)).min_by_key(|count| count.abs_diff(size)).unwrap_or(pairs.len());
        let least = self.taus.iter().copied().fold(f64::INFINITY, f64::min);
        let first = nearest(small);
        let mut chosen = pairs[..first].to_vec();
        if first == up_to(least) && first > small + self.surplus {
            chosen.sort_by(|x, y| y.gradient.total_cmp(&x.gradient).then((x.a, x.b).cmp(&(y.a, y.b))));
            chosen.truncate(small);
        }
        let last = nearest(large);
        let last = if last + self.shortage < large { weakest(large) } else { last };
        let small: std::collections::HashSet<(usize, usize)> = chosen.iter().map(|pair| (pair.a, pair.b)).collect();
        let beyond = of(&pairs[..last]).into_iter().filter(|pair| !small.contains(pair)).collect();
        CandidateSets { small: of(&chosen), beyond }
    }
}
