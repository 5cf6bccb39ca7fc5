//! Which columns of a table hold what of an item.

use csv::StringRecord;
use fathom_opt_problems::online_knapsack::{Amounts, Arrival};

use crate::format::ReadOptions;

/// Columns that may hold an item's value, its weight and its group, unless options say otherwise.
const VALUES: [&str; 4] = ["value", "v", "price", "profit"];
const WEIGHTS: [&str; 4] = ["weight", "w", "weight_pct", "size"];
const GROUPS: [&str; 1] = ["group"];

/// The columns of a table of items. The default is a table of numbers alone: values of items of weight 1.
#[derive(Debug, Clone, Default)]
pub(crate) struct ItemColumns {
    names: StringRecord,
    value: usize,
    weight: Option<usize>,
    group: Option<usize>,
    /// Column, and what has to stand there.
    selected: Vec<(usize, String)>,
}

impl ItemColumns {
    /// The columns that the first record of a table tells of, and whether it is a header at all: one lone number is none.
    pub fn of(first: &StringRecord, options: &ReadOptions) -> Result<(Self, bool), String> {
        let named = |role: &str, usual: &[&str]| -> Result<Option<usize>, String> {
            let find = |names: &[&str]| first.iter().position(|found| names.iter().any(|name| found.eq_ignore_ascii_case(name)));
            match options.columns.iter().find(|(wanted, _)| wanted == role) {
                Some((_, name)) => find(&[name]).map(Some).ok_or_else(|| format!("found no column `{name}` for the {role} of an item")),
                None => Ok(find(usual)),
            }
        };
        if let Some((role, _)) = options.columns.iter().find(|(role, _)| !["value", "weight", "group"].contains(&role.as_str())) {
            return Err(format!("found a column for `{role}`, expected value, weight or group"));
        }
        if first.len() == 1 && first.get(0).is_some_and(|cell| cell.parse::<f64>().is_ok()) {
            return Ok((Self::default(), false));
        }
        let value = named("value", &VALUES)?
            .ok_or_else(|| format!("found no column of values, expected one called {} (or say which)", VALUES.join(", ")))?;
        let (weight, group) = (named("weight", &WEIGHTS)?, named("group", &GROUPS)?);
        let mut selected = Vec::new();
        for (name, wanted) in &options.select {
            let at = first.iter().position(|found| found.eq_ignore_ascii_case(name)).ok_or_else(|| format!("found no column `{name}`"))?;
            selected.push((at, wanted.clone()));
        }
        Ok((Self { names: first.clone(), value, weight, group, selected }, true))
    }

    /// Where the column `name` stands.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|found| found.eq_ignore_ascii_case(name))
    }

    /// The item in `record`; `None` where it is not among the selected.
    pub fn item(&self, record: &StringRecord, id: u64) -> Result<Option<Arrival>, String> {
        if self.selected.iter().any(|(at, wanted)| record.get(*at) != Some(wanted)) {
            return Ok(None);
        }
        let cell = |at: usize| record.get(at).unwrap_or("");
        let wrong = |at: usize, expected: &str| {
            format!("column `{}`: found `{}`, expected {expected}", self.names.get(at).unwrap_or("value"), cell(at))
        };
        let value = cell(self.value).parse::<f64>().ok().filter(|value| value.is_finite() && *value >= 0.0);
        let value = value.ok_or_else(|| wrong(self.value, "a finite number of at least 0"))?;
        let weight = match self.weight {
            Some(at) => cell(at).parse().map_err(|_| wrong(at, "a whole number of at least 0"))?,
            None => 1,
        };
        Ok(Some(Arrival { id, value, weight: Amounts::single(weight), group: self.group.map(|at| cell(at).to_owned()) }))
    }
}
