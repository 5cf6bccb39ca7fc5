//! An instance: utilities, names, copies, entitlements, objective.

use std::collections::HashSet;

use num_bigint::BigInt;

use super::amount::{BigTable, SmallTable, Table};
use super::data;
use super::decimal::{Decimal, with_point};
use super::names::Names;
use super::pareto;
use super::welfare::Welfare;
use crate::malformed::{Malformed, Place};

/// Most items that `copies` may make of a document's columns, and most utilities.
const MOST_COPIES: usize = 100_000;
const MOST_COPIED_UTILITIES: usize = 10_000_000;

/// The utilities of all agents, row by row, as integers (the utilities times one power of ten, see [`FairDivision::scale_digits`]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Utilities {
    /// All within 64 bits.
    Small(Vec<i64>),
    /// Some beyond 64 bits.
    Big(Vec<BigInt>),
}

/// An instance of the problem class; see the [module](super).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FairDivision {
    names: Names,
    agents: usize,
    items: usize,
    utilities: Utilities,
    scale_digits: u32,
    copies: Option<Vec<u64>>,
    entitlements: Option<Vec<u64>>,
    welfare: Welfare,
}

impl FairDivision {
    /// The instance with these utilities: one row per agent, one column per item.
    ///
    /// # Errors
    /// No agents, no items, rows of different lengths.
    pub fn new(utilities: Vec<Vec<i64>>) -> Result<Self, Malformed> {
        let items = frame(utilities.iter().map(Vec::len))?;
        let agents = utilities.len();
        Ok(Self::from_parts(agents, items, Utilities::Small(utilities.into_iter().flatten().collect()), 0))
    }

    /// The instance with these utilities in decimal digits (`-3`, `0.25`, `1e3`), read exactly. Names may be missing.
    ///
    /// # Errors
    /// As [`FairDivision::new`]; a text that is not a finite decimal number (the place is `utilities[row][column]`, 0-based); names of another number
    /// than rows or columns, or twice the same.
    pub fn from_decimal_rows<S: AsRef<str>>(
        agent_names: Option<Vec<String>>,
        item_names: Option<Vec<String>>,
        rows: &[Vec<S>],
    ) -> Result<Self, Malformed> {
        let place = Place::root().field("utilities");
        let rows: Vec<Vec<Decimal>> = rows
            .iter()
            .enumerate()
            .map(|(a, row)| {
                row.iter()
                    .enumerate()
                    .map(|(o, text)| {
                        Decimal::parse(text.as_ref())
                            .map_err(|expected| Malformed::new(place.index(a).index(o), data::excerpt(text.as_ref()), expected))
                    })
                    .collect()
            })
            .collect::<Result<_, _>>()?;
        let mut instance = Self::from_decimals(&rows)?;
        if let Some(names) = agent_names {
            instance = instance.with_agent_names(names)?;
        }
        if let Some(names) = item_names {
            instance = instance.with_item_names(names)?;
        }
        Ok(instance)
    }

    pub(super) fn from_decimals(rows: &[Vec<Decimal>]) -> Result<Self, Malformed> {
        let items = frame(rows.iter().map(Vec::len))?;
        let digits = rows.iter().flatten().map(Decimal::fraction_digits).max().unwrap_or(0);
        let plain: Option<Vec<i64>> = rows
            .iter()
            .flatten()
            .map(|number| match number {
                Decimal::Integer(value) if digits == 0 => Some(*value),
                _ => i64::try_from(number.scaled(digits)).ok(),
            })
            .collect();
        let utilities = match plain {
            Some(values) => Utilities::Small(values),
            None => Utilities::Big(rows.iter().flatten().map(|number| number.scaled(digits)).collect()),
        };
        Ok(Self::from_parts(rows.len(), items, utilities, digits))
    }

    fn from_parts(agents: usize, items: usize, utilities: Utilities, scale_digits: u32) -> Self {
        Self {
            names: Names::default(),
            agents,
            items,
            utilities,
            scale_digits,
            copies: None,
            entitlements: None,
            welfare: Welfare::default(),
        }
    }

    /// The same instance with names for its agents.
    ///
    /// # Errors
    /// Another number of names than agents, or one name twice.
    pub fn with_agent_names(mut self, names: Vec<String>) -> Result<Self, Malformed> {
        distinct(&names, "agents", self.agents, "agent")?;
        self.names.agents = Some(names);
        Ok(self)
    }

