//! Fractional Pareto optimality: weights that prove it, or a trade that refutes it.
//!
//! An allocation is fPO iff there are weights `lambda > 0` such that every item is with an agent who maximises `lambda_a u_a(o)`. Where both agents'
//! utilities have one sign this bounds a ratio of weights, `lambda_b <= r_ab lambda_a`; such bounds can all be met iff no cycle of the ratio graph
//! has a product below 1 (Sandomirskiy and Segal-Halevi 2022). A cycle below 1 is a trade in which everybody on it gains.

use num_bigint::BigInt;

use super::amount::{Amount, Table};

/// The finding, with its certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum FractionalPareto {
    /// Weights as fractions: every owner maximises `lambda_a u_a(o)`.
    Weights(Vec<Fraction>),
    /// Giving this item away hurts nobody and helps somebody.
    Transfer { item: usize, from: usize, to: usize },
    /// A trade cycle with product below 1.
    Cycle(Vec<Trade>),
}

/// A positive fraction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fraction {
    pub(super) numerator: BigInt,
    pub(super) denominator: BigInt,
}

impl Fraction {
    fn one() -> Self {
        Self { numerator: BigInt::from(1), denominator: BigInt::from(1) }
    }

    fn times(&self, ratio: &Self) -> Self {
        Self { numerator: &self.numerator * &ratio.numerator, denominator: &self.denominator * &ratio.denominator }.reduced()
    }

    fn exceeds(&self, other: &Self) -> bool {
        &self.numerator * &other.denominator > &other.numerator * &self.denominator
    }

    /// In lowest terms (Euclid).
    fn reduced(self) -> Self {
        let (mut a, mut b) = (self.numerator.clone(), self.denominator.clone());
        while b != BigInt::ZERO {
            (a, b) = (b.clone(), a % b);
        }
        Self { numerator: self.numerator / &a, denominator: self.denominator / a }
    }
}

impl std::fmt::Display for Fraction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.numerator)?;
        if self.denominator == BigInt::from(1) { Ok(()) } else { write!(f, "/{}", self.denominator) }
    }
}

/// One step of a trade cycle: `payer` gives up a little so that `gainer` gains, either by handing over part of a good of its own or by taking over
/// part of a chore of the gainer's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Trade {
    pub(super) payer: usize,
    pub(super) gainer: usize,
    pub(super) item: usize,
}

/// `r_ab` with the item that it comes from.
#[derive(Debug, Clone)]
struct Bound<A> {
    numerator: A,
    denominator: A,
    item: usize,
}

impl<A: Amount> Bound<A> {
    fn fraction(&self) -> Fraction {
        Fraction { numerator: self.numerator.to_big(), denominator: self.denominator.to_big() }
    }
}

/// How far the logarithms of weights may be off before an exact comparison is needed: they are sums of at most `n` logarithms of numbers of at most 800
/// digits, so below 2000, each with a relative error near `1e-16`.
const MARGIN: f64 = 1e-6;

pub(super) fn decide<T: Table>(table: &T, owner: &[usize]) -> FractionalPareto {
    match RatioGraph::of(table, owner) {
        Err(transfer) => transfer,
        Ok(graph) => graph.decide(),
    }
}

struct RatioGraph<A> {
    agents: usize,
    /// `bounds[a * agents + b]`: the tightest `lambda_b <= r_ab lambda_a`.
    bounds: Vec<Option<Bound<A>>>,
}

impl<A: Amount> RatioGraph<A> {
    fn of<T: Table<Amount = A>>(table: &T, owner: &[usize]) -> Result<Self, FractionalPareto> {
        let agents = table.agents();
        let mut bounds: Vec<Option<Bound<A>>> = vec![None; agents * agents];
        let mut tighten = |a: usize, b: usize, numerator: A, denominator: A, item: usize| {
            let bound = &mut bounds[a * agents + b];
            let tighter = bound.as_ref().is_none_or(|known| numerator.product(&known.denominator) < known.numerator.product(&denominator));
            if tighter {
                *bound = Some(Bound { numerator, denominator, item });
            }
        };
        for (item, &holder) in owner.iter().enumerate() {
            let own = table.value(holder, item);
            let own_sign = table.sign(holder, item);
            for other in (0..agents).filter(|&other| other != holder) {
                match (own_sign, table.sign(other, item)) {
                    (0 | -1, 1) | (-1, 0) => return Err(FractionalPareto::Transfer { item, from: holder, to: other }),
                    (1, 1) => tighten(holder, other, own.clone(), table.value(other, item), item),
                    // The holder of a chore gains when the other takes it over.
                    (-1, -1) => tighten(other, holder, A::zero().minus(&table.value(other, item)), A::zero().minus(&own), item),
                    _ => {}
                }
            }
        }
        Ok(Self { agents, bounds })
    }

