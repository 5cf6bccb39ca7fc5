//! Columns that number or name the rows of a table and hold no data.

use super::column::Column;

/// Names of columns that number the rows, whatever else stands in the table.
const INDEX_NAMES: [&str; 14] =
    ["", "id", "ids", "index", "idx", "ix", "row", "rowid", "row_id", "rownum", "rownames", "row.names", "unnamed: 0", "level_0"];

/// Names of columns that number the rows where their numbers count on by one.
const COUNTER_NAMES: [&str; 15] =
    ["#", "no", "no.", "nr", "nr.", "n", "n°", "num", "number", "obs", "observation", "case", "record", "sample", "subject"];

/// Whether a column of this name numbers the rows.
pub(super) fn is_index_name(name: &str) -> bool {
    let name = name.to_lowercase();
    INDEX_NAMES.contains(&name.as_str())
}

/// Whether a column of this name names the rows of tables that call it one of `labels`.
pub(super) fn names_rows(name: &str, labels: &[&str]) -> bool {
    labels.iter().any(|label| label.eq_ignore_ascii_case(name))
}

/// Which columns of a table are no data.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct RowLabels {
    /// The column by which the rows are called: names, or numbers where there are no names.
    pub label: Option<usize>,
    /// Whether that column only numbers the rows, by its name or because it has none.
    pub numbers_rows: bool,
    /// Another column, which numbers the rows beside the one that names them.
    pub beside: Option<usize>,
}

/// The columns that are no data among `kept`, whose names are `names`; `labels` are what a class calls the column of its rows' names.
pub(super) fn row_labels(kept: &[usize], names: &[String], has_header: bool, columns: &[Column], labels: &[&str]) -> RowLabels {
    let is_index = |j: usize| {
        let (name, column) = (&names[j], &columns[j]);
        let counts = column.counts && column.is_whole();
        let tells_rows = column.distinct
            && (column.is_whole() || column.is_words() || (column.words > 0 && column.missing == 0 && column.fractions == 0));
        has_header && ((is_index_name(name) && tells_rows) || (counts && COUNTER_NAMES.contains(&name.to_lowercase().as_str())))
    };
    let is_named = |j: usize| has_header && names_rows(&names[j], labels) && columns[j].distinct && columns[j].missing == 0;
    let (Some(&first), second) = (kept.first(), kept.get(1).copied()) else { return RowLabels::default() };
    let second_names = second.filter(|&j| columns[j].is_words() && columns[j].distinct);
    // A single column is data, whatever its name.
    if second.is_none() {
        return RowLabels::default();
    }
    let tells_rows_apart = columns[first].is_whole() && columns[first].distinct && columns[first].numbers > 1;
    if let Some(second) = second_names.filter(|_| kept.len() > 2)
        && (is_index(first) || tells_rows_apart)
    {
        return RowLabels { label: Some(second), numbers_rows: false, beside: Some(first) };
    }
    // A name that is missing is for the class to refuse.
    let holds_names = columns[first].words > 0 && columns[first].numbers == 0;
    if (holds_names && !is_index(first)) || is_named(first) {
        let beside = second.filter(|&j| is_index(j) && !names[j].is_empty() && kept.len() > 2);
        return RowLabels { label: Some(first), numbers_rows: false, beside };
    }
    if is_index(first) {
        return RowLabels { label: Some(first), numbers_rows: true, beside: None };
    }
    RowLabels::default()
}