    /// The same instance with names for its items (for its kinds of items, where there are copies).
    ///
    /// # Errors
    /// Another number of names than items, or one name twice.
    pub fn with_item_names(mut self, names: Vec<String>) -> Result<Self, Malformed> {
        distinct(&names, "items", self.kinds(), "item")?;
        self.names.items = Some(names);
        Ok(self)
    }

    /// The same instance with `copies[o]` copies of each item `o`, which stand in a row.
    ///
    /// # Errors
    /// Another number of counts than items, a count of 0, more than 100 000 items or 10 million utilities in all, copies of copies.
    pub fn with_copies(mut self, copies: Vec<u64>) -> Result<Self, Malformed> {
        let place = Place::root().field("copies");
        if self.copies.is_some() {
            return Err(Malformed::new(place, "copies of items that are copies already", "one count per item"));
        }
        if copies.len() != self.items {
            return Err(Malformed::new(place, format!("{} counts", copies.len()), format!("{} (one per item)", self.items)));
        }
        if let Some(o) = copies.iter().position(|&count| count == 0) {
            return Err(Malformed::new(place.index(o), "0", "a count of at least 1"));
        }
        let total = copies.iter().fold(0_u64, |sum, &count| sum.saturating_add(count));
        let most = MOST_COPIES.min(MOST_COPIED_UTILITIES / self.agents).max(self.items);
        let Some(items) = usize::try_from(total).ok().filter(|&total| total <= most) else {
            return Err(Malformed::new(place, format!("{total} items in all"), format!("at most {most}")));
        };
        let column: Vec<usize> = copies.iter().enumerate().flat_map(|(o, &count)| (0..count).map(move |_| o)).collect();
        let width = self.items;
        self.utilities = match &self.utilities {
            Utilities::Small(values) => {
                Utilities::Small(values.chunks_exact(width).flat_map(|row| column.iter().map(|&o| row[o])).collect())
            }
            Utilities::Big(values) => {
                Utilities::Big(values.chunks_exact(width).flat_map(|row| column.iter().map(|&o| row[o].clone())).collect())
            }
        };
        self.names.copy_of = column.iter().enumerate().map(|(item, &kind)| (kind, item - column.partition_point(|&o| o < kind))).collect();
        self.items = items;
        self.copies = Some(copies);
        Ok(self)
    }

    /// The same instance with entitlements: what each agent is due, relative to the others.
    ///
    /// # Errors
    /// Another number of entitlements than agents, or one of 0.
    pub fn with_entitlements(mut self, entitlements: Vec<u64>) -> Result<Self, Malformed> {
        let place = Place::root().field("entitlements");
        if entitlements.len() != self.agents {
            return Err(Malformed::new(place, format!("{} numbers", entitlements.len()), format!("{} (one per agent)", self.agents)));
        }
        if let Some(a) = entitlements.iter().position(|&weight| weight == 0) {
            return Err(Malformed::new(place.index(a), "0", "a positive integer"));
        }
        self.entitlements = Some(entitlements);
        Ok(self)
    }

    /// The same instance with another objective.
    pub fn with_welfare(mut self, welfare: Welfare) -> Self {
        self.welfare = welfare;
        self
    }

    /// Number of agents `n`, at least 1.
    pub fn agents(&self) -> usize {
        self.agents
    }

    /// Number of items `m`, at least 1, copies counted.
    pub fn items(&self) -> usize {
        self.items
    }

    /// The utilities, row by row.
    pub fn utilities(&self) -> &Utilities {
        &self.utilities
    }

    /// The utilities row by row, when all are within 64 bits.
    pub fn small_utilities(&self) -> Option<&[i64]> {
        match &self.utilities {
            Utilities::Small(values) => Some(values),
            Utilities::Big(_) => None,
        }
    }

    /// `d` such that the stored integers are the utilities times `10^d`: how many digits stand behind the point.
    ///
    /// It is one number for the whole instance and not one per row, because welfare compares agents with each other.
    pub fn scale_digits(&self) -> u32 {
        self.scale_digits
    }

    /// The entitlements, if the instance has any.
    pub fn entitlements(&self) -> Option<&[u64]> {
        self.entitlements.as_deref()
    }

    /// The objective.
    pub fn welfare(&self) -> Welfare {
        self.welfare
    }

    /// The name of an agent, or `agent 3`.
    pub fn agent_name(&self, agent: usize) -> String {
        self.names.agent(agent)
    }

    /// The name of an item, or `item 3`.
    pub fn item_name(&self, item: usize) -> String {
        self.names.item(item)
    }