    fn bound(&self, a: usize, b: usize) -> Option<&Bound<A>> {
        self.bounds[a * self.agents + b].as_ref()
    }

    /// Bellman and Ford in logarithms first, then exactly from the tree that it found.
    fn decide(&self) -> FractionalPareto {
        let n = self.agents;
        let logs: Vec<f64> = self
            .bounds
            .iter()
            .map(|bound| bound.as_ref().map_or(f64::INFINITY, |bound| bound.numerator.ln() - bound.denominator.ln()))
            .collect();
        let trustworthy = !logs.iter().any(|log| log.is_nan());
        let mut previous: Vec<Option<usize>> = vec![None; n];
        if trustworthy && let Some(cycle) = self.approximate_tree(&logs, &mut previous) {
            return FractionalPareto::Cycle(cycle);
        }
        self.exact_weights(trustworthy.then_some(&logs), previous)
    }

    /// Shortest paths in logarithms; `previous` becomes a forest. A negative cycle counts only when its exact product is below 1.
    fn approximate_tree(&self, logs: &[f64], previous: &mut [Option<usize>]) -> Option<Vec<Trade>> {
        let n = self.agents;
        let mut distance = vec![0.0_f64; n];
        for round in 0..=n {
            let mut changed = false;
            for a in 0..n {
                for b in 0..n {
                    let through = distance[a] + logs[a * n + b];
                    if through < distance[b] - MARGIN / 100.0 {
                        distance[b] = through;
                        previous[b] = Some(a);
                        changed = true;
                    }
                }
            }
            if !changed {
                break;
            }
            // A cycle among the predecessors is a negative one; looking for it every few rounds finds it long before round n.
            if (round % 4 == 3 || round == n)
                && let Some(cycle) = cycle_of(previous)
            {
                if let Some(trades) = self.improving(&cycle) {
                    return Some(trades);
                }
                break;
            }
        }
        // Whatever is left of a cycle after rounding is cut open.
        while let Some(cycle) = cycle_of(previous) {
            if let Some(trades) = self.improving(&cycle) {
                return Some(trades);
            }
            previous[cycle[0]] = None;
        }
        None
    }

    /// The cycle as trades, if its exact product is below 1. `cycle[k]` pays `cycle[k + 1]`.
    fn improving(&self, cycle: &[usize]) -> Option<Vec<Trade>> {
        let mut trades = Vec::with_capacity(cycle.len());
        let mut product = Fraction::one();
        for (k, &payer) in cycle.iter().enumerate() {
            let gainer = cycle[(k + 1) % cycle.len()];
            let bound = self.bound(payer, gainer)?;
            product = product.times(&bound.fraction());
            trades.push(Trade { payer, gainer, item: bound.item });
        }
        Fraction::one().exceeds(&product).then_some(trades)
    }

    /// Exact weights along the forest, lowered until every bound is met or a cycle closes.
    fn exact_weights(&self, logs: Option<&Vec<f64>>, mut previous: Vec<Option<usize>>) -> FractionalPareto {
        let n = self.agents;
        let mut weights: Vec<Option<Fraction>> = vec![None; n];
        for start in 0..n {
            let mut path = Vec::new();
            let mut node = start;
            while weights[node].is_none() {
                path.push(node);
                match previous[node] {
                    Some(parent) => node = parent,
                    None => break,
                }
            }
            for &node in path.iter().rev() {
                let weight = match previous[node] {
                    Some(parent) => match (&weights[parent], self.bound(parent, node)) {
                        (Some(weight), Some(bound)) => weight.times(&bound.fraction()),
                        _ => Fraction::one(),
                    },
                    None => Fraction::one(),
                };
                weights[node] = Some(weight);
            }
        }
        let mut weights: Vec<Fraction> = weights.into_iter().map(|weight| weight.unwrap_or_else(Fraction::one)).collect();
        let log = |weight: &Fraction| weight.numerator.ln() - weight.denominator.ln();
        let mut weight_logs: Vec<f64> = weights.iter().map(log).collect();
        loop {
            let mut changed = false;
            for a in 0..n {
                for b in (0..n).filter(|&b| b != a) {
                    let Some(bound) = self.bound(a, b) else { continue };
                    if let Some(logs) = logs
                        && weight_logs[b] < weight_logs[a] + logs[a * n + b] - MARGIN
                    {
                        continue;
                    }
                    let most = weights[a].times(&bound.fraction());
                    if !weights[b].exceeds(&most) {
                        continue;
                    }
                    weight_logs[b] = log(&most);
                    weights[b] = most;
                    previous[b] = Some(a);
                    changed = true;
                    if let Some(trades) = cycle_of(&previous).and_then(|cycle| self.improving(&cycle)) {
                        return FractionalPareto::Cycle(trades);
                    }
                }
            }
            if !changed {
                return FractionalPareto::Weights(weights);
            }
        }
    }
}

