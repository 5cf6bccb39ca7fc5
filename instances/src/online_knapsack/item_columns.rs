//! Which columns of a table hold what of an item.

use csv::StringRecord;
use fathom_opt_problems::online_knapsack::{Amounts, Arrival};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bounds::Bounds;
use super::selection::Selection;
use crate::table::is_number;

/// How a table of items is read.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct ItemTableOptions {
    /// What the knapsack holds; required.
    pub capacity: Option<u64>,
    /// L and U of every density (value per full capacity): L,U.
    pub bounds: Option<Bounds>,
    /// The column of values; one called value, v, price or profit where it is not given.
    pub value_column: Option<String>,
    /// The column of weights; one called `weight`, `w`, `weight_pct` or `size`. Without any, every item weighs 1.
    pub weight_column: Option<String>,
    /// The column of groups; one called group, if there is one.
    pub group_column: Option<String>,
    /// Only the rows in whose column this stands: COLUMN=VALUE.
    pub select: Selection,
    /// Only the first so many rows.
    pub rows: Option<usize>,
}

/// Columns that may hold an item's value, its weight and its group, unless options say otherwise.
const VALUES: [&str; 4] = ["value", "v", "price", "profit"];
const WEIGHTS: [&str; 4] = ["weight", "w", "weight_pct", "size"];
const GROUPS: [&str; 1] = ["group"];

/// A table with more columns than these is not taken for one of items, whatever its columns are called.
const MOST_COLUMNS: usize = 4;

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
    pub fn of(first: &StringRecord, options: &ItemTableOptions) -> Result<(Self, bool), String> {
        let named = |role: &str, wanted: Option<&String>, usual: &[&str]| -> Result<Option<usize>, String> {
            let find = |names: &[&str]| first.iter().position(|found| names.iter().any(|name| found.eq_ignore_ascii_case(name)));
            match wanted {
                Some(name) => find(&[name]).map(Some).ok_or_else(|| format!("found no column `{name}` for the {role} of an item")),
                None => Ok(find(usual)),
            }
        };
        if first.len() == 1 && first.get(0).is_some_and(is_number) {
            return Ok((Self::default(), false));
        }
        let value = named("value", options.value_column.as_ref(), &VALUES)?.ok_or_else(|| {
            format!("found no column of values, expected one called {} (or say which: `--read value-column=NAME`)", VALUES.join(", "))
        })?;
        let weight = named("weight", options.weight_column.as_ref(), &WEIGHTS)?;
        let group = named("group", options.group_column.as_ref(), &GROUPS)?;
        let mut selected = Vec::new();
        for (name, wanted) in &options.select.0 {
            let at = first.iter().position(|found| found.eq_ignore_ascii_case(name)).ok_or_else(|| format!("found no column `{name}`"))?;
            selected.push((at, wanted.clone()));
        }
        Ok((Self { names: first.clone(), value, weight, group, selected }, true))
    }

    /// Whether a header names both a value and a weight, and little else.
    pub fn are_named_by(header: &StringRecord) -> bool {
        let has = |names: &[&str]| header.iter().any(|found| names.iter().any(|name| found.eq_ignore_ascii_case(name)));
        header.len() <= MOST_COLUMNS && has(&VALUES) && has(&WEIGHTS)
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