    /// A stored integer as the utility it stands for, in decimal digits.
    pub fn display_utility(&self, stored: &impl std::fmt::Display) -> String {
        with_point(&stored.to_string(), self.scale_digits)
    }

    /// The names of agents and items.
    pub(super) fn names(&self) -> &Names {
        &self.names
    }

    /// How many copies there are of each column of the document, where it says so.
    pub(super) fn copies(&self) -> Option<&[u64]> {
        self.copies.as_deref()
    }

    /// Number of columns in the document.
    pub(super) fn kinds(&self) -> usize {
        self.copies.as_ref().map_or(self.items, Vec::len)
    }

    /// Runs the checker's code with integers that every sum of this instance fits.
    pub(super) fn with_table<R>(&self, work: impl TableWork<Output = R>) -> R {
        match &self.utilities {
            Utilities::Small(values) if self.sums_fit_128_bits(values) => {
                work.on(&SmallTable { agents: self.agents, items: self.items, values })
            }
            Utilities::Small(values) => {
                let values: Vec<BigInt> = values.iter().copied().map(BigInt::from).collect();
                work.on(&BigTable { agents: self.agents, items: self.items, values: &values })
            }
            Utilities::Big(values) => work.on(&BigTable { agents: self.agents, items: self.items, values }),
        }
    }

    /// Whether every sum of a row's utilities, times the number of agents or any sum of entitlements, and times the weights of the search for a dominating
    /// allocation, stays below `2^125`.
    fn sums_fit_128_bits(&self, values: &[i64]) -> bool {
        let largest_row = values
            .chunks_exact(self.items)
            .map(|row| row.iter().map(|value| u128::from(value.unsigned_abs())).sum::<u128>())
            .max()
            .unwrap_or(0);
        let weights = self.entitlements.as_ref().map_or(0, |weights| weights.iter().map(|&weight| u128::from(weight)).sum::<u128>());
        let factor = weights.max(self.agents as u128 * u128::from(pareto::LARGEST_WEIGHT));
        u128::BITS - largest_row.leading_zeros() + u128::BITS - factor.leading_zeros() < 125 && weights <= u128::from(u64::MAX)
    }
}

/// The instance with these utilities: one row per agent.
///
/// ```
/// use fathom_opt_problems::fair_division::FairDivision;
///
/// let problem = FairDivision::try_from([[4, 3, 1], [3, 4, 1]])?;
/// assert_eq!((problem.agents(), problem.items()), (2, 3));
/// # Ok::<(), fathom_opt_problems::Malformed>(())
/// ```
impl<const N: usize, const M: usize> TryFrom<[[i64; M]; N]> for FairDivision {
    type Error = Malformed;

    /// # Errors
    /// As [`FairDivision::new`]: no agents, or no items.
    fn try_from(utilities: [[i64; M]; N]) -> Result<Self, Malformed> {
        Self::new(utilities.iter().map(|row| row.to_vec()).collect())
    }
}

/// Work that is done alike on machine integers and on big ones.
pub(super) trait TableWork {
    type Output;
    fn on<T: Table>(self, table: &T) -> Self::Output;
}

/// Checks that there is something to divide and that all rows have one length, which it returns.
fn frame(lengths: impl Iterator<Item = usize>) -> Result<usize, Malformed> {
    let place = Place::root().field("utilities");
    let mut width = None;
    for (a, length) in lengths.enumerate() {
        match width {
            None if length == 0 => return Err(Malformed::new(place.index(a), "no values", "at least one item")),
            None => width = Some(length),
            Some(width) if width == length => {}
            Some(width) => {
                return Err(Malformed::new(
                    place.index(a),
                    format!("{length} values"),
                    format!("{width} (one per item, like the first row)"),
                ));
            }
        }
    }
    width.ok_or_else(|| Malformed::new(place, "no rows", "at least one agent"))
}

fn distinct(names: &[String], field: &str, count: usize, per: &str) -> Result<(), Malformed> {
    let place = Place::root().field(field);
    if names.len() != count {
        return Err(Malformed::new(place, format!("{} names", names.len()), format!("{count} (one per {per})")));
    }
    let mut seen = HashSet::with_capacity(names.len());
    match names.iter().position(|name| !seen.insert(name.as_str())) {
        Some(k) => Err(Malformed::new(place.index(k), format!("`{}` for the second time", names[k]), "a name of its own")),
        None => Ok(()),
    }
}