/// A cycle among predecessors, in the direction of the edges.
fn cycle_of(previous: &[Option<usize>]) -> Option<Vec<usize>> {
    // 0 is unseen; otherwise the number of the walk that came by.
    let mut seen = vec![0; previous.len()];
    for start in 0..previous.len() {
        let mut node = start;
        while seen[node] == 0 {
            seen[node] = start + 1;
            match previous[node] {
                Some(parent) => node = parent,
                None => break,
            }
        }
        if seen[node] == start + 1 && previous[node].is_some() {
            let mut cycle = vec![node];
            let mut step = previous[node];
            while let Some(parent) = step.filter(|&parent| parent != node) {
                cycle.push(parent);
                step = previous[parent];
            }
            if step == Some(node) {
                cycle.reverse();
                return Some(cycle);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::amount::SmallTable;
    use super::*;

    fn decide_rows(rows: &[&[i64]], owner: &[usize]) -> FractionalPareto {
        let values = rows.concat();
        decide(&SmallTable { agents: rows.len(), items: owner.len(), values: &values }, owner)
    }

    #[test]
    fn weights_make_every_owner_the_best_one() {
        let rows: [&[i64]; 3] = [&[6, 3, -4], &[2, 4, -1], &[1, 1, -3]];
        let owner = [0, 1, 1];
        let FractionalPareto::Weights(weights) = decide_rows(&rows, &owner) else { panic!("fPO") };
        for (item, &holder) in owner.iter().enumerate() {
            for other in 0..3 {
                let worth = |a: usize| {
                    let numbers: Vec<i64> = [&weights[a].numerator, &weights[a].denominator].map(|x| x.try_into().unwrap()).to_vec();
                    numbers[0] as f64 / numbers[1] as f64 * rows[a][item] as f64
                };
                assert!(worth(holder) >= worth(other) - 1e-12);
            }
        }
    }

    #[test]
    fn a_wasted_item_is_a_transfer() {
        assert_eq!(decide_rows(&[&[0], &[1]], &[0]), FractionalPareto::Transfer { item: 0, from: 0, to: 1 });
        assert_eq!(decide_rows(&[&[0], &[-1]], &[1]), FractionalPareto::Transfer { item: 0, from: 1, to: 0 });
        assert!(matches!(decide_rows(&[&[0], &[0]], &[1]), FractionalPareto::Weights(_)));
    }

    #[test]
    fn a_crossed_allocation_has_an_improving_cycle() {
        // Each has what the other likes better, relative to its own other item.
        let FractionalPareto::Cycle(trades) = decide_rows(&[&[1, 2], &[2, 1]], &[0, 1]) else { panic!("not fPO") };
        assert_eq!(trades.len(), 2);
        let FractionalPareto::Cycle(trades) = decide_rows(&[&[-2, -1], &[-1, -2]], &[0, 1]) else { panic!("not fPO") };
        assert_eq!(trades.len(), 2);
    }

    #[test]
    fn ratios_closer_than_floats_can_tell_are_told_apart() {
        let big = 9_007_199_254_740_993_000_i64;
        // Products of ratios: (big + 1) (big - 1) / big^2 < 1, by one part in 8e37.
        let below = decide_rows(&[&[big + 1, big], &[big, big - 1]], &[0, 1]);
        let equal = decide_rows(&[&[big, big], &[big, big]], &[0, 1]);
        assert!(matches!(equal, FractionalPareto::Weights(_)));
        assert!(matches!(below, FractionalPareto::Cycle(_)), "{below:?}");
    }
}
