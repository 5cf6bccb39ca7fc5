//! Which columns of a table hold what of an item.

use csv::StringRecord;
use fathom_opt_problems::online_knapsack::{Amounts, Arrival};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bounds::Bounds;
use crate::table::{NumberStyle, TableOptions, is_number};

/// How a table of items is read.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case")]
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
    /// The column of ids, whole numbers that rise; one called id, item or `item_id`, if there is one. Without any, the items are numbered from 1.
    pub id_column: Option<String>,
    /// As every table.
    #[serde(flatten)]
    pub table: TableOptions,
}

/// Columns that may hold an item's value, its weight, its group and its id, unless options say otherwise.
const VALUES: [&str; 4] = ["value", "v", "price", "profit"];
const WEIGHTS: [&str; 4] = ["weight", "w", "weight_pct", "size"];
const GROUPS: [&str; 1] = ["group"];
const IDS: [&str; 3] = ["id", "item", "item_id"];

/// A table with more columns than these is not taken for one of items, whatever its columns are called.
const MOST_COLUMNS: usize = 4;

/// The columns of a table of items. The default is a table of numbers alone: values of items of weight 1.
#[derive(Debug, Clone, Default)]
pub(crate) struct ItemColumns {
    names: Vec<String>,
    value: usize,
    weight: Option<usize>,
    group: Option<usize>,
    id: Option<usize>,
}

impl ItemColumns {
    /// Whether the first line of a table is an item already: one lone number is no header.
    pub fn is_headless(first: &StringRecord) -> bool {
        first.len() == 1 && first.get(0).is_some_and(is_number)
    }

    /// The columns that the header `names` tells of.
    pub fn of(names: &[String], options: &ItemTableOptions) -> Result<Self, String> {
        let find = |usual: &[&str]| {
            let is_free = |found: &&String| !options.table.skip.contains(found);
            names.iter().position(|found| {
                Some(found).filter(is_free).is_some_and(|found| usual.iter().any(|name| found.eq_ignore_ascii_case(name)))
            })
        };
        let named = |role: &str, wanted: Option<&String>, usual: &[&str]| -> Result<Option<usize>, String> {
            match wanted {
                Some(name) => find(&[name]).map(Some).ok_or_else(|| format!("found no column `{name}` for the {role} of an item")),
                None => Ok(find(usual)),
            }
        };
        let value = named("value", options.value_column.as_ref(), &VALUES)?.ok_or_else(|| {
            format!("found no column of values, expected one called {} (or say which: `--read value-column=NAME`)", VALUES.join(", "))
        })?;
        let weight = named("weight", options.weight_column.as_ref(), &WEIGHTS)?;
        let group = named("group", options.group_column.as_ref(), &GROUPS)?;
        let id = named("id", options.id_column.as_ref(), &IDS)?;
        Ok(Self { names: names.to_vec(), value, weight, group, id })
    }

    /// The same columns without that of ids.
    pub fn without_ids(self) -> Self {
        Self { id: None, ..self }
    }

    /// Whether a header names both a value and a weight, and little else.
    pub fn are_named_by(names: &[String]) -> bool {
        let has = |usual: &[&str]| names.iter().any(|found| usual.iter().any(|name| found.eq_ignore_ascii_case(name)));
        names.len() <= MOST_COLUMNS && has(&VALUES) && has(&WEIGHTS)
    }

    /// The column of ids.
    pub fn id(&self) -> Option<usize> {
        self.id
    }

    /// The item in `cells`, whose numbers are written in `style`, after the item `last`.
    pub fn item(&self, cells: &StringRecord, style: NumberStyle, last: Option<u64>) -> Result<Arrival, String> {
        let cell = |at: usize| cells.get(at).unwrap_or("");
        let name = |at: usize| self.names.get(at).map_or("value", String::as_str);
        let wrong = |at: usize, expected: &str| format!("column `{}`: found `{}`, expected {expected}", name(at), cell(at));
        let value = style.plain(cell(self.value)).parse::<f64>().ok().filter(|value| value.is_finite() && *value >= 0.0);
        let value = value.ok_or_else(|| wrong(self.value, "a finite number of at least 0"))?;
        let weight = match self.weight {
            Some(at) => whole(&style.plain(cell(at))).ok_or_else(|| wrong(at, "a whole number of at least 0"))?,
            None => 1,
        };
        let id = match self.id {
            None => last.map_or(1, |last| last + 1),
            Some(at) => {
                let advice = "(`--read skip` with this name numbers the items by their rows)";
                let id = whole(cell(at)).ok_or_else(|| wrong(at, &format!("a whole number {advice}")))?;
                if let Some(last) = last.filter(|last| id <= *last) {
                    return Err(wrong(at, &format!("an id above {last}, the one before it {advice}")));
                }
                id
            }
        };
        Ok(Arrival { id, value, weight: Amounts::single(weight), group: self.group.map(|at| cell(at).to_owned()) })
    }
}

/// A whole number, which some programs write with a point and zeros behind it.
fn whole(text: &str) -> Option<u64> {
    let digits = text.split_once('.').filter(|(_, zeros)| zeros.bytes().all(|byte| byte == b'0')).map_or(text, |(digits, _)| digits);
    digits.parse().ok()
}
