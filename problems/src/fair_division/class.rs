//! Fair division as a problem class: documents, the checker, explanations.

use super::data::{FairDivisionData, Labels, UtilityRow};
use super::instance::{FairDivision, Utilities};
use super::solution::Allocation;
use super::welfare::Welfare;
use super::{check, explanation};
use crate::bulk::{BulkSink, BulkSource};
use crate::malformed::{Malformed, Place};
use crate::problem::{Criterion, Problem, Sense, Size};
use crate::verdict::Verdict;

/// How far a claimed value of a measure may lie from the checker's, relative to its magnitude.
const TOLERANCE: f64 = 1e-12;

impl Problem for FairDivision {
    const KIND: &'static str = "fair-division";
    const SUMMARY: &'static str = "indivisible goods, chores and mixed items for agents with additive utilities";
    type Data = FairDivisionData;
    type Solution = Allocation;

    fn from_data(data: Self::Data, _: &mut dyn BulkSource) -> Result<Self, Malformed> {
        let place = Place::root().field("utilities");
        let expected_items = data.items.as_ref().map(|labels| match labels {
            Labels::Count(count) => usize::try_from(*count).unwrap_or(usize::MAX),
            Labels::Names(names) => names.len(),
        });
        let mut rows = Vec::with_capacity(data.utilities.len());
        for (a, row) in data.utilities.iter().enumerate() {
            let row = row.parse(&place.index(a))?;
            if let Some(items) = expected_items.filter(|&items| items != row.len()) {
                return Err(Malformed::new(place.index(a), format!("{} values", row.len()), format!("{items} (one per item)")));
            }
            rows.push(row);
        }
        let mut instance = Self::from_decimals(&rows)?.with_welfare(data.welfare);
        match data.agents {
            Some(Labels::Names(names)) => instance = instance.with_agent_names(names)?,
            Some(Labels::Count(count)) if count != instance.agents() as u64 => {
                return Err(Malformed::new(place, format!("{} rows", instance.agents()), format!("{count} (one per agent)")));
            }
            _ => {}
        }
        if let Some(Labels::Names(names)) = data.items {
            instance = instance.with_item_names(names)?;
        }
        if let Some(copies) = data.copies {
            instance = instance.with_copies(copies)?;
        }
        if let Some(entitlements) = data.entitlements {
            instance = instance.with_entitlements(entitlements)?;
        }
        Ok(instance)
    }

    fn to_data(&self, _: &mut dyn BulkSink) -> Result<Self::Data, Malformed> {
        // One column per kind: the first of its copies.
        let mut columns = Vec::with_capacity(self.kinds());
        let mut next = 0;
        for kind in 0..self.kinds() {
            columns.push(next);
            next += self.copies().map_or(1, |copies| usize::try_from(copies[kind]).unwrap_or(1));
        }
        let mut utilities = Vec::with_capacity(self.agents());
        for a in 0..self.agents() {
            let text = |o: usize| match self.utilities() {
                Utilities::Small(values) => self.display_utility(&values[a * self.items() + o]),
                Utilities::Big(values) => self.display_utility(&values[a * self.items() + o]),
            };
            let numbers: Vec<String> = columns.iter().map(|&o| text(o)).collect();
            let row = UtilityRow::from_numbers(&numbers).map_err(|error| {
                Malformed::new(Place::root().field("utilities").index(a), error.to_string(), "numbers that JSON can hold")
            })?;
            utilities.push(row);
        }
        Ok(FairDivisionData {
            agents: self.names().agents.clone().map(Labels::Names),
            items: self.names().items.clone().map(Labels::Names),
            utilities,
            copies: self.copies().map(<[u64]>::to_vec),
            entitlements: self.entitlements().map(<[u64]>::to_vec),
            welfare: self.welfare(),
        })
    }

    fn check(&self, solution: &Self::Solution) -> Result<Verdict, Malformed> {
        check::check(self, solution)
    }

    fn fits(&self, solution: &Self::Solution) -> Result<(), Malformed> {
        check::well_formed(self, solution)
    }

    /// The three measures of welfare, and how the worst-off agent stands against its maximin share.
    fn criteria(&self) -> Vec<Criterion> {
        let welfare = [Welfare::Utilitarian, Welfare::Egalitarian, Welfare::Nash].map(Welfare::measure);
        welfare
            .into_iter()
            .chain([check::MMS_MARGIN])
            .map(|name| Criterion { name: name.into(), sense: Sense::Maximize, tolerance: TOLERANCE })
            .collect()
    }

    /// Welfare is exact up to the rounding of one number, the geometric mean up to that of a logarithm.
    fn objective_tolerance(&self) -> f64 {
        TOLERANCE
    }

    fn sense(&self) -> Sense {
        Sense::Maximize
    }

    /// A line per agent: what it gets, and how that compares with the others' bundles in its eyes.
    fn present(&self, solution: &Self::Solution) -> Vec<String> {
        explanation::explain(self, solution)
    }

    fn sizes(&self) -> Vec<Size> {
        vec![Size::new("agents", self.agents()), Size::new("items", self.items())]
    }
}
