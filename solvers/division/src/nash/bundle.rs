//! The most profitable bundle of one agent at given prices.

/// An item as one agent sees it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Offer {
    pub(crate) item: usize,
    /// What the agent values it at; positive.
    pub(crate) value: f64,
    /// Its price; not negative.
    pub(crate) price: f64,
    /// Price per value.
    pub(crate) ratio: f64,
}

/// Maximises `weight ln(base + u(S)) - p(S)` over bundles `S` of the offers.
#[derive(Debug)]
pub(crate) struct BundleSearch<'a> {
    weight: f64,
    /// By increasing ratio.
    offers: &'a [Offer],
    /// Profit of the best bundle so far.
    best: f64,
    best_bundle: Vec<usize>,
    /// The offers that were taken on the way to the current node.
    taken: Vec<usize>,
    /// Nodes that may still be entered.
    work: u32,
}

/// Bundles that differ by less than this in profit are not told apart; the bounds allow for it.
pub(crate) const PROFIT_TOLERANCE: f64 = 1e-13;

/// Nodes of one search, after which its fractional bound stands for its result.
const MOST_NODES: u32 = 20_000;

/// The result of a search.
#[derive(Debug, Clone)]
pub(crate) struct Bundle {
    /// No bundle is more profitable, up to rounding.
    pub(crate) profit: f64,
    /// The best bundle found, as positions among the offers.
    pub(crate) bundle: Vec<usize>,
}

impl<'a> BundleSearch<'a> {
    /// The best bundle on top of what is worth `base`; having nothing is worth `nothing`.
    pub(crate) fn run(weight: f64, base: f64, nothing: f64, offers: &'a [Offer]) -> Bundle {
        let best = if base > 0.0 { weight * base.ln() } else { nothing };
        let mut search = Self { weight, offers, best, best_bundle: Vec::new(), taken: Vec::new(), work: MOST_NODES };
        let finished = search.descend(0, base, 0.0);
        let profit = if finished { search.best } else { fractional(weight, offers, base, 0.0).max(best) };
        Bundle { profit, bundle: search.best_bundle }
    }

    /// Whether the work sufficed.
    fn descend(&mut self, mut k: usize, value: f64, paid: f64) -> bool {
        while k < self.offers.len() {
            if self.work == 0 {
                return false;
            }
            self.work -= 1;
            if fractional(self.weight, &self.offers[k..], value, paid) <= self.best + PROFIT_TOLERANCE {
                return true;
            }
            let Offer { value: more, price, .. } = self.offers[k];
            let profit = self.weight * (value + more).ln() - (paid + price);
            self.taken.push(k);
            if profit > self.best {
                self.best = profit;
                self.best_bundle.clone_from(&self.taken);
            }
            if !self.descend(k + 1, value + more, paid + price) {
                return false;
            }
            self.taken.pop();
            k += 1;
        }
        true
    }
}

/// The best profit when offers may be taken in part: whole ones by increasing ratio until the next is no longer worth its price, and part of that one.
pub(crate) fn fractional(weight: f64, offers: &[Offer], mut value: f64, mut paid: f64) -> f64 {
    for offer in offers {
        if weight <= offer.ratio * value {
            break;
        }
        let whole = value + offer.value;
        if weight >= offer.ratio * whole {
            value = whole;
            paid += offer.price;
        } else {
            let part = weight / offer.ratio;
            return weight * part.ln() - (paid + (part - value) * offer.ratio);
        }
    }
    if value > 0.0 { weight * value.ln() - paid } else { f64::NEG_INFINITY }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_bundle_is_more_profitable(
            items in proptest::collection::vec((1_u32..50, 0.0_f64..2.0), 0..9),
            base in 0_u32..40,
            weight in 1_u32..4,
        ) {
            let mut offers: Vec<Offer> = items
                .iter()
                .enumerate()
                .map(|(item, &(value, price))| Offer { item, value: f64::from(value), price, ratio: price / f64::from(value) })
                .collect();
            offers.sort_by(|x, y| x.ratio.total_cmp(&y.ratio));
            let (weight, base) = (f64::from(weight), f64::from(base));
            let profit = |bundle: &[usize]| {
                let chosen = || bundle.iter().map(|&k| &offers[k]);
                let value = base + chosen().map(|offer| offer.value).sum::<f64>();
                if value > 0.0 { weight * value.ln() - chosen().map(|offer| offer.price).sum::<f64>() } else { f64::NEG_INFINITY }
            };
            let every = (0..1_usize << offers.len()).map(|code| (0..offers.len()).filter(|k| code >> k & 1 == 1).collect::<Vec<_>>());
            let best = every.map(|bundle| profit(&bundle)).fold(f64::NEG_INFINITY, f64::max);
            let found = BundleSearch::run(weight, base, f64::NEG_INFINITY, &offers);
            if best.is_finite() {
                prop_assert!((found.profit - best).abs() < 1e-9);
                prop_assert!((profit(&found.bundle) - best).abs() < 1e-9);
                prop_assert!(fractional(weight, &offers, base, 0.0) >= best - 1e-9);
            } else {
                prop_assert!(found.profit == best);
            }
        }
    }
}
