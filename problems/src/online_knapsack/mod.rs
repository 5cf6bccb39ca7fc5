//! Online knapsack: items come one at a time and each is taken or left for good.
//!
//! The classical (offline) knapsack problem is the same data with the order ignored. Weights and capacities are whole numbers, so that no capacity
//! is ever exceeded by rounding; values are non-negative numbers. Setting: Zhou, Chakrabarty and Lukose, "Budget constrained bidding in keyword
//! auctions and online knapsack problems" (WINE 2008); fairness: Lechowicz et al., "Time Fairness in Online Knapsack Problems" (ICLR 2024).

mod arrival;
mod check;
mod data;
mod fairness;
mod hindsight;
mod solution;
pub mod stream;

pub use arrival::{Amounts, Arrival, DensityBounds, density};
pub use data::OnlineKnapsackData;
pub use fairness::{Fairness, Offered};
pub use hindsight::Hindsight;
pub use solution::Packing;

use crate::bulk::{Bulk, BulkSink, BulkSource};
use crate::malformed::{Malformed, Place};
use crate::problem::{Problem, Size};
use crate::sense::Sense;
use crate::verdict::Verdict;

/// The problem class; see the [module](self).
#[derive(Debug, Clone, PartialEq)]
pub struct OnlineKnapsack {
    capacity: Amounts,
    bounds: Option<DensityBounds>,
    items: Vec<Arrival>,
}

impl OnlineKnapsack {
    /// A knapsack of `capacity` and the items offered to it, in order.
    ///
    /// # Errors
    /// A capacity of 0, bounds that are none, a value that is negative or no number, weights of another dimension than the capacity, ids that do not
    /// increase, values whose sum or whose quotient by a weight is beyond `f64`.
    pub fn new(capacity: Amounts, bounds: Option<DensityBounds>, items: Vec<Arrival>) -> Result<Self, Malformed> {
        let header = stream::Header { bounds, ..stream::Header::new(capacity.clone()) };
        header.validate()?;
        let mut last = None;
        for (k, item) in items.iter().enumerate() {
            item.validate(&capacity, last).map_err(|fault| fault.below(&Place::root().field("items").index(k)))?;
            last = Some(item.id);
        }
        let sum: f64 = items.iter().map(|item| item.value).sum();
        if !sum.is_finite() {
            let expected = format!("values with a sum of at most {:e}", f64::MAX);
            return Err(Malformed::new(Place::root().field("items"), "a larger sum of values", expected));
        }
        Ok(Self { capacity, bounds, items })
    }

    /// The one-dimensional problem with these values and weights, in order; ids count from 1.
    ///
    /// # Errors
    /// As [`OnlineKnapsack::new`].
    pub fn single(capacity: u64, bounds: Option<DensityBounds>, items: impl IntoIterator<Item = (f64, u64)>) -> Result<Self, Malformed> {
        let arrival =
            |(k, (value, weight)): (usize, (f64, u64))| Arrival { id: k as u64 + 1, value, weight: Amounts::single(weight), group: None };
        Self::new(Amounts::single(capacity), bounds, items.into_iter().enumerate().map(arrival).collect())
    }

    /// What the knapsack holds, per dimension.
    pub fn capacity(&self) -> &Amounts {
        &self.capacity
    }

    /// The bounds promised for every density, if any.
    pub fn bounds(&self) -> Option<DensityBounds> {
        self.bounds
    }

    /// The items, in the order of their arrival.
    pub fn items(&self) -> &[Arrival] {
        &self.items
    }

    /// The item with this id.
    pub fn item(&self, id: u64) -> Option<&Arrival> {
        self.items.binary_search_by_key(&id, |item| item.id).ok().map(|at| &self.items[at])
    }

    /// The smallest and the largest density of the items that have a weight and fit at all (one dimension); `None` where there is no such item.
    pub fn density_range(&self) -> Option<DensityBounds> {
        let capacity = self.capacity.first();
        let mut range: Option<DensityBounds> = None;
        for item in self.items.iter().filter(|item| (1..=capacity).contains(&item.weight.first()) && item.value > 0.0) {
            let density = density(item.value, item.weight.first(), capacity);
            let (lower, upper) = range.map_or((density, density), |range| (range.lower.min(density), range.upper.max(density)));
            range = Some(DensityBounds { lower, upper });
        }
        range
    }

    /// Bounds on the value of the best packing in hindsight; see [`Hindsight`].
    pub fn hindsight(&self) -> Hindsight {
        Hindsight::of(self)
    }

    /// The stream as JSON lines, header first.
    ///
    /// # Errors
    /// When `out` cannot be written.
    pub fn write_stream(&self, out: &mut dyn std::io::Write) -> std::io::Result<()> {
        let header = stream::Header { bounds: self.bounds, n: Some(self.items.len() as u64), ..stream::Header::new(self.capacity.clone()) };
        stream::write(&header, self.items.iter(), out)
    }
}

impl Problem for OnlineKnapsack {
    const KIND: &'static str = "online-knapsack";
    const SUMMARY: &'static str = "items that come one at a time and are taken or left for good";
    type Data = OnlineKnapsackData;
    type Solution = Packing;

    fn from_data(data: Self::Data, bulk: &mut dyn BulkSource) -> Result<Self, Malformed> {
        data.load(bulk)
    }

    fn to_data(&self, _: &mut dyn BulkSink) -> Result<Self::Data, Malformed> {
        Ok(OnlineKnapsackData { capacity: Some(self.capacity.clone()), bounds: self.bounds, items: Bulk::Inline(self.items.clone()) })
    }

    fn check(&self, solution: &Self::Solution) -> Result<Verdict, Malformed> {
        check::check(self, solution)
    }

    fn sense(&self) -> Sense {
        Sense::Maximize
    }

    fn sizes(&self) -> Vec<Size> {
        vec![Size::new("items", self.items.len()), Size::new("dimensions", self.capacity.dimensions())]
    }

    fn present(&self, solution: &Self::Solution) -> Vec<String> {
        let ids: Vec<String> = solution.accepted.iter().map(u64::to_string).collect();
        ids.chunks(20).map(|ids| ids.join(" ")).collect()
    }
}
